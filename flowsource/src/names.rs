//! What functions are called in Rust.

/// The name of the type that stands for a function: that of the function in camel case.
pub fn type_name(function: &str) -> String {
    let capitalize = |part: &str| {
        let mut rest = part.chars();
        rest.next().map(|first| first.to_uppercase().chain(rest).collect::<String>()).unwrap_or_default()
    };
    function.split(['_', '-']).map(capitalize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_in_camel_case() {
        assert_eq!(type_name("duplicate_rows"), "DuplicateRows");
        assert_eq!(type_name("add"), "Add");
        assert_eq!(type_name("to-json"), "ToJson");
        assert_eq!(type_name(""), "");
    }
}
