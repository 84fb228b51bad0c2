//! A program that runs until it is dropped.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a program may take until it listens.
const START: Duration = Duration::from_secs(120);

/// A running program, ended by its id when it is dropped.
pub(crate) struct Process(pub(super) Child);

impl Process {
    pub(super) fn spawn(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn();
        Self(child.unwrap_or_else(|error| panic!("{:?} did not start: {error}", command.get_program())))
    }

    /// Waits until `ready` says so; false if the program ended before.
    pub(super) fn wait_until(&mut self, ready: impl Fn() -> bool) -> bool {
        let start = Instant::now();
        while start.elapsed() < START {
            if ready() {
                return true;
            }
            if self.0.try_wait().ok().flatten().is_some() {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("a program did not get ready within {START:?}")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program that wants to be told its port, again with another one where somebody else was faster.
pub(crate) fn on_free_port(name: &str, command: impl Fn(u16) -> Command) -> (Process, u16) {
    for _ in 0..5 {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on 127.0.0.1");
        let port = free.local_addr().expect("the address just bound").port();
        drop(free);
        let mut process = Process::spawn(command(port));
        if process.wait_until(|| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()) {
            return (process, port);
        }
    }
    panic!("`{name}` ended before it listened")
}
