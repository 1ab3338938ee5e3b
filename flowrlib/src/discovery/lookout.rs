//! Finding others.

use super::{
    About, Daemon, DiscoveryError, Offer, Range, Role, SERVICE_TYPE, WORKER_TYPE, printable, run_of_instance,
};
use crate::keys::KeyId;
use crossbeam_channel::{Receiver, Sender, unbounded};
use log::trace;
use mdns_sd::{ResolvedService, ScopedIp, ServiceEvent};
use std::collections::HashSet;
use std::net::{SocketAddr, SocketAddrV6};
use std::thread;

/// News of runners, servers or workers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// One that wants something, or one that was found before and has another address or other news of itself.
    Found(Offer),
    /// The one of that role and number has withdrawn its announcement.
    Gone(Role, u64),
    /// One that we cannot talk to, in words. It is told once.
    PassedOver(String),
    /// One that has our key, and speaks another version of the protocol: in words that say what to do. It is told once.
    OtherVersion(String),
}

/// How many are told of that we cannot talk to: anybody can announce any number.
const MOST_TOLD: usize = 256;

/// Looks for announcements until it is dropped.
pub struct Lookout {
    daemon: Daemon,
    types: Vec<&'static str>,
    /// News, as they come.
    pub sightings: Receiver<Sighting>,
}

impl Lookout {
    /// Begins to look for runners or servers of that network that we can talk to: they have our key. A daemon serves one
    /// lookout at a time.
    ///
    /// # Errors
    ///
    /// Fails where the daemon has ended.
    pub fn open(
        daemon: Daemon,
        role: Role,
        network: &str,
        key: Option<KeyId>,
    ) -> Result<Lookout, DiscoveryError> {
        let mut judge = Judge { role, network: network.to_owned(), key, told: HashSet::new() };
        Lookout::watch(daemon, vec![role.service_type()], move |offer, name| judge.judge(offer, name))
    }

    /// Begins to look for all there is on a network, whether we can talk to it or not.
    ///
    /// # Errors
    ///
    /// Fails where multicast is not to be had.
    pub fn open_for_all(network: &str) -> Result<Lookout, DiscoveryError> {
        let network = network.to_owned();
        let daemon = Daemon::start(Range::Networks)?;
        Lookout::watch(daemon, vec![SERVICE_TYPE, WORKER_TYPE], move |offer, _| {
            (offer.network == network).then_some(Sighting::Found(offer))
        })
    }

    fn watch(
        daemon: Daemon,
        types: Vec<&'static str>,
        judge: impl FnMut(Offer, &str) -> Option<Sighting> + Clone + Send + 'static,
    ) -> Result<Lookout, DiscoveryError> {
        let (sender, sightings) = unbounded();
        // What is under way when the rest fails ends with this.
        let lookout = Lookout { daemon, types, sightings };
        for service_type in &lookout.types {
            let events = lookout.daemon.mdns().browse(service_type)?;
            let (judge, sender) = (judge.clone(), sender.clone());
            thread::Builder::new()
                .name("lookout".into())
                .spawn(move || pass_on(&events, judge, &sender))
                .map_err(|error| mdns_sd::Error::Msg(error.to_string()))?;
        }
        Ok(lookout)
    }
}

/// Makes news of what is heard of one type of services, until one end of it is closed.
fn pass_on(
    events: &mdns_sd::Receiver<ServiceEvent>,
    mut judge: impl FnMut(Offer, &str) -> Option<Sighting>,
    sender: &Sender<Sighting>,
) {
    while let Ok(event) = events.recv() {
        trace!("{event:?}");
        let sighting = match event {
            ServiceEvent::ServiceResolved(service) => {
                offer(&service).and_then(|offer| judge(offer, service.get_fullname()))
            }
            ServiceEvent::ServiceRemoved(_, name) => {
                run_of_instance(&name).map(|(role, run)| Sighting::Gone(role, run))
            }
            _ => None,
        };
        if sighting.is_some_and(|sighting| sender.send(sighting).is_err()) {
            break;
        }
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        for service_type in &self.types {
            // A daemon that has ended looks for nobody.
            self.daemon.mdns().stop_browse(service_type).ok();
        }
    }
}

/// Who is of interest.
#[derive(Clone)]
struct Judge {
    role: Role,
    network: String,
    key: Option<KeyId>,
    /// Who was told of that we cannot talk to.
    told: HashSet<u64>,
}

