//! File, line and column of many places: each text is searched for its lines once.

use crate::diagnostics::{SourceId, Sources};
use flowcore::span::{Place, Span};
use serde::{Serialize, Serializer};
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

/// The name of a file as people know it: relative to the current directory if it is below. Cheap to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(Rc<str>);

impl fmt::Display for FileName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Serialize for FileName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A place as people know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Position {
    /// The file.
    pub file: FileName,
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Finds positions.
#[derive(Debug)]
pub struct Positions<'run> {
    sources: &'run Sources,
    /// The names that were made: many positions are in one file.
    names: HashMap<SourceId, FileName>,
}

impl<'run> Positions<'run> {
    /// Positions in these files.
    pub fn new(sources: &'run Sources) -> Positions<'run> {
        Positions { sources, names: HashMap::new() }
    }

    /// The name of a file.
    pub fn file(&mut self, source: SourceId) -> FileName {
        self.names.entry(source).or_insert_with(|| FileName(self.sources.name(source).into())).clone()
    }

    /// The position of a place.
    pub fn of(&mut self, source: SourceId, span: Span) -> Position {
        let Place { line, column } = self.sources.place(source, span);
        Position { file: self.file(source), line, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    #[test]
    fn positions_are_those_of_diagnostics() {
        let text = "flow = \"é\"\n\nx = 1\n";
        let mut sources = Sources::default();
        let id = sources.add(Url::parse("embedded://lib/x.toml").unwrap(), text.into());
        let mut positions = Positions::new(&sources);
        for start in (0..text.len()).filter(|start| text.is_char_boundary(*start)) {
            let span = Span::new(start, start);
            let found = positions.of(id, span);
            assert_eq!(format!("{}:{}", found.line, found.column), sources.place(id, span).to_string());
        }
        assert_eq!(positions.of(id, Span::new(0, 1)).to_string(), "lib://x.toml:1:1");
    }
}
