//! The tree of processes: every use of every definition, with its number.

use crate::definitions::{Child, DefinitionId, Definitions, Loaded};
use crate::diagnostics::{Code, Diagnostic, Failed, Placed, Report};
use flowcore::Initializer;
use flowcore::definition::FunctionDefinition;
use flowcore::route::Route;

/// A flow in the tree. Its position is its number in the manifest: the root is 0, and then depth first in the order of
/// the process references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FlowId(u32);

/// A function in the tree, by position. In the manifest its number is larger by the number of flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(u32);

impl FlowId {
    fn new(index: usize) -> FlowId {
        FlowId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    fn index(self) -> usize {
        self.0 as usize
    }

    /// Its number in the manifest.
    pub fn number(self) -> u64 {
        u64::from(self.0)
    }
}

impl FunctionId {
    /// The function at this position.
    pub fn new(index: usize) -> FunctionId {
        FunctionId(u32::try_from(index).unwrap_or(u32::MAX))
    }

    /// Its position.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// One use of a flow.
#[derive(Debug)]
pub struct Flow {
    /// What it is.
    pub definition: DefinitionId,
    /// The flow it is in, and which process of it; none for the root.
    pub parent: Option<(FlowId, usize)>,
    /// The processes in it, by the position of their references.
    pub children: Vec<Process>,
}

/// One process of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// A flow; it may have been replaced by another of the same name, and then nothing leads to it.
    Flow(FlowId),
    /// A function.
    Function(FunctionId),
    /// A function that was replaced by another process of the same name.
    Replaced,
}

/// One use of a function.
#[derive(Debug)]
pub struct Function {
    /// What it is.
    pub definition: DefinitionId,
    /// The flow it is in.
    pub flow: FlowId,
    /// Which process of that flow.
    pub child: usize,
}

/// The tree of processes.
#[derive(Debug)]
pub struct Hierarchy {
    /// What the processes are.
    pub definitions: Definitions,
    flows: Vec<Flow>,
    functions: Vec<Function>,
    /// The flows that count, depth first in ascending order of aliases: the order in which values are sent.
    pub order: Vec<FlowId>,
}

/// As many processes as a tree may have: definitions that each use the next one twice grow without limit.
const MOST_PROCESSES: usize = 1_000_000;

impl Hierarchy {
    /// The tree below the root definition.
    ///
    /// # Errors
    ///
    /// Fails if the root is a function, or the tree too large.
    pub fn grow(definitions: Definitions, report: &mut Report) -> Result<Hierarchy, Failed> {
        let root = definitions.get(definitions.root);
        if !root.is_flow() {
            let message =
                format!("'{}' is a function; only flows can be compiled", root.definition.name().value);
            let help = "write a flow that has it as a process";
            let diagnostic = Diagnostic::new(Code::E019, message).help(help.to_owned());
            report.add(diagnostic.at(root.source, root.definition.name().span, ""));
            return Err(Failed);
        }
        let place = (root.source, root.definition.name().span);
        let mut hierarchy =
            Hierarchy { definitions, flows: Vec::new(), functions: Vec::new(), order: Vec::new() };
        if hierarchy.number_flows().is_none() {
            let message = format!("the hierarchy has more than {MOST_PROCESSES} processes");
            let help = "flows that use others many times, which do the same, multiply; a process can take many values instead";
            report.add(Diagnostic::new(Code::E037, message).at(place.0, place.1, "").help(help.to_owned()));
            return Err(Failed);
        }
        hierarchy.number_functions();
        Ok(hierarchy)
    }

    /// Depth first in the order of the references, replaced ones included.
    fn number_flows(&mut self) -> Option<()> {
        let definitions = &self.definitions;
        let mut waiting = vec![(definitions.root, None)];
        let mut processes = 0;
        while let Some((definition, parent)) = waiting.pop() {
            let id = FlowId::new(self.flows.len());
            if let Some((parent, child)) = parent {
                let parent: Option<&mut Flow> = self.flows.get_mut(FlowId::index(parent));
                if let Some(slot) = parent.and_then(|parent| parent.children.get_mut(child)) {
                    *slot = Process::Flow(id);
                }
            }
            let children = &definitions.get(definition).children;
            processes += 1 + children.len();
            if processes > MOST_PROCESSES {
                return None;
            }
            for (position, child) in children.iter().enumerate().rev() {
                if definitions.get(child.definition).is_flow() {
                    waiting.push((child.definition, Some((id, position))));
                }
            }
            self.flows.push(Flow { definition, parent, children: vec![Process::Replaced; children.len()] });
        }
        Some(())
    }

