//! Manifests of libraries: one that is read can be written, and read again as the same.
#![no_main]

use flowcore::manifest::read_library_manifest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match read_library_manifest(text) {
        Ok(manifest) => {
            let written = manifest.to_json().expect("what was read can be written");
            assert_eq!(read_library_manifest(&written).expect("what was written can be read"), manifest);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
