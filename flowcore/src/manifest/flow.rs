//! The manifest of a runnable flow: `manifest.json`.

use super::Metadata;
use super::way::way_to;
use crate::Initializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

/// A compiled flow: all functions of the hierarchy in one flat table, with the connections between them.
///
/// Written with 2-space indent and without a last newline; ids ascend. Reading requires the functions only and ignores
/// unknown keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowManifest {
    /// The root flow's metadata.
    #[serde(default)]
    pub metadata: Metadata,
    /// URLs of all library functions in the hierarchy, sorted.
    #[serde(default)]
    pub lib_references: Vec<String>,
    /// URLs of all context functions in the hierarchy, sorted.
    #[serde(default)]
    pub context_references: Vec<String>,
    /// Functions by id. Ids are unique across functions and flows, and may have gaps.
    #[serde(deserialize_with = "each_id_once")]
    pub functions: BTreeMap<u64, FunctionInfo>,
    /// Flows by id.
    #[serde(default, deserialize_with = "each_id_once")]
    pub flows: BTreeMap<u64, FlowInfo>,
    /// Where the modules of provided functions were built from, as `file:` URLs relative to the root flow; for people
    /// only.
    #[serde(default)]
    pub source_urls: BTreeMap<String, String>,
}

/// One function of a compiled flow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FunctionInfo {
    /// The name it has in its flow; only with debug symbols.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where it stands in the hierarchy, `/root/sub/function`; only with debug symbols.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub route: String,
    /// Its id, the same as its key in the table.
    pub process_id: u64,
    /// The id of the flow that contains it.
    pub parent_id: u64,
    /// A `lib://` or `context://` URL, or the place of a module relative to the manifest.
    pub implementation_location: String,
    /// Its inputs, in the order in which the implementation takes their values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<InputInfo>,
    /// Where its results go, in send order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub output_connections: Vec<OutputConnection>,
}

/// One input of a function.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InputInfo {
    /// Its name; empty for a default input.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The number of leading `array/` in its first type.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub array_order: u32,
    /// Whether it takes any value untouched.
    #[serde(default, skip_serializing_if = "is_false")]
    pub generic: bool,
    /// Set on this input itself. Present with a null value is not the same as absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub initializer: Option<Initializer>,
    /// Pushed here from an input or output of a flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_initializer: Option<Initializer>,
}

/// One edge of the compiled graph: what a function sends to one input of another, or of itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutputConnection {
    /// What is sent.
    #[serde(default, skip_serializing_if = "Source::is_whole_output")]
    pub source: Source,
    /// The function it goes to.
    pub destination_id: u64,
    /// Which of that function's inputs.
    pub destination_io_number: usize,
    /// The flow that contains that function.
    pub destination_parent_id: u64,
    /// Whether the connection stands in one flow and passes no flow boundary.
    #[serde(default, skip_serializing_if = "is_false")]
    pub internal: bool,
    /// The route of the destination input; only with debug symbols.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub destination: String,
    /// The name of the connection at the source.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// What a connection sends.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Source {
    /// The part of the result that a JSON pointer selects; an empty pointer is the whole result.
    Output(String),
    /// A copy of the value that the job took from the input of this number.
    Input(usize),
}

impl Source {
    fn is_whole_output(&self) -> bool {
        matches!(self, Source::Output(pointer) if pointer.is_empty())
    }
}

impl Default for Source {
    fn default() -> Source {
        Source::Output(String::new())
    }
}

/// One flow of the hierarchy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowInfo {
    /// Its id, the same as its key in the table.
    pub process_id: u64,
    /// The flow that contains it; none for the root.
    #[serde(default)]
    pub parent_id: Option<u64>,
    /// The flows directly in it, in ascending order of their aliases.
    #[serde(default)]
    pub sub_flow_ids: Vec<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn is_false(truth: &bool) -> bool {
    !*truth
}

/// A table by id. Of two entries with one id JSON readers take the last, and half of a flow would be gone unnoticed.
fn each_id_once<'de, D, T>(deserializer: D) -> Result<BTreeMap<u64, T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    struct Entries<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
        type Value = BTreeMap<u64, T>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("an object with ids as keys")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
            let mut table = BTreeMap::new();
            while let Some(id) = members.next_key()? {
                if table.insert(id, members.next_value()?).is_some() {
                    return Err(de::Error::custom(format_args!("the id {id} is given twice")));
                }
            }
            Ok(table)
        }
    }

    deserializer.deserialize_map(Entries(PhantomData))
}

