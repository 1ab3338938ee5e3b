//! Who may take part: the keys that runners, workers, servers and clients have in common.
//!
//! Programs of one user on one machine share a *secret*, which is made when it is first needed. Programs on several
//! machines share a *key*, which somebody makes and brings to each of them. Both are 32 random bytes in a file of the
//! same form ([`file`]); what differs is how far those who have them can be reached.

pub mod file;

use file::KeyFileError;
use std::fmt;
use std::num::ParseIntError;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use zeroize::Zeroizing;

/// How many bytes a key has.
pub const KEY_LENGTH: usize = 32;

/// Where a key is looked for, other than in the default place.
pub const KEY_VARIABLE: &str = "FLOW_KEY_FILE";

/// A shared key. Its bytes are shown nowhere, and wiped when nobody has it any more.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Arc<Zeroizing<[u8; KEY_LENGTH]>>);

/// What a key is called in public: enough to tell keys apart, and of no use to those who do not have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyId([u8; 8]);

impl Key {
    /// A key of these bytes.
    pub fn new(bytes: [u8; KEY_LENGTH]) -> Key {
        Key(Arc::new(Zeroizing::new(bytes)))
    }

    /// A key that nobody has had before.
    ///
    /// # Errors
    ///
    /// Fails where the system has no random numbers.
    pub fn random() -> Result<Key, getrandom::Error> {
        let mut bytes = Zeroizing::new([0; KEY_LENGTH]);
        getrandom::fill(&mut bytes[..])?;
        Ok(Key(Arc::new(bytes)))
    }

    /// What the key is called in public.
    pub fn id(&self) -> KeyId {
        let derived = blake3::derive_key("flow 2026-11 public id of a shared key", &self.0[..]);
        let mut id = [0; 8];
        id.iter_mut().zip(derived).for_each(|(to, from)| *to = from);
        KeyId(id)
    }

    /// What channels are secured with.
    pub(crate) fn for_channels(&self) -> Zeroizing<[u8; KEY_LENGTH]> {
        Zeroizing::new(blake3::derive_key("flow 2026-11 secret of channels", &self.0[..]))
    }

    fn bytes(&self) -> &[u8; KEY_LENGTH] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({})", self.id())
    }
}

impl KeyId {
    /// The id of no key at all.
    pub(crate) const NOBODY: KeyId = KeyId([0; 8]);
}

impl FromStr for KeyId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<KeyId, ParseIntError> {
        u64::from_str_radix(text, 16).map(|number| KeyId(number.to_be_bytes()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// Whom a program lets take part, and in whose runs it takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Everybody who has this key, wherever they are.
    Key(Key),
    /// The user's own programs on this machine, which share the secret in that file.
    User(PathBuf),
    /// Everybody who can reach us; nothing is encrypted.
    Anybody,
    /// Nobody: there is no place for a secret.
    Nobody,
}

impl Trust {
    /// What is in force for this process: the key that the user has, or else the user's secret.
    ///
    /// # Errors
    ///
    /// Fails when there is a key that cannot be used.
    pub fn of_this_user() -> Result<Trust, KeyFileError> {
        if let Some(named) = std::env::var_os(KEY_VARIABLE).filter(|path| !path.is_empty()) {
            return file::read(Path::new(&named)).map(|key| Trust::Key(key.key));
        }
        let Some(folder) = folder() else { return Ok(Trust::Nobody) };
        match file::read(&folder.join("key")) {
            Ok(key) => Ok(Trust::Key(key.key)),
            Err(error) if error.is_absence() => Ok(Trust::User(folder.join("secret"))),
            Err(error) => Err(error),
        }
    }

    /// The key that channels are to be secured with; none if they are not. The user's secret is made if it is not there.
    ///
    /// # Errors
    ///
    /// Fails when there is no secret and none can be made.
    pub fn key(&self) -> Result<Option<Key>, KeyFileError> {
        match self {
            Trust::Key(key) => Ok(Some(key.clone())),
            Trust::User(path) => file::read_or_make(path).map(Some),
            Trust::Anybody => Ok(None),
            Trust::Nobody => Err(KeyFileError::NoHome),
        }
    }

    /// Whether others than those on this machine can take part.
    pub fn reaches_out(&self) -> bool {
        matches!(self, Trust::Key(_) | Trust::Anybody)
    }
}

/// Where keys and secrets of this user are.
fn folder() -> Option<PathBuf> {
    std::env::var_os("HOME").filter(|home| !home.is_empty()).map(|home| Path::new(&home).join(".flow"))
}

/// Where a new key goes if nothing else is said: where it is looked for.
///
/// # Errors
///
/// Fails when there is no such place.
pub fn default_place() -> Result<PathBuf, KeyFileError> {
    let named = std::env::var_os(KEY_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    named.or_else(|| folder().map(|folder| folder.join("key"))).ok_or(KeyFileError::NoHome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_by_its_public_id_only() {
        let key = Key::new([7; KEY_LENGTH]);
        assert_eq!(format!("{key:?}"), format!("Key({})", key.id()));
        assert!(!key.id().to_string().contains("0707"));
        assert_eq!(key.id().to_string().parse(), Ok(key.id()));
        assert_ne!(key.id(), Key::new([8; KEY_LENGTH]).id());
        assert_ne!(&key.for_channels()[..8], &key.id().0);
    }

    #[test]
    fn random_keys_differ() {
        assert_ne!(Key::random().unwrap(), Key::random().unwrap());
    }

    #[test]
    fn nobody_is_trusted_where_there_is_no_place_for_a_secret() {
        assert!(Trust::Nobody.key().unwrap_err().to_string().contains("FLOW_KEY_FILE"));
        assert_eq!(Trust::Anybody.key().unwrap(), None);
    }
}
