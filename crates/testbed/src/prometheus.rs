//! Debian's Prometheus on loopback.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::get;
use crate::real_registry::process::{Process, on_free_port};
use crate::real_registry::tools::{not_run, program};

/// `pass:word` as bcrypt has it.
const PASSWORD: &str = "$2y$04$Ey29PhVjc.ebMWlOtlEtx.s/0rfA8HThOoM64uLAVESOR.l/hW1re";

/// How long it may take until a query has an answer.
const START: Duration = Duration::from_secs(30);

/// A Prometheus server that scrapes five times a second, stopped when it is dropped.
pub struct PrometheusServer {
    address: String,
    authority: Option<String>,
    // The process ends before its directory goes.
    _process: Process,
    _directory: TempDir,
}

impl PrometheusServer {
    /// Starts a server that scrapes these addresses (`127.0.0.1:8080`), if there is a Prometheus; else it is said loudly that `test`
    /// was not run. A secure one speaks TLS with an authority of its own, and lets in the user `ada` with the password `pass:word`.
    pub fn start(test: &str, targets: &[&str], secure: bool) -> Option<Self> {
        let Some(program) = program("prometheus") else {
            not_run(test, "no Prometheus here; `cargo verify --only registry-tools` provides it");
            return None;
        };
        let directory = TempDir::with_prefix("prometheus-").expect("a temporary directory");
        let path = |name: &str| directory.path().join(name);
        let targets: Vec<String> = targets.iter().map(|target| format!("\"{target}\"")).collect();
        let configuration = format!(
            "global: {{scrape_interval: 200ms, scrape_timeout: 200ms}}\n\
             scrape_configs:\n- job_name: shop\n  static_configs: [{{targets: [{}]}}]\n",
            targets.join(", ")
        );
        fs::write(path("prometheus.yml"), configuration).expect("the configuration");
        let authority = secure.then(|| make_secure(directory.path()));
        let (process, port) = on_free_port("prometheus", |port| {
            let mut command = Command::new(&program);
            command.current_dir(directory.path()).args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"]);
            command.arg(format!("--web.listen-address=127.0.0.1:{port}")).arg("--log.level=error");
            if secure {
                command.arg("--web.config.file=web.yml");
            }
            command
        });
        Some(Self { address: format!("127.0.0.1:{port}"), authority, _process: process, _directory: directory })
    }

    /// Waits until a query answers something; panics when it does not within half a minute. Not for a secure server.
    pub fn wait_for(&self, query: &str) {
        let query: String = query.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let url = format!("{}/api/v1/query?query={query}", self.url());
        let start = Instant::now();
        while start.elapsed() < START {
            let answers = get(&url).is_ok_and(|answer| answer.body.windows(8).any(|part| part == b"\"value\":"));
            if answers {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("Prometheus does not answer `{query}`");
    }

    /// Where it is.
    pub fn url(&self) -> String {
        let scheme = if self.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The certificate of its authority, as PEM; empty if it speaks plain HTTP.
    pub fn authority(&self) -> &str {
        self.authority.as_deref().unwrap_or_default()
    }
}

/// Makes an authority and a certificate of the server, and gives the authority's.
fn make_secure(directory: &Path) -> String {
    let openssl = |line: &str| {
        let mut command = Command::new("openssl");
        command.args(line.split(' ')).current_dir(directory).stderr(Stdio::null());
        assert!(command.status().is_ok_and(|status| status.success()), "openssl {line}");
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    fs::write(directory.join("extensions"), "subjectAltName=IP:127.0.0.1\n").expect("a file");
    openssl(&format!("req -x509 {key} -keyout ca.key -out ca.pem -days 2 -subj /CN=authority"));
    openssl(&format!("req {key} -keyout leaf.key -out leaf.csr -subj /CN=prometheus"));
    openssl(
        "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out leaf.pem -days 2 -extfile extensions",
    );
    let web = format!(
        "tls_server_config: {{cert_file: leaf.pem, key_file: leaf.key}}\nbasic_auth_users: {{ada: \"{PASSWORD}\"}}\n"
    );
    fs::write(directory.join("web.yml"), web).expect("a file");
    fs::read_to_string(directory.join("ca.pem")).expect("the certificate")
}
