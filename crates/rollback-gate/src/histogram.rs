//! Counts by duration: what a histogram's buckets tell, and no more.

use litemap::LiteMap;
use slipway_core::order;

use crate::counters::Series;

/// Upper bounds in seconds, rising to infinity, with the number of requests up to each.
type Buckets = Vec<(f64, f64)>;

/// Counts by duration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Histogram {
    pub(crate) buckets: Buckets,
}

impl Histogram {
    /// Sums the buckets of several series, which must all have the same bounds.
    ///
    /// # Errors
    /// Why the buckets are no evidence, for people: what comes after the histogram's name.
    pub(crate) fn sum<'a>(series: impl Iterator<Item = (&'a Series, f64)>) -> Result<Self, String> {
        let mut by_series: LiteMap<Vec<&(String, String)>, Buckets> = LiteMap::new();
        for (series, increase) in series {
            let bound = series.label("le").and_then(|bound| bound.parse::<f64>().ok()).filter(|bound| !bound.is_nan());
            let Some(bound) = bound else { return Err("has a bucket whose label `le` is no number".into()) };
            let others = series.labels.iter().filter(|(name, _)| name != "le").collect();
            by_series.entry(others).or_default().push((bound, increase));
        }
        let mut sum = Buckets::new();
        for (_, mut buckets) in by_series {
            order::sort_by(&mut buckets, |(left, _), (right, _)| left.total_cmp(right));
            if sum.is_empty() {
                sum = buckets;
            } else if sum.iter().map(|(bound, _)| bound).eq(buckets.iter().map(|(bound, _)| bound)) {
                sum.iter_mut().zip(buckets).for_each(|(total, (_, count))| total.1 += count);
            } else {
                return Err("has other buckets in one series than in another, so they cannot be summed".into());
            }
        }
        if sum.last().is_none_or(|(bound, _)| *bound != f64::INFINITY) {
            return Err("has no bucket `+Inf`".into());
        }
        if sum.len() == 1 {
            return Err(
                "is a native histogram, or has no bucket but `+Inf`: let the service expose classic buckets".into()
            );
        }
        if !sum.is_sorted_by(|(_, left), (_, right)| left <= right) {
            return Err("has buckets that shrink towards longer durations".into());
        }
        Ok(Self { buckets: sum })
    }

    /// Adds another one's requests; where the bounds differ, nothing is added.
    pub(crate) fn add(mut self, other: Self) -> Self {
        if self.buckets.iter().map(|(bound, _)| bound).eq(other.buckets.iter().map(|(bound, _)| bound)) {
            self.buckets.iter_mut().zip(other.buckets).for_each(|(total, (_, count))| total.1 += count);
        }
        self
    }

    /// All requests.
    pub(crate) fn count(&self) -> f64 {
        self.buckets.last().map_or(0.0, |(_, count)| *count)
    }

    /// The requests up to a bound of a bucket; none if no bucket ends there.
    pub(crate) fn up_to(&self, bound: f64) -> Option<f64> {
        self.buckets.iter().find(|(upper, _)| *upper == bound).map(|(_, count)| *count)
    }

    /// The bucket in which a quantile lies, given in hundredths: above its lower bound, up to its upper bound. Where in it nobody
    /// knows.
    pub(crate) fn quantile(&self, hundredths: u32) -> Option<(f64, f64)> {
        let rank = self.count() * f64::from(hundredths);
        let index = self.buckets.iter().position(|(_, count)| *count > 0.0 && count * 100.0 >= rank)?;
        let lower = if index == 0 { 0.0 } else { self.buckets[index - 1].0 };
        Some((lower.max(0.0), self.buckets[index].0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(buckets: &str) -> Result<Histogram, String> {
        let series = buckets.split(", ").map(|bucket| {
            let (labels, count) = bucket.split_once(' ').unwrap();
            let (bound, path) = labels.split_once('/').unwrap_or((labels, ""));
            let labels = [("le", bound), ("path", path)].map(|(name, value)| (name.to_owned(), value.to_owned()));
            (Series { name: "x_bucket".into(), labels: labels.into() }, count.parse::<f64>().unwrap())
        });
        let series: Vec<_> = series.collect();
        Histogram::sum(series.iter().map(|(series, count)| (series, *count)))
    }

    #[test]
    fn a_quantile_is_a_bucket_and_no_number() {
        let histogram = histogram("0.1 90, 0.5 95, 2.5 99, +Inf 100").unwrap();
        for (hundredths, expected) in
            [(50, (0.0, 0.1)), (90, (0.0, 0.1)), (95, (0.1, 0.5)), (96, (0.5, 2.5)), (99, (0.5, 2.5))]
        {
            assert_eq!(histogram.quantile(hundredths), Some(expected), "p{hundredths}");
        }
        assert_eq!(self::histogram("1 0, +Inf 5").unwrap().quantile(50), Some((1.0, f64::INFINITY)));
        assert_eq!(self::histogram("1 0, +Inf 0").unwrap().quantile(50), None);
    }

    #[test]
    fn buckets_are_summed_where_they_are_the_same() {
        let sum = histogram("1/a 3, +Inf/a 4, 1/b 5, +Inf/b 6").unwrap();
        assert_eq!(sum.buckets, [(1.0, 8.0), (f64::INFINITY, 10.0)]);
        for (buckets, why) in [
            ("1/a 3, +Inf/a 4, 2/b 5, +Inf/b 6", "other buckets in one series"),
            ("1 3, 2 4", "no bucket `+Inf`"),
            ("+Inf 2", "is a native histogram, or has no bucket but `+Inf`"),
            ("1 3, +Inf 2", "shrink"),
            ("one 3, +Inf 4", "is no number"),
            ("NaN 3, +Inf 4", "is no number"),
        ] {
            assert!(histogram(buckets).unwrap_err().contains(why), "{buckets}");
        }
    }
}
