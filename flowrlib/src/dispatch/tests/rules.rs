//! What dispatch decides, with plain values.

use super::super::lease::SLOW;
use super::super::*;
use crate::program::LaneId;
use crate::table::Id;
use std::sync::OnceLock;

fn job(place: u64) -> Ticket {
    Ticket { lane: LaneId::from_index(0), place }
}

fn attempt(place: u64, number: u32) -> Attempt {
    Attempt { ticket: job(place), number }
}

fn first(place: u64) -> Attempt {
    attempt(place, 1)
}

/// One moment, for what does not depend on time.
fn now() -> Instant {
    static MOMENT: OnceLock<Instant> = OnceLock::new();
    *MOMENT.get_or_init(Instant::now)
}

fn later(milliseconds: u64) -> Instant {
    now() + Duration::from_millis(milliseconds)
}

fn executor(number: usize) -> ExecutorId {
    ExecutorId::from_index(number)
}

fn with_jobs(count: u64) -> Dispatch {
    let mut dispatch = Dispatch::default();
    (0..count).for_each(|place| dispatch.push(job(place)));
    dispatch
}

fn places(batch: &[Attempt]) -> Vec<u64> {
    batch.iter().map(|attempt| attempt.ticket.place).collect()
}

const TINY: fn(Ticket) -> Option<u64> = |_| Some(100);
const LONG: fn(Ticket) -> Option<u64> = |_| Some(1_000_000_000);

#[test]
fn nothing_is_sent_without_credit() {
    let mut dispatch = with_jobs(3);
    assert_eq!(dispatch.assign(now(), TINY), None, "nobody is there");
    dispatch.join(executor(0), 1, 2, None);
    assert_eq!(places(&dispatch.assign(now(), TINY).unwrap().1), [0, 1]);
    assert_eq!(dispatch.assign(now(), TINY), None, "the window is full");
    assert!(dispatch.finished(executor(0), first(1), 0).is_some());
    assert_eq!(places(&dispatch.assign(now(), TINY).unwrap().1), [2]);
}

#[test]
fn jobs_that_do_not_exist_any_more_are_called_off_wherever_they_are() {
    let mut dispatch = with_jobs(2);
    let gone = |place| Ticket { lane: LaneId::from_index(1), place };
    (0..4).for_each(|place| dispatch.push(gone(place)));
    let answered = |place| Attempt { ticket: gone(place), number: 1 };
    dispatch.join(executor(0), 2, 4, None);
    assert_eq!(places(&dispatch.assign(now(), TINY).unwrap().1), [0, 1, 0]);
    assert_eq!(places(&dispatch.assign(now(), TINY).unwrap().1), [1]);
    // One is with the executor, one is back, and two were not given away.
    assert_eq!(dispatch.returned(executor(0), vec![answered(1)]), [gone(1)]);
    assert_eq!(dispatch.withdraw(gone(0).lane), [(executor(0), answered(0))]);
    dispatch.assert_consistent();
    assert_eq!((dispatch.waiting(), dispatch.unfinished()), (0, 2));
    assert_eq!(dispatch.finished(executor(0), answered(0), 0), None, "an answer comes too late");
    assert!(dispatch.finished(executor(0), first(0), 0).is_some(), "others have nothing to do with it");
    dispatch.assert_consistent();
}

#[test]
fn what_waits_may_be_done_by_somebody_who_is_no_executor_unless_it_was_given_away_before() {
    let mut dispatch = with_jobs(2);
    assert_eq!(dispatch.first_waiting(), Some(job(0)));
    assert_eq!(dispatch.take_first(), Some(job(0)));
    dispatch.put_back_first(job(0));
    assert_eq!(dispatch.take_first(), Some(job(0)));
    dispatch.join(executor(0), 1, 1, Some(now()));
    assert_eq!(places(&dispatch.assign(now(), LONG).unwrap().1), [1]);
    dispatch.leave(executor(0), now());
    assert_eq!(
        (dispatch.waiting(), dispatch.first_waiting()),
        (1, None),
        "an answer may still be on its way"
    );
    dispatch.assert_consistent();
}

