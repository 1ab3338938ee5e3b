//! From the graph to the manifest, and to its file.

mod replace;

pub(crate) use replace::replace;

use crate::graph::{Edge, Graph};
use crate::hierarchy::{Hierarchy, Process};
use crate::provided::{Built, Modules};
use flowcore::content::Reference;
use flowcore::manifest::{FlowInfo, FlowManifest, FunctionInfo, InputInfo, OutputConnection, Routes};
use replace::Unfinished;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use url::Url;

/// Whether manifests tell people's names for things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symbols {
    /// Only where the format always has them.
    #[default]
    Stripped,
    /// Names and routes of functions, and routes of destinations.
    Kept,
}

/// Which references a manifest lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum References {
    /// Those of all definitions, as unoptimized manifests have always listed them.
    OfAllDefinitions,
    /// Those of the functions that are left.
    OfKeptFunctions,
}

/// Makes the manifest of a graph.
pub fn manifest(
    hierarchy: &Hierarchy,
    graph: &Graph,
    modules: &Modules,
    symbols: Symbols,
    references: References,
) -> FlowManifest {
    let root = hierarchy.definitions.get(hierarchy.definitions.root);
    let mut manifest = FlowManifest {
        metadata: root.as_flow().map(|flow| flow.metadata.clone()).unwrap_or_default(),
        functions: functions(hierarchy, graph, modules, symbols),
        flows: flows(hierarchy),
        ..FlowManifest::default()
    };
    list_references(hierarchy, graph, references, &mut manifest);
    for module in modules.iter() {
        let key = module.path.to_string_lossy().into_owned();
        manifest.source_urls.insert(key, source_url(&root.url, &module.source));
    }
    manifest
}

/// The URL of a source, relative to the root flow's file: what is written must not depend on where the tree lies. With
/// its scheme in front it is still what every reader of manifests takes for a URL.
fn source_url(root: &Url, source: &Url) -> String {
    let relative = root.make_relative(source).filter(|_| source.scheme() == "file");
    relative.map_or_else(|| source.to_string(), |relative| format!("file:{relative}"))
}

fn functions(
    hierarchy: &Hierarchy,
    graph: &Graph,
    modules: &Modules,
    symbols: Symbols,
) -> BTreeMap<u64, FunctionInfo> {
    let mut functions = BTreeMap::new();
    for (id, function) in hierarchy.functions().filter(|(id, _)| graph.node(*id).is_kept) {
        let (loaded, definition) = hierarchy.function_definition(function);
        let child = hierarchy.child(function.flow, function.child);
        let location = match child.and_then(|child| child.reference.as_ref()) {
            Some(reference) => reference.to_string(),
            None => {
                let module = definition.and_then(|definition| modules.of(loaded, definition));
                module.map(|module| module.location.clone()).unwrap_or_default()
            }
        };
        let mut info = FunctionInfo {
            process_id: hierarchy.number(id),
            parent_id: function.flow.number(),
            implementation_location: location,
            ..FunctionInfo::default()
        };
        if symbols == Symbols::Kept {
            info.name = child.map(|child| child.alias.clone()).unwrap_or_default();
            info.route = hierarchy.function_route(function).into();
        }
        for (input, start) in loaded.definition.inputs().iter().zip(&graph.node(id).inputs) {
            // The first type alone decides how values are converted.
            let first = input.types.first().map(|first| &first.value);
            info.inputs.push(InputInfo {
                name: input.name.value.clone(),
                array_order: first.map_or(0, flowcore::datatype::DataType::array_order),
                generic: first.is_some_and(flowcore::datatype::DataType::is_generic),
                initializer: start.initializer.as_ref().map(|placed| placed.value.clone()),
                flow_initializer: start.flow_initializer.as_ref().map(|placed| placed.value.clone()),
            });
        }
        functions.insert(info.process_id, info);
    }
    for edge in &graph.edges {
        if let Some(info) = functions.get_mut(&hierarchy.number(edge.from)) {
            info.output_connections.push(output_connection(hierarchy, edge, symbols));
        }
    }
    functions
}

fn output_connection(hierarchy: &Hierarchy, edge: &Edge, symbols: Symbols) -> OutputConnection {
    let origin = hierarchy.definitions.get(edge.origin.definition).as_flow();
    let connection = origin.and_then(|flow| flow.connections.get(edge.origin.connection));
    OutputConnection {
        source: edge.source.clone(),
        destination_id: hierarchy.number(edge.to),
        destination_io_number: edge.input,
        destination_parent_id: hierarchy.function(edge.to).flow.number(),
        internal: edge.internal,
        destination: match symbols {
            Symbols::Kept => hierarchy.input_route(edge.to, edge.input).into(),
            Symbols::Stripped => String::new(),
        },
        name: connection.map(|connection| connection.name.value.clone()).unwrap_or_default(),
    }
}

