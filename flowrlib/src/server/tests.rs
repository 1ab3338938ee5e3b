//! A server in this process, and clients that do not behave.

use super::*;
use crate::channel::by_hand::{GuestByHand, test_key};
use crate::context::{ContextTraits, Stream};
use crate::executor::ModuleLimits;
use crate::program::Order;
use crate::stop::Stop;
use crate::terms::FlowTerms;
use crate::wire::{FromClient, Submission, ToClient};
use log::LevelFilter;
use std::thread::{self, JoinHandle};

/// Prints "hi", which is all there is to do.
const MANIFEST: &str = r#"{"functions": {"1": {"process_id": 1, "parent_id": 0,
    "implementation_location": "context://stdio/stdout", "inputs": [{"initializer": {"once": "hi"}}]}}}"#;

struct TestServer {
    address: SocketAddr,
    stop: StopSwitch,
    thread: JoinHandle<Result<(), ServerError>>,
}

impl TestServer {
    fn start() -> TestServer {
        let stop = StopSwitch::default();
        let config = ServerConfig {
            threads: 1,
            workers: false,
            network: "test of the server".into(),
            listen: Listen::MACHINE,
            trust: Trust::Key(test_key()),
            name: "server".into(),
            labels: vec![],
            stop: stop.clone(),
            status: StatusBell::default(),
        };
        let (sender, ready) = unbounded();
        let thread = thread::spawn(move || {
            serve(&config, Registry::default(), |address| sender.send(address).unwrap())
        });
        TestServer { address: ready.recv().unwrap(), stop, thread }
    }

    fn end(self) {
        self.stop.throw(Stop::Closed);
        self.thread.join().unwrap().unwrap();
    }
}

struct TestClient(GuestByHand);

impl TestClient {
    fn new(server: &TestServer) -> TestClient {
        TestClient(GuestByHand::open(server.address, Purpose::Submissions))
    }

    fn says(&mut self, message: &FromClient) {
        self.0.says(&message.encode());
    }

    fn submits(&mut self, session: u64, change: impl FnOnce(&mut Submission)) {
        self.says(&TestClient::submission(session, change));
    }

    fn submission(session: u64, change: impl FnOnce(&mut Submission)) -> FromClient {
        let traits = ContextTraits { stream: Some(Stream::Output), ..ContextTraits::default() };
        let mut submission = Submission {
            network: "test of the server".into(),
            manifest_url: "file:///flow/manifest.json".into(),
            manifest: MANIFEST.into(),
            functions: vec![("context://stdio/stdout".into(), traits)],
            modules: vec![],
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
        };
        change(&mut submission);
        FromClient::Submit { session, submission: Box::new(submission) }
    }

    /// The next message that is no heartbeat.
    fn hears(&mut self) -> ToClient {
        loop {
            match ToClient::decode(&self.0.hears()).unwrap() {
                ToClient::Heartbeat { .. } => {}
                message => return message,
            }
        }
    }

    fn is_refused(&mut self) -> String {
        match self.hears() {
            ToClient::Refused { reason, .. } => reason,
            other => panic!("{other:?}"),
        }
    }

    /// Takes the one batch of effects that the flow has.
    fn is_asked(&mut self, session: u64) -> FromClient {
        match self.hears() {
            ToClient::Accepted { session: accepted, implementations } => {
                assert_eq!((accepted, implementations), (session, vec!["context://stdio/stdout".to_owned()]));
            }
            other => panic!("{other:?}"),
        }
        match self.hears() {
            ToClient::Effects { stream, orders, .. } => {
                let done = |order: &crate::executor::JobOrder| crate::executor::JobResult {
                    ticket: order.ticket,
                    attempt: 1,
                    outcome: crate::state::Outcome::Done { output: None, run_again: true },
                    nanos: 0,
                    notices: vec![],
                };
                FromClient::Results { session, stream, results: orders.iter().map(done).collect() }
            }
            other => panic!("{other:?}"),
        }
    }

