//! `pull-request`: one for each component in each environment, and its merge is the deployment.

use serde_json::{Value, json};
use testbed::{Answer, Repository, get, request};

use crate::world::{World, dense, error_kind};

const PROPOSE: (&str, &str) = ("mode", "pull-request");
const BRANCH: &str = "slipway/deploy/production/c1";

impl World {
    /// The pull requests, newest first.
    fn pulls(&self) -> Vec<Value> {
        let url = format!("{}/repos/acme/config/pulls?state=all", self.github.api_url());
        get(&url).unwrap().json().as_array().unwrap().clone()
    }

    fn merge(&self, number: u64, method: &str) {
        let url = format!("{}/repos/acme/config/pulls/{number}/merge", self.github.api_url());
        let body = json!({ "merge_method": method }).to_string();
        assert_eq!(request("PUT", &url, &[("content-type", "application/json")], body).unwrap().status, 200);
    }
}

#[test]
fn it_is_opened_and_kept_up_to_date_and_never_a_second_one() {
    let world = World::new(3);
    let main = world.head();
    world.github.allow_auto_merge("acme/config");
    let more = [PROPOSE, ("labels", "deploy\nproduction"), ("auto-merge", "squash")];
    let run = world.deploy("c1", "2.0.0", &more);
    assert_eq!((run.code, run.output("changed"), run.output("branch")), (0, "true", BRANCH), "{}", run.stdout);
    let pull = &world.pulls()[0];
    assert_eq!(run.output("pull-request-url"), pull["html_url"]);
    assert_eq!((&pull["title"], &pull["base"]["ref"]), (&json!("Deploy c1 2.0.0 to production"), &json!("main")));
    let body = pull["body"].as_str().unwrap();
    assert!(body.contains("+  image: acme/c1:2.0.0") && body.contains("\n\nRelease-Component: c1\n"), "{body}");
    assert_eq!(run.output("commit"), world.bare.refs()[&format!("refs/heads/{BRANCH}")]);
    assert_eq!(world.head(), main);
    let labels = vec!["deploy".to_owned(), "production".to_owned()];
    assert_eq!(world.github.labels_and_auto_merge("acme/config", 1), (labels, Some("SQUASH".to_owned())));
    let proposed = world.bare.log(&format!("refs/heads/{BRANCH}"))[0].message.clone();
    assert_eq!(world.github.auto_merge_message("acme/config", 1).as_deref(), Some(proposed.trim_end()));
    let expected = format!("\"expectedHeadOid\":\"{}\"", run.output("commit"));
    let asked = world.github.requests();
    assert!(asked.iter().any(|request| String::from_utf8_lossy(&request.body).contains(&expected)), "{expected}");

    let pushes = world.server.pushes();
    let again = world.deploy("c1", "2.0.0", &[PROPOSE]);
    assert_eq!((again.code, again.output("pull-request-url")), (0, run.output("pull-request-url")), "{}", again.stdout);
    assert!(again.summary.contains("up to date"), "{}", again.summary);
    assert_eq!(again.output("commit"), run.output("commit"), "what is proposed is what is there");
    assert_eq!((world.server.pushes(), world.pulls().len()), (pushes, 1));
    assert!(world.github.labels_and_auto_merge("acme/config", 1).1.is_some(), "nothing took its place");

    // A newer release takes its place, on the newest commit of the branch.
    let moved = world.commit_elsewhere(&[("README.md", "x\n")]);
    let newer = world.deploy("c1", "3.0.0", &[PROPOSE]);
    assert_eq!((newer.code, newer.output("pull-request-url")), (0, run.output("pull-request-url")), "{}", newer.stdout);
    let log = world.bare.log(&format!("refs/heads/{BRANCH}"));
    assert_eq!((log[0].trailer("Release-Version"), &log[0].parents[..]), (Some("3.0.0"), &[moved][..]));
    assert_eq!((world.pulls().len(), world.pulls()[0]["title"].clone()), (1, json!("Deploy c1 3.0.0 to production")));
    assert_eq!(world.github.labels_and_auto_merge("acme/config", 1).1, None, "nobody asked for a merge of this one");
    // Another component has its own.
    assert_eq!(world.deploy("c2", "2.0.0", &[PROPOSE]).code, 0);
    assert_eq!(world.pulls().len(), 2);
}

#[test]
fn every_kind_of_merge_is_the_deployment() {
    for method in ["merge", "squash", "rebase"] {
        let world = World::new(2);
        assert_eq!(world.deploy("c1", "2.0.0", &[PROPOSE]).code, 0);
        // Somebody else's commit comes between, so that no merge is a fast-forward.
        world.commit_elsewhere(&[("README.md", "x\n")]);
        world.merge(1, method);
        assert_eq!(world.content(), dense(2).replace("c1:1.0.0", "c1:2.0.0"), "{method}");
        let run = world.deploy("c1", "2.0.0", &[PROPOSE]);
        assert_eq!((run.code, run.output("changed")), (0, "false"), "{method}: {}", run.stdout);
        let deployed = run.output("commit");
        assert!(!deployed.is_empty(), "{method}: the merge is a deployment: {}", run.stdout);
        assert_eq!(world.bare.git(&["merge-base", deployed, "main"]), deployed, "{method}");
        assert_eq!(world.pulls().len(), 1, "{method}");
    }
}

