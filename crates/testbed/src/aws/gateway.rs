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

/// One request. Those of users are passed on at once; those to AWS may wait for others.
pub(super) async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Some((tasks, path)) = users_way(&shared, uri.path()) {
        return pass_on(&shared, tasks, &path, method, &uri, body).await;
    }
    let asked = Asked { shared, method, uri, headers, body };
    let answered = tokio::task::spawn_blocking(move || asked.answer()).await;
    answered.unwrap_or_else(|error| (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response())
}

/// Where the tasks are that a user's request goes to, if it is one and there are any, and which path it has there.
fn users_way(shared: &Shared, path: &str) -> Option<(Option<String>, String)> {
    let (is_direct, rest) = match path.strip_prefix("/tasks/") {
        Some(rest) => (true, rest),
        None => (false, path.strip_prefix("/users/")?),
    };
    let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
    let group = if is_direct { None } else { lock(&shared.listeners).next(name) };
    let fleet = lock(&shared.fleet);
    let service = if is_direct { Some(name.to_owned()) } else { group.and_then(|group| fleet.of_target_group(&group)) };
    Some((service.and_then(|service| fleet.tasks(&service)), rest.to_owned()))
}

async fn pass_on(
    shared: &Shared,
    tasks: Option<String>,
    path: &str,
    method: Method,
    uri: &Uri,
    body: Bytes,
) -> Response {
    let Some(tasks) = tasks else {
        return (StatusCode::SERVICE_UNAVAILABLE, "no task serves here\n").into_response();
    };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let request = axum::http::Request::builder().method(method).uri(format!("{tasks}/{path}{query}"));
    let Ok(request) = request.body(Body::from(body)) else { return StatusCode::BAD_REQUEST.into_response() };
    match shared.client.request(request).await {
        Ok(answer) => answer.map(Body::new),
        Err(error) => (StatusCode::BAD_GATEWAY, client::describe(&error)).into_response(),
    }
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
