//! Checks: one line of the input `checks` each. A kind of check is a module with an entry in [`KINDS`].

mod alarm;
mod command;
mod cpu;
mod disk;
mod error_rate;
mod grammar;
mod health;
mod json;
mod latency;
mod literal;
mod memory;
mod path;
mod preset;
mod query;
mod restarts;
mod slo;
mod throughput;
mod uptime;
mod usage;
mod version;

pub(crate) use grammar::Operator;
pub(crate) use preset::{PRESET, Preset, complete};
pub(crate) use uptime::Falls;

/// Every resource whose use a check reads.
pub(crate) static RESOURCES: [&Resource; 3] = [&cpu::RESOURCE, &memory::RESOURCE, &disk::RESOURCE];

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use slipway_core::text::nearest;
use slipway_core::{Error, ErrorKind, Result};

use crate::ask::Asks;
use crate::endpoint::{Endpoint, without_secrets};
use crate::provider::Surroundings;
use crate::resource::Resource;
use crate::traffic::{Found, Gap, Traffic};

/// Every kind of check.
const KINDS: [Kind; 18] = [
    health::KIND,
    version::KIND,
    uptime::KIND,
    json::KIND,
    error_rate::KIND,
    latency::P50,
    latency::P90,
    latency::P95,
    latency::P99,
    throughput::KIND,
    cpu::KIND,
    memory::KIND,
    disk::KIND,
    restarts::KIND,
    slo::KIND,
    query::KIND,
    alarm::KIND,
    command::KIND,
];

/// A kind of check: the word it begins with and how the rest is read.
struct Kind {
    word: &'static str,
    /// An example, for hints.
    form: &'static str,
    parse: fn(&str) -> Result<Test>,
}

/// A check as its author wrote it, and what it does.
#[derive(Debug)]
pub(crate) struct Check {
    /// Its line in its normal form, which is how it is shown and recorded: an address in it has no query.
    pub(crate) text: String,
    pub(crate) test: Test,
}

/// The sorts of check.
#[derive(Debug)]
pub(crate) enum Test {
    /// Asks an address at each look.
    Probe(Box<dyn Probe>),
    /// Reads what was counted since the first look.
    Measurement(Box<dyn Measurement>),
    /// Asks somebody else about the service at each look.
    Inquiry(Box<dyn Inquiry>),
}

/// A check that asks an address.
pub(crate) trait Probe: fmt::Debug + fmt::Display {
    /// Where it asks.
    fn endpoint(&self) -> &Endpoint;

    /// What an answer means.
    fn judge(&self, answer: &Asked, deployed: Deployed<'_>) -> Observation;

    /// The uptime in seconds that an answer tells, for a check that watches whether it falls.
    fn uptime(&self, _: &Asked) -> Option<f64> {
        None
    }

    /// What it reads and when it is good, for people.
    fn rule(&self) -> String;

    /// Whether it can judge only if the config repository says what is deployed.
    fn needs_release(&self) -> bool {
        false
    }

    /// Whether it tells when the release is in service, so that what was counted before is not its doing.
    fn tells_arrival(&self) -> bool {
        false
    }
}

/// A check that reads counters.
pub(crate) trait Measurement: fmt::Debug + fmt::Display {
    /// What the counters mean. Fewer requests than `minimum` are no evidence.
    ///
    /// # Errors
    /// If the metrics are unclear, so that a person has to choose.
    fn judge(&self, traffic: &Traffic, minimum: u64) -> Result<Observation>;

    /// What it reads and when it is good, for people.
    fn rule(&self, found: &Found, minimum: u64) -> String;

    /// Whether it must hold for each process, and not only for what all of them did.
    fn is_for_each(&self) -> bool {
        false
    }

    /// The resource whose use it reads.
    fn resource(&self) -> Option<&'static Resource> {
        None
    }
}

/// What the counters mean for all processes together, and for each that saw enough: a fault that only one of them has is a fault.
///
/// # Errors
/// As [`Measurement::judge`].
pub(crate) fn measure(measurement: &dyn Measurement, traffic: &Traffic, minimum: u64) -> Result<Observation> {
    let seen = measurement.judge(traffic, minimum)?;
    if seen.standing == Standing::Bad || !measurement.is_for_each() {
        return Ok(seen);
    }
    for (name, process) in &traffic.vitals.processes {
        let alone = measurement.judge(process, minimum)?;
        if alone.standing == Standing::Bad {
            return Ok(Observation { value: format!("{} at {name}", alone.value), ..alone });
        }
    }
    Ok(seen)
}

