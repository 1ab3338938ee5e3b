//! The messages between a server and its clients.
//!
//! A client opens with a submission: a flow, what it is to be run under, and the context functions that the client
//! has. The server refuses, or accepts with a list of what the flow runs. After that effects on the outside world go
//! to the client, a batch for each stream at a time, and what came of them comes back; what the run has to say to
//! people goes to the client, a page at a time. Both sides send heartbeats. The last word is the server's: the report.

use super::fields::{
    put_limit, put_module_limits, put_orders, put_results, read_limit, read_module_limits, read_orders,
    read_results,
};
use super::report::{put_report, put_stop, read_report, read_stop};
use crate::context::{ContextTraits, Stream};
use crate::executor::{JobOrder, JobResult};
use crate::modules::ModuleFile;
use crate::program::Order;
use crate::stop::Stop;
use crate::terms::{FlowTerms, Report};
use flowcore::encoding::{DecodeError, Reader, put_integer, put_length, put_text};
use log::{Level, LevelFilter};

/// The version of the protocol. Peers of different versions do not talk.
pub const SUBMISSION_PROTOCOL: u32 = 4;

/// A flow that a server is to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The name of the network that the client belongs to; servers only serve their own.
    pub network: String,
    /// Where the manifest was found: places of implementations are relative to it.
    pub manifest_url: String,
    /// The manifest, as JSON.
    pub manifest: String,
    /// The context functions that the client has, as far as the flow refers to them.
    pub functions: Vec<(String, ContextTraits)>,
    /// The modules that the client has found for the flow's implementations, by the URLs of these.
    pub modules: Vec<(String, ModuleFile)>,
    /// What the flow is to be run under.
    pub terms: FlowTerms,
    /// What the client wants to be told of what the run has to say.
    pub log: LevelFilter,
}

/// What a client says. A client numbers its sessions itself.
#[derive(Clone, Debug, PartialEq)]
pub enum FromClient {
    /// It wants a flow to be run.
    Submit {
        /// The session that this begins.
        session: u64,
        /// The flow.
        submission: Box<Submission>,
    },
    /// What came of a batch of effects: one outcome for each.
    Results {
        /// Its session.
        session: u64,
        /// The stream of the batch.
        stream: Option<Stream>,
        /// The outcomes.
        results: Vec<JobResult>,
    },
    /// It has taken a page of the log and is ready for another.
    LogTaken {
        /// Its session.
        session: u64,
    },
    /// It is alive.
    Heartbeat {
        /// Its session.
        session: u64,
    },
    /// The run is to end; its report is waited for.
    Stop {
        /// Its session.
        session: u64,
        /// Why.
        stop: Stop,
    },
    /// It leaves; nobody waits for the run's report.
    Goodbye {
        /// Its session.
        session: u64,
    },
}

/// What a server says.
#[derive(Clone, Debug)]
pub enum ToClient {
    /// The flow is run.
    Accepted {
        /// The client's session.
        session: u64,
        /// What effects refer to by number: the URLs of the implementations.
        implementations: Vec<String>,
    },
    /// The flow is not run, or what was received is no message.
    Refused {
        /// The client's session; 0 if it cannot be told.
        session: u64,
        /// Why.
        reason: String,
    },
    /// Effects that are to happen, in this order.
    Effects {
        /// The client's session.
        session: u64,
        /// The stream they belong to; none if their order does not matter.
        stream: Option<Stream>,
        /// The jobs of context functions whose effects they are.
        orders: Vec<JobOrder>,
    },
    /// What the run has to say to people.
    Log {
        /// The client's session.
        session: u64,
        /// The lines, in order.
        lines: Vec<(Level, String)>,
    },
    /// The server is alive, and so is the session.
    Heartbeat {
        /// The client's session.
        session: u64,
    },
    /// The run is over.
    Ended {
        /// The client's session.
        session: u64,
        /// How it went.
        report: Box<Report>,
    },
    /// The run could not be carried on.
    Failed {
        /// The client's session.
        session: u64,
        /// Why.
        reason: String,
    },
    /// The server is stopped and the run did not end in time.
    Closed {
        /// The client's session.
        session: u64,
    },
    /// The server does not know the session, or not any more.
    Stranger {
        /// The client's session.
        session: u64,
    },
}

