//! Where a metric's value comes from. A provider is a module with a row in [`KINDS`].

mod json_path;
pub(crate) mod prometheus;
mod web;

use std::fmt;

use serde_json::{Map, Value as Json};
use slipway_core::Result;
use slipway_core::http::Fetch;

use crate::check::Answer;
use crate::condition::{Type, Value};
use crate::endpoint::Endpoint;
use crate::errors::invalid_file as invalid;
use crate::headers::{self, Headers};

/// The largest answer, in bytes.
const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

/// Every provider that is read, by its key in a template.
const KINDS: [Kind; 2] = [("prometheus", prometheus::parse), ("web", web::parse)];

/// The other providers of Argo Rollouts, and what to use in their place.
const ELSEWHERE: [(&str, &str); 11] = [
    ("job", "run the job as a step before the gate"),
    ("cloudWatch", "use the check `cloudwatch` or `alarm`"),
    ("datadog", "use `web` with a monitor, `https://api.datadoghq.com/api/v1/monitor/ID`, and the keys as headers"),
    ("newRelic", "use `web` with New Relic's NerdGraph address, a `jsonBody` and the key as a header"),
    ("graphite", "use `web` with the address of Graphite's `/render?format=json`"),
    ("influxdb", "use `web` with the address of a query that answers JSON"),
    ("wavefront", "use `web` with the address of Wavefront's query API"),
    ("skywalking", "use `web` with SkyWalking's GraphQL address and a `jsonBody`"),
    ("kayenta", "compare canary and stable by the gate itself"),
    ("plugin", "use `web` or `prometheus` with the address that the plugin asks"),
    ("apm", "use `web` with the address of its query API"),
];

type Kind = (&'static str, fn(&Map<String, Json>, &Surroundings) -> Result<Box<dyn Provider>>);

/// What a template does not say itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// The Prometheus server of metrics that name none.
    pub(crate) prometheus: Option<Endpoint>,
    /// More headers for that server.
    pub(crate) headers: Headers,
    /// More certificate authorities, as PEM.
    pub(crate) authorities: Option<String>,
}

/// A source of values.
pub(crate) trait Provider: fmt::Debug {
    /// The request that asks for a value, at a time in milliseconds since 1970.
    fn request(&self, now: i64) -> Fetch;

    /// What an answer says.
    ///
    /// # Errors
    /// Why it says nothing.
    fn read(&self, answer: &Answer) -> std::result::Result<Reading, String>;

    /// The types that a value can have; a condition must fit one of them.
    fn types(&self) -> Vec<Type>;

    /// What is asked, for people.
    fn shown(&self) -> String;
}

/// A value that was read.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) value: Value,
    /// The value as it is shown.
    pub(crate) text: String,
    /// Whether the value is a list of series, each of which is to be looked at.
    pub(crate) is_series: bool,
    /// Why the value cannot be trusted, if so.
    pub(crate) doubt: Option<String>,
}

/// Reads the `provider` of a metric.
///
/// # Errors
/// `InvalidFile` if there is not exactly one, or one that is not read here.
pub(crate) fn parse(provider: &Json, surroundings: &Surroundings) -> Result<Box<dyn Provider>> {
    let given: Vec<(&String, &Json)> = provider.as_object().into_iter().flatten().collect();
    let (name, settings) = match given[..] {
        [] => return Err(invalid("no provider specified").hint("write `prometheus` or `web` below `provider`")),
        [one] => one,
        _ => return Err(invalid("multiple providers specified").hint("make a metric of each")),
    };
    if let Some((_, parse)) = KINDS.iter().find(|(kind, _)| kind == name) {
        let none = Map::new();
        return parse(settings.as_object().unwrap_or(&none), surroundings)
            .map_err(|error| error.context(format!("provider `{name}`")));
    }
    let error = invalid(format!("the provider `{name}` is not read here"));
    let instead = ELSEWHERE.iter().find(|(kind, _)| kind == name);
    Err(error.hint(instead.map_or("use `prometheus` or `web`", |(_, instead)| *instead)))
}

/// A setting that is a text, if it is there.
fn text<'s>(settings: &'s Map<String, Json>, key: &str) -> Result<Option<&'s str>> {
    match settings.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) if text.is_empty() => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(format!("`{key}` is not a text")).hint("put it in quotes")),
    }
}

/// A number of seconds that may be left out.
fn seconds(settings: &Map<String, Json>, key: &str, default: u64) -> Result<std::time::Duration> {
    let seconds = match settings.get(key) {
        None | Some(Json::Null) => default,
        Some(value) => {
            let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
            number.filter(|number| (1..=600).contains(number)).ok_or_else(|| {
                invalid(format!("`{key}` is not a number of seconds")).hint("write a number from 1 to 600")
            })?
        }
    };
    Ok(std::time::Duration::from_secs(seconds))
}

/// Puts the headers of a provider into its request.
///
/// # Errors
/// `InvalidFile` if one cannot be sent; its value is not shown.
fn insert_headers(settings: &Map<String, Json>, fetch: &mut Fetch) -> Result<()> {
    for entry in settings.get("headers").and_then(Json::as_array).into_iter().flatten() {
        let (Some(name), Some(value)) = (entry["key"].as_str(), entry["value"].as_str()) else {
            return Err(invalid("a header has no `key` or no `value`"));
        };
        let (name, value) =
            headers::pair(name, value).map_err(|_| invalid(format!("the header `{name}` cannot be sent")))?;
        fetch.headers.insert(name, value);
    }
    Ok(())
}

/// What asks for a login in a way that is not known here, or not at all.
fn refuse_insecure(settings: &Map<String, Json>) -> Result<()> {
    if settings.get("insecure").is_some_and(|insecure| insecure == true || insecure == "true") {
        return Err(invalid("`insecure` would take anybody's word for the server's")
            .hint("remove it, and name the server's certificate authority by the input `certificate-authority`"));
    }
    let logins = settings.get("authentication").and_then(Json::as_object).into_iter().flatten();
    match logins
        .filter(|(_, login)| login.as_object().is_some_and(|login| !login.is_empty()))
        .map(|(name, _)| name)
        .next()
    {
        Some(login) => Err(invalid(format!("`authentication.{login}` is not known here"))
            .hint("give a token by `headers`, such as `Authorization: Bearer {{args.token}}`")),
        None => Ok(()),
    }
}
