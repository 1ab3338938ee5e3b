//! The runners that a worker knows of, and which of them is to be tried next. Plain values: times are passed in.
//!
//! Anybody on the network can announce any number of runners that are not there. So what was announced costs little until
//! it has shown that it has our key: few are tried at once, and the others wait in line. Those come first that have
//! failed least, whoever fails is tried more and more rarely, and there is an end to how many are known. Places that our
//! user has named are tried in any case.
//!
//! Many workers see many runners come in the same order. If all stood in line in that order, all would begin with the
//! same few runners, which have no use for so many; so each worker has its own order, in which nobody waits for long.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How long to wait before a runner that did not answer is tried again; twice as long each further time.
pub(super) const RETRY: Duration = Duration::from_secs(5);

/// The longest that it may become.
const LONGEST_RETRY: Duration = Duration::from_secs(30);

/// How long to wait before looking for the next runner where one has ended, and before one is tried again that was lost
/// and has shown that it has our key; twice as long each further time.
const NEXT: Duration = Duration::from_secs(1);

/// How many announced runners are tried at once: where hundreds of programs meet, few are to shake hands at a time.
const MOST_OPENING: usize = 8;

/// How many of those that came later may be tried before a runner.
const SPREAD: u64 = 128;

/// How many announced runners are known.
const MOST_KNOWN: usize = 1024;

/// How a runner came to our knowledge.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Way {
    /// It has announced itself as that run.
    Announced(u64),
    /// Somebody has said that it can be reached there.
    Named(String),
}

impl fmt::Display for Way {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::Announced(run) => write!(formatter, "runner {run:016x}"),
            Way::Named(place) => write!(formatter, "the runner at {place}"),
        }
    }
}

/// What an announcement brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announced {
    /// A runner that was not known.
    New,
    /// Nothing, or other addresses of one that was.
    Known,
    /// One more than can be known.
    OneTooMany,
}

/// How working for a runner has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It needs us no more.
    Over,
    /// It does not want us.
    Refused,
    /// It is served by way of something else that is known of it.
    Elsewhere,
    /// It was not heard of any more.
    Lost,
    /// It never answered.
    Silent,
}

/// All runners that are known.
#[derive(Debug)]
pub(super) struct Runners {
    known: HashMap<Way, Runner>,
    line: Line,
}

/// Gives out places in line.
#[derive(Debug)]
struct Line {
    /// How many there were.
    count: u64,
    random: RandomState,
    spread: u64,
}

impl Line {
    /// One behind all that were given out before, or nearly so.
    fn next(&mut self) -> u64 {
        self.count += 1;
        self.count + self.random.hash_one(self.count) % self.spread
    }
}

#[derive(Debug)]
struct Runner {
    /// Where it is, as far as we know.
    addresses: Vec<SocketAddr>,
    status: Status,
    /// Whether its announcement stands. One that is withdrawn while we work for it is forgotten when that ends.
    is_announced: bool,
    /// Whether it has ever shown that it has our key.
    is_proven: bool,
    /// How often it was not to be had, in a row.
    failures: u32,
    /// Its place in line, where the lowest comes first.
    place: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// It is tried at that time or later.
    Waiting(Instant),
    /// It is being tried, and has not shown that it has our key.
    Opening,
    /// We work for it.
    Served,
    /// It is of no further interest.
    Done,
}

impl Runners {
    /// None.
    pub(super) fn new() -> Runners {
        Runners::spread(SPREAD)
    }

    fn spread(spread: u64) -> Runners {
        Runners { known: HashMap::new(), line: Line { count: 0, random: RandomState::new(), spread } }
    }

    /// Takes note of a place where somebody has said that a runner is, or will be.
    pub(super) fn name(&mut self, place: &str, now: Instant) {
        self.add(Way::Named(place.to_owned()), vec![], now);
    }

