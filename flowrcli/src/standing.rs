//! How a run stands: on request on standard error, and in a file for programs.

use crate::arguments::Arguments;
use crate::metrics::json;
use flowrlib::runner::{ExecutorReport, Report, StatusBell};
use log::error;
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::NamedTempFile;

/// A bell that has runs tell how they stand: to the terminal, and to the file that was named.
pub(crate) fn bell(arguments: &Arguments) -> StatusBell {
    let file = arguments.status_json.clone();
    StatusBell::new(move |report| {
        // Whoever reads that it is told finds it in the file.
        if let Some(file) = &file {
            told(write(file, report, false), file);
        }
        // Whoever closed standard error does not want to know.
        print(report, &mut io::stderr().lock()).ok();
    })
}

/// Writes down how a run ended, if there is a file for it.
pub(crate) fn ended(arguments: &Arguments, report: &Report) {
    if let Some(file) = &arguments.status_json {
        told(write(file, report, true), file);
    }
}

fn told(written: io::Result<()>, file: &Path) {
    if let Err(error) = written {
        error!("the status cannot be written to {}: {error}", file.display());
    }
}

/// Replaces the file whole or not at all: whoever reads it meanwhile gets what was there before.
fn write(file: &Path, report: &Report, is_over: bool) -> io::Result<()> {
    let mut status = json(report);
    if let Some(members) = status.as_object_mut() {
        members.insert("is_over".to_owned(), is_over.into());
        members.insert("is_stopped".to_owned(), report.stopped.is_some().into());
        members.insert(
            "executors".to_owned(),
            report.executors.iter().map(crate::metrics::executor).collect::<Vec<_>>().into(),
        );
    }
    let mut beside = beside(file)?;
    writeln!(beside, "{status}")?;
    // One that cannot be put there is removed with the error.
    beside.persist(file)?;
    Ok(())
}

/// A new file in the same folder, whose name nobody can guess, for those who may read the one that is there; for
/// whomever the system lets read new files if there is none.
fn beside(file: &Path) -> io::Result<NamedTempFile> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let before = match fs::metadata(file) {
        Ok(before) if !before.is_file() => {
            return Err(io::Error::other("there is something that is no file"));
        }
        Ok(before) => Some(before.permissions()),
        Err(_) => None,
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".status-").permissions(Permissions::from_mode(0o666));
    let beside = builder.tempfile_in(folder)?;
    if let Some(permissions) = before {
        beside.as_file().set_permissions(permissions)?;
    }
    Ok(beside)
}

fn print(report: &Report, output: &mut impl Write) -> io::Result<()> {
    let counts = report.counts;
    let running: usize = report.executors.iter().map(|one| one.running).sum();
    writeln!(
        output,
        "Status after {:.1} s: {} jobs created, {} failed; {} are with executors",
        report.elapsed.as_secs_f64(),
        counts.jobs_created,
        counts.jobs_failed,
        running
    )?;
    for executor in &report.executors {
        writeln!(output, "  {}", line(executor))?;
    }
    if report.context_jobs > 0 {
        writeln!(output, "  context functions (runner): {} jobs done", report.context_jobs)?;
    }
    let dropped = report.dropped;
    if dropped != Default::default() {
        writeln!(
            output,
            "  answers that were not used: {} stale, {} duplicate, {} foreign",
            dropped.stale, dropped.duplicate, dropped.foreign
        )?;
    }
    output.flush()
}

/// What there is to say of an executor.
fn line(executor: &ExecutorReport) -> String {
    let presence = if executor.is_attached { "" } else { ", gone" };
    format!(
        "{} ({}{presence}): {} jobs done, {} running, {} lost, {} run again, {} called off, {} given back, \
         {} bytes sent, {} received, {:?} a job",
        executor.name,
        executor.place,
        executor.jobs,
        executor.running,
        executor.lost,
        executor.rerun,
        executor.cancelled,
        executor.returned,
        executor.traffic.sent,
        executor.traffic.received,
        executor.mean
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowrlib::runner::{Dropped, Place, Traffic};
    use flowrlib::state::Counts;
    use std::time::Duration;

    fn report() -> Report {
        Report {
            runner: "nightly".into(),
            functions: 1,
            counts: Counts { jobs_created: 9, ..Counts::default() },
            most_parallel: 2,
            elapsed: Duration::from_millis(1500),
            executors: vec![ExecutorReport {
                name: "one".into(),
                place: Place::Worker,
                slots: 2,
                is_attached: false,
                jobs: 3,
                running: 0,
                rerun: 1,
                lost: 2,
                cancelled: 4,
                returned: 5,
                traffic: Traffic { sent: 100, received: 200 },
                mean: Duration::from_micros(7),
            }],
            context_jobs: 1,
            dropped: Dropped { stale: 1, duplicate: 2, foreign: 3 },
            unfinished: 0,
            failures_at_end: 0,
            left_behind: false,
            values_unsent: 0,
            stopped: None,
        }
    }

    #[test]
    fn people_get_a_line_for_each_executor() {
        let mut text = Vec::new();
        print(&report(), &mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "Status after 1.5 s: 9 jobs created, 0 failed; 0 are with executors\n  \
             one (worker, gone): 3 jobs done, 0 running, 2 lost, 1 run again, 4 called off, 5 given back, \
             100 bytes sent, 200 received, 7µs a job\n  \
             context functions (runner): 1 jobs done\n  \
             answers that were not used: 1 stale, 2 duplicate, 3 foreign\n"
        );
    }

    #[test]
    fn a_status_replaces_the_one_before_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("status.json");
        for is_over in [false, true] {
            write(&file, &report(), is_over).unwrap();
            let status: serde_json::Value =
                serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
            assert_eq!(status["is_over"], is_over);
            assert_eq!(status["runner"], "nightly");
            assert_eq!(status["answers_dropped"]["foreign"], 3);
            assert_eq!(status["executors"][0]["bytes_received"], 200);
            assert_eq!(status["executors"][0]["mean_nanoseconds"], 7000);
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write(&folder.path().join("no/folder"), &report(), true).is_err());
        assert!(write(folder.path(), &report(), true).is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_status_can_be_read_by_those_who_could_read_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o777;
        let [file, other] = ["status.json", "other"].map(|name| folder.path().join(name));
        fs::write(&other, "").unwrap();
        write(&file, &report(), false).unwrap();
        assert_eq!(mode(&file), mode(&other), "a new one is as any other file");
        for kept in [0o600, 0o664] {
            fs::set_permissions(&file, Permissions::from_mode(kept)).unwrap();
            write(&file, &report(), true).unwrap();
            assert_eq!(mode(&file), kept);
        }
    }

    #[test]
    fn nobody_can_lay_something_where_a_status_is_written_first() {
        let folder = tempfile::tempdir().unwrap();
        let [file, elsewhere] = ["status.json", "elsewhere"].map(|name| folder.path().join(name));
        fs::write(&elsewhere, "mine").unwrap();
        let guessed = folder.path().join(format!(".status.json.{}", std::process::id()));
        std::os::unix::fs::symlink(&elsewhere, &guessed).unwrap();
        write(&file, &report(), true).unwrap();
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "mine");
        assert!(guessed.is_symlink() && !file.is_symlink());
    }
}
