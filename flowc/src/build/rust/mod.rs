//! Functions in Rust: all that have to be built in one call of cargo, and their tests in another.

mod errors;
mod job;
mod testing;

use super::cargo::{self, Called};
use super::fingerprint::{Digest, Digests, Record, is_changed_since};
use super::package::{LIBRARY, MODULE, Package, Tests};
use super::prune::prune;
use super::store::Store;
use super::support::Support;
use super::toolchain::{Compiler, ToolChain};
use super::workspace::{Member, Unwritten, Workspace, profiles};
use super::{Project, Setting, Wanted, fit, named, note, open_store, shrink, support, tell, unusable_store};
use crate::diagnostics::Report;
use errors::{no_tool_chain, tell_errors, tell_unusable};
use job::{Job, JobCode};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

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
    if look(&jobs, &store, &built_with, &mut modules, report).is_empty() {
        return modules;
    }
    let name = workspace_name(project);
    let locked = store.lock(&name);
    // Whoever held the lock may have built the same.
    let stale = look(&jobs, &store, &built_with, &mut modules, report);
    let stale_jobs: Vec<&Job<'_>> = stale.iter().filter_map(|place| jobs.get(*place)).collect();
    let Some(first) = stale_jobs.first() else { return modules };
    let tool_chain = match compiler.and_then(Compiler::tool_chain) {
        Ok(tool_chain) => tool_chain,
        Err(missing) => {
            report.add(no_tool_chain(&stale_jobs, &missing));
            return modules;
        }
    };
    let build = Build {
        jobs: &jobs,
        stale: &stale_jobs,
        project,
        setting,
        store: &store,
        tool_chain,
        built_with,
        begun: SystemTime::now(),
    };
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

/// Fetches the modules that are still what would be built; gives the places of the others.
fn look(
    jobs: &[Job<'_>],
    store: &Store,
    built_with: &BuiltWith,
    modules: &mut [Option<Vec<u8>>],
    report: &mut Report,
) -> Vec<usize> {
    let (mut stale, mut digests) = (Vec::new(), Digests::default());
    for (place, (job, module)) in jobs.iter().zip(modules).enumerate() {
        *module = job.current(store, built_with, &mut digests);
        // Also where it was never built: whoever waits for changes waits for these.
        for path in job.known() {
            digests.of(&path);
        }
        if module.is_none() {
            stale.push(place);
        }
    }
    note(&digests, report);
    stale
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

/// What is built, and where.
struct Build<'run> {
    jobs: &'run [Job<'run>],
    stale: &'run [&'run Job<'run>],
    project: &'run Project,
    setting: &'run Setting,
    store: &'run Store,
    tool_chain: ToolChain,
    built_with: BuiltWith,
    begun: SystemTime,
}

/// A function in the workspace.
struct Placed<'run> {
    job: &'run Job<'run>,
    /// The manifest of its package there.
    manifest: PathBuf,
    /// Whether it has tests.
    tests: Tests,
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
        let tests = package.tests();
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
        Ok(Placed { job, manifest, tests })
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
        if is_changed_since(&files, self.begun) {
            // Nobody knows which content was compiled, so it is built again the next time.
            return Ok(());
        }
        if let Some(tools) = &self.built_with.tools {
            let record = Record::new(self.built_with.setting.clone(), tools.clone(), files, digest, digests);
            self.store.remember(&job.key, &record)?;
        }
        Ok(())
    }
}
