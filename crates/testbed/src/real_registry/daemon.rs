//! A real Docker daemon: one of our own where there is root, else the machine's.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use tempfile::TempDir;

use super::process::Process;
use super::tools::{RegistryTools, not_run};
use crate::lock;

/// A Docker daemon. What it built is removed when it is dropped; our own is stopped then.
pub struct DockerDaemon {
    client: Client,
    /// The references that were built.
    built: Mutex<Vec<String>>,
    process: Option<Process>,
    directory: TempDir,
}

/// The program `docker`, and where it finds its daemon if that is not the machine's.
struct Client {
    tools: RegistryTools,
    socket: Option<PathBuf>,
    configuration: PathBuf,
}

impl DockerDaemon {
    /// Starts a daemon, which needs root; without it, the machine's is used. If there is none either, it is said loudly that `test`
    /// was not run, and CI panics.
    pub fn start(tools: &RegistryTools, test: &str) -> Option<Self> {
        // Sockets have short paths.
        let directory = TempDir::with_prefix("dockerd-").expect("a temporary directory");
        let configuration = directory.path().join("client");
        let id = Command::new("id").arg("-u").output().expect("`id` starts").stdout;
        if id == b"0\n" {
            let socket = directory.path().join("socket");
            let client = Client { tools: tools.clone(), socket: Some(socket.clone()), configuration };
            let mut process = Process::spawn(daemon(tools, directory.path(), &socket));
            let is_up = process.wait_until(|| socket.exists() && client.run(&["info"]).status.success());
            assert!(is_up, "dockerd ended before it was ready");
            return Some(Self { client, built: Mutex::default(), process: Some(process), directory });
        }
        let client = Client { tools: tools.clone(), socket: None, configuration };
        if client.run(&["info"]).status.success() {
            return Some(Self { client, built: Mutex::default(), process: None, directory });
        }
        assert!(std::env::var_os("CI").is_none(), "CI has no Docker daemon, and no root to start one: {test}");
        not_run(test, "dockerd needs root, and the machine has no Docker daemon");
        None
    }

    /// Runs `docker` and gives what it prints; panics with its words when it fails.
    pub fn docker(&self, arguments: &[&str]) -> String {
        let output = self.client.run(arguments);
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
        lock(&self.built).push(reference.to_owned());
        self.docker(&["push", "--quiet", reference]);
    }

    /// Pulls what a reference names.
    pub fn pull(&self, reference: &str) -> String {
        lock(&self.built).push(reference.to_owned());
        self.docker(&["pull", reference])
    }
}

/// A daemon that leaves the machine's network alone.
fn daemon(tools: &RegistryTools, directory: &Path, socket: &Path) -> Command {
    let path = |name: &str| directory.join(name);
    std::fs::write(path("none.json"), "{}").expect("an empty configuration");
    let mut command = tools.command("dockerd");
    command.args(["--bridge=none", "--iptables=false", "--storage-driver=vfs", "--data-root"]).arg(path("data"));
    command.arg("--exec-root").arg(path("exec")).arg("--pidfile").arg(path("pid"));
    command.arg("--config-file").arg(path("none.json")).arg("--host").arg(format!("unix://{}", socket.display()));
    command
}

impl Client {
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.tools.command("docker");
        // Of the builders, the one that needs no program beside it.
        command.env("DOCKER_BUILDKIT", "0").env("DOCKER_CONFIG", &self.configuration).args(arguments);
        if let Some(socket) = &self.socket {
            command.env("DOCKER_HOST", format!("unix://{}", socket.display()));
        }
        command.output().unwrap_or_else(|error| panic!("docker did not start: {error}"))
    }
}

impl Drop for DockerDaemon {
    fn drop(&mut self) {
        for reference in lock(&self.built).iter() {
            // A test that failed may have taken it away.
            let _ = self.client.run(&["image", "rm", "--force", reference]);
        }
        // Asked kindly, the daemon ends its containerd too and unmounts what it mounted.
        #[cfg(unix)]
        if let Some(process) = &mut self.process
            && let Some(id) = i32::try_from(process.0.id()).ok().and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
            let _ = process.0.wait();
        }
    }
}
