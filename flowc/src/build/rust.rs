//! Functions in Rust: all that have to be built in one call of cargo, and their tests in another.

use super::cargo::{self, Called};
use super::fingerprint::{Digest, Digests, Record};
use super::package::{LIBRARY, MODULE, Package, Unusable};
use super::prune::prune;
use super::store::Store;
use super::support::Support;
use super::toolchain::{Compiler, Missing, ToolChain};
use super::workspace::{Member, Unwritten, Workspace, profiles};
use super::{
    LibraryCrate, Project, Setting, Wanted, fit, key, named, note, open_store, shrink, support, tell,
    unusable_store,
};
use crate::diagnostics::{Code, Diagnostic, Report, name_of};
use flowcore::span::Span;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use url::Url;

/// The manifests that a function may have beside its source.
const MANIFESTS: [&str; 2] = ["function.toml", "Cargo.toml"];

/// Builds functions; none for those that cannot be built, about which the report tells.
pub(super) fn build(
    wanted: &[&Wanted],
    project: &Project,
    setting: &Setting,
    report: &mut Report,
) -> Vec<Option<Vec<u8>>> {
    let mut modules = vec![None; wanted.len()];
    let Some(first) = wanted.first() else { return modules };
    let Some(store) = open_store(first, setting, report) else { return modules };
    let compiler = Compiler::find(setting.rust.as_deref());
    let built_with = BuiltWith::new(setting, compiler.as_ref().ok());
    let jobs: Vec<Job<'_>> =
        wanted.iter().filter_map(|one| Job::new(one, project, setting, report)).collect();
    if jobs.len() < wanted.len() {
        return modules;
    }
    let look = |modules: &mut Vec<Option<Vec<u8>>>, report: &mut Report| {
        let (mut stale, mut digests) = (Vec::new(), Digests::default());
        for (place, (job, module)) in jobs.iter().zip(modules).enumerate() {
            *module = job.current(&store, &built_with, &mut digests);
            for path in job.known() {
                digests.of(&path);
            }
            if module.is_none() {
                stale.push(place);
            }
        }
        note(&digests, report);
        stale
    };
    if look(&mut modules, report).is_empty() {
        return modules;
    }
    let name = workspace_name(project);
    let locked = store.lock(&name);
    // Whoever held the lock may have built the same.
    let stale = look(&mut modules, report);
    let stale_jobs: Vec<&Job<'_>> = stale.iter().filter_map(|place| jobs.get(*place)).collect();
    let Some(first) = stale_jobs.first() else { return modules };
    let tool_chain = match compiler.and_then(Compiler::tool_chain) {
        Ok(tool_chain) => tool_chain,
        Err(missing) => {
            report.add(no_tool_chain(&stale_jobs, &missing));
            return modules;
        }
    };
    let build =
        Build { jobs: &jobs, stale: &stale_jobs, project, setting, store: &store, tool_chain, built_with };
    let built = locked.map_err(Unwritten::from).and_then(|_lock| build.run(&name, report));
    prune(&store);
    match built {
        Ok(built) => {
            for (place, built) in stale.iter().zip(built) {
                if let Some(module) = modules.get_mut(*place) {
                    *module = built;
                }
            }
        }
        Err(Unwritten::Unusable(unusable)) => tell_unusable(first.wanted, &unusable, report),
        Err(Unwritten::Store(error)) => {
            let directory = setting.directory.as_deref().unwrap_or(Path::new(""));
            report.add(unusable_store(first.wanted, directory, &error));
        }
    }
    modules
}

/// What modules are built with that is in no file of the author.
struct BuiltWith {
    setting: Digest,
    tools: Option<Digest>,
}

impl BuiltWith {
    fn new(setting: &Setting, compiler: Option<&Compiler>) -> BuiltWith {
        let ours = support::digest().to_string();
        let how = if setting.optimize { "-O" } else { "" };
        let tools = compiler.map(|compiler| {
            let mut tools = vec![compiler.digest()];
            tools.extend(setting.optimize.then(shrink::digest));
            Digest::of_texts(tools.iter().map(Digest::to_string))
        });
        BuiltWith { setting: Digest::of_texts([&*ours, how, profiles()]), tools }
    }
}

