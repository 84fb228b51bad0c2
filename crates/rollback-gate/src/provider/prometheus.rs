//! A Prometheus server, by its HTTP API: instant queries and range queries.

use std::time::Duration;

use http::{HeaderValue, Method, header};
use litemap::LiteMap;
use serde_json::{Map, Value as Json};
use slipway_core::http::Fetch;
use slipway_core::text::shorten;
use slipway_core::{Result, text};
use url::form_urlencoded::Serializer;

use super::{LARGEST_ANSWER, Provider, Reading, Surroundings, insert_headers, invalid, refuse_insecure, seconds};
use crate::analysis::go_duration;
use crate::check::Answer;
use crate::condition::{Type, Value, number};
use crate::endpoint::Endpoint;

/// How long an answer may take, in seconds, unless the template says otherwise.
const TIME_LIMIT: u64 = 30;
/// How much of a server's complaint is shown.
const COMPLAINT: usize = 200;

#[derive(Debug)]
struct Prometheus {
    request: Fetch,
    query: String,
    range: Option<Range>,
}

/// Ends before now, and the step between two points.
#[derive(Debug)]
struct Range {
    start: Duration,
    end: Duration,
    step: Duration,
}

pub(super) fn parse(settings: &Map<String, Json>, surroundings: &Surroundings) -> Result<Box<dyn Provider>> {
    Ok(Box::new(read_settings(settings, surroundings)?))
}

fn read_settings(settings: &Map<String, Json>, surroundings: &Surroundings) -> Result<Prometheus> {
    refuse_insecure(settings)?;
    let query = super::text(settings, "query")?.ok_or_else(|| invalid("there is no `query`"))?.trim();
    let own: Option<Endpoint> = super::text(settings, "address")?.map(str::parse).transpose()?;
    let Some(server) = own.as_ref().or(surroundings.prometheus.as_ref()) else {
        return Err(invalid("there is no `address`")
            .hint("write the server's address there, or into the input `prometheus-url`"));
    };
    let range = settings.get("rangeQuery").and_then(Json::as_object).map(parse_range).transpose()?;
    let mut url = server.url().clone();
    let endpoint = if range.is_some() { "query_range" } else { "query" };
    url.set_path(&format!("{}/api/v1/{endpoint}", url.path().trim_end_matches('/')));
    let mut request = Fetch {
        method: Method::POST,
        time_limit: seconds(settings, "timeout", TIME_LIMIT)?,
        body_limit: LARGEST_ANSWER,
        attempts: 1,
        authorities: surroundings.authorities.clone(),
        ..Fetch::get(url)
    };
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers.insert(header::CONTENT_TYPE, form);
    surroundings.headers.add(&request.url, &mut request.headers);
    insert_headers(settings, &mut request)?;
    Ok(Prometheus { request, query: query.to_owned(), range })
}

/// An instant query to the server of the inputs.
///
/// # Errors
/// `InvalidFile` if they name none, or a header that cannot be sent.
pub(crate) fn instant(query: &str, surroundings: &Surroundings) -> Result<impl Provider> {
    let settings = Map::from_iter([("query".to_owned(), query.into())]);
    read_settings(&settings, surroundings)
}

fn parse_range(settings: &Map<String, Json>) -> Result<Range> {
    let setting =
        |key: &str| super::text(settings, key)?.ok_or_else(|| invalid(format!("`rangeQuery` has no `{key}`")));
    let step = setting("step")?;
    let step = go_duration(step).map_err(|why| invalid(format!("the `step` of `rangeQuery`: {why}")))?;
    let (start, end) = (before_now(setting("start")?)?, before_now(setting("end")?)?);
    if step.is_zero() || start < end {
        return Err(invalid("`rangeQuery` has no points: it must start before its end, with a step"));
    }
    Ok(Range { start, end, step })
}

/// Reads `now()` and `now() - duration("5m")`.
fn before_now(text: &str) -> Result<Duration> {
    let compact: String =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| if c == '\'' { '"' } else { c }).collect();
    let before = match compact.strip_prefix("now()") {
        Some("") => Some(Ok(Duration::ZERO)),
        Some(rest) => rest.strip_prefix("-duration(\"").and_then(|rest| rest.strip_suffix("\")")).map(go_duration),
        None => None,
    };
    before.and_then(std::result::Result::ok).ok_or_else(|| {
        invalid(format!("`{text}` is not a time of `rangeQuery`")).hint("write `now()` or `now() - duration(\"5m\")`")
    })
}

