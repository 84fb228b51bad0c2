use testbed::{Effect, Registry};

use crate::{OTHER, SHA, error, json, run, writes};

/// A registry where `latest` and `1.5` were `old`, and all tags were promoted to `new`; with the record of it.
fn promoted() -> (Registry, [String; 2], String) {
    let registry = Registry::start();
    let old = registry.push("acme/shop", "latest", "old", OTHER);
    registry.push("acme/shop", "1.5", "old", OTHER);
    let new = registry.push("acme/shop", "edge", "new", SHA);
    let done = run(&registry, "promote", &[("digest", &new)]);
    assert_eq!(done.code, 0, "{}", done.stdout);
    let record = done.output("json").to_owned();
    (registry, [old, new], record)
}

#[test]
fn the_record_is_enough_to_go_back() {
    let (registry, [old, new], record) = promoted();
    let undo = [("undo", record.as_str()), ("tags", "-"), ("version", "-"), ("images", "-")];
    let plan = run(&registry, "plan", &undo);
    assert_eq!((plan.code, plan.output("changed")), (0, "true"), "{}", plan.stdout);
    assert_eq!(registry.digest("acme/shop", "latest").as_ref(), Some(&new));
    let back = run(&registry, "promote", &undo);
    assert_eq!((back.code, back.output("digest")), (0, old.as_str()), "{}", back.stdout);
    assert!(back.summary.contains("### Undone") && !back.summary.contains("Promoted"), "{}", back.summary);
    for tag in ["1.5", "latest"] {
        assert_eq!(registry.digest("acme/shop", tag).as_ref(), Some(&old), "{tag}");
    }
    // It was made by the promotion, and no registry's way to remove a tag is everybody's.
    assert_eq!(registry.digest("acme/shop", "1.5.0").as_ref(), Some(&new));
    assert!(back.stdout.contains("::warning") && back.stdout.contains("acme/shop:1.5.0@"), "{}", back.stdout);
    let again = run(&registry, "promote", &undo);
    assert_eq!((again.code, again.output("changed")), (0, "false"), "{}", again.stdout);

    let forth = back.output("json").to_owned();
    let forth = run(&registry, "promote", &[("undo", &forth), ("tags", "-"), ("version", "-"), ("images", "-")]);
    assert_eq!((forth.code, registry.digest("acme/shop", "latest")), (0, Some(new)), "an undo can be undone");
}

#[test]
fn a_plan_is_enough_for_a_run_that_left_no_record() {
    let registry = Registry::start();
    let old = registry.push("acme/shop", "latest", "old", OTHER);
    registry.push("acme/shop", "1.5", "old", OTHER);
    let new = registry.push("acme/shop", "edge", "new", SHA);
    let plan = run(&registry, "plan", &[("digest", &new)]);
    assert_eq!(
        run(&registry, "promote", &[("undo", plan.output("json"))]).output("changed"),
        "false",
        "nothing was done"
    );
    // As a runner that dies after the second tag leaves it.
    let two = "type=raw,value=1.5.0\ntype=raw,value=1.5";
    assert_eq!(run(&registry, "promote", &[("digest", &new), ("tags", two), ("version", "-")]).code, 0);
    let back = run(&registry, "promote", &[("undo", plan.output("json"))]);
    assert_eq!((back.code, back.output("changed")), (0, "true"), "{}", back.stdout);
    for tag in ["1.5", "latest"] {
        assert_eq!(registry.digest("acme/shop", tag).as_ref(), Some(&old), "{tag}");
    }
}

#[test]
fn what_somebody_moved_since_is_left_alone() {
    let (registry, _, record) = promoted();
    let third = registry.push("acme/shop", "latest", "third", OTHER);
    let before = writes(&registry).len();
    let refused = run(&registry, "promote", &[("undo", &record)]);
    assert_eq!((refused.code, writes(&registry).len()), (1, before), "{}", refused.stdout);
    assert!(refused.stdout.contains(&third), "{}", refused.stdout);
}

#[test]
fn a_login_goes_only_where_the_workflow_says() {
    let (registry, _, record) = promoted();
    let before = registry.requests().len();
    let login = [("registry-username", "ada"), ("registry-password", "pass:word"), ("undo", record.as_str())];
    for images in ["-", "ghcr.io/acme/shop"] {
        let refused = run(&registry, "promote", &[&login[..], &[("images", images)]].concat());
        assert_eq!((refused.code, error(&refused).0.as_str()), (2, "invalid-input"), "{}", refused.stdout);
    }
    assert_eq!(registry.requests().len(), before, "nothing was asked");
    assert_eq!(run(&registry, "promote", &login).code, 0, "of the images that are named");
}

#[test]
fn a_promotion_that_was_cut_off_can_be_undone() {
    let registry = Registry::start();
    let old = registry.push("acme/shop", "latest", "old", OTHER);
    registry.push("acme/shop", "1.5", "old", OTHER);
    let new = registry.push("acme/shop", "edge", "new", SHA);
    let tags = ("tags", "type=raw,value=latest\ntype=raw,value=1.5");
    let refusal = testbed::Answer::status(400).body(r#"{"errors":[{"code":"MANIFEST_INVALID","message":"no"}]}"#);
    registry.when("PUT", "/manifests/1.5", 0, Effect::Answer(refusal));
    let cut = run(&registry, "promote", &[("digest", &new), tags, ("version", "-")]);
    assert_eq!((cut.code, error(&cut).0.as_str()), (3, "unprocessable"), "{}", cut.stdout);
    let detail = json(&cut)["error"]["detail"].clone();
    assert_eq!(detail["outcome"]["registry"]["done"][0]["tag"], "latest");
    assert_eq!(detail["not-done"][0], format!("{}/acme/shop:1.5", registry.host()));
    let back = run(&registry, "promote", &[("undo", cut.output("json"))]);
    assert_eq!((back.code, registry.digest("acme/shop", "latest")), (0, Some(old)), "{}", back.stdout);
}
