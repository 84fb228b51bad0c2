//! `slo 99.9% window 30d query "…[$window]…"`: the same objective by what a Prometheus server remembers, where the share of failed requests
//! is the user's query over `$window`. All windows are asked for at once.

use std::fmt;
use std::time::Duration;

use litemap::LiteMap;
use slipway_core::Result;

use super::grammar::invalid;
use super::query::quoted;
use super::slo::{HOUR, Objective, SHORTER, WINDOWS};
use super::{Asked, Inquiry, Observation, Test};
use crate::ask::Asks;
use crate::lineage::Lineage;
use crate::provider::{Provider, Surroundings, prometheus};
use crate::shown;

/// Stands in a query for a length of time.
const WINDOW: &str = "$window";
/// The label by which the windows are told apart.
const LABEL: &str = "slipway_window";

#[derive(Debug)]
struct Remembered {
    objective: Objective,
    query: String,
}

/// Reads what follows the window.
pub(super) fn parse(objective: Objective, rest: &str) -> Result<Test> {
    let Some(rest) = rest.strip_prefix("query ") else { return Err(invalid(format!("`{rest}` is not understood"))) };
    let (query, rest) = quoted(rest.trim_start())?;
    if !rest.is_empty() {
        return Err(invalid(format!("`{rest}` is not understood")));
    }
    if !query.contains(WINDOW) {
        let hint = "write the share of failed requests, such as `sum(rate(errors_total[$window])) / sum(rate(requests_total[$window]))`";
        return Err(invalid(format!("the query has no `{WINDOW}`")).hint(hint));
    }
    Ok(Test::Inquiry(Box::new(Remembered { objective, query: query.to_owned() })))
}

/// A length of time in the words of Prometheus.
fn named(length: Duration) -> String {
    format!("{}s", length.as_secs())
}

/// The shares by the windows that they are of.
type Shares = LiteMap<String, f64>;

impl Remembered {
    fn lengths(&self) -> impl Iterator<Item = Duration> {
        let windows = WINDOWS.into_iter().flat_map(|(long, _)| [long, long / SHORTER]);
        windows.chain([self.objective.window])
    }

    fn judge_shares(&self, shares: &Shares) -> std::result::Result<Observation, String> {
        let burn = |length: Duration| Some(shares.get(&named(length))? / self.objective.allowed());
        let hour = burn(HOUR).ok_or("the query answers nothing for the last hour")?;
        let mut worst = (false, hour);
        for (length, part) in WINDOWS {
            let Some(long) = burn(length) else { continue };
            let limit = self.objective.limit(part, length);
            if long > limit && burn(length / SHORTER).is_none_or(|short| short > limit) {
                worst = (true, long);
                break;
            }
        }
        let (burns, burn_rate) = worst;
        let value = format!("burns the budget {} times as fast as it may", shown::figures(burn_rate));
        match burn(self.objective.window) {
            Some(spent) if !burns && spent >= 1.0 => {
                let why = format!("the error budget is spent: {} of it", shown::percent(spent, 1.0));
                Ok(Observation { value, ..Observation::none(why) }.amounting(burn_rate))
            }
            _ => Ok(Observation::probed(!burns, value).amounting(burn_rate)),
        }
    }
}

