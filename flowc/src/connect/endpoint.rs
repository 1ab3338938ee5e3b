//! What the text of one end of a connection means.

use super::{End, Selector, Start};
use crate::definitions::{Child, Definitions, Loaded};
use crate::diagnostics::{Code, Diagnostic, SourceId};
use crate::initialize::{shown, types};
use crate::names::Ios;
use flowcore::datatype::DataType;
use flowcore::definition::IoDefinition;
use flowcore::format::suggest;
use flowcore::span::Span;
use std::collections::HashSet;

/// Why an end means nothing.
pub(super) struct Problem {
    code: Code,
    message: String,
    help: Option<String>,
}

impl Problem {
    fn new(code: Code, message: String) -> Problem {
        Problem { code, message, help: None }
    }

    pub(super) fn explain(self, source: SourceId, span: Span) -> Diagnostic {
        Diagnostic::new(self.code, self.message).at(source, span, "").help(self.help)
    }
}

/// A resolved `from`.
pub(super) struct ResolvedStart {
    pub(super) start: Start,
    pub(super) selector: Selector,
    /// The types of the selected part. Those of a part of the flow's own named input are not narrowed: what comes in is
    /// known better at the other end of the chain, and is checked there.
    pub(super) types: Vec<DataType>,
    pub(super) warnings: Vec<Diagnostic>,
}

/// A resolved `to`.
pub(super) struct ResolvedEnd {
    /// None if the connection leads nowhere.
    pub(super) end: Option<End>,
    /// What is taken there.
    pub(super) types: Vec<DataType>,
    pub(super) warnings: Vec<Diagnostic>,
}

/// Resolves the ends of connections of one flow.
pub(super) struct Resolver<'run> {
    pub(super) definitions: &'run Definitions,
    pub(super) flow: &'run Loaded,
    /// The flow's own inputs and outputs.
    pub(super) own: (Ios<'run>, Ios<'run>),
}

/// An input or output that was found for the text behind a process.
struct Match<'run> {
    io: &'run IoDefinition,
    number: usize,
    steps: Vec<String>,
    types: Vec<DataType>,
}

/// What to do about an own input or output at the wrong end.
const TURNED: &str = "inside a flow, connections start at 'input/...' and end at 'output/...'; at processes it is the other way round";

/// What to do about a part at the end of a connection.
const PARTS: &str = "parts are selected in 'from'; here, name the whole input or output";

impl<'run> Resolver<'run> {
    pub(super) fn start(&self, text: &str) -> Result<ResolvedStart, Problem> {
        match text.split_once('/') {
            Some(("input", rest)) => self.own_input(rest),
            Some(("output", rest)) => Err(Problem {
                code: Code::E022,
                message: format!(
                    "'output/{rest}' is an output of this flow, where connections end and do not start"
                ),
                help: Some(TURNED.to_owned()),
            }),
            None if text == "input" => Err(Problem {
                code: Code::E022,
                message: "'input' does not say which input".to_owned(),
                help: Some("write 'input/name', or 'input/' for the default input".to_owned()),
            }),
            None if text == "output" => Err(Problem {
                code: Code::E022,
                message: "'output' means the outputs of this flow, where connections end and do not start"
                    .to_owned(),
                help: Some(TURNED.to_owned()),
            }),
            _ => self.process_output(text),
        }
    }

    fn own_input(&self, rest: &str) -> Result<ResolvedStart, Problem> {
        let inputs = self.own.0;
        let whole = longest_name(inputs, rest).map(|(number, io, steps)| {
            let types = io.data_types().cloned().collect();
            Match { io, number, steps, types }
        });
        // `input/3` is an element of the unnamed input, unless there is an input of that name.
        let found = match whole {
            Some(found) => Some(found),
            None => declared(inputs, rest)?,
        };
        let Some(Match { io, number, steps, types }) = found else {
            let (name, steps) = name_and_steps(rest);
            return Err(unknown(
                "this flow has no input",
                "input/",
                name,
                steps,
                &[("inputs", &names_of(inputs.all))],
            ));
        };
        let warnings = useless_key(io, &steps);
        let selector = selector("", &steps);
        let start = Start::Input(inputs.first(&io.name.value).map_or(number, |(first, _)| first));
        Ok(ResolvedStart { start, selector, types, warnings })
    }

