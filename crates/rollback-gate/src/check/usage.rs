//! What `cpu`, `memory` and `disk` have in common: the share of a resource that each process uses, of which the largest counts.

use std::fmt;

use slipway_core::Result;

use super::grammar::{Decimal, comparison, invalid, percent};
use super::{Measurement, Observation, Reads, Test};
use crate::operator::Operator;
use crate::resource::Resource;
use crate::shown;
use crate::traffic::{Found, Traffic};

#[derive(Debug)]
struct Use {
    resource: &'static Resource,
    operator: Operator,
    percent: Decimal,
}

pub(super) fn parse(resource: &'static Resource, rest: &str) -> Result<Test> {
    let (operator, bound) = comparison(rest, [Operator::Less, Operator::LessOrEqual])?;
    let percent = percent(bound)
        .ok_or_else(|| invalid(format!("`{bound}` is not a percentage")).hint("write one such as `70%` or `99.5%`"))?;
    if percent.digits == 0 {
        return Err(invalid("it can never hold"));
    }
    if operator.holds(100.0, percent.value()) {
        return Err(invalid("it holds whatever happens"));
    }
    Ok(Test::Measurement(Box::new(Use { resource, operator, percent })))
}

impl Measurement for Use {
    fn judge(&self, traffic: &Traffic, _: u64) -> Result<Observation> {
        let usages = match traffic.vitals.usages.get(self.resource.word) {
            Some(Ok(usages)) => usages,
            Some(Err(gap)) => return Observation::gap(gap),
            None => return Ok(Observation::none("nothing was scraped")),
        };
        let largest = usages.iter().filter_map(|(name, usage)| Some((name, usage.share?)));
        let largest = largest.max_by(|(_, left), (_, right)| left.total_cmp(right));
        let Some((name, share)) = largest.filter(|(_, share)| share.is_finite()) else {
            return Ok(Observation::none("one look does not show how much is used"));
        };
        let value = shown::percent(share, 1.0);
        // Rounded to what is shown: a share is no exact number.
        let is_good = self.operator.holds((share * 1e5).round() / 1e3, self.percent.value());
        let value = if usages.len() > 1 { format!("{value} at {name}") } else { value };
        Ok(match (is_good, &traffic.missing) {
            (true, Some(why)) => Observation::none(why),
            _ => Observation::probed(is_good, value).amounting(100.0 * share),
        })
    }

    fn bound(&self) -> Option<f64> {
        Some(self.percent.value())
    }

    fn rule(&self, found: &Found, _: u64) -> String {
        let read = found.resources.get(self.resource.word).map_or("nothing yet", String::as_str);
        format!("{read} {} {}%, in the process that uses most", self.operator, self.percent)
    }

    fn reads(&self) -> Reads {
        Reads::Resource(self.resource)
    }
}

impl fmt::Display for Use {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}%", self.resource.word, self.operator, self.percent)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::*;
    use crate::check::{Check, Standing};
    use crate::counters::Counters;
    use crate::exposition::Exposition;
    use crate::gauges::Gauges;
    use crate::resource::{Choice, Samples, Usage};
    use crate::traffic::{Finding, Gap};

    /// What two scrapes that are ten seconds apart tell; lines are separated by `;`.
    pub(in crate::check) fn find(resource: &Resource, scrapes: [&str; 2], choice: &Choice) -> Finding<Usage> {
        let mut counters = Counters::default();
        let mut gauges = Gauges::default();
        for (second, scrape) in [1, 11].into_iter().zip(scrapes) {
            let text = scrape.replace(';', "\n");
            let scrape = Exposition::parse(text.as_bytes()).unwrap();
            gauges = Gauges::read(&scrape, |metric| resource.wants(metric) == Some(false));
            let wanted = |metric: &str| resource.wants(metric) == Some(true);
            counters.observe(0, Duration::from_secs(second), &scrape, wanted).unwrap();
        }
        let (_, target) = counters.each().next().unwrap();
        let samples =
            Samples { gauges: gauges.all().collect(), increases: target.increases(), window: target.window() };
        resource.find(&samples, choice)
    }

    /// The share in percent and what it was read from, or the error.
    pub(in crate::check) fn told(resource: &Resource, scrapes: [&str; 2], choice: &Choice) -> String {
        match find(resource, scrapes, choice) {
            Ok(Usage { share: Some(share), read }) => format!("{} of {read}", shown::percent(share, 1.0)),
            Ok(Usage { share: None, read }) => format!("nothing yet of {read}"),
            Err(Gap::Missing(why)) => why,
            Err(Gap::Unclear(error)) => error.to_string(),
        }
    }

    fn judge(line: &str, shares: &[f64], missing: Option<&str>) -> Observation {
        let Test::Measurement(check) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
        let usage = |share: &f64| Usage { share: Some(*share), read: String::new() };
        let usages = shares.iter().enumerate().map(|(number, share)| (number.to_string(), usage(share))).collect();
        let mut traffic = Traffic { missing: missing.map(Into::into), ..Traffic::nothing() };
        traffic.vitals.usages.insert("memory", Ok(usages));
        check.judge(&traffic, 20).unwrap()
    }

    #[test]
    fn the_largest_share_counts() {
        for (line, shares, standing, value) in [
            ("memory < 80%", &[0.5][..], Standing::Good, "50%"),
            ("memory < 80%", &[0.8], Standing::Bad, "80%"),
            ("memory <= 80%", &[0.8], Standing::Good, "80%"),
            ("memory < 80%", &[0.1 + 0.7], Standing::Bad, "80%"),
            ("memory < 80%", &[0.1, 0.95, 0.2], Standing::Bad, "95% at 1"),
            ("memory < 80%", &[0.1, 0.2], Standing::Good, "20% at 1"),
        ] {
            let seen = judge(line, shares, None);
            assert_eq!((seen.standing, seen.value.as_str()), (standing, value), "{line} {shares:?}");
        }
        assert_eq!(judge("memory < 80%", &[0.1], Some("gone")), Observation::none("gone"));
        assert_eq!(judge("memory < 80%", &[0.9], Some("gone")).standing, Standing::Bad);
        assert_eq!(judge("memory < 80%", &[f64::NAN], None).standing, Standing::None);
        assert_eq!(judge("memory < 80%", &[], None).standing, Standing::None);
    }
}
