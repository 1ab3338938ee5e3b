//! Reads definitions from TOML, YAML or JSON.
//!
//! Text becomes one tree of nodes whatever the format, and the tree becomes a definition, so the rules and the messages
//! are the same for all three and every error has a place.
//!
//! ```
//! use flowcore::definition::Definition;
//! use flowcore::format::{Format, read_definition};
//!
//! let text = "flow = 'hello'\nproces = []\n";
//! let errors = read_definition(text, Format::Toml).unwrap_err();
//! assert_eq!(errors[0].to_string(), "a flow has no key 'proces'");
//! assert_eq!(errors[0].help().as_deref(), Some("did you mean 'process'?"));
//! assert_eq!(errors[0].span.place(text).to_string(), "2:1");
//! ```

mod error;
mod json;
mod node;
mod read;
mod suggestion;
mod table;
mod toml;
mod yaml;

pub use error::{DefinitionError, Problem};
pub use suggestion::suggest;

use crate::definition::Definition;
use crate::manifest::Metadata;
use node::Node;
use std::fmt;

/// How a definition is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// TOML 1.1.
    Toml,
    /// YAML; of several documents the first.
    Yaml,
    /// JSON, without comments and trailing commas.
    Json,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Format::Toml => "TOML",
            Format::Yaml => "YAML",
            Format::Json => "JSON",
        })
    }
}

impl Format {
    /// The format that a file extension stands for; letter case matters.
    pub fn of_extension(extension: &str) -> Option<Format> {
        match extension {
            "toml" => Some(Format::Toml),
            "yaml" | "yml" => Some(Format::Yaml),
            "json" => Some(Format::Json),
            _ => None,
        }
    }
}

/// Reads the definition of a flow or of a function.
///
/// # Errors
///
/// All mistakes that can be told apart, in the order of the text; never an empty list.
pub fn read_definition(text: &str, format: Format) -> Result<Definition, Vec<DefinitionError>> {
    read::definition(&tree(text, format)?)
}

/// Reads the metadata of a library from the `package` table of its cargo manifest.
///
/// # Errors
///
/// As [`read_definition`]; a missing table is one, and so is a value that is inherited from a workspace.
pub fn read_package_metadata(text: &str) -> Result<Metadata, Vec<DefinitionError>> {
    read::package_metadata(&tree(text, Format::Toml)?)
}

/// Reads the name of a runner from its `runner.toml`.
///
/// # Errors
///
/// As [`read_definition`]; other keys are ignored.
pub fn read_runner_name(text: &str) -> Result<String, Vec<DefinitionError>> {
    read::runner_name(&tree(text, Format::Toml)?)
}

fn tree(text: &str, format: Format) -> Result<Node, Vec<DefinitionError>> {
    match format {
        Format::Toml => toml::parse(text),
        Format::Yaml => yaml::parse(text),
        Format::Json => json::parse(text),
    }
}

#[cfg(test)]
mod tests;
