//! How far to the right everything is, and the lines between.

use super::dense::Dense;
use super::network::{Anchor, Link, Network};
use super::shape::RADIUS;
use super::skeleton::LABEL_LINE;
use super::{Area, Placed, Plan, Point, Route, Stroke};
use crate::draw::scene::{Kind, Scene};

/// Between columns at least.
const NARROWEST: f64 = 44.0;
/// Between columns at most.
const WIDEST: f64 = 150.0;

/// Where columns begin and end.
struct Columns {
    left: Dense<f64>,
    right: Dense<f64>,
    width: f64,
}

/// The plan of a scene whose columns are in order.
pub(super) fn plan(scene: &Scene, network: &Network) -> Plan {
    let turns = turns(network);
    let columns = columns(network, &turns);
    let mut plan = Plan { width: columns.width, ..Plan::default() };
    for (node, shape) in network.shapes.iter().enumerate() {
        let item = &network.items[node];
        let free = columns.right[item.column] - columns.left[item.column] - item.width;
        let kind = scene.nodes.get(node).map(|node| node.kind);
        // Signs are flush with the edges of the drawing.
        let part = match kind {
            Some(Kind::Input) => 1.0,
            Some(Kind::Entry | Kind::Output) => 0.0,
            Some(Kind::Exit) => 1.0,
            _ => 0.5,
        };
        let x = columns.left[item.column] + free * part;
        plan.nodes.push(Placed {
            area: Area { x, y: item.top, width: shape.width, height: shape.height },
            inputs: shape.inputs.iter().map(|port| item.top + port).collect(),
            outputs: shape.outputs.iter().map(|port| item.top + port).collect(),
        });
    }
    for edge in 0..network.chains.len() {
        plan.edges.push(route(network, &columns, &turns, &plan.nodes, edge));
    }
    surround(&mut plan);
    for (node, placed) in scene.nodes.iter().zip(&plan.nodes) {
        match node.kind {
            Kind::Entry => plan.entries.extend(placed.outputs.first()),
            Kind::Exit => plan.exits.extend(placed.inputs.first()),
            _ => {}
        }
    }
    plan
}

/// The straight part of an edge between its box and where it turns round.
const RUN: f64 = RADIUS + 9.0;

/// The width of the innermost turn, and how much wider each next one is.
const INNERMOST: f64 = 13.0;
const WIDER: f64 = 6.0;
const OUTERMOST: f64 = 70.0;

/// How far edges that run back turn round beside their columns: at their ends, and at their beginnings.
struct Turns {
    ends: Dense<f64>,
    beginnings: Dense<f64>,
}

/// Turns around each other are wider than each other.
fn turns(network: &Network) -> Turns {
    let mut at_left: Dense<Vec<(f64, usize)>> = Dense::of(Vec::new(), network.columns.len());
    let mut at_right = at_left.clone();
    for edge in (0..network.chains.len()).filter(|edge| network.chains[*edge].is_back) {
        let links = network.links(edge);
        let (Some(first), Some(last)) = (links.first(), links.last()) else { continue };
        let height = |link: &Link| (network.height(link.left) - network.height(link.right)).abs();
        at_left[network.items[first.left.0].column].push((height(first), edge));
        at_right[network.items[last.right.0].column].push((height(last), edge));
    }
    let count = network.chains.len();
    let mut turns = Turns { ends: Dense::of(0.0, count), beginnings: Dense::of(0.0, count) };
    for (sides, depths) in [(&mut at_left, &mut turns.ends), (&mut at_right, &mut turns.beginnings)] {
        for side in sides.iter_mut() {
            side.sort_by(|one, other| one.0.total_cmp(&other.0));
            for (number, (_, edge)) in side.iter().enumerate() {
                depths[*edge] = (INNERMOST + WIDER * number as f64).min(OUTERMOST);
            }
        }
    }
    turns
}

fn columns(network: &Network, turns: &Turns) -> Columns {
    let count = network.columns.len();
    let mut widths = Dense::of(0.0_f64, count);
    for item in network.items.iter() {
        widths[item.column] = widths[item.column].max(item.width);
    }
    // What turns round at the left and at the right of each column, and how steep lines are behind it.
    let (mut before, mut behind) = (Dense::of(0.0_f64, count), Dense::of(0.0_f64, count));
    let mut steepest = Dense::of(0.0_f64, count);
    let mut crowd = Dense::of(0.0_f64, count);
    for edge in 0..network.chains.len() {
        for link in network.links(edge) {
            let (left, right) = (network.items[link.left.0].column, network.items[link.right.0].column);
            let (from, to) = (network.height(link.left), network.height(link.right));
            if left != right {
                steepest[left] = steepest[left].max((from - to).abs());
                crowd[left] += f64::from(u8::from((from - to).abs() > 4.0));
            }
        }
        if network.chains[edge].is_back {
            let (from, to) = network.ends[edge];
            let (from, to) = (network.items[from.node].column, network.items[to.node].column);
            before[to] = before[to].max(turns.ends[edge] + RUN + 4.0);
            behind[from] = behind[from].max(turns.beginnings[edge] + RUN + 4.0);
        }
    }
    let (mut left, mut right) = (Dense::default(), Dense::default());
    let mut x = 0.0;
    for column in 0..count {
        x += before[column];
        left.add(x);
        x += widths[column];
        right.add(x);
        x += behind[column];
        if column + 1 < count {
            x += (30.0 + 0.16 * steepest[column] + 3.0 * crowd[column]).clamp(NARROWEST, WIDEST);
        }
    }
    Columns { left, right, width: x }
}

