//! Tables of cases: all rows are tried, and those that fail are named.

use std::fmt::Display;

/// A table while its rows are tried.
#[derive(Default)]
pub struct Table {
    rows: usize,
    failures: Vec<String>,
}

impl Table {
    /// Tries a row: what was found must be what was expected.
    pub fn row(&mut self, label: impl Display, found: impl Display, expected: impl Display) {
        let (found, expected) = (found.to_string(), expected.to_string());
        self.rows += 1;
        if found != expected {
            self.failures.push(format!("{label}\n      found: {found}\n   expected: {expected}"));
        }
    }

    /// Ends the table; a table without rows shows nothing.
    #[track_caller]
    pub fn end(self) {
        let Table { rows, failures } = self;
        assert!(failures.is_empty(), "{} of {rows} rows fail:\n{}", failures.len(), failures.join("\n"));
        assert_ne!(rows, 0, "no row was tried");
    }
}
