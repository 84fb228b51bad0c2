//! The gitops pipeline, run for real: a consumer calls it, and two components go from a push to verified production.
//!
//! `sample-config/` is the config repository. Argo CD and Argo Rollouts are stood in for by testbed's reconciler, which follows images and
//! weights from git and says in Argo CD's words how that goes.

mod world;

use serde_json::json;
use testbed::{Change, Release};
use world::{COMPONENTS, Environments, Given, World};

/// What a canary that half of its users get an error from is built of.
const BROKEN: &str = r#"{ "error_share": 0.5 }"#;

#[test]
fn a_good_release_goes_by_canary_to_all_users_and_is_not_deployed_twice() {
    let world = World::new();
    let _users = world.users("backend");
    let good = world.merge("feat: sell cake", &[("backend", "{}"), ("frontend", "{}")]);
    let run = world.run(&Given::default());
    assert!(run.succeeded, "{}", run.log);
    let version = format!("sha-{}", &good[..7]);
    for component in COMPONENTS {
        let digest = world.registry.digest(&format!("acme/{component}"), &version).unwrap();
        for environment in ["development", "staging", "production"] {
            let running = world.running(environment, component);
            assert_eq!(
                (&running.version, &running.digest),
                (&version, &digest),
                "{environment} {component}\n{}",
                run.log
            );
            assert_eq!(
                world.verdicts(environment, component).last(),
                Some(&format!("promote {version}")),
                "{}",
                run.log
            );
        }
    }
    assert_eq!(world.weights("backend"), ["10", "25", "50", "75", "100"], "{}", run.log);
    assert_eq!(world.shares("production-backend", &version), [0, 10, 25, 50, 75], "users followed git");
    assert!(world.weights("frontend").is_empty(), "what has no weight is deployed to all at once");
    let results = world.results(&run);
    assert_eq!(results.as_array().unwrap().len(), 6, "{results}");
    for result in results.as_array().unwrap() {
        assert_eq!((&result["verdict"], &result["version"]), (&"promote".into(), &version.as_str().into()), "{result}");
        assert_eq!(result["evidence"].as_str().unwrap().len(), 64, "{result}");
    }
    let verdict = world.verdict("staging", "backend");
    assert!(verdict.to_string().contains("evidence-staging/commands.xml"), "{verdict}");
    assert!(verdict.to_string().contains("evidence sha256:"), "the bundle stands in the verdict: {verdict}");

    // Production is run again: nothing is built or deployed a second time, and no canary begins anew.
    let (deployments, pushed) = (world.config.log("main").len(), world.registry.tags("acme/backend"));
    let run = world.run(&Given { branches: "main = production", ..Given::default() });
    assert!(run.succeeded, "{}", run.log);
    assert_eq!((world.config.log("main").len(), world.registry.tags("acme/backend")), (deployments, pushed));
    assert!(
        !run.steps.iter().any(|step| step.name.contains("Build and push") && step.result == "success"),
        "{}",
        run.log
    );
}

#[test]
fn a_bad_canary_is_taken_back_in_git_and_the_reconciler_keeps_it_so() {
    let world = World::new();
    world.verify("production", "backend");
    let _users = world.users("backend");
    let bad = world.merge("feat: pay later", &[("backend", BROKEN)]);
    let run = world.run(&Given::default());
    assert!(!run.succeeded, "{}", run.log);
    let bad = format!("sha-{}", &bad[..7]);
    assert_eq!(world.running("staging", "backend").version, bad, "nobody sees it before users come");
    let verdicts = world.verdicts("production", "backend");
    assert_eq!(verdicts[verdicts.len() - 2..], [format!("rollback {bad}"), "promote 1.4.0".to_owned()], "{verdicts:?}");
    let log = world.config.log("main");
    let rollback = log.iter().find(|commit| commit.trailer("Rollback-Of").is_some()).unwrap();
    assert_eq!(rollback.trailer("Release-Version"), Some("1.4.0"), "{}", run.log);
    let running = world.wait_for("production", "backend", "1.4.0");
    assert_eq!(world.shares("production-backend", &bad).first(), Some(&0));
    assert!(
        world.shares("production-backend", &bad).iter().all(|share| *share <= 10),
        "it never got further: {}",
        run.log
    );
    // Somebody starts the bad one by hand; what git says is put back.
    let digest = world.registry.digest("acme/backend", &bad).unwrap();
    world.reconciler.tamper("production-backend", &digest).unwrap();
    let healed = |change: &Change| matches!(change, Change::Healed { running: now } if now.digest == running.digest);
    world.reconciler.wait_for_event(world::LIMIT, |event| healed(&event.change)).unwrap();
}