#[test]
fn where_nothing_has_to_be_waited_for_it_is_merged_at_once_if_that_was_asked_for() {
    for method in ["merge", "squash", "rebase"] {
        let world = World::new(2);
        world.github.allow_auto_merge("acme/config");
        world.github.protect_nothing("acme/config");
        let asked = [PROPOSE, ("auto-merge", method)];
        let run = world.deploy("c1", "2.0.0", &asked);
        assert_eq!((run.code, run.stdout.matches("::warning").count()), (0, 0), "{method}: {}", run.stdout);
        assert_eq!(world.content(), dense(2).replace("c1:1.0.0", "c1:2.0.0"), "{method}");
        assert!(run.summary.contains("merged"), "{method}: {}", run.summary);
        let deployed = world.deploy("c1", "2.0.0", &asked);
        assert_eq!((deployed.code, deployed.output("changed")), (0, "false"), "{method}: {}", deployed.stdout);
        assert_eq!(run.output("commit"), deployed.output("commit"), "{method}: the commit that deploys");
        assert_eq!(world.pulls().len(), 1, "{method}");

        // Nobody asked, so people do it.
        assert_eq!(world.deploy("c0", "2.0.0", &[PROPOSE]).code, 0);
        assert_eq!(world.pulls()[0]["state"], "open");
    }
}

#[test]
fn a_check_that_no_rule_requires_is_not_waited_for() {
    let world = World::new(2);
    world.github.allow_auto_merge("acme/config");
    world.github.require_no_checks("acme/config");
    let run = world.deploy("c1", "2.0.0", &[PROPOSE, ("auto-merge", "merge")]);
    assert_eq!((run.code, run.stdout.matches("::warning").count()), (0, 0), "{}", run.stdout);
    assert_eq!(world.content(), dense(2).replace("c1:1.0.0", "c1:2.0.0"));
}

#[test]
fn a_squash_has_the_message_of_the_commit() {
    let world = World::new(2);
    world.github.allow_auto_merge("acme/config");
    world.github.protect_nothing("acme/config");
    let run = world.deploy("c1", "2.0.0", &[PROPOSE, ("auto-merge", "squash")]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let (squashed, proposed) = (&world.bare.log("main")[0], &world.bare.log(&format!("refs/heads/{BRANCH}"))[0]);
    assert_eq!(squashed.message, proposed.message);
    assert_eq!(squashed.trailer("Release-Version"), Some("2.0.0"));
}

#[test]
fn a_merge_whose_answer_was_lost_is_the_deployment() {
    for method in ["merge", "squash"] {
        let world = World::new(2);
        world.github.allow_auto_merge("acme/config");
        world.github.protect_nothing("acme/config");
        world.github.answer_after("PUT", "/pulls/{pull_number}/merge", Answer::status(502));
        let asked = [PROPOSE, ("auto-merge", method)];
        let run = world.deploy("c1", "2.0.0", &asked);
        assert_eq!((run.code, run.stdout.matches("::warning").count()), (0, 0), "{method}: {}", run.stdout);
        assert!(run.summary.contains("merged"), "{method}: {}", run.summary);
        let deployed = world.deploy("c1", "2.0.0", &asked);
        assert_eq!(run.output("commit"), deployed.output("commit"), "{method}: the commit that deploys");
    }
}

#[test]
fn it_is_closed_when_there_is_nothing_left_to_change() {
    let world = World::new(2);
    let opened = world.deploy("c1", "2.0.0", &[PROPOSE]);
    assert_eq!(world.deploy("c1", "2.0.0", &[("mode", "push")]).code, 0);
    let closed = world.deploy("c1", "2.0.0", &[PROPOSE]);
    assert_eq!((closed.code, closed.output("changed")), (0, "false"), "{}", closed.stdout);
    assert_eq!(closed.output("pull-request-url"), opened.output("pull-request-url"));
    assert_eq!(world.pulls()[0]["state"], "closed");
    assert!(closed.summary.contains("closed"), "{}", closed.summary);
    let nothing = world.deploy("c1", "2.0.0", &[PROPOSE]);
    assert_eq!((nothing.code, nothing.output("pull-request-url")), (0, ""), "{}", nothing.stdout);
}

#[test]
fn somebody_elses_commit_is_not_thrown_away() {
    let world = World::new(2);
    assert_eq!(world.deploy("c1", "2.0.0", &[PROPOSE]).code, 0);
    let other = Repository::clone_from(world.bare.path().to_str().unwrap(), None);
    other.git(&["checkout", "--quiet", BRANCH]);
    let theirs = other.commit("fix: by hand");
    other.git(&["push", "--quiet", "origin", &format!("HEAD:refs/heads/{BRANCH}")]);
    let run = world.deploy("c1", "3.0.0", &[PROPOSE]);
    assert_eq!((run.code, error_kind(&run).as_str()), (3, "push-rejected"), "{}", run.stdout);
    assert_eq!(world.bare.refs()[&format!("refs/heads/{BRANCH}")], theirs);
}

#[test]
fn what_github_refuses_is_told() {
    let world = World::new(2);
    let run = world.deploy("c1", "2.0.0", &[PROPOSE, ("auto-merge", "merge")]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("::warning") && run.stdout.contains("Auto merge is not allowed"), "{}", run.stdout);
    assert!(run.stdout.contains("protect the branch"), "{}", run.stdout);

    let world = World::new(2);
    world.github.withhold("pull_requests=write");
    let run = world.deploy("c1", "2.0.0", &[PROPOSE]);
    assert_eq!((run.code, error_kind(&run).as_str()), (3, "permission"), "{}", run.stdout);
    assert!(run.stdout.contains("pull-requests: write"), "{}", run.stdout);
}
