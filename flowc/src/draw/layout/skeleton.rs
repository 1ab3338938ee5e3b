//! The graph that is put in order: boxes, labels as boxes of their own, and no circles.
//!
//! Edges go from left to right. One that closes a circle leaves its box to the right, turns round, and runs back in a
//! lane of its own past the boxes in between. The lane is an edge from left to right too, from an invisible vertex before
//! the box it ends at to one behind the box it begins at.

use super::dense::Dense;
use super::shape::{SMALL, Shape};
use crate::draw::scene::{Kind, Scene};
use crate::draw::text::{shorten, width};

/// A label as it is written.
pub(in crate::draw) fn label_text(label: &str) -> String {
    shorten(label, 40)
}

/// What a vertex is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vertex {
    /// A node of the scene.
    Node(usize),
    /// The label of an edge.
    Label,
    /// Where a lane turns; not to be seen.
    Turn,
}

/// A vertex and its size.
#[derive(Clone, Debug)]
pub(super) struct Sized {
    pub(super) vertex: Vertex,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// A line from one vertex to another that stands at least so many ranks further to the right.
#[derive(Clone, Debug)]
pub(super) struct Arc {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) length: i32,
}

/// What an edge became.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    /// Whether it runs back.
    pub(super) is_back: bool,
    /// Its arcs that are drawn, from left to right.
    pub(super) arcs: Vec<usize>,
    /// Its label.
    pub(super) label: Option<usize>,
}

/// The graph.
#[derive(Debug, Default)]
pub(super) struct Skeleton {
    /// The nodes of the scene first.
    pub(super) vertices: Dense<Sized>,
    pub(super) arcs: Dense<Arc>,
    /// For each edge of the scene.
    pub(super) courses: Dense<Course>,
    /// Vertices that belong to the left margin and to the right one.
    pub(super) left: Vec<usize>,
    pub(super) right: Vec<usize>,
}

impl Skeleton {
    /// The graph of a scene.
    pub(super) fn of(scene: &Scene, shapes: &[Shape]) -> Skeleton {
        let mut skeleton = Skeleton::default();
        for (number, (node, shape)) in scene.nodes.iter().zip(shapes).enumerate() {
            let (width, height) = (shape.width, shape.height);
            skeleton.vertices.add(Sized { vertex: Vertex::Node(number), width, height });
            match node.kind {
                Kind::Input | Kind::Entry => skeleton.left.push(number),
                Kind::Output | Kind::Exit => skeleton.right.push(number),
                Kind::Flow | Kind::Function | Kind::Source | Kind::Sink => {}
            }
        }
        let is_back = back_edges(scene);
        for (edge, is_back) in scene.edges.iter().zip(is_back.iter().copied()) {
            let label = skeleton.label(&edge.label);
            let (from, to) = (edge.from.node, edge.to.node);
            let arcs = if is_back {
                let (before, behind) = (skeleton.turn(), skeleton.turn());
                skeleton.arc(before, to, 1);
                skeleton.arc(from, behind, 1);
                skeleton.line(before, label, behind)
            } else {
                skeleton.line(from, label, to)
            };
            skeleton.courses.add(Course { is_back, arcs, label });
        }
        skeleton
    }

    fn label(&mut self, text: &str) -> Option<usize> {
        if text.is_empty() {
            return None;
        }
        let width = width(&label_text(text), SMALL) + 10.0;
        Some(self.vertices.add(Sized { vertex: Vertex::Label, width, height: LABEL }))
    }

    fn turn(&mut self) -> usize {
        self.vertices.add(Sized { vertex: Vertex::Turn, width: 1.0, height: 1.0 })
    }

    fn arc(&mut self, from: usize, to: usize, length: i32) -> usize {
        self.arcs.add(Arc { from, to, length })
    }

    fn line(&mut self, from: usize, label: Option<usize>, to: usize) -> Vec<usize> {
        match label {
            Some(label) => vec![self.arc(from, label, 1), self.arc(label, to, 1)],
            None => vec![self.arc(from, to, 2)],
        }
    }
}

/// The height of a label above and below its line, and where in it the line is.
pub(super) const LABEL: f64 = 18.0;
pub(super) const LABEL_LINE: f64 = 15.0;

/// Which edges close circles, if one walks from the inputs and the sources along the edges in their order.
fn back_edges(scene: &Scene) -> Vec<bool> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        OnPath,
        Done,
    }
    let count = scene.nodes.len();
    let mut leaving: Dense<Vec<usize>> = Dense::of(Vec::new(), count);
    let mut is_entered = Dense::of(false, count);
    for (number, edge) in scene.edges.iter().enumerate() {
        leaving[edge.from.node].push(number);
        is_entered[edge.to.node] |= edge.from.node != edge.to.node;
    }
    let (first, second): (Vec<usize>, Vec<usize>) = (0..count).partition(|node| !is_entered[*node]);
    let mut marks = Dense::of(Mark::New, count);
    let mut is_back = Dense::of(false, scene.edges.len());
    for start in first.into_iter().chain(second) {
        if marks[start] != Mark::New {
            continue;
        }
        marks[start] = Mark::OnPath;
        let mut path = vec![(start, 0)];
        while let Some((node, next)) = path.last_mut() {
            let Some(edge) = leaving[*node].get(*next).copied() else {
                marks[*node] = Mark::Done;
                path.pop();
                continue;
            };
            *next += 1;
            let to = scene.edges.get(edge).map_or(0, |edge| edge.to.node);
            match marks[to] {
                Mark::New => {
                    marks[to] = Mark::OnPath;
                    path.push((to, 0));
                }
                Mark::OnPath => is_back[edge] = true,
                Mark::Done => {}
            }
        }
    }
    is_back.0
}
