//! `status` and `history`, from the record alone.

use serde_json::Value;

use crate::world::{SETTINGS, World, image, manifest};

impl World {
    /// Commits a deployment by hand, a minute after the commit before it.
    fn deployed(&self, environment: &str, version: &str, source: &str, more: &str) -> String {
        let message = format!(
            "Deploy shop {version}\n\nRelease-Component: shop\nRelease-Version: {version}\nRelease-Image: {}\n\
             Release-Environment: {environment}\nSource-Commit: {source}\n{more}",
            image(version)
        );
        let id = self
            .work
            .commit_files(&message, &[(&format!("envs/{environment}/shop.yaml"), &manifest(&image(version), version))]);
        self.publish();
        id
    }

    fn publish(&self) {
        let bare = self.bare.path().to_str().unwrap();
        self.work.git(&["push", "--quiet", bare, "HEAD:refs/heads/main"]);
    }

    /// Records a verdict about a deployment.
    fn judged(&self, verdict: &str, environment: &str, version: &str, deployment: &str) {
        let name = format!("refs/slipway/{environment}/shop");
        let message = format!(
            "{verdict}\n\nVerdict: {verdict}\nRelease-Component: shop\nRelease-Version: {version}\nRelease-Image: {}\n\
             Release-Environment: {environment}\nConfig-Commit: {deployment}\nSource-Commit: {}\nDecided-By: @ada\n",
            image(version),
            self.work.git(&["log", "-1", "--format=%(trailers:key=Source-Commit,valueonly)", deployment]).trim()
        );
        let mut arguments = vec!["commit-tree", "-m", &message];
        let before = self.bare.refs().get(&name).cloned();
        if let Some(before) = &before {
            arguments.extend(["-p", before]);
        }
        arguments.push("HEAD^{tree}");
        let commit = self.work.git(&arguments);
        let bare = self.bare.path().to_str().unwrap();
        self.work.git(&["push", "--quiet", bare, &format!("{commit}:{name}")]);
    }

    fn told(&self, mode: &str, inputs: &[(&str, &str)]) -> (testbed::ActionRun, Value) {
        let mut all = vec![("mode", mode), ("environment", ""), ("component", "")];
        all.extend(inputs);
        let run = self.run("", &all, &[("SLIPWAY_NOW", "2026-01-02T00:00:00.000Z")]);
        assert_eq!(run.code, 0, "{}", run.stdout);
        let json = serde_json::from_str(run.output("json")).unwrap();
        (run, json)
    }
}

/// Three releases in staging, one of them promoted, another rolled back.
fn world() -> World {
    let world = World::new(SETTINGS);
    let [first, second, third] =
        ["feat: first", "fix: second", "feat: <third>"].map(|message| world.work.commit(message));
    let one = world.deployed("staging", "1.1.0", &first, "");
    world.judged("promote", "staging", "1.1.0", &one);
    world.deployed("production", "1.1.0", &first, "");
    let two = world.deployed("staging", "1.2.0", &second, "");
    let back = format!("Rollback-Of: {two}\nRollback-Reason: slow | p95\n");
    world.deployed("staging", "1.1.0", &first, &back);
    world.judged("rollback", "staging", "1.2.0", &two);
    let three = world.deployed("staging", "1.3.0", &third, "");
    world.judged("promote", "staging", "1.3.0", &three);
    world
}

