use serde::{Deserialize, Serialize};

/// What a flow or a library says about itself. Unknown keys are ignored; nothing else in a definition is that lenient.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Its name; not taken from the flow when it is missing.
    pub name: String,
    /// Its version, in any notation.
    pub version: String,
    /// One line about it.
    pub description: String,
    /// Who wrote it.
    pub authors: Vec<String>,
}
