//! Builds a library: from its source tree to what is installed.
//!
//! A library is a directory with a `lib.toml`, a cargo manifest that tells its name, and definitions in `src`. Built, it
//! has the definitions and their pages at the same places, the modules of its functions, and a manifest.
//!
//! While it is built, the library is the first that references are looked for in, so its flows may refer to anything in
//! it by the URLs that others will use.

use crate::build::{self, LibraryCrate, Project, Setting, Wanted};
use crate::check::check_inputs;
use crate::collapse::collapse;
use crate::connect::{Wirings, connect};
use crate::definitions::{DefinitionId, Definitions, Loaded};
use crate::diagnostics::{Code, Diagnostic, Failed, Report, name_of, shown_path};
use crate::hierarchy::Hierarchy;
use crate::initialize::initialize;
use crate::install::{Item, ItemContent};
use crate::lint::lint;
use crate::load::{explain, load_all};
use crate::provided::wanted;
use crate::surroundings::Surroundings;
use crate::tree::Tree;
use flowcore::content::{Content, LibraryEntry, Names, Provider, Reference};
use flowcore::definition::{Definition, FunctionDefinition};
use flowcore::format::{Format, read_package_metadata};
use flowcore::manifest::{LibraryManifest, Metadata, read_library_manifest};
use flowcore::span::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// What a library says about itself, and where its definitions are.
#[derive(Clone, Debug)]
pub struct Source {
    /// From the cargo manifest.
    pub metadata: Metadata,
    /// The directory with the definitions.
    pub directory: PathBuf,
}

/// A library that can be installed.
#[derive(Debug)]
pub struct Library {
    /// What is in it.
    pub manifest: LibraryManifest,
    /// Its files; the manifest comes last.
    pub items: Vec<Item>,
}

/// The file that every library has its manifest in.
const MANIFEST: &str = "manifest.json";

/// Reads what the library in a directory says about itself.
///
/// # Errors
///
/// Fails if it has no `src`, no readable cargo manifest, or no name that can stand in a URL.
pub fn source(root: &Path, report: &mut Report) -> Result<Source, Failed> {
    let directory = root.join("src");
    if !directory.is_dir() {
        let message = format!("the library {} has no directory 'src'", shown_path(root));
        let help = "that is where the definitions of a library are".to_owned();
        report.add(Diagnostic::new(Code::E045, message).help(help));
    }
    let metadata = metadata(&root.join("Cargo.toml"), report);
    let metadata = report.end_stage(metadata)?.ok_or(Failed)?;
    Ok(Source { metadata, directory })
}

/// Where a text has a name between quotes; the beginning if it is written in another way.
pub(crate) fn quoted(text: &str, name: &str) -> Span {
    let found = ['"', '\''].iter().find_map(|quote| {
        let quoted = format!("{quote}{name}{quote}");
        text.find(&quoted).map(|start| Span { start, end: start + quoted.len() })
    });
    found.unwrap_or_default()
}

fn metadata(path: &Path, report: &mut Report) -> Option<Metadata> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let message = format!("the library has no {} that can be read: {error}", shown_path(path));
            let help =
                "name, version, description and authors of a library are read from the table 'package' there";
            report.add(Diagnostic::new(Code::E045, message).help(help.to_owned()));
            return None;
        }
    };
    let source = report.sources.add(Url::from_file_path(path).ok()?, Arc::from(text.as_str()));
    match read_package_metadata(&text) {
        Ok(metadata) if is_name(&metadata.name) => Some(metadata),
        Ok(metadata) => {
            let message = format!("'{}' cannot be the name of a library", metadata.name);
            let help = "name in the table 'package' is made of letters, digits, '-' and '_'".to_owned();
            report.add(
                Diagnostic::new(Code::E046, message).at(source, quoted(&text, &metadata.name), "").help(help),
            );
            None
        }
        Err(errors) => {
            for error in errors {
                let mut diagnostic = explain(&error, Format::Toml, source);
                if matches!(error.problem, flowcore::format::Problem::WrongType { .. }) {
                    diagnostic.help = Some(
                        "it is read without the rest of the workspace, so it must be written out here"
                            .to_owned(),
                    );
                }
                report.add(diagnostic);
            }
            None
        }
    }
}

/// Whether a text can be the name of a library, which stands in URLs and names a directory.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|one| one.is_ascii_alphanumeric() || matches!(one, '-' | '_'))
}

