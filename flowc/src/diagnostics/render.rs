//! Diagnostics as people read them.

use super::text::Text;
use super::visible::{quotable, visible};
use super::{Diagnostic, Label, Report, Severity, SourceId};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode, ThemeStyles};
use std::fmt;
use std::ops::Range;

/// How diagnostics look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Without colours, for files and pipes.
    #[default]
    Plain,
    /// With colours, for terminals.
    Coloured,
}

impl Report {
    /// The text of a diagnostic: code and message, file, line and column, the line with a caret below the place, and advice.
    pub fn render(&self, diagnostic: &Diagnostic, style: Style) -> String {
        // ASCII line drawing: it can be copied, searched and shown everywhere.
        let mut theme = GraphicalTheme::none();
        // Words instead of signs say how bad it is.
        theme.characters.error = "error".to_owned();
        theme.characters.warning = "warning".to_owned();
        theme.characters.advice = "note:".to_owned();
        if style == Style::Coloured {
            theme.styles = ThemeStyles::ansi();
        }
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_wrap_lines(false)
            .with_break_words(false)
            .with_links(false)
            .with_context_lines(1);
        let mut parts = Vec::new();
        for shown in Shown::all(self, diagnostic) {
            let mut text = String::new();
            match handler.render_report(&mut text, &shown) {
                Ok(()) => parts.extend(text.lines().map(|line| line.trim_end().to_owned())),
                // Without its picture rather than not at all.
                Err(_) => parts.push(shown.message),
            }
        }
        parts.extend(diagnostic.uses.note().map(|note| format!("  note: {}", visible(&note))));
        parts.retain(|line| !line.is_empty());
        let mut text = parts.join("\n").trim_start().to_owned();
        if let Some(quoted) = &diagnostic.quoted {
            text.push_str("\n\n");
            text.push_str(&quotable(quoted, style));
        }
        text
    }
}

/// A diagnostic as the renderer wants it: one for its own file, and a note for each place in another.
#[derive(Debug)]
struct Shown {
    severity: miette::Severity,
    message: String,
    source: Option<NamedSource<Text>>,
    labels: Vec<LabeledSpan>,
    help: Option<String>,
}

impl Shown {
    fn all(report: &Report, diagnostic: &Diagnostic) -> Vec<Shown> {
        let file = diagnostic.label.as_ref().map(|label| label.source);
        let (same, other): (Vec<_>, Vec<_>) =
            diagnostic.related.iter().partition(|related| Some(related.source) == file);
        let mut labels = Vec::new();
        labels.extend(diagnostic.label.as_ref().map(|label| labeled(report, label, true)));
        labels.extend(same.into_iter().map(|label| labeled(report, label, false)));
        let note = |label: &&Label| Shown {
            severity: miette::Severity::Advice,
            message: visible(&label.text).into_owned(),
            source: Some(named(report, label.source)),
            labels: vec![LabeledSpan::new_primary_with_span(None, range(report, label))],
            help: None,
        };
        let itself = Shown {
            severity: match diagnostic.code.severity() {
                Severity::Error => miette::Severity::Error,
                Severity::Warning => miette::Severity::Warning,
            },
            // The code in front of the message and not on a line of its own: one line says it all.
            message: format!("{}: {}", diagnostic.code, visible(&diagnostic.message)),
            source: file.map(|file| named(report, file)),
            labels,
            help: diagnostic.help.as_deref().map(visible_lines),
        };
        [itself].into_iter().chain(other.iter().map(note)).collect()
    }
}

/// A text of several lines, safe to be shown.
fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

fn named(report: &Report, source: SourceId) -> NamedSource<Text> {
    let text = report.sources.text(source).cloned().unwrap_or_else(|| Text::new("".into()));
    NamedSource::new(visible(&report.sources.name(source)), text)
}

/// As much of the place as is underlined.
fn range(report: &Report, label: &Label) -> Range<usize> {
    report.sources.text(label.source).map_or(0..0, |text| text.shown(label.span))
}

fn labeled(report: &Report, label: &Label, primary: bool) -> LabeledSpan {
    let text = Some(visible(&label.text).into_owned()).filter(|text| !text.is_empty());
    if primary {
        LabeledSpan::new_primary_with_span(text, range(report, label))
    } else {
        LabeledSpan::new_with_span(text, range(report, label))
    }
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
}
