//! Whatever the server allows and however the clone was made, the answer is that of the whole history, and the clone stays as it was.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use testbed::{BareRepository, GitServer, Repository};

use crate::support::{TOKEN, answer, error_kind, run_at, told};

const PATHS: (&str, &str) = ("paths", "api\n!api/docs");

/// A history with a branch that began before the release and was merged after it.
fn origin() -> Repository {
    let origin = Repository::new();
    origin.commit_files("chore: init", &[("api/a", "1"), ("web/a", "1")]);
    origin.tag("v1.4.1");
    origin.commit_files("chore: go on", &[("api/a", "2")]);
    origin.branch("topic");
    origin.commit_files("feat: web", &[("web/b", "1")]);
    origin.commit_files("fix: api", &[("api/b", "1")]);
    origin.checkout("main");
    origin.commit_files("docs: api", &[("api/docs/a", "1")]);
    origin.annotated_tag("v1.4.2", "a release");
    origin.commit_files("docs: more", &[("api/docs/a", "2")]);
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'topic'", "topic"]);
    origin.commit_files("chore: web", &[("web/a", "2")]);
    origin
}

/// Every file of the clone's own, by its path: its content, or of an object its size.
fn state(clone: &Repository) -> BTreeMap<String, Vec<u8>> {
    fn collect(directory: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(&path, into);
            } else {
                into.insert(path.display().to_string(), std::fs::read(&path).expect("a file"));
            }
        }
    }
    let mut files = BTreeMap::new();
    collect(&clone.path().join(".git"), &mut files);
    files
}

/// Makes a clone with these options of `git clone`, without tags but those that are asked for.
fn clone(url: &str, options: &[&str]) -> Repository {
    let clone = Repository::new();
    clone.git(&["remote", "add", "origin", url]);
    clone.git(&[&["fetch", "--quiet"], options, &["origin"]].concat());
    clone.git(&["checkout", "--quiet", "FETCH_HEAD"]);
    clone
}

/// The answers for the whole repository and for some paths of it, with the number of commits that count.
fn answers(server: &GitServer, clone: &Repository) -> [String; 2] {
    [&[][..], &[PATHS]].map(|inputs| {
        let before = state(clone);
        let run = run_at(&server.url(), clone, inputs);
        assert_eq!(state(clone), before, "the clone is left as it was");
        format!("{} {}", told(&run), run.output("commit-count"))
    })
}

fn expected(origin: &Repository) -> [String; 2] {
    let count = origin.git(&["rev-list", "--count", "v1.4.2..HEAD"]);
    [answer(origin, &[]) + " " + &count, answer(origin, &[PATHS]) + " 2"]
}

#[test]
fn an_origin_by_ssh_is_asked_with_the_token() {
    let world = crate::world::World::new(&crate::world::with_version_file());
    let host = world.server.url().trim_start_matches("http://").split(':').next().expect("a host").to_owned();
    for address in [format!("git@{host}:acme/shop.git"), format!("ssh://git@{host}:22/acme/shop.git")] {
        world.clone.git(&["remote", "set-url", "origin", &address]);
        let run = world.run(&[("mode", "release")]);
        assert_eq!((run.code, run.output("released")), (0, "true"), "{address}: {}", run.stdout);
    }
    assert_eq!((world.releases().len(), world.at("main")), (1, world.at("v1.5.0")));
    world.clone.git(&["remote", "set-url", "origin", "git@elsewhere.test:acme/shop.git"]);
    let run = world.run(&[("mode", "tag")]);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert!(run.stdout.contains("transport 'ssh' not allowed. use an `https` address"), "{}", run.stdout);
}

#[test]
fn what_the_server_allows_makes_no_difference() {
    let origin = origin();
    let expected = expected(&origin);
    assert_eq!(expected, ["1.5.0 minor false 5", "1.4.3 patch false 2"]);
    for (filter, any, old_protocol) in [
        (true, true, false),
        (true, false, false),
        (false, true, false),
        (false, false, false),
        (true, true, true),
        (false, false, true),
    ] {
        let server = GitServer::start(TOKEN);
        let bare = origin.bare_clone();
        let url = server.add("acme/shop", &bare);
        bare.git(&["config", "uploadpack.allowFilter", if filter { "true" } else { "false" }]);
        bare.git(&["config", "uploadpack.allowAnySHA1InWant", if any { "true" } else { "false" }]);
        if old_protocol {
            server.speak_old_protocol();
        }
        for tags in ["--tags", "--no-tags"] {
            let clone = clone(&url, &["--depth=1", tags]);
            let case = format!("filter {filter}, any {any}, old protocol {old_protocol}, {tags}");
            assert_eq!(answers(&server, &clone), expected, "{case}");
        }
    }
}

