//! `context://stdio`: what the flow prints and reads.

use flowcore::value::literal;
use flowcore::{DONT_RUN_AGAIN, FunctionError, Implementation, RUN_AGAIN, Result, RunAgain, Value};
use std::io::{self, BufRead, BufWriter, ErrorKind, IsTerminal, Read, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Text on its way out. It is held back until the stream's thread has nothing more to print at the moment.
pub(super) struct Printer(Mutex<BufWriter<Box<dyn Write + Send>>>);

impl Printer {
    pub(super) fn new(output: impl Write + Send + 'static) -> Printer {
        Printer(Mutex::new(BufWriter::new(Box::new(output))))
    }

    fn lock(&self) -> MutexGuard<'_, BufWriter<Box<dyn Write + Send>>> {
        // Whoever panicked while printing left at worst half a line.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn print(&self, value: &Value) -> io::Result<()> {
        let mut output = self.lock();
        match value {
            Value::Null => Ok(()),
            Value::String(text) => writeln!(output, "{text}"),
            other => writeln!(output, "{other}"),
        }
        .or_else(unless_closed)
    }

    pub(super) fn flush(&self) -> io::Result<()> {
        self.lock().flush().or_else(unless_closed)
    }
}

/// Whoever closes the pipe that we print to has seen enough: that is no failure.
pub(crate) fn unless_closed(error: io::Error) -> io::Result<()> {
    if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }
}

/// `stdio/stdout` and `stdio/stderr`: a value on a line of its own.
pub(super) struct Print(pub(super) std::sync::Arc<Printer>);

impl Implementation for Print {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [value] = inputs else {
            return Err(FunctionError::InputCount { declared: 1, got: inputs.len() });
        };
        self.0.print(value).map_err(|error| format!("cannot print: {error}"))?;
        Ok((None, RUN_AGAIN))
    }
}

/// `stdio/readline`: the next line.
pub(super) struct Readline;

impl Implementation for Readline {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let input = io::stdin();
        if input.is_terminal() {
            show_prompt(inputs.first().and_then(Value::as_str).unwrap_or_default());
        }
        let mut line = Vec::new();
        input.lock().read_until(b'\n', &mut line).map_err(|error| format!("cannot read a line: {error}"))?;
        if line.is_empty() {
            return Ok((None, DONT_RUN_AGAIN));
        }
        let line = String::from_utf8(line)
            .map_err(|_| FunctionError::Passing("a line of the input is not text in UTF-8".to_owned()))?;
        Ok((Some(text_and_json(&line)), RUN_AGAIN))
    }
}

fn show_prompt(prompt: &str) {
    if !prompt.is_empty() {
        let mut terminal = io::stderr().lock();
        // A terminal that takes no prompt will not give a line either, and that is told.
        write!(terminal, "{prompt}").and_then(|()| terminal.flush()).ok();
    }
}

/// `stdio/stdin`: all there is, then nulls.
pub(super) struct Stdin;

impl Implementation for Stdin {
    fn run(&self, _inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let mut text = Vec::new();
        io::stdin()
            .lock()
            .read_to_end(&mut text)
            .map_err(|error| format!("cannot read the input: {error}"))?;
        if text.is_empty() {
            let nothing = [(literal!("string"), Value::Null), (literal!("json"), Value::Null)];
            return Ok((Some(Value::object(nothing)), DONT_RUN_AGAIN));
        }
        let text = String::from_utf8(text).map_err(|_| "the input is not text in UTF-8".to_owned())?;
        Ok((Some(text_and_json(&text)), RUN_AGAIN))
    }
}

/// The text without white space at its ends, also as JSON where it is JSON.
fn text_and_json(text: &str) -> Value {
    let text = text.trim();
    let json = text.parse().ok().map(|json| (literal!("json"), json));
    Value::object([(literal!("string"), Value::from(text))].into_iter().chain(json))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_value_is_printed_on_a_line_of_its_own() {
        let paper = Paper::default();
        let print = Print(Arc::new(Printer::new(paper.clone())));
        for value in [r#""raw \"text\"""#, "1.0", "true", "null", r#"[1, "a"]"#, r#"{"b":1,"a":null}"#] {
            assert_eq!(print.run(&[value.parse().unwrap()]).unwrap(), (None, RUN_AGAIN));
        }
        print.0.flush().unwrap();
        let printed = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert_eq!(printed, "raw \"text\"\n1.0\ntrue\n[1,\"a\"]\n{\"a\":null,\"b\":1}\n");
    }

    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_failure_and_a_full_disk_is() {
        let printer = Printer::new(Failing(ErrorKind::BrokenPipe));
        printer.print(&Value::from("x")).unwrap();
        printer.flush().unwrap();
        let printer = Printer::new(Failing(ErrorKind::StorageFull));
        printer.print(&Value::from("x")).unwrap();
        assert!(printer.flush().is_err());
    }

    #[test]
    fn lines_are_trimmed_and_read_as_json_where_they_are_json() {
        assert_eq!(text_and_json(" [1, 2] \n").to_string(), r#"{"json":[1,2],"string":"[1, 2]"}"#);
        assert_eq!(text_and_json("two words\r\n").to_string(), r#"{"string":"two words"}"#);
        assert_eq!(text_and_json("\n").to_string(), r#"{"string":""}"#);
    }
}
