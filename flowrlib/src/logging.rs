//! The log of the run-time programs.
//!
//! It goes to standard error. What a run of a server's client has to say goes to that client instead: a thread can have
//! its messages [diverted](divert).

use flowcore::visible::{shortened, visible};
use log::{Level, LevelFilter, Log, Metadata, Record};
use std::cell::RefCell;
use std::io::Write;
use std::sync::Arc;

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
    builder.format(|line, record| writeln!(line, "{}", one_line(record)));
    let logger = builder.build();
    let most = logger.filter();
    // A second logger is only ever set by tests, which then keep the first.
    if log::set_boxed_logger(Box::new(Logger(logger))).is_ok() {
        log::set_max_level(most);
    }
}

/// As many bytes as a message of more than three times that keeps at its beginning and at its end.
const KEPT: usize = 4096;

/// A message as a line. Names and reasons come from manifests, files and others on the network, and must neither look
/// like further lines nor do anything to a terminal.
fn one_line(record: &Record<'_>) -> String {
    let text = record.args().to_string();
    format!("{:<8}- {}", record.level(), visible(&shortened(&text, KEPT)))
}

/// Who takes the messages of a thread instead of standard error.
type Taker = Arc<dyn Fn(Level, String) + Send + Sync>;

thread_local! {
    static TAKER: RefCell<Option<(LevelFilter, Taker)>> = const { RefCell::new(None) };
}

/// Has the messages of this thread taken by somebody, from that level upwards, until what is returned is dropped.
pub(crate) fn divert(level: LevelFilter, taker: Taker) -> Diversion {
    // Messages below the level of the program are not even made, so that has to be low enough.
    if level > log::max_level() {
        log::set_max_level(level);
    }
    TAKER.set(Some((level, taker)));
    Diversion(())
}

/// A thread's messages go elsewhere while this lives.
pub(crate) struct Diversion(());

impl Drop for Diversion {
    fn drop(&mut self) {
        TAKER.set(None);
    }
}

/// Who takes this thread's messages, with the level from which they are wanted.
fn taker() -> Option<(LevelFilter, Taker)> {
    // A thread that is ending has none any more.
    TAKER.try_with(|taker| taker.borrow().clone()).ok().flatten()
}

/// Whether a message comes from one of our crates.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    let name = metadata.target().split("::").next().unwrap_or_default();
    OURS.contains(&name)
}

struct Logger(env_logger::Logger);

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        match taker() {
            Some((level, _)) => metadata.level() <= level && is_ours(metadata),
            None => self.0.enabled(metadata),
        }
    }

    fn log(&self, record: &Record<'_>) {
        match taker() {
            Some((level, take)) if record.level() <= level && is_ours(record.metadata()) => {
                take(record.level(), record.args().to_string());
            }
            Some(_) => {}
            None => self.0.log(record),
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_message_is_one_line_whatever_is_in_it() {
        let line =
            |text: &str| one_line(&Record::builder().level(Level::Info).args(format_args!("{text}")).build());
        assert_eq!(line("plain"), "INFO    - plain");
        assert_eq!(line("a\nERROR   - b\u{1b}[2J"), "INFO    - a\\nERROR   - b\\u{1b}[2J");
        assert!(line(&"x".repeat(1 << 20)).len() < 10_000);
    }

    #[test]
    fn a_thread_that_is_diverted_tells_somebody_else_what_is_ours_and_asked_for() {
        let logger = Logger(env_logger::Builder::new().build());
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let say = |target: &str, level: Level, text: &str| {
            logger.log(&Record::builder().target(target).level(level).args(format_args!("{text}")).build());
        };
        {
            let told = Arc::clone(&told);
            let take = move |level, text| told.lock().unwrap().push(format!("{level}: {text}"));
            let _diversion = divert(LevelFilter::Warn, Arc::new(take));
            say("flowrlib::coordinator", Level::Warn, "one");
            say("flowrlib::coordinator", Level::Info, "not asked for");
            say("mdns_sd", Level::Error, "not ours");
        }
        say("flowrlib::coordinator", Level::Warn, "not diverted any more");
        assert_eq!(*told.lock().unwrap(), ["WARN: one"]);
    }
}
