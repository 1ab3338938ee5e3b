//! Dense tables with typed ids.
//!
//! Everything a run looks up by id stands in a vector, and each table has an id type of its own, so that the id of a
//! flow cannot be used to find a function.

use std::marker::PhantomData;
use std::ops::{Index, IndexMut};

/// The id of a row in a [`Table`].
pub trait Id: Copy {
    /// The id of the row at that place.
    fn from_index(index: usize) -> Self;

    /// The place of the row.
    fn index(self) -> usize;
}

/// Declares id types: small integers that only their own table understands.
macro_rules! ids {
    ($($(#[$docs:meta])* $name:ident;)*) => {$(
        $(#[$docs])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u32);

        impl $crate::table::Id for $name {
            fn from_index(index: usize) -> $name {
                // A table of four thousand million rows does not fit in memory.
                $name(u32::try_from(index).unwrap_or(u32::MAX))
            }

            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}
pub(crate) use ids;

/// A vector whose rows are found by ids of one type.
///
/// Ids are handed out by the table (or by the loader for several tables of the same length) and rows are never
/// removed, so looking one up cannot fail.
#[derive(Clone, Debug)]
pub struct Table<I, T> {
    rows: Vec<T>,
    ids: PhantomData<fn(I) -> I>,
}

impl<I: Id, T> Table<I, T> {
    /// A table with no rows.
    pub fn new() -> Table<I, T> {
        Table { rows: Vec::new(), ids: PhantomData }
    }

    /// A table with one row for each row of another, so that both have the same ids.
    pub fn alongside<U>(other: &Table<I, U>, row: impl FnMut(&U) -> T) -> Table<I, T> {
        other.rows.iter().map(row).collect()
    }

    /// Adds a row and gives it the next id.
    pub fn push(&mut self, row: T) -> I {
        self.rows.push(row);
        I::from_index(self.rows.len() - 1)
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The row with that id, which may come from outside.
    pub fn find(&self, id: I) -> Option<&T> {
        self.rows.get(id.index())
    }

    /// The row with that id, which may come from outside, to be changed.
    pub fn find_mut(&mut self, id: I) -> Option<&mut T> {
        self.rows.get_mut(id.index())
    }

    /// All ids, ascending.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = I> + use<I, T> {
        (0..self.rows.len()).map(I::from_index)
    }

    /// All rows with their ids, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (I, &T)> {
        self.rows.iter().enumerate().map(|(index, row)| (I::from_index(index), row))
    }
}

impl<I: Id, T> Default for Table<I, T> {
    fn default() -> Table<I, T> {
        Table::new()
    }
}

impl<I, T> FromIterator<T> for Table<I, T> {
    fn from_iter<R: IntoIterator<Item = T>>(rows: R) -> Table<I, T> {
        Table { rows: rows.into_iter().collect(), ids: PhantomData }
    }
}

impl<I: Id, T> Index<I> for Table<I, T> {
    type Output = T;

    #[expect(
        clippy::indexing_slicing,
        reason = "ids are minted for exactly this table and rows are never removed"
    )]
    fn index(&self, id: I) -> &T {
        &self.rows[id.index()]
    }
}

impl<I: Id, T> IndexMut<I> for Table<I, T> {
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are minted for exactly this table and rows are never removed"
    )]
    fn index_mut(&mut self, id: I) -> &mut T {
        &mut self.rows[id.index()]
    }
}
