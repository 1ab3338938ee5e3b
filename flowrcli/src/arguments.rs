//! The command line of the runner.

use crate::status::Status;
use clap::builder::{PossibleValuesParser, RangedU64ValueParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, ValueEnum};
use flowrlib::MOST_THREADS;
use flowrlib::discovery::{LONGEST_LABELS, LONGEST_NAME, label};
use flowrlib::dispatch::MOST_ATTEMPTS;
use flowrlib::executor::ModuleLimits;
use flowrlib::logging::LEVELS;
use flowrlib::program::Order;
use flowrlib::runner::{FlowTerms, Listen};
use flowrlib::units::{duration, size};
use log::LevelFilter;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::time::Duration;

/// Run a compiled flow.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit status: 0 the flow ended and no job failed; 1 it could not be run; 2 command line error; \
                  3 at least one job failed; 4 the run was ended from outside; 5 with --strict, values were lost or \
                  functions left half filled; 130 interrupted.\n\
                  FLOW_NETWORK names the network whose workers may join and whose servers are found (default: local). \
                  FLOW_KEY_FILE names the key that other machines have, too (default: ~/.flow/key, if it is there)."
)]
pub(crate) struct Arguments {
    /// Print metrics when the flow has ended
    #[arg(short, long)]
    pub(crate) metrics: bool,

    /// Use native libraries only
    #[arg(short, long)]
    pub(crate) native: bool,

    /// Run all functions of libraries from installed WebAssembly modules
    #[arg(short, long, conflicts_with = "native")]
    pub(crate) wasm: bool,

    /// Debug the flow (not in this version yet)
    #[arg(short, long)]
    pub(crate) debugger: bool,

    /// Run the flows of clients until ended; says 'ready' when they can find it
    #[arg(short, long, conflicts_with = "client")]
    pub(crate) server: bool,

    /// Have a server run the flow, which reads and writes here
    #[arg(short, long, conflicts_with_all = ["native", "server"])]
    pub(crate) client: bool,

    /// Where the server is, if it cannot be found on the network
    #[arg(long, value_name = "HOST:PORT", requires = "client")]
    pub(crate) connect: Option<String>,

    /// How many jobs may be handed out at a time; 0 means any number
    #[arg(short, long, value_name = "MAX_JOBS")]
    pub(crate) jobs: Option<usize>,

    /// A place where libraries are looked for; may be repeated
    #[arg(short = 'L', long, value_name = "LOCATION")]
    pub(crate) libdir: Vec<String>,

    /// How many executor threads to use (default: one for each core). With 0, workers (flowrex) do all jobs of
    /// library and provided functions
    #[arg(short, long, value_name = "THREADS", value_parser = RangedU64ValueParser::<usize>::new().range(..=MOST_THREADS))]
    pub(crate) threads: Option<usize>,

    /// What to print metrics as
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, requires = "metrics")]
    pub(crate) metrics_format: MetricsFormat,

    /// Where to write, as JSON, how the run stands: at its end, and each time that SIGUSR1 asks
    #[arg(long, value_name = "FILE", conflicts_with = "server")]
    pub(crate) status_json: Option<PathBuf>,

    /// How far results keep their order: 'exact' shows what running one job after another shows; 'relaxed' keeps only
    /// the results of each function in order
    #[arg(long, value_name = "ORDER", value_enum, default_value_t)]
    pub(crate) order: OrderWord,

    /// How many values may wait at an input before the functions that feed it are held back; 0 means any number
    #[arg(long, value_name = "VALUES", default_value_t = 4000)]
    pub(crate) max_waiting: usize,

    /// How long one job may take, such as 500ms, 2.5s or 10m (seconds if no unit is given); 0 means any time. A job
    /// that takes longer has failed
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) job_timeout: Option<Duration>,

    /// How many workers may be lost with a job before it has failed; at least 1
    #[arg(long, value_name = "ATTEMPTS", default_value_t = MOST_ATTEMPTS, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_attempts: u32,

    /// The most memory that a job of a module may have, such as 64MiB (default: 1GiB)
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) module_memory: Option<u64>,

    /// The largest result that a job of a module may have (default: 256MiB)
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) module_result: Option<u64>,

    /// Start every job of a module in an instance of its own, so that nothing it remembers reaches the next job
    #[arg(long)]
    pub(crate) fresh_instances: bool,

    /// Stop at the first job that fails
    #[arg(long)]
    pub(crate) fail_fast: bool,

    /// Do not run a flow that refers to functions that do not exist, and end with status 5 if values were lost or
    /// functions were left with some of their inputs
    #[arg(long)]
    pub(crate) strict: bool,

    /// Let no worker join, and leave the network alone
    #[arg(long)]
    pub(crate) no_workers: bool,

    /// Where workers are received, and by a server its clients: an address, and perhaps a port (default: this machine
    /// only; with a key, all addresses)
    #[arg(long, value_name = "ADDRESS[:PORT]")]
    pub(crate) listen: Option<Listen>,

    /// The port at which a server receives its clients (default: any that is free)
    #[arg(long, value_name = "PORT", requires = "server")]
    pub(crate) port: Option<u16>,

    /// What the runner is called, for workers that choose and for people (default: made of process and host)
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub(crate) name: Option<String>,

    /// A label that workers must have to be taken (flowrex --label); may be repeated
    #[arg(long, value_name = "LABEL", value_parser = label)]
    pub(crate) label: Vec<String>,

    /// Do without authentication and encryption: whoever can reach this program can take part
    #[arg(long)]
    pub(crate) insecure: bool,

    /// What to log: off, error, warn, info, debug or trace
    #[arg(
        short,
        long,
        value_name = "LEVEL",
        default_value = "error",
        hide_possible_values = true,
        ignore_case = true,
        value_parser = PossibleValuesParser::new(LEVELS).map(level)
    )]
    pub(crate) verbosity: LevelFilter,

    /// The flow: its manifest, or the folder that holds it (default: this folder)
    #[arg(value_name = "flow-manifest")]
    pub(crate) manifest: Option<String>,

    /// Arguments for the flow; everything after the first one is taken as it is
    #[arg(value_name = "flow_args", trailing_var_arg = true)]
    pub(crate) flow_arguments: Vec<String>,
}

