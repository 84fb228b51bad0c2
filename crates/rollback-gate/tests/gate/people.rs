//! What people ask for: a rollback, an answer to a hold; and what is not for a commit to take back.

use testbed::{Load, Release};

use crate::rollback::bad;
use crate::world::{RECORD, Said, World};

const ADA: (&str, &str) = ("GITHUB_ACTOR", "ada");

fn ask(world: &World, inputs: &[(&str, &str)]) -> Said {
    let checks = world.health();
    world.gate_with(&[&[("checks", checks.as_str())], inputs].concat(), &[ADA])
}

/// A world in which 1.0.0 and 1.1.0 were promoted, and 1.2.0 runs.
fn with_three_releases() -> World {
    let world = World::with_verified_release();
    world.deploy_and_wait(&Release::version("1.1.0"));
    assert_eq!(world.gate(&[("checks", &world.health()), ("duration", "300ms")]).run.code, 0);
    world.deploy_and_wait(&Release::version("1.2.0"));
    world
}

#[test]
fn one_click_takes_a_release_back() {
    let world = with_three_releases();
    // What is wrong with a template, which nobody measures here, keeps nobody waiting.
    world.work.write("broken.yaml", "kind: [");
    let template = ("analysis-template", "broken.yaml");
    let said = ask(&world, &[("mode", "rollback"), ("reason", "customers complain"), template]);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "rollback"), "{}", said.run.stdout);
    assert_eq!((said.run.output("restored-version"), said.run.output("decided-by")), ("1.1.0", "@ada"));
    assert_eq!((world.running().as_str(), world.rollbacks().len()), ("1.1.0", 1));
    assert_eq!(world.rollbacks()[0].trailer("Rollback-Reason"), Some("@ada asks for it (customers complain)"));
    assert_eq!(world.verdicts()[2..], ["rollback 1.2.0", "promote 1.1.0"]);
    assert_eq!(world.bare.log(RECORD)[1].trailer("Decided-By"), Some("@ada"));
    assert!(said.run.summary.contains("**rollback**, says `@ada`"), "{}", said.run.summary);
    // Clicking twice is no rollback of the rollback.
    let again = ask(&world, &[("mode", "rollback")]);
    assert_eq!((again.run.code, again.run.output("restored-version")), (0, "1.1.0"), "{}", again.run.stdout);
    assert_eq!((world.rollbacks().len(), world.verdicts().len()), (1, 4));
    // Further back has to be said.
    let further = ask(&world, &[("mode", "rollback"), ("to", "1.0.0")]);
    assert_eq!((further.run.code, further.run.output("restored-version")), (0, "1.0.0"), "{}", further.run.stdout);
    assert_eq!(world.running(), "1.0.0");
    assert_eq!(world.verdicts()[4..], ["rollback 1.1.0", "promote 1.0.0"]);
}

#[test]
fn h85_a_rollback_to_what_cannot_be_is_refused() {
    let world = with_three_releases();
    let pushes = world.server.pushes();
    for (to, code, kind, told) in [
        ("1.2.0", 2, "invalid-input", "`1.2.0` is what is deployed"),
        ("0.9.0", 1, "nothing-verified", "these could be restored: `1.1.0`, `1.0.0`"),
        ("../x", 2, "invalid-input", "input `to`"),
    ] {
        let said = ask(&world, &[("mode", "rollback"), ("to", to)]);
        assert_eq!((said.run.code, said.json["error"]["kind"].as_str()), (code, Some(kind)), "{}", said.run.stdout);
        assert!(said.run.stdout.contains(told), "{}", said.run.stdout);
    }
    let said = ask(&world, &[("mode", "rollback"), ("release", "1.1.0")]);
    assert_eq!((said.run.code, &said.json["error"]["kind"]), (1, &"verdict-negative".into()), "{}", said.run.stdout);
    assert_eq!(world.server.pushes(), pushes, "nothing was written");
    // A branch that begins anew does not lead back.
    world.bare.git(&["update-ref", "refs/heads/old", "main"]);
    let tree = world.bare.git(&["rev-parse", "main^{tree}"]);
    let message = world.bare.git(&["log", "-1", "--format=%B", "main"]);
    let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    let root = world.bare.git(&[&identity[..], &["commit-tree", "-m", &message, &tree]].concat());
    world.bare.git(&["update-ref", "refs/heads/main", &root]);
    let said = ask(&world, &[("mode", "rollback")]);
    assert_eq!((said.run.code, said.run.output("frozen")), (1, "true"), "{}", said.run.stdout);
    assert!(said.run.stdout.contains("which is not in the history of `main`"), "{}", said.run.stdout);
}

#[test]
fn a_first_release_has_nothing_to_go_back_to() {
    let world = World::new();
    world.deploy_and_wait(&Release::version("1.0.0"));
    let said = ask(&world, &[("mode", "rollback")]);
    assert_eq!((said.run.code, said.run.output("frozen")), (1, "true"), "{}", said.run.stdout);
    assert_eq!(said.json["error"]["kind"], "nothing-verified");
    assert_eq!((world.verdicts().as_slice(), world.running().as_str()), (&["rollback 1.0.0".to_owned()][..], "1.0.0"));
}

