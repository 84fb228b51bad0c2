//! What `mode: tag` pushes, to a real server.

use testbed::{Answer, FaultPoint, Repository};

use crate::support::{TOKEN, error_kind, released, run, run_at, told};
use crate::world::{World, with_feature, with_version_file};

#[test]
fn a_release_is_an_annotated_tag_that_says_who_and_why() {
    let world = World::new(&with_feature());
    let run = world.run(&[("mode", "tag")]);
    assert_eq!(told(&run), "1.5.0 minor true");
    let head = world.clone.head();
    assert_eq!(world.remote.git(&["rev-parse", "v1.5.0^{commit}"]), head);
    assert_eq!(world.remote.git(&["cat-file", "-t", "v1.5.0"]), "tag");
    let tag = world.remote.git(&["cat-file", "tag", "v1.5.0"]);
    assert!(
        tag.contains("tagger github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>"),
        "{tag}"
    );
    let message = format!(
        "Version 1.5.0\n\nA minor release after 1.4.2: 1 feature: {short}.\n\n- {short} feat: zip\n\nRequested-By: ada\n\
         Workflow-Run: {url}/acme/shop/actions/runs/7",
        short = &head[..7],
        url = world.server.url()
    );
    assert!(tag.ends_with(&message), "{tag}");
    assert_eq!(world.clone.git(&["tag"]), "v1.4.2", "the user's refs are left alone");
    let json: serde_json::Value = serde_json::from_str(run.output("json")).expect("JSON");
    assert_eq!(json["outcome"]["created"]["name"], "v1.5.0");
}

