//! How a program ended.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// What is left of a program that has ended: status and streams.
///
/// The methods that check something return it again, so checks can be chained.
#[derive(Debug)]
pub struct Outcome {
    line: String,
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: String,
}

impl Outcome {
    pub(crate) fn new(line: String, status: ExitStatus, stdout: Vec<u8>, stderr: String) -> Self {
        Outcome { line, status, stdout, stderr }
    }

    /// Checks the exit status.
    #[track_caller]
    pub fn status(self, expected: i32) -> Self {
        if self.status.code() != Some(expected) {
            self.fail(&format!("should have ended with status {expected}"));
        }
        self
    }

    /// Checks that an interrupt has ended it: a shell shows status 130, whether the program or the system ended it.
    #[track_caller]
    pub fn interrupted(self) -> Self {
        if self.status.code() != Some(130) && self.status.signal() != Some(2) {
            self.fail("should have ended by the interrupt");
        }
        self
    }

    /// Checks standard output, byte for byte.
    #[track_caller]
    pub fn wrote(self, expected: impl AsRef<[u8]>) -> Self {
        let expected = expected.as_ref();
        if self.stdout != expected {
            self.fail(&format!("should have written\n{}", String::from_utf8_lossy(expected)));
        }
        self
    }

    /// Checks that nothing came on standard error.
    #[track_caller]
    pub fn quietly(self) -> Self {
        if !self.stderr.is_empty() {
            self.fail("should have written nothing to standard error");
        }
        self
    }

    /// Checks that standard error contains a text; upper and lower case are the same.
    #[track_caller]
    pub fn complained_of(self, text: &str) -> Self {
        if !self.stderr.to_lowercase().contains(&text.to_lowercase()) {
            self.fail(&format!("should have mentioned '{text}' on standard error"));
        }
        self
    }

    /// Checks that standard output contains a text.
    #[track_caller]
    pub fn mentioned(self, text: &str) -> Self {
        if !self.stdout().contains(text) {
            self.fail(&format!("should have mentioned '{text}' on standard output"));
        }
        self
    }

    /// Standard output as text.
    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error.
    pub fn stderr(&self) -> &str {
        &self.stderr
    }

    /// Ends the test, and says all that is known about the program.
    #[track_caller]
    pub fn fail(&self, what: &str) -> ! {
        let status = match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("status {code}"),
            (None, Some(signal)) => format!("signal {signal}"),
            (None, None) => "no status".to_owned(),
        };
        panic!(
            "`{}` {what}\nended with {status}\n--- stdout\n{}\n--- stderr\n{}",
            self.line,
            self.stdout(),
            self.stderr
        )
    }
}