impl Inquiry for Remembered {
    fn asks(&self, surroundings: &Surroundings, now: i64) -> Result<Asks> {
        let mut parts: Vec<String> = Vec::new();
        for length in self.lengths() {
            let window = named(length);
            let query = self.query.replace(WINDOW, &window);
            let part = format!("label_replace({query}, \"{LABEL}\", \"{window}\", \"\", \"\")");
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        Ok(Asks::Address(Box::new(prometheus::instant(&parts.join(" or "), surroundings)?.request(now))))
    }

    fn judge(&self, answer: &Asked, _: &Lineage) -> Observation {
        let read = answer.as_ref().map_err(Clone::clone).and_then(|answer| prometheus::by_label(answer, LABEL));
        read.and_then(|shares| self.judge_shares(&shares)).unwrap_or_else(Observation::none)
    }

    fn bound(&self) -> Option<f64> {
        let (hour, part) = WINDOWS[0];
        Some(self.objective.limit(part, hour))
    }

    fn rule(&self) -> String {
        format!("`{}` {}", self.query, self.objective.limits())
    }

    fn needs_prometheus(&self) -> bool {
        true
    }
}

impl fmt::Display for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} query \"{}\"", self.objective, self.query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Answer, Check, Standing};

    const LINE: &str = "slo 99.9% window 30d query \"sum(rate(e{a=\"b\"}[$window])) / sum(rate(r[$window]))\"";

    fn told(shares: &[(&str, &str)]) -> (Standing, String) {
        let series = shares
            .iter()
            .map(|(window, share)| format!(r#"{{"metric":{{"{LABEL}":"{window}"}},"value":[1,"{share}"]}}"#));
        let body = series.collect::<Vec<_>>().join(",");
        let body = format!(r#"{{"status":"success","data":{{"resultType":"vector","result":[{body}]}}}}"#);
        let Test::Inquiry(check) = LINE.parse::<Check>().unwrap().test else { panic!() };
        let seen = check.judge(&Ok(Answer { status: 200, body: body.into() }), &Lineage::default());
        (seen.standing, if seen.standing == Standing::None { seen.why } else { seen.value })
    }

    #[test]
    fn every_window_counts_as_in_the_workbook() {
        let calm = [
            ("3600s", "0.001"),
            ("300s", "0.001"),
            ("21600s", "0.001"),
            ("1800s", "0.001"),
            ("259200s", "0.0005"),
            ("2592000s", "0.0004"),
        ];
        let with = |changes: &[(&'static str, &'static str)]| {
            let kept = calm.into_iter().filter(|(window, _)| changes.iter().all(|(changed, _)| changed != window));
            told(&kept.chain(changes.iter().copied()).filter(|(_, share)| !share.is_empty()).collect::<Vec<_>>())
        };
        let good = (Standing::Good, "burns the budget 1.0 times as fast as it may".to_owned());
        assert_eq!(with(&[]), good);
        assert_eq!(
            with(&[("3600s", "0.02"), ("300s", "0.02")]),
            (Standing::Bad, "burns the budget 20 times as fast as it may".into())
        );
        // What is over already is no longer burning.
        assert_eq!(with(&[("3600s", "0.02"), ("300s", "0")]).0, Standing::Good);
        assert_eq!(with(&[("3600s", "0.02"), ("300s", "NaN")]).0, Standing::Bad);
        assert_eq!(with(&[("21600s", "0.007"), ("1800s", "0.007")]).0, Standing::Bad);
        assert_eq!(with(&[("259200s", "0.0011"), ("21600s", "0.0011")]).0, Standing::Bad);
        assert_eq!(with(&[("2592000s", "0.0015")]), (Standing::None, "the error budget is spent: 150% of it".into()));
        assert_eq!(with(&[("259200s", ""), ("2592000s", "")]), good);
        for silent in ["", "NaN", "+Inf"] {
            assert_eq!(
                with(&[("3600s", silent)]),
                (Standing::None, "the query answers nothing for the last hour".into())
            );
        }
        let twice = told(&[("3600s", "0.1"), ("3600s", "0.2")]);
        assert_eq!(twice, (Standing::None, "the query answers several series; make one of them by `sum`".into()));
    }

    #[test]
    fn all_windows_are_asked_for_at_once() {
        let check = LINE.parse::<Check>().unwrap();
        assert_eq!(check.text, LINE);
        let Test::Inquiry(check) = check.test else { panic!() };
        let prometheus = Some("https://p.example".parse().unwrap());
        let surroundings = Surroundings { prometheus, ..Surroundings::default() };
        let Asks::Address(fetch) = check.asks(&surroundings, 0).unwrap() else { panic!() };
        let query = url::form_urlencoded::parse(&fetch.body).next().unwrap().1.into_owned();
        assert_eq!(query.matches("label_replace(").count(), 6, "{query}");
        assert!(query.starts_with("label_replace(sum(rate(e{a=\"b\"}[3600s])) / sum(rate(r[3600s])), \"slipway_window\", \"3600s\", \"\", \"\") or "));
        for line in [
            "slo 99% window 30d query",
            "slo 99% window 30d query \"up\"",
            "slo 99% window 30d sum",
            "slo 99% window 30d query \"a[$window]\" < 1",
        ] {
            assert!(line.parse::<Check>().is_err(), "{line}");
        }
    }
}
