//! Compiled manifests: the only contract between compiler and runtime.

mod flow;
mod metadata;
mod routes;

pub use flow::{
    FlowInfo, FlowManifest, FunctionInfo, InputInfo, ManifestError, OutputConnection, Source,
    read_flow_manifest,
};
pub use metadata::Metadata;
pub use routes::{Fingerprint, Routes};
