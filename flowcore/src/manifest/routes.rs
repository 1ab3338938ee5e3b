//! The routes of a compiled flow's functions, kept beside its manifest.
//!
//! A manifest has routes only when it was compiled with debug symbols, but a person who is told of a failed job wants
//! to know where in the hierarchy it happened in any case. So the compiler writes them to a file of their own, which
//! the runtime reads where the manifest has none. Nothing but messages depends on it, and it is only believed while it
//! belongs to the manifest it lies beside.

use super::FlowManifest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The contents of `manifest.routes.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routes {
    /// A fingerprint of the manifest's text, to notice a manifest that was replaced.
    manifest: String,
    /// Routes by function id.
    routes: BTreeMap<u64, String>,
}

impl Routes {
    /// The routes of the functions in the manifest of that fingerprint.
    pub fn new(manifest: Fingerprint, routes: BTreeMap<u64, String>) -> Routes {
        Routes { manifest: manifest.to_string(), routes }
    }

    /// The name of the file beside a manifest of that name: `manifest.routes.json` for `manifest.json`.
    pub fn file_name(manifest_name: &str) -> String {
        format!("{}.routes.json", manifest_name.strip_suffix(".json").unwrap_or(manifest_name))
    }

    /// Reads the routes that belong to the manifest of that text; none if these do not, or are no routes at all.
    pub fn read(json: &str, manifest_text: &str) -> Option<Routes> {
        let routes: Routes = serde_json::from_str(json).ok()?;
        (routes.manifest == Fingerprint::of(manifest_text).to_string()).then_some(routes)
    }

    /// Writes the JSON text.
    ///
    /// # Errors
    ///
    /// Fails where the writer does.
    pub fn write_json(&self, writer: impl std::io::Write) -> Result<(), serde_json::Error> {
        serde_json::to_writer_pretty(writer, self)
    }
}

impl FlowManifest {
    /// Gives functions that have no route the one that stands beside the manifest.
    pub fn add_routes(&mut self, routes: Routes) {
        for (id, route) in routes.routes {
            if let Some(function) = self.functions.get_mut(&id).filter(|function| function.route.is_empty()) {
                function.route = route;
            }
        }
    }
}

/// The fingerprint of a manifest's text: FNV-1a, 64 bits, which is quick, the same everywhere, and sure enough against
/// accidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Fingerprint {
        Fingerprint(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    /// That of a whole text.
    pub fn of(text: &str) -> Fingerprint {
        let mut fingerprint = Fingerprint::default();
        fingerprint.add(text.as_bytes());
        fingerprint
    }

    /// Goes on with the next piece of the text.
    pub fn add(&mut self, bytes: &[u8]) {
        let next = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        self.0 = bytes.iter().fold(self.0, next);
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::read_flow_manifest;

    const MANIFEST: &str =
        r#"{"functions":{"1":{"process_id":1,"parent_id":0,"implementation_location":"lib://l/f"}}}"#;

    fn written<const N: usize>(routes: [(u64, &str); N]) -> String {
        let routes = routes.into_iter().map(|(id, route)| (id, route.to_owned())).collect();
        let mut json = Vec::new();
        Routes::new(Fingerprint::of(MANIFEST), routes).write_json(&mut json).unwrap();
        String::from_utf8(json).unwrap()
    }

    #[test]
    fn routes_are_added_where_the_manifest_has_none() {
        let json = written([(1, "/root/f"), (9, "/gone")]);
        let mut manifest = read_flow_manifest(MANIFEST).unwrap();
        manifest.add_routes(Routes::read(&json, MANIFEST).unwrap());
        assert_eq!(manifest.functions[&1].route, "/root/f");
    }

    #[test]
    fn routes_of_another_manifest_are_not_believed() {
        let json = written([(1, "/root/f")]);
        assert_eq!(Routes::read(&json, &MANIFEST.replace("l/f", "l/g")), None);
        assert_eq!(Routes::read("{", MANIFEST), None);
    }

    #[test]
    fn the_fingerprint_is_that_of_the_published_function() {
        assert_eq!(Fingerprint::of("a").to_string(), "af63dc4c8601ec8c");
        let mut pieces = Fingerprint::of("foo");
        pieces.add(b"bar");
        assert_eq!(pieces.to_string(), "85944171f73967e8");
    }

    #[test]
    fn the_file_is_named_after_the_manifest() {
        assert_eq!(Routes::file_name("manifest.json"), "manifest.routes.json");
        assert_eq!(Routes::file_name("flow"), "flow.routes.json");
    }
}
