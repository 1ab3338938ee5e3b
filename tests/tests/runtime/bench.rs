//! Where graphs are run, and what is seen of them.

use flow_tests::graph::Graph;
use flow_tests::{Call, Outcome, Place, Running};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::Read;

pub(crate) const ADD: &str = "lib://flowstdlib/math/add";
pub(crate) const COMPARE: &str = "lib://flowstdlib/math/compare";
pub(crate) const DIVIDE: &str = "lib://flowstdlib/math/divide";
pub(crate) const JOIN: &str = "lib://flowstdlib/control/join";
pub(crate) const SUBTRACT: &str = "lib://flowstdlib/math/subtract";
pub(crate) const TAP: &str = "lib://flowstdlib/control/tap";
/// Makes text of a value that shows what it is.
pub(crate) const TO_STRING: &str = "lib://flowstdlib/fmt/to_string";
pub(crate) const STDERR: &str = "context://stdio/stderr";
pub(crate) const STDOUT: &str = "context://stdio/stdout";
pub(crate) const READLINE: &str = "context://stdio/readline";

/// A place where graphs are run one after another.
#[derive(Default)]
pub(crate) struct Bench(pub(crate) Place);

impl Bench {
    pub(crate) fn new() -> Bench {
        Bench::default()
    }

    /// A call that runs a graph.
    pub(crate) fn call(&self, graph: &Graph, options: &[&str]) -> Call {
        self.0.write("flow/manifest.json", graph.manifest());
        self.0.flowr().args(options).args(["flow"])
    }

    /// What a graph prints, with blanks between the lines. It must end well and tell nothing else, and print the same
    /// on one thread and on several.
    pub(crate) fn prints(&self, graph: &Graph) -> String {
        self.prints_of(graph, "")
    }

    /// The same with something to read.
    pub(crate) fn prints_of(&self, graph: &Graph, input: &str) -> String {
        let on = |threads| words(&self.call(graph, &["-t", threads]).stdin(input).run().status(0).quietly());
        let one = on("1");
        assert_eq!(on("4"), one, "on several threads and on one");
        one
    }

    /// Starts a command line, which is to run `flow`, a graph that prints without end, into a pipe that is read no further
    /// than its beginning, and returns when it is full. The pipe is open as long as the file that is returned.
    pub(crate) fn starts_into_a_full_pipe(&self, graph: &Graph, line: &str) -> (Running, File) {
        self.0.write("flow/manifest.json", graph.manifest());
        self.0.shell("rm -f pipe; mkfifo pipe").run().status(0);
        // Opened for both, so that neither end waits for the other.
        let mut pipe = OpenOptions::new().read(true).write(true).open(self.0.work().join("pipe")).unwrap();
        let mut running = self.0.shell(&format!("exec {line} > pipe")).open_stdin().start();
        pipe.read_exact(&mut [0; 1000]).unwrap();
        #[cfg(target_os = "linux")]
        running.comes_to_rest();
        #[cfg(not(target_os = "linux"))]
        assert!(running.goes_on());
        (running, pipe)
    }

    /// What was counted while a graph ran.
    pub(crate) fn metrics(&self, graph: &Graph, options: &[&str]) -> Value {
        let options = [&["-m", "--metrics-format", "json"], options].concat();
        let output = self.call(graph, &options).run().stdout();
        let line = output.lines().last().unwrap();
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }
}

/// What was written to standard output, with blanks between the lines.
pub(crate) fn words(outcome: &Outcome) -> String {
    outcome.stdout().lines().collect::<Vec<_>>().join(" ")
}

/// Prints whatever comes to `input` of a graph's function `id`, as text that shows what it is; uses the next two ids.
pub(crate) fn shown(graph: &mut Graph, id: u32, input: flow_tests::graph::Input) {
    use flow_tests::graph::ROOT;
    graph.function(id, ROOT, TO_STRING, [input]).stdout(id + 1).connect(id, "", id + 1, 0);
}
