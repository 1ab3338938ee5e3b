//! Flows and libraries on the web.

use crate::project::{Project, connect, context};
use crate::server::{Reply, Server};
use flowc::command::{Environment, Workshop};
use flowc::web::{Client, Limits};
use flowcore::content::Web;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

fn text(text: &str) -> Reply {
    Reply::Text(text.to_owned())
}

/// A flow that prints what a sub-flow of its gives.
fn root(source: &str) -> String {
    format!("flow = \"root\"\n[[process]]\nalias = \"sub\"\nsource = \"{source}\"\n")
        + &context("stdio/stdout")
        + &connect("sub/o", "stdout")
}

const SUB: &str = "flow = \"sub\"\noutput = [{ name = \"o\" }]\n\
    [[process]]\nsource = \"lib://flowstdlib/math/add\"\ninput.i1 = { once = 1 }\ninput.i2 = { once = 2 }\n\
    [[connection]]\nfrom = \"add\"\nto = \"output/o\"\n";

fn environment(project: &Project, limits: Limits) -> Environment {
    Environment {
        current: project.path().to_owned(),
        home: None,
        library_path: None,
        web: limits,
        build: Workshop::default(),
    }
}

/// Compiles with limits that tests can wait for.
fn compile(project: &Project, words: &[&str]) -> (i32, String) {
    let limits = Limits { connect: PATIENT, total: PATIENT, ..Limits::default() };
    project.execute_in(&[&["-c"], words].concat(), &environment(project, limits))
}

#[test]
fn a_flow_on_the_web_is_compiled_with_its_sub_flows_each_read_once() {
    let flow = root("parts/sub")
        + "[[process]]\nalias = \"again\"\nsource = \"./parts/sub\"\n"
        + &connect("again/o", "stdout");
    let server = Server::new([("/f/root.toml", text(&flow)), ("/f/parts/sub.toml", text(SUB))]);
    let project = Project::new("");
    assert_eq!(compile(&project, &["-o", "out", &server.url("/f")]), (0, String::new()));
    assert!(project.path().join("out/manifest.json").is_file());
    assert_eq!(
        server.asked(),
        [
            "HEAD /f",
            "HEAD /f.toml",
            "HEAD /f/root.toml",
            "GET /f/root.toml",
            "HEAD /f/parts/sub",
            "HEAD /f/parts/sub.toml",
            "GET /f/parts/sub.toml"
        ]
    );
}

#[test]
fn a_flow_on_the_web_is_the_same_as_on_this_machine() {
    let server = Server::new([("/root.toml", text(&root("sub"))), ("/sub.toml", text(SUB))]);
    let project = Project::new(&root("sub")).file("sub.toml", SUB);
    assert_eq!(compile(&project, &["-o", "web", &server.url("/root.toml")]), (0, String::new()));
    assert_eq!(compile(&project, &["-o", "here"]), (0, String::new()));
    let manifest =
        |folder: &str| fs::read_to_string(project.path().join(folder).join("manifest.json")).unwrap();
    assert_eq!(manifest("web"), manifest("here"));
}

