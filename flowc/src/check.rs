//! Whether the graph as a whole can work.

use crate::diagnostics::{Code, Diagnostic, Failed, Report};
use crate::graph::{Graph, Origin};
use crate::hierarchy::{Function, FunctionId, Hierarchy};
use flowcore::Initializer;
use flowcore::definition::ProcessReference;
use std::collections::HashMap;

/// Checks that every input gets values, that none is overfed, and that something has an effect.
///
/// # Errors
///
/// Fails if not; all findings are reported.
pub fn check(hierarchy: &Hierarchy, graph: &Graph, report: &mut Report) -> Result<(), Failed> {
    let has_effect = check_inputs(hierarchy, graph, &[], report);
    if !has_effect {
        let root = hierarchy.definitions.get(hierarchy.definitions.root);
        let name = root.definition.name();
        let message = format!(
            "flow '{}' has no effect: nothing it computes reaches the outside world, as it uses no context function \
             with an input",
            name.value
        );
        let help = "for example, connect a result to context://stdio/stdout".to_owned();
        report.add(Diagnostic::new(Code::E032, message).at(root.source, name.span, "").help(help));
    }
    report.end_stage(())
}

/// A connection from outside of everything that is compiled to an input of a function.
#[derive(Clone, Copy, Debug)]
pub struct Feed {
    /// The function.
    pub to: FunctionId,
    /// Which of its inputs.
    pub input: usize,
    /// Where it comes in.
    pub origin: Origin,
}

/// Checks that every input gets values, from an edge or from outside, and that none is overfed. Gives whether something
/// has an effect.
pub fn check_inputs(hierarchy: &Hierarchy, graph: &Graph, outside: &[Feed], report: &mut Report) -> bool {
    // Inputs of one name in one function are fed together, so the name decides and not the position.
    let mut fed: HashMap<(FunctionId, &str), Origin> = HashMap::new();
    let edges = graph.edges.iter().map(|edge| Feed { to: edge.to, input: edge.input, origin: edge.origin });
    for feed in edges.chain(outside.iter().copied()) {
        let inputs = hierarchy.definitions.get(hierarchy.function(feed.to).definition).definition.inputs();
        if let Some(input) = inputs.get(feed.input) {
            fed.entry((feed.to, &input.name.value)).or_insert(feed.origin);
        }
    }
    let mut has_effect = false;
    for (id, function) in hierarchy.functions() {
        let node = graph.node(id);
        if !node.is_kept {
            continue;
        }
        let (loaded, definition) = hierarchy.function_definition(function);
        let inputs = loaded.definition.inputs();
        has_effect |= definition.is_some_and(|definition| definition.impure.is_some()) && !inputs.is_empty();
        for (number, (input, start)) in inputs.iter().zip(&node.inputs).enumerate() {
            match (&start.initializer, fed.get(&(id, input.name.value.as_str()))) {
                (None, None) if start.flow_initializer.is_none() => {
                    report.add(unfed(hierarchy, function, id, number));
                }
                (Some(constant), Some(feed)) if matches!(constant.value, Initializer::Always(_)) => {
                    let route = hierarchy.input_route(id, number);
                    let message =
                        format!("'{route}' always has its initial value, so nothing may be connected to it");
                    let origin = hierarchy.definitions.get(feed.definition);
                    let diagnostic = Diagnostic::new(Code::E031, message)
                        .at(constant.source, constant.span, "always this value")
                        .also(origin.source, feed.to_span, "connected here");
                    report.add(diagnostic);
                }
                _ => {}
            }
        }
    }
    has_effect
}

fn unfed(hierarchy: &Hierarchy, function: &Function, id: FunctionId, input: usize) -> Diagnostic {
    let message = format!(
        "'{}' gets no values: it has neither a connection nor an initializer",
        hierarchy.input_route(id, input)
    );
    let flow = hierarchy.flow_definition(function.flow);
    let reference = flow.as_flow().and_then(|definition| definition.processes.get(function.child));
    let place = reference.map_or_else(Default::default, |reference: &ProcessReference| reference.source.span);
    let alias = hierarchy.child(function.flow, function.child).map_or("", |child| &child.alias);
    let inputs = hierarchy.definitions.get(function.definition).definition.inputs();
    let help = match inputs.get(input).map_or("", |input| &input.name.value) {
        "" => format!("connect something to '{alias}', or write input.default = {{ once = ... }}"),
        name => {
            format!("connect something to '{alias}/{name}', or write input.{name} = {{ once = ... }}")
        }
    };
    Diagnostic::new(Code::E030, message).at(flow.source, place, "this function").help(help)
}
