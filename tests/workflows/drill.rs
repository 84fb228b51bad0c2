//! The pipeline `drill`: a release that is known to be bad must be taken back in time, and leaves nothing behind.

use std::time::Duration;

use serde_json::json;
use testbed::{ActJob, ActRun, Inbox, Load, Release, Repository, Site, workspace};

use crate::rollback::{LIMIT, starter, surroundings};

const WORKFLOW: &str = ".github/workflows/drill.yml";
/// The version of the bad release in the record: that of the verified one, and act's number of the run and its attempt.
const DRILL: &str = "1.5.0-drill.1.1";
/// What `BAD_IMAGE` leads to.
const KNOWN_BAD: &str = "0.0.0-bad";

/// A world in which 1.5.0 is verified in staging, from which production takes what is verified.
struct World {
    site: Site,
    inbox: Inbox,
}

impl World {
    fn new() -> Self {
        let site = Site::start(&["staging", "production"], Duration::from_millis(100));
        site.verify("staging", &Release::version("1.5.0"));
        Self { site, inbox: Inbox::start() }
    }

    /// Users of staging, for as long as the handle lives.
    fn users(&self) -> Load {
        Load::start(&self.site.reconciler.url("staging"), 60.0, Duration::from_secs(600)).unwrap()
    }

    /// The image that is known to be bad, in the registry; gives its reference.
    fn bad_image(&self, release: &Release) -> String {
        format!("ghcr.io/acme/shop@{}", self.site.push(release))
    }

    /// Runs the starter's drill, with changes.
    fn drill(&self, image: &str, changed: &[(&str, &str)]) -> ActRun {
        let usual = [
            ("https://shop.staging.example", "${{ vars.URL }}"),
            ("rto: 15m", "rto: 2m\n      duration: 16s\n      interval: 2s"),
        ];
        let text = starter("drill", &[&usual[..], changed].concat());
        let consumer = Repository::new();
        consumer.commit_files("ci: try whether a rollback works", &[(WORKFLOW, &text)]);
        let (server, url, inbox) = (self.site.git.url(), self.site.reconciler.url("staging"), self.inbox.url());
        let event = json!({ "schedule": "17 9 * * 2" });
        let job = ActJob {
            secrets: &[("GITHUB_TOKEN", "ghs_none"), ("CONFIG_TOKEN", Site::TOKEN), ("NOTIFY_WEBHOOK", &inbox)],
            variables: &[("URL", &url), ("BAD_IMAGE", image)],
            environment: &surroundings(&server),
            limit: LIMIT,
            ..ActJob::new(WORKFLOW, "schedule", &event)
        };
        job.run(consumer.path())
    }

    fn assert_left_as_it_was(&self, run: &ActRun) {
        assert_eq!(self.site.running("staging"), "1.5.0", "{}", run.log);
        let newest = &self.site.config.log("main")[0];
        assert_eq!(newest.trailer("Release-Version"), Some("1.5.0"), "{}", run.log);
        let verdicts = self.site.verdicts("staging");
        assert!(!verdicts.contains(&format!("promote {DRILL}")), "{verdicts:?}");
        assert_eq!(verdicts.last().map(String::as_str), Some("promote 1.5.0"), "{verdicts:?}: {}", run.log);
    }
}

fn bad() -> Release {
    Release { error_share: 0.3, ..Release::version(KNOWN_BAD) }
}

#[test]
fn a_bad_release_is_taken_back_in_time() {
    let world = World::new();
    let _users = world.users();
    let image = world.bad_image(&bad());
    let run = world.drill(&image, &[]);
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(
        world.site.verdicts("staging"),
        ["promote 1.5.0", &format!("rollback {DRILL}"), "promote 1.5.0"],
        "{}",
        run.log
    );
    world.assert_left_as_it_was(&run);
    let restored_in: u64 =
        run.output("Drill/drill", "restored-in").unwrap_or_default().parse().unwrap_or_else(|_| panic!("{}", run.log));
    assert!((1..120).contains(&restored_in), "{restored_in}");
    assert!(run.log.contains(&format!("restored in {restored_in} s; the objective is 2m")), "{}", run.log);
    let log = world.site.config.log("main");
    for commit in &log[..2] {
        assert!(
            run.log.contains(&format!("acme/config/commit/{}", commit.id)),
            "the summary links {}: {}",
            commit.id,
            run.log
        );
    }
    assert_eq!(log[1].trailer("Release-Version"), Some(DRILL));
    assert_eq!(world.inbox.messages().len(), 1, "{:?}", world.inbox.messages());

    // Nothing of it ever gets to production.
    let target =
        [("mode", "push"), ("environment", "production"), ("component", "shop"), ("config-repository", "acme/config")];
    let server = world.site.git.url();
    let variables = [("GITHUB_SERVER_URL", server.as_str())];
    let promote = |version: &str| {
        let inputs = [&target[..], &[("version", version), ("github-token", Site::TOKEN)]].concat();
        testbed::run_action(testbed::Runner::Native, "config-updater", &inputs, &variables, workspace())
    };
    let refused = promote(DRILL);
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    assert!(refused.stdout.contains(&format!("{DRILL} was rolled back")), "{}", refused.stdout);
    let promoted = promote("1.5.0");
    assert_eq!(promoted.code, 0, "{}", promoted.stdout);
    // What is released next is no downgrade.
    world.site.deploy("staging", &Release::version("1.5.1"));
}