/// Text that is not a manifest, or a manifest that contradicts itself.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, or not of the form of a manifest; says where and why.
    #[error("{source}{}", within(way))]
    Form {
        /// Why, with line and column.
        source: serde_json::Error,
        /// The way there, through members and elements; empty at the top.
        way: String,
    },
    /// JSON, but no object.
    #[error("it is not a JSON object")]
    NoObject,
    /// The key of a function or flow is not its `process_id`.
    #[error("the {kind} with key {key} has process_id {process_id}; they must be equal")]
    KeyDiffers {
        /// `function` or `flow`.
        kind: &'static str,
        /// The key in the table.
        key: u64,
        /// The id in the entry.
        process_id: u64,
    },
    /// One id names a function and a flow.
    #[error("id {id} names both a function and a flow")]
    SharedId {
        /// The id.
        id: u64,
    },
    /// A connection leads to a function that is not in the table.
    #[error("function {from} has a connection to function {to}, which does not exist")]
    NoSuchFunction {
        /// The sending function.
        from: u64,
        /// The missing function.
        to: u64,
    },
    /// A connection leads to an input that its destination does not have.
    #[error("function {from} has a connection to input {input} of function {to}, which has {inputs} inputs")]
    NoSuchInput {
        /// The sending function.
        from: u64,
        /// The receiving function.
        to: u64,
        /// The missing input.
        input: usize,
        /// How many inputs there are.
        inputs: usize,
    },
    /// A connection copies an input that its source does not have.
    #[error("function {function} has a connection that copies its input {input}, but it has {inputs} inputs")]
    NoSuchCopy {
        /// The sending function.
        function: u64,
        /// The missing input.
        input: usize,
        /// How many inputs there are.
        inputs: usize,
    },
    /// A connection sends a part that is named wrongly: it would never send anything.
    #[error(
        "function {function} has a connection from '{pointer}', but what is selected of an output begins with '/'"
    )]
    NoPointer {
        /// The sending function.
        function: u64,
        /// What stands in place of a JSON pointer.
        pointer: String,
    },
    /// A function does not say what it runs.
    #[error("function {function} has an empty implementation_location")]
    NoImplementation {
        /// The function.
        function: u64,
    },
    /// What should be the flow around a function or a flow is a function.
    #[error("{kind} {id} has parent_id {parent}, which is a function and no flow")]
    ParentIsFunction {
        /// `function` or `flow`.
        kind: &'static str,
        /// What lies there.
        id: u64,
        /// Where it lies.
        parent: u64,
    },
    /// Following the parents of a flow leads back to it.
    #[error("flow {flow} lies inside itself")]
    CyclicFlows {
        /// A flow of the cycle.
        flow: u64,
    },
}

fn within(way: &str) -> String {
    if way.is_empty() { String::new() } else { format!(", in {way}") }
}

/// Reads a flow manifest and checks that it does not contradict itself.
///
/// # Errors
///
/// See [`ManifestError`].
pub fn read_flow_manifest(json: &str) -> Result<FlowManifest, ManifestError> {
    // Some editors put a byte-order mark in front.
    let json = json.strip_prefix('\u{feff}').unwrap_or(json);
    // Serde would also take the members of a manifest from a list, by position, and complain in those terms.
    if json.trim_start().starts_with(|first| matches!(first, '[' | '"' | 'n' | 't' | 'f' | '-' | '0'..='9')) {
        return Err(ManifestError::NoObject);
    }
    let form = |source: serde_json::Error| {
        let way = way_to(json, source.line(), source.column());
        ManifestError::Form { source, way }
    };
    let manifest: FlowManifest = serde_json::from_str(json).map_err(form)?;
    manifest.check()?;
    Ok(manifest)
}

impl FlowManifest {
    /// The JSON text, as it stands in `manifest.json`.
    ///
    /// # Errors
    ///
    /// Fails only where serde_json does, which for this type it has no reason to.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// Writes the same text, piece by piece.
    ///
    /// # Errors
    ///
    /// Fails where the writer does.
    pub fn write_json(&self, writer: impl std::io::Write) -> Result<(), serde_json::Error> {
        serde_json::to_writer_pretty(writer, self)
    }

