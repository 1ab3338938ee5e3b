//! Functions in C.

use super::{definition, root, run};
use flow_tests::{Place, tool_chain};

/// Multiplies a number by what a header says.
const IN_C: &str = r#"#include "flow.h"
#include "factor.h"

FLOW_FUNCTION(inputs, count) {
    double number;
    if (count != 1 || !flow_as_float(inputs[0], &number)) return flow_error("the input must be a number");
    return flow_output(flow_float(number * FACTOR));
}
"#;

#[test]
fn a_function_in_c_is_built_and_runs() {
    let place = Place::new();
    if !tool_chain::is_clang_there("functions in C") {
        return;
    }
    place.write("flow/root.toml", root(&["double"]));
    place.write("flow/double.toml", definition("double", "double.c").replace("\"rust\"", "\"c\""));
    place.write("flow/double.c", IN_C);
    place.write("flow/factor.h", "#define FACTOR 2\n");
    run(&place).status(0).quietly().wrote("42.0\n");
    place.write("flow/factor.h", "#define FACTOR 3\n");
    run(&place).status(0).quietly().wrote("63.0\n");
    place.flowc().args(["-O", "flow"]).build().status(0).quietly().wrote("63.0\n");
    place.write("flow/double.c", IN_C.replace("FACTOR", "factor"));
    let outcome = run(&place).status(1).wrote("");
    outcome
        .complained_of("error E060: the function 'double' cannot be compiled")
        .complained_of("double.c:7:");
    place.write("flow/double.c", IN_C.replace("flow_float(number * FACTOR)", "flow_float(strange(number))"));
    run(&place).status(1).complained_of("strange");
    let mut call = place.flowc().args(["-c", "flow"]);
    call.env("PATH", "/nowhere");
    call.run().status(1).complained_of("error E062").complained_of("clang is not installed");
}

#[test]
fn values_of_all_kinds_go_through_a_function_in_c() {
    let place = Place::new();
    if !tool_chain::is_clang_there("values in C") {
        return;
    }
    let echo = "#include \"flow.h\"\n\nFLOW_FUNCTION(inputs, count) {\n    \
                if (count == 1 && inputs[0].kind == FLOW_STRING && inputs[0].length == 0) return flow_error(\"empty\");\n    \
                if (flow_get(inputs[0], \"stop\")) return flow_no_output(true);\n    return flow_output(inputs[0]);\n}\n";
    place.write("flow/echo.c", echo);
    place.write(
        "flow/echo.toml",
        "function = \"echo\"\nsource = \"echo.c\"\ntype = \"c\"\n[[input]]\n[[output]]\n",
    );
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let long = "é🙂".repeat(5_000);
    let values = [
        "true",
        "false",
        "0",
        "5",
        "300",
        "18446744073709551615",
        "-1",
        "-300",
        "-9223372036854775808",
        "2.5",
        "1e+300",
        "\"é!\"",
        "[]",
        "[1,[true,{}],null]",
        "{\"a\":1,\"bc\":null}",
        &deep,
        &format!("\"{long}\""),
    ];
    let input = values.join("\n");
    place.write("flow/root.toml", "flow = \"root\"\n[[process]]\nsource = \"context://stdio/readline\"\ninput.prompt = { always = \"\" }\n\
        [[process]]\nsource = \"echo\"\n[[process]]\nalias = \"again\"\nsource = \"echo\"\n\
        [[process]]\nsource = \"context://stdio/stdout\"\n\
        [[connection]]\nfrom = \"readline/json\"\nto = \"echo\"\n\
        [[connection]]\nfrom = \"echo\"\nto = \"again\"\n[[connection]]\nfrom = \"again\"\nto = \"stdout\"\n");
    let expected: String = values
        .iter()
        .map(|value| {
            let shown = value.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(value);
            format!("{shown}\n")
        })
        .collect();
    place.flowc().args(["flow"]).stdin(format!("{input}\n")).build().status(0).quietly().wrote(expected);
    let outcome =
        place.flowc().args(["flow"]).stdin("\"\"\n{\"stop\": 1}\n7\n").build().status(3).wrote("7\n");
    outcome.complained_of("empty");
}
