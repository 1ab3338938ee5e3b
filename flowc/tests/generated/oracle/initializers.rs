//! Initializers: language 9.2 and 9.3.

use super::{Blame, Problem, definition};
use crate::project::{Body, Initial, Project, Target};
use crate::types::{all_fit, of_value};

pub(super) fn initializer_problems(project: &Project, target: &Target) -> Vec<Problem> {
    let Body::Flow { processes, .. } = &definition(project, target).body else { return Vec::new() };
    let mut problems = Vec::new();
    for position in 0..processes.len() {
        problems.extend(initials_of(project, target, position).1);
    }
    problems
}

pub(super) fn initials_of(
    project: &Project,
    flow: &Target,
    position: usize,
) -> (Vec<Option<Initial>>, Vec<Problem>) {
    let Body::Flow { processes, .. } = &definition(project, flow).body else { unreachable!() };
    let reference = &processes[position];
    let inputs = &definition(project, &reference.target).inputs;
    let mut initials: Vec<Option<Initial>> = inputs.iter().map(|io| io.value.clone()).collect();
    let mut problems = Vec::new();
    let mut entries: Vec<_> = reference.inputs.iter().collect();
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    for (key, initial) in entries {
        for (number, input) in inputs.iter().enumerate() {
            if *key == input.name || (key == "default" && number == 0) {
                let mut problem =
                    |code| problems.push(Problem { code, blame: Blame::Initializer(flow.clone()) });
                if initials[number].is_some() {
                    problem("E024");
                    continue;
                }
                if !all_fit(&[of_value(&initial.value)], &input.types) {
                    problem("E025");
                }
                initials[number] = Some(initial.clone());
            }
        }
    }
    (initials, problems)
}
