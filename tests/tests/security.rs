//! Who may take part: the same user on the same machine, or whoever has the same key; and nobody else.

#![expect(
    clippy::expect_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use flow_tests::{Call, LINE_LIMIT, Place, QUIET, RUN_LIMIT, Running, Worker, stranger};
use serde_json::Value;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

/// Prints a few numbers, with jobs for workers.
const FLOW: &str = r#"flow = "numbers"

[[process]]
source = "lib://flowstdlib/math/sequence"
input.start = { once = 1 }
input.step = { once = 1 }
input.limit = { once = 20 }

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "sequence/number"
to = "stdout"
"#;

fn numbers() -> String {
    (1..=20).map(|number| format!("{number}\n")).collect()
}

/// A place with the flow in it.
fn place() -> Place {
    let place = Place::new();
    place.write("flow/root.toml", FLOW);
    place.flowc().args(["-c", "flow"]).run().status(0);
    place
}

/// Another user of the machine.
fn other_user(place: &Place) -> PathBuf {
    let home = place.work().join("other-home");
    fs::create_dir_all(&home).expect("a folder can be made");
    home
}

fn at_home(mut call: Call, home: &Path) -> Call {
    call.env("HOME", home);
    call
}

/// A runner that has nobody to do its jobs, and says where workers can join.
fn waiting_runner(call: Call) -> (Running, String) {
    let runner = call.args(["-t", "0", "-v", "debug", "flow"]).start();
    let address = runner.stderr().wait_for(LINE_LIMIT, |lines| {
        lines.iter().find_map(|line| line.split("workers can join at ").nth(1).map(str::to_owned))
    });
    match address {
        Some(address) => (runner, address),
        None => runner.fail("did not say where workers can join"),
    }
}

fn ends_well(runner: Running) {
    runner.finish(RUN_LIMIT).status(0).wrote(numbers());
}

/// A worker of somebody, with options.
fn worker(place: &Place, home: &Path, options: &[&str]) -> Worker {
    let mut worker = Worker::start(at_home(place.call("flowrex").args(["-v", "debug"]).args(options), home));
    worker.wait_until_waiting();
    worker
}

#[test]
fn programs_of_two_users_do_not_join_each_other() {
    let place = place();
    let other = other_user(&place);
    let (mut runner, _) = waiting_runner(place.flowr());
    let mut stranger = worker(&place, &other, &[]);
    stranger
        .program()
        .wait_for_stderr("that it has seen the runner", |line| line.contains("which has another key"));
    stranger.wait_until_idle();
    assert!(runner.goes_on(), "nobody does its jobs");
    let own = place.worker();
    ends_well(runner);
    assert!(own.log().iter().any(|line| line.contains("Working for")));
    assert!(!stranger.log().iter().any(|line| line.contains("Working for")));
}

#[test]
fn the_secret_of_a_user_is_for_the_user_alone() {
    let place = place();
    let _worker = place.worker();
    let folder = place.home().join(".flow");
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&folder.join("secret"))), (0o700, 0o600));
    // Once others can read it, it is of no use any more, and a flow that can do without workers does.
    fs::set_permissions(folder.join("secret"), fs::Permissions::from_mode(0o644)).unwrap();
    place.call("flowrex").run().status(1).complained_of("chmod 600");
    place.flowr().args(["-t", "0", "flow"]).run().status(1).complained_of("chmod 600");
    place.flowr().args(["-t", "1", "flow"]).run().status(0).quietly().wrote(numbers());
}

#[test]
fn a_short_flow_needs_no_secret() {
    let place = place();
    place.flowr().args(["-t", "1", "--no-workers", "flow"]).run().status(0);
    assert!(!place.home().join(".flow/secret").exists());
}

#[test]
fn without_a_home_a_flow_runs_here_and_workers_say_what_is_missing() {
    let place = place();
    let homeless = |call: Call| at_home(call, Path::new(""));
    homeless(place.call("flowrex")).run().status(1).complained_of("FLOW_KEY_FILE");
    homeless(place.flowr().args(["-t", "0", "flow"])).run().status(1).complained_of("set HOME");
    homeless(place.flowr().args(["-s"])).run().status(1).complained_of("set HOME");
    homeless(place.flowr().args(["-t", "1", "flow"])).run().status(0).quietly().wrote(numbers());
}

