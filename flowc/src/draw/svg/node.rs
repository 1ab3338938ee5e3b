//! Nodes: boxes with ports, frames, and the signs for a flow's own inputs and outputs.

use super::super::layout::shape::{
    PADDING, PORT, RADIUS, header, port_name, subtitle, title, value_text, value_width,
};
use super::super::layout::{Area, Placed};
use super::super::scene::{Kind, Node, Occasion, Port};
use super::super::text::{bold_width, width};
use super::markup::{Escaped, Length, Markup};

/// How round boxes are.
const ROUND: f64 = 9.0;

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Flow => "flow",
        Kind::Function => "function",
        Kind::Source => "source",
        Kind::Sink => "sink",
        Kind::Input | Kind::Output | Kind::Entry | Kind::Exit => "sign",
    }
}

/// What tells kinds apart where colours do not.
pub(super) fn symbol(kind: Kind) -> &'static str {
    match kind {
        Kind::Flow => {
            "M4.5 4 H9 V11 M4.5 11 H11 M3 2.5 h1.5 v3 h-3 v-3 Z M3 9.5 h1.5 v3 h-3 v-3 Z M11 9.5 h1.5 v3 h-3 v-3 Z"
        }
        Kind::Function => "M10 2.6 C7.6 1.7 6.9 3.4 6.6 5 L5.4 11 C5.1 12.6 4.2 13.4 2.6 12.8 M4 6.6 H9",
        Kind::Source => "M6 2 H2 V13 H6 M5 7.5 H13 M10 4.5 L13 7.5 L10 10.5",
        Kind::Sink => "M9 2 H13 V13 H9 M1.5 7.5 H9 M6 4.5 L9 7.5 L6 10.5",
        Kind::Input | Kind::Output | Kind::Entry | Kind::Exit => "",
    }
}

/// A box that is a flow or a function.
pub(super) fn process(markup: &mut Markup, node: &Node, placed: &Placed, links: &[String]) {
    let Area { x, y, width, height } = placed.area;
    begin(markup, node, class(node.kind), links);
    let head = header(node);
    if node.kind == Kind::Flow {
        // One more sheet below says that there is more in it.
        rect(markup, "deck", Area { x: x + 6.0, y: y + 10.0, width: width - 12.0, height: height - 5.0 });
    }
    rect(markup, "body", placed.area);
    let (left, right, bottom) = (Length(x), Length(x + width), Length(y + head));
    let (upper, inner_left, inner_right) = (Length(y), Length(x + ROUND), Length(x + width - ROUND));
    let corner = Length(y + ROUND);
    markup.line(format_args!(
        r#"<path class="head" d="M{left} {bottom} V{corner} Q{left} {upper} {inner_left} {upper} H{inner_right} Q{right} {upper} {right} {corner} V{bottom} Z"/>"#
    ));
    markup.line(format_args!(
        r#"<path class="symbol" transform="translate({} {})" d="{}"/>"#,
        Length(x + width - PADDING - 13.0),
        Length(y + 9.0),
        symbol(node.kind)
    ));
    markup.text("name", x + PADDING, y + 21.0, &title(node));
    markup.text("origin", x + PADDING, y + 38.0, &subtitle(node));
    end(markup, node, links);
    ports(markup, node, placed);
}

/// A flow with what is in it.
pub(super) fn frame(markup: &mut Markup, node: &Node, placed: &Placed, links: &[String]) {
    let Area { x, y, .. } = placed.area;
    begin(markup, node, "frame", links);
    rect(markup, "", placed.area);
    markup.text("name", x + PADDING, y + 21.0, &title(node));
    markup.text("origin", x + PADDING, y + 38.0, &subtitle(node));
    end(markup, node, links);
    let (left, right) = (x, x + placed.area.width);
    for (x, heights) in [(left, &placed.inputs), (right, &placed.outputs)] {
        for y in heights {
            dot(markup, "port", x, *y);
        }
    }
}

