//! The routes of a compiled flow's functions, kept beside its manifest.
//!
//! A manifest has routes only when it was compiled with debug symbols, but a person who is told of a failed job wants
//! to know where in the hierarchy it happened in any case. So the compiler writes them to a file of their own, which
//! the runtime reads where the manifest has none. Nothing but messages depends on it, and it is only believed while it
//! belongs to the manifest it lies beside.

use super::FlowManifest;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The contents of `manifest.routes.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routes {
    /// A fingerprint of the manifest's text, to notice a manifest that was replaced.
    manifest: String,
    /// Routes by function id.
    routes: BTreeMap<u64, String>,
}

impl Routes {
    /// The routes of the functions in the manifest of that text.
    pub fn new(manifest_text: &str, routes: BTreeMap<u64, String>) -> Routes {
        Routes { manifest: fingerprint(manifest_text), routes }
    }

    /// The name of the file beside a manifest of that name: `manifest.routes.json` for `manifest.json`.
    pub fn file_name(manifest_name: &str) -> String {
        format!("{}.routes.json", manifest_name.strip_suffix(".json").unwrap_or(manifest_name))
    }

    /// Reads the routes that belong to the manifest of that text; none if these do not, or are no routes at all.
    pub fn read(json: &str, manifest_text: &str) -> Option<Routes> {
        let routes: Routes = serde_json::from_str(json).ok()?;
        (routes.manifest == fingerprint(manifest_text)).then_some(routes)
    }

    /// The JSON text.
    ///
    /// # Errors
    ///
    /// Fails only where serde_json does, which for this type it has no reason to.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
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

/// FNV-1a, 64 bits: quick, the same everywhere, and sure enough against accidents.
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::read_flow_manifest;

    const MANIFEST: &str =
        r#"{"functions":{"1":{"process_id":1,"parent_id":0,"implementation_location":"lib://l/f"}}}"#;

    #[test]
    fn routes_are_added_where_the_manifest_has_none() {
        let json = Routes::new(MANIFEST, BTreeMap::from([(1, "/root/f".into()), (9, "/gone".into())]))
            .to_json()
            .unwrap();
        let mut manifest = read_flow_manifest(MANIFEST).unwrap();
        manifest.add_routes(Routes::read(&json, MANIFEST).unwrap());
        assert_eq!(manifest.functions[&1].route, "/root/f");
    }

    #[test]
    fn routes_of_another_manifest_are_not_believed() {
        let json = Routes::new(MANIFEST, BTreeMap::from([(1, "/root/f".into())])).to_json().unwrap();
        assert_eq!(Routes::read(&json, &MANIFEST.replace("l/f", "l/g")), None);
        assert_eq!(Routes::read("{", MANIFEST), None);
    }

    #[test]
    fn the_fingerprint_is_that_of_the_published_function() {
        assert_eq!(fingerprint("a"), "af63dc4c8601ec8c");
    }

    #[test]
    fn the_file_is_named_after_the_manifest() {
        assert_eq!(Routes::file_name("manifest.json"), "manifest.routes.json");
        assert_eq!(Routes::file_name("flow"), "flow.routes.json");
    }
}
