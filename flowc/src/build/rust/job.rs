//! One function: where its code is, and whether its module is still what would be built.

use super::super::fingerprint::{Digest, Digests};
use super::super::package::Package;
use super::super::store::Store;
use super::super::{LibraryCrate, Project, Setting, Wanted, key};
use super::BuiltWith;
use super::errors::tell_unusable;
use crate::diagnostics::Report;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The manifests that a function may have beside its source.
const MANIFESTS: [&str; 2] = ["function.toml", "Cargo.toml"];

/// A function, and how it is built.
pub(super) struct Job<'run> {
    pub(super) wanted: &'run Wanted,
    pub(super) code: JobCode,
    /// What was looked for and not found.
    missing: Vec<PathBuf>,
    pub(super) key: Digest,
}

/// Where the code of a function is.
pub(super) enum JobCode {
    /// In a crate of its own; none if the author says nothing about it.
    Own(Option<Package>),
    /// In the crate of its library, at this path.
    Library(String),
}

impl<'run> Job<'run> {
    pub(super) fn new(
        wanted: &'run Wanted,
        project: &Project,
        setting: &Setting,
        report: &mut Report,
    ) -> Option<Job<'run>> {
        let mut missing = Vec::new();
        let mut code = None;
        let directories = [wanted.source.parent(), wanted.definition.parent()];
        for directory in directories.into_iter().flatten() {
            for name in MANIFESTS {
                let path = directory.join(name);
                if code.is_some() || missing.contains(&path) {
                    continue;
                }
                if !path.is_file() {
                    missing.push(path);
                    continue;
                }
                let package = Package::read(&path);
                let package = package.map_err(|unusable| tell_unusable(wanted, &unusable, report)).ok()?;
                // A manifest of that name may be about anything.
                let is_about_it = name != "Cargo.toml"
                    || package.source().is_some_and(|path| is_same(&path, &wanted.source));
                code = is_about_it.then_some(package);
            }
        }
        let library = || project.library.as_ref().and_then(|library| library_path(library, wanted));
        let code = match code {
            Some(package) => JobCode::Own(Some(package)),
            None => library().map_or(JobCode::Own(None), JobCode::Library),
        };
        Some(Job { wanted, code, missing, key: key(&wanted.definition, &wanted.source, setting) })
    }

    /// The module as it was built before, if that is still what would be built.
    pub(super) fn current(
        &self,
        store: &Store,
        built_with: &BuiltWith,
        digests: &mut Digests,
    ) -> Option<Vec<u8>> {
        let record = store.record(&self.key)?;
        let is_current = record.is_current(&built_with.setting, built_with.tools.as_ref(), digests);
        is_current.then(|| store.module(&record.module))?
    }

    /// What it is known to depend on without asking anybody.
    pub(super) fn known(&self) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::from([self.wanted.source.clone(), self.wanted.definition.clone()]);
        files.extend(self.missing.iter().cloned());
        if let JobCode::Own(Some(package)) = &self.code {
            files.extend(package.files.iter().cloned());
        }
        files
    }
}

/// Whether two paths lead to the same file.
fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// The path of a function in the crate of its library: modules are named after the directories that it is in, and its
/// type after itself.
fn library_path(library: &LibraryCrate, wanted: &Wanted) -> Option<String> {
    let below = wanted.source.parent()?.strip_prefix(&library.sources).ok()?;
    let mut path = Vec::new();
    for directory in below {
        path.push(directory.to_str()?.replace('-', "_"));
    }
    path.push(flowsource::type_name(&wanted.name));
    Some(path.join("::"))
}
