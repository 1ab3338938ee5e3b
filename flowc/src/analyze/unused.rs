//! Results that nobody uses.
//!
//! A pure function from which no effect can be reached runs for nothing. That is normal where a flow is used and not all
//! of what it gives is needed; so only those are reported that have no effect in any use of the flow they are in.

use super::{Scene, and_more};
use crate::diagnostics::{Code, Diagnostic, Report};
use crate::hierarchy::FunctionId;
use crate::optimize::have_effect;
use std::collections::HashSet;

/// As many places as are shown.
const MOST_SHOWN: usize = 4;

/// Reports all of them at once, at those whose results go nowhere: what leads there follows from it.
pub(super) fn warn(scene: &Scene<'_>, report: &mut Report) {
    let effects = have_effect(scene.hierarchy, scene.graph);
    let has_effect = |id: FunctionId| effects.get(id.index()).copied().unwrap_or_default();
    if effects.iter().all(|has_effect| *has_effect) {
        return;
    }
    let reference = |id: FunctionId| {
        let function = scene.hierarchy.function(id);
        (scene.hierarchy.flow(function.flow).definition, function.child)
    };
    let used: HashSet<_> = scene.functions().filter(|id| has_effect(*id)).map(reference).collect();
    let is_meant = |id: &FunctionId| {
        let definition =
            &scene.hierarchy.definitions.get(scene.hierarchy.function(*id).definition).definition;
        let (flow, _) = reference(*id);
        !has_effect(*id)
            && !definition.outputs().is_empty()
            && scene.is_own(flow)
            && !used.contains(&reference(*id))
    };
    let unused: Vec<FunctionId> = scene.functions().filter(is_meant).collect();
    let leads_on = |id: &FunctionId| scene.edges_from(*id).any(|edge| edge.to != *id);
    let mut seen = HashSet::new();
    let mut ends: Vec<FunctionId> = unused.iter().copied().filter(|id| !leads_on(id)).collect();
    if ends.is_empty() {
        ends.extend(unused.first());
    }
    ends.retain(|id| seen.insert(reference(*id)));
    let Some(first) = ends.first() else { return };
    let message = format!(
        "nobody uses what {}{} compute{}",
        scene.route(*first),
        and_more(unused.len() - 1),
        if unused.len() == 1 { "s" } else { "" }
    );
    let mut diagnostic = Diagnostic::new(Code::W030, message);
    let mut places = ends.iter().take(MOST_SHOWN).filter_map(|id| scene.place(*id));
    if let Some((source, span)) = places.next() {
        diagnostic = diagnostic.at(source, span, "its results have no effect");
    }
    for (source, span) in places {
        diagnostic = diagnostic.also(source, span, "nor have those of this one");
    }
    report.add(diagnostic.help("connect the results, or remove it; -O leaves such functions out".to_owned()));
}
