//! Writing the manifest where that fails, or is cut short.

use crate::place::{GOOD, Place, names};
use flowcore::manifest::read_flow_manifest;
use std::fs;
use std::os::unix::fs::PermissionsExt;

fn root(value: &str) -> String {
    let process = GOOD.replace("once = 1", &format!("once = \"{value}\""));
    format!("flow = \"r\"\n{process}")
}

#[test]
fn a_full_disk_is_an_error_and_leaves_the_old_manifest() {
    let place = Place::with("root.toml", root("old"));
    let old = place.compiles("root.toml");
    // Larger than what the limit leaves room for, whatever the unit.
    let place = place.file("root.toml", root(&"new".repeat(100_000)));
    let outcome = place.run_after("trap '' XFSZ; ulimit -f 8;", &["-c", "root.toml"]);
    assert_eq!(outcome.status, Some(1), "{}", outcome.messages);
    assert!(outcome.messages.contains("E034"), "{}", outcome.messages);
    assert_eq!(fs::read_to_string(place.manifest()).unwrap(), old);
    assert!(names(place.path()).iter().all(|name| !name.starts_with('.')), "{:?}", names(place.path()));
}

#[test]
fn an_output_directory_that_cannot_be_written_is_an_error() {
    let refused = |place: &Place, output: &str| {
        let outcome = place.run_after("", &["-c", "-o", output, "root.toml"]);
        assert_eq!(outcome.status, Some(1), "{}", outcome.messages);
        assert!(
            outcome.messages.contains("E034") && outcome.messages.contains(output),
            "{}",
            outcome.messages
        );
    };
    let place = Place::with("root.toml", root("x")).file("file", "");
    refused(&place, "file/below");
    refused(&place, "/proc/nowhere");
    let closed = place.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(closed.join("probe"), "").is_ok() {
        eprintln!("not tested: whoever runs this may write everywhere");
        return;
    }
    refused(&place, "closed");
}

#[test]
fn a_directory_in_place_of_the_manifest_is_an_error() {
    let place = Place::with("root.toml", root("x")).file("manifest.json/inside", "");
    let outcome = place.compile("root.toml");
    assert_eq!(outcome.status, Some(1), "{}", outcome.messages);
    assert!(outcome.messages.contains("E034"), "{}", outcome.messages);
    assert_eq!(names(place.path()).iter().filter(|name| name.starts_with('.')).count(), 0);
}

#[test]
fn whoever_ends_the_program_while_it_writes_finds_an_old_or_a_new_manifest() {
    let place = Place::with("root.toml", root("old"));
    let old = place.compiles("root.toml");
    let place = place.file("root.toml", root(&"n".repeat(20_000_000)));
    let (mut olds, mut news) = (0, 0);
    for round in 0..20 {
        fs::write(place.manifest(), &old).unwrap();
        let mut child = place.command("", &["-c", "root.toml"]).spawn().unwrap();
        // As soon as the file beside the manifest is there, and then a little later each time.
        let begun = || names(place.path()).iter().any(|name| name.starts_with(".manifest.json."));
        while child.try_wait().unwrap().is_none() && !begun() {
            std::thread::yield_now();
        }
        (0..round * 5000).for_each(|step| {
            std::hint::black_box(step);
        });
        child.kill().ok();
        child.wait().unwrap();
        let found = fs::read_to_string(place.manifest()).unwrap();
        if found == old {
            olds += 1;
        } else {
            assert!(read_flow_manifest(&found).is_ok() && found.len() > 20_000_000);
            news += 1;
        }
        let leftovers = names(place.path()).iter().filter(|name| name.starts_with('.')).count();
        assert!(leftovers <= 1, "{:?}", names(place.path()));
    }
    println!("{olds} times the old one, {news} times the new one");
    place.compiles("root.toml");
    assert_eq!(names(place.path()), ["manifest.json", "manifest.routes.json", "root.toml"]);
}
