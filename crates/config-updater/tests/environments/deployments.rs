//! What is deployed, promoted and refused.

use testbed::Repository;

use crate::world::{SETTINGS, World, error, image, judge_on, manifest, refused};

#[test]
fn what_is_verified_in_one_environment_is_promoted_to_the_next() {
    let world = World::new(SETTINGS);
    world.stage("1.5.0");
    world.judge("promote", "staging", "1.5.0");
    // Deployed, but not judged yet.
    world.stage("1.6.0");

    let planned = world.run("production", &[("mode", "plan")], &[]);
    assert_eq!((planned.code, planned.output("version"), planned.output("changed")), (0, "1.5.0", "true"));
    let run = world.run("Production EU", &[], &[]);
    assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
    assert_eq!((run.output("version"), run.output("environment")), ("1.5.0", "production"));
    assert_eq!(run.output("images"), image("1.5.0"));
    let expected = manifest(&image("1.5.0"), "1.5.0");
    assert_eq!(world.bare.read("main", "envs/production/shop.yaml").unwrap(), expected);
    let newest = &world.bare.log("main")[0];
    assert_eq!(newest.subject, "Promote shop 1.5.0 from staging to production");
    assert_eq!(newest.trailer("Release-Image"), Some(image("1.5.0").as_str()));
    assert_eq!(newest.trailer("Release-Environment"), Some("production"));
    assert_eq!(newest.trailer("Source-Commit"), Some("a".repeat(40).as_str()), "of the release, not of this run");

    let again = world.run("production", &[], &[]);
    assert_eq!((again.code, again.output("changed"), again.output("commit")), (0, "false", run.output("commit")));
}

#[test]
fn what_is_not_verified_is_not_promoted() {
    let world = World::new(SETTINGS);
    let promote = |inputs: &[(&str, &str)]| world.run("production", inputs, &[]);
    let nothing = promote(&[]);
    assert_eq!(error(&nothing), refused("nothing-verified"));
    assert!(nothing.stdout.contains("nothing was ever deployed there"), "{}", nothing.stdout);
    world.stage("1.5.0");
    let run = promote(&[]);
    assert_eq!(error(&run), refused("nothing-verified"));
    assert!(run.stdout.contains("1.5.0 is deployed there, and nobody has judged it yet"), "{}", run.stdout);
    let plan = promote(&[("mode", "plan")]);
    assert_eq!((plan.code, plan.output("changed")), (0, "false"), "{}", plan.stdout);
    assert!(plan.summary.contains("nobody has judged it yet"), "{}", plan.summary);
    world.judge("promote", "staging", "1.5.0");
    world.judge("rollback", "staging", "1.5.0");
    assert_eq!(error(&promote(&[])), refused("nothing-verified"));

    // A deployment that says itself what it deploys is held to the same.
    world.judge("promote", "staging", "1.4.0");
    let other = image("1.6.0");
    let run = promote(&[("images", &other)]);
    assert_eq!(error(&run), refused("nothing-verified"));
    assert!(run.stdout.contains("1.6.0 is not verified for shop in staging"), "{}", run.stdout);
    assert_eq!(promote(&[("images", &image("1.4.0"))]).code, 0);
    assert_eq!(promote(&[("version", "1.6.0")]).code, 1);
    let forced = promote(&[("images", &other), ("force", "true")]);
    assert_eq!(forced.code, 0, "{}", forced.stdout);
    assert_eq!(world.bare.log("main").len(), 4);
}

