//! What came of a job as bytes.

use super::bytes::{DecodeError, Reader, put_length, put_text};
use super::value::{TOO_DEEP, nests_too_deeply, put_value, read_value};
use crate::Outcome;
use crate::notice::{MOST, Notice, NoticeKind};

mod tag {
    pub(super) const FAILED: u8 = 0;
    pub(super) const NOTHING_MORE: u8 = 1;
    pub(super) const NOTHING: u8 = 2;
    pub(super) const LAST_VALUE: u8 = 3;
    pub(super) const VALUE: u8 = 4;
    pub(super) const FAILED_IN_PASSING: u8 = 5;
    /// Stands before the tag of an outcome that comes with notices.
    pub(super) const NOTICES: u8 = 6;

    pub(super) const LOST_VALUE: u8 = 0;
    pub(super) const REMARK: u8 = 1;
}

/// Appends the notices that come with an outcome, which has to follow. Most have none, and these cost no byte.
pub fn put_notices(bytes: &mut Vec<u8>, notices: &[Notice]) {
    if notices.is_empty() {
        return;
    }
    bytes.push(tag::NOTICES);
    put_length(bytes, notices.len());
    for notice in notices {
        bytes.push(match notice.kind {
            NoticeKind::LostValue => tag::LOST_VALUE,
            NoticeKind::Remark => tag::REMARK,
        });
        put_text(bytes, &notice.text);
    }
}

/// Reads the notices before an outcome.
///
/// # Errors
///
/// Fails on bytes that are none.
pub fn read_notices(reader: &mut Reader<'_>) -> Result<Vec<Notice>, DecodeError> {
    let mut notices = Vec::new();
    if !reader.skip(tag::NOTICES) {
        return Ok(notices);
    }
    for _ in 0..reader.count()? {
        let kind = match reader.byte()? {
            tag::LOST_VALUE => NoticeKind::LostValue,
            tag::REMARK => NoticeKind::Remark,
            tag => return Err(DecodeError::UnknownTag { what: "notice", tag }),
        };
        let text = reader.text()?;
        // No job is believed to have more to say.
        if notices.len() < MOST {
            notices.push(Notice { kind, text: text.to_owned() });
        }
    }
    Ok(notices)
}

/// Appends an outcome. A value that nobody would read becomes a failure.
pub fn put_outcome(bytes: &mut Vec<u8>, outcome: &Outcome) {
    match outcome {
        Outcome::Failed(reason) => {
            bytes.push(tag::FAILED);
            put_text(bytes, reason);
        }
        Outcome::FailedInPassing(reason) => {
            bytes.push(tag::FAILED_IN_PASSING);
            put_text(bytes, reason);
        }
        Outcome::Done { output: None, run_again } => {
            bytes.push(if *run_again { tag::NOTHING } else { tag::NOTHING_MORE });
        }
        // Whoever reads this would take it for an attack, and the job would never be answered.
        Outcome::Done { output: Some(value), .. } if nests_too_deeply(value) => {
            bytes.push(tag::FAILED);
            put_text(bytes, &format!("its result {TOO_DEEP}"));
        }
        Outcome::Done { output: Some(value), run_again } => {
            bytes.push(if *run_again { tag::VALUE } else { tag::LAST_VALUE });
            put_value(bytes, value);
        }
    }
}

/// Reads an outcome.
///
/// # Errors
///
/// Fails on bytes that are none.
pub fn read_outcome(reader: &mut Reader<'_>) -> Result<Outcome, DecodeError> {
    Ok(match reader.byte()? {
        tag::FAILED => Outcome::Failed(reader.text()?.to_owned()),
        tag::FAILED_IN_PASSING => Outcome::FailedInPassing(reader.text()?.to_owned()),
        tag::NOTHING_MORE => Outcome::Done { output: None, run_again: false },
        tag::NOTHING => Outcome::Done { output: None, run_again: true },
        tag::LAST_VALUE => Outcome::Done { output: Some(read_value(reader)?), run_again: false },
        tag::VALUE => Outcome::Done { output: Some(read_value(reader)?), run_again: true },
        tag => return Err(DecodeError::UnknownTag { what: "outcome", tag }),
    })
}
