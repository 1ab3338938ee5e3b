//! Lists that are looked into by positions of their own.

use std::ops::{Index, IndexMut};
use std::slice;

/// A list whose users hold positions that the list itself gave out; it never shrinks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dense<T>(pub(super) Vec<T>);

impl<T> Default for Dense<T> {
    fn default() -> Dense<T> {
        Dense(Vec::new())
    }
}

impl<T> Dense<T> {
    /// Adds an element and gives its position.
    pub(super) fn add(&mut self, element: T) -> usize {
        self.0.push(element);
        self.0.len() - 1
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> slice::Iter<'_, T> {
        self.0.iter()
    }

    pub(super) fn iter_mut(&mut self) -> slice::IterMut<'_, T> {
        self.0.iter_mut()
    }
}

impl<T: Clone> Dense<T> {
    /// So many equal elements.
    pub(super) fn of(element: T, count: usize) -> Dense<T> {
        Dense(vec![element; count])
    }
}

impl<T> FromIterator<T> for Dense<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Dense<T> {
        Dense(elements.into_iter().collect())
    }
}

impl<T> Index<usize> for Dense<T> {
    type Output = T;

    #[expect(clippy::indexing_slicing, reason = "the position is one of this list, which never shrinks")]
    fn index(&self, position: usize) -> &T {
        &self.0[position]
    }
}

impl<T> IndexMut<usize> for Dense<T> {
    #[expect(clippy::indexing_slicing, reason = "the position is one of this list, which never shrinks")]
    fn index_mut(&mut self, position: usize) -> &mut T {
        &mut self.0[position]
    }
}
