//! Text from elsewhere in messages: what a terminal would act on instead of showing it is shown, and what is too long
//! to be read is cut.

use std::borrow::Cow;
use std::fmt::Write;

/// Whether a character does something other than standing there: control characters, and those that turn the direction
/// of text around.
pub fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The same text on one line, safe to be shown.
///
/// ```
/// assert_eq!(flowcore::visible::visible("a\u{1b}[2J\nb"), "a\\u{1b}[2J\\nb");
/// ```
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_active) {
        return Cow::Borrowed(text);
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

/// The beginning and the end of a text that is too long to be read, so many bytes of each.
pub fn shortened(text: &str, kept: usize) -> Cow<'_, str> {
    if text.len() <= 3 * kept {
        return Cow::Borrowed(text);
    }
    let (head, tail) = (text.floor_char_boundary(kept), text.ceil_char_boundary(text.len() - kept));
    let (head, tail) = (text.get(..head).unwrap_or_default(), text.get(tail..).unwrap_or_default());
    Cow::Owned(format!("{head} ... {tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_shown() {
        assert_eq!(visible("a\u{1b}[2J\u{7}\n\u{9b}é\u{202e}"), "a\\u{1b}[2J\\u{7}\\n\\u{9b}é\\u{202e}");
        assert!(matches!(visible("plain é 🙂"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_is_too_long_keeps_its_ends() {
        let text = format!("begin{}end", "é".repeat(10_000));
        let shown = shortened(&text, 400);
        assert!(shown.len() < 1000 && shown.starts_with("begin") && shown.ends_with("end"), "{shown}");
        assert!(matches!(shortened("short", 2), Cow::Borrowed("short")));
    }
}
