//! Inputs whose value goes round unchanged: where each job of a function gives itself a copy of what it has taken.

use super::order::is_over;
use super::{
    Connection, Feed, FlowId, Function, FunctionId, ImplementationKind, Input, Invariant, Program, Source,
};
use crate::table::Table;

/// For each function its invariant inputs, once nothing more enters the flows that have ended.
///
/// A function has none if it is not pure, since its jobs must not be run before it is certain that they exist; if it has
/// no other input, since there would be no end of jobs; or if one of the others is filled in a way that goes by jobs or
/// invocations, since it would be asked too early.
pub(super) fn invariants(
    program: &Program,
    ended: &Table<FlowId, bool>,
) -> Table<FunctionId, Vec<Invariant>> {
    let mut arrivals: Table<FunctionId, Vec<usize>> =
        Table::alongside(&program.functions, |function| vec![0; function.inputs.len()]);
    let connections = program.functions.iter().flat_map(|(_, function)| &function.connections);
    for connection in connections.filter(|one| !is_over(program, ended, one)) {
        if let Some(count) = arrivals[connection.destination].get_mut(connection.input) {
            *count += 1;
        }
    }
    let of_function = |(id, function): (FunctionId, &Function)| {
        let invariant = |(number, connection): (usize, &Connection)| {
            let Source::Input(input) = connection.source else { return None };
            let goes_round = connection.destination == id && connection.input == input;
            let is_alone = arrivals[id].get(input) == Some(&1) && !function.inputs.get(input)?.is_always();
            let uses = function
                .connections
                .iter()
                .filter(|one| matches!(one.source, Source::Input(used) if used == input));
            let passed_on = uses.count() > 1;
            (goes_round && is_alone).then_some(Invariant { input, connection: number, passed_on })
        };
        let invariants: Vec<Invariant> =
            function.connections.iter().enumerate().filter_map(invariant).collect();
        let others = function.inputs.iter().enumerate().filter(|(number, input)| {
            let is_constant = matches!(input.feed, Feed::Constant(_));
            !is_constant && invariants.iter().all(|invariant| invariant.input != *number)
        });
        let others: Vec<&Input> = others.map(|(_, input)| input).collect();
        let is_plain =
            |input: &&Input| !input.is_always() && (input.feed == Feed::Queue || ended[function.flow]);
        let is_pure = match program.implementations[function.implementation].kind {
            ImplementationKind::Library | ImplementationKind::Provided => true,
            ImplementationKind::Context { .. } => false,
        };
        if is_pure && !others.is_empty() && others.iter().all(is_plain) { invariants } else { Vec::new() }
    };
    program.functions.iter().map(of_function).collect()
}
