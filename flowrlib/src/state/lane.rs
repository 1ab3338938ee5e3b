//! Lanes: results are released in the order in which their jobs were created, like a processor's reorder buffer.

use super::{InputSet, JobId, Outcome, Standing};
use crate::cost::Size;
use crate::program::FunctionId;
use flowcore::notice::Notice;
use std::collections::VecDeque;

/// A job from its creation to its release.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: JobId,
    pub(super) function: FunctionId,
    /// Outlasts the values themselves, which may be given away.
    pub(super) size: Size,
    /// Kept until the release: connections may send copies of it, and a lost executor's jobs are run again.
    pub(super) inputs: InputSet,
    /// What came of it; none until it has run.
    pub(super) outcome: Option<Outcome>,
    /// What the function has to say about it, once it has run.
    pub(super) told: Option<Box<Told>>,
}

/// What a function has to say about a job: mostly nothing, so it takes little room in a job.
#[derive(Debug)]
pub(super) struct Told(pub(super) Vec<Notice>);

/// The unreleased jobs of one lane, oldest first.
#[derive(Debug, Default)]
pub(super) struct JobQueue {
    jobs: VecDeque<Job>,
    /// The place in the lane of the oldest one.
    first: u64,
}

impl JobQueue {
    /// Adds the youngest job and says which place in the lane it has.
    pub(super) fn push(&mut self, job: Job) -> u64 {
        self.jobs.push_back(job);
        self.first + self.jobs.len() as u64 - 1
    }

    /// The unreleased job at that place.
    pub(super) fn get(&self, place: u64) -> Option<&Job> {
        self.jobs.get(usize::try_from(place.checked_sub(self.first)?).ok()?)
    }

    /// The unreleased job at that place.
    pub(super) fn get_mut(&mut self, place: u64) -> Option<&mut Job> {
        self.jobs.get_mut(usize::try_from(place.checked_sub(self.first)?).ok()?)
    }

    /// What is known of the job at that place.
    pub(super) fn standing(&self, place: u64) -> Standing {
        match self.get(place) {
            _ if place < self.first => Standing::Answered,
            Some(job) if job.outcome.is_some() => Standing::Answered,
            Some(_) => Standing::Open,
            None => Standing::Unknown,
        }
    }

    /// Takes the oldest job out, if it has run.
    pub(super) fn pop_finished(&mut self) -> Option<(Job, Outcome)> {
        self.jobs.front()?.outcome.as_ref()?;
        let mut job = self.jobs.pop_front()?;
        self.first += 1;
        let outcome = job.outcome.take()?;
        Some((job, outcome))
    }

    /// Takes out all jobs, oldest first, as if they had been released.
    pub(super) fn take_all(&mut self) -> VecDeque<Job> {
        self.first += self.jobs.len() as u64;
        std::mem::take(&mut self.jobs)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_small_enough_to_be_moved_in_place() {
        // What is larger than two lines of a processor's cache is moved by a call, and each job is moved several times.
        assert!(size_of::<Job>() <= 128, "{}", size_of::<Job>());
    }
}
