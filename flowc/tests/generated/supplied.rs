//! The definitions of the standard library and of the default runner, as data.

use crate::notation::Notation;
use crate::project::{Body, Connection, Definition, Initial, Io, Reference, Target};
use flowcore::Initializer;
use flowcore::definition::IoDefinition;
use flowcore::format::{Format, read_definition};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

/// By URL.
pub(crate) static SUPPLIED: LazyLock<BTreeMap<String, Definition>> = LazyLock::new(|| {
    let mut known = BTreeMap::new();
    for (path, text) in flowstdlib::DEFINITIONS {
        known.insert(format!("lib://flowstdlib/{}", reference(path)), definition(text));
    }
    let context = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flowrcli/context");
    for name in ["args/get", "stdio/readline", "stdio/stderr", "stdio/stdin", "stdio/stdout"] {
        let text = std::fs::read_to_string(context.join(format!("{name}.toml"))).unwrap();
        known.insert(format!("context://{name}"), definition(&text));
    }
    known
});

/// `math/add` for `math/add/add.toml`, `math/range` for `math/range.toml`.
fn reference(path: &str) -> &str {
    let stem = path.strip_suffix(".toml").unwrap();
    match stem.rsplit_once('/') {
        Some((folder, last)) if folder.rsplit('/').next() == Some(last) => folder,
        _ => stem,
    }
}

fn initial(initializer: &Initializer) -> Initial {
    let value = serde_json::to_value(initializer.value()).unwrap();
    Initial { always: matches!(initializer, Initializer::Always(_)), value }
}

fn definition(text: &str) -> Definition {
    use flowcore::definition::Definition::{Flow, Function};
    let io = |io: &IoDefinition| Io {
        name: io.name.value.clone(),
        types: io
            .data_types()
            .map(|data_type| if data_type.is_generic() { String::new() } else { data_type.to_string() })
            .collect(),
        value: io.initializer.as_ref().map(|initializer| initial(&initializer.value)),
    };
    let read = read_definition(text, Format::Toml).unwrap();
    let body = match &read {
        Function(function) => {
            Body::Function { impure: function.impure.is_some(), source: function.source.value.clone() }
        }
        Flow(flow) => Body::Flow {
            processes: flow
                .processes
                .iter()
                .map(|process| Reference {
                    target: Target::Supplied(process.source.value.clone()),
                    alias: process.alias.value.clone(),
                    inputs: process
                        .initializers
                        .iter()
                        .map(|(name, value)| (name.value.clone(), initial(&value.value)))
                        .collect(),
                })
                .collect(),
            connections: flow
                .connections
                .iter()
                .map(|connection| Connection {
                    name: connection.name.value.clone(),
                    from: connection.from.value.clone(),
                    to: connection.to.iter().map(|to| to.value.clone()).collect(),
                })
                .collect(),
            metadata: None,
        },
    };
    Definition {
        name: read.name().value.clone(),
        directory: String::new(),
        stem: String::new(),
        notation: Notation::Toml,
        inputs: read.inputs().iter().map(io).collect(),
        outputs: read.outputs().iter().map(io).collect(),
        body,
    }
}
