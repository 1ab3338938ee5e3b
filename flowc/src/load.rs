//! From the root's URL to all definitions: finds, reads and parses every file once.

use crate::definitions::{Child, DefinitionId, Definitions, Loaded};
use crate::diagnostics::{Code, Diagnostic, Failed, Report, SourceId, way};
use flowcore::content::{ContentError, Names, Provider, Reference};
use flowcore::definition::Definition;
use flowcore::format::{DefinitionError, Format, Problem, read_definition};
use flowcore::span::Span;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use url::Url;

/// Loads a root process and everything it refers to, directly or not.
///
/// # Errors
///
/// Fails if something is not found, not readable or not a definition, and if a flow contains itself.
pub fn load(root: &Url, provider: &dyn Provider, report: &mut Report) -> Result<Definitions, Failed> {
    let mut loader = Loader {
        provider,
        report,
        slots: Vec::new(),
        by_url: HashMap::new(),
        found: HashMap::new(),
        queue: VecDeque::new(),
    };
    let located = loader.locate(root, None);
    while let Some(id) = loader.queue.pop_front() {
        loader.load(id);
    }
    let Loader { slots, report, .. } = loader;
    let Some((root, _)) = report.end_stage(located)? else { return Err(Failed) };
    let loaded = assemble(slots, report);
    let definitions = Definitions::new(loaded, root);
    check_cycles(&definitions, report);
    report.end_stage(definitions)
}

type Located = (DefinitionId, Option<Reference>);

struct Loader<'run> {
    provider: &'run dyn Provider,
    report: &'run mut Report,
    slots: Vec<Slot>,
    by_url: HashMap<Url, DefinitionId>,
    /// What references were found to mean, so that each is looked for once.
    found: HashMap<Url, Located>,
    queue: VecDeque<DefinitionId>,
}

/// A file that is known to exist.
struct Slot {
    url: Url,
    /// Whether it was reached through a library or the runner.
    is_foreign: bool,
    /// Where it is referred to for the first time; the root is not.
    place: Option<(SourceId, Span)>,
    read: Option<(SourceId, Definition)>,
    children: Vec<Option<Located>>,
}

impl Loader<'_> {
    fn error(&mut self, code: Code, message: String, place: Option<(SourceId, Span)>, help: Option<String>) {
        let diagnostic = Diagnostic::new(code, message).help(help);
        self.report.add(match place {
            Some((source, span)) => diagnostic.at(source, span, ""),
            None => diagnostic,
        });
    }

    /// Finds a definition, and queues it if it is new.
    fn locate(&mut self, url: &Url, place: Option<(SourceId, Span)>) -> Option<Located> {
        if let Some(located) = self.found.get(url) {
            return Some(located.clone());
        }
        let resolved = match self.provider.resolve(url, &Names::DEFINITION) {
            Ok(resolved) => resolved,
            Err(error) => {
                let code = match error {
                    ContentError::NotFound { .. }
                    | ContentError::NoLibrary { .. }
                    | ContentError::NotInside { .. } => Code::E001,
                    _ => Code::E002,
                };
                self.error(code, format!("the definition {}", shown(url, &error)), place, error.help());
                return None;
            }
        };
        let id = match self.by_url.get(&resolved.url) {
            Some(id) => *id,
            None => {
                let id = DefinitionId::new(self.slots.len());
                let is_foreign = resolved.reference.is_some();
                let url = resolved.url.clone();
                self.slots.push(Slot { url, is_foreign, place, read: None, children: Vec::new() });
                self.by_url.insert(resolved.url, id);
                self.queue.push_back(id);
                id
            }
        };
        let located = (id, resolved.reference);
        self.found.insert(url.clone(), located.clone());
        Some(located)
    }

    fn load(&mut self, id: DefinitionId) {
        let Some(slot) = self.slots.get(id.index()) else { return };
        let (url, place) = (slot.url.clone(), slot.place);
        let Some((source, definition)) = self.read(&url, place) else { return };
        let mut children = Vec::new();
        if let Definition::Flow(flow) = &definition {
            for reference in &flow.processes {
                let place = (source, reference.source.span);
                let joined = url.join(&reference.source.value);
                children.push(match joined {
                    Ok(joined) => self.locate(&without_fragment(joined), Some(place)),
                    Err(error) => {
                        let message = format!("'{}' is not a path or URL: {error}", reference.source.value);
                        self.error(Code::E001, message, Some(place), None);
                        None
                    }
                });
            }
        }
        if let Some(slot) = self.slots.get_mut(id.index()) {
            slot.read = Some((source, definition));
            slot.children = children;
        }
    }

    fn read(&mut self, url: &Url, place: Option<(SourceId, Span)>) -> Option<(SourceId, Definition)> {
        let name = crate::diagnostics::name_of(url);
        let extension = url.path_segments().and_then(|mut segments| segments.next_back()?.rsplit_once('.'));
        let Some(format) = extension.and_then(|(_, extension)| Format::of_extension(extension)) else {
            let message = format!("{name} has no extension that names a format");
            let help = "definitions are in files that end in .toml, .yaml, .yml or .json".to_owned();
            self.error(Code::E004, message, place, Some(help));
            return None;
        };
        let bytes = match self.provider.read(url) {
            Ok(bytes) => bytes,
            Err(error) => {
                let code = match error {
                    ContentError::TooLarge { .. } => Code::E058,
                    ContentError::NotAFile { .. } => Code::E059,
                    _ => Code::E002,
                };
                self.error(code, format!("the definition {}", shown(url, &error)), place, error.help());
                return None;
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                self.error(Code::E003, format!("{name} is not UTF-8 text: byte {at} is wrong"), place, None);
                return None;
            }
        };
        let text: Arc<str> = text.strip_prefix('\u{feff}').unwrap_or(&text).into();
        let source = self.report.sources.add(url.clone(), text.clone());
        match read_definition(&text, format) {
            Ok(definition) => Some((source, definition)),
            Err(errors) => {
                for error in errors {
                    self.report.add(explain(&error, source));
                }
                None
            }
        }
    }
}

