//! Those who know the protocol and do not keep to it: at the end that connects, and at the one that is connected to.
//!
//! They speak without security, so that what they say is understood; see the book's page on the protocol.

use crate::stranger;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

const OPEN: &[u8] = &[0x81, 1, 0];
const ACCEPT: u8 = 0x82;
const DATA: u8 = 0x83;

/// The most of a message that one frame takes.
const PART: usize = 65_519;

/// Who has opened a channel to a runner or a server.
pub struct Insider(zmq::Socket);

impl Insider {
    /// Opens a channel to whoever listens there.
    pub fn join(address: &str) -> Insider {
        let insider = Insider(stranger(address));
        insider.0.send(OPEN, 0).expect("it can be sent");
        assert_eq!(insider.0.recv_bytes(0), Ok(vec![ACCEPT]), "whoever speaks in the clear is accepted");
        insider
    }

    /// Sends a message.
    pub fn say(&self, message: &[u8]) {
        frames(message).for_each(|frame| self.part(frame.get(1..).unwrap_or_default()));
    }

    /// Sends a part of a message.
    pub fn part(&self, part: &[u8]) {
        self.0.send([&[DATA], part].concat(), 0).expect("it can be sent");
    }

    /// The next message, if it is one that a frame takes.
    pub fn hear(&self) -> Vec<u8> {
        let frame = self.0.recv_bytes(0).expect("there is an answer");
        assert_eq!(frame.first(), Some(&DATA));
        frame.get(1..).unwrap_or_default().to_vec()
    }
}

/// The frames that a message travels in.
fn frames(message: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let is_one_part = message.len() <= PART && message.first().is_some_and(|first| *first != 0);
    let head = (!is_one_part).then(|| [&[DATA, 0][..], &(message.len() as u64).to_le_bytes()].concat());
    head.into_iter().chain(message.chunks(PART).map(|part| [&[DATA], part].concat()))
}

/// Who listens as runners and servers do, and is none. It ends when it is dropped.
pub struct Impostor {
    address: String,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// How often an impostor looks whether it is to end, in milliseconds.
const LOOK: i64 = 20;

impl Impostor {
    /// Answers whatever comes with what `answers` gives: messages of ZeroMQ, each of some frames.
    pub fn new(mut answers: impl FnMut(&[u8]) -> Vec<Vec<Vec<u8>>> + Send + 'static) -> Impostor {
        let socket = zmq::Context::new().socket(zmq::ROUTER).expect("a socket can be made");
        socket.set_linger(0).and_then(|()| socket.bind("tcp://127.0.0.1:*")).expect("there are free ports");
        let endpoint = socket.get_last_endpoint().ok().and_then(Result::ok).unwrap_or_default();
        let address = endpoint.trim_start_matches("tcp://").to_owned();
        let is_over: Arc<AtomicBool> = Arc::default();
        let thread = {
            let is_over = Arc::clone(&is_over);
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    if socket.poll(zmq::POLLIN, LOOK) != Ok(1) {
                        continue;
                    }
                    let Ok(received) = socket.recv_multipart(0) else { return };
                    let [peer, frame, ..] = &received[..] else { continue };
                    for frames in answers(frame) {
                        // Who is gone meanwhile does not get it.
                        let frames = std::iter::once(peer.clone()).chain(frames);
                        socket.send_multipart(frames, zmq::DONTWAIT).ok();
                    }
                }
            })
        };
        Impostor { address, is_over, thread: Some(thread) }
    }

    /// Accepts everybody who opens in the clear, and answers each message with what `answer` makes of it.
    pub fn in_the_clear(mut answer: impl FnMut(&[u8]) -> Vec<u8> + Send + 'static) -> Impostor {
        Impostor::new(move |frame| match frame.split_first() {
            Some((&first, _)) if OPEN.starts_with(&[first]) => vec![vec![vec![ACCEPT]]],
            Some((&DATA, message)) => frames(&answer(message)).map(|frame| vec![frame]).collect(),
            _ => vec![],
        })
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Impostor {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
