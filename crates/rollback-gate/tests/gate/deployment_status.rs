//! How deployments stand, on GitHub.

use testbed::{DeploymentStatus, GitHub, HostedRepository, Release};

use crate::rollback::bad;
use crate::world::{Said, World};

/// A world whose sources are on GitHub, which calls the environment by another name.
fn world() -> (World, GitHub) {
    let world = World::with_verified_release();
    let github = GitHub::start();
    github.add(HostedRepository::new("acme/shop").git(&world.bare));
    let path = world.bare.path().to_str().unwrap();
    world.work.git(&["fetch", "--quiet", path, "main"]);
    world.work.git(&["reset", "--quiet", "--hard", "FETCH_HEAD"]);
    let settings = "[environments.staging]\ngithub-environment = \"Staging EU\"\n";
    world.work.commit_files("chore: name the environment", &[("slipway.toml", settings)]);
    world.work.git(&["push", "--quiet", path, "HEAD:main"]);
    (world, github)
}

fn judged(world: &World, github: &GitHub, inputs: &[(&str, &str)]) -> Said {
    let api = github.api_url();
    let run = [("GITHUB_REPOSITORY", "acme/shop"), ("GITHUB_RUN_ID", "7"), ("GITHUB_API_URL", api.as_str())];
    let usual = [("deployment-status", "true"), ("environment-url", "https://staging.shop.example/")];
    world.gate_with(&[&usual, inputs].concat(), &run)
}

/// What the newest deployment was built from.
fn source_of_newest(world: &World) -> String {
    world.bare.log("main")[0].trailer("Source-Commit").unwrap().to_owned()
}

/// What was told last of each deployment, oldest first.
fn told(github: &GitHub) -> Vec<(String, String)> {
    let last =
        |statuses: Vec<DeploymentStatus>| statuses.last().map(|last| (last.state.clone(), last.description.clone()));
    github.deployments("acme/shop").into_iter().filter_map(|(_, _, statuses)| last(statuses)).collect()
}

#[test]
fn github_shows_what_is_good_and_what_was_taken_back() {
    let (world, github) = world();
    world.deploy_and_wait(&Release::version("1.0.5"));
    let checks = world.health();
    let healthy = [("checks", checks.as_str()), ("duration", "300ms")];
    let said = judged(&world, &github, &healthy);
    assert_eq!(said.run.output("verdict"), "promote", "{}", said.run.stdout);
    let deployments = github.deployments("acme/shop");
    let [(commit, environment, statuses)] = &deployments[..] else { panic!("{deployments:?}") };
    assert_eq!(*commit, said.json["plan"]["state"]["judged"]["release"]["source-commit"].as_str().unwrap());
    assert_eq!(environment, "Staging EU");
    let [status] = &statuses[..] else { panic!("{statuses:?}") };
    assert_eq!((status.state.as_str(), status.environment_url.as_str()), ("success", "https://staging.shop.example/"));
    assert!(status.log_url.ends_with("/acme/shop/actions/runs/7"), "{}", status.log_url);

    // A workflow told GitHub of this deployment already.
    world.deploy_and_wait(&bad());
    github.deploy("acme/shop", &source_of_newest(&world), "Staging EU");
    let _users = world.users();
    let said = judged(&world, &github, &[("on-failure", "rollback"), ("duration", "10s")]);
    assert_eq!(said.run.output("restored-version"), "1.0.5", "{}", said.run.stdout);
    let [restored, failed] = &told(&github)[..] else { panic!("{:?}", told(&github)) };
    assert_eq!((restored.0.as_str(), restored.1.as_str()), ("success", "restored instead of 1.1.0: it is healthy"));
    assert!(failed.0 == "failure" && failed.1.contains("`error-rate < 5%` failed"), "{failed:?}");
    // Nothing new, nothing told.
    let before = github.requests().len();
    judged(&world, &github, &[("on-failure", "rollback"), ("duration", "10s")]);
    assert!(github.requests()[before..].iter().all(|request| request.method != "POST"));
}

#[test]
fn a_hold_waits_and_github_that_refuses_is_a_warning() {
    let (world, github) = world();
    world.deploy_and_wait(&Release::version("1.1.0"));
    // Nobody uses the service, so its error rate is not known.
    let said = judged(&world, &github, &[("duration", "300ms")]);
    assert_eq!(said.run.output("verdict"), "hold", "{}", said.run.stdout);
    assert_eq!(told(&github)[0].0, "in_progress");
    github.withhold("deployments=write");
    world.deploy_and_wait(&Release::version("1.2.0"));
    let checks = world.health();
    let said = judged(&world, &github, &[("checks", &checks), ("duration", "300ms")]);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert!(
        said.run.stdout.contains("::warning::GitHub was not told how the deployment stands"),
        "{}",
        said.run.stdout
    );
    assert!(said.run.stdout.contains("deployments: write"), "{}", said.run.stdout);
    let alone = world.gate(&[("environment", ""), ("component", ""), ("deployment-status", "true")]);
    assert_eq!(alone.run.code, 2, "{}", alone.run.stdout);
}

#[test]
fn a_promote_that_failed_is_no_success() {
    let (world, github) = world();
    world.deploy_and_wait(&Release::version("1.1.0"));
    let steps = [("steps", "setWeight 10\nanalysis 300ms"), ("weight-command", "test $SLIPWAY_WEIGHT != 100")];
    // Nobody uses the service, so its error rate is not known.
    assert_eq!(judged(&world, &github, &steps).run.output("verdict"), "hold");
    let answer = [("mode", "decide"), ("decision", "promote"), ("reason", "quiet hour"), ("decided-by", "ada")];
    let said = judged(&world, &github, &[&steps[..], &answer].concat());
    assert_eq!(said.json["error"]["kind"], "command-failed", "{}", said.run.stdout);
    let [told] = &told(&github)[..] else { panic!("{:?}", told(&github)) };
    assert!(told.0 == "in_progress" && told.1.contains("asks for it"), "{told:?}");
}
