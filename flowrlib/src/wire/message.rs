//! The messages between a runner and its workers.
//!
//! A worker opens with [`Hello`]; the runner answers with a welcome that lists what its flow runs, or refuses. It sends
//! the modules on that list that the worker does not hold, and the worker says when it is ready. After that jobs go one
//! way and results the other, in batches. The runner may ask jobs back, and call them off; the worker gives back what
//! it then does not answer. Both sides send heartbeats. A goodbye from either side ends it; a side that says none is
//! missed by its heartbeats. What would be waited for in vain if it were lost is numbered (`sequence.rs`).
//!
//! The book's page on the protocol says the same for those who write another program, byte by byte.

use super::fields::{
    put_attempts, put_digest, put_digests, put_limit, put_module_limits, put_numbered, put_orders,
    put_results, put_run, put_texts, put_truth, read_attempts, read_digest, read_digests, read_limit,
    read_module_limits, read_orders, read_results, read_texts, read_truth,
};
use crate::dispatch::Attempt;
use crate::executor::{JobOrder, JobResult, ModuleLimits};
use crate::machine::Machine;
use crate::modules::Digest;
use flowcore::encoding::{DecodeError, Reader, put_integer, put_length, put_text};
use std::sync::Arc;
use std::time::Duration;

/// The version of the protocol. Peers of different versions do not talk.
pub const PROTOCOL: u32 = 5;

/// How a worker introduces itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hello {
    /// The [`PROTOCOL`] it speaks.
    pub protocol: u32,
    /// The name of the network it belongs to; runners only take workers of their own.
    pub network: String,
    /// What it is called in reports: host and process.
    pub name: String,
    /// How many jobs it runs at once.
    pub slots: usize,
    /// Its native libraries: name and version.
    pub libraries: Vec<(String, String)>,
    /// The version of the program.
    pub version: String,
    /// What it runs on.
    pub machine: Machine,
    /// Whether it runs modules.
    pub runs_modules: bool,
    /// What its owner says of it.
    pub labels: Vec<String>,
    /// The names of the runners that it serves; none are all.
    pub runners: Vec<String>,
    /// What the worker has chosen at random when it started: it is known again by this, however it comes.
    pub number: u64,
    /// The modules that it holds from earlier runs, and need not be sent.
    pub held: Vec<Digest>,
}

/// What jobs refer to by number, as a runner announces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announced {
    /// The URL of the implementation.
    pub url: String,
    /// The module that it runs; none if it is a native function.
    pub module: Option<Digest>,
}

/// What a worker says.
#[derive(Clone, Debug, PartialEq)]
pub enum FromWorker {
    /// It wants to work.
    Hello(Box<Hello>),
    /// It wants to have a module that it has said it holds, and does not.
    Fetch {
        /// The run it works for.
        run: u64,
        /// Its place among those that are [numbered](FromWorker::number).
        number: u64,
        /// Which module.
        module: Digest,
    },
    /// It has all that jobs can refer to, and can be given some.
    Ready {
        /// The run it works for.
        run: u64,
        /// Its place among those that are [numbered](FromWorker::number).
        number: u64,
    },
    /// What came of jobs, and how many unfinished jobs it wants to have from now on.
    Results {
        /// The run the jobs belong to.
        run: u64,
        /// Its place among those that are [numbered](FromWorker::number).
        number: u64,
        /// Its credit.
        window: usize,
        /// The outcomes, one for each job.
        results: Vec<JobResult>,
    },
    /// It does not do jobs that were asked back or called off, and has room for others.
    Returned {
        /// The run the jobs belong to.
        run: u64,
        /// Its place among those that are [numbered](FromWorker::number).
        number: u64,
        /// Which.
        jobs: Vec<Attempt>,
    },
    /// It is alive.
    Heartbeat {
        /// The run it works for.
        run: u64,
        /// The number of the latest of the [numbered](FromWorker::number) messages that it has sent.
        sent: u64,
    },
    /// It leaves; what it has not answered will not be answered.
    Goodbye {
        /// The run it worked for.
        run: u64,
    },
}

