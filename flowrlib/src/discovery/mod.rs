//! Finding each other: a runner announces its job service by multicast DNS, workers look for announcements; servers
//! and clients find each other in the same way, and workers announce themselves for those who want to see them.
//!
//! Everybody announces one instance of a service type under a name of its own, with what others must know in TXT data,
//! so any number of runners and servers live on one network without disturbing each other. What is announced can be
//! read by everybody on the network, and nobody is bound by it: who may take part is settled by keys, later.
//!
//! Workers look for runners, and hardly anybody looks for workers. So these have [a type of their own](WORKER_TYPE): a
//! worker that asks who is there is not answered by all other workers.

mod announcement;
mod daemon;
mod lookout;

pub use announcement::Announcement;
pub use daemon::Daemon;
pub use lookout::{Lookout, Sighting};

use crate::keys::KeyId;
use crate::wire::{PROTOCOL, SUBMISSION_PROTOCOL};
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

/// What runners and servers announce, and workers and clients look for.
pub const SERVICE_TYPE: &str = "_flowr._tcp.local.";

/// What workers announce, for those who want to see them.
pub const WORKER_TYPE: &str = "_flowrex._tcp.local.";

/// What workers say they wait for: the role of the service, whatever its instances are called.
pub const JOBS_SERVICE: &str = "jobs._flowr._tcp.local";

/// The longest name of a program, in bytes: it stands in announcements, logs and reports.
pub const LONGEST_NAME: usize = 128;

/// The most that labels may have together, in bytes.
pub const LONGEST_LABELS: usize = 200;

/// How long the network may take to learn that an announcement is withdrawn.
const FAREWELL: Duration = Duration::from_millis(200);

/// Discovery does not work here.
#[derive(Debug, thiserror::Error)]
#[error("multicast DNS: {0}")]
pub struct DiscoveryError(#[from] mdns_sd::Error);

/// What somebody is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// A runner: workers get jobs there.
    Jobs,
    /// A server: clients submit flows there.
    Submissions,
    /// A worker: nobody connects to it.
    Worker,
}

impl Role {
    const ALL: [Role; 3] = [Role::Jobs, Role::Submissions, Role::Worker];

    /// What TXT data and names of instances call it.
    fn name(self) -> &'static str {
        match self {
            Role::Jobs => "jobs",
            Role::Submissions => "submissions",
            Role::Worker => "worker",
        }
    }

    /// What it is announced as.
    pub fn service_type(self) -> &'static str {
        match self {
            Role::Jobs | Role::Submissions => SERVICE_TYPE,
            Role::Worker => WORKER_TYPE,
        }
    }

    /// The version of the protocol that is spoken there.
    fn protocol(self) -> String {
        match self {
            Role::Jobs | Role::Worker => PROTOCOL,
            Role::Submissions => SUBMISSION_PROTOCOL,
        }
        .to_string()
    }
}

/// How far announcements are carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// On this machine.
    Machine,
    /// On all networks that it belongs to.
    Networks,
}

/// What is announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// What it is.
    pub role: Role,
    /// Where it is, the most promising address first.
    pub addresses: Vec<SocketAddr>,
    /// The run that workers are wanted for; the number of a server or a worker.
    pub run: u64,
    /// The network whose workers or clients are taken.
    pub network: String,
    /// The key that one must have; none where nothing is secured.
    pub key: Option<KeyId>,
    /// The version of the protocol it speaks.
    pub protocol: String,
    /// What else there is to know.
    pub about: About,
}

/// What people want to know of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// What it is called.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How many executor threads it has.
    pub threads: usize,
    /// The labels a worker has, or those that a runner asks for.
    pub labels: Vec<String>,
    /// How many others it has to do with: the workers of a runner, the runners of a worker.
    pub partners: usize,
}

impl Offer {
    /// An offer of this program.
    pub fn new(
        role: Role,
        address: SocketAddr,
        run: u64,
        network: &str,
        key: Option<KeyId>,
        about: About,
    ) -> Offer {
        Offer {
            role,
            addresses: vec![address],
            run,
            network: network.to_owned(),
            key,
            protocol: role.protocol(),
            about,
        }
    }

