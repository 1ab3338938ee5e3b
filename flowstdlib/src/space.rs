//! Room for results whose size an input decides.

use flowcore::{FunctionError, Result, Value};

/// The most bytes that such a result may have: what can travel between processes. Whether the memory could hold more is
/// only known when it is full, and then everybody on the machine suffers.
const MOST_BYTES: usize = 1 << 30;

/// An empty vector with room for `count` values.
///
/// # Errors
///
/// Fails where that is too much, which is an error of the job and not the end of the process.
pub(crate) fn room_for(count: usize) -> Result<Vec<Value>> {
    let mut values = Vec::new();
    if count <= MOST_BYTES / size_of::<Value>() && values.try_reserve_exact(count).is_ok() {
        Ok(values)
    } else {
        Err(FunctionError::Other(format!("there is no room for {count} values")))
    }
}

/// An empty text with room for so many bytes.
///
/// # Errors
///
/// Fails where that is too much.
pub(crate) fn text_room(bytes: usize) -> Result<String> {
    let mut text = String::new();
    if bytes <= MOST_BYTES && text.try_reserve_exact(bytes).is_ok() {
        Ok(text)
    } else {
        Err(FunctionError::Other(format!("there is no room for {bytes} bytes of text")))
    }
}

/// How often something is to be repeated: not at all for a factor below 0.
pub(crate) fn times(factor: i64) -> usize {
    usize::try_from(factor.max(0)).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_can_travel_is_an_error() {
        for count in [1 << 27, 1 << 40, usize::MAX] {
            assert!(room_for(count).is_err(), "{count}");
        }
        for bytes in [(1 << 30) + 1, 1 << 40, usize::MAX] {
            assert!(text_room(bytes).is_err(), "{bytes}");
        }
        assert!(room_for(3).unwrap().is_empty());
    }
}
