//! The pipelines that can be written, and the reusable workflows that they call.

use slipway_edit::Format;

use crate::findings::{Findings, RuntimeKind};

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A pipeline.
#[derive(Debug)]
pub(crate) struct Starter {
    /// Its name, and that of its file.
    pub name: &'static str,
    /// Why it fits what was found, or why it does not.
    pub fits: fn(&Findings) -> Result<String, &'static str>,
}

/// A reusable workflow.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workflow(&'static str);

/// A secret of a reusable workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SecretSpec {
    pub name: String,
    pub about: String,
    pub required: bool,
}

/// Every pipeline, in the order in which they are proposed.
pub(crate) const STARTERS: [Starter; 7] = [
    Starter { name: "release", fits: release },
    Starter { name: "gitops", fits: gitops },
    Starter { name: "ecs", fits: ecs },
    Starter { name: "docker-host", fits: docker_host },
    Starter { name: "security", fits: security },
    Starter { name: "rollback", fits: rollback },
    Starter { name: "drill", fits: drill },
];

impl Starter {
    /// Its text.
    pub(crate) fn template(&self) -> Option<&'static str> {
        TEMPLATES.iter().find(|(name, _)| *name == self.name).map(|(_, text)| *text)
    }
}

/// Whether there is something to release: a language or an image that is built.
fn is_product(findings: &Findings) -> bool {
    !findings.languages.is_empty() || !findings.builds.is_empty()
}

fn release(findings: &Findings) -> Result<String, &'static str> {
    match findings.languages.first() {
        Some(language) => Ok(format!("`{}`: what is written here has versions", language.file)),
        None if is_product(findings) => Ok(format!("`{}`: what is built here has versions", findings.builds[0].file)),
        None => Err("nothing is built here"),
    }
}

fn gitops(findings: &Findings) -> Result<String, &'static str> {
    match findings.runs_on(RuntimeKind::Kubernetes) {
        Some(runtime) if is_product(findings) => Ok(format!("`{}` is {}", runtime.file, runtime.why)),
        Some(_) => Err("the manifests are here, but nothing is built: it belongs to the repository of the application"),
        None => Err("nothing here runs on Kubernetes"),
    }
}

fn ecs(findings: &Findings) -> Result<String, &'static str> {
    match findings.runs_on(RuntimeKind::Ecs) {
        Some(runtime) => Ok(format!("`{}` has {}", runtime.file, runtime.why)),
        None => Err("there is no task definition"),
    }
}

fn docker_host(findings: &Findings) -> Result<String, &'static str> {
    let elsewhere = [RuntimeKind::Kubernetes, RuntimeKind::Ecs].iter().any(|kind| findings.runs_on(*kind).is_some());
    match findings.runs_on(RuntimeKind::Host) {
        Some(_) if elsewhere => Err("releases run elsewhere too: name it to have it"),
        Some(runtime) => Ok(format!("`{}` has {}", runtime.file, runtime.why)),
        None => Err("nothing is deployed to a machine by SSH"),
    }
}

fn security(findings: &Findings) -> Result<String, &'static str> {
    if gitops(findings).is_ok() {
        return Err("`gitops` scans already");
    }
    if is_product(findings) { Ok("what is released should be scanned".into()) } else { Err("nothing is built here") }
}

fn rollback(findings: &Findings) -> Result<String, &'static str> {
    match findings.runs_on(RuntimeKind::Kubernetes) {
        Some(runtime) => Ok(format!("`{}`: what is deployed by git is taken back by git", runtime.file)),
        None => Err("no manifests are here"),
    }
}

fn drill(findings: &Findings) -> Result<String, &'static str> {
    let staging =
        findings.environments.iter().find(|environment| matches!(environment.name.as_str(), "staging" | "stage"));
    match (rollback(findings), staging) {
        (Ok(_), Some(_)) => Err("it needs an image that is known to be bad: name it when you have one"),
        _ => Err("there is no staging environment"),
    }
}

/// The reusable workflow of a name.
pub(crate) fn workflow(name: &str) -> Option<Workflow> {
    WORKFLOWS.iter().find(|(known, _)| *known == name).map(|(_, text)| Workflow(text))
}

impl Workflow {
    /// Its inputs, each with its default.
    pub(crate) fn inputs(&self) -> Vec<(String, Option<String>)> {
        let call = self.call();
        let inputs = call["inputs"].as_object().into_iter().flatten();
        inputs.map(|(name, input)| (name.clone(), input["default"].as_str().map(str::to_owned))).collect()
    }

    /// Its secrets.
    pub(crate) fn secrets(&self) -> Vec<SecretSpec> {
        let call = self.call();
        let secrets = call["secrets"].as_object().into_iter().flatten();
        let secret = |(name, secret): (&String, &serde_json::Value)| SecretSpec {
            name: name.clone(),
            about: secret["description"].as_str().unwrap_or_default().into(),
            required: secret["required"] == serde_json::Value::Bool(true),
        };
        secrets.map(secret).collect()
    }

    fn call(&self) -> serde_json::Value {
        let content = Format::YAML.read(self.0).map(|content| content.to_json()).unwrap_or_default();
        content["on"]["workflow_call"].clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_starter_calls_workflows_that_are_here() {
        for starter in &STARTERS {
            assert!(starter.template().is_some(), "{} has no template", starter.name);
        }
        for (name, text) in TEMPLATES {
            assert!(STARTERS.iter().any(|starter| starter.name == *name), "nothing says when {name} fits");
            let jobs = crate::fill::jobs(text);
            assert!(!jobs.is_empty(), "{name} calls nothing");
            for job in jobs {
                let workflow = workflow(&job.workflow).unwrap_or_else(|| panic!("{name} calls {}", job.workflow));
                assert!(!workflow.inputs().is_empty(), "{}", job.workflow);
            }
        }
    }
}
