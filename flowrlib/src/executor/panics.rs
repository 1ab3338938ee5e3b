//! Panics of functions: caught, told in the job's outcome, and not printed by the default hook.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

thread_local! {
    /// Whether this thread is inside a function that may panic without anything being wrong with the program.
    static IN_FUNCTION: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs a function; where it panics, gives the message instead.
///
/// # Errors
///
/// The message of the panic.
pub fn run_quietly<T>(function: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let default_hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IN_FUNCTION.get() {
                default_hook(panic);
            }
        }));
    });
    IN_FUNCTION.set(true);
    // A function that panics keeps no state that others see: implementations are stateless by contract.
    let result = catch_unwind(AssertUnwindSafe(function));
    IN_FUNCTION.set(false);
    result.map_err(|payload| message(payload.as_ref()))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "without a message".to_owned())
}
