//! Effects that happen at a client: batches go out, and what came of them comes back.
//!
//! On each stream one batch is under way at a time, and only the stream's own thread waits for it. So a client cannot
//! send more than it was asked for, and a stream whose user thinks holds up no other.

use super::journal::Journal;
use super::{Command, Key, Outbox};
use crate::channel::LARGEST_MESSAGE;
use crate::context::{ContextFunctions, ContextTraits, Stream};
use crate::executor::{JobOrder, JobResult};
use crate::state::{Outcome, Ticket};
use crate::streams::{Effect, Stage};
use crate::wire::{FromClient, ToClient};
use crossbeam_channel::{Receiver, Sender, bounded};
use flowcore::encoding::{TOO_DEEP, nests_too_deeply};
use flowcore::{Implementation, RunAgain, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The client as the place where effects happen.
pub(super) struct Remote {
    key: Key,
    outbox: Outbox,
    journal: Journal,
    batches: Mutex<Batches>,
}

/// The batches that are under way.
#[derive(Default)]
struct Batches {
    /// Whether the client is gone.
    is_closed: bool,
    /// Who waits for the answer to the batch of a stream.
    waiting: BTreeMap<Option<Stream>, Sender<Vec<u8>>>,
}

/// Whether somebody waits for an answer that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    /// It was.
    Expected,
    /// The client was not asked.
    NotExpected,
}

impl Remote {
    pub(super) fn new(key: Key, outbox: Outbox) -> Remote {
        let journal = Journal::new(key.clone(), outbox.clone());
        Remote { key, outbox, journal, batches: Mutex::default() }
    }

    pub(super) fn journal(&self) -> &Journal {
        &self.journal
    }

    fn batches(&self) -> MutexGuard<'_, Batches> {
        // No panic can leave the table half changed.
        self.batches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the answer to a batch to whoever waits for it. It is not read yet.
    pub(super) fn deliver(&self, stream: Option<Stream>, frame: Vec<u8>) -> Delivery {
        match self.batches().waiting.remove(&stream) {
            Some(waiting) => {
                // Whoever has stopped waiting does not need the answer.
                waiting.send(frame).ok();
                Delivery::Expected
            }
            None => Delivery::NotExpected,
        }
    }

    /// Has everybody wait no longer: the client is gone.
    pub(super) fn close(&self) {
        let mut batches = self.batches();
        batches.is_closed = true;
        batches.waiting.clear();
    }

    /// Announces that an answer is waited for, unless there is nobody to give it.
    fn expect(&self, stream: Option<Stream>) -> Option<Receiver<Vec<u8>>> {
        let (sender, answer) = bounded(1);
        let mut batches = self.batches();
        (!batches.is_closed).then(|| {
            batches.waiting.insert(stream, sender);
            answer
        })
    }

    /// Sends a batch and waits for what came of it.
    fn ask(&self, stream: Option<Stream>, orders: Vec<JobOrder>) -> Vec<JobResult> {
        let tickets: Vec<Ticket> = orders.iter().map(|order| order.ticket).collect();
        let frame = ToClient::Effects { session: self.key.session, stream, orders: orders.clone() }.encode();
        if frame.len() > LARGEST_MESSAGE {
            // Together they are too much; perhaps one by one they are not.
            return match <[JobOrder; 1]>::try_from(orders) {
                Ok([order]) => vec![failed(order.ticket, "its inputs are too large to travel")],
                Err(orders) => orders.into_iter().flat_map(|order| self.ask(stream, vec![order])).collect(),
            };
        }
        let Some(answer) = self.expect(stream) else { return lost(&tickets) };
        self.outbox.post(Command::Send { key: self.key.clone(), frame });
        let Ok(frame) = answer.recv() else { return lost(&tickets) };
        match FromClient::decode(&frame) {
            Ok(FromClient::Results { results, .. }) => complete(&tickets, results),
            Ok(_) => lost(&tickets),
            Err(error) => {
                let reason = error.to_string();
                self.outbox.post(Command::Violated { key: self.key.clone(), reason });
                lost(&tickets)
            }
        }
    }
}

impl Stage for Remote {
    fn perform(&self, stream: Option<Stream>, effects: Vec<Effect>) -> Vec<JobResult> {
        let orders = effects.into_iter().map(|effect| JobOrder {
            ticket: effect.ticket,
            // What acts on the world is done once.
            attempt: 1,
            implementation: effect.implementation,
            inputs: effect.inputs,
        });
        // The client would take what nests too deeply for an attack.
        let too_deep = |order: &JobOrder| order.inputs.iter().any(nests_too_deeply);
        let (stay, travel): (Vec<JobOrder>, Vec<JobOrder>) = orders.partition(too_deep);
        let mut results: Vec<JobResult> = stay
            .into_iter()
            .map(|order| failed(order.ticket, &format!("one of its inputs {TOO_DEEP}")))
            .collect();
        if !travel.is_empty() {
            results.extend(self.ask(stream, travel));
        }
        results
    }

    fn is_far(&self) -> bool {
        true
    }

    /// The client finishes what it began itself.
    fn finish(&self) -> Vec<String> {
        Vec::new()
    }
}

fn failed(ticket: Ticket, reason: &str) -> JobResult {
    JobResult {
        ticket,
        attempt: 1,
        outcome: Outcome::Failed(reason.to_owned()),
        nanos: 0,
        notices: Vec::new(),
    }
}

fn lost(tickets: &[Ticket]) -> Vec<JobResult> {
    tickets.iter().map(|ticket| failed(*ticket, "the client is lost")).collect()
}

