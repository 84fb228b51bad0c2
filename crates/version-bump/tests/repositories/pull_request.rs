//! The release pull request: opened, kept up to date, merged in every way, and what its merge releases.

use serde_json::{Value, json};
use testbed::{ActionRun, Answer, Repository, get, request};

use crate::support::{error_kind, told};
use crate::world::{World, with_feature, with_version_file};

const KEEP: &[(&str, &str)] = &[("mode", "pull-request")];
const BRANCH: &str = "refs/heads/slipway/release";

impl World {
    /// The pull requests, newest first.
    fn pulls(&self) -> Vec<Value> {
        let url = format!("{}/repos/acme/shop/pulls?state=all", self.github.api_url());
        get(&url).expect("an answer").json().as_array().expect("a list").clone()
    }

    fn open_pull(&self) -> Value {
        self.pulls().into_iter().find(|pull| pull["state"] == "open").expect("an open pull request")
    }

    /// Somebody merges the open pull request.
    fn merge(&self, method: &str, message: Option<(&str, &str)>) {
        let number = &self.open_pull()["number"];
        let url = format!("{}/repos/acme/shop/pulls/{number}/merge", self.github.api_url());
        let mut body = json!({ "merge_method": method });
        if let Some((title, text)) = message {
            (body["commit_title"], body["commit_message"]) = (json!(title), json!(text));
        }
        let merged =
            request("PUT", &url, &[("content-type", "application/json")], body.to_string()).expect("an answer");
        assert_eq!(merged.status, 200, "{}", merged.json());
    }

