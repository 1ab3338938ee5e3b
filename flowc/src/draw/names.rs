//! The names of the files that drawings are written to.

use std::collections::HashSet;

/// As long as the name of a file may be without its extension; file systems allow 255 bytes.
const LONGEST: usize = 120;

/// A name for each drawing, given the aliases that lead to it. The last alias alone if that is not taken, else all of
/// them; two names that differ in their case only are the same, for there are file systems that think so.
pub(super) fn file_names(paths: &[Vec<String>]) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::with_capacity(paths.len());
    for path in paths {
        let short = legal(path.last().map_or("", String::as_str));
        let long = legal(&path.join("."));
        let numbered = (2_u64..).map(|number| format!("{long}-{number}"));
        let mut candidates = [short, long.clone()].into_iter().chain(numbered);
        let free = candidates.find(|name| taken.insert(name.to_lowercase()));
        names.push(free.unwrap_or_default());
    }
    names
}

/// The same name without what file systems or shells have other uses for.
fn legal(name: &str) -> String {
    let replace = |character: char| match character {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        character if character.is_control() => '_',
        character => character,
    };
    let mut legal = String::new();
    for character in name.chars().map(replace) {
        if legal.len() + character.len_utf8() > LONGEST {
            break;
        }
        legal.push(character);
    }
    if legal.starts_with(['.', '-']) {
        legal.replace_range(..1, "_");
    }
    if legal.trim().is_empty() { "flow".to_owned() } else { legal }
}

/// The name as the path of a relative link.
pub(super) fn as_link(name: &str) -> String {
    let mut link = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => link.push(char::from(byte)),
            byte => link.push_str(&format!("%{byte:02X}")),
        }
    }
    link
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(paths: &[&[&str]]) -> Vec<String> {
        let path = |path: &&[&str]| path.iter().map(|alias| (*alias).to_owned()).collect();
        file_names(&paths.iter().map(path).collect::<Vec<_>>())
    }

    #[test]
    fn an_alias_is_the_name_until_it_is_taken() {
        let paths: [&[&str]; 4] = [&["r"], &["r", "a"], &["r", "b", "a"], &["r", "b.A"]];
        assert_eq!(names(&paths), ["r", "a", "r.b.a", "b.A"]);
        assert_eq!(names(&[&["r", "x"], &["X"], &["x"]]), ["x", "X-2", "x-3"]);
    }

    #[test]
    fn names_can_be_names_of_files() {
        assert_eq!(names(&[&["../a b"], &[""], &["-x"], &["größe"]]), ["_._a b", "flow", "_x", "größe"]);
        assert!(names(&[&["ä".repeat(500).as_str()]])[0].len() <= LONGEST);
    }

    #[test]
    fn links_escape_what_urls_have_other_uses_for() {
        assert_eq!(as_link("a-b c#ü%.svg"), "a-b%20c%23%C3%BC%25.svg");
    }
}
