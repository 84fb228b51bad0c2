//! H83: a run that is killed at any effect leaves nothing half done, and the next run completes it.

use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use crate::rollback::bad;
use crate::world::{Said, World};

const WHOLE: [&str; 3] = ["promote 1.0.0", "rollback 1.1.0", "promote 1.0.0"];

/// Runs the gate with a git that kills it at a push, before or after it, and otherwise is git.
fn killed_at(world: &World, push: u32, after: bool) -> Said {
    let directory = TempDir::new().unwrap();
    let (place, path) = (directory.path().display(), std::env::var("PATH").unwrap());
    let kill = "kill -9 $PPID; exit 1";
    let (before, after) = if after { ("", kill) } else { (kill, "") };
    let script = format!(
        "#!/bin/sh
        PATH='{path}'
        case \" $* \" in *' push '*) ;; *) exec git \"$@\" ;; esac
        echo >> {place}/pushes
        test $(wc -l < {place}/pushes) = {push} || exec git \"$@\"
        {before}
        git \"$@\"
        {after}"
    );
    std::fs::write(directory.path().join("git"), script).unwrap();
    std::fs::set_permissions(directory.path().join("git"), PermissionsExt::from_mode(0o755)).unwrap();
    let inputs = [("on-failure", "rollback"), ("duration", "10s")];
    world.gate_with(&inputs, &[("PATH", &format!("{place}:{path}"))])
}

#[test]
fn h83_wherever_a_rollback_ends_the_next_run_completes_it() {
    for (push, after, left) in [
        (1, false, &WHOLE[..1]),
        // The deployment and its verdict stand together.
        (1, true, &WHOLE[..2]),
        (2, false, &WHOLE[..2]),
        (2, true, &WHOLE[..]),
    ] {
        let world = World::with_verified_release();
        world.deploy_and_wait(&bad());
        let _users = world.users();
        let killed = killed_at(&world, push, after);
        assert_eq!(killed.run.code, -1, "push {push}: {}", killed.run.stdout);
        assert_eq!(world.verdicts(), left, "push {push}, after it: {after}");
        assert_eq!(world.rollbacks().len(), usize::from(left.len() > 1));

        let inputs = [("on-failure", "rollback"), ("duration", "10s")];
        for _ in 0..2 {
            let said = world.gate(&inputs);
            assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
            assert_eq!(said.run.output("restored-version"), "1.0.0");
            assert_eq!((world.running().as_str(), world.rollbacks().len()), ("1.0.0", 1));
            assert_eq!(world.verdicts(), WHOLE, "push {push}, after it: {after}");
        }
    }
}

#[test]
fn h83_a_command_that_was_broken_off_is_run_again() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let _users = world.users();
    let killed =
        world.gate(&[("on-failure", "rollback"), ("duration", "10s"), ("rollback-command", "kill -9 $PPID; sleep 1")]);
    assert_eq!(killed.run.code, -1, "{}", killed.run.stdout);
    assert_eq!(world.verdicts(), WHOLE[..2], "the release is marked before anything is done");

    // What the command does: the world of this test follows the branch.
    let bare = world.bare.path().display().to_string();
    let restore = format!("echo \"restoring $SLIPWAY_VERSION\"; git -C {bare} update-ref refs/heads/main main~1");
    let inputs = [("on-failure", "rollback"), ("rollback-command", restore.as_str())];
    let said = world.gate(&inputs);
    assert_eq!((said.run.code, said.run.output("restored-version")), (1, "1.0.0"), "{}", said.run.stdout);
    assert_eq!(said.json["plan"]["looks"].as_array().unwrap().len(), 0, "what was seen counts");
    assert!(said.run.stdout.contains("restoring 1.0.0\n"), "{}", said.run.stdout);
    assert_eq!((world.running().as_str(), world.verdicts().as_slice()), ("1.0.0", &WHOLE.map(String::from)[..]));
}
