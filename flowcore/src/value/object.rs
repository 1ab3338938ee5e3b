//! The members of an object.

use super::{ArcStr, Value};
use std::{fmt, iter, mem, slice, vec};

/// Up to this many members, looking at each is faster than halving: most keys differ in length already.
const FEW: usize = 16;

/// One member: its key and its value.
type Member = (ArcStr, Value);

/// The members of an object, in ascending order of their keys, each key once.
///
/// Objects are mostly small and made once, as the outputs of a function are, so this is one vector and not a tree.
/// Inserting in ascending order is cheap, and so is collecting members in any order; inserting one by one before
/// others moves those.
///
/// ```
/// use flowcore::{Object, Value, value::literal};
///
/// let mut object = Object::new();
/// object.insert(literal!("b"), Value::from(2));
/// object.insert(literal!("a"), Value::from(1));
/// assert!(object.keys().eq(["a", "b"]));
/// assert_eq!(object.insert(literal!("b"), Value::from(3)), Some(Value::from(2)));
/// assert_eq!(object.get("b"), Some(&Value::from(3)));
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct Object {
    members: Vec<Member>,
}

/// The members of an [`Object`] in ascending order of their keys.
pub type Iter<'object> =
    iter::Map<slice::Iter<'object, Member>, fn(&'object Member) -> (&'object ArcStr, &'object Value)>;

impl Object {
    /// An object without members.
    pub const fn new() -> Object {
        Object { members: Vec::new() }
    }

    /// An object without members that has room for so many.
    pub fn with_capacity(capacity: usize) -> Object {
        Object { members: Vec::with_capacity(capacity) }
    }

    /// An object of members that are in ascending order already, each key once.
    #[inline]
    pub(crate) fn from_ascending<const N: usize>(members: [Member; N]) -> Object {
        debug_assert!(members.is_sorted_by(|before, after| before.0.as_str() < after.0.as_str()));
        Object { members: members.into() }
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are no members.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The value of the member with that key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        let found = if self.len() <= FEW {
            self.members.iter().find(|member| member.0.as_str() == key)
        } else {
            self.place(key).ok().and_then(|place| self.members.get(place))
        };
        found.map(|member| &member.1)
    }

    /// The value of the member with that key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let place = self.place(key).ok()?;
        self.members.get_mut(place).map(|member| &mut member.1)
    }

    /// Whether there is a member with that key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Adds a member, or replaces the value of the one with that key and gives back what it was.
    ///
    /// Quick for a key above all others; else takes as long as there are members with greater keys.
    pub fn insert(&mut self, key: ArcStr, value: Value) -> Option<Value> {
        if self.members.last().is_none_or(|last| last.0.as_str() < key.as_str()) {
            self.members.push((key, value));
            return None;
        }
        match self.place(&key) {
            Ok(place) => self.members.get_mut(place).map(|member| mem::replace(&mut member.1, value)),
            Err(place) => {
                self.members.insert(place, (key, value));
                None
            }
        }
    }

    /// Takes out the member with that key and gives back its value.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let place = self.place(key).ok()?;
        Some(self.members.remove(place).1)
    }

    /// The members in ascending order of their keys.
    pub fn iter(&self) -> Iter<'_> {
        self.members.iter().map(|(key, value)| (key, value))
    }

    /// The keys in ascending order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &ArcStr> + ExactSizeIterator + Clone {
        self.members.iter().map(|(key, _)| key)
    }

    /// The values in ascending order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator + Clone {
        self.members.iter().map(|(_, value)| value)
    }

    /// Where the member with that key is, or where it would have to be.
    fn place(&self, key: &str) -> Result<usize, usize> {
        self.members.binary_search_by(|member| member.0.as_str().cmp(key))
    }
}

/// Puts members in order, of which the first `ordered` are; of those with the same key the last one stays.
fn ascending(mut members: Vec<Member>, ordered: usize) -> Vec<Member> {
    // The last one that is known to be in order begins the part that may not be.
    let unknown = members.get(ordered.saturating_sub(1)..).unwrap_or_default();
    if !unknown.is_sorted_by(|before, after| before.0.as_str() < after.0.as_str()) {
        // Stable, so that members of the same key stay in the order in which they came.
        members.sort_by(|one, other| one.0.as_str().cmp(other.0.as_str()));
        members.dedup_by(|later, earlier| {
            let replaces = later.0.as_str() == earlier.0.as_str();
            if replaces {
                mem::swap(later, earlier);
            }
            replaces
        });
    }
    members
}

/// Later members replace earlier ones of the same key.
impl From<Vec<(ArcStr, Value)>> for Object {
    fn from(members: Vec<Member>) -> Object {
        Object { members: ascending(members, 0) }
    }
}

