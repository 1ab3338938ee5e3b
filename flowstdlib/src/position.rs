//! Positions in texts and arrays, which may count from the end.

use std::ops::Range;

/// Where in something of this length a position is; those below 0 count from the end, those outside stand for the ends.
pub(crate) fn position(position: i64, length: usize) -> usize {
    let distance = usize::try_from(position.unsigned_abs()).unwrap_or(usize::MAX);
    if position < 0 { length.saturating_sub(distance) } else { distance.min(length) }
}

/// The part from one position up to another, which is not included; empty where the end is before the start.
pub(crate) fn span(start: i64, end: i64, length: usize) -> Range<usize> {
    let (start, end) = (position(start, length), position(end, length));
    start..end.max(start)
}

/// The position of one element, if there is one; those below 0 count from the end.
pub(crate) fn element(position: i64, length: usize) -> Option<usize> {
    let distance = usize::try_from(position.unsigned_abs()).ok()?;
    if position < 0 { length.checked_sub(distance) } else { (distance < length).then_some(distance) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_from_either_end() {
        assert_eq!(span(1, -1, 4), 1..3);
        assert_eq!(span(3, 1, 4), 3..3);
        assert_eq!(span(i64::MIN, i64::MAX, 4), 0..4);
        assert_eq!(element(-1, 4), Some(3));
        assert_eq!(element(-5, 4), None);
        assert_eq!(element(4, 4), None);
        assert_eq!(element(0, 0), None);
    }
}
