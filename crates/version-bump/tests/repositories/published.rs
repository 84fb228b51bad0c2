//! What `mode: release` writes: commit, tag, release on GitHub, follow-up workflows.

use testbed::{Answer, FaultPoint, Repository};

use crate::support::{TOKEN, error_kind, told};
use crate::world::{World, with_feature, with_version_file};

const RELEASE: &[(&str, &str)] = &[("mode", "release")];
const EVERYTHING: &[(&str, &str)] = &[
    ("mode", "release"),
    ("floating-tags", "major"),
    ("assets", "shop.tar.gz\nSHA256SUMS"),
    ("dispatch", "deploy.yml version={{version}} tag={{tag}}\nacme/shop released"),
];

fn with_assets() -> World {
    let world = World::new(&with_version_file());
    world.clone.write("shop.tar.gz", "the archive");
    world.clone.write("SHA256SUMS", "sums");
    world
}

/// Everything that a release is, and nothing twice.
fn assert_complete(world: &World, dispatched: usize) {
    let commit = world.at("v1.5.0");
    assert_eq!(world.remote.git(&["rev-parse", "v1.5.0^{commit}^"]), world.clone.head());
    assert_eq!((world.at("main"), world.at("v1")), (commit.clone(), commit));
    assert_eq!(world.remote.read("v1.5.0", "version.txt").as_deref(), Some("1.5.0\n"));
    let releases = world.releases();
    assert_eq!(releases.len(), 1, "{releases:?}");
    assert_eq!((&releases[0]["tag_name"], &releases[0]["draft"]), (&"v1.5.0".into(), &false.into()));
    assert_eq!(world.github.asset("acme/shop", "v1.5.0", "shop.tar.gz").as_deref(), Some(&b"the archive"[..]));
    assert_eq!(world.github.asset("acme/shop", "v1.5.0", "SHA256SUMS").as_deref(), Some(&b"sums"[..]));
    assert_eq!(world.github.dispatches("acme/shop").len(), dispatched);
    let left: Vec<String> = world.remote.refs().into_keys().filter(|name| name.contains("pending")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_release_is_committed_tagged_published_and_followed_up() {
    let world = with_assets();
    let before =
        (world.clone.head(), world.clone.git(&["for-each-ref"]), world.clone.git(&["config", "--list", "--local"]));
    let run = world.run(EVERYTHING);
    assert_eq!(told(&run), "1.5.0 minor true");
    assert_complete(&world, 2);
    let after =
        (world.clone.head(), world.clone.git(&["for-each-ref"]), world.clone.git(&["config", "--list", "--local"]));
    assert_eq!(after, before, "the clone is left as it was");
    assert_eq!(world.clone.git(&["status", "--porcelain"]), "?? SHA256SUMS\n?? shop.tar.gz");

    let log = world.remote.log("v1.5.0");
    assert_eq!((run.output("commit"), log[0].subject.as_str()), (log[0].id.as_str(), "chore(release): 1.5.0"));
    assert_eq!(log[0].trailer("Release-Version"), Some("1.5.0"));
    assert_eq!(log[0].trailer("Requested-By"), Some("ada"));
    assert!(log[0].trailer("Workflow-Run").is_some_and(|run| run.ends_with("/acme/shop/actions/runs/7")));
    let changed = world.remote.git(&["diff", "--name-only", "v1.5.0^", "v1.5.0"]);
    assert_eq!(changed, "version.txt");

    let release = &world.releases()[0];
    assert_eq!((&release["name"], &release["prerelease"]), (&"v1.5.0".into(), &false.into()));
    assert!(release["body"].as_str().is_some_and(|body| body.contains("zip")), "{release}");
    assert_eq!(run.output("release-url"), release["html_url"]);
    let order: Vec<String> = world
        .github
        .requests()
        .iter()
        .filter(|request| request.method != "GET")
        .map(|request| format!("{} {}", request.method, request.path.split(['?', '/']).next_back().unwrap_or_default()))
        .collect();
    assert_eq!(order.len(), 6, "{order:?}");
    assert_eq!(order[0], "POST releases");
    assert!(order[3].starts_with("PATCH "), "published once it is filled: {order:?}");
    let published = world.github.requests().into_iter().find(|request| request.method == "PATCH").expect("a request");
    assert!(String::from_utf8_lossy(&published.body).contains(r#""make_latest":"true""#));

    let [workflow, event] = &world.github.dispatches("acme/shop")[..] else { panic!("two") };
    assert_eq!((workflow.name.as_str(), workflow.git_ref.as_deref()), ("deploy.yml", Some("refs/tags/v1.5.0")));
    assert_eq!(workflow.payload, serde_json::json!({ "version": "1.5.0", "tag": "v1.5.0" }));
    assert_eq!((event.name.as_str(), &event.payload["commit"]), ("released", &run.output("commit").into()));

    // The same job again, and a job on the release commit: nothing is left to do.
    let (refs, requests) = (world.remote.refs(), world.github.requests().len());
    let on_release = world.another_clone();
    on_release.write("shop.tar.gz", "the archive");
    on_release.write("SHA256SUMS", "sums");
    for clone in [&world.clone, &on_release] {
        let again = world.run_in(clone, EVERYTHING, &[]);
        assert_eq!(told(&again), "1.5.0 none true");
        assert!(again.summary.contains("Nothing to do"), "{}", again.summary);
        assert_eq!(
            (again.output("commit"), again.output("release-url")),
            (run.output("commit"), run.output("release-url"))
        );
        assert_eq!(world.remote.refs(), refs);
    }
    let writes = world.github.requests()[requests..].iter().filter(|request| request.method != "GET").count();
    assert_eq!(writes, 0);
}

/// Every place at which a run can end, and what the next run makes of it.
#[test]
fn wherever_a_run_ends_the_next_one_completes_it() {
    type Break = (&'static str, fn(&World), fn(&World), bool);
    const NONE: fn(&World) = |_| {};
    let cases: &[Break] = &[
        ("the push never arrives", |world| world.server.reject_next_pushes(9, FaultPoint::Before), NONE, false),
        ("the answer to the push is lost", |world| world.server.reject_next_pushes(1, FaultPoint::After), NONE, true),
        ("the draft is not made", |w| w.github.answer_instead("POST", "/releases", down()), NONE, false),
        ("the draft is made, the answer lost", |w| w.github.answer_after("POST", "/releases", down()), NONE, false),
        ("no file is taken", |w| w.github.answer_instead("POST", ASSETS, down()), NONE, false),
        ("a file is taken, the answer lost", |w| w.github.answer_after("POST", ASSETS, down()), NONE, false),
        ("it is not published", |w| w.github.answer_instead("PATCH", RELEASE_ID, down()), NONE, false),
        ("it is published, the answer lost", |w| w.github.answer_after("PATCH", RELEASE_ID, down()), NONE, false),
        (
            "the floating tag is refused",
            |w| w.remote.install_hook("update", "case $1 in refs/tags/v1) exit 1;; esac"),
            |w| w.remote.remove_hook("update"),
            false,
        ),
        ("the workflow is not started", |w| w.github.answer_instead("POST", WORKFLOW, down()), NONE, false),
        ("the event is not sent", |w| w.github.answer_instead("POST", "/dispatches", down()), NONE, false),
    ];
    for (case, fail, mend, is_whole) in cases {
        let world = with_assets();
        fail(&world);
        let first = world.run(EVERYTHING);
        assert_eq!(first.code, if *is_whole { 0 } else { 3 }, "{case}: {}", first.stdout);
        mend(&world);
        // Faults that were not used up.
        for _ in 0..if *case == "the push never arrives" { 3 } else { 0 } {
            let _ = world.run(EVERYTHING);
        }
        let second = world.run(EVERYTHING);
        assert_eq!((second.code, second.output("released")), (0, "true"), "{case}: {}", second.stdout);
        assert_eq!(second.output("version"), "1.5.0", "{case}");
        assert_complete(&world, 2);
    }
}

const ASSETS: &str = "/releases/{release_id}/assets";
const RELEASE_ID: &str = "/releases/{release_id}";
const WORKFLOW: &str = "/actions/workflows/{workflow_id}/dispatches";

fn down() -> Answer {
    Answer::status(502).body("{}")
}

#[test]
fn a_tag_without_a_release_gets_one_with_the_notes_of_its_commits() {
    let world = World::new(&with_feature());
    assert_eq!(told(&world.run(&[("mode", "tag")])), "1.5.0 minor true");
    let run = world.run(RELEASE);
    assert_eq!(told(&run), "1.5.0 none true");
    assert!(run.summary.contains("Completed `v1.5.0`"), "{}", run.summary);
    let releases = world.releases();
    assert!(releases[0]["body"].as_str().is_some_and(|body| body.contains("zip")), "{releases:?}");
    assert!(world.run(RELEASE).summary.contains("Nothing to do"));
    assert_eq!(world.releases(), releases);
}

#[test]
fn a_release_commit_is_no_change_whatever_its_message_says() {
    let world = World::new(&with_version_file());
    let message = ("commit-message", "feat!: release {{version}}");
    assert_eq!(told(&world.run(&[RELEASE, &[message]].concat())), "1.5.0 minor true");
    assert_eq!(world.remote.log("main")[0].subject, "feat!: release 1.5.0");
    world.remote.git(&["update-ref", "-d", "refs/tags/v1.5.0"]);
    let next = world.another_clone();
    next.commit("docs: a");
    let run = world.run_in(&next, &[], &[]);
    assert_eq!(told(&run), "1.5.0 minor false", "the feature still is one");
    assert!(!run.output("notes").contains("release 1.5.0"), "{}", run.output("notes"));
}

#[test]
fn an_immutable_release_is_complete_before_it_is_published() {
    let world = with_assets();
    world.github.make_releases_immutable("acme/shop");
    assert_eq!(told(&world.run(EVERYTHING)), "1.5.0 minor true");
    assert_complete(&world, 2);
    assert_eq!(world.releases()[0]["immutable"], true);
    assert!(world.run(EVERYTHING).summary.contains("Nothing to do"));
}

#[test]
fn a_hotfix_is_not_the_latest_and_a_pre_release_is_marked() {
    let world = World::new(&with_feature());
    world.clone.tag("v2.0.0");
    world.clone.git(&["push", "--quiet", &world.server.authorized_url("acme/shop"), "v2.0.0"]);
    let latest = |world: &World| {
        let requests = world.github.requests();
        let published = requests.iter().rfind(|request| request.method == "PATCH").expect("a request");
        serde_json::from_slice::<serde_json::Value>(&published.body).expect("JSON")
    };
    world.clone.git(&["checkout", "--quiet", "-B", "main", "v1.4.2"]);
    world.clone.commit("fix: a");
    world.clone.git(&["push", "--quiet", "--force", &world.server.authorized_url("acme/shop"), "main"]);
    assert_eq!(told(&world.run(RELEASE)), "1.4.3 patch true");
    assert_eq!(latest(&world)["make_latest"], "false");
    world.clone.commit("feat: b");
    let run = world.run(&[("mode", "release"), ("version", "2.1.0-rc.1"), ("allow-major", "true")]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let sent = latest(&world);
    assert_eq!((&sent["make_latest"], &sent["prerelease"]), (&"false".into(), &true.into()));
}

#[test]
fn what_cannot_be_done_is_refused_before_anything_is_written() {
    let world = World::new(&with_feature());
    let refs = world.remote.refs();
    for (inputs, code, words) in [
        (&[("assets", "none.tar.gz")][..], 2, "the asset `none.tar.gz` does not exist"),
        (&[("assets", "../x")], 2, "leads out of the workspace"),
        (&[("floating-tags", "patch")], 2, "is no kind of floating tag"),
        (&[("commit-message", "{{nonsense}}")], 2, "stands for nothing"),
        (&[("dispatch", "none.yml")], 2, "does not have: `.github/workflows/none.yml`"),
        (&[("dispatch", "deploy")], 2, "starts with neither a workflow nor a repository"),
    ] {
        let run = world.run(&[RELEASE, inputs].concat());
        assert_eq!(run.code, code, "{words}: {}", run.stdout);
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
        assert_eq!(world.remote.refs(), refs, "{words}");
    }
}

#[test]
fn assets_are_found_by_globs() {
    let world = World::new(&with_feature());
    for file in ["dist/shop.tar.gz", "dist/shop.zip", "dist/notes.txt", "dist/deep/web.tar.gz", "SHA256SUMS", "my file"]
    {
        world.clone.write(file, file);
    }
    std::os::unix::fs::symlink("/etc/passwd", world.clone.path().join("dist/link.tar.gz")).expect("a link");
    std::os::unix::fs::symlink("/etc", world.clone.path().join("etc")).expect("a link");
    let refs = world.remote.refs();
    for (assets, words) in [
        ("dist/*.tar.bz2", "the asset `dist/*.tar.bz2` matches no file"),
        ("SHA256SUMS\nnone/**", "the asset `none/**` matches no file"),
        ("etc/pass*", "the asset `etc/pass*` matches no file"),
        ("dist/link.tar.gz", "the asset `dist/link.tar.gz` is not a regular file"),
        ("dist", "the asset `dist` is not a regular file"),
    ] {
        let run = world.run(&[RELEASE, &[("assets", assets)]].concat());
        assert_eq!((run.code, error_kind(&run).as_str()), (2, "not-found"), "{assets}: {}", run.stdout);
        assert!(run.stdout.contains(words), "{assets}: {}", run.stdout);
        assert_eq!(world.remote.refs(), refs, "{assets}");
        assert_eq!(told(&world.run(&[("assets", assets)])), "1.5.0 minor false", "a plan comes before they are built");
    }
    let inputs = [RELEASE, &[("assets", "dist/**/*.tar.gz\ndist/*.zip\nSHA*\ndist/shop.*\nmy file")]].concat();
    assert_eq!(told(&world.run(&inputs)), "1.5.0 minor true");
    let release = &world.releases()[0];
    let mut names: Vec<&str> =
        release["assets"].as_array().expect("a list").iter().filter_map(|asset| asset["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["SHA256SUMS", "my.file", "shop.tar.gz", "shop.zip", "web.tar.gz"]);
    assert_eq!(world.github.asset("acme/shop", "v1.5.0", "web.tar.gz").as_deref(), Some(&b"dist/deep/web.tar.gz"[..]));

    // What is not needed any more need not be there.
    std::fs::remove_dir_all(world.clone.path().join("dist")).expect("files");
    assert_eq!(told(&world.run(&inputs)), "1.5.0 none true");
}

#[test]
fn assets_that_would_have_one_name_are_refused() {
    let world = World::new(&with_feature());
    for file in ["linux/shop", "macos/shop", "a b", "a+b"] {
        world.clone.write(file, file);
    }
    let refs = world.remote.refs();
    for (assets, words) in [
        ("*/shop", "the assets `linux/shop` and `macos/shop` would both be `shop`"),
        ("a b\na+b", "the assets `a b` and `a+b` would both be `a.b`"),
    ] {
        let run = world.run(&[RELEASE, &[("assets", assets)]].concat());
        assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"), "{assets}: {}", run.stdout);
        assert!(run.stdout.contains(words), "{assets}: {}", run.stdout);
        assert_eq!(world.remote.refs(), refs, "{assets}");
    }
}

#[test]
fn a_missing_right_is_named_with_the_line_that_grants_it() {
    let world = World::new(&with_version_file());
    world.github.withhold("actions=write");
    let run = world.run(&[RELEASE, &[("dispatch", "deploy.yml")]].concat());
    assert_eq!((run.code, error_kind(&run).as_str()), (3, "permission"), "{}", run.stdout);
    for words in ["`v1.5.0` is released, but not everything", "`deploy.yml` was not started", "actions: write"] {
        assert!(run.stdout.contains(words), "{words}: {}", run.stdout);
    }
    let world = World::new(&with_feature());
    world.github.withhold("contents=write");
    let run = world.run(RELEASE);
    assert_eq!((run.code, error_kind(&run).as_str()), (3, "permission"), "{}", run.stdout);
    assert!(run.stdout.contains("contents: write"), "{}", run.stdout);
}

#[test]
fn outside_github_the_rest_is_done_and_said() {
    let world = World::new(&with_version_file());
    world.clone.git(&["remote", "set-url", "origin", &world.server.authorized_url("acme/shop")]);
    let variables = [("GITHUB_SERVER_URL", "https://gitlab.example"), ("GITHUB_REPOSITORY", "")];
    let run = world.run_in(&world.clone, &[("mode", "release"), ("floating-tags", "major")], &variables);
    assert_eq!(told(&run), "1.5.0 minor true");
    assert!(run.stdout.contains("::notice::no release on GitHub is made"), "{}", run.stdout);
    assert_eq!((world.at("main"), world.at("v1")), (world.at("v1.5.0"), world.at("v1.5.0")));
    assert!(world.github.requests().is_empty());
    let refused = world.run_in(&world.clone, &[("mode", "release"), ("dispatch", "deploy.yml")], &variables);
    assert_eq!((refused.code, error_kind(&refused).as_str()), (2, "invalid-input"), "{}", refused.stdout);
}

#[test]
fn a_release_from_a_shallow_and_partial_clone_is_the_same() {
    let whole = with_assets();
    assert_eq!(told(&whole.run(EVERYTHING)), "1.5.0 minor true");
    let world = with_assets();
    let url = world.server.repository_url("acme/shop");
    let shallow = Repository::clone_from(&url, Some(1));
    shallow.write("shop.tar.gz", "the archive");
    shallow.write("SHA256SUMS", "sums");
    assert_eq!(told(&world.run_in(&shallow, EVERYTHING, &[])), "1.5.0 minor true");
    assert_complete(&world, 2);
    let tree = |world: &World| world.remote.git(&["rev-parse", "v1.5.0^{tree}"]);
    assert_eq!(tree(&world), tree(&whole));
    assert!(!whole.run(EVERYTHING).stdout.contains(TOKEN));
}
