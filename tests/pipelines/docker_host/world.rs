//! One machine with Docker behind a proxy, reached over SSH, and another on which images are built.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use testbed::{DockerDaemon, Load, Nginx, RegistryTools, Release, SshServer, binary, get, workspace};

/// The image of the sample service: what its program needs, a busybox for its health check, and the release.
const DOCKERFILE: &str = r#"FROM scratch
COPY root /
HEALTHCHECK --interval=1s CMD ["/busybox", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/health"]
ENTRYPOINT ["/sample-service", "/release.json", "0.0.0.0:8080"]
"#;

pub(crate) struct World {
    /// The folder of the image's files, the archives and the connection.
    pub(crate) directory: TempDir,
    pub(crate) ports: String,
    // What runs ends before its folder goes, and the proxy before what it sends users to.
    pub(crate) nginx: Nginx,
    pub(crate) ssh: SshServer,
    pub(crate) host: DockerDaemon,
    pub(crate) builder: DockerDaemon,
    _turn: MutexGuard<'static, ()>,
}

/// How a command of docker-host ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) succeeded: bool,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl World {
    /// A world in which nothing is deployed; nothing where the tools are missing, which is said loudly.
    pub(crate) fn new(test: &str) -> Option<Self> {
        Self::with_docker(test, None)
    }

    /// The same where a shell's script stands in front of the host's `docker`, which is `$DOCKER` there.
    pub(crate) fn with_docker(test: &str, script: Option<&str>) -> Option<Self> {
        // One world is enough for the machine.
        static TURN: Mutex<()> = Mutex::new(());
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let tools = RegistryTools::find(test)?;
        let nginx = Nginx::start("shop", test)?;
        let host = DockerDaemon::start_host(&tools, test)?;
        let builder = DockerDaemon::start(&tools, test)?;
        let directory = TempDir::with_prefix("host-").unwrap();
        let mut environment = host.environment();
        if let Some(script) = script {
            let folder = directory.path().join("programs");
            fs::create_dir(&folder).unwrap();
            executable(&folder.join("docker"), script);
            let docker = tools.command("docker").get_program().to_str().unwrap().to_owned();
            environment.push(("DOCKER".to_owned(), docker));
            let path = environment.iter_mut().find(|(name, _)| name == "PATH").unwrap();
            path.1 = format!("{}:{}", folder.display(), path.1);
        }
        let ssh = SshServer::start_with(test, &environment)?;
        let context = directory.path().join("context");
        fs::create_dir(&context).unwrap();
        fs::write(context.join("Dockerfile"), DOCKERFILE).unwrap();
        install(&context.join("root"), &tools);
        let ports = free_ports().map(|port| port.to_string()).join(" ");
        Some(Self { directory, ports, nginx, ssh, host, builder, _turn: turn })
    }

    /// The files of the image, without a release.
    pub(crate) fn context(&self) -> PathBuf {
        self.directory.path().join("context")
    }

    /// Builds `shop:<version>` and gives the archive that `docker save` writes of it.
    pub(crate) fn archive(&self, release: &Release) -> PathBuf {
        fs::write(self.context().join("root/release.json"), release.to_bytes()).unwrap();
        let tag = format!("shop:{}", release.version);
        self.builder.docker(&["build", "--quiet", "--tag", &tag, self.context().to_str().unwrap()]);
        let archive = self.directory.path().join(format!("{}.tar", release.version));
        self.builder.docker(&["save", "--output", archive.to_str().unwrap(), &tag]);
        archive
    }

    /// Where the connection is kept.
    pub(crate) fn connection(&self) -> PathBuf {
        self.directory.path().join("connection")
    }

    /// Connects with the host's key that is given, and options that win over the usual ones.
    pub(crate) fn connect(&self, known_hosts: &str, options: &[(&str, &str)]) -> Done {
        let (port, file) = (self.ssh.port().to_string(), self.nginx.upstream_file("shop"));
        let (check, reload) = (self.nginx.check_command(), self.nginx.reload_command());
        let usual = [
            ("--host", "127.0.0.1"),
            ("--port", &port),
            ("--user", self.ssh.user()),
            ("--component", "shop"),
            ("--ports", &self.ports),
            ("--health-path", "/health"),
            ("--health-seconds", "60"),
            ("--drain-seconds", "5"),
            ("--proxy-file", file.to_str().unwrap()),
            ("--check-command", &check),
            ("--reload-command", &reload),
        ];
        let key = self.ssh.key();
        let variables = [("SSH_KEY", key.as_str()), ("SSH_KNOWN_HOSTS", known_hosts)];
        self.run("connect", &[&usual[..], options].concat(), &variables)
    }

    /// A connection that succeeds.
    pub(crate) fn connected(self) -> Self {
        let done = self.connect(&self.ssh.known_hosts(), &[]);
        assert!(done.succeeded, "{done:?}");
        self
    }

    /// Runs one command of docker-host.
    pub(crate) fn run(&self, verb: &str, options: &[(&str, &str)], variables: &[(&str, &str)]) -> Done {
        let mut command = Command::new("sh");
        command.arg(workspace().join("actions/docker-host/docker-host.sh")).arg(verb);
        command.arg("--directory").arg(self.connection());
        command.args(options.iter().flat_map(|(name, value)| [name, value]));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).stdin(Stdio::null());
        command.envs(variables.iter().copied());
        let Output { status, stdout, stderr } = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        Done { succeeded: status.success(), output: text(&stdout), errors: text(&stderr) }
    }

    /// The same where it must succeed; gives what it prints.
    pub(crate) fn must(&self, verb: &str, options: &[(&str, &str)]) -> String {
        let done = self.run(verb, options, &[]);
        assert!(done.succeeded, "{verb} {options:?}: {done:?}");
        done.output
    }

    /// Moves a release to the host and starts it; gives the image.
    pub(crate) fn bring(&self, release: &Release) -> String {
        let archive = self.archive(release);
        let image = self.must("transfer", &[("--archive", archive.to_str().unwrap())]);
        self.must("start", &[("--image", &image)]);
        image
    }

    /// Brings a release to the users, and ends what had them.
    pub(crate) fn deploy(&self, release: &Release) -> String {
        let image = self.bring(release);
        self.must("switch", &[("--image", &image)]);
        self.must("retire", &[]);
        image
    }

    /// 200 users a second, each with a connection of its own.
    pub(crate) fn users(&self) -> Load {
        Load::start(&self.nginx.url(), 200.0, Duration::from_secs(600)).unwrap()
    }

    /// The version that users get now.
    pub(crate) fn version(&self) -> String {
        version(&self.nginx.url())
    }

    /// The versions of the containers that run, sorted.
    pub(crate) fn running(&self) -> Vec<String> {
        let ports = self.host.docker(&["ps", "--format", "{{.Label \"slipway.port\"}}"]);
        let mut versions: Vec<String> =
            ports.lines().map(|port| version(&format!("http://127.0.0.1:{port}"))).collect();
        versions.sort();
        versions
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The connection outlives the commands.
        self.run("close", &[], &[]);
    }
}

