//! `history: api`: the answer of git, without git.

use testbed::{ActionRun, Answer, BareRepository, GitHub, HostedRepository, Repository, Runner, run_action};

use crate::support::{answer, error_kind, released, told};

/// A GitHub with `acme/shop`, and a job that has checked nothing out.
struct World {
    github: GitHub,
    bare: BareRepository,
    head: String,
    job: tempfile::TempDir,
}

impl World {
    fn new(origin: &Repository) -> Self {
        let bare = origin.bare_clone();
        let github = GitHub::start();
        github.add(HostedRepository::new("acme/shop").git(&bare));
        Self { github, bare, head: origin.head(), job: tempfile::tempdir().expect("a directory") }
    }

    fn run(&self, inputs: &[(&str, &str)]) -> ActionRun {
        self.run_in(self.job.path(), inputs)
    }

    fn run_in(&self, directory: &std::path::Path, inputs: &[(&str, &str)]) -> ActionRun {
        let url = self.github.api_url();
        let variables = [
            ("GITHUB_EVENT_NAME", "push"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_API_URL", url.as_str()),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_SHA", self.head.as_str()),
        ];
        let inputs = [&[("history", "api"), ("github-token", "ghs_token")], inputs].concat();
        run_action(Runner::Native, "version-bump", &inputs, &variables, directory)
    }
}

/// The answer over the API, which is git's.
fn agreed(origin: &Repository, inputs: &[(&str, &str)]) -> ActionRun {
    let variables = [("GITHUB_EVENT_NAME", "push"), ("GITHUB_REPOSITORY", "acme/shop")];
    let by_git = run_action(Runner::Native, "version-bump", inputs, &variables, origin.path());
    let over_api = World::new(origin).run(inputs);
    assert_eq!(told(&over_api), told(&by_git));
    for output in ["commit-count", "notes", "tag", "previous-version"] {
        assert_eq!(over_api.output(output), by_git.output(output), "{output}");
    }
    over_api
}

#[test]
fn no_checkout_is_needed() {
    let origin = released();
    origin.branch("topic");
    origin.commit("feat: on a branch\n\nThe body.\n\nBREAKING CHANGE: of nothing");
    origin.checkout("main");
    origin.commit("fix: on main");
    origin.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'topic'", "topic"]);
    assert_eq!(told(&agreed(&origin, &[("allow-major", "true")])), "2.0.0 major false");
    origin.annotated_tag("v2.0.0", "a release");
    assert_eq!(told(&agreed(&origin, &[])), "2.0.0 none true");
}

#[test]
fn every_page_of_tags_and_commits_is_read() {
    let origin = released();
    for place in 0..130 {
        origin.git(&["tag", &format!("v0.{place}.0")]);
    }
    for place in 0..260 {
        origin.commit(&format!("fix: {place}"));
    }
    let run = agreed(&origin, &[]);
    assert_eq!((told(&run).as_str(), run.output("commit-count")), ("1.4.3 patch false", "260"));
}

#[test]
fn before_the_first_release_all_of_the_history_is_read() {
    let origin = Repository::new();
    for place in 0..120 {
        origin.commit(&format!("fix: {place}"));
    }
    assert_eq!(agreed(&origin, &[]).output("commit-count"), "120");
}

#[test]
fn only_reachable_tags_count() {
    let origin = released();
    origin.branch("next");
    origin.commit("feat!: two");
    for minor in 0..15 {
        origin.annotated_tag(&format!("v2.{minor}.0"), "a release");
    }
    origin.git(&["checkout", "--quiet", "--orphan", "alone"]);
    origin.commit("feat: alone");
    origin.tag("v9.0.0");
    origin.checkout("main");
    origin.git(&["tag", "v8.0.0", "HEAD^{tree}"]);
    origin.commit("fix: a");
    assert_eq!(told(&agreed(&origin, &[])), "1.4.3 patch false");
}

#[test]
fn what_is_checked_out_goes_before_the_commit_of_the_event() {
    let origin = released();
    origin.commit("feat: a");
    let world = World::new(&origin);
    let older = Repository::clone_from(origin.path().to_str().expect("a UTF-8 path"), Some(1));
    older.git(&["remote", "remove", "origin"]);
    older.git(&["fetch", "--quiet", "--depth=1", origin.path().to_str().expect("a UTF-8 path"), "v1.4.2"]);
    older.checkout("FETCH_HEAD");
    assert_eq!(told(&world.run_in(older.path(), &[])), "1.4.2 none true");
}

fn json(body: &serde_json::Value) -> Answer {
    Answer::status(200).header("content-type", "application/json").body(body.to_string())
}

#[test]
fn what_is_not_all_there_is_an_error() {
    let origin = released();
    origin.commit("feat: a");
    let mut world = World::new(&origin);
    // GitHub gives one commit less than it counts.
    let page = serde_json::json!({
        "status": "ahead", "total_commits": 3, "commits": [],
        "merge_base_commit": { "sha": origin.git(&["rev-parse", "v1.4.2"]) },
    });
    let tags = serde_json::json!([{
        "ref": "refs/tags/v1.4.2",
        "object": { "type": "commit", "sha": origin.git(&["rev-parse", "v1.4.2"]) },
    }]);
    world.github.answer_next(1, json(&tags));
    world.github.answer_next(1, json(&page));
    let cut = world.run(&[]);
    assert_eq!((cut.code, error_kind(&cut).as_str()), (2, "shallow-history"), "{}", cut.stdout);
    assert!(cut.stdout.contains("fetch-depth: 0"), "{}", cut.stdout);

    world.head = "1".repeat(40);
    let unknown = world.run(&[]);
    assert_ne!(unknown.code, 0, "a commit that GitHub does not have: {}", unknown.stdout);
    world.head = "main".into();
    let nameless = world.run(&[]);
    assert_eq!((nameless.code, error_kind(&nameless).as_str()), (2, "not-found"), "{}", nameless.stdout);
}

#[test]
fn a_release_needs_a_checkout_and_paths_need_git() {
    let origin = released();
    origin.commit("feat: a");
    let world = World::new(&origin);
    let release = world.run(&[("mode", "tag")]);
    assert_eq!((release.code, error_kind(&release).as_str()), (2, "not-a-repository"), "{}", release.stdout);
    for inputs in [&[("paths", "api")][..], &[("component", "api"), ("paths", "api")]] {
        let run = world.run(inputs);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"));
        assert!(run.stdout.contains("leave out `history`"), "{}", run.stdout);
    }
    // From a shallow clone whose remote takes it.
    let clone = Repository::clone_from(world.bare.path().to_str().expect("a UTF-8 path"), Some(1));
    assert_eq!(told(&world.run_in(clone.path(), &[("mode", "tag")])), "1.5.0 minor true");
    assert_eq!(world.bare.git(&["rev-parse", "v1.5.0^{commit}"]), world.head);
    assert_eq!(answer(&origin, &[]), "1.5.0 minor false");
}
