//! Rolling back: once, to what is verified, whatever happens in between.

use testbed::Release;

use crate::world::{LIMIT, RECORD, Said, World};

/// A release that answers its health check and fails every third user.
pub(crate) fn bad() -> Release {
    Release { error_share: 0.3, ..Release::version("1.1.0") }
}

fn roll_back(world: &World) -> Said {
    world.gate(&[("on-failure", "rollback"), ("duration", "10s"), ("reason", "the on-call asks")])
}

#[test]
fn a_bad_release_is_taken_back_once() {
    let world = World::with_verified_release();
    let failing = world.deploy_and_wait(&bad());
    let users = world.users();
    let said = roll_back(&world);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
    assert_eq!((said.run.output("rolled-back"), said.run.output("restored-version")), ("true", "1.0.0"));
    assert_eq!(said.json["error"]["kind"], "verdict-negative");
    assert_eq!(said.json["outcome"]["watch"]["healthy"], true);
    assert_eq!(world.running(), "1.0.0", "the gate waited for it");
    assert_eq!(world.verdicts(), ["promote 1.0.0", "rollback 1.1.0", "promote 1.0.0"]);
    let [rollback] = &world.rollbacks()[..] else { panic!("one rollback") };
    assert_eq!(said.run.output("config-commit"), rollback.id);
    assert_eq!(rollback.trailer("Rollback-Of"), Some(failing.as_str()));
    assert!(rollback.trailer("Rollback-Reason").unwrap().ends_with("requests (the on-call asks)"));
    assert_eq!(world.evidence("~1")["rollback-commit"], rollback.id.as_str());
    assert_eq!(world.evidence("")["watch"]["healthy"], true);
    let settled = &world.bare.log(RECORD)[0];
    assert_eq!(settled.trailer("Config-Commit"), Some(rollback.id.as_str()), "what was restored is verified");
    assert_eq!(users.stop().transport_errors, 0);

    let pushes = world.server.pushes();
    let again = roll_back(&world);
    assert_eq!((again.run.code, again.run.output("verdict")), (1, "rollback"), "{}", again.run.stdout);
    assert_eq!((again.run.output("release"), again.run.output("restored-version")), ("1.1.0", "1.0.0"));
    assert_eq!(again.json["plan"]["looks"].as_array().unwrap().len(), 0, "there is nothing to look at");
    assert_eq!(world.server.pushes(), pushes);
}

#[test]
fn what_was_verified_and_fails_now_is_taken_back_to_what_was_before() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let said = world.gate(&[("checks", &world.health()), ("duration", "300ms")]);
    assert_eq!(said.run.output("verdict"), "promote", "its addresses are good");
    let _users = world.users();
    assert_eq!(roll_back(&world).run.output("restored-version"), "1.0.0");
    assert_eq!(world.verdicts(), ["promote 1.0.0", "promote 1.1.0", "rollback 1.1.0", "promote 1.0.0"]);
}

#[test]
fn a_release_that_never_starts_is_taken_back_at_the_end() {
    let world = World::with_verified_release();
    world.deploy(&Release { healthy: false, ..Release::version("1.1.0") });
    let _users = world.users();
    let said = world.gate(&[("on-failure", "rollback")]);
    assert_eq!((said.run.code, said.run.output("restored-version")), (1, "1.0.0"), "{}", said.run.stdout);
    let reason = said.run.output("reason");
    assert!(reason.ends_with("/version == release` was not good once in 1500ms: 1.0.0"), "{reason}");
    assert!(said.json["plan"]["checks"][2]["latest"]["why"] == "the release is not in service yet", "{}", said.json);
}

#[test]
fn with_nothing_verified_it_says_so_loudly() {
    let world = World::new();
    let failing = world.deploy_and_wait(&bad());
    let _users = world.users();
    let said = roll_back(&world);
    assert_eq!((said.run.code, said.run.output("rolled-back")), (1, "false"));
    assert_eq!(said.json["error"]["kind"], "nothing-verified");
    assert!(said.run.stdout.contains("::error::the verdict on `1.1.0` is rollback"), "{}", said.run.stdout);
    assert!(said.run.stdout.contains("so there is nothing to go back to"), "{}", said.run.stdout);
    assert!(said.run.summary.contains("**Frozen, not rolled back:**"), "{}", said.run.summary);
    assert_eq!((said.run.output("config-commit"), said.run.output("frozen")), (failing.as_str(), "true"));
    assert_eq!(world.verdicts(), ["rollback 1.1.0"], "nobody is to deploy it elsewhere");
}

#[test]
fn what_comes_back_after_a_rollback_is_not_taken_back_again() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let _users = world.users();
    roll_back(&world);
    world.deploy_and_wait(&bad());
    let said = roll_back(&world);
    assert_eq!((said.run.code, said.run.output("rolled-back")), (1, "false"), "{}", said.run.stdout);
    assert_eq!(said.json["error"]["kind"], "rolled-back");
    assert_eq!(world.rollbacks().len(), 1);
}

