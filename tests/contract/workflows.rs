//! What act does not enforce and GitHub does, or should: permissions, concurrency, environments, time limits, pins, and what workflows
//! hand to one another. Every rule looks at every job of every workflow and starter.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::workflow::{Document, Job, called, composite_actions, permissions, root, starters, steps, workflows};

/// The repository that starters name; the release fills in the commit instead of the ref.
const OURS: &str = "slipway-release/slipway/";
/// Events that run with the repository's secrets what strangers wrote.
const DANGEROUS: [&str; 2] = ["pull_request_target", "workflow_run"];
/// Inputs of our actions that write to a repository or an environment, and the values with which they do not.
const WRITING: [(&str, &[&str]); 3] = [
    ("version-bump", &["plan", "backtest"]),
    ("config-updater", &["plan", "status", "history", "write"]),
    ("image-tag", &["tags", "check", "resolve"]),
];

/// Looks at each job of each workflow and starter.
fn each_job(rule: impl Fn(&Document, Job<'_>) -> Vec<String>) {
    let mut problems = Vec::new();
    for document in workflows().values().chain(&starters()) {
        for job in document.jobs() {
            problems
                .extend(rule(document, job).into_iter().map(|found| format!("{}: {}: {found}", document.path, job.0)));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn when(wrong: bool, problem: impl Into<String>) -> Option<String> {
    wrong.then(|| problem.into())
}

#[test]
fn every_job_has_a_name_and_the_least_permissions() {
    each_job(|document, (_, job)| {
        let whole = document.value.get("permissions").map(Value::to_string).unwrap_or_default();
        let mut found = Vec::new();
        found.extend(when(job["name"].as_str().is_none(), "it has no `name`"));
        found.extend(when(
            !["{}", r#"{"contents":"read"}"#].contains(&whole.as_str()),
            format!("its workflow begins with the permissions {whole}"),
        ));
        found.extend(when(
            whole == "{}" && job.get("permissions").is_none(),
            "it has no `permissions`: write {} for none",
        ));
        found
    });
}

#[test]
fn every_job_with_steps_ends_in_time_on_a_runner_with_a_version() {
    each_job(|_, (_, job)| {
        if job.get("steps").is_none() {
            return Vec::new();
        }
        let runner = job["runs-on"].as_str().unwrap_or_default();
        [
            when(!has_time_limit(job), "it has no `timeout-minutes`"),
            when(runner.is_empty() || runner.ends_with("-latest"), format!("it runs on `{runner}`")),
        ]
        .into_iter()
        .flatten()
        .collect()
    });
}

/// A number, or an expression that an input of type number is in.
fn has_time_limit(job: &Value) -> bool {
    let limit = &job["timeout-minutes"];
    limit.is_u64() || limit.as_str().is_some_and(|limit| limit.starts_with("${{ inputs."))
}

#[test]
fn nothing_is_allowed_to_fail_and_nothing_inherits_secrets() {
    each_job(|document, (_, job)| {
        let events: Vec<&str> = match &document.value["on"] {
            Value::String(event) => vec![event],
            Value::Array(events) => events.iter().filter_map(Value::as_str).collect(),
            events => events.as_object().into_iter().flatten().map(|(event, _)| event.as_str()).collect(),
        };
        let mut found: Vec<String> = DANGEROUS
            .iter()
            .filter(|event| events.contains(event))
            .map(|event| format!("its workflow runs on `{event}`"))
            .collect();
        found.extend(when(job.get("continue-on-error").is_some(), "it may fail"));
        found.extend(when(job["secrets"] == "inherit", "it inherits secrets"));
        found.extend(
            steps(job)
                .filter(|step| step.get("continue-on-error").is_some())
                .map(|step| format!("its step {} may fail", step["name"])),
        );
        found
    });
}

#[test]
fn no_expression_is_pasted_into_a_script() {
    let composite = composite_actions();
    for action in &composite {
        for step in steps(&action.value["runs"]) {
            assert!(!step["run"].to_string().contains("${{"), "{}: {}", action.path, step["run"]);
            assert!(step.get("run").is_none() || step["shell"] == "bash", "{}: {}", action.path, step["run"]);
        }
    }
    each_job(|document, (_, job)| {
        let mut found = Vec::new();
        for step in steps(job) {
            let name = step["name"].as_str().unwrap_or_default();
            found.extend(when(name.is_empty() && document.call().is_some(), "a step has no name"));
            let Some(script) = step["run"].as_str() else { continue };
            found.extend(when(
                script.contains("${{") && document.call().is_some(),
                format!("`{name}` has an expression in its script"),
            ));
            // Without it GitHub's bash goes on after a failure in a pipe.
            found.extend(when(
                step["shell"] != "bash" && script.contains('|') && document.call().is_some(),
                format!("`{name}` needs `shell: bash`"),
            ));
        }
        found
    });
}

#[test]
fn what_others_wrote_is_pinned_and_ours_is_of_the_same_revision() {
    let mut problems = Vec::new();
    for document in workflows().values().chain(&starters()).chain(&composite_actions()) {
        for (number, line) in document.text.lines().enumerate() {
            let Some((_, name)) = line.trim_start().trim_start_matches("- ").split_once("uses: ") else { continue };
            if !line.trim_start().trim_start_matches("- ").starts_with("uses: ") {
                continue;
            }
            let is_starter = document.path.contains("workflow-templates");
            let (reference, comment) = name.split_once(" #").unwrap_or((name, ""));
            let reference = reference.trim();
            let right = match reference.split_once('@') {
                Some((ours, version)) if ours.starts_with(OURS) => is_starter && version == "v0",
                Some((_, commit)) => {
                    commit.len() == 40
                        && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
                        && comment.trim().starts_with('v')
                }
                None => !is_starter && ["$/actions/", "$/.github/"].iter().any(|folder| reference.starts_with(folder)),
            };
            if !right {
                problems.push(format!("{}:{}: `{name}`", document.path, number + 1));
            }
        }
        let checkouts = document.jobs().flat_map(|(_, job)| steps(job));
        for step in
            checkouts.filter(|step| step["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout@")))
        {
            if step["with"]["persist-credentials"] != Value::Bool(false) {
                problems.push(format!("{}: a checkout leaves its token behind", document.path));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Whether a step of a job changes what runs.
fn deploys(job: &Value, step: &Value) -> bool {
    let uses = step["uses"].as_str().unwrap_or_default();
    writes(job, step) && ["config-updater", "rollback-gate"].iter().any(|action| uses.contains(action))
}

/// Whether a step of a job changes a repository or what runs.
fn writes(job: &Value, step: &Value) -> bool {
    let Some(uses) = step["uses"].as_str() else { return false };
    let Some((_, name)) = uses.split('@').next().and_then(|path| path.split_once("/actions/")) else { return false };
    if name == "rollback-gate" {
        return step["with"].get("environment").is_some() && step["with"]["mode"] != "plan";
    }
    let mode = step["with"]["mode"].as_str().unwrap_or_default();
    // Jobs that share their steps tell them apart so.
    let by_environment = mode.strip_prefix("${{ env.").and_then(|name| job["env"][name.strip_suffix(" }}")?].as_str());
    let mode = by_environment.unwrap_or(mode);
    WRITING.iter().any(|(action, harmless)| *action == name && !mode.is_empty() && !harmless.contains(&mode))
}

/// Whether a newer run cancels a job that waits or runs, if runs wait for one another at all.
fn queue(document: &Document, job: &Value) -> Option<bool> {
    let queue = job.get("concurrency").or_else(|| document.value.get("concurrency"))?;
    Some(queue["cancel-in-progress"] != Value::Bool(false))
}

#[test]
fn what_deploys_waits_for_its_turn_in_an_environment() {
    let workflows = workflows();
    each_job(|document, (_, job)| {
        if document.call().is_none() || !steps(job).any(|step| writes(job, step)) {
            return Vec::new();
        }
        // A part of a pipeline waits where it is called.
        let callers = workflows.values().flat_map(|caller| caller.jobs().map(move |(_, job)| (caller, job)));
        let callers = callers.filter(|(_, job)| called(job, &workflows).is_some_and(|part| part.name == document.name));
        let mut queued: Vec<_> = callers.map(|(caller, job)| queue(caller, job)).collect();
        if queued.is_empty() || document.is_pipeline() {
            queued = vec![queue(document, job)];
        }
        [
            when(
                job.get("environment").is_none() && steps(job).any(|step| deploys(job, step)),
                "it deploys, and has no `environment`",
            ),
            when(queued.iter().any(Option::is_none), "it writes, and has no `concurrency`"),
            when(queued.contains(&Some(true)), "it writes, and could be cancelled by the next run"),
        ]
        .into_iter()
        .flatten()
        .collect()
    });
    let writing: BTreeSet<&str> = workflows
        .values()
        .filter(|document| document.jobs().any(|(_, job)| steps(job).any(|step| writes(job, step))))
        .map(|document| document.name.as_str())
        .collect();
    for expected in ["deploy", "drill", "rollback"] {
        assert!(writing.contains(expected), "`{expected}` is not seen to write: this rule proves nothing about it");
    }
}

/// The permissions that the jobs of a workflow need in all, through whatever they call.
fn needed<'w>(document: &'w Document, workflows: &'w BTreeMap<String, Document>) -> BTreeMap<&'w str, &'w str> {
    let mut all: BTreeMap<&str, &str> = BTreeMap::new();
    for (_, job) in document.jobs() {
        let of_job = match called(job, workflows) {
            Some(called) => needed(called, workflows),
            None => permissions(document, job),
        };
        for (name, access) in of_job {
            let known = all.entry(name).or_insert(access);
            if access == "write" {
                *known = access;
            }
        }
    }
    all
}

#[test]
fn callers_give_what_is_called_neither_less_nor_more() {
    let workflows = workflows();
    each_job(|document, (_, job)| {
        let Some(callee) = called(job, &workflows) else { return Vec::new() };
        let mut found = Vec::new();
        let given = permissions(document, job);
        let wanted = needed(callee, &workflows);
        found.extend(when(
            given != wanted,
            format!("its permissions are {given:?}, `{}` needs {wanted:?}", callee.name),
        ));
        for (key, what) in [("with", "inputs"), ("secrets", "secrets")] {
            let declared = callee.declared(what);
            let passed = job[key].as_object().cloned().unwrap_or_default();
            found.extend(
                passed
                    .keys()
                    .filter(|name| !declared.contains_key(*name))
                    .map(|name| format!("`{name}` is none of the {what} of `{}`", callee.name)),
            );
            found.extend(
                declared
                    .iter()
                    .filter(|(name, input)| input["required"] == Value::Bool(true) && !passed.contains_key(*name))
                    .map(|(name, _)| format!("`{name}` is missing, which `{}` requires", callee.name)),
            );
        }
        found
    });
}

#[test]
fn what_a_workflow_declares_is_described_typed_and_used() {
    for document in workflows().values().filter(|document| document.call().is_some()) {
        for (what, context) in [("inputs", "inputs"), ("secrets", "secrets")] {
            for (name, input) in document.declared(what) {
                assert!(input["description"].is_string(), "{}: `{name}` has no description", document.path);
                assert!(what == "secrets" || input["type"].is_string(), "{}: `{name}` has no type", document.path);
                let used = document.text.contains(&format!("{context}.{name}"));
                assert!(used, "{}: nothing uses {what} `{name}`", document.path);
            }
        }
        for (name, output) in document.declared("outputs") {
            assert!(output["description"].is_string(), "{}: `{name}` has no description", document.path);
        }
    }
}

#[test]
fn every_pipeline_has_a_starter_that_says_what_it_is() {
    let starters = starters();
    for document in workflows().values().filter(|document| document.is_pipeline()) {
        assert!(starters.iter().any(|starter| starter.name == document.name), "`{}` has no starter", document.name);
    }
    for starter in &starters {
        assert!(
            starter.text.starts_with("# This workflow "),
            "{}: it does not begin by saying what it does",
            starter.path
        );
        let path = starter.path.replace(".yml", ".properties.json");
        let text = std::fs::read_to_string(root().join(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        let properties: Value = serde_json::from_str(&text).unwrap();
        for key in ["name", "description", "iconName"] {
            assert!(properties[key].as_str().is_some_and(|text| !text.is_empty()), "{path}: no `{key}`");
        }
        assert!(properties["categories"].as_array().is_some_and(|list| !list.is_empty()), "{path}: no `categories`");
    }
}
