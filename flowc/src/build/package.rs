//! Cargo manifests of functions and libraries, written anew for another place.
//!
//! Nothing is built where the sources are. The manifest that a package is built with lies in the store and says the same
//! as the author's, `function.toml` or `Cargo.toml`, with these differences: paths are absolute, what is inherited from a
//! workspace is written out, and the crates that functions are written with are those that this program brings along,
//! whatever version the author names. Lints and profiles are left out: all functions are compiled in the same way.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The tables with dependencies that a manifest may have, at its top and for each target.
const DEPENDENCIES: [&str; 3] = ["dependencies", TESTS, "build-dependencies"];

/// The table with what only tests need.
const TESTS: &str = "dev-dependencies";

/// What the compiler makes of packages that others use.
pub const LIBRARY: &str = "lib";

/// What the compiler makes modules of: the attribute of functions looks for it, and makes what they export.
pub const MODULE: &str = "cdylib";

/// Whether a package has tests, as far as its manifest tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tests {
    /// It says that it has none.
    None,
    /// It uses crates that only tests need, so nobody knows what makes tests of its text.
    Some,
    /// It does not tell, but its text does.
    AsTextTells,
}

/// What is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unusable {
    /// The manifest.
    pub path: PathBuf,
    /// What is wrong, in words.
    pub message: String,
    /// Where, if that is known.
    pub span: Option<std::ops::Range<usize>>,
}

/// What a package is called and made from in its new place.
#[derive(Clone, Debug)]
pub struct Target<'run> {
    /// The name of the package.
    pub package: &'run str,
    /// The name of its library, which is that of the file that comes of it.
    pub library: &'run str,
    /// The first file of its source.
    pub source: &'run Path,
    /// What the compiler makes of it.
    pub crate_type: &'run str,
    /// Whatever it changes with is built anew.
    pub stamp: &'run str,
    /// Whether its own tests are run: those of what it depends on are not.
    pub is_tested: bool,
}

/// The crates that functions are written with, as dependencies in a manifest.
#[derive(Clone, Debug, Default)]
pub struct Ours(pub BTreeMap<String, Table>);

/// The manifest of an author.
#[derive(Clone, Debug)]
pub struct Package {
    table: Table,
    /// The directory that its paths start from.
    pub base: PathBuf,
    /// The manifest of its workspace, if it inherits anything.
    workspace: Option<Workspace>,
    /// The files that it was read from.
    pub files: Vec<PathBuf>,
}

#[derive(Clone, Debug)]
struct Workspace {
    table: Table,
    base: PathBuf,
}

impl Package {
    /// Reads a manifest, and that of its workspace if it inherits something.
    ///
    /// # Errors
    ///
    /// Fails if one of them cannot be read.
    pub fn read(path: &Path) -> Result<Package, Unusable> {
        let table = read_table(path)?;
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut package = Package { table, base, workspace: None, files: vec![path.to_owned()] };
        if inherits(&Value::Table(package.table.clone())) {
            package.find_workspace()?;
        }
        Ok(package)
    }

    /// A package that nothing is said about: it uses the crates that functions are written with, and no others.
    pub fn plain(base: &Path, ours: &Ours) -> Package {
        let mut table = Table::new();
        table.insert(
            "package".to_owned(),
            Value::Table([("edition".to_owned(), text("2024"))].into_iter().collect()),
        );
        let dependencies = ours.0.keys().map(|name| (name.clone(), text("*"))).collect();
        table.insert("dependencies".to_owned(), Value::Table(dependencies));
        Package { table, base: base.to_owned(), workspace: None, files: Vec::new() }
    }

    /// The name that the author has given to it.
    pub fn name(&self) -> Option<&str> {
        self.get("package", "name")?.as_str()
    }

    /// The name that the author has given to its library.
    pub fn library_name(&self) -> Option<&str> {
        self.get("lib", "name")?.as_str()
    }