impl Source {
    /// What its functions belong to. Those that have no manifest of their own are in the crate of the library, if it is
    /// one.
    fn project(&self) -> Project {
        let root = self.directory.parent().unwrap_or(&self.directory).to_owned();
        let source = self.directory.join("lib.rs");
        let library = source.is_file().then(|| LibraryCrate {
            manifest: root.join("Cargo.toml"),
            sources: self.directory.clone(),
            source,
        });
        Project { root, library }
    }

    /// The URL of something in the library by its path.
    fn url(&self, path: &str) -> Option<Url> {
        let mut url = Url::parse(&format!("lib://{}/", self.metadata.name)).ok()?;
        url.path_segments_mut().ok()?.pop_if_empty().extend(path.split('/'));
        Some(url)
    }
}

/// Makes everything that is installed of a library. It is checked as far as it can be without its users: every flow in
/// it as one whose inputs get values.
///
/// `content` gives what definitions are read from, with the library itself as the first place for libraries. `modules`
/// says how modules are built; without it they are left out, for the functions are built into the runner.
///
/// # Errors
///
/// Fails if the report has an error; the mistakes of all files are reported.
pub fn build(
    source: &Source,
    content: impl FnOnce(LibraryEntry) -> Content,
    modules: Option<&Setting>,
    report: &mut Report,
) -> Result<Library, Failed> {
    let itself =
        LibraryEntry::Source { name: source.metadata.name.clone(), directory: source.directory.clone() };
    let content = content(itself);
    let tree = Tree::below(&source.directory, report)?;
    let mut parts = Parts::default();
    let urls = tree.urls();
    if !urls.is_empty() {
        let definitions = understand(&urls, &content, report)?;
        for (id, loaded) in definitions.iter() {
            let Some(path) = tree.path_of(&loaded.url) else { continue };
            parts.add(source, &definitions, id, &path, modules.is_some(), report);
        }
    }
    parts.resolve_conflicts(source, &content, report);
    report.end_stage(())?;
    parts.into_library(source, &tree, modules, report)
}

/// Loads, connects and checks definitions that have nothing above them.
pub(crate) fn understand(
    roots: &[Url],
    provider: &dyn Provider,
    report: &mut Report,
) -> Result<Definitions, Failed> {
    let mut definitions = load_all(roots, provider, report)?;
    lint(&definitions, report);
    initialize(&mut definitions, report);
    let wirings = connect(&definitions, report)?;
    let flows: Vec<DefinitionId> = definitions.own().filter(|id| definitions.get(*id).is_flow()).collect();
    for flow in flows {
        definitions.root = flow;
        // Each in a report of its own, so that one with errors does not keep the next from being looked at.
        let mut own = report.branch();
        let hierarchy = Hierarchy::grow(definitions, &mut own);
        if let Ok(hierarchy) = &hierarchy {
            check(hierarchy, &wirings, &mut own);
        }
        report.absorb(own);
        definitions = hierarchy?.definitions;
    }
    report.end_stage(definitions)
}

/// Checks a flow that others use.
fn check(hierarchy: &Hierarchy, wirings: &Wirings, report: &mut Report) {
    if let Ok(graph) = collapse(hierarchy, wirings, report) {
        check_inputs(hierarchy, &graph, &Surroundings::some_flow(hierarchy, wirings), report);
    }
}

/// One definition of a library.
struct Part {
    /// Its place below `src`.
    path: String,
    /// Where it was read.
    url: Url,
    /// The place of its name.
    place: (crate::diagnostics::SourceId, flowcore::span::Span),
    name: String,
    kind: Kind,
}

enum Kind {
    Flow,
    Function {
        /// The file that it is made from.
        source: PathBuf,
        /// The module, below the root of the library.
        module: String,
        /// What is to be built, if anything is.
        wanted: Option<Wanted>,
    },
}

/// What a library consists of.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    /// What flows call things, and where those are.
    locators: BTreeMap<String, String>,
}

impl Parts {
    fn add(
        &mut self,
        source: &Source,
        definitions: &Definitions,
        id: DefinitionId,
        path: &str,
        is_built: bool,
        report: &mut Report,
    ) {
        let loaded = definitions.get(id);
        let kind = match &loaded.definition {
            Definition::Flow(_) => {
                check_references(source, definitions, loaded, report);
                Kind::Flow
            }
            Definition::Function(function) => {
                let Some(kind) = function_kind(loaded, function, path, is_built, report) else { return };
                kind
            }
        };
        let name = loaded.definition.name();
        let place = (loaded.source, name.span);
        let (path, url, name) = (path.to_owned(), loaded.url.clone(), name.value.clone());
        self.parts.push(Part { path, url, place, name, kind });
    }

