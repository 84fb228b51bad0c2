//! What is said of pull requests, on the checkouts that workflows make of them.

use serde_json::{Value, json};
use testbed::{
    ActionRun, BareRepository, GitHub, GitServer, HostedRepository, Repository, Runner, request, run_action,
};

use crate::support::{TOKEN, released, told};

/// Pull request 12, from `feature/zip` into `main`, on a server.
pub(crate) struct World {
    server: GitServer,
    pub(crate) remote: BareRepository,
    github: Option<GitHub>,
    pub(crate) event: Value,
    base: String,
    head: String,
    trial: String,
}

/// What is checked out.
#[derive(Clone, Copy, Debug)]
enum Checkout {
    Trial,
    Head,
    Base,
}

impl World {
    /// A pull request with these commits, while others wait on `main`.
    pub(crate) fn new(title: &str, own: &[&str], waiting: &[&str]) -> Self {
        let origin = released();
        origin.branch("feature/zip");
        for message in own {
            origin.commit(message);
        }
        origin.checkout("main");
        for message in waiting {
            origin.commit(message);
        }
        Self::of(&origin, title)
    }

    /// A pull request that merges the branch `feature/zip`.
    fn of(origin: &Repository, title: &str) -> Self {
        origin.checkout("feature/zip");
        let head = origin.head();
        origin.checkout("main");
        let base = origin.head();
        origin.git(&["checkout", "--quiet", "--detach"]);
        origin.git(&["merge", "--quiet", "--no-ff", "--message", &format!("Merge {head} into {base}"), &head]);
        let trial = origin.head();
        origin.git(&["update-ref", "refs/pull/12/head", &head]);
        origin.git(&["update-ref", "refs/pull/12/merge", &trial]);
        origin.checkout("main");
        let server = GitServer::start(TOKEN);
        let remote = origin.bare_clone();
        server.add("acme/shop", &remote);
        let event = json!({
            "number": 12,
            "pull_request": {
                "number": 12, "state": "open", "title": title, "body": null, "auto_merge": null,
                "head": { "sha": head, "ref": "feature/zip", "user": { "login": "acme" } },
                "base": { "sha": base, "ref": "main", "repo": {} },
            },
        });
        Self { server, remote, github: None, event, base, head, trial }
    }

    /// The same with settings of the repository.
    pub(crate) fn with(mut self, settings: Value) -> Self {
        self.event["pull_request"]["base"]["repo"] = settings;
        self
    }

    fn commit(&self, checkout: Checkout) -> &str {
        match checkout {
            Checkout::Trial => &self.trial,
            Checkout::Head => &self.head,
            Checkout::Base => &self.base,
        }
    }

    /// Runs the action as a job on the event that goes with the checkout.
    fn run(&self, checkout: Checkout, depth: Option<u32>, inputs: &[(&str, &str)]) -> ActionRun {
        let event = if matches!(checkout, Checkout::Base) { "pull_request_target" } else { "pull_request" };
        let api = self.github.as_ref().map(GitHub::api_url);
        run_event(&self.server, api.as_deref(), event, &self.event, self.commit(checkout), depth, inputs)
    }

    /// The same, with the pull request on a GitHub that takes comments.
    pub(crate) fn on_github(mut self) -> Self {
        let github = GitHub::start();
        github.add(HostedRepository::new("acme/shop").git(&self.remote));
        let url = format!("{}/repos/acme/shop/pulls", github.api_url());
        let body = json!({ "title": "feat: zip", "head": "feature/zip", "base": "main" }).to_string();
        let opened = request("POST", &url, &[("content-type", "application/json")], body).expect("an answer");
        self.event["pull_request"]["number"] = opened.json()["number"].clone();
        self.github = Some(github);
        self
    }

    pub(crate) fn number(&self) -> u64 {
        self.event["pull_request"]["number"].as_u64().expect("a number")
    }

    pub(crate) fn github(&self) -> &GitHub {
        self.github.as_ref().expect("a GitHub")
    }

    pub(crate) fn comments(&self) -> Vec<(String, String)> {
        self.github().comments("acme/shop", self.number())
    }

    /// How often something was written.
    pub(crate) fn writes(&self) -> usize {
        self.github().requests().iter().filter(|request| request.method != "GET").count() - 1
    }

    pub(crate) fn preview(&self, inputs: &[(&str, &str)]) -> ActionRun {
        self.run(Checkout::Trial, Some(1), inputs)
    }
}

