//! The workflow, run by `act` in a consumer's checkout: real versions, images, deployments and verdicts.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::{ActJob, ActRun, BareRepository, GitServer, LoggedCommit, RegistryTools, Release, Repository, node24};

use super::world::{World, free_ports};

const TOKEN: &str = "ghs_token_of_the_consumer";
const WORKFLOW: &str = ".github/workflows/deploy.yml";
const DEPLOYED: &str = "deploy/production/shop.yaml";

/// A consumer of the workflow.
struct Shop {
    world: World,
    git: GitServer,
    developer: Repository,
    repository: BareRepository,
}

impl Shop {
    fn new(test: &str) -> Option<Self> {
        let world = World::new(test)?;
        // What every release is built on.
        world.archive(&Release::version("base"));
        let git = GitServer::start(TOKEN);
        let developer = Repository::new();
        let files = [
            ("Dockerfile", "FROM shop:base\nCOPY release.json /release.json\n"),
            ("release.json", "{}\n"),
            (DEPLOYED, "services:\n  shop:\n    image: shop:1.4.0 # what runs\n"),
            (WORKFLOW, &caller(&world, "")),
        ];
        developer.commit_files("feat: sell tea", &files);
        developer.annotated_tag("v1.4.0", "Release 1.4.0");
        let repository = developer.bare_clone();
        git.add("acme/shop", &repository);
        Some(Self { world, git, developer, repository })
    }

    /// Merges a release, which says its own version, and runs the workflow, with lines that are added to what it is given.
    fn merge(&self, message: &str, release: &Release, added: &str) -> ActRun {
        self.developer.git(&["pull", "--quiet", "--rebase", self.repository.path().to_str().unwrap(), "main"]);
        let release = String::from_utf8(release.to_bytes()).unwrap();
        self.developer
            .commit_files(message, &[("release.json", release.as_str()), (WORKFLOW, &caller(&self.world, added))]);
        self.developer.git(&["push", "--quiet", self.repository.path().to_str().unwrap(), "main"]);
        self.run("push", &json!({}), None)
    }

    /// Runs the workflow for a commit, or the newest one.
    fn run(&self, event_name: &str, inputs: &Value, commit: Option<&str>) -> ActRun {
        let server = self.git.url();
        let depth = if commit.is_some() { None } else { Some(1) };
        let checkout = Repository::clone_from(&self.git.repository_url("acme/shop"), depth);
        if let Some(commit) = commit {
            checkout.git(&["reset", "--quiet", "--hard", commit]);
        }
        let event = json!({
            "ref": "refs/heads/main",
            "after": checkout.head(),
            "inputs": inputs,
            "repository": { "name": "shop", "full_name": "acme/shop", "default_branch": "main", "license": null,
                "html_url": format!("{server}/acme/shop"), "description": "Tea and cake" },
        });
        let key = self.world.ssh.key();
        let known_hosts = self.world.ssh.known_hosts();
        let path = path();
        let docker = self.world.builder.environment();
        let mut environment: Vec<(&str, &str)> =
            docker.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        environment.retain(|(name, _)| name.starts_with("DOCKER_"));
        let artifacts = TempDir::with_prefix("artifacts-").unwrap();
        environment.extend([
            ("TESTBED_ARTIFACTS", artifacts.path().to_str().unwrap()),
            ("PATH", path.as_str()),
            ("GITHUB_SERVER_URL", &server),
            ("GITHUB_API_URL", "http://127.0.0.1:1"),
            ("GITHUB_REPOSITORY", "acme/shop"),
        ]);
        let job = ActJob {
            secrets: &[("GITHUB_TOKEN", TOKEN), ("HOST_SSH_KEY", &key)],
            variables: &[("HOST_KEYS", &known_hosts)],
            environment: &environment,
            limit: Duration::from_secs(240),
            ..ActJob::new(WORKFLOW, event_name, &event)
        };
        job.run(checkout.path())
    }

    /// The verdicts, oldest first, as `promote 1.5.0`, without the holds that say how far the steps have come.
    fn verdicts(&self) -> Vec<String> {
        let word = |commit: &LoggedCommit| {
            format!("{} {}", commit.trailer("Verdict").unwrap(), commit.trailer("Release-Version").unwrap())
        };
        self.repository
            .log("refs/slipway/production/shop")
            .iter()
            .rev()
            .map(word)
            .filter(|word| !word.starts_with("hold"))
            .collect()
    }

    fn deployed(&self) -> String {
        self.repository.read("main", DEPLOYED).unwrap()
    }
}

