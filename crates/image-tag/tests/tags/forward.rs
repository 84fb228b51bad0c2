//! Tags that only move forward, on real repositories and a real registry.

use serde_json::Value;
use testbed::{ActionRun, Registry, Repository};

use crate::checkout::run;

const RULES: &str = "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}},forward=true\n\
                     type=semver,pattern={{major}},forward=true";

/// A repository with a commit for every tag; the last one is checked out.
fn released(tags: &[&str]) -> Repository {
    let repository = Repository::new();
    for tag in tags {
        repository.commit(&format!("feat: {tag}"));
        repository.tag(tag);
    }
    repository.git(&["checkout", "--quiet", "--detach"]);
    repository
}

fn tags(repository: &Repository, inputs: &[(&str, &str)]) -> String {
    let ran = run(repository, inputs);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    ran.output("tag-names").replace('\n', " ")
}

/// Why a rule made its tag, or none, as `json` tells it.
fn reason(ran: &ActionRun, rule: &str) -> String {
    let json: Value = serde_json::from_str(ran.output("json")).unwrap();
    let explained = json["explain"].as_array().unwrap().iter().find(|row| row["rule"] == rule);
    explained.unwrap()["reason"].as_str().unwrap().into()
}

#[test]
fn a_tag_moves_only_to_the_highest_release_of_its_line() {
    for (released_tags, expected) in [
        (&["v1.0.0"][..], "1.0.0 1.0 1 latest"),
        (&["v1.0.0", "v1.0.1"], "1.0.1 1.0 1 latest"),
        (&["v1.0.0", "v1.1.0", "v2.0.0", "v1.0.1"], "1.0.1 1.0"),
        (&["v1.0.0", "v2.0.0", "v1.1.0"], "1.1.0 1.1 1"),
        (&["v1.10.0", "v1.9.0"], "1.9.0 1.9"),
        (&["v1.0.1", "v1.0.0"], "1.0.0"),
        // Pre-releases neither move a tag nor keep one.
        (&["v1.0.0", "v2.0.0-rc.1"], "2.0.0-rc.1"),
        (&["v2.0.0-rc.1", "v1.0.0"], "1.0.0 1.0 1 latest"),
        // What is no version, or another component's, is no release.
        (&["nightly", "api/v9.0.0", "v9", "v1.0.0"], "1.0.0 1.0 1 latest"),
        // Major 0 is no line.
        (&["v0.1.0", "v0.2.0"], "0.2.0 0.2 latest"),
        (&["v0.2.0", "v0.1.1"], "0.1.1 0.1"),
    ] {
        let repository = released(released_tags);
        assert_eq!(tags(&repository, &[("tags", RULES), ("flavor", "latest=forward")]), expected, "{released_tags:?}");
    }
    // Whoever does not ask gets what docker/metadata-action gives.
    let repository = released(&["v2.0.0", "v1.0.0"]);
    assert_eq!(tags(&repository, &[("tags", &RULES.replace(",forward=true", ""))]), "1.0.0 1.0 1 latest");
}

