//! A metric of an analysis: what is measured, how often, and when it is good.

use std::time::Duration;

use serde_json::Value as Json;
use slipway_core::Result;

use super::arguments::Arguments;
use super::go_duration;
use crate::condition::{Condition, Type};
use crate::errors::invalid_file as invalid;
use crate::provider::{self, Provider, Surroundings};

/// Errors in a row that are tolerated, unless the template says otherwise.
const CONSECUTIVE_ERRORS: i64 = 4;
/// How long after an error the next measurement is taken, whatever the interval.
pub(super) const RETRY: Duration = Duration::from_secs(10);

/// Whose answers an analysis gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compatibility {
    /// What is not known is neither good nor bad, and what cannot be right is refused before the first query.
    Strict,
    /// Those of Argo Rollouts, case for case.
    ArgoRollouts,
}

/// A metric after its arguments are filled in.
#[derive(Debug)]
pub(crate) struct Metric {
    pub(crate) name: String,
    /// Whether its phase does not count.
    pub(crate) dry_run: bool,
    /// How many measurements are kept; all if none.
    pub(crate) retention: Option<usize>,
    pub(crate) interval: Option<Duration>,
    pub(crate) initial_delay: Duration,
    pub(super) count: u64,
    pub(super) failure_limit: i64,
    pub(super) inconclusive_limit: i64,
    pub(super) consecutive_error_limit: i64,
    pub(super) consecutive_success_limit: i64,
    /// A condition that does not parse is an error whenever it is evaluated.
    pub(crate) success: Option<Parsed>,
    pub(crate) failure: Option<Parsed>,
    pub(crate) provider: Box<dyn Provider>,
    /// What is asked, without secrets.
    pub(crate) shown: String,
    pub(super) compatibility: Compatibility,
}

/// A condition, or why it is none.
pub(crate) type Parsed = std::result::Result<Condition, String>;

impl Metric {
    /// How many measurements end it; none if it goes on as long as the analysis.
    pub(crate) fn effective_count(&self) -> Option<u64> {
        match (self.count, self.interval) {
            (0, Some(_)) => None,
            (0, None) => Some(1),
            (count, _) => Some(count),
        }
    }

    /// Its conditions that parse.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        [&self.success, &self.failure].into_iter().flatten().filter_map(|condition| condition.as_ref().ok())
    }

    /// Reads a metric.
    ///
    /// # Errors
    /// `InvalidFile` or `InvalidInput`, in the words that whoever knows Argo Rollouts looks for.
    pub(super) fn read(
        json: &Json,
        arguments: &Arguments,
        surroundings: &Surroundings,
        compatibility: Compatibility,
    ) -> Result<Self> {
        let json = &arguments.fill(json)?;
        let name = json["name"].as_str().filter(|name| !name.is_empty()).ok_or_else(|| invalid("it has no `name`"))?;
        let number = |key: &str, default: i64| int_or_string(json, key, default, compatibility);
        let duration = |key: &str, noun: &str| match &json[key] {
            Json::Null => Ok(None),
            Json::String(text) if text.is_empty() => Ok(None),
            value => {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                go_duration(&text).map(Some).map_err(|why| {
                    invalid(format!("invalid {noun} string: {why}")).hint("write numbers with ms, s, m or h")
                })
            }
        };
        let provider = provider::parse(&json["provider"], surroundings)?;
        let metric = Self {
            name: name.to_owned(),
            dry_run: false,
            retention: None,
            interval: duration("interval", "interval")?,
            initial_delay: duration("initialDelay", "startDelay")?.unwrap_or_default(),
            count: u64::try_from(number("count", 0)?).unwrap_or_default(),
            failure_limit: number("failureLimit", 0)?,
            inconclusive_limit: number("inconclusiveLimit", 0)?,
            consecutive_error_limit: number("consecutiveErrorLimit", CONSECUTIVE_ERRORS)?,
            consecutive_success_limit: number("consecutiveSuccessLimit", 0)?,
            success: condition(json, "successCondition")?,
            failure: condition(json, "failureCondition")?,
            shown: arguments.redact(&provider.shown()),
            provider,
            compatibility,
        };
        metric.validate()?;
        if compatibility == Compatibility::Strict {
            metric.check_conditions()?;
        }
        Ok(metric)
    }

    fn validate(&self) -> Result<()> {
        let count = i64::try_from(self.count).unwrap_or(i64::MAX);
        let (failures, successes) = (self.failure_limit, self.consecutive_success_limit);
        let wrong = [
            (count > 1 && self.interval.is_none(), "interval must be specified when count > 1"),
            (failures < -1, "failureLimit must be >= -1"),
            (successes < 0, "consecutiveSuccessLimit must be >= 0"),
            (self.inconclusive_limit < 0, "inconclusiveLimit must be >= 0"),
            (self.consecutive_error_limit < 0, "consecutiveErrorLimit must be >= 0"),
            (failures == -1 && successes == 0, "consecutiveSuccessLimit must be > 0 when failureLimit is -1"),
            (
                count > 0 && count < failures.saturating_add(successes),
                "count must be >= failureLimit + consecutiveSuccessLimit",
            ),
            (count > 0 && count < self.inconclusive_limit, "count must be >= inconclusiveLimit"),
        ];
        wrong.iter().find(|(is_wrong, _)| *is_wrong).map_or(Ok(()), |(_, why)| Err(invalid(*why)))
    }

    /// Finds what can never be right, before anything is asked.
    fn check_conditions(&self) -> Result<()> {
        let types = self.provider.types();
        for (key, condition) in [("successCondition", &self.success), ("failureCondition", &self.failure)] {
            let Some(condition) = condition else { continue };
            let refuse = |why: &str| invalid(format!("`{key}`: {why}"));
            let condition = condition.as_ref().map_err(|why| refuse(why))?;
            let checks: Vec<_> = types.iter().map(|kind| condition.check(kind)).collect();
            if let Some(Err(why)) = checks.first()
                && checks.iter().all(std::result::Result::is_err)
            {
                let error = refuse(why);
                return Err(match types[0] {
                    Type::List(_) => {
                        error.hint("a query answers a list of numbers: write `result[0]`, or `all(result, …)`")
                    }
                    _ => error,
                });
            }
            if condition.misuses_default() {
                let hint = "write `default(result, …)`; for an empty list, test `len(result)` first";
                return Err(refuse("`default` and `isNil` look at `result`, whatever they are given").hint(hint));
            }
        }
        Ok(())
    }
}

/// A number that may be written as a text. Upstream takes other texts for 0.
fn int_or_string(json: &Json, key: &str, default: i64, compatibility: Compatibility) -> Result<i64> {
    match &json[key] {
        Json::Null => Ok(default),
        Json::String(text) => match text.parse() {
            Ok(number) => Ok(number),
            Err(_) if compatibility == Compatibility::ArgoRollouts => Ok(0),
            Err(_) => Err(invalid(format!("{key} is `{text}`, which is not a whole number"))),
        },
        value => value.as_i64().ok_or_else(|| invalid(format!("{key} is `{value}`, which is not a whole number"))),
    }
}

fn condition(json: &Json, key: &str) -> Result<Option<Parsed>> {
    match &json[key] {
        Json::Null => Ok(None),
        Json::String(text) if text.is_empty() => Ok(None),
        Json::String(text) => Ok(Some(Condition::parse(text))),
        // YAML reads a plain `true` as what it says.
        Json::Bool(flag) => Ok(Some(Condition::parse(if *flag { "true" } else { "false" }))),
        _ => Err(invalid(format!("`{key}` is not a text")).hint("put it in quotes")),
    }
}
