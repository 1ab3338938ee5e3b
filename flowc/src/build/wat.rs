//! Modules from WebAssembly text. It needs nothing that has to be installed.

use flowcore::span::Span;
use wast::Wat;
use wast::parser::{ParseBuffer, parse};

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What, in words.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// The module that a text describes.
///
/// # Errors
///
/// Fails if it describes none, and says where it does not.
pub fn assemble(text: &str) -> Result<Vec<u8>, Wrong> {
    let wrong = |error: wast::Error| {
        let at = error.span().offset();
        let end = text.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |one| at + one.len_utf8());
        Wrong { message: error.message(), span: Span::new(at, end) }
    };
    let buffer = ParseBuffer::new(text).map_err(wrong)?;
    let mut wat = parse::<Wat<'_>>(&buffer).map_err(wrong)?;
    wat.encode().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_the_module_that_it_describes() {
        assert_eq!(assemble("(module)").unwrap(), b"\0asm\x01\0\0\0");
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let wrong = assemble("(module\n  (func $f (call $g)))").unwrap_err();
        assert_eq!(wrong.message, "unknown func: failed to find name `$g`");
        assert_eq!(wrong.span, Span::new(25, 26));
        assert!(assemble("(module").is_err());
        assert!(assemble("é").unwrap_err().span.end <= 2);
    }
}
