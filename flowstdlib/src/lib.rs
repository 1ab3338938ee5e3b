//! The standard library of flow, `lib://flowstdlib`.
//!
//! Every function lives in a folder of its own, `src/<module>/<function>/`, with its definition (`.toml`), its code
//! (`.rs`) and its page of documentation (`.md`). A flow is a definition and a page in the folder of its module.
//! The functions a process can run, and the definitions a compiler needs, are tables made from these files.
//!
//! ```
//! use flowcore::Value;
//!
//! let add = flowstdlib::implementation("lib://flowstdlib/math/add").expect("a function of the library");
//! let (sum, _run_again) = add.run(&[Value::from(20), Value::from(22)])?;
//! assert_eq!(sum, Some(Value::from(42)));
//! # Ok::<(), flowcore::FunctionError>(())
//! ```
//!
//! All functions are pure, all of them may always run again, and none panics or keeps anything between two runs.

pub mod array;
pub mod charts;
pub mod control;
pub mod data;
pub mod error;
pub mod fmt;
pub mod logic;
pub mod math;
pub mod matrix;
pub mod memory;
pub mod object;
pub mod stream;
pub mod text;

mod equality;
mod position;
mod space;
mod told;

#[cfg(test)]
mod testing;

use flowcore::Implementation;

include!(concat!(env!("OUT_DIR"), "/registry.rs"));

/// The name of the library: the host of its `lib://` URLs.
pub const NAME: &str = "flowstdlib";

/// The version of the library.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The functions of the library: URL as manifests name them, such as `lib://flowstdlib/math/add`, and code.
///
/// Sorted by URL. Flows are not among them: they exist only until a flow is compiled.
pub fn implementations() -> &'static [(&'static str, &'static dyn Implementation)] {
    IMPLEMENTATIONS
}

/// The function with this URL, if the library has it.
pub fn implementation(url: &str) -> Option<&'static dyn Implementation> {
    let found = IMPLEMENTATIONS.binary_search_by_key(&url, |(url, _)| url).ok()?;
    IMPLEMENTATIONS.get(found).map(|(_, implementation)| *implementation)
}

/// The definition at this path below the library's root, such as `math/add/add.toml`, if the library has it.
pub fn definition(path: &str) -> Option<&'static str> {
    let found = DEFINITIONS.binary_search_by_key(&path, |(path, _)| path).ok()?;
    DEFINITIONS.get(found).map(|(_, text)| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::FunctionError;

    #[test]
    fn the_tables_are_sorted() {
        assert!(IMPLEMENTATIONS.is_sorted_by(|(left, _), (right, _)| left < right));
        assert!(DEFINITIONS.is_sorted_by(|(left, _), (right, _)| left < right));
    }

    #[test]
    fn functions_and_definitions_are_found() {
        assert!(implementation("lib://flowstdlib/data/array_get").is_some());
        assert!(implementation("lib://flowstdlib/math/sequence").is_none());
        assert!(implementation("lib://flowstdlib/math/add/").is_none());
        assert!(definition("math/sequence.toml").is_some_and(|text| text.starts_with("flow = \"sequence\"")));
        assert!(definition("math/add").is_none());
    }

    #[test]
    fn every_function_takes_as_many_values_as_its_definition_has_inputs() {
        for (url, implementation) in IMPLEMENTATIONS {
            let route = url.strip_prefix("lib://flowstdlib/").unwrap();
            let name = route.rsplit('/').next().unwrap();
            let text = definition(&format!("{route}/{name}.toml")).unwrap();
            let declares = text.lines().filter(|line| *line == "[[input]]").count();
            match implementation.run(&vec![flowcore::Value::Null; declares + 1]) {
                Err(FunctionError::InputCount { declared, .. }) => assert_eq!(declared, declares, "{url}"),
                other => panic!("{url} took too many values: {other:?}"),
            }
        }
    }

    #[test]
    fn every_process_has_its_page() {
        for (path, text) in DEFINITIONS {
            let page = path.replace(".toml", ".md");
            let name = page.rsplit('/').next().unwrap();
            assert!(text.contains(&format!("docs = \"{name}\"")), "{path}");
            let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(&page);
            assert!(file.exists(), "{page} is missing");
        }
    }
}
