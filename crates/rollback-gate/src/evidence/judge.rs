//! What reports mean.

use std::time::Duration;

use serde::Serialize;
use slipway_core::{Context, Host, Result};
use slipway_gitops::Verdict;

use super::artifact::{self, Witness};
use super::kind::Unit;
use super::line::Evidence;
use super::read::{Found, Reports, read};
use super::report::{Report, short};
use crate::check::{Observation, Standing};
use crate::engine::Decision;
use crate::shown;

/// Why a report is no evidence of which nobody knows the commit.
const UNTOLD: &str =
    "it does not tell of which commit it is: add `artifact` and its name, or state it in `evidence-commit`";
/// How much clocks differ, in milliseconds: an hour.
const CLOCKS_DIFFER: i64 = 60 * 60 * 1000;

/// What a report must be of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expected {
    /// The commit under judgement, if it is known.
    pub(crate) commit: Option<String>,
    /// What the user says of reports that do not tell their commit.
    pub(crate) stated: Option<String>,
    /// The oldest that counts.
    pub(crate) age: Duration,
    /// Now, in milliseconds since the Unix epoch.
    pub(crate) now: i64,
}

/// A line and what its report says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Seen {
    /// The line.
    pub(crate) evidence: String,
    /// Good, bad or no evidence.
    #[serde(flatten)]
    pub(crate) observation: Observation,
    /// The commit that it is of, by itself or as stated.
    pub(crate) commit: Option<String>,
}

/// Reads and judges every line.
///
/// # Errors
/// Those of a working directory that cannot be searched.
pub(crate) async fn gather<H: Host>(
    context: &Context<H>,
    lines: &[Evidence],
    expected: &Expected,
) -> Result<Vec<Seen>> {
    let mut seen = Vec::with_capacity(lines.len());
    for line in lines {
        let mut found = read(context, line).await?;
        if let Some(name) = line.artifact.as_ref().filter(|_| found.is_ok()) {
            // An artifact that is named has to be there, whatever the report tells itself.
            match artifact::ask(context, name).await {
                Ok(witness) => found = found.map(|reports| Reports { witness, ..reports }),
                Err(why) => found = Err(why),
            }
        }
        seen.push(judge(line, found, expected));
    }
    Ok(seen)
}

/// What all reports together say: one that fails is decisive, and one that is no evidence keeps from promoting. None without reports.
pub(crate) fn decide(seen: &[Seen]) -> Option<Decision> {
    let find = |standing| seen.iter().find(|seen| seen.observation.standing == standing);
    let (verdict, reason) = if let Some(bad) = find(Standing::Bad) {
        (Verdict::Rollback, format!("`{}` fails: {}", bad.evidence, bad.observation.value))
    } else if let Some(none) = find(Standing::None) {
        (Verdict::Hold, format!("`{}` has no evidence: {}", none.evidence, none.observation.why))
    } else {
        let reports = match seen.len() {
            0 => return None,
            1 => "the report is".into(),
            count => format!("all {count} reports are"),
        };
        (Verdict::Promote, format!("{reports} good"))
    };
    Some(Decision { verdict, reason })
}

fn judge(line: &Evidence, found: Found, expected: &Expected) -> Seen {
    let none = |why: String| Seen { evidence: line.text.clone(), observation: Observation::none(why), commit: None };
    let Reports { files, base, notes, witness } = match found {
        Ok(reports) => reports,
        Err(why) => return none(why),
    };
    let mut commits = Vec::new();
    let mut total: Option<Report> = None;
    let is_one = files.len() == 1;
    for (file, report) in files {
        // One that is of another commit, old or empty is not made good by the others.
        match standing(line, &report, &witness, expected) {
            Ok(commit) => commits.push(commit),
            Err(why) => return none(if is_one { why } else { format!("`{file}`: {why}") }),
        }
        match &mut total {
            Some(total) => total.merge(report),
            None => total = Some(report),
        }
    }
    let report = total.unwrap_or_default();
    let Some(value) = line.metric.of(&report, base.as_ref(), expected.now) else {
        return none(format!("it does not tell `{}`", line.metric.name));
    };
    // A percentage is compared as it is written: 80 of 100 is 80 %, whatever a division leaves.
    let value = (value * 1e9).round() / 1e9;
    let standing = if line.operator.holds(value, line.bound) { Standing::Good } else { Standing::Bad };
    let value = match line.metric.unit {
        Unit::Count => format!("{value}"),
        Unit::Percent => format!("{}%", (value * 1e4).round() / 1e4),
        Unit::Seconds if value < 600.0 => shown::seconds((value * 1e3).round() / 1e3),
        Unit::Seconds => shown::about(Duration::try_from_secs_f64(value).unwrap_or_default()),
    };
    let samples = Some(report.count(line.kind.samples.0) as u64);
    let why = [report.notes, notes].concat().join("; ");
    let observation = Observation { standing, samples, why, ..Observation::probed(true, value) };
    Seen { evidence: line.text.clone(), observation, commit: commits.into_iter().next() }
}

