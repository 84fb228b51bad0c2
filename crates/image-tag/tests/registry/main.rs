//! The modes that ask a registry, with the program as a runner starts it, against the test bed's registry.
#![expect(clippy::disallowed_methods, clippy::expect_used, reason = "helpers of tests")]

mod check;
mod faults;
mod logins;
mod pipeline;
mod promote;
mod resolve;
mod undo;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use testbed::{ActionRun, Registry, Runner, run_action};

/// The commit of the run, and that of another.
const SHA: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567";
const OTHER: &str = "1111111111111111111111111111111111111111";

/// Runs image-tag for `1.5.0`, `1.5` and `latest` of `acme/shop`; the inputs given go over that, `-` leaves one out.
fn run(registry: &Registry, mode: &str, inputs: &[(&str, &str)]) -> ActionRun {
    let images = format!("{}/acme/shop", registry.host());
    let mut all = BTreeMap::from([
        ("mode", mode),
        ("images", images.as_str()),
        ("version", "1.5.0"),
        ("tags", "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}}"),
        ("github-token", ""),
    ]);
    all.extend(inputs.iter().copied());
    let all: Vec<(&str, &str)> = all.into_iter().filter(|(_, value)| *value != "-").collect();
    let variables = [("GITHUB_SHA", SHA), ("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF", "refs/heads/main")];
    run_action(Runner::Native, "image-tag", &all, &variables, Path::new("/"))
}

fn json(run: &ActionRun) -> Value {
    serde_json::from_str(run.output("json")).expect("the output `json` is JSON")
}

/// What went wrong, of a run that says so.
fn error(run: &ActionRun) -> (String, String) {
    let error = json(run)["error"].clone();
    (error["kind"].as_str().unwrap_or_default().into(), error["message"].as_str().unwrap_or_default().into())
}

/// The methods of the requests that write.
fn writes(registry: &Registry) -> Vec<String> {
    let requests = registry.requests().into_iter();
    let writes = requests.filter(|request| !["GET", "HEAD"].contains(&request.method.as_str()));
    writes.map(|request| format!("{} {}", request.method, request.path)).collect()
}

fn of_two(registry: &Registry) -> [String; 2] {
    ["one", "two"].map(|payload| registry.push("acme/shop", payload, payload, SHA))
}
