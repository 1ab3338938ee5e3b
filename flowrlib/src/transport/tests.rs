//! A service and sessions in this process, which find each other by address.

use super::claims::Claims;
use super::service::{Service, ServiceConfig};
use super::session::{self, Ending, Workshop};
use super::socket::Listen;
use super::{Event, ExecutorIds};
use crate::channel::by_hand::test_key;
use crate::discovery::About;
use crate::executor::{ModuleLimits, Pool, Registry};
use crate::keys::{Key, Trust};
use crate::wire::{Hello, PROTOCOL};
use crate::worker::WorkerLimits;
use crossbeam_channel::{Receiver, unbounded};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

const RUN: u64 = 77;

/// Longer than anything takes.
const LIMIT: Duration = Duration::from_secs(20);

/// A service that takes workers with that label, and where it is.
fn service(label: &str) -> (Service, Receiver<Event>, SocketAddr) {
    let config = ServiceConfig {
        run: RUN,
        listen: Listen::MACHINE,
        trust: Trust::Key(test_key()),
        about: About::new("test", 0, &[label.to_owned()]),
        network: "test of addresses".into(),
        implementations: vec![],
        modules: vec![],
        module_limits: ModuleLimits::default(),
        libraries: vec![],
        limit: None,
    };
    let (sender, events) = unbounded();
    let service = Service::open(config, Arc::new(ExecutorIds::default()), sender).unwrap();
    match events.recv_timeout(LIMIT) {
        Ok(Event::ServiceOpened(address)) => (service, events, address),
        _ => panic!("it is not opened"),
    }
}

fn workshop(key: Key) -> Arc<Workshop> {
    let hello = Hello {
        protocol: PROTOCOL,
        network: "test of addresses".into(),
        name: "worker".into(),
        slots: 1,
        runs_modules: true,
        labels: vec!["blue".into()],
        ..Hello::default()
    };
    let context = zmq::Context::new();
    let (registry, pool) = (Registry::default(), Arc::new(Pool::start(1).unwrap()));
    Arc::new(Workshop {
        context,
        key: Some(key),
        hello,
        registry,
        pool,
        claims: Claims::new(unbounded().0),
        limits: WorkerLimits::default(),
    })
}

fn session(workshop: &Arc<Workshop>, addresses: Vec<SocketAddr>, run: Option<u64>) -> JoinHandle<Ending> {
    let workshop = Arc::clone(workshop);
    thread::spawn(move || session::work(&workshop, &addresses, run).unwrap())
}

fn joins(events: &Receiver<Event>) {
    let joined = std::iter::from_fn(|| events.recv_timeout(LIMIT).ok());
    assert!(joined.into_iter().any(|event| matches!(event, Event::Joined(_))));
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
