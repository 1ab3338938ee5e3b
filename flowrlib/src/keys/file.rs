//! Keys in files.
//!
//! A key is a text of two lines, beside comments: what it is and how it is called, then its bytes and a check over all
//! of it as hexadecimal digits in groups of eight, so that one can tell that it has come over as it was.
//!
//! ```text
//! flow-key 1 laptop
//! 00112233-44556677-8899aabb-ccddeeff-00112233-44556677-8899aabb-ccddeeff-5ca1ab1e
//! ```
//!
//! Only its owner may read such a file, and it is there as a whole or not at all, however many programs make it at once.

use super::{KEY_LENGTH, KEY_VARIABLE, Key};
use rustix::process::geteuid;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The longest file that is read, in bytes.
const LONGEST: u64 = 4096;

/// The longest name of a key, in bytes.
const LONGEST_NAME: usize = 64;

/// How many bytes the check has.
const CHECK_LENGTH: usize = 4;

const HEAD: &str = "flow-key 1 ";

/// A key as it was found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedKey {
    /// What its owner calls it.
    pub name: String,
    /// The key.
    pub key: Key,
}

/// Why there is no key to be had from a file, or none to be put there.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is no home directory.
    #[error(
        "there is no place for a secret: set HOME, name the file of a key with {KEY_VARIABLE}, or say --insecure"
    )]
    NoHome,
    /// It cannot be read.
    #[error("the key {} cannot be read: {source}", path.display())]
    Read {
        /// Where it is.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// It cannot be written.
    #[error("the key {} cannot be written: {source}", path.display())]
    Write {
        /// Where it was to be.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A new key is never written over another.
    #[error("there is a key already: {}; a new one would lock out those who have it", path.display())]
    Exists {
        /// Where it is.
        path: PathBuf,
    },
    /// Others could have read it.
    #[error(
        "the key {} can be used by others than its owner (its mode is {mode:03o}), so it is no secret; \
         'chmod 600' it if you are sure that nobody else has read it, or make a new one", path.display()
    )]
    Exposed {
        /// Where it is.
        path: PathBuf,
        /// What is allowed to whom.
        mode: u32,
    },
    /// Somebody else has made it.
    #[error(
        "the key {} belongs to user {owner} and not to you (user {user}); \
         copy it to a file of your own that only you can read", path.display()
    )]
    Foreign {
        /// Where it is.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who we are.
        user: u32,
    },
    /// It is something else.
    #[error("the file {} is no key: {reason}", path.display())]
    Form {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The system has no random numbers.
    #[error("no key can be made: {0}")]
    Random(String),
}

