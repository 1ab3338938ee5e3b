//! A drawing as DOT, for graphviz.

use super::layout::label_text;
use super::layout::shape::{port_name, subtitle, title, value_text};
use super::scene::{Drawing, End, Kind, Node, Occasion, Port, Scene};
use super::svg::markup::Escaped;
use std::fmt::{self, Write};

/// The DOT of a drawing. Links lead to the file names given, by drawing.
pub(super) fn render(drawing: &Drawing, links: &[String]) -> String {
    let mut text = String::new();
    let heading = if drawing.description.is_empty() {
        drawing.title.clone()
    } else {
        format!("{}\n{}", drawing.title, drawing.description)
    };
    let mut line = |line: fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        text.write_fmt(line).unwrap_or_default();
        text.push('\n');
    };
    line(format_args!("digraph {} {{", Quoted(&drawing.title)));
    line(format_args!("rankdir=LR; labelloc=t; label={};", Quoted(&heading)));
    if let Some(link) = drawing.parents.first().and_then(|parent| links.get(parent.drawing)) {
        line(format_args!("URL={};", Quoted(link)));
    }
    line(format_args!("graph [fontname=\"Helvetica,Arial,sans-serif\"];"));
    line(format_args!("node [fontname=\"Helvetica,Arial,sans-serif\", fontsize=11, shape=plain];"));
    line(format_args!("edge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=10, color=\"#607285\"];"));
    for step in Walk::new(drawing) {
        match step {
            Step::Begin(_, node, frame) => {
                line(format_args!(
                    "subgraph cluster_{frame} {{ label={}; style=rounded; color=\"#17786a\";",
                    Quoted(&title(node))
                ));
            }
            Step::End => line(format_args!("}}")),
            Step::Node(id, node) => {
                let link = node.drawing.and_then(|drawing| links.get(drawing));
                let link = link.map(|link| format!(", URL={}", Quoted(link))).unwrap_or_default();
                let tip = Quoted(&node.hover);
                match node.kind {
                    Kind::Entry | Kind::Exit => {
                        line(format_args!("{id} [shape=point, width=0.06, label=\"\"];"))
                    }
                    Kind::Input | Kind::Output => line(format_args!(
                        "{id} [shape=cds, label={}, tooltip={tip}, margin=\"0.12,0.06\"];",
                        Quoted(&sign(node))
                    )),
                    _ => line(format_args!("{id} [label=<{}>, tooltip={tip}{link}];", table(node))),
                }
            }
        }
    }
    for (number, scene) in drawing.scenes.iter().enumerate() {
        for edge in &scene.edges {
            let from = end(drawing, number, scene, edge.from, Side::Output);
            let to = end(drawing, number, scene, edge.to, Side::Input);
            let style = if edge.is_copy { ", style=dashed" } else { "" };
            let tip = if is_exit(scene, edge.to) { ", arrowhead=none" } else { "" };
            let (label, hover) = (label_text(&edge.label), Quoted(&edge.hover));
            line(format_args!("{from} -> {to} [label={}, edgetooltip={hover}{style}{tip}];", Quoted(&label)));
        }
    }
    line(format_args!("}}"));
    text
}

/// A string that graphviz takes literally.
struct Quoted<'text>(&'text str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' => formatter.write_str("\\\"")?,
                '\\' => formatter.write_str("\\\\")?,
                '\n' => formatter.write_str("\\n")?,
                // Names of characters are replaced in all strings.
                '&' => formatter.write_str("&amp;")?,
                character if character.is_control() => formatter.write_char(' ')?,
                character => formatter.write_char(character)?,
            }
        }
        formatter.write_char('"')
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Input,
    Output,
}

fn is_exit(scene: &Scene, end: End) -> bool {
    scene.nodes.get(end.node).is_some_and(|node| node.kind == Kind::Exit)
}

/// An end of an edge; at a frame, the place inside it.
fn end(drawing: &Drawing, number: usize, scene: &Scene, end: End, side: Side) -> String {
    if let Some(inside) = inside(drawing, scene, end, side) {
        return inside;
    }
    let letter = if side == Side::Input { 'i' } else { 'o' };
    let compass = if side == Side::Input { 'w' } else { 'e' };
    match scene.nodes.get(end.node).map(|node| node.kind) {
        Some(Kind::Entry | Kind::Exit) => id(number, end.node),
        Some(Kind::Input | Kind::Output) => format!("{}:{compass}", id(number, end.node)),
        _ => format!("{}:{letter}{}:{compass}", id(number, end.node), end.port),
    }
}

