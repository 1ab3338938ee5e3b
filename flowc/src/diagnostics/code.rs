use std::fmt;
use std::str::FromStr;

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
    /// The manifest or a module cannot be written.
    E034,
    /// The runner cannot be started, or was ended by a signal.
    E036,
    /// The hierarchy is too large.
    E037,
    /// A directory or file given on the command line does not exist.
    E038,
    /// Warnings were denied.
    E039,
    /// A library or a runner lacks something that belongs to it.
    E045,
    /// A name that no library or runner can have.
    E046,
    /// A library or a runner's definitions cannot be installed where they should be.
    E047,
    /// There is no place to install to, or it is part of the source.
    E048,
    /// A flow of a library refers to something that is not installed with it.
    E049,
    /// Something on the web cannot be had.
    E050,
    /// A provided function is on the web.
    E051,
    /// Something on the web refers to a file of this machine.
    E052,
    /// Connections through flows lead to more edges than there can be.
    E053,
    /// A drawing cannot be written.
    E054,
    /// No process, input or output of the flow has the route that was asked for.
    E055,
    /// There is nothing that can be watched.
    E056,
    /// A definition is larger than what is read.
    E058,
    /// What should be a definition is no file with a text in it.
    E059,
    /// The code of a function cannot be compiled.
    E060,
    /// A test of a function fails.
    E061,
    /// What functions are built with is not installed.
    E062,
    /// A function is of a type that cannot be built.
    E063,
    /// A module cannot be run as a function.
    E064,
    /// The cargo manifest of a function cannot be used.
    E065,
    /// There is no place to build functions in.
    E066,
    /// Something new cannot be made.
    E067,
    /// The code of a function does not agree with its definition.
    E068,
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
    /// An initializer is never used.
    W020,
    /// Two definitions of a library have the same URL.
    W022,
    /// A file of a library or runner defines nothing.
    W023,
    /// The results go to a new directory, since the flow has none of its own.
    W024,
    /// An initializer brings its input no value.
    W025,
    /// Functions wait for each other in a circle, and none of them can ever run.
    W026,
    /// Values that have nothing to do with each other compete for an input.
    W027,
    /// An input gets the same value twice.
    W028,
    /// A function with an effect can never run.
    W029,
    /// Nobody uses the results of a function.
    W030,
    /// A sequence counts up, but its step does not.
    W032,
    /// Connections through flows lead in a circle that nothing enters.
    W033,
    /// What may be a misspelt name selects a part of an unnamed output.
    W034,
    /// The module of a provided function is out of date.
    W035,
}

impl Code {
    /// How bad it is.
    pub fn severity(self) -> Severity {
        if self.as_str().starts_with('E') { Severity::Error } else { Severity::Warning }
    }
}

/// A text that is none of the codes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such code; {help}")]
pub struct UnknownCode {
    help: String,
}

impl FromStr for Code {
    type Err = UnknownCode;

    /// Letter case does not matter.
    fn from_str(text: &str) -> Result<Code, UnknownCode> {
        let upper = text.trim().to_uppercase();
        if let Some(code) = Code::ALL.iter().find(|code| code.as_str() == upper) {
            return Ok(*code);
        }
        // `E20` and `w0001` leave no doubt about what is meant.
        let number = |text: &str| text.get(1..)?.parse::<u32>().ok();
        let is_meant = |code: &&Code| {
            upper.chars().next() == code.as_str().chars().next() && number(&upper) == number(code.as_str())
        };
        let help = match Code::ALL.iter().find(is_meant) {
            Some(meant) => format!("did you mean {meant}?"),
            None => format!(
                "the errors are from {}, the warnings from {}; --explain without a code lists them",
                range(Severity::Error),
                range(Severity::Warning)
            ),
        };
        Err(UnknownCode { help })
    }
}

/// The first and the last code of a severity.
fn range(severity: Severity) -> String {
    let mut codes = Code::ALL.iter().filter(|code| code.severity() == severity).map(|code| code.as_str());
    let first = codes.next().unwrap_or_default();
    format!("{first} to {}", codes.next_back().unwrap_or(first))
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