/// Makes a key, and gives it to another user.
fn shared_key(place: &Place, other: &Path) {
    let made = place.call("flowrex").args(["--new-key"]).run().status(0).quietly();
    let made = made.mentioned("keep it secret").stdout();
    let key = place.home().join(".flow/key");
    assert!(made.contains(&*key.to_string_lossy()));
    let text = fs::read_to_string(&key).expect("there is a key");
    let digits = text.lines().last().unwrap_or_default();
    assert!(digits.len() > 64 && !made.contains(digits), "a key is not shown");
    fs::create_dir_all(other.join(".flow")).expect("a folder can be made");
    fs::copy(&key, other.join(".flow/key")).expect("a file can be copied");
}

#[test]
fn those_who_have_the_same_key_join_each_other_from_everywhere() {
    let place = place();
    let other = other_user(&place);
    shared_key(&place, &other);
    let (runner, address) = waiting_runner(place.flowr());
    assert!(address.starts_with("[::]:") || address.starts_with("0.0.0.0:"), "{address}");
    let worker = worker(&place, &other, &[]);
    ends_well(runner);
    let log = worker.log().join("\n");
    let digits = fs::read_to_string(other.join(".flow/key")).unwrap().lines().last().unwrap().to_owned();
    assert!(log.contains("Working for") && !log.contains(&digits));
}

#[test]
fn a_server_and_its_client_have_the_same_key() {
    let place = place();
    let other = other_user(&place);
    shared_key(&place, &other);
    let server = place.server(&["--listen", "127.0.0.1"]);
    let client = || place.client().args(["--connect", server.address(), "flow"]);
    at_home(client(), &other).run().status(0).quietly().wrote(numbers());
    // A third user has a secret, but not the key.
    let third = place.work().join("third-home");
    fs::create_dir_all(&third).unwrap();
    at_home(client(), &third).run().status(1).complained_of("another key").wrote("");
    server.end();
}

#[test]
fn a_key_is_never_overwritten_and_can_be_anywhere() {
    let place = place();
    let make = |args: &[&str]| place.call("flowrex").args(["--new-key"]).args(args).run();
    make(&["keys/ours"]).status(0).mentioned("FLOW_KEY_FILE=keys/ours");
    make(&["keys/ours"]).status(1).complained_of("there is a key already").wrote("");
    let mut call = place.call("flowrex").args(["-v", "debug"]);
    call.env("FLOW_KEY_FILE", "keys/ours");
    let mut worker = Worker::start(call);
    worker.wait_until_waiting();
    let mut runner = place.flowr();
    runner.env("FLOW_KEY_FILE", "keys/ours");
    let (runner, _) = waiting_runner(runner);
    ends_well(runner);
    // A key that is named has to be one.
    let mut call = place.call("flowrex");
    call.env("FLOW_KEY_FILE", "flow/root.toml");
    fs::set_permissions(place.work().join("flow/root.toml"), fs::Permissions::from_mode(0o600)).unwrap();
    call.run().status(1).complained_of("is no key");
}

#[test]
fn without_a_key_nobody_listens_to_other_machines() {
    let place = place();
    for listen in ["0.0.0.0", "[::]:0"] {
        let refused = |options: &[&str]| {
            place.flowr().args(["--listen", listen]).args(options).run().status(1).wrote("")
        };
        for options in [&["-t", "1", "flow"][..], &["-t", "0", "flow"], &["-s"]] {
            refused(options).complained_of("flowrex --new-key").complained_of("--insecure");
        }
    }
    let call = place.flowr().args(["--insecure", "--listen", "0.0.0.0"]);
    let (mut runner, address) = waiting_runner(call);
    assert!(address.starts_with("0.0.0.0:"), "{address}");
    runner.kill();
}

#[test]
fn those_who_do_without_security_find_each_other_only() {
    let place = place();
    let other = other_user(&place);
    let (mut runner, _) = waiting_runner(place.flowr().args(["--insecure"]));
    runner.wait_for_stderr("that it is insecure", |line| line.contains("--insecure: whoever can reach"));
    let _own = place.worker();
    assert!(runner.goes_on(), "a worker that is secured does not serve it");
    let _theirs = worker(&place, &other, &["--insecure"]);
    ends_well(runner);
}