    /// Checks everything that a table of numbers can get wrong.
    fn check(&self) -> Result<(), ManifestError> {
        for (&key, function) in &self.functions {
            if key != function.process_id {
                return Err(ManifestError::KeyDiffers {
                    kind: "function",
                    key,
                    process_id: function.process_id,
                });
            }
            if self.flows.contains_key(&key) {
                return Err(ManifestError::SharedId { id: key });
            }
            if function.implementation_location.is_empty() {
                return Err(ManifestError::NoImplementation { function: key });
            }
            self.check_parent("function", key, Some(function.parent_id))?;
            for connection in &function.output_connections {
                self.check_connection(function, connection)?;
            }
        }
        for (&key, flow) in &self.flows {
            if key != flow.process_id {
                return Err(ManifestError::KeyDiffers { kind: "flow", key, process_id: flow.process_id });
            }
            self.check_parent("flow", key, flow.parent_id)?;
        }
        self.check_ancestors()
    }

    /// A flow that is only mentioned may be missing from the table, but what lies around others is a flow.
    fn check_parent(&self, kind: &'static str, id: u64, parent: Option<u64>) -> Result<(), ManifestError> {
        match parent.filter(|parent| self.functions.contains_key(parent)) {
            Some(parent) => Err(ManifestError::ParentIsFunction { kind, id, parent }),
            None => Ok(()),
        }
    }

    /// Walks up from each flow until it meets the root or a flow that is known to lead there.
    fn check_ancestors(&self) -> Result<(), ManifestError> {
        let mut leads_to_root = BTreeSet::new();
        for &start in self.flows.keys() {
            let mut path = BTreeSet::new();
            let mut next = Some(start);
            while let Some(flow) = next.and_then(|id| self.flows.get(&id)) {
                if leads_to_root.contains(&flow.process_id) {
                    break;
                }
                if !path.insert(flow.process_id) {
                    return Err(ManifestError::CyclicFlows { flow: flow.process_id });
                }
                next = flow.parent_id;
            }
            leads_to_root.append(&mut path);
        }
        Ok(())
    }

