//! The command line of the worker.

use clap::Parser;
use clap::builder::{PossibleValuesParser, RangedU64ValueParser, TypedValueParser};
use flowrlib::MOST_THREADS;
use flowrlib::discovery::label;
use flowrlib::logging::LEVELS;
use flowrlib::units::{duration, size};
use log::LevelFilter;
use std::path::PathBuf;
use std::time::Duration;

/// Execute jobs for runners found on the network, until ended.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "FLOW_NETWORK names the network whose runners are served (default: local). FLOW_KEY_FILE names the key \
                  that other machines have, too (default: ~/.flow/key, if it is there)."
)]
pub(crate) struct Arguments {
    /// How many executor threads to use, at least 1 (default: one for each core)
    #[arg(short, long, value_name = "THREADS", value_parser = RangedU64ValueParser::<usize>::new().range(1..=MOST_THREADS))]
    pub(crate) threads: Option<usize>,

    /// Where a runner is or will be (flowr --listen ADDRESS:PORT), beside those that are found; may be repeated
    #[arg(long, value_name = "HOST:PORT", value_parser = place)]
    pub(crate) coordinator: Vec<String>,

    /// Serve only runners of that name (flowr --name); may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) runner: Vec<String>,

    /// Something that runners may ask for (flowr --label); may be repeated
    #[arg(long, value_name = "LABEL", value_parser = label)]
    pub(crate) label: Vec<String>,

    /// Serve runners without authentication and encryption, and only those
    #[arg(long)]
    pub(crate) insecure: bool,

    /// The longest that a job may take here, such as 500ms, 2.5s or 10m (default: what its runner allows)
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub(crate) job_timeout: Option<Duration>,

    /// The most memory that a job of a module may have here, such as 64MiB (default: what its runner allows)
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub(crate) module_memory: Option<u64>,

    /// Make a key for several machines, in that file (default: where it is looked for), and end
    #[arg(long, value_name = "FILE", num_args = 0..=1, exclusive = true)]
    pub(crate) new_key: Option<Option<PathBuf>>,

    /// Show the runners, servers and workers on the network, and end
    #[arg(long)]
    pub(crate) list: bool,

    /// Show them as JSON
    #[arg(long, requires = "list")]
    pub(crate) json: bool,

    /// What to log: off, error, warn, info, debug or trace
    #[arg(
        short,
        long,
        value_name = "LEVEL",
        default_value = "error",
        hide_possible_values = true,
        ignore_case = true,
        value_parser = PossibleValuesParser::new(LEVELS).map(|word| word.parse().unwrap_or(LevelFilter::Error))
    )]
    pub(crate) verbosity: LevelFilter,
}

/// Reads where a runner may be. What the name stands for is found out when it is needed.
fn place(text: &str) -> Result<String, String> {
    let is_place = text.rsplit_once(':').is_some_and(|(host, port)| {
        let is_fine = !host.contains(':') || (host.starts_with('[') && host.ends_with(']'));
        !host.is_empty() && is_fine && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    is_place
        .then(|| text.to_owned())
        .ok_or_else(|| "write HOST:PORT, such as box:5900 or [fe80::1%eth0]:5900".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(["flowrex"].iter().chain(words))
    }

    #[test]
    fn a_place_has_a_host_and_a_port() {
        for fine in ["box:5900", "10.0.0.1:1", "[::1]:5900", "[fe80::1%eth0]:5900"] {
            assert_eq!(parse(&["--coordinator", fine]).unwrap().coordinator, [fine]);
        }
        for wrong in ["box", ":5900", "box:", "box:0", "box:99999", "::1:5900"] {
            assert!(parse(&["--coordinator", wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_made_alone() {
        assert_eq!(parse(&["--new-key"]).unwrap().new_key, Some(None));
        assert_eq!(parse(&["--new-key", "k"]).unwrap().new_key, Some(Some("k".into())));
        assert!(parse(&["--new-key", "--list"]).is_err());
        assert!(parse(&["--json"]).is_err());
        assert!(parse(&["-t", "0"]).is_err());
    }
}
