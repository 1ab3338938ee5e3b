//! Diagnostics as people read them.

use super::excerpt::Excerpt;
use super::visible::visible;
use super::{Diagnostic, Label, Report, Severity};
use flowcore::span::Span;
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode, ThemeStyles};
use std::fmt;

/// How diagnostics look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without colours, for files and pipes.
    Plain,
    /// With colours, for terminals.
    Coloured,
}

impl Report {
    /// The text of a diagnostic: code and message, file, line and column, the line with a caret below the place, and advice.
    pub fn render(&self, diagnostic: &Diagnostic, style: Style) -> String {
        // ASCII line drawing: it can be copied, searched and shown everywhere.
        let mut theme = GraphicalTheme::none();
        if style == Style::Coloured {
            theme.styles = ThemeStyles::ansi();
        }
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_wrap_lines(false)
            .with_break_words(false)
            .with_links(false)
            .with_context_lines(1);
        let mut text = String::new();
        match handler.render_report(&mut text, &Shown::new(self, diagnostic)) {
            Ok(()) => text.trim_start_matches('\n').trim_end().to_owned(),
            // Without its picture rather than not at all.
            Err(_) => format!("{}: {}", diagnostic.code, visible(&diagnostic.message)),
        }
    }
}

/// A diagnostic as the renderer wants it: one file each, other files as notes.
#[derive(Debug)]
struct Shown {
    severity: miette::Severity,
    message: String,
    source: Option<NamedSource<Excerpt>>,
    labels: Vec<LabeledSpan>,
    notes: Vec<Shown>,
    help: Option<String>,
}

impl Shown {
    fn new(report: &Report, diagnostic: &Diagnostic) -> Shown {
        let file = diagnostic.label.as_ref().map(|label| label.source);
        let (same, other): (Vec<_>, Vec<_>) =
            diagnostic.related.iter().partition(|related| Some(related.source) == file);
        let here: Vec<&Label> = diagnostic.label.as_ref().into_iter().chain(same).collect();
        let (source, labels) = picture(report, &here, |label| Some(&*label.text));
        let note = |label: &&Label| {
            let (source, labels) = picture(report, &[label], |_| None);
            let message = visible(&label.text).into_owned();
            Shown {
                severity: miette::Severity::Advice,
                message,
                source,
                labels,
                notes: Vec::new(),
                help: None,
            }
        };
        Shown {
            severity: match diagnostic.code.severity() {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            },
            // The code in front of the message and not on a line of its own: one line says it all.
            message: format!("{}: {}", diagnostic.code, visible(&diagnostic.message)),
            source,
            labels,
            notes: other.iter().map(note).collect(),
            help: diagnostic
                .help
                .as_deref()
                .map(|help| help.split('\n').map(visible).collect::<Vec<_>>().join("\n")),
        }
    }
}

/// The part of a file that shows places in it, and the places; the first is the one that the file is shown for.
fn picture(
    report: &Report,
    labels: &[&Label],
    text: impl Fn(&Label) -> Option<&str>,
) -> (Option<NamedSource<Excerpt>>, Vec<LabeledSpan>) {
    let Some(first) = labels.first() else { return (None, Vec::new()) };
    let spans: Vec<Span> = labels.iter().map(|label| label.span).collect();
    let excerpt = Excerpt::of(&report.sources.text(first.source), &spans);
    let label = |(number, (label, span)): (usize, (&&Label, Span))| {
        let text = text(label).filter(|text| !text.is_empty()).map(|text| visible(text).into_owned());
        if number == 0 {
            LabeledSpan::new_primary_with_span(text, span.start..span.end)
        } else {
            LabeledSpan::new_with_span(text, span.start..span.end)
        }
    };
    let labels = labels.iter().zip(excerpt.spans()).enumerate().map(label).collect();
    (Some(NamedSource::new(visible(&report.sources.name(first.source)), excerpt)), labels)
}

impl fmt::Display for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Shown {}

impl miette::Diagnostic for Shown {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.labels.is_empty() { None } else { Some(Box::new(self.labels.iter().cloned())) }
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        if self.notes.is_empty() {
            return None;
        }
        Some(Box::new(self.notes.iter().map(|note| note as &dyn miette::Diagnostic)))
    }
}