#[test]
fn strangers_get_nothing_and_disturb_nobody() {
    let place = place();
    let (mut runner, address) = waiting_runner(place.flowr());
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(&[0xff; 100_000]).ok();
    let socket = stranger(&address);
    socket.set_rcvtimeo(i32::try_from(QUIET.as_millis()).unwrap()).unwrap();
    // What a worker of the version before said first; openings with no key and with a wrong one; the largest frame.
    let old_hello = [&[1, 2, 5][..], b"local", &[1], b"w", &[1, 0]].concat();
    let opening = |sealed: u8, rest: &[u8]| [&[0x81, 1, sealed][..], rest].concat();
    let frames = [
        vec![],
        vec![0; 9],
        old_hello,
        opening(0, &[]),
        opening(1, &[7; 48]),
        opening(1, &[]),
        vec![0x82; 65_536],
    ];
    for frame in frames {
        socket.send(&frame, 0).unwrap();
        assert_eq!(socket.recv_bytes(0), Err(zmq::Error::EAGAIN), "{:?}", frame.get(..9));
    }
    // All that one who sends data is told is to open first.
    socket.send([&[0x83][..], &[9; 60]].concat(), 0).unwrap();
    assert_eq!(socket.recv_bytes(0), Ok(vec![0x84]));
    // A frame that is too large is not even read.
    socket.send(vec![0x83; 65_537], 0).unwrap();
    assert_eq!(socket.recv_bytes(0), Err(zmq::Error::EAGAIN));
    assert!(runner.goes_on());
    let _worker = place.worker();
    ends_well(runner);
}

/// Passes on what goes to an address and comes back, for one connection, and keeps what went there.
fn recorder(address: String) -> (String, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there are free ports");
    let here = listener.local_addr().expect("it has an address").to_string();
    let record: Arc<Mutex<Vec<u8>>> = Arc::default();
    let kept = Arc::clone(&record);
    thread::spawn(move || {
        let (guest, _) = listener.accept().expect("somebody comes");
        let host = TcpStream::connect(address).expect("somebody is there");
        let (from_host, to_guest) = (host.try_clone(), guest.try_clone());
        thread::spawn(move || {
            let (mut from, mut to) = (from_host.expect("open"), to_guest.expect("open"));
            std::io::copy(&mut from, &mut to).ok();
        });
        let (mut from, mut to) = (guest, host);
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            let bytes = bytes.get(..count).unwrap_or_default();
            kept.lock().expect("nobody panics").extend(bytes);
            if to.write_all(bytes).is_err() {
                break;
            }
        }
    });
    (here, record)
}

#[test]
fn a_recorded_session_says_nothing_and_cannot_be_repeated() {
    let place = place();
    let mut server = place.server(&[]);
    let (proxy, record) = recorder(server.address().to_owned());
    place.client().args(["--connect", &proxy, "flow"]).run().status(0).quietly().wrote(numbers());
    let record = record.lock().unwrap().clone();
    assert!(record.len() > 1000, "the flow went this way");
    let says = |text: &str| record.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(!says("flowstdlib") && !says("functions"));
    // The same bytes once more, to the same server.
    let thief = TcpStream::connect(server.address()).unwrap();
    thief.set_read_timeout(Some(LINE_LIMIT)).unwrap();
    // ZeroMQ has a handshake of its own, 64 bytes and a command; what follows it is ours.
    let (greeting, said) = record.split_at(66 + usize::from(record[65]));
    let mut heard = Vec::new();
    let mut hear_until = |is_enough: fn(&[u8]) -> bool| {
        let mut bytes = [0; 4096];
        while !is_enough(&heard) {
            let count = (&thief).read(&mut bytes).expect("the server answers");
            assert!(count > 0, "the connection is kept");
            heard.extend(&bytes[..count]);
        }
    };
    (&thief).write_all(greeting).unwrap();
    hear_until(|heard| heard.get(65).is_some_and(|&length| heard.len() >= 66 + usize::from(length)));
    (&thief).write_all(said).unwrap();
    // The opening is answered, as it is genuine; what comes next is told not to belong to a channel.
    hear_until(|heard| heard.ends_with(&[1, 0x84]));
    place.client().args(["flow"]).run().status(0).quietly().wrote(numbers());
    let begun = server.program().stderr().text().matches("begins").count();
    assert_eq!(begun, 2, "the repeated one is none");
    server.end();
}

