//! A client, and servers that do not behave.

use super::*;
use crate::channel::by_hand::{HostByHand, test_key};
use crate::executor::ModuleLimits;
use crate::program::{LaneId, Order};
use crate::state::Ticket;
use crate::table::Id;
use flowcore::manifest::read_flow_manifest;
use flowcore::{Implementation, RunAgain, Value};
use std::thread::{self, JoinHandle};

fn result(place: u64, length: usize) -> JobResult {
    let output = Some(Value::from("x".repeat(length)));
    let ticket = Ticket { lane: LaneId::from_index(0), place };
    JobResult {
        ticket,
        attempt: 1,
        outcome: Outcome::Done { output, run_again: true },
        nanos: 0,
        notices: vec![],
    }
}

#[test]
fn only_a_result_that_is_too_large_to_travel_has_failed() {
    let frame = result_message(1, None, vec![result(0, 5), result(1, 2000), result(2, 5)], 1000);
    let Ok(FromClient::Results { results, .. }) = FromClient::decode(&frame) else { panic!() };
    let failed: Vec<bool> =
        results.iter().map(|result| matches!(result.outcome, Outcome::Failed(_))).collect();
    assert_eq!(failed, [false, true, false]);
}

/// Prints something, which is all there is to do; nothing is ever removed.
const MANIFEST: &str = r#"{"functions": {"1": {"process_id": 1, "parent_id": 0,
    "implementation_location": "context://stdio/stdout", "inputs": [{"initializer": {"once": "hi"}}]}}}"#;

/// Has every function there could be.
struct Everything;

struct Anything;

impl Implementation for Anything {
    fn run(&self, _: &[Value]) -> flowcore::Result<(Option<Value>, RunAgain)> {
        Ok((None, true))
    }
}

impl ContextFunctions for Everything {
    fn traits(&self, _: &str) -> Option<ContextTraits> {
        Some(ContextTraits { stream: Some(Stream::Output), ..ContextTraits::default() })
    }

    fn implementation(&self, _: &str) -> Option<Arc<dyn Implementation>> {
        Some(Arc::new(Anything))
    }
}

/// A server as a test wants it, and a client that has just submitted its flow to it.
struct Visit {
    server: HostByHand,
    client: JoinHandle<Result<Report, ClientError>>,
    session: u64,
    stop: StopSwitch,
}

impl Visit {
    fn start() -> Visit {
        let server = HostByHand::open(Purpose::Submissions);
        let stop = StopSwitch::default();
        let config = ClientConfig {
            server: Some(vec![server.address]),
            trust: Trust::Key(test_key()),
            network: "test of the client".into(),
            terms: FlowTerms {
                order: Order::Exact,
                most_jobs: None,
                hold_input: false,
                most_waiting: None,
                job_limit: None,
                modules: ModuleLimits::default(),
                fail_fast: false,
                refuse_missing: false,
                most_attempts: 3,
            },
            log: LevelFilter::Off,
            stop: stop.clone(),
        };
        let client = thread::spawn(move || {
            let context: Arc<dyn ContextFunctions> = Arc::new(Everything);
            let url = Url::parse("file:///flow/manifest.json").unwrap();
            let manifest = read_flow_manifest(MANIFEST).unwrap();
            let program = Program::load(&manifest, &url, context.as_ref(), Order::Exact).unwrap();
            run(&program, &url, MANIFEST.into(), &context, &Registry::default(), &config)
        });
        let mut visit = Visit { server, client, session: 0, stop };
        let FromClient::Submit { session, submission } = visit.hears() else { panic!() };
        assert_eq!(submission.functions.len(), 1);
        visit.session = session;
        visit
    }

    /// The next message of the client that is no heartbeat.
    fn hears(&mut self) -> FromClient {
        loop {
            match FromClient::decode(&self.server.hears()).unwrap() {
                FromClient::Heartbeat { .. } => {}
                message => return message,
            }
        }
    }

    fn says(&mut self, message: Vec<u8>) {
        self.server.says(&message);
    }

    fn accepts(&mut self, implementation: &str) {
        let implementations = vec![implementation.to_owned()];
        self.says(ToClient::Accepted { session: self.session, implementations }.encode());
    }

    fn asks(&mut self, effects: usize) {
        let order = |place| JobOrder {
            ticket: Ticket { lane: LaneId::from_index(0), place },
            attempt: 1,
            implementation: ImplementationId::from_index(0),
            inputs: [Value::Null].into_iter().collect(),
        };
        let orders = (0..effects as u64).map(order).collect();
        self.says(ToClient::Effects { session: self.session, stream: None, orders }.encode());
    }

    fn error(self) -> String {
        self.client.join().unwrap().unwrap_err().to_string()
    }
}

#[test]
fn a_server_gets_what_the_flow_refers_to() {
    let mut visit = Visit::start();
    visit.accepts("context://stdio/stdout");
    visit.asks(2);
    let FromClient::Results { results, .. } = visit.hears() else { panic!() };
    assert_eq!(results.len(), 2);
    let refused = ToClient::Failed { session: visit.session, reason: "enough".into() };
    visit.says(refused.encode());
    assert_eq!(visit.error(), "enough");
}

#[test]
fn a_server_gets_nothing_that_the_flow_does_not_refer_to() {
    let mut visit = Visit::start();
    visit.accepts("context://file/remove");
    visit.asks(1);
    assert!(visit.error().contains("the flow has no context function context://file/remove"));
}

#[test]
fn a_server_that_asks_without_end_is_left() {
    let mut visit = Visit::start();
    visit.accepts("context://stdio/stdout");
    visit.asks(MOST_EFFECTS + 1);
    assert!(visit.error().contains("cannot be understood"));
}

#[test]
fn a_server_that_talks_nonsense_is_left() {
    let mut visit = Visit::start();
    visit.says(vec![0xff; 9]);
    assert!(matches!(visit.hears(), FromClient::Goodbye { .. }));
    assert!(visit.error().contains("cannot be understood"));
}

#[test]
fn a_client_that_is_stopped_waits_for_the_last_word_of_its_server() {
    let mut visit = Visit::start();
    visit.accepts("context://stdio/stdout");
    visit.stop.throw(Stop::Interrupted);
    assert_eq!(visit.hears(), FromClient::Stop { session: visit.session, stop: Stop::Interrupted });
    visit.says(ToClient::Stranger { session: visit.session + 1 }.encode());
    visit.says(ToClient::Stranger { session: visit.session }.encode());
    assert!(visit.error().contains("has given up this client"));
}
