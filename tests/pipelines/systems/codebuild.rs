//! `.github/workflow-templates/codebuild/*.yml`: the test itself reads the phases and gives them to bash, as CodeBuild does.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use slipway_edit::Format;
use testbed::{Repository, workspace};

use super::world::{BROKEN, FINDING, Run, TOKEN, World};

/// Runs the phases of a buildspec in one shell, each command after the other; the first that fails ends it. Its variables are those of
/// the consumer where it has some of the same name, and what it takes from Secrets Manager is the token.
fn build(world: &World, name: &str, directory: &Path, more: &[(&str, &str)]) -> Run {
    let specification = specification(name);
    assert_eq!(specification["version"], "0.2");
    assert_eq!(specification["env"]["shell"], "bash");
    let mut variables: Vec<(String, String)> = Vec::new();
    for (name, value) in specification["env"]["variables"].as_object().unwrap() {
        variables.push((name.clone(), value.as_str().unwrap().to_owned()));
    }
    for name in specification["env"]["secrets-manager"].as_object().unwrap().keys() {
        variables.push((name.clone(), TOKEN.to_owned()));
    }
    let server = world.server();
    variables.extend(
        [
            ("CODEBUILD_BUILD_ARN", "arn:aws:codebuild:eu-central-1:123456789012:build/shop:1".to_owned()),
            ("CODEBUILD_BUILD_URL", format!("{server}/build/7")),
            ("CODEBUILD_INITIATOR", "ada".to_owned()),
            ("GITHUB_SERVER_URL", server),
            ("IMAGE", world.image()),
            ("CONFIG_REPOSITORY", world.config_url()),
            ("LINT", "test -s release.json".to_owned()),
            ("TEST", "./test.sh".to_owned()),
            ("SCAN", "./scan.sh".to_owned()),
            ("LOGIN", "echo secret | docker login --username AWS --password-stdin \"${IMAGE%%/*}\"".to_owned()),
            ("STAGING_CHECKS", world.checks("staging")),
            ("PRODUCTION_CHECKS", world.checks("production")),
            ("METRICS_URL", world.metrics()),
            ("STAGING_DURATION", "8s".to_owned()),
            ("PRODUCTION_DURATION", "16s".to_owned()),
            ("INTERVAL", "4s".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value)),
    );
    variables.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let phases = specification["phases"].as_object().unwrap();
    let known = ["install", "pre_build", "build"];
    assert!(phases.keys().all(|phase| known.contains(&phase.as_str())), "{phases:?}");
    let mut script = String::new();
    for phase in phases.values() {
        assert_eq!(phase["on-failure"], "ABORT", "a phase that fails would be followed by the next");
        for command in phase["commands"].as_array().unwrap() {
            script += &format!("{}\n[ $? = 0 ] || exit 1\n", command.as_str().unwrap().trim_end());
        }
    }
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(script);
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    world.run(bash, directory, &variables)
}

fn specification(name: &str) -> Value {
    let path = workspace().join(".github/workflow-templates/codebuild").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    Format::YAML.read(&text).unwrap().to_json()
}

/// The source as CodePipeline hands it on as a full clone: a commit on no branch.
fn source(world: &World) -> Repository {
    let checkout = world.checkout();
    checkout.git(&["checkout", "--quiet", "--detach"]);
    checkout
}

/// The build to staging, and where it ran.
fn staging(world: &World) -> (Run, Repository) {
    let source = source(world);
    let run = build(world, "buildspec.yml", source.path(), &[("CODEBUILD_RESOLVED_SOURCE_VERSION", &source.head())]);
    (run, source)
}

/// The build to production, which gets the other's artifact and nothing else.
fn production(world: &World, staged: &Repository) -> Run {
    let artifact = tempfile::tempdir().unwrap();
    std::fs::copy(staged.path().join("release.env"), artifact.path().join("release.env")).unwrap();
    build(world, "production.yml", artifact.path(), &[])
}

#[test]
fn a_good_release_is_promoted_and_a_bad_one_rolled_back() {
    let world = World::new(|_| Vec::new());

    let good = world.merge("feat: sell cake", "{}");
    let (staged, source) = staging(&world);
    assert!(staged.succeeded, "{}", staged.log);
    assert_eq!((world.verdicts("staging"), world.verdicts("production")), (vec!["promote 1.5.0".into()], vec![]));
    let release = production(&world, &source);
    world.assert_promoted("1.5.0", &good, &release);
    let deployed = &world.config.log("main")[0];
    assert_eq!(deployed.trailer("Workflow-Run"), Some(format!("{}/build/7", world.server()).as_str()));

    world.merge("fix: bake longer", BROKEN);
    let (staged, source) = staging(&world);
    assert!(staged.succeeded, "{}", staged.log);
    world.assert_rolled_back("1.5.1", "1.5.0", &production(&world, &source));

    let better = world.merge("fix: bake even longer", "{}");
    let (staged, source) = staging(&world);
    assert!(staged.succeeded, "{}", staged.log);
    world.assert_promoted("1.5.2", &better, &production(&world, &source));
    let nowhere = tempfile::tempdir().unwrap();
    let pressed = build(&world, "rollback.yml", nowhere.path(), &[("REASON", "checkout is down")]);
    assert!(pressed.succeeded, "{}", pressed.log);
    let verdicts = world.verdicts("production");
    assert_eq!(verdicts[verdicts.len() - 2..], ["rollback 1.5.2", "promote 1.5.0"], "{}", pressed.log);
    let said = &world.config.log("refs/slipway/production/shop")[1];
    assert_eq!(said.trailer("Decided-By"), Some("@ada"), "{}", said.message);
}

#[test]
fn what_is_not_wanted_goes_nowhere() {
    let world = World::new(|_| Vec::new());

    world.commit("docs: praise the tea", &[("README.md", "tea\n")]);
    let (nothing, source) = staging(&world);
    assert!(nothing.succeeded && nothing.log.contains("There is nothing to release."), "{}", nothing.log);
    let deployed = production(&world, &source);
    assert!(deployed.succeeded && deployed.log.contains("There is nothing to deploy."), "{}", deployed.log);

    world.commit("feat: sell cake", &[("findings", FINDING)]);
    let (blocked, _) = staging(&world);
    assert!(!blocked.succeeded && blocked.log.contains("the verdict on the service is rollback"), "{}", blocked.log);

    world.commit("fix: no findings, and no scanner", &[("findings", ""), ("scanner-is-down", "")]);
    let (silent, _) = staging(&world);
    assert!(!silent.succeeded && silent.log.contains("the verdict on the service is hold"), "{}", silent.log);
    assert_eq!((world.deployments().len(), world.tags()), (1, vec!["v1.4.0".to_owned()]), "{}", silent.log);
}

#[test]
fn reports_and_artifacts_are_those_that_the_commands_write() {
    let whole = specification("buildspec.yml");
    assert_eq!(whole["reports"]["tests"], serde_json::json!({ "files": ["junit.xml"], "file-format": "JUNITXML" }));
    let coverage = serde_json::json!({ "files": ["coverage.xml"], "file-format": "COBERTURAXML" });
    assert_eq!(whole["reports"]["coverage"], coverage);
    let files = whole["artifacts"]["files"].as_array().unwrap();
    assert!(files.contains(&"release.env".into()) && files.contains(&"production.yml".into()), "{files:?}");
}