/// A readable name for the workspace of a project, and one that no other has.
fn workspace_name(project: &Project) -> String {
    let name = project.root.file_name().unwrap_or_default().to_string_lossy();
    let name: String = name.chars().map(|one| if one.is_ascii_alphanumeric() { one } else { '-' }).collect();
    format!("{name}-{}", Digest::of(project.root.to_string_lossy().as_bytes()).short())
}

fn no_tool_chain(stale: &[&Job<'_>], missing: &Missing) -> Diagnostic {
    let functions: Vec<&Wanted> = stale.iter().map(|job| job.wanted).collect();
    let message = format!("{} cannot be built: {missing}", named(&functions));
    let diagnostic = Diagnostic::new(Code::E062, message).help(missing.help());
    match functions.first() {
        Some(first) => diagnostic.at(first.place.0, first.place.1, ""),
        None => diagnostic,
    }
}

fn tell_unusable(wanted: &Wanted, unusable: &Unusable, report: &mut Report) {
    let Unusable { path, message, span } = unusable;
    let url = Url::from_file_path(path).ok();
    let name = url.as_ref().map_or_else(|| path.display().to_string(), name_of);
    let message = format!("{name} cannot be used to build {}: {message}", wanted.quoted_name());
    let diagnostic = Diagnostic::new(Code::E065, message);
    let text = fs::read_to_string(path);
    let diagnostic = match (url, text, span) {
        (Some(url), Ok(text), Some(span)) => {
            let source = report.sources.add(url, Arc::from(text));
            diagnostic.at(source, Span::new(span.start, span.end), "")
        }
        _ => diagnostic.at(wanted.place.0, wanted.place.1, ""),
    };
    report.add(diagnostic);
}

/// A function, and how it is built.
struct Job<'run> {
    wanted: &'run Wanted,
    code: JobCode,
    /// What was looked for and not found.
    missing: Vec<PathBuf>,
    key: Digest,
}

/// Where the code of a function is.
enum JobCode {
    /// In a crate of its own; none if the author says nothing about it.
    Own(Option<Package>),
    /// In the crate of its library, at this path.
    Library(String),
}

impl<'run> Job<'run> {
    fn new(
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
    fn current(&self, store: &Store, built_with: &BuiltWith, digests: &mut Digests) -> Option<Vec<u8>> {
        let record = store.record(&self.key)?;
        let is_current = record.is_current(&built_with.setting, built_with.tools.as_ref(), digests);
        is_current.then(|| store.module(&record.module))?
    }

    /// What it is known to depend on without asking anybody.
    fn known(&self) -> BTreeSet<PathBuf> {
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
    let capitalize = |part: &str| {
        let mut rest = part.chars();
        rest.next().map(|first| first.to_uppercase().chain(rest).collect::<String>()).unwrap_or_default()
    };
    path.push(wanted.name.split(['_', '-']).map(capitalize).collect());
    Some(path.join("::"))
}

/// What is built, and where.
struct Build<'run> {
    jobs: &'run [Job<'run>],
    stale: &'run [&'run Job<'run>],
    project: &'run Project,
    setting: &'run Setting,
    store: &'run Store,
    tool_chain: ToolChain,
    built_with: BuiltWith,
}

/// A function in the workspace.
struct Placed<'run> {
    job: &'run Job<'run>,
    /// The manifest of its package there.
    manifest: PathBuf,
    /// Whether there may be tests although nothing in its text says so.
    has_test_dependencies: bool,
}

/// A module that was built, and what it depends on.
struct Module {
    bytes: Vec<u8>,
    files: BTreeSet<PathBuf>,
}

