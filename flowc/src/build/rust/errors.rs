//! What there is to say where functions cannot be built.

use super::super::cargo::Called;
use super::super::package::Unusable;
use super::super::toolchain::Missing;
use super::super::{Wanted, named};
use super::Placed;
use super::job::{Job, JobCode};
use crate::diagnostics::{Code, Diagnostic, Report, name_of};
use flowcore::span::Span;
use std::fs;
use std::sync::Arc;
use url::Url;

/// What keeps all of them from being built.
pub(super) fn no_tool_chain(stale: &[&Job<'_>], missing: &Missing) -> Diagnostic {
    let functions: Vec<&Wanted> = stale.iter().map(|job| job.wanted).collect();
    let message = format!("{} cannot be built: {missing}", named(&functions));
    let diagnostic = Diagnostic::new(Code::E062, message).help(missing.help());
    match functions.first() {
        Some(first) => diagnostic.at(first.place.0, first.place.1, ""),
        None => diagnostic,
    }
}

/// Reports a manifest that cannot be used.
pub(super) fn tell_unusable(wanted: &Wanted, unusable: &Unusable, report: &mut Report) {
    let Unusable { path, message, span } = unusable;
    let url = Url::from_file_path(path).ok();
    let name = url.as_ref().map_or_else(|| path.display().to_string(), name_of);
    let message = format!("{name} cannot be used to build {}: {message}", wanted.quoted_name());
    let diagnostic = Diagnostic::new(Code::E065, message);
    let text = fs::read_to_string(path);
    let diagnostic = match (url, text, span) {
        (Some(url), Ok(text), Some(span)) => {
            let source = report.sources.add(url, Arc::from(text));
            diagnostic.at(source, Span::new(span.start, span.end), "")
        }
        _ => diagnostic.at(wanted.place.0, wanted.place.1, ""),
    };
    report.add(diagnostic);
}

/// Reports what keeps functions from being built: each with its own errors, and once what is wrong elsewhere.
pub(super) fn tell_errors(
    failed: &[&Placed<'_>],
    all: &[Placed<'_>],
    called: &Called,
    what: &str,
    report: &mut Report,
) {
    let mut others = Vec::new();
    for one in failed {
        let errors = called.errors(&one.manifest);
        if errors.is_empty() {
            others.push(*one);
            continue;
        }
        let message = format!("the function {} {what}", one.job.wanted.quoted_name());
        let help = match &one.job.code {
            JobCode::Own(None) if ["E0432", "E0433"].iter().any(|code| errors.contains(code)) => {
                Some("crates that it uses are named in a file function.toml beside it".to_owned())
            }
            JobCode::Library(path) if errors.contains("E0433") || errors.contains("E0432") => Some(format!(
                "it is looked for in the crate of the library, as {path}; with a file function.toml beside it, it is built by itself"
            )),
            _ => None,
        };
        report.add(one.job.wanted.error(Code::E060, message).help(help).quoting(errors));
    }
    let Some(first) = others.first() else { return };
    let elsewhere = called.errors_where(|manifest| all.iter().all(|one| one.manifest != manifest));
    let functions: Vec<&Wanted> = others.iter().map(|one| one.job.wanted).collect();
    let message = match functions.as_slice() {
        [_] => format!("the function {} {what}", named(&functions)),
        _ => format!("the functions {} cannot be compiled", named(&functions)),
    };
    let said = if elsewhere.is_empty() { called.said.clone() } else { elsewhere };
    report.add(first.job.wanted.error(Code::E060, message).quoting(said));
}