#[test]
fn long_jobs_travel_alone_and_go_to_whoever_has_least_to_do() {
    let mut dispatch = with_jobs(4);
    dispatch.join(executor(0), 1, 2, None);
    dispatch.join(executor(1), 1, 2, None);
    let turns: Vec<(ExecutorId, Vec<u64>)> =
        std::iter::from_fn(|| dispatch.assign(now(), LONG).map(|(id, batch)| (id, places(&batch)))).collect();
    let (a, b) = (executor(0), executor(1));
    assert_eq!(turns, [(a, vec![0]), (b, vec![1]), (a, vec![2]), (b, vec![3])]);
}

#[test]
fn tiny_jobs_go_to_those_who_are_awake_as_long_as_these_have_room_for_a_batch() {
    let mut dispatch = with_jobs(8);
    for number in 0..3 {
        dispatch.join(executor(number), 1, 4, None);
    }
    // A batch is a third of what waits: 3, 2, 1 and 1.
    let next = |dispatch: &mut Dispatch| dispatch.assign(now(), TINY).map(|(id, batch)| (id, batch.len()));
    assert_eq!(next(&mut dispatch), Some((executor(0), 3)));
    assert_eq!(next(&mut dispatch), Some((executor(1), 2)), "the first has room for one");
    assert_eq!(next(&mut dispatch), Some((executor(0), 1)), "now that is enough");
    assert_eq!(next(&mut dispatch), Some((executor(1), 1)));
    assert_eq!(next(&mut dispatch), Some((executor(1), 1)), "nobody else has to be woken");
    assert_eq!(next(&mut dispatch), None);
}

#[test]
fn a_tiny_job_does_not_go_back_to_whoever_is_stuck_in_a_long_one() {
    let mut dispatch = with_jobs(1);
    for number in [0, 1] {
        dispatch.join(executor(number), 1, 2, Some(now()));
    }
    assert_eq!(dispatch.assign(now(), TINY).unwrap().0, executor(0));
    dispatch.push(job(1));
    assert_eq!(dispatch.assign(now(), TINY), Some((executor(0), vec![first(1)])), "it will be done soon");
    // The first of them was not what it seemed to be.
    let recall = Step::Recall { from: executor(0), jobs: vec![first(1)] };
    assert_eq!(dispatch.rebalance(later(20), LONG), Some(recall));
    assert_eq!(dispatch.returned(executor(0), vec![first(1)]), [job(1)]);
    assert_eq!(dispatch.assign(later(20), TINY), Some((executor(1), vec![attempt(1, 2)])));
}

#[test]
fn a_tiny_job_is_not_put_behind_a_long_one_while_others_idle() {
    for unknown_or_long in [LONG, |_| None] {
        let mut dispatch = with_jobs(1);
        for number in [0, 1] {
            dispatch.join(executor(number), 1, 2, Some(now()));
        }
        assert_eq!(dispatch.assign(now(), unknown_or_long).unwrap().0, executor(0));
        dispatch.push(job(1));
        assert_eq!(dispatch.assign(now(), TINY), Some((executor(1), vec![first(1)])));
    }
}

#[test]
fn jobs_of_unknown_cost_travel_alone() {
    let mut dispatch = with_jobs(9);
    dispatch.join(executor(0), 1, 9, None);
    assert_eq!(dispatch.assign(now(), |_| None).unwrap().1.len(), 1);
    assert_eq!(dispatch.assign(now(), TINY).unwrap().1.len(), 8);
}

