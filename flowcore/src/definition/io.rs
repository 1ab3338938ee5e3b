use crate::datatype::DataType;
use crate::initializer::Initializer;
use crate::span::{Span, Spanned};

/// An input or an output of a process.
#[derive(Clone, Debug, PartialEq)]
pub struct IoDefinition {
    /// Its name; empty for the default input or output.
    pub name: Spanned<String>,
    /// What its values may be; never empty. The first type decides how values are converted for a function's input.
    pub types: Vec<Spanned<DataType>>,
    /// A value fixed in the definition, for every use of it.
    pub initializer: Option<Spanned<Initializer>>,
    /// The whole of it.
    pub span: Span,
}

impl IoDefinition {
    /// The types without their places.
    pub fn data_types(&self) -> impl Iterator<Item = &DataType> + Clone {
        self.types.iter().map(|data_type| &data_type.value)
    }
}
