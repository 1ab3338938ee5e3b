//! What a module was built from: digests of contents, never times. A file that was put back with its old time, a tool
//! chain that was replaced and an option that was left out are noticed all the same.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The digest of some bytes, as text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// That of these bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        Digest(blake3::hash(bytes).to_hex().to_string())
    }

    /// That of these texts, each apart from the next.
    pub fn of_texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Digest {
        let mut hasher = blake3::Hasher::new();
        for text in texts {
            add(&mut hasher, text.as_ref().as_bytes());
        }
        Digest(hasher.finalize().to_hex().to_string())
    }

    /// Enough of it to tell things of one kind apart, for names.
    pub fn short(&self) -> &str {
        self.0.get(..16).unwrap_or(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Adds bytes behind their length.
fn add(hasher: &mut blake3::Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_le_bytes()).update(bytes);
}

/// The digest of what is at a path: of a file its content, of a directory the names and contents of all that is in it.
/// None if nothing is there.
pub fn digest_of(path: &Path) -> Option<Digest> {
    let content = if path.is_dir() { directory(path) } else { std::fs::read(path) };
    Some(Digest::of(&content.ok()?))
}

/// The digests of files at one moment: each is read once, however many functions depend on it.
#[derive(Debug, Default)]
pub struct Digests(HashMap<PathBuf, Option<Digest>>);

impl Digests {
    /// That of what is at a path.
    pub fn of(&mut self, path: &Path) -> Option<&Digest> {
        if !self.0.contains_key(path) {
            self.0.insert(path.to_owned(), digest_of(path));
        }
        self.0.get(path)?.as_ref()
    }

    /// The paths that were looked at.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.keys().map(PathBuf::as_path)
    }
}

/// One line for each file below a directory, in the order of their names.
fn directory(root: &Path) -> io::Result<Vec<u8>> {
    let mut lines = BTreeMap::new();
    let mut waiting = vec![root.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            // What a link leads to may lead back.
            if path.is_dir() && !path.is_symlink() {
                waiting.push(path);
            } else if let Ok(content) = std::fs::read(&path) {
                lines.insert(path, Digest::of(&content));
            }
        }
    }
    let line = |(path, digest): (PathBuf, Digest)| {
        format!("{digest} {}\n", path.strip_prefix(root).unwrap_or(&path).to_string_lossy())
    };
    Ok(lines.into_iter().map(line).collect::<String>().into_bytes())
}

/// Whether one of some files was written after a moment. What stands in it now need not be what was read then.
pub fn is_changed_since<'path>(files: impl IntoIterator<Item = &'path PathBuf>, moment: SystemTime) -> bool {
    let modified = |path: &PathBuf| path.metadata().and_then(|found| found.modified()).ok();
    files.into_iter().filter_map(modified).any(|modified| modified >= moment)
}

/// What a module was built from, and which it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// Options, and what this program brings along.
    pub setting: Digest,
    /// The programs that were used.
    pub tools: Digest,
    /// The files, each with what was in it; those that were looked for and not there have nothing.
    pub files: BTreeMap<PathBuf, Option<Digest>>,
    /// The module.
    pub module: Digest,
}

impl Record {
    /// The record of these files as they are now.
    pub fn new(
        setting: Digest,
        tools: Digest,
        files: impl IntoIterator<Item = PathBuf>,
        module: Digest,
        digests: &mut Digests,
    ) -> Record {
        let files = files.into_iter().map(|path| (path.clone(), digests.of(&path).cloned())).collect();
        Record { setting, tools, files, module }
    }

    /// Whether building again would give the same. Tools that are not there any more have no say.
    pub fn is_current(&self, setting: &Digest, tools: Option<&Digest>, digests: &mut Digests) -> bool {
        let has_current_tools = tools.is_none_or(|tools| self.tools == *tools);
        self.setting == *setting && has_current_tools && self.has_current_files(digests)
    }

    /// Whether the files are what they were.
    pub fn has_current_files(&self, digests: &mut Digests) -> bool {
        self.files.iter().all(|(path, digest)| digests.of(path) == digest.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn record(files: &[PathBuf]) -> Record {
        let [setting, tools, module] = [b"s", b"t", b"m"].map(|bytes| Digest::of(bytes));
        Record::new(setting, tools, files.iter().cloned(), module, &mut Digests::default())
    }

    #[test]
    fn a_file_that_differs_appears_or_goes_counts_whatever_its_time() {
        let directory = tempfile::tempdir().unwrap();
        let [here, missing] = ["here", "missing"].map(|name| directory.path().join(name));
        fs::write(&here, "1").unwrap();
        let modified = fs::metadata(&here).unwrap().modified().unwrap();
        let record = record(&[here.clone(), missing.clone()]);
        assert!(record.has_current_files(&mut Digests::default()));
        fs::write(&here, "2").unwrap();
        fs::File::options().write(true).open(&here).unwrap().set_modified(modified).unwrap();
        assert!(!record.has_current_files(&mut Digests::default()));
        fs::write(&here, "1").unwrap();
        assert!(record.has_current_files(&mut Digests::default()), "written again, but the same");
        fs::write(&missing, "").unwrap();
        assert!(!record.has_current_files(&mut Digests::default()));
        fs::remove_file(&missing).unwrap();
        fs::remove_file(&here).unwrap();
        assert!(!record.has_current_files(&mut Digests::default()));
    }

    #[test]
    fn a_directory_is_all_that_is_in_it() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join("d").join(name);
        fs::create_dir_all(at("e")).unwrap();
        fs::write(at("e/f"), "1").unwrap();
        let record = record(&[directory.path().join("d")]);
        assert!(record.has_current_files(&mut Digests::default()));
        fs::rename(at("e/f"), at("e/g")).unwrap();
        assert!(!record.has_current_files(&mut Digests::default()));
        fs::rename(at("e/g"), at("e/f")).unwrap();
        fs::write(at("e/f"), "2").unwrap();
        assert!(!record.has_current_files(&mut Digests::default()));
    }

    #[test]
    fn tools_and_setting_count_but_tools_that_are_gone_do_not() {
        let record = record(&[]);
        let [setting, tools, other] = [b"s", b"t", b"u"].map(|bytes| Digest::of(bytes));
        assert!(record.is_current(&setting, Some(&tools), &mut Digests::default()));
        assert!(record.is_current(&setting, None, &mut Digests::default()));
        assert!(!record.is_current(&setting, Some(&other), &mut Digests::default()));
        assert!(!record.is_current(&other, Some(&tools), &mut Digests::default()));
    }

    #[test]
    fn a_file_that_is_written_meanwhile_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f");
        fs::write(&path, "").unwrap();
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        let second = std::time::Duration::from_secs(1);
        assert!(!is_changed_since([&path], written + second));
        assert!(is_changed_since([&path], written));
        assert!(is_changed_since([&path], written - second));
        assert!(!is_changed_since([&directory.path().join("missing")], written));
    }

    #[test]
    fn texts_are_kept_apart() {
        assert_ne!(Digest::of_texts(["ab", "c"]), Digest::of_texts(["a", "bc"]));
        assert_ne!(Digest::of_texts(["a"]), Digest::of_texts(["a", ""]));
    }
}