#[test]
fn blue_green_is_judged_before_the_switch_and_switched_back_after_it() {
    let world = World::blue_green();
    let _users = world.users("frontend");
    world.verify("production", "frontend");
    let good = world.merge("feat: sell cake", &[("frontend", "{}")]);
    let given = Given { strategy: "blue-green", integration: "", ..Given::default() };
    let run = world.run(&given);
    assert!(run.succeeded, "{}", run.log);
    let good = format!("sha-{}", &good[..7]);
    assert_eq!(world.shares("production-frontend", &good), [0], "nobody saw it before the switch: {}", run.log);
    assert_eq!(world.running("production", "frontend").version, good);

    world.merge("feat: pay later", &[("frontend", BROKEN)]);
    let run = world.run(&given);
    assert!(!run.succeeded, "{}", run.log);
    let public = world.config.read("main", "envs/production/frontend/public.yaml").unwrap();
    assert!(public.contains(&format!("version: {good}\n")), "{public}");
    assert_eq!(world.wait_for("production", "frontend", &good).version, good, "{}", run.log);
}

#[test]
fn tests_that_fail_take_staging_back_and_stop_before_production() {
    let world = World::new();
    COMPONENTS.iter().for_each(|component| world.verify("staging", component));
    world.merge("feat: sell cake", &[("backend", "{}")]);
    let failing = "mkdir -p reports && echo '<testsuite name=\"it\"><testcase name=\"pay\"><failure/></testcase></testsuite>' > reports/it.xml";
    let given = Given {
        integration: failing,
        evidence: "junit evidence-staging/it.xml pass-rate >= 100%",
        reports: "reports/*.xml",
        ..Given::default()
    };
    let run = world.run(&given);
    assert!(!run.succeeded, "{}", run.log);
    assert_eq!(world.wait_for("staging", "backend", "1.4.0").version, "1.4.0", "{}", run.log);
    assert!(world.verdicts("production", "backend").is_empty(), "production was not touched: {}", run.log);
    assert!(!run.jobs().iter().any(|job| job.starts_with("Production")), "{:?}", run.jobs());
}

#[test]
fn a_report_that_is_missing_is_a_hold() {
    let world = World::new();
    let merged = world.merge("feat: sell cake", &[("backend", "{}")]);
    let given = Given { evidence: "junit evidence-staging/never-written.xml pass-rate >= 100%", ..Given::default() };
    let run = world.run(&given);
    assert!(!run.succeeded, "{}", run.log);
    let version = format!("sha-{}", &merged[..7]);
    assert_eq!(world.verdicts("staging", "backend"), [format!("hold {version}")], "{}", run.log);
    assert_eq!(world.running("staging", "backend").version, version, "a hold takes nothing back");
    assert!(world.verdicts("production", "backend").is_empty(), "{}", run.log);
}

#[test]
fn a_command_that_fails_is_evidence_by_itself() {
    let world = World::new();
    COMPONENTS.iter().for_each(|component| world.verify("staging", component));
    world.merge("feat: sell cake", &[("backend", "{}")]);
    let run = world.run(&Given { integration: "false", ..Given::default() });
    assert!(!run.succeeded, "{}", run.log);
    assert_eq!(world.wait_for("staging", "backend", "1.4.0").version, "1.4.0", "{}", run.log);
    assert!(world.verdicts("production", "backend").is_empty(), "{}", run.log);
}

