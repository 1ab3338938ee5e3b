//! The drawing of the compiled graph: functions with their numbers, in frames for the flows they come from.
//!
//! An edge between functions of different flows is drawn in pieces, one in each frame that it passes through.

use super::flow::{Places, copy_of, process, split, value};
use super::scene::{Drawing, Edge, End, Kind, Node, Port, Scene};
use crate::Program;
use crate::graph;
use crate::hierarchy::{FlowId, FunctionId, Process};
use flowcore::definition::IoDefinition;
use flowcore::manifest::Source;
use std::collections::HashMap;

/// As many functions as anybody can make sense of in one drawing, ...
const MOST_FUNCTIONS: usize = 1500;
/// ... as many edges, ...
const MOST_EDGES: usize = 6000;
/// ... and as many frames around each other.
const DEEPEST: usize = 40;

/// Draws the graph of a program; none if it is too large to be read.
pub(super) fn drawing(program: &Program, title: &str, places: &Places) -> Option<Drawing> {
    let kept = program.graph.functions.iter().filter(|node| node.is_kept).count();
    if kept > MOST_FUNCTIONS || program.graph.edges.len() > MOST_EDGES {
        return None;
    }
    let mut nest = Nest {
        program,
        scenes: Vec::new(),
        flows: HashMap::new(),
        frames: Vec::new(),
        functions: HashMap::new(),
        gates: HashMap::new(),
    };
    nest.add_flows(places)?;
    for edge in &program.graph.edges {
        nest.add_edge(edge);
    }
    let description = "The functions that are run, with their numbers in the manifest".to_owned();
    let relation = "compiled from";
    Some(Drawing { title: title.to_owned(), description, relation, parents: Vec::new(), scenes: nest.scenes })
}

/// Which side of a frame an edge passes, by the end that it begins at.
type Gate = (usize, FunctionId, usize, Direction);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Direction {
    In,
    Out,
}

/// A flow that has a frame.
#[derive(Clone, Copy)]
struct Frame {
    scene: usize,
    /// The scene and the node that it is a frame in.
    around: Option<(usize, usize)>,
    depth: usize,
}

struct Nest<'run> {
    program: &'run Program,
    scenes: Vec<Scene>,
    flows: HashMap<FlowId, Frame>,
    /// The same by scene.
    frames: Vec<Frame>,
    functions: HashMap<FunctionId, (FlowId, usize)>,
    /// Where edges pass the sides of frames: the port of the frame, and the node inside.
    gates: HashMap<Gate, (usize, usize)>,
}

