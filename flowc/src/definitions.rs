//! Every definition that takes part, each once however often it is used.

use crate::diagnostics::{Placed, SourceId};
use crate::names::{Ios, Names};
use flowcore::Initializer;
use flowcore::content::Reference;
use flowcore::definition::{Definition, FlowDefinition, IoDefinition};
use flowcore::span::Span;
use url::Url;

/// A definition in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DefinitionId(u32);

impl DefinitionId {
    pub(crate) fn new(index: usize) -> DefinitionId {
        DefinitionId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A definition and what was found out about it on its own.
#[derive(Debug)]
pub struct Loaded {
    /// The file it was read from.
    pub url: Url,
    /// The same file as diagnostics know it.
    pub source: SourceId,
    /// Whether it was reached through a library or the runner.
    pub is_foreign: bool,
    /// What it says.
    pub definition: Definition,
    /// What the processes of a flow are, in the order of its references; empty for a function.
    pub children: Vec<Child>,
    /// The children that count, in ascending order of their aliases: of several with one alias only the last.
    pub by_alias: Vec<(String, usize)>,
}

/// What a process reference refers to.
#[derive(Debug)]
pub struct Child {
    /// The name the process has in the flow.
    pub alias: String,
    /// Its definition.
    pub definition: DefinitionId,
    /// Its name in manifests if a library or the runner supplies it.
    pub reference: Option<Reference>,
    /// For each of its inputs the initializer it has in this use, from the reference or from its definition.
    pub initializers: Vec<Option<Placed<Initializer>>>,
}

impl Loaded {
    /// The child that connections mean by an alias.
    pub fn child(&self, alias: &str) -> Option<usize> {
        let found = self.by_alias.binary_search_by(|(known, _)| known.as_str().cmp(alias)).ok()?;
        self.by_alias.get(found).map(|(_, child)| *child)
    }

    /// The definition, if it is one of a flow.
    pub fn as_flow(&self) -> Option<&FlowDefinition> {
        match &self.definition {
            Definition::Flow(flow) => Some(flow),
            Definition::Function(_) => None,
        }
    }

    /// Whether it belongs to the flow itself: it is a file that was reached without going through a library or the
    /// runner.
    pub fn is_own(&self) -> bool {
        !self.is_foreign && self.url.scheme() == "file"
    }

    /// Whether it lies in the directory of a runner, which its `runner.toml` marks.
    pub fn is_of_runner(&self) -> bool {
        let path = self.url.to_file_path().unwrap_or_default();
        path.ancestors().skip(1).any(|directory| directory.join("runner.toml").is_file())
    }

    /// Whether this defines a flow.
    pub fn is_flow(&self) -> bool {
        self.as_flow().is_some()
    }
}

/// Where to point for an input or output: at its name if it has one, since all of it may be many lines.
pub(crate) fn place_of(io: &IoDefinition) -> Span {
    if io.name.value.is_empty() { io.span } else { io.name.span }
}

/// All definitions, from the root on.
#[derive(Debug)]
pub struct Definitions {
    loaded: Vec<Loaded>,
    /// For each of them the names of its inputs and of its outputs.
    names: Vec<(Names, Names)>,
    /// The root flow's.
    pub root: DefinitionId,
}

impl Definitions {
    /// All of them; the position is the id.
    pub(crate) fn new(loaded: Vec<Loaded>, root: DefinitionId) -> Definitions {
        let of =
            |loaded: &Loaded| (Names::of(loaded.definition.inputs()), Names::of(loaded.definition.outputs()));
        let names = loaded.iter().map(of).collect();
        Definitions { loaded, names, root }
    }

    /// A definition.
    #[expect(clippy::indexing_slicing, reason = "ids are positions in this list, which never shrinks")]
    pub fn get(&self, id: DefinitionId) -> &Loaded {
        &self.loaded[id.index()]
    }

    /// All of them, with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (DefinitionId, &Loaded)> {
        self.loaded.iter().enumerate().map(|(index, loaded)| (DefinitionId::new(index), loaded))
    }
}

impl Definitions {
    /// The inputs of a definition, to be found by their names.
    pub(crate) fn inputs(&self, id: DefinitionId) -> Ios<'_> {
        let names = self.names.get(id.index()).map(|(inputs, _)| inputs);
        Ios::new(self.get(id).definition.inputs(), names)
    }

    /// The outputs of a definition, to be found by their names.
    pub(crate) fn outputs(&self, id: DefinitionId) -> Ios<'_> {
        let names = self.names.get(id.index()).map(|(_, outputs)| outputs);
        Ios::new(self.get(id).definition.outputs(), names)
    }

    /// The definitions that belong to the flow itself: files that were reached without going through a library or the
    /// runner.
    pub(crate) fn own(&self) -> impl Iterator<Item = DefinitionId> {
        self.iter().filter(|(_, loaded)| loaded.is_own()).map(|(id, _)| id)
    }

    /// Sets the initializers of all children, in the order of definitions and children.
    pub(crate) fn set_initializers(&mut self, matched: Vec<Vec<Vec<Option<Placed<Initializer>>>>>) {
        for (loaded, matched) in self.loaded.iter_mut().zip(matched) {
            for (child, initializers) in loaded.children.iter_mut().zip(matched) {
                child.initializers = initializers;
            }
        }
    }
}
