//! Room for results whose size an input decides.

use flowcore::{FunctionError, Result, Value};

/// An empty vector with room for `count` values.
///
/// # Errors
///
/// Fails where the memory cannot hold them, which is an error of the job and not the end of the process.
pub(crate) fn room_for(count: usize) -> Result<Vec<Value>> {
    let mut values = Vec::new();
    match values.try_reserve_exact(count) {
        Ok(()) => Ok(values),
        Err(_) => Err(FunctionError::Other(format!("there is no room for {count} values"))),
    }
}

/// An empty text with room for so many bytes.
///
/// # Errors
///
/// Fails where the memory cannot hold them.
pub(crate) fn text_room(bytes: usize) -> Result<String> {
    let mut text = String::new();
    match text.try_reserve_exact(bytes) {
        Ok(()) => Ok(text),
        Err(_) => Err(FunctionError::Other(format!("there is no room for {bytes} bytes of text"))),
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
    fn more_than_memory_is_an_error() {
        assert!(room_for(usize::MAX).is_err());
        assert!(text_room(usize::MAX).is_err());
        assert!(room_for(3).unwrap().is_empty());
    }
}
