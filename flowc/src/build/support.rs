//! The crates that functions are written with. Their sources are part of this program, so that functions are compiled
//! with what belongs to it, and nothing of it has to be fetched.

use super::fingerprint::Digest;
use super::package::{LIBRARY, Ours, Package, Target, Unusable};
use super::store::Store;
use crate::emit::replace;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Paths from the top of the repository, and what is in the files.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/crates.rs"));

/// The header that functions in C are written with.
const HEADER: (&str, &str) = ("flow.h", include_str!("flow.h"));

/// The crates that functions depend on.
const CRATES: [&str; 2] = ["flowcore", "flowmacro"];

/// What those depend on besides.
const THEIR_CRATES: [&str; 1] = ["flowsource"];

/// Everything that is the same for all functions, in its place in the store.
#[derive(Clone, Debug)]
pub struct Support {
    directory: PathBuf,
}

/// Tells what this program brings along from what another version does.
pub fn digest() -> Digest {
    Digest::of_texts(FILES.iter().chain([&HEADER]).flat_map(|(path, text)| [*path, *text]))
}

impl Support {
    /// Puts it into its place, unless it is there.
    ///
    /// # Errors
    ///
    /// Fails where the file system does.
    pub fn unpack(store: &Store) -> io::Result<Support> {
        let directory = store.at("support").join(digest().short());
        if directory.is_dir() {
            return Ok(Support { directory });
        }
        fs::create_dir_all(store.at("support"))?;
        // Others may do the same at this moment: who is first wins, and there is never half of it.
        let new = tempfile::Builder::new().prefix(".new-").tempdir_in(store.at("support"))?;
        for (path, text) in FILES.iter().chain([&HEADER]) {
            let path = new.path().join(path);
            fs::create_dir_all(path.parent().unwrap_or(new.path()))?;
            fs::write(path, text)?;
        }
        for name in CRATES.into_iter().chain(THEIR_CRATES) {
            let manifest = stand_alone(new.path(), &directory, name).map_err(io::Error::other)?;
            fs::write(new.path().join(name).join("Cargo.toml"), manifest)?;
        }
        // It stands above the crates, and would be taken for their workspace.
        fs::rename(new.path().join("Cargo.toml"), new.path().join("workspace.toml"))?;
        match fs::rename(new.path(), &directory) {
            Err(error) if !directory.is_dir() => Err(error),
            _ => Ok(Support { directory }),
        }
    }

    /// The crates as dependencies.
    pub fn ours(&self) -> Ours {
        let dependency = |name: &str| {
            let path = self.directory.join(name).to_string_lossy().into_owned();
            Table::from_iter([
                ("path".to_owned(), Value::String(path)),
                ("default-features".to_owned(), Value::Boolean(false)),
            ])
        };
        Ours(CRATES.iter().map(|name| ((*name).to_owned(), dependency(name))).collect())
    }

    /// Begins a lock file with the versions that this program was tested with, unless there is one.
    ///
    /// # Errors
    ///
    /// Fails if it cannot be written.
    pub fn seed_lock(&self, directory: &Path) -> io::Result<()> {
        let path = directory.join("Cargo.lock");
        if path.exists() {
            return Ok(());
        }
        let lock = fs::read_to_string(self.directory.join("Cargo.lock"))?;
        replace(&path, of_registry(&lock).as_bytes())
    }

    /// The directory with the header for functions in C.
    pub fn header_directory(&self) -> &Path {
        &self.directory
    }
}

/// The manifest of one of our crates without the rest of its workspace. It lies in `new` and will be used in `place`.
fn stand_alone(new: &Path, place: &Path, name: &str) -> Result<String, Unusable> {
    let package = Package::read(&new.join(name).join("Cargo.toml"))?;
    let source = place.join(name).join("src/lib.rs");
    let target = Target {
        package: name,
        library: name,
        source: &source,
        crate_type: LIBRARY,
        stamp: "",
        is_tested: false,
    };
    package
        .for_place(&target, &Ours::default(), |path| Ok(place.join(path.strip_prefix(new).unwrap_or(&path))))
}

/// A lock file without the packages of the workspace that it belongs to: those from a registry have a source.
fn of_registry(lock: &str) -> String {
    const PACKAGE: &str = "[[package]]";
    let mut parts = lock.split(PACKAGE);
    let head = parts.next().unwrap_or_default().to_owned();
    let kept = parts.filter(|part| part.lines().any(|line| line.starts_with("source = ")));
    kept.fold(head, |text, part| text + PACKAGE + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_crates_stand_alone() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let support = Support::unpack(&store).unwrap();
        for name in ["flowcore", "flowmacro", "flowsource"] {
            let path = support.directory.join(name).join("Cargo.toml");
            let manifest: Table = fs::read_to_string(path).unwrap().parse().unwrap();
            let text = manifest.to_string();
            assert!(!text.contains("workspace"), "{text}");
            assert!(!text.contains("dev-dependencies"), "{text}");
            assert_eq!(manifest["package"]["name"].as_str(), Some(name));
            assert!(Path::new(manifest["lib"]["path"].as_str().unwrap()).is_file());
        }
        let again = Support::unpack(&store).unwrap();
        assert_eq!(again.directory, support.directory);
    }

    #[test]
    fn the_lock_has_what_is_fetched_and_nothing_of_ours() {
        let directory = tempfile::tempdir().unwrap();
        let support = Support::unpack(&Store::open(&directory.path().join("store")).unwrap()).unwrap();
        support.seed_lock(directory.path()).unwrap();
        let lock = fs::read_to_string(directory.path().join("Cargo.lock")).unwrap();
        let lock: Table = lock.parse().unwrap();
        let packages = lock["package"].as_array().unwrap();
        let names: Vec<&str> = packages.iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert!(names.contains(&"arcstr") && !names.contains(&"flowc"), "{names:?}");
        fs::write(directory.path().join("Cargo.lock"), "version = 4\n").unwrap();
        support.seed_lock(directory.path()).unwrap();
        let kept = fs::read_to_string(directory.path().join("Cargo.lock")).unwrap();
        assert_eq!(kept, "version = 4\n");
    }
}
