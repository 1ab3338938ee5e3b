//! The same work for many items, shared by the cores.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// As many items as one thread takes at a time; with fewer than that, starting threads costs more than they bring.
const PORTION: usize = 32;

/// The results of some work for all items, in their order.
pub(super) fn spread<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let portions: Vec<&[T]> = items.chunks(PORTION).collect();
    if portions.len() < 2 {
        return items.iter().map(work).collect();
    }
    let threads = thread::available_parallelism().map_or(1, usize::from).min(portions.len());
    let next = AtomicUsize::new(0);
    let take_portions = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(portion) = portions.get(number) else { return done };
            done.push((number, portion.iter().map(&work).collect::<Vec<R>>()));
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(take_portions)).collect();
        let mut done = take_portions();
        for other in others {
            match other.join() {
                Ok(portions) => done.extend(portions),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(number, _)| *number);
    done.into_iter().flat_map(|(_, results)| results).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        for count in [0, 1, PORTION, PORTION + 1, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let squares: Vec<usize> = items.iter().map(|item| item * item).collect();
            assert_eq!(spread(&items, |item| item * item), squares);
        }
    }
}
