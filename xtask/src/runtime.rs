//! What running costs: memory that waiting values take, what idle programs do, how fast lines go through. Each figure is
//! shown beside what is to hold. Memory is judged too, for it does not depend on what else the machine does.

use crate::demo::{Scratch, build};
use crate::watched::Watched;
use crate::{Result, repository};
use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const MILLION: usize = 1_000_000;

/// How large the value is that goes to a hundred functions.
const LARGE: usize = 10_000_000;

/// How long a program that has nothing to do is watched.
const WATCH: Duration = Duration::from_secs(5);

/// How long a program may take to come to rest before it is watched.
const SETTLE: Duration = Duration::from_secs(2);

/// A process of a flow; context functions keep their names.
fn process(alias: &str, source: &str, inputs: &str) -> String {
    let alias = if alias.is_empty() { String::new() } else { format!("alias = \"{alias}\"\n") };
    format!("\n[[process]]\n{alias}source = \"{source}\"\n{inputs}\n")
}

fn connection(from: &str, to: &str) -> String {
    format!("\n[[connection]]\nfrom = \"{from}\"\nto = \"{to}\"\n")
}

/// Reads a line, which keeps the flow from ending before it comes.
const READ_ONE: &str =
    "\n[[process]]\nsource = \"context://stdio/readline\"\ninput.prompt = { once = \"\" }\n";

const STDOUT: &str = "\n[[process]]\nsource = \"context://stdio/stdout\"\n";

/// Where the programs are, and a folder for flows.
struct Bench {
    programs: PathBuf,
    scratch: Scratch,
    network: String,
    /// How many figures are not as they are to be.
    misses: usize,
}

pub(crate) fn bench_runtime() -> Result<()> {
    let programs = build()?;
    let scratch = Scratch::new()?;
    let mut bench = Bench { programs, scratch, network: format!("bench-{}", std::process::id()), misses: 0 };
    bench.waiting_values()?;
    bench.ready_jobs()?;
    bench.large_value()?;
    bench.slow_consumers()?;
    bench.lines()?;
    bench.idle()?;
    match bench.misses {
        0 => Ok(()),
        count => Err(format!("{count} figures are not as they are to be").into()),
    }
}

/// The definition of what sends so many values.
type Source<'flow> = &'flow dyn Fn(usize) -> String;