    /// Somebody pushes a commit to `main`.
    fn push(&self, message: &str) -> String {
        let clone = Repository::clone_from(&self.server.authorized_url("acme/shop"), None);
        let id = clone.commit(message);
        clone.git(&["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        id
    }

    /// A job on the newest commit of `main`, which is all that is checked out.
    fn job(&self, inputs: &[(&str, &str)]) -> ActionRun {
        let clone = Repository::clone_from(&self.server.repository_url("acme/shop"), Some(1));
        self.run_in(&clone, inputs, &[])
    }

    fn writes(&self) -> usize {
        self.server.pushes() + self.github.requests().iter().filter(|request| request.method != "GET").count()
    }
}

#[test]
fn a_release_pull_request_is_opened_and_kept_up_to_date() {
    let world = World::new(&with_version_file());
    let run = world.job(KEEP);
    assert_eq!(told(&run), "1.5.0 minor false");
    let pull = world.open_pull();
    assert_eq!(run.output("pull-request"), pull["number"].to_string());
    assert_eq!((&pull["title"], &pull["base"]["ref"]), (&json!("chore(release): 1.5.0"), &json!("main")));
    let body = pull["body"].as_str().expect("a text");
    assert!(
        body.starts_with("<!-- slipway:version-bump:release version=1.5.0 -->\nMerging this releases `1.5.0`"),
        "{body}"
    );
    assert!(body.contains("zip"), "{body}");
    assert!(run.summary.contains("opened"), "{}", run.summary);
    let log = world.remote.log(BRANCH);
    assert_eq!((log[0].trailer("Release-Version"), &log[0].parents[0]), (Some("1.5.0"), &world.at("main")));
    assert_eq!(world.remote.read(BRANCH, "version.txt").as_deref(), Some("1.5.0\n"));
    assert!(!world.has("refs/tags/v1.5.0"));

    let writes = world.writes();
    let again = world.job(KEEP);
    assert_eq!((told(&again), world.writes()), ("1.5.0 minor false".into(), writes), "{}", again.summary);

    let fixed = world.push("fix: tabs");
    let third = world.job(KEEP);
    assert_eq!(told(&third), "1.5.0 minor false");
    assert_eq!(world.remote.log(BRANCH)[0].parents, [fixed]);
    assert!(world.open_pull()["body"].as_str().is_some_and(|body| body.contains("tabs")));
    assert_eq!(world.pulls().len(), 1);
}

#[test]
fn a_merged_release_pull_request_is_released() {
    for method in ["merge", "squash", "rebase"] {
        for later in [None, Some("docs: later")] {
            let world = World::new(&with_version_file());
            world.job(KEEP);
            if let Some(later) = later {
                world.push(later);
            }
            world.merge(method, None);
            let run = world.job(&[("mode", "pull-request"), ("floating-tags", "major")]);
            assert_eq!(told(&run), "1.5.0 minor true", "{method} {later:?}\n{}", run.summary);
            assert_eq!((world.at("v1.5.0"), world.at("v1")), (world.at("main"), world.at("main")), "{method}");
            assert_eq!(run.output("commit"), world.at("main"));
            assert_eq!(world.remote.read("v1.5.0", "version.txt").as_deref(), Some("1.5.0\n"));
            let releases = world.releases();
            assert_eq!((releases.len(), &releases[0]["tag_name"]), (1, &json!("v1.5.0")));
            let writes = world.writes();
            let again = world.job(KEEP);
            assert_eq!((told(&again), world.writes()), ("1.5.0 none true".into(), writes), "{}", again.summary);
            assert_eq!(world.pulls().len(), 1, "no other one is opened");
        }
    }
}

#[test]
fn a_merge_whose_message_was_edited_is_known_by_its_pull_request() {
    let world = World::new(&with_version_file());
    world.job(KEEP);
    world.merge("squash", Some(("Ship it", "At last.")));
    assert_eq!(told(&world.job(KEEP)), "1.5.0 minor true");
    assert_eq!(world.at("v1.5.0"), world.at("main"));
}

#[test]
fn a_release_whose_run_was_cancelled_is_made_by_the_next() {
    let world = World::new(&with_version_file());
    world.job(KEEP);
    world.merge("squash", None);
    let merged = world.at("main");
    world.push("feat: next");
    let shallow = world.job(KEEP);
    assert_eq!((shallow.code, error_kind(&shallow).as_str()), (2, "shallow-history"), "{}", shallow.stdout);
    let clone = world.another_clone();
    let run = world.run_in(&clone, KEEP, &[]);
    assert_eq!(told(&run), "1.5.0 minor true");
    assert_eq!((world.at("v1.5.0"), run.output("commit")), (merged.clone(), merged.as_str()));
    assert_eq!(told(&world.job(KEEP)), "1.6.0 minor false");
    assert_eq!(world.open_pull()["title"], "chore(release): 1.6.0");
}

#[test]
fn what_landed_with_it_is_not_released_under_too_low_a_version() {
    let world = World::new(&with_version_file());
    world.job(KEEP);
    world.push("feat!: tar");
    world.merge("merge", None);
    let run = world.job(KEEP);
    assert_eq!(told(&run), "2.0.0 major false");
    assert!(run.stdout.contains("::warning::the release pull request of 1.5.0 was merged as"), "{}", run.stdout);
    assert!(!world.has("refs/tags/v1.5.0") && !world.has("refs/tags/v2.0.0"));
    assert_eq!(world.open_pull()["title"], "chore(release): 2.0.0");
    assert_eq!(world.remote.read(BRANCH, "version.txt").as_deref(), Some("2.0.0\n"));
    world.merge("squash", None);
    assert_eq!(told(&world.job(KEEP)), "2.0.0 major true", "merging is the approval");
}

#[test]
fn a_major_version_is_proposed_and_approved_by_merging() {
    let origin = with_version_file();
    origin.commit("feat!: tar");
    let world = World::new(&origin);
    let run = world.job(KEEP);
    assert_eq!((told(&run).as_str(), run.output("approval-required")), ("2.0.0 major false", "true"));
    assert!(world.open_pull()["body"].as_str().is_some_and(|body| body.contains("**This is a major release.**")));
    world.merge("rebase", None);
    let merged = world.job(KEEP);
    assert_eq!((told(&merged).as_str(), merged.output("approval-required")), ("2.0.0 major true", "false"));
}

#[test]
fn somebody_else_s_commit_is_never_thrown_away() {
    let world = World::new(&with_version_file());
    world.job(KEEP);
    let clone = Repository::clone_from(&world.server.authorized_url("acme/shop"), None);
    clone.checkout("slipway/release");
    clone.commit_files("docs: better words", &[("CHANGELOG.md", "better\n")]);
    clone.git(&["push", "--quiet", "origin", "HEAD:refs/heads/slipway/release"]);
    let theirs = world.at(BRANCH);
    world.push("fix: tabs");
    let run = world.job(KEEP);
    assert_eq!((told(&run).as_str(), world.at(BRANCH)), ("1.5.0 minor false", theirs.clone()));
    assert!(
        run.stdout.contains("::warning::`slipway/release` has a commit that is not this action's"),
        "{}",
        run.stdout
    );
    clone.git(&["commit", "--quiet", "--amend", "--message", "chore(release): 1.5.0\n\nRelease-Version: 1.5.0"]);
    clone.git(&["push", "--quiet", "--force", "origin", "HEAD:refs/heads/slipway/release"]);
    let amended = world.at(BRANCH);
    assert_ne!(amended, theirs);
    world.job(KEEP);
    assert_eq!(world.at(BRANCH), amended, "a trailer alone does not make it ours");
    world.merge("merge", None);
    assert_eq!(told(&world.job(KEEP)), "1.5.0 minor true");
}

#[test]
fn with_nothing_left_to_release_it_is_closed() {
    let world = World::new(&with_version_file());
    let feature = world.at("main");
    world.job(KEEP);
    world.push(&format!("Revert \"feat: zip\"\n\nThis reverts commit {feature}."));
    let run = world.job(KEEP);
    assert_eq!(told(&run), "1.4.2 none false");
    let pull = &world.pulls()[0];
    assert_eq!(pull["state"], "closed");
    assert!(pull["body"].as_str().is_some_and(|body| body.starts_with("Closed by version-bump")), "{pull}");
    let writes = world.writes();
    world.job(KEEP);
    assert_eq!(world.writes(), writes);
    world.push("feat: again");
    assert_eq!(told(&world.job(KEEP)), "1.5.0 minor false");
    assert_eq!((world.pulls().len(), &world.open_pull()["title"]), (2, &json!("chore(release): 1.5.0")));
}

#[test]
fn without_files_to_change_the_pull_request_has_an_empty_commit() {
    let world = World::new(&with_feature());
    assert_eq!(told(&world.job(&[("mode", "pull-request"), ("changelog", "none")])), "1.5.0 minor false");
    assert_eq!(world.remote.git(&["diff", "--name-only", "main", BRANCH]), "");
    world.merge("merge", None);
    assert_eq!(told(&world.job(KEEP)), "1.5.0 minor true");
}

#[test]
fn where_workflows_may_not_open_pull_requests_the_setting_is_named() {
    let world = World::new(&with_version_file());
    let said = json!({ "message": "GitHub Actions is not permitted to create or approve pull requests." }).to_string();
    let answer = Answer::status(403).header("content-type", "application/json").body(said);
    world.github.answer_instead("POST", "/pulls", answer);
    let run = world.job(KEEP);
    assert_eq!((run.code, error_kind(&run).as_str()), (3, "permission"), "{}", run.stdout);
    assert!(run.stdout.contains("allow GitHub Actions to create pull requests"), "{}", run.stdout);
    assert_eq!(told(&world.job(KEEP)), "1.5.0 minor false");
    assert_eq!(world.pulls().len(), 1, "the next run opens it for the branch that is there");
}

#[test]
fn of_two_runs_at_once_one_opens_it() {
    let world = World::new(&with_version_file());
    let runs = std::thread::scope(|scope| {
        let jobs = [scope.spawn(|| world.job(KEEP)), scope.spawn(|| world.job(KEEP))];
        jobs.map(|job| job.join().expect("a run"))
    });
    for run in &runs {
        assert_eq!(told(run), "1.5.0 minor false");
    }
    assert_eq!(world.pulls().len(), 1);
}

#[test]
fn a_run_that_was_overtaken_leaves_it_to_the_other() {
    let world = World::new(&with_version_file());
    let old = world.another_clone();
    world.push("feat!: tar");
    let run = world.run_in(&old, KEEP, &[]);
    assert_eq!(told(&run), "1.5.0 minor false");
    assert!(run.stdout.contains("the release pull request is left to the run of that commit"), "{}", run.stdout);
    assert_eq!(world.writes(), 1, "nothing but the push of the test");
}

#[test]
fn each_component_has_a_pull_request_of_its_own() {
    let origin = Repository::new();
    origin.commit_files("chore: init", &[("api/version.txt", "1.4.2\n"), ("web/version.txt", "0.1.0\n")]);
    origin.tag("api/v1.4.2");
    origin.tag("web/v0.1.0");
    origin.commit_files("feat: zip", &[("api/a", "1"), ("web/a", "1")]);
    let world = World::new(&origin);
    let component = |name: &'static str| [("mode", "pull-request"), ("component", name), ("paths", name)];
    assert_eq!(told(&world.job(&component("api"))), "1.5.0 minor false");
    assert_eq!(told(&world.job(&component("web"))), "0.2.0 minor false");
    let mut titles: Vec<String> = world.pulls().iter().map(|pull| pull["title"].to_string()).collect();
    titles.sort();
    assert_eq!(titles, ["\"chore(release): api 1.5.0\"", "\"chore(release): web 0.2.0\""]);
    assert_eq!(world.open_pull()["head"]["ref"], "slipway/release-web");
    world.merge("squash", None);
    assert_eq!(told(&world.job(&component("api"))), "1.5.0 minor false", "the other one's release is none of its own");
    assert_eq!(told(&world.job(&component("web"))), "0.2.0 minor true");
    assert!(world.has("refs/tags/web/v0.2.0") && !world.has("refs/tags/api/v1.5.0"));
}

#[test]
fn without_github_there_is_no_pull_request() {
    let world = World::new(&with_version_file());
    let run = world.run_in(&world.clone, KEEP, &[("GITHUB_SERVER_URL", "https://github.com")]);
    assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"), "{}", run.stdout);
}
