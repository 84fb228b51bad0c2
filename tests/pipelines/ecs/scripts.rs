//! What the scripts do, one by one.

use testbed::{GitServer, Release, Repository, get};

use super::account::Shop;

/// The ARN of a revision by its number.
fn revision(number: u32) -> String {
    format!("arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:{number}")
}

fn sick(version: &str) -> Release {
    Release { healthy: false, ..Release::version(version) }
}

#[test]
fn a_rolling_release_is_registered_once_and_awaited() {
    let Some(shop) = Shop::rolling("a rolling release", false) else { return };
    let commit = shop.commit(&Release { startup_ms: 1500, ..Release::version("1.5.0") });
    let done = shop.run("deploy.sh", &[&commit], &[]);
    assert_eq!(done.status, Some(0), "{}", done.said);
    assert!(done.said.contains("completed: true") && done.said.contains("service: shop"), "{}", done.said);
    assert_eq!(shop.runs("shop"), ("shop:2".to_owned(), 2), "{}", done.said);
    assert_eq!(get(&format!("{}/version", shop.aws.tasks_url("shop"))).unwrap().json()["version"], "1.5.0");
    assert_eq!(shop.run("completed.sh", &[&revision(2)], &[]).status, Some(0));

    let described =
        shop.aws.run(&["ecs", "describe-task-definition", "--task-definition", "shop:2", "--include", "TAGS"]);
    let tag = |key: &str| {
        let tags = described["tags"].as_array().unwrap();
        tags.iter().find(|tag| tag["key"] == key).map(|tag| tag["value"].as_str().unwrap().to_owned())
    };
    assert_eq!(tag("slipway-version").as_deref(), Some("1.5.0"));
    assert_eq!((tag("slipway-commit"), tag("team").as_deref()), (Some(commit.clone()), Some("shop")));

    // The second time there is nothing to do.
    let updates = shop.aws.updates();
    let again = shop.run("deploy.sh", &[&commit], &[]);
    assert_eq!((again.status, shop.aws.updates()), (Some(0), updates), "{}", again.said);
    assert_eq!(shop.runs("shop").0, "shop:2");
}

#[test]
fn a_deployment_that_never_completes_is_given_up_and_taken_back() {
    let Some(shop) = Shop::rolling("a deployment that never completes", false) else { return };
    let good = shop.commit(&Release::version("1.5.0"));
    assert_eq!(shop.run("deploy.sh", &[&good], &[]).status, Some(0));
    let bad = shop.commit(&sick("1.6.0"));
    let done = shop.run("deploy.sh", &[&bad], &[("ECS_TIMEOUT", "3")]);
    assert_eq!(done.status, Some(1), "{}", done.said);
    assert!(done.said.contains("is not complete after 3 s"), "{}", done.said);
    let check = shop.run("completed.sh", &[&revision(3)], &[]);
    assert_eq!(check.status, Some(1), "{}", check.said);
    assert!(check.said.contains("shop: IN_PROGRESS, 0 of 2 tasks run"), "{}", check.said);

    let back = shop.run("rollback.sh", &[], &[("SLIPWAY_CONFIG_COMMIT", &good)]);
    assert_eq!(back.status, Some(0), "{}", back.said);
    assert_eq!(shop.runs("shop"), ("shop:2".to_owned(), 2), "the very revision that ran before");
    assert_eq!(shop.run("completed.sh", &[&revision(3)], &[]).status, Some(1));
    assert_eq!(shop.run("completed.sh", &[&revision(2)], &[]).status, Some(0));
}

#[test]
fn a_service_that_is_stable_because_ecs_took_the_deployment_back_is_no_success() {
    let Some(shop) = Shop::rolling("a circuit breaker", true) else { return };
    let bad = shop.commit(&sick("1.6.0"));
    let done = shop.run("deploy.sh", &[&bad], &[]);
    assert_eq!(done.status, Some(1), "{}", done.said);
    assert!(done.said.contains("another deployment took the place of ecs-svc/"), "{}", done.said);
    let service = shop.described("shop");
    assert_eq!(service["deployments"][0]["rolloutState"], "COMPLETED", "ECS itself calls it stable");
    assert_eq!(shop.runs("shop").0, "shop:1");
}

