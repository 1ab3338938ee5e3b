use super::*;
use crate::modules::LARGEST_MODULE;
use flowcore::RUN_AGAIN;
use std::thread;
use std::time::Duration;

/// A module with the exports that every module has, and this beside them.
fn module(functions: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (memory (export "memory") 2)
            (global $next (mut i32) (i32.const 1024))
            (func (export "alloc") (param $size i32) (result i32)
                (local $offset i32)
                (local.set $offset (global.get $next))
                (global.set $next (i32.add (global.get $next) (local.get $size)))
                (block $enough
                    (br_if $enough (i32.le_u (global.get $next) (i32.mul (memory.size) (i32.const 65536))))
                    (drop (memory.grow (i32.add (i32.div_u (local.get $size) (i32.const 65536)) (i32.const 1)))))
                (local.get $offset))
            {functions})"#
    );
    wat::parse_str(text).unwrap()
}

/// A module of the value convention whose job does this, with the call at `$offset`.
fn values(body: &str) -> Vec<u8> {
    module(&format!(
        r#"(global $count (mut i32) (i32.const 0))
           (func $again (param i32) (result i32) (call $again (local.get 0)))
           (func $run (export "flow_run") (param $offset i32) (param $length i32) (result i64) {body})"#
    ))
}

/// Gives back its only input: a call of one input becomes its answer by changing the first byte.
const ECHO: &str = "(i32.store8 (local.get $offset) (i32.const 4))
    (i64.or (i64.shl (i64.extend_i32_u (local.get $offset)) (i64.const 32)) (i64.extend_i32_u (local.get $length)))";

/// Gives how often it was called.
const COUNT: &str = "(global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store8 (i32.const 0) (i32.const 4))
    (i32.store8 (i32.const 1) (i32.const 3))
    (i32.store8 (i32.const 2) (global.get $count))
    (i64.const 3)";

fn function(module: Vec<u8>, limits: ModuleLimits) -> WasmFunction {
    WasmFunction::new(ModuleFile::new(module), limits)
}

fn strict() -> ModuleLimits {
    ModuleLimits {
        memory: 4 << 20,
        result: 1 << 20,
        time: Some(Duration::from_millis(50)),
        ..ModuleLimits::default()
    }
}

fn reason(function: &WasmFunction, inputs: &[Value]) -> String {
    function.run(inputs).unwrap_err().to_string()
}

#[test]
fn values_go_in_and_come_out() {
    let echo = function(values(ECHO), strict());
    for value in ["null", "7", "-1.5", r#""text""#, r#"{"a":[1,[2]]}"#] {
        let value: Value = value.parse().unwrap();
        assert_eq!(echo.run(std::slice::from_ref(&value)).unwrap(), (Some(value), RUN_AGAIN));
    }
}

#[test]
fn a_call_that_outgrows_its_block_gets_a_larger_one() {
    let echo = function(values(ECHO), strict());
    for size in [10, 100_000, 10, 500_000] {
        let text = Value::from("x".repeat(size));
        assert_eq!(echo.run(std::slice::from_ref(&text)).unwrap().0, Some(text));
    }
}

#[test]
fn threads_run_a_module_side_by_side() {
    let echo = function(values(ECHO), strict());
    thread::scope(|scope| {
        for thread in 0..4 {
            let echo = &echo;
            scope.spawn(move || {
                for number in 0..1000 {
                    let value = Value::from(thread * 1000 + number);
                    assert_eq!(echo.run(std::slice::from_ref(&value)).unwrap().0, Some(value));
                }
            });
        }
    });
}

#[test]
fn a_small_answer_does_not_become_large_values() {
    // 500 000 times null, of which each takes a byte there and sixteen here.
    let nulls = function(
        module(
            r#"(data (i32.const 500) "\04\07\a0\c2\1e")
               (func (export "flow_run") (param i32 i32) (result i64)
                   (drop (memory.grow (i32.const 10)))
                   (i64.or (i64.shl (i64.const 500) (i64.const 32)) (i64.const 500005)))"#,
        ),
        strict(),
    );
    assert!(reason(&nulls, &[]).ends_with("the values take more memory than they may"));
    let generous = ModuleLimits { memory: 16 << 20, ..strict() };
    let WasmFunction { module, .. } = nulls;
    let (output, _) = WasmFunction::new(module, generous).run(&[]).unwrap();
    assert_eq!(output.unwrap().as_array().unwrap().len(), 500_000);
}