    fn child(&self, text: &str) -> Result<(usize, &'run Child, &'run Loaded, String), Problem> {
        let (alias, rest) = text.split_once('/').unwrap_or((text, ""));
        if alias.is_empty() {
            let message = format!("'{text}' begins with '/'; connections name processes of this flow");
            let help = Some("leave the '/' out".to_owned());
            return Err(Problem { code: Code::E022, message, help });
        }
        let position = self.flow.child(alias);
        match position.and_then(|position| Some((position, self.flow.children.get(position)?))) {
            Some((position, child)) => {
                Ok((position, child, self.definitions.get(child.definition), rest.to_owned()))
            }
            None => {
                // In a flow of thousands of processes with thousands of mistakes, all names for each would take too long.
                let aliases = self.flow.by_alias.iter().take(MOST_NAMES).map(|(alias, _)| alias.as_str());
                let aliases: Vec<&str> = aliases.collect();
                // The flow's own inputs and outputs are named like those of a process.
                let own =
                    [("input", self.flow.definition.inputs()), ("output", self.flow.definition.outputs())];
                let own = own.into_iter().filter(|(_, ios)| !ios.is_empty()).map(|(word, _)| word);
                let is_own = suggest(alias, aliases.iter().copied().chain(own.clone()));
                if let Some(word) = is_own.filter(|near| own.clone().any(|word| word == *near)) {
                    let message = format!("this flow has no process '{alias}'");
                    let help = Some(format!("did you mean '{word}/{rest}'?"));
                    return Err(Problem { code: Code::E020, message, help });
                }
                let mut problem =
                    unknown("this flow has no process", "", alias, "", &[("processes", &aliases)]);
                problem.code = Code::E020;
                Err(problem)
            }
        }
    }

