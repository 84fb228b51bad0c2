//! Timing other programs.

use std::env;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// Takes out of a command's environment what a job around the measurement put into ours.
pub(super) fn outside_any_job(command: &mut Command) {
    let of_a_job =
        |name: &str| ["INPUT_", "GITHUB_", "RUNNER_", "ACTIONS_"].iter().any(|start| name.starts_with(start));
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(of_a_job)) {
        command.env_remove(name);
    }
}

/// How long a program runs, from its start to its end. It must succeed.
pub(super) fn time(command: &mut Command) -> Result<Duration> {
    let started = Instant::now();
    let output = command.output().with_context(|| format!("`{}`", command.get_program().display()))?;
    let took = started.elapsed();
    let said = [output.stdout, output.stderr].concat();
    ensure!(output.status.success(), "the measured run failed ({}): {}", output.status, String::from_utf8_lossy(&said));
    Ok(took)
}

/// How long a program runs that nobody knows to end; nothing if it had to be ended at the limit.
pub(super) fn time_within(command: &mut Command, limit: Duration) -> Result<Option<Duration>> {
    let started = Instant::now();
    let name = command.get_program().display().to_string();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().with_context(|| format!("`{name}`"))?;
    loop {
        if let Some(status) = child.try_wait()? {
            ensure!(status.success(), "`{name}` failed ({status})");
            return Ok(Some(started.elapsed()));
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// What a run took.
#[derive(Clone, Copy)]
pub(super) struct Usage {
    /// Of all its threads, in steps of 10 ms.
    pub processor_time: Duration,
    /// The most memory that was resident at once, in bytes.
    pub peak_memory: u64,
}

/// Runs a program that must succeed and has no children of its own, and tells what it took, as Linux counts.
pub(super) fn usage(command: &mut Command) -> Result<Usage> {
    let name = command.get_program().display().to_string();
    let before = time_of_children()?;
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().with_context(|| format!("`{name}`"))?;
    let status_file = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let status = loop {
        let told = std::fs::read_to_string(&status_file).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = kilobytes.unwrap_or(0).max(peak);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_micros(500));
    };
    ensure!(status.success(), "`{name}` failed ({status})");
    Ok(Usage { processor_time: time_of_children()? - before, peak_memory: peak * 1024 })
}

/// The processor time of all children that have ended.
fn time_of_children() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").context("only Linux tells what a run takes")?;
    // Behind the name of the program, which may hold spaces: user and system time are the 14th and 15th of the rest.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields.iter().skip(13).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10))
}

/// The middle one.
pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        let times = [9, 1, 5].map(Duration::from_millis).to_vec();
        assert_eq!(median(times), Duration::from_millis(5));
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let sleep =
            |seconds: &str| time_within(Command::new("sleep").arg(seconds), Duration::from_millis(300)).unwrap();
        assert!(sleep("0").is_some());
        assert_eq!(sleep("60"), None);
    }
}
