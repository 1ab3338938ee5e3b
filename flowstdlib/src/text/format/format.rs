//! A template filled with values.

use crate::text::shown::{parts, shown};
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn format(template: &str, values: &Value) -> Result<(Option<Value>, RunAgain)> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    let mut next = 0;
    while let Some(place) = rest.find(['{', '}']) {
        let (before, from_brace) = rest.split_at(place);
        text.push_str(before);
        if let Some(after) = from_brace.strip_prefix("{{") {
            text.push('{');
            rest = after;
        } else if let Some(after) = from_brace.strip_prefix("}}") {
            text.push('}');
            rest = after;
        } else if let Some((name, after)) = from_brace.strip_prefix('{').and_then(|name| name.split_once('}'))
        {
            let Some(value) = find(name, values, &mut next) else {
                return Err(format!("there is no value for the place {{{name}}} of the template").into());
            };
            text.push_str(&shown(value));
            rest = after;
        } else {
            return Err(format!("the template has a brace without its other half: {from_brace}").into());
        }
    }
    text.push_str(rest);
    flow_output!(text)
}

/// The value for a place.
fn find<'values>(name: &str, values: &'values Value, next: &mut usize) -> Option<&'values Value> {
    if let Value::Object(members) = values {
        return members.get(name);
    }
    let position = if name.is_empty() {
        *next += 1;
        *next - 1
    } else {
        name.parse().ok()?
    };
    parts(values).get(position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{error, output};

    #[test]
    fn places_are_filled_in_order_by_position_or_by_name() {
        assert_eq!(output(&Format, r#"["{} + {} = {}", [1, 2.5, "é"]]"#), r#""1 + 2.5 = é""#);
        assert_eq!(output(&Format, r#"["{1}{0}{1}", ["a", null]]"#), r#""a""#);
        assert_eq!(output(&Format, r#"["{name} is {age}", {"name": "Zoë", "age": [1]}]"#), r#""Zoë is [1]""#);
        assert_eq!(output(&Format, r#"["<{}>", 7]"#), r#""<7>""#);
        assert_eq!(output(&Format, r#"["{{{}}}", ["x"]]"#), r#""{x}""#);
        assert_eq!(output(&Format, r#"["no places", []]"#), r#""no places""#);
    }

    #[test]
    fn what_cannot_be_filled_is_an_error() {
        assert!(error(&Format, r#"["{} {}", [1]]"#).contains(r#"no value for the place {}"#));
        assert!(error(&Format, r#"["{b}", {"a": 1}]"#).contains(r#"no value for the place {b}"#));
        assert!(error(&Format, r#"["{b}", [1]]"#).contains(r#"no value for the place {b}"#));
        assert!(error(&Format, r#"["a { b", [1]]"#).contains(r#"brace without its other half: { b"#));
        assert!(error(&Format, r#"["a } b", [1]]"#).contains(r#"brace without its other half: } b"#));
        assert!(error(&Format, r#"[null, [1]]"#).contains(r#"'template' must be a string"#));
    }
}