    /// The file that the author says its library is made from.
    pub fn source(&self) -> Option<PathBuf> {
        Some(self.base.join(self.get("lib", "path")?.as_str()?))
    }

    fn get(&self, table: &str, key: &str) -> Option<&Value> {
        self.table.get(table)?.get(key)
    }

    /// Whether it has tests.
    pub fn tests(&self) -> Tests {
        if self.get("lib", "test") == Some(&Value::Boolean(false)) {
            Tests::None
        } else if self.get_table(TESTS).is_some_and(|table| !table.is_empty()) {
            Tests::Some
        } else {
            Tests::AsTextTells
        }
    }

    fn get_table(&self, name: &str) -> Option<&Table> {
        self.table.get(name)?.as_table()
    }

    /// The script that is run before it is built, if there is one.
    pub fn build_script(&self) -> Option<PathBuf> {
        match self.get("package", "build") {
            Some(Value::String(path)) => Some(self.base.join(path)),
            Some(_) => None,
            None => Some(self.base.join("build.rs")).filter(|path| path.is_file()),
        }
    }

    /// Finds what the manifest inherits from: itself, or the nearest workspace above it.
    fn find_workspace(&mut self) -> Result<(), Unusable> {
        if self.table.contains_key("workspace") {
            self.workspace = Some(Workspace { table: self.table.clone(), base: self.base.clone() });
            return Ok(());
        }
        let named = self.get("package", "workspace").and_then(Value::as_str).map(|path| self.base.join(path));
        let above = self.base.ancestors().skip(1).map(Path::to_owned);
        for directory in named.into_iter().chain(above) {
            // A library has the workspace of its functions in a file of its own.
            for file in ["lib.toml", "Cargo.toml"] {
                let path = directory.join(file);
                let Some(table) = path.is_file().then(|| read_table(&path)).transpose()? else { continue };
                if table.contains_key("workspace") {
                    self.files.push(path);
                    self.workspace = Some(Workspace { table, base: directory });
                    return Ok(());
                }
            }
        }
        Err(self.unusable("it inherits from a workspace, and there is none above it".to_owned()))
    }

    fn unusable(&self, message: String) -> Unusable {
        Unusable { path: self.files.first().cloned().unwrap_or_default(), message, span: None }
    }

    /// The manifest for another place, and the directories of the packages that it depends on by their paths; `place` says
    /// where each of them is in the end.
    ///
    /// # Errors
    ///
    /// Fails if something is inherited that the workspace does not have.
    pub fn for_place(
        &self,
        target: &Target<'_>,
        ours: &Ours,
        mut place: impl FnMut(PathBuf) -> Result<PathBuf, Unusable>,
    ) -> Result<String, Unusable> {
        let mut manifest = Table::new();
        manifest.insert("package".to_owned(), Value::Table(self.package(target)?));
        manifest.insert("lib".to_owned(), Value::Table(self.library(target)));
        let wanted = || DEPENDENCIES.into_iter().filter(|name| target.is_tested || *name != TESTS);
        for name in wanted() {
            if let Some(table) = self.get_table(name) {
                let moved = self.dependencies(table, ours, &mut place)?;
                manifest.insert(name.to_owned(), Value::Table(moved));
            }
        }
        if let Some(targets) = self.get_table("target") {
            let mut moved = Table::new();
            for (condition, tables) in targets {
                let mut one = Table::new();
                for name in wanted() {
                    if let Some(table) = tables.get(name).and_then(Value::as_table) {
                        let moved = self.dependencies(table, ours, &mut place)?;
                        one.insert(name.to_owned(), Value::Table(moved));
                    }
                }
                moved.insert(condition.clone(), Value::Table(one));
            }
            manifest.insert("target".to_owned(), Value::Table(moved));
        }
        let mut features = self.get_table("features").cloned().unwrap_or_default();
        // One of the few things that cargo builds a package anew for; nobody switches it on.
        features.insert(format!("flow-{}", target.stamp), Value::Array(Vec::new()));
        manifest.insert("features".to_owned(), Value::Table(features));
        toml::to_string(&manifest).map_err(|error| self.unusable(error.to_string()))
    }

