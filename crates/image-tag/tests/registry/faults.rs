use testbed::{Answer, Effect, Registry};

use crate::{OTHER, SHA, error, json, run, writes};

const ONE_TAG: [(&str, &str); 2] = [("tags", "type=raw,value=latest"), ("version", "-")];

fn moved(tag: &str, digest: &str) -> Effect {
    Effect::Tag { repository: "acme/shop".into(), tag: tag.into(), digest: digest.into() }
}

#[test]
fn a_tag_that_moves_before_the_first_write_is_planned_again() {
    let registry = Registry::start();
    registry.push("acme/shop", "latest", "old", OTHER);
    let between = registry.push("acme/shop", "between", "between", OTHER);
    let new = registry.push("acme/shop", "edge", "new", SHA);
    // The plan looks first, then the writer.
    registry.when("HEAD", "/manifests/latest", 1, moved("latest", &between));
    let done = run(&registry, "promote", &[&ONE_TAG[..], &[("digest", &new)]].concat());
    assert_eq!((done.code, registry.digest("acme/shop", "latest").as_ref()), (0, Some(&new)), "{}", done.stdout);
    let record = json(&done)["outcome"]["registry"]["done"][0].clone();
    assert_eq!(record["old"], between.as_str(), "the record holds what was replaced in truth");
}

#[test]
fn a_tag_that_moves_between_two_writes_stops_and_is_told() {
    let registry = Registry::start();
    registry.push("acme/shop", "a", "old", OTHER);
    registry.push("acme/shop", "b", "old", OTHER);
    let other = registry.push("acme/shop", "other", "other", OTHER);
    let new = registry.push("acme/shop", "edge", "new", SHA);
    registry.when("HEAD", "/manifests/b", 2, moved("b", &other));
    let tags = ("tags", "type=raw,value=a\ntype=raw,value=b");
    let stopped = run(&registry, "promote", &[("digest", &new), tags, ("version", "-")]);
    let (kind, message) = error(&stopped);
    assert_eq!((stopped.code, kind.as_str()), (1, "tag-moved"), "{message}");
    assert!(message.contains("shop:a` written") && message.contains(&other), "{message}");
    assert_eq!(registry.digest("acme/shop", "b"), Some(other), "somebody else's stays");
    assert_eq!(json(&stopped)["error"]["detail"]["outcome"]["registry"]["done"][0]["tag"], "a");
}

#[test]
fn a_tag_that_moves_right_after_the_write_is_told() {
    let registry = Registry::start();
    let other = registry.push("acme/shop", "other", "other", OTHER);
    let new = registry.push("acme/shop", "edge", "new", SHA);
    registry.when("GET", "/manifests/latest", 0, moved("latest", &other));
    let run = run(&registry, "promote", &[&ONE_TAG[..], &[("digest", &new)]].concat());
    let (kind, message) = error(&run);
    assert_eq!((run.code, kind.as_str()), (1, "tag-moved"), "{message}");
    assert!(message.contains(&other) && message.contains(&new), "{message}");
}

#[test]
fn every_refusal_of_a_registry_has_its_kind_and_writes_nothing() {
    for (status, kind, code) in [
        (401, "permission", 3),
        (403, "permission", 3),
        (429, "rate-limited", 3),
        (500, "network", 3),
        (503, "network", 3),
        (418, "unprocessable", 3),
    ] {
        for mode in ["check", "resolve", "plan", "promote"] {
            let registry = Registry::start();
            let digest = registry.push("acme/shop", "latest", "payload", SHA);
            registry.answer_next(50, Answer::status(status).header("retry-after", "99999"));
            let run = run(&registry, mode, &[&ONE_TAG[..], &[("digest", &digest)]].concat());
            let (found, message) = error(&run);
            assert_eq!((run.code, found.as_str()), (code, kind), "{mode} {status}: {message}");
            assert_eq!(writes(&registry).len(), 0);
        }
    }
}

