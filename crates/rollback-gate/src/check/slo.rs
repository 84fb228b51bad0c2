//! `slo 99.9% window 30d`: the error budget of a service level objective, by the burn rates of Google's SRE workbook ("Alerting on SLOs").
//!
//! A burn rate is how many times faster errors come than the objective allows. It is bad if both a long window and a twelfth of it burn so
//! fast that the long one alone spends the workbook's part of the budget: 2 % in an hour, 5 % in six hours, 10 % in three days. A watch
//! that is shorter than an hour is judged by what it saw, at the rate of the hour. A budget that is spent already, by what the processes
//! counted since they started, is no fault of this release, and so no evidence for it: a person has to decide.

use std::fmt;
use std::time::Duration;

use slipway_core::{Result, input};

use super::grammar::{self, Decimal, invalid, word};
use super::{Kind, Measurement, Observation, Reads, Test, slo_query};
use crate::scrape::Point;
use crate::shown;
use crate::traffic::{Found, Traffic};

pub(super) const KIND: Kind = Kind { word: "slo", form: "slo 99.9% window 30d", parse };

pub(super) const HOUR: Duration = Duration::from_secs(60 * 60);
/// Long windows and the part of the budget that must not be spent in each.
pub(super) const WINDOWS: [(Duration, f64); 3] =
    [(HOUR, 0.02), (Duration::from_secs(6 * 60 * 60), 0.05), (Duration::from_secs(3 * 24 * 60 * 60), 0.1)];
/// How many times shorter the short window is.
pub(super) const SHORTER: u32 = 12;

/// A share of requests that must be good, in a length of time.
#[derive(Debug)]
pub(super) struct Objective {
    percent: Decimal,
    pub(super) window: Duration,
}

fn parse(rest: &str) -> Result<Test> {
    let (percent, rest) = word(rest);
    let Some(percent) = grammar::percent(percent) else {
        return Err(invalid(format!("`{percent}` is not a percentage")).hint("write one such as `99.9%`"));
    };
    if percent.value() >= 100.0 || percent.value() < 50.0 {
        return Err(invalid("an objective is at least 50 % and less than 100 %"));
    }
    let ("window", rest) = word(rest) else { return Err(invalid("there is no window")) };
    let (window, rest) = word(rest);
    let window = input::duration(window)?;
    if window < HOUR * 24 {
        return Err(invalid("a window is at least a day").hint("write one such as `30d`"));
    }
    let objective = Objective { percent, window };
    if !rest.is_empty() {
        return slo_query::parse(objective, rest);
    }
    Ok(Test::Measurement(Box::new(objective)))
}

/// Requests and errors of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Span {
    all: f64,
    errors: f64,
    length: Duration,
}

impl Objective {
    /// The share of requests that may fail.
    pub(super) fn allowed(&self) -> f64 {
        1.0 - self.percent.value() / 100.0
    }

    fn burn(&self, span: Span) -> f64 {
        if span.all > 0.0 { span.errors / span.all / self.allowed() } else { 0.0 }
    }

    /// How much of the budget was spent, if traffic was as it is.
    fn spent(&self, lifetime: Point) -> f64 {
        let span = Span { all: lifetime.all, errors: lifetime.errors, length: lifetime.at };
        self.burn(span) * span.length.min(self.window).as_secs_f64() / self.window.as_secs_f64()
    }

    /// The burn rate that spends a part of the budget within a time.
    pub(super) fn limit(&self, part: f64, length: Duration) -> f64 {
        part * self.window.as_secs_f64() / length.as_secs_f64()
    }

    /// When it is good, for people.
    pub(super) fn limits(&self) -> String {
        let [hour, quarter, days] = WINDOWS.map(|(length, part)| shown::figures(self.limit(part, length)));
        format!(
            "burns the error budget of {}% in {} at most {hour} times as fast as it may, over an hour or what was seen of it and over a \
             twelfth of that ({quarter} over 6h, {days} over 3d); a spent budget is a hold",
            self.percent,
            shown::duration(self.window),
        )
    }

    /// The windows that burn too fast, or else the fastest burn.
    fn judge_windows(&self, past: &[Point], minimum: u64) -> Option<(bool, f64, Span)> {
        let mut worst = None;
        for (place, (length, part)) in WINDOWS.into_iter().enumerate() {
            let Some(long) = span(past, length).filter(|span| span.all as u64 >= minimum) else { continue };
            if place > 0 && long.length < length / 2 {
                continue;
            }
            let short = span(past, long.length / SHORTER)?;
            let (limit, burn) = (self.limit(part, length), self.burn(long));
            // In a short window without a request nothing burns, but nothing is repaired either.
            let burns = burn > limit && (short.all == 0.0 || self.burn(short) > limit);
            if burns || worst.is_none() {
                worst = Some((burns, burn, long));
            }
            if burns {
                break;
            }
        }
        worst
    }
}

/// What was counted in the last part of the past, from the last look at or before its beginning.
fn span(past: &[Point], length: Duration) -> Option<Span> {
    let last = past.last()?;
    let from = past.iter().rev().skip(1).find(|point| last.at - point.at >= length).or_else(|| past.first())?;
    Some(Span { all: last.all - from.all, errors: last.errors - from.errors, length: last.at - from.at })
}

