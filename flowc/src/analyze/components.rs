//! The circles of a graph: its strongly connected components, by Tarjan's algorithm.

/// Which nodes can be reached from each other.
#[derive(Debug)]
pub(super) struct Components {
    /// For each node its component. A component comes after all that it leads to.
    pub(super) of: Vec<usize>,
    /// How many there are.
    pub(super) count: usize,
}

const NONE: usize = usize::MAX;

impl Components {
    /// The components of so many nodes, given the successors of each: the one at a position, as long as there are any.
    pub(super) fn of(nodes: usize, successor: impl Fn(usize, usize) -> Option<usize>) -> Components {
        let mut search = Search {
            numbers: vec![NONE; nodes],
            lowest: vec![NONE; nodes],
            path: Vec::new(),
            next: 0,
            components: Components { of: vec![NONE; nodes], count: 0 },
        };
        for root in 0..nodes {
            if get(&search.numbers, root) == NONE {
                search.from(root, &successor);
            }
        }
        search.components
    }
}

struct Search {
    /// In the order in which nodes are met.
    numbers: Vec<usize>,
    /// The lowest number of the path that is known to be reached.
    lowest: Vec<usize>,
    /// The nodes that were met and have no component yet.
    path: Vec<usize>,
    next: usize,
    components: Components,
}

impl Search {
    /// A list of open nodes stands for the recursion, so that long chains do not need a deep stack.
    fn from(&mut self, root: usize, successor: &impl Fn(usize, usize) -> Option<usize>) {
        self.meet(root);
        let mut open = vec![(root, 0)];
        while let Some((node, position)) = open.last_mut() {
            let (node, next) = (*node, successor(*node, *position));
            *position += 1;
            match next {
                Some(next) if get(&self.numbers, next) == NONE => {
                    self.meet(next);
                    open.push((next, 0));
                }
                // What has a component does not lead back here.
                Some(next) if get(&self.components.of, next) == NONE => {
                    self.lower(node, get(&self.numbers, next));
                }
                Some(_) => {}
                None => {
                    open.pop();
                    if let Some((parent, _)) = open.last() {
                        self.lower(*parent, get(&self.lowest, node));
                    }
                    if get(&self.lowest, node) == get(&self.numbers, node) {
                        self.close(node);
                    }
                }
            }
        }
    }

    fn meet(&mut self, node: usize) {
        set(&mut self.numbers, node, self.next);
        set(&mut self.lowest, node, self.next);
        self.next += 1;
        self.path.push(node);
    }

    fn lower(&mut self, node: usize, number: usize) {
        let lowest = get(&self.lowest, node).min(number);
        set(&mut self.lowest, node, lowest);
    }

    /// Nothing from a node on leads before it: it and what is left of the path behind it are a component.
    fn close(&mut self, node: usize) {
        while let Some(member) = self.path.pop() {
            set(&mut self.components.of, member, self.components.count);
            if member == node {
                break;
            }
        }
        self.components.count += 1;
    }
}

fn get(list: &[usize], index: usize) -> usize {
    list.get(index).copied().unwrap_or(NONE)
}

fn set(list: &mut [usize], index: usize, value: usize) {
    if let Some(slot) = list.get_mut(index) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn components(successors: &[&[usize]]) -> Vec<usize> {
        Components::of(successors.len(), |node, position| successors[node].get(position).copied()).of
    }

    #[test]
    fn nodes_that_reach_each_other_are_together_and_come_after_what_they_lead_to() {
        // 0 <-> 1 -> 2 <-> 3, 4 -> 4, 5 -> 0 and 3
        assert_eq!(components(&[&[1], &[0, 2], &[3], &[2], &[4], &[0, 3]]), [1, 1, 0, 0, 2, 3]);
        // Two circles through one node are one component.
        assert_eq!(components(&[&[1, 2], &[0], &[0]]), [0, 0, 0]);
        assert!(components(&[]).is_empty());
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let nodes = 1_000_000;
        let next = |node: usize, position: usize| (position == 0 && node + 1 < nodes).then_some(node + 1);
        let found = Components::of(nodes, next);
        assert_eq!((found.count, found.of[nodes - 1]), (nodes, 0));
    }
}