/// As much of a client's message as whoever sorts messages has to know; what is left may take long to read.
#[derive(Clone, Debug, PartialEq)]
pub enum Cover {
    /// A submission, perhaps of another version.
    Submit {
        /// The [`SUBMISSION_PROTOCOL`] it speaks.
        protocol: u32,
        /// The client's session.
        session: u64,
    },
    /// What came of effects.
    Results {
        /// The client's session.
        session: u64,
        /// The stream of the batch.
        stream: Option<Stream>,
    },
    /// Any other message, all of it.
    Short(FromClient),
}

mod tag {
    pub(super) const SUBMIT: u8 = 1;
    pub(super) const RESULTS: u8 = 2;
    pub(super) const LOG_TAKEN: u8 = 3;
    pub(super) const HEARTBEAT: u8 = 4;
    pub(super) const STOP: u8 = 5;
    pub(super) const GOODBYE: u8 = 6;
    pub(super) const ACCEPTED: u8 = 7;
    pub(super) const REFUSED: u8 = 8;
    pub(super) const EFFECTS: u8 = 9;
    pub(super) const LOG: u8 = 10;
    pub(super) const ENDED: u8 = 11;
    pub(super) const FAILED: u8 = 12;
    pub(super) const CLOSED: u8 = 13;
    pub(super) const STRANGER: u8 = 14;
}

impl Cover {
    /// Reads as much as a cover tells.
    ///
    /// # Errors
    ///
    /// Fails where that is not the beginning of a message.
    pub fn read(frame: &[u8]) -> Result<Cover, DecodeError> {
        let mut reader = Reader::new(frame);
        match reader.byte()? {
            tag::SUBMIT => Ok(Cover::Submit { protocol: reader.small()?, session: reader.integer()? }),
            tag::RESULTS => {
                Ok(Cover::Results { session: reader.integer()?, stream: read_stream(&mut reader)? })
            }
            _ => FromClient::decode(frame).map(Cover::Short),
        }
    }
}

impl FromClient {
    /// The message as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            FromClient::Submit { session, submission } => {
                bytes.push(tag::SUBMIT);
                // Both stay where they are, so that every version can tell every other, and say so.
                put_integer(&mut bytes, u64::from(SUBMISSION_PROTOCOL));
                put_integer(&mut bytes, *session);
                put_submission(&mut bytes, submission);
            }
            FromClient::Results { session, stream, results } => {
                put_session(&mut bytes, tag::RESULTS, *session);
                put_stream(&mut bytes, *stream);
                put_results(&mut bytes, results);
            }
            FromClient::LogTaken { session } => put_session(&mut bytes, tag::LOG_TAKEN, *session),
            FromClient::Heartbeat { session } => put_session(&mut bytes, tag::HEARTBEAT, *session),
            FromClient::Stop { session, stop } => {
                put_session(&mut bytes, tag::STOP, *session);
                put_stop(&mut bytes, Some(*stop));
            }
            FromClient::Goodbye { session } => put_session(&mut bytes, tag::GOODBYE, *session),
        }
        bytes
    }

    /// Reads a message.
    ///
    /// # Errors
    ///
    /// Fails on anything but exactly one message, and on a submission of another version.
    pub fn decode(frame: &[u8]) -> Result<FromClient, DecodeError> {
        let mut reader = Reader::new(frame);
        let message = match reader.byte()? {
            tag::SUBMIT => {
                let protocol = reader.small()?;
                if protocol != SUBMISSION_PROTOCOL {
                    return Err(DecodeError::Version(protocol));
                }
                let session = reader.integer()?;
                FromClient::Submit { session, submission: Box::new(read_submission(&mut reader)?) }
            }
            tag::RESULTS => FromClient::Results {
                session: reader.integer()?,
                stream: read_stream(&mut reader)?,
                results: read_results(&mut reader)?,
            },
            tag::LOG_TAKEN => FromClient::LogTaken { session: reader.integer()? },
            tag::HEARTBEAT => FromClient::Heartbeat { session: reader.integer()? },
            tag::STOP => {
                let session = reader.integer()?;
                let stop = read_stop(&mut reader)?.ok_or(DecodeError::UnknownTag { what: "stop", tag: 0 })?;
                FromClient::Stop { session, stop }
            }
            tag::GOODBYE => FromClient::Goodbye { session: reader.integer()? },
            tag => return Err(DecodeError::UnknownTag { what: "client message", tag }),
        };
        reader.end()?;
        Ok(message)
    }
}

