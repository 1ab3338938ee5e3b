//! Tables of cases: all rows are tried, and those that fail are named.

use crate::project::{Outcome, Project};

/// A table while its rows are tried.
#[derive(Default)]
pub(crate) struct Table {
    rows: usize,
    failures: Vec<String>,
}

impl Table {
    /// Tries a row: what was found must be what was expected.
    pub(crate) fn row(&mut self, label: &str, found: impl AsRef<str>, expected: impl AsRef<str>) {
        let (found, expected) = (found.as_ref(), expected.as_ref());
        self.rows += 1;
        if found != expected {
            self.failures.push(format!("{label}\n      found: {found}\n   expected: {expected}"));
        }
    }

    /// Tries a row: what the compiler says, as [`Outcome::verdict`] has it.
    pub(crate) fn verdict(&mut self, label: &str, project: &Project, expected: &str) {
        self.outcome(label, &project.compile(), expected);
    }

    /// The same for something that was compiled.
    pub(crate) fn outcome(&mut self, label: &str, outcome: &Outcome, expected: &str) {
        let failures = self.failures.len();
        self.row(label, outcome.verdict(), expected);
        if let Some(failure) = self.failures.get_mut(failures) {
            let messages = outcome.report.diagnostics().iter().map(|diagnostic| &diagnostic.message);
            messages.for_each(|message| failure.push_str(&format!("\n             {message}")));
        }
    }

    /// How many rows were tried.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Ends the table, which must have had so many rows.
    pub(crate) fn end(self, rows: usize) {
        let Table { rows: tried, failures } = self;
        assert!(failures.is_empty(), "{} of {tried} rows fail:\n{}", failures.len(), failures.join("\n"));
        assert_eq!(tried, rows, "rows were lost or added");
    }
}
