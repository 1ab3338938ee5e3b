//! How large nodes are, and where their ports are on their edges.

use super::Plan;
use super::dense::Dense;
use crate::draw::scene::{Kind, Node, Port};
use crate::draw::text::{bold_width, shorten, shorten_front, width};

/// Sizes of fonts.
pub(in crate::draw) const TITLE: f64 = 14.0;
pub(in crate::draw) const SMALL: f64 = 11.0;
pub(in crate::draw) const PORT: f64 = 12.0;
/// The height of a line of ports.
const ROW: f64 = 24.0;
/// Between the edge of a box and what is written in it.
pub(in crate::draw) const PADDING: f64 = 14.0;
/// Between a frame and what is drawn in it.
pub(in crate::draw) const FRAME: f64 = 18.0;
/// The radius of a port.
pub(in crate::draw) const RADIUS: f64 = 4.5;
/// The width of the symbol that tells what a process is, with the gap before it.
pub(in crate::draw) const SYMBOL: f64 = 26.0;

/// The size of a node, and where its ports are below its upper edge.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Shape {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) inputs: Dense<f64>,
    pub(super) outputs: Dense<f64>,
    /// Whether ports must stay where they are.
    pub(super) is_fixed: bool,
}

/// The height of what stands above the ports.
pub(in crate::draw) fn header(node: &Node) -> f64 {
    if node.subtitle.is_empty() { 32.0 } else { 47.0 }
}

/// The title as it is written.
pub(in crate::draw) fn title(node: &Node) -> String {
    shorten(&node.title, 36)
}

/// The subtitle as it is written.
pub(in crate::draw) fn subtitle(node: &Node) -> String {
    shorten_front(&node.subtitle, 44)
}

/// A port's name as it is written.
pub(in crate::draw) fn port_name(port: &Port) -> String {
    shorten(&port.name, 28)
}

/// An initial value as it is written.
pub(in crate::draw) fn value_text(port: &Port) -> Option<String> {
    port.initializer.as_ref().map(|value| shorten(&value.text, 18))
}

/// The width of the field with an initial value.
pub(in crate::draw) fn value_width(text: &str) -> f64 {
    (width(text, SMALL) + 14.0).max(20.0)
}

/// The width of what is written at a port.
fn port_width(port: &Port) -> f64 {
    let name = port_name(port);
    let name = if name.is_empty() { 0.0 } else { width(&name, PORT) + 8.0 };
    name + value_text(port).map_or(0.0, |text| value_width(&text) + 6.0)
}

/// The shape of a node; a frame is as large as what is in it.
pub(super) fn shape(node: &Node, inner: Option<&Plan>) -> Shape {
    match node.kind {
        Kind::Entry | Kind::Exit => pin(node),
        Kind::Input | Kind::Output => sign(node),
        Kind::Flow | Kind::Function | Kind::Source | Kind::Sink => match inner {
            Some(plan) => frame(node, plan),
            None => process(node),
        },
    }
}

fn pin(node: &Node) -> Shape {
    let at = |ports: &[Port]| ports.iter().map(|_| 5.0).collect();
    Shape { width: 2.0, height: 10.0, inputs: at(&node.inputs), outputs: at(&node.outputs), is_fixed: true }
}

/// An input or output of the flow: one line and a point to the right.
fn sign(node: &Node) -> Shape {
    let value = node.outputs.iter().filter_map(value_text).map(|text| value_width(&text) + 8.0).sum::<f64>();
    let at = |ports: &[Port]| ports.iter().map(|_| 15.0).collect();
    Shape {
        width: (bold_width(&title(node), PORT) + value + 34.0).max(54.0),
        height: 30.0,
        inputs: at(&node.inputs),
        outputs: at(&node.outputs),
        is_fixed: true,
    }
}

fn process(node: &Node) -> Shape {
    let widest = |ports: &[Port]| ports.iter().map(port_width).fold(0.0, f64::max);
    let (left, right) = (widest(&node.inputs), widest(&node.outputs));
    let between = if left > 0.0 && right > 0.0 { 24.0 } else { 0.0 };
    let ports = left + right + between + 2.0 * PADDING;
    let heading = bold_width(&title(node), TITLE) + 2.0 * PADDING + SYMBOL;
    let below = width(&subtitle(node), SMALL) + 2.0 * PADDING;
    let rows = node.inputs.len().max(node.outputs.len());
    let top = header(node) + 8.0;
    Shape {
        width: ports.max(heading).max(below).max(110.0).ceil(),
        height: top + ROW * rows as f64 + 6.0,
        inputs: slots(node.inputs.len(), rows, top),
        outputs: slots(node.outputs.len(), rows, top),
        is_fixed: false,
    }
}

/// The side with fewer ports has them in the middle.
fn slots(count: usize, rows: usize, top: f64) -> Dense<f64> {
    let free = ROW * rows.saturating_sub(count) as f64 / 2.0;
    (0..count).map(|row| top + free + ROW * (row as f64 + 0.5)).collect()
}

fn frame(node: &Node, plan: &Plan) -> Shape {
    let heading = bold_width(&title(node), TITLE) + 2.0 * PADDING;
    let below = width(&subtitle(node), SMALL) + 2.0 * PADDING;
    let top = header(node) + 4.0;
    let at = |ports: &[f64], count: usize| {
        (0..count).map(|port| top + ports.get(port).copied().unwrap_or(0.0)).collect()
    };
    Shape {
        width: (plan.width + 2.0 * FRAME).max(heading).max(below).ceil(),
        height: top + plan.height + FRAME,
        inputs: at(&plan.entries, node.inputs.len()),
        outputs: at(&plan.exits, node.outputs.len()),
        is_fixed: true,
    }
}