    /// Takes note of an announcement.
    pub(super) fn announce(&mut self, run: u64, addresses: Vec<SocketAddr>, now: Instant) -> Announced {
        if let Some(known) = self.known.get_mut(&Way::Announced(run)) {
            known.is_announced = true;
            known.addresses = addresses;
            return Announced::Known;
        }
        if self.known.len() >= MOST_KNOWN && !self.forget_the_worst() {
            return Announced::OneTooMany;
        }
        self.add(Way::Announced(run), addresses, now);
        Announced::New
    }

    fn add(&mut self, way: Way, addresses: Vec<SocketAddr>, now: Instant) {
        let status = Status::Waiting(now);
        let runner = Runner {
            addresses,
            status,
            is_announced: true,
            is_proven: false,
            failures: 0,
            place: self.line.next(),
        };
        self.known.insert(way, runner);
    }

    /// Makes room; false if nobody is known who has failed.
    fn forget_the_worst(&mut self) -> bool {
        let may_go = |(way, runner): &(&Way, &Runner)| {
            matches!((way, runner.status), (Way::Announced(_), Status::Waiting(_))) && runner.failures > 0
        };
        let worst = self.known.iter().filter(may_go);
        let worst =
            worst.max_by_key(|(_, runner)| (runner.failures, runner.place)).map(|(way, _)| way.clone());
        worst.is_some_and(|worst| self.known.remove(&worst).is_some())
    }

    /// Takes note that an announcement does not stand any more.
    pub(super) fn withdraw(&mut self, run: u64) {
        if let Some(runner) = self.known.get_mut(&Way::Announced(run)) {
            runner.is_announced = false;
        }
        self.forget_gone();
    }

    /// Forgets runners that are announced no more. A session that still goes on learns of its end by itself.
    fn forget_gone(&mut self) {
        self.known.retain(|_, runner| {
            runner.is_announced || matches!(runner.status, Status::Opening | Status::Served)
        });
    }

    /// The runner that is to be tried next, if one is due; it counts as being tried.
    pub(super) fn next(&mut self, now: Instant) -> Option<(Way, Vec<SocketAddr>)> {
        let due = self.waiting().filter(|(_, due, _)| *due <= now);
        let (way, ..) = due.min_by_key(|(_, _, runner)| (runner.failures, runner.place))?;
        let way = way.clone();
        let runner = self.known.get_mut(&way)?;
        runner.status = Status::Opening;
        Some((way, runner.addresses.clone()))
    }

    /// When the next runner is to be tried, if nothing else happens before.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.waiting().map(|(_, due, _)| due).min()
    }

    /// Those that may be tried, and when they are due.
    fn waiting(&self) -> impl Iterator<Item = (&Way, Instant, &Runner)> {
        let is_announced = |way: &Way| matches!(way, Way::Announced(_));
        let opening = |(way, runner): &(&Way, &Runner)| is_announced(way) && runner.status == Status::Opening;
        let is_full = self.known.iter().filter(opening).count() >= MOST_OPENING;
        self.known.iter().filter_map(move |(way, runner)| match runner.status {
            Status::Waiting(due) if !(is_full && is_announced(way)) => Some((way, due, runner)),
            _ => None,
        })
    }

    /// Takes note that a runner has shown that it has our key.
    pub(super) fn opened(&mut self, way: &Way) {
        if let Some(runner) = self.known.get_mut(way) {
            runner.status = Status::Served;
            runner.is_proven = true;
            runner.failures = 0;
        }
    }

    /// Takes note that working for a runner has ended, or trying it.
    pub(super) fn ended(&mut self, way: &Way, end: End, now: Instant) {
        if let Some(runner) = self.known.get_mut(way) {
            runner.failures = match end {
                End::Over | End::Refused => 0,
                End::Elsewhere | End::Lost | End::Silent => runner.failures.saturating_add(1),
            };
            runner.status = match (way, end) {
                (Way::Named(_), End::Over) => Status::Waiting(now + NEXT),
                (Way::Named(_), _) => Status::Waiting(now + RETRY),
                (Way::Announced(_), End::Over | End::Refused) => Status::Done,
                (Way::Announced(_), _) => {
                    let first = if runner.is_proven { NEXT } else { RETRY };
                    Status::Waiting(now + pause(first, runner.failures))
                }
            };
            runner.place = self.line.next();
        }
        self.forget_gone();
    }

    /// Whether a runner was not to be had the last time that it was tried.
    pub(super) fn has_failed(&self, way: &Way) -> bool {
        self.known.get(way).is_some_and(|runner| runner.failures > 0)
    }

    /// Whether any is tried or served.
    pub(super) fn is_busy(&self) -> bool {
        self.known.values().any(|runner| matches!(runner.status, Status::Opening | Status::Served))
    }
}

