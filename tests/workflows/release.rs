//! The release pipeline: its starter in a consumer's repository calls the reusable workflow, which writes to a real git server and to
//! a stand-in for GitHub's API.
//!
//! act knows no environments: that a job waits for the reviewers of one is GitHub's part; what the reviewers said, the stand-in tells.

use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::{
    ActJob, ActRun, BareRepository, FaultPoint, GitHub, GitServer, HostedRepository, Repository, get, request,
    workspace,
};

/// The token of the job.
const TOKEN: &str = "ghs_token_of_the_job";
/// Where the consumer has the starter.
const WORKFLOW: &str = ".github/workflows/release.yml";
/// The number of the run.
const RUN: u64 = 7;

/// Reports of the tests, as the consumer's own script writes them.
const GOOD: &str = r#"mkdir reports && echo '<testsuite tests="2"><testcase name="a"/><testcase name="b"/></testsuite>' > reports/junit.xml"#;
const BAD: &str = r#"mkdir reports && echo '<testsuite tests="1"><testcase name="a"><failure/></testcase></testsuite>' > reports/junit.xml && exit 1"#;
const NONE: &str = "exit 1";

/// A consumer's repository on a GitHub, with 1.4.0 released.
struct World {
    git: GitServer,
    github: GitHub,
    developer: Repository,
    remote: BareRepository,
    /// What jobs upload.
    artifacts: TempDir,
}

impl World {
    fn new() -> Self {
        let git = GitServer::start(TOKEN);
        let developer = Repository::new();
        developer.commit_files(
            "feat: sell tea",
            &[
                (WORKFLOW, &starter()),
                (".github/workflows/deploy.yml", "on:\n  workflow_dispatch:\n    inputs:\n      version:\n"),
                ("version.txt", "1.4.0\n"),
                ("CHANGELOG.md", "# Changelog\n\n## [1.4.0] - 2026-01-05\n\n### Added\n\n- sell tea\n"),
                ("test.sh", GOOD),
            ],
        );
        developer.annotated_tag("v1.4.0", "Release 1.4.0");
        let remote = developer.bare_clone();
        git.add("acme/shop", &remote);
        let github = GitHub::start();
        github.add(HostedRepository::new("acme/shop").git(&remote));
        Self { git, github, developer, remote, artifacts: TempDir::with_prefix("artifacts-").unwrap() }
    }

    /// Merges a commit to main.
    fn merge(&self, message: &str, test: &str) -> String {
        let commit = self.developer.commit_files(message, &[("test.sh", test), ("src/shop.rs", message)]);
        self.developer.git(&["push", "--quiet", self.remote.path().to_str().unwrap(), "main"]);
        commit
    }

    /// A run for the newest commit of main, in what `actions/checkout` makes of it: one commit and no tags.
    fn run(&self, event_name: &str, more: &Value) -> ActRun {
        self.run_in(&Repository::clone_from(&self.git.repository_url("acme/shop"), Some(1)), event_name, more)
    }

