//! How wide text gets, and how it is made to fit.
//!
//! Nobody knows the font of the person who looks, so every estimate is one for a wide font.

/// The width of a character of an ordinary sans-serif font, in parts of its size.
fn advance(character: char) -> f64 {
    match character {
        'i' | 'j' | 'l' | '\'' | '|' => 0.34,
        ' ' | 'I' | '.' | ',' | ':' | ';' | '!' | '/' | '\\' | 'f' | 't' | '-' => 0.4,
        '(' | ')' | '[' | ']' | 'r' | '"' => 0.46,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '&' | '…' | '\u{2192}' => 1.03,
        '+' | '=' | '<' | '>' | '#' | '~' => 0.87,
        'A'..='Z' => 0.79,
        character if character.is_ascii() => 0.65,
        '\u{80}'..='\u{10FF}' => 0.82,
        // Ideographs, emoji, and whatever else may be there.
        _ => 1.4,
    }
}

/// The width of a line of text.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// The width of a line of bold text.
pub(super) fn bold_width(text: &str, size: f64) -> f64 {
    width(text, size) * 1.12
}

/// The same text on one line, without what cannot be seen, and no longer than so many characters.
pub(super) fn shorten(text: &str, most: usize) -> String {
    let line = one_line(text);
    if line.chars().count() <= most {
        return line;
    }
    let kept: String = line.chars().take(most.saturating_sub(1)).collect();
    kept.trim_end().to_owned() + "…"
}

/// The same, where the end matters more than the beginning.
pub(super) fn shorten_front(text: &str, most: usize) -> String {
    let line = one_line(text);
    let count = line.chars().count();
    if count <= most {
        return line;
    }
    let kept: String = line.chars().skip(count - most.saturating_sub(1)).collect();
    "…".to_owned() + kept.trim_start()
}

/// Control characters and line ends become blanks; characters that XML cannot carry vanish.
pub(super) fn one_line(text: &str) -> String {
    let visible = text.chars().filter(|character| !matches!(character, '\u{FFFE}' | '\u{FFFF}'));
    visible.map(|character| if character.is_control() { ' ' } else { character }).collect()
}

/// Lines of words that are no wider than this, as far as the words allow; at most so many lines.
pub(super) fn wrap(text: &str, size: f64, widest: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let word = shorten(word, 60);
        let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
        if !line.is_empty() && width(&longer, size) > widest {
            lines.push(std::mem::replace(&mut line, word));
        } else {
            line = longer;
        }
    }
    lines.extend(Some(line).filter(|line| !line.is_empty()));
    if lines.len() > most {
        lines.truncate(most);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_characters_and_stays_on_one_line() {
        assert_eq!(shorten("short", 5), "short");
        assert_eq!(shorten("äöüß äöüß", 6), "äöüß…");
        assert_eq!(shorten("a\nb\tc", 9), "a b c");
        assert_eq!(shorten_front("lib://a/b/c", 5), "…/b/c");
        assert_eq!(shorten("🙂🙂🙂", 2), "🙂…");
        assert_eq!(shorten("ab", 0), "…");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 10.0, 50.0, 9), ["one two", "three"]);
        assert_eq!(wrap("one two three", 10.0, 50.0, 1), ["one two…"]);
        assert_eq!(wrap(" \n ", 10.0, 50.0, 1), Vec::<String>::new());
    }
}
