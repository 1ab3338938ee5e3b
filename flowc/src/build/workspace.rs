//! The workspace that the functions of one flow or library are built in. It lies in the store and has a package for
//! each function; only their sources are where the author has them.

use super::fingerprint::{Digest, digest_of};
use super::package::{LIBRARY, Ours, Package, Target, Unusable};
use super::prune::note_project;
use super::store::Store;
use super::support::Support;
use crate::emit::replace;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// How all functions are compiled. Modules are fast also without `-O`, for they are run far more often than they are
/// compiled, and a sum that is too large is an error of its job and not another number, with `-O` as without. `-O` spends
/// time to make them smaller. Build scripts and macros are compiled in the same way for modules and for tests, so that it
/// is done once.
const PROFILES: &str = r#"
[profile.dev]
opt-level = 3
debug = false
debug-assertions = false
overflow-checks = true
incremental = false
panic = "abort"
strip = "symbols"

[profile.release]
opt-level = 3
debug = false
debug-assertions = false
overflow-checks = true
panic = "abort"
strip = "symbols"
codegen-units = 1
lto = "fat"

[profile.test]
opt-level = 0
debug-assertions = true
strip = "debuginfo"

[profile.dev.build-override]
opt-level = 0
debug-assertions = false
overflow-checks = false

[profile.release.build-override]
opt-level = 0
debug-assertions = false
overflow-checks = false

[profile.test.build-override]
opt-level = 0
debug = false
debug-assertions = false
overflow-checks = false
strip = "symbols"
"#;

/// A package of the workspace.
#[derive(Debug)]
pub struct Member {
    /// The author's manifest.
    pub package: Package,
    /// The name of the package here.
    pub name: String,
    /// The first file of its source.
    pub source: PathBuf,
    /// What the compiler makes of it.
    pub crate_type: &'static str,
    /// The files that it is known to depend on.
    pub known: BTreeSet<PathBuf>,
    /// Text in place of a source of its own, which goes to a file beside the manifest.
    pub text: Option<String>,
}

/// A workspace that is being written.
#[derive(Debug)]
pub struct Workspace<'run> {
    store: &'run Store,
    ours: Ours,
    /// Its directory.
    pub directory: PathBuf,
    names: BTreeSet<String>,
    members: Vec<PathBuf>,
    /// What code calls the library that functions are in.
    library: String,
    /// Where packages that others depend on by their paths are now.
    moved: BTreeMap<PathBuf, PathBuf>,
}

/// Why a workspace cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// Something is wrong with a manifest.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// The store cannot be written.
    #[error(transparent)]
    Store(#[from] io::Error),
}

/// How modules and tests are compiled, as text.
pub fn profiles() -> &'static str {
    PROFILES
}

