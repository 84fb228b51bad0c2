//! The stand-in for ECS services: deployments that take place, one process for all tasks of one.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::registry::pull;
use crate::service::{Release, Service};

/// With a circuit breaker, a deployment that is not healthy by then has failed.
const PATIENCE: Duration = Duration::from_secs(5);

/// All services of the account.
pub(super) struct Fleet {
    program: PathBuf,
    services: BTreeMap<String, EcsService>,
    started: usize,
    updates: usize,
}

struct EcsService {
    /// What was said when it was made.
    given: Value,
    desired: u64,
    /// The newest is the primary one.
    deployments: Vec<Deployment>,
    events: Vec<String>,
}

struct Deployment {
    id: String,
    task_definition: String,
    state: &'static str,
    began: Instant,
    /// None without tasks, or where they do not start.
    tasks: Option<Service>,
}

/// What a task definition says that matters here.
pub(super) struct TaskDefinition {
    pub(super) arn: String,
    pub(super) image: String,
}

impl Fleet {
    pub(super) fn new(program: PathBuf) -> Self {
        Self { program, services: BTreeMap::new(), started: 0, updates: 0 }
    }

    pub(super) fn updates(&self) -> usize {
        self.updates
    }

    pub(super) fn create(&mut self, given: &Value, definition: &TaskDefinition) -> Value {
        let name = given["serviceName"].as_str().unwrap_or_default().to_owned();
        let desired = given["desiredCount"].as_u64().unwrap_or(1);
        let deployment = self.deployment(definition, desired);
        let (deployments, events) = (vec![deployment], Vec::new());
        self.services.insert(name.clone(), EcsService { given: given.clone(), desired, deployments, events });
        self.describe(&name).unwrap_or_default()
    }

    /// Does what `UpdateService` asks for; none if there is no such service.
    pub(super) fn update(&mut self, given: &Value, definition: Option<&TaskDefinition>) -> Option<Value> {
        self.updates += 1;
        let name = given["service"].as_str()?;
        let service = self.services.get_mut(name)?;
        service.desired = given["desiredCount"].as_u64().unwrap_or(service.desired);
        let desired = service.desired;
        let primary = service.deployments.last_mut()?;
        let is_forced = given["forceNewDeployment"] == true;
        let is_other = definition.is_some_and(|definition| definition.arn != primary.task_definition);
        if desired == 0 {
            primary.tasks = None;
        }
        let wanted = match definition {
            Some(definition) if is_other || is_forced => Some(definition),
            // Tasks that were stopped start again.
            Some(definition) if desired > 0 && primary.tasks.is_none() => Some(definition),
            _ => None,
        };
        if let Some(definition) = wanted {
            let deployment = self.deployment(definition, desired);
            self.services.get_mut(name)?.deployments.push(deployment);
        }
        self.describe(name)
    }

    /// What `DescribeServices` says of one; what is under way gets on as far as it can.
    pub(super) fn describe(&mut self, name: &str) -> Option<Value> {
        self.proceed(name);
        let service = self.services.get_mut(name)?;
        let desired = service.desired;
        let newest = service.deployments.len() - 1;
        let deployments: Vec<Value> = service
            .deployments
            .iter()
            .enumerate()
            .rev()
            .map(|(place, deployment)| {
                let running = if deployment.serves() { desired } else { 0 };
                json!({
                    "id": deployment.id,
                    "status": if place == newest { "PRIMARY" } else { "ACTIVE" },
                    "taskDefinition": deployment.task_definition,
                    "desiredCount": desired,
                    "runningCount": running,
                    "pendingCount": desired - running,
                    "failedTasks": 0,
                    "rolloutState": deployment.state,
                    "rolloutStateReason": format!("ECS deployment {} {}.", deployment.id, deployment.state),
                })
            })
            .collect();
        let events = service.events.iter().rev().map(|message| json!({ "message": message })).collect::<Value>();
        Some(json!({
            "serviceName": name,
            "serviceArn": format!("arn:aws:ecs:eu-central-1:123456789012:service/{name}"),
            "status": "ACTIVE",
            "desiredCount": desired,
            "runningCount": deployments[0]["runningCount"],
            "pendingCount": deployments[0]["pendingCount"],
            "taskDefinition": deployments[0]["taskDefinition"],
            "loadBalancers": service.given.get("loadBalancers").cloned().unwrap_or_else(|| json!([])),
            "deploymentController": { "type": "ECS" },
            "deployments": deployments,
            "events": events,
        }))
    }

    /// Where the tasks are that users of a service reach.
    pub(super) fn tasks(&self, name: &str) -> Option<String> {
        let service = self.services.get(name)?;
        let serving = service.deployments.iter().rev().find(|deployment| deployment.serves())?;
        serving.tasks.as_ref().map(Service::url)
    }

    /// The services with a target group.
    pub(super) fn of_target_group(&self, arn: &str) -> Option<String> {
        let has = |service: &EcsService| service.given["loadBalancers"][0]["targetGroupArn"] == arn;
        self.services.iter().find(|(_, service)| has(service)).map(|(name, _)| name.clone())
    }

    fn deployment(&mut self, definition: &TaskDefinition, desired: u64) -> Deployment {
        self.started += 1;
        let tasks = (desired > 0).then(|| self.start(&definition.image)).flatten();
        let (id, task_definition) = (format!("ecs-svc/{:019}", self.started), definition.arn.clone());
        Deployment { id, task_definition, state: "IN_PROGRESS", began: Instant::now(), tasks }
    }

    /// Pulls `host/repository:tag@sha256:…` and starts what it says; an image that cannot be pulled starts nothing.
    fn start(&self, image: &str) -> Option<Service> {
        let (name, digest) = image.split_once('@')?;
        let (host, repository) = name.split_once('/')?;
        let repository = repository.split(':').next()?;
        let payload = pull(&format!("http://{host}"), repository, digest).ok()?;
        Service::start(&self.program, &Release::from_bytes(&payload).ok()?).ok()
    }

    fn proceed(&mut self, name: &str) {
        let Some(service) = self.services.get_mut(name) else { return };
        let breaker = service.given["deploymentConfiguration"]["deploymentCircuitBreaker"].clone();
        let desired = service.desired;
        let Some(primary) = service.deployments.last_mut() else { return };
        if primary.state != "IN_PROGRESS" {
            return;
        }
        if desired == 0 || primary.tasks.as_ref().is_some_and(Service::is_healthy) {
            primary.state = "COMPLETED";
            service.events.push(format!("(service {name}) has reached a steady state."));
            let newest = service.deployments.len() - 1;
            service.deployments.drain(..newest);
        } else if breaker["enable"] == true && primary.began.elapsed() > PATIENCE {
            primary.state = "FAILED";
            primary.tasks = None;
            service.events.push(format!("(service {name}) (deployment {}) failed.", primary.id));
            // The deployment before takes its place, as a new one that is complete already.
            if breaker["rollback"] == true && service.deployments.len() > 1 {
                self.started += 1;
                let mut before = service.deployments.remove(0);
                before.id = format!("ecs-svc/{:019}", self.started);
                service.deployments = vec![before];
                service.events.push(format!("(service {name}) rolled back."));
            }
        }
    }
}

impl Deployment {
    fn serves(&self) -> bool {
        self.state == "COMPLETED" && self.tasks.is_some()
    }
}