    fn ends_well(&mut self, session: u64) {
        let results = self.is_asked(session);
        self.says(&results);
        match self.hears() {
            ToClient::Ended { session: ended, report } => {
                assert_eq!((ended, report.counts.jobs_created, report.counts.jobs_failed), (session, 1, 0));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn what_cannot_be_run_is_refused_with_its_reason() {
    let server = TestServer::start();
    let mut client = TestClient::new(&server);
    client.submits(1, |submission| submission.manifest = "{\"functions\": 5}".into());
    assert!(client.is_refused().starts_with("the manifest is not valid: "));
    client.submits(2, |submission| submission.manifest_url = "no url".into());
    assert!(client.is_refused().starts_with("the manifest is not valid: "));
    client.submits(3, |submission| submission.network = "another".into());
    assert_eq!(client.is_refused(), "the server belongs to network 'test of the server'");
    client.submits(4, |_| {});
    client.ends_well(4);
    server.end();
}

#[test]
fn who_is_still_submitting_hears_that_the_server_is_there() {
    let server = TestServer::start();
    let mut client = TestClient::new(&server);
    let large = TestClient::submission(1, |flow| flow.manifest.push_str(&" ".repeat(200_000)));
    client.0.begins_to_say(&large.encode());
    assert!(matches!(ToClient::decode(&client.0.hears()), Ok(ToClient::Heartbeat { session: 0 })));
    server.end();
}

#[test]
fn one_client_may_have_several_sessions() {
    let server = TestServer::start();
    let mut client = TestClient::new(&server);
    client.submits(1, |_| {});
    let first = client.is_asked(1);
    client.submits(1, |_| {});
    assert_eq!(client.is_refused(), "there is such a session already");
    client.submits(2, |_| {});
    client.ends_well(2);
    client.says(&first);
    assert!(matches!(client.hears(), ToClient::Ended { session: 1, .. }));
    server.end();
}

#[test]
fn a_session_belongs_to_its_client() {
    let server = TestServer::start();
    let (mut client, mut other) = (TestClient::new(&server), TestClient::new(&server));
    client.submits(1, |_| {});
    let results = client.is_asked(1);
    other.says(&results);
    assert!(matches!(other.hears(), ToClient::Stranger { session: 1 }));
    other.says(&FromClient::Goodbye { session: 1 });
    assert!(matches!(other.hears(), ToClient::Stranger { session: 1 }));
    client.says(&results);
    assert!(matches!(client.hears(), ToClient::Ended { session: 1, .. }));
    server.end();
}

#[test]
fn a_client_that_answers_what_it_was_not_asked_loses_its_session() {
    let server = TestServer::start();
    let mut client = TestClient::new(&server);
    client.submits(1, |_| {});
    client.is_asked(1);
    client.says(&FromClient::Results { session: 1, stream: Some(Stream::Files), results: vec![] });
    assert!(matches!(client.hears(), ToClient::Stranger { session: 1 }));
    client.submits(2, |_| {});
    // The report of the first one is for nobody.
    let next = |client: &mut TestClient, message| match message {
        ToClient::Stranger { session: 1 } => client.hears(),
        other => other,
    };
    assert!(matches!(
        {
            let first = client.hears();
            next(&mut client, first)
        },
        ToClient::Accepted { session: 2, .. }
    ));
    server.end();
}

#[test]
fn a_client_that_goes_astray_loses_its_sessions() {
    let server = TestServer::start();
    let (mut client, mut other) = (TestClient::new(&server), TestClient::new(&server));
    client.submits(1, |_| {});
    client.is_asked(1);
    client.0.says(b"nonsense");
    assert!(matches!(client.hears(), ToClient::Stranger { session: 1 }));
    other.submits(1, |_| {});
    other.ends_well(1);
    server.end();
}

#[test]
fn a_server_that_is_ended_does_not_wait_for_clients_that_say_nothing() {
    let server = TestServer::start();
    let mut client = TestClient::new(&server);
    client.submits(1, |_| {});
    client.is_asked(1);
    server.end();
    assert!(matches!(client.hears(), ToClient::Closed { session: 1 } | ToClient::Ended { session: 1, .. }));
}
