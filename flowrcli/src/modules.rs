//! The modules of a flow as files: beside its manifest, and in installed libraries.

use crate::arguments::Arguments;
use flowcore::content::{
    Content, ContextRoot, Embedded, LibraryEntry, LibraryPath, Names, Provider, near_path,
};
use flowcore::manifest::read_library_manifest;
use flowrlib::modules::{Found, LARGEST_MODULE, ModuleFile, ModuleSource};
use flowrlib::program::{ImplementationKind, ImplementationRef};
use log::warn;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use url::Url;

/// Which functions of libraries run as modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LibraryForm {
    /// None.
    Native,
    /// Those whose modules are installed.
    Installed,
    /// All, and one without is an error.
    Modules,
}

/// Where modules are read from.
pub(crate) struct Files {
    form: LibraryForm,
    content: Content,
    /// The libraries that were looked for, if they are installed.
    libraries: Mutex<HashMap<String, Result<Arc<Library>, NoModule>>>,
}

/// Why there is no module, in words.
#[derive(Clone, Debug)]
enum NoModule {
    /// None is installed.
    Absent(String),
    /// What is installed is of no use.
    Broken(String),
}

/// An installed library.
struct Library {
    /// Where its manifest is.
    manifest: Url,
    /// Where its functions are, by their URLs; seen from the manifest.
    locators: BTreeMap<String, String>,
}

impl Files {
    /// The files that the command line leads to.
    pub(crate) fn new(arguments: &Arguments) -> Files {
        let form = match (arguments.native, arguments.wasm) {
            (true, _) => LibraryForm::Native,
            (false, true) => LibraryForm::Modules,
            (false, false) => LibraryForm::Installed,
        };
        let nothing = ContextRoot::Embedded(Embedded::new::<&str, &str>([]));
        Files { form, content: Content::new(library_path(arguments), nothing), libraries: Mutex::default() }
    }

    /// The module of a library function, if the library is installed with one.
    fn library_module(&self, url: &str) -> Result<ModuleFile, NoModule> {
        let library = url.strip_prefix("lib://").and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let mut libraries = self.libraries.lock().unwrap_or_else(PoisonError::into_inner);
        let known = libraries.entry(library.to_owned()).or_insert_with(|| self.library(library));
        let installed = Arc::clone(known.as_ref().map_err(Clone::clone)?);
        drop(libraries);
        let location =
            installed.locators.get(url).and_then(|location| installed.manifest.join(location).ok());
        let location = location.filter(|location| location.path().ends_with(".wasm")).ok_or_else(|| {
            NoModule::Absent(format!("the installed library '{library}' has no module for {url}"))
        })?;
        read_module(&location).map_err(NoModule::Broken)
    }

    fn library(&self, library: &str) -> Result<Arc<Library>, NoModule> {
        let not_installed =
            || NoModule::Absent(format!("the library '{library}' is not installed with modules"));
        let url = Url::parse(&format!("lib://{library}")).map_err(|_| not_installed())?;
        let manifest = self.content.resolve(&url, &Names::MANIFEST).map_err(|_| not_installed())?.url;
        let unusable = |error: &dyn std::fmt::Display| {
            NoModule::Broken(format!("the library manifest {manifest} is of no use: {error}"))
        };
        let text = self.content.read(&manifest).map_err(|error| unusable(&error))?;
        let text = String::from_utf8(text).map_err(|error| unusable(&error))?;
        let parsed = read_library_manifest(&text).map_err(|error| unusable(&error))?;
        Ok(Arc::new(Library { manifest, locators: parsed.locators }))
    }
}

impl ModuleSource for Files {
    fn find(&self, implementation: &ImplementationRef) -> Result<Found, String> {
        let url = &implementation.url;
        match implementation.kind {
            ImplementationKind::Provided => {
                let parsed =
                    Url::parse(url).map_err(|error| format!("{url} is no place of a module: {error}"))?;
                read_module(&parsed).map(Found::Module)
            }
            ImplementationKind::Library if self.form == LibraryForm::Native => Ok(Found::Native),
            ImplementationKind::Library => match self.library_module(url) {
                Ok(module) => Ok(Found::Module(module)),
                Err(NoModule::Absent(_)) if self.form == LibraryForm::Installed => Ok(Found::Native),
                Err(NoModule::Absent(reason)) => Err(reason),
                Err(NoModule::Broken(reason)) => {
                    Err(format!("{reason}; install the library again, or use what is built in (-n)"))
                }
            },
            ImplementationKind::Context { .. } => Ok(Found::Native),
        }
    }
}

