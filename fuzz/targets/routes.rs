//! The file with the routes beside a manifest: the bytes in front of the first line break are a manifest.
#![no_main]

use flowcore::manifest::{Routes, read_flow_manifest};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (manifest_text, json) = text.split_once('\n').unwrap_or((text, ""));
    if let Some(routes) = Routes::read(json, manifest_text)
        && let Ok(mut manifest) = read_flow_manifest(manifest_text)
    {
        manifest.add_routes(routes);
        manifest.to_json().expect("a manifest with routes can be written");
    }
});
