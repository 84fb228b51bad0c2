//! `.github/workflow-templates/gitlab/slipway.yml` under gitlab-ci-local's shell executor.

use std::path::Path;

use testbed::workspace;

use super::tools;
use super::world::{BROKEN, FINDING, Run, TOKEN, World};

/// The README's smallest file, with what differs in a test: addresses, commands and times.
fn consumer(world: &World) -> Vec<(&'static str, String)> {
    let folder = workspace().join(".github/workflow-templates/gitlab");
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let (_, smallest) = readme.split_once("```yaml\n").unwrap();
    let (smallest, _) = smallest.split_once("```").unwrap();
    let indented = |environment: &str| world.checks(environment).replace('\n', "\n        ");
    let template = "remote: https://raw.githubusercontent.com/slipway-release/slipway/v0/.github/workflow-templates/gitlab/slipway.yml";
    let more = format!(
        "component: shop\n      image: {}\n      registry-user: ada\n      registry-password: $REGISTRY_PASSWORD\n      scan-command: ./scan.sh\n      \
         staging-duration: 8s\n      production-duration: 16s\n      interval: 4s",
        world.image()
    );
    let mut including = smallest.to_owned();
    for (theirs, ours) in [
        (template, "local: slipway.yml"),
        ("component: shop", &more),
        ("make lint", "test -s release.json"),
        ("make test", "./test.sh"),
        ("https://gitlab.example/acme/config.git", &world.config_url()),
        ("health https://staging.shop.example/health", "STAGING"),
        ("\n        version https://staging.shop.example/version == release", ""),
        ("STAGING", &indented("staging")),
        ("https://staging.shop.example", &world.reconciler.url("staging")),
        ("health https://shop.example/health", "PRODUCTION"),
        ("\n        version https://shop.example/version == release\n        error-rate < 5%", ""),
        ("PRODUCTION", &indented("production")),
        ("https://shop.example", &world.reconciler.url("production")),
        ("http://10.0.0.5:8080/metrics", &world.metrics()),
    ] {
        assert!(including.contains(theirs), "`{theirs}` is not in the README's file:\n{including}");
        including = including.replacen(theirs, ours, 1);
    }
    vec![
        (".gitlab-ci.yml", including),
        (".gitignore", ".gitlab-ci-local/\n".into()),
        ("slipway.yml", std::fs::read_to_string(folder.join("slipway.yml")).unwrap()),
    ]
}

/// What the test says in GitLab's place.
const IGNORED: &str = "GITLAB_CI,GITLAB_USER_LOGIN,CI_PIPELINE_SOURCE,CI_COMMIT_BRANCH";

/// Runs a pipeline of the default branch, or one job of it, with these arguments.
fn run(world: &World, arguments: &[&str]) -> Run {
    let checkout = world.checkout();
    in_checkout(world, checkout.path(), arguments)
}

fn in_checkout(world: &World, checkout: &Path, arguments: &[&str]) -> Run {
    let mut pipeline = tools::gitlab_ci_local();
    pipeline.args(["--force-shell-executor", "--no-color", "--ignore-predefined-vars", IGNORED]);
    for variable in ["GITLAB_CI=true", "GITLAB_USER_LOGIN=ada", "REGISTRY_PASSWORD=secret"] {
        pipeline.args(["--variable", variable]);
    }
    for name in ["GITLAB_TOKEN", "SLIPWAY_CONFIG_TOKEN"] {
        pipeline.args(["--variable", &format!("{name}={TOKEN}")]);
    }
    pipeline.args(arguments);
    world.run(pipeline, checkout, &[])
}