impl Judge {
    fn judge(&mut self, offer: Offer, name: &str) -> Option<Sighting> {
        if offer.role != self.role || offer.network != self.network {
            return None;
        }
        let (is_ours, is_understood) = (offer.key == self.key, offer.is_understood());
        if is_ours && is_understood {
            return Some(Sighting::Found(offer));
        }
        if self.told.len() >= MOST_TOLD || !self.told.insert(offer.run) {
            return None;
        }
        Some(if is_ours {
            Sighting::OtherVersion(other_version(&offer))
        } else {
            Sighting::PassedOver(format!("{name}, which has another key"))
        })
    }
}

/// What to do about somebody who speaks another version of the protocol.
fn other_version(offer: &Offer) -> String {
    let about = &offer.about;
    format!(
        "{} {:?} (flow {}) speaks version {} of the protocol, and this program (flow {}) version {}; install the same \
         version of flow on both machines",
        match offer.role {
            Role::Jobs => "runner",
            Role::Submissions => "server",
            Role::Worker => "worker",
        },
        about.name,
        about.version,
        offer.protocol,
        env!("CARGO_PKG_VERSION"),
        offer.role.protocol()
    )
}

/// What an announcement offers, if it is one of ours.
fn offer(service: &ResolvedService) -> Option<Offer> {
    let property = |key| service.get_property_val_str(key);
    let role = Role::ALL.into_iter().find(|role| property("role") == Some(role.name()))?;
    if service.ty_domain != role.service_type() {
        return None;
    }
    let run = u64::from_str_radix(property("run")?, 16).ok()?;
    let text = |key| property(key).map(printable).unwrap_or_default();
    let number = |key| property(key).and_then(|text| text.parse().ok()).unwrap_or(0);
    let labels = property("labels").unwrap_or_default();
    Some(Offer {
        role,
        addresses: addresses(service.get_addresses().iter(), service.get_port()),
        run,
        network: property("network")?.to_owned(),
        key: match property("key")? {
            "none" => None,
            // One that is no key id is that of nobody.
            id => Some(id.parse().unwrap_or(KeyId::NOBODY)),
        },
        protocol: property("protocol").map(printable)?,
        about: About {
            name: text("name"),
            version: text("version"),
            threads: number("threads"),
            labels: labels.split(',').filter(|label| super::is_label(label)).map(str::to_owned).collect(),
            partners: number("partners"),
        },
    })
}

/// All addresses at which a service may be, the most promising first: loopback is the nearest, and IPv4 the surest. An
/// address that means something on one link only comes with that link.
fn addresses<'service>(found: impl Iterator<Item = &'service ScopedIp>, port: u16) -> Vec<SocketAddr> {
    let scoped = |address: &ScopedIp| match address {
        ScopedIp::V6(address) if address.addr().is_unicast_link_local() => {
            SocketAddr::V6(SocketAddrV6::new(*address.addr(), port, 0, address.scope_id().index))
        }
        other => SocketAddr::new(other.to_ip_addr(), port),
    };
    let mut addresses: Vec<SocketAddr> = found.map(scoped).collect();
    let is_link_local = |address: &SocketAddr| matches!(address, SocketAddr::V6(address) if address.ip().is_unicast_link_local());
    addresses.sort_by_key(|address| {
        (!address.ip().is_loopback(), is_link_local(address), address.is_ipv6(), *address)
    });
    addresses.dedup();
    addresses
}

#[cfg(test)]
mod tests {
    use super::super::Announcement;
    use super::*;
    use std::net::IpAddr;
    use std::time::Duration;

    /// A test fails rather than waiting for longer.
    const LIMIT: Duration = Duration::from_secs(60);

    /// What is there for a test alone: a role, a number and a network that nobody else has.
    fn announced(role: Role) -> Offer {
        let number = getrandom::u64().unwrap();
        let about = About::new("one of a test", 1, &[]);
        Offer::new(role, ([127, 0, 0, 1], 9).into(), number, &format!("{number:016x}"), None, about)
    }

    fn finds(lookout: &Lookout, offer: &Offer) {
        loop {
            match lookout.sightings.recv_timeout(LIMIT).unwrap() {
                Sighting::Found(found) if found.run == offer.run => return assert_eq!(&found, offer),
                _ => {}
            }
        }
    }