#[test]
fn work_that_is_done_sooner_than_sent_stays_here() {
    let near_and_far = |count| {
        let mut dispatch = with_jobs(count);
        dispatch.join(executor(0), 1, 2, None);
        dispatch.join(executor(1), 1, 2, Some(now()));
        dispatch
    };
    let mut dispatch = near_and_far(4);
    assert_eq!(dispatch.assign(now(), TINY).unwrap().0, executor(0));
    assert_eq!(dispatch.assign(now(), TINY), None, "what is left waits for a moment");
    let mut dispatch = near_and_far(4);
    let turns: Vec<ExecutorId> =
        std::iter::from_fn(|| dispatch.assign(now(), LONG)).map(|(id, _)| id).collect();
    assert_eq!(turns, [0, 1, 0, 1].map(executor));
}

#[test]
fn a_short_queue_is_shared_out() {
    let mut dispatch = with_jobs(8);
    dispatch.join(executor(0), 2, 100, None);
    dispatch.join(executor(1), 2, 100, None);
    assert_eq!(dispatch.assign(now(), TINY).unwrap().1.len(), 2);
}

#[test]
fn executors_may_boast() {
    let mut dispatch = with_jobs(2000);
    dispatch.join(executor(0), usize::MAX, 1, None);
    dispatch.join(executor(1), usize::MAX, 1, None);
    assert_eq!(dispatch.assign(now(), TINY).unwrap().1.len(), 1, "slots add up to no more than there can be");
    let alternately = |job: Ticket| Some(if job.place.is_multiple_of(2) { 100 } else { u64::MAX });
    dispatch.join(executor(2), 1, 2, None);
    dispatch.leave(executor(0), now());
    dispatch.leave(executor(1), now());
    assert_eq!(dispatch.assign(now(), alternately).unwrap().1.len(), 2, "and so do costs");
    dispatch.set_window(executor(2), usize::MAX);
    while dispatch.assign(now(), TINY).is_some() {}
    assert_eq!(dispatch.unfinished(), LARGEST_WINDOW);
}

#[test]
fn jobs_of_a_lost_executor_are_next_in_their_old_order() {
    let mut dispatch = with_jobs(5);
    dispatch.join(executor(0), 1, 3, Some(now()));
    dispatch.assign(now(), TINY).unwrap();
    dispatch.finished(executor(0), first(1), 0);
    assert_eq!(dispatch.leave(executor(0), now()), Departure { requeued: 2, ..Departure::default() });
    assert!(dispatch.finished(executor(0), first(0), 0).is_none(), "its answers do not count any more");
    dispatch.join(executor(1), 1, 9, None);
    assert_eq!(places(&dispatch.assign(now(), TINY).unwrap().1), [0, 2, 3, 4]);
    assert_eq!(dispatch.unfinished(), 4);
}

#[test]
fn a_job_that_kills_its_executors_is_given_up() {
    let mut dispatch = with_jobs(1);
    for attempt in 1..=MOST_ATTEMPTS {
        let id = executor(attempt as usize);
        dispatch.join(id, 1, 1, None);
        assert_eq!(places(&dispatch.assign(now(), TINY).unwrap().1), [0]);
        let departure = dispatch.leave(id, now());
        assert_eq!(departure.on_trial, usize::from(attempt == MOST_ATTEMPTS));
        dispatch.assert_consistent();
    }
    assert_eq!(dispatch.verdicts(now() + TRIAL - Duration::from_millis(1)), []);
    assert_eq!(dispatch.on_trial(), 1);
    assert_eq!(dispatch.verdicts(now() + TRIAL), [job(0)]);
    assert_eq!(dispatch.on_trial(), 0);
    dispatch.assert_consistent();
    assert_eq!((dispatch.waiting(), dispatch.unfinished()), (0, 0));
}

#[test]
fn a_job_is_not_blamed_for_executors_that_come_back_but_not_tried_for_ever() {
    let mut dispatch = with_jobs(1);
    let mut attempts = 0;
    let most = (MOST_ATTEMPTS * (ABSOLUTIONS + 1)) as usize;
    while dispatch.on_trial() == 0 {
        attempts += 1;
        let id = executor(attempts);
        dispatch.join(id, 1, 1, None);
        assert_eq!(places(&dispatch.assign(now(), TINY).unwrap().1), [0]);
        dispatch.leave(id, now());
        // It is back, and says so more than once.
        dispatch.is_back(id);
        dispatch.is_back(id);
    }
    assert_eq!(attempts, most);
    assert_eq!(dispatch.verdicts(now() + TRIAL), [job(0)]);
    dispatch.is_back(executor(attempts));
    assert_eq!((dispatch.waiting(), dispatch.unfinished()), (0, 0));
}

