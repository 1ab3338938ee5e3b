//! Columns of boxes, labels, and places where edges pass between them.

use super::dense::Dense;
use super::rank::Ranks;
use super::shape::Shape;
use super::skeleton::{LABEL_LINE, Skeleton, Vertex};
use crate::draw::scene::{End, Scene};
use std::collections::BTreeSet;

/// As many places where edges pass as are worth their while; beyond, edges go straight from end to end.
const MOST_BENDS: usize = 60_000;

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A node of the scene; these come first, so the item has the number of the node.
    Node,
    /// The label of an edge.
    Label,
    /// A place where an edge passes.
    Bend,
}

/// One thing in a column.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) piece: Piece,
    pub(super) column: usize,
    pub(super) width: f64,
    pub(super) height: f64,
    /// Its upper edge.
    pub(super) top: f64,
}

/// Where on an item a line begins or ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// At a label or a bend.
    Line,
    /// At an input of a node.
    Input(usize),
    /// At an output of a node.
    Output(usize),
}

/// A line between items of neighbouring columns, or, where an edge turns round, of the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) left: (usize, Anchor),
    pub(super) right: (usize, Anchor),
}

/// The way of an edge.
#[derive(Clone, Debug, Default)]
pub(super) struct Chain {
    pub(super) is_back: bool,
    /// Labels and bends, from left to right.
    pub(super) pieces: Vec<usize>,
    pub(super) label: Option<usize>,
}

/// All columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Network {
    pub(super) items: Dense<Item>,
    /// From left to right, each from top to bottom.
    pub(super) columns: Dense<Vec<usize>>,
    /// For each edge of the scene.
    pub(super) chains: Dense<Chain>,
    /// For each node of the scene.
    pub(super) shapes: Dense<Shape>,
    /// The ends of the edges of the scene.
    pub(super) ends: Dense<(End, End)>,
}

impl Network {
    /// The columns of a scene.
    pub(super) fn new(scene: &Scene, shapes: Vec<Shape>, skeleton: &Skeleton, ranks: &Ranks) -> Network {
        let is_seen = |vertex: usize| skeleton.vertices[vertex].vertex != Vertex::Turn;
        let seen: BTreeSet<i32> =
            (0..skeleton.vertices.len()).filter(|v| is_seen(*v)).map(|v| ranks.of[v]).collect();
        let columns: Vec<i32> = seen.into_iter().collect();
        let column = |rank: i32| columns.partition_point(|known| *known < rank);
        let mut network = Network { shapes: Dense(shapes), ..Network::default() };
        let mut heights = Dense::default();
        let mut item_of = Dense::of(0, skeleton.vertices.len());
        for (number, sized) in skeleton.vertices.iter().enumerate().filter(|(v, _)| is_seen(*v)) {
            let piece = if matches!(sized.vertex, Vertex::Node(_)) { Piece::Node } else { Piece::Label };
            let (width, height) = (sized.width, sized.height);
            let column = column(ranks.of[number]);
            item_of[number] = network.items.add(Item { piece, column, width, height, top: 0.0 });
            heights.add(ranks.height[number]);
        }
        for (edge, course) in scene.edges.iter().zip(skeleton.courses.iter()) {
            network.ends.add((edge.from, edge.to));
            let label = course.label.map(|label| item_of[label]);
            let mut pieces: Vec<usize> = label.into_iter().collect();
            let (from, to) = (ranks.of[edge.from.node], ranks.of[edge.to.node]);
            let (first, last) = if course.is_back {
                let label = course.label.map(|label| ranks.of[label]);
                (to.min(label.unwrap_or(to)), from.max(label.unwrap_or(from)))
            } else {
                (from + 1, to - 1)
            };
            for arc in &course.arcs {
                let (left, right) = (skeleton.arcs[*arc].from, skeleton.arcs[*arc].to);
                let range = (ranks.of[left] + 1).max(first)..(ranks.of[right]).min(last + 1);
                if network.items.len() > MOST_BENDS && !course.is_back {
                    continue;
                }
                let between = columns.iter().skip(column(range.start)).take_while(|rank| **rank < range.end);
                for rank in between.copied() {
                    let known = ranks.crossings[*arc].iter().find(|crossing| crossing.0 == rank);
                    let height = known.map(|crossing| crossing.1).unwrap_or_else(|| {
                        let run = f64::from((ranks.of[right] - ranks.of[left]).max(1));
                        let part = f64::from(rank - ranks.of[left]) / run;
                        ranks.height[left] + (ranks.height[right] - ranks.height[left]) * part
                    });
                    let item =
                        Item { piece: Piece::Bend, column: column(rank), width: 0.0, height: 0.0, top: 0.0 };
                    pieces.push(network.items.add(item));
                    heights.add(height);
                }
            }
            pieces.sort_by_key(|piece| network.items[*piece].column);
            network.chains.add(Chain { is_back: course.is_back, pieces, label });
        }
        network.columns = Dense::of(Vec::new(), columns.len());
        for (number, item) in network.items.iter().enumerate() {
            network.columns[item.column].push(number);
        }
        for column in network.columns.iter_mut() {
            column.sort_by(|one, other| heights[*one].total_cmp(&heights[*other]));
        }
        network
    }

    /// How far below its upper edge an item has this anchor.
    pub(super) fn offset(&self, item: usize, anchor: Anchor) -> f64 {
        match anchor {
            Anchor::Line if self.items[item].piece == Piece::Label => LABEL_LINE,
            Anchor::Line => 0.0,
            Anchor::Input(port) => self.shapes[item].inputs[port],
            Anchor::Output(port) => self.shapes[item].outputs[port],
        }
    }

    /// How far down an anchor is.
    pub(super) fn height(&self, (item, anchor): (usize, Anchor)) -> f64 {
        self.items[item].top + self.offset(item, anchor)
    }

    /// The lines of an edge, from left to right; the first and the last of one that runs back stay in their columns.
    pub(super) fn links(&self, edge: usize) -> Vec<Link> {
        let (from, to) = self.ends[edge];
        let (from, to) = ((from.node, Anchor::Output(from.port)), (to.node, Anchor::Input(to.port)));
        let chain = &self.chains[edge];
        let (first, last) = if chain.is_back { (to, from) } else { (from, to) };
        let pieces = chain.pieces.iter().map(|piece| (*piece, Anchor::Line));
        let stops: Vec<(usize, Anchor)> = [first].into_iter().chain(pieces).chain([last]).collect();
        let pairs = stops.iter().copied().zip(stops.iter().copied().skip(1));
        pairs.map(|(left, right)| Link { left, right }).collect()
    }

    /// The space between two items of a column, the lower one below the upper one.
    pub(super) fn gap(&self, upper: usize, lower: usize) -> f64 {
        match (self.items[upper].piece, self.items[lower].piece) {
            (Piece::Node, Piece::Node) => {
                let is_small = self.items[upper].height.max(self.items[lower].height) < 35.0;
                if is_small { 18.0 } else { 30.0 }
            }
            (Piece::Node, _) | (_, Piece::Node) => 16.0,
            (Piece::Label, _) | (_, Piece::Label) => 6.0,
            (Piece::Bend, Piece::Bend) => 13.0,
        }
    }
}
