//! Text from definitions in messages: what a terminal would act on instead of showing it is shown, and what is too long
//! to be read is cut.

use std::borrow::Cow;
use std::fmt::Write;

/// As many bytes as a message keeps at its beginning and at its end.
const KEPT: usize = 400;

/// Whether a character does something other than standing there: control characters, and those that turn the direction
/// of text around.
pub(super) fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The same text, safe to be shown and of bearable length.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    let text = shortened(text);
    if !text.contains(is_active) {
        return text;
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\t' => shown.push_str("\\t"),
            '\r' => shown.push_str("\\r"),
            active if is_active(active) => {
                // Writing to a string does not fail.
                write!(shown, "\\u{{{:x}}}", u32::from(active)).ok();
            }
            other => shown.push(other),
        }
    }
    Cow::Owned(shown)
}

fn shortened(text: &str) -> Cow<'_, str> {
    if text.len() <= 3 * KEPT {
        return Cow::Borrowed(text);
    }
    let (head, tail) = (text.floor_char_boundary(KEPT), text.ceil_char_boundary(text.len() - KEPT));
    let (head, tail) = (text.get(..head).unwrap_or_default(), text.get(tail..).unwrap_or_default());
    Cow::Owned(format!("{head} ... {tail}"))
}

/// As many places as are named at each end of a way.
const NAMED: usize = 6;

/// A way through several places. Of a long one only the ends are told: a message about each of many long ways would
/// fill the memory.
pub(crate) fn way<T>(places: &[T], name: impl Fn(&T) -> String) -> String {
    let names = |places: &[T]| places.iter().map(&name).collect::<Vec<_>>().join(" -> ");
    match (places.get(..NAMED), places.len().checked_sub(NAMED).and_then(|last| places.get(last..))) {
        (Some(first), Some(last)) if places.len() > 2 * NAMED => {
            format!("{} -> ({} more) -> {}", names(first), places.len() - 2 * NAMED, names(last))
        }
        _ => names(places),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_way_only_the_ends_are_told() {
        let name = |number: &usize| number.to_string();
        assert_eq!(way(&[1, 2, 1], name), "1 -> 2 -> 1");
        let long = way(&(0..100).collect::<Vec<_>>(), name);
        assert_eq!(long, "0 -> 1 -> 2 -> 3 -> 4 -> 5 -> (88 more) -> 94 -> 95 -> 96 -> 97 -> 98 -> 99");
    }

    #[test]
    fn what_a_terminal_would_act_on_is_shown() {
        assert_eq!(visible("a\u{1b}[2J\u{7}\n\u{9b}é\u{202e}"), "a\\u{1b}[2J\\u{7}\\n\\u{9b}é\\u{202e}");
        assert!(matches!(visible("plain é 🙂"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_too_long_keeps_its_ends() {
        let shown = visible(&format!("begin{}end", "é".repeat(10_000))).into_owned();
        assert!(shown.len() < 1000 && shown.starts_with("begin") && shown.ends_with("end"), "{shown}");
    }
}
