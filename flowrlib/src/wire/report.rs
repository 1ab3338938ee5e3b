//! How a run went, as bytes.

use crate::distribution::Dropped;
use crate::state::Counts;
use crate::stop::Stop;
use crate::terms::{ExecutorReport, Report};
use crate::transport::{Place, Traffic};
use flowcore::encoding::{DecodeError, Reader, put_integer, put_length, put_text};
use std::time::Duration;

pub(super) fn put_report(bytes: &mut Vec<u8>, report: &Report) {
    put_text(bytes, &report.runner);
    put_length(bytes, report.functions);
    let Counts { jobs_created, values_sent, jobs_failed, values_lost, discarded } = report.counts;
    for count in [jobs_created, values_sent, jobs_failed, values_lost, discarded] {
        put_integer(bytes, count);
    }
    put_length(bytes, report.most_parallel);
    put_integer(bytes, u64::try_from(report.elapsed.as_nanos()).unwrap_or(u64::MAX));
    put_length(bytes, report.executors.len());
    for executor in &report.executors {
        put_text(bytes, &executor.name);
        bytes.push(u8::from(executor.place == Place::Worker));
        put_length(bytes, executor.slots);
        bytes.push(u8::from(executor.is_attached));
        put_length(bytes, executor.running);
        let Traffic { sent, received } = executor.traffic;
        let ExecutorReport { jobs, rerun, lost, cancelled, returned, .. } = *executor;
        for count in [jobs, rerun, lost, cancelled, returned, sent, received] {
            put_integer(bytes, count);
        }
        put_integer(bytes, u64::try_from(executor.mean.as_nanos()).unwrap_or(u64::MAX));
    }
    put_integer(bytes, report.context_jobs);
    let Dropped { stale, duplicate, foreign } = report.dropped;
    for count in [stale, duplicate, foreign] {
        put_integer(bytes, count);
    }
    put_length(bytes, report.unfinished);
    put_length(bytes, report.failures_at_end);
    put_integer(bytes, report.values_unsent);
    put_stop(bytes, report.stopped);
}

pub(super) fn read_report(reader: &mut Reader<'_>) -> Result<Report, DecodeError> {
    let runner = reader.text()?.to_owned();
    let functions = reader.small()?;
    let counts = Counts {
        jobs_created: reader.integer()?,
        values_sent: reader.integer()?,
        jobs_failed: reader.integer()?,
        values_lost: reader.integer()?,
        discarded: reader.integer()?,
    };
    let most_parallel = reader.small()?;
    let elapsed = Duration::from_nanos(reader.integer()?);
    let mut executors = Vec::new();
    for _ in 0..reader.count()? {
        let name = reader.text()?.to_owned();
        let place = match reader.byte()? {
            0 => Place::Runner,
            1 => Place::Worker,
            tag => return Err(DecodeError::UnknownTag { what: "place", tag }),
        };
        let slots = reader.small()?;
        let is_attached = match reader.byte()? {
            0 => false,
            1 => true,
            tag => return Err(DecodeError::UnknownTag { what: "truth", tag }),
        };
        executors.push(ExecutorReport {
            name,
            place,
            slots,
            is_attached,
            running: reader.small()?,
            jobs: reader.integer()?,
            rerun: reader.integer()?,
            lost: reader.integer()?,
            cancelled: reader.integer()?,
            returned: reader.integer()?,
            traffic: Traffic { sent: reader.integer()?, received: reader.integer()? },
            mean: Duration::from_nanos(reader.integer()?),
        });
    }
    Ok(Report {
        runner,
        functions,
        counts,
        most_parallel,
        elapsed,
        executors,
        context_jobs: reader.integer()?,
        dropped: Dropped {
            stale: reader.integer()?,
            duplicate: reader.integer()?,
            foreign: reader.integer()?,
        },
        unfinished: reader.small()?,
        failures_at_end: reader.small()?,
        // What is written to are the reader's own streams, not those of whoever sends this.
        left_behind: false,
        values_unsent: reader.integer()?,
        stopped: read_stop(reader)?,
    })
}

pub(super) fn put_stop(bytes: &mut Vec<u8>, stop: Option<Stop>) {
    bytes.push(match stop {
        None => 0,
        Some(Stop::Interrupted) => 1,
        Some(Stop::Closed) => 2,
    });
}

pub(super) fn read_stop(reader: &mut Reader<'_>) -> Result<Option<Stop>, DecodeError> {
    Ok(match reader.byte()? {
        0 => None,
        1 => Some(Stop::Interrupted),
        2 => Some(Stop::Closed),
        tag => return Err(DecodeError::UnknownTag { what: "stop", tag }),
    })
}