/// The smallest workflow that uses it, for this world.
fn caller(world: &World, added: &str) -> String {
    let url = world.nginx.url();
    let (port, user, ports) = (world.ssh.port(), world.ssh.user(), &world.ports);
    let (check, reload) = (world.nginx.check_command(), world.nginx.reload_command());
    let file = world.nginx.upstream_file("shop").display().to_string();
    let known_hosts = "      known-hosts: ${{ vars.HOST_KEYS }}\n";
    let known_hosts = if added.contains("known-hosts: ") { "" } else { known_hosts };
    format!(
        r#"name: Deploy
on:
  push:
    branches: [main]
  workflow_dispatch:
    inputs:
      rollback: {{ type: boolean }}
permissions: {{}}
jobs:
  host:
    permissions:
      contents: write
      actions: read
    uses: slipway-release/slipway/.github/workflows/docker-host.yml@v0
    with:
      component: shop
      host: 127.0.0.1
      port: '{port}'
      user: {user}
{known_hosts}      ports: {ports}
      proxy-file: {file}
      check-command: "{check}"
      reload-command: "{reload}"
      drain-seconds: '5'
{added}      checks: |
        health {url}/health
        version {url}/version == release
      metric-checks: error-rate < 5%
      metrics-path: /metrics
      duration: 6s
      interval: 1s
      keep: 1s
      rollback: ${{{{ github.event_name == 'workflow_dispatch' && inputs.rollback }}}}
      reason: somebody complained
    secrets:
      HOST_SSH_KEY: ${{{{ secrets.HOST_SSH_KEY }}}}
"#
    )
}

/// Two environments on this world's machine; staging has nobody in front of it.
fn two_environments(world: &World) -> String {
    let one = caller(world, "      environment: staging\n      service: shop-staging\n");
    let ports = free_ports().map(|port| port.to_string()).join(" ");
    let file = world.directory.path().join("staging.conf").display().to_string();
    let (check, reload) = (world.nginx.check_command(), world.nginx.reload_command());
    let production = one
        .replace("      environment: staging\n      service: shop-staging\n", "      promote-from: staging\n      version: ${{ needs.host.outputs.version }}\n      image-artifact: ${{ needs.host.outputs.image-artifact }}\n")
        .replace("  host:\n", "  production:\n    needs: host\n    if: needs.host.outputs.released == 'true'\n");
    let (_, production) = production.split_once("jobs:\n").unwrap();
    let url = world.nginx.url();
    let staging = one
        .replace(&format!("ports: {}", world.ports), &format!("ports: {ports}"))
        .replace(&world.nginx.upstream_file("shop").display().to_string(), &file)
        .replace(&check, "true")
        .replace(&reload, "true")
        .replace(
            &format!("        health {url}/health\n        version {url}/version == release\n"),
            "        command true\n",
        );
    format!("{staging}{production}").replace("      metric-checks: error-rate < 5%\n      metrics-path: /metrics\n", "")
}

#[test]
fn two_environments_get_one_image() {
    let Some(shop) = Shop::new("the workflow docker-host for two environments") else { return };
    let staging = "deploy/staging/shop.yaml";
    shop.developer.commit_files(
        "fix: two of them",
        &[
            (WORKFLOW, &two_environments(&shop.world)),
            (staging, &shop.deployed()),
            ("release.json", &String::from_utf8(Release::version("1.4.1").to_bytes()).unwrap()),
        ],
    );
    shop.developer.git(&["push", "--quiet", shop.repository.path().to_str().unwrap(), "main"]);
    let run = shop.run("push", &json!({}), None);
    assert!(run.succeeded, "{}", run.log);
    assert!(shop.deployed().contains("image: shop:1.4.1@sha256:"), "{}", shop.deployed());
    assert_eq!(shop.repository.read("main", staging).unwrap(), shop.deployed(), "{}", run.log);
    assert_eq!((shop.verdicts(), shop.world.version().as_str()), (vec!["promote 1.4.1".to_owned()], "1.4.1"));
    assert_eq!(shop.world.running(), ["1.4.1", "1.4.1"], "neither ends the other's container");
    let built = run.steps.iter().filter(|step| step.name == "Build" && step.result == "success").count();
    assert_eq!(built, 1, "{}", run.log);
}

/// Where programs are, docker and Node among them.
fn path() -> String {
    let tools = RegistryTools::find("docker-host").unwrap();
    let docker = tools.command("docker");
    let docker = Path::new(docker.get_program()).parent().unwrap().to_owned();
    let node = node24().unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let folders = [node.parent().unwrap().to_owned(), docker].into_iter().chain(std::env::split_paths(&path));
    std::env::join_paths(folders).unwrap().into_string().unwrap()
}

