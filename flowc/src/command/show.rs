//! Shows what there is to say about definitions.

use super::Terminal;
use crate::arguments::{Arguments, Verbosity};
use crate::diagnostics::{Counts, Report, Severity};
use std::io;

/// As many diagnostics as anybody reads; one mistake in a flow that is used everywhere shows everywhere.
const MOST_SHOWN: usize = 100;

/// Writes the diagnostics from a position on, and a summary if there were errors.
pub(super) fn show(
    report: &Report,
    from: usize,
    arguments: &Arguments,
    terminal: &mut Terminal<'_>,
) -> io::Result<()> {
    let Terminal { messages, style, .. } = terminal;
    let is_quiet = arguments.verbosity == Some(Verbosity::Off);
    let mut has_errors = false;
    let new = report.diagnostics().get(from..).unwrap_or_default();
    for diagnostic in new.iter().take(MOST_SHOWN) {
        has_errors |= diagnostic.code.severity() == Severity::Error;
        if diagnostic.code.severity() == Severity::Error || !is_quiet {
            writeln!(messages, "{}\n", report.render(diagnostic, *style))?;
        }
    }
    if new.len() > MOST_SHOWN {
        writeln!(messages, "and {} more", new.len() - MOST_SHOWN)?;
        has_errors = report.counts().errors > 0;
    }
    if has_errors {
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