    fn package(&self, target: &Target<'_>) -> Result<Table, Unusable> {
        let mut package = Table::new();
        for key in ["version", "edition", "authors", "description", "license"] {
            match self.get("package", key) {
                Some(Value::Table(table)) if table.contains_key("workspace") => {
                    package.insert(key.to_owned(), self.inherited("package", key)?.clone());
                }
                Some(value) => drop(package.insert(key.to_owned(), value.clone())),
                None => {}
            }
        }
        package.insert("name".to_owned(), text(target.package));
        package.insert(
            "build".to_owned(),
            self.build_script().map_or(Value::Boolean(false), |path| text(&path.to_string_lossy())),
        );
        for key in ["autobins", "autotests", "autoexamples", "autobenches", "publish"] {
            package.insert(key.to_owned(), Value::Boolean(false));
        }
        Ok(package)
    }

    fn library(&self, target: &Target<'_>) -> Table {
        let mut library = Table::new();
        library.insert("name".to_owned(), text(target.library));
        library.insert("path".to_owned(), text(&target.source.to_string_lossy()));
        library.insert("doctest".to_owned(), Value::Boolean(false));
        let test = self.get("lib", "test").cloned().filter(|_| target.is_tested);
        library.insert("test".to_owned(), test.unwrap_or(Value::Boolean(target.is_tested)));
        if self.get("lib", "proc-macro") == Some(&Value::Boolean(true)) {
            library.insert("proc-macro".to_owned(), Value::Boolean(true));
        } else {
            library.insert("crate-type".to_owned(), Value::Array(vec![text(target.crate_type)]));
        }
        library
    }

    fn dependencies(
        &self,
        table: &Table,
        ours: &Ours,
        place: &mut impl FnMut(PathBuf) -> Result<PathBuf, Unusable>,
    ) -> Result<Table, Unusable> {
        let mut moved = Table::new();
        for (name, value) in table {
            let (mut dependency, base) = self.dependency(name, value)?;
            let package = dependency.get("package").and_then(Value::as_str).unwrap_or(name).to_owned();
            if let Some(own) = ours.0.get(package.as_str()) {
                let mut own = own.clone();
                for key in ["package", "optional"] {
                    own.extend(dependency.get(key).map(|value| (key.to_owned(), value.clone())));
                }
                dependency = own;
            } else if let Some(path) = dependency.get("path").and_then(Value::as_str) {
                let path = place(base.join(path))?;
                dependency.insert("path".to_owned(), text(&path.to_string_lossy()));
                // Its version is what it is.
                dependency.remove("version");
            }
            moved.insert(name.clone(), Value::Table(dependency));
        }
        Ok(moved)
    }

    /// A dependency as a table, and the directory that its path starts from.
    fn dependency(&self, name: &str, value: &Value) -> Result<(Table, PathBuf), Unusable> {
        let table = match value {
            Value::Table(table) if table.get("workspace") == Some(&Value::Boolean(true)) => table,
            value => return Ok((as_dependency(value), self.base.clone())),
        };
        let mut dependency = as_dependency(self.inherited("dependencies", name)?);
        for (key, value) in table.iter().filter(|(key, _)| *key != "workspace") {
            match (dependency.get_mut(key), value) {
                (Some(Value::Array(features)), Value::Array(more)) => features.extend(more.iter().cloned()),
                _ => drop(dependency.insert(key.clone(), value.clone())),
            }
        }
        let base = self.workspace.as_ref().map_or(&self.base, |workspace| &workspace.base);
        Ok((dependency, base.clone()))
    }