#[test]
fn a_good_release_is_verified_and_a_bad_one_is_taken_back() {
    let Some(shop) = Shop::new("the workflow docker-host") else { return };
    let first = shop.world.users();
    let run = shop.merge("feat: sell cake", &Release::version("1.5.0"), "");
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(shop.verdicts(), ["promote 1.5.0"], "{}", run.log);
    let configuration = shop.world.builder.docker(&["image", "inspect", "--format", "{{.Id}}", "shop:1.5.0"]);
    let good = shop.deployed();
    assert!(good.contains(&format!("image: shop:1.5.0@{configuration} # what runs")), "{good}");
    assert_eq!((shop.world.version().as_str(), shop.world.running()), ("1.5.0", vec!["1.5.0".to_owned()]));
    drop(first);

    let users = shop.world.users();
    let run = shop.merge("feat: pay later", &Release { error_share: 0.3, ..Release::version("1.6.0") }, "");
    assert!(!run.succeeded, "{}", run.log);
    assert_eq!(shop.verdicts(), ["promote 1.5.0", "rollback 1.6.0", "promote 1.5.0"], "{}", run.log);
    assert_eq!(shop.deployed(), good, "git says what runs");
    assert_eq!((shop.world.version().as_str(), shop.world.running()), ("1.5.0", vec!["1.5.0".to_owned()]));
    let before = users.snapshot().server_errors();

    // A commit that is a deployment is no release.
    let run = shop.run("push", &json!({}), None);
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(run.jobs(), ["host/build: success", "host/test: success"], "{}", run.log);
    // Somebody presses "Re-run all jobs".
    let run = shop.run("push", &json!({}), Some(&shop.developer.head()));
    assert!(!run.succeeded && run.log.contains("was rolled back in production"), "{}", run.log);
    assert_eq!(shop.world.running(), ["1.5.0"], "what was refused does not go on running");

    let run = shop.merge("fix: pay now", &Release::version("1.6.1"), "");
    assert!(run.succeeded, "{}", run.log);
    assert_eq!((shop.world.version().as_str(), shop.world.running()), ("1.6.1", vec!["1.6.1".to_owned()]));

    let run = shop.run("workflow_dispatch", &json!({ "rollback": "true" }), None);
    assert!(run.succeeded, "{}", run.log);
    assert_eq!((shop.world.version().as_str(), shop.world.running()), ("1.5.0", vec!["1.5.0".to_owned()]));
    assert_eq!(shop.verdicts()[3..], ["promote 1.6.1", "rollback 1.6.1", "promote 1.5.0"], "{}", run.log);

    let seen = users.stop();
    println!("{} requests: {:?}, {} lost", seen.requests(), seen.by_status, seen.transport_errors);
    assert!(seen.server_errors() > 0 && seen.server_errors() == before, "only the bad release failed");
    assert_eq!((seen.transport_errors, seen.class(4)), (0, 0));
    assert_eq!(seen.by_status.keys().copied().collect::<Vec<_>>(), [200, 500], "no error of the proxy");
}

/// A report of two tests.
const TESTED: &str = "      test-command: |\n        mkdir -p reports\n        echo '<testsuite tests=\"2\" failures=\"FAILED\">\
                      <testcase name=\"a\"/><testcase name=\"b\">OUTCOME</testcase></testsuite>' > reports/tests.xml\n      \
                      test-reports: reports/*.xml\n";

#[test]
fn what_does_not_hold_is_not_deployed() {
    let Some(shop) = Shop::new("the workflow docker-host refuses") else { return };
    let passed = TESTED.replace("FAILED", "0").replace("OUTCOME", "");
    let failed = TESTED.replace("FAILED", "1").replace("OUTCOME", "<failure message=\"no\"/>");
    let evidence = |file: &str| format!("      evidence: junit evidence/{file} pass-rate >= 100%\n");
    let other_key = format!("      known-hosts: '{}'\n", shop.world.ssh.other_host());
    let good = |version: &str| Release::version(version);
    let ill = |version: &str| Release { healthy: false, ..Release::version(version) };
    for (what, release, added, step, said) in [
        ("a test that failed", good("1.4.1"), failed + &evidence("*.xml"), "Judge the evidence", "pass-rate"),
        ("a missing report", good("1.4.2"), passed.clone() + &evidence("smoke.xml"), "Judge the evidence", "smoke.xml"),
        ("another host's key", good("1.4.3"), other_key, "Start the new", "Host key verification failed"),
        ("no health", ill("1.4.4"), "      health-seconds: '3'\n".into(), "Start the new", "gets no users"),
    ] {
        let run = shop.merge(&format!("fix: {what}"), &release, &added);
        assert!(!run.succeeded, "{what}: {}", run.log);
        let failed: Vec<&str> =
            run.steps.iter().filter(|step| step.result == "failure").map(|step| step.name.as_str()).collect();
        assert!(
            failed.iter().any(|name| name.starts_with(step)) && run.log.contains(said),
            "{what}: {failed:?}\n{}",
            run.log
        );
        assert_eq!(shop.world.host.docker(&["ps", "--quiet"]), "", "{what}: nothing runs");
        assert!(shop.deployed().contains("shop:1.4.0 "), "{what}: nothing is recorded");
    }
    let added = passed
        + &evidence("*.xml")
        + "      before-deploy: echo saved > backup\n      lint-command: test -f Dockerfile\n";
    let users = shop.world.users();
    let run = shop.merge("fix: all of it", &good("1.4.5"), &added);
    assert!(run.succeeded, "{}", run.log);
    assert_eq!((shop.verdicts(), shop.world.version().as_str()), (vec!["promote 1.4.5".to_owned()], "1.4.5"));
    drop(users);
}
