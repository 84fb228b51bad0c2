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
        let points = looks.iter().filter_map(|look| {
            let seen = look.observations.get(index).filter(|seen| seen.samples.is_some())?;
            Some((look.at, amount(&seen.value)?))
        });
        Self::new(&check.text, amount(&check.text), points.collect())
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
            "```mermaid\nxychart-beta\n  title \"{title}\"\n  x-axis \"seconds\" 0 --> {}\n  y-axis 0 --> {}\n  line [{}]\n",
            number((last as f64 / 1000.0).max(1.0)),
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

/// The last number of a text with its unit, in seconds if it is a time: `0.25 s to 0.5 s` is 0.5, `p95 < 500ms` as well.
fn amount(text: &str) -> Option<f64> {
    let end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = text[..end]
        .rfind(|c: char| !c.is_ascii_digit() && c != '.')
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let number: f64 = text[start..end].parse().ok()?;
    Some(match text[end..].trim() {
        "ms" => number / 1000.0,
        "m" => number * 60.0,
        "h" => number * 3600.0,
        _ => number,
    })
}

/// A number with at most four digits behind the point, as a chart takes it.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Observation, Standing};

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
    fn numbers_are_read_as_they_are_shown() {
        for (text, expected) in [
            ("4%", Some(4.0)),
            ("≤ 0.25 s", Some(0.25)),
            ("0.25 s to 0.5 s", Some(0.5)),
            ("> 10 s", Some(10.0)),
            ("151.5/s", Some(151.5)),
            ("p95 < 500ms", Some(0.5)),
            ("error-rate < 5%", Some(5.0)),
            ("throughput > 50/s", Some(50.0)),
            ("", None),
            ("refused", None),
        ] {
            assert_eq!(amount(text), expected, "{text}");
        }
        let check: Check = "error-rate < 5%".parse().unwrap();
        let look = |at, value: &str, samples| Look {
            canary: None,
            at,
            observations: vec![Observation {
                standing: Standing::Good,
                value: value.into(),
                samples,
                why: String::new(),
            }],
        };
        let looks = [look(0, "", None), look(1, "1%", Some(9)), look(2, "2%", Some(19))];
        assert_eq!(Series::of(&check, 0, &looks).unwrap().points, [(1, 1.0), (2, 2.0)]);
        assert_eq!(Series::of(&check, 0, &looks[..2]), None);
    }
}