#[test]
fn an_instance_is_kept_unless_each_job_is_to_have_its_own() {
    let runs = |fresh| {
        let count = function(values(COUNT), ModuleLimits { fresh, ..strict() });
        let runs: Vec<Value> = (0..3).map(|_| count.run(&[]).unwrap().0.unwrap()).collect();
        Value::from(runs).to_string()
    };
    assert_eq!(runs(false), "[1,2,3]");
    assert_eq!(runs(true), "[1,1,1]");
}

#[test]
fn a_module_has_one_table_whether_its_instances_are_kept_or_not() {
    let runs = |second: &str, fresh| {
        let module = module(&format!(
            r#"(table 1 funcref) {second}
            (func (export "flow_run") (param $offset i32) (param $length i32) (result i64) {ECHO})"#
        ));
        function(module, ModuleLimits { fresh, ..strict() })
            .run(&[Value::from(1)])
            .map_err(|error| error.to_string())
    };
    for fresh in [false, true] {
        assert!(runs("", fresh).is_ok());
        let reason = runs("(table 1 funcref)", fresh).unwrap_err();
        assert!(reason.contains("table"), "{reason}");
    }
}

/// Gives back its only input, a number, and takes long if it is larger than 100.
pub(crate) fn slow_echo() -> Vec<u8> {
    values(&format!(
        "(local $left i32)
         (if (i32.gt_u (i32.load8_u offset=2 (local.get $offset)) (i32.const 100))
             (then
                 (local.set $left (i32.const 200000000))
                 (loop $more
                     (local.set $left (i32.sub (local.get $left) (i32.const 1)))
                     (br_if $more (local.get $left)))))
         {ECHO}"
    ))
}

#[test]
fn what_is_not_done_within_a_moment_is_done_when_it_may_take_its_time() {
    let echo = function(slow_echo(), ModuleLimits { time: None, ..strict() });
    let [tiny, long] = [20, 120].map(|number| [Value::from(number)]);
    assert_eq!(echo.run_briefly(&tiny).unwrap().unwrap(), (Some(Value::from(20)), RUN_AGAIN));
    assert!(echo.run_briefly(&long).is_none());
    assert_eq!(echo.run(&long).unwrap(), (Some(Value::from(120)), RUN_AGAIN));
    assert_eq!(echo.run_briefly(&tiny).unwrap().unwrap(), (Some(Value::from(20)), RUN_AGAIN));
}

#[test]
fn after_anything_that_went_wrong_the_next_job_starts_anew() {
    // Traps at every third job.
    let body = format!("(if (i32.eq (global.get $count) (i32.const 2)) (then (unreachable))) {COUNT}");
    let count = function(values(&body), strict());
    let outcomes: Vec<String> = (0..6)
        .map(|_| {
            count.run(&[]).map_or_else(|error| error.to_string(), |(output, _)| output.unwrap().to_string())
        })
        .collect();
    assert_eq!(outcomes, ["1", "2", "its module gave up", "1", "2", "its module gave up"]);
}

