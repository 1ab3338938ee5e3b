//! Types as text, by the rules of language 6.

/// How many arrays lie around the innermost type.
pub(crate) fn order(of: &str) -> usize {
    of.strip_prefix("array/").map_or(0, |element| 1 + order(element))
}

fn element_is_generic(of: &str) -> bool {
    of.is_empty() || of == "array/"
}

/// Language 6.3, with what is accepted beyond the table.
pub(crate) fn fits(source: &str, destination: &str) -> bool {
    if element_is_generic(source) || element_is_generic(destination) {
        return true;
    }
    let strip = |from: &str, levels: usize| from.splitn(levels + 1, '/').last().unwrap().to_owned();
    match order(source) as i64 - order(destination) as i64 {
        0 => level_by_level(source, destination),
        up @ (1 | 2) => fits(&strip(source, up as usize), destination),
        down @ (-1 | -2) => fits(source, &strip(destination, down.unsigned_abs() as usize)),
        _ => false,
    }
}

fn level_by_level(source: &str, destination: &str) -> bool {
    if source == destination || source.is_empty() || destination.is_empty() {
        return true;
    }
    if destination == "object" {
        return source.starts_with("object/");
    }
    match (source.split_once('/'), destination.split_once('/')) {
        (Some((s, source)), Some((d, destination))) => s == d && level_by_level(source, destination),
        _ => false,
    }
}

/// Every source type fits some destination type (6.5).
pub(crate) fn all_fit(source: &[String], destination: &[String]) -> bool {
    !source.is_empty() && source.iter().all(|from| destination.iter().any(|to| fits(from, to)))
}

/// The type behind so many steps; none if there is none (6.6).
pub(crate) fn narrow(of: &str, steps: usize) -> Option<String> {
    if steps == 0 {
        return Some(of.to_owned());
    }
    if of.is_empty() || of == "object" {
        return Some(String::new());
    }
    narrow(of.split_once('/')?.1, steps - 1)
}

/// The type of a literal (6.7).
pub(crate) fn of_value(value: &serde_json::Value) -> String {
    use serde_json::Value::*;
    match value {
        Null => "null".to_owned(),
        Bool(_) => "boolean".to_owned(),
        Number(_) => "number".to_owned(),
        String(_) => "string".to_owned(),
        Array(elements) => {
            format!("array/{}", elements.first().map(of_value).unwrap_or_default())
        }
        Object(members) => {
            // Members are in ascending order of their keys.
            members.values().next().map_or("object".to_owned(), |first| format!("object/{}", of_value(first)))
        }
    }
}
