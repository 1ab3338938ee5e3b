use std::fmt;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// There is no manifest.
    Error,
    /// There is a manifest, but probably not the one that was meant.
    Warning,
}

/// Declares the codes: one place that says which ones there are, in the order of the stages.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Which error or warning it is. Codes are stable: none is ever reused for something else.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Code] = &[$(Code::$name,)+];

            /// The text of the code: `E020`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => stringify!($name),)+
                }
            }

            /// What the code stands for, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Code::$name => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

codes! {
    /// The definition of a process was not found.
    E001,
    /// A definition cannot be read from where it is.
    E002,
    /// A definition is not UTF-8 text.
    E003,
    /// The extension of a definition's file names no known format.
    E004,
    /// The text is not of its format.
    E005,
    /// A key that nobody reads.
    E006,
    /// A key is missing.
    E007,
    /// A value is of the wrong kind.
    E008,
    /// A key is given twice.
    E009,
    /// A definition defines neither a flow nor a function, or both.
    E010,
    /// Not a type of values.
    E011,
    /// Not of the form of an initializer.
    E012,
    /// A name is a number.
    E013,
    /// An end of a connection is empty or a number.
    E014,
    /// A function has neither inputs nor outputs.
    E015,
    /// A function is impure but not a context function.
    E016,
    /// A context function has an alias.
    E017,
    /// A flow contains itself.
    E018,
    /// The root process is a function.
    E019,
    /// A connection names a process that the flow does not have.
    E020,
    /// A connection names an input or output that does not exist.
    E021,
    /// A connection starts or ends at something that cannot be there.
    E022,
    /// The types at the ends of a connection do not fit.
    E023,
    /// An input has two initializers.
    E024,
    /// The type of an initializer does not fit its input.
    E025,
    /// The types at the ends of a chain of connections do not fit.
    E026,
    /// Connections through flows lead in a circle without any function.
    E027,
    /// A function's input is initialized by two flows.
    E028,
    /// The type of a flow's initializer does not fit the input of a function that it reaches.
    E029,
    /// An input of a function gets no values.
    E030,
    /// An input that always has a value has a connection too.
    E031,
    /// The flow has no effect.
    E032,
    /// The source of a provided function does not exist.
    E033,
    /// The manifest cannot be written.
    E034,
    /// Something that this version cannot do yet.
    E035,
    /// The runner cannot be started, or was ended by a signal.
    E036,
    /// The hierarchy is too large.
    E037,
    /// A directory or file given on the command line does not exist.
    E038,
    /// A definition is larger than what is read.
    E058,
    /// What should be a definition is no file with a text in it.
    E059,
    /// Two processes of a flow have the same name; the last one counts.
    W001,
    /// An initializer is for an input that does not exist.
    W002,
    /// Two inputs or two outputs have the same name.
    W003,
    /// A flow has both an unnamed and a named input or output.
    W004,
    /// The type of a value in a definition does not fit the input or output.
    W005,
    /// The elements of an array are of different types; the first decides.
    W006,
    /// A part of a flow's initializer was selected that it does not have; all of it is used.
    W007,
    /// A part of a copied input was selected; all of it is sent.
    W008,
    /// The levels of a type make no sense together.
    W009,
    /// Steps behind a destination are ignored, or make the connection vanish.
    W010,
    /// A part of an output was selected that its type does not have.
    W011,
    /// A name that connections cannot name, or take for an index.
    W012,
    /// A pure function has no inputs or no outputs.
    W013,
    /// An input of a flow leads nowhere.
    W014,
    /// The module of a provided function does not exist.
    W015,
    /// The flow cannot be run on its own.
    W016,
    /// An output of a flow gets no values.
    W017,
    /// A place where libraries are looked for does not exist.
    W018,
    /// An option that this version does not act on yet.
    W019,
}

impl Code {
    /// How bad it is.
    pub fn severity(self) -> Severity {
        if self.as_str().starts_with('E') { Severity::Error } else { Severity::Warning }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
