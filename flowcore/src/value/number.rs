//! Numbers as JSON has them: integers of 64 bits, signed or unsigned, and floats of 64 bits.

use std::fmt;

/// A number: an integer in the range of `i64` or `u64`, or a finite float.
///
/// An unsigned integer is only kept apart where it exceeds `i64::MAX`, so equal integers are equal numbers.
#[derive(Clone, Copy, PartialEq)]
pub struct Number(Repr);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Repr {
    Signed(i64),
    /// Always greater than `i64::MAX`.
    Unsigned(u64),
    /// Always finite.
    Float(f64),
}

impl Number {
    /// A number for a finite float.
    pub fn from_f64(float: f64) -> Option<Number> {
        float.is_finite().then_some(Number(Repr::Float(float)))
    }

    /// The integer, if this is one that fits.
    pub fn as_i64(self) -> Option<i64> {
        match self.0 {
            Repr::Signed(integer) => Some(integer),
            Repr::Unsigned(_) | Repr::Float(_) => None,
        }
    }

    /// The integer, if this is one that fits.
    pub fn as_u64(self) -> Option<u64> {
        match self.0 {
            Repr::Signed(integer) => u64::try_from(integer).ok(),
            Repr::Unsigned(integer) => Some(integer),
            Repr::Float(_) => None,
        }
    }

    /// The nearest float.
    pub fn as_f64(self) -> f64 {
        match self.0 {
            Repr::Signed(integer) => integer as f64,
            Repr::Unsigned(integer) => integer as f64,
            Repr::Float(float) => float,
        }
    }

    /// Whether this is a float, whole or not.
    pub fn is_float(self) -> bool {
        matches!(self.0, Repr::Float(_))
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Number {
        Number(Repr::Signed(integer))
    }
}

impl From<u64> for Number {
    fn from(integer: u64) -> Number {
        Number(i64::try_from(integer).map_or(Repr::Unsigned(integer), Repr::Signed))
    }
}

/// The JSON text: the shortest that reads back as the same number; a float always shows that it is one.
impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Repr::Signed(integer) => integer.fmt(formatter),
            Repr::Unsigned(integer) => integer.fmt(formatter),
            // serde_json writes floats the way published flows expect them: `1.0`, `1e+16`, `1.5e-7`.
            Repr::Float(float) => match serde_json::to_string(&float) {
                Ok(text) => formatter.write_str(&text),
                Err(_) => Err(fmt::Error),
            },
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_integers_are_equal_however_they_were_made() {
        assert_eq!(Number::from(7_u64), Number::from(7_i64));
        assert_eq!(Number::from(u64::MAX).as_i64(), None);
        assert_eq!(Number::from(-1_i64).as_u64(), None);
    }

    #[test]
    fn floats_show_that_they_are_floats() {
        let text = |float| Number::from_f64(float).unwrap().to_string();
        assert_eq!(text(33.0), "33.0");
        assert_eq!(text(15.811388300841896), "15.811388300841896");
        assert_eq!(text(1e15), "1000000000000000.0");
        assert_eq!(text(1e16), "1e+16");
        assert_eq!(text(1.5e-7), "1.5e-7");
        assert_eq!(text(0.00001), "0.00001");
    }
}
