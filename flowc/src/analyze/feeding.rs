//! What can run at all.
//!
//! A function can run when each of its inputs can get a value: from an initializer, or from a function that can run. Which
//! of its outputs a function uses, and when, is not known, so it is taken to use all of them; what cannot run even so
//! will certainly never run. The start is what initializers alone can feed, and functions without inputs.

use super::Scene;
use crate::graph::InputNode;
use crate::hierarchy::FunctionId;
use flowcore::definition::IoDefinition;
use flowcore::{Initializer, Value};

/// What can run, and what every input can get.
pub(super) struct Feeding {
    /// For each function whether it can run.
    can_run: Vec<bool>,
    /// For each function the position of its first input in the next list.
    first: Vec<usize>,
    /// For each input whether it can get a value.
    is_fed: Vec<bool>,
}

impl Feeding {
    /// Follows values from the start on; every edge is looked at once.
    pub(super) fn of(scene: &Scene<'_>) -> Feeding {
        let count = scene.graph.functions.len();
        let mut feeding =
            Feeding { can_run: vec![false; count], first: Vec::with_capacity(count), is_fed: Vec::new() };
        for node in &scene.graph.functions {
            feeding.first.push(feeding.is_fed.len());
            feeding.is_fed.resize(feeding.is_fed.len() + node.inputs.len(), false);
        }
        let mut missing: Vec<usize> = scene.graph.functions.iter().map(|node| node.inputs.len()).collect();
        let mut waiting = Vec::new();
        for id in scene.functions() {
            for input in feeding.at_start(scene, id) {
                feeding.feed(id, input, &mut missing);
            }
            if missing.get(id.index()) == Some(&0) {
                waiting.push(id);
            }
        }
        while let Some(id) = waiting.pop() {
            let is_known = feeding.can_run.get_mut(id.index()).map(|known| std::mem::replace(known, true));
            if is_known != Some(false) {
                continue;
            }
            for edge in scene.edges_from(id) {
                if feeding.feed(edge.to, edge.input, &mut missing) && missing.get(edge.to.index()) == Some(&0)
                {
                    waiting.push(edge.to);
                }
            }
        }
        feeding
    }

    /// The inputs that get a value without any function. One to which nothing leads at all is among them: it has been
    /// checked that another input of the same name is fed.
    fn at_start(&self, scene: &Scene<'_>, id: FunctionId) -> Vec<usize> {
        let inputs = &scene.graph.node(id).inputs;
        let mut has_edge = vec![false; inputs.len()];
        for edge in scene.edges_to(id) {
            if let Some(slot) = has_edge.get_mut(edge.input) {
                *slot = true;
            }
        }
        let definitions = scene.hierarchy.definitions.get(scene.hierarchy.function(id).definition);
        let of_input = |(number, (node, io)): (usize, (&InputNode, &IoDefinition))| {
            let initializers = || node.initializer.iter().chain(&node.flow_initializer);
            let gives = initializers().any(|placed| gives_something(&placed.value, io));
            let nothing_leads_here = !has_edge.get(number).copied().unwrap_or_default();
            (gives || (nothing_leads_here && initializers().next().is_none())).then_some(number)
        };
        inputs.iter().zip(definitions.definition.inputs()).enumerate().filter_map(of_input).collect()
    }

    /// Notes that an input can get a value; says whether that is new.
    fn feed(&mut self, id: FunctionId, input: usize, missing: &mut [usize]) -> bool {
        let position = self.first.get(id.index()).map_or(usize::MAX, |first| first.saturating_add(input));
        let (Some(is_fed), Some(missing)) = (self.is_fed.get_mut(position), missing.get_mut(id.index()))
        else {
            return false;
        };
        let is_new = !std::mem::replace(is_fed, true);
        *missing = missing.saturating_sub(usize::from(is_new));
        is_new
    }

    /// Whether a function can run.
    pub(super) fn can_run(&self, id: FunctionId) -> bool {
        self.can_run.get(id.index()).copied().unwrap_or_default()
    }

    /// Whether an input can get a value.
    pub(super) fn is_fed(&self, id: FunctionId, input: usize) -> bool {
        let position = self.first.get(id.index()).map_or(usize::MAX, |first| first.saturating_add(input));
        self.is_fed.get(position).copied().unwrap_or_default()
    }
}

/// Whether an initializer brings its input any value: an array for an input of lower order is delivered element by
/// element, and an empty one has none.
pub(super) fn gives_something(initializer: &Initializer, io: &IoDefinition) -> bool {
    let Some(first) = io.types.first().map(|first| &first.value) else { return true };
    first.is_generic() || has_values(initializer.value(), first.array_order())
}

/// Whether any part of a value arrives. A list stands for the recursion.
fn has_values(value: &Value, order: u32) -> bool {
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop() {
        match value.as_array() {
            Some(elements) if value.array_order() > order => waiting.extend(elements),
            _ => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_for_an_input_of_lower_order_is_as_many_values_as_it_has_elements() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        for (text, order, expected) in [
            ("1", 0, true),
            ("1", 1, true),
            ("[]", 0, false),
            ("[]", 1, true),
            ("[]", 2, true),
            ("[[]]", 0, false),
            ("[[]]", 1, true),
            ("[[], [1]]", 0, true),
            ("[[], []]", 0, false),
            ("[[[]]]", 1, true),
            ("null", 0, true),
        ] {
            assert_eq!(has_values(&value(text), order), expected, "{text} for order {order}");
        }
    }
}
