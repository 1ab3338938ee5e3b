//! Who speaks multicast DNS for a program.

use super::{DiscoveryError, FAREWELL, Range};
use mdns_sd::{IfKind, ServiceDaemon};
use std::net::IpAddr;
use std::sync::Arc;

/// The longest packet of multicast DNS, in bytes, without the headers of IPv6: one holds what a questioner already knows
/// of some 300 others, and every packet costs everybody.
const LONGEST_PACKET: usize = 8952;

/// How often a daemon looks whether the addresses of loopback have changed, in seconds: they hardly ever do.
const LOOPBACK_CHECK: u32 = 60;

/// A thread that hears and says nothing beyond a range. Every one on a machine takes apart what any of them says, so a
/// program has one for all that it announces and looks for: it is shared by cloning, and ends with the last clone.
#[derive(Clone)]
pub struct Daemon(Arc<Running>);

struct Running(ServiceDaemon);

impl Daemon {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// Fails where multicast is not to be had.
    pub fn start(range: Range) -> Result<Daemon, DiscoveryError> {
        match range {
            Range::Machine => Daemon::on_loopback(&[IfKind::LoopbackV4, IfKind::LoopbackV6]),
            Range::Networks => Ok(Daemon::of(ServiceDaemon::new()?)),
        }
    }

    /// Starts one that announces an address and looks for nobody: whoever can use the address can ask for it.
    pub(super) fn start_for(address: Option<IpAddr>) -> Result<Daemon, DiscoveryError> {
        match address {
            Some(IpAddr::V4(address)) if address.is_loopback() => Daemon::on_loopback(&[IfKind::LoopbackV4]),
            Some(IpAddr::V6(address)) if address.is_loopback() => Daemon::on_loopback(&[IfKind::LoopbackV6]),
            _ => Daemon::start(Range::Networks),
        }
    }

    fn on_loopback(kinds: &[IfKind]) -> Result<Daemon, DiscoveryError> {
        let daemon = Daemon::of(ServiceDaemon::new()?);
        daemon.mdns().disable_interface(IfKind::All)?;
        for kind in kinds {
            daemon.mdns().enable_interface(kind.clone())?;
            daemon.mdns().set_max_packet_size(kind.clone(), LONGEST_PACKET)?;
        }
        daemon.mdns().set_ip_check_interval(LOOPBACK_CHECK)?;
        Ok(daemon)
    }

    /// The thread itself.
    pub(super) fn mdns(&self) -> &ServiceDaemon {
        &self.0.0
    }

    fn of(daemon: ServiceDaemon) -> Daemon {
        Daemon(Arc::new(Running(daemon)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It is waited for in bounded time; a network that does not listen is not our concern any more.
        if let Ok(done) = self.0.shutdown() {
            done.recv_timeout(FAREWELL).ok();
        }
    }
}
