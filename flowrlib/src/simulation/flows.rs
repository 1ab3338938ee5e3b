//! Random flows that end.

use super::{Choices, FlowBuilder, Initialized, generic, scalar};
use flowcore::Value;

/// A random flow that ends: values only move forward (each function sends to later ones), with loops that count down,
/// sub-flows, several senders on one input, copies of inputs, shared streams and lines of input.
pub(crate) fn random_flow(seed: u64) -> FlowBuilder {
    let mut choices = Choices::seeded(seed);
    let mut flow = FlowBuilder::new();
    let mut flows = vec![0];
    for _ in 0..choices.below(4) {
        let parent = flows[choices.below(flows.len())];
        flows.push(flow.flow(parent));
    }
    let mut functions: Vec<(u64, u64, usize)> = Vec::new();
    for number in 0..3 + choices.below(9) {
        let parent = flows[choices.below(flows.len())];
        let (code, arity) = [
            ("add", 2),
            ("double", 1),
            ("pair", 2),
            ("subtract", 2),
            ("odd", 1),
            ("context://stdio/stdout", 1),
            ("context://stdio/stderr", 1),
            ("context://stdio/readline", 1),
        ][choices.below(8)];
        let inputs: Vec<_> = (0..arity)
            .map(|_| {
                let input = if code == "pair" || code.starts_with("context") { generic() } else { scalar() };
                match choices.below(if number < 2 { 4 } else { 9 }) {
                    0 => input.once(choices.below(9) as i64),
                    1 => input.once(vec![1, 2, 3]),
                    2 if code != "context://stdio/readline" => input.always(choices.below(9) as i64),
                    3 => input.flow_once(vec![4, 5]),
                    _ => input,
                }
            })
            .collect();
        // A function that nothing but constants feeds would run for ever.
        if inputs.iter().all(|input| matches!(input.initializer, Some(flowcore::Initializer::Always(_)))) {
            continue;
        }
        functions.push((flow.function(parent, code, inputs), parent, arity));
    }
    for from in 0..functions.len() {
        for _ in 0..choices.below(4) {
            let to = from + choices.below(functions.len() - from);
            let ((source, source_flow, source_arity), (destination, flow_of, arity)) =
                (functions[from], functions[to]);
            if to == from {
                continue;
            }
            let input = choices.below(arity);
            if matches!(
                flow.manifest.functions[&destination].inputs[input].initializer,
                Some(flowcore::Initializer::Always(_))
            ) {
                continue;
            }
            let value = if choices.below(4) == 0 {
                format!("#{}", choices.below(source_arity))
            } else {
                String::new()
            };
            if source_flow == flow_of && choices.below(4) != 0 {
                flow.internal(source, &value, (destination, input));
            } else {
                flow.external(source, &value, (destination, input));
            }
        }
    }
    flow
}

/// The countdown of the specification's section 14.2 behind random senders, and its output into random others: loops
/// are where invocations could mix.
pub(crate) fn with_countdown(mut flow: FlowBuilder, seed: u64) -> FlowBuilder {
    let mut choices = Choices::seeded(seed ^ 0xD0_0D);
    let senders: Vec<u64> = flow.manifest.functions.keys().copied().collect();
    let down = flow.flow(0);
    let dec = flow.function(down, "subtract", [scalar(), scalar()]);
    let gt = flow.function(down, "compare", [scalar(), scalar().always(0)]);
    let keep = flow.function(down, "tap", [generic(), scalar()]);
    let print = flow.function(0, "context://stdio/stdout", [generic()]);
    flow.internal(dec, "", (gt, 0));
    flow.internal(dec, "", (keep, 0));
    flow.external(dec, "", (print, 0));
    flow.internal(dec, "#1", (dec, 1));
    flow.internal(gt, "/gt", (keep, 1));
    flow.internal(keep, "", (dec, 0));
    let starts = flow.function(0, "range", [scalar().once(3)]);
    flow.external(starts, "", (dec, 0));
    let steps = flow.function(0, "add", [scalar(), scalar().always(1)]);
    flow.external(steps, "", (dec, 1));
    let ones = flow.function(0, "range", [scalar().once(4)]);
    flow.internal(ones, "", (steps, 0));
    if let Some(&sender) = senders.get(choices.below(senders.len().max(1))) {
        // Whatever it sends, the start is a small number: the countdown ends.
        let start = flow.function(0, "compare", [scalar(), scalar().always(3)]);
        flow.internal(sender, "", (start, 0));
        let five = flow.function(0, "tap", [generic().always(5), scalar()]);
        flow.internal(start, "/gt", (five, 1));
        flow.external(five, "", (dec, 0));
    }
    flow
}