/// How metrics are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum MetricsFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object on one line.
    Json,
}

/// How far results keep their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrderWord {
    /// Wherever it can be observed.
    #[default]
    Exact,
    /// Only among the results of each function.
    Relaxed,
}

impl From<OrderWord> for Order {
    fn from(word: OrderWord) -> Order {
        match word {
            OrderWord::Exact => Order::Exact,
            OrderWord::Relaxed => Order::Relaxed,
        }
    }
}

/// Reads the name of a program.
fn name(text: &str) -> Result<String, String> {
    let is_fine = (1..=LONGEST_NAME).contains(&text.len()) && !text.contains(char::is_control);
    is_fine
        .then(|| text.to_owned())
        .ok_or_else(|| format!("a name is one line of at most {LONGEST_NAME} bytes"))
}

impl Arguments {
    /// The option that asks for something this version does not have, if there is one.
    pub(crate) fn unsupported(&self) -> Option<&'static str> {
        let options = [(self.debugger, "--debugger")];
        options.into_iter().find_map(|(given, name)| given.then_some(name))
    }

    /// Only a server has somebody to listen to when no worker may join.
    fn checked(self) -> Result<Arguments, clap::Error> {
        if self.no_workers && self.listen.is_some() && !self.server {
            let text = "the argument '--no-workers' cannot be used with '--listen <ADDRESS>'";
            return Err(Arguments::command().error(ErrorKind::ArgumentConflict, text));
        }
        if self.port.is_some() && self.listen.is_some_and(|listen| listen.port.is_some()) {
            let text =
                "the argument '--port <PORT>' cannot be used with a port in '--listen <ADDRESS[:PORT]>'";
            return Err(Arguments::command().error(ErrorKind::ArgumentConflict, text));
        }
        if self.label.iter().map(|label| label.len() + 1).sum::<usize>() > LONGEST_LABELS {
            let text = format!("labels have at most {LONGEST_LABELS} letters together");
            return Err(Arguments::command().error(ErrorKind::ValueValidation, text));
        }
        Ok(self)
    }

    /// What a job of a module may use. Unlike native code, a module has a limit of time also if nothing is said.
    fn module_limits(&self) -> ModuleLimits {
        let usual = ModuleLimits::default();
        ModuleLimits {
            memory: self.module_memory.unwrap_or(usual.memory),
            result: self.module_result.unwrap_or(usual.result),
            time: self.job_timeout.map_or(usual.time, |limit| Some(limit).filter(|limit| !limit.is_zero())),
            fresh: self.fresh_instances,
        }
    }

    /// What the flow is to be run under, here or by a server.
    pub(crate) fn terms(&self) -> FlowTerms {
        FlowTerms {
            order: self.order.into(),
            most_jobs: self.jobs.filter(|&jobs| jobs > 0),
            hold_input: io::stdin().is_terminal(),
            most_waiting: Some(self.max_waiting).filter(|&values| values > 0),
            job_limit: self.job_timeout.filter(|limit| !limit.is_zero()),
            modules: self.module_limits(),
            fail_fast: self.fail_fast,
            refuse_missing: self.strict,
            most_attempts: self.max_attempts,
        }
    }
}

/// Reads the command line. Help, the version and mistakes are printed here.
pub(crate) fn read() -> Result<Arguments, Status> {
    Arguments::try_parse().and_then(Arguments::checked).map_err(|error| {
        // A terminal that cannot be written to leaves nobody to tell.
        error.print().ok();
        if error.use_stderr() { Status::Usage } else { Status::Ended }
    })
}

