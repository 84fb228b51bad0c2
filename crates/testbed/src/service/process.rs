//! A running sample service, seen from the process that started it.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::NamedTempFile;

use super::Release;
use crate::client::get;

/// A service that has not told its port within this time did not start.
const START: Duration = Duration::from_secs(10);

/// A process of the sample service. Dropping it kills the process.
pub struct Service {
    child: Child,
    /// Open for as long as this handle lives: the service stops when it closes, even if this process is killed.
    stdin: Option<ChildStdin>,
    address: SocketAddr,
    _release_file: NamedTempFile,
}

impl Service {
    /// Starts `program` with `release` on a free port; it may not be healthy yet.
    ///
    /// # Errors
    /// When it does not start, or ends before it tells its port.
    pub fn start(program: &Path, release: &Release) -> Result<Self, String> {
        let release_file = NamedTempFile::new().map_err(|error| format!("the release file: {error}"))?;
        std::fs::write(&release_file, release.to_bytes()).map_err(|error| format!("the release file: {error}"))?;
        let mut command = Command::new(program);
        command.arg(release_file.path()).arg("0").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("`{}` did not start: {error}", program.display()))?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("a piped stdout");
        // From here on dropping the handle ends the process.
        let mut service = Self { child, stdin, address: (Ipv4Addr::LOCALHOST, 0).into(), _release_file: release_file };
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = BufReader::new(stdout).read_line(&mut line);
            let _ = sender.send(line);
        });
        let line = receiver.recv_timeout(START).unwrap_or_default();
        let announced: Value = serde_json::from_str(&line).unwrap_or_default();
        let port = announced["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        let port = port.ok_or_else(|| format!("`{}` told no port: `{}`", program.display(), line.trim_end()))?;
        service.address.set_port(port);
        Ok(service)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether `/health` says 200 now.
    pub fn is_healthy(&self) -> bool {
        get(&format!("{}/health", self.url())).is_ok_and(|response| response.status == 200)
    }

    /// Waits until it is healthy.
    ///
    /// # Errors
    /// When it is not within `limit`, or its process ends.
    pub fn wait_until_healthy(&mut self, limit: Duration) -> Result<(), String> {
        let start = Instant::now();
        while !self.is_healthy() {
            if let Some(code) = self.exit_code() {
                return Err(format!("the service ended with code {code}"));
            }
            if start.elapsed() > limit {
                return Err(format!("the service was not healthy within {limit:?}"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// Asks it to drain and end: by SIGTERM, or by closing its stdin where there are no signals.
    pub fn terminate(&mut self) {
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process};
            // A child that was not waited for keeps its id, so the signal cannot hit a stranger.
            if self.exit_code().is_none() {
                let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
                let _ = id.map(|id| kill_process(id, Signal::TERM));
            }
        }
        #[cfg(not(unix))]
        drop(self.stdin.take());
    }

    /// Kills it at once.
    pub fn kill(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The exit code once it has ended, −1 after a signal; `None` while it runs.
    pub fn exit_code(&mut self) -> Option<i32> {
        self.child.try_wait().ok().flatten().map(|status| status.code().unwrap_or(-1))
    }

    /// Waits until it has ended, and gives the exit code; `None` when it still runs after `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<i32> {
        let start = Instant::now();
        loop {
            let code = self.exit_code();
            if code.is_some() || start.elapsed() > limit {
                return code;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.kill();
    }
}