/// An answer, or the reason why there is none.
pub(crate) type Asked = std::result::Result<Answer, String>;

/// A check that asks somebody else about the service: who does not answer is no evidence.
pub(crate) trait Inquiry: fmt::Debug + fmt::Display {
    /// Who is asked what, at a time in milliseconds since 1970.
    ///
    /// # Errors
    /// If the inputs do not say who.
    fn asks(&self, surroundings: &Surroundings, now: i64) -> Result<Asks>;

    /// What an answer means; a program's exit code is its status.
    fn judge(&self, answer: &Asked) -> Observation;

    /// What it reads and when it is good, for people.
    fn rule(&self) -> String;

    /// The address that it asks, if its author wrote one.
    fn endpoint(&self) -> Option<&Endpoint> {
        None
    }

    /// Whether it asks the Prometheus server of the inputs.
    fn needs_prometheus(&self) -> bool {
        false
    }
}

/// What an address answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Which version is expected in service.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deployed<'a> {
    /// The release under judgement, if the config repository was asked.
    Release(Option<&'a str>),
    /// The one that was restored, whatever version a check names.
    Restored(&'a str),
}

/// What a check saw at one look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Observation {
    /// Good, bad or no evidence.
    pub standing: Standing,
    /// What was seen, for people; empty if nothing was.
    pub value: String,
    /// The requests that a measurement rests on; none if nothing was learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// Why there is no evidence, or what else is to be said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// Where a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The condition holds.
    Good,
    /// The condition does not hold.
    Bad,
    /// Nobody knows.
    None,
}

impl Standing {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::None => "no evidence",
        }
    }
}

impl Observation {
    /// What a probe saw.
    fn probed(is_good: bool, value: impl Into<String>) -> Self {
        let standing = if is_good { Standing::Good } else { Standing::Bad };
        Self { standing, value: value.into(), samples: None, why: String::new() }
    }

    /// What was measured; a good value counts only if nothing speaks against concluding so.
    fn measured(traffic: &Traffic, is_good: bool, value: String, samples: u64) -> Self {
        match (is_good, &traffic.reservation) {
            (true, Some(why)) => Self::none(why),
            (true, None) => Self { standing: Standing::Good, value, samples: Some(samples), why: String::new() },
            (false, _) => Self { standing: Standing::Bad, value, samples: Some(samples), why: String::new() },
        }
    }

    /// No evidence, and why.
    pub(crate) fn none(why: impl Into<String>) -> Self {
        Self { standing: Standing::None, value: String::new(), samples: None, why: why.into() }
    }

    /// No evidence because of a gap in the metrics.
    fn gap(gap: &Gap) -> Result<Self> {
        match gap {
            Gap::Missing(why) => Ok(Self::none(why)),
            Gap::Unclear(error) => Err(error.clone()),
        }
    }

    /// Too few requests to say anything.
    fn too_few(samples: u64, minimum: u64) -> Self {
        let why = match samples {
            0 => "no request was counted".into(),
            1 => format!("1 request was counted, and {minimum} are needed"),
            _ => format!("{samples} requests were counted, and {minimum} are needed"),
        };
        Self { samples: Some(samples), ..Self::none(why) }
    }
}

impl Check {
    /// The word that it begins with.
    pub(crate) fn word(&self) -> &str {
        self.text.split(' ').next().unwrap_or_default()
    }
}

impl FromStr for Check {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let end = line.find(|c: char| c.is_whitespace() || "<>=!".contains(c)).unwrap_or(line.len());
        let (word, rest) = line.split_at(end);
        let kind = KINDS.iter().find(|kind| kind.word == word).ok_or_else(|| unknown(line, word))?;
        let test = (kind.parse)(rest.trim())
            .map_err(|error| error.context(format!("`{}`", shown(line))).or_hint(kind.form))?;
        let text = match &test {
            Test::Probe(probe) => probe.to_string(),
            Test::Measurement(measurement) => measurement.to_string(),
            Test::Inquiry(inquiry) => inquiry.to_string(),
        };
        Ok(Self { text, test })
    }
}

fn unknown(line: &str, word: &str) -> Error {
    let error = Error::new(ErrorKind::InvalidInput, format!("`{}` is not a check", shown(line)));
    match nearest(word, KINDS.iter().map(|kind| kind.word)) {
        Some(meant) => error.hint(format!("did you mean `{meant}`?")),
        None => {
            let forms: Vec<String> = KINDS.iter().map(|kind| format!("`{}`", kind.form)).collect();
            error.hint(format!("write one of {}", forms.join(", ")))
        }
    }
}