fn route(network: &Network, columns: &Columns, turns: &Turns, nodes: &[Placed], edge: usize) -> Route {
    let chain = &network.chains[edge];
    let (from, to) = network.ends[edge];
    let beside = |node: usize, is_output: bool| {
        let area = nodes.get(node).map(|placed| placed.area).unwrap_or_default();
        if is_output { area.x + area.width + RADIUS } else { area.x - RADIUS }
    };
    let start = Point::new(beside(from.node, true), network.height((from.node, Anchor::Output(from.port))));
    let end = Point::new(beside(to.node, false), network.height((to.node, Anchor::Input(to.port))));
    let mut pen = Pen { at: start, strokes: Vec::new() };
    let column = |item: usize| network.items[item].column;
    let heights = chain.pieces.iter().map(|piece| (column(*piece), network.height((*piece, Anchor::Line))));
    if chain.is_back {
        let mut lane = heights.rev();
        pen.line(columns.right[column(from.node)] + RUN, start.y);
        if let Some((column, y)) = lane.next() {
            pen.turn(turns.beginnings[edge], y);
            pen.line(columns.left[column], y);
        }
        for (column, y) in lane {
            pen.curve(columns.right[column], y);
            pen.line(columns.left[column], y);
        }
        pen.line(columns.left[column(to.node)] - RUN, pen.at.y);
        pen.turn(-turns.ends[edge], end.y);
    } else {
        pen.line(columns.right[column(from.node)].max(start.x), start.y);
        for (column, y) in heights {
            pen.curve(columns.left[column], y);
            pen.line(columns.right[column], y);
        }
        pen.curve(columns.left[column(to.node)].min(end.x), end.y);
    }
    pen.line(end.x, end.y);
    let label = chain.label.map(|label| {
        let item = &network.items[label];
        let middle = f64::midpoint(columns.left[item.column], columns.right[item.column]);
        Area { x: middle - item.width / 2.0, y: item.top, width: item.width, height: LABEL_LINE }
    });
    Route { start, strokes: pen.strokes, label }
}

/// Draws the strokes of a line.
struct Pen {
    at: Point,
    strokes: Vec<Stroke>,
}

impl Pen {
    fn line(&mut self, x: f64, y: f64) {
        let is_level = (self.at.y - y).abs() < 0.05;
        self.at = Point::new(x, y);
        // Level lines after each other are one.
        match self.strokes.last_mut() {
            Some(Stroke::Line(to)) if is_level => *to = self.at,
            _ => self.strokes.push(Stroke::Line(self.at)),
        }
    }

    /// To another height, level at both ends.
    fn curve(&mut self, x: f64, y: f64) {
        if (self.at.y - y).abs() < 0.05 {
            self.line(x, y);
            return;
        }
        let middle = f64::midpoint(self.at.x, x);
        let to = Point::new(x, y);
        self.strokes.push(Stroke::Curve(Point::new(middle, self.at.y), Point::new(middle, y), to));
        self.at = to;
    }

    /// Back in the direction it came from, at another height; to the left if the depth is negative.
    fn turn(&mut self, depth: f64, y: f64) {
        let x = self.at.x + depth * 4.0 / 3.0;
        let to = Point::new(self.at.x, y);
        self.strokes.push(Stroke::Curve(Point::new(x, self.at.y), Point::new(x, y), to));
        self.at = to;
    }
}

/// Makes the plan as high as what is in it.
fn surround(plan: &mut Plan) {
    let mut bottom = 0.0_f64;
    let mut top = 0.0_f64;
    for placed in &plan.nodes {
        bottom = bottom.max(placed.area.y + placed.area.height);
    }
    for route in &plan.edges {
        let ends = route.strokes.iter().map(|stroke| match stroke {
            Stroke::Line(to) | Stroke::Curve(_, _, to) => to.y,
        });
        for y in ends.chain([route.start.y]) {
            bottom = bottom.max(y + 2.0);
            top = top.min(y - 2.0);
        }
        if let Some(label) = &route.label {
            bottom = bottom.max(label.y + label.height);
            top = top.min(label.y);
        }
    }
    plan.height = bottom - top;
    let step = Point::new(0.0, -top);
    plan.nodes.iter_mut().for_each(|placed| placed.shift(step));
    plan.edges.iter_mut().for_each(|route| route.shift(step));
}
