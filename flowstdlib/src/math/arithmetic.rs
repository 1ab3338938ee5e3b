//! The rule by which `add`, `subtract` and `multiply` choose the kind of their result.

use crate::told::{no_result, overflow};
use flowcore::{Number, RUN_AGAIN, Result, RunAgain, Value};

/// One operation in its three forms; the integer forms give nothing where the result does not fit.
pub(crate) struct Operation {
    pub(super) signed: fn(i64, i64) -> Option<i64>,
    pub(super) unsigned: fn(u64, u64) -> Option<u64>,
    pub(super) float: fn(f64, f64) -> f64,
    /// How the operation is written, for what is told to people.
    pub(super) sign: &'static str,
}

impl Operation {
    /// Applies the operation; null where an operand is null. What does not fit is told.
    ///
    /// Inlined so that the three forms are known, and cost no call, where each function uses it.
    #[inline(always)]
    pub(super) fn run(&self, i1: Option<Number>, i2: Option<Number>) -> Result<(Option<Value>, RunAgain)> {
        let (Some(i1), Some(i2)) = (i1, i2) else { return Ok((Some(Value::Null), RUN_AGAIN)) };
        let result = match self.apply(i1, i2) {
            Some(Value::Null) => Some(no_result(self.on(i1, i2))),
            Some(result) => Some(result),
            None => overflow(self.on(i1, i2)),
        };
        Ok((result, RUN_AGAIN))
    }

    /// Applies the operation; nothing where the integer result does not fit, null where the float result does not.
    #[inline(always)]
    pub(crate) fn apply(&self, i1: Number, i2: Number) -> Option<Value> {
        if let (Some(i1), Some(i2)) = (integral(i1), integral(i2)) {
            (self.signed)(i1, i2).map(Value::from)
        } else if let (Some(i1), Some(i2)) = (i1.as_u64(), i2.as_u64()) {
            (self.unsigned)(i1, i2).map(Value::from)
        } else {
            Some(Value::from_f64((self.float)(i1.as_f64(), i2.as_f64())))
        }
    }

    /// The operation on these operands, as text.
    #[cold]
    fn on(&self, i1: Number, i2: Number) -> String {
        format!("{i1} {} {i2}", self.sign)
    }
}

/// The number as a signed integer, also where it is a whole float.
#[inline(always)]
pub(super) fn integral(number: Number) -> Option<i64> {
    /// 2^63, the first float too large.
    const END: f64 = 9_223_372_036_854_775_808.0;
    if let Some(integer) = number.as_i64() {
        return Some(integer);
    }
    let float = number.as_f64();
    let fits = number.is_float() && (-END..END).contains(&float) && float.fract() == 0.0;
    fits.then_some(float as i64)
}
