//! What jobs are expected to take, learned from what they took. It decides where and in what company jobs run, and so
//! never what a flow shows.
//!
//! A job that proves longer than expected holds up what was to run after it in the same place. So jobs are told apart
//! by the size of what they are run on: after a thousand short texts nothing is known yet about a long one.

use crate::table::{Id, Table};
use flowcore::Value;

/// How large the values are that a job is run on: the largest of them, on a coarse scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(u8);

impl Size {
    /// Each step is sixteen times the one before: a job that takes the square of that is still short if it was.
    const BITS_EACH: u32 = 4;

    pub(crate) fn of(inputs: &[Value]) -> Size {
        let largest = inputs.iter().map(extent).max().unwrap_or(0);
        let steps = (u64::BITS - largest.leading_zeros()).div_ceil(Size::BITS_EACH);
        Size(u8::try_from(steps).unwrap_or(u8::MAX))
    }

    fn place(self) -> usize {
        usize::from(self.0)
    }
}

/// How much there is of a value; of a number, how large it is, for there may be a loop that goes so far. Of nested
/// values the first element stands for all.
fn extent(value: &Value) -> u64 {
    let of_elements = |count: usize, first: Option<&Value>| {
        let each = first.map_or(1, |first| match first {
            Value::Array(elements) => elements.len() as u64 + 1,
            Value::Object(members) => members.len() as u64 + 1,
            Value::String(text) => text.len() as u64 + 1,
            Value::Null | Value::Bool(_) | Value::Number(_) => 1,
        });
        (count as u64).saturating_mul(each)
    };
    match value {
        Value::Null | Value::Bool(_) => 0,
        Value::Number(number) => match number.as_i64() {
            Some(integer) => integer.unsigned_abs(),
            // A float that no integer is like is as large as any.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is cut at both ends"
            )]
            None => number.as_f64().abs() as u64,
        },
        Value::String(text) => text.len() as u64,
        Value::Array(elements) => of_elements(elements.len(), elements.first()),
        Value::Object(members) => of_elements(members.len(), members.values().next()),
    }
}

/// What takes so long, in nanoseconds, has not just been interrupted.
const LONG: u64 = 50_000;

/// What is expected of jobs of one function and size.
#[derive(Clone, Copy, Debug, Default)]
struct Expectation {
    /// In nanoseconds; 0 where no such job has run.
    nanos: u64,
    /// Whether only one has. It may have paid for what is done once, such as getting pages of code.
    is_first: bool,
}

/// Expectations by function and size, in nanoseconds. Functions are told apart by whatever ids their owner has for them.
pub(crate) struct Costs<K> {
    /// Sizes that are not there have none.
    expected: Table<K, Vec<Expectation>>,
    /// Over all functions, for sizing windows, in parts of a nanosecond.
    mean: u64,
}

/// How many parts of a nanosecond a mean counts, and how many jobs it is about.
const MEAN_OF: u64 = 16;

impl<K: Id> Costs<K> {
    pub(crate) fn new<T>(functions: &Table<K, T>) -> Costs<K> {
        Costs { expected: Table::alongside(functions, |_| Vec::new()), mean: 0 }
    }

    /// Takes note of what a job took. One that is [`LONG`] makes its like count as long at once; many short ones are needed
    /// to make it count as short again, unless it was the first.
    pub(crate) fn learn(&mut self, function: K, size: Size, nanos: u64) {
        let expected = &mut self.expected[function];
        if expected.len() <= size.place() {
            expected.resize(size.place() + 1, Expectation::default());
        }
        if let Some(expected) = expected.get_mut(size.place()) {
            let is_first = expected.nanos == 0;
            let lately = match is_first || expected.is_first {
                true => nanos,
                false => expected.nanos - expected.nanos / 8 + nanos / 8,
            };
            let at_least = if nanos >= LONG { nanos } else { 1 };
            *expected = Expectation { nanos: lately.max(at_least), is_first };
        }
        // One whose thread had to wait for a processor says little about the others: none more than doubles the mean.
        let counted = match self.mean {
            0 => nanos.saturating_mul(MEAN_OF),
            mean => nanos.min(mean.saturating_add(1)),
        };
        self.mean = (self.mean - self.mean / MEAN_OF).saturating_add(counted);
    }

