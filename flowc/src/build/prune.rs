//! Removes what was built for flows and libraries that are not there any more, so that the store does not grow with every
//! one that anybody ever tried.

use super::fingerprint::Record;
use super::store::Store;
use super::toolchain::TARGET;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use toml::Table;

/// The file in a workspace that tells the directory that it was made for.
const PROJECT: &str = "project";

/// A module that no record speaks of stays for so long: another process may be about to write the record.
const UNRECORDED: Duration = Duration::from_secs(60 * 60);

/// Notes what a workspace is for.
///
/// # Errors
///
/// Fails if it cannot be written.
pub fn note_project(workspace: &Path, project: &Path) -> io::Result<()> {
    fs::write(workspace.join(PROJECT), project.to_string_lossy().as_bytes())
}

/// Removes the workspaces of projects that are gone, what came of them, and modules that nobody will ask for. Whatever
/// cannot be removed stays.
pub fn prune(store: &Store) {
    prune_workspaces(store);
    if let Some(latest) = SystemTime::now().checked_sub(UNRECORDED) {
        prune_modules(store, latest);
    }
}

/// Removes records of sources that are gone, and modules that are older than that and in no record.
fn prune_modules(store: &Store, latest: SystemTime) {
    let mut recorded = HashSet::new();
    for entry in store.at("records").read_dir().into_iter().flatten().flatten() {
        let record =
            fs::read(entry.path()).ok().and_then(|text| serde_json::from_slice::<Record>(&text).ok());
        // Without one of its files it would not be used any more, and so neither would one that cannot be read.
        let is_alive =
            |record: &Record| record.files.iter().all(|(path, digest)| digest.is_none() || path.exists());
        match record.filter(is_alive) {
            Some(record) => drop(recorded.insert(format!("{}.wasm", record.module))),
            None => drop(fs::remove_file(entry.path())),
        }
    }
    for entry in store.at("modules").read_dir().into_iter().flatten().flatten() {
        let is_old = || entry.metadata().and_then(|found| found.modified()).is_ok_and(|time| time <= latest);
        let is_recorded = entry.file_name().to_str().is_some_and(|name| recorded.contains(name));
        if !is_recorded && is_old() {
            fs::remove_file(entry.path()).ok();
        }
    }
}

fn prune_workspaces(store: &Store) {
    for entry in store.at("workspaces").read_dir().into_iter().flatten().flatten() {
        let workspace = entry.path();
        let Ok(project) = fs::read_to_string(workspace.join(PROJECT)) else { continue };
        if Path::new(&project).exists() {
            continue;
        }
        log::debug!("{project} is gone, and so is what was built for it");
        let libraries = libraries(&workspace);
        for directory in artifact_directories(store) {
            remove_artifacts(&directory, &libraries);
        }
        if let Err(error) = fs::remove_dir_all(&workspace) {
            log::debug!("{} cannot be removed: {error}", workspace.display());
        }
    }
}

/// The names of the libraries in a workspace.
fn libraries(workspace: &Path) -> Vec<String> {
    let members = workspace.join("members").read_dir().into_iter().flatten().flatten();
    let name = |member: fs::DirEntry| {
        let manifest: Table = fs::read_to_string(member.path().join("Cargo.toml")).ok()?.parse().ok()?;
        Some(manifest.get("lib")?.get("name")?.as_str()?.to_owned())
    };
    members.into_iter().filter_map(name).collect()
}

/// Where cargo puts what it builds.
fn artifact_directories(store: &Store) -> Vec<PathBuf> {
    let target = store.at("target");
    let profiles = ["debug", "release"].into_iter();
    profiles
        .flat_map(|profile| [target.join(profile), target.join(TARGET).join(profile)])
        .flat_map(|directory| [directory.join("deps"), directory])
        .collect()
}

/// Removes the files in a directory that are named after one of the libraries.
fn remove_artifacts(directory: &Path, libraries: &[String]) {
    for entry in directory.read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        let is_of = |library: &String| {
            let rest = name.strip_prefix("lib").unwrap_or(name).strip_prefix(library.as_str());
            let rest = rest.or_else(|| name.strip_prefix(library.as_str()));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-']))
        };
        // A directory cannot be removed like this, and none is meant.
        if libraries.iter().any(is_of) {
            fs::remove_file(entry.path()).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fingerprint::{Digest, Digests};
    use super::*;

    #[test]
    fn modules_are_kept_for_as_long_as_a_record_and_its_files_are_there() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("store")).unwrap();
        let build = |name: &str| {
            let source = directory.path().join(name);
            fs::write(&source, name).unwrap();
            let module = store.keep(name.as_bytes()).unwrap();
            let (any, missing) = (Digest::of(b"any"), directory.path().join("never there"));
            let files = [source.clone(), missing];
            let record = Record::new(any.clone(), any, files, module.clone(), &mut Digests::default());
            let key = Digest::of(name.as_bytes());
            store.remember(&key, &record).unwrap();
            (source, module, key)
        };
        let (_, here, its_key) = build("here");
        let (source, gone, gone_key) = build("gone");
        let unrecorded = store.keep(b"nobody speaks of it").unwrap();
        fs::remove_file(source).unwrap();

        let now = SystemTime::now();
        prune_modules(&store, now.checked_sub(UNRECORDED).unwrap());
        assert!(store.record(&its_key).is_some() && store.record(&gone_key).is_none());
        assert!(store.module(&unrecorded).is_some(), "its record may be on the way");

        prune_modules(&store, now + UNRECORDED);
        assert!(store.module(&here).is_some());
        assert!(store.module(&gone).is_none() && store.module(&unrecorded).is_none());
    }

    #[test]
    fn what_belongs_to_a_project_that_is_gone_is_removed_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path()).unwrap();
        let deps = store.at("target").join(TARGET).join("debug/deps");
        fs::create_dir_all(&deps).unwrap();
        for (name, project) in [("here", directory.path()), ("gone", Path::new("/nowhere/at/all"))] {
            let workspace = store.at("workspaces").join(name);
            let member = workspace.join("members/f");
            fs::create_dir_all(&member).unwrap();
            fs::write(member.join("Cargo.toml"), format!("[lib]\nname = \"f_{name}\"\n")).unwrap();
            note_project(&workspace, project).unwrap();
            for file in ["{}.wasm", "{}.d", "{}-0123", "lib{}-0123.rlib", "{}x.wasm"] {
                fs::write(deps.join(file.replace("{}", &format!("f_{name}"))), "").unwrap();
            }
        }
        prune(&store);
        let mut left: Vec<_> =
            deps.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        left.sort();
        let expected =
            ["f_gonex.wasm", "f_here-0123", "f_here.d", "f_here.wasm", "f_herex.wasm", "libf_here-0123.rlib"];
        assert_eq!(left, expected);
        assert!(store.at("workspaces/here").is_dir() && !store.at("workspaces/gone").exists());
    }
}
