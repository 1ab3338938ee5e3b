//! What holds for every manifest: the checklist of the format, on the text alone.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What holds, and whether it does.
type Rule = (&'static str, fn(&Value) -> bool);

/// The first rule that is broken.
pub(crate) fn check(text: &str) -> Result<(), String> {
    let manifest: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let rules: [Rule; 9] = [
        ("all six members are there", has_six_members),
        ("references are sorted, unique and of their scheme", references_are_sorted),
        ("keys equal process_id; ids are unique across functions and flows", ids_are_unique),
        ("functions come behind flows", functions_come_behind_flows),
        ("every parent is a flow, and only the root has none", parents_are_flows),
        ("sub_flow_ids are the flows whose parent this is", sub_flows_agree),
        ("destinations exist, and their parents match", destinations_exist),
        ("sources have their form", sources_have_their_form),
        ("internal connections stay in a flow", internal_stays_inside),
    ];
    let broken = rules.iter().find(|(_, holds)| !holds(&manifest)).map(|(rule, _)| *rule);
    let broken = broken.or((!is_laid_out(text)).then_some("layout and order of keys"));
    broken.map_or(Ok(()), |rule| Err(format!("this does not hold: {rule}")))
}

fn table<'manifest>(manifest: &'manifest Value, key: &str) -> BTreeMap<u64, &'manifest Value> {
    let members = manifest[key].as_object().unwrap().iter();
    members.map(|(id, value)| (id.parse().unwrap(), value)).collect()
}

fn connections(function: &Value) -> impl Iterator<Item = &Value> {
    function.get("output_connections").and_then(Value::as_array).into_iter().flatten()
}

fn inputs(function: &Value) -> u64 {
    function.get("inputs").and_then(Value::as_array).map_or(0, Vec::len) as u64
}

fn has_six_members(manifest: &Value) -> bool {
    let keys = ["context_references", "flows", "functions", "lib_references", "metadata", "source_urls"];
    manifest.as_object().unwrap().keys().eq(keys)
}

fn references_are_sorted(manifest: &Value) -> bool {
    [("lib_references", "lib://"), ("context_references", "context://")].into_iter().all(|(key, scheme)| {
        let texts: Vec<&str> = manifest[key].as_array().unwrap().iter().flat_map(Value::as_str).collect();
        texts.is_sorted_by(|one, other| one < other) && texts.iter().all(|text| text.starts_with(scheme))
    })
}

fn ids_are_unique(manifest: &Value) -> bool {
    let (functions, flows) = (table(manifest, "functions"), table(manifest, "flows"));
    let equal = |(id, value): (&u64, &&Value)| value["process_id"] == *id;
    functions.iter().all(equal)
        && flows.iter().all(equal)
        && functions.keys().all(|id| !flows.contains_key(id))
}

fn functions_come_behind_flows(manifest: &Value) -> bool {
    let last = table(manifest, "flows").keys().copied().max();
    table(manifest, "functions").keys().all(|id| Some(*id) > last)
}

fn parents_are_flows(manifest: &Value) -> bool {
    let flows = table(manifest, "flows");
    let is_flow = |value: &Value| value.as_u64().is_some_and(|id| flows.contains_key(&id));
    flows
        .iter()
        .all(|(id, flow)| if *id == 0 { flow["parent_id"].is_null() } else { is_flow(&flow["parent_id"]) })
        && table(manifest, "functions").values().all(|function| is_flow(&function["parent_id"]))
}

fn sub_flows_agree(manifest: &Value) -> bool {
    let flows = table(manifest, "flows");
    flows.iter().all(|(id, flow)| {
        let told: BTreeSet<u64> =
            flow["sub_flow_ids"].as_array().unwrap().iter().flat_map(Value::as_u64).collect();
        let found = flows.iter().filter(|(_, sub)| sub["parent_id"] == *id).map(|(sub, _)| *sub).collect();
        told == found
    })
}

fn destinations_exist(manifest: &Value) -> bool {
    let functions = table(manifest, "functions");
    functions.values().flat_map(|function| connections(function)).all(|connection| {
        let to = functions.get(&connection["destination_id"].as_u64().unwrap());
        to.is_some_and(|to| {
            connection["destination_io_number"].as_u64().unwrap() < inputs(to)
                && connection["destination_parent_id"] == to["parent_id"]
        })
    })
}

fn sources_have_their_form(manifest: &Value) -> bool {
    table(manifest, "functions").values().all(|function| {
        connections(function).all(|connection| {
            let Some(source) = connection.get("source") else { return true };
            let pointer = source.get("Output").and_then(Value::as_str);
            let copy = source.get("Input").and_then(Value::as_u64);
            source.as_object().is_some_and(|members| members.len() == 1)
                && match (pointer, copy) {
                    (Some(pointer), None) => pointer.starts_with('/'),
                    (None, Some(copy)) => copy < inputs(function),
                    _ => false,
                }
        })
    })
}

fn internal_stays_inside(manifest: &Value) -> bool {
    table(manifest, "functions").values().all(|function| {
        connections(function).all(|connection| {
            connection.get("internal") != Some(&Value::Bool(true))
                || connection["destination_parent_id"] == function["parent_id"]
        })
    })
}

/// Two blanks a level, no last newline, the members of the two tables by ascending number.
fn is_laid_out(text: &str) -> bool {
    let mut last: Option<u64> = None;
    for line in text.lines() {
        let is_member = line.starts_with("    \"") && line.ends_with('{');
        if !line.starts_with("    ") {
            last = None;
        } else if is_member
            && let Some(id) = line.trim().trim_end_matches(": {").trim_matches('"').parse().ok()
        {
            if last.is_some_and(|last| last >= id) {
                return false;
            }
            last = Some(id);
        }
    }
    text.starts_with("{\n  \"metadata\": {") && text.ends_with("\n}")
}

/// The functions of a manifest from which an impure one is reached: context functions are impure, and no others.
pub(crate) fn with_effect(manifest: &Value) -> BTreeSet<u64> {
    let functions = table(manifest, "functions");
    let is_impure =
        |function: &Value| function["implementation_location"].as_str().unwrap().starts_with("context:");
    let mut found: BTreeSet<u64> =
        functions.iter().filter(|(_, function)| is_impure(function)).map(|(id, _)| *id).collect();
    loop {
        let before = found.len();
        for (id, function) in &functions {
            if connections(function).any(|to| found.contains(&to["destination_id"].as_u64().unwrap())) {
                found.insert(*id);
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// The ids of the functions of a manifest.
pub(crate) fn functions(manifest: &Value) -> BTreeSet<u64> {
    table(manifest, "functions").keys().copied().collect()
}
