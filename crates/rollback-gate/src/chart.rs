//! How a value went over time: a chart that GitHub draws in summaries, and a trend of one line.

use crate::check::Check;
use crate::engine::Look;

/// The most points of a chart, and of a trend.
const POINTS: (usize, usize) = (60, 12);
/// What a trend is drawn with, from nothing to the most.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// The longest title, in characters.
const TITLE: usize = 80;

/// A value over time, and the bound that it is held against.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    title: String,
    bound: Option<f64>,
    /// Milliseconds since the first look, and the value.
    points: Vec<(u64, f64)>,
}

impl Series {
    /// What one check measured; nothing if it measures no number, or did so less than twice.
    pub(crate) fn of(check: &Check, index: usize, looks: &[Look]) -> Option<Self> {
        let points = looks.iter().filter_map(|look| Some((look.at, look.observations.get(index)?.amount?)));
        Self::new(&check.text, check.bound(), points.collect())
    }

    /// A value that was measured at times since the first look; nothing if it was so less than twice.
    pub(crate) fn new(title: &str, bound: Option<f64>, points: Vec<(u64, f64)>) -> Option<Self> {
        (points.len() > 1).then(|| Self { title: title.into(), bound, points })
    }

    /// A block of Markdown that GitHub shows as a chart.
    pub(crate) fn chart(&self) -> String {
        let values = self.even(POINTS.0);
        let list = |values: &[f64]| values.iter().map(|value| number(*value)).collect::<Vec<_>>().join(", ");
        let title: String =
            self.title.chars().filter(|c| !c.is_control() && !"\"`\\".contains(*c)).take(TITLE).collect();
        let last = self.points.last().map_or(0, |(at, _)| *at);
        let mut chart = format!(
            "```mermaid\nxychart-beta\n  title \"{title}\"\n  x-axis \"seconds\" 0 --> {}\n  y-axis {} --> {}\n  line [{}]\n",
            number((last as f64 / 1000.0).max(1.0)),
            number(values.iter().fold(self.bound.unwrap_or(0.0).min(0.0), |least, value| least.min(*value)) * 1.1),
            number(self.top() * 1.1),
            list(&values)
        );
        if let Some(bound) = self.bound {
            chart += &format!("  line [{}]\n", list(&vec![bound; values.len()]));
        }
        chart + "```\n"
    }

    /// The same as one line: the height of a bar is its share of the largest value or of the bound.
    pub(crate) fn trend(&self) -> String {
        let top = self.top();
        let bar = |value: &f64| BARS[((value / top * 7.0).round().max(0.0) as usize).min(7)];
        self.even(POINTS.1).iter().map(bar).collect()
    }

    fn top(&self) -> f64 {
        let most = self.points.iter().map(|(_, value)| *value).fold(self.bound.unwrap_or(0.0), f64::max);
        if most > 0.0 { most } else { 1.0 }
    }

    /// At most so many values at even distances: of those that fall together the largest, where there is none the one before.
    fn even(&self, limit: usize) -> Vec<f64> {
        let last = self.points.last().map_or(0, |(at, _)| *at).max(1);
        let count = self.points.len().min(limit);
        let mut slots: Vec<Option<f64>> = vec![None; count];
        for (at, value) in &self.points {
            let slot = (*at as f64 / last as f64 * (count - 1) as f64).round() as usize;
            let kept = &mut slots[slot.min(count - 1)];
            *kept = Some(kept.map_or(*value, |kept| kept.max(*value)));
        }
        let mut before = self.points.first().map_or(0.0, |(_, value)| *value);
        let filled = slots.into_iter().map(|slot| {
            before = slot.unwrap_or(before);
            before
        });
        filled.collect()
    }
}

/// A number with at most four digits behind the point, as a chart takes it.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Observation;

    fn series(points: &[(u64, f64)], bound: Option<f64>) -> Series {
        Series::new("error-rate < 5%", bound, points.into()).unwrap()
    }

    #[test]
    fn a_chart_holds_the_values_and_the_bound() {
        let chart = series(&[(0, 1.0), (10_000, 2.5), (20_000, 12.0)], Some(5.0)).chart();
        let expected = "```mermaid\nxychart-beta\n  title \"error-rate < 5%\"\n  x-axis \"seconds\" 0 --> 20\n  \
                        y-axis 0 --> 13.2\n  line [1, 2.5, 12]\n  line [5, 5, 5]\n```\n";
        assert_eq!(chart, expected);
        let hostile = Series::new("x\"\n```\n::error::", None, vec![(0, 0.0), (1, 0.0)]).unwrap().chart();
        assert_eq!((hostile.matches("```").count(), hostile.matches('"').count()), (2, 4), "{hostile}");
    }

    #[test]
    fn many_looks_are_drawn_as_few() {
        let points: Vec<(u64, f64)> = (0..10_000).map(|at| (at * 100, if at == 5_000 { 9.0 } else { 1.0 })).collect();
        let many = series(&points, None);
        assert_eq!(many.even(60).len(), 60);
        assert!(many.even(60).contains(&9.0), "what sticks out stays");
        assert_eq!(many.trend().chars().count(), 12);
        // A look that came late leaves no gap.
        assert_eq!(series(&[(0, 1.0), (90, 2.0), (95, 3.0), (100, 4.0)], None).even(60), [1.0, 1.0, 1.0, 4.0]);
    }

    #[test]
    fn a_trend_is_measured_by_the_bound() {
        for (values, bound, expected) in [
            (&[0.0, 2.5, 5.0][..], Some(5.0), "▁▅█"),
            (&[0.0, 0.0], Some(5.0), "▁▁"),
            (&[0.0, 0.0], None, "▁▁"),
            (&[5.0, 50.0], Some(5.0), "▂█"),
        ] {
            let points: Vec<_> = values.iter().enumerate().map(|(at, value)| (at as u64, *value)).collect();
            assert_eq!(series(&points, bound).trend(), expected);
        }
    }

    #[test]
    fn a_check_is_drawn_with_its_own_bound() {
        for (line, bound) in [
            ("error-rate < 5%", Some(5.0)),
            ("p95 < 500ms", Some(0.5)),
            ("p95 < 1m30s", Some(90.0)),
            ("throughput > 50/s", Some(50.0)),
            ("slo 99.9% window 30d", Some(14.4)),
            ("cpu < 70%", Some(70.0)),
            ("memory < 80%", Some(80.0)),
            ("disk <= 85%", Some(85.0)),
            ("restarts <= 1", Some(1.0)),
            ("query \"sum(rate(x[5m]))\" < -0.7", Some(-0.7)),
            ("health https://shop.example/health2 == 200", None),
        ] {
            let bound_of_line = line.parse::<Check>().unwrap().bound();
            assert_eq!(bound_of_line.map(|bound| (bound * 1e6).round() / 1e6), bound, "{line}");
        }
        let check: Check = "error-rate < 5%".parse().unwrap();
        let look = |at, observation| Look { canary: None, at, observations: vec![observation] };
        let seen = |amount: f64| Observation::probed(true, "seen").amounting(amount);
        let looks = [look(0, Observation::none("nothing")), look(1, seen(1.0)), look(2, seen(2.0))];
        assert_eq!(Series::of(&check, 0, &looks).unwrap().points, [(1, 1.0), (2, 2.0)]);
        assert_eq!(Series::of(&check, 0, &looks[..2]), None);
    }
}
