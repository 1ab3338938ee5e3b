//! Sources that are no files, or files that cannot be read.

use crate::place::{GOOD, Place};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

fn root(source: &str) -> String {
    format!("flow = \"r\"\n{GOOD}[[process]]\nalias = \"x\"\nsource = \"{source}\"\n")
}

#[test]
fn pipes_and_devices_are_refused_without_waiting_for_them() {
    let place = Place::with("root.toml", root("pipe.toml"));
    let made = Command::new("mkfifo").arg(place.path().join("pipe.toml")).status().unwrap();
    assert!(made.success());
    place.is_refused("root.toml", &["E059", "pipe.toml", "root.toml:7:10"]);
    place.is_refused("pipe.toml", &["E059", "pipe.toml"]);
    for device in ["/dev/zero", "/dev/null", "/dev/tty"] {
        let place = Place::with("root.toml", root("device.toml"));
        symlink(device, place.path().join("device.toml")).unwrap();
        place.is_refused("root.toml", &["E059", "device.toml"]);
        // Named as it is, it has no format.
        place.is_refused(device, &["E0"]);
    }
}

#[test]
fn a_directory_is_no_definition() {
    let place = Place::with("root.toml", root("folder")).file("folder/other.toml", "flow = 'o'\n");
    place.is_refused("root.toml", &["E001", "folder", "root.toml:7:10"]);
    let place = Place::with("root.toml", root("folder.toml")).file("folder.toml/other.toml", "");
    place.is_refused("root.toml", &["E001", "folder.toml"]);
}

#[test]
fn a_file_that_must_not_be_read_is_refused() {
    let place = Place::with("root.toml", root("secret")).file("secret.toml", "flow = 's'\n");
    let secret = place.path().join("secret.toml");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&secret).is_ok() {
        eprintln!("not tested: whoever runs this may read everything");
        return;
    }
    place.is_refused("root.toml", &["E002", "secret.toml", "root.toml:7:10"]);
}

#[test]
fn names_that_are_too_long_for_files_are_not_found() {
    for source in ["x".repeat(300), "x/".repeat(3000), format!("{}x", "../".repeat(100_000))] {
        Place::with("root.toml", root(&source)).is_refused("root.toml", &["E00"]);
    }
}
