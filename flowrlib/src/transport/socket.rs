//! Sockets of ZeroMQ, as all ends of channels use them: what is set, how frames get out and in, and where they listen.

use super::uninterrupted;
use crate::channel::LARGEST_FRAME;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::str::FromStr;
use std::time::Duration;
use zmq::{DONTWAIT, Message, SNDMORE};

/// How long messages that were sent before closing a socket may take to get out.
const LINGER: Duration = Duration::from_millis(500);

/// Where a program receives others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The address at which it listens. Unspecified ones stand for all addresses of the machine.
    pub address: IpAddr,
    /// The port; any free one if none is named.
    pub port: Option<u16>,
}

impl Listen {
    /// Where only this machine is heard.
    pub const MACHINE: Listen = Listen { address: IpAddr::V4(Ipv4Addr::LOCALHOST), port: None };

    /// At all addresses of this machine.
    pub const EVERYWHERE: Listen = Listen { address: IpAddr::V6(Ipv6Addr::UNSPECIFIED), port: None };

    /// Whether others than those on this machine are heard.
    pub fn reaches_out(&self) -> bool {
        !self.address.is_loopback()
    }
}

impl FromStr for Listen {
    type Err = String;

    /// An address, and perhaps a port behind a colon; one of IPv6 then stands in brackets.
    fn from_str(text: &str) -> Result<Listen, String> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Listen { address: address.ip(), port: Some(address.port()).filter(|&port| port > 0) });
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        match bare.parse() {
            Ok(address) => Ok(Listen { address, port: None }),
            Err(_) => {
                Err("write ADDRESS or ADDRESS:PORT, such as 192.168.1.4, 0.0.0.0:5900 or [::1]:5900"
                    .to_owned())
            }
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => SocketAddr::new(self.address, port).fmt(formatter),
            None => self.address.fmt(formatter),
        }
    }
}

/// Why a socket is not where it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    #[error("cannot listen at {listen}: {source}")]
    Bind { listen: Listen, source: zmq::Error },
    #[error("the address '{0}' that was bound cannot be understood")]
    Endpoint(String),
    #[error(transparent)]
    Socket(#[from] zmq::Error),
}

/// How many frames are read ahead of us of those that we have connected to: at an address that was announced may be
/// anybody, and whoever sends more has to wait.
const MOST_UNREAD: i32 = 1024;

/// How many frames are taken at once before anything else is looked at.
pub(super) const MOST_AT_ONCE: usize = 256;

/// A socket at which others are received. It queues so many messages for each of them, and reads so many ahead of us;
/// 0 is any number.
pub(crate) fn router(context: &zmq::Context, unsent: i32, unread: i32) -> Result<zmq::Socket, zmq::Error> {
    set_up(context.socket(zmq::ROUTER)?, unsent, unread)
}

/// A socket that is connected to one that listens.
pub(crate) fn dealer(context: &zmq::Context, address: SocketAddr) -> Result<zmq::Socket, zmq::Error> {
    let socket = set_up(context.socket(zmq::DEALER)?, 0, MOST_UNREAD)?;
    socket.set_ipv6(address.is_ipv6())?;
    socket.connect(&format!("tcp://{address}"))?;
    Ok(socket)
}

fn set_up(socket: zmq::Socket, unsent: i32, unread: i32) -> Result<zmq::Socket, zmq::Error> {
    socket.set_sndhwm(unsent)?;
    socket.set_rcvhwm(unread)?;
    socket.set_linger(i32::try_from(LINGER.as_millis()).unwrap_or(0))?;
    // Nobody sends a larger frame who means well; one that comes ends its connection before it is read.
    socket.set_maxmsgsize(LARGEST_FRAME)?;
    Ok(socket)
}

/// Has a socket listen; tells where it is.
pub(crate) fn bind(socket: &zmq::Socket, listen: Listen) -> Result<SocketAddr, BindError> {
    match bind_at(socket, listen) {
        // A machine without IPv6 has other addresses.
        Err(BindError::Bind { .. }) if listen.address == IpAddr::V6(Ipv6Addr::UNSPECIFIED) => {
            bind_at(socket, Listen { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), ..listen })
        }
        bound => bound,
    }
}

fn bind_at(socket: &zmq::Socket, listen: Listen) -> Result<SocketAddr, BindError> {
    socket.set_ipv6(listen.address.is_ipv6())?;
    let host = SocketAddr::new(listen.address, 0).to_string();
    let host = host.trim_end_matches('0');
    let port = listen.port.map_or_else(|| "*".to_owned(), |port| port.to_string());
    socket.bind(&format!("tcp://{host}{port}")).map_err(|source| BindError::Bind { listen, source })?;
    let endpoint = socket.get_last_endpoint()?.unwrap_or_default();
    let address = endpoint.trim_end_matches('\0').strip_prefix("tcp://");
    address.and_then(|address| address.parse().ok()).ok_or(BindError::Endpoint(endpoint))
}

/// Sends a frame to a peer. Never waits: where it cannot be sent, the peer is missed by its heartbeats.
pub(crate) fn send_to(socket: &zmq::Socket, peer: &[u8], frame: &[u8]) -> Result<(), zmq::Error> {
    uninterrupted(|| socket.send(peer, SNDMORE | DONTWAIT))?;
    uninterrupted(|| socket.send(frame, DONTWAIT))
}