#[test]
fn a_version_whose_image_is_another_commits_is_not_built() {
    let world = World::new();
    world.merge("feat: sell cake", &[("backend", "{}")]);
    world.registry.push("acme/backend", "1.5.0", "{}", &"0".repeat(40));
    let commits = world.config.log("main").len();
    let run = world.run(&Given { version: "1.5.0", ..Given::default() });
    assert!(!run.succeeded, "{}", run.log);
    assert!(run.log.contains("this run is for commit"), "{}", run.log);
    assert_eq!(world.config.log("main").len(), commits, "nothing is deployed");
}

#[test]
fn a_push_that_loses_the_race_lands_all_the_same() {
    let world = World::new();
    let merged = world.merge("feat: sell cake", &[("backend", "{}"), ("frontend", "{}")]);
    // Somebody else pushes to the config repository right before each of the first pushes.
    world.interfere(3);
    let run = world.run(&Given { branches: "main = development", ..Given::default() });
    assert!(run.succeeded, "{}", run.log);
    assert!(world.interferences() > 0, "nobody came in between");
    for component in COMPONENTS {
        assert_eq!(world.running("development", component).version, format!("sha-{}", &merged[..7]));
    }
}

#[test]
fn a_published_release_and_a_hotfix_take_the_same_gates() {
    let world = World::new();
    let branches = "tags/* = development staging\nhotfix/* = development staging";
    world.merge("fix: less sugar", &[("backend", "{}")]);
    let run = world.run(&Given { event: "release", reference: "refs/tags/v1.5.0", branches, ..Given::default() });
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(world.running("staging", "backend").version, "1.5.0", "{}", run.log);
    let released = run.jobs();

    world.merge("fix: even less sugar", &[("backend", "{}")]);
    let run = world.run(&Given { reference: "refs/heads/hotfix/sugar", branches, ..Given::default() });
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(run.jobs(), released, "the same jobs, and so the same gates");
}

