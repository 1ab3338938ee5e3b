//! Text from definitions in messages: what a terminal would act on instead of showing it is shown, and what is too long
//! to be read is cut.

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
}