/// Sends a frame to whom the socket is connected to. Never waits, in the same way.
pub(crate) fn send(socket: &zmq::Socket, frame: &[u8]) -> Result<(), zmq::Error> {
    match uninterrupted(|| socket.send(frame, DONTWAIT)) {
        Err(zmq::Error::EAGAIN) => Ok(()),
        sent => sent,
    }
}

/// The next frame that somebody has sent, and who: none if nothing has come. What nobody of ours sends is passed over.
pub(crate) fn receive_from(socket: &zmq::Socket) -> Result<Option<(Message, Message)>, zmq::Error> {
    loop {
        let Some(peer) = receive_part(socket)? else { return Ok(None) };
        if !socket.get_rcvmore()? {
            continue;
        }
        let Some(frame) = receive_part(socket)? else { return Ok(None) };
        if pass_over_rest(socket)? {
            return Ok(Some((peer, frame)));
        }
    }
}

/// The next frame from whom the socket is connected to: none if nothing has come.
pub(crate) fn receive(socket: &zmq::Socket) -> Result<Option<Message>, zmq::Error> {
    loop {
        let Some(frame) = receive_part(socket)? else { return Ok(None) };
        if pass_over_rest(socket)? {
            return Ok(Some(frame));
        }
    }
}

fn receive_part(socket: &zmq::Socket) -> Result<Option<Message>, zmq::Error> {
    match uninterrupted(|| socket.recv_msg(DONTWAIT)) {
        Ok(part) => Ok(Some(part)),
        Err(zmq::Error::EAGAIN) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads what belongs to the same message and should not be there. Says whether there was nothing.
fn pass_over_rest(socket: &zmq::Socket) -> Result<bool, zmq::Error> {
    let mut was_last = true;
    while socket.get_rcvmore()? {
        was_last = false;
        receive_part(socket)?;
    }
    Ok(was_last)
}

/// Addresses in the order in which they are worth a try: neighbours first, and last those that there is no way to.
pub(crate) fn nearest_first(addresses: &[SocketAddr]) -> Vec<SocketAddr> {
    let mut sorted = addresses.to_vec();
    sorted.sort_by_cached_key(|address| match seen_as(address) {
        Ok(ours) => u8::from(!are_neighbours(ours.ip(), address.ip())),
        Err(_) => 2,
    });
    sorted
}

/// The address that we would be seen under there. Nothing is sent for that.
fn seen_as(address: &SocketAddr) -> io::Result<SocketAddr> {
    let any: IpAddr =
        if address.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(address)?;
    socket.local_addr()
}

/// Whether two addresses are so alike that they are likely to be on one network.
fn are_neighbours(one: IpAddr, other: IpAddr) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros() >= 24,
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits() ^ other.to_bits()).leading_zeros() >= 64,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_may_follow_the_address() {
        let listen =
            |text: &str| text.parse::<Listen>().map(|listen| (listen.address.to_string(), listen.port));
        assert_eq!(listen("192.168.1.4"), Ok(("192.168.1.4".into(), None)));
        assert_eq!(listen("0.0.0.0:5900"), Ok(("0.0.0.0".into(), Some(5900))));
        assert_eq!(listen("::1"), Ok(("::1".into(), None)));
        assert_eq!(listen("[::1]"), Ok(("::1".into(), None)));
        assert_eq!(listen("[::]:7"), Ok(("::".into(), Some(7))));
        assert_eq!(listen("127.0.0.1:0"), Ok(("127.0.0.1".into(), None)));
        for wrong in ["", "host", "host:1", "1.2.3.4:", "1.2.3.4:99999", "[::1"] {
            assert!(listen(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn frames_come_alone_or_not_at_all() {
        let context = zmq::Context::new();
        let host = router(&context, 0, 0).unwrap();
        let address = bind(&host, Listen::MACHINE).unwrap();
        let guest = dealer(&context, address).unwrap();
        guest.send_multipart([&b"two"[..], b"frames"], 0).unwrap();
        guest.send_multipart([&b""[..], b"", b"three"], 0).unwrap();
        send(&guest, b"alone").unwrap();
        let (peer, frame) = loop {
            if let Some(received) = receive_from(&host).unwrap() {
                break received;
            }
            host.poll(zmq::POLLIN, 20_000).unwrap();
        };
        assert_eq!(&frame[..], b"alone");
        send_to(&host, &peer, b"answer").unwrap();
        guest.poll(zmq::POLLIN, 20_000).unwrap();
        assert_eq!(&receive(&guest).unwrap().unwrap()[..], b"answer");
        assert!(receive(&guest).unwrap().is_none());
    }

    #[test]
    fn neighbours_come_first_and_what_cannot_be_reached_last() {
        let address = |text: &str| text.parse::<SocketAddr>().unwrap();
        // Nobody may send to everybody without having asked to.
        let [nowhere, here] = ["255.255.255.255:7", "127.0.0.1:7"].map(address);
        assert_eq!(nearest_first(&[nowhere, here]), [here, nowhere]);
        let are_neighbours =
            |one: &str, other: &str| are_neighbours(one.parse().unwrap(), other.parse().unwrap());
        assert!(are_neighbours("192.168.1.4", "192.168.1.200") && are_neighbours("fd00::1", "fd00::2:3"));
        assert!(!are_neighbours("192.168.1.4", "192.168.2.4") && !are_neighbours("10.0.0.1", "fd00::1"));
    }
}