    /// Lists every definition by what flows call it, and reports those that cannot be called since another has the name.
    fn resolve_conflicts(&mut self, source: &Source, content: &Content, report: &mut Report) {
        self.parts.sort_by(|one, other| one.path.cmp(&other.path));
        let mut by_directory: BTreeMap<String, Vec<&Part>> = BTreeMap::new();
        for part in &self.parts {
            let (directory, _) = part.path.rsplit_once('/').unwrap_or_default();
            let location = match &part.kind {
                Kind::Flow => &part.path,
                Kind::Function { module, .. } => {
                    by_directory.entry(directory.to_owned()).or_default().push(part);
                    module
                }
            };
            let url = source.url(&part.path);
            let Some(reference) = url.as_ref().and_then(Reference::of) else { continue };
            let meant = Url::parse(reference.as_str()).ok().and_then(|url| {
                let found = content.resolve(&url, &Names::DEFINITION).ok()?;
                Some(found.url)
            });
            match meant.filter(|meant| *meant != part.url) {
                None => {
                    self.locators.insert(reference.to_string(), encoded(location));
                }
                Some(other) => {
                    let message = format!("'{}' cannot be used: {reference} means another", part.name);
                    let help =
                        format!("that is {}; give one of them another place in the library", name_of(&other));
                    let diagnostic = Diagnostic::new(Code::W022, message);
                    report.add(diagnostic.at(part.place.0, part.place.1, "").help(help));
                }
            }
        }
        for (directory, functions) in by_directory {
            let key = source.url(&directory).as_ref().and_then(Reference::of);
            let Some(key) = key.filter(|_| !directory.is_empty()).map(|key| key.to_string()) else {
                continue;
            };
            match functions.as_slice() {
                [Part { kind: Kind::Function { module, .. }, .. }] => {
                    self.locators.entry(key).or_insert_with(|| encoded(module));
                }
                [first, second, ..] => {
                    let message = format!(
                        "the functions '{}' and '{}' are in one directory, and {key} can mean only one",
                        first.name, second.name
                    );
                    let help = "a function of a library has a directory of its own, which is named like it"
                        .to_owned();
                    let diagnostic = Diagnostic::new(Code::W022, message).help(help);
                    report.add(diagnostic.at(second.place.0, second.place.1, "").also(
                        first.place.0,
                        first.place.1,
                        format!("'{}' is here", first.name),
                    ));
                }
                _ => {}
            }
        }
    }

    fn into_library(
        self,
        source: &Source,
        tree: &Tree,
        modules: Option<&Setting>,
        report: &mut Report,
    ) -> Result<Library, Failed> {
        let built = match modules {
            Some(setting) => self.build_modules(source, setting, report)?,
            None => BTreeMap::new(),
        };
        let mut files: BTreeMap<String, (ItemContent, String)> = BTreeMap::new();
        let mut source_urls = BTreeMap::new();
        let url = |path: &str| source.url(path).map(String::from).unwrap_or_default();
        for path in self.parts.iter().map(|part| &part.path).chain(&tree.pages) {
            files.insert(path.clone(), (ItemContent::Copy(tree.file(path)), url(path)));
        }
        for part in &self.parts {
            let Kind::Function { source: code, module, .. } = &part.kind else { continue };
            let code = Url::from_file_path(code).ok().and_then(|url| tree.path_of(&url));
            source_urls.insert(module.clone(), url(code.as_ref().unwrap_or(&part.path)));
        }
        files.extend(
            built.into_iter().map(|(path, module)| (path, (ItemContent::Bytes(module), String::new()))),
        );
        let mut items = Vec::with_capacity(files.len() + 1);
        for (path, (content, origin)) in files {
            if !origin.is_empty() {
                source_urls.insert(path.clone(), origin);
            }
            items.push(Item { path, content });
        }
        let manifest = LibraryManifest {
            lib_url: format!("lib://{}", source.metadata.name),
            metadata: source.metadata.clone(),
            locators: self.locators,
            source_urls,
        };
        let text = manifest.to_json().map_err(|error| {
            report.add(Diagnostic::new(Code::E047, format!("the manifest cannot be written: {error}")));
            Failed
        })?;
        items.push(Item { path: MANIFEST.to_owned(), content: ItemContent::Text(text) });
        report.end_stage(Library { manifest, items })
    }