impl Measurement for Objective {
    fn judge(&self, traffic: &Traffic, minimum: u64) -> Result<Observation> {
        if let Err(gap) = &traffic.requests {
            return Observation::gap(gap);
        }
        if let Ok(requests) = &traffic.requests
            && let Err(gap) = &requests.errors
        {
            return Observation::gap(gap);
        }
        let samples = traffic.requests.as_ref().map_or(0.0, |requests| requests.all) as u64;
        let Some((burns, burn, long)) = self.judge_windows(&traffic.vitals.past, minimum) else {
            return Ok(Observation::too_few(samples, minimum));
        };
        let value = format!("burns the budget {} times as fast as it may", shown::figures(burn));
        if burns {
            return Ok(Observation::measured(traffic, false, value, long.all as u64).amounting(burn));
        }
        let spent = traffic.vitals.lifetime.map_or(0.0, |lifetime| self.spent(lifetime));
        if spent >= 1.0 {
            let spent = shown::percent(spent, 1.0);
            let why =
                format!("the error budget is spent: {spent} of it, by what the processes counted since they started");
            return Ok(Observation { samples: Some(samples), value, ..Observation::none(why) }.amounting(burn));
        }
        Ok(Observation::measured(traffic, true, value, samples).amounting(burn))
    }

    fn reads(&self) -> Reads {
        Reads::Past
    }

    fn bound(&self) -> Option<f64> {
        Some(self.limit(WINDOWS[0].1, WINDOWS[0].0))
    }

    fn rule(&self, found: &Found, minimum: u64) -> String {
        let metric = found.requests.as_deref().unwrap_or("*_requests_total");
        let label = found.status_label.as_deref().unwrap_or("status|status_code|code");
        format!("{metric}{{{label}=\"5..\"}} / {metric} {}, from {minimum} requests on", self.limits())
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = self.window.as_secs() / 86_400;
        write!(f, "slo {}% window ", self.percent)?;
        if self.window == HOUR * 24 * u32::try_from(days).unwrap_or(1) {
            write!(f, "{days}d")
        } else {
            f.write_str(&shown::duration(self.window))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Standing};
    use crate::traffic::Requests;

    /// A look every ten seconds, at each so many requests and errors.
    fn past(looks: &[(u32, f64, f64)]) -> Vec<Point> {
        let mut past = vec![Point { at: Duration::ZERO, all: 0.0, errors: 0.0 }];
        for (times, requests, failed) in looks {
            for _ in 0..*times {
                let Point { at, all, errors } = past[past.len() - 1];
                past.push(Point { at: at + Duration::from_secs(10), all: all + requests, errors: errors + failed });
            }
        }
        past
    }

    fn judge(line: &str, past: Vec<Point>, lifetime: Option<Point>) -> Observation {
        let Test::Measurement(check) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
        let Point { all, errors, .. } = past[past.len() - 1];
        let mut traffic = Traffic { requests: Ok(Requests { all, errors: Ok(errors) }), ..Traffic::nothing() };
        (traffic.vitals.past, traffic.vitals.lifetime) = (past.into(), lifetime);
        check.judge(&traffic, 20).unwrap()
    }

    #[test]
    fn the_workbooks_rates_are_for_thirty_days() {
        let Test::Measurement(check) = "slo 99.9% window 30d".parse::<Check>().unwrap().test else { panic!() };
        let rule = check.rule(&Found::default(), 20);
        assert!(rule.contains("at most 14 times") && rule.contains("(6.0 over 6h, 1.0 over 3d)"), "{rule}");
    }

    #[test]
    fn both_windows_must_burn() {
        const SLO: &str = "slo 99.9% window 30d";
        for (looks, standing, told) in [
            (&[(30, 1000.0, 0.0)][..], Standing::Good, "0.00 times"),
            (&[(30, 1000.0, 14.0)], Standing::Good, "14 times"),
            (&[(30, 1000.0, 15.0)], Standing::Bad, "15 times"),
            (&[(30, 1000.0, 500.0)], Standing::Bad, "500 times"),
            // What is over is over.
            (&[(20, 1000.0, 50.0), (10, 1000.0, 0.0)], Standing::Good, "33 times"),
            (&[(20, 1000.0, 0.0), (10, 1000.0, 50.0)], Standing::Bad, "17 times"),
            (&[(1, 19.0, 19.0)], Standing::None, ""),
            // A slow burn is seen over six hours.
            (&[(2200, 1000.0, 7.0)], Standing::Bad, "7.0 times"),
            (&[(2200, 1000.0, 5.0)], Standing::Good, "5.0 times"),
            (&[(360, 1000.0, 7.0)], Standing::Good, "7.0 times"),
        ] {
            let seen = judge(SLO, past(looks), None);
            assert_eq!(seen.standing, standing, "{looks:?} {seen:?}");
            assert!(seen.value.contains(told), "{looks:?} {seen:?}");
        }
        // A shorter window has a smaller budget.
        assert_eq!(judge("slo 99.9% window 7d", past(&[(30, 1000.0, 4.0)]), None).standing, Standing::Bad);
    }

    #[test]
    fn a_spent_budget_is_no_evidence() {
        const DAY: Duration = Duration::from_secs(86_400);
        for (days, errors, standing) in [
            (30, 999.0, Standing::Good),
            (30, 1000.0, Standing::None),
            (15, 1999.0, Standing::Good),
            (15, 2000.0, Standing::None),
            (90, 1000.0, Standing::None),
        ] {
            let lifetime = Point { at: DAY * days, all: 1e6, errors };
            let seen = judge("slo 99.9% window 30d", past(&[(30, 1000.0, 0.0)]), Some(lifetime));
            assert_eq!(seen.standing, standing, "{days} {errors} {seen:?}");
        }
    }
}
