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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::About;
    use crate::executor::ModuleLimits;
    use crate::keys::Trust;
    use crate::modules::ModuleFile;
    use crate::transport::socket::Listen;

    /// A run that has a module and runs native functions of a library, for workers with a label.
    fn run() -> ServiceConfig {
        ServiceConfig {
            run: 1,
            listen: Listen::MACHINE,
            trust: Trust::Anybody,
            about: About::new("mine", 1, &["blue".into()]),
            network: "here".into(),
            implementations: vec![],
            modules: vec![ModuleFile::new(b"module".to_vec())],
            module_limits: ModuleLimits::default(),
            libraries: vec![("library".into(), "1.2".into())],
            limit: None,
        }
    }

    /// A worker that it takes.
    fn worker() -> Hello {
        Hello {
            protocol: PROTOCOL,
            network: "here".into(),
            name: "worker".into(),
            slots: 2,
            libraries: vec![("other".into(), "9".into()), ("library".into(), "1.2".into())],
            runs_modules: true,
            labels: vec!["blue".into(), "large".into()],
            runners: vec!["yours".into(), "mine".into()],
            ..Hello::default()
        }
    }

    #[test]
    fn who_can_help_is_taken() {
        assert_eq!(run().objection(&worker()), None);
        assert_eq!(run().objection(&Hello { runners: vec![], ..worker() }), None, "it serves all");
        let plain = ServiceConfig { modules: vec![], libraries: vec![], ..run() };
        let other = Hello { runs_modules: false, libraries: vec![], ..worker() };
        assert_eq!(plain.objection(&other), None, "what the flow does not need does not matter");
    }

    #[test]
    fn who_cannot_help_is_told_why() {
        let of_library = |version: &str| vec![("library".to_owned(), version.to_owned())];
        let refused = [
            (Hello { protocol: PROTOCOL + 1, ..worker() }, format!("not {}", PROTOCOL + 1)),
            (Hello { network: "there".into(), ..worker() }, "network 'here'".into()),
            (Hello { slots: 0, ..worker() }, "not 0".into()),
            (Hello { slots: MOST_SLOTS + 1, ..worker() }, format!("not {}", MOST_SLOTS + 1)),
            (Hello { labels: vec!["red".into()], ..worker() }, "the label 'blue'".into()),
            (Hello { runners: vec!["yours".into()], ..worker() }, "'mine', which the worker".into()),
            (Hello { name: "x".repeat(LONGEST_NAME + 1), ..worker() }, "the name".into()),
            (Hello { name: "one\nanother".into(), ..worker() }, "the name".into()),
            (Hello { runs_modules: false, ..worker() }, "the worker runs none".into()),
            (Hello { libraries: vec![], ..worker() }, "'library' 1.2, and the worker has none of it".into()),
            (Hello { libraries: of_library("1.3"), ..worker() }, "1.2, and the worker has 1.3".into()),
        ];
        for (hello, reason) in refused {
            let told = run().objection(&hello).unwrap();
            assert!(told.contains(&reason), "{told:?} and not {reason:?}");
        }
    }
}