/// Reads a module, but not more than the largest that is taken.
fn read_module(url: &Url) -> Result<ModuleFile, String> {
    let shown = url.to_file_path().map_or_else(|()| url.to_string(), |path| path.display().to_string());
    let Ok(path) = url.to_file_path() else {
        return Err(format!("the module {shown} is not on this machine, and code is not fetched"));
    };
    match read(&path) {
        Ok(bytes) if bytes.len() > LARGEST_MODULE => {
            Err(format!("the module {shown} has more than the {} MiB that are taken", LARGEST_MODULE >> 20))
        }
        Ok(bytes) => Ok(ModuleFile::new(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let near = near_path(&path, "").filter(|near| near.is_file());
            let near = near.map_or_else(String::new, |near| format!("; there is {}", near.display()));
            Err(format!("the module {shown} does not exist{near}"))
        }
        Err(error) => Err(format!("the module {shown} cannot be read: {error}")),
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    let most = LARGEST_MODULE as u64 + 1;
    // One more than it has, to find its end at once.
    let room = usize::try_from(metadata.len().min(most)).unwrap_or(0) + 1;
    let mut bytes = Vec::with_capacity(room);
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Options, then the variable, then the user's libraries. What is built in needs no place.
fn library_path(arguments: &Arguments) -> LibraryPath {
    let current = std::env::current_dir().unwrap_or_default();
    let mut entries: Vec<LibraryEntry> =
        arguments.libdir.iter().map(|entry| LibraryEntry::parse(entry, &current)).collect();
    let variable = std::env::var("FLOW_LIB_PATH").unwrap_or_default();
    entries.extend(LibraryPath::from_variable(&variable, &current));
    for entry in &entries {
        match entry {
            LibraryEntry::Directory(directory) if !directory.is_dir() => {
                warn!("the library directory {} does not exist", directory.display());
            }
            LibraryEntry::Web(url) => warn!("modules are not fetched from {url}: install the library"),
            _ => {}
        }
    }
    entries.retain(|entry| !matches!(entry, LibraryEntry::Web(_)));
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    entries.extend(home.map(|home| LibraryEntry::Directory(PathBuf::from(home).join(".flow/lib"))));
    LibraryPath::new(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::fs;

    fn files(directory: &Path, option: &str) -> Files {
        let libdir = directory.to_str().unwrap();
        let words =
            ["flowr", "-L", libdir].into_iter().chain(Some(option).filter(|option| !option.is_empty()));
        Files::new(&Arguments::try_parse_from(words).unwrap())
    }

    fn library(url: &str) -> ImplementationRef {
        ImplementationRef { url: url.into(), kind: ImplementationKind::Library }
    }

    /// What becomes of `lib://l/a`, which has a module, `lib://l/b`, which has none, and `lib://m/c`.
    fn forms(option: &str) -> [String; 3] {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("l/a")).unwrap();
        let manifest = r#"{"lib_url": "lib://l", "metadata": {"name": "l", "version": "1"},
            "locators": {"lib://l/a": "a/a.wasm", "lib://l/f": "f.toml"}}"#;
        fs::write(directory.path().join("l/manifest.json"), manifest).unwrap();
        fs::write(directory.path().join("l/a/a.wasm"), "code").unwrap();
        let files = files(directory.path(), option);
        ["lib://l/a", "lib://l/b", "lib://m/c"].map(|url| match files.find(&library(url)) {
            Ok(Found::Module(module)) => String::from_utf8_lossy(&module.bytes).into_owned(),
            Ok(Found::Native) => "native".to_owned(),
            Err(reason) => reason,
        })
    }

    #[test]
    fn an_installed_module_goes_before_native_code_unless_that_is_asked_for() {
        assert_eq!(forms(""), ["code", "native", "native"]);
        assert_eq!(forms("-n"), ["native", "native", "native"]);
        assert_eq!(
            forms("-w"),
            [
                "code",
                "the installed library 'l' has no module for lib://l/b",
                "the library 'm' is not installed with modules"
            ]
        );
    }

    #[test]
    fn an_installed_library_that_is_broken_is_told() {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir_all(directory.path().join("l")).unwrap();
        let manifest = directory.path().join("l/manifest.json");
        let reason = |option| match files(directory.path(), option).find(&library("lib://l/a")) {
            Ok(found) => format!("{found:?}"),
            Err(reason) => reason,
        };
        let locators = r#"{"lib_url": "lib://l", "metadata": {"name": "l", "version": "1"},
            "locators": {"lib://l/a": "a.wasm"}}"#;
        for (text, cause) in [(locators, "does not exist"), ("{", "is of no use")] {
            fs::write(&manifest, text).unwrap();
            for option in ["", "-w"] {
                let reason = reason(option);
                assert!(reason.contains(cause) && reason.contains("install the library again"), "{reason}");
            }
            assert_eq!(reason("-n"), "Native");
        }
    }

    #[test]
    fn a_provided_module_is_read_from_its_file_and_from_nowhere_else() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("scale.wasm"), "code").unwrap();
        let files = files(directory.path(), "");
        let find = |url: &str| {
            let implementation = ImplementationRef { url: url.into(), kind: ImplementationKind::Provided };
            match files.find(&implementation) {
                Ok(Found::Module(module)) => String::from_utf8_lossy(&module.bytes).into_owned(),
                other => format!("{other:?}"),
            }
        };
        let below = |name: &str| Url::from_file_path(directory.path().join(name)).unwrap().to_string();
        assert_eq!(find(&below("scale.wasm")), "code");
        assert!(find(&below("scael.wasm")).contains("does not exist; there is "));
        assert!(find(&below("")).contains("is not a file"));
        assert!(find("https://example.com/f.wasm").contains("code is not fetched"));
    }
}
