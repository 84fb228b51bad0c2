//! A real Docker daemon, with no network of its own.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use super::process::Process;
use super::tools::{RegistryTools, not_run};

/// A running `dockerd`, stopped when it is dropped.
pub struct DockerDaemon {
    tools: RegistryTools,
    process: Process,
    directory: TempDir,
}

impl DockerDaemon {
    /// Starts a daemon, which needs root; without it, it is said loudly that `test` was not run.
    pub fn start(tools: &RegistryTools, test: &str) -> Option<Self> {
        let id = Command::new("id").arg("-u").output().expect("`id` starts").stdout;
        if id != b"0\n" {
            not_run(test, "dockerd needs root");
            return None;
        }
        // Sockets have short paths.
        let directory = TempDir::with_prefix("dockerd-").expect("a temporary directory");
        let path = |name: &str| directory.path().join(name);
        let mut command = tools.command("dockerd");
        command.args(["--bridge=none", "--iptables=false", "--storage-driver=vfs", "--data-root"]).arg(path("data"));
        command.arg("--exec-root").arg(path("exec")).arg("--pidfile").arg(path("pid"));
        command.arg("--config-file").arg(path("none.json"));
        std::fs::write(path("none.json"), "{}").expect("an empty configuration");
        command.arg("--host").arg(format!("unix://{}", path("socket").display()));
        let process = Process::spawn(command);
        let mut daemon = Self { tools: tools.clone(), directory, process };
        let socket = daemon.directory.path().join("socket");
        let client = |tools: &RegistryTools, socket: &Path| docker(tools, socket, &["info"]).status.success();
        let is_up = daemon.process.wait_until(|| socket.exists() && client(tools, &socket));
        assert!(is_up, "dockerd ended before it was ready");
        Some(daemon)
    }

    /// Runs `docker` and gives what it prints; panics with its words when it fails.
    pub fn docker(&self, arguments: &[&str]) -> String {
        let output = docker(&self.tools, &self.directory.path().join("socket"), arguments);
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "docker {arguments:?}: {words}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Builds an image of one file with the label of a source revision, and pushes it.
    pub fn build_and_push(&self, reference: &str, payload: &str, revision: &str) {
        let context = self.directory.path().join("context");
        std::fs::create_dir_all(&context).expect("a directory");
        std::fs::write(context.join("payload"), payload).expect("the payload");
        let file = format!("FROM scratch\nCOPY payload /payload\nLABEL org.opencontainers.image.revision={revision}\n");
        std::fs::write(context.join("Dockerfile"), file).expect("the Dockerfile");
        self.docker(&["build", "--quiet", "--tag", reference, &context.display().to_string()]);
        self.docker(&["push", "--quiet", reference]);
    }
}

fn docker(tools: &RegistryTools, socket: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = tools.command("docker");
    command.env("DOCKER_HOST", format!("unix://{}", socket.display())).env("DOCKER_BUILDKIT", "0").args(arguments);
    command.env("DOCKER_CONFIG", socket.with_extension("config"));
    command.output().unwrap_or_else(|error| panic!("docker did not start: {error}"))
}

impl Drop for DockerDaemon {
    fn drop(&mut self) {
        // Asked kindly, it ends its containerd too and unmounts what it mounted.
        #[cfg(unix)]
        if let Some(id) = i32::try_from(self.process.0.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
            let _ = self.process.0.wait();
        }
    }
}
