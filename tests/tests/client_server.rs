//! Servers and their clients: flows run there and act here, side by side and without harm to each other.

use flow_tests::graph::{Graph, ROOT, always, fed, once};
use flow_tests::{Example, LINE_LIMIT, Place, RUN_LIMIT, Running, slow_line};
use serde_json::json;
use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

const READLINE: &str = "context://stdio/readline";

/// Compiles an example.
fn compiled(place: &Place, name: &str) -> String {
    let folder = place.example(name);
    place.flowc().args(["-c", &folder]).run().status(0);
    folder
}

/// Reads lines as texts and prints them again, to its end.
fn echo(place: &Place, path: &str) {
    let mut graph = Graph::new();
    graph.function(1, ROOT, READLINE, [always("")]).stdout(2).connect(1, "/string", 2, 0);
    place.write(path, graph.manifest());
}

/// Counts up from its first argument as far as its second one.
fn count(place: &Place, path: &str) {
    let text = r#"flow = "count"

[[process]]
source = "context://args/get"

[[process]]
source = "lib://flowstdlib/math/sequence"
input.step = { once = 1 }

[[process]]
source = "context://stdio/stdout"

[[connection]]
from = "get/json/1"
to = "sequence/start"

[[connection]]
from = "get/json/2"
to = "sequence/limit"

[[connection]]
from = "sequence/number"
to = "stdout"
"#;
    place.write(&format!("{path}/root.toml"), text);
    place.flowc().args(["-c", path]).run().status(0);
}

fn numbers(from: usize, to: usize) -> String {
    (from..=to).map(|number| format!("{number}\n")).collect()
}

/// A client that waits for a line, and has shown that its flow runs.
fn echoing(place: &Place) -> Running {
    let mut client = place.client().args(["flow"]).open_stdin().start();
    client.enter("hello");
    client.wait_for_stdout("its first line", |line| line == "hello");
    client
}

/// Goes on echoing and ends well.
fn still_echoes(mut client: Running) {
    client.enter("again");
    client.wait_for_stdout("its next line", |line| line == "again");
    client.close_stdin();
    client.finish(RUN_LIMIT).status(0).quietly().wrote("hello\nagain\n");
}

#[test]
fn a_flow_is_run_by_a_server_and_printed_by_its_client() {
    let place = Place::new();
    let folder = compiled(&place, "hello-world");
    let server = place.server(&[]);
    for _ in 0..2 {
        place.client().args([&folder]).run().status(0).quietly().wrote("Hello World!\n");
    }
    server.end();
}

#[test]
fn a_server_is_reached_at_its_address() {
    let place = Place::new();
    let folder = compiled(&place, "hello-world");
    let server = place.server(&[]);
    let mut call = place.client().args(["--connect", server.address(), &folder]);
    call.env("FLOW_NETWORK", "another");
    call.run().status(1).complained_of("belongs to network").wrote("");
    let call = place.client().args(["--connect", server.address(), &folder]);
    call.run().status(0).quietly().wrote("Hello World!\n");
    server.end();
}

#[test]
fn a_line_may_be_so_slow_that_messages_travel_for_longer_than_anybody_waits_for_signs_of_life() {
    /// Each way takes eleven seconds, and the flow itself six.
    const SLOW: u32 = 300_000;

    let place = Place::new();
    let (read, print) = (1, 2);
    let mut graph = Graph::new();
    graph
        .function(read, ROOT, "context://file/read_text", [once("large.txt")])
        .stdout(print)
        .connect(read, "/text", print, 0);
    place.write("flow/manifest.json", graph.manifest() + &" ".repeat(1_800_000));
    let large = "x".repeat(3_300_000);
    place.write("large.txt", &large);
    let server = place.server(&[]);
    let relay = place.relay(Duration::ZERO, Some(SLOW));
    let (_relay, address) = slow_line(relay, "127.0.0.1:0", server.address());
    let call = place.client().args(["--connect", &address, "flow"]);
    call.run().status(0).quietly().wrote(large + "\n");
    server.end();
}

