//! The message of a panic, kept for the host: the panic itself reaches it as a trap that says nothing.

use std::panic::Location;

/// What a panic says, and where it was.
fn describe(message: Option<&str>, location: Option<&Location<'_>>) -> String {
    let message = message.unwrap_or("without a message");
    match location {
        Some(location) => format!("{message}, at {location}"),
        None => message.to_owned(),
    }
}

#[cfg(target_arch = "wasm32")]
pub(super) use kept::{keep, last};

#[cfg(target_arch = "wasm32")]
mod kept {
    use super::describe;
    use std::sync::{Mutex, Once};

    static HOOK: Once = Once::new();
    static LAST: Mutex<String> = Mutex::new(String::new());

    /// From now on keeps what panics say.
    pub(in crate::guest) fn keep() {
        HOOK.call_once(|| {
            std::panic::set_hook(Box::new(|panic| {
                // Locked only by a panic while it is described, which then is the one to tell of.
                if let Ok(mut last) = LAST.try_lock() {
                    *last = describe(panic.payload_as_str(), panic.location());
                }
            }));
        });
    }

    /// Where in memory the message of the last panic lies, and its length, 0 if there was none.
    pub(in crate::guest) fn last() -> (usize, usize) {
        LAST.try_lock().map_or((0, 0), |last| (last.as_ptr().expose_provenance(), last.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_with_its_place() {
        let here = Location::caller();
        assert_eq!(describe(Some("found null"), Some(here)), format!("found null, at {here}"));
        assert_eq!(describe(None, None), "without a message");
    }
}
