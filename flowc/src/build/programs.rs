//! Finds programs by their names.

use std::path::{Path, PathBuf};

/// The program of a name on the search path.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(executable(name)))
        .find(|path| is_program(path))
}

/// The program of a name on the search path, or that of the highest version if there are only versions of it, as
/// `name-19`.
pub fn newest(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    on_path(name).or_else(|| newest_in(name, std::env::split_paths(&path)))
}

fn newest_in(name: &str, directories: impl Iterator<Item = PathBuf>) -> Option<PathBuf> {
    let entries = directories.filter_map(|directory| directory.read_dir().ok()).flatten().flatten();
    let version = |path: &Path| -> Option<u32> {
        let stem = path.file_name()?.to_str()?.strip_suffix(std::env::consts::EXE_SUFFIX)?;
        stem.strip_prefix(name)?.strip_prefix('-')?.parse().ok()
    };
    let found = entries.map(|entry| entry.path()).filter_map(|path| Some((version(&path)?, path)));
    let (_, newest) = found.filter(|(_, path)| is_program(path)).max_by_key(|(version, _)| *version)?;
    Some(newest)
}

fn executable(name: &str) -> String {
    format!("{name}{}", std::env::consts::EXE_SUFFIX)
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_highest_version_is_the_newest() {
        let directory = tempfile::tempdir().unwrap();
        for (name, mode) in [("lld-9", 0o755), ("lld-19", 0o755), ("lld-20", 0o644), ("lld-x", 0o755)] {
            fs::write(directory.path().join(name), "").unwrap();
            fs::set_permissions(directory.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let newest = |name| newest_in(name, std::iter::once(directory.path().to_owned()));
        assert_eq!(newest("lld"), Some(directory.path().join("lld-19")));
        assert_eq!(newest("ld"), None);
    }
}