impl Build<'_> {
    fn run(&self, name: &str, report: &mut Report) -> Result<Vec<Option<Vec<u8>>>, Unwritten> {
        let support = Support::unpack(self.store)?;
        let mut workspace = Workspace::new(self.store, &support, name, &self.project.root)?;
        let library = self.add_library(&mut workspace)?;
        let mut placed = Vec::new();
        for job in self.jobs {
            let one = self.add(job, &mut workspace)?;
            if self.stale.iter().any(|stale| stale.key == job.key) {
                placed.push(one);
            }
        }
        let modules = self.build_modules(&workspace, &placed, report)?;
        let passed = self.test(&workspace, &placed, &modules, library.as_deref(), report)?;
        let (mut done, mut digests) = (Vec::new(), Digests::default());
        for ((one, module), passed) in placed.iter().zip(modules).zip(passed) {
            let module =
                module.zip(passed).and_then(|(module, tests)| self.finish(one.job, module, tests, report));
            done.push(match module {
                Some((bytes, files)) => {
                    self.remember(one.job, &bytes, files, &mut digests)?;
                    Some(bytes)
                }
                None => None,
            });
        }
        note(&digests, report);
        Ok(done)
    }

    /// Adds the crate of the library, if functions are in it; gives its manifest.
    fn add_library(&self, workspace: &mut Workspace<'_>) -> Result<Option<PathBuf>, Unwritten> {
        let is_used = self.jobs.iter().any(|job| matches!(job.code, JobCode::Library(_)));
        let Some(library) = self.project.library.as_ref().filter(|_| is_used) else { return Ok(None) };
        let package = Package::read(&library.manifest)?;
        let name = workspace.name(package.name().unwrap_or("library"));
        let mut known: BTreeSet<PathBuf> = package.files.iter().cloned().collect();
        known.extend([library.sources.clone()]);
        let member =
            Member { package, name, source: library.source.clone(), crate_type: LIBRARY, known, text: None };
        workspace.add_library(&member).map(Some)
    }

    fn add<'job>(
        &self,
        job: &'job Job<'job>,
        workspace: &mut Workspace<'_>,
    ) -> Result<Placed<'job>, Unwritten> {
        let name = workspace.name(&job.wanted.name);
        let base = job.wanted.source.parent().unwrap_or(Path::new(""));
        let package = match &job.code {
            JobCode::Own(Some(package)) => package.clone(),
            JobCode::Own(None) | JobCode::Library(_) => workspace.plain(base),
        };
        let has_test_dependencies = package.has_test_dependencies();
        let text = match &job.code {
            JobCode::Own(_) => None,
            JobCode::Library(path) => Some(format!(
                "//! The module of the function `{}`.\n\nflowcore::export_module!({}::{path});\n",
                job.wanted.name,
                workspace.library_name(),
            )),
        };
        let record = self.store.record(&job.key);
        let mut known = job.known();
        known.extend(record.into_iter().flat_map(|record| record.files.into_keys()));
        let source = job.wanted.source.clone();
        let member = Member { package, name, source, crate_type: MODULE, known, text };
        let manifest = workspace.add(&member)?;
        Ok(Placed { job, manifest, has_test_dependencies })
    }

    fn target_directory(&self) -> PathBuf {
        self.store.at("target")
    }

    fn call(&self, workspace: &Workspace<'_>, prepare: impl Fn(&mut Command)) -> io::Result<Called> {
        cargo::call(&self.tool_chain, &workspace.directory, self.setting.style, |command| {
            prepare(command);
            command.arg("--target-dir").arg(self.target_directory());
        })
    }

    fn build_modules(
        &self,
        workspace: &Workspace<'_>,
        placed: &[Placed<'_>],
        report: &mut Report,
    ) -> Result<Vec<Option<Module>>, Unwritten> {
        let functions: Vec<&Wanted> = placed.iter().map(|one| one.job.wanted).collect();
        tell(self.setting, &format!("building {}", named(&functions)));
        workspace.select(placed.iter().map(|one| one.manifest.as_path()))?;
        let called = self.call(workspace, |command| {
            command.args(["build", "--lib", "--keep-going"]);
            if self.setting.optimize {
                command.arg("--release");
            }
            self.tool_chain.for_modules(command);
        })?;
        let mut modules = Vec::new();
        for one in placed {
            modules.push(match called.module(&one.manifest) {
                Some(path) => Some(self.read_module(path, workspace)?),
                None => None,
            });
        }
        let failed: Vec<&Placed<'_>> =
            placed.iter().zip(&modules).filter(|(_, module)| module.is_none()).map(|(one, _)| one).collect();
        tell_errors(&failed, placed, &called, "cannot be compiled", report);
        Ok(modules)
    }

    /// Reads a module, and what the file beside it says that it depends on.
    fn read_module(&self, path: &Path, workspace: &Workspace<'_>) -> io::Result<Module> {
        let bytes = fs::read(path)?;
        let files = self.dependencies(&path.with_extension("d"), workspace);
        Ok(Module { bytes, files })
    }

    /// The files of the author that something depends on. Those in the store are of this program, but links in it lead to
    /// the author's.
    fn dependencies(&self, path: &Path, workspace: &Workspace<'_>) -> BTreeSet<PathBuf> {
        let text = fs::read_to_string(path).unwrap_or_default();
        let store = self.store.at("");
        let store = store.canonicalize().unwrap_or(store);
        let of_author = |path: PathBuf| match path.canonicalize() {
            Ok(real) if real.starts_with(&store) => None,
            Ok(real) if path.starts_with(&store) || path.starts_with(self.store.at("")) => Some(real),
            _ => Some(path),
        };
        cargo::dependencies(&text, &workspace.directory).into_iter().filter_map(of_author).collect()
    }

    /// Runs the tests of the functions whose modules were built, as programs of this machine. For each function that
    /// passes, the files that its tests depend on.
    fn test(
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
        one.has_test_dependencies || module.files.iter().any(has_word)
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

    /// Makes a module what it is in the end.
    fn finish(
        &self,
        job: &Job<'_>,
        module: Module,
        tests: BTreeSet<PathBuf>,
        report: &mut Report,
    ) -> Option<(Vec<u8>, BTreeSet<PathBuf>)> {
        let mut bytes = fit(job.wanted, module.bytes, report)?;
        if self.setting.optimize {
            bytes = shrink::shrink(&bytes).map_err(|failed| report.add(failed.about(job.wanted))).ok()?;
        }
        Some((bytes, module.files.into_iter().chain(tests).collect()))
    }

    fn remember(
        &self,
        job: &Job<'_>,
        module: &[u8],
        mut files: BTreeSet<PathBuf>,
        digests: &mut Digests,
    ) -> io::Result<()> {
        files.extend(job.known());
        let digest = self.store.keep(module)?;
        if let Some(tools) = &self.built_with.tools {
            let record = Record::new(self.built_with.setting.clone(), tools.clone(), files, digest, digests);
            self.store.remember(&job.key, &record)?;
        }
        Ok(())
    }
}

/// Reports what keeps functions from being built: each with its own errors, and once what is wrong elsewhere.
fn tell_errors(failed: &[&Placed<'_>], all: &[Placed<'_>], called: &Called, what: &str, report: &mut Report) {
    let mut others = Vec::new();
    for one in failed {
        let errors = called.errors(&one.manifest);
        if errors.is_empty() {
            others.push(*one);
            continue;
        }
        let message = format!("the function {} {what}", one.job.wanted.quoted_name());
        let help = match &one.job.code {
            JobCode::Own(None) if ["E0432", "E0433"].iter().any(|code| errors.contains(code)) => {
                Some("crates that it uses are named in a file function.toml beside it".to_owned())
            }
            JobCode::Library(path) if errors.contains("E0433") || errors.contains("E0432") => Some(format!(
                "it is looked for in the crate of the library, as {path}; with a file function.toml beside it, it is built by itself"
            )),
            _ => None,
        };
        report.add(one.job.wanted.error(Code::E060, message).help(help).quoting(errors));
    }
    let Some(first) = others.first() else { return };
    let elsewhere = called.errors_where(|manifest| all.iter().all(|one| one.manifest != manifest));
    let functions: Vec<&Wanted> = others.iter().map(|one| one.job.wanted).collect();
    let message = match functions.as_slice() {
        [_] => format!("the function {} {what}", named(&functions)),
        _ => format!("the functions {} cannot be compiled", named(&functions)),
    };
    let said = if elsewhere.is_empty() { called.said.clone() } else { elsewhere };
    report.add(first.job.wanted.error(Code::E060, message).quoting(said));
}
