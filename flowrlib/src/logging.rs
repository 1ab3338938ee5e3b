//! The log of the run-time programs.

use log::LevelFilter;
use std::io::Write;

/// The crates whose log `-v` governs. Others (discovery is chatty) speak only where `RUST_LOG` asks them to.
const OURS: [&str; 5] = ["flowcore", "flowstdlib", "flowrlib", "flowrcli", "flowrex"];

/// The words for levels on a command line.
pub const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Sends the log to standard error, from that level upwards, as lines like `INFO    - text`.
pub fn start(level: LevelFilter) {
    let mut builder = env_logger::Builder::new();
    builder.filter_level(LevelFilter::Off);
    for name in OURS {
        builder.filter_module(name, level);
    }
    builder.parse_default_env();
    builder.format(|line, record| writeln!(line, "{:<8}- {}", record.level(), record.args()));
    // A second logger is only ever set by tests, which then keep the first.
    builder.try_init().ok();
}