/// An error of the provider after the words "the definition", with paths where people know paths.
fn shown(url: &Url, error: &ContentError) -> String {
    match error {
        ContentError::NotFound { .. } => format!("{} was not found", crate::diagnostics::name_of(url)),
        ContentError::NotInside { place, .. } => format!("{url} was not found in {place}"),
        ContentError::NoLibrary { library, .. } => {
            format!("{url} was not found: there is no library '{library}'")
        }
        ContentError::Io { cause, .. } => {
            format!("{} cannot be read: {cause}", crate::diagnostics::name_of(url))
        }
        ContentError::NotAFile { .. } => {
            format!("{} is not a file with a text in it", crate::diagnostics::name_of(url))
        }
        ContentError::TooLarge { megabytes, .. } => {
            format!("{} is larger than {megabytes} MiB", crate::diagnostics::name_of(url))
        }
        _ => format!("cannot be read: {error}"),
    }
}

/// What comes behind `#` and `?` means nothing for files.
fn without_fragment(mut url: Url) -> Url {
    url.set_fragment(None);
    url.set_query(None);
    url
}

/// A mistake in a definition as a diagnostic.
fn explain(error: &DefinitionError, source: SourceId) -> Diagnostic {
    let code = match &error.problem {
        Problem::Syntax { .. } | Problem::TooDeep => Code::E005,
        Problem::UnknownKey { .. } => Code::E006,
        Problem::MissingKey { .. } => Code::E007,
        Problem::WrongType { .. } | Problem::Positional { .. } => Code::E008,
        Problem::DuplicateKey { .. } => Code::E009,
        Problem::NoKind { .. } | Problem::TwoKinds => Code::E010,
        Problem::UnknownType(_) | Problem::NoTypes { .. } => Code::E011,
        Problem::InitializerForm => Code::E012,
        Problem::NumericName { .. } => Code::E013,
        Problem::EmptyEnd { .. } | Problem::NumericEnd { .. } => Code::E014,
        Problem::NoInputsOrOutputs { .. } => Code::E015,
    };
    let diagnostic = Diagnostic::new(code, error.to_string()).at(source, error.span, "").help(error.help());
    match &error.problem {
        Problem::DuplicateKey { first, .. } => diagnostic.also(source, *first, "first given here"),
        _ => diagnostic,
    }
}