#[test]
fn a_runner_takes_workers_that_have_its_labels() {
    let place = place();
    let home = place.home();
    let (mut runner, _) = waiting_runner(place.flowr().args(["--label", "gpu", "--label", "zone=eu"]));
    let plain = worker(&place, &home, &["--label", "gpu"]);
    assert!(runner.goes_on(), "nobody has all its labels");
    let able = worker(&place, &home, &["--label", "zone=eu", "--label", "gpu", "--label", "fast"]);
    ends_well(runner);
    let works = |worker: &Worker| worker.log().iter().any(|line| line.contains("Working for"));
    assert!(works(&able) && !works(&plain));
}

#[test]
fn a_worker_serves_the_runners_that_it_was_told_to() {
    let place = place();
    let home = place.home();
    let (mut theirs, _) = waiting_runner(place.flowr().args(["--name", "theirs"]));
    let (ours, _) = waiting_runner(place.flowr().args(["--name", "our run"]));
    let _worker = worker(&place, &home, &["--runner", "nobody", "--runner", "our run"]);
    ends_well(ours);
    assert!(theirs.goes_on(), "it is not served");
    let _other = place.worker();
    ends_well(theirs);
}

#[test]
fn a_place_that_is_named_is_tried_until_a_runner_is_there() {
    let place = place();
    let home = place.home();
    // Taken once and free again: nobody else is told to come here.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let options = ["--coordinator", address.as_str(), "--runner", "at home"];
    let worker = Worker::start(at_home(place.call("flowrex").args(["-v", "debug"]).args(options), &home));
    worker.wait_for_log("that nobody is there", |line| line.contains("does not answer: it is not there"));
    let (runner, at) = waiting_runner(place.flowr().args(["--name", "at home", "--listen", &address]));
    assert_eq!(at, address);
    ends_well(runner);
    // Whichever way it was found first, it is served once.
    worker.wait_for_log("that it worked", |line| line.contains("is done; "));
}

fn listed(place: &Place) -> Value {
    let outcome = place.call("flowrex").args(["--list", "--json"]).run().status(0).quietly();
    serde_json::from_str(&outcome.stdout()).expect("it is JSON")
}

/// The list, once it has so many of each kind: on a busy machine somebody may be late.
fn listed_once(place: &Place, expected: [usize; 3]) -> Value {
    let deadline = Instant::now() + LINE_LIMIT;
    loop {
        let listed = listed(place);
        let kinds = ["runners", "servers", "workers"];
        let found = kinds.map(|kind| listed.get(kind).and_then(Value::as_array).map_or(0, Vec::len));
        if found == expected {
            return listed;
        }
        assert!(Instant::now() < deadline, "{listed}");
    }
}

#[test]
fn nobody_is_listed_where_nobody_is() {
    let place = Place::new();
    place.call("flowrex").args(["--list"]).run().status(0).quietly().mentioned("Nobody is on network");
    let listed = listed(&place);
    for kind in ["runners", "servers", "workers"] {
        assert_eq!(listed[kind].as_array().map(Vec::len), Some(0));
    }
}

#[test]
fn runners_servers_and_workers_are_listed() {
    let place = place();
    let other = other_user(&place);
    let options = ["--name", "the runner", "--label", "never"];
    let (mut runner, address) = waiting_runner(place.flowr().args(options));
    let server = place.server(&["--name", "the server"]);
    let _ours = worker(&place, &place.home(), &["-t", "3", "--label", "gpu"]);
    let _theirs = worker(&place, &other, &[]);
    listed_once(&place, [1, 1, 2]);
    let mut text = String::new();
    let is_complete = |text: &str| {
        ["  the runner: ", "  the server: ", "another key", "our key, at"]
            .iter()
            .all(|part| text.contains(part))
    };
    let deadline = Instant::now() + LINE_LIMIT;
    while !is_complete(&text) && Instant::now() < deadline {
        text = place.call("flowrex").args(["--list"]).run().status(0).quietly().stdout();
    }
    assert!(text.contains("  the runner: version ") && text.contains(&address), "{text}");
    assert!(text.contains("  the server: version ") && text.contains(server.address()), "{text}");
    assert!(text.contains("3 threads, works for 0 runners, has gpu, our key"), "{text}");
    assert!(text.contains("another key"), "{text}");
    let listed = listed_once(&place, [1, 1, 2]);
    assert_eq!(listed["runners"][0]["name"], "the runner");
    assert_eq!(listed["runners"][0]["labels"][0], "never");
    assert_eq!(listed["runners"][0]["is_ours"], true);
    server.end();
    runner.kill();
}