    fn run_in(&self, checkout: &Repository, event_name: &str, more: &Value) -> ActRun {
        let (server, api) = (self.git.url(), self.github.api_url());
        let mut event = json!({
            "ref": "refs/heads/main",
            "after": checkout.head(),
            "repository": {
                "name": "shop",
                "full_name": "acme/shop",
                "html_url": format!("{server}/acme/shop"),
                "default_branch": "main",
            },
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let job = ActJob {
            secrets: &[("GITHUB_TOKEN", TOKEN)],
            environment: &[
                ("GITHUB_SERVER_URL", &server),
                ("GITHUB_API_URL", &api),
                ("GITHUB_REPOSITORY", "acme/shop"),
                ("GITHUB_RUN_ID", &RUN.to_string()),
                ("TESTBED_ARTIFACTS", self.artifacts.path().to_str().unwrap()),
            ],
            limit: Duration::from_secs(300),
            ..ActJob::new(WORKFLOW, event_name, &event)
        };
        job.run(checkout.path())
    }

    fn push(&self) -> ActRun {
        self.run("push", &json!({}))
    }

    /// A release manager starts it by hand.
    fn by_hand(&self, inputs: &Value) -> ActRun {
        self.run("workflow_dispatch", &json!({ "inputs": inputs }))
    }

    /// The releases on GitHub by their tags.
    fn releases(&self) -> Vec<String> {
        let listed = get(&format!("{}/repos/acme/shop/releases", self.github.api_url())).unwrap().json();
        listed.as_array().unwrap().iter().map(|release| release["tag_name"].as_str().unwrap().to_owned()).collect()
    }

    /// Where a revision leads.
    fn at(&self, revision: &str) -> String {
        self.remote.git(&["rev-parse", &format!("{revision}^{{commit}}")])
    }

    /// A trailer of an annotated tag.
    fn tag_trailer(&self, tag: &str, key: &str) -> String {
        self.remote.git(&["tag", "--list", &format!("--format=%(contents:trailers:key={key},valueonly,unfold)"), tag])
    }
}

/// The starter as somebody sets it up: the branch's name is filled in, the tests are theirs, and something follows.
fn starter() -> String {
    let starter = std::fs::read_to_string(workspace().join(".github/workflow-templates/release.yml")).unwrap();
    let set_up = [("$default-branch", "main"), ("make test", "bash test.sh"), ("# dispatch: ", "dispatch: ")];
    set_up.iter().fold(starter, |text, (from, to)| {
        assert!(text.contains(from), "the starter has no `{from}`");
        text.replace(from, to)
    })
}

/// The jobs of the reusable workflow that ran, and how they ended.
fn jobs(run: &ActRun) -> Vec<String> {
    run.jobs().iter().filter_map(|job| job.strip_prefix("Release/").map(str::to_owned)).collect()
}

#[test]
fn a_merge_passes_its_evidence_and_is_released_once() {
    let world = World::new();
    let merged = world.merge("feat: sell cake", GOOD);
    let run = world.push();
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(jobs(&run), ["gate: success", "plan: success", "release: success", "summary: success"], "{}", run.log);
    assert_eq!(run.output("Release/gate", "verdict"), Some("promote"), "{}", run.log);
    assert_eq!(run.output("Release/release", "released"), Some("true"), "{}", run.log);
    let released = world.at("v1.5.0");
    assert_eq!(run.output("Release/release", "commit"), Some(released.as_str()));
    assert_eq!(
        world.remote.git(&["rev-parse", "v1.5.0^{commit}^"]),
        merged,
        "the release commit is on what was merged"
    );
    assert_eq!([world.at("main"), world.at("v1"), world.at("v1.5")], [(); 3].map(|()| released.clone()));
    assert_eq!(world.remote.read("v1.5.0", "version.txt").as_deref(), Some("1.5.0\n"));
    assert!(world.remote.read("v1.5.0", "CHANGELOG.md").unwrap().contains("## [1.5.0]"));
    assert_eq!(world.releases(), ["v1.5.0"]);
    let [started] = &world.github.dispatches("acme/shop")[..] else { panic!("{}", run.log) };
    assert!(format!("{started:?}").contains("1.5.0"), "{started:?}");
    assert!(world.artifacts.path().join("release-evidence/junit.xml").is_file(), "{}", run.log);

    // Somebody presses "Re-run all jobs".
    let refs = world.remote.refs();
    let checkout = Repository::clone_from(&world.git.repository_url("acme/shop"), None);
    checkout.git(&["reset", "--quiet", "--hard", &merged]);
    let again = world.run_in(&checkout, "push", &json!({}));
    assert!(again.succeeded, "{}", again.log);
    assert_eq!(again.output("Release/release", "released"), Some("true"), "{}", again.log);
    assert_eq!(again.output("Release/release", "version"), Some("1.5.0"));
    assert_eq!((world.remote.refs(), world.github.dispatches("acme/shop").len()), (refs, 1), "nothing is done twice");
}

#[test]
fn nothing_is_released_without_good_evidence() {
    let world = World::new();
    let refs = world.remote.refs();
    for (test, verdict) in [(BAD, "rollback"), (NONE, "hold")] {
        world.merge("feat: sell cake", test);
        let moved = world.at("main");
        let run = world.push();
        assert!(!run.succeeded, "{}", run.log);
        assert_eq!(jobs(&run), ["gate: failure", "plan: success", "summary: success"], "{}", run.log);
        assert_eq!(run.output("Release/gate", "verdict"), Some(verdict), "{}", run.log);
        let mut expected = refs.clone();
        expected.insert("refs/heads/main".to_owned(), moved);
        assert_eq!((world.remote.refs(), world.releases()), (expected, vec![]), "{}", run.log);
        std::fs::remove_dir_all(world.artifacts.path().join("test-reports")).ok();
        std::fs::remove_dir_all(world.artifacts.path().join("release-evidence")).ok();
    }
}

#[test]
fn a_pull_request_is_told_what_it_would_release_and_nothing_else_is_written() {
    let world = World::new();
    let refs = world.remote.refs();
    let base = world.developer.head();
    world.developer.branch("cake");
    let head = world.developer.commit_files("feat: sell cake", &[("src/shop.rs", "cake")]);
    world.developer.git(&["push", "--quiet", world.remote.path().to_str().unwrap(), "cake"]);
    let url = world.git.repository_url("acme/shop");
    let checkout = Repository::clone_from(&url, None);
    checkout.git(&["merge", "--quiet", "--no-ff", "--message", "Merge", &head]);
    let opened = json!({ "title": "feat: sell cake", "head": "cake", "base": "main" }).to_string();
    let pulls = format!("{}/repos/acme/shop/pulls", world.github.api_url());
    let opened = request("POST", &pulls, &[("content-type", "application/json")], opened).unwrap().json();
    let number = opened["number"].as_u64().unwrap();
    let branch = |name: &str, sha: &str| json!({ "ref": name, "sha": sha, "repo": { "full_name": "acme/shop" } });
    let run = world.run_in(
        &checkout,
        "pull_request",
        &json!({
            "action": "opened",
            "number": number,
            "ref": format!("refs/pull/{number}/merge"),
            "pull_request": {
                "number": number,
                "title": "feat: sell cake",
                "body": "",
                "head": branch("cake", &head),
                "base": branch("main", &base),
            },
        }),
    );
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(jobs(&run), ["preview: success"], "{}", run.log);
    assert_eq!(run.output("Release/preview", "version"), Some("1.5.0"), "{}", run.log);
    assert_eq!(run.output("Release/preview", "released"), Some("false"), "{}", run.log);
    let mut expected = refs;
    expected.insert("refs/heads/cake".to_owned(), head);
    assert_eq!((world.remote.refs(), world.releases()), (expected, vec![]));
    let comments = world.github.comments("acme/shop", number);
    assert!(matches!(&comments[..], [(_, text)] if text.contains("`1.5.0` (minor)")), "{comments:?}\n{}", run.log);
}

#[test]
fn a_major_version_waits_for_somebody_who_approves_it() {
    let world = World::new();
    world.merge("feat!: sell nothing but cake", GOOD);
    let refs = world.remote.refs();
    let run = world.push();
    assert!(!run.succeeded, "{}", run.log);
    assert_eq!(
        jobs(&run),
        ["approval: failure", "gate: success", "plan: success", "summary: success"],
        "an environment without reviewers approves nothing: {}",
        run.log
    );
    assert!(run.log.contains("nobody has approved this run"), "{}", run.log);
    world.github.review("acme/shop", RUN, "release-major", "eve", false, "not on a Friday");
    world.github.review("acme/shop", RUN, "production", "eve", true, "something else");
    let run = world.push();
    assert!(jobs(&run).contains(&"approval: failure".to_owned()), "a rejection is no approval: {}", run.log);
    assert_eq!(world.remote.refs(), refs);

    let comment = "go\nRelease-Version: 9.9.9 `$(touch pwned)` ${{ github.token }}\n::error::x";
    world.github.review("acme/shop", RUN, "Release-Major", "grace", true, comment);
    let run = world.push();
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(
        jobs(&run),
        ["approval: success", "gate: success", "plan: success", "release: success", "summary: success"],
        "{}",
        run.log
    );
    assert_eq!(world.releases(), ["v2.0.0"]);
    assert_eq!(
        world.tag_trailer("v2.0.0", "Release-Reason"),
        "(approved by grace: go Release-Version: 9.9.9 `$(touch pwned)` ${{ github.token }} ::error::x)"
    );
    assert_eq!(world.tag_trailer("v2.0.0", "Requested-By"), "ada");
}

#[test]
fn a_release_manager_decides_by_hand_and_says_why() {
    let world = World::new();
    world.merge("fix: warm the pot", GOOD);
    let refs = world.remote.refs();
    let dry = world.by_hand(&json!({ "bump": "minor", "dry-run": "true", "reason": "to see" }));
    assert!(dry.succeeded, "{}", dry.log);
    assert_eq!(dry.output("Release/release", "version"), Some("1.5.0"), "{}", dry.log);
    assert_eq!(dry.output("Release/release", "released"), Some("false"), "{}", dry.log);
    assert_eq!((world.remote.refs(), world.releases()), (refs, vec![]), "a dry run writes nothing");

    let reason = "the \"spring\" sale'; exit 1 #\nVerdict: promote";
    let run = world.by_hand(&json!({ "bump": "minor", "channel": "rc", "reason": reason }));
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(world.releases(), ["v1.5.0-rc.1"], "{}", run.log);
    assert_eq!(world.tag_trailer("v1.5.0-rc.1", "Release-Reason"), "the \"spring\" sale'; exit 1 # Verdict: promote");
    assert_eq!(world.tag_trailer("v1.5.0-rc.1", "Requested-By"), "ada");
    assert_eq!(world.tag_trailer("v1.5.0-rc.1", "Verdict"), "");
    assert!(!world.remote.refs().contains_key("refs/tags/v1"), "a pre-release moves no floating tag");

    let run = world.by_hand(&json!({ "bump": "major", "allow-major": "true", "reason": "it is time" }));
    assert!(run.succeeded, "{}", run.log);
    assert!(!jobs(&run).iter().any(|job| job.starts_with("approval")), "{}", run.log);
    assert_eq!(world.tag_trailer("v2.0.0", "Release-Reason"), "it is time", "{}", run.log);
}

#[test]
fn a_push_that_loses_is_planned_again_and_one_that_cannot_win_leaves_the_release_to_the_newest_commit() {
    let world = World::new();
    world.merge("feat: sell cake", GOOD);
    world.git.reject_next_pushes(1, FaultPoint::Before);
    let checkout = Repository::clone_from(&world.git.repository_url("acme/shop"), Some(1));
    let run = world.run_in(&checkout, "push", &json!({}));
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(world.releases(), ["v1.5.0"], "{}", run.log);

    world.developer.git(&["pull", "--quiet", world.remote.path().to_str().unwrap(), "main"]);
    world.merge("feat: sell pie", GOOD);
    let checkout = Repository::clone_from(&world.git.repository_url("acme/shop"), Some(1));
    world.merge("feat: sell buns", GOOD);
    let refs = world.remote.refs();
    let run = world.run_in(&checkout, "push", &json!({}));
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(run.output("Release/release", "released"), Some("false"), "{}", run.log);
    assert_eq!(world.remote.refs(), refs);
    assert!(world.push().succeeded);
    assert_eq!(world.releases().len(), 2);
    assert_eq!(world.at("main"), world.at("v1.6.0"));
}