/// The line as it may be shown, though its address was refused.
fn shown(line: &str) -> String {
    line.split_whitespace().map(without_secrets).collect::<Vec<_>>().join(" ")
}

trait OrHint {
    /// Adds the right form as a hint, if there is no hint yet.
    fn or_hint(self, form: &str) -> Self;
}

impl OrHint for Error {
    fn or_hint(self, form: &str) -> Self {
        if self.hint_text().is_some() { self } else { self.hint(format!("write `{form}`")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_have_one_normal_form() {
        for (line, text) in [
            ("health https://shop.example/health", "health https://shop.example/health"),
            ("health http://127.0.0.1:8080/h?key=s3cret == 204", "health http://127.0.0.1:8080/h?… == 204"),
            ("version https://shop.example/version == 1.5.0", "version https://shop.example/version == 1.5.0"),
            ("version  https://shop.example/version   ==  release", "version https://shop.example/version == release"),
            ("health https://x/ .status==\"healthy\"", "health https://x/ .status == \"healthy\""),
            ("version https://x/?key=s3cret .build.version == 2", "version https://x/?… .build.version == 2"),
            ("uptime https://x/health", "uptime https://x/health"),
            ("uptime https://x/health  .up", "uptime https://x/health .up"),
            ("json https://x/?token=s3cret .a[0][\"b c\"]<=5.0", "json https://x/?… .a[0].[\"b c\"] <= 5"),
            ("error-rate<5%", "error-rate < 5%"),
            ("error-rate <= 0.25%", "error-rate <= 0.25%"),
            ("p95 < 2s", "p95 < 2s"),
            ("p99<=1s500ms", "p99 <= 1500ms"),
            ("throughput > 50/s", "throughput > 50/s"),
            ("throughput >= 0.5/s", "throughput >= 0.5/s"),
        ] {
            let check: Check = line.parse().unwrap();
            assert_eq!(check.text, text);
            assert_eq!(check.text.replace('…', "").parse::<Check>().unwrap().text, text, "again");
        }
    }

    #[test]
    fn what_is_no_check_is_told_and_how_to_write_it() {
        for (line, expected) in [
            ("eror-rate < 5%", "`eror-rate < 5%` is not a check. did you mean `error-rate`?"),
            ("P95 < 2s", "`P95 < 2s` is not a check. did you mean `p95`?"),
            ("health: https://x/", "`health: https://x/` is not a check. did you mean `health`?"),
            ("p95 < 5", "`p95 < 5`: `5` has no unit. write a duration such as `500ms` or `2s`"),
            ("p95 < 5 s", "`p95 < 5 s`: `5 s` is not a duration. write a duration such as `500ms` or `2s`"),
            ("p95 < 1.5s", "`p95 < 1.5s`: `1.5s` is not a duration. write a duration such as `500ms` or `2s`"),
            ("p95 < 0s", "`p95 < 0s`: no request takes less than no time. write `p95 < 2s`"),
            ("p95", "`p95`: there is no comparison. write `p95 < 2s`"),
            ("p95 2s", "`p95 2s`: there is no comparison. write `p95 < 2s`"),
            ("p95 > 2s", "`p95 > 2s`: it must be compared by `<` or `<=`. write `p95 < 2s`"),
            ("p95 < < 2s", "`p95 < < 2s`: `< 2s` is not a duration. write a duration such as `500ms` or `2s`"),
            ("error-rate < 0.05", "`error-rate < 0.05`: `0.05` is not a percentage. write one such as `5%` or `0.1%`"),
            ("error-rate < 5 %", "`error-rate < 5 %`: `5 %` is not a percentage. write one such as `5%` or `0.1%`"),
            ("error-rate < -5%", "`error-rate < -5%`: `-5%` is not a percentage. write one such as `5%` or `0.1%`"),
            ("error-rate < 1e1%", "`error-rate < 1e1%`: `1e1%` is not a percentage. write one such as `5%` or `0.1%`"),
            ("error-rate < NaN%", "`error-rate < NaN%`: `NaN%` is not a percentage. write one such as `5%` or `0.1%`"),
            ("error-rate < 101%", "`error-rate < 101%`: it holds whatever happens. write `error-rate < 5%`"),
            ("error-rate <= 100%", "`error-rate <= 100%`: it holds whatever happens. write `error-rate < 5%`"),
            ("error-rate < 0%", "`error-rate < 0%`: it can never hold. write `error-rate <= 0%`"),
            ("error-rate == 0%", "`error-rate == 0%`: it must be compared by `<` or `<=`. write `error-rate < 5%`"),
            ("throughput > 50", "`throughput > 50`: `50` is not a rate. write one such as `50/s` or `0.5/s`"),
            ("throughput > 50/m", "`throughput > 50/m`: `50/m` is not a rate. write one such as `50/s` or `0.5/s`"),
            ("throughput >= 0/s", "`throughput >= 0/s`: it holds whatever happens. write `throughput > 50/s`"),
            ("throughput < 5/s", "`throughput < 5/s`: it must be compared by `>` or `>=`. write `throughput > 50/s`"),
            ("health", "`health`: there is no address. write `health https://shop.example/health`"),
            (
                "health https://x/ = 200",
                "`health https://x/ = 200`: `= 200` is not understood. write `health https://shop.example/health`",
            ),
            (
                "health https://x/ == 99",
                "`health https://x/ == 99`: `99` is not a status. write a number from 200 to 599",
            ),
            (
                "health https://x/ == 302",
                "`health https://x/ == 302`: redirects are followed, so no answer has this status. \
                 write the status of the page that they lead to",
            ),
            (
                "health https://x/ .status == healthy",
                "`health https://x/ .status == healthy`: `healthy` is neither a number, a boolean nor a text in quotes. \
                 write one such as `5`, `true` or `\"healthy\"`",
            ),
            (
                "uptime https://x/ > 5",
                "`uptime https://x/ > 5`: `> 5` is not understood. write `uptime https://shop.example/health .uptime_seconds`",
            ),
            (
                "json https://x/ < 5",
                "`json https://x/ < 5`: there is no path to a value. write `json https://monitor.example/api .open_alerts < 5`",
            ),
            (
                "json https://x/ .a",
                "`json https://x/ .a`: there is no comparison. write `json https://monitor.example/api .open_alerts < 5`",
            ),
            (
                "version https://x/",
                "`version https://x/`: there is no version. write `version https://shop.example/version == release`",
            ),
            (
                "version https://x/ < 2",
                "`version https://x/ < 2`: `< 2` is not understood. write `version https://shop.example/version == release`",
            ),
        ] {
            assert_eq!(line.parse::<Check>().unwrap_err().to_string(), expected);
        }
        let forms = "smoke tests".parse::<Check>().unwrap_err().to_string();
        assert!(forms.contains("write one of `health https://shop.example/health`"), "{forms}");
    }

    #[test]
    fn the_readme_has_a_row_for_each_kind() {
        let readme = include_str!("../../../../actions/rollback-gate/README.md");
        let (_, section) = readme.split_once("\n## Checks\n").unwrap();
        let section = section.split("\n## ").next().unwrap();
        let rows: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("| `")).collect();
        for kind in &KINDS {
            let told = rows.iter().any(|row| row.starts_with(&format!("{} ", kind.word)))
                || rows.iter().any(|row| row.contains(&format!("`{}`", kind.word)));
            assert!(told, "`{}` has no row", kind.word);
        }
        // The examples in it are checks, too.
        for row in &rows {
            let example = row.split('`').next().unwrap().replace("URL", "https://x/");
            example.parse::<Check>().unwrap();
        }
    }

    #[test]
    fn addresses_that_can_never_be_right_are_refused() {
        for (line, kind) in [
            ("health shop.example/health", ErrorKind::InvalidInput),
            ("health ftp://shop.example/", ErrorKind::InvalidInput),
            ("health https://", ErrorKind::InvalidInput),
            ("health https://x:99999/", ErrorKind::InvalidInput),
            ("health https://good@evil/", ErrorKind::InvalidInput),
            ("version https://x:0/ == 1", ErrorKind::InvalidInput),
            ("health http://169.254.169.254/latest", ErrorKind::ForbiddenAddress),
            ("health http://[fd00:ec2::254]/", ErrorKind::ForbiddenAddress),
            ("health http://0.0.0.0/", ErrorKind::ForbiddenAddress),
            ("version http://metadata.google.internal/ == 1", ErrorKind::ForbiddenAddress),
        ] {
            assert_eq!(line.parse::<Check>().unwrap_err().kind(), kind, "{line}");
        }
        let error = "health https://u:s3cret@x/?token=s3cret".parse::<Check>().unwrap_err().to_string();
        assert!(!error.contains("s3cret"), "{error}");
    }
}
