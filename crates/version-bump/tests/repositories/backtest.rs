//! Past releases beside what the rules make of them.

use serde_json::Value;
use testbed::{ActionRun, GitServer, Repository};

use crate::support::{TOKEN, run, run_at};

/// Runs a backtest; panics if it fails.
fn backtest(repository: &Repository, inputs: &[(&str, &str)]) -> ActionRun {
    let inputs: Vec<(&str, &str)> = [("mode", "backtest")].into_iter().chain(inputs.iter().copied()).collect();
    let run = run(repository, &inputs);
    assert_eq!(run.code, 0, "{}\n{}", run.stdout, run.stderr);
    run
}

fn json(run: &ActionRun) -> Value {
    serde_json::from_str(run.output("json")).expect("JSON")
}

/// Tag, verdict, and cause or version of every release, one a line.
fn told(run: &ActionRun) -> String {
    let json = json(run);
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let line = |release: &Value| {
        let what = if release["cause"].is_null() { &release["ours"] } else { &release["cause"] };
        format!("{} {} {}", word(&release["tag"]), word(&release["verdict"]), word(what))
    };
    let releases = json["plan"]["backtest"]["releases"].as_array().expect("releases");
    releases.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// `same of compared`, and the suggestions.
fn figures(run: &ActionRun) -> String {
    let json = json(run);
    let backtest = &json["backtest"];
    let suggestions = backtest["suggestions"].as_array().expect("suggestions").iter();
    let suggestions = suggestions.map(|suggestion| {
        let text = |key: &str| suggestion[key].as_str().unwrap_or_default().to_owned();
        format!("; {}: {} makes {}", text("input"), text("value"), suggestion["same"])
    });
    format!("{} of {}{}", backtest["same"], backtest["compared"], suggestions.collect::<String>())
}

fn release(repository: &Repository, tag: &str, messages: &[&str]) {
    messages.iter().for_each(|message| drop(repository.commit(message)));
    repository.tag(tag);
}

#[test]
fn every_release_is_compared() {
    let repository = Repository::new();
    release(&repository, "v0.9.0", &["feat: begin"]);
    release(&repository, "v0.9.1", &["fix: a"]);
    release(&repository, "v0.10.0", &["fix!: b"]);
    release(&repository, "v1.0.0", &["docs: stable"]);
    release(&repository, "v1.0.1", &["docs: c", "chore: d"]);
    release(&repository, "v1.0.2", &["feat: e"]);
    release(&repository, "v1.2.0", &["feat: f"]);
    release(&repository, "v1.3.0", &["fix: g"]);
    release(&repository, "v2.0.0-rc.1", &["feat!: h"]);
    release(&repository, "v2.0.0", &["fix: i"]);
    repository.tag("v2.0.1");
    release(&repository, "v1.9.0", &["fix: j"]);
    repository.commit("feat: not released yet");
    let run = backtest(&repository, &[]);
    insta::assert_snapshot!(told(&run), @r##"
    v0.9.0 not-compared first
    v0.9.1 same 0.9.1
    v0.10.0 different zero-major
    v1.0.0 different declared
    v1.0.1 different nothing
    v1.0.2 different more
    v1.2.0 different skipped
    v1.3.0 different less
    v2.0.0-rc.1 not-compared pre-release
    v2.0.0 same 2.0.0
    v2.0.1 different same-commit
    v1.9.0 different backwards
    "##);
    insta::assert_snapshot!(run.summary, @r##"
    ### Backtest: 2 of 10 past releases the same (2 not compared)

    1 of them is a major release, and would have waited for `allow-major`.

    | Why |  | Releases |
    | :-- | :-- | :-- |
    | no commit asks for a release | differs | 1 |
    | the commits ask for a larger step | differs | 1 |
    | the commits ask for a smaller step | differs | 1 |
    | a breaking change below 1.0 made another step | differs | 1 |
    | 1.0.0 came without a breaking change | differs | 1 |
    | the same step, but not the next number | differs | 1 |
    | a second release of one commit | differs | 1 |
    | not higher than a release before it | differs | 1 |
    | the first release | not compared | 1 |
    | a pre-release | not compared | 1 |

    What differs, newest first:

    | Release | Date | After | Was | Ours | Why |
    | :-- | :-- | :-- | :-- | :-- | :-- |
    | `v1.9.0` | 2026-01-01 | `v2.0.1` |  |  | not higher than a release before it: it comes after `v2.0.1` |
    | `v2.0.1` | 2026-01-01 | `v1.3.0` |  |  | a second release of one commit: the commit is `v2.0.0` already |
    | `v1.3.0` | 2026-01-01 | `v1.2.0` | minor | patch `1.2.1` | the commits ask for a smaller step: 1 fix: e272d8c |
    | `v1.2.0` | 2026-01-01 | `v1.0.2` | minor | minor `1.1.0` | the same step, but not the next number: 1 feature: c062246 |
    | `v1.0.2` | 2026-01-01 | `v1.0.1` | patch | minor `1.1.0` | the commits ask for a larger step: 1 feature: 393fa67 |
    | `v1.0.1` | 2026-01-01 | `v1.0.0` | patch | none | no commit asks for a release: 1 chore, 1 docs |
    | `v1.0.0` | 2026-01-01 | `v0.10.0` | major | none | 1.0.0 came without a breaking change: the only commit since `v0.10.0` asks for no release |
    | `v0.10.0` | 2026-01-01 | `v0.9.1` | minor | major `1.0.0` | a breaking change below 1.0 made another step: 1 breaking change: e2abfe8 |
    "##);
    let plan = crate::support::run(&repository, &[]);
    for output in ["version", "bump", "tag", "released", "notes", "commit-count", "previous-version"] {
        assert_eq!(run.output(output), plan.output(output), "{output}: it is a plan of HEAD too");
    }
    assert_eq!(repository.git(&["tag"]).lines().count(), 12, "it writes nothing");
}

#[test]
fn the_answer_is_that_of_a_live_run() {
    let repository = crossed();
    let run = backtest(&repository, &[]);
    let json = json(&run);
    let mut compared = 0;
    for past in json["plan"]["backtest"]["releases"].as_array().expect("releases") {
        if past["ours"].is_null() && past["cause"] != "nothing" {
            continue;
        }
        let path = repository.path().to_str().expect("a UTF-8 path").to_owned();
        let clone = Repository::clone_from(&path, None);
        clone.git(&["remote", "remove", "origin"]);
        let commit = clone.git(&["rev-parse", &format!("{}^{{commit}}", past["tag"].as_str().expect("a tag"))]);
        clone.checkout(&commit);
        for tag in clone.git(&["tag", "--points-at", &commit]).lines() {
            clone.git(&["tag", "--delete", tag]);
        }
        let live = crate::support::run(&clone, &[]);
        let ours = past["ours"]
            .as_str()
            .map_or("none".into(), |ours| format!("{ours} {}", past["bump"].as_str().expect("a bump")));
        let theirs = match live.output("bump") {
            "none" => "none".into(),
            bump => format!("{} {bump}", live.output("version")),
        };
        let previous = past["previous"].as_str().map(|tag| tag.trim_start_matches('v').to_owned());
        assert_eq!((&ours, previous.as_deref()), (&theirs, Some(live.output("previous-version"))), "{past}");
        assert_eq!(past["commit-count"].to_string(), live.output("commit-count"), "{past}");
        compared += 1;
    }
    assert!(compared >= 8, "{compared}");
}

/// Releases on two lines that merge each other crosswise, on side branches, on trees and files, twice and out of order.
fn crossed() -> Repository {
    let repository = Repository::new();
    release(&repository, "v1.0.0", &["feat: begin"]);
    repository.branch("other");
    release(&repository, "v1.0.1", &["fix: on other"]);
    repository.checkout("main");
    release(&repository, "v1.1.0", &["feat: on main"]);
    let (main, other) = (repository.head(), repository.git(&["rev-parse", "other"]));
    let merge = |message: &str, with: &str| repository.git(&["merge", "--quiet", "--no-ff", "-m", message, with]);
    merge("Merge branch 'other'", &other);
    release(&repository, "v1.1.1", &["fix: after the merge"]);
    repository.checkout("other");
    merge("Merge branch 'main' into other", &main);
    release(&repository, "v1.2.0+a", &["feat: on other", "docs: x"]);
    release(&repository, "v1.2.0+b", &["fix: the same version"]);
    repository.checkout("main");
    merge("Merge branch 'other' again", "other");
    release(&repository, "v1.3.0", &["feat: both"]);
    repository.annotated_tag("nested", "a tag");
    repository.git(&["tag", "--annotate", "--message", "of a tag", "v1.3.1", "nested"]);
    release(
        &repository,
        "v1.3.2",
        &["Revert \"feat: both\"\n\nThis reverts commit 0000000000000000000000000000000000000000."],
    );
    repository.branch("maintenance");
    release(&repository, "v1.3.3", &["fix: backport"]);
    repository.checkout("main");
    release(&repository, "v2.0.0", &["feat!: break"]);
    release(&repository, "v1.3.4", &["fix: on the wrong branch"]);
    release(&repository, "v2.0.1", &["fix: forward"]);
    let file = repository.commit_files("chore: a file", &[("a.txt", "a")]);
    repository.git(&["tag", "v3.0.0", &format!("{file}^{{tree}}")]);
    repository.git(&["tag", "v3.0.1", &format!("{file}:a.txt")]);
    repository.git(&["checkout", "--quiet", "--orphan", "island"]);
    release(&repository, "v1.0.5", &["fix: on an island"]);
    repository.checkout("main");
    repository
}

#[test]
fn hostile_histories_are_told_as_they_are() {
    insta::assert_snapshot!(told(&backtest(&crossed(), &[])), @r##"
    v3.0.0 not-compared missing
    v3.0.1 not-compared missing
    v1.0.0 not-compared first
    v1.0.1 same 1.0.1
    v1.1.0 same 1.1.0
    v1.1.1 same 1.1.1
    v1.2.0+a same 1.2.0
    v1.2.0+b different backwards
    v1.3.0 same 1.3.0
    v1.3.1 different same-commit
    v1.3.2 different nothing
    v1.3.3 same 1.3.3
    v2.0.0 same 2.0.0
    v1.3.4 different backwards
    v2.0.1 same 2.0.1
    v1.0.5 different elsewhere
    "##);
}

#[test]
fn suggestions_are_true() {
    let repository = Repository::new();
    release(&repository, "v0.1.0", &["feat: begin"]);
    for place in 1..4 {
        release(&repository, &format!("v0.{place}.1"), &["chore: tidy", "perf: faster"]);
        release(&repository, &format!("v0.{}.0", place + 1), &["chore: tidy", "feat!: other"]);
    }
    let first = backtest(&repository, &[]);
    assert_eq!(figures(&first), "0 of 6; zero-major: minor makes 3; release-rules: perf=patch makes 6");
    assert!(
        first.summary.contains("And with `release-rules: perf=patch` it would agree in 6 instead of 3."),
        "{}",
        first.summary
    );
    assert_eq!(
        figures(&backtest(&repository, &[("zero-major", "minor")])),
        "3 of 6; release-rules: perf=patch makes 6"
    );
    let both = [("zero-major", "minor"), ("release-rules", "perf=patch")];
    assert_eq!(figures(&backtest(&repository, &both)), "6 of 6");
}

#[test]
fn what_mostly_waited_is_not_suggested() {
    let repository = Repository::new();
    release(&repository, "v1.0.0", &["feat: begin"]);
    // Twice a release of chores alone; six times chores waited for a fix.
    release(&repository, "v1.0.1", &["chore: a"]);
    release(&repository, "v1.0.2", &["chore: b"]);
    for place in 3..9 {
        release(&repository, &format!("v1.0.{place}"), &["chore: c", "fix: d"]);
    }
    assert_eq!(figures(&backtest(&repository, &[])), "6 of 8");
}

#[test]
fn a_shallow_clone_gives_the_same() {
    let origin = crossed();
    // A tree that a tag leads to is no part of a history, and git cannot fetch it without one.
    origin.git(&["tag", "--delete", "v3.0.0", "v3.0.1"]);
    let whole = told(&backtest(&origin, &[]));
    let server = GitServer::start(TOKEN);
    let url = server.add("acme/shop", &origin.bare_clone());
    let clone = Repository::clone_from(&url, Some(1));
    let config = clone.git(&["config", "--local", "--list"]);
    let run = run_at(&server.url(), &clone, &[("mode", "backtest")]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_eq!(told(&run), whole);
    assert_eq!(clone.git(&["config", "--local", "--list"]), config, "the clone is left as it was");
    assert_eq!(clone.git(&["rev-list", "--count", "HEAD"]), "1");
}

#[test]
fn paths_decide_which_commits_count() {
    let repository = Repository::new();
    repository.commit_files("feat: begin", &[("api/a.txt", "1"), ("ui/a.txt", "1")]);
    repository.tag("api/v1.0.0");
    repository.commit_files("feat: of the ui", &[("ui/a.txt", "2")]);
    repository.commit_files("fix: of the api", &[("api/a.txt", "2")]);
    repository.tag("api/v1.0.1");
    repository.commit_files("feat!: of the ui", &[("ui/a.txt", "3")]);
    repository.tag("api/v1.0.2");
    let run = backtest(&repository, &[("tag-prefix", "api/v"), ("paths", "api")]);
    assert_eq!(told(&run), "api/v1.0.0 not-compared first\napi/v1.0.1 same 1.0.1\napi/v1.0.2 different nothing");
}

#[test]
fn settings_of_other_tools_become_inputs() {
    let repository = Repository::new();
    let settings =
        "branch_whitelist = [\"main\"]\npre_bump_hooks = [\"make\"]\n[commit_types]\nperf = { bump_patch = true }\n";
    repository.commit_files("feat: begin", &[("cog.toml", settings), ("release.config.js", "throw 1")]);
    repository.tag("1.0.0");
    release(&repository, "1.0.1", &["perf: faster"]);
    let run = backtest(&repository, &[]);
    assert!(run.summary.contains("Tags with another `tag-prefix`: `\"\"` (2)."), "{}", run.summary);
    assert!(run.summary.contains("To try it, run again with `tag-prefix: \"\"`."), "{}", run.summary);
    assert!(run.summary.contains("it is a program, and is not run"), "{}", run.summary);
    let run = backtest(&repository, &[("tag-prefix", "")]);
    assert_eq!(figures(&run), "0 of 1");
    assert!(run.summary.contains("With these rules it would agree in 1 of 1."), "{}", run.summary);
    let with = json(&run)["plan"]["backtest"]["proposals"].as_array().and_then(|all| {
        all.iter().find(|proposal| proposal["tool"] == "cocogitto").map(|proposal| proposal["with"].clone())
    });
    let with: Vec<(String, String)> = serde_json::from_value(with.expect("a proposal")).expect("pairs");
    let with: Vec<(&str, &str)> = with.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let with: Vec<(&str, &str)> = with.into_iter().filter(|(name, _)| *name != "mode").collect();
    assert_eq!(figures(&backtest(&repository, &with)), "1 of 1", "the proposed inputs are valid");
}

#[test]
fn without_releases_it_says_so() {
    let repository = Repository::new();
    repository.commit("feat: begin");
    let run = backtest(&repository, &[]);
    assert!(run.summary.starts_with("### Backtest: no release to compare with"), "{}", run.summary);
    assert_eq!(figures(&run), "0 of 0");
}
