//! XML, written piece by piece.

use std::fmt::{self, Write};

/// Text that XML understands as itself, in attributes too.
pub(in crate::draw) struct Escaped<'text>(pub(in crate::draw) &'text str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\n' => formatter.write_str("&#10;")?,
                '\u{FFFE}' | '\u{FFFF}' => {}
                // Controls other than these cannot be in XML at all.
                character if character.is_control() && character != '\t' => formatter.write_char(' ')?,
                character => formatter.write_char(character)?,
            }
        }
        Ok(())
    }
}

/// A length, no more exact than the eye.
pub(in crate::draw) struct Length(pub(in crate::draw) f64);

impl fmt::Display for Length {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = (self.0 * 10.0).round() / 10.0;
        // There is no negative zero on paper.
        write!(formatter, "{}", if rounded == 0.0 { 0.0 } else { rounded })
    }
}

/// The text of a document in the making.
#[derive(Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Adds a line.
    pub(super) fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        self.0.write_fmt(line).unwrap_or_default();
        self.0.push('\n');
    }

    /// Adds a text at a place, if there is any.
    pub(super) fn text(&mut self, class: &str, x: f64, y: f64, text: &str) {
        if !text.is_empty() {
            let (x, y, text) = (Length(x), Length(y), Escaped(text));
            self.line(format_args!(r#"<text class="{class}" x="{x}" y="{y}">{text}</text>"#));
        }
    }

    /// Adds what is shown when somebody points at the element around it.
    pub(super) fn hover(&mut self, text: &str) {
        /// As much as anybody reads.
        const MOST: usize = 1000;
        if !text.is_empty() {
            let short: String = text.chars().take(MOST).collect();
            let text = short + if text.chars().nth(MOST).is_some() { "…" } else { "" };
            self.line(format_args!("<title>{}</title>", Escaped(&text)));
        }
    }

    /// The document.
    pub(super) fn finish(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        assert_eq!(Escaped("<a b=\"c\">&\u{0}\n🙂").to_string(), "&lt;a b=&quot;c&quot;&gt;&amp; &#10;🙂");
    }

    #[test]
    fn lengths_are_short() {
        let texts: Vec<String> =
            [1.0, -0.04, 2.25, 1.0 / 3.0].map(|length| Length(length).to_string()).into();
        assert_eq!(texts, ["1", "0", "2.3", "0.3"]);
    }
}