impl<'run> Workspace<'run> {
    /// The workspace of this name for a project.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be written.
    pub fn new(
        store: &'run Store,
        support: &Support,
        name: &str,
        project: &Path,
    ) -> io::Result<Workspace<'run>> {
        let directory = store.at("workspaces").join(name);
        fs::create_dir_all(directory.join("members"))?;
        note_project(&directory, project)?;
        support.seed_lock(&directory)?;
        Ok(Workspace {
            store,
            ours: support.ours(),
            directory,
            names: BTreeSet::new(),
            members: Vec::new(),
            library: String::new(),
            moved: BTreeMap::new(),
        })
    }

    /// A name for a package that is not taken: the wanted one if it can be.
    pub fn name(&mut self, wanted: &str) -> String {
        let plain: String = wanted
            .chars()
            .map(|one| if one.is_ascii_alphanumeric() || one == '_' { one } else { '-' })
            .collect();
        let first = if plain.starts_with(|one: char| one.is_ascii_alphabetic()) {
            plain
        } else {
            format!("f-{plain}")
        };
        let mut name = first.clone();
        let mut number = 2;
        while !self.names.insert(name.clone()) {
            name = format!("{first}-{number}");
            number += 1;
        }
        name
    }

    /// Adds a package; gives the path of its manifest here.
    ///
    /// # Errors
    ///
    /// Fails if something is wrong with its manifest or one that it depends on, or if the store cannot be written.
    pub fn add(&mut self, member: &Member) -> Result<PathBuf, Unwritten> {
        let place = self.directory.join("members").join(&member.name);
        fs::create_dir_all(&place)?;
        let source = match &member.text {
            Some(text) => {
                write(&place.join("lib.rs"), text)?;
                place.join("lib.rs")
            }
            None => member.source.clone(),
        };
        // Files of the target directory, which all workspaces share, are named after the library.
        let workspace = self.directory.to_string_lossy();
        let identity = Digest::of_texts([&*workspace, &*source.to_string_lossy(), &*member.name]);
        let library = match member.crate_type {
            LIBRARY => identifier(&member.name),
            _ => format!("{}_{}", identifier(&member.name), identity.short()),
        };
        let target = Target {
            package: &member.name,
            library: &library,
            source: &source,
            crate_type: member.crate_type,
            stamp: &stamp(&member.known),
            is_tested: true,
        };
        self.write_package(&member.package, &target, &place, &member.known)?;
        self.members.push(place.clone());
        Ok(place.join("Cargo.toml"))
    }

    /// Adds a package that others may depend on, whatever version of it they name.
    ///
    /// # Errors
    ///
    /// As [`Workspace::add`].
    pub fn add_library(&mut self, member: &Member) -> Result<PathBuf, Unwritten> {
        let manifest = self.add(member)?;
        let place = manifest.parent().unwrap_or(&manifest).to_string_lossy().into_owned();
        self.library = identifier(&member.name);
        self.ours
            .0
            .insert(member.name.clone(), Table::from_iter([("path".to_owned(), Value::String(place))]));
        Ok(manifest)
    }

    /// What code calls the library that functions are in.
    pub fn library_name(&self) -> &str {
        &self.library
    }

    /// A package that depends on all crates that functions are written with, and on the library if there is one.
    pub fn plain(&self, base: &Path) -> Package {
        Package::plain(base, &self.ours)
    }

    fn write_package(
        &mut self,
        package: &Package,
        target: &Target<'_>,
        place: &Path,
        known: &BTreeSet<PathBuf>,
    ) -> Result<(), Unwritten> {
        let ours = self.ours.clone();
        let mut unwritten = None;
        let manifest = package.for_place(target, &ours, |path| {
            self.move_package(&path, known).or_else(|error| match error {
                Unwritten::Unusable(unusable) => Err(unusable),
                Unwritten::Store(error) => {
                    unwritten = Some(error);
                    Ok(path)
                }
            })
        })?;
        if let Some(error) = unwritten {
            return Err(error.into());
        }
        if package.build_script().is_some() {
            link_siblings(&package.base, place)?;
        }
        write(&place.join("Cargo.toml"), &manifest)?;
        Ok(())
    }

    /// Writes a package that another depends on by its path for a place in the store; gives the place.
    fn move_package(&mut self, base: &Path, known: &BTreeSet<PathBuf>) -> Result<PathBuf, Unwritten> {
        let package = Package::read(&base.join("Cargo.toml"))?;
        let base = base.canonicalize()?;
        if let Some(place) = self.moved.get(&base) {
            return Ok(place.clone());
        }
        let name = package.name().unwrap_or("unnamed").to_owned();
        let identity = Digest::of(base.to_string_lossy().as_bytes());
        let place = self.store.at("packages").join(format!("{name}-{}", identity.short()));
        fs::create_dir_all(&place)?;
        // Before its own dependencies: they may lead in a circle, which cargo reports better than anybody else.
        self.moved.insert(base.clone(), place.clone());
        let library = package.library_name().map_or_else(|| identifier(&name), str::to_owned);
        let source = package.source().unwrap_or_else(|| base.join("src/lib.rs"));
        let own = known.iter().filter(|path| path.starts_with(&base)).cloned();
        let own: BTreeSet<PathBuf> = own.chain(package.files.clone()).chain([source.clone()]).collect();
        let target = Target {
            package: &name,
            library: &library,
            source: &source,
            crate_type: LIBRARY,
            stamp: &stamp(&own),
            is_tested: false,
        };
        self.write_package(&package, &target, &place, known)?;
        Ok(place)
    }

    /// Writes the manifest of the workspace; cargo then builds these packages of it.
    ///
    /// # Errors
    ///
    /// Fails if the store cannot be written.
    pub fn select<'path>(&self, manifests: impl IntoIterator<Item = &'path Path>) -> io::Result<()> {
        let name = |directory: &Path| {
            let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
            format!("\"members/{name}\"")
        };
        let members: Vec<String> = self.members.iter().map(|member| name(member)).collect();
        let selected: Vec<String> = manifests.into_iter().filter_map(Path::parent).map(name).collect();
        let text = format!(
            "# Written by flowc, and again with every build.\n[workspace]\nresolver = \"3\"\nmembers = [{}]\ndefault-members = [{}]\n{PROFILES}",
            members.join(", "),
            selected.join(", ")
        );
        write(&self.directory.join("Cargo.toml"), &text)
    }
}

/// A name of a package as code has it.
fn identifier(name: &str) -> String {
    name.replace('-', "_")
}

/// A text that changes with what is in some files. Cargo looks at their times only, and would take one that was put back
/// with an old time for the one that it has built.
fn stamp(files: &BTreeSet<PathBuf>) -> String {
    let digest = |path: &PathBuf| digest_of(path).map(|digest| digest.to_string()).unwrap_or_default();
    Digest::of_texts(files.iter().map(digest)).short().to_owned()
}

/// Writes a file unless it is the same.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if fs::read(path).is_ok_and(|old| old == text.as_bytes()) {
        return Ok(());
    }
    replace(path, text.as_bytes())
}

