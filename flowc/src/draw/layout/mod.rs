//! Where everything in a scene is drawn.
//!
//! | part | idea |
//! |---|---|
//! | `shape` | the size of nodes, and their ports |
//! | `skeleton` | the scene as a graph without circles |
//! | `rank` | columns, by a library; plainly for large graphs |
//! | `network` | what stands in the columns, edges that pass included |
//! | `order` | who stands above whom |
//! | `position` | how far down everything is |
//! | `route` | how far to the right everything is, and the lines |
//!
//! Edges cross a column only in places of their own, and wind only between columns. So none runs through a box.

mod dense;
mod network;
mod order;
mod position;
mod rank;
mod route;
pub(super) mod shape;
mod skeleton;

use super::scene::{Kind, Scene};
use network::Network;
use shape::Shape;
use skeleton::Skeleton;
pub(super) use skeleton::label_text;

/// A point.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    /// To the right.
    pub(super) x: f64,
    /// Down.
    pub(super) y: f64,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Area {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A part of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stroke {
    /// Straight to a point.
    Line(Point),
    /// A curve to the last point, pulled by the others.
    Curve(Point, Point, Point),
}

/// The way of an edge.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Route {
    pub(super) start: Point,
    pub(super) strokes: Vec<Stroke>,
    /// The space of its label.
    pub(super) label: Option<Area>,
}

/// A node in its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Placed {
    pub(super) area: Area,
    /// How far down the ports are in the scene.
    pub(super) inputs: Vec<f64>,
    pub(super) outputs: Vec<f64>,
}

/// A scene in which everything has its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Plan {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) nodes: Vec<Placed>,
    pub(super) edges: Vec<Route>,
    /// How far down edges come in and go out, where the scene is a frame.
    pub(super) entries: Vec<f64>,
    pub(super) exits: Vec<f64>,
}

/// The plans of scenes, of which each may be a frame in one before it.
pub(super) fn plans(scenes: &[Scene]) -> Vec<Plan> {
    let mut plans: Vec<Option<Plan>> = scenes.iter().map(|_| None).collect();
    for (number, scene) in scenes.iter().enumerate().rev() {
        let shape = |node: &super::scene::Node| {
            let inner = node.frame.and_then(|frame| plans.get(frame)?.as_ref());
            shape::shape(node, inner)
        };
        let shapes = scene.nodes.iter().map(shape).collect();
        let plan = plan(scene, shapes);
        if let Some(slot) = plans.get_mut(number) {
            *slot = Some(plan);
        }
    }
    plans.into_iter().map(Option::unwrap_or_default).collect()
}

fn plan(scene: &Scene, shapes: Vec<Shape>) -> Plan {
    let parts = parts(scene);
    let is_pinned = |kind: Kind| !matches!(kind, Kind::Flow | Kind::Function | Kind::Source | Kind::Sink);
    // Inputs stand in one column, so what is between them and the outputs belongs together.
    if parts.len() <= 1 || scene.nodes.iter().any(|node| is_pinned(node.kind)) {
        return connected(scene, shapes);
    }
    let mut plans = Vec::new();
    for part in &parts {
        let taken = part.scene(scene);
        let shapes = part.nodes.iter().filter_map(|node| shapes.get(*node).cloned()).collect();
        plans.push(connected(&taken, shapes));
    }
    pack(scene, &parts, plans)
}

fn connected(scene: &Scene, shapes: Vec<Shape>) -> Plan {
    let skeleton = Skeleton::of(scene, &shapes);
    let ranks = rank::rank(&skeleton);
    let first = Network::new(scene, shapes, &skeleton, &ranks);
    let mut candidates = vec![first];
    if ranks.is_rough {
        candidates.iter_mut().for_each(order::settle);
    } else {
        // No one way to begin is the best for all flows.
        let mut settled = candidates.clone();
        settled.iter_mut().for_each(order::settle);
        let mut turned = candidates.clone();
        turned.iter_mut().for_each(order::turn_over);
        candidates.extend(turned.into_iter().chain(settled));
    }
    candidates.iter_mut().for_each(improve);
    let best = candidates.into_iter().min_by_key(order::cost);
    best.map(|network| route::plan(scene, &network)).unwrap_or_default()
}

fn improve(network: &mut Network) {
    order::exchange(network);
    position::position(network);
    for _ in 0..2 {
        order::order_ports(network);
        order::exchange(network);
        position::position(network);
    }
}

/// Nodes that are joined with each other and with no others.
struct Part {
    nodes: Vec<usize>,
    edges: Vec<usize>,
}