#[test]
fn a_job_that_is_to_be_given_up_is_tried_again_when_one_of_its_executors_comes_back() {
    let mut dispatch = with_jobs(1);
    for number in 0..MOST_ATTEMPTS as usize {
        dispatch.join(executor(number), 1, 1, None);
        dispatch.assign(now(), TINY).unwrap();
        dispatch.leave(executor(number), now());
    }
    assert_eq!((dispatch.on_trial(), dispatch.waiting()), (1, 0));
    // Any of them will do, also the first.
    dispatch.is_back(executor(0));
    dispatch.assert_consistent();
    assert_eq!((dispatch.on_trial(), dispatch.waiting()), (0, 1));
    assert_eq!(dispatch.verdicts(now() + TRIAL), []);
}

#[test]
fn an_executor_that_is_about_to_leave_does_not_get_what_it_gives_back() {
    let mut dispatch = with_jobs(2);
    dispatch.join(executor(0), 1, 4, Some(now()));
    let (_, mut given) = dispatch.assign(now(), TINY).unwrap();
    assert_eq!(given.len(), 2);
    dispatch.set_window(executor(0), 0);
    // One was on the way when it gave back what it had.
    given.pop();
    dispatch.returned(executor(0), given);
    assert_eq!(dispatch.assign(now(), TINY), None);
    assert_eq!(dispatch.leave(executor(0), now()), Departure { requeued: 1, ..Departure::default() });
    let Tally { lost, returned, .. } = dispatch.tally(executor(0));
    assert_eq!((dispatch.waiting(), lost, returned), (2, 0, 2));
    dispatch.assert_consistent();
}

#[test]
fn a_job_that_may_be_attempted_once_is_given_up_at_once_and_not_copied() {
    let mut dispatch = Dispatch::new(1);
    dispatch.push(job(0));
    dispatch.join(executor(0), 1, 1, Some(now()));
    dispatch.join(executor(1), 1, 1, Some(now()));
    dispatch.assign(now(), TINY).unwrap();
    assert_eq!(dispatch.rebalance(later(1000), TINY), None);
    assert_eq!(dispatch.leave(executor(0), now()).given_up, [job(0)]);
}

#[test]
fn a_lease_ends_unless_it_is_renewed() {
    let mut dispatch = with_jobs(3);
    dispatch.join(executor(0), 1, 1, None);
    dispatch.join(executor(1), 1, 1, Some(now()));
    dispatch.join(executor(2), 1, 1, Some(now()));
    while dispatch.assign(now(), LONG).is_some() {}
    assert_eq!(expired_by(&mut dispatch, 0, LEASE), []);
    let lease = LEASE.as_millis() as u64;
    dispatch.heard(executor(2), later(lease + 1));
    assert_eq!(dispatch.expired(later(lease + 1)), [executor(1)]);
}

/// Who is lost so long after that time, if leases are looked at all the while.
fn expired_by(dispatch: &mut Dispatch, from: u64, after: Duration) -> Vec<ExecutorId> {
    let until = from + after.as_millis() as u64;
    let looks = (from..until).step_by(250).chain([until]);
    looks.flat_map(|time| dispatch.expired(later(time))).collect()
}

#[test]
fn an_executor_without_jobs_may_be_silent_for_longer_and_its_lease_begins_with_a_job() {
    let mut dispatch = Dispatch::default();
    dispatch.join(executor(0), 1, 1, Some(now()));
    let idle = IDLE_LEASE.as_millis() as u64;
    assert_eq!(expired_by(&mut dispatch, 0, IDLE_LEASE), []);
    let mut without = dispatch.clone();
    assert_eq!(without.expired(later(idle + 1)), [executor(0)]);
    dispatch.push(job(0));
    dispatch.assign(later(idle), TINY).unwrap();
    assert_eq!(expired_by(&mut dispatch, idle, LEASE), []);
    assert_eq!(dispatch.expired(later(idle + LEASE.as_millis() as u64 + 1)), [executor(0)]);
}

