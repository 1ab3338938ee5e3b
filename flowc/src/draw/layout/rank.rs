//! In which column each vertex stands, and roughly where in it: by a library, or plainly where the graph is large.

use super::dense::Dense;
use super::skeleton::{Skeleton, Vertex};
use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};

/// As many vertices and arcs as the library orders in a moment, ...
const MOST_VERTICES: usize = 500;
/// ... and as many crossings of arcs and columns; both grow its work faster than the graph.
const MOST_CROSSINGS: i32 = 1500;

/// Where vertices stand.
pub(super) struct Ranks {
    /// The column of each vertex.
    pub(super) of: Dense<i32>,
    /// How far down in it, in a measure of its own.
    pub(super) height: Dense<f64>,
    /// For each arc how far down it crosses the columns between its ends, if that is known.
    pub(super) crossings: Dense<Vec<(i32, f64)>>,
    /// Whether more should be done about the order.
    pub(super) is_rough: bool,
}

/// Ranks for all vertices.
pub(super) fn rank(skeleton: &Skeleton) -> Ranks {
    let plain = plain(skeleton);
    let crossings: i32 =
        skeleton.arcs.iter().map(|arc| plain.of[arc.to].saturating_sub(plain.of[arc.from])).sum();
    let is_large = skeleton.vertices.len() + skeleton.arcs.len() > MOST_VERTICES;
    if is_large || crossings > MOST_CROSSINGS { plain } else { by_library(skeleton) }
}

/// The name of a vertex; longer numbers stand behind shorter ones, since names may be sorted as text.
fn name(vertex: usize) -> String {
    format!("{vertex:06}")
}

fn by_library(skeleton: &Skeleton) -> Ranks {
    let options = GraphOptions { directed: true, multigraph: true, compound: false };
    let mut graph: Graph<NodeLabel, EdgeLabel> = Graph::with_options(options);
    for (vertex, sized) in skeleton.vertices.iter().enumerate() {
        // The library draws from left to right, and exchanges widths and heights for it.
        let label = NodeLabel { width: sized.width, height: sized.height, ..NodeLabel::default() };
        graph.set_node(name(vertex), Some(label));
    }
    // The library wants everything that an arc leads to to be known.
    for margin in ["left", "right"] {
        graph.set_node(margin.to_owned(), Some(NodeLabel::default()));
    }
    let mut connect = |from: &str, to: &str, length: i32, weight: i32, number: usize| {
        let label = EdgeLabel { minlen: length, weight, ..EdgeLabel::default() };
        graph.set_edge(from, to, Some(label), Some(&name(number)));
    };
    for (number, arc) in skeleton.arcs.iter().enumerate() {
        connect(&name(arc.from), &name(arc.to), arc.length, 1, number);
    }
    for (number, (from, to, length, weight)) in (skeleton.arcs.len()..).zip(margins(skeleton)) {
        connect(&from, &to, length, weight, number);
    }
    let options = LayoutOptions {
        rankdir: RankDir::LR,
        nodesep: 30.0,
        edgesep: 14.0,
        ranksep: 60.0,
        ..LayoutOptions::default()
    };
    dagre::layout(&mut graph, Some(options));
    read(skeleton, &graph)
}

/// Arcs that hold inputs at the left and outputs at the right; empty if there are none.
fn margins(skeleton: &Skeleton) -> Vec<(String, String, i32, i32)> {
    let (mut is_entered, mut is_left) =
        (Dense::of(false, skeleton.vertices.len()), Dense::of(false, skeleton.vertices.len()));
    for arc in skeleton.arcs.iter() {
        is_entered[arc.to] = true;
        is_left[arc.from] = true;
    }
    let length = |vertex: usize| if skeleton.vertices[vertex].vertex == Vertex::Turn { 2 } else { 1 };
    let mut margins = Vec::new();
    const HELD: i32 = 100;
    for vertex in 0..skeleton.vertices.len() {
        if !skeleton.left.is_empty() {
            let is_held = skeleton.left.contains(&vertex);
            if is_held || !is_entered[vertex] {
                let weight = if is_held { HELD } else { 0 };
                margins.push(("left".to_owned(), name(vertex), length(vertex), weight));
            }
        }
        if !skeleton.right.is_empty() {
            let is_held = skeleton.right.contains(&vertex);
            if is_held || !is_left[vertex] {
                let weight = if is_held { HELD } else { 0 };
                margins.push((name(vertex), "right".to_owned(), length(vertex), weight));
            }
        }
    }
    margins
}