#[test]
fn a_push_by_somebody_else_costs_no_second_watch() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let _users = world.users();
    // While the rollback is being pushed, another component is deployed: the branch has moved.
    world.bare.git(&["branch", "rival", "main"]);
    let tree = world.bare.git(&["rev-parse", "main^{tree}"]);
    let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
    let rival = world.bare.git(&[&identity[..], &["commit-tree", "-p", "main", "-m", "chore: cart", &tree]].concat());
    let script = format!(
        "while read old new name; do
            case $name in refs/heads/main) ;; *) continue ;; esac
            test -e moved && continue
            touch moved
            env -u GIT_QUARANTINE_PATH git update-ref refs/heads/main {rival}
        done"
    );
    world.bare.install_hook("pre-receive", &script);
    let said = roll_back(&world);
    assert_eq!((said.run.code, said.run.output("restored-version")), (1, "1.0.0"), "{}", said.run.stdout);
    assert!(said.run.stdout.contains("reading the config repository again (round 2 of 20)"), "{}", said.run.stdout);
    let looks = said.json["plan"]["looks"].as_array().unwrap().len();
    assert_eq!(said.run.stdout.matches(" left · health: ").count(), looks, "{}", said.run.stdout);
    assert_eq!(world.bare.log("main")[0].parents, [rival]);
    assert_eq!((world.rollbacks().len(), world.running()), (1, "1.0.0".to_owned()));
}

#[test]
fn a_run_that_was_ended_in_the_middle_is_continued() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let _users = world.users();
    // The record refuses the verdict after the rollback was published.
    let script =
        "while read old new name; do case $name in refs/slipway/*) echo no records today >&2; exit 1 ;; esac; done";
    world.bare.install_hook("pre-receive", script);
    let said = roll_back(&world);
    assert_eq!(said.run.code, 3, "{}", said.run.stdout);
    let error = &said.json["error"];
    assert_eq!(error["kind"], "push-rejected");
    assert!(error["message"].as_str().unwrap().starts_with("after the rollback by `"), "{error}");
    assert_eq!(error["detail"]["done"]["restored"]["version"], "1.0.0");
    assert_eq!((world.rollbacks().len(), world.verdicts().len()), (1, 1));

    world.bare.remove_hook("pre-receive");
    let said = roll_back(&world);
    assert_eq!((said.run.code, said.run.output("release")), (1, "1.1.0"), "{}", said.run.stdout);
    assert_eq!(said.run.output("restored-version"), "1.0.0");
    assert_eq!(said.json["plan"]["looks"].as_array().unwrap().len(), 0, "what was seen counts");
    assert!(said.run.output("reason").contains("failed on 3 looks in a row"), "{}", said.run.output("reason"));
    assert_eq!(world.rollbacks().len(), 1);
    assert_eq!(world.verdicts(), ["promote 1.0.0", "rollback 1.1.0", "promote 1.0.0"]);
}

#[test]
fn what_somebody_changed_since_is_left_to_people() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let _users = world.users();
    let manifest = world.bare.read("main", "envs/staging/shop.yaml").unwrap();
    world.commit("chore: by hand", &manifest.replace("shop:1.1.0@", "shop@"));
    let said = roll_back(&world);
    assert_eq!((said.run.code, said.run.output("rolled-back")), (1, "false"), "{}", said.run.stdout);
    assert_eq!(said.json["error"]["kind"], "verdict-negative");
    let error = &said.json["error"];
    assert!(error["message"].as_str().unwrap().contains("; frozen, not rolled back: what `"), "{error}");
    assert_eq!(world.verdicts(), ["promote 1.0.0", "rollback 1.1.0"]);
    assert!(world.rollbacks().is_empty());
}

#[test]
fn a_protected_branch_keeps_the_verdict_from_nobody() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let _users = world.users();
    world
        .bare
        .install_hook("pre-receive", "while read old new name; do case $name in refs/heads/*) exit 1 ;; esac; done");
    let said = roll_back(&world);
    assert_eq!((said.run.code, &said.json["error"]["kind"]), (3, &"push-rejected".into()), "{}", said.run.stdout);
    assert!(said.json["error"]["message"].as_str().unwrap().starts_with("the rollback could not be published: "));
    assert_eq!(world.verdicts(), ["promote 1.0.0", "rollback 1.1.0"]);
}

#[test]
fn a_release_that_another_one_replaced_is_on_hold() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let _users = world.users();
    let said = std::thread::scope(|scope| {
        let replaced = scope.spawn(|| {
            std::thread::sleep(std::time::Duration::from_millis(400));
            world.deploy(&Release::version("1.2.0"))
        });
        let said = world.gate(&[("on-failure", "rollback"), ("failure-limit", "9")]);
        let (_, digest) = replaced.join().unwrap();
        world.reconciler.wait_for("staging", &digest, LIMIT).unwrap();
        said
    });
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "hold"), "{}", said.run.stdout);
    assert_eq!(said.run.output("reason"), "`1.2.0` was deployed while `1.1.0` was watched");
    assert_eq!(world.verdicts(), ["promote 1.0.0", "hold 1.1.0"]);
    assert!(world.rollbacks().is_empty());
}