#[test]
fn whatever_a_module_does_is_an_error_of_its_job() {
    let overrun = "took longer than 50ms";
    let outside = "its module says that its answer is outside its memory";
    for (body, expected) in [
        ("(loop (br 0)) (i64.const 0)", overrun),
        (
            "(drop (call $again (i32.const 1))) (i64.const 0)",
            "its module calls itself too deeply, and the stack is full",
        ),
        ("(unreachable)", "its module gave up"),
        ("(i64.load (i32.const -8))", "its module failed: wasm trap: out of bounds memory access"),
        (
            "(i64.extend_i32_s (i32.div_s (i32.const 1) (i32.const 0)))",
            "its module failed: wasm trap: integer divide by zero",
        ),
        ("(i64.const -1)", "its result has 4294967295 bytes, more than the 1048576 that it may have"),
        ("(i64.const 0xfffffff000000010)", outside),
        ("(i64.const 0x0002000000000001)", outside),
        ("(i64.const 0)", "its module gave no answer: the bytes are cut short"),
        (
            "(i32.store8 (i32.const 0) (i32.const 99)) (i64.const 1)",
            "its module gave no answer: unknown outcome tag 99",
        ),
        (
            "(if (i32.eq (memory.grow (i32.const 100)) (i32.const -1)) (then (unreachable))) (i64.const 0)",
            "needs more than the 4194304 bytes of memory that it may have",
        ),
    ] {
        let function = function(values(body), strict());
        // Modules run in executor threads, which have more stack than those of tests.
        let twice = || [(); 2].map(|()| reason(&function, &[Value::from(1)]));
        let reasons = thread::scope(|scope| {
            let executor = thread::Builder::new().stack_size(8 << 20);
            executor.spawn_scoped(scope, twice).unwrap().join().unwrap()
        });
        assert_eq!(reasons, [expected; 2], "{body}");
    }
}

#[test]
fn a_block_that_is_not_there_is_an_error_of_the_job() {
    let module = |offset: &str| {
        let text = format!(
            r#"(module (memory (export "memory") 1)
                (func (export "alloc") (param i32) (result i32) (i32.const {offset}))
                (func (export "flow_run") (param i32 i32) (result i64) (i64.const 0)))"#
        );
        function(wat::parse_str(text).unwrap(), strict())
    };
    for offset in ["-1", "65535", "0x7fffffff"] {
        assert_eq!(
            reason(&module(offset), &[]),
            "its module gave a block that is not inside its memory",
            "{offset}"
        );
    }
}

#[test]
fn the_message_of_a_panic_is_told() {
    let text = module(
        r#"(data (i32.const 16) "index out of bounds")
           (func (export "flow_run") (param i32 i32) (result i64) (unreachable))
           (func (export "flow_panic") (result i64) (i64.const 0x0000001000000013))"#,
    );
    assert_eq!(reason(&function(text, strict()), &[]), "panicked: index out of bounds");
}