/// Gives every child its alias. A child that could not be read has been reported and is left out.
fn assemble(slots: Vec<Slot>, report: &mut Report) -> Vec<Loaded> {
    let names: Vec<Option<(String, bool, bool)>> = slots
        .iter()
        .map(|slot| {
            let (_, definition) = slot.read.as_ref()?;
            let impure = matches!(definition, Definition::Function(function) if function.impure.is_some());
            let is_function = matches!(definition, Definition::Function(_));
            Some((definition.name().value.clone(), is_function, impure))
        })
        .collect();
    let mut loaded = Vec::with_capacity(slots.len());
    for slot in slots {
        let Some((source, definition)) = slot.read else { continue };
        let mut children = Vec::with_capacity(slot.children.len());
        let mut by_alias = BTreeMap::<String, usize>::new();
        if let Definition::Flow(flow) = &definition {
            for (reference, located) in flow.processes.iter().zip(slot.children) {
                let Some((id, found)) = located else { continue };
                let Some((name, is_function, impure)) = names.get(id.index()).and_then(Option::as_ref) else {
                    continue;
                };
                let place = reference.source.span;
                let is_context = matches!(found, Some(Reference::Context(_)));
                if *is_function && is_context && !reference.alias.value.is_empty() {
                    let message =
                        format!("a context function must not have an alias: '{}'", reference.alias.value);
                    let help = "to use a context function under another name, wrap it in a flow of its own and give \
                                that an alias";
                    let diagnostic = Diagnostic::new(Code::E017, message).help(help.to_owned());
                    report.add(diagnostic.at(source, reference.alias.span, ""));
                }
                if *impure && !is_context {
                    let message = format!("function '{name}' is impure, which only context functions may be");
                    let help = "functions that touch the outside world are supplied by the runner and referred to by \
                                context://";
                    report.add(
                        Diagnostic::new(Code::E016, message).at(source, place, "").help(help.to_owned()),
                    );
                }
                let alias = if reference.alias.value.is_empty() { name } else { &reference.alias.value };
                if let Some(first) = by_alias.insert(alias.clone(), children.len()) {
                    let first = flow.processes.get(first).map_or(place, |first| first.span);
                    let diagnostic =
                        Diagnostic::new(Code::W001, format!("two processes are named '{alias}'"))
                            .at(source, place, "this one replaces the other")
                            .also(source, first, "replaced")
                            .help("give one of them an alias".to_owned());
                    report.add(diagnostic);
                }
                let reference = found.filter(|_| *is_function);
                children.push(Child {
                    alias: alias.clone(),
                    definition: id,
                    reference,
                    initializers: Vec::new(),
                });
            }
        }
        let by_alias = by_alias.into_iter().collect();
        loaded.push(Loaded {
            url: slot.url,
            source,
            is_foreign: slot.is_foreign,
            definition,
            children,
            by_alias,
        });
    }
    loaded
}

/// Walks the references depth first; one that leads back into the walk's path closes a circle.
fn check_cycles(definitions: &Definitions, report: &mut Report) {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        OnPath,
        Done,
    }
    if report.counts().errors > 0 {
        return;
    }
    let mut marks = vec![Mark::New; definitions.iter().count()];
    let mut set = |id: DefinitionId, mark| {
        marks.get_mut(id.index()).map_or(Mark::Done, |known| std::mem::replace(known, mark))
    };
    let mut path = vec![(definitions.root, 0)];
    set(definitions.root, Mark::OnPath);
    while let Some((id, next)) = path.last_mut() {
        let (id, loaded) = (*id, definitions.get(*id));
        let Some(child) = loaded.children.get(*next) else {
            set(id, Mark::Done);
            path.pop();
            continue;
        };
        let position = *next;
        *next += 1;
        match set(child.definition, Mark::OnPath) {
            Mark::New => path.push((child.definition, 0)),
            Mark::Done => {
                set(child.definition, Mark::Done);
            }
            Mark::OnPath => {
                let from =
                    path.iter().position(|(on_path, _)| *on_path == child.definition).unwrap_or_default();
                let names = path.iter().skip(from).map(|(id, _)| *id).chain([child.definition]);
                let names: Vec<DefinitionId> = names.collect();
                let names = way(&names, |id| report.sources.name(definitions.get(*id).source));
                let span =
                    loaded.as_flow().and_then(|flow| flow.processes.get(position)).map(|one| one.source.span);
                let message = format!("a flow must not contain itself: {names}");
                report.add(Diagnostic::new(Code::E018, message).at(
                    loaded.source,
                    span.unwrap_or_default(),
                    "",
                ));
            }
        }
    }
}
