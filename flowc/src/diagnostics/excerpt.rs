//! The part of a file that a diagnostic shows.
//!
//! Lines without end are cut around the place, and characters that a terminal would act on are replaced by pictures of
//! themselves. Everything else stays as it is, and so do the numbers of lines and columns.

use super::visible::is_active;
use flowcore::span::Span;
use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::sync::Arc;

/// A line that has more bytes is cut.
const LONGEST: usize = 240;
/// So many bytes of it are shown in front of a place.
const BEFORE: usize = 60;
/// A place that goes over more lines is shown by its first.
const MOST_LINES: usize = 12;

/// Text to show, with places in it.
#[derive(Debug)]
pub(super) struct Excerpt {
    text: Arc<str>,
    /// The places in the text, and for each its column, counted in characters from 0.
    places: Vec<(Span, usize)>,
}

impl Excerpt {
    /// The excerpt of a text that shows these places.
    pub(super) fn of(text: &Arc<str>, spans: &[Span]) -> Excerpt {
        let places: Vec<(Span, usize)> = spans
            .iter()
            .map(|span| {
                let span = bounded(text, *span);
                let column = text.get(line_start(text, span.start)..span.start).unwrap_or_default();
                (span, column.chars().count())
            })
            .collect();
        let is_shown = |line: Span| {
            places.iter().any(|(span, _)| {
                let (from, to) = (line_start(text, span.start), line_end(text, span.end));
                // One line more on both sides.
                line.end + 1 >= from && line.start <= to + 1
            })
        };
        if !has_lone_return(text)
            && lines(text).filter(|line| is_shown(*line)).all(|line| is_plain(text, line))
        {
            return Excerpt { text: text.clone(), places };
        }
        let mut shown = String::new();
        let mut moved = places.clone();
        for line in lines(text) {
            if is_shown(line) {
                copy_line(text, line, &places, &mut moved, &mut shown);
            }
            if line.end < text.len() {
                shown.push('\n');
            }
        }
        Excerpt { text: shown.into(), places: moved }
    }

    /// Where the places are in the excerpt, in the order in which they were given.
    pub(super) fn spans(&self) -> impl Iterator<Item = Span> {
        self.places.iter().map(|(span, _)| *span)
    }
}

/// All lines without their ends.
fn lines(text: &str) -> impl Iterator<Item = Span> {
    let mut start = 0;
    text.split('\n').map(move |line| {
        let span = Span::new(start, start + line.len());
        start = span.end + 1;
        span
    })
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|behind| behind.find('\n')).map_or(text.len(), |newline| at + newline)
}

/// A place inside the text, at boundaries of characters, and not endless.
fn bounded(text: &str, span: Span) -> Span {
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
    let lines = text.get(start..end).map_or(0, |part| part.matches('\n').count());
    Span::new(start, if lines > MOST_LINES { line_end(text, start) } else { end })
}

/// The renderer takes it for the end of a line, others do not.
fn has_lone_return(text: &str) -> bool {
    text.match_indices('\r').any(|(at, _)| !text.get(at + 1..).is_some_and(|rest| rest.starts_with('\n')))
}

fn is_plain(text: &str, line: Span) -> bool {
    let line = text.get(line.start..line.end).unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    line.len() <= LONGEST && !line.contains(|one| one != '\t' && is_active(one))
}

/// Copies what there is to see of a line, and moves the places in it.
fn copy_line(
    text: &str,
    line: Span,
    places: &[(Span, usize)],
    moved: &mut [(Span, usize)],
    shown: &mut String,
) {
    let is_inside = |at: usize| line.start <= at && at <= line.end;
    let first = places.iter().flat_map(|(span, _)| [span.start, span.end]).filter(|at| is_inside(*at)).min();
    let (mut from, mut to) = (line.start, line.end);
    if line.end - line.start > LONGEST {
        from = first.unwrap_or(from).saturating_sub(BEFORE).max(line.start);
        from = text.floor_char_boundary(from).max(line.start);
        to = text.floor_char_boundary(from + LONGEST).min(line.end);
    }
    if from > line.start {
        shown.push_str("...");
    }
    let mut offsets = Vec::with_capacity(to.saturating_sub(from) + 1);
    for (at, character) in text.get(from..to).unwrap_or_default().char_indices() {
        offsets.push((from + at, shown.len()));
        shown.push(picture(character, from + at + 1 == line.end));
    }
    offsets.push((to, shown.len()));
    if to < line.end {
        shown.push_str("...");
    }
    let place = |at: usize| {
        let position = offsets.partition_point(|(old, _)| *old <= at).saturating_sub(1);
        offsets.get(position).map_or(shown.len(), |(_, new)| *new)
    };
    for ((span, _), (new, _)) in places.iter().zip(moved) {
        if is_inside(span.start) {
            new.start = place(span.start);
            new.end = new.end.max(new.start);
        }
        if is_inside(span.end) {
            new.end = place(span.end).max(new.start);
        }
    }
}

