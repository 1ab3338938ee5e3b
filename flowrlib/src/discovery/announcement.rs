//! Being found.

use super::{Daemon, DiscoveryError, FAREWELL, Offer, instance};
use log::debug;
use mdns_sd::{DaemonEvent, ServiceInfo};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long an announcement stands before a change of partners is told. Everybody hears every announcement: if all told
/// every change at once, a crowd that meets would do nothing but listen.
const STANDS: Duration = Duration::from_secs(3);

/// How much longer it stands each time while changes go on.
const PATIENCE: u32 = 4;

/// The longest that it stands.
const STANDS_AT_MOST: Duration = Duration::from_secs(48);

/// An announcement that stands until it is dropped.
pub struct Announcement {
    daemon: Daemon,
    offer: Offer,
    name: String,
    told: Told,
}

/// What was announced of what changes, since when, and how long it is to stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Told {
    partners: usize,
    at: Instant,
    stands: Duration,
}

impl Told {
    fn first(partners: usize, now: Instant) -> Told {
        Told { partners, at: now, stands: STANDS }
    }

    /// When it is to be told that there are so many partners now; none if that was told.
    fn due(&self, partners: usize) -> Option<Instant> {
        (partners != self.partners).then(|| self.at + self.stands)
    }

    /// What stands when that was announced now.
    fn then(self, partners: usize, now: Instant) -> Told {
        if partners == self.partners {
            return self;
        }
        let was_calm = now.saturating_duration_since(self.at) > 2 * self.stands;
        let stands = if was_calm { STANDS } else { (self.stands * PATIENCE).min(STANDS_AT_MOST) };
        Told { partners, at: now, stands }
    }
}

impl Announcement {
    /// Announces what can be had at the first address of an offer, which stands for all of them if it is none.
    ///
    /// What listens on loopback is announced on loopback only.
    ///
    /// # Errors
    ///
    /// Fails where multicast is not to be had.
    pub fn publish(offer: Offer) -> Result<Announcement, DiscoveryError> {
        Announcement::publish_by(own_daemon(&offer)?, offer)
    }

    /// The same, and waits until the announcement was made, as long as that may take.
    ///
    /// # Errors
    ///
    /// Fails where multicast is not to be had.
    pub fn publish_within(offer: Offer, limit: Duration) -> Result<Announcement, DiscoveryError> {
        let daemon = own_daemon(&offer)?;
        let news = daemon.mdns().monitor()?;
        let announcement = Announcement::publish_by(daemon, offer)?;
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

    /// Announces by a daemon that serves others, too, as far as it reaches.
    ///
    /// # Errors
    ///
    /// Fails where the daemon has ended.
    pub fn publish_by(daemon: Daemon, offer: Offer) -> Result<Announcement, DiscoveryError> {
        let info = info(&offer)?;
        let name = info.get_fullname().to_owned();
        daemon.mdns().register(info)?;
        debug!("announced {name}");
        let told = Told::first(offer.about.partners, Instant::now());
        Ok(Announcement { daemon, offer, name, told })
    }

    /// Has the network know with how many others we have to do now: at once, or when [`keep_up`](Self::keep_up) is
    /// called after [that time](Self::due).
    pub fn tell_partners(&mut self, partners: usize) {
        self.offer.about.partners = partners;
        self.keep_up();
    }

    /// When there is something to be told that was not; none if there is nothing.
    pub fn due(&self) -> Option<Instant> {
        self.told.due(self.offer.about.partners)
    }

    /// Tells what is due.
    pub fn keep_up(&mut self) {
        if self.due().is_some_and(|due| due <= Instant::now()) {
            self.repeat();
        }
    }

    /// Makes the announcement again: whoever has missed it asks for it more and more rarely.
    pub fn repeat(&mut self) {
        self.told = self.told.then(self.offer.about.partners, Instant::now());
        // What cannot be told now stands as it was.
        if let Ok(info) = info(&self.offer) {
            self.daemon.mdns().register(info).ok();
        }
    }
}

fn own_daemon(offer: &Offer) -> Result<Daemon, DiscoveryError> {
    Daemon::start_for(offer.addresses.first().map(SocketAddr::ip))
}

fn info(offer: &Offer) -> Result<ServiceInfo, DiscoveryError> {
    let Offer { role, addresses, run, network, key, protocol, about } = offer;
    let run_text = format!("{run:016x}");
    let host = format!("flow-{run_text}.local.");
    let key = key.map_or_else(|| "none".to_owned(), |key| key.to_string());
    let (threads, partners) = (about.threads.to_string(), about.partners.to_string());
    let labels = about.labels.join(",");
    let properties = [
        ("role", role.name()),
        ("protocol", protocol),
        ("run", &run_text),
        ("network", network),
        ("key", &key),
        ("name", &about.name),
        ("version", &about.version),
        ("threads", &threads),
        ("labels", &labels),
        ("partners", &partners),
    ];
    let address = addresses.first().map(SocketAddr::ip).filter(|address| !address.is_unspecified());
    let port = addresses.first().map_or(0, SocketAddr::port);
    let ip = address.map(|address| address.to_string()).unwrap_or_default();
    let (service_type, instance) = (role.service_type(), instance(*role, *run));
    let mut info = ServiceInfo::new(service_type, &instance, &host, ip.as_str(), port, &properties[..])?;
    if address.is_none() {
        info = info.enable_addr_auto();
    }
    // The name holds a random number: asking whether somebody else has it would only cost time.
    info.set_requires_probe(false);
    Ok(info)
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // It is waited for in bounded time; a network that does not listen is not our concern any more.
        if let Ok(done) = self.daemon.mdns().unregister(&self.name) {
            done.recv_timeout(FAREWELL).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_together_when_the_last_announcement_has_stood_for_a_while() {
        let now = Instant::now();
        let told = Told::first(2, now);
        assert_eq!(told.due(2), None, "back to what it was");
        assert_eq!((told.due(3), told.due(0)), (Some(now + STANDS), Some(now + STANDS)));
        assert_eq!(told.then(2, now + STANDS), told, "what is said again is no change");
    }

    #[test]
    fn changes_are_told_more_and_more_rarely_while_they_go_on() {
        let mut now = Instant::now();
        let mut told = Told::first(0, now);
        let mut waits = Vec::new();
        for partners in 1..6 {
            let due = told.due(partners).unwrap();
            waits.push(due.duration_since(now).as_secs());
            now = due;
            told = told.then(partners, now);
        }
        assert_eq!(waits, [3, 12, 48, 48, 48]);
        // One who has been at rest is asked for nothing but the latest.
        now += 3 * STANDS_AT_MOST;
        told = told.then(6, now);
        assert_eq!(told.due(7), Some(now + STANDS));
    }
}
