//! Functions in C, with clang and the linker of LLVM. There is no C library; values and the exports of a module are in
//! the header `flow.h`.

use super::cargo::dependencies;
use super::fingerprint::{Digest, Digests, Record, is_changed_since};
use super::programs::newest;
use super::store::Store;
use super::support::{self, Support};
use super::{Setting, Wanted, fit, key, note, open_store, shrink, tell, unusable_store};
use crate::diagnostics::{Code, Report, Style};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::SystemTime;

/// How C is compiled. A loop that copies must not become a call of the function that it is the body of.
const COMPILE: [&str; 8] = [
    "--target=wasm32-unknown-unknown",
    "-std=gnu17",
    "-O3",
    "-ffreestanding",
    "-fvisibility=hidden",
    "-Wall",
    "-Wextra",
    // Headers of the author, and not those of the compiler.
    "-MMD",
];

/// How modules are linked: without `main`, and without what nobody calls.
const LINK: [&str; 5] = ["--no-entry", "--gc-sections", "--strip-all", "-z", "stack-size=1048576"];

/// The programs that it takes.
struct Programs {
    clang: PathBuf,
    linker: PathBuf,
}

impl Programs {
    fn find() -> Result<Programs, &'static str> {
        let clang = newest("clang").ok_or("clang is not installed")?;
        let linker = newest("wasm-ld").ok_or("clang is installed, but not the linker wasm-ld")?;
        Ok(Programs { clang, linker })
    }

    /// Tells them from others.
    fn digest(&self, setting: &Setting) -> Digest {
        let version = |program: &Path| {
            let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
            output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
        };
        let mut tools = vec![version(&self.clang), version(&self.linker)];
        tools.extend(setting.optimize.then(|| shrink::digest().to_string()));
        Digest::of_texts(tools)
    }
}

/// Builds a function; none if it cannot be, about which the report tells.
pub(super) fn build(wanted: &Wanted, setting: &Setting, report: &mut Report) -> Option<Vec<u8>> {
    let store = open_store(wanted, setting, report)?;
    let programs = Programs::find();
    let tools = programs.as_ref().ok().map(|programs| programs.digest(setting));
    let how = if setting.optimize { "-O" } else { "" };
    let built_with =
        Digest::of_texts([&*support::digest().to_string(), how, &COMPILE.join(" "), &LINK.join(" ")]);
    let key = key(&wanted.definition, &wanted.source, setting);
    let mut digests = Digests::default();
    if let Some(record) = store.record(&key) {
        let is_current = record.is_current(&built_with, tools.as_ref(), &mut digests);
        if let (true, Some(module)) = (is_current, store.module(&record.module)) {
            note(&digests, report);
            return Some(module);
        }
    }
    let programs = match programs {
        Ok(programs) => programs,
        Err(missing) => {
            let message = format!("{} cannot be built: {missing}", wanted.quoted_name());
            let help = "install clang and lld, such as with: apt-get install clang lld".to_owned();
            report.add(wanted.error(Code::E062, message).help(help));
            return None;
        }
    };
    tell(setting, &format!("building {}", wanted.quoted_name()));
    let begun = SystemTime::now();
    let unusable = |error: io::Error, report: &mut Report| {
        report.add(unusable_store(wanted, &store.at(""), &error));
    };
    let compiled =
        compile(wanted, &programs, &store, setting.style).map_err(|error| unusable(error, report)).ok()?;
    let (module, files) = match compiled {
        Ok(compiled) => compiled,
        Err(said) => {
            let message = format!("the function {} cannot be compiled", wanted.quoted_name());
            report.add(wanted.error(Code::E060, message).quoting(said));
            return None;
        }
    };
    let mut module = fit(wanted, module, report)?;
    if setting.optimize {
        module = shrink::shrink(&module).map_err(|failed| report.add(failed.about(wanted))).ok()?;
    }
    let files = files.into_iter().chain([wanted.source.clone(), wanted.definition.clone()]);
    let files: Vec<PathBuf> = files.collect();
    let remembered = store.keep(&module).and_then(|digest| {
        if is_changed_since(&files, begun) {
            return Ok(());
        }
        let tools = tools.unwrap_or(Digest::of(b""));
        store.remember(&key, &Record::new(built_with, tools, files, digest, &mut digests))
    });
    note(&digests, report);
    remembered.map_err(|error| unusable(error, report)).ok()?;
    Some(module)
}

/// A module and the files that it was made from, or what the compiler or the linker says.
type Compiled = Result<(Vec<u8>, Vec<PathBuf>), String>;

fn compile(wanted: &Wanted, programs: &Programs, store: &Store, style: Style) -> io::Result<Compiled> {
    let support = Support::unpack(store)?;
    let directory = tempfile::Builder::new().prefix("flowc-").tempdir()?;
    let [object, files, module] = ["it.o", "it.d", "it.wasm"].map(|name| directory.path().join(name));
    let mut clang = Command::new(&programs.clang);
    clang.args(COMPILE).arg("-I").arg(support.header_directory()).arg("-MF").arg(&files);
    clang.arg(if style == Style::Coloured { "-fcolor-diagnostics" } else { "-fno-color-diagnostics" });
    clang.arg("-c").arg(&wanted.source).arg("-o").arg(&object);
    if let Err(said) = call(&mut clang)? {
        return Ok(Err(said));
    }
    let mut linker = Command::new(&programs.linker);
    linker.args(LINK).arg(&object).arg("-o").arg(&module);
    if let Err(said) = call(&mut linker)? {
        return Ok(Err(said));
    }
    let listed = std::fs::read_to_string(&files)?.replace("\\\n", " ");
    let current = std::env::current_dir()?;
    let is_of_author = |path: &PathBuf| !path.starts_with(support.header_directory());
    let files = dependencies(&listed, &current).into_iter().filter(is_of_author).collect();
    Ok(Ok((std::fs::read(&module)?, files)))
}

/// Calls a program; gives what it says if it fails.
fn call(command: &mut Command) -> io::Result<Result<(), String>> {
    log::debug!("calling {command:?}");
    let output = command.stdin(Stdio::null()).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    log::debug!("it said:\n{said}");
    Ok(if output.status.success() { Ok(()) } else { Err(said) })
}
