//! What a run has to say to people, on its way to the client.
//!
//! One page is under way at a time; what comes up meanwhile is for the next one. So a run never waits for its client to
//! read, and a client that reads slowly does not fill the server's memory: what is too much for a page is left out, and
//! that is told.

use super::{Command, Key, Outbox};
use crate::wire::ToClient;
use log::Level;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The most text on a page, in bytes.
const LARGEST_PAGE: usize = 1 << 22;

/// What a line takes beside its text.
const LINE_COST: usize = 64;

/// The messages of one run.
pub(super) struct Journal {
    key: Key,
    outbox: Outbox,
    page: Mutex<Page>,
}

#[derive(Default)]
struct Page {
    lines: Vec<(Level, String)>,
    size: usize,
    left_out: usize,
    /// Whether the page before is still under way.
    is_waiting: bool,
}

impl Page {
    /// Takes what there is.
    fn turn(&mut self) -> Vec<(Level, String)> {
        let mut lines = std::mem::take(&mut self.lines);
        if self.left_out > 0 {
            lines.push((Level::Warn, format!("{} more messages are left out", self.left_out)));
        }
        (self.size, self.left_out) = (0, 0);
        lines
    }
}

impl Journal {
    pub(super) fn new(key: Key, outbox: Outbox) -> Journal {
        Journal { key, outbox, page: Mutex::default() }
    }

    fn page(&self) -> MutexGuard<'_, Page> {
        // Whoever panicked left at worst a page with a line less.
        self.page.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a message.
    pub(super) fn write(&self, level: Level, text: String) {
        let mut page = self.page();
        let size = page.size.saturating_add(text.len()).saturating_add(LINE_COST);
        if size > LARGEST_PAGE && !page.lines.is_empty() {
            page.left_out += 1;
            return;
        }
        page.size = size;
        page.lines.push((level, text));
        if !page.is_waiting {
            self.send(&mut page);
        }
    }

    /// The client is ready for another page.
    pub(super) fn was_taken(&self) {
        let mut page = self.page();
        page.is_waiting = false;
        if !page.lines.is_empty() {
            self.send(&mut page);
        }
    }

    /// Sends what is left when the run is over.
    pub(super) fn finish(&self) {
        let mut page = self.page();
        if !page.lines.is_empty() {
            self.send(&mut page);
        }
    }

    fn send(&self, page: &mut Page) {
        page.is_waiting = true;
        let frame = ToClient::Log { session: self.key.session, lines: page.turn() }.encode();
        self.outbox.post(Command::Send { key: self.key.clone(), frame });
    }
}

#[cfg(test)]
mod tests {
    use super::super::remote::tests::outbox;
    use super::*;
    use crossbeam_channel::Receiver;

    fn pages(inbox: &Receiver<Command>) -> Vec<Vec<String>> {
        let page = |command| match command {
            Command::Send { frame, .. } => match ToClient::decode(&frame) {
                Ok(ToClient::Log { lines, .. }) => lines.into_iter().map(|(_, text)| text).collect(),
                other => panic!("{other:?}"),
            },
            _ => panic!("not a page"),
        };
        inbox.try_iter().map(page).collect()
    }

    #[test]
    fn a_page_is_sent_when_the_one_before_was_taken() {
        let (outbox, inbox) = outbox();
        let journal = Journal::new(Key { peer: vec![1], session: 2 }, outbox);
        ["one", "two", "three"].into_iter().for_each(|line| journal.write(Level::Error, line.into()));
        assert_eq!(pages(&inbox), [["one"]]);
        journal.was_taken();
        assert_eq!(pages(&inbox), [["two", "three"]]);
        journal.was_taken();
        assert_eq!(pages(&inbox), [[""; 0]; 0]);
        journal.write(Level::Error, "four".into());
        journal.write(Level::Error, "five".into());
        journal.finish();
        assert_eq!(pages(&inbox), [["four"], ["five"]]);
    }

    #[test]
    fn what_is_too_much_for_a_page_is_counted() {
        let (outbox, inbox) = outbox();
        let journal = Journal::new(Key { peer: vec![1], session: 2 }, outbox);
        let long = "x".repeat(LARGEST_PAGE);
        for text in ["one", &long, "two", "three"] {
            journal.write(Level::Error, text.into());
        }
        journal.was_taken();
        let pages = pages(&inbox);
        assert_eq!(pages[1], [long.as_str(), "2 more messages are left out"]);
    }
}
