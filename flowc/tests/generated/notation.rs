//! The same tree in TOML, YAML and JSON.

use serde_json::{Map, Value};

/// How a definition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    /// Lists of tables under headers.
    Toml,
    /// Everything that can be inline is.
    TomlInline,
    /// Blocks.
    Yaml,
    Json,
}

impl Notation {
    pub(crate) const ALL: [Notation; 4] =
        [Notation::Toml, Notation::TomlInline, Notation::Yaml, Notation::Json];

    pub(crate) fn extension(self) -> &'static str {
        match self {
            Notation::Toml | Notation::TomlInline => "toml",
            Notation::Yaml => "yaml",
            Notation::Json => "json",
        }
    }
}

/// The text of a definition.
pub(crate) fn write(tree: &Value, notation: Notation) -> String {
    match notation {
        Notation::Json => serde_json::to_string_pretty(tree).unwrap(),
        Notation::Yaml => {
            let mut text = String::from("# written by a test\n");
            block(tree, 0, &mut text);
            text
        }
        Notation::Toml => tables(tree, true),
        Notation::TomlInline => tables(tree, false),
    }
}

/// In TOML and YAML texts are quoted as in JSON.
fn scalar(value: &Value) -> String {
    serde_json::to_string(value).unwrap().replace('\u{7f}', "\\u007f")
}

fn tables(tree: &Value, headers: bool) -> String {
    let object = tree.as_object().unwrap();
    let (mut text, mut behind) = (String::new(), String::new());
    for (key, value) in object {
        match value {
            Value::Array(elements) if headers && elements.iter().all(Value::is_object) => {
                for element in elements {
                    behind.push_str(&format!("\n[[{key}]]\n"));
                    for (key, value) in element.as_object().unwrap() {
                        behind.push_str(&format!(
                            "{} = {}\n",
                            scalar(&Value::from(key.as_str())),
                            inline(value)
                        ));
                    }
                }
            }
            _ => text.push_str(&format!("{key} = {}\n", inline(value))),
        }
    }
    text + &behind
}

fn inline(value: &Value) -> String {
    match value {
        Value::Array(elements) => {
            format!("[{}]", elements.iter().map(inline).collect::<Vec<_>>().join(", "))
        }
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| {
                format!("{} = {}", scalar(&Value::from(key.as_str())), inline(value))
            };
            format!("{{ {} }}", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        _ => scalar(value),
    }
}

fn block(value: &Value, depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                text.push_str(&format!("{indent}{}:", scalar(&Value::from(key.as_str()))));
                nested(value, depth, text);
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            for element in elements {
                text.push_str(&format!("{indent}-"));
                nested(element, depth, text);
            }
        }
        _ => text.push_str(&format!("{indent}{}\n", scalar(value))),
    }
}

fn nested(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(_) | Value::Array(_) if !is_empty(value) => {
            text.push('\n');
            block(value, depth + 1, text);
        }
        _ => text.push_str(&format!(" {}\n", scalar(value))),
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}
