//! What a remote refuses for good: one clear error, and everything is as it was.

use testbed::{Answer, Repository};

use crate::world::{FILE, TOKEN, World, dense, error_kind};

#[test]
fn refusals_for_good_are_told_once_and_change_nothing() {
    /// What it is, what makes it so, more inputs, the exit code, the kind of error, and what is told.
    type Case<'a> = (&'a str, &'a dyn Fn(&World), &'a [(&'a str, &'a str)], i32, &'a str, &'a str);
    let cases: [Case<'_>; 5] = [
        (
            "a protected branch",
            &|world| {
                world.bare.install_hook("pre-receive", "echo 'GH006: Protected branch update failed' >&2; exit 1");
            },
            &[],
            3,
            "push-rejected",
            "GH006: Protected branch update failed",
        ),
        (
            "an expired token",
            &|_| {},
            &[("github-token", "github_pat_that_has_expired_long_ago")],
            3,
            "permission",
            "has not expired",
        ),
        (
            "a repository that was renamed",
            &|world| {
                let moved = Answer::status(301).header("location", "http://127.0.0.1:9/acme/renamed.git/info/refs");
                world.server.answer_next(1, moved);
            },
            &[],
            2,
            "not-found",
            "the repository has moved",
        ),
        (
            "a repository that is not there",
            &|_| {},
            &[("config-repository", "acme/none")],
            2,
            "not-found",
            "check the address",
        ),
        ("a branch that is not there", &|_| {}, &[("config-branch", "master")], 2, "not-found", "no branch `master`"),
    ];
    for (what, prepare, inputs, code, kind, told) in cases {
        let world = World::new(2);
        prepare(&world);
        let before = world.bare.refs();
        let run = world.deploy("c1", "2.0.0", inputs);
        assert_eq!((run.code, error_kind(&run).as_str()), (code, kind), "{what}: {}", run.stdout);
        assert!(run.stdout.contains(told), "{what}: {}", run.stdout);
        assert_eq!(run.stdout.matches("::error").count(), 1, "{what}: {}", run.stdout);
        assert!(!run.stdout.contains(TOKEN) && !run.stdout.contains("planning again"), "{what}: {}", run.stdout);
        assert_eq!(world.bare.refs(), before, "{what}");
        assert!(world.server.pushes() <= 1, "{what}: it is not tried again");
    }
}

#[test]
fn the_default_branch_is_the_one_of_the_moment() {
    let world = World::new(2);
    assert_eq!(world.deploy("c0", "2.0.0", &[]).code, 0);
    // Somebody renames it; a later run follows, and a run that names the old one is told.
    world.bare.git(&["branch", "--move", "main", "trunk"]);
    world.bare.git(&["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    let run = world.deploy("c1", "2.0.0", &[]);
    assert_eq!((run.code, run.output("branch")), (0, "trunk"), "{}", run.stdout);
    let gone = world.deploy("c1", "3.0.0", &[("config-branch", "main")]);
    assert_eq!((gone.code, error_kind(&gone).as_str()), (2, "not-found"), "{}", gone.stdout);
}

#[test]
fn a_default_branch_that_moves_under_a_run_is_no_silent_success() {
    let world = World::new(2);
    // The branch goes away while the remote takes the push.
    let rename = "git update-ref refs/heads/trunk main; git symbolic-ref HEAD refs/heads/trunk; git update-ref -d refs/heads/main; exit 1";
    world.bare.install_hook("update", rename);
    let run = world.deploy("c1", "2.0.0", &[]);
    assert_ne!(run.code, 0, "{}", run.stdout);
    assert!(!world.bare.read("trunk", FILE).unwrap().contains("2.0.0"));
}

#[test]
fn what_is_no_file_of_the_repository_is_refused() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:aa\nsize 12\n";
    let world = World::with_files(&[(FILE, &dense(2)), ("envs/production/large.yaml", pointer)]);
    let other = Repository::clone_from(world.bare.path().to_str().unwrap(), None);
    let link = other.git(&["rev-parse", "HEAD"]);
    other.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{link},envs/production/module")]);
    other.git(&["commit", "--quiet", "-m", "chore: module"]);
    other.git(&["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
    let before = world.bare.refs();
    for (file, kind, told) in [
        ("envs/production/large.yaml", "unreadable-file", "pointer of Git LFS"),
        ("envs/production/module", "forbidden-path", "is a submodule"),
        ("envs/production/module/x.yaml", "not-found", "no file of the config repository"),
    ] {
        let run = world.deploy("c1", "2.0.0", &[("files", file)]);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, kind), "{file}: {}", run.stdout);
        assert!(run.stdout.contains(told), "{file}: {}", run.stdout);
        assert_eq!(world.bare.refs(), before);
    }
    // A glob passes over them.
    let run = world.deploy("c1", "2.0.0", &[("files", "envs/**")]);
    assert_eq!((run.code, run.output("files")), (0, FILE), "{}", run.stdout);
    assert_eq!(world.bare.git(&["ls-tree", "main", "envs/production/module"]).split(' ').next(), Some("160000"));
}

#[test]
fn every_lost_race_is_planned_again() {
    // What servers say: git itself, GitHub, GitLab, Gitaly under load.
    for said in [
        "cannot lock ref 'refs/heads/main': is at a but expected b",
        "failed to update ref",
        "incorrect old value provided",
        "fetch first",
        "non-fast-forward",
        "stale info",
    ] {
        let world = World::new(2);
        // The hook's words come as the server's own only where the server says them; the reason of a rejection is one line.
        world.bare.install_hook("update", &format!("[ -e raced ] || {{ touch raced; echo \"{said}\" >&2; exit 1; }}"));
        let run = world.deploy("c1", "2.0.0", &[]);
        assert_eq!((run.code, run.output("changed")), (0, "true"), "{said}: {}", run.stdout);
    }
}

#[test]
fn too_many_requests_are_waited_for() {
    let world = World::new(2);
    world.server.answer_next(1, Answer::status(429).header("retry-after", "1"));
    let run = world.deploy("c1", "2.0.0", &[]);
    assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
}
