//! Only what is needed is fetched.

use std::io::Write;
use std::process::{Command, Stdio};

use testbed::Repository;

use crate::world::{FILE, World, dense};

/// How many files the repository has beside the one that is edited.
const FILES: usize = 50_000;

#[test]
fn a_repository_of_fifty_thousand_files_costs_its_trees_and_one_file() {
    let world = World::new(2);
    import(&world);
    let clone = world.server.sent();
    let whole = Repository::clone_from(&world.server.repository_url("acme/config"), Some(1));
    drop(whole);
    let whole = world.server.sent().packs - clone.packs;
    let before = world.server.sent();
    let run = world.deploy("c1", "2.0.0", &[]);
    assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
    let sent = world.server.sent();
    let fetched = sent.packs + sent.rest - before.packs - before.rest;
    println!("fetched {fetched} bytes; a shallow clone takes {whole}");
    assert!(fetched * 10 < whole, "{fetched} of {whole}");
    assert_eq!(world.content(), dense(2).replace("c1:1.0.0", "c1:2.0.0"));
    assert!(world.bare.git(&["ls-tree", "-r", "--name-only", "main"]).lines().count() > FILES, "{FILE} alone changed");
}

/// Adds the files in one commit.
fn import(world: &World) {
    let mut stream =
        String::from("commit refs/heads/main\ncommitter C <c@example.com> 1767225700 +0000\ndata 4\nmany\n");
    stream += &format!("from {}\n", world.head());
    for number in 0..FILES {
        // Text that does not shrink much, as manifests of many teams do not.
        let seed = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let line = |round: u32| format!("{:016x}\n", seed.rotate_left(round).wrapping_mul(31 + u64::from(round)));
        let content: String = (0..24).map(line).collect();
        let path = format!("apps/team{}/app{number}.yaml", number / 250);
        stream += &format!("M 100644 inline {path}\ndata {}\n{content}\n", content.len());
    }
    let mut import = Command::new("git");
    import.args(["fast-import", "--quiet"]).current_dir(world.bare.path()).stdin(Stdio::piped());
    let mut import = import.spawn().unwrap();
    import.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    assert!(import.wait().unwrap().success());
}

#[test]
fn nothing_is_fetched_twice_and_nothing_is_left_on_the_machine() {
    let world = World::new(2);
    let temporary = tempfile::tempdir().unwrap();
    let place = [("RUNNER_TEMP", temporary.path().to_str().unwrap())];
    // The trees and the file come once for the plan, and are there for the push.
    let plan = world.deploy_with("c1", "2.0.0", &[("mode", "plan")], &place);
    assert_eq!(plan.code, 0, "{}", plan.stdout);
    let of_plan = world.server.sent().packs;
    let push = world.deploy_with("c1", "2.0.0", &[], &place);
    assert_eq!((push.code, push.output("changed")), (0, "true"), "{}", push.stdout);
    // git frames the same pack in one way or another.
    let of_push = world.server.sent().packs - of_plan;
    assert!(of_push < of_plan * 3 / 2, "{of_push} bytes after {of_plan}");
    let failed = world.deploy_with("c9", "2.0.0", &[], &place);
    assert_eq!(failed.code, 2, "{}", failed.stdout);
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0);
}