impl Bench {
    /// Writes and compiles a flow; gives the folder it is in.
    fn compile(&self, name: &str, flow: &str) -> Result<PathBuf> {
        let folder = self.scratch.path().join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("root.toml"), format!("flow = \"{name}\"\n{flow}"))?;
        let mut flowc = self.program("flowc");
        crate::program::run("flowc", flowc.arg("-c").arg(&folder))?;
        Ok(folder)
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir(repository()).env("FLOW_NETWORK", &self.network);
        command
    }

    fn start(&self, options: &[&str], folder: &Path, arguments: &[String]) -> Result<Watched> {
        let mut flowr = self.program("flowr");
        Watched::start("flowr", flowr.args(options).arg(folder).args(arguments))
    }

    /// Shows an amount of memory beside the most that it may be.
    fn judge(&mut self, what: &str, figure: f64, unit: &str, most: f64) {
        let verdict = if figure <= most { "" } else { "  <- too much" };
        self.misses += usize::from(figure > most);
        println!("{what:<62} {figure:>9.1} {unit}, at most {most} to hold{verdict}");
    }

    /// Values that wait at one input, because another has none yet: out of one array, and one by one.
    fn waiting_values(&mut self) -> Result<()> {
        println!("\na million values that wait at one input");
        let join = process("join", "lib://flowstdlib/math/add", "")
            + READ_ONE
            + STDOUT
            + &connection("readline/json", "join/i2")
            + &connection("join", "stdout");
        let array = |count: usize| {
            process(
                "source",
                "lib://flowstdlib/array/range",
                &format!(
                    "input.start = {{ once = 1 }}\ninput.limit = {{ once = {count} }}\ninput.step = {{ once = 1 }}"
                ),
            ) + &process("length", "lib://flowstdlib/array/length", "")
                + &connection("source", "join/i1")
                + &connection("source", "length")
                + &connection("length", "stdout")
        };
        let stream = |count: usize| {
            process(
                "source",
                "lib://flowstdlib/math/sequence",
                &format!(
                    "input.start = {{ once = 1 }}\ninput.limit = {{ once = {count} }}\ninput.step = {{ once = 1 }}"
                ),
            ) + &connection("source/number", "join/i1")
                + &connection("source/last", "stdout")
        };
        let shapes: [(&str, Source<'_>, &[&str]); 2] = [
            ("one array taken apart", &array, &["-t", "1"]),
            ("one by one, --max-waiting 0", &stream, &["-t", "1", "--max-waiting", "0"]),
        ];
        for (what, source, options) in shapes {
            let mut peaks = [0, 0];
            for (peak, count) in peaks.iter_mut().zip([1, MILLION]) {
                let folder = self.compile("waiting", &format!("{join}{}", source(count)))?;
                let mut flowr = self.start(options, &folder, &[])?;
                if flowr.line()? != count.to_string() {
                    return Err("the values that wait were counted wrongly".into());
                }
                *peak = flowr.peak()?;
                flowr.enter("1")?;
                flowr.finish()?;
            }
            let [one, all] = peaks;
            self.judge(what, each(all, one) - value_bytes(), "bytes each beyond the value", 100.0);
        }
        Ok(())
    }

    /// Jobs that are all ready at once.
    fn ready_jobs(&mut self) -> Result<()> {
        println!("\na million ready jobs from one array");
        let mut peaks = [0, 0];
        for (peak, count) in peaks.iter_mut().zip([1, MILLION]) {
            let flow = process(
                "source",
                "lib://flowstdlib/array/range",
                &format!(
                    "input.start = {{ once = 1 }}\ninput.limit = {{ once = {count} }}\ninput.step = {{ once = 1 }}"
                ),
            ) + &process("root", "lib://flowstdlib/math/sqrt", "")
                + STDOUT
                + READ_ONE
                + &connection("source", "root")
                + &connection("root", "stdout")
                + &connection("readline/string", "stdout");
            let folder = self.compile("ready", &flow)?;
            let mut flowr = self.start(&["-t", "2"], &folder, &[])?;
            flowr.skip(count)?;
            *peak = flowr.peak()?;
            flowr.finish()?;
        }
        let [one, all] = peaks;
        self.judge("at the peak, the value included", each(all, one), "bytes each", 300.0);
        Ok(())
    }

    /// One large value for a hundred functions.
    fn large_value(&mut self) -> Result<()> {
        println!("\none value of 10 MB for 100 functions");
        let consumers = |from: &str, function: &str| -> Result<String> {
            let mut flow = String::new();
            for number in 0..100 {
                let alias = format!("to{number}");
                flow.push_str(&process(&alias, function, ""));
                write!(flow, "{}{}", connection(from, &alias), connection(&alias, "stdout"))?;
            }
            Ok(flow + STDOUT + READ_ONE + &connection("readline/string", "stdout"))
        };
        let text = process("", "context://file/read_text", "input.path = { once = \"SIZE.txt\" }")
            + &consumers("read_text/text", "lib://flowstdlib/text/length")?;
        let array = process(
            "range",
            "lib://flowstdlib/array/range",
            "input.start = { once = 1 }\ninput.limit = { once = SIZE }\ninput.step = { once = 1 }",
        ) + &consumers("range", "lib://flowstdlib/array/length")?;
        for size in [1, LARGE] {
            fs::write(self.scratch.path().join(format!("{size}.txt")), "x".repeat(size))?;
        }
        let text = text.replace("SIZE.txt", &self.scratch.path().join("SIZE.txt").display().to_string());
        // A number is a value of two words.
        for (what, flow, size) in [("text", text, LARGE), ("an array of numbers", array, LARGE / 16)] {
            let mut peaks = [0, 0];
            for (peak, size) in peaks.iter_mut().zip([1, size]) {
                let folder = self.compile("large", &flow.replace("SIZE", &size.to_string()))?;
                let mut flowr = self.start(&["-t", "2"], &folder, &[])?;
                for _ in 0..100 {
                    if flowr.line()? != size.to_string() {
                        return Err("the large value has lost something".into());
                    }
                }
                *peak = flowr.peak()?;
                flowr.finish()?;
            }
            let [small, large] = peaks;
            self.judge(what, megabytes(large.saturating_sub(small)), "MB more at the peak", 30.0);
        }
        Ok(())
    }

    /// Sources without end before consumers that do not keep up.
    fn slow_consumers(&mut self) -> Result<()> {
        println!("\na fast source and a slow consumer: memory as values go by");
        let source = process(
            "source",
            "lib://flowstdlib/math/sequence",
            "input.start = { once = 1 }\ninput.limit = { once = 1000000000 }\ninput.step = { once = 1 }",
        );
        let row = vec!["1"; 20_000].join(", ");
        let slow = process(
            "slow",
            "lib://flowstdlib/matrix/multiply_row",
            &format!(
                "input.a = {{ always = [{row}] }}\ninput.b = {{ always = [{row}] }}\ninput.b_index = {{ always = 0 }}"
            ),
        );
        let reader = source.clone() + STDOUT + &connection("source/number", "stdout");
        let function = source
            + &slow
            + STDOUT
            + &connection("source/number", "slow/a_index")
            + &connection("slow/a_b_index", "stdout");
        for (what, flow, lines) in
            [("a reader of standard output", reader, 400_000), ("a function", function, 20_000)]
        {
            let folder = self.compile("slow", &flow)?;
            let mut flowr = self.start(&["-t", "2"], &folder, &[])?;
            let mut seen = Vec::new();
            for _ in 0..5 {
                flowr.skip(lines)?;
                seen.push(flowr.resident()?);
            }
            let shown: Vec<String> = seen.iter().map(|bytes| format!("{:.1}", megabytes(*bytes))).collect();
            println!("  MB after every {lines} values: {}", shown.join(", "));
            let (early, late) = (seen.get(1).copied().unwrap_or(0), seen.last().copied().unwrap_or(0));
            self.judge(
                what,
                megabytes(late.saturating_sub(early)),
                "MB more from the second to the fifth",
                5.0,
            );
        }
        Ok(())
    }

    /// Lines through a flow of one function.
    fn lines(&mut self) -> Result<()> {
        println!("\na million lines from a pipe, through one function, to standard output");
        let flow = process("", "context://stdio/readline", "input.prompt = { always = \"\" }")
            + &process("upper", "lib://flowstdlib/text/upper", "")
            + STDOUT
            + &connection("readline/string", "upper")
            + &connection("upper", "stdout");
        let folder = self.compile("lines", &flow)?;
        for threads in ["1", "2"] {
            let begun = Instant::now();
            let mut flowr = self.start(&["-t", threads], &folder, &[])?;
            let input = flowr.input().ok_or("its input is a pipe")?;
            let writer = thread::spawn(move || -> std::io::Result<()> {
                let mut input = BufWriter::new(input);
                (0..MILLION).try_for_each(|number| writeln!(input, "line {number}"))?;
                input.flush()
            });
            flowr.skip(MILLION)?;
            let time = begun.elapsed().as_secs_f64();
            writer.join().map_err(|_| "the lines cannot be written")??;
            flowr.finish()?;
            println!("{:<62} {time:>9.2} s, at most 5 to hold", format!("-t {threads}"));
        }
        Ok(())
    }

    /// Programs that wait.
    fn idle(&mut self) -> Result<()> {
        println!("\nprograms that have nothing to do, watched for {WATCH:?}");
        let echo = process("", "context://stdio/readline", "input.prompt = { always = \"\" }")
            + STDOUT
            + &connection("readline/string", "stdout");
        let echo = self.compile("echo", &echo)?;
        let add =
            process("", "lib://flowstdlib/math/add", "input.i1 = { once = 1 }\ninput.i2 = { once = 1 }")
                + STDOUT
                + &connection("add", "stdout");
        let add = self.compile("add", &add)?;
        let mut waiting = self.program("flowr");
        let waiting = Watched::start("flowr", waiting.args(["-t", "0"]).arg(&add))?;
        let reading = self.start(&[], &echo, &[])?;
        let mut server = self.program("flowr");
        let server = Watched::start("flowr -s", server.arg("-s"))?;
        // Of a network of its own, lest it find the runner that waits.
        let mut worker = self.program("flowrex");
        let worker = worker.env("FLOW_NETWORK", format!("{}-alone", self.network));
        let worker = Watched::start("flowrex", worker)?;
        let line = format!("{} {}", self.programs.join("flowr").display(), echo.display());
        let terminal = Watched::start_on_terminal("flowr", &line);
        thread::sleep(SETTLE);
        let mut programs = vec![
            ("flowr -t 0, waiting for a worker", &waiting),
            ("flowr, waiting for a line from a pipe", &reading),
            ("flowr -s without clients", &server),
            ("flowrex without a runner", &worker),
        ];
        match &terminal {
            Ok(terminal) => programs.push(("flowr, waiting for a line from a terminal", terminal)),
            Err(error) => println!("not measured on a terminal: {error}"),
        }
        let before = programs.iter().map(|(_, program)| program.spent()).collect::<Result<Vec<_>>>()?;
        thread::sleep(WATCH);
        for ((what, program), before) in programs.iter().zip(before) {
            let spent = program.spent()?.saturating_sub(before).as_secs_f64();
            println!("{what:<62} {:>9.2} ms of a processor, 0 but for its network duties", spent * 1e3);
        }
        Ok(())
    }
}

/// What each of a million takes.
#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn each(all: u64, one: u64) -> f64 {
    all.saturating_sub(one) as f64 / MILLION as f64
}

/// What a number takes that waits nowhere.
fn value_bytes() -> f64 {
    16.0
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