#[test]
fn inputs_say_the_same_for_those_without_a_file() {
    let world = World::new("");
    let files = [("files", "envs/staging/*.yaml"), ("images", &image("1.5.0"))];
    assert_eq!(world.run("staging", &files, &[]).code, 0);
    let production = |more: &[(&str, &str)]| {
        let mut inputs = vec![("files", "envs/production/*.yaml"), ("promote-from", "staging")];
        inputs.extend(more);
        world.run("production", &inputs, &[("SLIPWAY_NOW", "2026-11-28T12:00:00.000Z")])
    };
    assert_eq!(error(&production(&[])), refused("nothing-verified"));
    world.judge("promote", "staging", "1.5.0");
    let frozen = production(&[("freeze", "Fri 16:00 .. Mon 08:00 Europe/Berlin")]);
    assert_eq!(error(&frozen), refused("frozen"));
    assert!(frozen.stdout.contains("frozen until 2026-11-30 08:00 Europe/Berlin"), "{}", frozen.stdout);
    let locked = production(&[("locked", "incident 4711")]);
    assert_eq!(error(&locked), refused("locked"));
    assert!(locked.stdout.contains("production is locked: incident 4711"), "{}", locked.stdout);
    assert_eq!(production(&[("freeze", "2026-12-20 .. 2027-01-03")]).output("version"), "1.5.0");
}

#[test]
fn a_freeze_and_a_lock_stop_deployments_until_they_end() {
    let closed = |rule: &str| {
        World::new(&SETTINGS.replace("path = \"envs/staging\"", &format!("path = \"envs/staging\"\n{rule}")))
    };
    let images = image("1.5.0");
    let world = closed("freeze = [\"2026-12-20 .. 2027-01-03\", \"Mon 00:00 .. Mon 08:00\"]");
    let at =
        |now: &str, mode: &str| world.run("staging", &[("images", &images), ("mode", mode)], &[("SLIPWAY_NOW", now)]);
    let frozen = at("2027-01-03T23:59:59.000Z", "push");
    assert_eq!(error(&frozen), refused("frozen"));
    // The Monday after it follows without a gap.
    assert!(frozen.stdout.contains("frozen until 2027-01-04 08:00 UTC"), "{}", frozen.stdout);
    assert_eq!((frozen.output("changed"), world.bare.log("main").len()), ("false", 1));
    let plan = at("2027-01-03T23:59:59.000Z", "plan");
    assert_eq!((plan.code, plan.output("diff").is_empty()), (0, false), "{}", plan.stdout);
    assert!(plan.summary.contains("Refused: staging is frozen until"), "{}", plan.summary);
    assert_eq!(at("2027-01-04T08:00:00.000Z", "push").code, 0);
    // Nothing to change is no deployment.
    assert_eq!(at("2027-01-03T23:59:59.000Z", "push").code, 0);

    let world = closed("locked = \"incident 4711, ask the on-call\"");
    let locked = world.run("staging", &[("images", &images), ("force", "true")], &[]);
    assert_eq!(error(&locked), refused("locked"));
    assert!(locked.stdout.contains("staging is locked: incident 4711, ask the on-call"), "{}", locked.stdout);
    let unknown = closed("freeze = [\"Sat .. Sun Europe/Atlantis\"]");
    let unknown = unknown.run("staging", &[("images", &images)], &[]);
    assert_eq!(error(&unknown), (2, "invalid-input".into()));
    assert!(unknown.stdout.contains("there is no time zone `Europe/Atlantis`"), "{}", unknown.stdout);
}

#[test]
fn a_downgrade_is_refused_until_it_is_allowed() {
    let world = World::new(SETTINGS);
    world.stage("1.5.0");
    let older = image("1.4.0");
    let run = world.run("staging", &[("images", &older)], &[]);
    assert_eq!(error(&run), refused("downgrade"));
    assert!(run.stdout.contains("staging runs 1.5.0, which is higher"), "{}", run.stdout);
    assert_eq!(world.run("staging", &[("images", &older), ("allow-downgrade", "true")], &[]).code, 0);
    // Names of commits have no order; what ran before is older.
    for (version, code) in [("1.4.1", 0), ("abc1", 0), ("abc2", 0), ("abc1", 1)] {
        let run = world.run("staging", &[("images", &image(version))], &[]);
        assert_eq!(run.code, code, "{version}: {}", run.stdout);
    }
}