/// The version that answers at an address; empty if none does.
pub(crate) fn version(url: &str) -> String {
    let answer = get(&format!("{url}/version")).ok();
    let body = answer.and_then(|answer| serde_json::from_slice::<serde_json::Value>(&answer.body).ok());
    body.unwrap_or_default()["version"].as_str().unwrap_or_default().to_owned()
}

/// Waits until it is so.
pub(crate) fn wait_for(what: &str, limit: Duration, is_so: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < limit, "not within {limit:?}: {what}");
        sleep(Duration::from_millis(10));
    }
    start.elapsed()
}

/// Writes a shell's script that can be run.
pub(crate) fn executable(file: &Path, text: &str) {
    fs::write(file, format!("#!/bin/sh\n{text}\n")).unwrap();
    assert!(Command::new("chmod").arg("+x").arg(file).status().unwrap().success());
}

/// Ports of 127.0.0.1 that nobody has.
pub(crate) fn free_ports() -> [u16; 2] {
    let free = [(); 2].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    free.map(|listener| listener.local_addr().unwrap().port())
}

/// The sample service, the libraries that it needs, and a busybox.
fn install(root: &Path, tools: &RegistryTools) {
    let service = binary("sample-service");
    let needed = Command::new("ldd").arg(&service).output().unwrap().stdout;
    let needed = String::from_utf8(needed).unwrap();
    let libraries = needed.split_whitespace().filter(|word| word.starts_with('/'));
    for library in libraries {
        copy(Path::new(library), &root.join(library.trim_start_matches('/')));
    }
    copy(Path::new(tools.command("busybox").get_program()), &root.join("busybox"));
    let stripped = Command::new("strip").arg("-o").arg(root.join("sample-service")).arg(&service).status();
    if !stripped.is_ok_and(|status| status.success()) {
        copy(&service, &root.join("sample-service"));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to.parent().unwrap()).unwrap();
    fs::copy(from, to).unwrap();
}
