//! Where tags and commits are read, and all of them once more.

use testbed::{Answer, Repository};

use super::world::{both, with_files};

#[test]
fn over_the_api() {
    let origin = with_files();
    origin.branch("topic");
    origin.commit("feat: on a branch\n\nThe body.\n\nBREAKING CHANGE: é");
    origin.checkout("main");
    for place in 0..120 {
        origin.commit(&format!("fix: {place}"));
    }
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'topic'", "topic"]);
    let head = origin.head();
    let runs = both("the API", &origin, |world| {
        let api = |inputs: &[(&str, &str)], sha: &str| {
            let inputs = [&[("history", "api")], inputs].concat();
            let job = Repository::new();
            job.git(&["fetch", "--quiet", "--depth=1", &world.server.repository_url("acme/shop"), "main"]);
            job.git(&["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
            job.git(&["remote", "add", "origin", &world.server.repository_url("acme/shop")]);
            world.run_in(&job, &inputs, &[("GITHUB_SHA", sha)])
        };
        let mut runs = vec![api(&[], &head), api(&[("component", "api"), ("paths", "api")], &head)];
        world.github.answer_instead("GET", "/compare/{basehead}", Answer::status(404).body("{}"));
        runs.push(api(&[], &head));
        runs.push(api(&[("mode", "tag"), ("allow-major", "true")], &head));
        runs
    });
    assert_eq!((runs[0].output("version"), runs[0].output("commit-count")), ("2.0.0", "123"));
    assert_eq!((runs[1].code, runs[3].output("released")), (2, "true"), "{}", runs[3].stdout);
}

#[test]
fn backtests() {
    let origin = Repository::new();
    let release = |tag: &str, messages: &[&str]| {
        messages.iter().for_each(|message| drop(origin.commit(message)));
        origin.tag(tag);
    };
    release("v0.9.0", &["feat: begin"]);
    release("v0.10.0", &["fix!: b"]);
    release("v1.0.0", &["docs: stable"]);
    release("v1.0.1", &["perf: c | é", "perf: d"]);
    release("v1.0.2", &["perf: e"]);
    release("v2.0.0-rc.1", &["feat!: h"]);
    release("v2.0.0", &["fix: i"]);
    let settings = r#"{ "tagFormat": "v${version}", "branches": ["main", { "name": "next", "prerelease": "rc" }] }"#;
    origin.commit_files("chore: settings", &[(".releaserc.json", settings)]);
    let runs = both("a backtest", &origin, |world| {
        let shallow = [("mode", "backtest"), ("release-rules", "perf=patch")];
        vec![world.run(&[("mode", "backtest")]), world.job(&shallow)]
    });
    assert!(runs.iter().all(|run| run.code == 0), "{}", runs[0].stdout);
    assert!(runs[0].summary.contains("With `release-rules: perf=patch`"), "{}", runs[0].summary);
    assert!(runs[0].summary.contains("next=rc"), "{}", runs[0].summary);
}

#[test]
fn clones_that_lack_something() {
    let origin = with_files();
    for place in 0..40 {
        origin.commit_files(&format!("fix: {place}"), &[("src/b.rs", &place.to_string())]);
    }
    let runs = both("shallow and partial clones", &origin, |world| {
        let partial = Repository::new();
        partial.git(&["remote", "add", "origin", &world.server.repository_url("acme/shop")]);
        partial.git(&["fetch", "--quiet", "--filter=tree:0", "origin", "main"]);
        partial.git(&["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
        vec![
            world.job(&[("mode", "release")]),
            world.run_in(&partial, &[("component", "b"), ("paths", "src/b.rs"), ("tag-prefix", "")], &[]),
        ]
    });
    assert_eq!(runs[0].output("version"), "1.5.0");
    assert_eq!(runs[1].output("commit-count"), "40", "{}", runs[1].stdout);
}