/// The commit that a file is of, or why it is no evidence.
fn standing(
    line: &Evidence,
    report: &Report,
    witness: &Witness,
    expected: &Expected,
) -> std::result::Result<String, String> {
    let (counted, noun) = line.kind.samples;
    if report.count(counted) == 0.0 {
        return Err(format!("it is empty: it has no {noun}"));
    }
    let commit = commit(report, witness, expected)?;
    let oldest = i64::try_from(expected.age.as_millis()).unwrap_or(i64::MAX);
    let made = |time| slipway_core::context::rfc3339(time);
    let told = report.made.or(witness.made);
    match (told, [told, report.latest].into_iter().flatten().max()) {
        (Some(time), _) if expected.now.saturating_sub(time) > oldest => {
            Err(format!("it was made at {}, which is longer ago than `evidence-age`", made(time)))
        }
        (_, Some(time)) if time.saturating_sub(expected.now) > CLOCKS_DIFFER => {
            Err(format!("it is of {}, which is yet to come", made(time)))
        }
        _ => Ok(commit),
    }
}

/// The commit that the report is of, if it is the one under judgement.
fn commit(report: &Report, witness: &Witness, expected: &Expected) -> std::result::Result<String, String> {
    let is_same = |left: &str, right: &str| {
        let length = left.len().min(right.len());
        length >= 7
            && left.get(..length).zip(right.get(..length)).is_some_and(|(left, right)| left.eq_ignore_ascii_case(right))
    };
    let Some(wanted) = expected.commit.as_ref().or(expected.stated.as_ref()) else {
        return Err(match report.commits.is_empty() && witness.commits.is_empty() {
            true => UNTOLD.into(),
            false => "nobody knows which commit is judged: state it in `evidence-commit`".into(),
        });
    };
    let judged = || format!("and `{}` is judged", short(wanted));
    if let [first, ..] = &report.commits[..] {
        return match report.commits.iter().find(|commit| !is_same(commit, wanted)) {
            Some(other) => Err(format!("it is of commit `{}`, {}", short(other), judged())),
            None => Ok(first.clone()),
        };
    }
    if let [first, ..] = &witness.commits[..] {
        let same = witness.commits.iter().find(|commit| is_same(commit, wanted));
        return same.cloned().ok_or_else(|| format!("its artifact is of commit `{}`, {}", short(first), judged()));
    }
    match &expected.stated {
        Some(stated) if is_same(stated, wanted) => Ok(stated.clone()),
        Some(stated) => Err(format!("`evidence-commit` says `{}`, {}", short(stated), judged())),
        None => Err(UNTOLD.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_694_400_000;
    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
    const OTHER: &str = "fedcba9876543210fedcba9876543210fedcba98";

    fn expected(commit: Option<&str>, stated: Option<&str>) -> Expected {
        let text = |text: Option<&str>| text.map(str::to_owned);
        Expected { commit: text(commit), stated: text(stated), age: Duration::from_secs(86_400), now: NOW }
    }

    fn report(commits: &[&str]) -> Report {
        let commits = commits.iter().map(|commit| (*commit).to_owned()).collect();
        Report { counts: [("tests", 100.0), ("failed", 1.0)].into_iter().collect(), commits, ..Report::default() }
    }

    fn seen(line: &str, report: Report, expected: &Expected) -> (Standing, String) {
        judged(line, vec![("a".into(), report)], expected)
    }

    fn judged(line: &str, files: Vec<(String, Report)>, expected: &Expected) -> (Standing, String) {
        let seen = judge(&line.parse().unwrap(), Ok(Reports { files, ..Reports::default() }), expected);
        let Observation { standing, value, why, .. } = seen.observation;
        (standing, if value.is_empty() { why } else { value })
    }

    #[test]
    fn a_report_is_of_the_commit_or_no_evidence() {
        for (commits, judged, stated, standing, told) in [
            (&[COMMIT][..], Some(COMMIT), None, Standing::Good, "99%"),
            (&[&COMMIT[..7]], Some(COMMIT), None, Standing::Good, "99%"),
            (&[COMMIT], None, Some(COMMIT), Standing::Good, "99%"),
            (&[], Some(COMMIT), Some(COMMIT), Standing::Good, "99%"),
            (&[], None, Some(COMMIT), Standing::Good, "99%"),
            (
                &[OTHER],
                Some(COMMIT),
                Some(COMMIT),
                Standing::None,
                "it is of commit `fedcba9`, and `0123456` is judged",
            ),
            (
                &[COMMIT, OTHER],
                Some(COMMIT),
                None,
                Standing::None,
                "it is of commit `fedcba9`, and `0123456` is judged",
            ),
            (&[], Some(COMMIT), None, Standing::None, UNTOLD),
            (
                &[],
                Some(COMMIT),
                Some(OTHER),
                Standing::None,
                "`evidence-commit` says `fedcba9`, and `0123456` is judged",
            ),
            (&[], None, None, Standing::None, UNTOLD),
            (
                &[COMMIT],
                None,
                None,
                Standing::None,
                "nobody knows which commit is judged: state it in `evidence-commit`",
            ),
        ] {
            let found = seen("junit a.xml pass-rate >= 99%", report(commits), &expected(judged, stated));
            assert_eq!(found, (standing, told.to_owned()), "{commits:?} {judged:?} {stated:?}");
        }
    }

    #[test]
    fn old_and_empty_reports_are_no_evidence() {
        let expected = expected(Some(COMMIT), None);
        let made = |made| Report { made: Some(made), ..report(&[COMMIT]) };
        assert_eq!(seen("junit a.xml >= 99%", made(NOW - 86_400_000), &expected).0, Standing::Good);
        let (standing, why) = seen("junit a.xml >= 99%", made(NOW - 86_400_001), &expected);
        assert_eq!(standing, Standing::None);
        assert!(why.ends_with("which is longer ago than `evidence-age`"), "{why}");
        assert_eq!(seen("junit a.xml >= 99%", made(NOW + 7_200_000), &expected).0, Standing::None);
        let empty = Report { counts: [("tests", 0.0)].into_iter().collect(), ..report(&[COMMIT]) };
        assert_eq!(
            seen("junit a.xml failed == 0", empty, &expected),
            (Standing::None, "it is empty: it has no test".into())
        );
        assert_eq!(seen("junit a.xml", report(&[COMMIT]), &expected), (Standing::Bad, "99%".into()));
        assert_eq!(
            seen(
                "load a.json p99 < 1s",
                Report { counts: [("requests", 5.0)].into_iter().collect(), ..report(&[COMMIT]) },
                &expected
            )
            .1,
            "it does not tell `p99`"
        );
    }

    #[test]
    fn several_files_are_as_good_as_the_worst() {
        let expected = expected(Some(COMMIT), None);
        let load = |requests, p95: Option<f64>| Report {
            counts: [("requests", requests), ("failed", 0.0)].into_iter().collect(),
            peaks: p95.map(|p95| ("p95", p95)).into_iter().collect(),
            ..report(&[COMMIT])
        };
        let backup = |latest| Report {
            counts: [("backups", 1.0)].into_iter().collect(),
            latest: Some(latest),
            ..report(&[COMMIT])
        };
        let untold = format!("`b`: {UNTOLD}");
        for (line, first, second, standing, told) in [
            ("load *.json p95 < 2s", load(10.0, Some(1.5)), load(10.0, Some(1.2)), Standing::Good, "1.5 s"),
            ("load *.json p95 < 2s", load(10.0, Some(1.5)), load(10.0, Some(2.0)), Standing::Bad, "2 s"),
            ("load *.json p95 < 2s", load(10.0, Some(1.5)), load(10.0, None), Standing::None, "it does not tell `p95`"),
            ("load *.json p95 < 2s", load(10.0, None), load(10.0, Some(1.5)), Standing::None, "it does not tell `p95`"),
            (
                "load *.json p95 < 2s",
                load(10.0, Some(1.5)),
                load(0.0, Some(1.5)),
                Standing::None,
                "`b`: it is empty: it has no request",
            ),
            ("backup *.json age < 24h", backup(NOW - 60_000), backup(NOW - 99_000_000), Standing::Good, "60 s"),
            ("backup *.json age < 1m", backup(NOW + 60_000), backup(NOW - 99_000_000), Standing::Good, "0 s"),
            (
                "backup *.json age < 24h",
                backup(NOW - 60_000),
                backup(NOW + 7_200_000),
                Standing::None,
                "`b`: it is of 2026-11-26T14:00:00.000Z, which is yet to come",
            ),
            ("junit *.xml", report(&[COMMIT]), report(&[]), Standing::None, &untold),
            (
                "junit *.xml",
                report(&[COMMIT]),
                report(&[OTHER]),
                Standing::None,
                "`b`: it is of commit `fedcba9`, and `0123456` is judged",
            ),
        ] {
            let files = vec![("a".to_owned(), first), ("b".into(), second)];
            assert_eq!(judged(line, files, &expected), (standing, told.to_owned()), "{line}");
        }
    }
}
