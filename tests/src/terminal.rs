//! A terminal for a program, with somebody at the keyboard.

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::{File, OpenOptions};
use std::process::Stdio;

/// A pseudo-terminal. It shows what is typed, as terminals do, and ends lines with a carriage return and a line feed.
pub(crate) struct Terminal {
    /// The end where somebody types and sees.
    pub(crate) user: File,
    /// The end that a program has.
    program: File,
}

impl Terminal {
    pub(crate) fn open() -> Self {
        let user = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("there are terminals to be had");
        grantpt(&user).and_then(|()| unlockpt(&user)).expect("a new terminal is ours");
        let name = ptsname(&user, Vec::new()).expect("a terminal has a name");
        let name = name.into_string().expect("the name of a terminal is text");
        let program = OpenOptions::new().read(true).write(true).open(name).expect("a terminal can be opened");
        Terminal { user: File::from(user), program }
    }

    /// What a program reads from or writes to.
    pub(crate) fn stdio(&self) -> Stdio {
        Stdio::from(self.program.try_clone().expect("there are descriptors to be had"))
    }
}
