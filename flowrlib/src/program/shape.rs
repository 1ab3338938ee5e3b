//! The shape of the values that an input takes (`array_order` and `generic` in the manifest), and bringing values into
//! it.

use flowcore::{Elements, Initializer, Value};
use std::sync::Arc;

/// The shape that delivery brings values into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Values are taken untouched.
    Generic,
    /// Arrays are taken apart or wrapped until they nest this deep.
    Order(u32),
}

/// Whether an initializer delivers its elements one by one as the flow goes idle.
pub(crate) fn is_gradual(initializer: &Initializer, shape: Shape) -> bool {
    match (initializer, shape) {
        (Initializer::Once(value @ Value::Array(_)), Shape::Order(order)) => value.array_order() > order,
        _ => false,
    }
}

/// What became of a value at delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// All of it was passed on, which for an empty array taken apart means nothing.
    Whole,
    /// Some or all of it has no place in the input and is gone.
    Lost,
}

/// Passes a value on in an input's shape.
///
/// The difference between the order of the value and that of the input decides:
///
/// | difference | passed on |
/// |---|---|
/// | 0 | the value |
/// | 1 | its elements, one by one |
/// | 2 | the elements of its elements, one by one; elements that are no arrays are lost |
/// | -1, -2 | the value in one or two arrays of its own |
/// | else | nothing |
pub(crate) fn convert(value: Value, shape: Shape, mut pass_on: impl FnMut(Value)) -> Delivery {
    let Shape::Order(order) = shape else {
        pass_on(value);
        return Delivery::Whole;
    };
    match (i64::from(value.array_order()) - i64::from(order), value) {
        (0, value) => pass_on(value),
        (1, Value::Array(elements)) => take_apart(elements, pass_on),
        (2, Value::Array(elements)) => {
            let mut delivery = Delivery::Whole;
            take_apart(elements, |element| match element {
                Value::Array(inner) => take_apart(inner, &mut pass_on),
                _ => delivery = Delivery::Lost,
            });
            return delivery;
        }
        (-1, value) => pass_on(wrap(value)),
        (-2, value) => pass_on(wrap(wrap(value))),
        _ => return Delivery::Lost,
    }
    Delivery::Whole
}

/// Whether [`convert`] passes a value on as it is.
pub(crate) fn is_kept(value: &Value, shape: Shape) -> bool {
    match shape {
        Shape::Generic => true,
        Shape::Order(order) => value.array_order() == order,
    }
}

/// Whether an initializer has a value, or part of one, that has no place in an input of that shape.
pub(crate) fn has_lost_values(initializer: &Initializer, shape: Shape) -> bool {
    match initializer {
        Initializer::Once(Value::Array(elements)) if is_gradual(initializer, shape) => {
            elements.iter().any(|element| is_lost(element, shape))
        }
        Initializer::Once(value) | Initializer::Always(value) => is_lost(value, shape),
    }
}

/// Whether [`convert`] would lose something.
fn is_lost(value: &Value, shape: Shape) -> bool {
    let Shape::Order(order) = shape else { return false };
    match (i64::from(value.array_order()) - i64::from(order), value) {
        (-2..=1, _) => false,
        (2, Value::Array(elements)) => !elements.iter().all(|element| matches!(element, Value::Array(_))),
        _ => true,
    }
}

/// Passes the elements of an array on: those themselves where nobody shares it.
fn take_apart(elements: Arc<Elements>, pass_on: impl FnMut(Value)) {
    match Arc::try_unwrap(elements) {
        Ok(elements) => elements.into_iter().for_each(pass_on),
        Err(shared) => shared.iter().cloned().for_each(pass_on),
    }
}

fn wrap(value: Value) -> Value {
    Value::Array(Arc::new(Elements::from_iter([value])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn converted(value: &str, shape: Shape) -> (String, Delivery) {
        let mut queue = Vec::new();
        let value: Value = value.parse().unwrap();
        let delivery = convert(value.clone(), shape, |value| queue.push(value.to_string()));
        assert_eq!(is_lost(&value, shape), delivery == Delivery::Lost, "{value}");
        assert_eq!(is_kept(&value, shape), queue == [value.to_string()], "{value}");
        (queue.join(" "), delivery)
    }

    #[test]
    fn the_table_of_manifest_section_7_2() {
        let lost = |text: &str| (text.to_owned(), Delivery::Lost);
        let whole = |text: &str| (text.to_owned(), Delivery::Whole);
        let rows = [
            ("5", [whole("5"), whole("[5]"), whole("[[5]]"), whole("5")]),
            ("[1,2]", [whole("1 2"), whole("[1,2]"), whole("[[1,2]]"), whole("[1,2]")]),
            ("[[1,2],[3]]", [whole("1 2 3"), whole("[1,2] [3]"), whole("[[1,2],[3]]"), whole("[[1,2],[3]]")]),
            ("[]", [whole(""), whole("[]"), whole("[[]]"), whole("[]")]),
            ("null", [whole("null"), whole("[null]"), whole("[[null]]"), whole("null")]),
            ("[[[1]]]", [lost(""), whole("[1]"), whole("[[1]]"), whole("[[[1]]]")]),
            ("[1,[2]]", [whole("1 [2]"), whole("[1,[2]]"), whole("[[1,[2]]]"), whole("[1,[2]]")]),
            ("[[1],2]", [lost("1"), whole("[1] 2"), whole("[[1],2]"), whole("[[1],2]")]),
        ];
        for (value, [zero, one, two, generic]) in rows {
            assert_eq!(converted(value, Shape::Order(0)), zero, "{value} on order 0");
            assert_eq!(converted(value, Shape::Order(1)), one, "{value} on order 1");
            assert_eq!(converted(value, Shape::Order(2)), two, "{value} on order 2");
            assert_eq!(converted(value, Shape::Generic), generic, "{value} on generic");
        }
    }

    #[test]
    fn of_a_gradual_initializer_each_element_needs_a_place() {
        let once = |text: &str| Initializer::Once(text.parse().unwrap());
        let order = Shape::Order;
        assert!(!has_lost_values(&once("[[1],2]"), order(0)), "taken apart, both have one");
        assert!(has_lost_values(&once("[1,[[[2]]]]"), order(0)));
        assert!(has_lost_values(&Initializer::Always("[[1],2]".parse().unwrap()), order(0)));
        assert!(!has_lost_values(&once("[[[[1]]]]"), Shape::Generic));
    }

    #[test]
    fn a_scalar_is_not_wrapped_three_times() {
        assert_eq!(converted("5", Shape::Order(3)), (String::new(), Delivery::Lost));
    }
}
