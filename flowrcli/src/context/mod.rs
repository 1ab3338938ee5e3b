//! The context functions of the command line runner: what a flow can do to the world outside of it.
//!
//! One file a module. Their definitions lie in the folder `context` of this crate, for the compiler and for people.

mod args;
mod file;
mod image;
mod pattern;
mod run;
mod stdio;
mod time;

pub(crate) use stdio::unless_closed;

use flowcore::authoring::wrong_kind;
use flowcore::{FunctionError, Implementation, Value};
use flowrlib::context::{ContextFunctions, ContextTraits, Stream};
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const READLINE: &str = "context://stdio/readline";
const LINES: &str = "context://stdio/lines";

/// The context functions on the terminal and the arguments of this process.
pub struct CommandLineContext {
    functions: Vec<ContextFunction>,
    output: Arc<stdio::Printer>,
    error: Arc<stdio::Printer>,
    input: Arc<stdio::Input>,
    pictures: Arc<image::Pictures>,
    status: Arc<run::WantedStatus>,
}

struct ContextFunction {
    url: &'static str,
    traits: ContextTraits,
    implementation: Arc<dyn Implementation>,
}

impl CommandLineContext {
    /// Context functions for a flow with these arguments, the first of which is the place of its manifest.
    pub fn new(flow_arguments: Vec<String>) -> CommandLineContext {
        let output = Arc::new(stdio::Printer::new(io::stdout()));
        let error = Arc::new(stdio::Printer::new(io::stderr()));
        let input = Arc::new(stdio::Input::new());
        let pictures = Arc::new(image::Pictures::default());
        let status = Arc::new(run::WantedStatus::default());
        let on = |stream| ContextTraits { stream: Some(stream), ..ContextTraits::default() };
        let waits = ContextTraits { waits_for_input: true, ..on(Stream::Input) };
        let files = on(Stream::Files);
        let once = ContextTraits { once_on_constants: true, ..files };
        // Pictures are written when the run is over.
        let pixels = ContextTraits { in_memory: true, ..files };
        let function = |url, traits, implementation| ContextFunction { url, traits, implementation };
        let functions = vec![
            function(
                "context://args/get",
                ContextTraits::default(),
                Arc::new(args::Get::new(flow_arguments)),
            ),
            function(READLINE, waits, Arc::new(stdio::Readline(Arc::clone(&input)))),
            function(LINES, waits, Arc::new(stdio::Lines(Arc::clone(&input)))),
            function("context://stdio/stdin", waits, Arc::new(stdio::Stdin(Arc::clone(&input)))),
            function(
                "context://stdio/stdout",
                on(Stream::Output),
                Arc::new(stdio::Print(Arc::clone(&output))),
            ),
            function("context://stdio/stderr", on(Stream::Error), Arc::new(stdio::Print(Arc::clone(&error)))),
            function("context://file/file_read", once, Arc::new(file::FileRead)),
            function("context://file/file_write", files, Arc::new(file::FileWrite)),
            function("context://file/read_text", once, Arc::new(file::ReadText)),
            function("context://file/read_lines", once, Arc::new(file::ReadLines)),
            function("context://file/read_line", files, Arc::new(file::ReadLine::default())),
            function("context://file/write_text", files, Arc::new(file::WriteText)),
            function("context://file/append_text", files, Arc::new(file::AppendText)),
            function("context://file/exists", once, Arc::new(file::Exists)),
            function("context://file/list", once, Arc::new(file::List)),
            function("context://file/glob", once, Arc::new(file::Glob)),
            function("context://file/remove", once, Arc::new(file::Remove)),
            function(
                "context://image/image_buffer",
                pixels,
                Arc::new(image::ImageBuffer(Arc::clone(&pictures))),
            ),
            function("context://image/image_read", once, Arc::new(image::ImageRead)),
            function(
                "context://image/image_write",
                pixels,
                Arc::new(image::ImageWrite(Arc::clone(&pictures))),
            ),
            function(
                "context://run/exit_status",
                ContextTraits::default(),
                Arc::new(run::ExitStatus(Arc::clone(&status))),
            ),
            function("context://time/get", ContextTraits::default(), Arc::new(time::Get::default())),
        ];
        CommandLineContext { functions, output, error, input, pictures, status }
    }

    /// The status that the flow wants its run to end with, if nothing went wrong.
    pub(crate) fn exit_status(&self) -> u8 {
        self.status.get()
    }

    fn find(&self, url: &str) -> Option<&ContextFunction> {
        self.functions.iter().find(|function| function.url == url)
    }
}

impl ContextFunctions for CommandLineContext {
    fn traits(&self, url: &str) -> Option<ContextTraits> {
        self.find(url).map(|function| function.traits)
    }

    fn implementation(&self, url: &str) -> Option<Arc<dyn Implementation>> {
        self.find(url).map(|function| Arc::clone(&function.implementation))
    }

    fn at_hand(&self, url: &str) -> Option<Arc<AtomicBool>> {
        (url == READLINE || url == LINES).then(|| self.input.at_hand())
    }

    fn flush(&self, stream: Stream) -> io::Result<()> {
        match stream {
            Stream::Output => self.output.flush(),
            Stream::Error => self.error.flush(),
            Stream::Input | Stream::Files => Ok(()),
        }
    }

    fn finish(&self) -> Vec<String> {
        self.pictures.write()
    }
}

/// The values of a function's inputs, if there are as many as it has.
fn inputs<const N: usize>(values: &[Value]) -> flowcore::Result<&[Value; N]> {
    values.try_into().map_err(|_| FunctionError::InputCount { declared: N, got: values.len() })
}

/// The text that an input has.
fn text_of<'value>(input: &'static str, value: &'value Value) -> flowcore::Result<&'value str> {
    value.as_str().ok_or_else(|| wrong_kind(input, "a string", value))
}