#[test]
fn lines_are_what_a_rule_makes_of_the_tags() {
    for (released_tags, component, rules, expected) in [
        (&["v0.1.0", "v0.2.0"][..], "", "type=semver,pattern=v{{major}},forward=zero", "v0 latest"),
        (&["v0.1.0"], "", "type=semver,pattern=stable,forward=true", "stable latest"),
        (&["v2.0.0", "v1.0.0"], "", "type=semver,pattern=stable,forward=true", ""),
        (&["api/v1.1.0", "web/v2.0.0", "api/v1.0.0"], "api", "type=semver,pattern={{major}},forward=true", ""),
        (&["web/v2.0.0", "api/v1.0.0"], "api", "type=semver,pattern={{major}},forward=true", "1 latest"),
        (&["web-2.0.0", "api-1.0.0"], "", "type=semver,pattern={{major}},match=api-(.*),forward=true", "1 latest"),
        (&["1.2", "1.1.post1", "1.1"], "", "type=pep440,pattern={{major}}.{{minor}},forward=true", "1.1"),
        (&["1!1.0", "2.0"], "", "type=pep440,pattern={{major}},forward=true", "2"),
        (
            &["2026.3.1", "2026.2.9"],
            "",
            "type=calver,pattern=YYYY.0M,forward=true\ntype=calver,pattern=YYYY,forward=true",
            "2026.02",
        ),
        (&["v2.0.0", "v1.0.0"], "", "type=ref,event=tag", "v1.0.0"),
        (&["v1.0.0", "v2.0.0"], "", "type=ref,event=tag", "v2.0.0 latest"),
        (&["v1.0.0", "v2.0.0-rc.1"], "", "type=ref,event=tag", "v2.0.0-rc.1"),
        (&["r-2.0.0", "r-1.0.0"], "", "type=match,pattern=r-(.*),group=1", "1.0.0"),
        (&["v1.1.0", "v1.0.1"], "", "type=match,pattern=v(\\d+),group=1", "1"),
        (&["v1.0.1", "v1.1.0"], "", "type=match,pattern=v(\\d+),group=1", "1 latest"),
        (&["web-v2.0.0", "app-v1.0.0"], "", "type=match,pattern=v.*", "v1.0.0 latest"),
        (&["web/v2.0.0", "app/v1.0.0"], "", "type=ref,event=tag", "app-v1.0.0 latest"),
        (&["app/v2.0.0", "app/v1.0.0"], "app", "type=ref,event=tag", "app-v1.0.0"),
        (&["20260304", "20260303"], "", "type=match,pattern=\\d{8}", "20260303"),
        (&["a", "b"], "", "type=ref,event=tag", "b"),
    ] {
        let repository = released(released_tags);
        let inputs = [("tags", rules), ("component", component), ("flavor", "latest=forward")];
        assert_eq!(tags(&repository, &inputs), expected, "{released_tags:?} {rules}");
    }
}

#[test]
fn a_version_that_is_not_tagged_yet_is_compared_too() {
    let repository = released(&["v1.0.0", "v2.0.0"]);
    for (version, expected) in
        [("1.1.0", "1.1.0 1.1 1"), ("2.1.0", "2.1.0 2.1 2 latest"), ("3.0.0", "3.0.0 3.0 3 latest")]
    {
        let inputs = [("tags", RULES), ("flavor", "latest=forward"), ("version", version)];
        assert_eq!(tags(&repository, &inputs), expected, "{version}");
    }
}

#[test]
fn every_rule_is_explained() {
    let repository = released(&["v1.2.0", "v1.3.0", "v1.2.1"]);
    let inputs = [("tags", &*format!("{RULES}\ntype=sha,enable=false")), ("flavor", "latest=forward")];
    let ran = run(&repository, &inputs);
    for (rule, expected) in [
        ("type=semver,pattern={{version}}", "fired"),
        ("type=semver,pattern={{major}}.{{minor}},forward=true", "fired"),
        ("type=semver,pattern={{major}},forward=true", "`1` is not given, because `v1.3.0` is higher"),
        ("type=sha,enable=false", "`enable` is false"),
        ("latest", "`v1.3.0` is higher"),
    ] {
        assert_eq!(reason(&ran, rule), expected, "{rule}");
        assert!(ran.summary.contains(&format!("| {} |", expected.replace('`', "\\`"))), "{}", ran.summary);
    }
    assert_eq!(
        reason(&run(&repository, &[("tags", "type=sha")]), "latest"),
        "the first tag, of `type=sha`, is of no release"
    );
    let zero = run(&released(&["v0.1.0"]), &[("tags", RULES)]);
    assert_eq!(
        reason(&zero, "type=semver,pattern={{major}},forward=true"),
        "`0` is not given, because releases of major 0 promise nothing to each other; `forward=zero` gives it all the same"
    );
}