#[test]
fn a_deployment_that_lost_the_race_is_judged_by_what_won() {
    let world = World::new(SETTINGS);
    // While 1.5.0 is on its way, 1.6.0 arrives.
    let other = Repository::clone_from(world.bare.path().to_str().unwrap(), None);
    let winner = format!(
        "Deploy\n\nRelease-Component: shop\nRelease-Version: 1.6.0\nRelease-Image: {}\nRelease-Environment: staging\n",
        image("1.6.0")
    );
    let theirs = other.commit_files(&winner, &[("envs/staging/shop.yaml", &manifest(&image("1.6.0"), "1.6.0"))]);
    other.git(&["push", "--quiet", "origin", "HEAD:refs/heads/other"]);
    let once = format!("if [ ! -e raced ]; then touch raced; git update-ref refs/heads/main {theirs}; fi");
    world.bare.install_hook("update", &once);
    let run = world.run("staging", &[("images", &image("1.5.0"))], &[]);
    assert_eq!(error(&run), refused("downgrade"));
    assert_eq!(world.bare.refs()["refs/heads/main"], theirs);
}

#[test]
fn an_environment_can_be_on_a_branch_or_in_a_repository_of_its_own() {
    let settings = SETTINGS
        .replace("[environments.staging]", "[environments.staging]\nrepository = \"acme/staging\"")
        .replace("[environments.production]", "[environments.production]\nbranch = \"live\"\nrecord = \"branch\"");
    let world = World::new(&settings);
    let staging = world.work.bare_clone();
    world.server.add("acme/staging", &staging);
    world.bare.git(&["branch", "live", "main"]);
    let main = world.bare.refs()["refs/heads/main"].clone();

    world.stage("1.5.0");
    assert_eq!(staging.log("main")[0].trailer("Release-Version"), Some("1.5.0"));
    judge_on(&staging, "refs/slipway/staging/shop", "promote", "staging", "1.5.0");
    let run = world.run("production", &[], &[]);
    assert_eq!((run.code, run.output("branch")), (0, "live"), "{}", run.stdout);
    assert_eq!(world.bare.log("live")[0].trailer("Release-Version"), Some("1.5.0"));
    assert_eq!(world.bare.refs()["refs/heads/main"], main);

    // Its verdicts are on a branch.
    judge_on(&world.bare, "refs/heads/slipway-record/production/shop", "rollback", "production", "1.5.0");
    assert_eq!(error(&world.run("production", &[], &[])), refused("rolled-back"));
}

#[test]
fn a_wrong_settings_file_is_one_clear_error() {
    for (settings, told) in [
        (
            SETTINGS.replace("promote-from", "promote_from"),
            "slipway.toml:7: `promote_from` is not a key of an environment. did you mean `promote-from`?",
        ),
        (SETTINGS.replace("environments.staging", "environments.test"), "there is no environment `staging`"),
        ("[environments".to_owned(), "`slipway.toml`: "),
    ] {
        let world = World::new(&settings);
        let run = world.run("production", &[], &[]);
        assert_eq!(error(&run), (2, "invalid-file".into()), "{}", run.stdout);
        assert!(run.stdout.contains(told), "{}", run.stdout);
        assert_eq!(world.bare.log("main").len(), 1);
    }
    let world = World::new(SETTINGS);
    let run = world.run("prodution", &[], &[]);
    assert_eq!(error(&run), (2, "invalid-input".into()));
    assert!(run.stdout.contains("has no environment `prodution`. did you mean `production`?"), "{}", run.stdout);
    let other = world.run("production", &[("promote-from", "test")], &[]);
    assert!(other.stdout.contains("`promote-from` is `test`, but `slipway.toml` says `staging`"), "{}", other.stdout);
}

#[test]
fn write_reads_the_settings_of_the_working_tree() {
    let world = World::new(SETTINGS);
    world
        .work
        .write("slipway.toml", SETTINGS.replace("[environments.staging]", "[environments.staging]\nlocked = \"move\""));
    let inputs = [("mode", "write"), ("images", &image("1.5.0"))];
    assert_eq!(error(&world.run("staging", &inputs, &[])), refused("locked"));
    world.work.write("slipway.toml", SETTINGS);
    let run = world.run("staging", &inputs, &[]);
    assert_eq!((run.code, run.output("files")), (0, "envs/staging/shop.yaml"), "{}", run.stdout);
    assert_eq!(world.bare.log("main").len(), 1);
}