#[test]
fn a_client_without_a_server_says_so() {
    let place = Place::new();
    let folder = compiled(&place, "hello-world");
    place.client().args([&folder]).run().status(1).complained_of("no server was found").wrote("");
    // Port 1 of this machine belongs to nobody who would answer.
    let call = place.client().args(["--connect", "127.0.0.1:1", &folder]);
    call.run().status(1).complained_of("no server answers at 127.0.0.1:1");
    place.client().args(["--connect", "nonsense", &folder]).run().status(1).complained_of("HOST:PORT");
}

#[test]
fn two_clients_at_once_have_their_own_input_and_output() {
    let place = Place::new();
    echo(&place, "flow/manifest.json");
    let server = place.server(&["-t", "1"]);
    let mut one = echoing(&place);
    let two = echoing(&place);
    one.enter("first");
    one.wait_for_stdout("its own line", |line| line == "first");
    still_echoes(two);
    one.close_stdin();
    one.finish(RUN_LIMIT).status(0).quietly().wrote("hello\nfirst\n");
    server.end();
}

#[test]
fn eight_clients_at_once_run_different_flows() {
    const NAMES: [&str; 8] = [
        "factorial",
        "fibonacci",
        "gcd",
        "hello-world",
        "router",
        "running-average",
        "sequence-of-sequences",
        "word-count",
    ];
    let place = Place::new();
    let folders = NAMES.map(|name| compiled(&place, name));
    let server = place.server(&["-t", "2"]);
    let examples: Vec<(Example, &String)> =
        NAMES.iter().zip(&folders).map(|(name, folder)| (Example::named(name), folder)).collect();
    let clients: Vec<Running> = examples
        .iter()
        .map(|(example, folder)| place.client().args([folder]).with(example).start())
        .collect();
    for (client, (example, _)) in clients.into_iter().zip(&examples) {
        client.finish(RUN_LIMIT).status(0).quietly().wrote(&example.expected);
    }
    server.end();
}

#[test]
fn many_lines_come_in_order() {
    let place = Place::new();
    count(&place, "count");
    let server = place.server(&[]);
    let clients: Vec<Running> =
        (1..=3).map(|from| place.client().args(["count", &from.to_string(), "50000"]).start()).collect();
    for (client, from) in clients.into_iter().zip(1..) {
        client.finish(RUN_LIMIT).status(0).quietly().wrote(numbers(from, 50_000));
    }
    server.end();
}

#[test]
fn a_flow_whose_user_thinks_goes_on_printing() {
    let place = Place::new();
    let mut graph = Graph::new();
    graph.function(1, ROOT, READLINE, [always("")]).stdout(2).connect(1, "/string", 2, 0);
    // A number that is printed beside the line that is waited for.
    graph
        .function(3, ROOT, "lib://flowstdlib/math/subtract", [once(3), once(1)])
        .stdout(4)
        .connect(3, "", 4, 0);
    place.write("flow/manifest.json", graph.manifest());
    let server = place.server(&[]);
    let mut client = place.client().args(["flow"]).open_stdin().start();
    client.wait_for_stdout("a number", |line| line == "2");
    client.enter("at last");
    client.wait_for_stdout("the line", |line| line == "at last");
    client.close_stdin();
    client.finish(RUN_LIMIT).status(0).quietly();
    server.end();
}

#[test]
fn a_client_reads_and_writes_files_in_its_own_folder() {
    let place = Place::new();
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, "context://file/read_text", [once("in.txt")])
        .function(2, ROOT, "context://file/write_text", [once("out.txt"), fed()])
        .function(
            3,
            ROOT,
            "context://image/image_write",
            [once(json!([[0, 255]])).order(2), once("p.png"), once(2)],
        )
        .connect(1, "/text", 2, 1);
    place.write("there/flow/manifest.json", graph.manifest());
    place.write("there/in.txt", "text");
    let server = place.server(&[]);
    let there = place.work().join("there");
    place.client().within(&there).args(["flow"]).run().status(0).quietly();
    assert_eq!(place.read("there/out.txt"), "text");
    assert!(place.has("there/p.png"), "pictures are written when the flow ends");
    assert!(!place.has("out.txt"));
    server.end();
}

