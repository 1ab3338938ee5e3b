//! Finding each other: a runner announces its job service by multicast DNS, workers look for announcements; servers
//! and clients find each other in the same way.
//!
//! Everybody announces one instance of [`SERVICE_TYPE`] under a name of its own, with what others must know in TXT data,
//! so any number of runners and servers live on one network without disturbing each other.

use crate::wire::{PROTOCOL, SUBMISSION_PROTOCOL};
use crossbeam_channel::{Receiver, unbounded};
use log::{debug, trace};
use mdns_sd::{DaemonEvent, IfKind, ResolvedService, ServiceDaemon, ServiceEvent, ServiceInfo};
use std::net::{IpAddr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

/// What runners announce and workers look for.
pub const SERVICE_TYPE: &str = "_flowr._tcp.local.";

/// What workers say they wait for: the role of the service, whatever its instances are called.
pub const JOBS_SERVICE: &str = "jobs._flowr._tcp.local";

/// How long the network may take to learn that an announcement is withdrawn.
const FAREWELL: Duration = Duration::from_millis(200);

/// Discovery does not work here.
#[derive(Debug, thiserror::Error)]
#[error("multicast DNS: {0}")]
pub struct DiscoveryError(#[from] mdns_sd::Error);

/// What a service is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Workers get jobs there.
    Jobs,
    /// Clients submit flows there.
    Submissions,
}

impl Role {
    /// What TXT data and names of instances call it.
    fn name(self) -> &'static str {
        match self {
            Role::Jobs => "jobs",
            Role::Submissions => "submissions",
        }
    }

    /// The version of the protocol that is spoken there.
    fn protocol(self) -> String {
        match self {
            Role::Jobs => PROTOCOL,
            Role::Submissions => SUBMISSION_PROTOCOL,
        }
        .to_string()
    }
}

/// What is announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Where the service is.
    pub address: SocketAddr,
    /// The run that workers are wanted for; the number of a server.
    pub run: u64,
    /// The network whose workers or clients are taken.
    pub network: String,
}

/// An announcement that stands until it is dropped.
pub struct Announcement {
    daemon: ServiceDaemon,
    name: String,
}

impl Announcement {
    /// Announces a service. One that listens on loopback is only announced on loopback.
    ///
    /// # Errors
    ///
    /// Fails where multicast is not to be had.
    pub fn publish(role: Role, offer: &Offer) -> Result<Announcement, DiscoveryError> {
        let (daemon, info) = Announcement::prepare(role, offer)?;
        Announcement::register(daemon, info, offer)
    }

    /// The same, and waits until the announcement was made, as long as that may take.
    ///
    /// # Errors
    ///
    /// Fails where multicast is not to be had.
    pub fn publish_within(
        role: Role,
        offer: &Offer,
        limit: Duration,
    ) -> Result<Announcement, DiscoveryError> {
        let (daemon, info) = Announcement::prepare(role, offer)?;
        let news = daemon.monitor()?;
        let announcement = Announcement::register(daemon, info, offer)?;
        let deadline = Instant::now() + limit;
        loop {
            match news.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(DaemonEvent::Announce(name, _)) if name == announcement.name => return Ok(announcement),
                Ok(_) => {}
                Err(_) => {
                    return Err(DiscoveryError(mdns_sd::Error::Msg("no interface takes it".to_owned())));
                }
            }
        }
    }

    fn prepare(role: Role, offer: &Offer) -> Result<(ServiceDaemon, ServiceInfo), DiscoveryError> {
        let daemon = ServiceDaemon::new()?;
        let address = offer.address.ip();
        if address.is_loopback() {
            daemon.disable_interface(IfKind::All)?;
            daemon.enable_interface(IfKind::LoopbackV4)?;
            daemon.enable_interface(IfKind::LoopbackV6)?;
        }
        let run = format!("{:016x}", offer.run);
        let instance = format!("{}-{run}", role.name());
        let host = format!("flow-{run}.local.");
        let protocol = role.protocol();
        let properties = [
            ("role", role.name()),
            ("protocol", protocol.as_str()),
            ("run", run.as_str()),
            ("network", offer.network.as_str()),
        ];
        let addresses = if address.is_unspecified() { String::new() } else { address.to_string() };
        let mut info = ServiceInfo::new(
            SERVICE_TYPE,
            &instance,
            &host,
            addresses.as_str(),
            offer.address.port(),
            &properties[..],
        )?;
        if address.is_unspecified() {
            info = info.enable_addr_auto();
        }
        // The name holds a random number: asking whether somebody else has it would only cost time.
        info.set_requires_probe(false);
        Ok((daemon, info))
    }

    fn register(
        daemon: ServiceDaemon,
        info: ServiceInfo,
        offer: &Offer,
    ) -> Result<Announcement, DiscoveryError> {
        let name = info.get_fullname().to_owned();
        daemon.register(info)?;
        debug!("announced {name} at {}", offer.address);
        Ok(Announcement { daemon, name })
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // Both are told and waited for in bounded time; a network that does not listen is not our concern any more.
        if let Ok(done) = self.daemon.unregister(&self.name) {
            done.recv_timeout(FAREWELL).ok();
        }
        if let Ok(done) = self.daemon.shutdown() {
            done.recv_timeout(FAREWELL).ok();
        }
    }
}

