//! The pipeline `rollback`: a person takes a release back, from the starter as it is published, with the addresses of this world.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::{ActJob, ActRun, Answer, FaultPoint, Inbox, Release, Repository, Site, workspace};

const WORKFLOW: &str = ".github/workflows/rollback.yml";
/// How long a run may take on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(240);
/// What stands in the starter for the address of an environment.
const EXAMPLE: &str = "https://shop.${{ inputs.environment }}.example";

/// Looks more often.
const SOON: (&str, &str) = ("config-repository: acme/config", "config-repository: acme/config\n      interval: 500ms");

/// A world in which 1.4.0 and 1.5.0 are verified in production, and 1.6.0 runs there.
struct World {
    site: Site,
    inbox: Inbox,
}

impl World {
    fn new() -> Self {
        let site = Site::start(&["production"], Duration::from_millis(100));
        for version in ["1.4.0", "1.5.0"] {
            site.verify("production", &Release::version(version));
        }
        site.deploy("production", &Release::version("1.6.0"));
        Self { site, inbox: Inbox::start() }
    }

    /// Grace presses the button.
    fn click(&self, inputs: &[(&str, &str)]) -> ActRun {
        self.click_in(&starter("rollback", &[(EXAMPLE, "${{ vars.URL }}"), SOON]), inputs)
    }

    /// The same in a workflow.
    fn click_in(&self, workflow: &str, inputs: &[(&str, &str)]) -> ActRun {
        let consumer = Repository::new();
        consumer.commit_files("ci: roll back in one click", &[(WORKFLOW, workflow)]);
        let usual = [("environment", "production"), ("component", "shop"), ("reason", "customers complain")];
        let inputs: serde_json::Map<String, Value> =
            usual.iter().chain(inputs).map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let event = json!({ "inputs": inputs, "ref": "refs/heads/main" });
        let (server, url, inbox) = (self.site.git.url(), self.site.reconciler.url("production"), self.inbox.url());
        let job = ActJob {
            actor: "grace",
            secrets: &[("GITHUB_TOKEN", "ghs_none"), ("CONFIG_TOKEN", Site::TOKEN), ("NOTIFY_WEBHOOK", &inbox)],
            variables: &[("URL", &url)],
            environment: &surroundings(&server),
            limit: LIMIT,
            ..ActJob::new(WORKFLOW, "workflow_dispatch", &event)
        };
        job.run(consumer.path())
    }

    fn subjects(&self) -> Vec<String> {
        self.site.config.log("main").into_iter().map(|commit| commit.subject).collect()
    }
}

/// A starter of this repository, with what its reader is to change.
pub(crate) fn starter(name: &str, changed: &[(&str, &str)]) -> String {
    let path = workspace().join(".github/workflow-templates").join(format!("{name}.yml"));
    let mut text = std::fs::read_to_string(path).unwrap();
    for (from, to) in changed {
        assert!(text.contains(from), "the starter no longer says `{from}`");
        text = text.replace(from, to);
    }
    text
}

/// What every job of a consumer is given here.
pub(crate) fn surroundings(server: &str) -> [(&str, &str); 3] {
    // Nothing of these runs needs GitHub's API.
    [("GITHUB_SERVER_URL", server), ("GITHUB_API_URL", "http://127.0.0.1:1"), ("GITHUB_REPOSITORY", "acme/shop")]
}

#[test]
fn one_click_restores_the_verified_release_and_watches_it() {
    let world = World::new();
    let run = world.click(&[]);
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(world.site.running("production"), "1.5.0", "{}", run.log);
    assert_eq!(
        world.site.verdicts("production"),
        ["promote 1.4.0", "promote 1.5.0", "rollback 1.6.0", "promote 1.5.0"],
        "{}",
        run.log
    );
    let rollback = &world.site.config.log("main")[0];
    assert_eq!(rollback.trailer("Rollback-Reason"), Some("@grace asks for it (customers complain)"));
    assert_eq!(world.site.record("production")[2].trailer("Decided-By"), Some("@grace"));
    let [message] = &world.inbox.messages()[..] else { panic!("one message: {}", run.log) };
    assert!(message.to_string().contains("decided by @grace"), "{message}");
    assert!(!run.log.contains(&world.inbox.url()), "the channel's address is a secret");
    // The summary leads to everything.
    for part in
        ["| Version | `1.5.0` |", "| Image | `ghcr.io/acme/shop:1.5.0@sha256:", &rollback.id[..8], "| Healthy after |"]
    {
        assert!(run.log.contains(part), "{part}: {}", run.log);
    }

    // Clicked twice, it is no rollback of the rollback; further back has to be said.
    let commits = world.subjects().len();
    assert!(world.click(&[]).succeeded);
    assert_eq!((world.subjects().len(), world.site.verdicts("production").len()), (commits, 4));
    // A push whose answer is lost is not made twice.
    world.site.git.reject_next_pushes(1, FaultPoint::After);
    let run = world.click(&[("version", "1.4.0")]);
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(world.site.running("production"), "1.4.0", "{}", run.log);
}

