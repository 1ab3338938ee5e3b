//! Drawings of flows and of the compiled graph, for people.
//!
//! What is to be seen is a [`scene`], made of a definition (`flow`) or of the graph (`compiled`). SVG gives everything in
//! it a place first (`layout`); DOT and Mermaid leave that to the program that reads them.

mod compiled;
mod dot;
mod flow;
mod layout;
mod mermaid;
mod names;
pub mod scene;
mod svg;
mod text;

#[cfg(test)]
mod tests;

use crate::Program;
use crate::definitions::DefinitionId;
use crate::emit;
use crate::hierarchy::FlowId;
use flow::Places;
use scene::{Drawing, Link};
use std::io;
use std::path::{Path, PathBuf};

/// A language that drawings are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Pictures for browsers.
    Svg,
    /// Text for graphviz.
    Dot,
    /// Text for Mermaid.
    Mermaid,
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Format::Svg => "svg",
            Format::Dot => "dot",
            Format::Mermaid => "mmd",
        }
    }

    fn render(self, drawing: &Drawing, links: &[String]) -> String {
        match self {
            Format::Svg => svg::render(drawing, links),
            Format::Dot => dot::render(drawing, links),
            Format::Mermaid => mermaid::render(drawing, links),
        }
    }
}

/// A file with a drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its name.
    pub file: String,
    /// Its content.
    pub text: String,
}

/// Pictures of all flows of a program, the root first, and of the compiled graph, each in all these formats.
pub fn pictures(program: &Program, formats: &[Format]) -> Vec<Picture> {
    let (drawings, names) = drawings(program);
    let mut pictures = Vec::new();
    for (position, format) in formats.iter().enumerate() {
        if formats.iter().take(position).any(|earlier| earlier == format) {
            continue;
        }
        let extension = format.extension();
        let links: Vec<String> =
            names.iter().map(|name| names::as_link(&format!("{name}.{extension}"))).collect();
        for (drawing, name) in drawings.iter().zip(&names) {
            pictures
                .push(Picture { file: format!("{name}.{extension}"), text: format.render(drawing, &links) });
        }
    }
    pictures
}

/// Writes pictures into a directory, which is made if it does not exist.
///
/// # Errors
///
/// Fails where the file system does; gives the path of the file too.
pub fn write(pictures: &[Picture], directory: &Path) -> Result<(), (PathBuf, io::Error)> {
    std::fs::create_dir_all(directory).map_err(|error| (directory.to_owned(), error))?;
    for picture in pictures {
        let path = directory.join(&picture.file);
        emit::replace(&path, &picture.text).map_err(|error| (path.clone(), error))?;
        log::info!("wrote {}", path.display());
    }
    Ok(())
}

/// The drawings and the names of their files, without extension.
fn drawings(program: &Program) -> (Vec<Drawing>, Vec<String>) {
    let hierarchy = &program.hierarchy;
    let mut places = Places::default();
    let mut flows: Vec<(DefinitionId, String)> = Vec::new();
    let mut paths = Vec::new();
    // As they are written: the first use gives the name.
    let mut order = hierarchy.order.clone();
    order.sort_unstable();
    for id in order {
        let definition = hierarchy.flow(id).definition;
        if places.of.contains_key(&definition) {
            continue;
        }
        let path = aliases(program, id);
        let name = &hierarchy.definitions.get(definition).definition.name().value;
        let alias = path.last().map_or("", String::as_str);
        places.of.insert(definition, flows.len());
        flows.push((definition, if name.is_empty() { alias.to_owned() } else { name.clone() }));
        paths.push(path);
    }
    for (number, (definition, title)) in flows.iter().enumerate() {
        for child in &hierarchy.definitions.get(*definition).children {
            if let Some(used) = places.of.get(&child.definition) {
                let link = Link { title: title.clone(), drawing: number };
                let users = places.used_in.entry(*used).or_default();
                if users.last() != Some(&link) {
                    users.push(link);
                }
            }
        }
    }
    let mut drawings: Vec<Drawing> =
        flows.iter().map(|(id, title)| flow::drawing(program, *id, title, &places)).collect();
    let root = paths.first().and_then(|path| path.first()).cloned().unwrap_or_default();
    let title = flows.first().map_or("", |(_, title)| title);
    match compiled::drawing(program, &format!("{title}, compiled"), &places) {
        Some(mut compiled) => {
            compiled.parents.push(Link { title: title.to_owned(), drawing: 0 });
            drawings.push(compiled);
            paths.push(vec![format!("{root}.compiled")]);
        }
        None => log::info!("the compiled graph is too large to be drawn; the flows are drawn"),
    }
    (drawings, names::file_names(&paths))
}

/// The aliases that lead to a flow, from the root's name on; of those in between only as many as a name can have.
fn aliases(program: &Program, id: FlowId) -> Vec<String> {
    const MOST: usize = 20;
    let hierarchy = &program.hierarchy;
    let mut aliases = Vec::new();
    let mut next = id;
    while let Some((parent, child)) = hierarchy.flow(next).parent {
        if aliases.len() == MOST {
            break;
        }
        aliases.extend(hierarchy.child(parent, child).map(|child| child.alias.clone()));
        next = parent;
    }
    if aliases.len() < MOST {
        aliases.push(hierarchy.flow_definition(next).definition.name().value.clone());
    }
    aliases.reverse();
    aliases
}
