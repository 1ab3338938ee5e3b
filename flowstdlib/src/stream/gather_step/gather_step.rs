//! Puts one value of an array in its place.

use crate::space::room_for;
use flowcore::value::literal;
use flowcore::{Object, Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::sync::Arc;

#[flow_function]
fn gather_step(
    value: Value,
    index: usize,
    total: usize,
    partial: Value,
) -> Result<(Option<Value>, RunAgain)> {
    let mut partial = match partial {
        Value::Object(partial) => partial,
        _ => Arc::new(nothing_of(total)?),
    };
    // Without a copy, where nobody else holds what was gathered.
    let gathered = Arc::make_mut(&mut partial);
    let Some(place) = place(gathered, index) else {
        return Err(format!("no value is wanted at position {index} of an array of {total}").into());
    };
    // In an array of its own, so that null is a value too.
    *place = Value::from(vec![value]);
    let missing = gathered.get("missing").and_then(Value::as_u64).unwrap_or(1).saturating_sub(1);
    if missing > 0 {
        gathered.insert(literal!("missing"), Value::from(missing));
        return flow_output!("partial" => Value::Object(partial));
    }
    let values = gathered.remove("values").unwrap_or_default();
    let values = values.as_array().unwrap_or_default().iter();
    let array = values.filter_map(|value| value.at(0)).cloned().collect::<Value>();
    flow_output!("array" => array, "partial" => Vec::<Value>::new())
}

/// An array of so many values, none of which has come yet.
fn nothing_of(total: usize) -> Result<Object> {
    let mut values = room_for(total)?;
    values.resize(total, Value::Null);
    let members = [(literal!("missing"), Value::from(total)), (literal!("values"), Value::from(values))];
    Ok(Object::from_iter(members))
}

/// The place for the value at that position, if it is free.
fn place(gathered: &mut Object, index: usize) -> Option<&mut Value> {
    let Some(Value::Array(values)) = gathered.get_mut("values") else { return None };
    Arc::make_mut(values).get_mut(index).filter(|place| place.is_null())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn values_are_put_in_their_places() {
        assert_eq!(
            output(&GatherStep, r#"["b", 1, 2, []]"#),
            r#"{"partial":{"missing":1,"values":[null,["b"]]}}"#
        );
        assert_eq!(
            output(&GatherStep, r#"[null, 0, 2, {"missing":1,"values":[null,["b"]]}]"#),
            r#"{"array":[null,"b"],"partial":[]}"#
        );
        assert_eq!(output(&GatherStep, r#"[[1], 0, 1, []]"#), r#"{"array":[[1]],"partial":[]}"#);
    }

    #[test]
    fn positions_that_are_not_free_are_errors() {
        assert!(
            error(&GatherStep, r#"["a", 2, 2, []]"#)
                .contains(r#"no value is wanted at position 2 of an array of 2"#)
        );
        assert!(
            error(&GatherStep, r#"["a", 1, 2, {"missing":1,"values":[null,["b"]]}]"#)
                .contains(r#"no value is wanted at position 1"#)
        );
        assert!(
            error(&GatherStep, r#"["a", -1, 2, []]"#)
                .contains(r#"'index' must be an integer that is not negative"#)
        );
        assert!(error(&GatherStep, r#"["a", 0, 0, []]"#).contains(r#"no value is wanted"#));
    }
}