impl ToClient {
    /// The message as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        match self {
            ToClient::Accepted { session, implementations } => {
                put_session(&mut bytes, tag::ACCEPTED, *session);
                put_length(&mut bytes, implementations.len());
                implementations.iter().for_each(|url| put_text(&mut bytes, url));
            }
            ToClient::Refused { session, reason } => {
                put_session(&mut bytes, tag::REFUSED, *session);
                put_text(&mut bytes, reason);
            }
            ToClient::Effects { session, stream, orders } => {
                put_session(&mut bytes, tag::EFFECTS, *session);
                put_stream(&mut bytes, *stream);
                put_orders(&mut bytes, orders);
            }
            ToClient::Log { session, lines } => {
                put_session(&mut bytes, tag::LOG, *session);
                put_length(&mut bytes, lines.len());
                for (level, text) in lines {
                    put_level(&mut bytes, level.to_level_filter());
                    put_text(&mut bytes, text);
                }
            }
            ToClient::Heartbeat { session } => put_session(&mut bytes, tag::HEARTBEAT, *session),
            ToClient::Ended { session, report } => {
                put_session(&mut bytes, tag::ENDED, *session);
                put_report(&mut bytes, report);
            }
            ToClient::Failed { session, reason } => {
                put_session(&mut bytes, tag::FAILED, *session);
                put_text(&mut bytes, reason);
            }
            ToClient::Closed { session } => put_session(&mut bytes, tag::CLOSED, *session),
            ToClient::Stranger { session } => put_session(&mut bytes, tag::STRANGER, *session),
        }
        bytes
    }

    /// The session it is about.
    pub fn session(&self) -> u64 {
        match self {
            ToClient::Accepted { session, .. }
            | ToClient::Refused { session, .. }
            | ToClient::Effects { session, .. }
            | ToClient::Log { session, .. }
            | ToClient::Heartbeat { session }
            | ToClient::Ended { session, .. }
            | ToClient::Failed { session, .. }
            | ToClient::Closed { session }
            | ToClient::Stranger { session } => *session,
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    ///
    /// Fails on anything but exactly one message.
    pub fn decode(frame: &[u8]) -> Result<ToClient, DecodeError> {
        let mut reader = Reader::new(frame);
        let (tag, session) = (reader.byte()?, reader.integer()?);
        let message = match tag {
            tag::ACCEPTED => {
                let mut implementations = Vec::new();
                for _ in 0..reader.count()? {
                    implementations.push(reader.text()?.to_owned());
                }
                ToClient::Accepted { session, implementations }
            }
            tag::REFUSED => ToClient::Refused { session, reason: reader.text()?.to_owned() },
            tag::EFFECTS => ToClient::Effects {
                session,
                stream: read_stream(&mut reader)?,
                orders: read_orders(&mut reader)?,
            },
            tag::LOG => {
                let mut lines = Vec::new();
                for _ in 0..reader.count()? {
                    let level = read_level(&mut reader)?.to_level();
                    let level = level.ok_or(DecodeError::UnknownTag { what: "level", tag: 0 })?;
                    lines.push((level, reader.text()?.to_owned()));
                }
                ToClient::Log { session, lines }
            }
            tag::HEARTBEAT => ToClient::Heartbeat { session },
            tag::ENDED => ToClient::Ended { session, report: Box::new(read_report(&mut reader)?) },
            tag::FAILED => ToClient::Failed { session, reason: reader.text()?.to_owned() },
            tag::CLOSED => ToClient::Closed { session },
            tag::STRANGER => ToClient::Stranger { session },
            tag => return Err(DecodeError::UnknownTag { what: "server message", tag }),
        };
        reader.end()?;
        Ok(message)
    }
}

fn put_session(bytes: &mut Vec<u8>, tag: u8, session: u64) {
    bytes.push(tag);
    put_integer(bytes, session);
}

fn put_submission(bytes: &mut Vec<u8>, submission: &Submission) {
    let Submission { network, manifest_url, manifest, functions, modules, terms, log } = submission;
    put_text(bytes, network);
    put_text(bytes, manifest_url);
    put_text(bytes, manifest);
    put_length(bytes, functions.len());
    for (url, traits) in functions {
        put_text(bytes, url);
        put_stream(bytes, traits.stream);
        put_truths(bytes, [traits.waits_for_input, traits.once_on_constants, traits.in_memory, false]);
    }
    put_length(bytes, modules.len());
    for (url, module) in modules {
        put_text(bytes, url);
        put_length(bytes, module.bytes.len());
        bytes.extend_from_slice(&module.bytes);
    }
    let FlowTerms {
        order,
        most_jobs,
        hold_input,
        most_waiting,
        job_limit,
        modules,
        fail_fast,
        refuse_missing,
        most_attempts,
    } = terms;
    put_truths(bytes, [*order == Order::Relaxed, *hold_input, *fail_fast, *refuse_missing]);
    put_bound(bytes, *most_jobs);
    put_bound(bytes, *most_waiting);
    put_limit(bytes, *job_limit);
    put_module_limits(bytes, modules);
    put_integer(bytes, u64::from(*most_attempts));
    put_level(bytes, *log);
}

fn read_submission(reader: &mut Reader<'_>) -> Result<Submission, DecodeError> {
    let network = reader.text()?.to_owned();
    let manifest_url = reader.text()?.to_owned();
    let manifest = reader.text()?.to_owned();
    let mut functions = Vec::new();
    for _ in 0..reader.count()? {
        let url = reader.text()?.to_owned();
        let stream = read_stream(reader)?;
        let [waits_for_input, once_on_constants, in_memory, _] = read_truths(reader)?;
        functions.push((url, ContextTraits { stream, waits_for_input, once_on_constants, in_memory }));
    }
    let mut modules = Vec::new();
    for _ in 0..reader.count()? {
        let url = reader.text()?.to_owned();
        let length = reader.count()?;
        modules.push((url, ModuleFile::new(reader.take(length)?.to_vec())));
    }
    let [relaxed, hold_input, fail_fast, refuse_missing] = read_truths(reader)?;
    let terms = FlowTerms {
        order: if relaxed { Order::Relaxed } else { Order::Exact },
        most_jobs: read_bound(reader)?,
        hold_input,
        most_waiting: read_bound(reader)?,
        job_limit: read_limit(reader)?,
        modules: read_module_limits(reader)?,
        fail_fast,
        refuse_missing,
        most_attempts: reader.small()?,
    };
    Ok(Submission { network, manifest_url, manifest, functions, modules, terms, log: read_level(reader)? })
}

/// Four truths in a byte.
fn put_truths(bytes: &mut Vec<u8>, truths: [bool; 4]) {
    bytes.push(truths.into_iter().rev().fold(0, |byte, truth| byte << 1 | u8::from(truth)));
}

fn read_truths(reader: &mut Reader<'_>) -> Result<[bool; 4], DecodeError> {
    match reader.byte()? {
        byte @ 0..16 => Ok([0, 1, 2, 3].map(|place| byte >> place & 1 == 1)),
        tag => Err(DecodeError::UnknownTag { what: "set of truths", tag }),
    }
}

/// 0 is no bound.
fn put_bound(bytes: &mut Vec<u8>, bound: Option<usize>) {
    put_length(bytes, bound.unwrap_or(0));
}

fn read_bound(reader: &mut Reader<'_>) -> Result<Option<usize>, DecodeError> {
    Ok(Some(reader.small()?).filter(|&bound| bound > 0))
}

fn put_stream(bytes: &mut Vec<u8>, stream: Option<Stream>) {
    bytes.push(match stream {
        None => 0,
        Some(Stream::Input) => 1,
        Some(Stream::Output) => 2,
        Some(Stream::Error) => 3,
        Some(Stream::Files) => 4,
    });
}

fn read_stream(reader: &mut Reader<'_>) -> Result<Option<Stream>, DecodeError> {
    Ok(match reader.byte()? {
        0 => None,
        1 => Some(Stream::Input),
        2 => Some(Stream::Output),
        3 => Some(Stream::Error),
        4 => Some(Stream::Files),
        tag => return Err(DecodeError::UnknownTag { what: "stream", tag }),
    })
}

const LEVELS: [LevelFilter; 6] = [
    LevelFilter::Off,
    LevelFilter::Error,
    LevelFilter::Warn,
    LevelFilter::Info,
    LevelFilter::Debug,
    LevelFilter::Trace,
];

fn put_level(bytes: &mut Vec<u8>, level: LevelFilter) {
    put_length(bytes, LEVELS.iter().position(|known| *known == level).unwrap_or(0));
}

fn read_level(reader: &mut Reader<'_>) -> Result<LevelFilter, DecodeError> {
    let tag = reader.byte()?;
    LEVELS.get(usize::from(tag)).copied().ok_or(DecodeError::UnknownTag { what: "level", tag })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Dropped;
    use crate::executor::ModuleLimits;
    use crate::program::{ImplementationId, LaneId};
    use crate::state::{Counts, Outcome, Ticket};
    use crate::table::Id;
    use crate::terms::ExecutorReport;
    use crate::transport::{Place, Traffic};
    use proptest::prelude::*;
    use std::time::Duration;

    fn ticket() -> Ticket {
        Ticket { lane: LaneId::from_index(2), place: 1 << 33 }
    }

    fn submission() -> Submission {
        let traits =
            ContextTraits { stream: Some(Stream::Input), waits_for_input: true, ..ContextTraits::default() };
        Submission {
            network: "local".into(),
            manifest_url: "file:///flow/manifest.json".into(),
            manifest: "{}".into(),
            functions: vec![
                ("context://stdio/readline".into(), traits),
                ("context://args/get".into(), ContextTraits::default()),
            ],
            modules: vec![("file:///flow/scale.wasm".into(), ModuleFile::new(b"scale".to_vec()))],
            terms: FlowTerms {
                order: Order::Relaxed,
                most_jobs: Some(3),
                hold_input: true,
                most_waiting: None,
                job_limit: Some(Duration::from_millis(7)),
                modules: ModuleLimits { memory: 1 << 20, ..ModuleLimits::default() },
                fail_fast: false,
                refuse_missing: true,
                most_attempts: 7,
            },
            log: LevelFilter::Warn,
        }
    }

    #[test]
    fn what_a_client_says_survives_the_round_trip() {
        let outcome = Outcome::Done { output: Some("x".into()), run_again: true };
        let messages = [
            FromClient::Submit { session: u64::MAX, submission: Box::new(submission()) },
            FromClient::Results {
                session: 1,
                stream: Some(Stream::Files),
                results: vec![JobResult { ticket: ticket(), attempt: 1, outcome, nanos: 3, notices: vec![] }],
            },
            FromClient::Results { session: 1, stream: None, results: vec![] },
            FromClient::LogTaken { session: 2 },
            FromClient::Heartbeat { session: 3 },
            FromClient::Stop { session: 4, stop: Stop::Interrupted },
            FromClient::Stop { session: 4, stop: Stop::Closed },
            FromClient::Goodbye { session: 5 },
        ];
        for message in messages {
            assert_eq!(FromClient::decode(&message.encode()), Ok(message));
        }
    }

    fn executor(name: &str, place: Place, jobs: u64) -> ExecutorReport {
        ExecutorReport {
            name: name.into(),
            place,
            slots: 2,
            is_attached: false,
            jobs,
            running: 3,
            rerun: 4,
            lost: 5,
            cancelled: 6,
            returned: 7,
            traffic: Traffic { sent: 8, received: 9 },
            mean: Duration::from_nanos(10),
        }
    }

    #[test]
    fn what_a_server_says_survives_the_round_trip() {
        let order = JobOrder {
            ticket: ticket(),
            attempt: 1,
            implementation: ImplementationId::from_index(5),
            inputs: ["a line".into()].into_iter().collect(),
        };
        let report = Report {
            runner: "the server".into(),
            functions: 1,
            counts: Counts { jobs_created: 2, values_sent: 3, jobs_failed: 4, values_lost: 5, discarded: 6 },
            most_parallel: 7,
            elapsed: Duration::from_nanos(8),
            executors: vec![
                ExecutorReport { is_attached: true, ..executor("one", Place::Runner, 9) },
                executor("two", Place::Worker, 1 << 40),
            ],
            context_jobs: 11,
            dropped: Dropped { stale: 1, duplicate: 2, foreign: 3 },
            unfinished: 12,
            failures_at_end: 13,
            left_behind: false,
            values_unsent: 6,
            stopped: Some(Stop::Closed),
        };
        let messages = [
            ToClient::Accepted { session: 1, implementations: vec!["context://stdio/stdout".into()] },
            ToClient::Refused { session: 0, reason: "no".into() },
            ToClient::Effects { session: 2, stream: Some(Stream::Output), orders: vec![order] },
            ToClient::Log {
                session: 3,
                lines: vec![(Level::Error, "one".into()), (Level::Trace, "".into())],
            },
            ToClient::Heartbeat { session: 4 },
            ToClient::Ended { session: 5, report: Box::new(report) },
            ToClient::Failed { session: 6, reason: "why".into() },
            ToClient::Closed { session: 7 },
            ToClient::Stranger { session: 8 },
        ];
        for message in messages {
            let read = ToClient::decode(&message.encode()).unwrap();
            assert_eq!(format!("{read:?}"), format!("{message:?}"));
            assert_eq!(read.session(), message.session());
        }
    }

    #[test]
    fn a_cover_tells_what_to_do_with_a_message_that_is_not_read_yet() {
        let submit = FromClient::Submit { session: 9, submission: Box::new(submission()) }.encode();
        let cover = Cover::Submit { protocol: SUBMISSION_PROTOCOL, session: 9 };
        assert_eq!(Cover::read(&submit), Ok(cover));
        let results = FromClient::Results { session: 8, stream: None, results: vec![] }.encode();
        assert_eq!(Cover::read(&results), Ok(Cover::Results { session: 8, stream: None }));
        let heartbeat = FromClient::Heartbeat { session: 7 };
        assert_eq!(Cover::read(&heartbeat.encode()), Ok(Cover::Short(heartbeat)));
        // The next version may say anything after its number and the session.
        let next = [tag::SUBMIT, 99, 5, 0xff, 0xff];
        assert_eq!(Cover::read(&next), Ok(Cover::Submit { protocol: 99, session: 5 }));
        assert_eq!(FromClient::decode(&next), Err(DecodeError::Version(99)));
    }

    #[test]
    fn what_follows_a_message_is_an_error() {
        let mut frame = FromClient::Heartbeat { session: 1 }.encode();
        frame.push(0);
        assert_eq!(FromClient::decode(&frame), Err(DecodeError::TrailingBytes(1)));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_message_or_an_error(bytes: Vec<u8>) {
            Cover::read(&bytes).ok();
            FromClient::decode(&bytes).ok();
            ToClient::decode(&bytes).ok();
        }

        #[test]
        fn what_begins_like_a_message_is_one_or_an_error(tag in 0..16_u8, bytes: Vec<u8>) {
            let frame: Vec<u8> = [tag, 1].into_iter().chain(bytes).collect();
            Cover::read(&frame).ok();
            FromClient::decode(&frame).ok();
            ToClient::decode(&frame).ok();
        }

        #[test]
        fn a_submission_cut_short_is_an_error(cut in 1..200_usize) {
            let mut frame = FromClient::Submit { session: 1, submission: Box::new(submission()) }.encode();
            frame.truncate(frame.len().saturating_sub(cut));
            prop_assert_eq!(FromClient::decode(&frame), Err(DecodeError::Truncated));
        }
    }
}