impl KeyFileError {
    /// Whether the reason is that there is no such file.
    pub fn is_absence(&self) -> bool {
        matches!(self, KeyFileError::Read { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// Reads a key that only its owner can read.
///
/// # Errors
///
/// Fails if it is not there, not ours, not secret, or not a key.
pub fn read(path: &Path) -> Result<NamedKey, KeyFileError> {
    let unreadable = |source| KeyFileError::Read { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?;
    // What is looked at is what is read, whatever takes its name meanwhile.
    let metadata = file.metadata().map_err(unreadable)?;
    let (user, owner) = (geteuid().as_raw(), metadata.uid());
    if !metadata.is_file() {
        return Err(KeyFileError::Form { path: path.to_owned(), reason: "it is not a plain file" });
    }
    // The administrator can read everything, and may provide a key.
    if owner != user && owner != 0 {
        return Err(KeyFileError::Foreign { path: path.to_owned(), owner, user });
    }
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed { path: path.to_owned(), mode });
    }
    let mut text = Zeroizing::new(String::new());
    (&mut file).take(LONGEST).read_to_string(&mut text).map_err(unreadable)?;
    parse(&text).map_err(|reason| KeyFileError::Form { path: path.to_owned(), reason })
}

/// Makes a key and writes it to a new file.
///
/// # Errors
///
/// Fails if there is such a file, or it cannot be written.
pub fn make(path: &Path, name: &str) -> Result<NamedKey, KeyFileError> {
    let key = Key::random().map_err(|error| KeyFileError::Random(error.to_string()))?;
    let made = NamedKey { name: printable(name), key };
    write(path, &made)?;
    Ok(made)
}

/// Reads a key, or makes it if it is not there. All who do so at the same time get the same one.
///
/// # Errors
///
/// Fails if there is one that cannot be used, or none can be made.
pub fn read_or_make(path: &Path) -> Result<Key, KeyFileError> {
    match read(path) {
        Err(error) if error.is_absence() => {}
        read => return read.map(|named| named.key),
    }
    match make(path, "secret of this user's programs on this machine") {
        Ok(made) => Ok(made.key),
        // Somebody was quicker.
        Err(KeyFileError::Exists { .. }) => read(path).map(|named| named.key),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, named: &NamedKey) -> Result<(), KeyFileError> {
    let failed = |source| KeyFileError::Write { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.exists() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    }
    // Written beside and then given its name, so that nobody sees half of it. Such files have mode 600 from the start.
    let mut file = tempfile::Builder::new().prefix(".key-").tempfile_in(folder).map_err(failed)?;
    let text = format(named);
    file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(KeyFileError::Exists { path: path.to_owned() })
        }
        Err(error) => Err(failed(error.error)),
    }
}

/// A name that is one line and not too long.
fn printable(name: &str) -> String {
    let mut kept = String::new();
    for letter in name.trim().chars().filter(|letter| !letter.is_control()) {
        if kept.len() + letter.len_utf8() > LONGEST_NAME {
            break;
        }
        kept.push(letter);
    }
    if kept.is_empty() { "key".to_owned() } else { kept }
}

fn check(name: &str, key: &[u8; KEY_LENGTH]) -> [u8; CHECK_LENGTH] {
    let mut hasher = blake3::Hasher::new_derive_key("flow 2026-11 check of a key file");
    hasher.update(key).update(name.as_bytes());
    let mut check = [0; CHECK_LENGTH];
    hasher.finalize_xof().fill(&mut check);
    check
}

fn format(named: &NamedKey) -> Zeroizing<String> {
    let NamedKey { name, key } = named;
    let mut text = Zeroizing::new(String::with_capacity(1024));
    text.push_str(
        "# A key of flow. Whoever has it can run jobs and flows wherever it is used: keep it secret.\n",
    );
    text.push_str(HEAD);
    text.push_str(name);
    text.push('\n');
    for (place, byte) in key.bytes().iter().chain(&check(name, key.bytes())).enumerate() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.extend(
            [byte >> 4, byte & 15].iter().filter_map(|digit| char::from_digit(u32::from(*digit), 16)),
        );
    }
    text.push('\n');
    text
}

fn parse(text: &str) -> Result<NamedKey, &'static str> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let head = lines.next().ok_or("it is empty")?;
    if !head.starts_with("flow-key ") {
        return Err("it does not begin with 'flow-key'");
    }
    let name = head.strip_prefix(HEAD).ok_or("its form is that of another version")?.trim().to_owned();
    let mut digits = lines.next().ok_or("it is cut short")?.chars().filter(|letter| *letter != '-');
    let mut byte = || -> Option<u8> {
        let (high, low) = (digits.next()?.to_digit(16)?, digits.next()?.to_digit(16)?);
        u8::try_from(high * 16 + low).ok()
    };
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    let mut found = [0; CHECK_LENGTH];
    for place in key.iter_mut().chain(&mut found) {
        *place = byte().ok_or("it is cut short, or has what is no hexadecimal digit")?;
    }
    if digits.next().is_some() || lines.next().is_some() {
        return Err("something follows its end");
    }
    if found != check(&name, &key) {
        return Err("its check does not match: it has been changed, perhaps while it was copied");
    }
    Ok(NamedKey { name, key: Key::new(*key) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Barrier;
    use std::thread;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn a_new_key_is_read_again_and_belongs_to_its_owner_alone() {
        let folder = folder();
        let path = folder.path().join("deeper/.flow/key");
        let made = make(&path, "laptop").unwrap();
        assert_eq!(read(&path).unwrap(), made);
        assert_eq!(made.name, "laptop");
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing else is left there");
    }

    #[test]
    fn a_key_is_never_written_over_another() {
        let folder = folder();
        let path = folder.path().join("key");
        let made = make(&path, "one").unwrap();
        assert!(matches!(make(&path, "two"), Err(KeyFileError::Exists { .. })));
        assert_eq!(read(&path).unwrap(), made);
    }

    #[test]
    fn all_who_make_a_secret_at_once_have_the_same() {
        let folder = folder();
        let path = folder.path().join(".flow/secret");
        let start = Barrier::new(32);
        let keys: Vec<Key> = thread::scope(|scope| {
            let make = || {
                start.wait();
                read_or_make(&path).unwrap()
            };
            let threads: Vec<_> = (0..32).map(|_| scope.spawn(make)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(read(&path).unwrap().key, keys[0]);
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_and_the_reason_says_how_to_mend_it() {
        let folder = folder();
        let path = folder.path().join("key");
        make(&path, "open").unwrap();
        for mode in [0o644, 0o640, 0o604, 0o660, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = read(&path).unwrap_err();
            assert!(matches!(error, KeyFileError::Exposed { .. }), "{mode:o}");
            assert!(error.to_string().contains("chmod 600"), "{error}");
            // What is there is not replaced in silence.
            assert!(matches!(read_or_make(&path), Err(KeyFileError::Exposed { .. })));
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
        read(&path).unwrap();
    }

    #[test]
    fn what_is_no_key_is_told_so() {
        let folder = folder();
        let path = folder.path().join("key");
        let named = make(&path, "a name of words").unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let read_as = |text: &str| {
            fs::write(&path, text).unwrap();
            read(&path)
        };
        let digits = text.lines().last().unwrap().to_owned();
        let changed: String = digits.chars().rev().collect();
        let cases = [
            (String::new(), "empty"),
            ("ssh-ed25519 AAAA".to_owned(), "does not begin"),
            (text.replace("flow-key 1 ", "flow-key 2 "), "another version"),
            (text.replace(&digits, &changed), "check"),
            (text.replace("a name", "b name"), "check"),
            (text.replace(&digits, &digits[..70]), "cut short"),
            (text.replace(&digits, &format!("{digits}0")), "follows"),
            (format!("{text}more\n"), "follows"),
            (text.replace(&digits, ""), "cut short"),
        ];
        for (text, reason) in cases {
            let error = read_as(&text).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}: {reason}");
            assert!(!error.contains(&digits), "a key is not shown");
        }
        assert_eq!(read_as(&format!("\n\n# more\n{}", text.replace('\n', "\r\n"))).unwrap(), named);
        assert!(matches!(read(folder.path()), Err(KeyFileError::Form { .. } | KeyFileError::Read { .. })));
    }

    #[test]
    fn a_name_is_one_short_line() {
        let folder = folder();
        let path = folder.path().join("key");
        let made = make(&path, &format!("two\nlines{}", "é".repeat(100))).unwrap();
        assert!(made.name.starts_with("twolines") && made.name.len() <= LONGEST_NAME);
        assert_eq!(read(&path).unwrap(), made);
        assert_eq!(make(&folder.path().join("other"), " \n ").unwrap().name, "key");
    }
}
