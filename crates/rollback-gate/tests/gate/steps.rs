//! Steps in which users get a release: the weight in git or by a command, back at the first rollback, continued by the next run.

use std::fs;
use std::time::Duration;

use testbed::{Load, Release, Service, binary};

use crate::rollback::bad;
use crate::world::{LIMIT, Said, World};

pub(crate) const ROUTE: &str = "envs/staging/route.yaml";
const WEIGHT: (&str, &str) = ("weight", "envs/staging/route.yaml#spec.weight");
const STEPS: (&str, &str) = ("steps", "setWeight 10\npause 200ms\nanalysis 600ms\nsetWeight 50\nanalysis 600ms");

/// A world in which 1.0.0 is verified, 1.1.0 is deployed, and nobody gets it yet.
pub(crate) fn world(release: &Release) -> World {
    let world = World::with_verified_release();
    route(&world, "kind: Route\nspec:\n  weight: 0 # percent\n");
    world.deploy_and_wait(release);
    world
}

pub(crate) fn route(world: &World, content: &str) {
    let path = world.bare.path().to_str().unwrap();
    world.work.git(&["fetch", "--quiet", path, "main"]);
    world.work.git(&["reset", "--quiet", "--hard", "FETCH_HEAD"]);
    world.work.commit_files("chore: route", &[(ROUTE, content)]);
    world.work.git(&["push", "--quiet", path, "HEAD:main"]);
}

pub(crate) fn good() -> Release {
    Release::version("1.1.0")
}

pub(crate) fn walk(world: &World, inputs: &[(&str, &str)]) -> Said {
    world.gate(&[&[STEPS, WEIGHT, ("on-failure", "rollback")], inputs].concat())
}

/// A run whose weight is moved by a command that writes down what it was told.
fn walk_by_command(world: &World, command: &str, inputs: &[(&str, &str)]) -> Said {
    world.gate(&[&[STEPS, ("weight-command", command)], inputs].concat())
}

/// The weights in the order in which commits set them.
pub(crate) fn weights(world: &World) -> Vec<String> {
    let log = world.bare.log("main");
    log.iter().rev().filter_map(|commit| commit.trailer("Weight").map(str::to_owned)).collect()
}

pub(crate) fn written(world: &World, name: &str) -> String {
    fs::read_to_string(world.work.path().join(name)).unwrap_or_default().replace('\n', " ")
}

#[test]
fn a_good_release_gets_to_all_users_step_by_step() {
    let world = world(&good());
    let _users = world.users();
    let planned = walk(&world, &[("mode", "plan")]);
    for told in [
        "The weight belongs to Slipway, by `spec.weight` in",
        "which is `0` now",
        "4. `setWeight 50`",
        "6. `setWeight 100`",
    ] {
        assert!(planned.run.summary.contains(told), "{told}: {}", planned.run.summary);
    }
    let said = walk(&world, &[]);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert!(
        said.run.output("reason").starts_with("all 6 steps were taken; all 3 checks were good for 600ms"),
        "{}",
        said.run.output("reason")
    );
    assert_eq!(weights(&world), ["10", "50", "100"]);
    assert_eq!(world.bare.read("main", ROUTE).unwrap(), "kind: Route\nspec:\n  weight: 100 # percent\n");
    assert_eq!(world.verdicts(), ["promote 1.0.0", "hold 1.1.0", "hold 1.1.0", "hold 1.1.0", "promote 1.1.0"]);
    let pushes = world.server.pushes();
    let again = walk(&world, &[]);
    assert_eq!((again.run.code, again.run.output("reason")), (0, "all steps were taken by a run before this one"));
    assert_eq!(world.server.pushes(), pushes);
}