#[test]
fn who_releases_and_why_stand_in_the_tag_and_in_the_commit() {
    for (reason, told) in [
        ("the spring sale", "the spring sale"),
        (
            "sale\n\nRelease-Version: 9.9.9\r::error::x ##[error]x \u{202e}evil\u{1b}[2J https://u:p@host/",
            r"sale Release-Version: 9.9.9 ::error::x #\#[error]x \u{202e}evil [2J https://***@host/",
        ),
    ] {
        let world = World::new(&with_version_file());
        let run = world.run_in(
            &world.clone,
            &[("mode", "release"), ("reason", reason), ("evidence", "sha256:00\n")],
            &[("GITHUB_TRIGGERING_ACTOR", "eve")],
        );
        assert_eq!(run.code, 0, "{}", run.stdout);
        for message in [
            world.remote.git(&["tag", "--list", "--format=%(contents:trailers:only,unfold)", "v1.5.0"]),
            world.remote.git(&["log", "-1", "--format=%(trailers:only,unfold)", "v1.5.0"]),
        ] {
            let asked =
                format!("Requested-By: eve\nRelease-Reason: {told}\nRelease-Evidence: sha256:00\nWorkflow-Run: ");
            assert!(message.contains(&asked), "{message}");
            assert!(!message.contains("\nRelease-Version: 9.9.9"), "{message}");
        }
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let world = World::new(&with_feature());
    assert_eq!(told(&world.run(&[("mode", "tag")])), "1.5.0 minor true");
    let refs = world.remote.refs();
    for inputs in
        [&[("mode", "tag")][..], &[("mode", "tag"), ("version", "1.5.0")], &[("mode", "tag"), ("bump", "minor")], &[]]
    {
        let again = world.run(inputs);
        assert_eq!(told(&again), "1.5.0 none true", "{inputs:?}");
        assert!(again.summary.contains("Nothing to do"), "{}", again.summary);
        assert_eq!(world.remote.refs(), refs);
    }
    let other = world.run(&[("mode", "tag"), ("version", "1.6.0")]);
    assert_eq!((other.code, error_kind(&other).as_str()), (2, "invalid-input"));
}

#[test]
fn nothing_to_release_pushes_nothing() {
    let origin = released();
    origin.commit("docs: a");
    let world = World::new(&origin);
    assert_eq!(told(&world.run(&[("mode", "tag")])), "1.4.2 none false");
    assert_eq!(world.server.pushes(), 0);
}

#[test]
fn a_tag_on_another_commit_is_never_moved() {
    let origin = with_feature();
    origin.branch("other");
    origin.commit("feat: elsewhere");
    origin.tag("v1.5.0");
    origin.checkout("main");
    let world = World::new(&origin);
    let refs = world.remote.refs();
    for inputs in [&[("mode", "tag")][..], &[("mode", "tag"), ("version", "1.5.0")]] {
        let run = world.run(inputs);
        assert_eq!((run.code, error_kind(&run).as_str()), (1, "tag-exists"), "{}", run.stdout);
        assert_eq!((run.output("released"), run.output("tag")), ("false", "v1.5.0"));
    }
    let plan = world.run(&[]);
    assert_eq!(told(&plan), "1.5.0 minor false");
    assert!(plan.stdout.contains("::notice::the tag `v1.5.0` exists on"), "{}", plan.stdout);
    assert_eq!(world.remote.refs(), refs);
}

#[test]
fn tags_that_only_the_remote_has_count() {
    let world = World::new(&with_feature());
    world.clone.git(&["tag", "--delete", "v1.4.2"]);
    assert_eq!(told(&world.run(&[])), "1.5.0 minor false");
}

#[test]
fn a_tag_that_only_the_clone_has_is_published() {
    let world = World::new(&with_feature());
    world.clone.tag("v1.5.0");
    assert_eq!(told(&world.run(&[])), "1.5.0 none false");
    assert_eq!(told(&world.run(&[("mode", "tag")])), "1.5.0 none true");
    assert_eq!(world.remote.git(&["rev-parse", "v1.5.0^{commit}"]), world.clone.head());
}

#[test]
fn of_two_runs_at_once_one_tags_and_both_succeed() {
    let world = World::new(&with_feature());
    let other = Repository::clone_from(&world.server.repository_url("acme/shop"), None);
    let runs = std::thread::scope(|scope| {
        let one = scope.spawn(|| world.run(&[("mode", "tag")]));
        let two = scope.spawn(|| run_at(&world.server.url(), &other, &[("mode", "tag")]));
        [one.join(), two.join()].map(|run| run.expect("a run"))
    });
    for run in &runs {
        assert_eq!((run.output("version"), run.output("released")), ("1.5.0", "true"), "{}", run.stdout);
    }
    assert_eq!(world.remote.refs().len(), 3, "{:?}", world.remote.refs());
}

#[test]
fn a_connection_that_breaks_loses_nothing() {
    for point in [FaultPoint::Before, FaultPoint::After] {
        let world = World::new(&with_feature());
        world.server.reject_next_pushes(1, point);
        assert_eq!(told(&world.run(&[("mode", "tag")])), "1.5.0 minor true", "{point:?}");
        assert_eq!(world.remote.git(&["rev-parse", "v1.5.0^{commit}"]), world.clone.head());
    }
    let world = World::new(&with_feature());
    world.server.reject_next_pushes(20, FaultPoint::Before);
    let failed = world.run(&[("mode", "tag")]);
    assert_eq!((failed.code, error_kind(&failed).as_str()), (3, "network"), "{}", failed.stdout);
    assert_eq!(world.remote.refs().len(), 2, "nothing was pushed");
}

#[test]
fn a_server_that_fails_for_a_moment_is_asked_again() {
    let world = World::new(&with_feature());
    world.server.answer_next(1, Answer::status(502));
    assert_eq!(told(&world.run(&[])), "1.5.0 minor false");
    world.server.answer_next(2, Answer::status(503));
    assert_eq!(told(&world.run(&[("mode", "tag")])), "1.5.0 minor true");
}

#[test]
fn the_password_of_an_address_stays_out_of_argument_lists() {
    let world = World::new(&with_feature());
    world.server.require_token_to_read();
    world.clone.git(&["remote", "set-url", "origin", &world.server.authorized_url("acme/shop")]);
    // A `git` that notes how it and what it starts are called.
    let tools = tempfile::tempdir().expect("a directory");
    let git = tools.path().join("git");
    let script =
        "#!/bin/sh\nprintf '%s\\n' \"$*\" >> \"$NOTES\"\nGIT_TRACE=\"$NOTES\" PATH=/usr/bin:/bin exec git \"$@\"\n";
    std::fs::write(&git, script).expect("a script");
    std::fs::set_permissions(&git, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("permissions");
    let notes = tools.path().join("notes");
    let path = format!("{}:/usr/bin:/bin", tools.path().display());
    let variables = [("GITHUB_EVENT_NAME", "push"), ("PATH", path.as_str()), ("NOTES", notes.to_str().expect("UTF-8"))];
    let inputs = [("mode", "tag"), ("github-token", "")];
    let run = testbed::run_action(testbed::Runner::Native, "version-bump", &inputs, &variables, world.clone.path());
    assert_eq!(told(&run), "1.5.0 minor true");
    let notes = std::fs::read_to_string(&notes).expect("notes");
    assert!(notes.contains("ls-remote") && notes.contains("remote-http"), "{notes}");
    assert!(!notes.contains(TOKEN), "{notes}");
}

#[test]
fn a_remote_that_refuses_the_tag_says_why() {
    let world = World::new(&with_feature());
    world.remote.install_hook("pre-receive", "echo 'tags are protected' >&2; exit 1");
    let run = world.run(&[("mode", "tag")]);
    assert_eq!((run.code, error_kind(&run).as_str()), (3, "push-rejected"), "{}", run.stdout);
    assert!(run.stdout.contains("tags are protected"), "{}", run.stdout);
}

#[test]
fn without_an_answer_from_the_remote_local_tags_count() {
    let repository = with_feature();
    repository.git(&["remote", "add", "origin", "http://127.0.0.1:9/acme/shop.git"]);
    let plan = run(&repository, &[]);
    assert_eq!(told(&plan), "1.5.0 minor false");
    assert!(plan.stdout.contains("::warning::the remote's tags cannot be read"), "{}", plan.stdout);
    let tag = run(&repository, &[("mode", "tag")]);
    assert_eq!((tag.code, error_kind(&tag).as_str()), (3, "network"), "{}", tag.stdout);
}

#[test]
fn a_branch_of_the_same_name_does_not_confuse() {
    let origin = with_feature();
    for name in ["v1.4.2", "v1.5.0", "refs/tags/v9.0.0"] {
        origin.git(&["update-ref", &format!("refs/heads/{name}"), "HEAD"]);
    }
    let world = World::new(&origin);
    assert_eq!(told(&world.run(&[("mode", "tag")])), "1.5.0 minor true");
    assert!(world.remote.refs().contains_key("refs/tags/v1.5.0"));
}

#[test]
fn a_commit_can_carry_its_own_candidate_and_the_final_version() {
    let world = World::new(&with_feature());
    world.clone.branch("next");
    let inputs = [("mode", "tag"), ("channels", "main\nnext=rc")];
    let on_next = [("GITHUB_REF", "refs/heads/next")];
    assert_eq!(told(&world.run_in(&world.clone, &inputs, &on_next)), "1.5.0-rc.1 minor true");
    assert_eq!(told(&world.run_in(&world.clone, &inputs, &on_next)), "1.5.0-rc.1 none true");
    world.clone.checkout("main");
    assert_eq!(told(&world.run(&inputs)), "1.5.0 minor true");
    assert_eq!(told(&world.run(&inputs)), "1.5.0 none true");
    let tags = world.remote.git(&["tag", "--points-at", &world.clone.head()]);
    assert_eq!(tags, "v1.5.0\nv1.5.0-rc.1");
}
