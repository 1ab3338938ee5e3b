//! Effects that never happen: context functions that can never run.

use super::feeding::Feeding;
use super::{Scene, and_more};
use crate::diagnostics::{Code, Diagnostic, Report};
use crate::hierarchy::FunctionId;

/// As many places as are shown.
const MOST_SHOWN: usize = 4;

/// Reports all of them at once: why they cannot run is told where the reason is.
pub(super) fn warn(scene: &Scene<'_>, feeding: &Feeding, report: &mut Report) {
    let never: Vec<FunctionId> =
        scene.functions().filter(|id| scene.is_impure(*id) && !feeding.can_run(*id)).collect();
    let Some(first) = never.first() else { return };
    let message = format!(
        "{}{} can never run: what leads there never brings a value",
        scene.route(*first),
        and_more(never.len() - 1)
    );
    let mut diagnostic = Diagnostic::new(Code::W029, message);
    let mut places = never.iter().take(MOST_SHOWN).filter_map(|id| scene.place(*id));
    if let Some((source, span)) = places.next() {
        diagnostic = diagnostic.at(source, span, "never runs");
    }
    for (source, span) in places {
        diagnostic = diagnostic.also(source, span, "never runs either");
    }
    report.add(diagnostic.help("another warning says where the values stop".to_owned()));
}
