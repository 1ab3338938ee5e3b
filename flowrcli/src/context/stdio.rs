//! `context://stdio`: what the flow prints and reads.

use flowcore::value::literal;
use flowcore::{DONT_RUN_AGAIN, FunctionError, Implementation, RUN_AGAIN, Result, RunAgain, Value};
use std::io::{self, BufRead, BufWriter, ErrorKind, IsTerminal, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
pub(super) struct Print(pub(super) Arc<Printer>);

impl Implementation for Print {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [value] = inputs else {
            return Err(FunctionError::InputCount { declared: 1, got: inputs.len() });
        };
        self.0.print(value).map_err(|error| format!("cannot print: {error}"))?;
        Ok((None, RUN_AGAIN))
    }
}

/// Standard input.
///
/// What it has read ahead lies in the buffer that all of this process share, so whoever else reads misses nothing.
pub(super) struct Input {
    is_terminal: bool,
    /// Whether the buffer has another whole line.
    at_hand: Arc<AtomicBool>,
    /// Whether the end was met. At a terminal there can be more behind it, which nobody means to be read.
    ended: AtomicBool,
}

impl Input {
    pub(super) fn new() -> Input {
        Input {
            is_terminal: io::stdin().is_terminal(),
            at_hand: Arc::default(),
            ended: AtomicBool::new(false),
        }
    }

    pub(super) fn at_hand(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.at_hand)
    }

    /// Asks for a line and gives it with its end, which the last one may lack; none at the end of the input.
    fn ask(&self, prompt: Option<&Value>) -> Result<Option<String>> {
        if self.is_terminal {
            show_prompt(prompt.and_then(Value::as_str).unwrap_or_default());
        }
        let line =
            self.line(&mut io::stdin().lock()).map_err(|error| format!("cannot read a line: {error}"))?;
        if line.is_empty() {
            return Ok(None);
        }
        let text = String::from_utf8(line)
            .map_err(|_| FunctionError::Passing("a line of the input is not text in UTF-8".to_owned()))?;
        Ok(Some(text))
    }

    /// The next line with its end, which the last one may lack; empty at the end.
    fn line(&self, input: &mut impl BufRead) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        while !self.ended.load(Ordering::Acquire) {
            let buffer = match input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                other => other?,
            };
            let end = buffer.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
            let (part, rest) = buffer.split_at(end.unwrap_or(buffer.len()));
            line.extend_from_slice(part);
            self.at_hand.store(rest.contains(&b'\n'), Ordering::Release);
            let used = part.len();
            input.consume(used);
            match (end, used) {
                (Some(_), _) => break,
                (None, 0) => self.ended.store(true, Ordering::Release),
                (None, _) => {}
            }
        }
        Ok(line)
    }

    /// All that is left.
    fn rest(&self, input: &mut impl Read) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if !self.ended.load(Ordering::Acquire) {
            self.at_hand.store(false, Ordering::Release);
            input.read_to_end(&mut bytes)?;
            self.ended.store(true, Ordering::Release);
        }
        Ok(bytes)
    }
}

/// `stdio/readline`: the next line, and nothing at the end.
pub(super) struct Readline(pub(super) Arc<Input>);

impl Implementation for Readline {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        match self.0.ask(inputs.first())? {
            Some(line) => Ok((Some(text_and_json(&line)), RUN_AGAIN)),
            None => Ok((None, DONT_RUN_AGAIN)),
        }
    }
}

/// `stdio/lines`: the next line, and nulls at the end.
pub(super) struct Lines(pub(super) Arc<Input>);

impl Implementation for Lines {
    fn run(&self, inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        match self.0.ask(inputs.first())? {
            Some(line) => Ok((Some(text_and_json(&line)), RUN_AGAIN)),
            None => Ok((Some(end_of_input()), DONT_RUN_AGAIN)),
        }
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
pub(super) struct Stdin(pub(super) Arc<Input>);

impl Implementation for Stdin {
    fn run(&self, _inputs: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let mut input = io::stdin().lock();
        let text = self.0.rest(&mut input).map_err(|error| format!("cannot read the input: {error}"))?;
        if text.is_empty() {
            return Ok((Some(end_of_input()), DONT_RUN_AGAIN));
        }
        let text = String::from_utf8(text).map_err(|_| "the input is not text in UTF-8".to_owned())?;
        Ok((Some(text_and_json(&text)), RUN_AGAIN))
    }
}

/// What says that there is no more to come.
fn end_of_input() -> Value {
    Value::object([(literal!("string"), Value::Null), (literal!("json"), Value::Null)])
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

    fn input() -> Input {
        Input { is_terminal: false, ..Input::new() }
    }

    #[test]
    fn a_line_is_at_hand_only_if_all_of_it_has_come() {
        let input = input();
        // Eight bytes come at a time.
        let text = &b"a\nb\nlong\n\na line longer than that\nend"[..];
        let mut source = io::BufReader::with_capacity(8, text);
        let expected = [
            ("a\n", true),
            ("b\n", false),
            ("long\n", true),
            ("\n", false),
            ("a line longer than that\n", false),
            ("end", false),
            ("", false),
        ];
        for (line, at_hand) in expected {
            assert_eq!(String::from_utf8(input.line(&mut source).unwrap()).unwrap(), line);
            assert_eq!(input.at_hand.load(Ordering::Relaxed), at_hand, "after {line:?}");
        }
    }

    #[test]
    fn what_is_left_may_be_read_in_one_piece() {
        let input = input();
        let mut source = &b"a\nb\nc"[..];
        assert_eq!(input.line(&mut source).unwrap(), b"a\n");
        assert!(input.at_hand.load(Ordering::Relaxed));
        assert_eq!(input.rest(&mut source).unwrap(), b"b\nc");
        assert!(!input.at_hand.load(Ordering::Relaxed));
    }

    /// A terminal goes on after its end was met.
    #[test]
    fn nothing_is_read_behind_the_end() {
        let input = input();
        assert_eq!(input.line(&mut &b"a"[..]).unwrap(), b"a");
        assert_eq!(input.line(&mut &b"more\n"[..]).unwrap(), b"");
        assert_eq!(input.rest(&mut &b"more\n"[..]).unwrap(), b"");
        let input = Input { is_terminal: false, ..Input::new() };
        assert_eq!(input.rest(&mut &b"all"[..]).unwrap(), b"all");
        assert_eq!(input.rest(&mut &b"more"[..]).unwrap(), b"");
    }

    #[test]
    fn lines_are_trimmed_and_read_as_json_where_they_are_json() {
        assert_eq!(text_and_json(" [1, 2] \n").to_string(), r#"{"json":[1,2],"string":"[1, 2]"}"#);
        assert_eq!(text_and_json("two words\r\n").to_string(), r#"{"string":"two words"}"#);
        assert_eq!(text_and_json("\n").to_string(), r#"{"string":""}"#);
    }
}