/// How long to wait after so many failures, if it is so long after the first of them.
fn pause(first: Duration, failures: u32) -> Duration {
    let doubled = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    first.saturating_mul(doubled).min(LONGEST_RETRY)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNNER: Way = Way::Announced(7);

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn with(runs: impl IntoIterator<Item = u64>, now: Instant) -> Runners {
        let mut runners = Runners::spread(1);
        for run in runs {
            assert_eq!(runners.announce(run, vec![], now), Announced::New);
        }
        runners
    }

    /// Tries all that may be tried now.
    fn try_all(runners: &mut Runners, now: Instant) -> Vec<Way> {
        std::iter::from_fn(|| runners.next(now)).map(|(way, _)| way).collect()
    }

    /// One that we work for.
    fn served(way: Way, now: Instant) -> Runners {
        let mut runners = Runners::new();
        match &way {
            Way::Announced(run) => assert_eq!(runners.announce(*run, vec![], now), Announced::New),
            Way::Named(place) => runners.name(place, now),
        }
        assert_eq!(runners.next(now).map(|(way, _)| way).as_ref(), Some(&way));
        runners.opened(&way);
        runners
    }

    #[test]
    fn few_are_tried_at_once_and_the_others_wait_in_line() {
        let now = Instant::now();
        let most = MOST_OPENING as u64;
        let mut runners = with(0..most + 2, now);
        let first: Vec<Way> = (0..most).map(Way::Announced).collect();
        assert_eq!(try_all(&mut runners, now), first);
        assert_eq!(runners.next_at(), None, "time alone brings nobody his turn");
        runners.name("host:1", now);
        assert_eq!(try_all(&mut runners, now), [Way::Named("host:1".into())], "who was named is tried");
        runners.ended(&Way::Announced(3), End::Silent, now);
        assert_eq!(try_all(&mut runners, now), [Way::Announced(most)]);
        runners.opened(&Way::Announced(5));
        assert_eq!(try_all(&mut runners, now), [Way::Announced(most + 1)], "who is served makes room");
    }

    #[test]
    fn workers_that_see_the_same_runners_come_begin_with_others_and_nobody_waits_for_long() {
        let now = Instant::now();
        let tried = || {
            let mut runners = Runners::new();
            (0..500).for_each(|run| assert_eq!(runners.announce(run, vec![], now), Announced::New));
            let end = |runners: &mut Runners, way: Way| {
                runners.ended(&way, End::Over, now);
                way
            };
            std::iter::from_fn(move || runners.next(now).map(|(way, _)| end(&mut runners, way))).collect()
        };
        let [one, other]: [Vec<Way>; 2] = [tried(), tried()];
        assert_ne!(one, other);
        let place = |run| one.iter().position(|way| *way == Way::Announced(run)).unwrap() as u64;
        assert!((0..500).all(|run| place(run) <= run + SPREAD));
    }

    #[test]
    fn a_new_runner_does_not_stand_behind_those_that_have_failed() {
        let now = Instant::now();
        let mut runners = with(0..100, now);
        let mut later = now;
        // All of them are tried at least once.
        for _ in 0..=100 / MOST_OPENING {
            for way in try_all(&mut runners, later) {
                runners.ended(&way, End::Silent, later);
            }
            later += seconds(5);
        }
        assert_eq!(runners.announce(777, vec![], later), Announced::New);
        assert_eq!(try_all(&mut runners, later).first(), Some(&Way::Announced(777)));
    }

    #[test]
    fn who_fails_is_tried_more_and_more_rarely() {
        let mut now = Instant::now();
        let mut runners = with([7], now);
        for pause in [5, 10, 20, 30, 30, 30] {
            assert_eq!(try_all(&mut runners, now), [RUNNER]);
            runners.ended(&RUNNER, End::Silent, now);
            assert!(runners.has_failed(&RUNNER));
            assert_eq!(runners.next_at(), Some(now + seconds(pause)));
            assert_eq!(runners.next(now + seconds(pause) - Duration::from_millis(1)), None);
            now += seconds(pause);
        }
        // It has our key, and was there meanwhile.
        try_all(&mut runners, now);
        runners.opened(&RUNNER);
        for (end, pause) in [(End::Lost, 1), (End::Silent, 2), (End::Silent, 4)] {
            runners.ended(&RUNNER, end, now);
            assert_eq!(runners.next_at(), Some(now + seconds(pause)));
        }
        assert_eq!(pause(RETRY, u32::MAX), LONGEST_RETRY);
    }

    #[test]
    fn there_is_an_end_to_how_many_are_known_and_those_that_have_failed_make_room() {
        let now = Instant::now();
        let mut runners = with(0..MOST_KNOWN as u64, now);
        assert_eq!(runners.announce(5_000, vec![], now), Announced::OneTooMany);
        assert_eq!(runners.announce(5, vec![], now), Announced::Known);
        let tried = try_all(&mut runners, now);
        assert_eq!(runners.announce(5_000, vec![], now), Announced::OneTooMany, "they may yet answer");
        runners.ended(&tried[4], End::Silent, now);
        assert_eq!(runners.announce(5_000, vec![], now), Announced::New);
        assert!(!runners.known.contains_key(&tried[4]));
        assert_eq!(runners.known.len(), MOST_KNOWN);
    }

    #[test]
    fn a_runner_that_went_while_it_was_served_is_not_tried_again() {
        let now = Instant::now();
        for end in [End::Over, End::Lost, End::Silent] {
            let mut runners = served(RUNNER, now);
            runners.withdraw(7);
            assert!(runners.is_busy(), "its session goes on");
            runners.ended(&RUNNER, end, now);
            assert!(runners.known.is_empty());
        }
    }

    #[test]
    fn a_runner_that_is_still_announced_is_tried_again_unless_it_needs_or_wants_nobody() {
        let now = Instant::now();
        for (end, is_tried) in [
            (End::Over, false),
            (End::Refused, false),
            (End::Elsewhere, true),
            (End::Lost, true),
            (End::Silent, true),
        ] {
            let mut runners = served(RUNNER, now);
            runners.ended(&RUNNER, end, now);
            assert_eq!(runners.next_at().is_some(), is_tried, "{end:?}");
            runners.withdraw(7);
            assert!(runners.known.is_empty());
        }
    }

    #[test]
    fn a_place_that_was_named_is_tried_for_ever() {
        let now = Instant::now();
        let place = Way::Named("host:1".into());
        for end in [End::Over, End::Refused, End::Elsewhere, End::Lost, End::Silent] {
            let mut runners = served(place.clone(), now);
            for _ in 0..5 {
                runners.ended(&place, end, now);
            }
            assert!(runners.next_at().is_some_and(|at| at <= now + RETRY), "{end:?}");
        }
    }

    #[test]
    fn the_latest_addresses_count() {
        let now = Instant::now();
        let addresses = vec!["127.0.0.1:7".parse().unwrap()];
        let mut runners = with([7], now);
        assert_eq!(runners.announce(7, addresses.clone(), now), Announced::Known);
        assert_eq!(runners.next(now), Some((RUNNER, addresses)));
    }
}
