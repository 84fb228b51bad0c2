//! `cloudwatch AWS/ApplicationELB/TargetResponseTime{LoadBalancer=app/shop/1} p99 < 0.5`: the newest minute of a CloudWatch metric, by the
//! `aws` program, which knows how to sign. `cloudwatch A/Errors Sum / A/Requests Sum < 0.05` is the share that one metric has in another.

use std::fmt;

use serde_json::{Value as Json, json};
use slipway_core::Result;

use super::command::printed;
use super::grammar::{self, invalid, word};
use super::{Asked, Inquiry, Kind, Observation, Test, Time};
use crate::ask::Asks;
use crate::condition;
use crate::evidence;
use crate::lineage::Lineage;
use crate::operator::Operator;
use crate::provider::Surroundings;

pub(super) const KIND: Kind = Kind {
    word: "cloudwatch",
    form: "cloudwatch AWS/ApplicationELB/TargetResponseTime{LoadBalancer=app/shop/1} p99 < 0.5",
    parse,
};

/// Statistics that are words; percentiles are `p` and a number.
const STATISTICS: [&str; 5] = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"];
/// The seconds that a value covers.
const PERIOD: i64 = 60;
/// How many of them are asked for: CloudWatch learns of some metrics minutes later.
const PERIODS: i64 = 5;

#[derive(Debug)]
struct CloudWatch {
    metric: Metric,
    /// What the metric is divided by.
    whole: Option<Metric>,
    operator: Operator,
    bound: f64,
}

#[derive(Debug)]
struct Metric {
    namespace: String,
    name: String,
    dimensions: Vec<(String, String)>,
    statistic: String,
}

fn parse(rest: &str) -> Result<Test> {
    let (metric, rest) = read_metric(rest)?;
    let (whole, rest) = match rest.strip_prefix("/ ") {
        Some(rest) => read_metric(rest.trim_start()).map(|(metric, rest)| (Some(metric), rest))?,
        None => (None, rest),
    };
    let (operator, bound) = Operator::split(rest).ok_or_else(|| invalid("there is no comparison"))?;
    let bound = grammar::number(bound)?;
    Ok(Test::Inquiry(Box::new(CloudWatch { metric, whole, operator, bound })))
}

/// Takes a metric with its statistic from the beginning and gives what follows.
fn read_metric(rest: &str) -> Result<(Metric, &str)> {
    let (metric, dimensions, rest) = match rest.split_once('{') {
        Some((metric, inside)) => {
            let (dimensions, rest) = read_dimensions(inside)?;
            (metric, dimensions, rest)
        }
        None => {
            let (metric, rest) = word(rest);
            (metric, Vec::new(), rest)
        }
    };
    let named = metric.rsplit_once('/').filter(|(namespace, name)| !namespace.is_empty() && !name.is_empty());
    let Some((namespace, name)) = named.filter(|_| !metric.contains(char::is_whitespace)) else {
        return Err(invalid(format!("`{metric}` is not a metric"))
            .hint("write `NAMESPACE/METRIC`, such as `AWS/ECS/CPUUtilization`"));
    };
    let (statistic, rest) = word(rest.trim_start());
    let is_percentile =
        statistic.strip_prefix('p').and_then(grammar::Decimal::parse).is_some_and(|number| number.value() <= 100.0);
    if !is_percentile && !STATISTICS.contains(&statistic) {
        return Err(invalid(format!("`{statistic}` is not a statistic"))
            .hint(format!("write `p99` or one of {}", STATISTICS.join(", "))));
    }
    let (namespace, name, statistic) = (namespace.to_owned(), name.to_owned(), statistic.to_owned());
    Ok((Metric { namespace, name, dimensions, statistic }, rest))
}

/// Takes `Name=value,Other="a value"}` from the beginning and gives what follows.
fn read_dimensions(text: &str) -> Result<(Vec<(String, String)>, &str)> {
    let wrong = || {
        invalid("the dimensions are not understood")
            .hint("write `{LoadBalancer=app/shop/1,TargetGroup=\"targetgroup/shop/1\"}`")
    };
    let mut dimensions = Vec::new();
    let mut rest = text;
    loop {
        let (name, after) = rest.split_once('=').ok_or_else(wrong)?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').ok_or_else(wrong)?,
            None => after.split_at(after.find([',', '}']).ok_or_else(wrong)?),
        };
        if name.trim().is_empty() || value.is_empty() {
            return Err(wrong());
        }
        dimensions.push((name.trim().to_owned(), value.to_owned()));
        match (after.strip_prefix(','), after.strip_prefix('}')) {
            (Some(more), _) => rest = more,
            (None, Some(after)) => return Ok((dimensions, after)),
            _ => return Err(wrong()),
        }
    }
}