#[test]
fn a_client_prints_metrics_and_the_arguments_are_its_own() {
    let place = Place::new();
    count(&place, "count");
    let server = place.server(&["-t", "2", "--name", "the server"]);
    let outcome = place.client().args(["-m", "count", "7", "9"]).run().status(0).quietly();
    let outcome = outcome.mentioned("7\n8\n9\n\nMetrics: \n");
    outcome.mentioned("Jobs by 2 executor threads (runner): ");
    let json = place.client().args(["-m", "--metrics-format", "json", "count", "7", "9"]).run().status(0);
    json.mentioned("\"jobs_created\":").mentioned("\"runner\":\"the server\"");
    server.end();
}

#[test]
fn failed_jobs_are_told_at_the_client_and_in_its_status() {
    let place = Place::new();
    let mut graph = Graph::new();
    graph
        .function(1, ROOT, "context://file/read_text", [once("missing.txt")])
        .function(2, ROOT, "lib://flowstdlib/math/guess", [once(1)])
        .stdout(3)
        .connect(1, "/text", 3, 0);
    place.write("flow/manifest.json", graph.manifest());
    let server = place.server(&[]);
    let here = place.flowr().args(["-t", "1", "-v", "warn", "flow"]).run().status(3);
    let there = place.client().args(["-v", "warn", "flow"]).run().status(3).wrote("");
    there
        .complained_of("missing.txt")
        .complained_of("lib://flowstdlib/math/guess")
        .complained_of("warn    - function 2");
    here.complained_of("warn    - function 2");
    // With --strict the terms of the run travel, too.
    place.client().args(["--strict", "flow"]).run().status(1).complained_of("cannot be run");
    server.end();
}

#[test]
fn what_is_half_filled_is_told_under_strict_terms() {
    let place = Place::new();
    let mut graph = Graph::new();
    graph.function(1, ROOT, "lib://flowstdlib/math/add", [once(1), fed()]).stdout(2).connect(1, "", 2, 0);
    place.write("flow/manifest.json", graph.manifest());
    let server = place.server(&[]);
    place.client().args(["flow"]).run().status(0);
    place.client().args(["--strict", "flow"]).run().status(5);
    server.end();
}

#[test]
fn a_client_that_is_killed_ends_its_own_flow_only() {
    let place = Place::new();
    echo(&place, "flow/manifest.json");
    count(&place, "count");
    let mut server = place.server(&["-t", "1"]);
    let other = echoing(&place);
    let mut victim = echoing(&place);
    let mut busy = place.client().args(["count", "1", "100000000"]).start();
    busy.wait_for_stdout("a number", |line| line == "1000");
    victim.kill();
    busy.kill();
    for _ in 0..2 {
        place.client().args(["count", "1", "3"]).run().status(0).quietly().wrote(numbers(1, 3));
    }
    let lost = |lines: &[&str]| lines.iter().filter(|line| line.contains("lost the client")).count();
    let both = server.program().stderr().wait_for(LINE_LIMIT, |lines| (lost(lines) == 2).then_some(()));
    assert!(both.is_some(), "that both are lost was not told");
    still_echoes(other);
    server.end();
}

#[test]
fn a_client_that_falls_silent_has_lost_its_flow_and_is_told_when_it_is_back() {
    let place = Place::new();
    echo(&place, "flow/manifest.json");
    let server = place.server(&[]);
    let other = echoing(&place);
    let mut client = echoing(&place);
    client.freeze();
    server.wait_for_log("that a client is lost", |line| line.contains("lost the client"));
    client.thaw();
    client.finish(LINE_LIMIT).status(1).complained_of("has given up this client").wrote("hello\n");
    still_echoes(other);
    server.end();
}

#[test]
fn a_client_that_is_interrupted_says_so_in_its_status() {
    let place = Place::new();
    echo(&place, "flow/manifest.json");
    let server = place.server(&[]);
    let (other, mut one) = (echoing(&place), echoing(&place));
    one.interrupt();
    one.finish(LINE_LIMIT).status(130).wrote("hello\n");
    server.wait_for_log("that a session has ended", |line| line.contains("has ended"));
    still_echoes(other);
    server.end();
}

