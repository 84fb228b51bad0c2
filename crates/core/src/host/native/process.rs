//! Programs: started in a group of their own, fed, listened to, and ended with what they started.

use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::pin::pin;
use std::process::Stdio;
use std::time::Duration;

use futures_channel::oneshot;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::io_error;
use crate::Result;
use crate::host::{Command, ERROR_OUTPUT_LIMIT, Exit, time_limit_reached};

/// How long the pipes of a program that has ended are still read, when something that it started keeps them open.
const LINGER: Duration = Duration::from_secs(1);

pub(super) async fn run(command: &Command, on_output: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<Exit> {
    let mut process = tokio::process::Command::new(&command.program);
    process
        .args(&command.arguments)
        .env_clear()
        .envs(command.environment.iter().map(|(name, value)| (name, value)))
        .current_dir(&command.directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    process.process_group(0);
    let mut child = process.spawn().map_err(|e| io_error("start", &command.program, &e))?;
    let group = Group::of(&child);
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let errors = RefCell::new(Vec::new());
    let is_broken_off = Cell::new(false);

    let status = {
        let feed = async {
            if let Some(mut stdin) = stdin {
                // A program that does not read its input closes the pipe: that is its right.
                let _ = stdin.write_all(&command.input).await;
            }
        };
        let (stop, stopped) = oneshot::channel();
        let hand_on = async {
            let Some(mut stdout) = stdout else { return };
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = stdout.read(&mut buffer).await {
                if on_output(&buffer[..length]).is_break() {
                    is_broken_off.set(true);
                    // Who hears this is gone only if the program is.
                    let _ = stop.send(());
                    return;
                }
            }
        };
        let mut pipes = pin!(async { tokio::join!(feed, hand_on, keep_last(stderr, &errors)) });
        let ended = tokio::time::timeout(command.time_limit, async {
            tokio::select! {
                status = child.wait() => (status, false),
                Ok(()) = stopped => {
                    group.end();
                    let _ = child.start_kill();
                    (child.wait().await, false)
                }
                _ = &mut pipes => (child.wait().await, true),
            }
        });
        let Ok((status, are_done)) = ended.await else { return Err(time_limit_reached(command)) };
        if !are_done {
            let _ = tokio::time::timeout(LINGER, pipes).await;
        }
        status
    };
    group.leave();
    let status = status.map_err(|e| io_error("wait for", &command.program, &e))?;
    let code = if is_broken_off.get() { None } else { status.code() };
    Ok(Exit { code, errors: errors.into_inner() })
}

async fn keep_last(stderr: Option<tokio::process::ChildStderr>, kept: &RefCell<Vec<u8>>) {
    let Some(mut stderr) = stderr else { return };
    let mut buffer = vec![0; 8192];
    while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
        let mut kept = kept.borrow_mut();
        kept.extend_from_slice(&buffer[..length]);
        let surplus = kept.len().saturating_sub(ERROR_OUTPUT_LIMIT);
        kept.drain(..surplus);
    }
}

/// A program and what it started: its process group. All of it ends when this is dropped, as on a time limit or a cancelled run.
struct Group(#[cfg(unix)] Option<rustix::process::Pid>);

impl Group {
    #[cfg(unix)]
    fn of(child: &tokio::process::Child) -> Self {
        Self(child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())))
    }

    #[cfg(not(unix))]
    fn of(_: &tokio::process::Child) -> Self {
        Self()
    }

    fn end(&self) {
        #[cfg(unix)]
        if let Some(group) = self.0 {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }

    /// The program has ended by itself: what it left running is meant to run.
    fn leave(self) {
        std::mem::forget(self);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// Waits until somebody asks the program to end, and gives the name of the signal.
pub(crate) async fn interruption() -> &'static str {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        {
            return tokio::select! {
                _ = interrupt.recv() => "SIGINT",
                _ = terminate.recv() => "SIGTERM",
            };
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_ok() {
        return "Ctrl-C";
    }
    std::future::pending().await
}