#[test]
fn history_tells_deployments_rollbacks_and_verdicts_of_each_environment() {
    let world = world();
    let (run, json) = world.told("history", &[("days", "0")]);
    let staging = &json["history"]["staging"];
    let events: Vec<String> = staging["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| format!("{} {}", event["kind"].as_str().unwrap(), event["version"].as_str().unwrap()))
        .collect();
    assert_eq!(
        events,
        [
            "verdict-promote 1.3.0",
            "deployment 1.3.0",
            "verdict-rollback 1.2.0",
            "rollback 1.1.0",
            "deployment 1.2.0",
            "verdict-promote 1.1.0",
            "deployment 1.1.0"
        ]
    );
    assert_eq!(staging["events"][3]["note"], "slow | p95");
    assert_eq!(staging["events"][0]["note"], "@ada");
    let figures = &staging["figures"];
    assert_eq!((figures["deployments"].as_u64(), figures["failed"].as_u64()), (Some(3), Some(1)));
    assert_eq!(
        (figures["change-failure-rate"].as_f64(), figures["time-to-restore"].as_i64()),
        (Some(0.333), Some(60_000))
    );
    assert_eq!(
        (figures["lead-time-of"].as_u64(), figures["lead-time"].as_i64().map(|time| time > 0)),
        (Some(3), Some(true))
    );
    assert!(run.summary.contains("**rolled back**") && run.summary.contains("slow \\| p95"), "{}", run.summary);
    assert!(run.summary.contains("3 deployments (3 a week) · lead time"), "{}", run.summary);
    assert_eq!(json["history"]["production"]["events"].as_array().unwrap().len(), 1);

    let (_, json) = world.told("history", &[("environment", "production"), ("days", "0")]);
    assert!(json["history"].get("staging").is_none() && json["history"]["production"].is_object(), "{json}");
    assert_eq!(world.server.pushes(), 0);
}

#[test]
fn days_limit_what_history_tells() {
    let world = world();
    let run = world.run(
        "",
        &[("mode", "history"), ("component", "shop"), ("days", "1")],
        &[("SLIPWAY_NOW", "2030-01-01T00:00:00.000Z")],
    );
    assert!(run.summary.contains("### History of 1 days") && run.summary.contains("No deployment."), "{}", run.summary);
}

#[test]
fn status_tells_what_runs_what_is_verified_and_what_a_promotion_ships() {
    let world = world();
    let (run, json) = world.told("status", &[]);
    let targets = json["status"]["targets"].as_array().unwrap();
    let seen: Vec<(&str, &str, &str, &str)> = targets
        .iter()
        .map(|target| {
            let part = |key: &str| target[key].as_str().unwrap_or("none");
            (part("environment"), part("version"), part("verdict"), part("verified"))
        })
        .collect();
    assert_eq!(seen, [("production", "1.1.0", "not judged", "none"), ("staging", "1.3.0", "promote", "1.3.0")]);
    let promotion = &targets[0]["promotion"];
    assert_eq!((promotion["from"].as_str(), promotion["version"].as_str()), (Some("staging"), Some("1.3.0")));
    let subjects: Vec<&str> = promotion["shipped"]["commits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|commit| commit["subject"].as_str().unwrap())
        .collect();
    assert_eq!(subjects, ["feat: <third>", "fix: second"]);
    for line in [
        "| production | shop | `1.1.0` |",
        "**Next for shop in production:** `1.3.0` from staging, in the place of `1.1.0`",
        "It ships 2 commits:",
        "feat: &lt;third&gt;",
    ] {
        assert!(run.summary.contains(line), "{line}\n{}", run.summary);
    }
    // Staging comes before production, which is promoted from it.
    let place = |text: &str| run.summary.find(text).unwrap();
    assert!(place("| staging | shop |") < place("| production | shop |"), "{}", run.summary);

    let plan = world.run("production", &[("mode", "plan")], &[]);
    assert!(plan.summary.contains("It ships 2 commits:"), "{}", plan.summary);
    assert!(plan.output("json").contains("\"subject\":\"fix: second\""), "{}", plan.output("json"));

    let (_, json) = world.told("status", &[("environment", "Production EU")]);
    assert_eq!(json["status"]["targets"].as_array().unwrap().len(), 1);
    assert_eq!(json["status"]["targets"][0]["promotion"]["version"], "1.3.0");
}

#[test]
fn status_tells_where_files_are_not_what_was_deployed() {
    let world = world();
    let (_, json) = world.told("status", &[]);
    assert_eq!(json["status"]["targets"][1]["drift"]["changes"].as_array().unwrap().len(), 0);
    world.work.commit_files("chore: by hand", &[("envs/staging/shop.yaml", &manifest("ghcr.io/acme/shop:9", "1.3.0"))]);
    world.publish();
    let (run, json) = world.told("status", &[]);
    let change = &json["status"]["targets"][1]["drift"]["changes"][0];
    assert_eq!((change["file"].as_str(), change["line"].as_u64()), (Some("envs/staging/shop.yaml"), Some(2)));
    assert!(run.summary.contains("**Drift of shop in staging:**"), "{}", run.summary);
    world.work.commit_files("chore: gone", &[("envs/staging/shop.yaml", "x: 1\n")]);
    world.publish();
    let (run, _) = world.told("status", &[]);
    assert!(run.summary.contains("**Drift of shop in staging cannot be told:**"), "{}", run.summary);
}

#[test]
fn status_needs_no_settings_and_no_history() {
    let world = World::new("");
    let (run, json) = world.told("status", &[]);
    assert!(run.summary.contains("Nothing was ever deployed."), "{}", run.summary);
    assert_eq!(json["status"]["targets"], serde_json::json!([]));
    world.deployed("staging", "1.1.0", &"f".repeat(40), "");
    let (run, json) = world.told("status", &[]);
    assert_eq!(json["status"]["targets"][0]["version"], "1.1.0");
    assert!(run.summary.contains("not checked"), "{}", run.summary);
    let (_, json) = world.told("history", &[]);
    assert_eq!(json["history"]["staging"]["events"].as_array().unwrap().len(), 1);
}

#[test]
fn what_closes_an_environment_is_told() {
    let world =
        World::new(&SETTINGS.replace("[environments.staging]", "[environments.staging]\nlocked = \"move to eu-2\""));
    world.deployed("staging", "1.1.0", &"f".repeat(40), "");
    let (run, json) = world.told("status", &[]);
    let production = &json["status"]["targets"][0];
    assert_eq!((production["environment"].as_str(), production["version"].as_str()), (Some("production"), None));
    assert!(run.summary.contains("| production | shop | nothing |"), "{}", run.summary);
    assert_eq!(json["status"]["environments"][0]["locked"], "move to eu-2");
    assert!(run.summary.contains("**Closed:** staging is locked: move to eu-2"), "{}", run.summary);
}

#[test]
fn what_inputs_say_holds_for_the_environment_by_either_name() {
    let world = World::new(&SETTINGS.replace("promote-from = \"staging\"\n", ""));
    let [first, second] = ["feat: first", "fix: second"].map(|message| world.work.commit(message));
    let staged = world.deployed("staging", "1.2.0", &second, "");
    world.judged("promote", "staging", "1.2.0", &staged);
    world.deployed("production", "1.1.0", &first, "");
    for environment in ["production", "Production EU"] {
        let rules = [
            ("environment", environment),
            ("locked", "incident 4711"),
            ("freeze", "2026-01-01 .. 2026-01-03"),
            ("promote-from", "staging"),
        ];
        let (run, json) = world.told("status", &rules);
        let told = &json["status"]["environments"][0];
        assert_eq!((told["name"].as_str(), told["locked"].as_str()), (Some("production"), Some("incident 4711")));
        assert_eq!(told["frozen"]["window"], "2026-01-01 .. 2026-01-03", "{json}");
        assert_eq!(json["status"]["targets"][0]["promotion"]["version"], "1.2.0", "{json}");
        assert!(run.summary.contains("**Closed:** production is locked: incident 4711"), "{}", run.summary);
    }
}