    /// Whether its program can talk to one of this version.
    pub fn is_understood(&self) -> bool {
        self.protocol == self.role.protocol()
    }
}

impl About {
    /// What this version of the program says of itself.
    pub fn new(name: &str, threads: usize, labels: &[String]) -> About {
        About {
            name: printable(name),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            threads,
            labels: labels.to_vec(),
            partners: 0,
        }
    }
}

/// A name that is one line and not too long.
pub(crate) fn printable(name: &str) -> String {
    let mut kept = String::new();
    for letter in name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }) {
        if kept.len() + letter.len_utf8() > LONGEST_NAME {
            break;
        }
        kept.push(letter);
    }
    kept
}

/// Whether that can be a label: a word that needs no quotes anywhere.
fn is_label(text: &str) -> bool {
    let is_fine = |letter: char| letter.is_ascii_alphanumeric() || "-_.=:".contains(letter);
    (1..=63).contains(&text.len()) && text.chars().all(is_fine)
}

/// Reads a label.
///
/// # Errors
///
/// Says in words what a label is.
pub fn label(text: &str) -> Result<String, String> {
    is_label(text).then(|| text.to_owned()).ok_or_else(|| {
        "a label is a word of at most 63 letters, digits and the characters - _ . = :".to_owned()
    })
}

/// All addresses that HOST:PORT stands for, now. A host may be an address of IPv6 in brackets, also one that names a
/// link, such as `[fe80::1%eth0]`.
///
/// # Errors
///
/// Fails if it is something else, or the name has no address.
pub fn addresses_of(place: &str) -> io::Result<Vec<SocketAddr>> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidInput, "it is not HOST:PORT");
    let (host, port) = place.rsplit_once(':').ok_or_else(wrong)?;
    let port: u16 = port.parse().map_err(|_| wrong())?;
    // Without its brackets the system also understands an address that names a link.
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let addresses: Vec<SocketAddr> = (host, port).to_socket_addrs()?.collect();
    if addresses.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
    }
    Ok(addresses)
}

/// What an instance is called: nobody else has its number.
fn instance(role: Role, run: u64) -> String {
    format!("{}-{run:016x}", role.name())
}

/// Which one an announcement belongs to that is not there any more.
fn run_of_instance(fullname: &str) -> Option<(Role, u64)> {
    Role::ALL.into_iter().find_map(|role| {
        let instance = fullname.strip_suffix(role.service_type())?.strip_suffix('.')?;
        let run = instance.strip_prefix(role.name())?.strip_prefix('-')?;
        Some((role, u64::from_str_radix(run, 16).ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_are_named_after_their_run() {
        for role in Role::ALL {
            let name = format!("{}.{}", instance(role, 255), role.service_type());
            assert_eq!(run_of_instance(&name), Some((role, 255)));
        }
        assert_eq!(run_of_instance(&format!("{}.{WORKER_TYPE}", instance(Role::Jobs, 255))), None);
        assert_eq!(run_of_instance("jobs._flowr._tcp.local."), None);
        assert_eq!(run_of_instance("printer._ipp._tcp.local."), None);
    }

    #[test]
    fn a_place_may_be_on_a_link() {
        let resolved =
            |place| addresses_of(place).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(resolved("127.0.0.1:7"), ["127.0.0.1:7"]);
        assert_eq!(resolved("[::1]:7"), ["[::1]:7"]);
        assert_eq!(resolved("[fe80::1%1]:7"), ["[fe80::1%1]:7"]);
        assert!(addresses_of("127.0.0.1").is_err());
    }

    #[test]
    fn labels_are_words_and_names_are_lines() {
        for fine in ["gpu", "zone=eu-1", "a.b_c:d"] {
            assert!(is_label(fine), "{fine}");
        }
        for wrong in ["", "two words", "a,b", "ü", &"x".repeat(64)] {
            assert!(!is_label(wrong), "{wrong}");
        }
        assert_eq!(printable("two\nlines"), "two lines");
        assert_eq!(printable(&"é".repeat(100)).len(), LONGEST_NAME);
    }
}