    fn process_output(&self, text: &str) -> Result<ResolvedStart, Problem> {
        let (child, used, target, rest) = self.child(text)?;
        let outputs = self.definitions.outputs(used.definition);
        let of_output = |found: Match<'_>| {
            let warnings = useless_key(found.io, &found.steps);
            let (start, name) = if target.is_flow() {
                (
                    Start::FlowOutput {
                        child,
                        output: outputs.first(&found.io.name.value).map_or(found.number, |(first, _)| first),
                    },
                    "",
                )
            } else {
                (Start::FunctionOutput { child }, found.io.name.value.as_str())
            };
            let selector = selector(name, &found.steps);
            ResolvedStart { start, selector, types: found.types, warnings }
        };
        if let Some(found) = declared(outputs, &rest)? {
            return Ok(of_output(found));
        }
        if !target.is_flow()
            && let Some(found) = declared(self.definitions.inputs(used.definition), &rest)?
        {
            return Ok(self.copy(child, used, found));
        }
        if let Some(found) = part(outputs, &rest) {
            let misspelt = misspelt_name(&found, target, &used.alias);
            let mut resolved = of_output(found);
            resolved.warnings.extend(misspelt);
            return Ok(resolved);
        }
        if let Some((_, io, steps)) = longest_name(outputs, &rest).filter(|(_, _, steps)| !steps.is_empty()) {
            let message = format!("there is no part '/{}' in a value of type {}", steps.join("/"), types(io));
            return Err(Problem::new(Code::E023, message));
        }
        let (name, steps) = name_and_steps(&rest);
        let outputs = names_of(outputs.all);
        let prefix = format!("{}/", used.alias);
        Err(if target.is_flow() {
            let mut problem = unknown(
                &format!("flow '{}' has no output", used.alias),
                &prefix,
                name,
                steps,
                &[("outputs", &outputs)],
            );
            if target.definition.inputs().iter().any(|input| input.name.value == rest) {
                problem.help =
                    Some("it has an input of that name, but nothing comes out of a flow's input".to_owned());
            }
            problem
        } else {
            let inputs = names_of(target.definition.inputs());
            let known: [(&str, &[&str]); 2] = [("outputs", &outputs), ("inputs", &inputs)];
            unknown(
                &format!("function '{}' has no output or input", used.alias),
                &prefix,
                name,
                steps,
                &known,
            )
        })
    }

    /// The copy of a function's input.
    fn copy(&self, child: usize, used: &Child, found: Match<'_>) -> ResolvedStart {
        let name = &found.io.name.value;
        let alias = &used.alias;
        if self.definitions.outputs(used.definition).first(name).is_some() {
            // The type was taken from the input, but what is sent comes from the output of the same name.
            let message =
                format!("'{alias}' has an output and an input {}: a part of the output is sent", shown(name));
            return ResolvedStart {
                start: Start::FunctionOutput { child },
                selector: selector(name, &found.steps),
                types: found.types,
                warnings: vec![Diagnostic::new(Code::W011, message)],
            };
        }
        let mut warnings = Vec::new();
        if !found.steps.is_empty() {
            let message = format!("of a copied input all is sent, not only '/{}'", found.steps.join("/"));
            let help = "select the part of what comes to the input, where the connection to it starts";
            warnings.push(Diagnostic::new(Code::W008, message).help(help.to_owned()));
        }
        let input = self.definitions.inputs(used.definition).last(name).unwrap_or(found.number);
        ResolvedStart {
            start: Start::FunctionInput { child, input },
            selector: Selector::default(),
            types: found.types,
            warnings,
        }
    }

    pub(super) fn end(&self, text: &str) -> Result<ResolvedEnd, Problem> {
        match text.split_once('/') {
            Some(("output", rest)) => self.own_output(rest),
            Some(("input", rest)) => Err(Problem {
                code: Code::E022,
                message: format!(
                    "'input/{rest}' is an input of this flow, where connections start and do not end"
                ),
                help: Some(TURNED.to_owned()),
            }),
            None if text == "output" => Err(Problem {
                code: Code::E022,
                message: "'output' does not say which output".to_owned(),
                help: Some("write 'output/name', or 'output/' for the default output".to_owned()),
            }),
            None if text == "input" => Err(Problem {
                code: Code::E022,
                message: "'input' means the inputs of this flow, where connections start and do not end"
                    .to_owned(),
                help: Some(TURNED.to_owned()),
            }),
            _ => self.process_input(text),
        }
    }

    fn own_output(&self, rest: &str) -> Result<ResolvedEnd, Problem> {
        let outputs = self.own.1;
        let Some((number, io, steps)) = longest_name(outputs, rest) else {
            return Err(unknown(
                "this flow has no output",
                "output/",
                rest,
                "",
                &[("outputs", &names_of(outputs.all))],
            ));
        };
        let mut warnings = Vec::new();
        if !steps.is_empty() {
            let message = format!("'/{}' behind an output of this flow is ignored", steps.join("/"));
            warnings.push(Diagnostic::new(Code::W010, message).help(PARTS.to_owned()));
        }
        Ok(ResolvedEnd {
            end: Some(End::Output(number)),
            types: io.data_types().cloned().collect(),
            warnings,
        })
    }

    fn process_input(&self, text: &str) -> Result<ResolvedEnd, Problem> {
        let (child, used, target, rest) = self.child(text)?;
        let inputs = self.definitions.inputs(used.definition);
        let Some(found) = declared(inputs, &rest)? else {
            let known = names_of(inputs.all);
            let prefix = format!("{}/", used.alias);
            let mut problem =
                unknown(&format!("'{}' has no input", used.alias), &prefix, &rest, "", &[("inputs", &known)]);
            if target.definition.outputs().iter().any(|output| output.name.value == rest) {
                problem.help =
                    Some("it has an output of that name, but connections end at inputs".to_owned());
            }
            return Err(problem);
        };
        if found.steps.is_empty() {
            let (number, io) = (found.number, found.io);
            let end = if target.is_flow() {
                End::FlowInput { child, input: number }
            } else {
                End::FunctionInput { child, input: inputs.last(&io.name.value).unwrap_or(number) }
            };
            return Ok(ResolvedEnd { end: Some(end), types: found.types, warnings: Vec::new() });
        }
        let message = format!("'{text}' is a part of an input; a connection can only end at all of it");
        if target.is_flow() {
            let message = format!("{message}, so this one leads nowhere");
            return Ok(ResolvedEnd {
                end: None,
                types: found.types,
                warnings: vec![Diagnostic::new(Code::W010, message).help(PARTS.to_owned())],
            });
        }
        Err(Problem { code: Code::E022, message, help: Some(PARTS.to_owned()) })
    }
}

