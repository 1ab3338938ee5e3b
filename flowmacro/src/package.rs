//! What kind of package the attribute is used in.

use std::path::Path;
use toml::{Table, Value};

/// Whether the package whose manifest is this file is compiled to a module, of which the function is all there is: its
/// library is a `cdylib`. Other libraries are compiled into a module of somebody else's, if into any, and functions of a
/// library of many would each export the same names.
///
/// What cannot be found out is taken for a module, as most functions are that have a package of their own.
pub(crate) fn is_module(manifest: &Path) -> bool {
    let manifest = std::fs::read_to_string(manifest).ok().and_then(|text| text.parse::<Table>().ok());
    manifest.as_ref().is_none_or(makes_dynamic_library)
}

fn makes_dynamic_library(manifest: &Table) -> bool {
    let library = manifest.get("lib").and_then(Value::as_table);
    let types = library.and_then(|library| library.get("crate-type").or_else(|| library.get("crate_type")));
    types
        .and_then(Value::as_array)
        .is_some_and(|types| types.iter().any(|name| name.as_str() == Some("cdylib")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_a_cdylib_is_a_module() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("Cargo.toml");
        let is_module = |text: &str| {
            std::fs::write(&manifest, text).unwrap();
            is_module(&manifest)
        };
        assert!(is_module("[package]\nname = 'f'\n[lib]\npath = 'f.rs'\ncrate-type = ['cdylib']"));
        assert!(is_module("lib.crate-type = ['rlib', 'cdylib']"));
        assert!(!is_module("[package]\nname = 'f'\n[lib]\ncrate-type = ['lib']"));
        assert!(!is_module("[package]\nname = 'f'"));
    }

    #[test]
    fn without_a_manifest_it_is_a_module() {
        assert!(is_module(Path::new("/nowhere/Cargo.toml")));
    }
}