/// The level of a word that was found to be one.
#[expect(clippy::needless_pass_by_value, reason = "clap hands over what it has parsed")]
fn level(word: String) -> LevelFilter {
    word.parse().unwrap_or(LevelFilter::Error)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(["flowrcli"].iter().chain(words))
    }

    #[test]
    fn options_may_stand_between_the_manifest_and_the_first_flow_argument() {
        let arguments = parse(&["flow", "-t", "2", "one", "-t", "--", "-x"]).unwrap();
        assert_eq!(arguments.manifest.as_deref(), Some("flow"));
        assert_eq!(arguments.threads, Some(2));
        assert_eq!(arguments.flow_arguments, ["one", "-t", "--", "-x"]);
    }

    #[test]
    fn a_first_flow_argument_with_a_hyphen_stands_behind_two_hyphens() {
        assert_eq!(parse(&["flow", "--", "-x", "y"]).unwrap().flow_arguments, ["-x", "y"]);
        assert!(parse(&["flow", "-x"]).is_err());
    }

    #[test]
    fn without_workers_only_a_server_listens() {
        let check = |words: &[&str]| parse(words).and_then(Arguments::checked).is_ok();
        assert!(!check(&["--no-workers", "--listen", "127.0.0.1"]));
        assert!(check(&["-s", "--no-workers", "--listen", "127.0.0.1"]));
    }

    #[test]
    fn one_port_is_enough() {
        let check = |words: &[&str]| parse(words).and_then(Arguments::checked);
        assert_eq!(check(&["-s", "--listen", "[::1]:7"]).unwrap().listen.unwrap().port, Some(7));
        assert!(check(&["-s", "--listen", "[::1]", "--port", "8"]).is_ok());
        assert!(check(&["-s", "--listen", "[::1]:7", "--port", "8"]).is_err());
        assert!(parse(&["--listen", "somewhere"]).is_err());
    }

    #[test]
    fn labels_are_words_and_names_are_lines() {
        let labels = parse(&["--label", "gpu", "--label", "zone=eu"]).unwrap().label;
        assert_eq!(labels, ["gpu", "zone=eu"]);
        for words in [["--label", "a b"], ["--label", ""], ["--name", ""], ["--name", "a\nb"]] {
            assert!(parse(&words).is_err(), "{words:?}");
        }
        let many: Vec<String> = (100..150).map(|number| format!("--label=number-{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(parse(&many).and_then(Arguments::checked).is_err());
    }

    #[test]
    fn a_client_is_no_server_and_takes_libraries_from_its_server() {
        for words in [&["-c", "-s"][..], &["-c", "-n"], &["--connect", "host:1"], &["--port", "1"]] {
            assert!(parse(words).is_err(), "{words:?}");
        }
        assert!(parse(&["-c", "--connect", "host:1"]).is_ok());
        assert!(parse(&["-s", "--port", "1"]).is_ok());
    }

    #[test]
    fn a_length_of_time_may_have_a_unit() {
        let limit = |text| parse(&["--job-timeout", text]).map(|arguments| arguments.job_timeout);
        assert_eq!(limit("500ms").unwrap(), Some(Duration::from_millis(500)));
        assert_eq!(limit("2.5").unwrap(), Some(Duration::from_millis(2500)));
        assert_eq!(limit("10m").unwrap(), Some(Duration::from_secs(600)));
        for wrong in ["-1", "2 days", "x", "1e40", "nan"] {
            assert!(limit(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_size_may_have_a_unit() {
        let memory =
            |text| parse(&["--module-memory", text]).map(|arguments| arguments.terms().modules.memory);
        assert_eq!(memory("65536").unwrap(), 65536);
        assert_eq!(memory("64MiB").unwrap(), 64 << 20);
        assert_eq!(memory("2g").unwrap(), 2 << 30);
        for wrong in ["-1", "1.5GiB", "2 days", "x", "99999999999GiB"] {
            assert!(memory(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_limit_of_time_holds_for_modules_too_and_they_have_one_anyway() {
        let time = |words: &[&str]| parse(words).unwrap().terms().modules.time;
        assert_eq!(time(&[]), Some(Duration::from_secs(3600)));
        assert_eq!(time(&["--job-timeout", "2s"]), Some(Duration::from_secs(2)));
        assert_eq!(time(&["--job-timeout", "0"]), None);
    }

    #[test]
    fn levels_are_words_in_any_case() {
        assert_eq!(parse(&["-v", "DEBUG"]).unwrap().verbosity, LevelFilter::Debug);
        assert_eq!(parse(&[]).unwrap().verbosity, LevelFilter::Error);
        let message = parse(&["-v", "nonsense"]).unwrap_err().to_string();
        assert!(message.contains("off, error, warn, info, debug, trace"), "{message}");
    }
}
