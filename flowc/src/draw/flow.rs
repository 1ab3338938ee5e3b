//! The drawing of one flow: what its definition says.

use super::scene::{Drawing, Edge, End, InitialValue, Kind, Link, Node, Occasion, Port, Scene};
use crate::connect::{Connection, Start, Wiring};
use crate::definitions::{Child, DefinitionId, Definitions, Loaded};
use crate::initialize::types;
use crate::{Program, connect};
use flowcore::Initializer;
use flowcore::content::Reference;
use flowcore::definition::{Definition, FlowDefinition, IoDefinition};
use std::collections::{BTreeMap, HashMap, HashSet};

/// Which drawings there are of which definitions.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// By the definition.
    pub(super) of: HashMap<DefinitionId, usize>,
    /// By the definition of a flow, the drawings it is used in.
    pub(super) used_in: BTreeMap<usize, Vec<Link>>,
}

/// Draws the flow of a definition.
pub(super) fn drawing(program: &Program, id: DefinitionId, title: &str, places: &Places) -> Drawing {
    let definitions = &program.hierarchy.definitions;
    let loaded = definitions.get(id);
    let mut drawing = Drawing { title: title.to_owned(), relation: "used in", ..Drawing::default() };
    let Some(flow) = loaded.as_flow() else { return drawing };
    drawing.description.clone_from(&flow.description);
    let of_this = places.of.get(&id).and_then(|own| places.used_in.get(own));
    drawing.parents = of_this.cloned().unwrap_or_default();
    let mut sketch = Sketch::new(definitions, loaded, flow, places);
    sketch.connect(flow, program.wirings.get(id));
    drawing.scenes.push(sketch.scene);
    drawing
}

/// A scene in the making.
struct Sketch<'run> {
    definitions: &'run Definitions,
    loaded: &'run Loaded,
    scene: Scene,
    /// The nodes of the children that count.
    nodes: HashMap<usize, usize>,
    /// The node of the first output of the flow.
    first_output: usize,
    /// Outputs that give copies of an input, by child and input.
    copies: HashMap<(usize, usize), usize>,
}

impl<'run> Sketch<'run> {
    fn new(
        definitions: &'run Definitions,
        loaded: &'run Loaded,
        flow: &FlowDefinition,
        places: &Places,
    ) -> Sketch<'run> {
        let mut scene = Scene::default();
        for io in &flow.inputs {
            let mut node = boundary(Kind::Input, io);
            node.outputs.push(Port { initializer: own_value(io), ..port(io) });
            scene.nodes.push(node);
        }
        let counted: HashSet<usize> = loaded.by_alias.iter().map(|(_, child)| *child).collect();
        let mut nodes = HashMap::new();
        for (position, child) in loaded.children.iter().enumerate().filter(|(at, _)| counted.contains(at)) {
            nodes.insert(position, scene.nodes.len());
            let mut node = process(definitions, child);
            node.drawing = places.of.get(&child.definition).copied();
            scene.nodes.push(node);
        }
        let first_output = scene.nodes.len();
        for io in &flow.outputs {
            let mut node = boundary(Kind::Output, io);
            node.inputs.push(port(io));
            scene.nodes.push(node);
        }
        Sketch { definitions, loaded, scene, nodes, first_output, copies: HashMap::new() }
    }

    fn connect(&mut self, flow: &FlowDefinition, wiring: &Wiring) {
        let mut named = HashSet::new();
        for connection in &wiring.connections {
            let (Some(from), Some(to)) = (self.start(connection), self.end(connection)) else { continue };
            let written = flow.connections.get(connection.definition);
            let name = written.map_or("", |written| written.name.value.as_str());
            // One connection to many places is named where it is first seen.
            let is_named = !name.is_empty() && named.insert((connection.definition, from));
            let (_, steps) = split(&connection.selector.pointer, connection.selector.steps);
            let words: Vec<&str> = [steps, if is_named { name } else { "" }]
                .into_iter()
                .filter(|word| !word.is_empty())
                .collect();
            let types: Vec<String> = connection.types.iter().map(ToString::to_string).collect();
            let ends = written.map(|written| written.from.value.as_str()).unwrap_or_default();
            let hover = format!("{ends} \u{2192} {}: {}", self.route(to), types.join(" or "));
            let hover = if name.is_empty() { hover } else { format!("{name}\n{hover}") };
            let is_copy = matches!(connection.from, Start::FunctionInput { .. });
            self.scene.edges.push(Edge { from, to, label: words.join("  "), hover, is_copy });
        }
    }

    /// The output that a connection begins at.
    fn start(&mut self, connection: &Connection) -> Option<End> {
        match connection.from {
            Start::Input(input) => Some(End { node: input, port: 0 }),
            Start::FlowOutput { child, output } => Some(End { node: *self.nodes.get(&child)?, port: output }),
            Start::FunctionOutput { child } => {
                let (name, _) = split(&connection.selector.pointer, connection.selector.steps);
                let node = *self.nodes.get(&child)?;
                let outputs = &self.scene.nodes.get(node)?.outputs;
                let port = outputs.iter().position(|port| !port.is_copy && port.name == name)?;
                Some(End { node, port })
            }
            Start::FunctionInput { child, input } => {
                let node = *self.nodes.get(&child)?;
                let outputs = &mut self.scene.nodes.get_mut(node)?.outputs;
                let next = outputs.len();
                let port = *self.copies.entry((child, input)).or_insert(next);
                if port == next {
                    let child = self.loaded.children.get(child)?;
                    let io = self.definitions.get(child.definition).definition.inputs().get(input)?;
                    outputs.push(copy_of(io));
                }
                Some(End { node, port })
            }
        }
    }

    fn end(&self, connection: &Connection) -> Option<End> {
        match connection.to {
            connect::End::Output(output) => Some(End { node: self.first_output + output, port: 0 }),
            connect::End::FlowInput { child, input } | connect::End::FunctionInput { child, input } => {
                Some(End { node: *self.nodes.get(&child)?, port: input })
            }
        }
    }

    fn route(&self, end: End) -> String {
        let node = self.scene.nodes.get(end.node);
        let title = node.map_or("", |node| &node.title);
        match (node.map(|node| node.kind), self.scene.input(end)) {
            (Some(Kind::Output), _) => format!("output/{title}"),
            (_, Some(port)) if !port.name.is_empty() => format!("{title}/{}", port.name),
            _ => title.to_owned(),
        }
    }
}

