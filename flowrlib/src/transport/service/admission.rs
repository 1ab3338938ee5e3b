//! Which workers a run takes.

use super::ServiceConfig;
use crate::discovery::LONGEST_NAME;
use crate::wire::{Hello, PROTOCOL};

/// The most threads that a worker can be believed to have.
const MOST_SLOTS: usize = 1 << 16;

impl ServiceConfig {
    /// Why a worker cannot help this run, if it cannot.
    pub(super) fn objection(&self, hello: &Hello) -> Option<String> {
        if hello.protocol != PROTOCOL {
            return Some(format!(
                "the runner speaks version {PROTOCOL} of the protocol, not {}",
                hello.protocol
            ));
        }
        if hello.network != self.network {
            return Some(format!("the runner belongs to network '{}'", self.network));
        }
        if !(1..=MOST_SLOTS).contains(&hello.slots) {
            return Some(format!("a worker has from 1 to {MOST_SLOTS} threads, not {}", hello.slots));
        }
        if let Some(label) = self.about.labels.iter().find(|label| !hello.labels.contains(label)) {
            return Some(format!("the runner wants workers with the label '{label}'"));
        }
        if !hello.runners.is_empty() && !hello.runners.contains(&self.about.name) {
            return Some(format!("the runner is '{}', which the worker does not serve", self.about.name));
        }
        if hello.name.len() > LONGEST_NAME || hello.name.contains(char::is_control) {
            return Some("the name of the worker cannot be printed".to_owned());
        }
        if self.modules.first().is_some_and(|_| !hello.runs_modules) {
            return Some("the flow has modules, and the worker runs none".to_owned());
        }
        let missing = self.libraries.iter().find(|library| !hello.libraries.contains(library));
        missing.map(|(name, version)| {
            let other = hello.libraries.iter().find(|(other, _)| other == name);
            let has = other.map_or_else(|| "none of it".to_owned(), |(_, version)| version.clone());
            format!("the flow runs native functions of library '{name}' {version}, and the worker has {has}")
        })
    }
}