impl Provider for Prometheus {
    fn request(&self, now: i64) -> Fetch {
        let mut form = Serializer::new(String::new());
        form.append_pair("query", &self.query);
        if let Some(range) = &self.range {
            let before = |length: Duration| {
                let milliseconds = now.saturating_sub(i64::try_from(length.as_millis()).unwrap_or(i64::MAX));
                format!("{}.{:03}", milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000))
            };
            form.append_pair("start", &before(range.start));
            form.append_pair("end", &before(range.end));
            form.append_pair("step", &range.step.as_secs_f64().to_string());
        }
        Fetch { body: form.finish().into_bytes(), ..self.request.clone() }
    }

    fn read(&self, answer: &Answer) -> std::result::Result<Reading, String> {
        read(answer)
    }

    fn types(&self) -> Vec<Type> {
        let vector = Type::list(Type::Number);
        if self.range.is_none() && may_be_scalar(&self.query) { vec![vector, Type::Number] } else { vec![vector] }
    }

    fn shown(&self) -> String {
        self.query.clone()
    }
}

/// What an answer of the API says.
///
/// # Errors
/// Why it says nothing.
pub(crate) fn read(answer: &Answer) -> std::result::Result<Reading, String> {
    read_data(&data(answer)?)
}

/// The finite numbers of a vector, by the value of a label that each has.
///
/// # Errors
/// Why an answer says nothing.
pub(crate) fn by_label(answer: &Answer, label: &str) -> std::result::Result<LiteMap<String, f64>, String> {
    let data = data(answer)?;
    let mut numbers = LiteMap::new();
    for series in data["result"].as_array().into_iter().flatten() {
        let value = series["metric"][label].as_str().ok_or("the query answers no series that can be told apart")?;
        if numbers.insert(value.to_owned(), sample(&series["value"])?).is_some() {
            return Err("the query answers several series; make one of them by `sum`".into());
        }
    }
    numbers.retain(|_, number| number.is_finite());
    Ok(numbers)
}

/// What a query that succeeded answers.
fn data(answer: &Answer) -> std::result::Result<Json, String> {
    let json: std::result::Result<Json, _> = serde_json::from_slice(&answer.body);
    if let Err(why) = answer.body_if_good() {
        let complaint = json.ok().and_then(|json| complaint(&json));
        return Err(complaint.map_or_else(|| why.clone(), |complaint| format!("{why}: {complaint}")));
    }
    let mut json = json.map_err(|_| "the answer is not JSON".to_owned())?;
    if json["status"] != "success" {
        let complaint = complaint(&json);
        return Err(format!("the query failed: {}", complaint.as_deref().unwrap_or("no reason is given")));
    }
    Ok(json["data"].take())
}

