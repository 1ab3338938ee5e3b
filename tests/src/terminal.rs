//! A terminal to type at, as far as a program can tell.

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;

/// The two ends of a new terminal: where somebody types, and what the program reads.
pub(crate) fn terminal() -> (File, File) {
    let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals to be had");
    grantpt(&keyboard).and_then(|()| unlockpt(&keyboard)).expect("a new terminal can be opened");
    let name = ptsname(&keyboard, Vec::new()).expect("a terminal has a name");
    let screen =
        open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("a new terminal can be opened");
    (keyboard.into(), screen.into())
}