/// The input or output that the text names, as a whole or with one index behind it.
///
/// Inputs and outputs are tried in the order of the definition, and for each its types in their order: which type comes
/// first decides what an index gives.
fn declared<'run>(ios: Ios<'run>, rest: &str) -> Result<Option<Match<'run>>, Problem> {
    let (name, last) = rest.rsplit_once('/').unwrap_or(("", rest));
    let index = last.parse::<u64>().ok();
    let mut meant = ios.named(rest);
    if index.is_some() {
        meant.extend(ios.named(name));
        meant.sort_unstable();
    }
    for (number, io) in meant.into_iter().filter_map(|number| Some((number, ios.all.get(number)?))) {
        for data_type in io.data_types() {
            if let Some(index) = index
                && name == io.name.value
                && (data_type.is_generic() || data_type.is_array())
            {
                let Some(element) = data_type.element() else {
                    let message =
                        format!("no element can be taken from {} as its type is bare 'array'", shown(name));
                    let help = Some("a type such as 'array/number' or 'array/' has elements".to_owned());
                    return Err(Problem { code: Code::E023, message, help });
                };
                let steps = vec![index.to_string()];
                return Ok(Some(Match { io, number, steps, types: vec![element] }));
            }
            if rest == io.name.value {
                let types = io.data_types().cloned().collect();
                return Ok(Some(Match { io, number, steps: Vec::new(), types }));
            }
        }
    }
    Ok(None)
}

/// The input or output with the longest name that the text begins with, and the steps behind it.
fn longest_name<'run>(ios: Ios<'run>, rest: &str) -> Option<(usize, &'run IoDefinition, Vec<String>)> {
    let (number, io) = ios.longest(rest)?;
    let behind = rest.get(io.name.value.len()..).unwrap_or_default();
    let steps = behind.strip_prefix('/').map(|behind| behind.split('/').map(str::to_owned).collect());
    Some((number, io, steps.unwrap_or_default()))
}

/// Any part of an output: keys and indexes, as deep as the type allows. The parts of an unnamed one are named
/// without a name before them only where the text cannot be a misspelt name: where its type has such parts at all.
fn part<'run>(ios: Ios<'run>, rest: &str) -> Option<Match<'run>> {
    let parts = |number: usize, io: &'run IoDefinition, steps: Vec<String>| {
        let narrowed = |data_type: &DataType| data_type.narrow(steps.len());
        let types: Vec<DataType> = io.data_types().filter_map(narrowed).collect();
        let is_possible = !types.is_empty() && steps.iter().all(|step| !step.is_empty());
        let steps = steps.iter().enumerate().map(|(depth, step)| normalized(io, depth, step)).collect();
        is_possible.then_some(Match { io, number, steps, types })
    };
    if let Some((number, io, steps)) = longest_name(ios, rest) {
        return parts(number, io, steps);
    }
    let (number, io) = ios.first("")?;
    let steps: Vec<String> = rest.split('/').map(str::to_owned).collect();
    let is_index = steps.first().is_some_and(|first| first.parse::<u64>().is_ok());
    let may_have_keys = io.data_types().any(|data_type| !data_type.is_array());
    if is_index || may_have_keys { parts(number, io, steps) } else { None }
}

/// A step as pointers write it: an index without sign and leading zeros where an array may be.
fn normalized(io: &IoDefinition, depth: usize, step: &str) -> String {
    let is_indexed = |data_type: &DataType| {
        data_type.narrow(depth).is_some_and(|outer| outer.is_generic() || outer.is_array())
    };
    match step.parse::<u64>() {
        Ok(index) if io.data_types().any(is_indexed) => index.to_string(),
        _ => step.to_owned(),
    }
}