impl Nest<'_> {
    /// Scenes for all flows, each behind the one around it; nothing if they are too deep in each other.
    fn add_flows(&mut self, places: &Places) -> Option<()> {
        let hierarchy = &self.program.hierarchy;
        for id in hierarchy.order.iter().copied() {
            let flow = hierarchy.flow(id);
            let around = flow.parent.and_then(|(parent, child)| {
                let frame = *self.flows.get(&parent)?;
                let mut node = process(&hierarchy.definitions, hierarchy.child(parent, child)?);
                (node.inputs, node.outputs) = (Vec::new(), Vec::new());
                node.frame = Some(self.scenes.len());
                node.drawing = places.of.get(&flow.definition).copied();
                let number = push(&mut self.scenes, frame.scene, node)?;
                Some((frame.scene, number, frame.depth + 1))
            });
            let depth = around.map_or(0, |around| around.2);
            if depth > DEEPEST {
                return None;
            }
            let scene = self.scenes.len();
            self.scenes.push(Scene::default());
            let around = around.map(|(scene, node, _)| (scene, node));
            let frame = Frame { scene, around, depth };
            self.frames.push(frame);
            self.flows.insert(id, frame);
            for process in &flow.children {
                if let Process::Function(function) = process
                    && self.program.graph.node(*function).is_kept
                {
                    self.add_function(id, scene, *function);
                }
            }
        }
        Some(())
    }

    fn add_function(&mut self, flow: FlowId, scene: usize, id: FunctionId) {
        let hierarchy = &self.program.hierarchy;
        let function = hierarchy.function(id);
        let Some(child) = hierarchy.child(function.flow, function.child) else { return };
        let mut node = process(&hierarchy.definitions, child);
        node.title = format!("{} #{}", node.title, hierarchy.number(id));
        node.hover = format!("{}\n{}", String::from(hierarchy.function_route(function)), node.hover);
        for (port, start) in node.inputs.iter_mut().zip(&self.program.graph.node(id).inputs) {
            let initializer = start.initializer.as_ref().or(start.flow_initializer.as_ref());
            port.initializer = initializer.map(|placed| value(&placed.value));
        }
        if let Some(number) = push(&mut self.scenes, scene, node) {
            self.functions.insert(id, (flow, number));
        }
    }

    fn add_edge(&mut self, edge: &graph::Edge) -> Option<()> {
        let (from_flow, from_node) = *self.functions.get(&edge.from)?;
        let (to_flow, to_node) = *self.functions.get(&edge.to)?;
        let (port, label) = self.output(edge)?;
        let hierarchy = &self.program.hierarchy;
        let route = String::from(hierarchy.function_route(hierarchy.function(edge.from)));
        let hover = format!("{route} \u{2192} {}", String::from(hierarchy.input_route(edge.to, edge.input)));
        let line = |from, to, label: &str| Edge {
            from,
            to,
            label: label.to_owned(),
            hover: hover.clone(),
            is_copy: matches!(edge.source, Source::Input(_)),
        };
        let (mut out, mut into) = (*self.flows.get(&from_flow)?, *self.flows.get(&to_flow)?);
        let mut at = End { node: from_node, port };
        let mut entered = Vec::new();
        while out.scene != into.scene {
            if out.depth >= into.depth {
                let key = (out.scene, edge.from, port, Direction::Out);
                let (around, node) = out.around?;
                let port = match self.gates.get(&key) {
                    Some((port, _)) => *port,
                    None => {
                        let (port, exit) = self.gate(key, around, node, &hover)?;
                        let edge = line(at, End { node: exit, port: 0 }, "");
                        self.scenes.get_mut(out.scene)?.edges.push(edge);
                        port
                    }
                };
                at = End { node, port };
                out = self.frame_of(around)?;
            } else {
                entered.push(into);
                into = self.frame_of(into.around?.0)?;
            }
        }
        let mut scene = out.scene;
        for frame in entered.into_iter().rev() {
            let key = (frame.scene, edge.from, port, Direction::In);
            let (around, node) = frame.around?;
            let entry = match self.gates.get(&key) {
                Some((_, entry)) => *entry,
                None => {
                    let (port, entry) = self.gate(key, around, node, &hover)?;
                    let edge = line(at, End { node, port }, "");
                    self.scenes.get_mut(around)?.edges.push(edge);
                    entry
                }
            };
            at = End { node: entry, port: 0 };
            scene = frame.scene;
        }
        let edge = line(at, End { node: to_node, port: edge.input }, &label);
        self.scenes.get_mut(scene)?.edges.push(edge);
        Some(())
    }

    fn frame_of(&self, scene: usize) -> Option<Frame> {
        self.frames.get(scene).copied()
    }

    /// A new port in the side of a frame, and the node inside that it leads to.
    fn gate(&mut self, key: Gate, around: usize, node: usize, hover: &str) -> Option<(usize, usize)> {
        let port = Port { hover: hover.to_owned(), ..Port::default() };
        let mut pin = Node {
            kind: Kind::Entry,
            title: String::new(),
            subtitle: String::new(),
            hover: String::new(),
            drawing: None,
            frame: None,
            inputs: Vec::new(),
            outputs: Vec::new(),
        };
        let frame = self.scenes.get_mut(around)?.nodes.get_mut(node)?;
        let ports = match key.3 {
            Direction::In => {
                pin.outputs.push(port.clone());
                &mut frame.inputs
            }
            Direction::Out => {
                pin.kind = Kind::Exit;
                pin.inputs.push(port.clone());
                &mut frame.outputs
            }
        };
        ports.push(port);
        let number = ports.len() - 1;
        let inside = push(&mut self.scenes, key.0, pin)?;
        self.gates.insert(key, (number, inside));
        Some((number, inside))
    }

    /// The output that an edge begins at, and the part of it that is sent.
    fn output(&mut self, edge: &graph::Edge) -> Option<(usize, String)> {
        let (flow, node) = *self.functions.get(&edge.from)?;
        let scene = self.flows.get(&flow)?.scene;
        let hierarchy = &self.program.hierarchy;
        let definition = &hierarchy.definitions.get(hierarchy.function(edge.from).definition).definition;
        let outputs = &mut self.scenes.get_mut(scene)?.nodes.get_mut(node)?.outputs;
        match &edge.source {
            Source::Input(input) => {
                let copy = copy_of(definition.inputs().get(*input)?);
                let known = outputs.iter().position(|port| port.is_copy && port.name == copy.name);
                let port = known.unwrap_or(outputs.len());
                if known.is_none() {
                    outputs.push(copy);
                }
                Some((port, String::new()))
            }
            Source::Output(pointer) => {
                let (port, steps) = longest(definition.outputs(), pointer)?;
                Some((port, split(pointer, steps).1.to_owned()))
            }
        }
    }
}

/// The output with the longest name that a pointer begins with, and the number of steps behind it.
fn longest(outputs: &[IoDefinition], pointer: &str) -> Option<(usize, usize)> {
    let behind = |name: &str| {
        if name.is_empty() {
            return Some(pointer);
        }
        let rest = pointer.strip_prefix('/')?.strip_prefix(name)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    };
    let fitting = outputs.iter().enumerate().filter_map(|(number, io)| {
        let rest = behind(&io.name.value)?;
        Some((number, rest.matches('/').count()))
    });
    fitting.min_by_key(|(_, steps)| *steps)
}

fn push(scenes: &mut [Scene], scene: usize, node: Node) -> Option<usize> {
    let nodes = &mut scenes.get_mut(scene)?.nodes;
    nodes.push(node);
    Some(nodes.len() - 1)
}
