//! What a function is built from.

/// How a module comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// From Rust, with cargo.
    Rust,
    /// From C, with clang.
    C,
    /// From WebAssembly text.
    Text,
    /// It is one already.
    Module,
}

/// The types that definitions may name, and the extensions of sources where they name none.
const KINDS: [(&str, &str, Kind); 4] = [
    ("rust", "rs", Kind::Rust),
    ("c", "c", Kind::C),
    ("wat", "wat", Kind::Text),
    ("wasm", "wasm", Kind::Module),
];

impl Kind {
    /// That of a definition with this `type` and `source`.
    pub fn of(build_type: &str, source: &str) -> Option<Kind> {
        let extension = source.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is_meant = |(name, by_extension, _): &&(&str, &str, Kind)| match build_type {
            "" => *by_extension == extension,
            named => *name == named,
        };
        KINDS.iter().find(is_meant).map(|(_, _, kind)| *kind)
    }

    /// The types that there are.
    pub const NAMES: [&str; 4] = [KINDS[0].0, KINDS[1].0, KINDS[2].0, KINDS[3].0];

    /// The same, for messages.
    pub fn names() -> String {
        Kind::NAMES.map(|name| format!("'{name}'")).join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_decides_and_without_one_the_extension() {
        assert_eq!(Kind::of("rust", "f.rs"), Some(Kind::Rust));
        assert_eq!(Kind::of("wasm", "f.bin"), Some(Kind::Module));
        assert_eq!(Kind::of("", "f.v2.rs"), Some(Kind::Rust));
        assert_eq!(Kind::of("", "a.c/f.wat"), Some(Kind::Text));
        assert_eq!(Kind::of("", "f"), None);
        assert_eq!(Kind::of("basic", "f.rs"), None);
        assert_eq!(Kind::names(), "'rust', 'c', 'wat', 'wasm'");
    }
}
