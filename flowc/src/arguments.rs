//! The command line.

use crate::diagnostics::Code;
use crate::draw::Format;
use clap::{ArgAction, ArgGroup, Parser, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

/// What makes no sense where nothing is written and nothing runs.
const ONLY_LOOKING: [&str; 8] =
    ["metrics", "wasm", "stdin", "debug", "output", "graphs", "tables", "flow_arguments"];

/// What can be done besides.
const MORE: &str = "Something to begin with: flowc new --function NAME [FOLDER], flowc new --flow NAME [FOLDER], or for the \
                    definition of a function in Rust: flowc new --definition SOURCE";

/// Compiles a flow to a manifest, and runs it. Builds functions and libraries, and installs the definitions of runners
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "flowc", version, about, after_help = MORE)]
#[command(group(ArgGroup::new("runs-nothing").args(["compile", "check", "emit", "explain_connection"]).multiple(true)))]
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

    /// Do not build the functions of a library, and leave their modules out: the runner has the functions built in
    #[arg(short, long)]
    pub native: bool,

    /// Add a place where libraries are looked for; may be given several times. A URL is that of a library itself
    #[arg(short = 'L', long, value_name = "LIB_DIR|BASE_URL", action = ArgAction::Append)]
    pub libdir: Vec<String>,

    /// Accepted, and changes nothing: libraries are recognized by themselves
    #[arg(short, long)]
    pub lib: bool,

    /// Write what the compiler knows to tables.json, beside the manifest
    #[arg(short, long)]
    pub tables: bool,

    /// Look for mistakes only: nothing is written and nothing runs; flows with inputs or outputs and single functions can
    /// be checked too
    #[arg(long, conflicts_with_all = ONLY_LOOKING)]
    pub check: bool,

    /// Do it again whenever a file that takes part changes, and start the flow again
    #[arg(long)]
    pub watch: bool,

    /// Print what the compiler knows as JSON; nothing is written and nothing runs
    #[arg(long, value_name = "WHAT", value_enum, conflicts_with_all = ONLY_LOOKING, conflicts_with_all = ["check", "watch"])]
    pub emit: Option<Emit>,

    /// Print every edge at this process, input or output and the connections it comes from, such as /root/sub/add/i1
    #[arg(long, value_name = "ROUTE", conflicts_with_all = ONLY_LOOKING, conflicts_with_all = ["check", "watch", "emit"])]
    pub explain_connection: Option<String>,

    /// Write drawings of the flows and of the compiled graph
    #[arg(short, long)]
    pub graphs: bool,

    /// What drawings are written in; may be given several times, or as a list with commas. With -g
    #[arg(long, value_name = "FORMAT", value_enum, value_delimiter = ',', ignore_case = true, action = ArgAction::Append)]
    pub graph_format: Vec<Format>,

    /// Show metrics when the flow has run
    #[arg(short, long)]
    pub metrics: bool,

    /// Run all functions of libraries from installed modules instead of native code
    #[arg(short, long)]
    pub wasm: bool,

    /// Remove functions that have no effect, and take time to make modules smaller
    #[arg(short = 'O', long)]
    pub optimize: bool,

    /// Do not build the functions of the flow: their modules are taken as they are
    #[arg(short, long)]
    pub provided: bool,

    /// The directory of the results; without it, that of the flow, or for libraries and runners one below $HOME/.flow
    #[arg(short, long, value_name = "OUTPUT_DIR")]
    pub output: Option<PathBuf>,

    /// Tell how long the stages of compiling took, and how much there was to compile
    #[arg(long)]
    pub timings: bool,

    /// How much to log
    #[arg(short, long, value_name = "VERBOSITY_LEVEL", value_enum, ignore_case = true)]
    pub verbosity: Option<Verbosity>,

    /// A file for the flow's standard input
    #[arg(short = 'i', long, value_name = "STDIN_FILENAME")]
    pub stdin: Option<PathBuf>,

    /// How to say what is wrong; json writes one object a line to standard output (with --emit and --explain-connection to
    /// standard error), so it is only for what runs no flow
    #[arg(
        long,
        value_name = "FORMAT",
        value_enum,
        default_value = "human",
        requires_if("json", "runs-nothing")
    )]
    pub message_format: MessageFormat,

    /// Take warnings for errors: write nothing if there are any
    #[arg(long)]
    pub deny_warnings: bool,

    /// Explain the code of an error or a warning, such as E020; without a code, list all
    #[arg(long, value_name = "CODE", num_args = 0..=1, exclusive = true)]
    pub explain: Option<Option<Code>>,

    /// The flow: a directory, a file or a URL; without it, the current directory. Or a function, to build and test it. Or the
    /// directory of a library or of a runner, to build and install it
    #[arg(value_name = "source_url")]
    pub source: Option<String>,

    /// Arguments of the flow
    #[arg(value_name = "flow_args", trailing_var_arg = true)]
    pub flow_arguments: Vec<OsString>,
}

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// For people, to standard error.
    #[default]
    Human,
    /// For programs, to standard output: one JSON object a line.
    Json,
}

/// What can be printed instead of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Emit {
    /// Flows, functions, connections and edges; docs/tables.md says how.
    Tables,
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
    /// Nothing; warnings about definitions are not shown either, unless they were denied.
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
    fn the_help_says_what_is_not_there_yet() {
        let command = <Arguments as clap::CommandFactory>::command();
        let option = command.get_arguments().find(|option| option.get_id() == "debug").unwrap();
        let help = option.get_help().unwrap().to_string();
        assert!(help.contains("not in this version yet"), "{help}");
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
    fn only_looking_conflicts_with_options_for_writing_and_running() {
        for mode in [&["--check"][..], &["--emit", "tables"], &["--explain-connection", "/f"]] {
            assert!(parse(&[mode, &["-c", "-O", "."]].concat()).is_ok(), "{mode:?}");
            let others = [&["-m"][..], &["-w"], &["-i", "x"], &["-d"], &["-o", "x"], &["-g"], &["-t"]];
            for other in others.into_iter().chain([&[".", "argument"][..]]) {
                let error = parse(&[mode, other].concat()).unwrap_err();
                assert_eq!(error.exit_code(), 2, "{mode:?} {other:?}");
            }
        }
        assert!(parse(&["--check", "--watch"]).is_ok());
        assert!(parse(&["--emit", "tables", "--watch"]).is_err());
        assert!(parse(&["--emit", "tables", "--check"]).is_err());
        assert!(parse(&["--explain-connection", "/f", "--watch"]).is_err());
        assert!(parse(&["--emit", "nonsense"]).is_err());
    }

    #[test]
    fn an_unknown_verbosity_is_an_error_that_lists_the_levels() {
        assert_eq!(parse(&["-v", "INFO"]).unwrap().verbosity, Some(Verbosity::Info));
        let error = parse(&["-v", "loud"]).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("trace, debug, info, warn, error, off"), "{error}");
    }
}
