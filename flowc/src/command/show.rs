//! Shows what there is to say about definitions.

use super::Terminal;
use crate::arguments::{Arguments, MessageFormat, Verbosity};
use crate::diagnostics::{Code, Counts, Diagnostic, Failed, Report, Severity};
use std::io;

/// As many diagnostics as anybody reads.
const MOST_SHOWN: usize = 100;

/// Makes an error of all warnings if that was asked for. To be called before anything is written.
///
/// # Errors
///
/// Fails if there are warnings and they are denied.
pub(super) fn deny_warnings(arguments: &Arguments, report: &mut Report) -> Result<(), Failed> {
    if !is_denied(arguments, report) {
        return Ok(());
    }
    let (count, were) =
        if report.counts().warnings == 1 { ("a warning", "was") } else { ("warnings", "were") };
    let message = format!("there {were} {count}, which --deny-warnings does not allow: nothing was written");
    report.add(Diagnostic::new(Code::E039, message));
    Err(Failed)
}

/// Whether nothing may be written because of warnings.
pub(super) fn is_denied(arguments: &Arguments, report: &Report) -> bool {
    arguments.deny_warnings && report.counts().warnings > 0
}

/// Writes the diagnostics from a position on, and a summary if there were errors.
pub(super) fn show(
    report: &Report,
    from: usize,
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> io::Result<()> {
    // What makes the compiler fail is always said.
    let is_quiet = arguments.verbosity == Some(Verbosity::Off) && !arguments.deny_warnings;
    let new = report.diagnostics().get(from..).unwrap_or_default();
    let is_shown = |one: &&Diagnostic| one.code.severity() == Severity::Error || !is_quiet;
    let shown: Vec<&Diagnostic> = new.iter().filter(is_shown).collect();
    match arguments.message_format {
        MessageFormat::Human => show_people(report, &shown, terminal),
        // Where something else is printed, it has the output to itself.
        MessageFormat::Json if arguments.emit.is_some() || arguments.explain_connection.is_some() => {
            show_programs(report, &shown, terminal.messages)
        }
        MessageFormat::Json => show_programs(report, &shown, terminal.output),
    }
}

fn show_people(report: &Report, shown: &[&Diagnostic], terminal: &mut Terminal<'_>) -> io::Result<()> {
    let Terminal { messages, style, .. } = terminal;
    for diagnostic in shown.iter().take(MOST_SHOWN) {
        writeln!(messages, "{}\n", report.render(diagnostic, *style))?;
    }
    if shown.len() > MOST_SHOWN {
        writeln!(messages, "and {} more", shown.len() - MOST_SHOWN)?;
    }
    if shown.iter().any(|one| one.code.severity() == Severity::Error) {
        let Counts { errors, warnings } = report.counts();
        let plural = |count| if count == 1 { "" } else { "s" };
        write!(messages, "{errors} error{}", plural(errors))?;
        if warnings > 0 {
            write!(messages, ", {warnings} warning{}", plural(warnings))?;
        }
        writeln!(messages)?;
    }
    Ok(())
}

/// The flow is not run in this format, so the summary comes once, at the end.
fn show_programs(report: &Report, shown: &[&Diagnostic], output: &mut dyn io::Write) -> io::Result<()> {
    for diagnostic in shown {
        writeln!(output, "{}", report.json(diagnostic))?;
    }
    writeln!(output, "{}", report.json_summary())
}
