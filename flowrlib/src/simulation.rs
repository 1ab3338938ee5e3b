//! Flows built from plain values and run under any schedule, without threads: what the tests of this crate stand on.

mod cluster;
pub(crate) mod flows;
mod model;

use crate::context::{ContextFunctions, ContextTraits, Stream};
use crate::program::{FunctionId, ImplementationKind, Order, Program};
use crate::state::{Counts, Notice, Outcome, RunState, Ticket, Unfinished};
use flowcore::manifest::{FlowInfo, FlowManifest, FunctionInfo, InputInfo, OutputConnection, Source};
use flowcore::{Initializer, Value};
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

/// Builds a manifest function by function.
#[derive(Default)]
pub(crate) struct FlowBuilder {
    pub(crate) manifest: FlowManifest,
    pub(crate) order: Order,
}

/// An input of order 0.
pub(crate) fn scalar() -> InputInfo {
    InputInfo::default()
}

/// An input that takes anything.
pub(crate) fn generic() -> InputInfo {
    InputInfo { generic: true, ..InputInfo::default() }
}

/// Initializers in one word each.
pub(crate) trait Initialized {
    fn once(self, value: impl Into<Value>) -> InputInfo;
    fn always(self, value: impl Into<Value>) -> InputInfo;
    fn flow_once(self, value: impl Into<Value>) -> InputInfo;
    fn flow_always(self, value: impl Into<Value>) -> InputInfo;
}

impl Initialized for InputInfo {
    fn once(self, value: impl Into<Value>) -> InputInfo {
        InputInfo { initializer: Some(Initializer::Once(value.into())), ..self }
    }
    fn always(self, value: impl Into<Value>) -> InputInfo {
        InputInfo { initializer: Some(Initializer::Always(value.into())), ..self }
    }
    fn flow_once(self, value: impl Into<Value>) -> InputInfo {
        InputInfo { flow_initializer: Some(Initializer::Once(value.into())), ..self }
    }
    fn flow_always(self, value: impl Into<Value>) -> InputInfo {
        InputInfo { flow_initializer: Some(Initializer::Always(value.into())), ..self }
    }
}

impl FlowBuilder {
    /// A builder that has the root flow, number 0.
    pub(crate) fn new() -> FlowBuilder {
        let mut builder = FlowBuilder::default();
        builder.manifest.flows.insert(0, FlowInfo::default());
        builder
    }

    fn next_id(&self) -> u64 {
        (self.manifest.flows.len() + self.manifest.functions.len()) as u64
    }

    pub(crate) fn flow(&mut self, parent: u64) -> u64 {
        let id = self.next_id();
        self.manifest
            .flows
            .insert(id, FlowInfo { process_id: id, parent_id: Some(parent), sub_flow_ids: vec![] });
        id
    }

    /// Adds a function; `code` is a name that [`run`] knows, or a `context://` URL.
    pub(crate) fn function(&mut self, flow: u64, code: &str, inputs: impl Into<Vec<InputInfo>>) -> u64 {
        let id = self.next_id();
        let location = if code.contains("://") { code.to_owned() } else { format!("lib://test/{code}") };
        let function = FunctionInfo {
            process_id: id,
            parent_id: flow,
            implementation_location: location,
            inputs: inputs.into(),
            ..FunctionInfo::default()
        };
        self.manifest.functions.insert(id, function);
        id
    }

    /// A connection within one flow.
    pub(crate) fn internal(&mut self, from: u64, source: &str, to: (u64, usize)) {
        self.connect(from, source, to, true);
    }

    /// A connection across a boundary.
    pub(crate) fn external(&mut self, from: u64, source: &str, to: (u64, usize)) {
        self.connect(from, source, to, false);
    }

    /// `source` is a pointer into the output, or `#n` for a copy of input n.
    fn connect(&mut self, from: u64, source: &str, (to, input): (u64, usize), internal: bool) {
        let source = match source.strip_prefix('#') {
            Some(number) => Source::Input(number.parse().unwrap()),
            None => Source::Output(source.to_owned()),
        };
        let destination_parent_id = self.manifest.functions[&to].parent_id;
        self.manifest.functions.get_mut(&from).unwrap().output_connections.push(OutputConnection {
            source,
            destination_id: to,
            destination_io_number: input,
            destination_parent_id,
            internal,
            ..OutputConnection::default()
        });
    }

    pub(crate) fn load(&self) -> Program {
        // What is built by hand goes through the same checks as what is read.
        let json = self.manifest.to_json().unwrap();
        let manifest = flowcore::manifest::read_flow_manifest(&json).unwrap();
        let url = "file:///flow/manifest.json".parse().unwrap();
        Program::load(&manifest, &url, &TestContext, self.order).unwrap()
    }
}

