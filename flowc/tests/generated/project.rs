//! A project as data, and its files.

use crate::notation::{self, Notation};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;

/// All definitions that may take part; the first is the root flow.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) definitions: Vec<Definition>,
}

/// A definition with a file of its own, or one of a library or the runner.
#[derive(Clone, Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    /// The directory of its file, relative to the root flow's; empty or with a last slash.
    pub(crate) directory: String,
    /// The name of its file, without extension.
    pub(crate) stem: String,
    pub(crate) notation: Notation,
    pub(crate) inputs: Vec<Io>,
    pub(crate) outputs: Vec<Io>,
    pub(crate) body: Body,
}

#[derive(Clone, Debug)]
pub(crate) enum Body {
    Flow { processes: Vec<Reference>, connections: Vec<Connection>, metadata: Option<Value> },
    Function { impure: bool, source: String },
}

#[derive(Clone, Debug)]
pub(crate) struct Io {
    pub(crate) name: String,
    /// Never empty.
    pub(crate) types: Vec<String>,
    pub(crate) value: Option<Initial>,
}

#[derive(Clone, Debug)]
pub(crate) struct Initial {
    pub(crate) always: bool,
    pub(crate) value: Value,
}

#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) target: Target,
    /// Empty to use the name of what is referred to.
    pub(crate) alias: String,
    pub(crate) inputs: Vec<(String, Initial)>,
}

/// What a reference refers to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Target {
    /// A file of the project, by its position.
    Own(usize),
    /// A `lib://` or `context://` URL.
    Supplied(String),
}

#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) name: String,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
}

impl Initial {
    pub(crate) fn json(&self) -> Value {
        json!({ if self.always { "always" } else { "once" }: self.value })
    }
}

impl Project {
    /// The path of a definition's file.
    pub(crate) fn path(&self, index: usize) -> String {
        let Definition { directory, stem, notation, .. } = &self.definitions[index];
        format!("{directory}{stem}.{}", notation.extension())
    }

    /// The same with all definitions in one notation.
    pub(crate) fn in_notation(&self, notation: Notation) -> Project {
        let mut project = self.clone();
        project.definitions.iter_mut().for_each(|definition| definition.notation = notation);
        project
    }

    /// Every file with its text.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for (index, definition) in self.definitions.iter().enumerate() {
            let tree = self.tree(definition);
            files.push((self.path(index), notation::write(&tree, definition.notation)));
            if let Body::Function { source, .. } = &definition.body {
                files.push((format!("{}{source}", definition.directory), String::new()));
            }
        }
        files
    }

    /// Writes the files below a directory.
    pub(crate) fn write(&self, directory: &Path) {
        for (path, text) in self.files() {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }

    fn tree(&self, definition: &Definition) -> Value {
        let mut tree = Map::new();
        let ios = |ios: &[Io]| ios.iter().map(io).collect::<Vec<Value>>();
        match &definition.body {
            Body::Flow { processes, connections, metadata } => {
                tree.insert("flow".to_owned(), json!(definition.name));
                let processes: Vec<Value> =
                    processes.iter().map(|reference| self.reference(definition, reference)).collect();
                let connections: Vec<Value> = connections.iter().map(connection).collect();
                insert_list(&mut tree, "process", processes);
                insert_list(&mut tree, "connection", connections);
                tree.extend(metadata.clone().map(|metadata| ("metadata".to_owned(), metadata)));
            }
            Body::Function { impure, source } => {
                tree.insert("function".to_owned(), json!(definition.name));
                tree.insert("source".to_owned(), json!(source));
                tree.insert("type".to_owned(), json!("rust"));
                if *impure {
                    tree.insert("impure".to_owned(), json!(true));
                }
            }
        }
        insert_list(&mut tree, "input", ios(&definition.inputs));
        insert_list(&mut tree, "output", ios(&definition.outputs));
        Value::Object(tree)
    }

    fn reference(&self, from: &Definition, reference: &Reference) -> Value {
        let source = match &reference.target {
            Target::Supplied(url) => url.clone(),
            Target::Own(index) => {
                let up = "../".repeat(from.directory.matches('/').count());
                let path = format!("{up}{}", self.path(*index));
                // Extensions of TOML files may be left out; every second one is.
                path.strip_suffix(".toml").filter(|_| index % 2 == 0).unwrap_or(&path).to_owned()
            }
        };
        let mut tree = Map::from_iter([("source".to_owned(), json!(source))]);
        if !reference.alias.is_empty() {
            tree.insert("alias".to_owned(), json!(reference.alias));
        }
        if !reference.inputs.is_empty() {
            let inputs: Map<String, Value> =
                reference.inputs.iter().map(|(name, initial)| (name.clone(), initial.json())).collect();
            tree.insert("input".to_owned(), Value::Object(inputs));
        }
        Value::Object(tree)
    }
}

fn insert_list(tree: &mut Map<String, Value>, key: &str, list: Vec<Value>) {
    if !list.is_empty() {
        tree.insert(key.to_owned(), Value::Array(list));
    }
}

fn io(io: &Io) -> Value {
    let mut tree = Map::new();
    if !io.name.is_empty() {
        tree.insert("name".to_owned(), json!(io.name));
    }
    match io.types.as_slice() {
        [one] if one.is_empty() => {}
        [one] => {
            tree.insert("type".to_owned(), json!(one));
        }
        several => {
            tree.insert("type".to_owned(), json!(several));
        }
    }
    tree.extend(io.value.as_ref().map(|initial| ("value".to_owned(), initial.json())));
    Value::Object(tree)
}

fn connection(connection: &Connection) -> Value {
    let to = match connection.to.as_slice() {
        [one] => json!(one),
        several => json!(several),
    };
    let mut tree = Map::from_iter([("from".to_owned(), json!(connection.from)), ("to".to_owned(), to)]);
    if !connection.name.is_empty() {
        tree.insert("name".to_owned(), json!(connection.name));
    }
    Value::Object(tree)
}
