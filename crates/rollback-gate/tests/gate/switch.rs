//! Blue-green: a preview, the switch of all users, the old version kept for a while and then retired.

use testbed::{Release, Service, binary};

use crate::steps::{ROUTE, good, route, weights, world, written};
use crate::world::LIMIT;

#[test]
fn blue_green_is_three_steps() {
    let world = world(&good());
    route(&world, "color: blue\n");
    let _users = world.users();
    let preview = format!("health {}/health", world.url());
    let retire = "echo $SLIPWAY_VERSION >> retired";
    let inputs = [
        ("steps", "preview 300ms\nswitch\nanalysis 600ms\nkeep 300ms"),
        ("weight", "envs/staging/route.yaml#color=blue|green"),
        ("preview-checks", preview.as_str()),
        ("retire-command", retire),
        ("on-failure", "rollback"),
    ];
    let said = world.gate(&inputs);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert_eq!(world.bare.read("main", ROUTE).unwrap(), "color: green\n");
    assert_eq!(written(&world, "retired"), "1.1.0 ");
    // The next one goes back to where it came from.
    world.deploy_and_wait(&Release { error_share: 0.3, ..Release::version("1.2.0") });
    let said = world.gate(&inputs);
    assert_eq!((said.run.code, said.run.output("restored-version")), (1, "1.1.0"), "{}", said.run.stdout);
    assert_eq!(world.bare.read("main", ROUTE).unwrap(), "color: green\n");
    assert_eq!((weights(&world).join(" ").as_str(), written(&world, "retired").as_str()), ("100 100 0", "1.1.0 "));
    // What is not good before anybody sees it is never switched to.
    world.deploy_and_wait(&Release::version("1.3.0"));
    let said = world.gate(
        &[
            &inputs[..],
            &[("preview-checks", "health http://127.0.0.1:9/health"), ("headers", "http://127.0.0.1:9 X-Preview: yes")],
        ]
        .concat(),
    );
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
    assert_eq!(weights(&world).join(" "), "100 100 0");
}

#[test]
fn what_was_retired_gets_no_users_back() {
    let world = world(&good());
    let _users = world.users();
    // The old version ends, and with it what the release needed.
    let mut part = Service::start(&binary("sample-service"), &good()).unwrap();
    part.wait_until_healthy(LIMIT).unwrap();
    let checks = format!("{}\nhealth {}/health", world.checks(), part.url());
    let retire = format!("kill -9 {}", part.id());
    let inputs = [
        ("steps", "switch\nanalysis 600ms\nkeep 300ms"),
        ("weight-command", "echo $SLIPWAY_WEIGHT >> weights"),
        ("retire-command", retire.as_str()),
        ("checks", &checks),
        ("bake", "400ms"),
        ("on-failure", "rollback"),
    ];
    let said = world.gate(&inputs);
    assert_eq!((said.run.code, said.run.output("restored-version")), (1, "1.0.0"), "{}", said.run.stdout);
    assert_eq!(written(&world, "weights"), "100 ");
    let told = "the users stay with `1.1.0`: `retire-command` ended the old version";
    assert!(said.run.stdout.contains(&format!("::warning::{told}")), "{}", said.run.stdout);
}