/// The name of an output at the beginning of a pointer, and so many steps into its value behind it.
pub(super) fn split(pointer: &str, steps: usize) -> (&str, &str) {
    let mut cut = pointer.len();
    for _ in 0..steps {
        let before = pointer.get(..cut).unwrap_or_default();
        cut = before.rfind('/').unwrap_or(0);
    }
    let (name, steps) = pointer.split_at_checked(cut).unwrap_or((pointer, ""));
    (name.strip_prefix('/').unwrap_or(name), steps)
}

/// An input or output of the flow itself.
fn boundary(kind: Kind, io: &IoDefinition) -> Node {
    Node {
        kind,
        title: io.name.value.clone(),
        subtitle: String::new(),
        hover: described(io),
        drawing: None,
        frame: None,
        inputs: Vec::new(),
        outputs: Vec::new(),
    }
}

/// A process of the flow.
pub(super) fn process(definitions: &Definitions, child: &Child) -> Node {
    let target = definitions.get(child.definition);
    let definition = &target.definition;
    let name = &definition.name().value;
    let own_name = if *name == child.alias { "" } else { name.as_str() };
    let source = child.reference.as_ref().map(ToString::to_string);
    let subtitle = source.unwrap_or_else(|| own_name.to_owned());
    let description = match definition {
        Definition::Flow(flow) => &flow.description,
        Definition::Function(function) => &function.description,
    };
    let lines = [child.alias.as_str(), subtitle.as_str(), description.as_str()];
    let lines: Vec<&str> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    let input = |(number, io): (usize, &IoDefinition)| {
        let initializer = child.initializers.get(number).and_then(Option::as_ref);
        Port { initializer: initializer.map(|placed| value(&placed.value)), ..port(io) }
    };
    Node {
        kind: kind(child, definition),
        title: child.alias.clone(),
        hover: lines.join("\n"),
        subtitle,
        drawing: None,
        frame: None,
        inputs: definition.inputs().iter().enumerate().map(input).collect(),
        outputs: definition.outputs().iter().map(port).collect(),
    }
}

fn kind(child: &Child, definition: &Definition) -> Kind {
    let is_context = matches!(child.reference, Some(Reference::Context(_)));
    match definition {
        Definition::Flow(_) => Kind::Flow,
        Definition::Function(function) if is_context || function.impure.is_some() => {
            if function.outputs.is_empty() { Kind::Sink } else { Kind::Source }
        }
        Definition::Function(_) => Kind::Function,
    }
}

fn port(io: &IoDefinition) -> Port {
    Port { name: io.name.value.clone(), hover: described(io), initializer: None, is_copy: false }
}

/// The output that gives what was taken from an input.
pub(super) fn copy_of(io: &IoDefinition) -> Port {
    let hover = format!("what was taken from the input {}", described(io));
    Port { name: io.name.value.clone(), hover, initializer: None, is_copy: true }
}

fn described(io: &IoDefinition) -> String {
    let name = if io.name.value.is_empty() { "(default)" } else { &io.name.value };
    format!("{name}: {}", types(io))
}

fn own_value(io: &IoDefinition) -> Option<InitialValue> {
    io.initializer.as_ref().map(|initializer| value(&initializer.value))
}

/// An initializer as it is drawn.
pub(super) fn value(initializer: &Initializer) -> InitialValue {
    let occasion = match initializer {
        Initializer::Once(_) => Occasion::Once,
        Initializer::Always(_) => Occasion::Always,
    };
    InitialValue { occasion, text: initializer.value().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_the_name_of_an_output_and_steps_into_its_value() {
        assert_eq!(split("/json/1", 1), ("json", "/1"));
        assert_eq!(split("/json", 0), ("json", ""));
        assert_eq!(split("/1/2", 2), ("", "/1/2"));
        assert_eq!(split("/a/b", 0), ("a/b", ""));
        assert_eq!(split("", 3), ("", ""));
    }
}