/// What a runner says.
#[derive(Clone, Debug, PartialEq)]
pub enum ToWorker {
    /// The worker is taken on.
    Welcome {
        /// The run it works for from now on; answers to any other are dropped.
        run: u64,
        /// The number of the session: that of the first message that is numbered follows from it, both ways.
        session: u32,
        /// What the runner is called.
        runner: String,
        /// What jobs refer to by number.
        implementations: Vec<Announced>,
        /// How long each job of a native function may take.
        limit: Option<Duration>,
        /// What each job of a module may use.
        module_limits: ModuleLimits,
    },
    /// A module that the worker does not hold.
    Module {
        /// The run it belongs to.
        run: u64,
        /// Its place among those that are [numbered](ToWorker::number).
        number: u64,
        /// Which one it is.
        module: Digest,
        /// Its bytes, shared by all who are sent it; none if the runner does not have it.
        bytes: Arc<Vec<u8>>,
    },
    /// The runner does not know the worker, or not any more: it has to introduce itself again.
    Stranger {
        /// The run it is a stranger to.
        run: u64,
    },
    /// The worker cannot help, in words.
    Refused {
        /// Why.
        reason: String,
    },
    /// Jobs to run, in this order.
    Jobs {
        /// The run they belong to.
        run: u64,
        /// Its place among those that are [numbered](ToWorker::number).
        number: u64,
        /// The jobs.
        orders: Vec<JobOrder>,
    },
    /// Jobs are wanted back if they have not begun.
    Recall {
        /// The run they belong to.
        run: u64,
        /// Its place among those that are [numbered](ToWorker::number).
        number: u64,
        /// Which.
        jobs: Vec<Attempt>,
    },
    /// Nobody wants what comes of jobs any more.
    Cancel {
        /// The run they belong to.
        run: u64,
        /// Its place among those that are [numbered](ToWorker::number).
        number: u64,
        /// Which.
        jobs: Vec<Attempt>,
    },
    /// The runner is alive.
    Heartbeat {
        /// Its run.
        run: u64,
        /// The number of the latest of the [numbered](ToWorker::number) messages that it has sent to the worker.
        sent: u64,
    },
    /// The run is over.
    Goodbye {
        /// Which run.
        run: u64,
    },
}

mod tag {
    pub(super) const HELLO: u8 = 1;
    pub(super) const RESULTS: u8 = 2;
    pub(super) const HEARTBEAT: u8 = 3;
    pub(super) const GOODBYE: u8 = 4;
    pub(super) const WELCOME: u8 = 5;
    pub(super) const REFUSED: u8 = 6;
    pub(super) const JOBS: u8 = 7;
    pub(super) const STRANGER: u8 = 8;
    pub(super) const FETCH: u8 = 9;
    pub(super) const READY: u8 = 10;
    pub(super) const MODULE: u8 = 11;
    pub(super) const RETURNED: u8 = 12;
    pub(super) const RECALL: u8 = 13;
    pub(super) const CANCEL: u8 = 14;
}

impl FromWorker {
    /// The run that it belongs to; none of an introduction.
    pub fn run(&self) -> Option<u64> {
        match self {
            FromWorker::Hello(_) => None,
            FromWorker::Fetch { run, .. }
            | FromWorker::Ready { run, .. }
            | FromWorker::Results { run, .. }
            | FromWorker::Returned { run, .. }
            | FromWorker::Heartbeat { run, .. }
            | FromWorker::Goodbye { run } => Some(*run),
        }
    }

    /// Its number, if it is one of those that would be waited for in vain if they were lost.
    pub fn number(&self) -> Option<u64> {
        match self {
            FromWorker::Fetch { number, .. }
            | FromWorker::Ready { number, .. }
            | FromWorker::Results { number, .. }
            | FromWorker::Returned { number, .. } => Some(*number),
            FromWorker::Hello(_) | FromWorker::Heartbeat { .. } | FromWorker::Goodbye { .. } => None,
        }
    }

    /// The same, for giving it one.
    pub(crate) fn number_mut(&mut self) -> Option<&mut u64> {
        match self {
            FromWorker::Fetch { number, .. }
            | FromWorker::Ready { number, .. }
            | FromWorker::Results { number, .. }
            | FromWorker::Returned { number, .. } => Some(number),
            FromWorker::Hello(_) | FromWorker::Heartbeat { .. } | FromWorker::Goodbye { .. } => None,
        }
    }

