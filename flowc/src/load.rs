//! From the root's URL to all definitions: finds, reads and parses every file once.

mod read;
mod spread;

use crate::definitions::{Child, DefinitionId, Definitions, Loaded};
use crate::diagnostics::{Code, Diagnostic, Failed, Report, SourceId, shown_path, way};
use flowcore::content::{ContentError, Names, Provider, Reference};
use flowcore::definition::{Definition, ProcessReference};
use flowcore::format::{DefinitionError, Format, Problem};
use flowcore::span::Span;
use read::{Read, Unread};
use spread::spread;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::string::FromUtf8Error;
use url::Url;

/// Loads a root process and everything it refers to, directly or not.
///
/// Files are read in rounds: a round is what the one before it refers to for the first time. Within a round, cores share
/// the work; what is found takes its place in the order of the references, so that it does not matter who was faster.
///
/// # Errors
///
/// Fails if something is not found, not readable or not a definition, and if a flow contains itself.
pub fn load(root: &Url, provider: &dyn Provider, report: &mut Report) -> Result<Definitions, Failed> {
    load_all(std::slice::from_ref(root), provider, report)
}

/// Loads several processes that have nothing above them, and everything they refer to. The first is taken as the root.
///
/// # Errors
///
/// As [`load`]; and if there is none at all.
pub fn load_all(roots: &[Url], provider: &dyn Provider, report: &mut Report) -> Result<Definitions, Failed> {
    let mut loader =
        Loader { provider, report, slots: Vec::new(), by_url: HashMap::new(), found: HashMap::new() };
    loader.find(roots);
    let located: Vec<_> = roots.iter().map(|root| loader.locate(root, None)).collect();
    let mut read = 0;
    while read < loader.slots.len() {
        read = loader.round(read);
    }
    let Loader { slots, report, .. } = loader;
    let Some(Some((root, _))) = report.end_stage(located)?.into_iter().next() else { return Err(Failed) };
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
    found: HashMap<Url, Result<Located, ContentError>>,
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
    /// Shows the line in which a file stops being text, as far as it can be shown.
    fn report_encoding(&mut self, url: &Url, error: &FromUtf8Error) {
        let at = error.utf8_error().valid_up_to();
        let text = readable(error.as_bytes(), at);
        let found = error
            .as_bytes()
            .get(at)
            .map_or_else(String::new, |byte| format!(": byte 0x{byte:02X} is no character"));
        let end =
            text.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |wrong| at + wrong.len_utf8());
        let source = self.report.sources.add(url.clone(), text.into());
        let message = format!("{} is not UTF-8 text{found}", crate::diagnostics::name_of(url));
        let diagnostic = Diagnostic::new(Code::E003, message).at(source, Span::new(at, end), "");
        self.report.add(diagnostic.help("save the file as UTF-8".to_owned()));
    }

    fn error(&mut self, code: Code, message: String, place: Option<(SourceId, Span)>, help: Option<String>) {
        let diagnostic = Diagnostic::new(code, message).help(help);
        self.report.add(match place {
            Some((source, span)) => diagnostic.at(source, span, ""),
            None => diagnostic,
        });
    }

    /// What to do about a definition that was not found, with paths as the file that refers to it would write them.
    fn help(&self, error: &ContentError, place: Option<(SourceId, Span)>) -> Option<String> {
        let ContentError::NotFound { tried, other, near, .. } = error else { return error.help() };
        let from = place.and_then(|(source, _)| self.report.sources.url(source));
        let written = |url: &Url| match from.and_then(|from| from.make_relative(url)) {
            Some(relative) => relative,
            None => crate::diagnostics::name_of(url),
        };
        match (near, other) {
            (Some(near), None) => Some(format!("did you mean '{}'?", written(near))),
            (None, None) if !tried.is_empty() => {
                let tried: Vec<String> = tried.iter().map(|path| shown_path(Path::new(path))).collect();
                Some(format!("looked for {}", tried.join(", ")))
            }
            _ => error.help(),
        }
    }

    /// Looks for what URLs mean, where that is not known yet, and numbers the files that are new.
    fn find<'url>(&mut self, urls: impl IntoIterator<Item = &'url Url>) {
        let mut known = HashSet::new();
        let unknown = urls.into_iter().filter(|url| !self.found.contains_key(*url) && known.insert(*url));
        let unknown: Vec<&Url> = unknown.collect();
        let provider = self.provider;
        let resolved = spread(&unknown, |url| provider.resolve(url, &Names::DEFINITION));
        for (url, resolved) in unknown.into_iter().zip(resolved) {
            let located = resolved.map(|resolved| {
                let slots = &mut self.slots;
                let id = *self.by_url.entry(resolved.url).or_insert_with_key(|url| {
                    let is_foreign = resolved.reference.is_some();
                    slots.push(Slot {
                        url: url.clone(),
                        is_foreign,
                        place: None,
                        read: None,
                        children: Vec::new(),
                    });
                    DefinitionId::new(slots.len() - 1)
                });
                (id, resolved.reference)
            });
            self.found.insert(url.clone(), located);
        }
    }

    /// What a URL was found to mean.
    fn locate(&mut self, url: &Url, place: Option<(SourceId, Span)>) -> Option<Located> {
        match self.found.get(url)? {
            Ok(located) => {
                let located = located.clone();
                if let Some(slot) = self.slots.get_mut(located.0.index()) {
                    slot.place = slot.place.or(place);
                }
                Some(located)
            }
            Err(error) => {
                let code = match error {
                    ContentError::NotFound { .. }
                    | ContentError::NoLibrary { .. }
                    | ContentError::NotInside { .. } => Code::E001,
                    ContentError::Unreachable { .. } => Code::E050,
                    _ => Code::E002,
                };
                let (message, help) =
                    (format!("the definition {}", shown(url, error)), self.help(error, place));
                self.error(code, message, place, help);
                None
            }
        }
    }

    /// Reads all files from this one on, and finds what they refer to. Gives the first that is still to be read.
    fn round(&mut self, first: usize) -> usize {
        let urls: Vec<&Url> = self.slots.iter().skip(first).map(|slot| &slot.url).collect();
        let provider = self.provider;
        let files = spread(&urls, |url| Read::of(url, provider));
        let end = first + files.len();
        self.find(
            files.iter().flat_map(|file| &file.references).filter_map(|reference| reference.as_ref().ok()),
        );
        for (index, file) in (first..end).zip(files) {
            self.take(index, file);
        }
        end
    }

    fn take(&mut self, index: usize, file: Read) {
        let Some(slot) = self.slots.get(index) else { return };
        let (url, place) = (slot.url.clone(), slot.place);
        let source = file.text.map(|text| self.report.sources.add(url.clone(), text));
        let (source, definition) = match (file.definition, source) {
            (Ok(definition), Some(source)) => (source, definition),
            (Err(Unread::Mistakes(errors, format)), Some(source)) => {
                return errors.iter().for_each(|error| self.report.add(explain(error, format, source)));
            }
            (Err(unread), _) => return self.unread(&url, unread, place),
            (Ok(_), None) => return,
        };
        let mut children = Vec::new();
        if let Definition::Flow(flow) = &definition {
            for (reference, joined) in flow.processes.iter().zip(&file.references) {
                let place = (source, reference.source.span);
                children.push(match joined {
                    Ok(joined) if is_on_the_web(&url) && joined.scheme() == "file" => {
                        let message = "a flow on the web must not refer to files of this machine".to_owned();
                        let help =
                            "what is on the web is not known to be harmless; copy the flow to this machine";
                        self.error(Code::E052, message, Some(place), Some(help.to_owned()));
                        None
                    }
                    Ok(joined) => self.locate(joined, Some(place)),
                    Err(error) => {
                        let message = format!("'{}' is not a path or URL: {error}", reference.source.value);
                        self.error(Code::E001, message, Some(place), None);
                        None
                    }
                });
            }
        }
        if let Some(slot) = self.slots.get_mut(index) {
            slot.read = Some((source, definition));
            slot.children = children;
        }
    }

    /// Reports a file that has no text.
    fn unread(&mut self, url: &Url, unread: Unread, place: Option<(SourceId, Span)>) {
        let name = crate::diagnostics::name_of(url);
        match unread {
            Unread::Format => {
                let message = format!("{name} has no extension that names a format");
                let help = "definitions are in files that end in .toml, .yaml, .yml or .json".to_owned();
                self.error(Code::E004, message, place, Some(help));
            }
            Unread::Content(error) => {
                let code = match error {
                    ContentError::Unreachable { .. } => Code::E050,
                    ContentError::TooLarge { .. } => Code::E058,
                    ContentError::NotAFile { .. } => Code::E059,
                    _ => Code::E002,
                };
                let message = format!("the definition {}", shown(url, &error));
                self.error(code, message, place, error.help());
            }
            Unread::NoText(error) => self.report_encoding(url, &error),
            Unread::Mistakes(..) => {}
        }
    }
}

