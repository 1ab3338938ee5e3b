//! Puts a file into the place of another, whole or not at all.
//!
//! It is written beside the other under a name of its own and renamed when it is complete. Whoever writes holds a lock on
//! the unfinished file; one that nobody holds was left behind by a program that was ended, and goes with the next write.

use flowcore::manifest::Fingerprint;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Tells the unfinished files of one process apart.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// As often is tried again when somebody has taken the unfinished file for one that was left behind: it was new and not
/// locked yet.
const TRIES: usize = 5;

/// As much is gathered before it is written.
const BUFFER: usize = 1 << 18;

/// Writes a file in place of the one at a path.
pub(crate) fn replace(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    Unfinished::write(path, |writer| writer.write_all(content.as_ref()))?.finish()
}

/// A file beside the one that it will replace. It is removed if that never comes.
pub(super) struct Unfinished {
    /// Kept open, since it is locked as long as it is.
    file: Option<File>,
    place: PathBuf,
    path: PathBuf,
    fingerprint: Fingerprint,
}

impl Unfinished {
    /// Writes all of the file, but not yet into its place.
    pub(super) fn write(
        path: &Path,
        write: impl FnOnce(&mut BufWriter<Printed<'_>>) -> io::Result<()>,
    ) -> io::Result<Unfinished> {
        let mut unfinished = Unfinished::create(path)?;
        if let Some(file) = &unfinished.file {
            let mut writer =
                BufWriter::with_capacity(BUFFER, Printed { file, fingerprint: Fingerprint::default() });
            write(&mut writer)?;
            unfinished.fingerprint = writer.into_inner().map_err(io::IntoInnerError::into_error)?.fingerprint;
        }
        Ok(unfinished)
    }

    fn create(path: &Path) -> io::Result<Unfinished> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let prefix = format!(".{name}.");
        remove_leftovers(path, &prefix);
        let mut tries = 0;
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let place = path.with_file_name(format!("{prefix}{}-{number}", std::process::id()));
            let file = File::create(&place)?;
            tries += 1;
            let is_ours = match file.try_lock() {
                // Whoever holds the lock is about to remove the file.
                Err(TryLockError::WouldBlock) => false,
                // Where there are no locks, nothing that is left behind can be told from what is being written.
                Ok(()) | Err(TryLockError::Error(_)) => fs::exists(&place).unwrap_or(true),
            };
            if is_ours || tries == TRIES {
                let (path, fingerprint) = (path.to_owned(), Fingerprint::default());
                return Ok(Unfinished { file: Some(file), place, path, fingerprint });
            }
        }
    }

    /// The fingerprint of what was written.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Puts it into its place.
    pub(super) fn finish(mut self) -> io::Result<()> {
        fs::rename(&self.place, &self.path)?;
        self.file = None;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.file.is_some() {
            // What is left of it is of no use to anybody; the error to report is the one that stopped it.
            drop(fs::remove_file(&self.place));
        }
    }
}

/// A file of which the fingerprint is taken while it is written.
pub(super) struct Printed<'file> {
    file: &'file File,
    fingerprint: Fingerprint,
}

impl Write for Printed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.fingerprint.add(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Removes unfinished files that nobody is writing. Whatever fails here is no obstacle to writing.
fn remove_leftovers(path: &Path, prefix: &str) {
    let directory = path.parent().unwrap_or(Path::new(""));
    let Ok(entries) = fs::read_dir(directory) else { return };
    let is_leftover = |name: &str| {
        let rest = name.strip_prefix(prefix).unwrap_or_default();
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
    };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_str().is_some_and(is_leftover)) {
        // Opening a pipe could wait for ever.
        if !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(file) = File::open(entry.path()) else { continue };
        match file.try_lock() {
            Ok(()) => drop(fs::remove_file(entry.path())),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_left_behind_goes_with_the_next_write_and_what_is_being_written_stays() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        fs::write(at(".m.json.123"), "{").unwrap();
        fs::write(at(".m.json.124-5"), "{").unwrap();
        fs::write(at(".m.json.bak"), "mine").unwrap();
        let busy = File::create(at(".m.json.125-0")).unwrap();
        busy.lock().unwrap();
        replace(&at("m.json"), "{}").unwrap();
        assert_eq!(names(directory.path()), [".m.json.125-0", ".m.json.bak", "m.json"]);
    }

    #[test]
    fn many_writers_leave_one_whole_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("m.json");
        let texts: Vec<String> = (0..4).map(|number| number.to_string().repeat(100_000)).collect();
        std::thread::scope(|scope| {
            for text in &texts {
                scope.spawn(|| (0..20).for_each(|_| replace(&path, text.as_str()).unwrap()));
            }
        });
        assert!(texts.contains(&fs::read_to_string(&path).unwrap()));
        assert_eq!(names(directory.path()), ["m.json"]);
    }

    #[test]
    fn a_failed_write_leaves_nothing() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("m.json/inside")).unwrap();
        assert!(replace(&directory.path().join("m.json"), "{}").is_err());
        assert_eq!(names(directory.path()), ["m.json"]);
    }
}
