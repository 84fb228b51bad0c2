//! version-bump: what it decides, here; what it writes, in the modules below.

mod history;
mod preview;
mod pull_request;
mod release;
mod world;

use testbed::{ActionRun, GitServer, ReleaseCase, Repository, Runner, Verdict, run_action};

use crate::{NOW, both};

const TOKEN: &str = "ghs_secret";

/// So many cases run at once.
const WORKERS: usize = 4;

/// A history with merges, reverts and messages of many kinds after `v1.4.2`.
fn origin() -> Repository {
    let origin = Repository::new();
    origin.commit("chore: init");
    origin.annotated_tag("v1.4.1", "a release");
    origin.branch("topic");
    origin.checkout("main");
    origin.commit("fix: before");
    origin.tag("v1.4.2");
    origin.checkout("topic");
    origin.commit("feat(größe): `zip` | <b> @everyone ##[group]x");
    let wrong = origin.commit("feat!: wrong");
    origin.commit(&format!("Revert \"feat!: wrong\"\n\nThis reverts commit {wrong}."));
    origin.checkout("main");
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'topic'", "topic"]);
    origin.commit(&format!("fix: long\n\n{}\n* BREAKING CHANGE: no footer", "prose\n".repeat(20_000)));
    origin
}

fn run(runner: Runner, event: &str, depth: Option<u32>, inputs: &[(&str, &str)]) -> ActionRun {
    let server = GitServer::start(TOKEN);
    let remote = origin().bare_clone();
    let clone = Repository::clone_from(&server.add("acme/shop", &remote), depth);
    let url = server.url();
    let variables = [NOW, ("GITHUB_SERVER_URL", &url), ("GITHUB_ACTOR", "ada"), ("GITHUB_EVENT_NAME", event)];
    let inputs: Vec<(&str, &str)> = inputs.iter().copied().chain([("github-token", TOKEN)]).collect();
    let mut run = run_action(runner, "version-bump", &inputs, &variables, clone.path());
    let refs = remote.refs().into_iter().map(|(name, id)| format!("{name} {id}\n")).collect();
    run.outputs.insert("refs of the remote".into(), refs);
    // Every server has a port of its own, and links lead to it.
    for told in run.outputs.values_mut().chain([&mut run.summary]) {
        *told = told.replace(&url, "http://server");
    }
    run
}

#[test]
fn plans_tags_and_errors() {
    for (case, event, depth, inputs, code) in [
        ("a plan", "push", None, &[][..], 0),
        ("a shallow plan", "push", Some(1), &[], 0),
        ("a tag", "push", None, &[("mode", "tag")], 0),
        ("a tag from a shallow clone", "push", Some(2), &[("mode", "tag")], 0),
        ("a pull request", "pull_request", Some(1), &[("mode", "tag")], 0),
        ("a major release", "push", None, &[("mode", "tag"), ("bump", "major")], 1),
        ("a version that exists", "push", None, &[("mode", "tag"), ("version", "1.4.1")], 1),
        ("another prefix", "push", None, &[("tag-prefix", ""), ("initial-version", "1.0.0-rc.1+b")], 0),
        ("a wrong prefix", "push", None, &[("tag-prefix", "v*")], 2),
        ("a wrong version", "push", None, &[("version", "v2"), ("allow-major", "yes")], 2),
    ] {
        let run = both(case, |runner| run(runner, event, depth, inputs));
        assert_eq!(run.code, code, "{case}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn a_history_that_cannot_be_had_is_one_clear_error() {
    let run = both("no remote", |runner| {
        let origin = origin();
        let clone = Repository::clone_from(origin.path().to_str().unwrap(), Some(1));
        clone.git(&["remote", "remove", "origin"]);
        run_action(runner, "version-bump", &[], &[NOW], clone.path())
    });
    assert_eq!(run.code, 2);
    assert!(run.output("json").contains(r#""kind":"shallow-history""#), "{}", run.output("json"));
}

#[test]
fn the_shared_cases_through_dist() {
    let Some(cases) = ReleaseCase::all() else { return };
    let share = cases.len().div_ceil(WORKERS);
    std::thread::scope(|scope| {
        for cases in cases.chunks(share) {
            scope.spawn(move || cases.iter().for_each(agree_on));
        }
    });
}

fn agree_on(case: &ReleaseCase) {
    let answer = case.run(Runner::Node);
    assert_ne!(case.judge(&answer), Verdict::Wrong, "{} {}: {answer:?}", case.id, case.title);
    assert_eq!(answer, case.run(Runner::Native), "{} {}", case.id, case.title);
}