    #[test]
    fn one_daemon_announces_and_looks_and_looks_again() {
        let (runner, worker) = (announced(Role::Jobs), announced(Role::Worker));
        let daemon = Daemon::start(Range::Machine).unwrap();
        let announcement = Announcement::publish_by(daemon.clone(), worker.clone()).unwrap();
        let _runner = Announcement::publish(runner.clone()).unwrap();
        for _ in 0..2 {
            let lookout = Lookout::open(daemon.clone(), Role::Jobs, &runner.network, None).unwrap();
            finds(&lookout, &runner);
            finds(&Lookout::open_for_all(&worker.network).unwrap(), &worker);
        }
        // A lookout outlives what else its daemon did.
        let lookout = Lookout::open(daemon, Role::Jobs, &runner.network, None).unwrap();
        drop(announcement);
        finds(&lookout, &runner);
    }

    #[test]
    fn whoever_looks_for_runners_hears_of_no_worker() {
        let (runner, worker) = (announced(Role::Jobs), announced(Role::Worker));
        let _worker = Announcement::publish_within(worker.clone(), LIMIT).unwrap();
        let _runner = Announcement::publish_within(runner.clone(), LIMIT).unwrap();
        let daemon = Daemon::start(Range::Machine).unwrap();
        let events = daemon.mdns().browse(SERVICE_TYPE).unwrap();
        loop {
            // There may be others here, of any kind.
            if let ServiceEvent::ServiceFound(_, name) = events.recv_timeout(LIMIT).unwrap() {
                assert!(!name.contains(&format!("{:016x}", worker.run)), "{name}");
                if run_of_instance(&name) == Some((Role::Jobs, runner.run)) {
                    break;
                }
            }
        }
    }

    #[test]
    fn a_withdrawn_announcement_is_gone_though_its_daemon_goes_on() {
        let runner = announced(Role::Jobs);
        let daemon = Daemon::start(Range::Machine).unwrap();
        let announcement = Announcement::publish_by(daemon.clone(), runner.clone()).unwrap();
        let here = Daemon::start(Range::Machine).unwrap();
        let lookout = Lookout::open(here, Role::Jobs, &runner.network, None).unwrap();
        finds(&lookout, &runner);
        drop(announcement);
        while lookout.sightings.recv_timeout(LIMIT).unwrap() != Sighting::Gone(Role::Jobs, runner.run) {}
        drop(daemon);
    }

    fn runner(run: u64, protocol: &str, key: Option<KeyId>) -> Offer {
        let about = About { name: "theirs".into(), version: "9.9".into(), ..About::default() };
        let offer = Offer::new(Role::Jobs, ([127, 0, 0, 1], 7).into(), run, "home", key, about);
        Offer { protocol: protocol.to_owned(), ..offer }
    }

    #[test]
    fn a_runner_of_another_version_is_told_once_with_both_versions() {
        let ours = Role::Jobs.protocol();
        let mut judge = Judge { role: Role::Jobs, network: "home".into(), key: None, told: HashSet::new() };
        assert_eq!(judge.judge(runner(1, &ours, None), "one"), Some(Sighting::Found(runner(1, &ours, None))));
        let told = judge.judge(runner(2, "99", None), "two");
        let Some(Sighting::OtherVersion(text)) = told else { panic!("{told:?}") };
        assert!(text.starts_with("runner \"theirs\" (flow 9.9) speaks version 99 of the protocol"), "{text}");
        assert!(text.contains(&format!("(flow {}) version {ours};", env!("CARGO_PKG_VERSION"))), "{text}");
        assert_eq!(judge.judge(runner(2, "99", None), "two"), None);
        // What strangers speak is their business.
        let stranger = judge.judge(runner(3, "99", Some(KeyId::NOBODY)), "three");
        assert_eq!(stranger, Some(Sighting::PassedOver("three, which has another key".into())));
        let told = (10..5_000).filter_map(|run| judge.judge(runner(run, "99", None), "flood")).count();
        assert_eq!(told, MOST_TOLD - 2, "there is an end to it");
    }

    #[test]
    fn the_nearest_address_is_the_first() {
        let found: Vec<ScopedIp> = ["fe80::1", "2001:db8::1", "192.168.1.4", "::1", "127.0.0.1"]
            .map(|text| text.parse::<IpAddr>().unwrap().into())
            .into();
        let sorted = addresses(found.iter(), 7).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(sorted, ["127.0.0.1:7", "[::1]:7", "192.168.1.4:7", "[2001:db8::1]:7", "[fe80::1]:7"]);
    }
}
