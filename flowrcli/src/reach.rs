//! Who may take part in what this program does, and where they are received.

use crate::arguments::Arguments;
use flowrlib::keys::Trust;
use flowrlib::keys::file::KeyFileError;
use flowrlib::runner::Listen;
use log::warn;

/// Who may take part, and where they are received.
#[derive(Debug)]
pub(crate) struct Reach {
    pub(crate) trust: Trust,
    pub(crate) listen: Listen,
}

/// Why nobody can take part.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReachError {
    #[error(transparent)]
    Key(#[from] KeyFileError),
    #[error(
        "without a key, only programs on this machine are listened to, and {0} is not only this machine: make a key with \
         'flowrex --new-key' and copy it to the other machines, or add --insecure if everybody who can reach \
         this machine may run what they like"
    )]
    Exposed(Listen),
}

/// What the command line and the keys of the user say.
pub(crate) fn of(arguments: &Arguments) -> Result<Reach, ReachError> {
    let trust = trust(arguments)?;
    let usual = if matches!(trust, Trust::Key(_)) { Listen::EVERYWHERE } else { Listen::MACHINE };
    let listen = arguments.listen.unwrap_or(usual);
    let listen = Listen { port: arguments.port.or(listen.port), ..listen };
    if listen.reaches_out() && !trust.reaches_out() {
        return Err(ReachError::Exposed(listen));
    }
    if trust == Trust::Anybody {
        let address = listen.address;
        warn!("--insecure: whoever can reach {address} can take part, and nothing that is sent is secret");
    }
    Ok(Reach { trust, listen })
}

/// Whom the command line and the keys of the user have us trust.
pub(crate) fn trust(arguments: &Arguments) -> Result<Trust, KeyFileError> {
    if arguments.insecure { Ok(Trust::Anybody) } else { Trust::of_this_user() }
}

/// What this program is called.
pub(crate) fn name(arguments: &Arguments) -> String {
    arguments.name.clone().unwrap_or_else(|| {
        format!("flowr {} on {}", std::process::id(), gethostname::gethostname().to_string_lossy())
    })
}
