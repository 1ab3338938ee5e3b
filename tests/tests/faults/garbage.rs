//! Nonsense at every socket: bytes of any kind, frames that are too large or too many, connections that say nothing.

#![expect(
    clippy::unwrap_used,
    reason = "the lints exempt tests, but not the functions that several tests share"
)]

use crate::{
    NUMBERS, completes, insecure_worker, long, wait_for_the_middle, waiting_runner, where_workers_can_join,
};
use flow_tests::{Impostor, Insider, LINE_LIMIT, Place, RUN_LIMIT, Running, Worker, stranger};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

/// How many connections there are that say nothing, or not enough.
const SILENT: usize = 200;

/// A frame that nobody takes.
const OVERSIZED: usize = 65 << 20;

/// How much more memory a program may have at any time for all that is sent to it here: less than one such frame.
const MOST_MEMORY: u64 = 60 << 20;

/// How ZeroMQ begins: a greeting of 64 bytes, with a version and a mechanism, and then a command.
fn greeting() -> Vec<u8> {
    let mut greeting = vec![0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 0];
    greeting.extend(b"NULL");
    greeting.resize(64, 0);
    greeting
}

const READY: &[u8] = b"\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER";

/// Bytes without any sense, the same in each run.
struct Noise(u64);

impl Noise {
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut next = || {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 >> 32) as u8
        };
        (0..count).map(|_| next()).collect()
    }
}

/// What somebody may say who does not even speak as ZeroMQ does, or only to begin with.
fn raw_bytes(noise: &mut Noise) -> Vec<Vec<u8>> {
    let begun = [greeting(), READY.to_vec()].concat();
    // A long frame that claims to have 65 MiB, one that claims as much as can be claimed, and a long command.
    let claims =
        |flags: u8, length: u64| [&begun[..], &[flags], &length.to_be_bytes(), &[0x83; 1000]].concat();
    vec![
        vec![0xff; 100_000],
        noise.bytes(100_000),
        b"GET / HTTP/1.1\r\nHost: here\r\n\r\n".to_vec(),
        greeting().into_iter().take(11).collect(),
        greeting(),
        greeting().into_iter().chain(READY.iter().copied().take(9)).collect(),
        [greeting(), noise.bytes(1000)].concat(),
        claims(2, OVERSIZED as u64),
        claims(2, i64::MAX as u64),
        claims(2, u64::MAX),
        claims(6, 1 << 40),
        // Half of a message of two frames, and a frame of which the end never comes.
        [&begun[..], &[1, 3], b"one"].concat(),
        [&begun[..], &[0, 200], b"one"].concat(),
    ]
}

/// Frames that are no such thing as ours send, alone or several in one message.
fn messages(noise: &mut Noise) -> Vec<Vec<Vec<u8>>> {
    let mut messages: Vec<Vec<Vec<u8>>> = vec![
        vec![vec![]],
        vec![vec![], vec![]],
        vec![vec![], vec![0x81, 1, 0]],
        vec![vec![0x81, 1, 0], vec![], vec![1]],
        vec![vec![7]; 8],
        vec![vec![0x83; 65_536]; 3],
        vec![vec![0x83; 65_537]],
    ];
    for first in [0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0xff] {
        for length in [0, 1, 2, 47, 48, 49, 1000, 65_535] {
            messages.push(vec![[vec![first], noise.bytes(length)].concat()]);
        }
    }
    messages
}

/// Sends everything there is to whoever listens there. The connections are kept, as whoever does that would.
fn assail(address: &str) -> (Vec<TcpStream>, Vec<zmq::Socket>) {
    let mut noise = Noise(0x0123_4567_89ab_cdef);
    let connect = || TcpStream::connect(address).unwrap();
    let mut connections: Vec<TcpStream> = (0..SILENT).map(|_| connect()).collect();
    for bytes in raw_bytes(&mut noise) {
        let mut connection = connect();
        // Who does not want to hear it closes the connection, before its end or after.
        connection.write_all(&bytes).ok();
        connections.push(connection);
    }
    let mut sockets = Vec::new();
    for frames in messages(&mut noise) {
        let socket = stranger(address);
        // Twice, for with the first it may have lost its connection.
        for _ in 0..2 {
            socket.send_multipart(&frames, 0).unwrap();
        }
        sockets.push(socket);
    }
    for _ in 0..3 {
        let socket = stranger(address);
        socket.send(vec![0x83; OVERSIZED], 0).unwrap();
        sockets.push(socket);
    }
    // Whoever listens has come to all that can be read when the one who comes last is told to open first.
    let last = stranger(address);
    last.send([&[0x83][..], &[9; 60]].concat(), 0).unwrap();
    assert_eq!(last.recv_bytes(0), Ok(vec![0x84]));
    sockets.push(last);
    (connections, sockets)
}

