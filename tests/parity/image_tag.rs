use std::path::Path;

use testbed::{ActionRun, GitHub, HostedRepository, Registry, Repository, Runner, TagCase, run_action};

use crate::{NOW, both};

const SHA: (&str, &str) = ("GITHUB_SHA", "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567");

/// An event payload in a file of its own.
fn event(payload: &str) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), payload).unwrap();
    file
}

#[test]
fn events_rules_and_errors() {
    let whole = r#"{"repository":{"name":"shop","html_url":"https://x.example/s","description":"a \"b\" é","license":null,"default_branch":"main"}}"#;
    let long = format!("refs/heads/{}", "x".repeat(200));
    let digest = format!("sha256:{}", "ab".repeat(32));
    for (case, git_ref, payload, inputs, code) in [
        ("a push", "refs/heads/main", whole, vec![("images", "ghcr.io/acme/shop")], 0),
        ("a tag", "refs/tags/v1.2.3", whole, vec![("tags", "type=semver,pattern={{major}}\ntype=sha")], 0),
        ("a hostile branch", "refs/heads/zzz\";echo${IFS}\"hello\";#\u{202e}", whole, vec![], 0),
        ("a long branch", &long, whole, vec![], 0),
        ("a digest", "refs/heads/main", whole, vec![("images", "a\nb"), ("digest", &digest)], 0),
        ("a wrong digest", "refs/heads/main", whole, vec![("images", "a"), ("digest", "sha256:x")], 2),
        ("wrong rules", "refs/heads/main", whole, vec![("tags", "type=ref"), ("images", "A:b")], 2),
        ("a misspelled input", "refs/heads/main", whole, vec![("image", "a")], 0),
        ("a payload that is a list", "refs/heads/main", "[]", vec![], 2),
        ("a payload that is cut off", "refs/heads/main", "{\"a\":", vec![], 2),
        ("a mode that does not exist", "refs/heads/main", whole, vec![("mode", "push")], 2),
        ("a directory outside", "refs/heads/main", whole, vec![("working-directory", "../..")], 2),
    ] {
        let event = event(payload);
        let path = event.path().to_string_lossy().into_owned();
        let variables =
            [NOW, SHA, ("GITHUB_EVENT_NAME", "push"), ("GITHUB_EVENT_PATH", &path), ("GITHUB_REF", git_ref)];
        let run = both(case, |runner| run_action(runner, "image-tag", &inputs, &variables, Path::new("/")));
        assert_eq!(run.code, code, "{case}: {}{}", run.stdout, run.stderr);
    }
}

#[test]
fn shared_cases() {
    let Some(cases) = TagCase::all() else { return };
    for case in cases {
        both(&case.name, |runner| case.run(runner).0);
    }
}

#[test]
fn the_repository_is_asked_for_once_and_with_the_token() {
    let run = both("a request", |runner| {
        let github = GitHub::start();
        github.add(HostedRepository::new("acme/shop"));
        github.require_token("ghs_secret");
        let variables = [
            NOW,
            SHA,
            ("GITHUB_EVENT_NAME", "push"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_API_URL", &github.api_url()),
        ];
        let mut run = run_action(runner, "image-tag", &[("github-token", "ghs_secret")], &variables, Path::new("/"));
        assert_eq!(github.requests().len(), 1, "{runner:?}");
        for value in run.outputs.values_mut().chain([&mut run.summary]) {
            *value = value.replace(&github.server_url(), "SERVER");
        }
        run
    });
    assert!(run.output("labels").contains("org.opencontainers.image.title=shop"), "{}", run.output("labels"));
}

#[test]
fn outside_github_the_checkout_says_what_it_is() {
    let run = both("a checkout", |runner| {
        let repository = Repository::new();
        repository.commit("feat: a");
        repository.branch("topic/x");
        repository.checkout("topic/x");
        run_action(runner, "image-tag", &[("images", "acme/shop")], &[NOW], repository.path())
    });
    assert_eq!(run.output("tags"), "acme/shop:topic-x");
}

#[test]
fn no_repository_is_one_clear_error() {
    let run = both("no repository", |runner| run_action(runner, "image-tag", &[], &[NOW], Path::new("/")));
    assert_eq!(run.code, 2);
    assert!(run.output("json").contains(r#""kind":"not-a-repository""#), "{}", run.output("json"));
}

/// Runs a mode against a registry, and leaves its address out of what is told.
fn ask(runner: Runner, registry: &Registry, mode: &str, inputs: &[(&str, &str)]) -> ActionRun {
    let images = format!("{}/acme/shop", registry.host());
    let fixed =
        [("mode", mode), ("images", &images), ("version", "1.5.0"), ("tags", "type=semver,pattern={{version}}")];
    let mut run = run_action(runner, "image-tag", &[&fixed[..], inputs].concat(), &[NOW, SHA], Path::new("/"));
    for value in run.outputs.values_mut().chain([&mut run.summary]) {
        *value = value.replace(&registry.host(), "REGISTRY");
    }
    run
}

#[test]
fn a_registry_is_asked_logged_in_to_and_written() {
    let login = [("registry-username", "ada"), ("registry-password", "pass:word")];
    for (mode, code) in [("check", 0), ("resolve", 1), ("plan", 0), ("promote", 0)] {
        let run = both(mode, |runner| {
            let registry = Registry::start();
            let index = registry.push_index("acme/staging", "rc", "payload", SHA.1, &["amd64", "arm64"]);
            registry.attach("acme/staging", &index, "application/spdx+json", "sbom");
            registry.push("acme/shop", "latest", "old", "another");
            registry.require_login("ada", "pass:word");
            registry.refuse_mounts();
            let from = format!("{}/acme/staging:rc", registry.host());
            let from = [("from", from.as_str())];
            let promotes = ["plan", "promote"].contains(&mode);
            let inputs = [&login[..], if promotes { &from } else { &[] }].concat();
            ask(runner, &registry, mode, &inputs)
        });
        assert_eq!(run.code, code, "{mode}: {}", run.stdout);
    }
    let run = both("a registry that refuses", |runner| {
        let registry = Registry::start();
        registry.require_login("ada", "pass:word");
        ask(runner, &registry, "check", &[login[0], ("registry-password", "wrong")])
    });
    assert_eq!(run.code, 3, "{}", run.stdout);
}
