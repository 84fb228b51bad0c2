//! Any address that answers JSON, or a text.

use http::{HeaderValue, Method, header};
use serde_json::{Map, Value as Json};
use slipway_core::Result;
use slipway_core::http::Fetch;

use super::json_path::JsonPath;
use super::{LARGEST_ANSWER, Provider, Reading, Surroundings, insert_headers, invalid, refuse_insecure, seconds, text};
use crate::check::Answer;
use crate::condition::{Type, Value};
use crate::endpoint::Endpoint;

/// How long an answer may take, in seconds, unless the template says otherwise.
const TIME_LIMIT: u64 = 10;

#[derive(Debug)]
struct Web {
    endpoint: Endpoint,
    request: Fetch,
    path: JsonPath,
}

pub(super) fn parse(settings: &Map<String, Json>, surroundings: &Surroundings) -> Result<Box<dyn Provider>> {
    refuse_insecure(settings)?;
    let endpoint: Endpoint = text(settings, "url")?.ok_or_else(|| invalid("there is no `url`"))?.parse()?;
    let method = match text(settings, "method")?.unwrap_or("GET") {
        "GET" => Method::GET,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        other => return Err(invalid(format!("the method `{other}` is not known")).hint("write GET, POST or PUT")),
    };
    let plain = text(settings, "body")?;
    let json = settings.get("jsonBody").filter(|body| !body.is_null());
    let body = match (plain, json) {
        (Some(_), Some(_)) => return Err(invalid("there is a `body` and a `jsonBody`").hint("keep one")),
        (Some(plain), None) => plain.to_owned(),
        (None, Some(json)) => json.to_string(),
        (None, None) => String::new(),
    };
    if method == Method::GET && !body.is_empty() {
        return Err(invalid("a GET takes no body").hint("write `method: POST`"));
    }
    let mut request = Fetch {
        method,
        body: body.into_bytes(),
        time_limit: seconds(settings, "timeoutSeconds", TIME_LIMIT)?,
        body_limit: LARGEST_ANSWER,
        attempts: 1,
        authorities: surroundings.authorities.clone(),
        ..Fetch::get(endpoint.url().clone())
    };
    if json.is_some() {
        request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    insert_headers(settings, &mut request)?;
    let path = JsonPath::parse(text(settings, "jsonPath")?.unwrap_or("{$}"))
        .map_err(|why| invalid(format!("`jsonPath`: {why}")))?;
    Ok(Box::new(Web { endpoint, request, path }))
}

impl Provider for Web {
    fn request(&self, _: i64) -> Fetch {
        self.request.clone()
    }

    fn read(&self, answer: &Answer) -> std::result::Result<Reading, String> {
        let body = answer.body_if_good()?;
        let (value, text) = match serde_json::from_slice::<Json>(body) {
            Ok(json) => {
                let found = self.path.first(&json).ok_or("`jsonPath` finds nothing in the answer")?;
                let value = Value::from_json(found);
                let text = value.to_json();
                (value, text)
            }
            Err(_) => {
                let text = String::from_utf8_lossy(body).into_owned();
                (Value::text(text.as_str()), text)
            }
        };
        Ok(Reading { value, text, is_series: false, doubt: None })
    }

    fn types(&self) -> Vec<Type> {
        vec![Type::Any]
    }

    fn shown(&self) -> String {
        format!("{} {}", self.request.method, self.endpoint)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn provider(settings: Json) -> Result<Box<dyn Provider>> {
        super::super::parse(&json!({"web": settings}), &Surroundings::default())
    }

    #[test]
    fn the_request_is_as_the_template_says() {
        let settings = json!({"url": "https://x.example/q?key=s3cret", "method": "POST", "jsonBody": {"a": 1},
            "headers": [{"key": "Authorization", "value": "Bearer s3cret"}], "timeoutSeconds": "20"});
        let provider = provider(settings).unwrap();
        let request = provider.request(0);
        assert_eq!((request.method.as_str(), &request.body[..]), ("POST", &br#"{"a":1}"#[..]));
        assert_eq!(
            (request.headers["content-type"].to_str().unwrap(), request.time_limit.as_secs()),
            ("application/json", 20)
        );
        assert_eq!(provider.shown(), "POST https://x.example/q?…");
    }

    #[test]
    fn settings_that_cannot_be_right_are_refused() {
        for (settings, expected) in [
            (json!({}), "there is no `url`"),
            (json!({"url": "https://x.example", "insecure": true}), "`insecure`"),
            (json!({"url": "https://x.example", "method": "DELETE"}), "the method `DELETE` is not known"),
            (json!({"url": "https://x.example", "body": "x"}), "a GET takes no body"),
            (
                json!({"url": "https://x.example", "method": "PUT", "body": "x", "jsonBody": {}}),
                "a `body` and a `jsonBody`",
            ),
            (json!({"url": "http://169.254.169.254/latest"}), "is refused"),
            (json!({"url": "https://x.example", "jsonPath": "$.a"}), "`jsonPath`: it has no braces"),
            (
                json!({"url": "https://x.example", "headers": [{"key": "a b", "value": "s3cret"}]}),
                "the header `a b` cannot be sent",
            ),
        ] {
            let error = provider(settings).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn an_answer_is_json_or_a_text() {
        let provider = provider(json!({"url": "https://x.example", "jsonPath": "{$.a}"})).unwrap();
        let read =
            |status: u16, body: &str| provider.read(&Answer { status, body: body.into() }).map(|reading| reading.text);
        assert_eq!(read(200, r#"{"a": [1, "x"]}"#).unwrap(), r#"[1,"x"]"#);
        assert_eq!(read(200, "fine").unwrap(), "fine");
        assert_eq!(read(204, "").unwrap(), "");
        assert_eq!(read(200, "{}").unwrap_err(), "`jsonPath` finds nothing in the answer");
        assert_eq!(read(500, r#"{"a": 1}"#).unwrap_err(), "status 500");
    }
}
