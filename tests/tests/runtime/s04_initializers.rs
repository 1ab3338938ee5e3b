//! Section 4: initial values and when they come.
//!
//! * The start, before any job: every test here.
//! * At most one flow-level `always` value that nobody has taken (ours): `an_initializer_value_that_nobody_took_is_not_doubled`
//!   in `flowrlib/src/state/tests/invocations.rs`.
//! * After a job that failed (ours): `a_failed_job_leaves_its_function_what_it_needs_to_go_on` in
//!   `flowrlib/src/state/tests/rules.rs`.
//! * A constant does not serialise its function (ours): `a_constant_does_not_limit_its_function` there.

use crate::bench::{ADD, Bench, shown};
use flow_tests::Table;
use flow_tests::graph::{Graph, Input, ROOT, always, fed, flow_always, flow_once, once};
use serde_json::json;

/// The sums of what this input gives and 10, 20 and 30, which come from outside of the flow.
fn sums(bench: &Bench, input: Input) -> String {
    let mut graph = Graph::new();
    graph
        .flow(1)
        .source(2, json!([10, 20, 30]))
        .function(3, 1, ADD, [input, fed()])
        .stdout(4)
        .connect(2, "", 3, 1)
        .connect(3, "", 4, 0);
    bench.prints(&graph)
}

#[test]
fn each_kind_of_initializer_gives_its_values_when_it_should() {
    let bench = Bench::new();
    let mut table = Table::default();
    for (kind, input, expected) in [
        ("once", once(1), "11"),
        (
            "once, a value that is taken apart: an element each time the flow is idle",
            once(json!([1, 2])),
            "11 22",
        ),
        ("once, nothing at all", once(json!([])), ""),
        ("always", always(1), "11 21 31"),
        ("always, a value that is taken apart: its elements in turn", always(json!([1, 2])), "11 22 31"),
        ("flow once", flow_once(1), "11"),
        ("flow once, a value that is taken apart", flow_once(json!([1, 2])), "11 22"),
        ("flow always: again each time the flow is idle", flow_always(1), "11 21 31"),
        ("flow always is not gradual", flow_always(json!([1, 2])), "11 22 31"),
        ("once and flow once: the flow's own is not used", once(1).and(flow_once(5)), "11"),
        ("once and flow always: first the one, then the other", once(1).and(flow_always(5)), "11 25 35"),
        ("always and flow once: after each job", always(1).and(flow_once(5)), "11 21 31"),
        (
            "always and flow always: at the start and after each job",
            always(1).and(flow_always(5)),
            "11 21 31",
        ),
    ] {
        table.row(kind, sums(&bench, input), expected);
    }
    table.end();
}

/// What an input takes whole is not gradual.
#[test]
fn an_array_that_fits_comes_whole() {
    let bench = Bench::new();
    let mut table = Table::default();
    for (kind, input) in [
        ("once, generic", once(json!([1, 2])).generic()),
        ("once, order 1", once(json!([1, 2])).order(1)),
        ("flow once, generic", flow_once(json!([1, 2])).generic()),
    ] {
        let mut graph = Graph::new();
        shown(&mut graph, 1, input);
        table.row(kind, bench.prints(&graph), "[1,2]");
    }
    table.end();
}

/// Both get an element at each idleness, so that pairs are those of the arrays.
#[test]
fn gradual_initializers_of_one_function_go_in_step() {
    let bench = Bench::new();
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, ADD, [once(json!([1, 2, 3])), flow_once(json!([10, 20]))])
        .stdout(2)
        .connect(1, "", 2, 0);
    assert_eq!(bench.prints(&graph), "11 22");
}
