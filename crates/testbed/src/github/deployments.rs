//! Deployments and how they stand.

use serde_json::{Value, json};

use super::asked::{Answered, Asked, Refusal, Reply, Route};
use super::forge::{Deployment, DeploymentStatus};

pub(super) const ROUTES: &[Route] = &[
    ("GET", "/repos/{owner}/{repo}/deployments", list),
    ("POST", "/repos/{owner}/{repo}/deployments", create),
    ("POST", "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", tell),
];

fn list(asked: &mut Asked<'_>) -> Answered {
    let is = |name: &str, value: &str| asked.query.get(name).is_none_or(|wanted| wanted == value);
    let newest_first = asked.forge.deployments.iter().rev();
    let found = newest_first.filter(|found| is("sha", &found.sha) && is("environment", &found.environment));
    let found: Vec<Value> = found.map(|deployment| described(asked, deployment)).collect();
    Ok(asked.page(&found))
}

fn create(asked: &mut Asked<'_>) -> Answered {
    let git_ref = asked.text("ref").unwrap_or_default().to_owned();
    let sha = asked.commit(&git_ref).ok_or_else(|| Refusal::new(422, format!("No ref found for: {git_ref}")))?;
    let environment = asked.text("environment").unwrap_or("production").to_owned();
    // GitHub merges the default branch and waits for checks unless it is told not to.
    if asked.body["auto_merge"] != false || asked.body["required_contexts"] != json!([]) {
        return Err(Refusal::new(409, "Conflict: Commit status checks are pending for the ref."));
    }
    let (id, created) = (asked.forge.id(), asked.forge.now());
    let deployment = Deployment { id, sha, environment, created, statuses: Vec::new() };
    let body = described(asked, &deployment);
    asked.forge.deployments.push(deployment);
    Ok(Reply::created(body))
}

fn tell(asked: &mut Asked<'_>) -> Answered {
    const LIMIT: usize = 140;
    let number = asked.number("deployment_id")?;
    let text = |field: &str| asked.text(field).unwrap_or_default().to_owned();
    let status = DeploymentStatus {
        state: text("state"),
        description: text("description"),
        log_url: text("log_url"),
        environment_url: text("environment_url"),
    };
    if status.description.chars().count() > LIMIT {
        let why = format!("Description is too long (maximum is {LIMIT} characters)");
        return Err(Refusal::custom("DeploymentStatus", why));
    }
    let replaces = status.state == "success" && asked.body["auto_inactive"] != false;
    let (id, now) = (asked.forge.id(), asked.forge.now());
    let forge = &mut *asked.forge;
    let place = forge.deployments.iter().position(|found| found.id == number).ok_or_else(Refusal::not_found)?;
    if replaces {
        let environment = forge.deployments[place].environment.clone();
        let others = forge.deployments.iter_mut().filter(|other| other.environment == environment);
        for other in others.filter(|other| other.id != number) {
            if other.statuses.last().is_some_and(|last| last.state == "success") {
                let state = "inactive".to_owned();
                other.statuses.push(DeploymentStatus { state, ..DeploymentStatus::default() });
            }
        }
    }
    forge.deployments[place].statuses.push(status.clone());
    let url = format!("{}/deployments/{number}", asked.api());
    Ok(Reply::created(json!({
        "url": format!("{url}/statuses/{id}"),
        "id": id,
        "node_id": format!("DES_{id}"),
        "state": status.state,
        "creator": asked.actor(),
        "description": status.description,
        "environment": asked.forge.deployments[place].environment,
        "target_url": status.log_url,
        "log_url": status.log_url,
        "environment_url": status.environment_url,
        "created_at": now,
        "updated_at": now,
        "deployment_url": url,
        "repository_url": asked.api(),
    })))
}

fn described(asked: &Asked<'_>, deployment: &Deployment) -> Value {
    let Deployment { id, sha, environment, created, .. } = deployment;
    let url = format!("{}/deployments/{id}", asked.api());
    json!({
        "url": url,
        "id": id,
        "node_id": format!("DE_{id}"),
        "sha": sha,
        "ref": sha,
        "task": "deploy",
        "payload": {},
        "original_environment": environment,
        "environment": environment,
        "description": null,
        "creator": asked.actor(),
        "created_at": created,
        "updated_at": created,
        "statuses_url": format!("{url}/statuses"),
        "repository_url": asked.api(),
    })
}
