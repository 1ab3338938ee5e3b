//! Ends of channels that tests use by hand, on sockets that wait.

use super::{Guest, Heard, Host, News, Purpose};
use crate::keys::Key;
use crate::transport::socket::{self, Listen};
use std::net::SocketAddr;

/// How long anything may take.
const LIMIT: i64 = 20_000;

/// The key of tests.
pub(crate) fn test_key() -> Key {
    Key::new([42; 32])
}

/// The end that connects.
pub(crate) struct GuestByHand {
    socket: zmq::Socket,
    guest: Guest,
}

impl GuestByHand {
    /// Opens a channel with the key of tests.
    pub(crate) fn open(address: SocketAddr, purpose: Purpose) -> GuestByHand {
        let socket = socket::dealer(&zmq::Context::new(), address).unwrap();
        let (guest, opening) = Guest::new(Some(test_key()), purpose);
        socket::send(&socket, &opening).unwrap();
        let mut by_hand = GuestByHand { socket, guest };
        while !by_hand.guest.is_open() {
            assert_ne!(by_hand.socket.poll(zmq::POLLIN, LIMIT), Ok(0), "the channel is not accepted");
            if let Some(frame) = socket::receive(&by_hand.socket).unwrap() {
                assert_eq!(by_hand.guest.receive(&frame), Heard::Opened);
            }
        }
        by_hand
    }

    pub(crate) fn says(&mut self, message: &[u8]) {
        let sent = self.guest.seal(message, |frame| socket::send(&self.socket, frame));
        sent.unwrap().unwrap();
    }

    /// Sends all parts of a message but the last.
    pub(crate) fn begins_to_say(&mut self, message: &[u8]) {
        let mut frames = Vec::new();
        let kept = self.guest.seal(message, |frame| {
            frames.push(frame.to_vec());
            Ok::<(), ()>(())
        });
        kept.unwrap().unwrap();
        assert!(frames.len() > 1, "the message has several parts");
        frames.pop();
        frames.iter().for_each(|frame| socket::send(&self.socket, frame).unwrap());
    }

    pub(crate) fn hears(&mut self) -> Vec<u8> {
        loop {
            assert_ne!(self.socket.poll(zmq::POLLIN, LIMIT), Ok(0), "nothing comes");
            let Some(frame) = socket::receive(&self.socket).unwrap() else { continue };
            match self.guest.receive(&frame) {
                Heard::Message(message) => return message.into_owned(),
                Heard::Nothing | Heard::Alive => {}
                other => panic!("{other:?}"),
            }
        }
    }
}

/// The end that is connected to, with one guest.
pub(crate) struct HostByHand {
    socket: zmq::Socket,
    host: Host,
    peer: Vec<u8>,
    pub(crate) address: SocketAddr,
}

impl HostByHand {
    /// Takes guests that have the key of tests.
    pub(crate) fn open(purpose: Purpose) -> HostByHand {
        let socket = socket::router(&zmq::Context::new(), 0, 0).unwrap();
        let address = socket::bind(&socket, Listen::MACHINE).unwrap();
        HostByHand { socket, host: Host::new(Some(test_key()), purpose), peer: Vec::new(), address }
    }

    pub(crate) fn hears(&mut self) -> Vec<u8> {
        loop {
            assert_ne!(self.socket.poll(zmq::POLLIN, LIMIT), Ok(0), "nothing comes");
            let Some((peer, frame)) = socket::receive_from(&self.socket).unwrap() else { continue };
            self.peer = peer.to_vec();
            let received = self.host.receive(&peer, &frame);
            if let Some(reply) = received.reply {
                socket::send_to(&self.socket, &peer, &reply).unwrap();
            }
            if let News::Message(message) = received.news {
                return message.into_owned();
            }
        }
    }

    pub(crate) fn says(&mut self, message: &[u8]) {
        let (socket, peer) = (&self.socket, &self.peer);
        self.host.seal(peer, message, |frame| socket::send_to(socket, peer, frame)).unwrap().unwrap();
    }
}
