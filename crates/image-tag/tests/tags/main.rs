//! image-tag on events, from inputs to outputs.
#![expect(clippy::unwrap_used, reason = "the helpers of tests fail loudly too")]

mod shared;

use std::collections::BTreeMap;

use image_tag::ImageTagAction;
use serde_json::{Value, json};
use slipway_core::ExitCode;
use slipway_core::driver::run;
use slipway_core::host::scripted::{Scripted, ScriptedHost};

const SHA: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567";

/// Runs one case in the form of the shared file and gives the exit code and the outputs.
fn answer(case: &Value) -> (ExitCode, BTreeMap<String, String>) {
    let mut variables = vec![
        ("GITHUB_OUTPUT".to_owned(), "/output".to_owned()),
        ("GITHUB_REPOSITORY".into(), "acme/rocket".into()),
        ("GITHUB_EVENT_PATH".into(), "/event.json".into()),
        ("SLIPWAY_NOW".into(), "2026-03-04T05:06:07.089Z".into()),
    ];
    for (name, value) in case["env"].as_object().into_iter().flatten() {
        variables.push((name.clone(), value.as_str().unwrap_or_default().into()));
    }
    for (name, value) in case["inputs"].as_object().into_iter().flatten() {
        variables.push((format!("INPUT_{}", name.to_uppercase()), value.as_str().unwrap_or_default().into()));
    }
    let pairs: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let repository = match &case["repo"] {
        Value::Null => json!({
            "name": "rocket", "html_url": "https://github.com/acme/rocket", "default_branch": "main",
            "description": "Launch control, v2: \"fast\" & safe", "license": {"spdx_id": "Apache-2.0"},
        }),
        given => given.clone(),
    };
    let status = repository["status"].as_u64().map_or(200, |status| u16::try_from(status).unwrap());
    // The transcript outlives the test process: it holds text that lives as long as the program.
    let body: &'static str = repository.to_string().leak();
    let host = ScriptedHost::new(&pairs).file("/event.json", &case["event"].to_string()).then(Scripted::Http(
        "GET",
        "https://api.github.com/repos/acme/rocket",
        status,
        body,
    ));
    let code = ScriptedHost::block_on(run::<ImageTagAction, _>(host.clone(), BTreeMap::new())).unwrap();
    (code, outputs(&host.content("/output").unwrap_or_default()))
}

fn outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut rest = text;
    while let Some((head, after)) = rest.split_once('\n') {
        let (name, delimiter) = head.split_once("<<").unwrap();
        let end = after.find(&format!("\n{delimiter}\n")).unwrap();
        outputs.insert(name.into(), after[..end].into());
        rest = &after[end + delimiter.len() + 2..];
    }
    outputs
}

fn case(git_ref: &str, inputs: Value) -> Value {
    json!({
        "inputs": inputs,
        "env": {"GITHUB_EVENT_NAME": "push", "GITHUB_SHA": SHA, "GITHUB_REF": git_ref},
        "event": {"repository": {"name": "rocket", "default_branch": "main"}},
    })
}

#[test]
fn events_make_the_tags_that_people_expect() {
    for (git_ref, tags, expected) in [
        ("refs/heads/main", "", "acme/rocket:main"),
        ("refs/heads/feature/x", "", "acme/rocket:feature-x"),
        ("refs/tags/v1.2.3", "", "acme/rocket:v1.2.3\nacme/rocket:latest"),
        ("refs/pull/7/merge", "", "acme/rocket:pr-7"),
        (
            "refs/tags/v1.2.3",
            "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}\ntype=sha",
            "acme/rocket:1.2.3\nacme/rocket:1.2\nacme/rocket:sha-0f1e2d3\nacme/rocket:latest",
        ),
        (
            "refs/tags/v1.2.3-rc.1",
            "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}",
            "acme/rocket:1.2.3-rc.1",
        ),
        (
            "refs/heads/main",
            "type=semver,pattern={{version}},value=v1.5.0\ntype=sha,format=long",
            "acme/rocket:1.5.0\nacme/rocket:sha-0f1e2d3c4b5a69788796a5b4c3d2e1f001234567\nacme/rocket:latest",
        ),
        ("refs/heads/main", "type=raw,value=edge-{{branch}},enable={{is_default_branch}}", "acme/rocket:edge-main"),
        ("refs/heads/dev", "type=raw,value=edge,enable={{is_default_branch}}", ""),
    ] {
        let (code, outputs) = answer(&case(git_ref, json!({"images": "acme/rocket", "tags": tags})));
        assert_eq!(code, ExitCode::Done);
        assert_eq!(outputs["tags"], expected, "{git_ref} {tags}");
    }
}

#[test]
fn a_digest_makes_references() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let inputs = json!({"images": "ghcr.io/acme/shop\nghcr.io/acme/mirror", "digest": digest});
    let (_, outputs) = answer(&case("refs/heads/main", inputs));
    assert_eq!(outputs["references"], format!("ghcr.io/acme/shop@{digest}\nghcr.io/acme/mirror@{digest}"));
    let (code, outputs) = answer(&case("refs/heads/main", json!({"images": "a", "digest": "sha256:short"})));
    assert_eq!(code, ExitCode::Invalid);
    let json: Value = serde_json::from_str(&outputs["json"]).unwrap();
    assert_eq!(json["error"]["kind"], "invalid-input");
    assert_eq!(outputs.len(), 1, "only json is given after an error");
}

#[test]
fn an_event_that_holds_the_facts_needs_no_request() {
    let mut case = case("refs/heads/main", json!({"images": "acme/rocket"}));
    case["event"]["repository"] = json!({
        "name": "rocket", "html_url": "https://x.example/r", "description": null, "license": null, "default_branch": "main",
    });
    case["repo"] = json!({"status": 500});
    let (code, outputs) = answer(&case);
    assert_eq!(code, ExitCode::Done);
    assert!(
        outputs["labels"].contains("org.opencontainers.image.source=https://x.example/r\n"),
        "{}",
        outputs["labels"]
    );
}

#[test]
fn without_the_api_labels_are_empty_and_tags_are_not() {
    let mut case = case("refs/heads/main", json!({"images": "acme/rocket"}));
    case["repo"] = json!({"status": 404, "message": "Not Found"});
    let (code, outputs) = answer(&case);
    assert_eq!(code, ExitCode::Done);
    assert_eq!(outputs["tags"], "acme/rocket:main");
    assert!(outputs["labels"].contains("org.opencontainers.image.source=\n"), "{}", outputs["labels"]);
}