#[test]
fn what_cannot_be_run_is_told_before_any_job() {
    let error = |bytes: Vec<u8>| function(bytes, strict()).prepare().unwrap_err().to_string();
    let text = |text: &str| error(wat::parse_str(text).unwrap());
    assert_eq!(
        text(r#"(module (import "env" "now" (func)))"#),
        "the module imports 'env.now', and modules get nothing but the inputs of their jobs"
    );
    assert_eq!(text("(module)"), "the module does not export a memory called 'memory'");
    assert_eq!(
        text(r#"(module (memory (export "memory") 1))"#),
        "the module does not export a function 'alloc' from i32 to i32"
    );
    assert!(error(module("")).starts_with("the module does not export a function 'flow_run'"));
    assert!(
        error(module(r#"(func (export "run_wasm") (param i32) (result i32) (i32.const 0))"#))
            .contains("'run_wasm' from two i32 to i32")
    );
    assert_eq!(
        text(r#"(module (memory (export "memory") 1000))"#),
        "the module starts with 65536000 bytes of memory, and a job may have 4194304"
    );
    assert!(error(b"not a module".to_vec()).starts_with("it is not a module that can be run: "));
    assert_eq!(
        error(vec![0; LARGEST_MODULE + 1]),
        "the module has 67108865 bytes, more than the 67108864 that are taken"
    );
    let whole = values(ECHO);
    // Behind the code come names, and without them it is a module as well.
    let names = whole.windows(4).position(|bytes| bytes == b"name").unwrap() - 3;
    for length in 0..names {
        assert!(function(whole[..length].to_vec(), strict()).prepare().is_err(), "cut at {length}");
    }
}

#[test]
fn code_that_runs_when_a_module_starts_is_bounded_too() {
    let text = r#"(module (memory (export "memory") 1)
        (func (export "alloc") (param i32) (result i32) (i32.const 0))
        (func (export "flow_run") (param i32 i32) (result i64) (i64.const 0))
        (func $start (loop (br 0)))
        (start $start))"#;
    assert_eq!(reason(&function(wat::parse_str(text).unwrap(), strict()), &[]), "took longer than 50ms");
}

/// A module of the JSON convention that gives this text, which it repeats in the middle so often.
fn json(before: &str, repeat: usize, after: &str) -> Vec<u8> {
    let quoted = |text: &str| text.replace('"', "\\\"");
    let (start, end, length) = (before.len(), before.len() + repeat, before.len() + repeat + after.len());
    module(&format!(
        r#"(data $before "{}") (data $after "{}")
           (func (export "run_wasm") (param $offset i32) (param i32) (result i32)
               (drop (memory.grow (i32.const 20)))
               (memory.init $before (local.get $offset) (i32.const 0) (i32.const {start}))
               (memory.fill (i32.add (local.get $offset) (i32.const {start})) (i32.const 97) (i32.const {repeat}))
               (memory.init $after (i32.add (local.get $offset) (i32.const {end})) (i32.const 0) (i32.const {}))
               (i32.const {length}))"#,
        quoted(before),
        quoted(after),
        after.len()
    ))
}

#[test]
fn published_modules_speak_json() {
    let run = |before: &str, after: &str| function(json(before, 0, after), strict()).run(&[Value::from(1)]);
    assert_eq!(run(r#"{"Ok":[7,"#, "true]}").unwrap(), (Some(Value::from(7)), true));
    assert_eq!(run(r#"{"Ok":[null,"#, "false]}").unwrap(), (None, false), "their null is no output");
    assert_eq!(run(r#"{"Err":"#, r#""too bad"}"#).unwrap_err().to_string(), "too bad");
    assert_eq!(
        run("nonsense", "").unwrap_err().to_string().split(':').next(),
        Some("its answer is not JSON")
    );
}

#[test]
fn a_result_larger_than_the_json_convention_promises_room_for_is_still_a_result() {
    let large = function(json(r#"{"Ok":[""#, 300_000, r#"",true]}"#), strict());
    assert_eq!(large.run(&[]).unwrap().0, Some(Value::from("a".repeat(300_000))));
    let too_large = function(json(r#"{"Ok":[""#, 1_100_000, r#"",true]}"#), strict());
    assert_eq!(
        reason(&too_large, &[]),
        "its result has 1100016 bytes, more than the 1048576 that it may have"
    );
}

#[test]
fn a_module_that_never_gives_back_its_blocks_lives_in_constant_memory() {
    let before = instance::count();
    let seven = function(json(r#"{"Ok":[7,"#, 0, "true]}"), ModuleLimits { memory: 64 << 20, ..strict() });
    for _ in 0..10_000 {
        assert_eq!(seven.run(&[]).unwrap().0, Some(Value::from(7)));
    }
    assert!(instance::count() <= before + 64, "instances are used again and thrown away");
}

#[test]
fn a_job_that_is_run_again_has_what_is_left_of_its_time() {
    let limits = ModuleLimits { time: Some(Duration::from_secs(1000)), ..strict() };
    let start = |module| {
        let function = function(module, limits);
        Instance::start(function.compiled().unwrap(), &limits).unwrap()
    };
    let mut cramped = start(json(r#"{"Ok":[""#, 300_000, r#"",true]}"#));
    let all = clock::ticks(limits.time);
    assert!(matches!(cramped.run(&[], &limits, all, JSON_ROOM), Err(Failure::Cramped { .. })));
    assert!(cramped.ticks_left() <= all);
    // With one tick left it ends at once, whatever the limit is, and tells the limit.
    let mut endless = start(values("(loop (br 0)) (i64.const 0)"));
    assert!(
        matches!(endless.run(&[], &limits, 1, JSON_ROOM), Err(Failure::Slow(limit)) if limit.as_secs() == 1000)
    );
}