    /// The message as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            FromWorker::Hello(hello) => {
                bytes.push(tag::HELLO);
                // The version comes first and stays there, so that every version can tell every other.
                put_integer(&mut bytes, u64::from(hello.protocol));
                put_text(&mut bytes, &hello.network);
                put_text(&mut bytes, &hello.name);
                put_length(&mut bytes, hello.slots);
                put_length(&mut bytes, hello.libraries.len());
                for (name, version) in &hello.libraries {
                    put_text(&mut bytes, name);
                    put_text(&mut bytes, version);
                }
                put_text(&mut bytes, &hello.version);
                put_text(&mut bytes, &hello.machine.architecture);
                put_text(&mut bytes, &hello.machine.system);
                put_length(&mut bytes, hello.machine.cores);
                put_integer(&mut bytes, hello.machine.memory);
                put_truth(&mut bytes, hello.runs_modules);
                put_texts(&mut bytes, &hello.labels);
                put_texts(&mut bytes, &hello.runners);
                put_integer(&mut bytes, hello.number);
                put_digests(&mut bytes, &hello.held);
            }
            FromWorker::Fetch { run, number, module } => {
                put_numbered(&mut bytes, tag::FETCH, *run, *number);
                put_digest(&mut bytes, module);
            }
            FromWorker::Ready { run, number } => put_numbered(&mut bytes, tag::READY, *run, *number),
            FromWorker::Results { run, number, window, results } => {
                put_numbered(&mut bytes, tag::RESULTS, *run, *number);
                put_length(&mut bytes, *window);
                put_results(&mut bytes, results);
            }
            FromWorker::Returned { run, number, jobs } => {
                put_numbered(&mut bytes, tag::RETURNED, *run, *number);
                put_attempts(&mut bytes, jobs);
            }
            FromWorker::Heartbeat { run, sent } => {
                put_run(&mut bytes, tag::HEARTBEAT, *run);
                put_integer(&mut bytes, *sent);
            }
            FromWorker::Goodbye { run } => put_run(&mut bytes, tag::GOODBYE, *run),
        }
        bytes
    }

    /// Reads a message.
    ///
    /// # Errors
    ///
    /// Fails on anything but exactly one message. A hello of another protocol version is read as far as its version.
    pub fn decode(frame: &[u8]) -> Result<FromWorker, DecodeError> {
        let mut reader = Reader::new(frame);
        let message = match reader.byte()? {
            tag::HELLO => {
                let protocol = reader.small()?;
                if protocol != PROTOCOL {
                    return Ok(FromWorker::Hello(Box::new(Hello { protocol, ..Hello::default() })));
                }
                let (network, name) = (reader.text()?.to_owned(), reader.text()?.to_owned());
                let slots = reader.small()?;
                let mut libraries = Vec::new();
                for _ in 0..reader.count()? {
                    libraries.push((reader.text()?.to_owned(), reader.text()?.to_owned()));
                }
                let version = reader.text()?.to_owned();
                let machine = Machine {
                    architecture: reader.text()?.to_owned(),
                    system: reader.text()?.to_owned(),
                    cores: reader.small()?,
                    memory: reader.integer()?,
                };
                let runs_modules = read_truth(&mut reader)?;
                let (labels, runners) = (read_texts(&mut reader)?, read_texts(&mut reader)?);
                FromWorker::Hello(Box::new(Hello {
                    protocol,
                    network,
                    name,
                    slots,
                    libraries,
                    version,
                    machine,
                    runs_modules,
                    labels,
                    runners,
                    number: reader.integer()?,
                    held: read_digests(&mut reader)?,
                }))
            }
            tag::FETCH => FromWorker::Fetch {
                run: reader.integer()?,
                number: reader.integer()?,
                module: read_digest(&mut reader)?,
            },
            tag::READY => FromWorker::Ready { run: reader.integer()?, number: reader.integer()? },
            tag::RESULTS => {
                let (run, number, window) = (reader.integer()?, reader.integer()?, reader.small()?);
                FromWorker::Results { run, number, window, results: read_results(&mut reader)? }
            }
            tag::RETURNED => FromWorker::Returned {
                run: reader.integer()?,
                number: reader.integer()?,
                jobs: read_attempts(&mut reader)?,
            },
            tag::HEARTBEAT => FromWorker::Heartbeat { run: reader.integer()?, sent: reader.integer()? },
            tag::GOODBYE => FromWorker::Goodbye { run: reader.integer()? },
            tag => return Err(DecodeError::UnknownTag { what: "worker message", tag }),
        };
        reader.end()?;
        Ok(message)
    }
}