#[test]
fn one_that_was_given_up_and_was_only_slow_has_more_time_and_others_have_not() {
    let mut dispatch = with_jobs(2);
    for number in [0, 1] {
        dispatch.join(executor(number), 1, 1, Some(now()));
    }
    dispatch.mark_slow(executor(0));
    while dispatch.assign(now(), LONG).is_some() {}
    assert_eq!(expired_by(&mut dispatch, 0, LEASE), []);
    let past = |lease: Duration| later(lease.as_millis() as u64 + 1);
    assert_eq!(dispatch.expired(past(LEASE)), [executor(1)]);
    dispatch.leave(executor(1), past(LEASE));
    assert_eq!(expired_by(&mut dispatch, 3_001, LEASE * SLOW - Duration::from_millis(3_001)), []);
    assert_eq!(dispatch.expired(past(LEASE * SLOW)), [executor(0)]);
}

#[test]
fn jobs_go_to_executors_that_were_heard_of_before_they_go_to_others() {
    let mut dispatch = with_jobs(3);
    for number in [0, 1] {
        dispatch.join(executor(number), 1, 2, Some(now()));
    }
    let silent = IDLE_LEASE.as_millis() as u64 / 2 + 1;
    dispatch.heard(executor(1), later(silent));
    let mut given = || dispatch.assign(later(silent), LONG).unwrap().0;
    assert_eq!([given(), given(), given()], [executor(1), executor(1), executor(0)]);
}

#[test]
fn after_standing_still_all_leases_begin_anew() {
    let mut dispatch = with_jobs(1);
    dispatch.join(executor(0), 1, 1, Some(now()));
    dispatch.assign(now(), LONG).unwrap();
    assert_eq!(dispatch.expired(now()), []);
    assert_eq!(dispatch.expired(later(60_000)), [], "who slept for a minute has heard nobody");
    for time in (60_000..=63_000).step_by(250) {
        assert_eq!(dispatch.expired(later(time)), []);
    }
    assert_eq!(dispatch.expired(later(63_001)), [executor(0)]);
}

#[test]
fn who_looks_late_gives_others_a_multiple_of_that() {
    let mut dispatch = with_jobs(1);
    dispatch.join(executor(0), 1, 1, Some(now()));
    dispatch.assign(now(), LONG).unwrap();
    // Late by a tenth of a second each time, which is 0.9 s more: silence grows by nothing, but not for ever.
    for time in (350..10_500).step_by(350) {
        assert_eq!(dispatch.expired(later(time)), []);
    }
    let mut punctual = dispatch.clone();
    assert_eq!(expired_by(&mut punctual, 10_150, LEASE), []);
    assert_eq!(punctual.expired(later(10_150 + 3_001)), [executor(0)]);
    let lost = (10_500..20_000).step_by(350).find(|&time| !dispatch.expired(later(time)).is_empty());
    assert!(lost.is_some(), "who is dead is given up on the busiest machine");
}

#[test]
fn a_job_that_is_to_be_given_up_has_more_time_where_everybody_is_late() {
    let mut dispatch = with_jobs(1);
    for number in 0..MOST_ATTEMPTS as usize {
        dispatch.join(executor(number), 1, 1, None);
        dispatch.assign(now(), TINY).unwrap();
        dispatch.leave(executor(number), now());
    }
    dispatch.expired(now());
    dispatch.expired(later(350));
    assert_eq!(dispatch.verdicts(later(349) + TRIAL), []);
    assert_eq!(dispatch.verdicts(later(350) + TRIAL), [job(0)]);
}

