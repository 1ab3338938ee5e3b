//! Prints what people want to know about a flow instead of compiling it. Mistakes do not keep it from being printed, as
//! far as it can be known: who asks is often looking for one.

use super::Environment;
use super::flow::Setting;
use crate::arguments::Arguments;
use crate::diagnostics::{Code, Diagnostic, Failed, Report, Style};
use crate::explain::explain;
use crate::tables::tables;
use crate::watch::Files;
use crate::{verify, wire};
use url::Url;

/// The tables of the flow at a URL, added to a text.
pub(super) fn emit_tables(
    root: &Url,
    arguments: &Arguments,
    environment: &Environment,
    report: &mut Report,
    text: &mut String,
) -> Result<(), Failed> {
    let files = Files::default();
    let setting = Setting::new(arguments, environment, Style::Plain, &files, report)?;
    let (hierarchy, wirings) = wire(root, &setting.content, report)?;
    let program = verify::flatten_part(hierarchy, wirings, &setting.options, report)?;
    match tables(&program, &report.sources).to_json() {
        Ok(tables) => text.push_str(&tables),
        Err(error) => {
            report.add(Diagnostic::new(Code::E034, format!("the tables cannot be written: {error}")));
        }
    }
    verify::verify_program(&program, report)
}

/// What there is at a route of the flow at a URL, added to a text.
pub(super) fn explain_connection(
    root: &Url,
    route: &str,
    arguments: &Arguments,
    environment: &Environment,
    report: &mut Report,
    text: &mut String,
) -> Result<(), Failed> {
    let files = Files::default();
    let setting = Setting::new(arguments, environment, Style::Plain, &files, report)?;
    let (hierarchy, wirings) = wire(root, &setting.content, report)?;
    match explain(route, &hierarchy, &wirings, &report.sources) {
        Ok(explanation) => text.push_str(&explanation),
        Err(unknown) => report.add(*unknown),
    }
    let program = verify::flatten_part(hierarchy, wirings, &setting.options, report)?;
    verify::verify_program(&program, report)
}
