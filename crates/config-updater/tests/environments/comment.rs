//! The comment on a pull request that tells what the summary does.

use serde_json::json;
use testbed::{GitHub, HostedRepository, request};

use crate::world::{SETTINGS, World, image};

#[test]
fn plan_and_status_keep_one_comment_each() {
    let world = World::new(SETTINGS);
    world.stage("1.5.0");
    world.work.git(&["checkout", "--quiet", "-b", "topic"]);
    world.work.commit("feat: topic");
    let shop = world.work.bare_clone();
    let github = GitHub::start();
    github.add(HostedRepository::new("acme/shop").git(&shop));
    let pulls = format!("{}/repos/acme/shop/pulls", github.api_url());
    let body = json!({ "title": "feat: topic", "head": "topic", "base": "main" }).to_string();
    let number =
        request("POST", &pulls, &[("content-type", "application/json")], body).unwrap().json()["number"].clone();
    let event = json!({ "pull_request": { "number": number } }).to_string();
    let event = world.work.write("event.json", &event);
    let api = github.api_url();
    let variables = [
        ("GITHUB_API_URL", api.as_str()),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_EVENT_PATH", event.to_str().unwrap()),
    ];
    let comments = || github.comments("acme/shop", number.as_u64().unwrap());

    let [older, newer] = ["1.6.0", "1.7.0"].map(image);
    let plan = |images: &str| {
        let run = world.run("staging", &[("mode", "plan"), ("images", images), ("comment", "true")], &variables);
        assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
    };
    plan(&older);
    let first = comments();
    assert_eq!(first.len(), 1);
    let opening = "<!-- slipway:config-updater:plan:staging:shop -->\n### Would deploy: shop 1.6.0 in staging\n";
    assert!(first[0].1.starts_with(opening), "{first:?}");
    assert!(first[0].1.contains("```diff"), "{first:?}");
    plan(&newer);
    assert!(comments().len() == 1 && comments()[0].1.contains("1.7.0"), "{:?}", comments());

    let run = world.run("", &[("mode", "status"), ("component", ""), ("comment", "true")], &variables);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let both = comments();
    assert!(
        both.len() == 2 && both[1].1.starts_with("<!-- slipway:config-updater:status -->\n### Status\n"),
        "{both:?}"
    );

    // A plan that would be refused is told, and is no failure.
    let run = world.run("production", &[("mode", "plan"), ("comment", "true")], &variables);
    assert_eq!((run.code, run.output("changed")), (0, "false"), "{}", run.stdout);
    assert!(comments()[2].1.contains("Refused: nothing is verified"), "{:?}", comments());

    github.withhold("pull_requests=write");
    let run = world.run("staging", &[("mode", "plan"), ("images", &older), ("comment", "true")], &variables);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("the comment is not written"), "{}", run.stdout);
    assert_eq!(world.bare.log("main").len(), 2, "nothing was deployed");
}
