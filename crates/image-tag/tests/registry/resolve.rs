use testbed::{Answer, Effect, Registry};

use crate::{SHA, error, json, of_two, run};

#[test]
fn every_tag_is_one_digest() {
    let registry = Registry::start();
    for tag in ["1.5.0", "1.5", "latest"] {
        registry.push("acme/shop", tag, "payload", SHA);
    }
    let digest = registry.digest("acme/shop", "latest").unwrap();
    let run = run(&registry, "resolve", &[]);
    assert_eq!((run.code, run.output("digest")), (0, digest.as_str()), "{}", run.stdout);
    assert_eq!(run.output("references"), format!("{}/acme/shop@{digest}", registry.host()));
    assert_eq!(json(&run)["references"][0], run.output("references"));
}

#[test]
fn a_disagreement_is_told_tag_by_tag() {
    let registry = Registry::start();
    let [one, two] = of_two(&registry);
    let tags = ("tags", "type=raw,value=one\ntype=raw,value=two\ntype=raw,value=three");
    let refused = run(&registry, "resolve", &[tags, ("version", "-")]);
    assert_eq!((refused.code, refused.output("digest"), refused.output("references")), (1, "", ""));
    for words in [format!("shop:one` is `{one}`"), format!("shop:two` is `{two}`"), "shop:three` is absent".into()] {
        assert!(refused.stdout.contains(&words), "{words}: {}", refused.stdout);
    }
    let expected = run(&registry, "resolve", &[("tags", "type=raw,value=one"), ("version", "-"), ("digest", &two)]);
    assert_eq!(expected.code, 1, "not the digest that was built");
}

#[test]
fn a_registry_that_lies_is_not_believed() {
    let registry = Registry::start();
    let [one, two] = of_two(&registry);
    let lie = Answer::status(200).header("docker-content-digest", &two);
    registry.when("HEAD", "/manifests/one", 0, Effect::Answer(lie));
    let other = Answer::status(200).header("content-type", "application/vnd.oci.image.index.v1+json").body("{}");
    registry.when("GET", "/manifests/sha256", 0, Effect::Answer(other));
    let run = run(&registry, "resolve", &[("tags", "type=raw,value=one"), ("version", "-")]);
    assert_eq!((run.code, error(&run).0.as_str()), (3, "digest-mismatch"), "{}", run.stdout);
    assert_ne!(one, two);
}