/// A picture, mostly behind random senders, with one size or several.
pub(crate) fn random_picture(seed: u64) -> FlowBuilder {
    let mut choices = Choices::seeded(seed ^ 0x0D1C);
    let mut flow = if choices.below(3) == 0 { FlowBuilder::new() } else { random_flow(seed) };
    let others: Vec<u64> = flow.manifest.functions.keys().copied().collect();
    let flows: Vec<u64> = flow.manifest.flows.keys().copied().collect();
    let any = |choices: &mut Choices| others.get(choices.below(others.len().max(1))).copied();
    let parent = flows[choices.below(flows.len())];
    let render = flow.flow(parent);
    let code = ["add", "add", "add_odd", "add_until"][choices.below(4)];
    let place = flow.function(render, code, [scalar(), scalar()]);
    let colour = flow.function(render, "double", [scalar()]);
    flow.internal(place, "#0", (place, 0));
    flow.internal(place, "", (colour, 0));
    if code == "add_odd" && choices.below(2) == 0 {
        flow.internal(place, "/error", (colour, 0));
    }
    let pixels = flow.function(parent, "range", [scalar().once(4)]);
    flow.external(pixels, "", (place, 1));
    let count = [1, 1, 2, 3][choices.below(4)];
    let sizes = flow.function(parent, "range", [scalar().once(count)]);
    flow.external(sizes, "", (place, 0));
    if choices.below(2) == 0 {
        let print = flow.function(render, "context://file/file_write", [generic(), generic()]);
        flow.internal(colour, "", (print, 0));
        flow.internal(print, "#1", (print, 1));
        flow.external(sizes, "", (print, 1));
    } else {
        let print = flow.function(0, "context://file/file_write", [generic()]);
        flow.external(colour, "", (print, 0));
    }
    if choices.below(4) == 0
        && let Some(sender) = any(&mut choices)
    {
        flow.external(sender, "", (place, 1));
    }
    if choices.below(5) == 0
        && let Some(sender) = any(&mut choices)
    {
        flow.external(sender, "", (place, 0));
    }
    if choices.below(5) == 0 {
        // A sub-flow that is called for each value.
        let each = flow.flow(render);
        let call = flow.function(each, "add", [scalar(), scalar()]);
        flow.external(place, "", (call, 0));
        flow.external(place, "#0", (call, 1));
        flow.internal(call, "", (call, 0));
        let after = flow.function(render, "double", [scalar()]);
        flow.external(call, "", (after, 0));
    }
    if choices.below(6) == 0 {
        // The place goes round by way of the flow around as well, and takes pixels that come in two ways.
        let late = flow.function(parent, "double", [scalar()]);
        flow.internal(pixels, "", (late, 0));
        flow.external(late, "", (place, 1));
        flow.external(place, "", (place, 0));
    }
    if choices.below(6) == 0 {
        // A loop of two functions around it, which ends since what it lets through is counted.
        let gate = flow.function(render, "tap", [generic(), scalar()]);
        flow.internal(colour, "", (gate, 0));
        let open = flow.function(parent, "compare", [scalar().once(vec![5, 4]), scalar().always(0)]);
        flow.external(open, "/gt", (gate, 1));
        flow.internal(gate, "", (place, 1));
    }
    flow
}

/// The same, and beside it functions in which a value goes round that does not come from a connection.
pub(crate) fn with_constants(mut flow: FlowBuilder, seed: u64) -> FlowBuilder {
    let mut choices = Choices::seeded(seed ^ 0xC057);
    let others: Vec<u64> = flow.manifest.functions.keys().copied().collect();
    let flows: Vec<u64> = flow.manifest.flows.keys().copied().collect();
    for _ in 0..1 + choices.below(2) {
        let inside = flows[choices.below(flows.len())];
        let constant = match choices.below(6) {
            0 | 1 => scalar().once(choices.below(9) as i64),
            2 | 3 => scalar().flow_once(choices.below(9) as i64),
            4 => generic().once(vec![1, 2]),
            // It changes its shape on the way, or goes round as several.
            _ => scalar().once("[[[2]], [[3]]]".parse::<Value>().unwrap()),
        };
        let code = ["add", "add", "add_odd", "add_until"][choices.below(4)];
        let function = flow.function(inside, code, [constant, scalar()]);
        flow.internal(function, "#0", (function, 0));
        if let Some(stream) = ["stdio/stdout", "stdio/stderr", "file/file_write"].get(choices.below(6)) {
            let print = flow.function(0, &format!("context://{stream}"), [generic()]);
            flow.external(function, "", (print, 0));
        }
        let sender = if choices.below(3) == 0 && !others.is_empty() {
            others[choices.below(others.len())]
        } else {
            flow.function(0, "range", [scalar().once(choices.below(8) as i64)])
        };
        if choices.below(3) == 0 {
            flow.internal(sender, "", (function, 1));
        } else {
            flow.external(sender, "", (function, 1));
        }
        if choices.below(6) == 0 && !others.is_empty() {
            flow.external(others[choices.below(others.len())], "", (function, choices.below(2)));
        }
    }
    flow
}

/// Whether a function of it may be done before it has used up all values: then it depends on timing how many come after
/// that.
pub(crate) fn has_last_jobs(flow: &FlowBuilder) -> bool {
    let mut functions = flow.manifest.functions.values();
    functions
        .any(|one| ["readline", "add_until"].iter().any(|end| one.implementation_location.ends_with(end)))
}

/// The flow, a line per function, for the message of a failure.
pub(crate) fn describe(flow: &FlowBuilder) -> String {
    let mut lines = vec![String::new()];
    for (id, parent) in flow.manifest.flows.values().map(|flow| (flow.process_id, flow.parent_id)) {
        lines.push(format!("flow {id} in {parent:?}"));
    }
    for function in flow.manifest.functions.values() {
        let inputs = function.inputs.iter().map(|input| {
            let kind = if input.generic { "generic" } else { "scalar" };
            format!("{kind} {:?} {:?}", input.initializer, input.flow_initializer)
        });
        let connections = function.output_connections.iter().map(|to| {
            let arrow = if to.internal { "->" } else { "=>" };
            format!("{:?} {arrow} {}:{}", to.source, to.destination_id, to.destination_io_number)
        });
        lines.push(format!(
            "{} in {} {} [{}] {}",
            function.process_id,
            function.parent_id,
            function.implementation_location,
            inputs.collect::<Vec<_>>().join("; "),
            connections.collect::<Vec<_>>().join(", ")
        ));
    }
    lines.join("\n")
}