/// Later members replace earlier ones of the same key.
impl FromIterator<(ArcStr, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = Member>>(members: I) -> Object {
        Object::from(Vec::from_iter(members))
    }
}

/// Members replace those of the same key that came before them.
impl Extend<(ArcStr, Value)> for Object {
    fn extend<I: IntoIterator<Item = Member>>(&mut self, members: I) {
        // Taken out, so that an iterator that panics leaves no object behind that is out of order.
        let mut all = mem::take(&mut self.members);
        let ordered = all.len();
        all.extend(members);
        self.members = ascending(all, ordered);
    }
}

impl IntoIterator for Object {
    type Item = (ArcStr, Value);
    type IntoIter = vec::IntoIter<(ArcStr, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}

impl<'object> IntoIterator for &'object Object {
    type Item = (&'object ArcStr, &'object Value);
    type IntoIter = Iter<'object>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// What an object is to be.
    type Model = BTreeMap<ArcStr, Value>;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(ArcStr, Value),
        Remove(ArcStr),
        Change(ArcStr, Value),
        Extend(Vec<Member>),
    }

    /// Few enough keys that some come twice, enough that objects are not always small.
    fn keys() -> impl Strategy<Value = ArcStr> {
        "[a-d]{0,2}".prop_map(ArcStr::from)
    }

    fn members() -> impl Strategy<Value = Vec<Member>> {
        vec((keys(), any::<i64>().prop_map(Value::from)), 0..30)
    }

    fn steps() -> impl Strategy<Value = Step> {
        let values = || any::<i64>().prop_map(Value::from);
        prop_oneof![
            4 => (keys(), values()).prop_map(|(key, value)| Step::Insert(key, value)),
            2 => keys().prop_map(Step::Remove),
            1 => (keys(), values()).prop_map(|(key, value)| Step::Change(key, value)),
            1 => members().prop_map(Step::Extend),
        ]
    }

    /// That an object has the members of its model, whichever way it is asked.
    fn is_like(object: &Object, model: &Model) -> Result<(), TestCaseError> {
        prop_assert!(object.iter().eq(model));
        prop_assert!(object.iter().rev().eq(model.iter().rev()));
        prop_assert!(object.keys().eq(model.keys()));
        prop_assert!(object.values().eq(model.values()));
        prop_assert_eq!(object.len(), model.len());
        prop_assert_eq!(object.is_empty(), model.is_empty());
        prop_assert_eq!(format!("{object:?}"), format!("{model:?}"));
        for key in ["", "a", "ab", "b", "cd", "dd", "e", "abc"] {
            prop_assert_eq!(object.get(key), model.get(key));
            prop_assert_eq!(object.contains_key(key), model.contains_key(key));
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn members_in_any_order_make_the_object_that_a_map_makes(members in members()) {
            let model: Model = members.iter().cloned().collect();
            let collected: Object = members.iter().cloned().collect();
            is_like(&collected, &model)?;
            let mut inserted = Object::with_capacity(members.len());
            for (key, value) in members.clone() {
                inserted.insert(key, value);
            }
            prop_assert_eq!(&inserted, &collected);
            prop_assert_eq!(&Object::from(members), &collected);
            prop_assert!(collected.into_iter().eq(model));
        }

        #[test]
        fn every_step_does_what_it_does_to_a_map(start in members(), steps in vec(steps(), 0..20)) {
            let mut object: Object = start.iter().cloned().collect();
            let mut model: Model = start.into_iter().collect();
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        prop_assert_eq!(object.insert(key.clone(), value.clone()), model.insert(key, value));
                    }
                    Step::Remove(key) => prop_assert_eq!(object.remove(&key), model.remove(&key)),
                    Step::Change(key, value) => {
                        let changed = object.get_mut(&key).map(|old| *old = value.clone());
                        prop_assert_eq!(changed, model.get_mut(&key).map(|old| *old = value));
                    }
                    Step::Extend(members) => {
                        object.extend(members.iter().cloned());
                        model.extend(members);
                    }
                }
                is_like(&object, &model)?;
            }
        }

        #[test]
        fn objects_are_equal_as_maps_are(one in members(), other in members()) {
            let object = |members: &[Member]| members.iter().cloned().collect::<Object>();
            let model = |members: &[Member]| members.iter().cloned().collect::<Model>();
            prop_assert_eq!(object(&one) == object(&other), model(&one) == model(&other));
            let mut reversed: Vec<_> = object(&one).into_iter().collect();
            reversed.reverse();
            prop_assert_eq!(object(&reversed), object(&one));
        }
    }
}
