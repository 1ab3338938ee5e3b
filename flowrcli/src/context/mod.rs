//! The context functions of the command line runner: what a flow can do to the world outside of it.
//!
//! One file a module. Their definitions lie in the folder `context` of this crate, for the compiler and for people.

mod args;
mod stdio;

pub(crate) use stdio::unless_closed;

use flowcore::Implementation;
use flowrlib::context::{ContextFunctions, ContextTraits, Stream};
use std::io;
use std::sync::Arc;

/// The context functions on the terminal and the arguments of this process.
pub struct CommandLineContext {
    functions: Vec<ContextFunction>,
    output: Arc<stdio::Printer>,
    error: Arc<stdio::Printer>,
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
        let on = |stream| ContextTraits { stream: Some(stream), waits_for_input: false };
        let input = ContextTraits { stream: Some(Stream::Input), waits_for_input: true };
        let function = |url, traits, implementation| ContextFunction { url, traits, implementation };
        let functions = vec![
            function(
                "context://args/get",
                ContextTraits::default(),
                Arc::new(args::Get::new(flow_arguments)),
            ),
            function("context://stdio/readline", input, Arc::new(stdio::Readline)),
            function("context://stdio/stdin", input, Arc::new(stdio::Stdin)),
            function(
                "context://stdio/stdout",
                on(Stream::Output),
                Arc::new(stdio::Print(Arc::clone(&output))),
            ),
            function("context://stdio/stderr", on(Stream::Error), Arc::new(stdio::Print(Arc::clone(&error)))),
        ];
        CommandLineContext { functions, output, error }
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

    fn flush(&self, stream: Stream) -> io::Result<()> {
        match stream {
            Stream::Output => self.output.flush(),
            Stream::Error => self.error.flush(),
            Stream::Input | Stream::Files => Ok(()),
        }
    }
}