fn picture(character: char, is_last: bool) -> char {
    match character {
        '\t' => '\t',
        '\r' if is_last => '\r',
        '\u{7f}' => '\u{2421}',
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        active if is_active(active) => '\u{fffd}',
        other => other,
    }
}

impl SourceCode for Excerpt {
    fn read_span<'text>(
        &'text self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'text> + 'text>, MietteError> {
        let found = self.text.read_span(span, before, after)?;
        let is_meant = |(place, _): &&(Span, usize)| place.start == span.offset();
        let column = match self.places.iter().find(is_meant) {
            Some((_, column)) if before == 0 => *column,
            _ => found.column(),
        };
        let (data, span, line, count) = (found.data(), *found.span(), found.line(), found.line_count());
        Ok(Box::new(MietteSpanContents::new(data, span, line, column, count)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The excerpt, and what the place in it shows.
    fn excerpt(text: &str, span: Span) -> (String, String) {
        let excerpt = Excerpt::of(&text.into(), &[span]);
        let place = excerpt.spans().next().unwrap();
        (excerpt.text.to_string(), excerpt.text[place.start..place.end].to_owned())
    }

    #[test]
    fn plain_text_is_shown_as_it_is() {
        let text = "flow = \"é\"\r\n\tx = 1\n";
        assert_eq!(excerpt(text, Span::new(14, 15)), (text.to_owned(), "x".to_owned()));
    }

    #[test]
    fn a_long_line_is_cut_around_the_place_and_keeps_its_number() {
        let text = format!("a\nb\n{}KEY{}\nc\nd\n", "é".repeat(100_000), "y".repeat(1_000_000));
        let at = text.find("KEY").unwrap();
        let (shown, place) = excerpt(&text, Span::new(at, at + 3));
        assert_eq!(place, "KEY");
        assert_eq!(shown.lines().count(), 5);
        assert!(
            shown.starts_with("\nb\n...é") && shown.ends_with("y...\nc\n\n") && shown.len() < 400,
            "{shown}"
        );
        let excerpt = Excerpt::of(&text.as_str().into(), &[Span::new(at, at + 3)]);
        let start = excerpt.spans().next().unwrap().start;
        let contents =
            excerpt.read_span(&(start, 3).into(), 0, 0).map(|found| (found.line(), found.column()));
        assert_eq!(contents.unwrap(), (2, 100_000));
    }

    #[test]
    fn a_place_without_end_ends_with_what_is_shown() {
        let text = format!("x = \"{}\"", "y".repeat(1_000_000));
        let (shown, place) = excerpt(&text, Span::new(4, text.len()));
        assert!(place.starts_with("\"yyy") && shown.len() < 300, "{shown}");
        let lines = "[\n".repeat(1000);
        assert_eq!(excerpt(&lines, Span::new(2, 2000)).1, "[");
    }

    #[test]
    fn characters_that_act_are_replaced_by_their_pictures() {
        let text = "a\u{1b}[2J\u{7f}\u{9b}\rKEY\n";
        let at = text.find("KEY").unwrap();
        assert_eq!(
            excerpt(text, Span::new(at, at + 3)),
            ("a␛[2J␡\u{fffd}␍KEY\n".to_owned(), "KEY".to_owned())
        );
    }

    #[test]
    fn places_outside_of_the_text_and_inside_of_characters_do_no_harm() {
        assert_eq!(excerpt("é", Span::new(1, 99)).1, "é");
        assert_eq!(excerpt("", Span::new(5, 7)).1, "");
        assert_eq!(excerpt("é\u{1b}", Span::new(1, 99)).1, "é␛");
    }
}
