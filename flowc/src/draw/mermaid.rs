//! A drawing as a Mermaid flowchart.

use super::dot::{Side, Step, Walk, id, inside, occasion};
use super::layout::label_text;
use super::layout::shape::{port_name, subtitle, title, value_text};
use super::scene::{Drawing, End, Kind, Node, Scene};
use std::fmt::{self, Write};

/// The flowchart of a drawing. Links lead to the file names given, by drawing.
pub(super) fn render(drawing: &Drawing, links: &[String]) -> String {
    let mut text = String::new();
    let mut line = |line: fmt::Arguments<'_>| {
        // Writing to a string cannot fail.
        text.write_fmt(line).unwrap_or_default();
        text.push('\n');
    };
    // The heading is YAML, in which strings of JSON are strings.
    let heading = flowcore::Value::from(super::text::one_line(&drawing.title));
    line(format_args!("---\ntitle: {heading}\n---\nflowchart LR"));
    for step in Walk::new(drawing) {
        match step {
            Step::Begin(id, node, _) => line(format_args!("subgraph {id}[\"{}\"]", Escaped(&title(node)))),
            Step::End => line(format_args!("end")),
            Step::Node(id, node) => {
                let (open, close, class) = brackets(node.kind);
                line(format_args!("{id}{open}\"{}\"{close}:::{class}", content(node)));
                if let Some(link) = node.drawing.and_then(|drawing| links.get(drawing)) {
                    line(format_args!("click {id} href \"{link}\""));
                }
            }
        }
    }
    for (number, scene) in drawing.scenes.iter().enumerate() {
        for edge in &scene.edges {
            let from = end(drawing, number, scene, edge.from, Side::Output);
            let to = end(drawing, number, scene, edge.to, Side::Input);
            let label = words(scene, edge);
            let (plain, tip) = match (edge.is_copy, is_exit(scene, edge.to)) {
                (false, false) => ("--", "-->"),
                (false, true) => ("--", "---"),
                (true, false) => ("-.", ".->"),
                (true, true) => ("-.", ".-"),
            };
            match label.is_empty() {
                true if edge.is_copy => line(format_args!("{from} -{tip} {to}")),
                true => line(format_args!("{from} {tip} {to}")),
                false => line(format_args!("{from} {plain} \"{}\" {tip} {to}", Escaped(&label))),
            }
        }
    }
    line(format_args!("classDef flow fill:#17786a,stroke:#0f5a4f,color:#ffffff"));
    line(format_args!("classDef function fill:#2f6db0,stroke:#234f80,color:#ffffff"));
    line(format_args!("classDef context fill:#a5520f,stroke:#7a3c0a,color:#ffffff"));
    line(format_args!("classDef sign fill:#f5f8fb,stroke:#5d6b7a,color:#1d2733"));
    line(format_args!("classDef pin fill:#76879a,stroke:#76879a,color:#76879a"));
    text
}

fn brackets(kind: Kind) -> (&'static str, &'static str, &'static str) {
    match kind {
        Kind::Flow => ("[[", "]]", "flow"),
        Kind::Function => ("(", ")", "function"),
        Kind::Source | Kind::Sink => ("[/", "/]", "context"),
        Kind::Input | Kind::Output => ("([", "])", "sign"),
        Kind::Entry | Kind::Exit => ("((", "))", "pin"),
    }
}

/// What is written in a node.
fn content(node: &Node) -> String {
    let mut lines = vec![title(node)];
    if !node.subtitle.is_empty() {
        lines.push(subtitle(node));
    }
    for port in node.inputs.iter().chain(&node.outputs) {
        if let Some(value) = value_text(port) {
            let name = port_name(port);
            let name = if name.is_empty() { String::new() } else { name + " = " };
            lines.push(format!("{name}{value}{}", occasion(port)));
        }
    }
    let lines: Vec<String> = lines.iter().map(|line| Escaped(line).to_string()).collect();
    // A node without text is no node.
    let text = lines.join("<br/>");
    if text.is_empty() { "#160;".to_owned() } else { text }
}

fn is_exit(scene: &Scene, end: End) -> bool {
    scene.nodes.get(end.node).is_some_and(|node| node.kind == Kind::Exit)
}

fn end(drawing: &Drawing, number: usize, scene: &Scene, end: End, side: Side) -> String {
    inside(drawing, scene, end, side).unwrap_or_else(|| id(number, end.node))
}

/// The names of the ports that an edge joins, and its label.
fn words(scene: &Scene, edge: &super::scene::Edge) -> String {
    let from = scene.output(edge.from).map(port_name).unwrap_or_default();
    let to = scene.input(edge.to).map(port_name).unwrap_or_default();
    let is_sign = |end: End| {
        scene.nodes.get(end.node).is_some_and(|node| matches!(node.kind, Kind::Input | Kind::Output))
    };
    // At an input or output of the flow itself, the name is there already.
    let from = if is_sign(edge.from) { String::new() } else { from };
    let to = if is_sign(edge.to) || to.is_empty() { String::new() } else { format!("\u{2192} {to}") };
    let words = [from, to, label_text(&edge.label)];
    let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Text that Mermaid shows as it is.
struct Escaped<'text>(&'text str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '"' | '#' | '&' | '<' | '>' | '`' | ';' | '\\' | '*' | '_' | '~' => {
                    write!(formatter, "#{};", u32::from(character))?;
                }
                character if character.is_control() => formatter.write_char(' ')?,
                character => formatter.write_char(character)?,
            }
        }
        Ok(())
    }
}
