//! The way to a place in a JSON text, in the names of the members and the numbers of the elements around it: a line
//! tells where to look, and this tells what it is that is wrong.

/// The way to the byte before that line and column, as serde_json counts them: `functions/1/inputs/0/array_order`.
pub(super) fn way_to(json: &str, line: usize, column: usize) -> String {
    let lines = json.split_inclusive('\n').take(line.saturating_sub(1));
    let end = lines.map(str::len).sum::<usize>().saturating_add(column);
    let names = levels(json.get(..end).unwrap_or(json)).into_iter().filter_map(|level| match level {
        Level::Array(element) => Some(element.to_string()),
        Level::Object("") => None,
        Level::Object(member) => Some(member.to_owned()),
    });
    names.collect::<Vec<String>>().join("/")
}

/// An array or object that is not closed yet.
enum Level<'json> {
    /// With the number of the element that is being read.
    Array(usize),
    /// With the name of the member that is being read.
    Object(&'json str),
}

/// What is not closed at the end of the beginning of a JSON text. What the last character closes still counts, as a
/// whole: it is what was read last.
fn levels(json: &str) -> Vec<Level<'_>> {
    let mut levels = Vec::new();
    let mut text = "";
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        let (_, after) = rest.split_at(first.len_utf8());
        rest = after;
        match (first, levels.last_mut()) {
            ('"', _) => (text, rest) = split_text(after),
            ('[', _) => levels.push(Level::Array(0)),
            ('{', _) => levels.push(Level::Object("")),
            (']' | '}', _) if !after.is_empty() => drop(levels.pop()),
            ('}', Some(Level::Object(member))) => *member = "",
            (':', Some(Level::Object(member))) => *member = text,
            (',', Some(Level::Object(member))) => *member = "",
            (',', Some(Level::Array(element))) => *element += 1,
            _ => {}
        }
    }
    levels
}

/// What is inside of a text whose first quotation mark has been read, and what follows it.
fn split_text(json: &str) -> (&str, &str) {
    let mut escaped = false;
    let end = json.find(|character| {
        let ends = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    });
    let (text, rest) = json.split_at(end.unwrap_or(json.len()));
    (text, rest.strip_prefix('"').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::way_to;

    #[test]
    fn a_way_names_members_and_elements() {
        let json = "{\"a\": {\"b]\\\"\": [1,\n {\"c\": 2},\n true]},\n \"d\": 3}";
        for (line, column, way) in [
            (1, 0, ""),
            (1, 1, ""),
            (1, 7, "a"),
            (1, 17, "a/b]\\\"/0"),
            (2, 8, "a/b]\\\"/1/c"),
            (2, 9, "a/b]\\\"/1"),
            (3, 5, "a/b]\\\"/2"),
            (3, 7, "a"),
            (4, 7, "d"),
            (9, 9, ""),
        ] {
            assert_eq!(way_to(json, line, column), way, "{line}:{column}");
        }
    }

    #[test]
    fn what_is_no_json_has_some_way_or_none() {
        for json in ["", "]", "\"", "{\"a\\", "{é:", "[[[,", "}}:,"] {
            for column in 0..9 {
                way_to(json, 1, column);
            }
        }
    }
}
