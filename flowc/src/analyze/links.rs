//! The edges of a graph by the functions at their ends.

use crate::graph::Graph;
use crate::hierarchy::FunctionId;

/// For each function the edges that start there and those that end there, by their positions in the graph, ascending.
#[derive(Debug)]
pub(super) struct Links {
    from: Lists,
    to: Lists,
}

/// Many short lists in one.
#[derive(Debug)]
struct Lists {
    /// Where the list of each function ends.
    ends: Vec<usize>,
    all: Vec<usize>,
}

impl Lists {
    /// Lists the positions of the given functions.
    fn of(functions: usize, list: impl Iterator<Item = FunctionId> + Clone) -> Lists {
        let mut ends = vec![0; functions + 1];
        for id in list.clone() {
            // One further than the function: so far the ends are lengths, next they are the begins.
            if let Some(length) = ends.get_mut(id.index() + 1) {
                *length += 1;
            }
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        let mut all = vec![0; sum];
        for (position, id) in list.enumerate() {
            if let Some(next) = ends.get_mut(id.index()) {
                if let Some(slot) = all.get_mut(*next) {
                    *slot = position;
                }
                *next += 1;
            }
        }
        Lists { ends, all }
    }

    fn get(&self, id: FunctionId) -> &[usize] {
        let index = id.index();
        let begin =
            index.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or_default();
        let end = self.ends.get(index).copied().unwrap_or_default();
        self.all.get(begin..end).unwrap_or_default()
    }
}

impl Links {
    pub(super) fn of(graph: &Graph) -> Links {
        let functions = graph.functions.len();
        Links {
            from: Lists::of(functions, graph.edges.iter().map(|edge| edge.from)),
            to: Lists::of(functions, graph.edges.iter().map(|edge| edge.to)),
        }
    }

    /// The edges that start at a function.
    pub(super) fn from(&self, id: FunctionId) -> &[usize] {
        self.from.get(id)
    }

    /// The edges that end at a function.
    pub(super) fn to(&self, id: FunctionId) -> &[usize] {
        self.to.get(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_is_in_the_list_of_its_function() {
        let lists = Lists::of(4, [2, 0, 2, 3].into_iter().map(FunctionId::new));
        let all: Vec<&[usize]> = (0..4).map(|index| lists.get(FunctionId::new(index))).collect();
        assert_eq!(all, [&[1][..], &[], &[0, 2], &[3]]);
        assert!(Lists::of(1, [].into_iter()).get(FunctionId::new(0)).is_empty());
    }
}
