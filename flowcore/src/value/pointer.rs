//! Pointers select part of a value: `/json/1` is element 1 of member `json`.

use super::Value;
use std::sync::Arc;
use std::{fmt, mem};

/// A JSON pointer (RFC 6901), taken apart once so that applying it compares no text but object keys.
///
/// ```
/// use flowcore::value::{Pointer, Value};
///
/// let result: Value = r#"{"json":[[10,20],30]}"#.parse().unwrap();
/// assert_eq!(Pointer::parse("/json/0/1").select(&result), Some(&Value::from(20)));
/// assert_eq!(Pointer::parse("").select(&result), Some(&result));
/// assert_eq!(Pointer::parse("/json/7").select(&result), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Pointer {
    steps: Vec<Step>,
}

/// One step of a [`Pointer`]: the key of a member, or, where it reads as one, the index of an element.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step {
    key: String,
    index: Option<usize>,
}

impl Step {
    /// A step to the member or element so named.
    pub fn new(key: impl Into<String>) -> Step {
        let key = key.into();
        let index = match key.as_str() {
            "0" => Some(0),
            // RFC 6901: no sign and no leading zero.
            digits if digits.starts_with(|first: char| ('1'..='9').contains(&first)) => digits.parse().ok(),
            _ => None,
        };
        Step { key, index }
    }

    fn select<'value>(&self, value: &'value Value) -> Option<&'value Value> {
        match value {
            Value::Object(members) => members.get(self.key.as_str()),
            Value::Array(elements) => elements.get(self.index?),
            _ => None,
        }
    }
}

impl Pointer {
    /// Takes a pointer's text apart: empty for the whole value, else steps that each begin with `/`, in which `~1`
    /// stands for `/` and `~0` for `~`. A missing first `/` is supplied.
    pub fn parse(text: &str) -> Pointer {
        if text.is_empty() {
            return Pointer::default();
        }
        let steps = text.strip_prefix('/').unwrap_or(text).split('/');
        Pointer { steps: steps.map(|step| Step::new(step.replace("~1", "/").replace("~0", "~"))).collect() }
    }

    /// Whether this selects the whole value.
    pub fn is_whole(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether this selects the member with that key, of an object, and nothing in it.
    pub fn is_member(&self, key: &str) -> bool {
        matches!(self.steps.as_slice(), [step] if step.key == key)
    }

    /// The part of the value this points at, if the value has it.
    pub fn select<'value>(&self, value: &'value Value) -> Option<&'value Value> {
        self.steps.iter().try_fold(value, |part, step| step.select(part))
    }

    /// The same of a value of which nobody will want this part any more: it is taken out where nobody shares it, and what
    /// is left there is of no use.
    pub fn take(&self, value: &mut Value) -> Option<Value> {
        take(&self.steps, value)
    }

    /// Whether one of the two selects a part of what the other selects, or the same.
    pub fn overlaps(&self, other: &Pointer) -> bool {
        self.steps.iter().zip(&other.steps).all(|(own, other)| own == other)
    }
}

fn take(steps: &[Step], value: &mut Value) -> Option<Value> {
    let Some((step, rest)) = steps.split_first() else { return Some(mem::take(value)) };
    match value {
        Value::Object(members) => match Arc::get_mut(members) {
            Some(members) => take(rest, members.get_mut(&step.key)?),
            None => rest.iter().try_fold(members.get(&step.key)?, |part, step| step.select(part)).cloned(),
        },
        Value::Array(elements) => match Arc::get_mut(elements) {
            Some(elements) => take(rest, elements.get_mut(step.index?)?),
            None => rest.iter().try_fold(elements.get(step.index?)?, |part, step| step.select(part)).cloned(),
        },
        _ => None,
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in &self.steps {
            write!(formatter, "/{}", step.key.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_name_members_and_elements() {
        let value: Value = r#"{"a/b":1,"":2,"7":[5],"m~n":3}"#.parse().unwrap();
        let select = |text: &str| Pointer::parse(text).select(&value).cloned();
        assert_eq!(select("/a~1b"), Some(Value::from(1)));
        assert_eq!(select("/"), Some(Value::from(2)));
        assert_eq!(select("/7/0"), Some(Value::from(5)));
        assert_eq!(select("/m~0n"), Some(Value::from(3)));
        assert_eq!(select("/7/00"), None);
        assert_eq!(select("/7/+0"), None);
        assert_eq!(select("/7/0/0"), None);
    }

    #[test]
    fn what_nobody_shares_is_taken_out_and_what_somebody_does_stays() {
        let text = r#"{"a":[[1],[2]],"b":3}"#;
        for pointer in ["", "/a", "/a/1", "/a/1/0", "/b", "/c", "/a/2", "/a/x", "/b/0"] {
            let pointer = Pointer::parse(pointer);
            let mut value: Value = text.parse().unwrap();
            let part = pointer.select(&value).cloned();
            let shared = value.clone();
            assert_eq!(pointer.take(&mut value), part, "{pointer}");
            assert!(pointer.is_whole() || value == shared, "{pointer}");
            drop((value, shared));
            let mut own: Value = text.parse().unwrap();
            assert_eq!(pointer.take(&mut own), part, "{pointer}");
            let left = pointer.select(&own);
            assert!(left.is_none_or(Value::is_null), "{pointer}: {own}");
        }
    }

    #[test]
    fn who_points_into_what_another_points_at_overlaps_it() {
        let overlap = |one: &str, other: &str| Pointer::parse(one).overlaps(&Pointer::parse(other));
        for (one, other) in [("", ""), ("", "/a"), ("/a", "/a"), ("/a", "/a/0")] {
            assert!(overlap(one, other) && overlap(other, one), "{one} {other}");
        }
        for (one, other) in [("/a", "/b"), ("/a/0", "/a/1"), ("/0", "/00")] {
            assert!(!overlap(one, other) && !overlap(other, one), "{one} {other}");
        }
    }

    #[test]
    fn text_survives_the_round_trip() {
        for text in ["", "/", "/a~1b/0", "/m~0n"] {
            assert_eq!(Pointer::parse(text).to_string(), text);
        }
    }
}