impl Inquiry for CloudWatch {
    fn asks(&self, _: &Surroundings, now: i64) -> Result<Asks> {
        let mut query = vec![self.metric.query("m")];
        query.extend(self.whole.as_ref().map(|whole| whole.query("w")));
        let query = Json::from(query);
        // The minute that is not over yet would tell only of a part.
        let end = now.div_euclid(1000 * PERIOD) * PERIOD;
        let words = ["aws", "cloudwatch", "get-metric-data", "--scan-by", "TimestampDescending", "--output", "json"];
        let mut words: Vec<String> = words.map(str::to_owned).into();
        words.extend(["--start-time".into(), (end - PERIODS * PERIOD).to_string()]);
        words.extend(["--end-time".into(), end.to_string(), "--metric-data-queries".into(), query.to_string()]);
        Ok(Asks::Program(words))
    }

    fn judge(&self, answer: &Asked, _: &Lineage) -> Observation {
        let newest = printed(answer, "aws").and_then(|document| match self.whole {
            None => newest(&document, 0),
            Some(_) => newest_share(&document),
        });
        newest.map_or_else(Observation::none, |(value, end)| {
            let is_good = self.operator.holds(value, self.bound);
            Observation::probed(is_good, condition::number(value)).amounting(value).at(Time::Until(end))
        })
    }

    fn bound(&self) -> Option<f64> {
        Some(self.bound)
    }

    fn rule(&self) -> String {
        format!(
            "the newest whole minute of {}, of the last {PERIODS}, is {} {}",
            self.shown(),
            self.operator,
            self.bound
        )
    }
}

/// What an answer holds of one of the metrics.
///
/// # Errors
/// Why it holds nothing.
fn result(document: &Json, place: usize) -> std::result::Result<&Json, String> {
    let result = &document["MetricDataResults"][place];
    match result["StatusCode"].as_str() {
        Some(status @ ("InternalError" | "Forbidden")) => Err(format!("CloudWatch answers {status}")),
        _ => Ok(result),
    }
}

/// The newest value that an answer holds of one of the metrics, and when the minute ended that it is of.
///
/// # Errors
/// Why there is none.
fn newest(document: &Json, place: usize) -> std::result::Result<(f64, i64), String> {
    let result = result(document, place)?;
    let value = result["Values"][0].as_f64().filter(|value| value.is_finite());
    let value = value.ok_or_else(|| format!("CloudWatch has no data of the last {PERIODS} minutes"))?;
    let start = moment(&result["Timestamps"][0]).ok_or("CloudWatch does not say of which minute its data are")?;
    Ok((value, start.saturating_add(1000 * PERIOD)))
}

/// The newest share of the first metric in the second, and when the minute ended that it is of. A minute in which only the second has a
/// value has a share of 0: CloudWatch keeps no value where nothing was counted.
///
/// # Errors
/// Why there is none.
fn newest_share(document: &Json) -> std::result::Result<(f64, i64), String> {
    let (whole, end) = newest(document, 1)?;
    if whole <= 0.0 {
        return Err("CloudWatch counted nothing that it could be a share of".into());
    }
    let part = result(document, 0)?;
    let (Some(times), Some(values)) = (part["Timestamps"].as_array(), part["Values"].as_array()) else {
        return Err("CloudWatch does not answer for both metrics".into());
    };
    let minute = times.iter().position(|time| moment(time) == Some(end - 1000 * PERIOD));
    let part = match minute {
        None => 0.0,
        Some(minute) => values.get(minute).and_then(Json::as_f64).ok_or("CloudWatch gives a time without a value")?,
    };
    Ok((part / whole, end))
}

