//! What messages are made of, beyond what [`flowcore::encoding`] has: orders and results, and the parts of these.

use crate::dispatch::Attempt;
use crate::executor::{JobOrder, JobResult, ModuleLimits};
use crate::modules::Digest;
use crate::program::{ImplementationId, LaneId};
use crate::state::{InputSet, Ticket};
use crate::table::Id;
use flowcore::encoding::{
    DecodeError, Reader, put_integer, put_length, put_notices, put_outcome, put_text, put_value,
    read_notices, read_outcome, read_value,
};
use std::time::Duration;

pub(super) fn put_texts(bytes: &mut Vec<u8>, texts: &[String]) {
    put_length(bytes, texts.len());
    texts.iter().for_each(|text| put_text(bytes, text));
}

pub(super) fn read_texts(reader: &mut Reader<'_>) -> Result<Vec<String>, DecodeError> {
    let mut texts = Vec::new();
    for _ in 0..reader.count()? {
        texts.push(reader.text()?.to_owned());
    }
    Ok(texts)
}

pub(super) fn put_run(bytes: &mut Vec<u8>, tag: u8, run: u64) {
    bytes.push(tag);
    put_integer(bytes, run);
}

pub(super) fn put_truth(bytes: &mut Vec<u8>, truth: bool) {
    bytes.push(u8::from(truth));
}

pub(super) fn read_truth(reader: &mut Reader<'_>) -> Result<bool, DecodeError> {
    match reader.byte()? {
        0 => Ok(false),
        1 => Ok(true),
        tag => Err(DecodeError::UnknownTag { what: "truth", tag }),
    }
}

pub(super) fn put_numbered(bytes: &mut Vec<u8>, tag: u8, run: u64, number: u64) {
    put_run(bytes, tag, run);
    put_integer(bytes, number);
}

pub(super) fn put_attempts(bytes: &mut Vec<u8>, jobs: &[Attempt]) {
    put_length(bytes, jobs.len());
    for Attempt { ticket, number } in jobs {
        put_ticket(bytes, *ticket);
        put_integer(bytes, u64::from(*number));
    }
}

pub(super) fn read_attempts(reader: &mut Reader<'_>) -> Result<Vec<Attempt>, DecodeError> {
    let mut jobs = Vec::new();
    for _ in 0..reader.count()? {
        jobs.push(Attempt { ticket: read_ticket(reader)?, number: reader.small()? });
    }
    Ok(jobs)
}

/// In nanoseconds; 0 is no limit.
pub(super) fn put_limit(bytes: &mut Vec<u8>, limit: Option<Duration>) {
    let nanos = limit.map_or(0, |limit| u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX));
    put_integer(bytes, nanos);
}

pub(super) fn read_limit(reader: &mut Reader<'_>) -> Result<Option<Duration>, DecodeError> {
    Ok(Some(reader.integer()?).filter(|&nanos| nanos > 0).map(Duration::from_nanos))
}

pub(super) fn put_module_limits(bytes: &mut Vec<u8>, limits: &ModuleLimits) {
    let ModuleLimits { memory, result, time, fresh } = limits;
    put_integer(bytes, *memory);
    put_integer(bytes, *result);
    put_limit(bytes, *time);
    put_truth(bytes, *fresh);
}

pub(super) fn read_module_limits(reader: &mut Reader<'_>) -> Result<ModuleLimits, DecodeError> {
    let (memory, result, time) = (reader.integer()?, reader.integer()?, read_limit(reader)?);
    Ok(ModuleLimits { memory, result, time, fresh: read_truth(reader)? })
}

pub(super) fn put_digest(bytes: &mut Vec<u8>, digest: &Digest) {
    bytes.extend_from_slice(digest.as_bytes());
}

pub(super) fn read_digest(reader: &mut Reader<'_>) -> Result<Digest, DecodeError> {
    let bytes = reader.take(Digest::LENGTH)?.try_into().map_err(|_| DecodeError::Truncated)?;
    Ok(Digest::from_bytes(bytes))
}

pub(super) fn put_digests(bytes: &mut Vec<u8>, digests: &[Digest]) {
    put_length(bytes, digests.len());
    digests.iter().for_each(|digest| put_digest(bytes, digest));
}

pub(super) fn read_digests(reader: &mut Reader<'_>) -> Result<Vec<Digest>, DecodeError> {
    (0..reader.count()?).map(|_| read_digest(reader)).collect()
}

pub(super) fn put_orders(bytes: &mut Vec<u8>, orders: &[JobOrder]) {
    put_length(bytes, orders.len());
    for order in orders {
        put_ticket(bytes, order.ticket);
        put_integer(bytes, u64::from(order.attempt));
        put_length(bytes, order.implementation.index());
        put_length(bytes, order.inputs.len());
        order.inputs.iter().for_each(|value| put_value(bytes, value));
    }
}

pub(super) fn read_orders(reader: &mut Reader<'_>) -> Result<Vec<JobOrder>, DecodeError> {
    let mut orders = Vec::new();
    for _ in 0..reader.count()? {
        let ticket = read_ticket(reader)?;
        let attempt = reader.small()?;
        let implementation = ImplementationId::from_index(reader.small()?);
        let mut inputs = InputSet::new();
        for _ in 0..reader.count()? {
            inputs.push(read_value(reader)?);
        }
        orders.push(JobOrder { ticket, attempt, implementation, inputs });
    }
    Ok(orders)
}

pub(super) fn put_results(bytes: &mut Vec<u8>, results: &[JobResult]) {
    put_length(bytes, results.len());
    for result in results {
        put_ticket(bytes, result.ticket);
        put_integer(bytes, u64::from(result.attempt));
        put_integer(bytes, result.nanos);
        put_notices(bytes, &result.notices);
        put_outcome(bytes, &result.outcome);
    }
}

pub(super) fn read_results(reader: &mut Reader<'_>) -> Result<Vec<JobResult>, DecodeError> {
    let mut results = Vec::new();
    for _ in 0..reader.count()? {
        let ticket = read_ticket(reader)?;
        let attempt = reader.small()?;
        let nanos = reader.integer()?;
        let notices = read_notices(reader)?;
        results.push(JobResult { ticket, attempt, nanos, notices, outcome: read_outcome(reader)? });
    }
    Ok(results)
}

pub(super) fn put_ticket(bytes: &mut Vec<u8>, ticket: Ticket) {
    put_length(bytes, ticket.lane.index());
    put_integer(bytes, ticket.place);
}

pub(super) fn read_ticket(reader: &mut Reader<'_>) -> Result<Ticket, DecodeError> {
    Ok(Ticket { lane: LaneId::from_index(reader.small()?), place: reader.integer()? })
}
