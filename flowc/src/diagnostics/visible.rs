//! Text from definitions in messages: what a terminal would act on instead of showing it is shown, and what is too long
//! to be read is cut.

use super::Style;
use std::borrow::Cow;

pub(super) use flowcore::visible::is_active;

/// As many bytes as a message keeps at its beginning and at its end.
const KEPT: usize = 400;

/// The same text, safe to be shown and of bearable length.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    match flowcore::visible::shortened(text, KEPT) {
        Cow::Borrowed(text) => flowcore::visible::visible(text),
        Cow::Owned(text) => Cow::Owned(flowcore::visible::visible(&text).into_owned()),
    }
}

/// As many bytes as are quoted of what another program said.
const QUOTED: usize = 1 << 18;

/// What another program said, line by line as it did. Of what a terminal would act on only colours are left, and these
/// only if they are wanted.
pub(super) fn quotable(text: &str, style: Style) -> String {
    let text = text.get(..text.floor_char_boundary(QUOTED)).unwrap_or_default().trim_matches('\n');
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.char_indices();
    while let Some((at, character)) = rest.next() {
        let colour = (character == '\u{1b}').then(|| colour_at(text.get(at..).unwrap_or_default())).flatten();
        match (character, colour) {
            (_, Some(colour)) => {
                if style == Style::Coloured {
                    shown.push_str(colour);
                }
                rest.by_ref().take(colour.len() - 1).for_each(drop);
            }
            ('\n' | '\t', None) => shown.push(character),
            ('\r', None) => {}
            (active, None) if is_active(active) => shown.push('\u{fffd}'),
            (other, None) => shown.push(other),
        }
    }
    // Empty lines at the end would look like the end of the message.
    shown.truncate(shown.trim_end().len());
    shown
}

/// The sequence that sets a colour at the beginning of a text, if there is one.
fn colour_at(text: &str) -> Option<&str> {
    let numbers = text.strip_prefix("\u{1b}[")?;
    let length = numbers.find(|character: char| !(character.is_ascii_digit() || character == ';'))?;
    numbers.get(length..)?.starts_with('m').then(|| text.get(..length + 3))?
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
    fn what_is_too_long_is_cut_and_shown_all_the_same() {
        let shown = visible(&format!("begin\u{7}{}end", "é".repeat(10_000))).into_owned();
        assert!(shown.len() < 1000 && shown.starts_with("begin\\u{7}") && shown.ends_with("end"), "{shown}");
    }

    #[test]
    fn of_what_another_program_says_only_colours_take_effect() {
        let said = "\n\u{1b}[1;31merror\u{1b}[0m: é\r\n\tat \u{1b}[2Jhere\u{7}\n\n";
        assert_eq!(
            quotable(said, Style::Coloured),
            "\u{1b}[1;31merror\u{1b}[0m: é\n\tat \u{fffd}[2Jhere\u{fffd}"
        );
        assert_eq!(quotable(said, Style::Plain), "error: é\n\tat \u{fffd}[2Jhere\u{fffd}");
        assert_eq!(quotable("\u{1b}[1", Style::Coloured), "\u{fffd}[1");
        assert!(quotable(&"é".repeat(QUOTED), Style::Plain).len() <= QUOTED);
    }
}
