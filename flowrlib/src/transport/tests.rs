//! A service and sessions in this process, which find each other by address.

use super::claims::Claims;
use super::events::{Events, events};
use super::leaving::Leaving;
use super::service::{Service, ServiceConfig};
use super::session::{self, Ending, Workshop};
use super::socket::Listen;
use super::{Event, ExecutorIds, Joined};
use crate::channel::Purpose;
use crate::channel::by_hand::{GuestByHand, test_key};
use crate::discovery::About;
use crate::dispatch::Attempt;
use crate::executor::{JobOrder, ModuleLimits, Pool, Registry};
use crate::keys::{Key, Trust};
use crate::modules::{Digest, ModuleCache, ModuleFile};
use crate::program::{ImplementationId, LaneId};
use crate::state::{Outcome, Ticket};
use crate::table::Id;
use crate::wire::{Announced, FromWorker, Hello, PROTOCOL, ToWorker};
use crate::worker::WorkerLimits;
use crossbeam_channel::unbounded;
use flowcore::Value;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

const RUN: u64 = 77;

/// Longer than anything takes.
const LIMIT: Duration = Duration::from_secs(20);

/// A service that takes workers with that label, and where it is.
fn service(label: &str) -> (Service, Events, SocketAddr) {
    service_with(label, vec![])
}

/// The same for a run that has modules.
fn service_with(label: &str, modules: Vec<ModuleFile>) -> (Service, Events, SocketAddr) {
    let announced =
        |module: &ModuleFile| Announced { url: "file:///f.wasm".into(), module: Some(module.digest) };
    let config = ServiceConfig {
        run: RUN,
        listen: Listen::MACHINE,
        trust: Trust::Key(test_key()),
        about: About::new("test", 0, &[label.to_owned()]),
        network: "test of addresses".into(),
        implementations: modules.iter().map(announced).collect(),
        modules,
        module_limits: ModuleLimits::default(),
        libraries: vec![],
        limit: None,
    };
    let (sender, events) = events();
    let service = Service::open(config, Arc::new(ExecutorIds::default()), sender).unwrap();
    match next_event(&events) {
        Some(Event::ServiceOpened(address)) => (service, events, address),
        _ => panic!("it is not opened"),
    }
}

/// The next event, which is waited for no longer than it may take.
fn next_event(events: &Events) -> Option<Event> {
    events.next_by(Some(Instant::now() + LIMIT))
}

fn hello_of_version(protocol: u32) -> Hello {
    Hello {
        protocol,
        network: "test of addresses".into(),
        name: "worker".into(),
        slots: 1,
        runs_modules: true,
        labels: vec!["blue".into()],
        ..Hello::default()
    }
}

/// A worker that says and hears what the test wants.
struct WorkerByHand {
    guest: GuestByHand,
    /// The number of its latest message.
    latest: u64,
}

impl WorkerByHand {
    /// It is welcome, and nothing else.
    fn welcome(address: SocketAddr) -> WorkerByHand {
        WorkerByHand::welcome_with(address, vec![])
    }

    /// The same for one that holds these modules.
    fn welcome_with(address: SocketAddr, held: Vec<Digest>) -> WorkerByHand {
        let mut worker = WorkerByHand { guest: GuestByHand::open(address, Purpose::Jobs), latest: 0 };
        let hello = Hello { held, ..hello_of_version(PROTOCOL) };
        worker.guest.says(&FromWorker::Hello(Box::new(hello)).encode());
        let ToWorker::Welcome { session, .. } = worker.hears() else { panic!("it is not welcome") };
        worker.latest = u64::from(session) << 32;
        worker
    }

    /// It is ready, and the coordinator knows of it.
    fn joined(address: SocketAddr, events: &Events) -> (WorkerByHand, Joined) {
        let mut worker = WorkerByHand::welcome(address);
        worker.says(FromWorker::Ready { run: RUN, number: 0 });
        (worker, joins(events))
    }

    /// The next message, with its number.
    fn next(&mut self, mut message: FromWorker) -> Vec<u8> {
        if let Some(number) = message.number_mut() {
            self.latest += 1;
            *number = self.latest;
        }
        message.encode()
    }

    fn says(&mut self, message: FromWorker) {
        let bytes = self.next(message);
        self.guest.says(&bytes);
    }

    /// The next message that is no heartbeat.
    fn hears(&mut self) -> ToWorker {
        loop {
            match ToWorker::decode(&self.guest.hears()).unwrap() {
                ToWorker::Heartbeat { .. } => {}
                message => return message,
            }
        }
    }
}

