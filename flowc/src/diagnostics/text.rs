//! The text of a file and where its lines are, so that nothing about a place is searched from the beginning.

use super::visible::is_active;
use flowcore::span::{Place, Span};
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// The text of a file.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) content: Arc<str>,
    /// Where each line begins; never empty.
    starts: Arc<[usize]>,
}

/// As much of a long line as is shown before and behind a place in it.
const LONG: usize = 200;

/// The same text without what terminals obey rather than show, each character in as many bytes as before.
fn harmless(text: &str) -> Cow<'_, str> {
    let is_hidden = |character: char| is_active(character) && !matches!(character, '\n' | '\r' | '\t');
    if !text.contains(is_hidden) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().map(|character| match (is_hidden(character), character.len_utf8()) {
        (false, _) => character,
        (true, 1) => ' ',
        (true, 2) => '\u{a0}',
        // None of them is longer.
        (true, _) => char::REPLACEMENT_CHARACTER,
    });
    Cow::Owned(shown.collect())
}

impl Text {
    pub(super) fn new(content: Arc<str>) -> Text {
        let content = match harmless(&content) {
            Cow::Borrowed(_) => content,
            Cow::Owned(shown) => shown.into(),
        };
        let starts = content.match_indices('\n').map(|(newline, _)| newline + 1);
        Text { starts: [0].into_iter().chain(starts).collect(), content }
    }

    /// The line, from 0, that an offset is in.
    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// Where a line begins; the end of the text for lines behind it.
    fn start_of(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.content.len())
    }

    /// How many characters are between the beginning of the line and an offset in it.
    fn column_of(&self, offset: usize) -> usize {
        let before = self.content.get(self.start_of(self.line_of(offset))..offset);
        before.unwrap_or_default().chars().count()
    }

    /// Line and column of an offset.
    pub(super) fn place(&self, offset: usize) -> Place {
        let offset = self.content.floor_char_boundary(offset);
        Place { line: self.line_of(offset) + 1, column: self.column_of(offset) + 1 }
    }

    /// A line, counted from 1, without its end.
    pub(super) fn line(&self, line: usize) -> &str {
        let text = self.content.get(self.start_of(line.saturating_sub(1))..self.start_of(line));
        text.unwrap_or_default().trim_end_matches(['\r', '\n'])
    }

    /// As much of a place as is shown: its beginning if it is long.
    pub(super) fn shown(&self, place: Span) -> Range<usize> {
        let end = self.content.floor_char_boundary(place.start.saturating_add(LONG));
        place.start..place.end.min(end.max(place.start))
    }

    /// Whether a place is longer than its lines can be to be shown: it then stands for several in an endless line, which
    /// are better shown one by one.
    fn is_endless(&self, place: &SourceSpan) -> bool {
        let lines = self.line_of(place.offset() + place.len()) - self.line_of(place.offset()) + 1;
        place.len() > 2 * LONG * lines
    }

    /// From the place itself, or with the lines around it. Of long lines, such as those that programs write, only what
    /// is near.
    fn range(&self, place: &SourceSpan, before: usize, after: usize) -> (usize, usize) {
        let (start, end) = (place.offset(), place.offset() + place.len());
        if before == 0 {
            return (start, end);
        }
        let last = end.saturating_sub(1).max(start);
        let from = self.start_of(self.line_of(start).saturating_sub(before));
        let to = self.start_of(self.line_of(last) + after + 1);
        let from = from.max(self.content.ceil_char_boundary(start.saturating_sub(LONG)));
        (from, to.min(self.content.floor_char_boundary(end + LONG)))
    }
}

impl SourceCode for Text {
    fn read_span<'text>(
        &'text self,
        place: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'text> + 'text>, MietteError> {
        if place.offset() + place.len() > self.content.len() || (before > 0 && self.is_endless(place)) {
            return Err(MietteError::OutOfBounds);
        }
        let (from, to) = self.range(place, before, after);
        let data = self.content.get(from..to).ok_or(MietteError::OutOfBounds)?;
        let (line, column) = (self.line_of(from), self.column_of(from));
        let lines = self.line_of(to) - line;
        Ok(Box::new(MietteSpanContents::new(data.as_bytes(), (from, to - from).into(), line, column, lines)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(content: &str) -> Text {
        Text::new(content.into())
    }

    #[test]
    fn places_count_characters_and_lines_have_no_ends() {
        let text = text("a\r\n\u{e9}b\n");
        let place = |offset| text.place(offset).to_string();
        assert_eq!((place(0), place(3), place(5)), ("1:1".to_owned(), "2:1".to_owned(), "2:2".to_owned()));
        assert_eq!((place(4), place(7), place(99)), ("2:1".to_owned(), "3:1".to_owned(), "3:1".to_owned()));
        assert_eq!([text.line(1), text.line(2), text.line(3), text.line(9)], ["a", "\u{e9}b", "", ""]);
    }

    #[test]
    fn what_terminals_obey_is_not_shown() {
        let shown = text("\u{1b}[31m\u{9b}x\t\r\n");
        assert_eq!(&*shown.content, " [31m\u{a0}x\t\r\n");
        assert_eq!(shown.place("\u{1b}[31m\u{9b}".len()).to_string(), "1:7");
        let turned = text("a\u{202e}b\u{2066}\u{200f}\u{2028}c");
        assert_eq!(&*turned.content, "a\u{fffd}b\u{fffd}\u{fffd}\u{fffd}c");
    }

    #[test]
    fn a_place_is_shown_with_the_lines_around_it() {
        let text = text("one\ntwo\nthree\nfour\n");
        let around = |offset: usize, length: usize| {
            let place = SourceSpan::from((offset, length));
            let contents = text.read_span(&place, 1, 1).unwrap();
            (String::from_utf8(contents.data().to_vec()).unwrap(), contents.line())
        };
        assert_eq!(around(4, 3), ("one\ntwo\nthree\n".to_owned(), 0));
        assert_eq!(around(8, 0), ("two\nthree\nfour\n".to_owned(), 1));
        assert_eq!(around(0, 0), ("one\ntwo\n".to_owned(), 0));
        assert_eq!(around(19, 0), ("four\n".to_owned(), 3));
        assert!(text.read_span(&SourceSpan::from((20, 1)), 1, 1).is_err());
    }

    #[test]
    fn of_a_long_line_only_what_is_near_is_shown() {
        let text = text(&"\u{e9}".repeat(100_000));
        let contents = text.read_span(&SourceSpan::from((50_000, 2)), 1, 1).unwrap();
        assert_eq!(contents.data().len(), 2 * LONG + 2);
        assert_eq!(contents.column(), (50_000 - LONG) / 2);
    }

    #[test]
    fn of_a_long_place_only_the_beginning_is_shown() {
        let text = text(&"\u{e9}".repeat(100_000));
        assert_eq!(text.shown(Span { start: 2, end: 6 }), 2..6);
        assert_eq!(text.shown(Span { start: 2, end: 200_000 }), 2..2 + LONG);
        assert_eq!(text.shown(Span { start: 200_000, end: 200_000 }), 200_000..200_000);
    }

    #[test]
    fn places_far_from_each_other_in_a_line_are_not_shown_as_one() {
        let line = text(&"x".repeat(100_000));
        assert!(line.read_span(&SourceSpan::from((10, 90_000)), 1, 1).is_err());
        let lines = text(&"x\n".repeat(50_000));
        assert!(lines.read_span(&SourceSpan::from((10, 90_000)), 1, 1).is_ok());
    }
}
