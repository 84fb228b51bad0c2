//! `.github/workflow-templates/jenkins/Jenkinsfile` under groovy with a shim, which is not Jenkins.

use testbed::workspace;

use super::tools;
use super::world::{BROKEN, FINDING, Run, TOKEN, World};

/// A build of `main` by the shim: the answer to the question before production, and more variables.
fn build(world: &World, answer: &str, more: &[(&str, &str)]) -> Run {
    let checkout = world.checkout();
    checkout.git(&["checkout", "--quiet", "--detach"]);
    let file = workspace().join(".github/workflow-templates/jenkins/Jenkinsfile");
    let shim = workspace().join("tests/pipelines/systems/stand-ins/jenkins-shim.groovy");
    let mut groovy = tools::groovy();
    groovy.arg(shim).arg(file).arg(answer);
    let (login, commit, image) = (format!("git:{TOKEN}"), checkout.head(), world.image());
    let (server, config, metrics) = (world.server(), world.config_url(), world.metrics());
    let [staging, production] = ["staging", "production"].map(|environment| world.checks(environment));
    let job = format!("{server}/job/shop/7/");
    let mut variables = vec![
        ("JENKINS_URL", server.as_str()),
        ("BRANCH_NAME", "main"),
        ("BRANCH_IS_PRIMARY", "true"),
        ("GIT_COMMIT", &commit),
        ("BUILD_NUMBER", "7"),
        ("BUILD_URL", &job),
        ("BUILD_USER_ID", "ada"),
        ("CREDENTIAL_slipway_git", &login),
        ("CREDENTIAL_registry", "ada:secret"),
        ("CONSUMER_IMAGE", &image),
        ("CONSUMER_CONFIG_REPOSITORY", &config),
        ("CONSUMER_GITHUB_SERVER_URL", &server),
        ("CONSUMER_LINT", "test -s release.json"),
        ("CONSUMER_TEST", "./test.sh"),
        ("CONSUMER_SCAN", "./scan.sh"),
        ("CONSUMER_STAGING_CHECKS", &staging),
        ("CONSUMER_PRODUCTION_CHECKS", &production),
        ("CONSUMER_METRICS_URL", &metrics),
        ("CONSUMER_STAGING_DURATION", "8s"),
        ("CONSUMER_PRODUCTION_DURATION", "16s"),
        ("CONSUMER_INTERVAL", "4s"),
    ];
    variables.extend(more);
    world.run(groovy, checkout.path(), &variables)
}

#[test]
fn under_a_shim_a_good_release_is_promoted_and_a_bad_one_rolled_back() {
    let world = World::new(|_| Vec::new());

    let good = world.merge("feat: sell cake", "{}");
    let release = build(&world, "proceed", &[]);
    world.assert_promoted("1.5.0", &good, &release);
    for report in ["[shim] report junit junit.xml", "[shim] report COBERTURA coverage.xml"] {
        assert!(release.log.contains(report), "{}", release.log);
    }
    let deployed = &world.config.log("main")[0];
    assert_eq!(deployed.trailer("Workflow-Run"), Some(format!("{}/job/shop/7/", world.server()).as_str()));

    world.merge("fix: bake longer", BROKEN);
    let bad = build(&world, "proceed", &[]);
    world.assert_rolled_back("1.5.1", "1.5.0", &bad);

    let better = world.merge("fix: bake even longer", "{}");
    let release = build(&world, "proceed", &[]);
    world.assert_promoted("1.5.2", &better, &release);
    let pressed = build(&world, "abort", &[("PARAMETER_ROLLBACK", "true"), ("PARAMETER_REASON", "checkout is down")]);
    assert!(pressed.succeeded && pressed.log.contains("[shim] stage Checked: skipped"), "{}", pressed.log);
    let verdicts = world.verdicts("production");
    assert_eq!(verdicts[verdicts.len() - 2..], ["rollback 1.5.2", "promote 1.5.0"], "{}", pressed.log);
}

#[test]
fn under_a_shim_what_is_not_wanted_goes_nowhere() {
    let world = World::new(|_| Vec::new());

    world.commit("docs: praise the tea", &[("README.md", "tea\n")]);
    let nothing = build(&world, "abort", &[]);
    assert!(nothing.succeeded && nothing.log.contains("[shim] stage Build: skipped"), "{}", nothing.log);

    let change = [("BRANCH_NAME", "PR-7"), ("CHANGE_ID", "7"), ("CHANGE_TARGET", "main")];
    world.commit("feat: sell cake", &[("findings", FINDING)]);
    let checked = build(&world, "abort", &change);
    assert!(checked.succeeded && checked.log.contains("[shim] stage Test: succeeded"), "{}", checked.log);
    assert!(checked.log.contains("[shim] stage Build: skipped"), "{}", checked.log);

    let blocked = build(&world, "proceed", &[]);
    assert!(!blocked.succeeded && blocked.log.contains("[shim] stage Scan: failed"), "{}", blocked.log);
    assert_eq!((world.deployments().len(), world.tags()), (1, vec!["v1.4.0".to_owned()]), "{}", blocked.log);

    world.commit("fix: cut findings", &[("findings", "")]);
    let rejected = build(&world, "abort", &[]);
    assert!(!rejected.succeeded, "{}", rejected.log);
    assert_eq!((world.verdicts("staging"), world.verdicts("production")), (vec!["promote 1.5.0".into()], vec![]));
}
