//! What the compiler has to say about definitions: errors and warnings that point at the line.

mod code;
mod json;
mod page;
mod render;
mod sources;
mod text;
mod uses;
mod visible;

pub use code::{Code, Severity, UnknownCode};
pub use page::page;
pub use render::Style;
pub use sources::{SourceId, Sources};
pub(crate) use sources::{name_of, shown_path};
pub use uses::{Mistake, Uses};
pub(crate) use visible::way;

use crate::timings::Timings;
use flowcore::span::{Span, Spanned};
use std::collections::{HashMap, HashSet};

/// One error or warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which one it is.
    pub code: Code,
    /// What is wrong, in one sentence that names the things.
    pub message: String,
    /// The place of the mistake and what to say there; none if it is in no file.
    pub label: Option<Label>,
    /// Other places that matter.
    pub related: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// Other uses of the same definition that it concerns.
    pub uses: Uses,
    /// What another program said about it, as it is.
    pub quoted: Option<String>,
}

/// A place in a file and what to say there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub source: SourceId,
    /// The place in it.
    pub span: Span,
    /// What to say there; may be empty.
    pub text: String,
}

impl Diagnostic {
    /// A diagnostic without a place.
    pub fn new(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            message: message.into(),
            label: None,
            related: Vec::new(),
            help: None,
            uses: Uses::default(),
            quoted: None,
        }
    }

    /// The same, about this place.
    #[must_use]
    pub fn at(mut self, source: SourceId, span: Span, text: impl Into<String>) -> Diagnostic {
        self.label = Some(Label { source, span, text: text.into() });
        self
    }

    /// The same, with another place that matters.
    #[must_use]
    pub fn also(mut self, source: SourceId, span: Span, text: impl Into<String>) -> Diagnostic {
        self.related.push(Label { source, span, text: text.into() });
        self
    }

    /// The same, with advice if there is any.
    #[must_use]
    pub fn help(mut self, help: impl Into<Option<String>>) -> Diagnostic {
        self.help = help.into();
        self
    }

    /// The same, with what another program said about it.
    #[must_use]
    pub fn quoting(mut self, text: impl Into<String>) -> Diagnostic {
        self.quoted = Some(text.into()).filter(|text| !text.trim().is_empty());
        self
    }
}

/// The stage ended with errors; they are in the [`Report`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there were errors")]
pub struct Failed;

/// Everything the compiler had to say, and the files it talks about.
#[derive(Debug, Default)]
pub struct Report {
    /// The files that were read.
    pub sources: Sources,
    /// How long it took to find out.
    pub timings: Timings,
    diagnostics: Vec<Diagnostic>,
    /// Where the mistakes are that each use of a definition would show again.
    known: HashMap<Mistake, usize>,
    /// How many of the diagnostics are errors: every stage asks, and there may be very many.
    errors: usize,
}

impl Report {
    /// Adds a diagnostic.
    pub fn add(&mut self, diagnostic: Diagnostic) {
        self.errors += usize::from(diagnostic.code.severity() == Severity::Error);
        self.diagnostics.push(diagnostic);
    }

    /// A report without diagnostics that takes over the files, until [`Report::absorb`] gives them back.
    pub(crate) fn branch(&mut self) -> Report {
        Report { sources: std::mem::take(&mut self.sources), ..Report::default() }
    }

    /// Adds what another report says about the same files, leaving out what is said of a place already.
    pub(crate) fn absorb(&mut self, other: Report) {
        self.sources = other.sources;
        let place = |one: &Diagnostic| Some((one.code, one.label.as_ref()?.source, one.label.as_ref()?.span));
        let mut known: HashSet<_> = self.diagnostics.iter().filter_map(place).collect();
        for diagnostic in other.diagnostics {
            if place(&diagnostic).is_none_or(|place| known.insert(place)) {
                self.add(diagnostic);
            }
        }
    }

    /// The diagnostics in the order in which they were found.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// How many errors and how many warnings there are.
    pub fn counts(&self) -> Counts {
        Counts { errors: self.errors, warnings: self.diagnostics.len() - self.errors }
    }

    /// Ends a stage: the result if there was no error in it or before it.
    ///
    /// # Errors
    ///
    /// Fails if there was.
    pub fn end_stage<T>(&self, result: T) -> Result<T, Failed> {
        if self.counts().errors == 0 { Ok(result) } else { Err(Failed) }
    }
}

/// How many errors and warnings there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Errors: there is no manifest.
    pub errors: usize,
    /// Warnings: there is one, but probably not the one that was meant.
    pub warnings: usize,
}

/// A thing and the file it was written in.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed<T> {
    /// The thing.
    pub value: T,
    /// The file.
    pub source: SourceId,
    /// The place in it.
    pub span: Span,
}

impl<T> Placed<T> {
    /// A thing that was written in this file.
    pub fn new(spanned: Spanned<T>, source: SourceId) -> Placed<T> {
        Placed { value: spanned.value, source, span: spanned.span }
    }
}