/// One result for each job, whatever the client says.
fn complete(tickets: &[Ticket], results: Vec<JobResult>) -> Vec<JobResult> {
    let mut results: HashMap<Ticket, JobResult> =
        results.into_iter().map(|result| (result.ticket, result)).collect();
    let result = |ticket: &Ticket| {
        results.remove(ticket).unwrap_or_else(|| failed(*ticket, "the client has not answered it"))
    };
    tickets.iter().map(result).collect()
}

/// The context functions that a client says it has.
pub(super) struct Catalogue(pub(super) HashMap<String, ContextTraits>);

impl ContextFunctions for Catalogue {
    fn traits(&self, url: &str) -> Option<ContextTraits> {
        self.0.get(url).copied()
    }

    fn implementation(&self, url: &str) -> Option<Arc<dyn Implementation>> {
        self.0.contains_key(url).then(|| Arc::new(Elsewhere) as Arc<dyn Implementation>)
    }
}

/// What stands for code that only the client has. The stage sends its jobs there; it is never run here.
struct Elsewhere;

impl Implementation for Elsewhere {
    fn run(&self, _inputs: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
        Err("runs at the client only".into())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::executor::Code;
    use crate::program::{ImplementationId, LaneId};
    use crate::table::Id;
    use crate::transport::waker::waker;
    use crossbeam_channel::unbounded;
    use std::thread;

    pub(in super::super) fn outbox() -> (Outbox, Receiver<Command>) {
        let (commands, inbox) = unbounded();
        (Outbox { commands, waker: waker().unwrap().1 }, inbox)
    }

    fn remote() -> (Arc<Remote>, Receiver<Command>) {
        let (outbox, inbox) = outbox();
        (Arc::new(Remote::new(Key { peer: vec![1], session: 2 }, outbox)), inbox)
    }

    fn effect(place: u64, input: Value) -> Effect {
        Effect {
            ticket: Ticket { lane: LaneId::from_index(0), place },
            implementation: ImplementationId::from_index(3),
            code: Code::Loaded(Arc::new(Elsewhere)),
            inputs: [input].into_iter().collect(),
        }
    }

    fn outcomes(results: Vec<JobResult>) -> Vec<(u64, Outcome)> {
        results.into_iter().map(|result| (result.ticket.place, result.outcome)).collect()
    }

    #[test]
    fn a_batch_is_sent_and_answered_as_a_whole() {
        let (remote, inbox) = remote();
        let stage = Arc::clone(&remote);
        let waiting = thread::spawn(move || {
            stage.perform(Some(Stream::Output), vec![effect(0, "a".into()), effect(1, "b".into())])
        });
        let Ok(Command::Send { frame, .. }) = inbox.recv() else { panic!() };
        let Ok(ToClient::Effects { session: 2, stream, orders }) = ToClient::decode(&frame) else { panic!() };
        assert_eq!(orders.len(), 2);
        // The second is answered, the first is not, and one that was never sent is.
        let done = Outcome::Done { output: None, run_again: true };
        let result = |place| JobResult {
            ticket: Ticket { lane: LaneId::from_index(0), place },
            attempt: 1,
            outcome: done.clone(),
            nanos: 0,
            notices: vec![],
        };
        let answer = FromClient::Results { session: 2, stream, results: vec![result(1), result(9)] };
        assert_eq!(remote.deliver(None, answer.encode()), Delivery::NotExpected);
        assert_eq!(remote.deliver(stream, answer.encode()), Delivery::Expected);
        assert_eq!(remote.deliver(stream, answer.encode()), Delivery::NotExpected);
        let not_answered = Outcome::Failed("the client has not answered it".into());
        assert_eq!(outcomes(waiting.join().unwrap()), [(0, not_answered), (1, done)]);
    }

    #[test]
    fn nobody_waits_for_a_client_that_is_gone() {
        let (remote, inbox) = remote();
        let stage = Arc::clone(&remote);
        let waiting = thread::spawn(move || stage.perform(None, vec![effect(0, Value::Null)]));
        assert!(matches!(inbox.recv(), Ok(Command::Send { .. })));
        remote.close();
        let lost = [(0, Outcome::Failed("the client is lost".into()))];
        assert_eq!(outcomes(waiting.join().unwrap()), lost);
        assert_eq!(outcomes(remote.perform(None, vec![effect(0, Value::Null)])), lost);
        assert!(inbox.try_recv().is_err(), "nothing more is sent");
    }

    #[test]
    fn an_answer_that_cannot_be_read_is_told_and_fails_the_batch() {
        let (remote, inbox) = remote();
        let stage = Arc::clone(&remote);
        let waiting = thread::spawn(move || stage.perform(None, vec![effect(0, Value::Null)]));
        assert!(matches!(inbox.recv(), Ok(Command::Send { .. })));
        remote.deliver(None, vec![0xff]);
        assert!(matches!(waiting.join().unwrap()[0].outcome, Outcome::Failed(_)));
        assert!(matches!(inbox.recv(), Ok(Command::Violated { .. })));
    }

    #[test]
    fn what_nests_too_deeply_does_not_travel() {
        let (remote, inbox) = remote();
        let deep = (0..513).fold(Value::Null, |value, _| Value::from(vec![value]));
        let results = remote.perform(None, vec![effect(7, deep)]);
        let [(7, Outcome::Failed(reason))] = &outcomes(results)[..] else { panic!() };
        assert!(reason.contains("nests more than 512 levels deep"), "{reason}");
        assert!(inbox.try_recv().is_err());
    }
}
