//! The modules of provided functions: where they are, what they are called in the manifest, and what is in them.

use crate::build::kind::Kind;
use crate::build::{self, Project, Setting, State, Wanted};
use crate::definitions::Loaded;
use crate::diagnostics::{Code, Diagnostic, Failed, Report, name_of, shown_path};
use crate::graph::Graph;
use crate::hierarchy::Hierarchy;
use crate::load::is_on_the_web;
use crate::signature;
use flowcore::content::near_path;
use flowcore::definition::FunctionDefinition;
use flowcore::format::suggest;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Component, Path, PathBuf};
use url::Url;

/// The module of one provided function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Where it is, relative to the output directory.
    pub path: PathBuf,
    /// The same as manifests write it.
    pub location: String,
    /// What it is built from.
    pub source: Url,
}

/// The modules of a flow, by the URL of what they are built from.
#[derive(Debug, Default)]
pub struct Modules(BTreeMap<Url, Module>);

impl Modules {
    /// The module of a function.
    pub fn of(&self, loaded: &Loaded, function: &FunctionDefinition) -> Option<&Module> {
        self.0.get(&source_of(loaded, function)?)
    }

    /// All of them, in the order of the URLs of what they are built from.
    pub fn iter(&self) -> impl Iterator<Item = &Module> {
        self.0.values()
    }
}

/// What a function is built from.
pub fn source_of(loaded: &Loaded, function: &FunctionDefinition) -> Option<Url> {
    loaded.url.join(&function.source.value).ok()
}

/// Names the modules of all provided functions in a graph.
///
/// A module is called like its source, in the output directory itself, as long as that is unambiguous and inside the
/// directory; else its name follows the definition's place below the root flow.
///
/// # Errors
///
/// Fails if the source of a function does not exist.
pub fn modules(
    hierarchy: &Hierarchy,
    graph: &Graph,
    output: &Path,
    report: &mut Report,
) -> Result<Modules, Failed> {
    Ok(name(sources(hierarchy, graph, report)?, output))
}

/// The content of a module that was built, and its place relative to the output directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Built {
    /// Its place.
    pub path: PathBuf,
    /// What is in it.
    pub content: Vec<u8>,
}

/// Builds the modules of all provided functions in a graph.
///
/// # Errors
///
/// Fails if one of them cannot be built.
pub fn build_modules(
    hierarchy: &Hierarchy,
    graph: &Graph,
    modules: &Modules,
    setting: &Setting,
    report: &mut Report,
) -> Result<Vec<Built>, Failed> {
    let (mut wanted, mut paths) = (Vec::new(), Vec::new());
    for (loaded, definition) in provided(hierarchy, graph) {
        let one = Source::of(loaded, definition).and_then(|source| source.wanted(report));
        if let Some((one, module)) = one.zip(modules.of(loaded, definition)) {
            wanted.push(one);
            paths.push(module.path.clone());
        }
    }
    report.end_stage(())?;
    let root = hierarchy.definitions.get(hierarchy.definitions.root);
    let root = root.url.to_file_path().unwrap_or_default();
    let project = Project { root: root.parent().unwrap_or(&root).to_owned(), library: None };
    let contents = build::build(&wanted, &project, setting, report)?;
    Ok(paths.into_iter().zip(contents).map(|(path, content)| Built { path, content }).collect())
}

/// Warns of modules that are not there, or not what would be built, where nothing is built.
pub fn look_at_modules(
    hierarchy: &Hierarchy,
    graph: &Graph,
    modules: &Modules,
    output: &Path,
    setting: &Setting,
    report: &mut Report,
) {
    for (loaded, definition) in provided(hierarchy, graph) {
        if let Some(module) = modules.of(loaded, definition) {
            look_at_module(loaded, definition, &module.path, output, setting, report);
        }
    }
}

/// The same for one module, by its place relative to the output directory.
pub(crate) fn look_at_module(
    loaded: &Loaded,
    definition: &FunctionDefinition,
    module: &Path,
    output: &Path,
    setting: &Setting,
    report: &mut Report,
) {
    let Some(source) = Source::of(loaded, definition) else { return };
    let (code, what, again) = match source.state(&output.join(module), setting) {
        State::Current => return,
        State::Missing => (Code::W015, "does not exist", ""),
        State::OutOfDate => (Code::W035, "is out of date", " again"),
    };
    let message = format!("the module '{}' {what}", module.display());
    let help = format!("without -p, it is built from {}{again}", shown_path(source.path()));
    report.add(source.about(code, message, help));
}

/// A definition and its source, which exists.
struct Source<'run> {
    loaded: &'run Loaded,
    definition: &'run FunctionDefinition,
    files: [PathBuf; 2],
}

