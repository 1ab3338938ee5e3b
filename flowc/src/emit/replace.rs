//! Puts a file into the place of another, whole or not at all.
//!
//! It is written beside the other under a name of its own and renamed when it is complete. Whoever writes holds a lock on
//! the unfinished file; one that nobody holds was left behind by a program that was ended, and goes with the next write.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Tells the unfinished files of one process apart.
static NEXT: AtomicUsize = AtomicUsize::new(0);

/// As often is tried again when somebody has taken the unfinished file for one that was left behind: it was new and not
/// locked yet.
const TRIES: usize = 5;

/// Writes a file in place of the one at a path.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let prefix = format!(".{name}.");
    remove_leftovers(path, &prefix);
    let mut last = Ok(());
    for _ in 0..TRIES {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let unfinished = path.with_file_name(format!("{prefix}{}-{number}", std::process::id()));
        last = write(&unfinished, text, path);
        match &last {
            Ok(()) => return last,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => {
                // What is left of it is of no use to anybody; the error to report is the first one.
                drop(fs::remove_file(&unfinished));
                return last;
            }
        }
    }
    last
}

fn write(unfinished: &Path, text: &str, path: &Path) -> io::Result<()> {
    let mut file = File::create(unfinished)?;
    // Where there are no locks, nothing that is left behind can be told from what is being written.
    drop(file.try_lock());
    file.write_all(text.as_bytes())?;
    fs::rename(unfinished, path)
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
                scope.spawn(|| (0..20).for_each(|_| replace(&path, text).unwrap()));
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
