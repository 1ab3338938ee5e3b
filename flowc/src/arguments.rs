//! The command line.

use crate::draw::Format;
use clap::{ArgAction, Parser, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// Compiles a flow to a manifest, and runs it
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "flowc", version, about)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of the command line")]
pub struct Arguments {
    /// Compile only, do not run the flow
    #[arg(short, long, conflicts_with_all = ["metrics", "wasm"])]
    pub compile: bool,

    /// Tell names and routes in the manifest; without -c, also ask the runner for its debugger (not in this version yet)
    #[arg(short, long)]
    pub debug: bool,

    /// The runner: its context functions are used, and it runs the flow
    #[arg(short, long, value_name = "RUNNER_NAME")]
    pub runner: Option<String>,

    /// The directory of a runner, with its context functions; the name of a runner is taken as -r
    #[arg(short = 'C', long = "context_root", value_name = "CONTEXT_DIRECTORY")]
    pub context_root: Option<PathBuf>,

    /// Do not build WASM when building a library (not in this version yet); nothing else is affected
    #[arg(short, long)]
    pub native: bool,

    /// Add a place where libraries are looked for; may be given several times. URLs: not in this version yet
    #[arg(short = 'L', long, value_name = "LIB_DIR|BASE_URL", action = ArgAction::Append)]
    pub libdir: Vec<String>,

    /// Build a library (not in this version yet); changes nothing, libraries are recognized by themselves
    #[arg(short, long)]
    pub lib: bool,

    /// Write the compiler's tables (not in this version yet)
    #[arg(short, long)]
    pub tables: bool,

    /// Write drawings of the flows and of the compiled graph
    #[arg(short, long)]
    pub graphs: bool,

    /// What drawings are written in; may be given several times, or as a list with commas. With -g
    #[arg(long, value_name = "FORMAT", value_enum, value_delimiter = ',', ignore_case = true, action = ArgAction::Append)]
    pub graph_format: Vec<Format>,

    /// Show metrics when the flow has run
    #[arg(short, long)]
    pub metrics: bool,

    /// Run library functions as WASM instead of native code (not in this version yet)
    #[arg(short, long)]
    pub wasm: bool,

    /// Remove functions that have no effect
    #[arg(short = 'O', long)]
    pub optimize: bool,

    /// Do not build provided functions; building them is not in this version yet, so this changes nothing
    #[arg(short, long)]
    pub provided: bool,

    /// The directory of the manifest and of modules; without it, the flow's own
    #[arg(short, long, value_name = "OUTPUT_DIR")]
    pub output: Option<PathBuf>,

    /// How much to log
    #[arg(short, long, value_name = "VERBOSITY_LEVEL", value_enum, ignore_case = true)]
    pub verbosity: Option<Verbosity>,

    /// A file for the flow's standard input
    #[arg(short = 'i', long, value_name = "STDIN_FILENAME")]
    pub stdin: Option<PathBuf>,

    /// The flow: a directory, a file or a URL; without it, the current directory. On the web: not in this version yet
    #[arg(value_name = "source_url")]
    pub source: Option<String>,

    /// Arguments of the flow
    #[arg(value_name = "flow_args", trailing_var_arg = true)]
    pub flow_arguments: Vec<OsString>,
}

/// How much is logged; also understood by the runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Verbosity {
    /// Everything.
    Trace,
    /// For people who work on the compiler.
    Debug,
    /// What it does.
    Info,
    /// What looks wrong.
    Warn,
    /// What is wrong.
    Error,
    /// Nothing; warnings about definitions are not shown either.
    Off,
}

impl Verbosity {
    /// The word for it on a command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Verbosity::Trace => "trace",
            Verbosity::Debug => "debug",
            Verbosity::Info => "info",
            Verbosity::Warn => "warn",
            Verbosity::Error => "error",
            Verbosity::Off => "off",
        }
    }

    /// The level of the log.
    pub fn filter(self) -> log::LevelFilter {
        match self {
            Verbosity::Trace => log::LevelFilter::Trace,
            Verbosity::Debug => log::LevelFilter::Debug,
            Verbosity::Info => log::LevelFilter::Info,
            Verbosity::Warn => log::LevelFilter::Warn,
            Verbosity::Error => log::LevelFilter::Error,
            Verbosity::Off => log::LevelFilter::Off,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from([&["flowc"], words].concat())
    }

    fn flow_arguments(words: &[&str]) -> (Option<String>, Vec<OsString>) {
        let arguments = parse(words).unwrap();
        (arguments.source, arguments.flow_arguments)
    }

    #[test]
    fn the_declaration_of_the_options_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn the_help_says_which_options_do_nothing_in_this_version() {
        let command = <Arguments as clap::CommandFactory>::command();
        for name in ["debug", "native", "lib", "tables", "wasm", "provided"] {
            let option = command.get_arguments().find(|option| option.get_id() == name).unwrap();
            let help = option.get_help().unwrap().to_string();
            assert!(help.contains("not in this version yet"), "{name}: {help}");
        }
    }

    #[test]
    fn options_may_stand_before_the_first_flow_argument() {
        let arguments = parse(&[".", "-r", "flowrcli", "a", "-d"]).unwrap();
        assert_eq!(arguments.runner.as_deref(), Some("flowrcli"));
        assert!(!arguments.debug);
        assert_eq!(arguments.flow_arguments, ["a", "-d"]);
    }

    #[test]
    fn two_hyphens_end_the_options_and_later_ones_are_flow_arguments() {
        let dot = Some(".".to_owned());
        let words = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(flow_arguments(&[".", "--", "-a", "b"]), (dot.clone(), words(&["-a", "b"])));
        assert_eq!(flow_arguments(&["--", ".", "a", "-x"]), (dot.clone(), words(&["a", "-x"])));
        assert_eq!(flow_arguments(&[".", "a", "--", "-b"]), (dot, words(&["a", "--", "-b"])));
        assert!(parse(&[".", "-z"]).is_err());
    }

    #[test]
    fn library_directories_may_be_given_several_times_and_nothing_else_may() {
        assert_eq!(parse(&["-L", "a", "-L", "b"]).unwrap().libdir, ["a", "b"]);
        assert!(parse(&["-c", "-c"]).is_err());
        assert!(parse(&["-o", "a", "-o", "b"]).is_err());
        assert!(parse(&["-o"]).is_err());
    }

    #[test]
    fn compiling_only_conflicts_with_options_for_running() {
        assert!(parse(&["-c", "-m"]).is_err());
        assert!(parse(&["-c", "-w"]).is_err());
        assert!(parse(&["-c", "-i", "x"]).is_ok());
    }

    #[test]
    fn an_unknown_verbosity_is_an_error_that_lists_the_levels() {
        assert_eq!(parse(&["-v", "INFO"]).unwrap().verbosity, Some(Verbosity::Info));
        let error = parse(&["-v", "loud"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("trace, debug, info, warn, error, off"), "{error}");
    }
}