fn run_event(
    server: &GitServer,
    api: Option<&str>,
    name: &str,
    event: &Value,
    commit: &str,
    depth: Option<u32>,
    inputs: &[(&str, &str)],
) -> ActionRun {
    let clone = Repository::new();
    let url = server.repository_url("acme/shop");
    clone.git(&["remote", "add", "origin", &url]);
    let depth = depth.map(|depth| format!("--depth={depth}"));
    let mut fetch = vec!["fetch", "--quiet", "--no-tags"];
    fetch.extend(depth.as_deref());
    fetch.extend(["origin", commit]);
    clone.git(&fetch);
    clone.git(&["checkout", "--quiet", "--detach", commit]);
    let before = clone.git(&["for-each-ref"]);
    let payload = clone.write(".git/event.json", event.to_string());
    let variables = [
        ("GITHUB_EVENT_NAME", name),
        ("GITHUB_EVENT_PATH", payload.to_str().expect("UTF-8")),
        ("GITHUB_SHA", commit),
        ("GITHUB_SERVER_URL", &server.url()),
        ("GITHUB_HEAD_REF", "feature/zip"),
        ("GITHUB_REPOSITORY", "acme/shop"),
        ("GITHUB_API_URL", api.unwrap_or("http://127.0.0.1:9")),
    ];
    let run = run_action(Runner::Native, "version-bump", inputs, &variables, clone.path());
    assert_eq!(clone.git(&["for-each-ref"]), before, "the checkout is left alone");
    assert_eq!(server.pushes(), 0);
    run
}

#[test]
fn every_checkout_gives_the_same_answer() {
    let world = World::new("feat: zip", &["feat: zip", "docs: zip"], &["fix: tabs"]);
    for checkout in [Checkout::Trial, Checkout::Head, Checkout::Base] {
        for depth in [Some(1), None] {
            let run = world.run(checkout, depth, &[("mode", "tag")]);
            assert_eq!(told(&run), "1.5.0 minor false", "{checkout:?} {depth:?}");
            let summary = &run.summary;
            assert!(summary.starts_with("### `1.4.2` → `1.5.0` (minor)\n\nMerging #12 into `main` releases `v1.5.0`"));
            assert!(summary.contains("This pull request adds 2 commits:"), "{checkout:?} {depth:?} {summary}");
            assert!(summary.contains("Already waiting on `main`, 1 commit:"), "{checkout:?} {depth:?} {summary}");
            assert!(!summary.contains("It depends on how"), "{summary}");
            let elsewhere = summary.contains("What is checked out is something else");
            assert_eq!(elsewhere, matches!(checkout, Checkout::Base), "{checkout:?}");
            assert!(!run.stdout.contains("::warning::"), "{}", run.stdout);
        }
    }
    assert_eq!(world.remote.refs().len(), 5);
}

#[test]
fn a_squash_can_release_something_else() {
    let settings = json!({ "squash_merge_commit_message": "BLANK" });
    let world = World::new("fix: zip", &["feat: zip", "wip"], &[]).with(settings);
    let run = world.preview(&[]);
    assert_eq!(told(&run), "1.5.0 minor false");
    assert!(run.summary.contains("It depends on how it is merged:\n\n- with its commits or rebased: `1.5.0` (minor)"));
    assert!(run.summary.contains("- squashed as “fix: zip (\\#12)”: `1.4.3` (patch)"), "{}", run.summary);
    let squashed = world.preview(&[("merge-method", "squash")]);
    assert_eq!(told(&squashed), "1.4.3 patch false");
    assert!(squashed.summary.contains("adds 2 commits, squashed into one:"), "{}", squashed.summary);
    assert!(squashed.summary.contains("| `feat` | minor | feat: zip |"), "{}", squashed.summary);
}

#[test]
fn the_outputs_follow_the_way_that_is_taken() {
    let world = |settings: Value| World::new("fix: zip", &["feat: zip", "wip"], &[]).with(settings);
    let blank = |mut settings: Value| {
        settings["squash_merge_commit_message"] = json!("BLANK");
        settings
    };
    for (settings, expected) in [
        (json!({ "allow_merge_commit": false, "allow_rebase_merge": false }), "1.4.3 patch false"),
        (json!({ "allow_merge_commit": false, "allow_rebase_merge": true }), "1.4.3 patch false"),
        (json!({ "allow_squash_merge": false }), "1.5.0 minor false"),
    ] {
        assert_eq!(told(&world(blank(settings.clone())).preview(&[])), expected, "{settings}");
    }
    let mut world = world(blank(json!({})));
    world.event["pull_request"]["auto_merge"] = json!({ "merge_method": "squash" });
    assert_eq!(told(&world.preview(&[])), "1.4.3 patch false");
    assert_eq!(told(&world.preview(&[("merge-method", "rebase")])), "1.5.0 minor false");
}

