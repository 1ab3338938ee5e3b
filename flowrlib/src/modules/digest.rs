//! The name of a module: the digest of its bytes.

use std::fmt;

/// The BLAKE3 digest of a module's bytes. Two modules of one digest are the same module, wherever they come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; Digest::LENGTH]);

impl Digest {
    /// How many bytes a digest has.
    pub const LENGTH: usize = 32;

    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(*blake3::hash(bytes).as_bytes())
    }

    /// A digest that was received.
    pub fn from_bytes(bytes: [u8; Digest::LENGTH]) -> Digest {
        Digest(bytes)
    }

    /// The digest that [`Display`](fmt::Display) has written.
    pub(super) fn parse(text: &str) -> Option<Digest> {
        blake3::Hash::from_hex(text).ok().map(|hash| Digest(*hash.as_bytes()))
    }

    /// The digest as it is sent.
    pub fn as_bytes(&self) -> &[u8; Digest::LENGTH] {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_the_bytes() {
        // The digest of nothing, as the specification of BLAKE3 gives it.
        let nothing = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
        assert_eq!(Digest::of(b"").to_string(), nothing);
        assert_ne!(Digest::of(b"a"), Digest::of(b"b"));
        assert_eq!(Digest::from_bytes(*Digest::of(b"a").as_bytes()), Digest::of(b"a"));
    }

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let digest = Digest::of(b"a");
        assert_eq!(Digest::parse(&digest.to_string()), Some(digest));
        assert_eq!(Digest::parse("abc"), None);
        assert_eq!(Digest::parse(&"x".repeat(64)), None);
    }
}