fn workshop(key: Key) -> Arc<Workshop> {
    workshop_of_version(PROTOCOL, key)
}

fn workshop_of_version(protocol: u32, key: Key) -> Arc<Workshop> {
    workshop_with(protocol, key, ModuleCache::default())
}

fn workshop_with(protocol: u32, key: Key, modules: ModuleCache) -> Arc<Workshop> {
    let context = zmq::Context::new();
    let (registry, pool) = (Registry::default(), Arc::new(Pool::start(1).unwrap()));
    Arc::new(Workshop {
        context,
        key: Some(key),
        hello: hello_of_version(protocol),
        registry,
        modules,
        pool,
        claims: Claims::new(unbounded().0),
        limits: WorkerLimits::default(),
        leaving: Leaving::default(),
    })
}

fn session(workshop: &Arc<Workshop>, addresses: Vec<SocketAddr>, run: Option<u64>) -> JoinHandle<Ending> {
    let workshop = Arc::clone(workshop);
    thread::spawn(move || session::work(&workshop, &addresses, run, &|| ()).unwrap())
}

fn joins(events: &Events) -> Joined {
    let joined = std::iter::from_fn(|| next_event(events)).find_map(|event| match event {
        Event::Joined(joined) => Some(joined),
        _ => None,
    });
    joined.expect("it joins")
}

#[test]
fn who_is_still_sending_an_answer_is_alive() {
    let (_service, events, address) = service("blue");
    let (mut worker, _) = WorkerByHand::joined(address, &events);
    // As an answer would be, whatever is in it.
    let jobs = vec![Attempt { ticket: Ticket { lane: LaneId::from_index(0), place: 1 }, number: 1 }; 100_000];
    let large = worker.next(FromWorker::Returned { run: RUN, number: 0, jobs });
    worker.guest.begins_to_say(&large);
    // A worker by hand has no heartbeats.
    assert!(matches!(next_event(&events), Some(Event::Heard(_))));
    assert!(
        std::iter::from_fn(|| events.try_next()).all(|event| matches!(event, Event::Heard(_))),
        "the answer is not there"
    );
}

#[test]
fn whoever_says_what_cannot_be_understood_has_to_join_again() {
    let (_service, events, address) = service("blue");
    let (mut worker, _) = WorkerByHand::joined(address, &events);
    worker.guest.says(b"nonsense");
    assert!(matches!(worker.hears(), ToWorker::Stranger { run: RUN }));
    assert!(matches!(next_event(&events), Some(Event::Left(_))));
    worker.guest.says(&FromWorker::Hello(Box::new(hello_of_version(PROTOCOL))).encode());
    assert!(matches!(worker.hears(), ToWorker::Welcome { .. }));
}

#[test]
fn a_worker_is_sent_the_modules_that_it_does_not_hold_without_asking() {
    let modules = ["one", "two"].map(|bytes| ModuleFile::new(bytes.as_bytes().to_vec()));
    let [one, two] = modules.each_ref().map(|module| module.digest);
    let (_service, _events, address) = service_with("blue", modules.to_vec());
    for (held, sent) in [(vec![], vec![one, two]), (vec![one], vec![two]), (vec![two, one], vec![])] {
        let mut worker = WorkerByHand::welcome_with(address, held);
        let unknown = Digest::of(b"three");
        worker.says(FromWorker::Fetch { run: RUN, number: 0, module: unknown });
        let heard = std::iter::from_fn(|| match worker.hears() {
            ToWorker::Module { module, .. } => Some(module),
            other => panic!("{other:?}"),
        });
        let mut heard: Vec<Digest> = heard.take_while(|module| *module != unknown).collect();
        heard.sort();
        let mut sent = sent;
        sent.sort();
        assert_eq!(heard, sent);
    }
}

#[test]
fn a_worker_gets_what_it_lacks_and_what_it_only_seems_to_hold() {
    let module = ModuleFile::new(b"a module".to_vec());
    let (service, events, address) = service_with("blue", vec![module.clone()]);
    let directory = tempfile::tempdir().unwrap();
    let kept = directory.path().join("modules").join(module.digest.to_string());
    let inode = |path: &Path| fs::metadata(path).ok().map(|metadata| metadata.ino());
    for (damage, is_kept) in [(false, false), (false, true), (true, true)] {
        assert_eq!(kept.exists(), is_kept);
        if damage {
            fs::write(&kept, "damaged").unwrap();
        }
        let modules = ModuleCache::in_directory(directory.path());
        let workshop = workshop_with(PROTOCOL, test_key(), modules);
        let before = inode(&kept);
        let session = session(&workshop, vec![address], Some(RUN));
        joins(&events);
        assert_eq!(fs::read(&kept).unwrap(), b"a module");
        assert_eq!(
            inode(&kept) == before,
            is_kept && !damage,
            "what was fetched takes the place of what was there"
        );
        workshop.leaving.begin();
        assert_eq!(session.join().unwrap(), Ending::Left);
    }
    drop(service);
}