#[test]
fn by_default_a_squash_holds_the_messages_of_the_commits() {
    let squash = json!({ "allow_merge_commit": false, "allow_rebase_merge": false });
    for (title, own, expected) in [
        ("Zip", &["feat: zip", "fix: zip"][..], "1.5.0 minor false"),
        ("docs: zip", &["fix: a\n\nBREAKING CHANGE: b", "wip"], "2.0.0 major false"),
        ("feat: zip", &["fix: zip"], "1.4.3 patch false"),
        ("feat: zip", &["wip", "wip"], "1.5.0 minor false"),
    ] {
        let run = World::new(title, own, &[]).with(squash.clone()).preview(&[]);
        assert_eq!(told(&run), expected, "{title} {own:?}");
        assert!(!run.summary.contains("**Title:**"), "{}", run.summary);
    }
}

#[test]
fn the_title_counts_in_a_merge_as_it_will() {
    let run = World::new("feat: zip", &["wip"], &[]).preview(&[]);
    assert_eq!(told(&run), "1.5.0 minor false");
    assert!(run.summary.contains("- with its commits: `1.5.0`"), "{}", run.summary);
    assert!(run.summary.contains("- squashed as “wip (\\#12)” or rebased: nothing"), "{}", run.summary);
    let by_branch = World::new("Zip", &["wip"], &[]).preview(&[("branch-rules", "feature/*=minor")]);
    assert_eq!(told(&by_branch), "1.5.0 minor false");
}

#[test]
fn a_title_that_says_nothing_is_told() {
    let blank = json!({ "squash_merge_commit_title": "PR_TITLE", "squash_merge_commit_message": "PR_BODY" });
    let run = World::new("Zip ::error::x", &["feat: zip"], &[]).with(blank.clone()).preview(&[]);
    assert_eq!(told(&run), "1.5.0 minor false");
    let warning =
        "::warning::squashed as `Zip ::error::x (#12)`, this would release nothing: begin its title with a type";
    assert!(run.stdout.contains(warning), "{}", run.stdout);
    for title in ["docs: zip", "Revert \"feat: zip\""] {
        let run = World::new(title, &["docs: zip"], &[]).with(blank.clone()).preview(&[]);
        assert!(!run.stdout.contains("begin its title"), "{title} {}", run.stdout);
    }
}

#[test]
fn a_major_version_is_told_and_holds_nothing_up() {
    let run = World::new("feat!: zip", &["feat!: zip"], &["fix: tabs"]).preview(&[("mode", "tag")]);
    assert_eq!(told(&run), "2.0.0 major false");
    assert_eq!(run.output("approval-required"), "true");
    assert!(run.stdout.contains("::notice::`2.0.0` after `1.4.2` is a major release"), "{}", run.stdout);
}

#[test]
fn what_github_has_not_merged_is_told() {
    let world = World::new("feat: zip", &["feat: zip"], &["fix: tabs"]);
    world.remote.git(&["update-ref", "-d", "refs/pull/12/merge"]);
    for checkout in [Checkout::Head, Checkout::Base] {
        let run = world.run(checkout, Some(1), &[]);
        assert_eq!(told(&run), "1.5.0 minor false", "{checkout:?}");
        assert!(run.stdout.contains("::warning::GitHub has no merge of this pull request"), "{}", run.stdout);
        assert!(run.summary.contains("This pull request adds 1 commit:"), "{}", run.summary);
    }
    // A trial of what was pushed before is none of what is there now.
    world.remote.git(&["update-ref", "refs/pull/12/merge", &world.base]);
    let stale = world.run(Checkout::Head, Some(1), &[]);
    assert_eq!(told(&stale), "1.5.0 minor false");
    assert!(stale.stdout.contains("::warning::GitHub has no merge"), "{}", stale.stdout);
}

#[test]
fn a_revert_of_what_waits_is_followed() {
    let world = World::new("Revert \"feat: zip\"", &[], &["feat: zip"]);
    let clone = Repository::clone_from(&world.server.authorized_url("acme/shop"), None);
    let waiting = world.base.clone();
    let head = clone.commit(&format!("Revert \"feat: zip\"\n\nThis reverts commit {waiting}."));
    clone.git(&["push", "--quiet", "origin", "HEAD:refs/heads/revert"]);
    let before = world.server.pushes();
    let mut event = world.event.clone();
    event["pull_request"]["head"]["sha"] = json!(head);
    world.remote.git(&["update-ref", "-d", "refs/pull/12/merge"]);
    assert_eq!(before, 1);
    let server = GitServer::start(TOKEN);
    server.add("acme/shop", &world.remote);
    let run = run_event(&server, None, "pull_request", &event, &head, Some(1), &[]);
    assert_eq!(told(&run), "1.4.2 none false", "{}", run.summary);
}

