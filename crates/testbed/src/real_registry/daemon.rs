//! A real Docker daemon: one of our own where there is root, else the machine's.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

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
    network: Option<Bridge>,
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
        if is_root() {
            return Some(Self::own(tools, directory, None));
        }
        let client = Client { tools: tools.clone(), socket: None, configuration };
        if client.run(&["info"]).status.success() {
            return Some(Self { client, built: Mutex::default(), process: None, network: None, directory });
        }
        assert!(std::env::var_os("CI").is_none(), "CI has no Docker daemon, and no root to start one: {test}");
        not_run(test, "dockerd needs root, and the machine has no Docker daemon");
        None
    }

    /// Starts a daemon of a machine that is deployed to: its containers have ports on 127.0.0.1. That needs root; without it, it is
    /// said loudly that `test` was not run.
    pub fn start_host(tools: &RegistryTools, test: &str) -> Option<Self> {
        if !is_root() {
            not_run(test, "a network of its own needs root");
            return None;
        }
        let directory = TempDir::with_prefix("dockerd-").expect("a temporary directory");
        Some(Self::own(tools, directory, Some(Bridge::new())))
    }

    fn own(tools: &RegistryTools, directory: TempDir, network: Option<Bridge>) -> Self {
        let (socket, configuration) = (directory.path().join("socket"), directory.path().join("client"));
        let client = Client { tools: tools.clone(), socket: Some(socket.clone()), configuration };
        let bridge = network.as_ref().map_or("none", |bridge| &bridge.0);
        let mut process = Process::spawn(daemon(tools, directory.path(), &socket, bridge));
        let is_up = process.wait_until(|| socket.exists() && client.run(&["info"]).status.success());
        assert!(is_up, "dockerd ended before it was ready");
        Self { client, built: Mutex::default(), process: Some(process), network, directory }
    }

    /// The variables by which `docker` finds it, and which program that is.
    pub fn environment(&self) -> Vec<(String, String)> {
        let command = self.client.command();
        let known = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        known.map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())).collect()
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

    /// Containers outlive their daemon.
    fn remove_containers(&self) {
        let all = self.client.run(&["ps", "--all", "--quiet"]).stdout;
        for id in String::from_utf8_lossy(&all).lines() {
            self.client.run(&["rm", "--force", id]);
        }
    }

    /// Pulls what a reference names.
    pub fn pull(&self, reference: &str) -> String {
        lock(&self.built).push(reference.to_owned());
        self.docker(&["pull", reference])
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().expect("`id` starts").stdout == b"0\n"
}

/// A network of the machine's for the containers of one daemon, gone when it is dropped.
struct Bridge(String);

impl Bridge {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let id = std::process::id().wrapping_mul(16) + COUNT.fetch_add(1, Ordering::Relaxed) % 16;
        let bridge = Self(format!("slipway{:05x}", id & 0xf_ffff));
        let address = format!("10.{}.{}.1/24", 200 + id / 250 % 50, id % 250);
        for arguments in [
            &["link", "add", &bridge.0, "type", "bridge"][..],
            &["address", "add", &address, "dev", &bridge.0],
            &["link", "set", &bridge.0, "up"],
        ] {
            assert!(ip(arguments), "ip {arguments:?}");
        }
        bridge
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        ip(&["link", "delete", &self.0]);
    }
}

fn ip(arguments: &[&str]) -> bool {
    Command::new("ip").args(arguments).status().is_ok_and(|status| status.success())
}

/// A daemon that leaves the machine's network alone, but for the bridge that is made for it.
fn daemon(tools: &RegistryTools, directory: &Path, socket: &Path, bridge: &str) -> Command {
    let path = |name: &str| directory.join(name);
    std::fs::write(path("none.json"), "{}").expect("an empty configuration");
    let mut command = tools.command("dockerd");
    command.args(["--bridge", bridge, "--iptables=false", "--ip6tables=false", "--ip-forward=false"]);
    command.args(["--storage-driver=vfs", "--data-root"]).arg(path("data"));
    command.arg("--exec-root").arg(path("exec")).arg("--pidfile").arg(path("pid"));
    command.arg("--config-file").arg(path("none.json")).arg("--host").arg(format!("unix://{}", socket.display()));
    command
}

impl Client {
    fn command(&self) -> Command {
        let mut command = self.tools.command("docker");
        // Of the builders, the one that needs no program beside it.
        command.env("DOCKER_BUILDKIT", "0").env("DOCKER_CONFIG", &self.configuration);
        if let Some(socket) = &self.socket {
            command.env("DOCKER_HOST", format!("unix://{}", socket.display()));
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command();
        command.args(arguments);
        command.output().unwrap_or_else(|error| panic!("docker did not start: {error}"))
    }
}

impl Drop for DockerDaemon {
    fn drop(&mut self) {
        for reference in lock(&self.built).iter() {
            // A test that failed may have taken it away.
            let _ = self.client.run(&["image", "rm", "--force", reference]);
        }
        if self.network.is_some() {
            self.remove_containers();
        }
        // Asked kindly, the daemon ends its containerd too and unmounts what it mounted.
        #[cfg(unix)]
        if let Some(process) = &mut self.process
            && let Some(id) = i32::try_from(process.0.id()).ok().and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
            let _ = process.0.wait();
        }
        drop(self.network.take());
    }
}