#[test]
fn without_all_tags_no_tag_moves() {
    let origin = released(&["v1.0.0", "v1.1.0", "v1.0.1"]);
    origin.git(&["checkout", "--quiet", "-B", "main"]);
    let url = format!("file://{}", origin.path().display());
    let inputs = [("tags", RULES), ("flavor", "latest=forward"), ("version", "1.1.1")];
    let shallow = Repository::clone_from(&url, Some(1));
    let ran = run(&shallow, &inputs);
    assert_eq!((ran.code, ran.output("tag-names")), (0, "1.1.1"), "{}", ran.stdout);
    for tag in ["`1.1` is not given", "`1` is not given", "`latest` is not given"] {
        let told = ran.stdout.lines().find(|line| line.starts_with("::warning") && line.contains(tag));
        assert!(told.is_some_and(|line| line.contains("add `fetch-depth: 0` to actions/checkout")), "{}", ran.stdout);
    }
    // A higher release is enough to know, wherever the others are.
    shallow.git(&["fetch", "--quiet", "--depth=1", "origin", "tag", "v1.0.1"]);
    let below = run(&shallow, &[("tags", RULES), ("flavor", "latest=forward"), ("version", "1.0.0")]);
    assert_eq!(reason(&below, "latest"), "`v1.0.1` is higher");
    // `fetch-tags: true` brings all of them.
    shallow.git(&["fetch", "--quiet", "--depth=1", "--tags", "origin"]);
    assert_eq!(tags(&shallow, &inputs), "1.1.1 1.1 1 latest");
    let nowhere = tempfile::tempdir().unwrap();
    let ran = testbed::run_action(
        testbed::Runner::Native,
        "image-tag",
        &inputs,
        &[("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF", "refs/heads/main"), ("GITHUB_SHA", &origin.head())],
        nowhere.path(),
    );
    assert_eq!((ran.code, ran.output("tag-names")), (0, "1.1.1"), "{}", ran.stdout);
    assert!(reason(&ran, "latest").contains("is not in a git repository"), "{}", ran.stdout);
}

#[test]
fn the_registry_tells_releases_too() {
    let registry = Registry::start();
    for tag in ["1.0.0-alpine", "1.1.0-alpine", "1-alpine", "latest", "9.0.0", "sha-1234567"] {
        registry.push("acme/shop", tag, tag, "");
    }
    let image = format!("{}/acme/shop", registry.host());
    let repository = released(&["v1.0.1"]);
    let flavor = "latest=forward\nsuffix=-alpine,onlatest=true";
    let from = |source: &str| {
        let inputs = [("images", &*image), ("tags", RULES), ("flavor", flavor), ("releases-from", source)];
        tags(&repository, &inputs)
    };
    assert_eq!(from("git"), "1.0.1-alpine 1.0-alpine 1-alpine latest-alpine");
    assert_eq!(from("registry"), "1.0.1-alpine 1.0-alpine");
    assert_eq!(from("both"), "1.0.1-alpine 1.0-alpine");
    let first = format!("{}/acme/other", registry.host());
    let inputs = [("images", &*first), ("tags", RULES), ("flavor", "latest=forward"), ("releases-from", "registry")];
    assert_eq!(tags(&repository, &inputs), "1.0.1 1.0 1 latest");
    let nowhere = run(&repository, &[("tags", RULES), ("flavor", "latest=forward"), ("releases-from", "registry")]);
    assert_eq!(nowhere.output("tag-names"), "1.0.1");
    assert!(reason(&nowhere, "latest").contains("no image is named or enabled"), "{}", nowhere.stdout);
    registry.require_login("somebody", "else");
    let ran = run(&repository, &inputs);
    assert_eq!((ran.code, ran.output("tag-names")), (0, "1.0.1"), "{}", ran.stdout);
    assert!(reason(&ran, "latest").starts_with("the registry tells no tags: "), "{}", ran.stdout);
}
