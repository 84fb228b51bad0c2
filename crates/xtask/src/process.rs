//! Running other programs.

use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Runs a program with this terminal, and fails if it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("`{}` cannot be started", line(command)))?;
    succeeded(command, status)
}

/// Runs a program and returns what it wrote to standard output, which must be UTF-8. Its errors go to this terminal.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("`{}` cannot be started", line(command)))?;
    succeeded(command, output.status)?;
    String::from_utf8(output.stdout).with_context(|| format!("`{}` did not write UTF-8", line(command)))
}

/// Runs a program with this terminal; it fails if the program does, and kills it if it takes longer than `limit`.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command.spawn().with_context(|| format!("`{}` cannot be started", line(command)))?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().with_context(|| format!("`{}` was lost", line(command)))? {
            return succeeded(command, status);
        }
        if started.elapsed() > limit {
            // It may have ended by itself since; either way it is gone after the wait.
            let _ = child.kill();
            let _ = child.wait();
            bail!("`{}` took longer than {} s", line(command), limit.as_secs());
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    match status.success() {
        true => Ok(()),
        false => bail!("`{}` failed ({status})", line(command)),
    }
}

/// The command as a person would type it, for messages.
fn line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