/// A file of any bytes as a text that can be shown, in which what is before the offset keeps its place.
fn readable(bytes: &[u8], offset: usize) -> String {
    // No more than the line: what is not text may have no lines at all.
    const MOST: usize = 80;
    let (before, after) = bytes.split_at_checked(offset).unwrap_or((bytes, &[]));
    let line = after.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let shown = [before, line.get(..MOST).unwrap_or(line)].concat();
    String::from_utf8_lossy(&shown).into_owned()
}

/// An error of the provider after the words "the definition", with paths where people know paths.
fn shown(url: &Url, error: &ContentError) -> String {
    match error {
        ContentError::NotFound { .. } => format!("{} was not found", crate::diagnostics::name_of(url)),
        ContentError::NotInside { place, .. } => {
            format!("{url} was not found in {}", shown_path(Path::new(place)))
        }
        ContentError::NoLibrary { library, .. } => {
            format!("{url} was not found: there is no library '{library}'")
        }
        ContentError::Io { cause, .. } => {
            format!("{} cannot be read: {cause}", crate::diagnostics::name_of(url))
        }
        ContentError::Scheme { scheme, .. } => {
            format!("{url} cannot be read: there is no way to read from '{scheme}'")
        }
        ContentError::Unreachable { .. } => error.to_string(),
        ContentError::NotAFile { .. } => {
            format!("{} is not a file with a text in it", crate::diagnostics::name_of(url))
        }
        ContentError::TooLarge { megabytes, .. } => {
            format!("{} is larger than {megabytes} MiB", crate::diagnostics::name_of(url))
        }
        _ => format!("cannot be read: {error}"),
    }
}

