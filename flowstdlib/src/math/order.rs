//! How numbers of different kinds compare.

use crate::math::whole::integer;
use flowcore::Number;
use std::cmp::Ordering;

/// How one number relates to another.
pub(crate) struct Relation {
    /// Whether they count as equal: floats do when they are less than 2^-52 apart.
    pub(crate) equal: bool,
    /// The exact order of the two, as floats where one of them is a float.
    pub(crate) order: Ordering,
}

/// Relates `left` to `right`, integers exactly and everything else as floats.
#[inline]
pub(crate) fn relation(left: Number, right: Number) -> Relation {
    let order = if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        left.cmp(&right)
    } else if let (Some(left), Some(right)) = (left.as_u64(), right.as_u64()) {
        left.cmp(&right)
    } else {
        let (left, right) = (left.as_f64(), right.as_f64());
        let order = left.partial_cmp(&right).unwrap_or(Ordering::Equal);
        return Relation { equal: (left - right).abs() < f64::EPSILON, order };
    };
    Relation { equal: order.is_eq(), order }
}

/// The exact order of two numbers of any kinds; a whole float is equal to the integer of its size.
///
/// Comparing a mixed pair as floats would not do for sorting: two integers that become the same float would be equal
/// to it and not to each other.
pub(crate) fn exact(left: Number, right: Number) -> Ordering {
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        (None, None) => left.as_f64().partial_cmp(&right.as_f64()).unwrap_or(Ordering::Equal),
        (Some(left), None) => integer_to_float(left, right.as_f64()),
        (None, Some(right)) => integer_to_float(right, left.as_f64()).reverse(),
    }
}

fn integer_to_float(integer: i128, float: f64) -> Ordering {
    // The cast keeps to the range of i128, far beyond any 64-bit integer, so it decides rightly for huge floats too.
    let whole = float.trunc() as i128;
    integer.cmp(&whole).then_with(|| 0.0_f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::Value;

    fn compare(left: impl Into<Value>, right: impl Into<Value>) -> Ordering {
        exact(left.into().as_number().unwrap(), right.into().as_number().unwrap())
    }

    #[test]
    fn integers_and_floats_compare_exactly() {
        assert_eq!(compare(2, 2.0), Ordering::Equal);
        assert_eq!(compare(2, 2.5), Ordering::Less);
        assert_eq!(compare(-2, -2.5), Ordering::Greater);
        assert_eq!(compare(0, -0.5), Ordering::Greater);
        assert_eq!(compare(-0.0, 0), Ordering::Equal);
        assert_eq!(compare(9_007_199_254_740_993_i64, 9_007_199_254_740_992.0), Ordering::Greater);
        assert_eq!(compare(u64::MAX, 1e300), Ordering::Less);
        assert_eq!(compare(-1e300, i64::MIN), Ordering::Less);
        assert_eq!(compare(u64::MAX, i64::MAX), Ordering::Greater);
    }
}
