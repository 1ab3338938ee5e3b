//! Diagnostics as programs read them: one JSON object a line. `docs/diagnostics/README.md` describes the objects.

use super::visible::quotable;
use super::{Code, Counts, Diagnostic, Label, Report, Severity, Style};
use serde::Serialize;

/// As much of a line as is told; programs write longer ones than people.
const MOST_OF_A_LINE: usize = 1000;

/// The line of a diagnostic.
#[derive(Serialize)]
struct Message<'run> {
    kind: &'static str,
    code: &'static str,
    severity: &'static str,
    message: &'run str,
    place: Option<Place>,
    related: Vec<Place>,
    help: Option<&'run str>,
    other_uses: OtherUses<'run>,
    quoted: Option<String>,
    rendered: String,
}

/// The last line.
#[derive(Serialize)]
struct Summary {
    kind: &'static str,
    errors: usize,
    warnings: usize,
}

/// A place in a file.
#[derive(Serialize)]
struct Place {
    file: String,
    url: Option<String>,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    start: usize,
    end: usize,
    text: String,
    label: Option<String>,
}

#[derive(Serialize)]
struct OtherUses<'run> {
    count: usize,
    routes: &'run [String],
}

impl Report {
    /// A diagnostic as a JSON object in one line.
    pub fn json(&self, diagnostic: &Diagnostic) -> String {
        let Diagnostic { code, message, label, related, help, uses, quoted } = diagnostic;
        line(&Message {
            kind: "diagnostic",
            code: code.as_str(),
            severity: severity(*code),
            message,
            place: label.as_ref().map(|label| self.place(label)),
            related: related.iter().map(|label| self.place(label)).collect(),
            help: help.as_deref(),
            other_uses: OtherUses { count: uses.count, routes: &uses.routes },
            quoted: quoted.as_deref().map(|text| quotable(text, Style::Plain)),
            rendered: self.render(diagnostic, Style::Plain),
        })
    }

    /// The last line: how many errors and warnings there are.
    pub fn json_summary(&self) -> String {
        let Counts { errors, warnings } = self.counts();
        line(&Summary { kind: "summary", errors, warnings })
    }

    fn place(&self, label: &Label) -> Place {
        let Label { source, span, text } = label;
        let (from, to) = self.sources.places(*source, *span);
        Place {
            file: self.sources.name(*source),
            url: self.sources.url(*source).map(url::Url::to_string),
            line: from.line,
            column: from.column,
            end_line: to.line,
            end_column: to.column,
            start: span.start,
            end: span.end,
            text: self.sources.line(*source, from.line).chars().take(MOST_OF_A_LINE).collect(),
            label: Some(text.clone()).filter(|text| !text.is_empty()),
        }
    }
}

fn severity(code: Code) -> &'static str {
    match code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// Texts and numbers always have a JSON form.
fn line(line: &impl Serialize) -> String {
    serde_json::to_string(line).unwrap_or_default()
}