    /// The modules of all functions, by their places.
    fn build_modules(
        &self,
        source: &Source,
        setting: &Setting,
        report: &mut Report,
    ) -> Result<BTreeMap<String, Vec<u8>>, Failed> {
        let (mut places, mut functions) = (Vec::new(), Vec::new());
        for part in &self.parts {
            if let Kind::Function { module, wanted: Some(wanted), .. } = &part.kind {
                places.push(module.clone());
                functions.push(wanted.clone());
            }
        }
        report.timings.begin("modules");
        let built = build::build(&functions, &source.project(), setting, report)?;
        report.timings.count("modules", built.len());
        report.timings.end();
        Ok(places.into_iter().zip(built).collect())
    }
}

/// Everything a flow of a library refers to must be there for its users.
fn check_references(source: &Source, definitions: &Definitions, loaded: &Loaded, report: &mut Report) {
    let references = loaded.as_flow().map_or(&[][..], |flow| &flow.processes);
    for (reference, child) in references.iter().zip(&loaded.children) {
        let target = definitions.get(child.definition);
        let path = target.url.to_file_path().ok();
        let path = path.as_deref().and_then(|path| path.strip_prefix(&source.directory).ok());
        let (message, help) = match (path, child.reference.is_some() || target.is_foreign) {
            (_, true) => continue,
            (Some(_), false) if target.is_flow() => continue,
            (Some(path), false) => {
                let url = path.to_str().and_then(|path| Reference::of(&source.url(path)?));
                (
                    format!(
                        "the function '{}' is referred to by a path, so nobody can use this flow",
                        child.alias
                    ),
                    url.map(|url| format!("in libraries functions are referred to by URLs: '{url}'")),
                )
            }
            (None, false) => (
                format!("'{}' is not installed with the library, so nobody can use this flow", child.alias),
                Some("move it below 'src', or into a library of its own".to_owned()),
            ),
        };
        report.add(
            Diagnostic::new(Code::E049, message).at(loaded.source, reference.source.span, "").help(help),
        );
    }
}

fn function_kind(
    loaded: &Loaded,
    function: &FunctionDefinition,
    path: &str,
    is_built: bool,
    report: &mut Report,
) -> Option<Kind> {
    if let Some(span) = function.impure {
        let message =
            format!("function '{}' is impure, which only context functions may be", function.name.value);
        let help = "functions that touch the outside world are supplied by the runner".to_owned();
        report.add(Diagnostic::new(Code::E016, message).at(loaded.source, span, "").help(help));
    }
    let code = loaded.url.join(&function.source.value).ok().and_then(|url| url.to_file_path().ok());
    let Some(code) = code.filter(|code| code.is_file()) else {
        let message = format!("the source of function '{}' does not exist", function.name.value);
        let help = format!("looked for '{}' beside the definition", function.source.value);
        let place = function.source.span;
        report.add(Diagnostic::new(Code::E033, message).at(loaded.source, place, "").help(help));
        return None;
    };
    let stem = code.file_stem().unwrap_or_default().to_string_lossy();
    let module = match path.rsplit_once('/') {
        Some((directory, _)) => format!("{directory}/{stem}.wasm"),
        None => format!("{stem}.wasm"),
    };
    let files = [loaded.url.to_file_path().ok()?, code];
    let wanted = if is_built { Some(wanted(loaded, function, &files, report)?) } else { None };
    let [_, source] = files;
    Some(Kind::Function { source, module, wanted })
}

/// A path below the root of a library as URLs write it.
fn encoded(path: &str) -> String {
    let url = Url::parse("file:///").ok().and_then(|mut url| {
        url.path_segments_mut().ok()?.clear().extend(path.split('/'));
        Some(url)
    });
    url.map_or_else(|| path.to_owned(), |url| url.path().trim_start_matches('/').to_owned())
}

/// The files that an earlier build has put into a directory and that are none of the library's any more.
pub fn obsolete(library: &Library, directory: &Path) -> BTreeSet<String> {
    let Ok(text) = std::fs::read_to_string(directory.join(MANIFEST)) else { return BTreeSet::new() };
    let old = match read_library_manifest(&text) {
        Ok(old) if old.lib_url == library.manifest.lib_url => old,
        _ => return BTreeSet::new(),
    };
    let mut files: BTreeSet<String> = old.source_urls.into_keys().chain(old.locators.into_values()).collect();
    for known in library.manifest.source_urls.keys() {
        files.remove(known);
    }
    for item in &library.items {
        files.remove(&item.path);
    }
    for location in library.manifest.locators.values() {
        files.remove(location);
    }
    files
}
