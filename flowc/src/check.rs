//! Whether the graph as a whole can work.

use crate::diagnostics::{Code, Diagnostic, Failed, Mistake, Report};
use crate::graph::{Graph, Origin};
use crate::hierarchy::{Function, FunctionId, Hierarchy};
use crate::surroundings::Surroundings;
use flowcore::Initializer;
use flowcore::definition::ProcessReference;
use std::collections::HashMap;

/// Checks that every input gets values, that none is overfed, and that something has an effect. What is around the flow
/// may feed inputs, and see effects that nothing in the flow can see.
///
/// # Errors
///
/// Fails if not; all findings are reported.
pub fn check(
    hierarchy: &Hierarchy,
    graph: &Graph,
    surroundings: &Surroundings,
    report: &mut Report,
) -> Result<(), Failed> {
    let has_effect = check_inputs(hierarchy, graph, surroundings, report) || surroundings.see_effects();
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

/// Checks that every input gets values, from an edge or from outside, and that none is overfed. Gives whether something
/// has an effect.
pub fn check_inputs(
    hierarchy: &Hierarchy,
    graph: &Graph,
    surroundings: &Surroundings,
    report: &mut Report,
) -> bool {
    // Inputs of one name in one function are fed together, so the name decides and not the position.
    let mut fed: HashMap<(FunctionId, &str), Origin> = HashMap::new();
    let by_edges = graph.edges.iter().map(|edge| (edge.to, edge.input, edge.origin));
    for (to, input, origin) in by_edges.chain(surroundings.feeds()) {
        let inputs = hierarchy.definitions.get(hierarchy.function(to).definition).definition.inputs();
        if let Some(input) = inputs.get(input) {
            fed.entry((to, &input.name.value)).or_insert(origin);
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
                    report_unfed(hierarchy, function, id, number, report);
                }
                (Some(constant), Some(origin)) if matches!(constant.value, Initializer::Always(_)) => {
                    let route = || hierarchy.input_route(id, number).into();
                    let at = (constant.source, constant.span);
                    let with = (hierarchy.definitions.get(origin.definition).source, origin.to_span);
                    report.add_use(Mistake { code: Code::E031, at, with }, route, || {
                        let message = format!(
                            "'{}' always has its initial value, so nothing may be connected to it",
                            route()
                        );
                        Diagnostic::new(Code::E031, message)
                            .at(at.0, at.1, "always this value")
                            .also(with.0, with.1, "connected here")
                            .help(
                                "write 'once' if it is only the first value, or remove the connection"
                                    .to_owned(),
                            )
                    });
                }
                _ => {}
            }
        }
    }
    has_effect
}

fn report_unfed(
    hierarchy: &Hierarchy,
    function: &Function,
    id: FunctionId,
    input: usize,
    report: &mut Report,
) {
    let flow = hierarchy.flow_definition(function.flow);
    let reference = flow.as_flow().and_then(|definition| definition.processes.get(function.child));
    let place = reference.map_or_else(Default::default, |reference: &ProcessReference| reference.source.span);
    let target = hierarchy.definitions.get(function.definition);
    let io = target.definition.inputs().get(input);
    let with = (target.source, io.map_or_else(Default::default, |io| io.span));
    let mistake = Mistake { code: Code::E030, at: (flow.source, place), with };
    let route = || hierarchy.input_route(id, input).into();
    report.add_use(mistake, route, || {
        let message = format!("'{}' gets no values: it has neither a connection nor an initializer", route());
        let alias = hierarchy.child(function.flow, function.child).map_or("", |child| &child.alias);
        let help = match io.map_or("", |io| &io.name.value) {
            "" => format!("connect something to '{alias}', or write input.default = {{ once = ... }}"),
            name => {
                format!("connect something to '{alias}/{name}', or write input.{name} = {{ once = ... }}")
            }
        };
        Diagnostic::new(Code::E030, message).at(flow.source, place, "this function").help(help)
    });
}