#[test]
fn the_merge_of_a_pull_request_is_on_no_branch() {
    let origin = origin();
    origin.branch("pull");
    origin.commit_files("feat: pulled", &[("api/c", "1")]);
    origin.checkout("main");
    origin.git(&["checkout", "--quiet", "--detach"]);
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "Merge 1 into 2", "pull"]);
    origin.git(&["update-ref", "refs/pull/1/merge", "HEAD"]);
    let expected = expected(&origin).map(|answer| answer.replace(" 2", " 4"));
    let server = GitServer::start(TOKEN);
    let bare = origin.bare_clone();
    bare.git(&["branch", "--quiet", "-D", "pull"]);
    let url = server.add("acme/shop", &bare);
    let clone = Repository::new();
    clone.git(&["remote", "add", "origin", &url]);
    let fetch =
        ["fetch", "--quiet", "--no-tags", "--depth=1", "origin", "+refs/pull/1/merge:refs/remotes/pull/1/merge"];
    clone.git(&fetch);
    clone.git(&["checkout", "--quiet", "--detach", "refs/remotes/pull/1/merge"]);
    assert_eq!(answers(&server, &clone), expected);
}

#[test]
fn partial_clones_are_complete_enough_or_completed_elsewhere() {
    let origin = origin();
    let expected = expected(&origin);
    let server = GitServer::start(TOKEN);
    let url = server.add("acme/shop", &origin.bare_clone());
    for options in [
        &["--filter=blob:none"][..],
        &["--filter=tree:0"],
        &["--filter=blob:none", "--depth=1"],
        &["--filter=tree:0", "--depth=1"],
        &["--filter=tree:0", "--depth=2"],
    ] {
        let clone = clone(&url, &[options, &["--no-tags"]].concat());
        assert_eq!(answers(&server, &clone), expected, "{options:?}");
    }
}

#[test]
fn the_users_own_commands_still_work_afterwards() {
    let origin = origin();
    let server = GitServer::start(TOKEN);
    let url = server.add("acme/shop", &origin.bare_clone());
    let clone = clone(&url, &["--depth=1", "--no-tags"]);
    answers(&server, &clone);
    assert_eq!(clone.git(&["log", "--format=%s", "--", "web"]), "chore: web");
    clone.git(&["fetch", "--quiet", "--unshallow", "--tags"]);
    assert_eq!(
        clone.git(&["log", "--format=%s", "v1.4.2..", "--", "api"]),
        "Merge branch 'topic'\ndocs: more\nfix: api"
    );
    assert_eq!(answers(&server, &clone), expected(&origin));
    assert!(clone.try_git(&["config", "extensions.partialClone"]).is_err(), "no promisor");
}

#[test]
fn a_commit_that_the_server_does_not_have_is_not_guessed_about() {
    let origin = origin();
    let server = GitServer::start(TOKEN);
    let url = server.add("acme/shop", &origin.bare_clone());
    let clone = clone(&url, &["--depth=1", "--no-tags"]);
    clone.commit("feat: not pushed");
    let run = run_at(&server.url(), &clone, &[]);
    assert_eq!((run.code, error_kind(&run).as_str()), (2, "shallow-history"), "{}", run.stdout);
    assert!(run.stdout.contains("fetch-depth: 0"), "{}", run.stdout);
}

/// A repository of many commits over 40 directories, with `v1.0.0` so many commits before the last.
fn long_history(commits: usize, since: usize) -> BareRepository {
    let bare = BareRepository::new();
    let mut stream = String::new();
    for place in 1..=commits {
        let message = format!("fix: change {place}");
        let time = 1_700_000_000 + place * 60;
        stream += &format!("commit refs/heads/main\ncommitter A <a@example.com> {time} +0000\n");
        stream += &format!("data {}\n{message}\n", message.len());
        let (package, file, text) = (place % 40, place / 40 % 5, place.to_string());
        stream += &format!("M 100644 inline packages/p{package}/f{file}.txt\ndata {}\n{text}\n\n", text.len());
        if place + since == commits {
            stream += "reset refs/tags/v1.0.0\nfrom refs/heads/main\n\n";
        }
    }
    let mut import = Command::new("git");
    import.args(["fast-import", "--quiet"]).current_dir(bare.path()).stdin(Stdio::piped());
    let mut import = import.spawn().expect("git");
    import.stdin.take().expect("a pipe").write_all(stream.as_bytes()).expect("git reads");
    assert!(import.wait().expect("git ends").success());
    bare
}

#[test]
fn what_is_fetched_grows_with_the_range_and_not_with_the_history() {
    let fetched = |commits: usize, inputs: &[(&str, &str)], count: &str| {
        let server = GitServer::start(TOKEN);
        let url = server.add("acme/shop", &long_history(commits, 50));
        let clone = Repository::clone_from(&url, Some(1));
        let before = server.sent();
        let run = run_at(&server.url(), &clone, inputs);
        assert_eq!((told(&run).as_str(), run.output("commit-count")), ("1.0.1 patch false", count));
        server.sent().packs - before.packs
    };
    let (short, long) = (fetched(200, &[], "50"), fetched(4000, &[], "50"));
    assert!(long < 20_000 && long < short + short / 4, "{short} bytes for 200 commits, {long} for 4000");
    let paths = &[("paths", "packages/p7")];
    let (short, long) = (fetched(200, paths, "1"), fetched(4000, paths, "1"));
    assert!(long < 50_000 && long < short + short / 4, "{short} bytes for 200 commits, {long} for 4000");
}
