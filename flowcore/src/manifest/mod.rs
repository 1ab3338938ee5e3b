//! Compiled manifests: the only contract between compiler and runtime.

mod flow;
mod library;
mod metadata;
mod routes;
mod way;

pub use flow::{
    FlowInfo, FlowManifest, FunctionInfo, InputInfo, ManifestError, OutputConnection, Source,
    read_flow_manifest,
};
pub use library::{LibraryManifest, LibraryManifestError, read_library_manifest};
pub use metadata::Metadata;
pub use routes::{Fingerprint, Routes};
