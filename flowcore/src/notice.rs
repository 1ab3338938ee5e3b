//! What a function wants a person to know although its job went well.
//!
//! An addition that overflows sends nothing, and a division by zero sends null: both are results, no errors, and yet
//! somebody may search long for the value that never came. So the function leaves a [`Notice`], and whoever runs it
//! takes what was left after each run. Nothing about a job depends on whether anybody does.
//!
//! Notices are left in the thread that runs the function. Looking whether there are any costs next to nothing.
//!
//! ```
//! use flowcore::notice::{self, NoticeKind};
//!
//! notice::leave(NoticeKind::Remark, || "1 is divided by 0".to_owned());
//! let left = notice::take();
//! assert_eq!(left[0].text, "1 is divided by 0");
//! assert!(notice::take().is_empty());
//! ```

use std::cell::RefCell;

/// How many notices one run of a function may leave; what it leaves beyond them is dropped.
pub const MOST: usize = 8;

/// What a function wants a person to know.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// One sentence without its end, which names the operands: `1 / 0 has no result and gives null`.
    pub text: String,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeKind {
    /// A value that the flow may wait for was not sent, because there is none that fits.
    LostValue,
    /// Something was sent that the flow may not expect, such as null for a division by zero.
    Remark,
}

thread_local! {
    static LEFT: RefCell<Vec<Notice>> = const { RefCell::new(Vec::new()) };
}

/// Leaves a notice for whoever runs this function. The text is made only if there is room for it.
#[cold]
pub fn leave(kind: NoticeKind, text: impl FnOnce() -> String) {
    if LEFT.with_borrow(Vec::len) < MOST {
        let text = text();
        LEFT.with_borrow_mut(|left| left.push(Notice { kind, text }));
    }
}

/// Takes what was left in this thread since the last call.
#[inline]
pub fn take() -> Vec<Notice> {
    LEFT.with_borrow_mut(std::mem::take)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_come_in_the_order_in_which_they_were_left() {
        leave(NoticeKind::LostValue, || "one".to_owned());
        leave(NoticeKind::Remark, || "two".to_owned());
        let left = take();
        assert_eq!(left.iter().map(|notice| notice.text.as_str()).collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!(left[0].kind, NoticeKind::LostValue);
        assert!(take().is_empty());
    }

    #[test]
    fn one_run_cannot_leave_notices_without_end() {
        for number in 0..2 * MOST {
            leave(NoticeKind::Remark, || {
                assert!(number < MOST, "no text is made for what is dropped");
                number.to_string()
            });
        }
        assert_eq!(take().len(), MOST);
    }

    #[test]
    fn every_thread_has_its_own() {
        leave(NoticeKind::Remark, || "here".to_owned());
        assert!(std::thread::spawn(take).join().unwrap().is_empty());
        assert_eq!(take().len(), 1);
    }
}