    fn check_connection(
        &self,
        from: &FunctionInfo,
        connection: &OutputConnection,
    ) -> Result<(), ManifestError> {
        let to = self
            .functions
            .get(&connection.destination_id)
            .ok_or(ManifestError::NoSuchFunction { from: from.process_id, to: connection.destination_id })?;
        if connection.destination_io_number >= to.inputs.len() {
            return Err(ManifestError::NoSuchInput {
                from: from.process_id,
                to: to.process_id,
                input: connection.destination_io_number,
                inputs: to.inputs.len(),
            });
        }
        let function = from.process_id;
        match &connection.source {
            Source::Input(input) if *input >= from.inputs.len() => {
                Err(ManifestError::NoSuchCopy { function, input: *input, inputs: from.inputs.len() })
            }
            Source::Output(pointer) if !pointer.is_empty() && !pointer.starts_with('/') => {
                Err(ManifestError::NoPointer { function, pointer: pointer.clone() })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The smallest manifest that other implementations accept.
    const SMALLEST: &str = r#"{"metadata": {}, "lib_references": [], "context_references": [], "source_urls": {},
        "functions": {"7": {"process_id": 7, "parent_id": 0,
            "implementation_location": "context://stdio/stdout",
            "inputs": [{"generic": true, "initializer": {"once": "hi"}}]}}}"#;

    #[test]
    fn the_smallest_manifest_is_read() {
        let manifest = read_flow_manifest(SMALLEST).unwrap();
        let input = &manifest.functions[&7].inputs[0];
        assert!(input.generic);
        assert_eq!(input.initializer, Some(Initializer::Once("hi".into())));
    }

    #[test]
    fn a_null_initializer_is_not_an_absent_one() {
        let json = SMALLEST.replace(r#"{"once": "hi"}"#, r#"{"once": null}"#);
        let manifest = read_flow_manifest(&json).unwrap();
        assert_eq!(manifest.functions[&7].inputs[0].initializer, Some(Initializer::Once(crate::Value::Null)));
        assert!(manifest.to_json().unwrap().contains(r#""once": null"#));
    }

    #[test]
    fn defaults_are_not_written() {
        let text = read_flow_manifest(SMALLEST).unwrap().to_json().unwrap();
        for absent in ["array_order", "output_connections", "name\": \"\"\n      }", "route", "internal"] {
            assert!(!text.contains(absent), "{absent} in {text}");
        }
        assert!(text.contains("\n  \"functions\": {\n    \"7\": {"), "{text}");
        assert!(text.ends_with('}'));
    }

    #[test]
    fn unknown_keys_are_ignored() {
        let json = SMALLEST
            .replace(r#""parent_id": 0"#, r#""parent_id": 0, "implementation_url": "file:///", "x": 1"#);
        assert_eq!(read_flow_manifest(&json).unwrap(), read_flow_manifest(SMALLEST).unwrap());
    }

    #[test]
    fn what_is_no_object_is_no_manifest() {
        for json in ["[]", "null", "5", " \"x\"", "true"] {
            assert_eq!(read_flow_manifest(json).unwrap_err().to_string(), "it is not a JSON object");
        }
    }

    fn error(functions: &str, flows: &str) -> String {
        let json = format!(r#"{{"functions": {{{functions}}}, "flows": {{{flows}}}}}"#);
        read_flow_manifest(&json).unwrap_err().to_string()
    }

    #[test]
    fn contradictions_are_errors_that_name_the_ids() {
        let function = |connection: &str| {
            format!(
                r#""1": {{"process_id": 1, "parent_id": 0, "implementation_location": "lib://l/f", "inputs": [{{}}],
                    "output_connections": [{{{connection}, "destination_parent_id": 0}}]}}"#
            )
        };
        let to = |id, input| format!(r#""destination_id": {id}, "destination_io_number": {input}"#);
        assert!(error(&function(&to(2, 0)), "").contains("function 1 has a connection to function 2"));
        assert!(error(&function(&to(1, 1)), "").contains("input 1 of function 1, which has 1 inputs"));
        let copy = format!(r#""source": {{"Input": 3}}, {}"#, to(1, 0));
        assert!(error(&function(&copy), "").contains("copies its input 3"));
        let good = function(&to(1, 0));
        assert!(error(&good.replace(r#""1": "#, r#""4": "#), "").contains("key 4 has process_id 1"));
        let flow = r#""1": {"process_id": 1, "parent_id": null, "sub_flow_ids": []}"#;
        assert!(error(&good, flow).contains("id 1 names both"));
        assert!(error(&good.replace("lib://l/f", ""), "").contains("function 1 has an empty implementation"));
        let within = good.replace(r#""parent_id": 0"#, r#""parent_id": 1"#);
        assert!(error(&within, "").contains("function 1 has parent_id 1, which is a function"));
        let flow = r#""5": {"process_id": 5, "parent_id": 1}"#;
        assert!(error(&good, flow).contains("flow 5 has parent_id 1, which is a function"));
        let cycle = r#""5": {"process_id": 5, "parent_id": 6, "sub_flow_ids": []},
            "6": {"process_id": 6, "parent_id": 5, "sub_flow_ids": []}"#;
        assert!(error(&good, cycle).contains("lies inside itself"));
    }

    /// One of everything.
    const WHOLE: &str = r#"{
  "metadata": {"name": "n", "authors": ["a"]}, "lib_references": ["lib://l/f"], "context_references": [],
  "functions": {
    "1": {"process_id": 1, "parent_id": 0, "implementation_location": "lib://l/f",
      "inputs": [{"name": "i", "array_order": 2, "initializer": {"once": [1, {"a": null}]}}, {"generic": true}],
      "output_connections": [{"source": {"Output": "/a"}, "destination_id": 1, "destination_io_number": 0,
        "destination_parent_id": 0, "internal": true, "name": "c"}]}
  },
  "flows": {"0": {"process_id": 0, "parent_id": null, "sub_flow_ids": []}},
  "source_urls": {"f.wasm": "file:f.rs"}
}"#;

    /// What is said about the manifest with one text in it replaced.
    fn spoiled(from: &str, to: &str) -> String {
        assert!(WHOLE.contains(from), "{from}");
        read_flow_manifest(&WHOLE.replacen(from, to, 1)).unwrap_err().to_string()
    }

    #[test]
    fn whatever_is_cut_off_is_an_error_with_a_place() {
        assert!(read_flow_manifest(WHOLE).is_ok());
        for end in 1..WHOLE.len() {
            let error = read_flow_manifest(&WHOLE[..end]).unwrap_err().to_string();
            assert!(error.contains(" at line "), "{error} for {}", &WHOLE[..end]);
        }
        assert!(read_flow_manifest("").is_err());
    }

    #[test]
    fn a_byte_order_mark_is_passed_over() {
        assert_eq!(
            read_flow_manifest(&format!("\u{feff}{WHOLE}")).unwrap(),
            read_flow_manifest(WHOLE).unwrap()
        );
    }

    #[test]
    fn an_id_that_is_given_twice_is_an_error() {
        let twice =
            r#""1": {"process_id": 1, "parent_id": 0, "implementation_location": "lib://l/g"}, "1": {"#;
        let said = spoiled(r#""1": {"#, twice);
        assert!(said.starts_with("the id 1 is given twice at line 8 column "), "{said}");
        let flow = r#""0": {"process_id": 0}, "0": {"#;
        assert!(spoiled(r#""0": {"#, flow).starts_with("the id 0 is given twice"));
        assert!(spoiled(r#""parent_id": 0,"#, r#""parent_id": 0, "parent_id": 1,"#).contains("`parent_id`"));
    }

    #[test]
    fn numbers_and_kinds_that_cannot_be_are_errors_with_a_place() {
        for (from, to, said) in [
            (
                r#""process_id": 1"#,
                r#""process_id": -1"#,
                "`-1`, expected u64 at line 4 column 26, in functions/1/process_id",
            ),
            (r#""process_id": 1"#, r#""process_id": 1.5"#, "`1.5`, expected u64 at line 4"),
            (r#""process_id": 1"#, r#""process_id": 18446744073709551616"#, "expected u64 at line 4"),
            (r#""process_id": 1"#, r#""process_id": "1""#, "expected u64 at line 4"),
            (r#""process_id": 1, "#, "", "missing field `process_id` at line 7 column 68, in functions/1"),
            (
                r#""array_order": 2"#,
                r#""array_order": 4294967296"#,
                "expected u32 at line 5 column 56, in functions/1/inputs/0/array_order",
            ),
            (r#""array_order": 2"#, r#""array_order": -2"#, "expected u32 at line 5"),
            (r#""1": {"#, r#""one": {"#, "line 4"),
            (r#""1": {"#, r#""-1": {"#, "line 4"),
            (r#"{"once": [1, {"a": null}]}"#, r#"{"Once": 1}"#, "unknown variant `Once`"),
            (r#"{"once": [1, {"a": null}]}"#, r#"{"once": 1, "always": 2}"#, "line 5"),
            (r#"{"Output": "/a"}"#, r#"{"output": "/a"}"#, "unknown variant `output`"),
            (r#"{"Output": "/a"}"#, r#"{"Output": "a"}"#, "function 1 has a connection from 'a'"),
            (r#"{"Output": "/a"}"#, r#"{"Input": 2}"#, "copies its input 2, but it has 2 inputs"),
            (r#""destination_id": 1"#, r#""destination_id": 18446744073709551615"#, "18446744073709551615"),
            (
                r#""destination_io_number": 0"#,
                r#""destination_io_number": 4000000000"#,
                "input 4000000000 of",
            ),
            (r#""parent_id": null"#, r#""parent_id": 0"#, "flow 0 lies inside itself"),
            (r#""functions": {"#, r#""functions": ["#, "line 3"),
        ] {
            let error = spoiled(from, to);
            assert!(error.contains(said), "{to}: {error}");
        }
    }

    #[test]
    fn nesting_and_long_circles_need_no_deep_stack() {
        let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(spoiled(r#"{"a": null}"#, &deep).contains("recursion limit"));
        let flows: Vec<String> = (2..20_000_u32)
            .map(|id| {
                let parent = if id == 2 { 19_999 } else { id - 1 };
                format!(r#""{id}": {{"process_id": {id}, "parent_id": {parent}}}"#)
            })
            .collect();
        assert_eq!(
            spoiled(r#""0": {"process_id": 0"#, &format!(r#"{}, "0": {{"process_id": 0"#, flows.join(","))),
            "flow 2 lies inside itself"
        );
    }
}
