//! What is near a path that leads nowhere: the file that was probably meant.

use crate::format::suggest;
use std::path::{Path, PathBuf};

/// As many names of a directory as are looked at.
const MOST_NAMES: usize = 1000;

/// The names of what is in a directory, ascending; none if it cannot be read.
pub(super) fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten().take(MOST_NAMES);
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    // What begins with a dot is not for people.
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort();
    names
}

/// The path that was probably meant by one that does not exist: its first name that is not there is exchanged for the one
/// in the same directory that is most like it. The extension may be left out, as in the path itself.
pub fn near_path(path: &Path, extension: &str) -> Option<PathBuf> {
    let there = path.ancestors().skip(1).find(|ancestor| ancestor.is_dir())?;
    let mut rest = path.strip_prefix(there).ok()?.components();
    let wrong = rest.next()?.as_os_str().to_str()?;
    let suffix = format!(".{extension}");
    let is_short = !wrong.ends_with(&suffix);
    let names = names_in(there);
    let shown = names.iter().map(|name| match name.strip_suffix(&suffix) {
        Some(stem) if is_short && !extension.is_empty() => stem,
        _ => name,
    });
    let near = suggest(wrong, shown)?;
    let near = there.join(near);
    // Joined with nothing, a path would end in a slash.
    Some(if rest.as_path().as_os_str().is_empty() { near } else { near.join(rest.as_path()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_first_wrong_name_is_exchanged_for_one_that_is_like_it() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("source/deep")).unwrap();
        fs::write(root.path().join("source/convert.toml"), "").unwrap();
        fs::write(root.path().join("other.yaml"), "").unwrap();
        let near = |path: &str| {
            let near = near_path(&root.path().join(path), "toml")?;
            Some(near.strip_prefix(root.path()).unwrap().to_str().unwrap().to_owned())
        };
        assert_eq!(near("source/convrt").as_deref(), Some("source/convert"));
        assert_eq!(near("source/convrt.toml").as_deref(), Some("source/convert.toml"));
        assert_eq!(near("sorce/convert").as_deref(), Some("source/convert"));
        assert_eq!(near("othr.yaml").as_deref(), Some("other.yaml"));
        assert_eq!(near("nothing/like/it"), None);
    }
}