/// Whether others decide what is there.
pub(crate) fn is_on_the_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// A mistake in a definition as a diagnostic.
pub(crate) fn explain(error: &DefinitionError, format: Format, source: SourceId) -> Diagnostic {
    let code = match &error.problem {
        Problem::Syntax { .. } | Problem::TooDeep => Code::E005,
        Problem::UnknownKey { .. } => Code::E006,
        Problem::MissingKey { .. } => Code::E007,
        Problem::WrongType { .. } | Problem::Positional { .. } => Code::E008,
        Problem::DuplicateKey { .. } => Code::E009,
        Problem::NoKind { .. } | Problem::TwoKinds => Code::E010,
        Problem::UnknownType(_) | Problem::NoTypes { .. } => Code::E011,
        Problem::InitializerForm { .. } => Code::E012,
        Problem::NumericName { .. } => Code::E013,
        Problem::EmptyEnd { .. } | Problem::NumericEnd { .. } => Code::E014,
        Problem::NoInputsOrOutputs { .. } => Code::E015,
    };
    let message = match &error.problem {
        // In the words of a parser, which do not say what it is about.
        Problem::Syntax { message } => format!("the {format} is wrong here: {message}"),
        problem => problem.to_string(),
    };
    let diagnostic = Diagnostic::new(code, message).at(source, error.span, "").help(error.help());
    match &error.problem {
        Problem::DuplicateKey { first: Some(first), .. } => {
            diagnostic.also(source, *first, "first given here")
        }
        _ => diagnostic,
    }
}

/// How a flow comes to have a context function twice, or under another name.
const WRAP_IT: &str =
    "to use a context function under another name, wrap it in a flow of its own and give that an alias";

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
                    let diagnostic = Diagnostic::new(Code::E017, message).help(WRAP_IT.to_owned());
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
                    let span_of = |reference: &ProcessReference| {
                        let alias = &reference.alias;
                        if alias.value.is_empty() { reference.source.span } else { alias.span }
                    };
                    let first = flow.processes.get(first).map_or(place, span_of);
                    let help = if *is_function && is_context { WRAP_IT } else { "give one of them an alias" };
                    let diagnostic =
                        Diagnostic::new(Code::W001, format!("two processes are named '{alias}'"))
                            .at(source, span_of(reference), "this one replaces the other")
                            .also(source, first, "replaced")
                            .help(help.to_owned());
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
    for (start, _) in definitions.iter() {
        let mut path = match set(start, Mark::OnPath) {
            Mark::New => vec![(start, 0)],
            mark => {
                set(start, mark);
                Vec::new()
            }
        };
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
                    let span = loaded
                        .as_flow()
                        .and_then(|flow| flow.processes.get(position))
                        .map(|one| one.source.span);
                    let message = format!("a flow must not contain itself: {names}");
                    let help =
                        "to repeat something, connect outputs back to inputs: loops are made of values";
                    report.add(Diagnostic::new(Code::E018, message).help(help.to_owned()).at(
                        loaded.source,
                        span.unwrap_or_default(),
                        "",
                    ));
                }
            }
        }
    }
}