#[test]
fn without_a_place_the_results_go_to_a_new_directory_that_is_named() {
    let server = Server::new([("/root.toml", text(&root("sub"))), ("/sub.toml", text(SUB))]);
    let project = Project::new("");
    let (status, said) = compile(&project, &[&server.url("/")]);
    assert_eq!(status, 0, "{said}");
    let (_, path) = said.split_once("W024: the results are in the new directory ").unwrap();
    let directory = PathBuf::from(path.lines().next().unwrap());
    assert!(directory.join("manifest.json").is_file());
    fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_flow_on_this_machine_may_use_sub_flows_on_the_web() {
    let server = Server::new([("/parts/sub/sub.toml", text(SUB))]);
    let project = Project::new(&root(&server.url("/parts/sub")));
    assert_eq!(compile(&project, &[]), (0, String::new()));
}

#[test]
fn a_library_may_be_on_the_web() {
    let area = "function = \"twice\"\nsource = \"twice.rs\"\ninput = [{ name = \"n\" }]\noutput = [{}]\n";
    let flow = "flow = \"f\"\n[[process]]\nsource = \"lib://mylib/twice\"\ninput.n = { once = 1 }\n"
        .to_owned()
        + &context("stdio/stdout")
        + &connect("twice", "stdout");
    let server = Server::new([("/libs/mylib/twice/twice.toml", text(area))]);
    let url = server.url("/libs/mylib");
    let project = Project::new(&flow);
    for base in [&url, &format!("{url}/")] {
        assert_eq!(compile(&project, &["-L", base]), (0, String::new()));
    }
    let manifest = fs::read_to_string(project.path().join("manifest.json")).unwrap();
    assert!(manifest.contains("\"lib://mylib/twice\""), "{manifest}");
    let mut environment = environment(&project, Limits::default());
    environment.library_path = Some(url.clone());
    assert_eq!(project.execute_in(&["-c"], &environment), (0, String::new()));
    // What the library does not have is said to be missing from it.
    let project = Project::new(&flow.replace("mylib/twice", "mylib/thrice"));
    let (status, said) = compile(&project, &["-L", &url]);
    assert_eq!(status, 1);
    assert!(
        said.contains(&format!("E001: the definition lib://mylib/thrice was not found in {url}")),
        "{said}"
    );
}

#[test]
fn mistakes_in_a_flow_on_the_web_are_shown_in_its_text() {
    let server = Server::new([("/root.toml", text("flow = \"f\"\nproces = []\n"))]);
    let (status, said) = compile(&Project::new(""), &[&server.url("/root.toml")]);
    assert_eq!(status, 1);
    assert!(said.contains(&format!("{}:2:1", server.url("/root.toml"))) && said.contains("proces"), "{said}");
}

#[test]
fn functions_on_the_web_are_refused() {
    let function = "function = \"sub\"\nsource = \"f.rs\"\noutput = [{ name = \"o\" }]\ninput = [{ value = { once = 1 } }]\n";
    let server = Server::new([("/sub.toml", text(function)), ("/f.rs", text("fn main() {}"))]);
    let project = Project::new(&root(&server.url("/sub")));
    let (status, said) = compile(&project, &[]);
    assert_eq!(status, 1);
    assert!(said.contains("E051") && said.contains("'sub' is on the web"), "{said}");
    assert!(!server.asked().contains(&"GET /f.rs".to_owned()));
}

#[test]
fn what_is_not_there_is_said_with_the_urls_that_were_tried() {
    let server = Server::new([("/f", text("<html>a page</html>")), ("/f.toml", Reply::Status(403))]);
    let (status, said) = compile(&Project::new(""), &[&server.url("/f")]);
    assert_eq!(status, 1);
    assert!(said.contains("E001") && said.contains(&server.url("/f/root.toml")), "{said}");
    assert!(!server.asked().iter().any(|question| question.starts_with("GET")));
}

#[test]
fn redirects_are_followed_and_relative_sources_start_where_they_lead() {
    let server = Server::new([
        ("/short", Reply::Redirect(302, "/moved/root.toml".to_owned())),
        ("/moved/root.toml", Reply::Redirect(301, "{url}/here/root.toml".to_owned())),
        ("/here/root.toml", text(&root("sub"))),
        ("/here/sub.toml", text(SUB)),
    ]);
    let project = Project::new("");
    assert_eq!(compile(&project, &["-o", "out", &server.url("/short")]), (0, String::new()));
}

#[test]
fn a_server_that_only_sends_files_will_do() {
    let server = Server::new([
        ("/root.toml", Reply::OnlyGet(root("sub"))),
        ("/sub", Reply::Status(501)),
        ("/sub.toml", Reply::OnlyGet(SUB.to_owned())),
    ]);
    let project = Project::new("");
    assert_eq!(compile(&project, &["-o", "out", &server.url("/root.toml")]), (0, String::new()));
    assert_eq!(server.asked().iter().filter(|asked| *asked == "GET /root.toml").count(), 1);
}

/// Long enough for any machine that works.
const PATIENT: Duration = Duration::from_secs(20);
/// For those that never answer.
const SHORT: Duration = Duration::from_millis(300);

/// A client with limits that are easily exceeded.
fn client(total: Duration) -> Client {
    Client::new(Limits { connect: PATIENT, total, size: 1000, all_sizes: 1500, redirects: 3, requests: 100 })
}

fn get(client: &Client, server: &Server, path: &str) -> Result<Vec<u8>, String> {
    client.get(&Url::parse(&server.url(path)).unwrap()).map_err(|error| error.to_string())
}

#[test]
fn servers_that_stall_are_an_error_and_are_not_asked_again() {
    for stall in [Reply::Stall, Reply::StallInBody] {
        let server = Server::new([("/f.toml", stall), ("/g.toml", text("flow = \"g\""))]);
        let client = client(SHORT);
        for path in ["/f.toml", "/g.toml"] {
            assert_eq!(get(&client, &server, path).unwrap_err(), "no complete answer within 300ms");
        }
        assert!(!server.asked().contains(&"GET /g.toml".to_owned()));
    }
}

#[test]
fn a_stalling_server_ends_the_compile_with_an_error_that_names_it() {
    let server = Server::new([("/f.toml", Reply::Stall)]);
    let project = Project::new("");
    let limits = Limits { total: SHORT, ..Limits::default() };
    let (status, said) = project.execute_in(&["-c", &server.url("/f.toml")], &environment(&project, limits));
    assert_eq!(status, 1);
    let expected =
        format!("E050: the definition {} cannot be had: no complete answer", server.url("/f.toml"));
    assert!(said.contains(&expected), "{said}");
}

#[test]
fn files_have_a_largest_size_alone_and_together() {
    let server =
        Server::new([("/a", Reply::Huge(1001)), ("/b", Reply::Huge(1000)), ("/c", Reply::Huge(600))]);
    let client = client(PATIENT);
    assert_eq!(get(&client, &server, "/a").unwrap_err(), "it is larger than 1000 bytes");
    assert_eq!(get(&client, &server, "/b").unwrap().len(), 1000);
    assert_eq!(get(&client, &server, "/c").unwrap_err(), "all files together are larger than 1500 bytes");
}

#[test]
fn a_file_is_read_once() {
    let server = Server::new([("/f", text("text"))]);
    let client = client(PATIENT);
    for _ in 0..3 {
        assert_eq!(get(&client, &server, "/f").unwrap(), b"text");
    }
    assert_eq!(server.asked(), ["GET /f"]);
}

#[test]
fn answers_that_are_none_are_errors() {
    let server = Server::new([
        ("/short", Reply::Short("flow".to_owned())),
        ("/missing", Reply::Status(404)),
        ("/broken", Reply::Status(500)),
        ("/file", Reply::Redirect(302, "file:///etc/passwd".to_owned())),
        ("/around", Reply::Redirect(302, "/around".to_owned())),
        ("/nowhere", Reply::Status(302)),
        ("/z-garbage", Reply::Garbage),
    ]);
    let client = client(PATIENT);
    let reason = |path| get(&client, &server, path).unwrap_err();
    let short = reason("/short");
    assert!(short.contains("too early") || short.contains("disconnected"), "{short}");
    assert!(reason("/missing").contains("404"));
    assert!(reason("/broken").contains("500"));
    assert!(reason("/file").contains("not on the web"));
    assert_eq!(reason("/around"), "it is redirected more than 3 times");
    assert_eq!(reason("/nowhere"), "it is redirected to nowhere");
    assert!(!reason("/z-garbage").is_empty());
}

#[test]
fn there_is_an_end_to_questions() {
    let server = Server::new([]);
    let client = Client::new(Limits { requests: 2, ..Limits::default() });
    let ask = || client.head(&Url::parse(&server.url("/f")).unwrap());
    assert_eq!(ask(), Ok(None));
    assert_eq!(ask(), Ok(None));
    assert_eq!(ask().unwrap_err().to_string(), "there were more than 2 questions to the web");
}

#[test]
fn nobody_at_an_address_is_an_error() {
    let url = Server::new([]).url("/f.toml");
    let (status, said) = compile(&Project::new(""), &[&url]);
    assert_eq!(status, 1);
    assert!(said.contains("E050") && said.contains(&url), "{said}");
}

#[test]
fn a_server_without_encryption_is_none_for_encrypted_urls() {
    let server = Server::new([("/f.toml", text("flow = \"f\""))]);
    let url = server.url("/f.toml").replace("http:", "https:");
    let (status, said) = compile(&Project::new(""), &[&url]);
    assert_eq!(status, 1);
    assert!(said.contains("E050") && said.contains(&url), "{said}");
}

#[test]
fn a_flow_on_the_web_does_not_reach_into_this_machine() {
    let project = Project::new("").file("sub.toml", SUB);
    let local = Url::from_file_path(project.path().join("sub.toml")).unwrap();
    let server = Server::new([("/root.toml", text(&root(local.as_str())))]);
    let (status, said) = compile(&project, &["-o", "out", &server.url("/root.toml")]);
    assert_eq!(status, 1);
    assert!(said.contains("E052") && said.contains("root.toml:4:"), "{said}");
}
