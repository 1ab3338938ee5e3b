//! Makes a project that fails smaller: whatever can be left out while it still fails is left out.

use crate::project::{Body, Project};

/// The smallest project that still fails.
pub(crate) fn shrink(project: &Project, fails: impl Fn(&Project) -> bool) -> Project {
    let mut smallest = project.clone();
    loop {
        let smaller = smaller(&smallest).into_iter().find(|candidate| fails(candidate));
        match smaller {
            Some(smaller) => smallest = smaller,
            None => return smallest,
        }
    }
}

/// The project without one connection, destination, process or initializer.
fn smaller(project: &Project) -> Vec<Project> {
    let mut candidates = Vec::new();
    let mut without = |index: usize, change: &dyn Fn(&mut crate::project::Definition)| {
        let mut candidate = project.clone();
        change(&mut candidate.definitions[index]);
        candidates.push(candidate);
    };
    for (index, definition) in project.definitions.iter().enumerate() {
        let Body::Flow { processes, connections, .. } = &definition.body else { continue };
        for position in 0..processes.len() {
            without(index, &|definition| {
                if let Body::Flow { processes, .. } = &mut definition.body {
                    processes.remove(position);
                }
            });
            without(index, &|definition| {
                if let Body::Flow { processes, .. } = &mut definition.body {
                    processes[position].inputs.pop();
                }
            });
        }
        for position in 0..connections.len() {
            without(index, &|definition| {
                if let Body::Flow { connections, .. } = &mut definition.body {
                    connections.remove(position);
                }
            });
        }
    }
    // What changed nothing is no step.
    candidates.retain(|candidate| format!("{candidate:?}") != format!("{project:?}"));
    candidates
}