impl Part {
    fn scene(&self, whole: &Scene) -> Scene {
        let place = |node: usize| self.nodes.binary_search(&node).unwrap_or(0);
        let nodes = self.nodes.iter().filter_map(|node| whole.nodes.get(*node).cloned()).collect();
        let mut edges: Vec<super::scene::Edge> =
            self.edges.iter().filter_map(|edge| whole.edges.get(*edge).cloned()).collect();
        for edge in &mut edges {
            edge.from.node = place(edge.from.node);
            edge.to.node = place(edge.to.node);
        }
        Scene { nodes, edges }
    }
}

fn parts(scene: &Scene) -> Vec<Part> {
    let mut leader: dense::Dense<usize> = (0..scene.nodes.len()).collect();
    let find = |leader: &mut dense::Dense<usize>, mut node: usize| {
        while leader[node] != node {
            leader[node] = leader[leader[node]];
            node = leader[node];
        }
        node
    };
    for edge in &scene.edges {
        let (one, other) = (find(&mut leader, edge.from.node), find(&mut leader, edge.to.node));
        leader[one.max(other)] = one.min(other);
    }
    let mut part_of = dense::Dense::of(usize::MAX, scene.nodes.len());
    let mut parts: dense::Dense<Part> = dense::Dense(Vec::new());
    for node in 0..scene.nodes.len() {
        let first = find(&mut leader, node);
        if part_of[first] == usize::MAX {
            part_of[first] = parts.add(Part { nodes: Vec::new(), edges: Vec::new() });
        }
        part_of[node] = part_of[first];
        let part = part_of[node];
        parts[part].nodes.push(node);
    }
    for (number, edge) in scene.edges.iter().enumerate() {
        let part = part_of[edge.from.node];
        parts[part].edges.push(number);
    }
    parts.0
}

/// Between parts that have nothing to do with each other.
const APART: f64 = 44.0;

/// Puts parts beside each other and below each other, about as wide as a page.
fn pack(scene: &Scene, parts: &[Part], plans: Vec<Plan>) -> Plan {
    let area: f64 = plans.iter().map(|plan| (plan.width + APART) * (plan.height + APART)).sum();
    let widest = plans.iter().map(|plan| plan.width).fold(0.0, f64::max);
    let limit = widest.max((area * 1.8).sqrt()).max(700.0);
    let mut whole = Plan {
        nodes: vec![Placed::default(); scene.nodes.len()],
        edges: vec![Route::default(); scene.edges.len()],
        ..Plan::default()
    };
    let (mut x, mut y, mut tallest) = (0.0, 0.0, 0.0_f64);
    for (part, plan) in parts.iter().zip(plans) {
        if x > 0.0 && x + plan.width > limit {
            (x, y, tallest) = (0.0, y + tallest + APART, 0.0);
        }
        whole.width = whole.width.max(x + plan.width);
        whole.height = whole.height.max(y + plan.height);
        tallest = tallest.max(plan.height);
        let step = Point { x, y };
        x += plan.width + APART;
        for (node, mut placed) in part.nodes.iter().zip(plan.nodes) {
            placed.shift(step);
            whole.nodes.get_mut(*node).into_iter().for_each(|slot| slot.clone_from(&placed));
        }
        for (edge, mut route) in part.edges.iter().zip(plan.edges) {
            route.shift(step);
            whole.edges.get_mut(*edge).into_iter().for_each(|slot| slot.clone_from(&route));
        }
    }
    whole
}

impl Point {
    pub(super) fn new(x: f64, y: f64) -> Point {
        Point { x, y }
    }

    fn shift(&mut self, step: Point) {
        self.x += step.x;
        self.y += step.y;
    }
}

impl Area {
    fn shift(&mut self, step: Point) {
        self.x += step.x;
        self.y += step.y;
    }
}

impl Placed {
    /// Moves it.
    pub(super) fn shift(&mut self, step: Point) {
        self.area.shift(step);
        self.inputs.iter_mut().chain(&mut self.outputs).for_each(|port| *port += step.y);
    }
}

impl Route {
    /// Moves it.
    pub(super) fn shift(&mut self, step: Point) {
        self.start.shift(step);
        for stroke in &mut self.strokes {
            match stroke {
                Stroke::Line(to) => to.shift(step),
                Stroke::Curve(one, other, to) => {
                    [one, other, to].into_iter().for_each(|point| point.shift(step))
                }
            }
        }
        self.label.iter_mut().for_each(|label| label.shift(step));
    }
}