/// A time as the `aws` program writes it, RFC 3339 or in seconds since the Unix epoch, in milliseconds since then.
pub(super) fn moment(time: &Json) -> Option<i64> {
    match time {
        Json::String(text) => evidence::instant(text),
        _ => time.as_f64().map(|seconds| (seconds * 1000.0) as i64),
    }
}

impl CloudWatch {
    fn shown(&self) -> String {
        let whole = self.whole.as_ref().map(|whole| format!(" / {}", whole.shown()));
        self.metric.shown() + &whole.unwrap_or_default()
    }
}

impl Metric {
    fn query(&self, id: &str) -> Json {
        let dimensions = self.dimensions.iter().map(|(name, value)| json!({"Name": name, "Value": value}));
        let metric =
            json!({"Namespace": self.namespace, "MetricName": self.name, "Dimensions": dimensions.collect::<Json>()});
        json!({"Id": id, "MetricStat": {"Metric": metric, "Period": PERIOD, "Stat": self.statistic}})
    }

    fn shown(&self) -> String {
        let dimensions: Vec<String> =
            self.dimensions.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let dimensions = if dimensions.is_empty() { String::new() } else { format!("{{{}}}", dimensions.join(",")) };
        format!("{}/{}{dimensions} {}", self.namespace, self.name, self.statistic)
    }
}