#[test]
fn a_backup_is_evidence_and_a_migration_makes_the_rollback_a_persons() {
    let world = World::new();
    world.verify("development", "backend");
    let commits = world.config.log("main").len();
    world.merge("feat: sell cake", &[("backend", r#"{ "healthy": false }"#)]);
    let given = Given { branches: "main = development", deployer: "kubectl", ..Given::default() };
    let of_backend = |before_deploy: &str| {
        world.components_with(&json!({
            "before-deploy": before_deploy,
            "backup": "backup backup.json age < 1h",
            "migrate": "echo migrated",
            "apply": "test -s slipway.toml && git cat-file -e \"$CONFIG_COMMIT\" && echo applied",
            "argocd": "",
        }))
    };
    let old = of_backend("echo '{\"time\": \"2024-01-01T00:00:00Z\"}' > backup.json");
    let run = world.run(&Given { components: &old, ..given });
    assert!(!run.succeeded && !run.log.contains("migrated\n"), "{}", run.log);
    let backend = |log: &str| log.lines().filter(|line| line.contains("(backend)")).collect::<Vec<_>>().join("\n");
    assert!(backend(&run.log).contains("backup.json"), "{}", run.log);
    assert!(world.verdicts("development", "backend").len() == 1, "{}", run.log);

    let fresh = of_backend("date --utc '+{\"time\": \"%Y-%m-%dT%H:%M:%SZ\"}' > backup.json");
    let run = world.run(&Given { components: &fresh, ..given });
    assert!(!run.succeeded && run.log.contains("applied"), "{}", run.log);
    assert!(world.config.log("main").len() > commits, "{}", run.log);
    let verdicts = world.verdicts("development", "backend");
    assert!(verdicts.last().unwrap().starts_with("rollback "), "{verdicts:?}\n{}", run.log);
    assert!(!world.config.log("main").iter().any(|commit| commit.trailer("Rollback-Of").is_some()), "{}", run.log);
}

#[test]
fn the_composite_action_deploys_by_digest_and_takes_a_bad_release_back() {
    let world = World::new();
    world.verify("development", "frontend");
    let (image, url) = (format!("{}/acme/frontend", world.registry.host()), world.url("development", "frontend"));
    for (version, is_healthy, verdict) in [("1.5.0", true, "promote"), ("1.6.0", false, "rollback")] {
        let release = Release { healthy: is_healthy, ..Release::version(version) };
        world.registry.push("acme/frontend", version, release.to_bytes(), &"1".repeat(40));
        let workflow = format!(
            "name: Deploy\non: push\npermissions: {{}}\njobs:\n  deploy:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: \
             slipway-release/slipway/actions/deploy@v0\n        with:\n          images: {image}\n          version: {version}\n          \
             environment: development\n          component: frontend\n          checks: |\n            health {url}/health\n            \
             version {url}/version == release\n          duration: 6s\n          interval: 1s\n          restore-time: 2m\n          \
             config-repository: acme/config\n          github-token: ${{{{ secrets.CONFIG_TOKEN }}}}\n"
        );
        let run = world.run(&Given { workflow: &workflow, ..Given::default() });
        assert_eq!(run.succeeded, is_healthy, "{}", run.log);
        assert_eq!(run.output("deploy", "verdict"), Some(verdict), "{}", run.log);
        assert_eq!(world.wait_for("development", "frontend", "1.5.0").version, "1.5.0");
    }
}

#[test]
fn a_pull_request_is_tested_and_not_built() {
    let world = World::new();
    world.merge("feat: sell cake", &[("backend", "{}")]);
    let run = world.run(&Given { event: "pull_request", reference: "refs/pull/7/merge", ..Given::default() });
    assert!(run.succeeded, "{}", run.log);
    assert!(run.jobs().iter().any(|job| job.contains("test")), "{:?}", run.jobs());
    assert!(!run.jobs().iter().any(|job| job.contains("build") || job.contains("Development")), "{:?}", run.jobs());
    assert_eq!(world.registry.tags("acme/backend"), ["1.4.0"]);
}

#[test]
fn manual_production_without_reviewers_is_an_error_before_anything_is_built() {
    let world = World::new();
    world.merge("feat: sell cake", &[("backend", "{}")]);
    for (has_reviewers, planned) in [(false, "failure"), (true, "success")] {
        let github = Environments::start(has_reviewers);
        let given =
            Given { production: "manual", github: &github.url, branches: "main = production", ..Given::default() };
        let run = world.run(&given);
        assert!(!run.succeeded, "nothing is verified in staging: {}", run.log);
        assert!(
            run.jobs().iter().any(|job| job.ends_with(&format!("plan: {planned}"))),
            "{:?}\n{}",
            run.jobs(),
            run.log
        );
        assert_eq!(run.log.contains("has no required reviewers"), !has_reviewers, "{}", run.log);
    }
}

#[test]
fn what_is_wrong_in_the_inputs_is_said_by_the_plan() {
    let world = World::new();
    world.merge("feat: sell cake", &[("backend", "{}")]);
    for (components, branches, said) in [
        ("[{\"name\": \"Backend\"}]", "main = development", "a name is missing"),
        ("[{\"name\": \"backend\"}]", "main = development", "backend has no image"),
        (
            "[{\"name\": \"backend\", \"image\": \"a/b\", \"tests\": \"x\"}]",
            "main = development",
            "backend has an unknown key tests",
        ),
        ("[", "main = development", "the input components is no JSON"),
        ("", "main = production staging", "staging is out of order"),
        ("", "main = testing", "the input branches is none of"),
    ] {
        let given = Given { components, branches, ..Given::default() };
        let run = world.run(&given);
        assert!(!run.succeeded, "{said}: {}", run.log);
        assert!(run.log.contains(said), "{said}: {}", run.log);
        assert_eq!(run.jobs().len(), 1, "{:?}", run.jobs());
    }
}