/// Makes what lies beside a manifest be found beside its copy too: build scripts look for it there.
#[cfg(unix)]
fn link_siblings(base: &Path, place: &Path) -> io::Result<()> {
    const OWN: [&str; 4] = ["Cargo.toml", "Cargo.lock", "target", ".git"];
    for entry in fs::read_dir(base)? {
        let entry = entry?;
        let link = place.join(entry.file_name());
        if OWN.iter().any(|own| entry.file_name() == *own)
            || fs::read_link(&link).is_ok_and(|to| to == entry.path())
        {
            continue;
        }
        if link.is_symlink() {
            fs::remove_file(&link)?;
        }
        std::os::unix::fs::symlink(entry.path(), link)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn link_siblings(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::package::MODULE;
    use super::*;

    /// A store, and a directory with sources that have these files.
    fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Store, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&directory.path().join("store")).unwrap();
        let sources =
            directory.path().join("sources").canonicalize().unwrap_or(directory.path().join("sources"));
        for (name, text) in files {
            let path = sources.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        (directory, store, sources)
    }

    fn member(sources: &Path, name: &str, source: &str) -> Member {
        let package = Package::read(&sources.join("function.toml")).unwrap();
        let source = sources.join(source);
        let known = [source.clone()].into_iter().collect();
        Member { package, name: name.to_owned(), source, crate_type: MODULE, known, text: None }
    }

    fn table(path: &Path) -> Table {
        fs::read_to_string(path).unwrap().parse().unwrap()
    }

    #[test]
    fn functions_of_the_same_name_become_packages_and_files_of_different_names() {
        let (_directory, store, sources) =
            project(&[("function.toml", "[package]\nname = 'f'\n"), ("a/f.rs", ""), ("b/f.rs", "")]);
        let support = Support::unpack(&store).unwrap();
        let mut workspace = Workspace::new(&store, &support, "w", &sources).unwrap();
        let names: Vec<String> =
            ["my fn", "my-fn", "1", "é"].iter().map(|name| workspace.name(name)).collect();
        assert_eq!(names, ["my-fn", "my-fn-2", "f-1", "f--"]);
        let a = workspace.add(&member(&sources, "f", "a/f.rs")).unwrap();
        let b = workspace.add(&member(&sources, "f-2", "b/f.rs")).unwrap();
        let library = |path: &Path| table(path)["lib"]["name"].as_str().unwrap().to_owned();
        assert_ne!(library(&a), library(&b));
        assert!(library(&a).starts_with("f_") && library(&b).starts_with("f_2_"));
        workspace.select([b.as_path()]).unwrap();
        let root = table(&workspace.directory.join("Cargo.toml"));
        assert_eq!(root["workspace"]["members"].to_string(), r#"["members/f", "members/f-2"]"#);
        assert_eq!(root["workspace"]["default-members"].to_string(), r#"["members/f-2"]"#);
    }

    #[test]
    fn a_source_that_differs_changes_the_manifest_whatever_its_time() {
        let (_directory, store, sources) =
            project(&[("function.toml", "[package]\nname = 'f'\n"), ("f.rs", "1")]);
        let support = Support::unpack(&store).unwrap();
        let written = || {
            let mut workspace = Workspace::new(&store, &support, "w", &sources).unwrap();
            fs::read(workspace.add(&member(&sources, "f", "f.rs")).unwrap()).unwrap()
        };
        let first = written();
        assert_eq!(written(), first);
        fs::write(sources.join("f.rs"), "2").unwrap();
        assert_ne!(written(), first);
        fs::write(sources.join("f.rs"), "1").unwrap();
        assert_eq!(written(), first);
    }

    #[test]
    fn packages_beside_the_function_are_moved_with_what_they_depend_on() {
        let (_directory, store, sources) = project(&[
            ("function.toml", "[package]\nname = 'f'\n[dependencies]\nnear = { path = 'near' }\n"),
            (
                "near/Cargo.toml",
                "[package]\nname = 'near'\n[dependencies]\nflowcore = '1'\nfar = { path = '../far' }\n[dev-dependencies]\nx = '1'\n",
            ),
            ("near/src/lib.rs", ""),
            ("near/build.rs", ""),
            (
                "far/Cargo.toml",
                "[package]\nname = 'far'\n[lib]\npath = 'it.rs'\n[dependencies]\nnear = { path = '../near' }\n",
            ),
            ("far/it.rs", ""),
        ]);
        let support = Support::unpack(&store).unwrap();
        let mut workspace = Workspace::new(&store, &support, "w", &sources).unwrap();
        let manifest = table(&workspace.add(&member(&sources, "f", "f.rs")).unwrap());
        let path = |manifest: &Table, name: &str| {
            PathBuf::from(manifest["dependencies"][name]["path"].as_str().unwrap()).join("Cargo.toml")
        };
        let near = table(&path(&manifest, "near"));
        assert_eq!(near["package"]["name"].as_str(), Some("near"));
        assert!(near.get("dev-dependencies").is_none());
        assert!(path(&near, "flowcore").starts_with(store.at("support")));
        let far = table(&path(&near, "far"));
        assert!(far["lib"]["path"].as_str().unwrap().ends_with("far/it.rs"));
        assert_eq!(path(&far, "near"), path(&manifest, "near"), "a circle is left to cargo");
        #[cfg(unix)]
        assert!(path(&manifest, "near").with_file_name("src").join("lib.rs").is_file());
    }
}