#[test]
fn blue_green_moves_users_by_weights_and_back() {
    let Some(shop) = Shop::blue_green("blue-green") else { return };
    let commit = shop.commit(&Release::version("1.5.0"));
    let done = shop.run("deploy.sh", &[&commit], &[]);
    assert_eq!(done.status, Some(0), "{}", done.said);
    assert!(done.said.contains("service: green") && done.said.contains("load-balancer: app/shop/"), "{}", done.said);
    assert!(done.said.contains("target-group: targetgroup/green/"), "{}", done.said);
    assert_eq!((shop.runs("green"), shop.runs("blue").0), (("shop:2".to_owned(), 2), "shop:1".to_owned()));
    assert_eq!(shop.weights(), (100, 0, true), "nobody gets it yet");

    let users = |wanted: &str| {
        let url = format!("{}/version", shop.aws.users_url("shop"));
        (0..100).filter(|_| get(&url).unwrap().json()["version"] == wanted).count()
    };
    for percent in ["10", "50", "100", "50"] {
        let done = shop.run("weight.sh", &[&revision(2)], &[("SLIPWAY_WEIGHT", percent)]);
        assert_eq!(done.status, Some(0), "{}", done.said);
        let percent = percent.parse::<u64>().unwrap();
        assert_eq!(shop.weights(), (100 - percent, percent, true), "the stickiness stays");
        assert_eq!(users("1.5.0"), usize::try_from(percent).unwrap());
    }
    let early = shop.run("retire.sh", &[&revision(2)], &[]);
    assert_eq!(early.status, Some(1), "{}", early.said);

    // In between, no other release can be begun.
    let other = shop.commit(&Release::version("1.6.0"));
    let refused = shop.run("deploy.sh", &[&other], &[]);
    assert_eq!(refused.status, Some(1), "{}", refused.said);
    assert!(refused.said.contains("users get both `blue` and `green`"), "{}", refused.said);

    assert_eq!(shop.run("weight.sh", &[&revision(2), "100"], &[]).status, Some(0));
    let retired = shop.run("retire.sh", &[&revision(2)], &[]);
    assert_eq!(retired.status, Some(0), "{}", retired.said);
    assert_eq!((shop.runs("blue").1, shop.runs("green").1), (0, 2));

    // The next release goes to the other service, and back to the first one.
    let done = shop.run("deploy.sh", &[&other], &[]);
    assert_eq!((done.status, shop.runs("blue")), (Some(0), ("shop:3".to_owned(), 2)), "{}", done.said);
    assert_eq!(shop.run("weight.sh", &[&revision(3), "50"], &[]).status, Some(0));
    let before = (shop.runs("green"), 0);
    let back = shop.run("rollback.sh", &[&commit], &[]);
    assert_eq!(back.status, Some(0), "{}", back.said);
    assert_eq!(shop.weights(), (0, 100, true), "the weights before");
    assert_eq!((shop.runs("green"), shop.runs("blue").1), before, "the task definition before");
    assert_eq!(users("1.5.0"), 100);
    let again = shop.run("rollback.sh", &[&commit], &[]);
    assert_eq!((again.status, shop.weights().1), (Some(0), 100), "{}", again.said);
}

