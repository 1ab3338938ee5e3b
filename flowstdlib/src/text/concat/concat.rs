//! The texts of all parts, one after another.

use crate::text::shown::{parts, shown};
use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

#[flow_function]
fn concat(values: &Value) -> Result<(Option<Value>, RunAgain)> {
    flow_output!(parts(values).iter().map(shown).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::output;

    #[test]
    fn parts_of_all_kinds_follow_one_another() {
        assert_eq!(
            output(&Concat, r#"[["Größe: ", 1.5, " ", true, null, [1, "a"]]]"#),
            r#""Größe: 1.5 true[1,\"a\"]""#
        );
        assert_eq!(output(&Concat, r#"[[]]"#), r#""""#);
        assert_eq!(output(&Concat, r#"["only"]"#), r#""only""#);
        assert_eq!(output(&Concat, r#"[7]"#), r#""7""#);
        assert_eq!(output(&Concat, r#"[null]"#), r#""""#);
    }
}