#[test]
fn the_first_rollback_takes_the_weight_back_before_the_release() {
    let world = world(&bad());
    let _users = world.users();
    let said = walk(&world, &[]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
    assert!(said.run.output("reason").starts_with("step "), "{}", said.run.output("reason"));
    assert_eq!(said.run.output("restored-version"), "1.0.0");
    assert_eq!(weights(&world), ["10", "0"]);
    let log = world.bare.log("main");
    assert!(log[0].trailer("Rollback-Of").is_some() && log[1].trailer("Weight") == Some("0"), "{log:?}");
    assert_eq!(world.bare.read("main", ROUTE).unwrap(), "kind: Route\nspec:\n  weight: 0 # percent\n");
    assert_eq!(world.verdicts(), ["promote 1.0.0", "hold 1.1.0", "hold 1.1.0", "rollback 1.1.0", "promote 1.0.0"]);
    assert_eq!(world.evidence("~1")["rollout"]["weight"], 0);
    assert_eq!(world.evidence("~3")["rollout"]["taken"], serde_json::json!(["setWeight 10"]));
    let pushes = world.server.pushes();
    let again = walk(&world, &[]);
    assert_eq!((again.run.code, again.run.output("restored-version")), (1, "1.0.0"), "{}", again.run.stdout);
    assert_eq!(world.server.pushes(), pushes);
}

#[test]
fn a_hold_stops_where_it_is_and_the_next_run_goes_on_from_there() {
    let world = world(&good());
    // Without users there is no evidence.
    let said = walk(&world, &[]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "hold"), "{}", said.run.stdout);
    assert!(
        said.run.output("reason").starts_with("step 3 of 6, `analysis 600ms`: `error-rate < 5%` has no evidence"),
        "{}",
        said.run.output("reason")
    );
    assert_eq!(weights(&world), ["10"]);
    let _users = world.users();
    let said = walk(&world, &[]);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert!(
        !said.run.stdout.contains("step 1 of 6") && said.run.stdout.contains("step 2 of 6: pause"),
        "{}",
        said.run.stdout
    );
    assert_eq!(weights(&world), ["10", "50", "100"]);
}

#[test]
fn a_weight_that_somebody_else_moves_is_left_to_people() {
    let world = world(&good());
    assert_eq!(walk(&world, &[]).run.output("verdict"), "hold");
    route(&world, "kind: Route\nspec:\n  weight: 37\n");
    let _users = world.users();
    let said = walk(&world, &[]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "hold"), "{}", said.run.stdout);
    assert!(
        said.run.output("reason").contains("is `37`, where the step before left `10`"),
        "{}",
        said.run.output("reason")
    );
    assert_eq!(weights(&world), ["10"]);
}

#[test]
fn a_rollout_with_steps_of_its_own_owns_the_weight() {
    let world = world(&good());
    route(
        &world,
        "kind: Rollout\nspec:\n  weight: 0\n  strategy:\n    canary:\n      steps:\n        - setWeight: 10\n",
    );
    let said = walk(&world, &[]);
    assert_eq!((said.run.code, said.json["error"]["kind"].as_str()), (2, Some("invalid-input")), "{}", said.run.stdout);
    assert!(said.run.stdout.contains("so Argo Rollouts owns the weight"), "{}", said.run.stdout);
    assert_eq!((weights(&world).len(), world.verdicts().len()), (0, 1));
}

