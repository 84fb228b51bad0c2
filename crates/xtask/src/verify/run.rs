//! Running steps: all of them, whatever fails, and then a table.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::Session;

/// One step of the verification.
pub(super) struct Step {
    /// Its name in the table and for `--only`.
    pub(super) name: &'static str,
    /// The steps without which it cannot run.
    pub(super) needs: &'static [&'static str],
    /// When it runs without being named.
    pub(super) when: When,
    /// Does it, and may return a remark for the table.
    pub(super) run: fn(&mut Session) -> Result<Remark>,
}

/// When a step runs without being named by `--only`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// In every run.
    Always,
    /// Not with `--quick`.
    Thorough,
    /// Never: it has a job of its own in CI.
    Named,
}

/// What a step that passed has to say, if anything.
pub(super) type Remark = Option<String>;

enum Outcome {
    Passed(Remark),
    Failed(String),
    NotRun(&'static str),
}

/// The steps named, and those that they need, in their order.
pub(super) fn with_needs<'a>(all: &'a [Step], names: &[&str]) -> Vec<&'a Step> {
    let mut wanted: Vec<&str> = names.to_vec();
    // A step needs only steps before it.
    for step in all.iter().rev() {
        if wanted.contains(&step.name) {
            wanted.extend(step.needs);
        }
    }
    all.iter().filter(|step| wanted.contains(&step.name)).collect()
}

/// Runs the steps and prints the table. Returns whether all passed.
pub(super) fn run(steps: &[&Step], session: &mut Session) -> bool {
    let started = Instant::now();
    let mut results: Vec<(&str, Outcome, Duration)> = Vec::new();
    for step in steps {
        println!("\n=== {}", step.name);
        let began = Instant::now();
        let broken = step.needs.iter().find(|need| {
            results.iter().any(|(name, outcome, _)| name == *need && !matches!(outcome, Outcome::Passed(_)))
        });
        let outcome = match broken {
            Some(need) => Outcome::NotRun(need),
            None => match (step.run)(session) {
                Ok(remark) => Outcome::Passed(remark),
                Err(error) => Outcome::Failed(format!("{error:#}")),
            },
        };
        println!("=== {}: {} ({})", step.name, describe(&outcome), seconds(began.elapsed()));
        results.push((step.name, outcome, began.elapsed()));
    }
    println!("\n{:<14} {:>8}  result", "step", "time");
    for (name, outcome, took) in &results {
        println!("{name:<14} {:>8}  {}", seconds(*took), describe(outcome));
    }
    let passed = results.iter().filter(|(_, outcome, _)| matches!(outcome, Outcome::Passed(_))).count();
    println!("{:<14} {:>8}\n", "all", seconds(started.elapsed()));
    println!("{passed} passed, {} failed", results.len() - passed);
    passed == results.len()
}

fn describe(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed(None) => "passed".to_owned(),
        Outcome::Passed(Some(remark)) => format!("passed, {remark}"),
        Outcome::Failed(error) => format!("FAILED: {error}"),
        Outcome::NotRun(need) => format!("FAILED: not run, because `{need}` failed"),
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chosen_step_brings_what_it_needs_and_what_that_needs() {
        let step = |name, needs| Step { name, needs, when: When::Always, run: |_| Ok(None) };
        let all = [step("tools", &[]), step("build", &["tools"]), step("lint", &["tools"]), step("test", &["build"])];
        let names = |chosen: &[&str]| with_needs(&all, chosen).iter().map(|step| step.name).collect::<Vec<_>>();
        assert_eq!(names(&["test"]), ["tools", "build", "test"]);
        assert_eq!(names(&["test", "lint"]), ["tools", "build", "lint", "test"]);
    }

    #[test]
    fn a_step_needs_only_steps_before_it() {
        let all = super::super::steps::ALL;
        for (place, step) in all.iter().enumerate() {
            assert!(
                step.needs.iter().all(|need| all[..place].iter().any(|other| other.name == *need)),
                "{}",
                step.name
            );
        }
    }
}
