//! How a program ended.

use std::borrow::Cow;
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

    /// The exit status; none if a signal has ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
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
            self.fail(&format!("should have written\n{}", excerpt(&String::from_utf8_lossy(expected))));
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
            excerpt(&self.stdout()),
            excerpt(&self.stderr)
        )
    }
}

/// As much of a text as a person wants to see: its beginning and its end.
pub(crate) fn excerpt(text: &str) -> Cow<'_, str> {
    const BEGINNING: usize = 30;
    const END: usize = 30;

    let lines: Vec<&str> = text.lines().collect();
    let Some(left_out) = lines.len().checked_sub(BEGINNING + END).filter(|count| *count > 1) else {
        return text.into();
    };
    let beginning = lines.iter().take(BEGINNING).copied();
    let between = format!("... {left_out} more lines ...");
    let end = lines.iter().skip(lines.len() - END).copied();
    let shown: Vec<&str> = beginning.chain([between.as_str()]).chain(end).collect();
    shown.join("\n").into()
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn a_short_text_is_shown_as_it_is() {
        assert_eq!(excerpt("one\ntwo\n"), "one\ntwo\n");
    }

    #[test]
    fn of_a_long_text_the_beginning_and_the_end_are_shown() {
        let text: String = (1..=1000).map(|number| format!("{number}\n")).collect();
        let shown = excerpt(&text);
        assert!(shown.starts_with("1\n2\n") && shown.ends_with("999\n1000"), "{shown}");
        assert!(shown.contains("\n30\n... 940 more lines ...\n971\n"), "{shown}");
    }
}
