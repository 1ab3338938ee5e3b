//! Inputs and outputs by their names.
//!
//! Most processes have a few, and looking at each is the quickest way to find one. Some have thousands, and as many
//! connections; they get a table.

use flowcore::definition::IoDefinition;
use std::collections::HashMap;

/// From how many inputs or outputs on there is a table.
const MANY: usize = 32;

/// The table of a definition's inputs or outputs; none if they are few.
#[derive(Debug)]
pub(crate) struct Names(Option<Table>);

#[derive(Debug)]
struct Table {
    /// The positions of each name, ascending: names should be unique, but need not be.
    positions: HashMap<String, Vec<usize>>,
    /// The length of the longest name.
    longest: usize,
}

impl Names {
    pub(crate) fn of(ios: &[IoDefinition]) -> Names {
        if ios.len() < MANY {
            return Names(None);
        }
        let mut positions: HashMap<String, Vec<usize>> = HashMap::with_capacity(ios.len());
        for (position, io) in ios.iter().enumerate() {
            positions.entry(io.name.value.clone()).or_default().push(position);
        }
        let longest = positions.keys().map(String::len).max().unwrap_or_default();
        Names(Some(Table { positions, longest }))
    }
}

/// The inputs or the outputs of a process.
#[derive(Clone, Copy)]
pub(crate) struct Ios<'run> {
    /// In the order of the definition.
    pub(crate) all: &'run [IoDefinition],
    table: Option<&'run Table>,
}

impl<'run> Ios<'run> {
    pub(crate) fn new(all: &'run [IoDefinition], names: Option<&'run Names>) -> Ios<'run> {
        Ios { all, table: names.and_then(|names| names.0.as_ref()) }
    }

    /// The positions of those with this name, ascending.
    pub(crate) fn named(self, name: &str) -> Vec<usize> {
        match self.table {
            Some(table) => table.positions.get(name).cloned().unwrap_or_default(),
            None => {
                let is_meant = |(_, io): &(usize, &IoDefinition)| io.name.value == name;
                self.all.iter().enumerate().filter(is_meant).map(|(position, _)| position).collect()
            }
        }
    }

    /// The first with this name. Where several share one, the first tells the types.
    pub(crate) fn first(self, name: &str) -> Option<(usize, &'run IoDefinition)> {
        let position = match self.table {
            Some(table) => *table.positions.get(name)?.first()?,
            None => self.all.iter().position(|io| io.name.value == name)?,
        };
        Some((position, self.all.get(position)?))
    }

    /// The position of the last with this name. Where several share one, it gets the values.
    pub(crate) fn last(self, name: &str) -> Option<usize> {
        match self.table {
            Some(table) => table.positions.get(name)?.last().copied(),
            None => self.all.iter().rposition(|io| io.name.value == name),
        }
    }

    /// The one with the longest name that the text begins with: what is behind the name, if anything, begins with a
    /// slash.
    pub(crate) fn longest(self, text: &str) -> Option<(usize, &'run IoDefinition)> {
        let longest = self.table.map_or(usize::MAX, |table| table.longest);
        let cuts = text.rmatch_indices('/').map(|(slash, _)| slash);
        let ends = [text.len()].into_iter().chain(cuts).filter(|end| *end <= longest);
        ends.filter_map(|end| text.get(..end)).find_map(|name| self.first(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::definition::Definition;
    use flowcore::format::{Format, read_definition};

    /// A function with these inputs, and as many others as it takes for a table.
    fn function(names: &[&str], others: usize) -> Definition {
        let names = names.iter().map(|name| (*name).to_owned());
        let names = names.chain((0..others).map(|number| format!("other{number}")));
        let inputs: String = names.map(|name| format!("[[input]]\nname = \"{name}\"\n")).collect();
        let text = format!("function = \"f\"\nsource = \"f.rs\"\n{inputs}");
        read_definition(&text, Format::Toml).unwrap()
    }

    #[test]
    fn few_and_many_are_found_by_the_same_rules() {
        for others in [0, MANY] {
            let definition = function(&["a", "b", "a", "a/b", ""], others);
            let names = Names::of(definition.inputs());
            assert_eq!(names.0.is_some(), others > 0);
            let ios = Ios::new(definition.inputs(), Some(&names));
            assert_eq!(ios.named("a"), [0, 2]);
            assert!(ios.named("c").is_empty());
            assert_eq!((ios.first("a").map(|(first, _)| first), ios.last("a")), (Some(0), Some(2)));
            let longest = |text| ios.longest(text).map(|(position, _)| position);
            assert_eq!(longest("a"), Some(0));
            assert_eq!(longest("a/1"), Some(0));
            assert_eq!(longest("a/b/1"), Some(3));
            assert_eq!((longest("/1"), longest("")), (Some(4), Some(4)));
            assert_eq!(longest("ab"), None);
        }
    }
}