/// Two executors with one slot each in other processes, of which the first has so many jobs.
fn one_has(jobs: u64, nanos: fn(Ticket) -> Option<u64>) -> Dispatch {
    let mut dispatch = with_jobs(jobs);
    dispatch.join(executor(0), 1, 8, Some(now()));
    while dispatch.assign(now(), nanos).is_some() {}
    dispatch.join(executor(1), 1, 8, Some(now()));
    assert_eq!((dispatch.waiting(), dispatch.held_by(executor(0))), (0, jobs as usize));
    dispatch
}

fn copy(place: u64) -> Option<Step> {
    Some(Step::Copy { to: executor(1), attempt: attempt(place, 2) })
}

#[test]
fn a_job_that_takes_much_longer_than_expected_is_given_to_somebody_else_as_well() {
    let hundred: fn(Ticket) -> Option<u64> = |_| Some(100_000_000);
    let mut dispatch = one_has(1, hundred);
    assert_eq!(dispatch.rebalance(later(400), hundred), None);
    assert_eq!(dispatch.rebalance(later(401), hundred), copy(0));
    assert_eq!(dispatch.rebalance(later(1200), hundred), None, "one copy is enough");
    assert_eq!((dispatch.unfinished(), dispatch.waiting()), (1, 0), "it is one job all the same");
}

#[test]
fn a_short_job_is_not_copied_before_it_is_worth_it_and_an_unknown_one_later() {
    let mut dispatch = one_has(1, TINY);
    assert_eq!(dispatch.rebalance(later(50), TINY), None);
    assert_eq!(dispatch.rebalance(later(51), TINY), copy(0));
    let mut dispatch = one_has(1, |_| None);
    assert_eq!(dispatch.rebalance(later(1000), |_| None), None);
    assert_eq!(dispatch.rebalance(later(1001), |_| None), copy(0));
}

#[test]
fn the_job_of_a_silent_executor_is_copied_whatever_is_expected_but_not_to_one_that_is_silent_too() {
    let mut dispatch = one_has(1, LONG);
    assert_eq!(dispatch.rebalance(later(1500), LONG), None);
    let mut both_silent = dispatch.clone();
    assert_eq!(dispatch.rebalance(later(1501), LONG), copy(0));
    // One without jobs has more time to say something.
    assert_eq!(both_silent.rebalance(later(3001), LONG), None, "nobody was heard of");
    both_silent.heard(executor(1), later(2900));
    assert_eq!(both_silent.rebalance(later(3001), LONG), copy(0));
}

#[test]
fn the_first_answer_wins_and_the_other_is_called_off() {
    for winner in [0, 1] {
        let mut dispatch = one_has(1, TINY);
        assert_eq!(dispatch.rebalance(later(51), TINY), copy(0));
        let [won, lost] = [winner, 1 - winner].map(|one| (executor(one), attempt(0, one as u32 + 1)));
        let others = dispatch.finished(won.0, won.1, 7).unwrap();
        assert_eq!(others[..], [lost]);
        assert_eq!(dispatch.unfinished(), 0);
        assert_eq!(dispatch.finished(won.0, won.1, 7), None, "an answer counts once");
        assert_eq!(dispatch.held_by(lost.0), 1, "its place is taken until it says otherwise");
        assert_eq!(dispatch.finished(lost.0, lost.1, 7), None, "only one answer counts");
        assert_eq!(dispatch.held_by(lost.0), 0);
        assert_eq!(dispatch.tally(lost.0), Tally { cancelled: 1, ..Tally::default() });
    }
}

#[test]
fn who_is_told_to_leave_a_job_out_has_room_again_when_it_says_so() {
    let mut dispatch = one_has(1, TINY);
    dispatch.rebalance(later(51), TINY);
    dispatch.finished(executor(1), attempt(0, 2), 7);
    assert_eq!(dispatch.returned(executor(0), vec![first(0)]), []);
    assert_eq!((dispatch.held_by(executor(0)), dispatch.waiting(), dispatch.unfinished()), (0, 0, 0));
}