    /// Depth first in ascending order of aliases, functions and flows mixed.
    fn number_functions(&mut self) {
        let definitions = &self.definitions;
        let root = FlowId(0);
        self.order.push(root);
        let mut path = vec![(root, 0)];
        while let Some((id, next)) = path.last_mut() {
            let id = *id;
            let Some(flow) = self.flows.get_mut(id.index()) else { break };
            let loaded = definitions.get(flow.definition);
            let Some((_, position)) = loaded.by_alias.get(*next) else {
                path.pop();
                continue;
            };
            *next += 1;
            let (Some(child), Some(process)) =
                (loaded.children.get(*position), flow.children.get_mut(*position))
            else {
                continue;
            };
            match *process {
                Process::Flow(sub) => {
                    self.order.push(sub);
                    path.push((sub, 0));
                }
                Process::Function(_) | Process::Replaced => {
                    *process = Process::Function(FunctionId::new(self.functions.len()));
                    let function = Function { definition: child.definition, flow: id, child: *position };
                    self.functions.push(function);
                }
            }
        }
    }

    /// The root flow.
    pub fn root(&self) -> FlowId {
        FlowId(0)
    }

    /// A flow.
    #[expect(clippy::indexing_slicing, reason = "ids are positions in this list, which never shrinks")]
    pub fn flow(&self, id: FlowId) -> &Flow {
        &self.flows[id.index()]
    }

    /// The definition of a flow.
    pub fn flow_definition(&self, id: FlowId) -> &Loaded {
        self.definitions.get(self.flow(id).definition)
    }

    /// A function.
    #[expect(clippy::indexing_slicing, reason = "ids are positions in this list, which never shrinks")]
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.index()]
    }

    /// All functions with their ids, ascending.
    pub fn functions(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        self.functions.iter().enumerate().map(|(index, function)| (FunctionId::new(index), function))
    }

    /// The definition of a function.
    pub fn function_definition(&self, function: &Function) -> (&Loaded, Option<&FunctionDefinition>) {
        let loaded = self.definitions.get(function.definition);
        let definition = match &loaded.definition {
            flowcore::definition::Definition::Function(definition) => Some(definition),
            flowcore::definition::Definition::Flow(_) => None,
        };
        (loaded, definition)
    }

    /// The number that a function has in the manifest.
    pub fn number(&self, id: FunctionId) -> u64 {
        self.flows.len() as u64 + u64::from(id.0)
    }

    /// The reference by which a flow uses a process.
    pub fn child(&self, flow: FlowId, child: usize) -> Option<&Child> {
        self.flow_definition(flow).children.get(child)
    }

    /// The initializer that an input of a flow has in this use.
    pub fn flow_input_initializer(&self, id: FlowId, input: usize) -> Option<Placed<Initializer>> {
        match self.flow(id).parent {
            Some((parent, child)) => self.child(parent, child)?.initializers.get(input)?.clone(),
            None => {
                let loaded = self.flow_definition(id);
                let fixed = loaded.definition.inputs().get(input)?.initializer.clone()?;
                Some(Placed::new(fixed, loaded.source))
            }
        }
    }

    /// Where a flow stands. Routes are made when somebody wants to read them: in deep trees they are long.
    pub fn flow_route(&self, id: FlowId) -> Route {
        let mut aliases = Vec::new();
        let mut next = id;
        while let Some((parent, child)) = self.flow(next).parent {
            aliases.extend(self.child(parent, child).map(|child| child.alias.as_str()));
            next = parent;
        }
        let root = Route::root(&self.flow_definition(next).definition.name().value);
        if aliases.is_empty() {
            return root;
        }
        aliases.reverse();
        root.inside(&aliases.join("/"))
    }

    /// Where a function stands.
    pub fn function_route(&self, function: &Function) -> Route {
        let alias = self.child(function.flow, function.child).map_or("", |child| &child.alias);
        self.flow_route(function.flow).inside(alias)
    }

    /// Where an input of a function stands.
    pub fn input_route(&self, id: FunctionId, input: usize) -> Route {
        let function = self.function(id);
        let inputs = self.definitions.get(function.definition).definition.inputs();
        self.function_route(function).join(inputs.get(input).map_or("", |input| &input.name.value))
    }
}