#[test]
fn a_release_that_is_good_after_all_fails_the_drill_and_is_never_promoted() {
    let world = World::new();
    let _users = world.users();
    let image = world.bad_image(&Release::version(KNOWN_BAD));
    let run = world.drill(&image, &[]);
    assert!(!run.succeeded, "{}", run.log);
    assert!(run.log.contains("drill failed: the gate did not fire"), "{}", run.log);
    assert_eq!(
        world.site.verdicts("staging"),
        ["promote 1.5.0", &format!("hold {DRILL}"), &format!("rollback {DRILL}"), "promote 1.5.0"],
        "{}",
        run.log
    );
    world.assert_left_as_it_was(&run);
}

#[test]
fn too_slow_is_a_failure() {
    let world = World::new();
    let _users = world.users();
    let image = world.bad_image(&bad());
    let run = world.drill(&image, &[("rto: 2m", "rto: 1s")]);
    assert!(!run.succeeded, "{}", run.log);
    assert!(run.log.contains("s, which is more than the objective of 1s"), "{}", run.log);
    world.assert_left_as_it_was(&run);
}

#[test]
fn a_gate_that_fires_because_the_bad_release_never_came_proves_nothing() {
    let world = World::new();
    let _users = world.users();
    let image = format!("ghcr.io/acme/shop@sha256:{}", "0".repeat(64));
    let run = world.drill(&image, &[]);
    assert!(!run.succeeded, "{}", run.log);
    assert!(run.log.contains("the gate fired, but never saw the bad release"), "{}", run.log);
    world.assert_left_as_it_was(&run);
}

#[test]
fn what_a_drill_before_left_is_taken_back_first() {
    let world = World::new();
    let _users = world.users();
    let image = world.bad_image(&bad());
    let digest = image.split_once('@').unwrap().1;
    let left = format!("ghcr.io/acme/shop:1.5.0-drill.0.1@{digest}");
    let inputs = [("mode", "push"), ("images", left.as_str()), ("force", "true"), ("allow-downgrade", "true")];
    world.site.run("config-updater", "staging", &inputs);
    world.site.reconciler.wait_for("staging", digest, Duration::from_secs(20)).unwrap();
    let run = world.drill(&image, &[]);
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(
        world.site.verdicts("staging"),
        ["promote 1.5.0", "rollback 1.5.0-drill.0.1", "promote 1.5.0", &format!("rollback {DRILL}"), "promote 1.5.0"],
        "{}",
        run.log
    );
    world.assert_left_as_it_was(&run);
}

#[test]
fn a_drill_that_cannot_be_is_refused_before_anything_is_deployed() {
    let world = World::new();
    let commits = world.site.config.log("main").len();
    let good = world.bad_image(&bad());
    for (image, changed, told) in [
        ("ghcr.io/acme/shop:bad", &[][..], "the bad image is not named by digest"),
        (&good, &[("rto: 2m", "rto: soon")], "rto is not a time"),
    ] {
        let run = world.drill(image, changed);
        assert!(!run.succeeded && run.log.contains(told), "{told}: {}", run.log);
    }
    // Somebody is at work there.
    world.site.deploy("staging", &Release::version("1.6.0"));
    let run = world.drill(&good, &[]);
    assert!(!run.succeeded && run.log.contains("staging runs 1.6.0, and verified is 1.5.0"), "{}", run.log);
    assert_eq!(world.site.config.log("main").len(), commits + 1, "{}", run.log);
}

#[test]
fn another_release_that_is_deployed_meanwhile_is_left_alone() {
    let world = World::new();
    let _users = world.users();
    let image = world.bad_image(&Release::version(KNOWN_BAD));
    let digest = image.split_once('@').unwrap().1;
    let run = std::thread::scope(|scope| {
        let drill = scope.spawn(|| world.drill(&image, &[("duration: 16s", "duration: 60s")]));
        world.site.reconciler.wait_for("staging", digest, LIMIT).unwrap();
        world.site.deploy("staging", &Release::version("1.6.0"));
        drill.join().unwrap()
    });
    assert!(!run.succeeded && run.log.contains("the gate did not fire"), "{}", run.log);
    assert_eq!(world.site.running("staging"), "1.6.0", "{}", run.log);
    assert_eq!(world.site.config.log("main")[0].trailer("Release-Version"), Some("1.6.0"), "{}", run.log);
    assert_eq!(world.site.verdicts("staging"), ["promote 1.5.0", &format!("hold {DRILL}")], "{}", run.log);
}

#[test]
fn commands_name_the_image_and_send_the_requests() {
    let world = World::new();
    let image = world.bad_image(&bad());
    let commands = format!(
        "bad-command: test \"$SLIPWAY_VERSION\" = {DRILL}; echo building; echo {image}\n      \
         load-command: while true; do curl -s -o /dev/null ${{{{ vars.URL }}}}/; done"
    );
    let run = world.drill("", &[("bad-image: ${{ vars.BAD_IMAGE }}", &commands)]);
    assert!(run.succeeded, "{}", run.log);
    world.assert_left_as_it_was(&run);
}