/// Checks that a program has not got much more memory than before.
fn is_no_larger_than(program: &Running, before: u64) {
    let now = program.peak_memory();
    assert!(now < before + MOST_MEMORY, "{now} bytes, {before} before");
}

#[test]
fn a_runner_is_not_disturbed_by_nonsense_before_and_while_it_runs() {
    let place = Place::new();
    let expected = long(&place, NUMBERS);
    let (runner, address) = waiting_runner(place.flowr(), NUMBERS);
    let before = runner.peak_memory();
    let _kept = assail(&address);
    is_no_larger_than(&runner, before);
    let mut worker = place.worker();
    wait_for_the_middle(&runner);
    // The run must not come to its end meanwhile.
    worker.program().freeze();
    let _more = assail(&address);
    worker.program().thaw();
    is_no_larger_than(&runner, before);
    runner.finish(RUN_LIMIT).status(0).wrote(expected);
}

#[test]
fn a_server_is_not_disturbed_by_nonsense_from_clients_and_workers() {
    let place = Place::new();
    let expected = long(&place, NUMBERS);
    let mut server = place.server(&["-t", "0"]);
    let client = place.client().args(["-v", "debug", "flow", NUMBERS]).start();
    let for_workers = where_workers_can_join(&client);
    let before = server.program().peak_memory();
    let address = server.address().to_owned();
    let _kept = [assail(&address), assail(&for_workers)];
    let mut worker = place.worker();
    wait_for_the_middle(&client);
    worker.program().freeze();
    let _more = [assail(&address), assail(&for_workers)];
    worker.program().thaw();
    is_no_larger_than(server.program(), before);
    client.finish(RUN_LIMIT).status(0).wrote(expected);
    server.end();
}

/// Messages that can be opened and make no sense: some at once, some when they are believed.
fn senseless(noise: &mut Noise) -> Vec<Vec<u8>> {
    let mut messages = vec![vec![], vec![0], vec![0; 9], vec![0xff; 70_000]];
    for tag in 0..20 {
        messages.push([vec![tag], noise.bytes(200)].concat());
        // A number of things that would take all memory there is.
        messages.push([&[tag, 7, 7][..], &[0xff; 8], &[0x7f]].concat());
        messages.push([&[tag, 3, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f][..], &[0; 100]].concat());
    }
    messages
}

#[test]
fn those_who_take_part_and_talk_nonsense_harm_nobody() {
    let place = Place::new();
    let expected = long(&place, NUMBERS);
    let (runner, address) = waiting_runner(place.flowr().args(["--insecure"]), NUMBERS);
    let server = place.server(&["--insecure"]);
    let before = runner.peak_memory();
    let mut noise = Noise(7);
    let mut insiders = Vec::new();
    for to in [address.as_str(), server.address()] {
        for message in senseless(&mut noise) {
            let insider = Insider::join(to);
            insider.say(&message);
            insiders.push(insider);
        }
        // A message of a gigabyte that never comes; one that claims more than there can be; one without end.
        for claimed in [1 << 30, u64::MAX] {
            let insider = Insider::join(to);
            insider.part(&[&[0][..], &u64::to_le_bytes(claimed)].concat());
            insider.part(&noise.bytes(1000));
            insiders.push(insider);
        }
        let insider = Insider::join(to);
        insider.part(&[&[0][..], &u64::to_le_bytes(1000)].concat());
        for _ in 0..1000 {
            insider.part(&[]);
        }
        insiders.push(insider);
    }
    is_no_larger_than(&runner, before);
    let _worker = insecure_worker(&place, &[]);
    runner.finish(RUN_LIMIT).status(0).wrote(expected.as_str());
    let client = place.client().args(["--insecure", "flow", NUMBERS]).start();
    completes(client, &expected);
    server.end();
}

/// Somebody who takes connections and says that on each.
fn says(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    // It is there until the process ends, as each connection is until the other end closes it.
    thread::spawn(move || {
        for connection in listener.incoming() {
            let (Ok(mut connection), bytes) = (connection, bytes.clone()) else { return };
            thread::spawn(move || {
                connection.write_all(&bytes).ok();
                while connection.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {}
            });
        }
    });
    address
}

