use crate::datatype::UnknownType;
use crate::span::Span;
use std::fmt;

/// A mistake in a definition file, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionError {
    /// The place of the mistake.
    pub span: Span,
    /// What is wrong there.
    pub problem: Problem,
}

/// What can be wrong with a definition on its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text is not of its format.
    #[error("{message}")]
    Syntax {
        /// In the parser's words.
        message: String,
    },
    /// Lists and tables inside each other without end.
    #[error("lists and tables nest too deeply; a value may have 64 levels")]
    TooDeep,
    /// A table has a key twice.
    #[error("'{key}' is given twice")]
    DuplicateKey {
        /// The key.
        key: String,
        /// Where it stands first, where that is known.
        first: Option<Span>,
    },
    /// A table has a key that nobody reads.
    #[error("{owner} has no key '{key}'")]
    UnknownKey {
        /// The key.
        key: String,
        /// Whose key, with its article: `a flow`.
        owner: &'static str,
        /// The keys there are.
        known: &'static [&'static str],
    },
    /// A table lacks a key.
    #[error("{owner} needs the key '{key}'")]
    MissingKey {
        /// The key.
        key: &'static str,
        /// Whose key, with its article.
        owner: &'static str,
    },
    /// A value is of the wrong kind.
    #[error("{what} must be {expected}, not {found}")]
    WrongType {
        /// What has the value: `'from' of a connection`.
        what: String,
        /// What would be right, with its article.
        expected: &'static str,
        /// What is there, with its article.
        found: &'static str,
    },
    /// The fields of an object are given by position.
    #[error("{owner} must be a table with named keys; fields by position are not accepted")]
    Positional {
        /// The object, with its article.
        owner: &'static str,
    },
    /// The top level has neither of the keys that say what is defined.
    #[error("this defines neither a flow nor a function: the key 'flow' or 'function' is missing")]
    NoKind {
        /// A key that may have been meant as one of them.
        near: Option<(String, &'static str)>,
    },
    /// The top level has both keys.
    #[error("a definition has either the key 'flow' or the key 'function', not both")]
    TwoKinds,
    /// Not a type.
    #[error(transparent)]
    UnknownType(#[from] UnknownType),
    /// A list of types without a type.
    #[error("{owner} needs at least one type")]
    NoTypes {
        /// The input or output, with its article.
        owner: &'static str,
    },
    /// Not of the form of an initializer.
    #[error("an initializer is a table with exactly one key, 'once' or 'always'")]
    InitializerForm {
        /// A key that may have been meant as one of them.
        near: Option<(String, &'static str)>,
    },
    /// A name that reads as a number.
    #[error("the name of {owner} must not be a number: '{name}'")]
    NumericName {
        /// Whose name, with its article.
        owner: &'static str,
        /// The name.
        name: String,
    },
    /// An end of a connection that is empty.
    #[error("'{key}' of a connection must not be empty")]
    EmptyEnd {
        /// `from` or `to`.
        key: &'static str,
    },
    /// An end of a connection that reads as a number.
    #[error("'{key}' of a connection must not be a number: '{text}'")]
    NumericEnd {
        /// `from` or `to`.
        key: &'static str,
        /// What is written.
        text: String,
    },
    /// A function that nothing can be connected to.
    #[error("function '{name}' has neither inputs nor outputs")]
    NoInputsOrOutputs {
        /// The function.
        name: String,
    },
}

impl DefinitionError {
    /// What to do about it, where there is something to say.
    pub fn help(&self) -> Option<String> {
        match &self.problem {
            Problem::UnknownKey { key, owner, known } => Some(match super::suggest(key, known.iter().copied()) {
                Some(near) => format!("did you mean '{near}'?"),
                None if *owner == "a flow" && matches!(key.as_str(), "version" | "authors" | "name") => {
                    format!("'{key}' belongs into the table 'metadata'")
                }
                None => format!("the keys of {owner} are {}", known.join(", ")),
            }),
            Problem::NoKind { near: Some((key, meant)) } => Some(format!("did you mean '{meant}' by '{key}'?")),
            Problem::NoKind { near: None } => {
                Some("begin with flow = \"name\" (or function = \"name\")".to_owned())
            }
            Problem::UnknownType(unknown) => Some(match unknown.suggestion() {
                Some(near) => format!("did you mean '{near}'?"),
                None => match super::suggest(&unknown.level, UnknownType::known()) {
                    Some(near) => format!("did you mean '{near}'?"),
                    None => "types are null, boolean, number, string, object and array, joined by '/'; the empty text is \
                         generic"
                        .to_owned(),
                },
            }),
            Problem::InitializerForm { near: Some((key, meant)) } => {
                Some(format!("did you mean '{meant}' by '{key}'?"))
            }
            Problem::InitializerForm { near: None } => {
                Some("'once' is for a value at the start, 'always' for a constant: { once = 1 }".to_owned())
            }
            Problem::MissingKey { key, owner } => missing(key, owner).map(str::to_owned),
            Problem::NumericName { .. } => {
                Some("a name with a letter in it cannot be taken for an index".to_owned())
            }
            Problem::EmptyEnd { .. } | Problem::NumericEnd { .. } => {
                Some("write the name of a process, and behind a '/' one of its inputs or outputs".to_owned())
            }
            Problem::NoInputsOrOutputs { .. } => {
                Some("each is an element of the list 'input' or 'output'".to_owned())
            }
            Problem::WrongType { expected: "a list of tables", found: "a table", .. } => {
                Some("in TOML, double brackets make the elements of a list".to_owned())
            }
            _ => None,
        }
    }
}

/// What a key that must be there is good for.
fn missing(key: &str, owner: &str) -> Option<&'static str> {
    match (owner, key) {
        ("a process", "source") => {
            Some("it says where the process is defined, such as \"lib://flowstdlib/math/add\"")
        }
        ("a function", "source") => Some("it names the file with the function's code"),
        ("a connection", "from") => Some("it names the process where the connection starts"),
        ("a connection", "to") => Some("it names the process where the connection ends, or a list of them"),
        _ => None,
    }
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(formatter)
    }
}

impl std::error::Error for DefinitionError {}
