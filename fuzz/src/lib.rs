//! What the targets have in common: the promises that every input must keep.

use flowc::diagnostics::{Code, Diagnostic, Report, Style};
use flowcore::format::{Format, read_definition};
use url::Url;

/// Reads a definition. Whatever it is: no panic, and mistakes have places in the text that can be shown.
pub fn definition(bytes: &[u8], format: Format) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Err(errors) = read_definition(text, format) else { return };
    assert!(!errors.is_empty());
    let mut report = Report::default();
    let url = Url::parse("file:///root.toml").expect("this is a URL");
    let source = report.sources.add(url, text.into());
    for error in errors {
        let span = error.span;
        assert!(text.get(span.start..span.end).is_some(), "{error:?} is not a part of the text");
        let diagnostic = Diagnostic::new(Code::E005, error.to_string()).at(source, span, "here");
        shown(&report, &diagnostic.also(source, span, "and here").help(error.help()));
    }
}

/// Renders a diagnostic: nothing a terminal would act on, and not endless.
pub fn shown(report: &Report, diagnostic: &Diagnostic) {
    let text = report.render(diagnostic, Style::Plain);
    assert!(text.len() < 100_000, "{} bytes", text.len());
    let is_harmless = |one: char| one == '\n' || one == '\t' || one == '\r' || !one.is_control();
    assert!(text.chars().all(is_harmless), "{text:?}");
}