/// Whether a query can answer a single number: it must call a function that does, or name no metric at all.
fn may_be_scalar(query: &str) -> bool {
    let compact: String = query.chars().filter(|c| !c.is_whitespace()).collect();
    ["scalar(", "time()", "pi()"].iter().any(|call| compact.contains(call))
        || !compact.chars().any(|c| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E' | 'x'))
}

/// What the server complains of, in one short line.
pub(crate) fn complaint(answer: &Json) -> Option<String> {
    answer["error"].as_str().map(|complaint| shorten(&text::one_line(complaint), COMPLAINT))
}

/// Lists of series become lists of numbers, the points of a series one after another.
fn read_data(data: &Json) -> std::result::Result<Reading, String> {
    let results = || data["result"].as_array().ok_or("the answer has no `result`");
    let mut histograms = 0;
    let mut numbers = Vec::new();
    let is_series = match data["resultType"].as_str() {
        Some("scalar") => {
            numbers.push(sample(&data["result"])?);
            false
        }
        Some("vector") => {
            for series in results()? {
                match series.get("value") {
                    Some(value) => numbers.push(sample(value)?),
                    None => {
                        histograms += 1;
                        numbers.push(0.0);
                    }
                }
            }
            true
        }
        Some("matrix") => {
            for series in results()? {
                histograms += series["histograms"].as_array().map_or(0, Vec::len);
                for value in series["values"].as_array().into_iter().flatten() {
                    numbers.push(sample(value)?);
                }
            }
            true
        }
        Some(other) => return Err(format!("the query answers a {other}, which is not a number")),
        None => return Err("the answer has no `resultType`".into()),
    };
    let doubt = (histograms > 0).then(|| "the query answers native histograms, not numbers".to_owned());
    let texts: Vec<String> = numbers.iter().copied().map(number).collect();
    let (value, text) = if is_series {
        (Value::list(numbers.into_iter().map(Value::Number).collect()), format!("[{}]", texts.join(",")))
    } else {
        (Value::Number(numbers[0]), texts.concat())
    };
    Ok(Reading { value, text, is_series, doubt })
}

/// The number of a pair of time and text.
fn sample(pair: &Json) -> std::result::Result<f64, String> {
    let text = pair[1].as_str().ok_or("a sample has no value")?;
    text.parse().map_err(|_| format!("a sample is `{}`, which is not a number", shorten(text, 20)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::Headers;

    fn provider(settings: Json, prometheus: Option<&str>) -> Result<Box<dyn Provider>> {
        let prometheus: Option<Endpoint> = prometheus.map(|address| address.parse().unwrap());
        let headers = prometheus.as_ref().map(|server| Headers::for_tests(server, "Authorization: Bearer s3cret"));
        let surroundings = Surroundings { prometheus, headers: headers.unwrap_or_default(), ..Surroundings::default() };
        assert!(!format!("{surroundings:?}").contains("s3cret"));
        super::super::parse(&serde_json::json!({"prometheus": settings}), &surroundings)
    }

    #[test]
    fn the_request_is_that_of_the_api() {
        let query = serde_json::json!({"query": "a{b=\"c\"} + 1"});
        let request = provider(query, Some("https://prometheus.example/team/")).unwrap().request(0);
        assert_eq!(request.url.as_str(), "https://prometheus.example/team/api/v1/query");
        assert_eq!(String::from_utf8(request.body).unwrap(), "query=a%7Bb%3D%22c%22%7D+%2B+1");
        assert_eq!(request.headers["authorization"], "Bearer s3cret");
        let range = serde_json::json!({"address": "http://other.example", "query": "up", "timeout": 5, "rangeQuery":
            {"start": "now() - duration('5m')", "end": "now()", "step": "30s"}});
        let request = provider(range, Some("https://prometheus.example")).unwrap().request(1_000_000_250);
        assert_eq!(request.url.as_str(), "http://other.example/api/v1/query_range");
        assert_eq!(String::from_utf8(request.body).unwrap(), "query=up&start=999700.250&end=1000000.250&step=30");
        assert!(request.headers.get("authorization").is_none(), "the headers are for another server");
        assert_eq!(request.time_limit, Duration::from_secs(5));
    }

    #[test]
    fn settings_that_cannot_be_right_are_refused() {
        for (settings, expected) in [
            (serde_json::json!({"query": "up"}), "there is no `address`"),
            (serde_json::json!({"address": "http://p.example"}), "there is no `query`"),
            (serde_json::json!({"query": "up", "insecure": true}), "`insecure` would take anybody's word"),
            (
                serde_json::json!({"query": "up", "authentication": {"oauth2": {"clientId": "x"}}}),
                "`authentication.oauth2`",
            ),
            (serde_json::json!({"query": "up", "address": "http://169.254.169.254"}), "is refused"),
            (
                serde_json::json!({"address": "http://p.example", "query": "up", "timeout": 0}),
                "`timeout` is not a number of seconds",
            ),
            (serde_json::json!({"query": 1}), "`query` is not a text"),
            (
                serde_json::json!({"address": "http://p.example", "query": "up", "rangeQuery": {"start": "yesterday", "end": "now()", "step": "1m"}}),
                "`rangeQuery`",
            ),
        ] {
            let error = provider(settings, None).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_query_is_a_list_unless_it_can_be_a_number() {
        for (query, expected) in [
            ("up", 1),
            ("sum(up)", 1),
            ("scalar(up)", 2),
            ("time() - 5", 2),
            ("1 + 2", 2),
            ("1e3", 2),
            ("vector(1)", 1),
        ] {
            let provider = provider(serde_json::json!({"query": query}), Some("http://p.example")).unwrap();
            assert_eq!(provider.types().len(), expected, "{query}");
        }
    }

    #[test]
    fn answers_are_numbers_or_say_why_not() {
        let provider = provider(serde_json::json!({"query": "up"}), Some("http://p.example")).unwrap();
        let read = |status: u16, body: &str| {
            let reading = provider.read(&Answer { status, body: body.into() });
            reading.map(|reading| reading.text + if reading.doubt.is_some() { " in doubt" } else { "" })
        };
        let data = |kind: &str, result: &str| {
            read(200, &format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#))
        };
        assert_eq!(data("vector", "[]").unwrap(), "[]");
        assert_eq!(
            data("vector", r#"[{"value":[1,"0.5"]},{"value":[1,"NaN"]},{"value":[1,"-Inf"]}]"#).unwrap(),
            "[0.5,NaN,-Inf]"
        );
        assert_eq!(data("scalar", r#"[1,"+Inf"]"#).unwrap(), "+Inf");
        assert_eq!(data("vector", r#"[{"metric":{},"histogram":[1,{}]}]"#).unwrap(), "[0] in doubt");
        assert_eq!(data("matrix", r#"[{"histograms":[[1,{}]]}]"#).unwrap(), "[] in doubt");
        assert_eq!(data("string", r#"[1,"ok"]"#).unwrap_err(), "the query answers a string, which is not a number");
        assert_eq!(
            data("vector", r#"[{"value":[1,"fast"]}]"#).unwrap_err(),
            "a sample is `fast`, which is not a number"
        );
        assert_eq!(read(200, "<html>").unwrap_err(), "the answer is not JSON");
        assert_eq!(read(503, "down").unwrap_err(), "status 503");
        assert_eq!(read(422, r#"{"status":"error","error":"too\nmany"}"#).unwrap_err(), "status 422: too many");
        assert_eq!(read(200, r#"{"status":"error","error":"no"}"#).unwrap_err(), "the query failed: no");
        assert_eq!(read(200, "{}").unwrap_err(), "the query failed: no reason is given");
    }
}