#[test]
fn what_cannot_be_gone_back_to_is_refused_and_a_reason_is_only_text() {
    let world = World::new();
    let (pushes, main) = (world.site.git.pushes(), world.subjects());
    for (name, version, told) in [
        ("version", "1.3.0", "these could be restored: `1.5.0`, `1.4.0`"),
        ("version", "1.6.0", "`1.6.0` is what is deployed: there is nothing to go back to"),
        ("version", "$(id)", "is not the version of a release"),
        // Another one was deployed between the look and the click.
        ("release", "1.5.9", "`1.6.0` is deployed, and the answer is about `1.5.9`"),
        ("component", "shopp", "has no deployment of shopp in production"),
    ] {
        let run = world.click(&[(name, version)]);
        assert!(!run.succeeded && run.log.contains(told), "{told}: {}", run.log);
        assert_eq!(run.jobs(), ["Roll back/rollback: failure"], "{}", run.log);
    }
    assert_eq!((world.site.git.pushes(), world.subjects()), (pushes, main), "nothing was written");

    let trap = world.site.config.path().join("trap");
    let touch = format!("touch {}", trap.display());
    let reason = format!(
        "too slow\n\nRelease-Version: 9.9.9\n::error::pwned\n\"; {touch}; $({touch}) `{touch}` ${{{{ secrets.CONFIG_TOKEN }}}} <!channel> | x"
    );
    let run = world.click(&[("release", "1.6.0"), ("reason", &reason)]);
    assert!(run.succeeded, "{}", run.log);
    assert!(!trap.exists());
    let rollback = &world.site.config.log("main")[0];
    let versions = rollback.trailers.iter().filter(|(name, _)| name == "Release-Version");
    assert_eq!(versions.map(|(_, version)| version.as_str()).collect::<Vec<_>>(), ["1.5.0"], "{}", rollback.message);
    assert!(
        rollback.trailer("Rollback-Reason").unwrap().starts_with("@grace asks for it (too slow"),
        "{}",
        rollback.message
    );
    assert!(!rollback.message.contains(Site::TOKEN) && !run.log.contains(Site::TOKEN));
    assert!(!world.inbox.messages()[0].to_string().contains("<!channel>"));
}

#[test]
fn a_restored_release_that_is_not_healthy_fails_the_run() {
    let world = World::new();
    // The image of 1.5.0 cannot be had for now.
    world.site.registry.answer_next(10_000, Answer::status(503));
    let impatient = starter(
        "rollback",
        &[(EXAMPLE, "${{ vars.URL }}"), SOON, ("interval: 500ms", "interval: 1s\n      restore-time: 4s")],
    );
    let run = world.click_in(&impatient, &[]);
    assert!(!run.succeeded, "{}", run.log);
    assert!(run.log.contains("`1.5.0` is restored but not healthy"), "{}", run.log);
    assert!(run.log.contains("| Healthy after | NOT HEALTHY |"), "{}", run.log);
    assert_eq!(world.site.verdicts("production")[2..], ["rollback 1.6.0", "hold 1.5.0"], "{}", run.log);
    assert_eq!(world.site.config.log("main")[0].trailer("Release-Version"), Some("1.5.0"));
}

#[test]
fn nobody_says_that_it_is_healthy_who_did_not_look() {
    let world = World::new();
    let checks = [
        (format!("health {EXAMPLE}/health"), "command true"),
        (format!("        version {EXAMPLE}/version == release\n"), ""),
    ];
    let changed: Vec<(&str, &str)> = checks.iter().map(|(from, to)| (from.as_str(), *to)).collect();
    let run = world.click_in(&starter("rollback", &changed), &[]);
    assert!(!run.succeeded, "{}", run.log);
    assert!(run.log.contains("whether the restored release is healthy is not known"), "{}", run.log);
    assert_eq!(
        world.site.config.log("main")[0].trailer("Release-Version"),
        Some("1.5.0"),
        "it is restored all the same"
    );
}