#[test]
fn a_worker_that_asks_for_the_same_module_again_and_again_is_refused() {
    let module = ModuleFile::new(b"a module".to_vec());
    let digest = module.digest;
    let (_service, _events, address) = service_with("blue", vec![module]);
    let mut worker = WorkerByHand::welcome_with(address, vec![digest]);
    for _ in 0..3 {
        worker.says(FromWorker::Fetch { run: RUN, number: 0, module: digest });
        assert!(matches!(worker.hears(), ToWorker::Module { .. }));
    }
    worker.says(FromWorker::Fetch { run: RUN, number: 0, module: digest });
    let ToWorker::Refused { reason } = worker.hears() else { panic!("it is refused") };
    assert!(reason.contains("3 times"), "{reason}");
}

/// The next event that is one of these.
fn next(events: &Events, is_it: impl Fn(&Event) -> bool) -> Event {
    let mut found = std::iter::from_fn(|| next_event(events));
    found.find(is_it).expect("it happens")
}

#[test]
fn a_lost_worker_that_comes_back_by_another_way_is_known_again_and_has_more_time() {
    let (service, events, address) = service("blue");
    let (_first, first) = WorkerByHand::joined(address, &events);
    assert!(!first.is_slow);
    service.forget(first.executor);
    let mut second = WorkerByHand::welcome(address);
    next(&events, |event| matches!(event, Event::IsBack(back) if *back == first.executor));
    second.says(FromWorker::Ready { run: RUN, number: 0 });
    assert!(joins(&events).is_slow);
}

#[test]
fn a_worker_that_joins_by_another_connection_is_not_waited_for_where_it_was_before() {
    let (_service, events, address) = service("blue");
    let (_first, first) = WorkerByHand::joined(address, &events);
    let mut second = WorkerByHand::welcome(address);
    assert!(
        std::iter::from_fn(|| events.try_next()).next().is_none(),
        "it may yet say that it is served already"
    );
    second.says(FromWorker::Ready { run: RUN, number: 0 });
    next(&events, |event| matches!(event, Event::Left(left) if *left == first.executor));
    next(&events, |event| matches!(event, Event::IsBack(back) if *back == first.executor));
    assert!(!joins(&events).is_slow, "nobody has waited for it");
}

#[test]
fn answers_of_one_that_was_given_up_are_told_as_its_own() {
    let (service, events, address) = service("blue");
    let (mut worker, joined) = WorkerByHand::joined(address, &events);
    service.forget(joined.executor);
    // What is said before the service has done that belongs to an executor that is there.
    let sign_of_life = FromWorker::Heartbeat { run: RUN, sent: worker.latest };
    let is_given_up = (0..1000).any(|_| {
        worker.says(sign_of_life.clone());
        let told = next(&events, |event| matches!(event, Event::Heard(_) | Event::IsBack(_)));
        matches!(told, Event::IsBack(back) if back == joined.executor)
    });
    assert!(is_given_up);
    assert!(matches!(worker.hears(), ToWorker::Stranger { run: RUN }));
    worker.says(FromWorker::Results { run: RUN, number: 0, window: 2, results: vec![] });
    let told = next(&events, |event| matches!(event, Event::Results { .. } | Event::Foreign(_)));
    assert!(matches!(told, Event::Results { executor, window: None, .. } if executor == joined.executor));
    assert!(matches!(worker.hears(), ToWorker::Stranger { run: RUN }));
}

#[test]
fn a_worker_that_ends_says_goodbye_to_its_runner() {
    let (_service, events, address) = service("blue");
    let workshop = workshop(test_key());
    let session = session(&workshop, vec![address], Some(RUN));
    joins(&events);
    workshop.leaving.begin();
    assert_eq!(session.join().unwrap(), Ending::Left);
    let mut said = std::iter::from_fn(|| next_event(&events));
    let wants_no_more = said.find(|event| matches!(event, Event::Results { .. } | Event::Left(_)));
    assert!(matches!(wants_no_more, Some(Event::Results { window: Some(0), .. })));
    assert!(said.any(|event| matches!(event, Event::Left(_))));
}

