//! Language 6: types, as flows see them. The matrix of 6.4 is a test of `flowcore::datatype`.

use crate::project::{Project, connect, context};
use crate::table::Table;

/// A flow in which a function's output of one type is connected to a function's input of another; types are TOML.
fn typed(source: &str, selector: &str, destination: &str) -> Project {
    let root = "[[process]]\nsource = \"from\"\n[[process]]\nsource = \"to\"\n".to_owned()
        + &connect(&format!("from/o{selector}"), "to/i")
        + &connect("to", "stdout")
        + &context("stdio/stdout");
    Project::new(&root)
        .function(
            "from",
            &format!("input = [{{value = {{once = 1}}}}]\noutput = [{{name = \"o\", type = {source}}}]\n"),
        )
        .function("to", &format!("input = [{{name = \"i\", type = {destination}}}]\noutput = [{{}}]\n"))
}

#[test]
fn section_6_1_grammar() {
    let mut table = Table::default();
    let rows = [
        ("", "ok"),
        ("number", "ok"),
        ("string", "ok"),
        ("boolean", "ok"),
        ("null", "ok"),
        ("object", "ok"),
        ("object/number", "ok"),
        ("object/", "ok"),
        ("array", "ok"),
        ("array/", "ok"),
        ("array/array/", "ok"),
        ("array/object/array/string", "ok"),
        ("array//number", "ok W009"),
        ("number/string", "ok W009"),
        ("/", "ok W009"),
        ("number/", "ok W009"),
        ("Number", "E011"),
        ("int", "E011"),
        ("arrays", "E011"),
        ("array/ number", "E011"),
        (" number", "E011"),
        ("any", "E011"),
        ("array/any", "E011"),
    ];
    for (data_type, expected) in rows {
        let root = "[[process]]\nsource = \"f\"\n".to_owned()
            + &context("stdio/stdout")
            + "input.default = {once = 1}\n";
        let definition =
            format!("input = [{{type = \"{data_type}\", value = {{once = []}}}}]\noutput = [{{}}]\n");
        table.verdict(data_type, &Project::new(&root).function("f", &definition), expected);
    }
    table.end(23);
}

#[test]
fn section_6_3_and_6_4_worked_examples() {
    let mut table = Table::default();
    let rows = [
        ("number", "array/array/number", "ok"),
        ("array/array/number", "number", "ok"),
        ("array/array/array/number", "number", "E023"),
        ("array/number", "array/array/", "ok"),
        // These three are refused by published compilers.
        ("array/array/number", "array/array/", "ok"),
        ("array/array/", "array/array/number", "ok"),
        ("object/number", "object", "ok"),
        ("object", "object/number", "E023"),
        ("array/number", "array", "E023"),
        ("array", "array/number", "E023"),
        ("array", "array/array", "ok"),
        ("number", "string", "E023"),
    ];
    for (source, destination, expected) in rows {
        let project = typed(&format!("\"{source}\""), "", &format!("\"{destination}\""));
        table.verdict(&format!("{source} -> {destination}"), &project, expected);
    }
    table.end(12);
}

#[test]
fn section_6_5_several_types() {
    let mut table = Table::default();
    let rows = [
        (r#"["string","number"]"#, r#""string""#, "E023"),
        (r#"["string","number"]"#, r#"["number","string","array"]"#, "ok"),
        (r#""string""#, r#"["array","number"]"#, "E023"),
        (r#"["string","number"]"#, r#"["array",""]"#, "ok"),
    ];
    for (source, destination, expected) in rows {
        table.verdict(&format!("{source} -> {destination}"), &typed(source, "", destination), expected);
    }
    table.end(4);
}

#[test]
fn section_6_6_narrowing_by_a_selector() {
    let mut table = Table::default();
    let rows = [
        ("array/number", "/3", "number", "ok"),
        ("array/number", "/3", "string", "E023"),
        ("array/array/string", "/2/1", "string", "ok"),
        ("array/array/string", "/2/1", "number", "E023"),
        ("object/number", "/name", "number", "ok"),
        ("object/number", "/name", "string", "E023"),
        ("array/", "/0", "object", "ok"),
        // These two are refused by published compilers.
        ("array/", "/0/1", "object", "ok"),
        ("object", "/name", "string", "ok"),
        ("", "/a/0/b", "array/string", "ok"),
        ("number", "/0", "number", "E023"),
        ("array", "/0", "number", "E023"),
    ];
    for (source, selector, destination, expected) in rows {
        let project = typed(&format!("\"{source}\""), selector, &format!("\"{destination}\""));
        table.verdict(&format!("{source}{selector} -> {destination}"), &project, expected);
    }
    table.end(12);
}

#[test]
fn section_6_7_and_9_3_types_of_literals() {
    let mut table = Table::default();
    let rows = [
        ("number", "[]", "ok"),
        ("string", "[]", "ok"),
        ("number", "[1, 'a']", "ok W006"),
        ("number", "['a', 1]", "E025"),
        ("number", "[[[1]]]", "E025"),
        ("number", "[[1]]", "ok"),
        ("array/array/number", "1", "ok"),
        ("number", "'1'", "E025"),
        ("boolean", "true", "ok"),
        ("object", "{}", "ok"),
        // Refused by published compilers.
        ("object", "{a = 1}", "ok"),
        ("", "{a = 1}", "ok"),
        ("array/", "{a = 1}", "ok"),
        ("object/number", "{a = 1}", "ok"),
        ("object/number", "{b = 'x', a = 1}", "ok"),
        ("object/string", "{b = 'x', a = 1}", "E025"),
        ("array/object", "{a = 1}", "ok"),
        ("array", "[1]", "E025"),
        ("array", "[]", "ok"),
        ("array/array/", "[[1]]", "ok"),
    ];
    for (data_type, literal, expected) in rows {
        let root = format!(
            "[[process]]\nsource = \"f\"\ninput.default = {{once = {literal}}}\n{}input.default = {{once = 1}}\n",
            context("stdio/stdout")
        );
        let project = Project::new(&root)
            .function("f", &format!("input = [{{type = \"{data_type}\"}}]\noutput = [{{}}]\n"));
        table.verdict(&format!("{literal} for {data_type}"), &project, expected);
    }
    table.end(20);
}