/// `stdout`, `stderr`, `file_write` and `readline`.
pub(crate) struct TestContext;

impl ContextFunctions for TestContext {
    fn traits(&self, url: &str) -> Option<ContextTraits> {
        let (stream, waits_for_input) = match url {
            "context://stdio/stdout" => (Stream::Output, false),
            "context://stdio/stderr" => (Stream::Error, false),
            "context://file/file_write" => (Stream::Files, false),
            "context://stdio/readline" => (Stream::Input, true),
            _ => return None,
        };
        Some(ContextTraits { stream: Some(stream), waits_for_input, ..ContextTraits::default() })
    }

    fn implementation(&self, _url: &str) -> Option<std::sync::Arc<dyn flowcore::Implementation>> {
        None
    }
}

fn output(value: impl Into<Value>) -> Outcome {
    Outcome::Done { output: Some(value.into()), run_again: true }
}

/// The pure functions of the tests.
pub(crate) fn run(code: &str, inputs: &[Value]) -> Outcome {
    let none = Outcome::Done { output: None, run_again: true };
    // Random flows send anything anywhere; what is no number counts by its length.
    let number =
        |value: &Value| value.as_i64().unwrap_or_else(|| value.as_array().map_or(0, <[Value]>::len) as i64);
    match (code, inputs) {
        ("add", [a, b]) => output(number(a).wrapping_add(number(b))),
        ("subtract", [a, b]) => output(number(a).wrapping_sub(number(b))),
        ("multiply", [a, b]) => output(number(a).wrapping_mul(number(b))),
        ("compare", [a, b]) => output(Value::object([("gt", Value::from(number(a) > number(b)))])),
        ("tap", [data, Value::Bool(true)]) => output(data.clone()),
        ("tap", _) => none,
        ("double", [a]) => output(number(a).wrapping_mul(2)),
        ("pair", [a, b]) => output(vec![a.clone(), b.clone()]),
        ("range", [n]) => output((1..=number(n)).collect::<Vec<i64>>()),
        ("odd", [n]) if number(n) % 2 == 0 => Outcome::Failed("even".into()),
        ("odd", [n]) => output(n.clone()),
        ("add_odd", [a, b]) if number(a).wrapping_add(number(b)) % 2 == 0 => Outcome::Failed("even".into()),
        ("add_odd", [a, b]) => output(number(a).wrapping_add(number(b))),
        ("add_until", [a, b]) => {
            let sum = number(a).wrapping_add(number(b));
            Outcome::Done { output: Some(sum.into()), run_again: sum % 5 != 0 }
        }
        ("compare_switch", [left, right]) => {
            let (l, r) = (number(left), number(right));
            let mut members = Vec::new();
            let mut put = |when: bool, name: &'static str, value: &Value| {
                if when {
                    members.push((name, value.clone()));
                }
            };
            put(r <= l, "right-lte", right);
            put(r < l, "right-lt", right);
            put(r >= l, "right-gte", right);
            put(l > r, "left-gt", left);
            output(Value::object(members))
        }
        _ => Outcome::Failed(format!("no function '{code}' of {} inputs", inputs.len())),
    }
}

/// What a run showed to the outside: the texts written to each stream, its counts, which of its jobs failed, and what was
/// left.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Shown {
    pub(crate) streams: BTreeMap<Stream, Vec<String>>,
    pub(crate) counts: Counts,
    pub(crate) failures: BTreeMap<FunctionId, Vec<String>>,
    pub(crate) unfinished: Vec<Unfinished>,
}

impl Shown {
    pub(crate) fn output(&self) -> String {
        self.streams.get(&Stream::Output).map(|lines| lines.join(" ")).unwrap_or_default()
    }
}

/// A source of choices: always 0, or pseudo-random.
pub(crate) struct Choices(Option<u64>);

impl Choices {
    /// The one-at-a-time run.
    pub(crate) const FIRST: Choices = Choices(None);