#[test]
fn addresses_are_tried_in_turn_and_the_run_need_not_be_known() {
    let (service, events, address) = service("blue");
    // Somebody who takes connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let workshop = workshop(test_key());
    let session = session(&workshop, vec![silent.local_addr().unwrap(), address], None);
    joins(&events);
    assert_eq!(workshop.claims.count(), 1);
    drop(service);
    assert_eq!(session.join().unwrap(), Ending::Over { jobs: 0 });
    assert_eq!(workshop.claims.count(), 0);
}

#[test]
fn a_run_that_was_found_in_two_ways_is_served_once() {
    let (service, events, address) = service("blue");
    let workshop = workshop(test_key());
    let first = session(&workshop, vec![address], Some(RUN));
    joins(&events);
    assert_eq!(session(&workshop, vec![address], None).join().unwrap(), Ending::ServedAlready);
    drop(service);
    assert_eq!(first.join().unwrap(), Ending::Over { jobs: 0 });
}

#[test]
fn who_does_not_fit_is_told_so_and_who_has_another_key_is_not() {
    let (_service, _events, address) = service("red");
    let refused = session(&workshop(test_key()), vec![address], Some(RUN)).join().unwrap();
    assert_eq!(refused, Ending::Refused("the runner wants workers with the label 'red'".into()));
    let stranger = session(&workshop(Key::new([1; 32])), vec![address], Some(RUN));
    assert_eq!(stranger.join().unwrap(), Ending::NoAnswer);
}

#[test]
fn a_worker_of_another_version_is_told_so_and_one_of_ours_joins() {
    let (service, events, address) = service("blue");
    for version in [0, PROTOCOL - 1, PROTOCOL + 1, u32::MAX] {
        let workshop = workshop_of_version(version, test_key());
        let refused = session(&workshop, vec![address], Some(RUN)).join().unwrap();
        let reason = format!("the runner speaks version {PROTOCOL} of the protocol, not {version}");
        assert_eq!(refused, Ending::Refused(reason));
    }
    let ours = session(&workshop(test_key()), vec![address], Some(RUN));
    joins(&events);
    drop(service);
    assert_eq!(ours.join().unwrap(), Ending::Over { jobs: 0 });
}

/// The next answers, by job.
fn answers(events: &Events, count: usize) -> Vec<(u64, Outcome)> {
    let mut answers = Vec::new();
    while answers.len() < count {
        match next_event(events).expect("every job is answered") {
            Event::Results { results, .. } => {
                answers.extend(results.into_iter().map(|result| (result.ticket.place, result.outcome)));
            }
            Event::Left(_) => panic!("nobody leaves for that"),
            _ => {}
        }
    }
    answers.sort_by_key(|(place, _)| *place);
    answers
}

#[test]
fn a_job_that_is_too_large_to_travel_fails_and_says_how_large_it_is() {
    let (service, events, address) = service("blue");
    let session = session(&workshop(test_key()), vec![address], Some(RUN));
    let mut joined = joins(&events);
    let order = |place: u64, input: Value| JobOrder {
        ticket: Ticket { lane: LaneId::from_index(0), place },
        attempt: 1,
        implementation: ImplementationId::from_index(0),
        inputs: [input].into_iter().collect(),
    };
    // A mebibyte that is here once and would travel a thousand times.
    let part = Value::from("x".repeat(1 << 20));
    let large = Value::from(vec![part; 1024]);
    joined.link.send(vec![order(0, Value::from(1)), order(1, large), order(2, Value::from(2))]);
    let answers = answers(&events, 3);
    let never = Outcome::Failed("refers to code that was never announced".into());
    assert_eq!([&answers[0], &answers[2]], [&(0, never.clone()), &(2, never)], "others travel");
    let Outcome::Failed(reason) = &answers[1].1 else { panic!("{:?}", answers[1]) };
    let size = reason.strip_prefix("its inputs are too large to travel: they take ");
    let size = size.and_then(|rest| rest.strip_suffix(" bytes, of at most 1073741824"));
    assert!(size.and_then(|size| size.parse().ok()).is_some_and(|size: u64| size > 1 << 30), "{reason}");
    drop(service);
    assert_eq!(session.join().unwrap(), Ending::Over { jobs: 2 });
}