impl<'run> Source<'run> {
    fn of(loaded: &'run Loaded, definition: &'run FunctionDefinition) -> Option<Source<'run>> {
        let source = source_of(loaded, definition)?.to_file_path().ok()?;
        let files = [loaded.url.to_file_path().ok()?, source];
        Some(Source { loaded, definition, files })
    }

    /// How it is built; reports that nobody knows.
    fn wanted(&self, report: &mut Report) -> Option<Wanted> {
        wanted(self.loaded, self.definition, &self.files, report)
    }

    fn path(&self) -> &Path {
        let [_, source] = &self.files;
        source
    }

    fn state(&self, module: &Path, setting: &Setting) -> State {
        let [definition, source] = &self.files;
        build::state(definition, source, module, setting)
    }

    fn about(&self, code: Code, message: String, help: String) -> Diagnostic {
        Diagnostic::new(code, message).at(self.loaded.source, self.definition.source.span, "").help(help)
    }
}

/// What is wanted of a function with these files, its definition and its source. Reports a type that nobody knows.
pub(crate) fn wanted(
    loaded: &Loaded,
    function: &FunctionDefinition,
    files: &[PathBuf; 2],
    report: &mut Report,
) -> Option<Wanted> {
    let [definition, source] = files;
    let Some(kind) = Kind::of(&function.build_type.value, &function.source.value) else {
        let (message, span) = match function.build_type.value.as_str() {
            "" => {
                let name = &function.name.value;
                (format!("nothing says how function '{name}' is built"), function.source.span)
            }
            other => (
                format!("there is no type '{other}' of functions that can be built"),
                function.build_type.span,
            ),
        };
        let near = suggest(&function.build_type.value, Kind::NAMES.iter().copied());
        let help = near.map(|near| format!("did you mean '{near}'?"));
        let help = help.unwrap_or_else(|| format!("type can be {}", Kind::names()));
        report.add(Diagnostic::new(Code::E063, message).at(loaded.source, span, "").help(help));
        return None;
    };
    Some(Wanted {
        name: function.name.value.clone(),
        definition: definition.clone(),
        source: source.clone(),
        kind,
        place: (loaded.source, function.source.span),
    })
}

/// The provided functions that are left in a graph, each source once.
fn provided<'run>(
    hierarchy: &'run Hierarchy,
    graph: &'run Graph,
) -> impl Iterator<Item = (&'run Loaded, &'run FunctionDefinition)> {
    let mut seen = HashSet::new();
    hierarchy.functions().filter(|(id, _)| graph.node(*id).is_kept).filter_map(move |(_, function)| {
        let (loaded, definition) = hierarchy.function_definition(function);
        let child = hierarchy.child(function.flow, function.child)?;
        let definition = definition.filter(|_| child.reference.is_none())?;
        seen.insert(source_of(loaded, definition)?).then_some((loaded, definition))
    })
}

/// What the provided functions of a graph are built from, and the two names each module may have.
///
/// # Errors
///
/// Fails if the source of a function does not exist.
pub fn sources(
    hierarchy: &Hierarchy,
    graph: &Graph,
    report: &mut Report,
) -> Result<BTreeMap<Url, (PathBuf, PathBuf)>, Failed> {
    let mut wanted: BTreeMap<Url, (PathBuf, PathBuf)> = BTreeMap::new();
    let root = hierarchy.definitions.get(hierarchy.definitions.root).url.to_file_path().unwrap_or_default();
    let root = root.parent().unwrap_or(Path::new(""));
    let mut reported = HashSet::new();
    for (_, function) in hierarchy.functions().filter(|(id, _)| graph.node(*id).is_kept) {
        let (loaded, Some(definition)) = hierarchy.function_definition(function) else { continue };
        let child = hierarchy.child(function.flow, function.child);
        if child.is_none_or(|child| child.reference.is_some()) {
            continue;
        }
        if is_on_the_web(&loaded.url) {
            report.add(on_the_web(loaded, definition));
            continue;
        }
        let source = source_of(loaded, definition);
        if let Some(source) = &source {
            report.sources.note(source.clone());
        }
        let path = source.as_ref().and_then(|source| source.to_file_path().ok());
        let (Some(source), Some(path)) = (source, path.filter(|path| path.is_file())) else {
            if reported.insert(function.definition) {
                report.add(missing(loaded, definition));
            }
            continue;
        };
        wanted.entry(source).or_insert_with(|| {
            let flat = PathBuf::from(&definition.source.value).with_extension("wasm");
            let mirrored = path.strip_prefix(root).unwrap_or(&path).with_extension("wasm");
            (flat, inside(&mirrored))
        });
    }
    report.end_stage(wanted)
}

/// Reports where the code of provided functions disagrees with their definitions.
///
/// # Errors
///
/// Fails if it does somewhere.
pub fn check_signatures(hierarchy: &Hierarchy, graph: &Graph, report: &mut Report) -> Result<(), Failed> {
    for (loaded, definition) in provided(hierarchy, graph) {
        if let Some(source) = Source::of(loaded, definition) {
            signature::check(loaded, definition, source.path(), report);
        }
    }
    report.end_stage(())
}

