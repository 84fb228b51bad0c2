//! The lines that the demo prints: when, who, what.

use std::io::{IsTerminal, Write};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Prints lines with the time since the start.
pub(super) struct Timeline {
    started: Instant,
}

impl Timeline {
    pub(super) fn start() -> Self {
        Self { started: Instant::now() }
    }

    /// Begins a chapter.
    pub(super) fn chapter(&self, title: &str) {
        println!("\n{title}");
    }

    /// Tells who did what.
    pub(super) fn tell(&self, who: &str, what: &str) {
        println!("{:>6.1} s  {who:<14}  {what}", self.started.elapsed().as_secs_f64());
    }

    /// Does something that takes a while, and says every second how it stands: on a terminal in one line that is
    /// written over, else in one line at the start.
    pub(super) fn wait<T: Send>(&self, what: &str, status: impl Fn() -> String, work: impl FnOnce() -> T + Send) -> T {
        let is_terminal = std::io::stdout().is_terminal();
        if !is_terminal {
            self.tell("…", what);
        }
        std::thread::scope(|scope| {
            let (done, finished) = channel();
            let worker = scope.spawn(move || {
                let result = work();
                // The other end waits for exactly this.
                let _ = done.send(());
                result
            });
            while finished.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                if is_terminal {
                    print!("\r\x1b[2K{:>6.1} s  …  {what}: {}", self.started.elapsed().as_secs_f64(), status());
                    let _ = std::io::stdout().flush();
                }
            }
            if is_terminal {
                print!("\r\x1b[2K");
            }
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    /// Seconds since the start.
    pub(super) fn seconds(&self) -> f64 {
        self.started.elapsed().as_secs_f64()
    }
}
