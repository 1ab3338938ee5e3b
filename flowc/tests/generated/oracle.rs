//! What must come of a project, by language 7 to 9 and 11: every step is looked up in one list of all connections, and
//! inputs and outputs are known by their routes as text. Slow, and as plain as the description.

mod chains;
mod connections;
mod initializers;
mod manifest;
mod tree;

use crate::project::{Body, Definition, Initial, Project, Target};
use crate::supplied::SUPPLIED;
use chains::{circle, collapse, entries};
use connections::connection_problems;
use initializers::initializer_problems;
use serde_json::Value;
use tree::{list_functions, list_links, number_functions, use_of};

pub(crate) use connections::{end, start};

/// What must come of a project.
pub(crate) enum Verdict {
    /// This manifest; none if the root flow has inputs or outputs.
    Compiles(Option<Value>),
    /// These problems, all of one stage.
    Refused(Vec<Problem>),
    /// Too many chains to follow one by one.
    TooLarge,
}

/// Why a project is refused, and what to change so that it is not.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) code: &'static str,
    pub(crate) blame: Blame,
}

#[derive(Clone, Debug)]
pub(crate) enum Blame {
    Connection(Target, usize),
    /// An input of a process of a flow.
    Input(Target, usize, String),
    /// An initializer of a process of a flow, or, without process, a value in the definition itself.
    Initializer(Target),
    Root,
}

/// How to compile.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) optimize: bool,
    pub(crate) symbols: bool,
}

/// A use of a definition.
struct Use<'run> {
    target: Target,
    definition: &'run Definition,
    route: String,
    alias: String,
    id: u64,
    parent: Option<u64>,
    /// The definition of the flow it is in, and which process of it.
    place: (Target, usize),
    initials: Vec<Option<Initial>>,
    /// By position; none for a process that was replaced by a later one of the same alias.
    children: Vec<Option<Use<'run>>>,
}

/// One connection to one destination, somewhere in the tree. Functions' inputs and outputs and flows' are kept apart by
/// the word in front of the route.
struct Link {
    from: Ends,
    /// What of it.
    pointer: String,
    steps: usize,
    types: Vec<String>,
    to: Ends,
    name: String,
    origin: (Target, usize),
}

#[derive(Clone, PartialEq)]
enum Ends {
    /// The output of a function.
    Result(String),
    /// The copy of an input of a function.
    Copy(String, usize),
    /// The input of a function.
    Taken(String, usize),
    /// The text that names an input or output of a flow.
    Boundary(String),
}

struct Edge<'run> {
    from: String,
    source: Value,
    to: String,
    input: usize,
    internal: bool,
    name: &'run str,
}

pub(crate) fn definition<'run>(project: &'run Project, target: &Target) -> &'run Definition {
    match target {
        Target::Own(index) => &project.definitions[*index],
        Target::Supplied(url) => &SUPPLIED[url],
    }
}

/// The name under which a flow knows each of its processes.
pub(crate) fn aliases(project: &Project, flow: &Definition) -> Vec<String> {
    let Body::Flow { processes, .. } = &flow.body else { return Vec::new() };
    let alias = |one: &crate::project::Reference| {
        if one.alias.is_empty() { definition(project, &one.target).name.clone() } else { one.alias.clone() }
    };
    processes.iter().map(alias).collect()
}

pub(crate) fn judge(project: &Project, manner: Manner) -> Verdict {
    let used = used_definitions(project);
    let mut problems = Vec::new();
    for target in &used {
        problems.extend(initializer_problems(project, target));
        problems.extend(connection_problems(project, target));
    }
    if !problems.is_empty() {
        return Verdict::Refused(problems);
    }
    let mut flows = 0;
    let initials = definition(project, &Target::Own(0)).inputs.iter().map(|io| io.value.clone()).collect();
    let mut root = use_of(project, Target::Own(0), String::new(), String::new(), None, initials, &mut flows);
    let mut next = flows;
    number_functions(&mut root, &mut next);
    if next > 400 {
        return Verdict::TooLarge;
    }
    let mut links = Vec::new();
    list_links(project, &root, &mut links);
    let all = links.iter().map(|link| link.from.clone()).collect();
    if circle(&links, all).is_some() {
        // One that nothing ever enters may be refused or not.
        let entered = circle(&links, entries(&root, &links));
        return entered.map_or(Verdict::TooLarge, |problem| Verdict::Refused(vec![problem]));
    }
    let mut functions = Vec::new();
    list_functions(&root, &mut functions);
    match collapse(project, &root, &functions, &links, manner) {
        Err(Some(problems)) => Verdict::Refused(problems),
        Err(None) => Verdict::TooLarge,
        Ok(manifest) => {
            let is_runnable = root.definition.inputs.is_empty() && root.definition.outputs.is_empty();
            Verdict::Compiles(is_runnable.then_some(manifest))
        }
    }
}

/// Every definition that is referred to, also by references that are replaced.
fn used_definitions(project: &Project) -> Vec<Target> {
    let mut used = vec![Target::Own(0)];
    let mut at = 0;
    while at < used.len() {
        if let Body::Flow { processes, .. } = &definition(project, &used[at]).body {
            for reference in processes {
                if !used.contains(&reference.target) {
                    used.push(reference.target.clone());
                }
            }
        }
        at += 1;
    }
    used
}