/// News of runners, or of servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sighting {
    /// One that wants workers or clients.
    Found(Offer),
    /// The one of that number has withdrawn its announcement.
    Gone(u64),
}

/// Looks for announcements until it is dropped.
pub struct Lookout {
    daemon: ServiceDaemon,
    /// News, as they come.
    pub sightings: Receiver<Sighting>,
}

impl Lookout {
    /// Begins to look for services of that role and network.
    ///
    /// # Errors
    ///
    /// Fails where multicast is not to be had.
    pub fn open(role: Role, network: &str) -> Result<Lookout, DiscoveryError> {
        let daemon = ServiceDaemon::new()?;
        let events = daemon.browse(SERVICE_TYPE)?;
        let (sender, sightings) = unbounded();
        let network = network.to_owned();
        let spawned = thread::Builder::new().name("lookout".into()).spawn(move || {
            while let Ok(event) = events.recv() {
                trace!("{event:?}");
                let sighting = match event {
                    ServiceEvent::ServiceResolved(service) => {
                        offer(&service, role, &network).map(Sighting::Found)
                    }
                    ServiceEvent::ServiceRemoved(_, name) => run_of_instance(&name, role).map(Sighting::Gone),
                    _ => None,
                };
                if sighting.is_some_and(|sighting| sender.send(sighting).is_err()) {
                    break;
                }
            }
        });
        match spawned {
            Ok(_) => Ok(Lookout { daemon, sightings }),
            Err(error) => Err(DiscoveryError(mdns_sd::Error::Msg(error.to_string()))),
        }
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        if let Ok(done) = self.daemon.shutdown() {
            done.recv_timeout(FAREWELL).ok();
        }
    }
}

/// What an announcement offers, if it is one for us.
fn offer(service: &ResolvedService, role: Role, network: &str) -> Option<Offer> {
    let property = |key| service.get_property_val_str(key);
    if property("role") != Some(role.name()) || property("network") != Some(network) {
        return None;
    }
    if property("protocol") != Some(role.protocol().as_str()) {
        debug!("passed over {}, which speaks another protocol version", service.get_fullname());
        return None;
    }
    let run = u64::from_str_radix(property("run")?, 16).ok()?;
    // Any address will do; loopback is the nearest, and IPv4 the surest.
    let mut addresses: Vec<IpAddr> =
        service.get_addresses().iter().map(|address| address.to_ip_addr()).collect();
    addresses.sort_by_key(|address| (!address.is_loopback(), address.is_ipv6()));
    let address = SocketAddr::new(*addresses.first()?, service.get_port());
    Some(Offer { address, run, network: network.to_owned() })
}

fn run_of_instance(fullname: &str, role: Role) -> Option<u64> {
    let instance = fullname.strip_suffix(SERVICE_TYPE)?.trim_end_matches('.');
    u64::from_str_radix(instance.strip_prefix(role.name())?.strip_prefix('-')?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_are_named_after_their_run() {
        assert_eq!(run_of_instance("jobs-00000000000000ff._flowr._tcp.local.", Role::Jobs), Some(255));
        assert_eq!(run_of_instance("jobs-00000000000000ff._flowr._tcp.local.", Role::Submissions), None);
        assert_eq!(run_of_instance("jobs._flowr._tcp.local.", Role::Jobs), None);
        assert_eq!(run_of_instance("printer._ipp._tcp.local.", Role::Jobs), None);
    }
}
