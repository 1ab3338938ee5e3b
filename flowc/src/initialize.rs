//! Which initializer each input of each process reference has.

use crate::definitions::{Child, Definitions, Loaded};
use crate::diagnostics::{Code, Diagnostic, Placed, Report, SourceId};
use flowcore::datatype::{DataType, all_fit};
use flowcore::definition::{IoDefinition, ProcessReference};
use flowcore::format::suggest;
use flowcore::{Initializer, Value};

type Initializers = Vec<Option<Placed<Initializer>>>;

/// Matches the initializers of every reference with the inputs of what it refers to. Reports inputs that get two, or one
/// of a type that does not fit.
pub fn initialize(definitions: &mut Definitions, report: &mut Report) {
    for (_, loaded) in definitions.iter() {
        check_fixed(loaded, report);
    }
    let mut matched: Vec<Vec<Initializers>> = Vec::new();
    for (_, loaded) in definitions.iter() {
        let references = loaded.as_flow().map_or(&[][..], |flow| &flow.processes);
        let pairs = references.iter().zip(&loaded.children);
        let of = |(reference, child): (&ProcessReference, &Child)| {
            match_inputs(reference, loaded.source, child, definitions, report)
        };
        matched.push(pairs.map(of).collect());
    }
    definitions.set_initializers(matched);
}

/// The initializers that a definition gives its own inputs or outputs.
pub(crate) fn fixed(ios: &[IoDefinition], source: SourceId) -> Initializers {
    ios.iter().map(|io| io.initializer.clone().map(|fixed| Placed::new(fixed, source))).collect()
}

fn match_inputs(
    reference: &ProcessReference,
    source: SourceId,
    child: &Child,
    definitions: &Definitions,
    report: &mut Report,
) -> Initializers {
    let ios = definitions.inputs(child.definition);
    let inputs = ios.all;
    let mut initializers = fixed(inputs, definitions.get(child.definition).source);
    for (key, initializer) in &reference.initializers {
        let mut is_known = false;
        let mut meant = ios.named(&key.value);
        if key.value == "default" && !meant.contains(&0) {
            meant.insert(0, 0);
        }
        for number in meant {
            let (Some(input), Some(slot)) = (inputs.get(number), initializers.get_mut(number)) else {
                continue;
            };
            is_known = true;
            let name = input_name(&child.alias, &input.name.value);
            if let Some(first) = slot {
                // They are matched in the order of their names, which need not be that of the text.
                let is_later = first.source != source || first.span < initializer.span;
                let (one, second) =
                    if is_later { ("the first", "the second") } else { ("the second", "the first") };
                let is_hidden = key.value == "default" && !input.name.value.is_empty();
                let help =
                    is_hidden.then(|| format!("'default' means the first input: '{}'", input.name.value));
                let diagnostic = Diagnostic::new(Code::E024, format!("{name} has two initializers"))
                    .help(help)
                    .at(source, initializer.span, second)
                    .also(first.source, first.span, one);
                report.add(diagnostic);
                continue;
            }
            let found = DataType::of(initializer.value.value());
            if all_fit([&found].into_iter(), input.data_types()) {
                warn_mixed(initializer.value.value(), Placed::new(initializer.clone(), source), report);
            } else {
                let message = format!("{name} takes {} but is initialized with {found}", types(input));
                report.add(Diagnostic::new(Code::E025, message).at(
                    source,
                    initializer.span,
                    found.to_string(),
                ));
            }
            *slot = Some(Placed::new(initializer.clone(), source));
        }
        if !is_known {
            let names = inputs.iter().map(|input| input.name.value.as_str());
            let help = match suggest(&key.value, names.clone()) {
                Some(near) => format!("did you mean '{near}'?"),
                None if inputs.is_empty() => format!("'{}' has no inputs", child.alias),
                None if inputs.iter().all(|input| input.name.value.is_empty()) => {
                    "its input has no name: write input.default".to_owned()
                }
                None => format!(
                    "the inputs of '{}' are {}",
                    child.alias,
                    names.map(shown).collect::<Vec<_>>().join(", ")
                ),
            };
            let message =
                format!("'{}' has no input '{}', so this initializer is ignored", child.alias, key.value);
            report.add(Diagnostic::new(Code::W002, message).at(source, key.span, "").help(help));
        }
    }
    initializers
}

/// A name as messages list it.
pub(crate) fn shown(name: &str) -> String {
    if name.is_empty() { "the default one".to_owned() } else { format!("'{name}'") }
}

fn input_name(process: &str, input: &str) -> String {
    if input.is_empty() { format!("the input of '{process}'") } else { format!("input '{process}/{input}'") }
}

/// The types of an input or output as messages list them.
pub(crate) fn types(io: &IoDefinition) -> String {
    listed(io.data_types())
}

/// Types as messages list them.
pub(crate) fn listed<'types>(types: impl Iterator<Item = &'types DataType>) -> String {
    let texts: Vec<String> = types.map(DataType::to_string).collect();
    texts.join(" or ")
}

/// Values in definitions are accepted whatever their types; only functions' outputs have no use for one.
fn check_fixed(loaded: &Loaded, report: &mut Report) {
    for io in loaded.definition.inputs().iter().chain(loaded.definition.outputs()) {
        let Some(fixed) = &io.initializer else { continue };
        let found = DataType::of(fixed.value.value());
        if all_fit([&found].into_iter(), io.data_types()) {
            warn_mixed(fixed.value.value(), Placed::new(fixed.clone(), loaded.source), report);
        } else {
            let message = format!("the type here is {} but the value is {found}", types(io));
            report.add(Diagnostic::new(Code::W005, message).at(loaded.source, fixed.span, found.to_string()));
        }
    }
}

fn warn_mixed(value: &Value, place: Placed<Initializer>, report: &mut Report) {
    let Some([first, rest @ ..]) = value.as_array() else { return };
    let of_first = DataType::of(first);
    if let Some(other) = rest.iter().map(DataType::of).find(|other| !other.fits(&of_first)) {
        let message = format!("the elements of this array are of different types: {of_first} and {other}");
        let help = "the first element decides how the array is delivered".to_owned();
        report.add(Diagnostic::new(Code::W006, message).at(place.source, place.span, "").help(help));
    }
}
