//! What is accepted in a definition but was probably not meant.
//!
//! Definitions of libraries and runners are left alone: who uses them cannot change them.

use crate::definitions::{Definitions, Loaded, place_of};
use crate::diagnostics::{Code, Diagnostic, Report};
use crate::initialize::shown;
use flowcore::definition::{
    ConnectionDefinition, Definition, FlowDefinition, FunctionDefinition, IoDefinition, ProcessReference,
};
use flowcore::span::{Span, Spanned};
use std::collections::{HashMap, HashSet};
use std::iter;

/// Reports suspicious things in the definitions that belong to the flow itself.
pub fn lint(definitions: &Definitions, report: &mut Report) {
    let own: HashSet<_> = definitions.own().collect();
    for (_, loaded) in definitions.iter().filter(|(id, _)| own.contains(id)) {
        let mut lint = Lint { loaded, report };
        lint.ios(loaded.definition.inputs(), "input");
        lint.ios(loaded.definition.outputs(), "output");
        match &loaded.definition {
            Definition::Flow(flow) => lint.flow(flow),
            Definition::Function(function) => lint.function(function),
        }
    }
}

/// All names that the ends of connections behind a prefix may stand for: they may have steps behind the name.
fn named<'flow>(ends: impl Iterator<Item = &'flow Spanned<String>>, prefix: &str) -> HashSet<&'flow str> {
    let mut names = HashSet::new();
    for rest in ends.filter_map(|end| end.value.strip_prefix(prefix)) {
        names.insert(rest);
        names.extend(rest.match_indices('/').filter_map(|(slash, _)| rest.get(..slash)));
        if rest.parse::<u64>().is_ok() {
            names.insert("");
        }
    }
    names
}

/// The library flow that can only count up.
const SEQUENCE: &str = "lib://flowstdlib/math/sequence";
fn ends_of(connection: &ConnectionDefinition) -> impl Iterator<Item = &Spanned<String>> {
    iter::once(&connection.from).chain(&connection.to)
}

struct Lint<'run> {
    loaded: &'run Loaded,
    report: &'run mut Report,
}

impl Lint<'_> {
    fn warn(&mut self, code: Code, span: Span, message: String, help: Option<&str>) {
        let diagnostic = Diagnostic::new(code, message).at(self.loaded.source, span, "");
        self.report.add(diagnostic.help(help.map(str::to_owned)));
    }

    fn ios(&mut self, ios: &[IoDefinition], direction: &str) {
        let mut known: HashMap<&str, Span> = HashMap::new();
        for io in ios {
            let name = &io.name.value;
            if let Some(first) = known.insert(name, place_of(io)) {
                let message = format!("two {direction}s have the name {}", shown(name));
                let diagnostic = Diagnostic::new(Code::W003, message);
                self.report.add(diagnostic.at(self.loaded.source, place_of(io), "the second").also(
                    self.loaded.source,
                    first,
                    "the first",
                ));
            }
            if name.parse::<u64>().is_ok() {
                let message = format!("the {direction} '{name}' can be mistaken for an index");
                self.warn(Code::W012, io.name.span, message, Some("give it a name with a letter in it"));
            }
            for data_type in io.types.iter().filter(|data_type| !data_type.value.is_sensible()) {
                let message = format!("the type '{}' makes no sense", data_type.value);
                let help = "only arrays and objects have levels behind them, and a generic level comes last";
                self.warn(Code::W009, data_type.span, message, Some(help));
            }
        }
        let unnamed = ios.iter().find(|io| io.name.value.is_empty());
        if let Some(unnamed) = unnamed.filter(|_| self.loaded.is_flow() && known.len() > 1) {
            let message = format!("this flow has an unnamed {direction} beside named ones");
            self.warn(Code::W004, unnamed.span, message, Some("give every one of them a name"));
        }
    }

    fn flow(&mut self, flow: &FlowDefinition) {
        for (child, reference) in self.loaded.children.iter().zip(&flow.processes) {
            let alias = &child.alias;
            let span =
                if reference.alias.value.is_empty() { reference.source.span } else { reference.alias.span };
            if matches!(alias.as_str(), "input" | "output") || alias.contains('/') {
                let message = format!("no connection can name the process '{alias}'");
                self.warn(Code::W012, span, message, Some("give it another alias"));
            } else if alias.parse::<u64>().is_ok() {
                let message = format!("the process name '{alias}' can be mistaken for an index");
                self.warn(Code::W012, span, message, Some("give it another alias"));
            }
            self.sequence(reference);
        }
        // Where a connection has its ends the wrong way round, that is the mistake, and is reported as such.
        let from = named(flow.connections.iter().flat_map(ends_of), "input/");
        for input in flow.inputs.iter().filter(|input| !from.contains(input.name.value.as_str())) {
            let message = format!("nothing in this flow uses {}", own("input", input));
            let help = format!("connect 'input/{}' to something, or remove the input", input.name.value);
            self.warn(Code::W014, place_of(input), message, Some(&help));
        }
        let to = named(flow.connections.iter().flat_map(ends_of), "output/");
        let is_fed =
            |output: &IoDefinition| to.contains(output.name.value.as_str()) || output.initializer.is_some();
        for output in flow.outputs.iter().filter(|output| !is_fed(output)) {
            let message = format!("nothing in this flow gives values to {}", own("output", output));
            let help = format!("connect something to 'output/{}', or remove the output", output.name.value);
            self.warn(Code::W017, place_of(output), message, Some(&help));
        }
    }

    /// The definition of `sequence` is older than that of `series` and has to stay as it is.
    fn sequence(&mut self, reference: &ProcessReference) {
        if reference.source.value.trim_end_matches('/').trim_end_matches(".toml") != SEQUENCE {
            return;
        }
        for (_, initializer) in reference.initializers.iter().filter(|(name, _)| name.value == "step") {
            let step = initializer.value.value();
            if step.as_f64().is_some_and(|number| number <= 0.0) {
                let message = format!("a sequence counts up, but its step is {step}");
                let help = "lib://flowstdlib/math/series counts up and down";
                self.warn(Code::W032, initializer.span, message, Some(help));
            }
        }
    }

    fn function(&mut self, function: &FunctionDefinition) {
        if function.impure.is_none() && (function.inputs.is_empty() || function.outputs.is_empty()) {
            let (missing, help) = if function.inputs.is_empty() {
                ("inputs", "without inputs it always computes the same; a constant is an initializer")
            } else {
                ("outputs", "what it computes leads nowhere; only functions of the runner have effects")
            };
            let message = format!("the pure function '{}' has no {missing}", function.name.value);
            self.warn(Code::W013, function.name.span, message, Some(help));
        }
        let values = function.outputs.iter().filter_map(|output| output.initializer.as_ref());
        for value in values {
            let message = format!("a value of an output of function '{}' is not used", function.name.value);
            self.warn(
                Code::W020,
                value.span,
                message,
                Some("only inputs, and outputs of flows, have initial values"),
            );
        }
    }
}

/// How a flow's own input or output is called.
fn own(direction: &str, io: &IoDefinition) -> String {
    match io.name.value.as_str() {
        "" => format!("its default {direction}"),
        name => format!("its {direction} '{name}'"),
    }
}