    /// What a job of that function and size is expected to take, if one ever ran.
    pub(crate) fn expected(&self, function: K, size: Size) -> Option<u64> {
        self.expected[function].get(size.place()).map(|expected| expected.nanos).filter(|&nanos| nanos > 0)
    }

    /// What a job takes on average, lately.
    pub(crate) fn mean(&self) -> u64 {
        self.mean / MEAN_OF
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::FunctionId;

    const SMALL: Size = Size(0);

    /// Costs of one function, and which that is.
    fn costs() -> (Costs<FunctionId>, FunctionId) {
        let costs = Costs::new(&Table::from_iter([()]));
        let function = costs.expected.ids().next().unwrap();
        (costs, function)
    }

    fn size(value: &str) -> Size {
        Size::of(&[value.parse().unwrap()])
    }

    #[test]
    fn long_jobs_are_remembered_and_forgotten_slowly() {
        let (mut costs, function) = costs();
        assert_eq!(costs.expected(function, SMALL), None);
        costs.learn(function, SMALL, 1_000_000);
        assert_eq!(costs.expected(function, SMALL), Some(1_000_000));
        costs.learn(function, SMALL, 100);
        assert_eq!(costs.expected(function, SMALL), Some(100), "the first is no measure");
        costs.learn(function, SMALL, 80_000);
        costs.learn(function, SMALL, 100);
        assert_eq!(costs.expected(function, SMALL), Some(70_012));
        (0..100).for_each(|_| costs.learn(function, SMALL, 100));
        assert!(costs.expected(function, SMALL) < Some(200));
    }

    #[test]
    fn what_may_have_been_interrupted_counts_little_by_little() {
        let (mut costs, function) = costs();
        (0..3).for_each(|_| costs.learn(function, SMALL, 1_000));
        costs.learn(function, SMALL, 16_000);
        assert_eq!(costs.expected(function, SMALL), Some(2_875));
        (0..50).for_each(|_| costs.learn(function, SMALL, 16_000));
        assert!(costs.expected(function, SMALL) > Some(15_000), "it does take so long");
    }

    #[test]
    fn no_single_job_makes_the_mean_what_it_is_not() {
        let (mut costs, function) = costs();
        (0..100).for_each(|_| costs.learn(function, SMALL, 1_000));
        costs.learn(function, SMALL, 3_000_000);
        assert!((1_000..=2_000).contains(&costs.mean()), "{}", costs.mean());
        (0..100).for_each(|_| costs.learn(function, SMALL, 3_000_000));
        assert!(costs.mean() > 2_900_000, "{}", costs.mean());
        (0..1000).for_each(|_| costs.learn(function, SMALL, 0));
        assert!(costs.mean() < 10, "{}", costs.mean());
        costs.learn(function, SMALL, u64::MAX);
        assert!(costs.mean() < 20);
    }

    #[test]
    fn jobs_on_small_values_say_nothing_about_large_ones() {
        let (mut costs, function) = costs();
        costs.learn(function, size("[1, 2, 3]"), 100);
        assert_eq!(costs.expected(function, size("[7]")), Some(100));
        assert_eq!(costs.expected(function, size(&format!("[{}7]", "7,".repeat(1000)))), None);
        costs.learn(function, size("1000000"), 0);
        assert_eq!(costs.expected(function, size("999999")), Some(1));
        assert_eq!(costs.expected(function, size("1000")), None);
    }

    #[test]
    fn sizes_are_those_of_what_there_is() {
        for (small, large) in [
            ("null", "1"),
            ("3", "3000"),
            ("-3", "-3000"),
            ("0.5", "1e300"),
            ("\"a\"", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""),
            ("[[1], 2]", "[[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1], 2]"),
            ("{}", "{\"a\": \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}"),
        ] {
            assert!(size(small).place() < size(large).place(), "{small} {large}");
        }
        assert_eq!(size("18446744073709551615"), size("1e300"));
        assert_eq!(Size::of(&[]), SMALL);
    }
}