/// The line between the edge of a frame and what is in it.
pub(super) fn pin(markup: &mut Markup, kind: Kind, placed: &Placed, frame: Area) {
    let Area { x, width, .. } = placed.area;
    let (from, to, y) = match kind {
        Kind::Entry => (frame.x + RADIUS, x + width + RADIUS, placed.outputs.first()),
        _ => (x - RADIUS, frame.x + frame.width - RADIUS, placed.inputs.first()),
    };
    if let Some(y) = y {
        let (from, to, y) = (Length(from), Length(to), Length(*y));
        markup.line(format_args!(r#"<g class="edge"><path d="M{from} {y} H{to}"/></g>"#));
    }
}

/// An input or output of the flow itself.
pub(super) fn sign(markup: &mut Markup, node: &Node, placed: &Placed) {
    let Area { x, y, width, height } = placed.area;
    begin(markup, node, "sign", &[]);
    let (left, right) = (Length(x), Length(x + width));
    let (shoulder, middle) = (Length(x + width - 12.0), Length(y + height / 2.0));
    let (upper, lower) = (Length(y), Length(y + height));
    markup.line(format_args!(
        r#"<path class="outline" d="M{left} {upper} H{shoulder} L{right} {middle} L{shoulder} {lower} H{left} Z"/>"#
    ));
    let text = title(node);
    markup.text("", x + 12.0, y + height / 2.0 + 4.3, &text);
    let after = if text.is_empty() { 0.0 } else { bold_width(&text, PORT) + 8.0 };
    for port in &node.outputs {
        value(markup, port, x + 12.0 + after, y + height / 2.0);
    }
    end(markup, node, &[]);
    let port = |markup: &mut Markup, x: f64, ports: &[f64]| {
        if let Some(y) = ports.first() {
            dot(markup, "port", x, *y);
        }
    };
    port(markup, x, &placed.inputs);
    port(markup, x + width, &placed.outputs);
}

fn begin(markup: &mut Markup, node: &Node, class: &str, links: &[String]) {
    if let Some(link) = node.drawing.and_then(|drawing| links.get(drawing)) {
        markup.line(format_args!(r#"<a href="{}">"#, Escaped(link)));
    }
    markup.line(format_args!(r#"<g class="{class}">"#));
    markup.hover(&node.hover);
}

fn end(markup: &mut Markup, node: &Node, links: &[String]) {
    markup.line(format_args!("</g>"));
    if node.drawing.is_some_and(|drawing| links.get(drawing).is_some()) {
        markup.line(format_args!("</a>"));
    }
}

fn rect(markup: &mut Markup, class: &str, area: Area) {
    let (x, y) = (Length(area.x), Length(area.y));
    let (width, height) = (Length(area.width), Length(area.height));
    markup.line(format_args!(
        r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{ROUND}"/>"#
    ));
}

fn dot(markup: &mut Markup, class: &str, x: f64, y: f64) {
    let (x, y) = (Length(x), Length(y));
    markup.line(format_args!(r#"<circle class="{class}" cx="{x}" cy="{y}" r="{RADIUS}"/>"#));
}

fn ports(markup: &mut Markup, node: &Node, placed: &Placed) {
    let (left, right) = (placed.area.x, placed.area.x + placed.area.width);
    for (port, y) in node.inputs.iter().zip(&placed.inputs) {
        markup.line(format_args!("<g>"));
        markup.hover(&port.hover);
        dot(markup, "port", left, *y);
        let name = port_name(port);
        markup.text("", left + PADDING, y + 4.3, &name);
        let after = if name.is_empty() { 0.0 } else { width(&name, PORT) + 8.0 };
        markup.line(format_args!("</g>"));
        value(markup, port, left + PADDING + after, *y);
    }
    for (port, y) in node.outputs.iter().zip(&placed.outputs) {
        markup.line(format_args!("<g>"));
        markup.hover(&port.hover);
        dot(markup, if port.is_copy { "port copy" } else { "port" }, right, *y);
        let class = if port.is_copy { "end copied" } else { "end" };
        markup.text(class, right - PADDING, y + 4.3, &port_name(port));
        markup.line(format_args!("</g>"));
    }
}

/// The field with an initial value.
fn value(markup: &mut Markup, port: &Port, x: f64, y: f64) {
    let (Some(initializer), Some(text)) = (&port.initializer, value_text(port)) else { return };
    let (class, word) = match initializer.occasion {
        Occasion::Once => ("once", "once"),
        Occasion::Always => ("always", "always"),
    };
    markup.line(format_args!(r#"<g class="{class}">"#));
    markup.hover(&format!("{word} {}", initializer.text));
    field(markup, x, y, &text);
    markup.line(format_args!("</g>"));
}

pub(super) fn field(markup: &mut Markup, x: f64, y: f64, text: &str) {
    let width = value_width(text);
    markup.line(format_args!(
        r#"<rect x="{}" y="{}" width="{}" height="17" rx="8.5"/>"#,
        Length(x),
        Length(y - 8.5),
        Length(width)
    ));
    markup.text("value", x + width / 2.0, y + 4.0, text);
}
