//! The pages that explain the codes, as in `docs/diagnostics`.

use super::Code;

/// Pairs of a code and its page, in ascending order of the codes.
const PAGES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page that explains a code.
pub fn page(code: Code) -> Option<&'static str> {
    let found = PAGES.binary_search_by(|(name, _)| (*name).cmp(code.as_str())).ok()?;
    PAGES.get(found).map(|(_, text)| *text)
}