/// Those who listen and talk nonsense, in the language of ZeroMQ: to each frame that comes.
fn impostors() -> Vec<Impostor> {
    let mut noise = Noise(99);
    let all = messages(&mut noise);
    let oversized = vec![vec![vec![0x83; OVERSIZED]]];
    let accepts = |messages: Vec<Vec<u8>>| {
        let mut next = messages.into_iter().cycle();
        Impostor::in_the_clear(move |_| next.next().unwrap_or_default())
    };
    vec![
        Impostor::new(move |_| all.clone()),
        Impostor::new(move |_| oversized.clone()),
        // Whoever comes has to open anew, without end.
        Impostor::new(|_| vec![vec![vec![0x84]]]),
        accepts(senseless(&mut noise)),
        accepts(vec![vec![0xff; 1 << 20]]),
    ]
}

#[test]
fn a_worker_is_not_disturbed_by_those_who_are_no_runners() {
    let place = Place::new();
    let expected = long(&place, NUMBERS);
    let impostors = impostors();
    let addresses = raw_bytes(&mut Noise(1)).into_iter().map(says);
    let addresses: Vec<String> =
        addresses.chain(impostors.iter().map(|one| one.address().to_owned())).collect();
    let before = place.worker().program().peak_memory();
    for security in [&[][..], &["--insecure"]] {
        let call = place.call("flowrex").args(["-v", "debug"]).args(security);
        let named = addresses.iter().flat_map(|address| ["--coordinator", address]);
        let mut worker = Worker::start(call.args(named));
        for address in &addresses {
            // Whatever it was told there, it comes to an end with it.
            let ended = |line: &str| {
                let ends = ["does not answer", "lost the runner", "cannot work for", "does not take"];
                line.contains(address.as_str()) && ends.iter().any(|end| line.contains(end))
            };
            let found = worker
                .program()
                .stderr()
                .wait_for(LINE_LIMIT, |lines| lines.iter().any(|line| ended(line)).then_some(()));
            if found.is_none() {
                worker.program().fail(&format!("did not come to an end with {address}"));
            }
        }
        let runner = place.flowr().args(security).args(["-t", "0", "flow", NUMBERS]).start();
        // With --insecure there is a warning.
        runner.finish(RUN_LIMIT).status(0).wrote(expected.as_str());
        assert!(worker.program().goes_on());
        is_no_larger_than(worker.program(), before);
    }
}

#[test]
fn a_client_is_not_kept_by_those_who_are_no_servers() {
    let place = Place::new();
    long(&place, crate::FEW_NUMBERS);
    let impostors = impostors();
    let raw: Vec<String> = raw_bytes(&mut Noise(1)).into_iter().map(says).collect();
    let addresses = raw.iter().map(String::as_str).chain(impostors.iter().map(Impostor::address));
    for security in [&[][..], &["--insecure"]] {
        let clients = addresses.clone().map(|address| {
            let options = [security, &["--connect", address, "flow", crate::FEW_NUMBERS]].concat();
            place.client().args(options).start()
        });
        for client in clients.collect::<Vec<Running>>() {
            client.finish(Duration::from_secs(60)).status(1).wrote("");
        }
    }
}

/// Where announcements are made.
const MULTICAST: (&str, u16) = ("224.0.0.251", 5353);

/// Bytes that are no announcement, or one that is broken off, or makes promises that it does not keep.
fn announcements(noise: &mut Noise) -> Vec<Vec<u8>> {
    let header = |records: u16| {
        let [high, low] = records.to_be_bytes();
        vec![0, 0, 0x84, 0, 0, 0, high, low, 0, 0, 0, 0]
    };
    let pointer = b"\x06_flowr\x04_tcp\x05local\x00\x00\x0c\x00\x01\x00\x00\x11\x94";
    let mut packets = vec![
        vec![],
        noise.bytes(11),
        noise.bytes(1400),
        noise.bytes(8900),
        header(u16::MAX),
        [&header(1)[..], pointer, &[0xff, 0xff, 1, 2]].concat(),
        // A name that goes on at its own beginning.
        [&header(1)[..], &[0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12]].concat(),
        [&header(2)[..], pointer, &[0, 5, 4], b"jobs", pointer].concat(),
    ];
    packets.extend((0..200).map(|_| [&header(3)[..], pointer, &noise.bytes(60)].concat()));
    packets
}

#[test]
fn nonsense_where_runners_are_announced_harms_nobody() {
    let place = Place::new();
    let expected = long(&place, NUMBERS);
    let worker = place.worker();
    // Whatever is sent from loopback stays there.
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut noise = Noise(3);
    let mut assail = || {
        for packet in announcements(&mut noise) {
            // What the system does not take does no harm either.
            socket.send_to(&packet, MULTICAST).ok();
        }
    };
    assail();
    let runner = crate::run_on_workers(&place);
    wait_for_the_middle(&runner);
    assail();
    completes(runner, &expected);
    assail();
    completes(crate::run_on_workers(&place), &expected);
    assert!(!worker.log().iter().any(|line| line.contains("multicast DNS")), "who listens goes on");
}