#[test]
fn a_client_that_searches_can_be_interrupted() {
    let place = Place::new();
    echo(&place, "flow/manifest.json");
    let mut client = place.client().args(["-v", "trace", "flow"]).start();
    client.wait_for_stderr("that it searches", |line| line.contains("SearchStarted"));
    client.interrupt();
    client.finish(LINE_LIMIT).status(130);
}

#[test]
fn a_client_whose_output_nobody_reads_any_more_goes_on_to_the_end() {
    let place = Place::new();
    count(&place, "count");
    let server = place.server(&[]);
    place.shell("flowr -c count 1 20000 | head -n 1").run().status(0).quietly().wrote("1\n");
    // What cannot be written is a failed job, as it would be here.
    let full = place.shell("flowr -c count 1 20000 > /dev/full; echo $?").run().status(0);
    full.wrote("3\n").complained_of("no space left");
    server.end();
}

#[test]
fn a_server_that_is_ended_closes_its_sessions() {
    let place = Place::new();
    echo(&place, "flow/manifest.json");
    let server = place.server(&[]);
    let clients = [echoing(&place), echoing(&place)];
    server.end();
    for client in clients {
        client.finish(LINE_LIMIT).status(4).complained_of("server").wrote("hello\n");
    }
}

#[test]
fn a_client_notices_that_its_server_is_killed() {
    let place = Place::new();
    echo(&place, "flow/manifest.json");
    let mut server = place.server(&[]);
    let client = echoing(&place);
    server.program().kill();
    client.finish(LINE_LIMIT).status(1).complained_of("is lost").wrote("hello\n");
}

#[test]
fn what_is_no_manifest_is_told_by_the_client() {
    let place = Place::new();
    place.write("flow/manifest.json", r#"{"functions": 5}"#);
    let server = place.server(&[]);
    place.client().args(["flow"]).run().status(1).complained_of("is not valid").wrote("");
    place.client().args(["nowhere"]).run().status(1).complained_of("nowhere").wrote("");
    server.end();
}

#[test]
fn nonsense_is_refused_and_harms_nobody() {
    let place = Place::new();
    echo(&place, "flow/manifest.json");
    // Whoever may take part can send messages, and what is in them is another matter.
    let server = place.server(&["--insecure"]);
    let mut client = place.client().args(["--insecure", "flow"]).open_stdin().start();
    client.enter("hello");
    client.wait_for_stdout("its first line", |line| line == "hello");
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(&[0xff; 100_000]).ok();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").ok();
    let says = |bytes: &[u8]| String::from_utf8_lossy(&server.answer(bytes)).into_owned();
    assert!(says(b"garbage").contains("unknown client message"));
    assert!(says(b"").contains("cut short"));
    // A submission of a later version, one that is cut short, and one that is too large.
    assert!(says(&[1, 99, 7, 1, 2, 3]).contains("version 4 of the protocol, not 99"));
    assert!(says(&[1, 4, 7]).contains("cut short"));
    let mut large = vec![0; (1 << 26) + 1];
    large[..3].copy_from_slice(&[1, 4, 7]);
    assert!(says(&large).contains("takes at most"));
    // A heartbeat of nobody.
    assert_eq!(server.answer(&[4, 7])[1], 7);
    still_echoes(client);
    server.end();
}

#[test]
fn workers_do_the_jobs_of_a_server_without_threads() {
    let place = Place::new();
    count(&place, "count");
    let server = place.server(&["-t", "0"]);
    let _worker = place.worker();
    let clients: Vec<Running> = (0..2).map(|_| place.client().args(["count", "1", "50"]).start()).collect();
    for client in clients {
        client.finish(RUN_LIMIT).status(0).quietly().wrote(numbers(1, 50));
    }
    server.end();
}

#[test]
fn a_server_needs_no_manifest_and_two_do_not_disturb_each_other() {
    let place = Place::new();
    let folder = compiled(&place, "hello-world");
    let one = place.server(&["no/such/flow"]);
    let two = place.server(&[]);
    for server in [&one, &two] {
        let call = place.client().args(["--connect", server.address(), &folder]);
        call.run().status(0).quietly().wrote("Hello World!\n");
    }
    one.end();
    place.client().args([&folder]).run().status(0).quietly().wrote("Hello World!\n");
    two.end();
}