#[test]
fn a_command_moves_the_weight() {
    let world = world(&bad());
    let _users = world.users();
    let said = walk_by_command(&world, "echo $SLIPWAY_WEIGHT $SLIPWAY_VERSION >> weights", &[]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
    assert_eq!(written(&world, "weights"), "10 1.1.0 0 1.1.0 ");
    assert_eq!((world.running().as_str(), said.run.output("rolled-back")), ("1.1.0", "false"), "it is only reported");
    let again = walk_by_command(&world, "echo $SLIPWAY_WEIGHT >> weights", &[]);
    assert_eq!((again.run.code, again.run.output("verdict")), (1, "rollback"), "{}", again.run.stdout);
    assert_eq!(written(&world, "weights"), "10 1.1.0 0 1.1.0 ", "nothing is left to do");
}

#[test]
fn a_run_that_is_killed_between_steps_is_continued() {
    let world = world(&good());
    let _users = world.users();
    let command = "echo $SLIPWAY_WEIGHT >> weights; test $SLIPWAY_WEIGHT != 50 || test -e killed || { touch killed; kill -9 $PPID; }";
    let said = walk_by_command(&world, command, &[]);
    assert_ne!(said.run.code, 0, "{}", said.run.stdout);
    assert_eq!(written(&world, "weights"), "10 50 ");
    let said = walk_by_command(&world, command, &[]);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert_eq!(written(&world, "weights"), "10 50 50 100 ", "what was recorded is not done again");
}

#[test]
fn a_run_that_is_killed_in_its_first_step_is_known_to_have_moved_users() {
    let world = world(&bad());
    let _users = world.users();
    let command = "echo $SLIPWAY_WEIGHT >> weights; test -e killed || { touch killed; kill -9 $PPID; }";
    let said = walk_by_command(&world, command, &[]);
    assert_ne!(said.run.code, 0, "{}", said.run.stdout);
    let asked = [("mode", "rollback"), ("decided-by", "ada"), ("steps", STEPS.1), ("weight-command", command)];
    let said = world.gate(&asked);
    assert_eq!((said.run.code, said.run.output("restored-version")), (0, "1.0.0"), "{}", said.run.stdout);
    assert_eq!(written(&world, "weights"), "10 0 ");
}

#[test]
fn a_release_that_is_down_from_the_first_look_of_a_pause_is_taken_back() {
    let world = world(&good());
    let _users = world.users();
    let mut part = Service::start(&binary("sample-service"), &good()).unwrap();
    part.wait_until_healthy(LIMIT).unwrap();
    let checks = format!("{}\nhealth {}/health", world.checks(), part.url());
    let steps = ("steps", "setWeight 10\nanalysis 600ms\nsetWeight 100\npause 300ms");
    // It does not live through all users.
    let command = format!("echo $SLIPWAY_WEIGHT >> weights; test $SLIPWAY_WEIGHT != 100 || kill -9 {}", part.id());
    let said = world.gate(&[steps, ("weight-command", &command), ("checks", &checks)]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
    assert!(said.run.output("reason").starts_with("step 4 of 4, `pause 300ms`"), "{}", said.run.output("reason"));
    assert_eq!(written(&world, "weights"), "10 100 0 ");
}

#[test]
fn a_weight_is_not_moved_where_it_cannot_be_recorded() {
    let world = world(&good());
    route(&world, "color: blue\n");
    let _users = world.users();
    let inputs = [("steps", "switch\nanalysis 600ms"), ("weight", "envs/staging/route.yaml#color=blue|green")];
    world.bare.install_hook("update", "case $1 in refs/slipway/*) exit 1 ;; esac");
    let said = world.gate(&inputs);
    assert_eq!(said.json["error"]["kind"], "push-rejected", "{}", said.run.stdout);
    assert_eq!(world.bare.read("main", ROUTE).unwrap(), "color: blue\n");
    world.bare.remove_hook("update");
    let said = world.gate(&inputs);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert_eq!(world.bare.read("main", ROUTE).unwrap(), "color: green\n");
}

#[test]
fn a_promote_whose_users_cannot_be_moved_is_not_recorded() {
    let world = world(&good());
    let command = "test $SLIPWAY_WEIGHT != 100";
    assert_eq!(walk_by_command(&world, command, &[]).run.output("verdict"), "hold");
    let answer = [("mode", "decide"), ("decision", "promote"), ("reason", "quiet hour"), ("decided-by", "ada")];
    let said = world.gate(&[&answer[..], &[STEPS, ("weight-command", command)]].concat());
    assert_eq!(said.json["error"]["kind"], "command-failed", "{}", said.run.stdout);
    assert!(world.verdicts()[1..].iter().all(|verdict| verdict == "hold 1.1.0"), "{:?}", world.verdicts());
    let said = world.gate(&[&answer[..], &[STEPS, ("weight-command", "echo $SLIPWAY_WEIGHT >> weights")]].concat());
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert_eq!(written(&world, "weights"), "100 ");
}

#[test]
fn steps_that_are_others_now_begin_where_the_weight_was_left() {
    let world = world(&good());
    assert_eq!(walk(&world, &[]).run.output("verdict"), "hold");
    let _users = world.users();
    let said = walk(&world, &[("steps", "setWeight 20\nanalysis 600ms")]);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert_eq!(weights(&world), ["10", "20", "100"]);
}

#[test]
fn a_run_that_is_killed_while_it_goes_back_is_continued_without_a_look() {
    let world = world(&bad());
    let _users = world.users();
    let command = "echo $SLIPWAY_WEIGHT >> weights; test $SLIPWAY_WEIGHT != 0 || test -e killed || { touch killed; kill -9 $PPID; }";
    let said = walk_by_command(&world, command, &[("on-failure", "rollback")]);
    assert_eq!((said.run.code == 0, world.rollbacks().len()), (false, 0), "{}", said.run.stdout);
    let said = walk_by_command(&world, command, &[("on-failure", "rollback")]);
    assert_eq!((said.run.code, said.run.output("restored-version")), (1, "1.0.0"), "{}", said.run.stdout);
    assert!(!said.run.stdout.contains(" left · health: "), "{}", said.run.stdout);
    assert!(said.run.output("reason").contains("`error-rate < 5%`"), "{}", said.run.output("reason"));
    assert_eq!((written(&world, "weights").as_str(), world.rollbacks().len()), ("10 0 0 ", 1));
    let holds = ["hold 1.1.0"; 3];
    assert_eq!(world.verdicts()[1..], [&holds[..], &["rollback 1.1.0", "promote 1.0.0"]].concat());
}

#[test]
fn a_person_who_answers_a_hold_moves_the_users_too() {
    let world = world(&good());
    assert_eq!(walk(&world, &[]).run.output("verdict"), "hold");
    let answer = [("mode", "decide"), ("decision", "promote"), ("reason", "quiet hour"), ("decided-by", "ada")];
    let said = world.gate(&answer);
    assert_eq!(said.run.code, 2, "{}", said.run.stdout);
    assert!(said.run.stdout.contains("of the users, who have to be moved too"), "{}", said.run.stdout);
    let said = world.gate(&[&answer[..], &[STEPS, WEIGHT]].concat());
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert_eq!(
        (weights(&world).join(" ").as_str(), world.verdicts().last().map(String::as_str)),
        ("10 100", Some("promote 1.1.0"))
    );
    let said = world.gate(&[("mode", "rollback"), ("decided-by", "ada"), STEPS, WEIGHT]);
    assert_eq!((said.run.code, said.run.output("restored-version")), (0, "1.0.0"), "{}", said.run.stdout);
    assert_eq!(weights(&world), ["10", "100", "0"]);
}

#[test]
fn an_irreversible_release_keeps_its_users() {
    let world = world(&bad());
    let _users = world.users();
    let irreversible = ("irreversible", "true");
    let said = walk(&world, &[irreversible]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
    assert!(said.run.stdout.contains("::warning::the users stay with `1.1.0`: it is marked"), "{}", said.run.stdout);
    let again = walk(&world, &[irreversible]);
    assert_eq!((again.run.code, again.run.output("verdict")), (1, "rollback"), "{}", again.run.stdout);
    assert_eq!((weights(&world), world.rollbacks().len()), (vec!["10".to_owned()], 0));
}

#[test]
fn a_fault_that_stable_shares_stops_the_steps_and_blames_nobody() {
    let world = world(&bad());
    let old = Release { error_share: 0.3, ..Release::version("1.0.0") };
    let mut stable = Service::start(&binary("sample-service"), &old).unwrap();
    stable.wait_until_healthy(LIMIT).unwrap();
    let _users = (world.users(), Load::start(&stable.url(), 150.0, Duration::from_secs(60)).unwrap());
    let (canary, stable) = (format!("{}/metrics", world.url()), format!("{}/metrics", stable.url()));
    // The release answers by way of a proxy, which makes it slower.
    let tolerant = ("regression", "100x");
    let inputs = [("canary", canary.as_str()), ("stable", &stable), ("steps", "setWeight 10\nanalysis 3s"), tolerant];
    let said = walk(&world, &inputs);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "hold"), "{}", said.run.stdout);
    assert!(
        said.run.output("reason").contains("of stable as well: the fault is shared"),
        "{}",
        said.run.output("reason")
    );
    assert_eq!((weights(&world), world.rollbacks().len()), (vec!["10".to_owned()], 0));
    let learned = world.evidence("")["canary"]["metrics"][0]["parts"][0]["process"]["looks"].as_u64();
    assert!(learned.is_some_and(|looks| looks > 3), "the next step goes on with what was learned: {learned:?}");
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    let world = World::new();
    for (inputs, message) in [
        (&[("weight", "a.yaml#x")][..], "input `weight`: only `steps` use it"),
        (&[STEPS], "input `steps`: nobody knows how users are sent to the release"),
        (&[STEPS, WEIGHT, ("weight-command", "true")], "input `weight-command`: `weight` is given as well"),
        (&[WEIGHT, ("steps", "setWeight 10")], "input `steps`: none of them judges the release"),
        (&[WEIGHT, ("steps", "analysis\nkeep 1m")], "input `retire-command`: it is missing"),
        (&[WEIGHT, ("steps", "keep 1m\nanalysis"), ("retire-command", "true")], "a step follows `keep`"),
        (
            &[WEIGHT, ("steps", "setWeight 5\npreview"), ("preview-checks", "health https://x/")],
            "`preview` follows a step",
        ),
        (&[WEIGHT, ("steps", "preview\nswitch")], "input `preview-checks`: it is missing"),
        (
            &[WEIGHT, ("steps", "preview\nswitch"), ("preview-checks", "query \"up\" > 0")],
            "input `prometheus-url`: `query \"up\" > 0` needs a Prometheus server",
        ),
        (
            &[WEIGHT, ("steps", "setWeight 10\nanalysis\npause 10h")],
            "input `steps`: `pause 10h` is more than 10000 looks",
        ),
        (
            &[("weight", "a.yaml#x=a|b"), ("steps", "setWeight 10\nanalysis")],
            "`setWeight 10` is neither all nor nothing",
        ),
        (&[WEIGHT, ("steps", "analysis\nbackground analysis a from step 2")], "there is no step 2 for the analysis"),
        (
            &[STEPS, WEIGHT, ("environment", ""), ("component", ""), ("checks", "health https://x/")],
            "input `steps`: nobody knows which release they are about",
        ),
    ] {
        let said = world.gate(inputs);
        let error = said.json["error"]["message"].as_str().unwrap_or_default();
        assert!(said.run.code == 2 && error.contains(message), "{message}: {}", said.run.stdout);
    }
}