#[test]
fn a_good_release_is_promoted_and_a_bad_one_rolled_back() {
    let world = World::new(consumer);

    let good = world.merge("feat: sell cake", "{}");
    let release = run(&world, &["--manual", "production"]);
    world.assert_promoted("1.5.0", &good, &release);

    world.merge("docs: praise the cake", "{}");
    let before = world.deployments();
    let nothing = run(&world, &["--manual", "production"]);
    assert!(nothing.succeeded && nothing.log.contains("There is nothing to release."), "{}", nothing.log);
    assert_eq!((world.deployments(), world.tags()), (before, vec!["v1.4.0".into(), "v1.5.0".into()]));

    world.merge("fix: bake longer", BROKEN);
    let bad = run(&world, &["--manual", "production"]);
    world.assert_rolled_back("1.5.1", "1.5.0", &bad);

    let better = world.merge("fix: bake even longer", "{}");
    let release = run(&world, &["--manual", "production"]);
    world.assert_promoted("1.5.2", &better, &release);
    let pressed = run(&world, &["rollback", "--variable", "REASON=checkout is down"]);
    assert!(pressed.succeeded, "{}", pressed.log);
    let verdicts = world.verdicts("production");
    assert_eq!(verdicts[verdicts.len() - 2..], ["rollback 1.5.2", "promote 1.5.0"], "{}", pressed.log);
    let said = &world.config.log("refs/slipway/production/shop")[1];
    assert_eq!(said.trailer("Decided-By"), Some("@ada"), "{}", said.message);
}

#[test]
fn what_the_scanner_finds_blocks_and_so_does_its_silence() {
    let world = World::new(consumer);

    world.commit("feat: sell cake", &[("findings", FINDING)]);
    let blocked = run(&world, &["--manual", "production"]);
    assert!(!blocked.succeeded && blocked.log.contains("the verdict on the service is rollback"), "{}", blocked.log);

    world.commit("fix: no findings, and no scanner", &[("findings", ""), ("scanner-is-down", "")]);
    let silent = run(&world, &["--manual", "production"]);
    assert!(!silent.succeeded && silent.log.contains("the verdict on the service is hold"), "{}", silent.log);

    assert_eq!((world.deployments().len(), world.tags()), (1, vec!["v1.4.0".to_owned()]));
}

#[test]
fn nothing_reaches_production_before_somebody_says_so() {
    let world = World::new(consumer);
    world.merge("feat: sell cake", "{}");
    let staged = run(&world, &[]);
    assert_eq!(world.verdicts("staging"), ["promote 1.5.0"], "{}", staged.log);
    assert_eq!((world.deployments().len(), world.verdicts("production").len()), (2, 0), "{}", staged.log);
}

#[test]
fn a_merge_request_is_checked_and_releases_nothing() {
    let world = World::new(consumer);
    let checkout = world.checkout();
    checkout.git(&["checkout", "--quiet", "-b", "cake"]);
    let head = checkout.commit_files("feat: sell cake", &[("release.json", "{}\n ")]);
    checkout.git(&["push", "--quiet", world.application.path().to_str().unwrap(), "cake"]);
    let variables = [
        "CI_PIPELINE_SOURCE=merge_request_event".to_owned(),
        "CI_COMMIT_BRANCH=".to_owned(),
        "CI_MERGE_REQUEST_IID=7".to_owned(),
        "CI_MERGE_REQUEST_TITLE=feat: sell cake".to_owned(),
        format!("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA={head}"),
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=cake".to_owned(),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main".to_owned(),
    ];
    let arguments: Vec<&str> = variables.iter().flat_map(|variable| ["--variable", variable]).collect();
    let checked = in_checkout(&world, checkout.path(), &arguments);
    assert!(checked.succeeded, "{}", checked.log);
    let summary = std::fs::read_to_string(checkout.path().join("version.md")).unwrap();
    assert!(summary.contains("1.5.0"), "{summary}\n{}", checked.log);
    assert!(!checked.log.contains("staging starting"), "{}", checked.log);
    assert_eq!((world.deployments().len(), world.tags()), (1, vec!["v1.4.0".to_owned()]), "{}", checked.log);
}
