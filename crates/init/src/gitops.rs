//! The inputs of the pipeline `gitops` that are made of several findings: its components, and its table of branches.

use serde_json::{Map, Value, json};

use crate::facts::Facts;
use crate::findings::{RuntimeKind, Setting};
use crate::settings_file::{ComponentProposal, EnvironmentProposal, components, environments};
use crate::snapshot::directory;

/// The environments that the pipeline knows.
const ENVIRONMENTS: [&str; 3] = ["development", "staging", "production"];
/// What the starter shows, and nothing in a repository tells.
const UNKNOWN: [&str; 5] = ["integration-command", "load-test-command", "test-reports", "evidence", "postgres-image"];

/// The inputs, if there is anything to deploy.
pub(crate) fn settings(facts: &Facts) -> Vec<Setting> {
    let known: Vec<EnvironmentProposal> =
        environments(facts).into_iter().filter(|found| ENVIRONMENTS.contains(&found.name.as_str())).collect();
    let components: Vec<ComponentProposal> = components(facts)
        .into_iter()
        .filter(|found| !facts.findings.builds.is_empty() && !found.images.is_empty())
        .collect();
    let mut settings = Vec::new();
    let mut add = |input: &str, value: Option<String>, why: &str| {
        settings.push(Setting { input: input.into(), value, why: why.into(), only: Some("gitops") });
    };
    let is_progressive = facts.findings.is_progressive;
    let strategy = if is_progressive { "canary" } else { "direct" };
    let why = if is_progressive {
        "a Rollout is there"
    } else {
        "there is no Rollout, so that users cannot get a release step by step"
    };
    add("strategy", Some(strategy.into()), why);
    for input in UNKNOWN {
        add(input, None, "nothing in the repository says what it would be; add it when there is something");
    }
    if !components.is_empty() {
        let list: Vec<Value> = components.iter().map(|found| component(facts, found, &known)).collect();
        let text = serde_json::to_string_pretty(&list).unwrap_or_default();
        add("components", Some(text), "the Dockerfiles, and the images that the manifests name");
    }
    if !known.is_empty() {
        let names: Vec<&str> = known.iter().map(|found| found.name.as_str()).collect();
        let line = |pattern: &str| format!("{pattern} = {}", names.join(" "));
        let lines = [line(&facts.repository.default_branch), line("tags/*"), line("hotfix/*")];
        add("branches", Some(lines.join("\n")), "the default branch, and the environments that were found");
    }
    settings
}

fn component(facts: &Facts, found: &ComponentProposal, environments: &[EnvironmentProposal]) -> Value {
    let build = facts.findings.builds.iter().find(|build| found.why == format!("`{}`", build.file));
    let mut component = Map::new();
    component.insert("name".into(), found.name.as_str().into());
    component.insert("image".into(), found.images[0].as_str().into());
    if let Some(build) = build {
        let below = if build.directory.is_empty() { "." } else { &build.directory };
        component.insert("context".into(), below.into());
        component.insert("dockerfile".into(), build.file.as_str().into());
        component.insert("directory".into(), below.into());
        let languages = &facts.findings.languages;
        // A component without a language of its own is written in that of the whole.
        let own = languages.iter().find(|language| directory(&language.file) == build.directory);
        let whole = languages.iter().find(|language| directory(&language.file).is_empty());
        if let Some(language) = own.or(whole) {
            component.insert("lint".into(), language.lint.into());
            component.insert("test".into(), language.test.into());
        }
    }
    for environment in environments {
        let address = format!("https://{}.{}.example", found.name, environment.name);
        let mut settings = Map::new();
        settings.insert(
            "checks".into(),
            json!([format!("health {address}/health"), format!("version {address}/version == release")]),
        );
        if let Some(apply) = apply(facts, found, environment) {
            settings.insert("apply".into(), apply.into());
        }
        component.insert(environment.name.clone(), settings.into());
    }
    component.into()
}

/// The command that brings a commit to the cluster, where no reconciler does.
fn apply(facts: &Facts, found: &ComponentProposal, environment: &EnvironmentProposal) -> Option<String> {
    let runtime = facts.findings.runs_on(RuntimeKind::Kubernetes)?;
    match (runtime.deployer, &environment.path) {
        ("kubectl", Some(path)) if environment.file.ends_with("kustomization.yaml") => {
            Some(format!("kubectl apply -k {path}"))
        }
        ("kubectl", Some(path)) => Some(format!("kubectl apply -f {path}")),
        ("helm", _) => {
            let chart = directory(&runtime.file);
            Some(format!(
                "helm upgrade --install {} {} --values {}",
                found.name,
                if chart.is_empty() { "." } else { chart },
                environment.file
            ))
        }
        _ => None,
    }
}
