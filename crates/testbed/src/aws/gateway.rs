//! Where requests go: services to the fleet, users to tasks, and everything else to moto.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Shared;
use super::fleet::TaskDefinition;
use crate::client::{self, request};
use crate::lock;

/// What stands before the name of an operation of ECS.
const ECS: &str = "AmazonEC2ContainerServiceV20141113.";
/// The header that names it.
const TARGET: &str = "x-amz-target";
const CONTENT_TYPE: &str = "content-type";

/// One request, which may wait for others.
pub(super) async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = Asked { shared, method, uri, headers, body };
    let answered = tokio::task::spawn_blocking(move || asked.answer()).await;
    answered.unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response())
}

struct Asked {
    shared: Arc<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
}

impl Asked {
    fn answer(&self) -> Response {
        let path = self.uri.path();
        if let Some(rest) = path.strip_prefix("/tasks/") {
            let (service, rest) = rest.split_once('/').unwrap_or((rest, ""));
            return self.pass_on(lock(&self.shared.fleet).tasks(service), rest);
        }
        if let Some(rest) = path.strip_prefix("/users/") {
            let (balancer, rest) = rest.split_once('/').unwrap_or((rest, ""));
            let group = lock(&self.shared.listeners).next(balancer);
            let mut fleet = lock(&self.shared.fleet);
            let service = group.and_then(|group| fleet.of_target_group(&group));
            let tasks = service.and_then(|service| fleet.tasks(&service));
            drop(fleet);
            return self.pass_on(tasks, rest);
        }
        let given: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        match self.header(TARGET).strip_prefix(ECS) {
            Some("CreateService") => match self.task_definition(&given) {
                Some(definition) => described(Some(lock(&self.shared.fleet).create(&given, &definition))),
                None => refused("ClientException", "Unable to describe task definition."),
            },
            Some("UpdateService") => {
                let definition = self.task_definition(&given).or_else(|| {
                    let name = given["service"].as_str()?;
                    let described = lock(&self.shared.fleet).describe(name)?;
                    self.task_definition(&described)
                });
                described(lock(&self.shared.fleet).update(&given, definition.as_ref()))
            }
            Some("DescribeServices") => {
                let names: Vec<&str> =
                    given["services"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let mut fleet = lock(&self.shared.fleet);
                let services: Vec<Value> = names.iter().filter_map(|name| fleet.describe(name)).collect();
                answered(&json!({ "services": services, "failures": [] }))
            }
            _ => self.ask_moto(),
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Passes a user's request on to tasks.
    fn pass_on(&self, tasks: Option<String>, path: &str) -> Response {
        let Some(tasks) = tasks else {
            return (StatusCode::SERVICE_UNAVAILABLE, "no task serves here\n").into_response();
        };
        let query = self.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        relayed(request(self.method.as_str(), &format!("{tasks}/{path}{query}"), &[], self.body.clone()))
    }

    fn ask_moto(&self) -> Response {
        let path = self.uri.path_and_query().map_or("/", |path| path.as_str());
        let kept = ["authorization", "x-amz-date", CONTENT_TYPE, TARGET];
        let headers: Vec<(&str, &str)> =
            kept.into_iter().map(|name| (name, self.header(name))).filter(|(_, value)| !value.is_empty()).collect();
        let answer = request(self.method.as_str(), &format!("{}{path}", self.shared.moto), &headers, self.body.clone());
        if answer.as_ref().is_ok_and(|answer| answer.status == 200) {
            let form = String::from_utf8_lossy(&self.body);
            if ["Action=Modify", "Action=Create"].iter().any(|action| form.contains(action)) {
                lock(&self.shared.listeners).note(&form);
            }
        }
        relayed(answer)
    }

    /// What moto knows of the task definition that a request names.
    fn task_definition(&self, given: &Value) -> Option<TaskDefinition> {
        let named = json!({ "taskDefinition": given["taskDefinition"].as_str()? }).to_string();
        let target = format!("{ECS}DescribeTaskDefinition");
        let headers = [
            ("authorization", self.header("authorization")),
            (CONTENT_TYPE, "application/x-amz-json-1.1"),
            (TARGET, target.as_str()),
        ];
        let described = request("POST", &self.shared.moto, &headers, named).ok()?.json();
        let definition = &described["taskDefinition"];
        let text = |value: &Value| Some(value.as_str()?.to_owned());
        let image = text(&definition["containerDefinitions"][0]["image"])?;
        Some(TaskDefinition { arn: text(&definition["taskDefinitionArn"])?, image })
    }
}

fn answered(document: &Value) -> Response {
    ([(CONTENT_TYPE, "application/x-amz-json-1.1")], document.to_string()).into_response()
}

fn described(service: Option<Value>) -> Response {
    match service {
        Some(service) => answered(&json!({ "service": service })),
        None => refused("ServiceNotFoundException", "Service not found."),
    }
}

fn refused(kind: &str, message: &str) -> Response {
    (StatusCode::BAD_REQUEST, answered(&json!({ "__type": kind, "message": message }))).into_response()
}

fn relayed(answer: Result<client::Response, String>) -> Response {
    match answer {
        Ok(answer) => {
            let mut response = Response::new(Body::from(answer.body));
            *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
            for name in [CONTENT_TYPE, "x-amzn-requestid"] {
                if let Some(value) = answer.headers.get(name) {
                    response.headers_mut().insert(name, value.clone());
                }
            }
            response
        }
        Err(error) => (StatusCode::BAD_GATEWAY, error).into_response(),
    }
}