/// Checks that the source of a function that is not part of a flow exists.
///
/// # Errors
///
/// Fails if it does not.
pub fn check_source(
    loaded: &Loaded,
    definition: &FunctionDefinition,
    report: &mut Report,
) -> Result<(), Failed> {
    let source = source_of(loaded, definition);
    let path = source.as_ref().and_then(|source| source.to_file_path().ok());
    source.into_iter().for_each(|source| report.sources.note(source));
    if !path.is_some_and(|path| path.is_file()) {
        report.add(missing(loaded, definition));
    }
    report.end_stage(())
}

fn missing(loaded: &Loaded, definition: &FunctionDefinition) -> Diagnostic {
    let message = format!("the source of function '{}' does not exist", definition.name.value);
    let span = definition.source.span;
    let help = if loaded.is_foreign || loaded.url.scheme() != "file" {
        Some("flows of a library must refer to its functions by lib:// URLs".to_owned())
    } else {
        source_of(loaded, definition).map(|url| match near(&loaded.url, &url) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("looked for {}", name_of(&url)),
        })
    };
    Diagnostic::new(Code::E033, message).at(loaded.source, span, "").help(help)
}

/// The source that was probably meant, as the definition would write it.
fn near(definition: &Url, source: &Url) -> Option<String> {
    let near = near_path(&source.to_file_path().ok()?, "")?;
    definition.make_relative(&Url::from_file_path(near.is_file().then_some(near)?).ok()?)
}

/// Code is not fetched: what a flow on the web may do here is decided by the functions of libraries and of the runner.
fn on_the_web(loaded: &Loaded, function: &FunctionDefinition) -> Diagnostic {
    let message = format!(
        "function '{}' is on the web, and only definitions are taken from there",
        function.name.value
    );
    let help = "copy the flow to this machine, or let it use functions of a library".to_owned();
    Diagnostic::new(Code::E051, message).at(loaded.source, function.source.span, "").help(help)
}

/// The path without anything that leads out of the directory it is below.
fn inside(path: &Path) -> PathBuf {
    path.components().filter(|component| matches!(component, Component::Normal(_))).collect()
}

fn name(wanted: BTreeMap<Url, (PathBuf, PathBuf)>, output: &Path) -> Modules {
    let mut uses: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for (flat, _) in wanted.values() {
        *uses.entry(inside(flat)).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    let mut modules = BTreeMap::new();
    for (source, (flat, mirrored)) in wanted {
        let is_inside =
            flat.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let flat = inside(&flat);
        let mut path = if is_inside && uses.get(&flat) == Some(&1) { flat } else { mirrored.clone() };
        let mut number = 2;
        while !taken.insert(path.clone()) {
            let stem = mirrored.file_stem().unwrap_or_default().to_string_lossy();
            path = mirrored.with_file_name(format!("{stem}-{number}.wasm"));
            number += 1;
        }
        let manifest = Url::from_file_path(output.join("manifest.json")).ok();
        let location = Url::from_file_path(output.join(&path)).ok();
        let relative = manifest.zip(location).and_then(|(manifest, module)| manifest.make_relative(&module));
        let location = relative.unwrap_or_else(|| path.to_string_lossy().into_owned());
        modules.insert(source.clone(), Module { path, location, source });
    }
    Modules(modules)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(sources: &[(&str, &str, &str)]) -> Vec<String> {
        let entry = |(source, flat, mirrored): &(&str, &str, &str)| {
            (Url::parse(&format!("file://{source}")).unwrap(), (PathBuf::from(flat), PathBuf::from(mirrored)))
        };
        let modules = name(sources.iter().map(entry).collect(), Path::new("/out"));
        sources
            .iter()
            .map(|(source, ..)| modules.0[&Url::parse(&format!("file://{source}")).unwrap()].location.clone())
            .collect()
    }

    #[test]
    fn a_module_is_called_like_its_source_as_long_as_that_is_unambiguous() {
        assert_eq!(named(&[("/f/tag/tag.rs", "tag.wasm", "tag/tag.wasm")]), ["tag.wasm"]);
        assert_eq!(named(&[("/f/a/my fn.rs", "my fn.wasm", "a/my fn.wasm")]), ["my%20fn.wasm"]);
        assert_eq!(
            named(&[
                ("/f/a/impl.rs", "impl.wasm", "a/impl.wasm"),
                ("/f/b/impl.rs", "impl.wasm", "b/impl.wasm")
            ]),
            ["a/impl.wasm", "b/impl.wasm"]
        );
    }

    #[test]
    fn modules_stay_inside_the_output_directory() {
        assert_eq!(named(&[("/f/g.rs", "../g.wasm", "g.wasm")]), ["g.wasm"]);
        assert_eq!(inside(Path::new("/a/../b/g.wasm")), Path::new("a/b/g.wasm"));
    }
}