    /// What the workspace says.
    fn inherited(&self, table: &str, key: &str) -> Result<&Value, Unusable> {
        let workspace = self.workspace.as_ref().and_then(|workspace| workspace.table.get("workspace"));
        workspace
            .and_then(|workspace| workspace.get(table)?.get(key))
            .ok_or_else(|| self.unusable(format!("it inherits '{key}', which its workspace does not have")))
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// A dependency in its long form.
fn as_dependency(value: &Value) -> Table {
    match value {
        Value::Table(table) => table.clone(),
        version => [("version".to_owned(), version.clone())].into_iter().collect(),
    }
}

/// Whether `workspace = true` stands anywhere in a value.
fn inherits(value: &Value) -> bool {
    match value {
        Value::Table(table) => {
            table.get("workspace") == Some(&Value::Boolean(true)) || table.values().any(inherits)
        }
        _ => false,
    }
}

fn read_table(path: &Path) -> Result<Table, Unusable> {
    let unusable = |message: String, span| Unusable { path: path.to_owned(), message, span };
    let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string(), None))?;
    text.parse().map_err(|error: toml::de::Error| unusable(error.message().to_owned(), error.span()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn target() -> Target<'static> {
        Target {
            package: "it",
            library: "it_0123",
            source: Path::new("/flow/it/it.rs"),
            crate_type: MODULE,
            stamp: "1",
            is_tested: true,
        }
    }

    fn ours() -> Ours {
        let table: Table = "path = '/store/flowcore'\nfeatures = ['guest']".parse().unwrap();
        Ours([("flowcore".to_owned(), table)].into_iter().collect())
    }

    /// The manifest for another place; dependencies with paths are told behind it.
    fn moved(files: &[(&str, &str)], path: &str) -> Result<(Table, Vec<String>), Unusable> {
        let directory = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = directory.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut found = Vec::new();
        let package = Package::read(&directory.path().join(path))?;
        let text = package.for_place(&target(), &ours(), |path| {
            found.push(path.strip_prefix(directory.path()).unwrap().to_string_lossy().into_owned());
            Ok(PathBuf::from("/moved"))
        })?;
        Ok((text.parse().unwrap(), found))
    }

    fn of(text: &str) -> Table {
        moved(&[("function.toml", text)], "function.toml").unwrap().0
    }

    #[test]
    fn name_and_source_are_those_of_the_new_place() {
        let manifest = of("[package]\nname = 'mine'\nversion = '1.2.3'\nedition = '2021'\n\
                           [lib]\npath = 'it.rs'\ncrate-type = ['cdylib']\nname = 'mine'\n\
                           [workspace]\n[profile.release]\nopt-level = 's'\n[lints.rust]\nwarnings = 'deny'\n");
        assert_eq!(manifest["package"]["name"].as_str(), Some("it"));
        assert_eq!(manifest["package"]["version"].as_str(), Some("1.2.3"));
        assert_eq!(manifest["package"]["edition"].as_str(), Some("2021"));
        assert_eq!(manifest["lib"]["path"].as_str(), Some("/flow/it/it.rs"));
        assert_eq!(manifest["lib"]["name"].as_str(), Some("it_0123"));
        assert_eq!(manifest.keys().collect::<Vec<_>>(), ["features", "lib", "package"]);
    }

    #[test]
    fn the_crates_that_functions_are_written_with_are_ours_whatever_version_is_named() {
        let manifest =
            of("[package]\nname = 'f'\n[dependencies]\nflowcore = { version = '1.0', features = ['x'] }\n\
                           serde_json = { version = '1', default-features = false }\nrand = '0.9'\n\
                           core = { package = 'flowcore', version = '0.142' }\n\
                           [target.'cfg(unix)'.dev-dependencies]\nflowcore = '9'\n");
        let dependencies = &manifest["dependencies"];
        assert_eq!(dependencies["flowcore"], Value::Table(ours().0["flowcore"].clone()));
        assert_eq!(dependencies["core"]["path"].as_str(), Some("/store/flowcore"));
        assert_eq!(dependencies["core"]["package"].as_str(), Some("flowcore"));
        assert!(dependencies["core"].get("version").is_none());
        assert_eq!(dependencies["serde_json"]["default-features"].as_bool(), Some(false));
        assert_eq!(dependencies["rand"]["version"].as_str(), Some("0.9"));
        let other = &manifest["target"]["cfg(unix)"]["dev-dependencies"]["flowcore"];
        assert_eq!(other["path"].as_str(), Some("/store/flowcore"));
    }

    #[test]
    fn paths_are_asked_for_and_build_scripts_are_found() {
        let text = "[package]\nname = 'f'\n[dependencies]\nshared = { path = '../shared', version = '1' }\n";
        let (manifest, found) =
            moved(&[("f/function.toml", text), ("f/build.rs", "")], "f/function.toml").unwrap();
        assert_eq!(found, ["f/../shared"]);
        assert_eq!(manifest["dependencies"]["shared"].to_string(), r#"{ path = "/moved" }"#);
        assert!(manifest["package"]["build"].as_str().unwrap().ends_with("f/build.rs"));
        assert_eq!(of("[package]\nname = 'f'\n")["package"]["build"], Value::Boolean(false));
    }

    #[test]
    fn what_is_inherited_is_written_out() {
        let function = "[package]\nname = 'f'\nversion.workspace = true\nedition.workspace = true\n\
                        [dependencies]\nflowcore.workspace = true\nother = { workspace = true, features = ['b'] }\n\
                        near.workspace = true\n";
        let workspace = "[workspace]\nmembers = ['src/a/f']\n[workspace.package]\nversion = '3.0.0'\nedition = '2021'\n\
                         [workspace.dependencies]\nflowcore = '1'\nother = { version = '2', features = ['a'] }\n\
                         near = { path = 'near' }\n";
        let files = [("lib/src/a/f/function.toml", function), ("lib/lib.toml", workspace)];
        let (manifest, found) = moved(&files, "lib/src/a/f/function.toml").unwrap();
        assert_eq!(manifest["package"]["version"].as_str(), Some("3.0.0"));
        assert_eq!(manifest["dependencies"]["flowcore"]["path"].as_str(), Some("/store/flowcore"));
        assert_eq!(
            manifest["dependencies"]["other"].to_string(),
            r#"{ features = ["a", "b"], version = "2" }"#
        );
        assert_eq!(found, ["lib/near"], "paths in a workspace start from its directory");
    }

    #[test]
    fn what_is_wrong_is_told() {
        let wrong = |text: &str| moved(&[("function.toml", text)], "function.toml").unwrap_err();
        let broken = wrong("[package\n");
        assert!(broken.span.is_some() && broken.path.ends_with("function.toml"), "{broken:?}");
        let lonely = wrong("[workspace]\n[package]\nedition.workspace = true\n");
        assert_eq!(lonely.message, "it inherits 'edition', which its workspace does not have");
        assert!(Package::read(Path::new("/nowhere/function.toml")).is_err());
    }

    #[test]
    fn whether_there_are_tests_is_told_by_manifest_or_text() {
        let tests = |text: &str| {
            let table = text.parse().unwrap();
            Package { table, base: PathBuf::new(), workspace: None, files: Vec::new() }.tests()
        };
        assert_eq!(tests("[package]\nname = 'f'"), Tests::AsTextTells);
        assert_eq!(tests("[lib]\ntest = false\n[dev-dependencies]\na = '1'"), Tests::None);
        assert_eq!(tests("[dev-dependencies]\na = '1'"), Tests::Some);
    }

    #[test]
    fn a_plain_package_uses_our_crates() {
        let package = Package::plain(Path::new("/flow/it"), &ours());
        let text = package.for_place(&target(), &ours(), Ok).unwrap();
        let manifest: Table = text.parse().unwrap();
        assert_eq!(manifest["package"]["edition"].as_str(), Some("2024"));
        assert_eq!(manifest["dependencies"]["flowcore"]["path"].as_str(), Some("/store/flowcore"));
    }
}