    pub(crate) fn seeded(seed: u64) -> Choices {
        Choices(Some(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1))
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let Some(state) = &mut self.0 else { return 0 };
        // xorshift64*
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        usize::try_from(state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % limit
    }

    fn is_random(&self) -> bool {
        self.0.is_some()
    }
}

/// Runs a program on lines of input under a schedule.
///
/// Random choices decide which job finishes next, as many executors would; effects on one stream are carried out in
/// the order in which their jobs were handed out, as the runner's streams do.
pub(crate) fn simulate(program: &Program, lines: &[&str], choices: Choices) -> Shown {
    simulate_bounded(program, lines, choices, usize::MAX)
}

/// The same, with a bound on what may pile up at an input.
pub(crate) fn simulate_bounded(
    program: &Program,
    lines: &[&str],
    mut choices: Choices,
    bound: usize,
) -> Shown {
    const MOST_JOBS: usize = 200_000;
    let shown = RefCell::new(Shown::default());
    let mut lines: VecDeque<&str> = lines.iter().copied().collect();
    let mut state = RunState::new(program).with_bound(bound).with_most_ahead(bound.saturating_add(1));
    let mut pure: Vec<Ticket> = Vec::new();
    let mut streams: BTreeMap<Stream, VecDeque<Ticket>> = BTreeMap::new();
    state.start();
    state.assert_consistent();
    for _ in 0..MOST_JOBS {
        while let Some(ticket) = state.next_ready() {
            let function = &program.functions[state.job(ticket).unwrap().function];
            match program.implementations[function.implementation].kind {
                ImplementationKind::Context { stream: Some(stream), .. } => {
                    streams.entry(stream).or_default().push_back(ticket);
                }
                _ => pure.push(ticket),
            }
        }
        if state.has_ended() {
            let mut shown = shown.into_inner();
            shown.counts = state.counts();
            for notice in state.take_notices() {
                if let Notice::JobFailed { function, reason, .. } = notice {
                    shown.failures.entry(function).or_default().push(reason);
                }
            }
            shown.unfinished = state.unfinished();
            return shown;
        }

        let ticket = if choices.is_random() {
            let busy_streams: Vec<Stream> =
                streams.iter().filter(|(_, jobs)| !jobs.is_empty()).map(|(&stream, _)| stream).collect();
            let choice = choices.below(pure.len() + busy_streams.len());
            if choice < pure.len() {
                pure.swap_remove(choice)
            } else {
                let stream = busy_streams[choice - pure.len()];
                streams.get_mut(&stream).unwrap().pop_front().unwrap()
            }
        } else {
            oldest(&state, &mut pure, &mut streams)
        };
        let job = state.job(ticket).unwrap();
        let code = &program.implementations[program.functions[job.function].implementation].url;
        // Executors in the same process get the values themselves, all others copies.
        let inputs = match choices.is_random() && choices.below(2) == 0 {
            true => state.surrender_inputs(ticket).unwrap(),
            false => job.inputs.clone(),
        };
        let print = |stream| {
            let text = inputs[0].as_str().map_or_else(|| inputs[0].to_string(), str::to_owned);
            shown.borrow_mut().streams.entry(stream).or_default().push(text);
            Outcome::Done { output: None, run_again: true }
        };
        let outcome = match code.as_str() {
            "context://stdio/stdout" => print(Stream::Output),
            "context://stdio/stderr" => print(Stream::Error),
            "context://file/file_write" => print(Stream::Files),
            "context://stdio/readline" => match lines.pop_front() {
                Some(line) => output(line.parse::<Value>().unwrap_or_else(|_| Value::from(line))),
                None => Outcome::Done { output: None, run_again: false },
            },
            url => run(url.strip_prefix("lib://test/").unwrap(), &inputs),
        };
        assert!(state.finish(ticket, outcome));
        for lane in state.take_squashed() {
            pure.retain(|ticket| ticket.lane != lane);
        }
        state.assert_consistent();
    }
    panic!("the flow did not end within {MOST_JOBS} jobs");
}

/// The oldest job of all, those that wait for input last.
fn oldest(
    state: &RunState,
    pure: &mut Vec<Ticket>,
    streams: &mut BTreeMap<Stream, VecDeque<Ticket>>,
) -> Ticket {
    let heads = streams.iter().filter_map(|(&stream, jobs)| Some((stream, *jobs.front()?)));
    let of_streams =
        heads.map(|(stream, ticket)| (stream == Stream::Input, state.job(ticket).unwrap().id, Some(stream)));
    let of_pure = pure.iter().map(|&ticket| (false, state.job(ticket).unwrap().id, None));
    let (_, id, stream) = of_streams.chain(of_pure).min().unwrap();
    match stream {
        Some(stream) => streams.get_mut(&stream).unwrap().pop_front().unwrap(),
        None => {
            let place = pure.iter().position(|&ticket| state.job(ticket).unwrap().id == id).unwrap();
            pure.remove(place)
        }
    }
}

/// Runs the program one job at a time and under many random schedules, and checks that all show the same.
pub(crate) fn show(program: &Program, lines: &[&str]) -> Shown {
    let right = simulate(program, lines, Choices::FIRST);
    for seed in 0..200 {
        assert_eq!(simulate(program, lines, Choices::seeded(seed)), right, "seed {seed}");
    }
    right
}

/// All notices a state has, for tests that want exactly these and no other.
pub(crate) fn reasons(notices: Vec<Notice>) -> Vec<String> {
    notices.iter().map(|notice| format!("{notice:?}")).collect()
}