#[test]
fn a_group_of_the_merge_queue_has_its_commits_already() {
    let world = World::new("", &["feat: zip"], &["fix: tabs"]);
    let event =
        json!({ "merge_group": { "head_sha": world.trial, "base_sha": world.base, "base_ref": "refs/heads/main" } });
    let run = run_event(&world.server, None, "merge_group", &event, &world.trial, Some(1), &[("mode", "tag")]);
    assert_eq!(told(&run), "1.5.0 minor false");
    assert!(run.summary.contains("This group, merged into `main`, releases `v1.5.0`"), "{}", run.summary);
    assert!(run.summary.contains("This group of the merge queue adds 2 commits:"), "{}", run.summary);
    assert!(run.summary.contains("Already waiting on `main`, 1 commit:"), "{}", run.summary);
}

#[test]
fn hostile_titles_stay_text() {
    let title = "fix: <img src=x> @all [x](http://e.vil) --> `${{ x }}`\n::error::\u{202e}";
    let squash = json!({ "squash_merge_commit_title": "PR_TITLE", "squash_merge_commit_message": "BLANK" });
    let run = World::new(title, &["feat: ![x](y) @team <!-- x", "wip"], &[]).with(squash).preview(&[]);
    assert_eq!(told(&run), "1.5.0 minor false");
    // In code, nobody is notified.
    let summary = run.summary.replace("`@all`", "").replace("`@team`", "");
    for raw in ["<img", "@all", "@team", "[x](", "-->", "<!--", "\u{202e}", "![x]"] {
        assert!(!summary.contains(raw), "{raw} in {}", run.summary);
    }
}

#[test]
fn closed_pull_requests_and_empty_events_are_planned_as_they_are() {
    let mut world = World::new("feat: zip", &["feat: zip"], &[]);
    world.event["pull_request"]["state"] = json!("closed");
    let closed = world.preview(&[("mode", "tag")]);
    assert_eq!(told(&closed), "1.5.0 minor false");
    assert!(!closed.summary.contains("#12"), "{}", closed.summary);
    world.event = json!({});
    assert_eq!(told(&world.preview(&[])), "1.5.0 minor false");
}

#[test]
fn a_component_counts_what_changes_it() {
    let origin = Repository::new();
    origin.commit_files("chore: init", &[("api/a", "1"), ("web/a", "1")]);
    origin.tag("api/v1.4.2");
    origin.branch("feature/zip");
    origin.commit_files("feat: api", &[("api/a", "2")]);
    origin.commit_files("feat!: web", &[("web/a", "2")]);
    let mut world = World::of(&origin, "feat!: both");
    let summary = |world: &World, component: &str| {
        let run = world.preview(&[("component", component), ("paths", component), ("tag-prefix", "{{component}}/v")]);
        assert_eq!(run.code, 0, "{}", run.stdout);
        (told(&run), run.summary)
    };
    let (told, api) = summary(&world, "api");
    assert_eq!(told, "2.0.0 major false", "the title counts for all that the merge changes");
    assert!(api.contains("adds 1 commit:") && !api.contains("feat!: web"), "{api}");
    assert!(api.contains("- with its commits or squashed as “feat!: both (\\#12)”: `2.0.0`"), "{api}");
    assert!(api.contains("- rebased: `1.5.0` (minor)"), "{api}");
    let (told, docs) = summary(&world, "docs");
    assert_eq!(told, " none false");
    assert!(docs.contains("This pull request adds no commit that counts."), "{docs}");
    world.event["pull_request"]["title"] = json!("chore: both");
    assert_eq!(summary(&world, "api").0, "1.5.0 minor false");
}

#[test]
fn pre_releases_are_previewed_from_every_checkout() {
    let origin = released();
    origin.commit("feat: tar");
    origin.tag("v1.5.0-rc.1");
    origin.branch("feature/zip");
    origin.commit("feat: zip");
    origin.checkout("main");
    let world = World::of(&origin, "feat: zip");
    for checkout in [Checkout::Trial, Checkout::Head, Checkout::Base] {
        for depth in [Some(1), None] {
            let run = world.run(checkout, depth, &[("channels", "main=rc")]);
            assert_eq!(told(&run), "1.5.0-rc.2 minor false", "{checkout:?} {depth:?}");
        }
    }
}
