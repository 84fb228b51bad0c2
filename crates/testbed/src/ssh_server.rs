//! Debian's sshd on a loopback port, with keys of its own: nothing of the machine's SSH is read or written.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::BareRepository;
use crate::real_registry::libraries;
use crate::real_registry::process::{Process, on_free_port};
use crate::real_registry::tools::{not_run, place};

/// A server that lets one key in, as the user who runs the test. It ends when it is dropped.
pub struct SshServer {
    port: u16,
    user: String,
    // The process ends before its directory goes.
    _process: Process,
    directory: TempDir,
}

impl SshServer {
    /// Starts one, if there is an sshd; else it is said loudly that `test` was not run. Panics when it does not start.
    pub fn start(test: &str) -> Option<Self> {
        Self::start_with(test, &[])
    }

    /// The same with variables in the environment of every session.
    pub fn start_with(test: &str, environment: &[(String, String)]) -> Option<Self> {
        let tools = place();
        let places = [PathBuf::from("/usr/sbin/sshd"), tools.join("usr/sbin/sshd")];
        let Some(sshd) = places.iter().find(|place| place.is_file()) else {
            not_run(test, "there is no sshd");
            return None;
        };
        let directory = TempDir::with_prefix("ssh-").expect("a temporary directory");
        for name in ["host", "other-host", "client", "other-client"] {
            let mut command = Command::new("ssh-keygen");
            command.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(directory.path().join(name));
            assert!(command.status().is_ok_and(|status| status.success()), "ssh-keygen makes a key");
        }
        let user = Command::new("id").arg("-un").output().expect("a user").stdout;
        let user = String::from_utf8_lossy(&user).trim().to_owned();
        let place = directory.path().display();
        let environment: String = environment.iter().map(|(name, value)| format!(" \"{name}={value}\"")).collect();
        let environment = if environment.is_empty() { environment } else { format!("SetEnv{environment}\n") };
        let configuration = format!(
            "ListenAddress 127.0.0.1\nHostKey {place}/host\nAuthorizedKeysFile {place}/client.pub\nPidFile none\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n\
             {environment}"
        );
        std::fs::write(directory.path().join("sshd_config"), configuration).expect("a writable file");
        let (process, port) = on_free_port("sshd", |port| command(sshd, &tools, directory.path(), port));
        Some(Self { port, user, _process: process, directory })
    }

    /// The address of a repository.
    pub fn url(&self, repository: &BareRepository) -> String {
        format!("ssh://{}@127.0.0.1:{}{}", self.user, self.port, repository.path().display())
    }

    /// Its port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The user that is let in.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The private key that is let in.
    pub fn key(&self) -> String {
        self.read("client")
    }

    /// Another private key.
    pub fn other_key(&self) -> String {
        self.read("other-client")
    }

    /// The server's line of `known_hosts`.
    pub fn known_hosts(&self) -> String {
        self.host_line("host.pub")
    }

    /// The same with the key of another host.
    pub fn other_host(&self) -> String {
        self.host_line("other-host.pub")
    }

    fn host_line(&self, name: &str) -> String {
        format!("[127.0.0.1]:{} {}", self.port, self.read(name).trim())
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.directory.path().join(name)).expect("a file of this server")
    }
}

/// The command that runs it. For root it wants a user and a directory of its own, which it gets in a namespace that only it sees.
fn command(sshd: &Path, tools: &Path, directory: &Path, port: u16) -> Command {
    let script = r#"
if [ "$(id -u)" = 0 ] && ! { getent passwd sshd && [ -d /run/sshd ]; } >/dev/null; then
  { cat /etc/passwd; echo 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin'; } > "$2/passwd"
  exec unshare --mount sh -c 'mount --bind "$2/passwd" /etc/passwd && mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec "$1" -D -f "$2/sshd_config" -p "$3"' sh "$1" "$2" "$3"
fi
exec "$1" -D -f "$2/sshd_config" -p "$3""#;
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh"]).arg(sshd).arg(directory).arg(port.to_string());
    command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries(tools)).expect("folders without colons"));
    command
}