#[test]
fn a_hold_is_answered() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&Release::version("1.1.0"));
    let answer = |decision: &str, more: &[(&str, &str)]| {
        ask(&world, &[&[("mode", "decide"), ("decision", decision), ("reason", "seen by hand")], more].concat())
    };
    let early = answer("promote", &[]);
    assert_eq!((early.run.code, &early.json["error"]["kind"]), (1, &"verdict-negative".into()), "{}", early.run.stdout);
    assert!(early.run.stdout.contains("there is no hold to answer"), "{}", early.run.stdout);

    // Without users nobody knows.
    assert_eq!(world.gate(&[("duration", "500ms")]).run.output("verdict"), "hold");
    let other = answer("promote", &[("release", "1.0.0")]);
    assert_eq!(other.run.code, 1, "{}", other.run.stdout);
    let said = answer("promote", &[("release", "1.1.0")]);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert_eq!(world.verdicts(), ["promote 1.0.0", "hold 1.1.0", "promote 1.1.0"]);
    assert_eq!(world.bare.log(RECORD)[0].trailer("Decided-By"), Some("@ada"));
    assert_eq!(world.evidence("")["note"], "seen by hand");
    assert_eq!(answer("promote", &[]).run.code, 0, "it is answered already");
    assert_eq!(answer("rollback", &[]).run.code, 1, "and not otherwise");
    assert_eq!(world.verdicts().len(), 3);

    world.deploy_and_wait(&Release::version("1.2.0"));
    assert_eq!(world.gate(&[("duration", "500ms")]).run.output("verdict"), "hold");
    world.deploy_and_wait(&Release::version("1.3.0"));
    let late = answer("rollback", &[]);
    assert_eq!(late.run.code, 1, "{}", late.run.stdout);
    assert!(late.run.stdout.contains("there is no verdict on `1.3.0`"), "{}", late.run.stdout);
    assert_eq!(world.gate(&[("duration", "500ms")]).run.output("verdict"), "hold");
    let back = answer("rollback", &[]);
    assert_eq!((back.run.code, back.run.output("restored-version")), (0, "1.1.0"), "{}", back.run.stdout);
    assert_eq!(world.running(), "1.1.0");
}

#[test]
fn who_asks_and_why_has_to_be_known() {
    let world = World::with_verified_release();
    for (inputs, variables, told) in [
        (&[("mode", "decide"), ("reason", "x")][..], &[ADA][..], "input `decision`"),
        (&[("mode", "decide"), ("decision", "promote")], &[ADA], "input `reason`"),
        (&[("mode", "rollback")], &[], "set `decided-by` to a name"),
        (&[("to", "1.0.0")], &[ADA], "only the mode `rollback` reads it"),
        (&[("mode", "rollback"), ("environment", ""), ("component", "")], &[ADA], "input `environment`"),
    ] {
        let said = world.gate_with(inputs, variables);
        assert_eq!(said.run.code, 2, "{inputs:?}: {}", said.run.stdout);
        assert!(said.run.stdout.contains(told), "{told}: {}", said.run.stdout);
    }
}

#[test]
fn what_is_irreversible_is_frozen() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let _users: Load = world.users();
    let said = world.gate(&[("on-failure", "rollback"), ("irreversible", "true"), ("duration", "10s")]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
    assert_eq!((said.run.output("frozen"), said.run.output("rolled-back")), ("true", "false"));
    assert!(said.run.stdout.contains("is marked as irreversible"), "{}", said.run.stdout);
    assert!(said.run.summary.contains("**Frozen, not rolled back:**"), "{}", said.run.summary);
    assert_eq!((world.rollbacks().len(), world.verdicts().len()), (0, 2));
    // Whoever takes any verdict still wants to know that nothing was taken back.
    let frozen = [("on-failure", "rollback"), ("irreversible", "true"), ("fail-on", "never")];
    assert_eq!(world.gate(&frozen).run.code, 1);
}

#[test]
fn a_command_rolls_back() {
    let world = World::with_verified_release();
    let failing = world.deploy_and_wait(&bad());
    let _users = world.users();
    let bare = world.bare.path().display().to_string();
    let command = format!(
        "set -e
        test -z \"$INPUT_MODE$INPUT_GITHUB_TOKEN$GITHUB_TOKEN$GITHUB_OUTPUT\"
        echo \"$SLIPWAY_COMPONENT $SLIPWAY_ENVIRONMENT $SLIPWAY_FAILING_VERSION -> $SLIPWAY_VERSION: $SLIPWAY_REASON\"
        echo ::error::not ours
        case $SLIPWAY_IMAGES in ghcr.io/acme/shop:1.0.0@sha256:*) ;; *) exit 9 ;; esac
        git -C {bare} update-ref refs/heads/main $SLIPWAY_CONFIG_COMMIT"
    );
    let inputs = [("on-failure", "rollback"), ("duration", "10s"), ("rollback-command", command.as_str())];
    let broken = world.gate(&[&inputs[..2], &[("rollback-command", "echo no such cluster >&2; exit 7")]].concat());
    assert_eq!(
        (broken.run.code, &broken.json["error"]["kind"]),
        (3, &"command-failed".into()),
        "{}",
        broken.run.stdout
    );
    assert!(
        broken.run.stdout.contains("`rollback-command` ended with status 7: no such cluster"),
        "{}",
        broken.run.stdout
    );
    assert_eq!(world.verdicts(), ["promote 1.0.0", "rollback 1.1.0"]);

    let said = world.gate(&inputs);
    assert_eq!((said.run.code, said.run.output("restored-version")), (1, "1.0.0"), "{}", said.run.stdout);
    assert!(
        said.run.stdout.contains("shop staging 1.1.0 -> 1.0.0: `error-rate < 5%` failed on"),
        "{}",
        said.run.stdout
    );
    assert!(!said.run.stdout.contains("\n::error::not ours"), "{}", said.run.stdout);
    assert_eq!(said.json["outcome"]["watch"]["healthy"], true);
    assert_eq!(world.running(), "1.0.0");
    assert_eq!(world.verdicts(), ["promote 1.0.0", "rollback 1.1.0", "promote 1.0.0"]);
    assert!(!world.bare.git(&["log", "--format=%H", "main"]).contains(&failing));
}