fn read(skeleton: &Skeleton, graph: &Graph<NodeLabel, EdgeLabel>) -> Ranks {
    let label = |vertex: usize| graph.node(&name(vertex));
    let count = skeleton.vertices.len();
    let of: Dense<i32> = (0..count).map(|v| label(v).and_then(|label| label.rank).unwrap_or(0)).collect();
    let height = (0..count).map(|v| label(v).and_then(|label| label.y).unwrap_or(0.0)).collect();
    // Where each column is, to see how far down arcs cross it.
    let mut places: Vec<(i32, f64)> =
        (0..count).map(|v| (of[v], label(v).and_then(|label| label.x).unwrap_or(0.0))).collect();
    places.sort_by_key(|place| place.0);
    places.dedup_by_key(|place| place.0);
    let mut crossings = Dense::default();
    for (number, arc) in skeleton.arcs.iter().enumerate() {
        let edge = graph.edge(&name(arc.from), &name(arc.to), Some(&name(number)));
        let points: Vec<(f64, f64)> =
            edge.map(|edge| edge.points.iter().map(|point| (point.x, point.y)).collect()).unwrap_or_default();
        let first = places.partition_point(|place| place.0 <= of[arc.from]);
        let between = places.iter().skip(first).take_while(|place| place.0 < of[arc.to]);
        crossings.add(between.filter_map(|(rank, x)| Some((*rank, height_at(&points, *x)?))).collect());
    }
    Ranks { of, height, crossings, is_rough: false }
}

/// How far down a line is at a place.
fn height_at(points: &[(f64, f64)], x: f64) -> Option<f64> {
    for pair in points.windows(2) {
        let [(x0, y0), (x1, y1)] = pair else { continue };
        if *x0 <= x && x <= *x1 {
            let part = if x1 > x0 { (x - x0) / (x1 - x0) } else { 0.0 };
            return Some(y0 + (y1 - y0) * part);
        }
    }
    points.last().map(|(_, y)| *y)
}

/// As far to the left as arcs allow; what nothing leads to, as far to the right.
fn plain(skeleton: &Skeleton) -> Ranks {
    let count = skeleton.vertices.len();
    let mut waiting_for = Dense::of(0_usize, count);
    let mut leaving: Dense<Vec<usize>> = Dense::of(Vec::new(), count);
    for (number, arc) in skeleton.arcs.iter().enumerate() {
        waiting_for[arc.to] += 1;
        leaving[arc.from].push(number);
    }
    let is_turn = |vertex: usize| skeleton.vertices[vertex].vertex == Vertex::Turn;
    let is_source: Dense<bool> = waiting_for.iter().map(|count| *count == 0).collect();
    let mut of: Dense<i32> = (0..count).map(|vertex| if is_turn(vertex) { -1 } else { 0 }).collect();
    let mut ready: Vec<usize> = (0..count).rev().filter(|vertex| is_source[*vertex]).collect();
    while let Some(vertex) = ready.pop() {
        for arc in leaving[vertex].iter().map(|arc| &skeleton.arcs[*arc]) {
            of[arc.to] = of[arc.to].max(of[vertex] + arc.length);
            waiting_for[arc.to] -= 1;
            if waiting_for[arc.to] == 0 {
                ready.push(arc.to);
            }
        }
    }
    for vertex in (0..count).filter(|vertex| is_source[*vertex]) {
        let arcs = leaving[vertex].iter().map(|arc| &skeleton.arcs[*arc]);
        if let Some(latest) = arcs.map(|arc| of[arc.to] - arc.length).min() {
            of[vertex] = latest;
        }
    }
    let (first, last) = (of.iter().copied().min().unwrap_or(0), of.iter().copied().max().unwrap_or(0));
    // Boxes have even ranks.
    skeleton.left.iter().for_each(|vertex| of[*vertex] = first - first.rem_euclid(2));
    skeleton.right.iter().for_each(|vertex| of[*vertex] = last + last.rem_euclid(2));
    let height = (0..count).map(|vertex| vertex as f64).collect();
    let crossings = Dense::of(Vec::new(), skeleton.arcs.len());
    Ranks { of, height, crossings, is_rough: true }
}
