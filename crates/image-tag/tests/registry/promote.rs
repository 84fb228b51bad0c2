use testbed::{Registry, digest, get};

use crate::{OTHER, SHA, error, json, run, writes};

#[test]
fn tags_move_to_a_digest_without_a_build() {
    let registry = Registry::start();
    let old = registry.push("acme/shop", "latest", "old", OTHER);
    let new = registry.push("acme/shop", "edge", "new", SHA);
    let before = registry.requests().len();
    let plan = run(&registry, "plan", &[("digest", &new)]);
    assert_eq!(
        (plan.code, plan.output("changed"), plan.output("digest")),
        (0, "true", new.as_str()),
        "{}",
        plan.stdout
    );
    assert_eq!((writes(&registry).len(), registry.digest("acme/shop", "1.5.0")), (0, None), "a plan writes nothing");
    let moves = json(&plan)["plan"]["registry"]["promote"]["moves"].clone();
    assert_eq!(moves[2]["old"], old.as_str());
    assert_eq!((moves[2]["new"].as_str(), moves[2]["action"].as_str()), (Some(new.as_str()), Some("move")));
    assert!(registry.requests().len() > before);

    let done = run(&registry, "promote", &[("digest", &new)]);
    assert_eq!((done.code, done.output("changed")), (0, "true"), "{}", done.stdout);
    for tag in ["1.5.0", "1.5", "latest"] {
        assert_eq!(registry.digest("acme/shop", tag).as_deref(), Some(new.as_str()), "{tag}");
    }
    assert_eq!(done.output("references"), format!("{}/acme/shop@{new}", registry.host()));
    assert_eq!(writes(&registry).len(), 3, "a tag is one write");
    let blobs = registry.requests().into_iter().filter(|request| request.path.contains("/blobs/")).count();
    assert_eq!(blobs, 0, "nothing is pulled");

    let again = run(&registry, "promote", &[("digest", &new)]);
    assert_eq!((again.code, again.output("changed"), writes(&registry).len()), (0, "false", 3), "{}", again.stdout);
}

#[test]
fn a_version_that_is_taken_is_not_moved() {
    let registry = Registry::start();
    let old = registry.push("acme/shop", "1.5.0", "old", OTHER);
    let new = registry.push("acme/shop", "edge", "new", SHA);
    let refused = run(&registry, "promote", &[("digest", &new)]);
    assert_eq!((refused.code, writes(&registry).len()), (1, 0), "{}", refused.stdout);
    assert!(refused.stdout.contains(&old) && refused.stdout.contains(&new), "{}", refused.stdout);
    let plan = run(&registry, "plan", &[("digest", &new)]);
    assert_eq!(plan.code, 0, "a plan is a plan");
    for run in [refused, plan] {
        let told = ["changed", "digest", "references"].map(|name| run.output(name));
        assert_eq!(told, ["false", "", ""], "nothing is written, and these tags have another image");
    }
    assert_eq!(run(&registry, "promote", &[("digest", &new), ("immutable-tags", "none")]).code, 0);
}

#[test]
fn an_index_goes_to_another_repository_with_all_that_is_about_it() {
    let registry = Registry::start();
    let index = registry.push_index("acme/staging", "rc", "payload", SHA, &["amd64", "arm64"]);
    let children = get(&format!("{}/v2/acme/staging/manifests/{index}", registry.url())).unwrap().json();
    let child = children["manifests"][1]["digest"].as_str().unwrap().to_owned();
    let sbom = registry.attach("acme/staging", &child, "application/spdx+json", "sbom");
    let signature = registry.attach("acme/staging", &index, "application/vnd.cncf.notary.signature", "signature");
    let about = registry.attach("acme/staging", &sbom, "application/vnd.cncf.notary.signature", "of the sbom");
    let cosign = format!("sha256-{}.sig", index.trim_start_matches("sha256:"));
    let signed = registry.push("acme/staging", &cosign, "cosign", "");

    let from = format!("{}/acme/staging:rc", registry.host());
    let done = run(&registry, "promote", &[("from", &from)]);
    assert_eq!((done.code, done.output("digest")), (0, index.as_str()), "{}", done.stdout);
    for tag in ["1.5.0", "1.5", "latest"] {
        assert_eq!(registry.digest("acme/shop", tag).as_deref(), Some(index.as_str()), "{tag}");
    }
    for carried in [&child, &sbom, &signature, &about] {
        assert_eq!(registry.digest("acme/shop", carried).as_ref(), Some(carried));
    }
    assert_eq!(registry.digest("acme/shop", &cosign), Some(signed));
    let listed = get(&format!("{}/v2/acme/shop/referrers/{index}", registry.url())).unwrap().json();
    assert_eq!(listed["manifests"][0]["digest"], signature.as_str());
    let copied = json(&done)["outcome"]["registry"]["copied"][0].clone();
    assert_eq!(
        (copied["referrers"].as_array().map(Vec::len), copied["carried"].as_u64()),
        (Some(3), Some(0)),
        "{copied}"
    );
    assert!(copied["mounted"].as_u64() > Some(0), "{copied}");

    let lean = run(
        &registry,
        "promote",
        &[("from", &from), ("images", &format!("{}/acme/lean", registry.host())), ("referrers", "false")],
    );
    assert_eq!(lean.code, 0, "{}", lean.stdout);
    assert_eq!((registry.digest("acme/lean", &child), registry.digest("acme/lean", &sbom)), (Some(child), None));
    assert_eq!(registry.tags("acme/lean"), ["1.5", "1.5.0", "latest"]);
}