#[test]
fn after_a_write_no_failure_says_that_nothing_was_written() {
    let registry = Registry::start();
    let new = registry.push("acme/shop", "edge", "new", SHA);
    let unknown = Answer::status(404).body(r#"{"errors":[{"code":"NAME_UNKNOWN","message":"no"}]}"#);
    registry.when("PUT", "/manifests/b", 0, Effect::Answer(unknown));
    let tags = ("tags", "type=raw,value=a\ntype=raw,value=b");
    let run = run(&registry, "promote", &[("digest", &new), tags, ("version", "-")]);
    assert_eq!((run.code, error(&run).0.as_str()), (3, "unprocessable"), "{}", run.stdout);
    assert!(run.stdout.contains("give this `json` as `undo`"), "{}", run.stdout);
}

#[test]
fn whichever_request_fails_the_record_is_what_was_done() {
    const TAGS: [&str; 3] = ["1.5.0", "1.5", "latest"];
    let mut failures = 0;
    // A third of them stands for all: what a request is for comes again for each part of the image.
    for failing in (0..).step_by(3) {
        let registry = Registry::start();
        let old = registry.push("acme/shop", "latest", "old", OTHER);
        let new = registry.push_index("acme/staging", "rc", "new", SHA, &["amd64", "arm64"]);
        registry.attach("acme/staging", &new, "application/spdx+json", "sbom");
        let from = format!("{}/acme/staging:rc", registry.host());
        registry.when("", "", failing, Effect::Answer(Answer::status(418)));
        let first = run(&registry, "promote", &[("from", &from)]);
        let is = |tag: &str| registry.digest("acme/shop", tag);
        if registry.requests().len() <= failing {
            assert!(failing > 30, "a promotion has more requests than {failing}");
            break;
        }
        let changed: Vec<&str> = TAGS.into_iter().filter(|tag| is(tag).as_ref() == Some(&new)).collect();
        if first.code == 0 {
            assert_eq!(changed, TAGS, "request {failing} did not matter");
            continue;
        }
        failures += 1;
        let outcome = json(&first)["error"]["detail"]["outcome"]["registry"].clone();
        let done = outcome["done"].as_array().cloned().unwrap_or_default();
        let told: Vec<&str> = done.iter().filter_map(|one| one["tag"].as_str()).collect();
        assert_eq!(told, changed, "request {failing}: {}", first.stdout);
        assert!(first.code == 3 || done.is_empty(), "request {failing}: {}", first.stdout);
        for tag in TAGS.iter().filter(|tag| !changed.contains(tag)) {
            assert_eq!(is(tag), (*tag == "latest").then(|| old.clone()), "request {failing}");
        }
        let again = run(&registry, "promote", &[("from", &from)]);
        assert_eq!(again.code, 0, "request {failing}: {}", again.stdout);
        assert!(TAGS.into_iter().all(|tag| is(tag).as_ref() == Some(&new)));
    }
    assert!(failures > 7, "{failures} requests mattered");
}

#[test]
fn a_passing_failure_passes() {
    let registry = Registry::start();
    let digest = registry.push("acme/shop", "edge", "payload", SHA);
    for (method, path) in [("HEAD", "/manifests/latest"), ("PUT", "/manifests/latest"), ("GET", "/manifests/latest")] {
        registry.when(method, path, 0, Effect::Answer(Answer::status(503)));
    }
    let run = run(&registry, "promote", &[&ONE_TAG[..], &[("digest", &digest)]].concat());
    assert_eq!((run.code, registry.digest("acme/shop", "latest")), (0, Some(digest)), "{}", run.stdout);
}

#[test]
fn a_registry_that_lets_no_tag_move_is_no_failure_of_ours() {
    let registry = Registry::start();
    let old = registry.push("acme/shop", "latest", "old", OTHER);
    let new = registry.push("acme/shop", "edge", "new", SHA);
    registry.make_tags_immutable();
    let refused = run(&registry, "promote", &[&ONE_TAG[..], &[("digest", &new)]].concat());
    assert_eq!((refused.code, error(&refused).0.as_str()), (1, "tag-exists"), "{}", refused.stdout);
    assert_eq!(registry.digest("acme/shop", "latest"), Some(old.clone()));
    // The same digest again is no write at all, which such registries refuse too.
    assert_eq!(run(&registry, "promote", &[&ONE_TAG[..], &[("digest", &old)]].concat()).code, 0);
}

#[test]
fn a_blob_that_lies_is_not_carried_over() {
    let registry = Registry::start();
    registry.refuse_mounts();
    registry.push("acme/staging", "rc", "payload", SHA);
    let lie = Answer::status(200).body("paYload");
    let layer = testbed::digest(b"payload");
    registry.when("GET", &format!("/blobs/{layer}"), 0, Effect::Answer(lie));
    let from = format!("{}/acme/staging:rc", registry.host());
    let run = run(&registry, "promote", &[("from", &from)]);
    let (kind, message) = error(&run);
    assert_eq!((run.code, kind.as_str()), (3, "digest-mismatch"), "{message}");
    assert_eq!(registry.tags("acme/shop"), [""; 0]);
    assert_eq!(
        json(&run)["error"]["detail"]["outcome"]["registry"]["copied"][0]["carried"],
        1,
        "the configuration went over"
    );
}

#[test]
fn a_registry_that_is_not_there_is_told_of() {
    let registry = Registry::start();
    let images = "127.0.0.1:1/acme/shop";
    for mode in ["check", "resolve", "promote"] {
        let digest = format!("sha256:{}", "ab".repeat(32));
        let run = run(&registry, mode, &[("images", images), ("digest", &digest)]);
        assert_eq!((run.code, error(&run).0.as_str()), (3, "network"), "{mode}: {}", run.stdout);
        assert!(error(&run).1.contains("127.0.0.1:1/acme/shop"), "{:?}", error(&run));
    }
}