impl ToWorker {
    /// Its number, if it is one of those that would be waited for in vain if they were lost.
    pub fn number(&self) -> Option<u64> {
        match self {
            ToWorker::Module { number, .. }
            | ToWorker::Jobs { number, .. }
            | ToWorker::Recall { number, .. }
            | ToWorker::Cancel { number, .. } => Some(*number),
            ToWorker::Welcome { .. }
            | ToWorker::Stranger { .. }
            | ToWorker::Refused { .. }
            | ToWorker::Heartbeat { .. }
            | ToWorker::Goodbye { .. } => None,
        }
    }

    /// The same, for giving it one.
    pub(crate) fn number_mut(&mut self) -> Option<&mut u64> {
        match self {
            ToWorker::Module { number, .. }
            | ToWorker::Jobs { number, .. }
            | ToWorker::Recall { number, .. }
            | ToWorker::Cancel { number, .. } => Some(number),
            ToWorker::Welcome { .. }
            | ToWorker::Stranger { .. }
            | ToWorker::Refused { .. }
            | ToWorker::Heartbeat { .. }
            | ToWorker::Goodbye { .. } => None,
        }
    }

    /// The message as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            ToWorker::Welcome { run, session, runner, implementations, limit, module_limits } => {
                put_numbered(&mut bytes, tag::WELCOME, *run, u64::from(*session));
                put_text(&mut bytes, runner);
                put_limit(&mut bytes, *limit);
                put_module_limits(&mut bytes, module_limits);
                put_length(&mut bytes, implementations.len());
                for Announced { url, module } in implementations {
                    put_text(&mut bytes, url);
                    put_truth(&mut bytes, module.is_some());
                    module.iter().for_each(|module| put_digest(&mut bytes, module));
                }
            }
            ToWorker::Module { run, number, module, bytes: content } => {
                put_numbered(&mut bytes, tag::MODULE, *run, *number);
                put_digest(&mut bytes, module);
                put_length(&mut bytes, content.len());
                bytes.extend_from_slice(content);
            }
            ToWorker::Stranger { run } => put_run(&mut bytes, tag::STRANGER, *run),
            ToWorker::Refused { reason } => {
                bytes.push(tag::REFUSED);
                put_text(&mut bytes, reason);
            }
            ToWorker::Jobs { run, number, orders } => {
                put_numbered(&mut bytes, tag::JOBS, *run, *number);
                put_orders(&mut bytes, orders);
            }
            ToWorker::Recall { run, number, jobs } => {
                put_numbered(&mut bytes, tag::RECALL, *run, *number);
                put_attempts(&mut bytes, jobs);
            }
            ToWorker::Cancel { run, number, jobs } => {
                put_numbered(&mut bytes, tag::CANCEL, *run, *number);
                put_attempts(&mut bytes, jobs);
            }
            ToWorker::Heartbeat { run, sent } => {
                put_run(&mut bytes, tag::HEARTBEAT, *run);
                put_integer(&mut bytes, *sent);
            }
            ToWorker::Goodbye { run } => put_run(&mut bytes, tag::GOODBYE, *run),
        }
        bytes
    }

    /// Reads a message.
    ///
    /// # Errors
    ///
    /// Fails on anything but exactly one message.
    pub fn decode(frame: &[u8]) -> Result<ToWorker, DecodeError> {
        let mut reader = Reader::new(frame);
        let message = match reader.byte()? {
            tag::WELCOME => {
                let (run, session) = (reader.integer()?, reader.small()?);
                let runner = reader.text()?.to_owned();
                let limit = read_limit(&mut reader)?;
                let module_limits = read_module_limits(&mut reader)?;
                let mut implementations = Vec::new();
                for _ in 0..reader.count()? {
                    let url = reader.text()?.to_owned();
                    let module = match read_truth(&mut reader)? {
                        false => None,
                        true => Some(read_digest(&mut reader)?),
                    };
                    implementations.push(Announced { url, module });
                }
                ToWorker::Welcome { run, session, runner, implementations, limit, module_limits }
            }
            tag::MODULE => {
                let (run, number) = (reader.integer()?, reader.integer()?);
                let module = read_digest(&mut reader)?;
                let length = reader.count()?;
                ToWorker::Module { run, number, module, bytes: reader.take(length)?.to_vec().into() }
            }
            tag::STRANGER => ToWorker::Stranger { run: reader.integer()? },
            tag::REFUSED => ToWorker::Refused { reason: reader.text()?.to_owned() },
            tag::JOBS => {
                let (run, number) = (reader.integer()?, reader.integer()?);
                ToWorker::Jobs { run, number, orders: read_orders(&mut reader)? }
            }
            tag::RECALL => ToWorker::Recall {
                run: reader.integer()?,
                number: reader.integer()?,
                jobs: read_attempts(&mut reader)?,
            },
            tag::CANCEL => ToWorker::Cancel {
                run: reader.integer()?,
                number: reader.integer()?,
                jobs: read_attempts(&mut reader)?,
            },
            tag::HEARTBEAT => ToWorker::Heartbeat { run: reader.integer()?, sent: reader.integer()? },
            tag::GOODBYE => ToWorker::Goodbye { run: reader.integer()? },
            tag => return Err(DecodeError::UnknownTag { what: "runner message", tag }),
        };
        reader.end()?;
        Ok(message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{ImplementationId, LaneId};
    use crate::state::Ticket;
    use crate::table::Id;
    use flowcore::notice::{Notice, NoticeKind};
    use flowcore::{Outcome, Value};
    use proptest::prelude::*;

    fn ticket(lane: usize, place: u64) -> Ticket {
        Ticket { lane: LaneId::from_index(lane), place }
    }

    fn attempt(lane: usize, place: u64, number: u32) -> Attempt {
        Attempt { ticket: ticket(lane, place), number }
    }

    #[test]
    fn messages_survive_the_round_trip() {
        let outcomes = [
            Outcome::Failed("no".into()),
            Outcome::FailedInPassing("not now".into()),
            Outcome::Done { output: None, run_again: true },
            Outcome::Done { output: None, run_again: false },
            Outcome::Done { output: Some(Value::Null), run_again: true },
            Outcome::Done { output: Some("x".into()), run_again: false },
        ];
        let results = outcomes.into_iter().map(|outcome| JobResult {
            ticket: ticket(3, 1 << 40),
            attempt: 2,
            nanos: 7,
            outcome,
            notices: vec![],
        });
        let from_worker = [
            FromWorker::Hello(Box::new(Hello {
                protocol: PROTOCOL,
                network: "local".into(),
                name: "host:1".into(),
                slots: 2,
                libraries: vec![("flowstdlib".into(), "0.1.0".into())],
                version: "0.1.0".into(),
                machine: Machine::here(),
                runs_modules: true,
                labels: vec!["gpu".into()],
                runners: vec!["mine".into(), "yours".into()],
                number: u64::MAX,
                held: vec![Digest::of(b"one"), Digest::of(b"two")],
            })),
            FromWorker::Returned { run: 6, number: 1, jobs: vec![attempt(1, 2, 3), attempt(4, 1 << 40, 1)] },
            FromWorker::Fetch { run: 4, number: 1, module: Digest::of(b"module") },
            FromWorker::Ready { run: 5, number: 1 },
            FromWorker::Results { run: u64::MAX, number: 1, window: 5, results: results.collect() },
            FromWorker::Heartbeat { run: 1, sent: 300 },
            FromWorker::Goodbye { run: 2 },
        ];
        for message in from_worker {
            assert_eq!(FromWorker::decode(&message.encode()), Ok(message));
        }
        let order = JobOrder {
            ticket: ticket(0, 9),
            attempt: 1,
            implementation: ImplementationId::from_index(1),
            inputs: [Value::from(1), Value::from("two")].into_iter().collect(),
        };
        let to_worker = [
            ToWorker::Welcome {
                run: 3,
                session: u32::MAX,
                runner: "host".into(),
                implementations: vec![
                    Announced { url: "lib://flowstdlib/math/add".into(), module: None },
                    Announced { url: "file:///f/scale.wasm".into(), module: Some(Digest::of(b"scale")) },
                ],
                limit: Some(Duration::from_millis(1500)),
                module_limits: ModuleLimits::default(),
            },
            ToWorker::Welcome {
                run: 3,
                session: 1,
                runner: String::new(),
                implementations: vec![],
                limit: None,
                module_limits: ModuleLimits { time: None, fresh: true, ..ModuleLimits::default() },
            },
            ToWorker::Module { run: 3, number: 1, module: Digest::of(b"m"), bytes: vec![1, 2, 3].into() },
            ToWorker::Stranger { run: 7 },
            ToWorker::Refused { reason: "version".into() },
            ToWorker::Jobs { run: 4, number: 1, orders: vec![order] },
            ToWorker::Recall { run: 4, number: 1, jobs: vec![attempt(0, 1, 1)] },
            ToWorker::Cancel { run: 4, number: 1, jobs: vec![attempt(0, 1, 1), attempt(0, 2, 9)] },
            ToWorker::Heartbeat { run: 5, sent: 0 },
            ToWorker::Goodbye { run: 6 },
        ];
        for message in to_worker {
            assert_eq!(ToWorker::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn a_result_that_cannot_travel_is_a_failure_and_not_silence() {
        let nested = |levels| (0..levels).fold(Value::Null, |value, _| Value::from(vec![value]));
        let sent = |value| {
            let outcome = Outcome::Done { output: Some(value), run_again: true };
            let results =
                vec![JobResult { ticket: ticket(0, 0), attempt: 1, nanos: 0, outcome, notices: vec![] }];
            match FromWorker::decode(&FromWorker::Results { run: 1, number: 1, window: 1, results }.encode())
            {
                Ok(FromWorker::Results { mut results, .. }) => results.pop().unwrap().outcome,
                other => panic!("{other:?}"),
            }
        };
        assert!(matches!(sent(nested(512)), Outcome::Done { .. }));
        let Outcome::Failed(reason) = sent(nested(513)) else { panic!() };
        assert!(reason.contains("nests more than 512 levels deep"), "{reason}");
    }

    #[test]
    fn a_hello_of_another_version_is_recognised_as_such() {
        // The next version may say anything after its number.
        let frame = [tag::HELLO, 99, 0xff, 0xff];
        let Ok(FromWorker::Hello(hello)) = FromWorker::decode(&frame) else { panic!() };
        assert_eq!(hello.protocol, 99);
    }

    #[test]
    fn what_follows_a_message_is_an_error() {
        let mut frame = FromWorker::Heartbeat { run: 1, sent: 2 }.encode();
        frame.push(0);
        assert_eq!(FromWorker::decode(&frame), Err(DecodeError::TrailingBytes(1)));
    }

    fn notices() -> impl Strategy<Value = Vec<Notice>> {
        let kinds = prop_oneof![Just(NoticeKind::LostValue), Just(NoticeKind::Remark)];
        prop::collection::vec((kinds, ".*").prop_map(|(kind, text)| Notice { kind, text }), 0..4)
    }

    proptest! {
        #[test]
        fn notices_travel_with_any_outcome(notices in notices(), failed: bool, output: Option<i64>, cut in 1..50_usize) {
            let outcome = match failed {
                true => Outcome::Failed("no".into()),
                false => Outcome::Done { output: output.map(Value::from), run_again: true },
            };
            let message = FromWorker::Results {
                run: 1,
                number: 2,
                window: 2,
                results: vec![JobResult { ticket: ticket(3, 4), attempt: 5, nanos: 5, outcome, notices }],
            };
            let mut frame = message.encode();
            prop_assert_eq!(FromWorker::decode(&frame), Ok(message));
            frame.truncate(frame.len().saturating_sub(cut));
            prop_assert!(FromWorker::decode(&frame).is_err());
        }

        #[test]
        fn any_bytes_are_a_message_or_an_error(bytes: Vec<u8>) {
            FromWorker::decode(&bytes).ok();
            ToWorker::decode(&bytes).ok();
        }
    }
}
