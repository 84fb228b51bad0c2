//! H33–H44: paths and files.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::hosts::both;

/// A directory with every kind of file that can be in the way.
struct World(TempDir);

impl World {
    fn new() -> Self {
        let world = Self(TempDir::new().unwrap());
        let at = |name: &str| world.at(name);
        std::fs::write(at("plain"), "content").unwrap();
        std::fs::write(at("outside"), "untouched").unwrap();
        symlink(at("outside"), at("link")).unwrap();
        symlink(at("nowhere"), at("dangling")).unwrap();
        symlink(at("loop"), at("loop")).unwrap();
        std::fs::create_dir_all(at("directory/inner")).unwrap();
        symlink(at("directory"), at("directory-link")).unwrap();
        rustix_fifo(&at("fifo"));
        let sparse = std::fs::File::create(at("sparse")).unwrap();
        sparse.set_len(4 << 30).unwrap();
        std::fs::write(at("read-only"), "kept").unwrap();
        std::fs::set_permissions(at("read-only"), PermissionsExt::from_mode(0o444)).unwrap();
        std::fs::write(at("private"), "old").unwrap();
        std::fs::set_permissions(at("private"), PermissionsExt::from_mode(0o640)).unwrap();
        world
    }

    fn at(&self, name: &str) -> PathBuf {
        // Absolute names stay as they are.
        self.0.path().join(name)
    }
}

fn rustix_fifo(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Does the same in two worlds, one for each host, and gives these too.
#[track_caller]
fn in_worlds(call: &str, name: &str, more: Value) -> (Value, [World; 2]) {
    let worlds = [World::new(), World::new()];
    let next = std::cell::Cell::new(0);
    let answer = both(|| {
        let world = &worlds[next.replace(next.get() + 1)];
        let mut asked = more.clone();
        asked["call"] = call.into();
        asked["path"] = world.at(name).to_str().unwrap().into();
        asked
    });
    (answer, worlds)
}

#[test]
fn h40_only_regular_files_of_a_sane_size_are_read() {
    for (name, limit, expected) in [
        ("plain", 7, json!("content")),
        ("plain", 6, json!({ "error": "unreadable-file" })),
        ("link", 100, json!("untouched")),
        ("dangling", 100, json!({ "error": "not-found" })),
        ("loop", 100, json!({ "error": "unreadable-file" })),
        ("nothing", 100, json!({ "error": "not-found" })),
        ("plain/below", 100, json!({ "error": "not-found" })),
        ("directory", 100, json!({ "error": "unreadable-file" })),
        ("fifo", 100, json!({ "error": "unreadable-file" })),
        ("sparse", 1 << 20, json!({ "error": "unreadable-file" })),
        ("/dev/zero", 100, json!({ "error": "unreadable-file" })),
        // Linux tells its size as zero.
        ("/proc/cpuinfo", 10, json!({ "error": "unreadable-file" })),
        (&"x".repeat(300), 100, json!({ "error": "unreadable-file" })),
    ] {
        if name.starts_with("/proc") && cfg!(not(target_os = "linux")) {
            continue;
        }
        assert_eq!(in_worlds("read", name, json!({ "limit": limit })).0, expected, "{name}");
    }
}

#[test]
fn a_part_of_a_file_is_read_by_itself() {
    for (name, offset, length, expected) in [
        ("plain", 0_u64, 3, json!("con")),
        ("plain", 3, 100, json!("tent")),
        ("plain", 7, 3, json!("")),
        ("plain", 1_u64 << 40, 3, json!("")),
        ("sparse", 1_u64 << 19, 2, json!("\0\0")),
        ("nothing", 0, 3, json!({ "error": "not-found" })),
        ("directory", 0, 3, json!({ "error": "unreadable-file" })),
        ("fifo", 0, 3, json!({ "error": "unreadable-file" })),
    ] {
        assert_eq!(in_worlds("readPart", name, json!({ "offset": offset, "length": length })).0, expected, "{name}");
    }
}

#[test]
fn h42_a_write_replaces_the_whole_file_or_nothing() {
    for (name, expected) in [
        ("plain", Value::Null),
        ("new", Value::Null),
        ("private", Value::Null),
        (&"x".repeat(255), Value::Null),
        ("directory", json!({ "error": "io" })),
        ("read-only", json!({ "error": "io" })),
        ("missing/file", json!({ "error": "not-found" })),
        ("plain/below", json!({ "error": "io" })),
    ] {
        let (answer, worlds) = in_worlds("write", name, json!({ "content": "replaced" }));
        assert_eq!(answer, expected, "{name}");
        for world in worlds {
            let content = |name: &str| std::fs::read_to_string(world.at(name)).unwrap();
            if expected.is_null() {
                assert_eq!(content(name), "replaced", "{name}");
            }
            assert_eq!(content("read-only"), "kept");
            let mode = std::fs::metadata(world.at("private")).unwrap().permissions().mode();
            assert_eq!(mode & 0o7777, 0o640, "{name}");
            let left = std::fs::read_dir(world.0.path()).unwrap();
            let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
            assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".tmp")), "{name}: {left:?}");
        }
    }
}

#[test]
fn h34_a_write_never_follows_a_link() {
    for name in ["link", "dangling", "loop"] {
        let (_, worlds) = in_worlds("write", name, json!({ "content": "replaced" }));
        for world in worlds {
            assert_eq!(std::fs::read_to_string(world.at("outside")).unwrap(), "untouched", "{name}");
            assert!(!world.at("nowhere").exists(), "{name}");
        }
    }
}

#[test]
fn h34_what_stands_at_a_path_is_told_without_following_links() {
    for (name, expected) in [
        ("plain", json!("file")),
        ("link", json!("link")),
        ("loop", json!("link")),
        ("directory", json!("directory")),
        ("directory-link", json!("link")),
        ("fifo", json!("other")),
        ("nothing", json!(null)),
        ("plain/below", json!(null)),
        (&"x".repeat(300), json!(null)),
    ] {
        assert_eq!(in_worlds("entryKind", name, json!({})).0, expected, "{name}");
    }
    assert_eq!(in_worlds("entries", "directory", json!({})).0, json!([["inner", "directory"]]));
    assert_eq!(in_worlds("entries", "nothing", json!({})).0, json!({ "error": "not-found" }));
    assert_eq!(in_worlds("entries", "plain", json!({})).0, json!({ "error": "io" }));
}

#[test]
fn directories_are_made_and_removed_as_a_whole() {
    for (call, name, expected) in [
        ("createDirectory", "a/b/c", json!(null)),
        ("createDirectory", "directory", json!(null)),
        ("createDirectory", "plain", json!({ "error": "io" })),
        ("createDirectory", "plain/below", json!({ "error": "io" })),
        ("remove", "directory", json!(null)),
        ("remove", "directory-link", json!(null)),
        ("remove", "dangling", json!(null)),
        ("remove", "read-only", json!(null)),
        ("remove", "nothing", json!(null)),
        ("remove", "missing/nothing", json!(null)),
        ("remove", "plain/below", json!(null)),
    ] {
        let (answer, worlds) = in_worlds(call, name, json!({}));
        assert_eq!(answer, expected, "{call} {name}");
        for world in worlds {
            assert_eq!(
                world.at(name).symlink_metadata().is_ok(),
                call == "createDirectory" && expected.is_null() || name == "plain",
                "{call} {name}"
            );
            assert!(name == "directory" || world.at("directory/inner").exists(), "{call} {name}");
        }
    }
}
