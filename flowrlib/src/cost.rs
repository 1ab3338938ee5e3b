//! What jobs are expected to take, learned from what they took. It decides where and in what company jobs run, and so
//! never what a flow shows.

use crate::program::FunctionId;
use crate::table::Table;

/// Expectations by function, in nanoseconds.
pub(crate) struct Costs {
    expected: Table<FunctionId, Option<u64>>,
    /// Over all functions, for sizing windows.
    mean: u64,
}

impl Costs {
    pub(crate) fn new<T>(functions: &Table<FunctionId, T>) -> Costs {
        Costs { expected: Table::alongside(functions, |_| None), mean: 0 }
    }

    /// Takes note of what a job took. One long job makes its function count as long at once; many short ones are
    /// needed to make it count as short again.
    pub(crate) fn learn(&mut self, function: FunctionId, nanos: u64) {
        let expected = &mut self.expected[function];
        *expected = Some(match *expected {
            Some(before) => nanos.max(before - before / 8),
            None => nanos,
        });
        self.mean = self.mean - self.mean / 8 + nanos / 8;
    }

    /// What a job of that function is expected to take, if one ever ran.
    pub(crate) fn expected(&self, function: FunctionId) -> Option<u64> {
        self.expected[function]
    }

    /// What a job takes on average, lately.
    pub(crate) fn mean(&self) -> u64 {
        self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_jobs_are_remembered_and_forgotten_slowly() {
        let mut costs = Costs::new(&Table::from_iter([()]));
        let function = costs.expected.ids().next().unwrap();
        assert_eq!(costs.expected(function), None);
        costs.learn(function, 100);
        costs.learn(function, 80_000);
        costs.learn(function, 100);
        assert_eq!(costs.expected(function), Some(70_000));
        (0..100).for_each(|_| costs.learn(function, 100));
        assert!(costs.expected(function) < Some(200));
    }
}