/// The node inside a frame that a port of the frame leads to.
pub(super) fn inside(drawing: &Drawing, scene: &Scene, end: End, side: Side) -> Option<String> {
    let frame = scene.nodes.get(end.node)?.frame?;
    let kind = if side == Side::Input { Kind::Entry } else { Kind::Exit };
    let pins = drawing.scenes.get(frame)?.nodes.iter().enumerate().filter(|(_, node)| node.kind == kind);
    pins.map(|(number, _)| id(frame, number)).nth(end.port)
}

/// What a node is called in the text.
pub(super) fn id(scene: usize, node: usize) -> String {
    format!("s{scene}n{node}")
}

fn sign(node: &Node) -> String {
    let values = node.outputs.iter().filter_map(|port| Some((port, value_text(port)?)));
    let values: String = values.map(|(port, text)| format!(" = {text}{}", occasion(port))).collect();
    title(node) + &values
}

/// How often a value is given, in words.
pub(super) fn occasion(port: &Port) -> &'static str {
    match port.initializer.as_ref().map(|value| value.occasion) {
        Some(Occasion::Once) => " (once)",
        Some(Occasion::Always) => " (always)",
        None => "",
    }
}

fn table(node: &Node) -> String {
    let colour = match node.kind {
        Kind::Flow => "#17786a",
        Kind::Source | Kind::Sink => "#a5520f",
        _ => "#2f6db0",
    };
    let rows = node.inputs.len().max(node.outputs.len());
    let (border, style) = if node.kind == Kind::Flow { (3, "ROUNDED") } else { (1, "ROUNDED") };
    let mut table = format!(
        r##"<TABLE BORDER="{border}" STYLE="{style}" COLOR="{colour}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4"><TR><TD COLSPAN="2" BGCOLOR="{colour}"><FONT COLOR="#ffffff"><B>{}</B></FONT></TD></TR>"##,
        Escaped(&title(node))
    );
    let small = subtitle(node);
    if !small.is_empty() {
        table.push_str(&format!(
            r##"<TR><TD COLSPAN="2"><FONT POINT-SIZE="9" COLOR="#5d6b7a">{}</FONT></TD></TR>"##,
            Escaped(&small)
        ));
    }
    for row in 0..rows {
        let cell = |port: Option<&Port>, letter: char, align: &str| match port {
            Some(port) => {
                let value =
                    value_text(port).map(|text| format!("{} = {text}{}", port_name(port), occasion(port)));
                let text = value.unwrap_or_else(|| port_name(port));
                // A cell without text has no size.
                let text = if text.is_empty() { "\u{a0}".to_owned() } else { text };
                let text = Escaped(&text).to_string();
                let text = if port.is_copy { format!("<I>{text}</I>") } else { text };
                format!(r#"<TD PORT="{letter}{row}" ALIGN="{align}">{text}</TD>"#)
            }
            None => "<TD></TD>".to_owned(),
        };
        let (input, output) = (node.inputs.get(row), node.outputs.get(row));
        table.push_str(&format!("<TR>{}{}</TR>", cell(input, 'i', "LEFT"), cell(output, 'o', "RIGHT")));
    }
    table + "</TABLE>"
}

/// A step on the way through a drawing, frames nested.
pub(super) enum Step<'run> {
    /// A frame begins.
    Begin(String, &'run Node, usize),
    /// The innermost frame ends.
    End,
    /// Any other node.
    Node(String, &'run Node),
}

/// The way through a drawing, frames nested.
pub(super) struct Walk<'run> {
    drawing: &'run Drawing,
    /// The scenes around, and the next node in each.
    path: Vec<(usize, usize)>,
}

impl<'run> Walk<'run> {
    pub(super) fn new(drawing: &'run Drawing) -> Walk<'run> {
        Walk { drawing, path: vec![(0, 0)] }
    }
}

impl<'run> Iterator for Walk<'run> {
    type Item = Step<'run>;

    fn next(&mut self) -> Option<Step<'run>> {
        let (scene, next) = self.path.last_mut()?;
        let (number, at) = (*scene, *next);
        *next += 1;
        match self.drawing.scenes.get(number).and_then(|scene| scene.nodes.get(at)) {
            Some(node) => Some(match node.frame {
                Some(frame) => {
                    self.path.push((frame, 0));
                    Step::Begin(id(number, at), node, frame)
                }
                None => Step::Node(id(number, at), node),
            }),
            None => {
                self.path.pop();
                // The outermost scene is no frame.
                (!self.path.is_empty()).then_some(Step::End)
            }
        }
    }
}