#[test]
fn a_job_whose_executor_is_lost_is_not_run_again_while_a_copy_is() {
    let mut dispatch = one_has(1, TINY);
    dispatch.rebalance(later(51), TINY);
    assert_eq!(dispatch.leave(executor(0), now()), Departure::default());
    assert_eq!((dispatch.waiting(), dispatch.unfinished()), (0, 1));
    assert_eq!(dispatch.leave(executor(1), now()), Departure { requeued: 1, ..Departure::default() });
    dispatch.join(executor(2), 1, 1, Some(now()));
    assert_eq!(dispatch.assign(now(), TINY).unwrap().1, [attempt(0, 3)]);
    assert_eq!(dispatch.leave(executor(2), now()).on_trial, 1, "copies are attempts, too");
}

#[test]
fn jobs_that_wait_behind_others_are_asked_back_for_one_that_idles_and_those_given_last_go_first() {
    let mut dispatch = one_has(4, LONG);
    assert_eq!(dispatch.rebalance(later(10), LONG), None, "they may be done in a moment");
    let recall = Step::Recall { from: executor(0), jobs: vec![first(3)] };
    assert_eq!(dispatch.rebalance(later(11), LONG), Some(recall), "as many as the other can begin");
    assert_eq!(dispatch.rebalance(later(12), LONG), None, "it is under way");
    assert_eq!(dispatch.returned(executor(0), vec![first(3)]), [job(3)]);
    assert_eq!(dispatch.returned(executor(0), vec![first(3)]), [], "it is given back once");
    assert_eq!(dispatch.assign(later(13), LONG), Some((executor(1), vec![attempt(3, 2)])));
    assert_eq!(dispatch.finished(executor(0), first(3), 7), None, "that attempt was taken back");
}

#[test]
fn a_job_that_had_begun_when_it_was_asked_back_counts_where_it_is() {
    let mut dispatch = one_has(2, LONG);
    assert!(dispatch.rebalance(later(11), LONG).is_some());
    assert_eq!(dispatch.finished(executor(0), first(1), 7), Some(Others::new()));
    assert_eq!(dispatch.unfinished(), 1);
}

#[test]
fn jobs_of_this_process_are_not_copied_but_may_be_asked_back() {
    let mut dispatch = with_jobs(2);
    dispatch.join(executor(0), 1, 2, None);
    while dispatch.assign(now(), LONG).is_some() {}
    dispatch.join(executor(1), 1, 2, Some(later(10_000)));
    let recall = Step::Recall { from: executor(0), jobs: vec![first(1)] };
    assert_eq!(dispatch.rebalance(later(10_000), LONG), Some(recall));
    dispatch.finished(executor(0), first(1), 7).unwrap();
    assert_eq!(dispatch.rebalance(later(10_001), LONG), None);
}

#[test]
fn while_jobs_wait_nothing_is_moved() {
    let mut dispatch = one_has(4, LONG);
    dispatch.push(job(9));
    assert_eq!(dispatch.rebalance(later(5000), LONG), None);
}

#[test]
fn who_joins_in_mid_run_gets_what_waits_at_once() {
    let mut dispatch = with_jobs(40);
    dispatch.join(executor(0), 2, 4, Some(now()));
    while dispatch.assign(now(), LONG).is_some() {}
    dispatch.join(executor(1), 2, 4, Some(now()));
    assert_eq!(dispatch.assign(now(), LONG).unwrap().0, executor(1));
}

#[test]
fn short_jobs_do_not_wait_for_a_stuck_executor_of_this_process() {
    let mut dispatch = with_jobs(3);
    dispatch.join(executor(0), 1, 2, None);
    dispatch.join(executor(1), 1, 2, Some(now()));
    assert_eq!(places(&dispatch.assign(now(), TINY).unwrap().1), [0, 1]);
    assert_eq!(dispatch.assign(now(), TINY), None, "it is done here sooner");
    assert_eq!(dispatch.assign(later(11), TINY), Some((executor(1), vec![first(2)])));
}
