//! The tests of functions: compiled in one call of cargo, and run as programs of this machine.

use super::super::cargo::{self, Called};
use super::super::package::Tests;
use super::super::workspace::{Unwritten, Workspace};
use super::super::{Wanted, named, tell};
use super::errors::tell_errors;
use super::job::JobCode;
use super::{Build, Module, Placed};
use crate::diagnostics::{Code, Diagnostic, Report};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

impl Build<'_> {
    /// Runs the tests of the functions whose modules were built, as programs of this machine. For each function that
    /// passes, the files that its tests depend on.
    pub(super) fn test(
        &self,
        workspace: &Workspace<'_>,
        placed: &[Placed<'_>],
        modules: &[Option<Module>],
        library: Option<&Path>,
        report: &mut Report,
    ) -> Result<Vec<Option<BTreeSet<PathBuf>>>, Unwritten> {
        let is_tested: Vec<bool> = placed
            .iter()
            .zip(modules)
            .map(|(one, module)| self.may_have_tests(one, module.as_ref()))
            .collect();
        let tested: Vec<&Placed<'_>> =
            placed.iter().zip(&is_tested).filter(|(_, is_tested)| **is_tested).map(|(one, _)| one).collect();
        let is_library_used = placed
            .iter()
            .zip(modules)
            .any(|(one, module)| module.is_some() && matches!(one.job.code, JobCode::Library(_)));
        let library = library.filter(|_| is_library_used);
        if tested.is_empty() && library.is_none() {
            return Ok(placed.iter().map(|_| Some(BTreeSet::new())).collect());
        }
        let functions: Vec<&Wanted> = tested.iter().map(|one| one.job.wanted).collect();
        tell(
            self.setting,
            &if tested.is_empty() {
                "testing the library".to_owned()
            } else {
                format!("testing {}", named(&functions))
            },
        );
        workspace.select(tested.iter().map(|one| one.manifest.as_path()).chain(library))?;
        let called = self.call(workspace, |command| {
            command.args(["test", "--lib", "--no-run"]);
        })?;
        let is_missing = |one: &&&Placed<'_>| called.program(&one.manifest).is_none();
        let failed: Vec<&Placed<'_>> = tested.iter().filter(is_missing).copied().collect();
        tell_errors(&failed, placed, &called, "has tests that cannot be compiled", report);
        let is_library_sound = match library {
            Some(manifest) => self.test_library(manifest, &called, workspace, report),
            None => Some(BTreeSet::new()),
        };
        let mut passed = Vec::new();
        for (one, is_tested) in placed.iter().zip(is_tested) {
            passed.push(match (&one.job.code, is_tested) {
                (JobCode::Library(_), _) => is_library_sound.clone(),
                (JobCode::Own(_), false) => Some(BTreeSet::new()),
                (JobCode::Own(_), true) => self.run_tests(one, &called, workspace, report),
            });
        }
        Ok(passed)
    }

    /// Tests that nobody has written need not be compiled. The word stands in every text that has some.
    fn may_have_tests(&self, one: &Placed<'_>, module: Option<&Module>) -> bool {
        const WORD: &[u8] = b"test";
        let Some(module) = module.filter(|_| matches!(one.job.code, JobCode::Own(_))) else { return false };
        let has_word = |path: &PathBuf| {
            fs::read(path).is_ok_and(|text| text.windows(WORD.len()).any(|window| window == WORD))
        };
        match one.tests {
            Tests::None => false,
            Tests::Some => true,
            Tests::AsTextTells => module.files.iter().any(has_word),
        }
    }

    fn run_tests(
        &self,
        one: &Placed<'_>,
        called: &Called,
        workspace: &Workspace<'_>,
        report: &mut Report,
    ) -> Option<BTreeSet<PathBuf>> {
        let program = called.program(&one.manifest)?;
        let wanted = one.job.wanted;
        match self.run_program(program, wanted.source.parent().unwrap_or(Path::new(""))) {
            Ok(()) => Some(self.dependencies(&program.with_extension("d"), workspace)),
            Err(said) => {
                let message = format!("a test of the function {} fails", wanted.quoted_name());
                report.add(wanted.error(Code::E061, message).quoting(said));
                None
            }
        }
    }

    fn test_library(
        &self,
        manifest: &Path,
        called: &Called,
        workspace: &Workspace<'_>,
        report: &mut Report,
    ) -> Option<BTreeSet<PathBuf>> {
        let Some(program) = called.program(manifest) else {
            let message = "the tests of the library cannot be compiled";
            report.add(Diagnostic::new(Code::E060, message).quoting(called.errors(manifest)));
            return None;
        };
        match self.run_program(program, &self.project.root) {
            Ok(()) => Some(self.dependencies(&program.with_extension("d"), workspace)),
            Err(said) => {
                report.add(Diagnostic::new(Code::E061, "a test of the library fails").quoting(said));
                None
            }
        }
    }

    /// Runs a program with tests where the author's sources are, as cargo would; gives what it says if they fail.
    fn run_program(&self, program: &Path, directory: &Path) -> Result<(), String> {
        let mut command = Command::new(program);
        command.args(["--color", cargo::colour(self.setting.style)]);
        command.current_dir(directory).env("CARGO_MANIFEST_DIR", directory).stdin(Stdio::null());
        log::debug!("calling {command:?}");
        let output = command.output().map_err(|error| error.to_string())?;
        if output.status.success() {
            return Ok(());
        }
        let said = [&output.stdout[..], &output.stderr[..]].concat();
        let mut said = String::from_utf8_lossy(&said).into_owned();
        if output.status.code().is_none() {
            said.push_str(&format!("\nthe tests were ended by {}", output.status));
        }
        Err(said)
    }
}