#[test]
fn a_commit_that_the_checkout_lacks_is_fetched_elsewhere() {
    let Some(shop) = Shop::rolling("a fetched commit", false) else { return };
    let commit = shop.commit(&Release::version("1.5.0"));
    let server = GitServer::start("ghs_token");
    server.add("acme/shop", &shop.developer.bare_clone());
    let checkout = Repository::clone_from(&server.repository_url("acme/shop"), None);
    let newer = shop.commit(&Release::version("1.6.0"));
    shop.developer.git(&["push", "--quiet", &server.authorized_url("acme/shop"), "HEAD:refs/heads/main"]);
    server.require_token_to_read();
    let refused = shop.run_in(checkout.path(), "deploy.sh", &[&newer], &[]);
    assert_eq!(refused.status, Some(3), "{}", refused.said);
    let done = shop.run_in(checkout.path(), "deploy.sh", &[&newer], &[("ECS_TOKEN", "ghs_token")]);
    assert_eq!(done.status, Some(0), "{}", done.said);
    assert_eq!(shop.runs("shop").0, "shop:2");
    assert!(!checkout.path().join(".git/shallow").exists(), "the checkout is as it was");
    assert_eq!(checkout.head(), commit);
}

#[test]
fn what_is_wrong_is_said_before_anything_is_asked() {
    let Some(shop) = Shop::rolling("arguments", false) else { return };
    let head = shop.developer.head();
    let head = head.as_str();
    let first = revision(1);
    let first = first.as_str();
    let arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/1/2";
    for (script, arguments, more, message) in [
        ("deploy.sh", vec![], vec![], "usage: deploy.sh COMMIT"),
        ("deploy.sh", vec!["main"], vec![], "`main` is no full commit id"),
        ("deploy.sh", vec![head], vec![("ECS_CLUSTER", "")], "`ECS_CLUSTER` is missing"),
        ("deploy.sh", vec![head], vec![("ECS_CLUSTER", "a b")], "no name of a cluster"),
        ("deploy.sh", vec![head], vec![("ECS_SERVICES", "a --force")], "`--force`, which is no name of a service"),
        ("deploy.sh", vec![head], vec![("ECS_SERVICES", "a b c")], "has 3 services"),
        ("deploy.sh", vec![head], vec![("ECS_SERVICES", "a b")], "`ECS_LISTENER` must be the ARN"),
        ("deploy.sh", vec![head], vec![("ECS_SERVICES", "a a"), ("ECS_LISTENER", arn)], "the same service twice"),
        ("deploy.sh", vec![head], vec![("ECS_LISTENER", arn)], "is for two services"),
        ("deploy.sh", vec![head], vec![("ECS_TASK_DEFINITION", "../x.json")], "no path in the repository"),
        ("deploy.sh", vec![head], vec![("ECS_TASK_DEFINITION", "x.json")], "there is no `x.json` at"),
        ("deploy.sh", vec![head], vec![("ECS_TIMEOUT", "5m")], "`5m`, which is no number of seconds"),
        ("deploy.sh", vec![head], vec![("ECS_SERVICES", "shp")], "no service `shp` in the cluster `shop`"),
        ("weight.sh", vec![first, "101"], vec![], "`101` is no percentage"),
        ("weight.sh", vec![first, "10"], vec![], "`ECS_LISTENER` is missing"),
        ("completed.sh", vec![head], vec![], "no ARN of a revision"),
        ("retire.sh", vec!["shop:1"], vec![], "no ARN of a revision"),
        ("rollback.sh", vec![], vec![], "`` is no full commit id"),
    ] {
        let done = shop.run(script, &arguments, &more);
        assert_eq!(done.status, Some(2), "{script} {arguments:?} {more:?}: {}", done.said);
        assert!(done.said.contains(message), "{script} {arguments:?} {more:?}: {}", done.said);
    }
    assert_eq!(shop.aws.updates(), 0);
    assert_eq!(shop.runs("shop").0, "shop:1");
}

#[test]
fn what_aws_does_not_answer_is_no_fault_of_the_release() {
    let Some(shop) = Shop::rolling("no answer", false) else { return };
    let head = shop.developer.head();
    let nobody = [("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), ("AWS_MAX_ATTEMPTS", "1")];
    assert_eq!(shop.run("deploy.sh", &[&head], &nobody).status, Some(3));
    let check = shop.run("completed.sh", &[&revision(1)], &nobody);
    assert_eq!(check.status, None, "ended by a signal: {}", check.said);
}
