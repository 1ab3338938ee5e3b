//! Lengths of time and amounts of memory as people write them.

use std::time::Duration;

/// Reads a length of time: a number and perhaps a unit. None is no limit.
///
/// # Errors
///
/// Says in words what is wrong with any other text.
pub fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit = match unit {
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("'{unit}' is no unit of time; there are ms, s, m and h")),
    };
    let number: f64 = number.trim().parse().map_err(|_| format!("'{number}' is not a number"))?;
    Duration::try_from_secs_f64(number * unit).map_err(|_| "not a length of time".to_owned())
}

/// Reads a number of bytes: a number and perhaps a unit.
///
/// # Errors
///
/// Says in words what is wrong with any other text.
pub fn size(text: &str) -> Result<u64, String> {
    let split = text.find(|letter: char| letter.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let unit: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        _ => return Err(format!("'{unit}' is no unit of memory; there are KiB, MiB and GiB")),
    };
    let number: u64 = number.trim().parse().map_err(|_| format!("'{number}' is not a whole number"))?;
    number.checked_mul(unit).ok_or_else(|| "more bytes than there can be".to_owned())
}
