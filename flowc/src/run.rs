//! Starts the runner on a manifest and waits for it.

use crate::arguments::Arguments;
use crate::diagnostics::{Code, Diagnostic, shown_path};
use flowcore::content::near_path;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs the flow of a manifest with a runner; gives the runner's exit status. Relative paths start from `current`.
///
/// # Errors
///
/// Fails if the runner is not found or does not start, if the file for its input is not there, and if a signal ends it.
pub fn run(
    runner: &str,
    manifest: &Path,
    arguments: &Arguments,
    current: &Path,
) -> Result<i32, Box<Diagnostic>> {
    let program = program(runner);
    let mut command = Command::new(&program);
    command.args(runner_arguments(manifest, arguments));
    if let Some(path) = &arguments.stdin {
        let file = File::open(current.join(path)).map_err(|error| {
            let near = near_path(&current.join(path), "").filter(|near| near.is_file());
            let help = near.map(|near| format!("did you mean '{}'?", shown_path(&near)));
            let message = format!("{} cannot be read: {error}", path.display());
            Box::new(Diagnostic::new(Code::E038, message).help(help))
        })?;
        command.stdin(Stdio::from(file));
    }
    log::info!("starting {command:?}");
    let status = command.status().map_err(|error| Box::new(not_started(runner, &program, &error)))?;
    let ended = || Diagnostic::new(Code::E036, format!("the runner '{runner}' was ended by {status}"));
    status.code().ok_or_else(|| Box::new(ended()))
}

fn not_started(runner: &str, program: &Path, error: &io::Error) -> Diagnostic {
    if error.kind() == io::ErrorKind::NotFound {
        return Diagnostic::new(Code::E036, format!("the runner '{runner}' was not found"))
            .help("it is looked for beside flowc and on PATH; -c compiles without running".to_owned());
    }
    Diagnostic::new(Code::E036, format!("the runner '{}' cannot be started: {error}", program.display()))
}

/// The runner beside this program; else its name, for the system to look for.
fn program(runner: &str) -> PathBuf {
    let beside = std::env::current_exe().ok().and_then(|exe| {
        let path = exe.parent()?.join(format!("{runner}{}", std::env::consts::EXE_SUFFIX));
        path.is_file().then_some(path)
    });
    beside.unwrap_or_else(|| PathBuf::from(runner))
}

/// The options of the runner, the manifest, and the arguments of the flow. Those that begin like an option, such as `-5`,
/// stand behind `--`: the runner would take them for options of its own. Where the first one does not, the runner itself
/// stops looking for options at it.
fn runner_arguments(manifest: &Path, arguments: &Arguments) -> Vec<OsString> {
    let mut words: Vec<OsString> = Vec::new();
    if let Some(verbosity) = arguments.verbosity {
        words.extend(["-v".into(), verbosity.as_str().into()]);
    }
    if arguments.metrics {
        words.push("-m".into());
    }
    if arguments.debug {
        words.push("-d".into());
    }
    words.push(if arguments.wasm { "-w" } else { "-n" }.into());
    for entry in &arguments.libdir {
        words.extend(["-L".into(), entry.into()]);
    }
    words.push(manifest.into());
    let first = arguments.flow_arguments.first();
    if first.is_some_and(|first| first.as_encoded_bytes().starts_with(b"-")) {
        words.push("--".into());
    }
    words.extend(arguments.flow_arguments.iter().cloned());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runner_gets_its_options_the_manifest_and_the_flows_arguments() {
        let words = |arguments: &Arguments| {
            let words = runner_arguments(Path::new("/f/manifest.json"), arguments);
            words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(words(&Arguments::default()), "-n /f/manifest.json");
        let all = Arguments {
            verbosity: Some(crate::arguments::Verbosity::Info),
            metrics: true,
            debug: true,
            wasm: true,
            libdir: vec!["a".to_owned(), "b".to_owned()],
            flow_arguments: vec!["x".into(), "-y".into()],
            ..Arguments::default()
        };
        assert_eq!(words(&all), "-v info -m -d -w -L a -L b /f/manifest.json x -y");
        let negative = Arguments { flow_arguments: vec!["-5".into(), "x".into()], ..Arguments::default() };
        assert_eq!(words(&negative), "-n /f/manifest.json -- -5 x");
    }
}