fn flows(hierarchy: &Hierarchy) -> BTreeMap<u64, FlowInfo> {
    let info = |id: &crate::hierarchy::FlowId| {
        let flow = hierarchy.flow(*id);
        let child = |(_, position): &(String, usize)| match flow.children.get(*position) {
            Some(Process::Flow(sub)) => Some(sub.number()),
            _ => None,
        };
        let sub_flow_ids = hierarchy.flow_definition(*id).by_alias.iter().filter_map(child).collect();
        let parent_id = flow.parent.map(|(parent, _)| parent.number());
        (id.number(), FlowInfo { process_id: id.number(), parent_id, sub_flow_ids })
    };
    hierarchy.order.iter().map(info).collect()
}

/// Lists the references to functions of libraries and the runner in a manifest.
pub(crate) fn list_references(
    hierarchy: &Hierarchy,
    graph: &Graph,
    which: References,
    manifest: &mut FlowManifest,
) {
    let children = hierarchy.definitions.iter().flat_map(|(_, loaded)| &loaded.children);
    let all: BTreeSet<&Reference> = children.filter_map(|child| child.reference.as_ref()).collect();
    let mut used: BTreeSet<&Reference> = BTreeSet::new();
    match which {
        References::OfAllDefinitions => used = all,
        References::OfKeptFunctions => {
            for (_, function) in hierarchy.functions().filter(|(id, _)| graph.node(*id).is_kept) {
                let child = hierarchy.child(function.flow, function.child);
                used.extend(child.and_then(|child| child.reference.as_ref()));
            }
            for reference in all.difference(&used) {
                log::info!("left out the reference to {reference}: nothing that is left needs it");
            }
        }
    }
    for reference in used {
        match reference {
            Reference::Library(text) => manifest.lib_references.push(text.clone()),
            Reference::Context(text) => manifest.context_references.push(text.clone()),
        }
    }
}

/// The most text that routes may have together. Only messages use them, and in very deep trees they are very long.
const LONGEST_ROUTES: usize = 16 << 20;

/// The routes of all functions, for messages of the runtime; none if the manifest has them, or if they are too long.
pub fn routes(hierarchy: &Hierarchy, graph: &Graph, symbols: Symbols) -> BTreeMap<u64, String> {
    let mut routes = BTreeMap::new();
    let mut length = 0;
    if symbols == Symbols::Kept {
        return routes;
    }
    for (id, function) in hierarchy.functions().filter(|(id, _)| graph.node(*id).is_kept) {
        let route = String::from(hierarchy.function_route(function));
        length += route.len();
        if length > LONGEST_ROUTES {
            return BTreeMap::new();
        }
        routes.insert(hierarchy.number(id), route);
    }
    routes
}

/// Writes modules into a directory, which is made if need be: each appears whole or not at all. One that is there
/// already is left alone.
///
/// # Errors
///
/// Fails where the file system does, and says at which file.
pub fn write_modules(modules: &[Built], directory: &Path) -> Result<(), (PathBuf, io::Error)> {
    for module in modules {
        let path = directory.join(&module.path);
        if std::fs::read(&path).is_ok_and(|old| old == module.content) {
            continue;
        }
        let folder = path.parent().unwrap_or(directory);
        let written = std::fs::create_dir_all(folder).and_then(|()| replace(&path, &module.content));
        written.map_err(|error| (path, error))?;
    }
    Ok(())
}

/// The file that every manifest is written to.
const FILE: &str = "manifest.json";

/// Writes a manifest as `manifest.json` into a directory, which is made if need be, and beside it the routes if there are
/// any. Each file appears whole or not at all, and until then an old one stays as it is.
///
/// # Errors
///
/// Fails where the file system does.
pub fn write(
    manifest: &FlowManifest,
    routes: BTreeMap<u64, String>,
    directory: &Path,
) -> io::Result<PathBuf> {
    std::fs::create_dir_all(directory)?;
    let path = directory.join(FILE);
    let unfinished = Unfinished::write(&path, |writer| Ok(manifest.write_json(writer)?))?;
    let beside = directory.join(Routes::file_name(FILE));
    if !routes.is_empty() {
        let routes = Routes::new(unfinished.fingerprint(), routes);
        Unfinished::write(&beside, |writer| Ok(routes.write_json(writer)?))?.finish()?;
    } else if beside.exists() {
        // They belong to another manifest.
        std::fs::remove_file(&beside)?;
    }
    unfinished.finish()?;
    Ok(path)
}