impl fmt::Display for CloudWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cloudwatch {} {} {}", self.shown(), self.operator, self.bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Answer, Check, Standing};

    fn check(line: &str) -> Box<dyn Inquiry> {
        let Test::Inquiry(check) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
        check
    }

    #[test]
    fn a_metric_is_asked_for_whole_minutes() {
        let line =
            "cloudwatch AWS/ApplicationELB/TargetResponseTime{LoadBalancer=app/shop/1, Stage=\"a, b\"} p99.9 < 0.5";
        let check = check(line);
        let normal =
            "cloudwatch AWS/ApplicationELB/TargetResponseTime{LoadBalancer=\"app/shop/1\",Stage=\"a, b\"} p99.9 < 0.5";
        assert_eq!(check.to_string(), normal);
        assert_eq!(self::check(normal).to_string(), normal);
        let Asks::Program(words) = check.asks(&Surroundings::default(), 1_000_000_000).unwrap() else { panic!() };
        assert_eq!(words[7..11], ["--start-time", "999660", "--end-time", "999960"]);
        let query: Json = serde_json::from_str(&words[12]).unwrap();
        let metric = json!({"Namespace": "AWS/ApplicationELB", "MetricName": "TargetResponseTime", "Dimensions":
            [{"Name": "LoadBalancer", "Value": "app/shop/1"}, {"Name": "Stage", "Value": "a, b"}]});
        assert_eq!(query, json!([{"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p99.9"}}]));
        for line in [
            "cloudwatch",
            "cloudwatch Errors Sum < 5",
            "cloudwatch A/B < 5",
            "cloudwatch A/B p101 < 5",
            "cloudwatch A/B mean < 5",
            "cloudwatch A/B Sum",
            "cloudwatch A/B Sum < five",
            "cloudwatch A/B{C} Sum < 5",
            "cloudwatch A/B{C=d Sum < 5",
            "cloudwatch A/B{C=\"d} Sum < 5",
            "cloudwatch A/B{C=} Sum < 5",
            "cloudwatch A/ B{C=d} Sum < 5",
            "cloudwatch A/B Sum / < 5",
            "cloudwatch A/B Sum / C/D < 5",
            "cloudwatch A/B Sum / C/D Sum",
            "cloudwatch A/B Sum / C/D Sum / E/F Sum < 5",
        ] {
            assert!(line.parse::<Check>().is_err(), "{line}");
        }
    }

    #[test]
    fn the_newest_value_decides_and_none_is_not_known() {
        let check = check("cloudwatch Shop/Errors Sum <= 5");
        for (status, body, standing, told) in [
            (
                0,
                r#"{"MetricDataResults":[{"Id":"m","Timestamps":["2026-11-26T12:00:00+00:00","2026-11-26T11:59:00+00:00"],"Values":[5.0,9.0],"StatusCode":"Complete"}]}"#,
                Standing::Good,
                "5",
            ),
            (
                0,
                r#"{"MetricDataResults":[{"Id":"m","Timestamps":[1795694400],"Values":[5.5],"StatusCode":"PartialData"}]}"#,
                Standing::Bad,
                "5.5",
            ),
            (
                0,
                r#"{"MetricDataResults":[{"Id":"m","Values":[]}]}"#,
                Standing::None,
                "CloudWatch has no data of the last 5 minutes",
            ),
            (
                0,
                r#"{"MetricDataResults":[{"Id":"m","Values":[1.0]}]}"#,
                Standing::None,
                "CloudWatch does not say of which minute its data are",
            ),
            (
                0,
                r#"{"MetricDataResults":[{"Id":"m","Values":["NaN"]}]}"#,
                Standing::None,
                "CloudWatch has no data of the last 5 minutes",
            ),
            (0, r#"{"MetricDataResults":[]}"#, Standing::None, "CloudWatch has no data of the last 5 minutes"),
            (
                0,
                r#"{"MetricDataResults":[{"Values":[1],"StatusCode":"Forbidden"}]}"#,
                Standing::None,
                "CloudWatch answers Forbidden",
            ),
            (0, "", Standing::None, "what `aws` says is not JSON"),
            (254, "no credentials", Standing::None, "`aws` exits with 254: no credentials"),
        ] {
            let seen = check.judge(&Ok(Answer { status, body: body.into() }), &Lineage::default());
            let said = if seen.value.is_empty() { seen.why } else { seen.value };
            assert_eq!((seen.standing, said.as_str()), (standing, told), "{body}");
            let ends = if standing == Standing::None { Time::Now } else { Time::Until(1_795_694_460_000) };
            assert_eq!(seen.time, ends, "{body}");
        }
    }
    #[test]
    fn a_share_is_of_the_newest_minute_of_the_whole() {
        let line = "cloudwatch AWS/ApplicationELB/HTTPCode_Target_5XX_Count{TargetGroup=\"targetgroup/a/1\"} Sum / \
                    AWS/ApplicationELB/RequestCount{TargetGroup=\"targetgroup/a/1\"} Sum < 0.05";
        let check = check(line);
        assert_eq!(check.to_string(), line);
        let Asks::Program(words) = check.asks(&Surroundings::default(), 1_000_000_000).unwrap() else { panic!() };
        let query: Json = serde_json::from_str(&words[12]).unwrap();
        assert_eq!((&query[0]["Id"], &query[1]["Id"]), (&json!("m"), &json!("w")));
        assert_eq!(query[1]["MetricStat"]["Metric"]["MetricName"], "RequestCount");
        let (newer, older) = (1_795_694_400, 1_795_694_340);
        let series = |times: &[i64], values: &[f64]| json!({"Timestamps": times, "Values": values});
        for (errors, requests, standing, told) in [
            (series(&[newer], &[4.0]), series(&[newer], &[100.0]), Standing::Good, "0.04"),
            (series(&[newer, older], &[6.0, 0.0]), series(&[newer, older], &[100.0, 100.0]), Standing::Bad, "0.06"),
            // No error was counted in the newest minute, whatever was before.
            (series(&[older], &[90.0]), series(&[newer, older], &[100.0, 100.0]), Standing::Good, "0"),
            (series(&[], &[]), series(&[newer], &[100.0]), Standing::Good, "0"),
            (
                series(&[newer], &[4.0]),
                series(&[], &[]),
                Standing::None,
                "CloudWatch has no data of the last 5 minutes",
            ),
            (
                series(&[newer], &[0.0]),
                series(&[newer], &[0.0]),
                Standing::None,
                "CloudWatch counted nothing that it could be a share of",
            ),
            (
                json!({"StatusCode": "Forbidden"}),
                series(&[newer], &[100.0]),
                Standing::None,
                "CloudWatch answers Forbidden",
            ),
            (json!({}), series(&[newer], &[100.0]), Standing::None, "CloudWatch does not answer for both metrics"),
        ] {
            let body = json!({"MetricDataResults": [errors, requests]}).to_string();
            let seen = check.judge(&Ok(Answer { status: 0, body: body.clone().into() }), &Lineage::default());
            let said = if seen.value.is_empty() { seen.why } else { seen.value };
            assert_eq!((seen.standing, said.as_str()), (standing, told), "{body}");
        }
    }
}
