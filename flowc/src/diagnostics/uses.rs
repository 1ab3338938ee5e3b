//! One mistake, one message: what is wrong in a definition is wrong in all its uses, and is said once.

use super::{Code, Diagnostic, Report, SourceId};
use flowcore::span::Span;

/// What makes findings in several uses the same mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mistake {
    /// What is wrong.
    pub code: Code,
    /// The place where it is to be mended.
    pub at: (SourceId, Span),
    /// What tells several mistakes at that place apart.
    pub with: (SourceId, Span),
}

/// Other uses of a definition that have the same mistake.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// How many.
    pub count: usize,
    /// The routes of the first few.
    pub routes: Vec<String>,
}

impl Uses {
    /// As many routes as anybody reads; long trees have long ones.
    const MOST_NAMED: usize = 3;

    fn add(&mut self, route: impl FnOnce() -> String) {
        self.count += 1;
        if self.routes.len() < Self::MOST_NAMED {
            self.routes.push(route());
        }
    }

    /// What to say about them, if there are any.
    pub fn note(&self) -> Option<String> {
        if self.count == 0 {
            return None;
        }
        let routes: Vec<String> = self.routes.iter().map(|route| format!("'{route}'")).collect();
        let more = match self.count.saturating_sub(self.routes.len()) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        Some(format!("the same goes for {}{more}", routes.join(", ")))
    }
}

impl Report {
    /// Adds a diagnostic about one use of a definition, or counts the use if the mistake is known already. Neither the
    /// route nor the diagnostic is made when nobody would read it.
    pub fn add_use(
        &mut self,
        mistake: Mistake,
        route: impl FnOnce() -> String,
        diagnostic: impl FnOnce() -> Diagnostic,
    ) {
        let known = self.known.get(&mistake).and_then(|position| self.diagnostics.get_mut(*position));
        match known {
            Some(known) => known.uses.add(route),
            None => {
                self.known.insert(mistake, self.diagnostics.len());
                self.add(diagnostic());
            }
        }
    }
}