#[test]
fn signatures_of_somebody_else_are_left_alone() {
    let registry = Registry::start();
    let image = registry.push("acme/staging", "rc", "payload", SHA);
    let cosign = format!("sha256-{}.sig", image.trim_start_matches("sha256:"));
    registry.push("acme/staging", &cosign, "ours", "");
    let theirs = registry.push("acme/shop", &cosign, "theirs", "");
    let from = format!("{}/acme/staging:rc", registry.host());
    for _ in 0..2 {
        let done = run(&registry, "promote", &[("from", &from)]);
        assert_eq!((done.code, registry.digest("acme/shop", &cosign).as_ref()), (0, Some(&theirs)), "{}", done.stdout);
        registry.push("acme/shop", "latest", "moved since", OTHER);
        assert!(done.stdout.contains(&format!("::warning::`{cosign}` names other signatures")), "{}", done.stdout);
    }
}

#[test]
fn an_older_registry_gets_the_list_of_referrers_as_a_tag() {
    let (newer, older) = (Registry::start(), Registry::start());
    older.forget_referrers();
    let image = newer.push("acme/shop", "rc", "payload", SHA);
    let sbom = newer.attach("acme/shop", &image, "application/spdx+json", "sbom");
    let second = newer.attach("acme/shop", &image, "application/spdx+json", "another");
    let to = format!("{}/acme/copy", older.host());
    let done = run(&newer, "promote", &[("from", &format!("{}/acme/shop@{image}", newer.host())), ("images", &to)]);
    assert_eq!(done.code, 0, "{}", done.stdout);
    let list = format!("{}/v2/acme/copy/manifests/{}", older.url(), image.replace(':', "-"));
    let list = get(&list).unwrap().json();
    let mut digests: Vec<&str> =
        list["manifests"].as_array().unwrap().iter().filter_map(|it| it["digest"].as_str()).collect();
    digests.sort_unstable();
    let mut expected = [sbom.as_str(), second.as_str()];
    expected.sort_unstable();
    assert_eq!(digests, expected);
    assert_eq!(list["manifests"][0]["artifactType"], "application/spdx+json");

    let tags = json(&done)["outcome"]["registry"]["copied"][0]["digest_tags"].clone();
    assert!(tags.to_string().contains(&image.replace(':', "-")), "what was written is told: {tags}");

    // And from there to a third, by the tag.
    let back = format!("{}/acme/back", newer.host());
    let done = run(&newer, "promote", &[("from", &format!("{to}@{image}")), ("images", &back)]);
    assert_eq!((done.code, newer.digest("acme/back", &sbom)), (0, Some(sbom)), "{}", done.stdout);
}

#[test]
fn blobs_that_are_not_mounted_are_carried_over_in_pieces() {
    let registry = Registry::start();
    registry.refuse_mounts();
    let payload: Vec<u8> = (0..17 * 1024 * 1024_u32).map(|place| (place % 251) as u8).collect();
    let layer = digest(&payload);
    registry.push("acme/staging", "rc", payload, SHA);
    let from = format!("{}/acme/staging:rc", registry.host());
    let done = run(&registry, "promote", &[("from", &from)]);
    assert_eq!(done.code, 0, "{}", done.stdout);
    let head = testbed::request("HEAD", &format!("{}/v2/acme/shop/blobs/{layer}", registry.url()), &[], "").unwrap();
    assert_eq!(head.header("content-length"), Some("17825792"));
    let patches = writes(&registry).into_iter().filter(|write| write.starts_with("PATCH")).count();
    assert_eq!(patches, 2, "16 MiB, and the rest");
    assert_eq!(json(&done)["outcome"]["registry"]["copied"][0]["carried"], 2);
}

#[test]
fn what_is_promoted_has_to_be_named_and_there() {
    let registry = Registry::start();
    let digest = registry.push("acme/shop", "rc", "payload", SHA);
    let other = format!("sha256:{}", "ab".repeat(32));
    let host = registry.host();
    for (inputs, code, kind, words) in [
        (vec![], 2, "invalid-input", "nothing says which image"),
        (vec![("digest", other.clone())], 2, "not-found", "is not in the registry"),
        (vec![("from", format!("{host}/acme/shop:none"))], 2, "not-found", "there is no"),
        (
            vec![("from", format!("{host}/acme/shop:rc")), ("digest", other.clone())],
            2,
            "unexpected-current-value",
            &digest,
        ),
        (vec![("from", format!("{host}/acme/shop"))], 2, "invalid-input", "nothing says which image"),
        (vec![("digest", digest.clone()), ("images", "-".into())], 2, "invalid-input", "there is no image"),
        (
            vec![("digest", digest.clone()), ("tags", "type=ref,event=tag".into()), ("version", "-".into())],
            2,
            "invalid-input",
            "there is no tag",
        ),
        (vec![("digest", digest.clone()), ("undo", "{}".into())], 2, "invalid-input", "tells of no promotion"),
    ] {
        let inputs: Vec<(&str, &str)> = inputs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let run = run(&registry, "promote", &inputs);
        let (found, message) = error(&run);
        assert_eq!((run.code, found.as_str()), (code, kind), "{message}");
        assert!(message.contains(words), "{words}: {message}");
    }
    assert_eq!(
        run(&registry, "check", &[("from", &format!("{host}/acme/shop:rc"))]).code,
        2,
        "an input of another mode"
    );
    assert_eq!(writes(&registry).len(), 0);
}
