//! Registries that others wrote: Debian's docker-registry, skopeo to look into it, and a real Docker daemon to push to it.

mod daemon;
pub(crate) mod process;
mod token_server;
pub(crate) mod tools;

use std::fs;

use tempfile::TempDir;

pub use daemon::DockerDaemon;
use token_server::TokenServer;
pub use tools::RegistryTools;
pub(crate) use tools::{libraries, not_run};

use process::Process;

/// The user of registries that want one.
const USER: &str = "ada";
/// `pass:word` as bcrypt has it.
const HTPASSWD: &str = "ada:$2y$04$Ey29PhVjc.ebMWlOtlEtx.s/0rfA8HThOoM64uLAVESOR.l/hW1re\n";

/// Who may enter a [`DockerRegistry`]. The user is `ada`, the password `pass:word`.
#[derive(Debug)]
pub enum RegistryAuth {
    /// Everybody.
    Anyone,
    /// Whoever shows the password with every request.
    Password,
    /// Whoever brings a token from a [`TokenServer`], where everybody may pull from `public/…` and the user may do everything.
    Token,
}

/// Debian's docker-registry on a loopback port, stopped when it is dropped.
pub struct DockerRegistry {
    address: String,
    token_server: Option<TokenServer>,
    // The process ends before its directory goes.
    _process: Process,
    _directory: TempDir,
}

impl DockerRegistry {
    /// Starts an empty registry.
    pub fn start(tools: &RegistryTools, auth: RegistryAuth) -> Self {
        let directory = TempDir::with_prefix("registry-").expect("a temporary directory");
        let path = |name: &str| directory.path().join(name).display().to_string();
        let token_server = matches!(auth, RegistryAuth::Token).then(|| TokenServer::start(directory.path()));
        let auth = match &token_server {
            Some(server) => format!(
                "auth: {{token: {{realm: \"{}/token\", service: testbed, issuer: testbed, rootcertbundle: \"{}\"}}}}",
                server.url(),
                path("certificate.pem"),
            ),
            None if matches!(auth, RegistryAuth::Password) => {
                fs::write(directory.path().join("htpasswd"), HTPASSWD).expect("the password file");
                format!("auth: {{htpasswd: {{realm: testbed, path: \"{}\"}}}}", path("htpasswd"))
            }
            None => String::new(),
        };
        let (process, port) = process::on_free_port("docker-registry", |port| {
            let configuration = format!(
                "version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\nstorage: {{filesystem: {{rootdirectory: \
                 \"{}\"}}}}\nhttp: {{addr: \"127.0.0.1:{port}\", secret: testbed}}\n{auth}\n",
                path("data")
            );
            fs::write(directory.path().join("config.yml"), configuration).expect("the configuration");
            let mut command = tools.command("docker-registry");
            command.arg("serve").arg(directory.path().join("config.yml"));
            command
        });
        Self { address: format!("127.0.0.1:{port}"), token_server, _process: process, _directory: directory }
    }

    /// `127.0.0.1:PORT`, as it stands in an image reference.
    pub fn host(&self) -> String {
        self.address.clone()
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The scopes that tokens were asked for, in their order: who asked, and for what.
    pub fn scopes(&self) -> Vec<(String, String)> {
        self.token_server.as_ref().map(TokenServer::scopes).unwrap_or_default()
    }
}