/// A warning if what selects a part of an unnamed output is almost a name.
fn misspelt_name(found: &Match<'_>, target: &Loaded, alias: &str) -> Option<Diagnostic> {
    let key =
        found.steps.first().filter(|key| found.io.name.value.is_empty() && key.parse::<u64>().is_err())?;
    let definition = &target.definition;
    let inputs = if target.is_flow() { &[][..] } else { definition.inputs() };
    let names = definition.outputs().iter().chain(inputs).map(|io| io.name.value.as_str());
    let near = suggest(key, names.filter(|name| !name.is_empty()))?;
    let message = format!("'{key}' is no name in '{alias}', so it selects a part of the unnamed output");
    Some(Diagnostic::new(Code::W034, message).help(format!("did you mean '{near}'?")))
}

/// A key that is looked for in an array is never there.
fn useless_key(io: &IoDefinition, steps: &[String]) -> Vec<Diagnostic> {
    let Some(first) = steps.first() else { return Vec::new() };
    if first.parse::<u64>().is_ok() || !io.data_types().all(DataType::is_array) {
        return Vec::new();
    }
    let message = format!("'{first}' is looked for in a value of type {}, which has no keys", types(io));
    let help = "elements of arrays are selected by numbers, from 0 on".to_owned();
    vec![Diagnostic::new(Code::W011, message).help(help)]
}

fn selector(name: &str, steps: &[String]) -> Selector {
    let mut pointer = String::new();
    for step in Some(name).filter(|name| !name.is_empty()).into_iter().chain(steps.iter().map(String::as_str))
    {
        pointer.push('/');
        pointer.push_str(step);
    }
    Selector { pointer, steps: steps.len() }
}

/// As many names as are searched for one that was meant.
const MOST_NAMES: usize = 1000;

/// As many names as a message lists.
const MOST_LISTED: usize = 20;

/// The names of inputs or outputs, each once.
fn names_of(ios: &[IoDefinition]) -> Vec<&str> {
    let mut known = HashSet::new();
    let names = ios.iter().take(MOST_NAMES).map(|io| io.name.value.as_str());
    names.filter(|name| known.insert(*name)).collect()
}

/// What may be a misspelt name, and the indexes behind it with their slashes.
fn name_and_steps(text: &str) -> (&str, &str) {
    let mut name = text;
    while let Some((before, last)) = name.rsplit_once('/')
        && last.parse::<u64>().is_ok()
    {
        name = before;
    }
    (name, text.strip_prefix(name).unwrap_or_default())
}

/// An error for a name, with steps behind it, that is none of those known; they come in groups with titles.
/// `prefix` is what stands before the name.
fn unknown(what: &str, prefix: &str, name: &str, steps: &str, known: &[(&str, &[&str])]) -> Problem {
    let text = format!("{name}{steps}");
    let message = if text.is_empty() { format!("{what} without a name") } else { format!("{what} '{text}'") };
    let names = known.iter().flat_map(|(_, names)| names.iter().copied());
    let help = match suggest(name, names) {
        Some(near) if near == name => Some(format!("'{name}' is there, but has no part '{steps}'")),
        Some(near) => Some(format!("did you mean '{prefix}{near}{steps}'?")),
        None => {
            let list = |(title, names): &(&str, &[&str])| {
                let names: Vec<String> = names.iter().take(MOST_LISTED).map(|name| shown(name)).collect();
                (!names.is_empty()).then(|| format!("{title}: {}", names.join(", ")))
            };
            let lists: Vec<String> = known.iter().filter_map(list).collect();
            let is_unnamed = known.iter().all(|(_, names)| names.iter().all(|name| name.is_empty()));
            match lists.is_empty() {
                true => None,
                false if is_unnamed => Some(format!("the only one has no name: write '{}'", unnamed(prefix))),
                false => Some(lists.join("; ")),
            }
        }
    };
    Problem { code: Code::E021, message, help }
}

/// How the input or output without a name is written: `input/`, but only the alias of a process.
fn unnamed(prefix: &str) -> &str {
    if matches!(prefix, "input/" | "output/") { prefix } else { prefix.trim_end_matches('/') }
}
