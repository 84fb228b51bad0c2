//! Debian's sshd on a loopback port, with keys of its own: nothing of the machine's SSH is read or written.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::real_registry::libraries;
use crate::{BareRepository, workspace};

/// A server that lets one key in, as the user who runs the test. It ends when it is dropped.
pub struct SshServer {
    directory: TempDir,
    port: u16,
    user: String,
    process: Child,
}

impl SshServer {
    /// Starts one; nothing where there is no sshd. Panics when it does not start.
    pub fn start() -> Option<Self> {
        let tools = workspace().join("target/tools/registry");
        let places = [PathBuf::from("/usr/sbin/sshd"), tools.join("usr/sbin/sshd")];
        let sshd = places.iter().find(|place| place.is_file())?;
        let directory = TempDir::with_prefix("ssh-").expect("a temporary directory");
        for name in ["host", "other-host", "client", "other-client"] {
            let mut command = Command::new("ssh-keygen");
            command.args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"]).arg(directory.path().join(name));
            assert!(command.status().is_ok_and(|status| status.success()), "ssh-keygen makes a key");
        }
        let user = Command::new("id").arg("-un").output().expect("a user").stdout;
        let user = String::from_utf8_lossy(&user).trim().to_owned();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on 127.0.0.1");
        let port = free.local_addr().expect("the address just bound").port();
        drop(free);
        let place = directory.path().display();
        let configuration = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {place}/host\nAuthorizedKeysFile {place}/client.pub\nPidFile none\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
        );
        std::fs::write(directory.path().join("sshd_config"), configuration).expect("a writable file");
        let mut process = command(sshd, &tools, directory.path()).spawn().expect("sshd starts");
        let started = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(25));
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
        });
        if !started {
            let _ = process.kill();
            let log = std::fs::read_to_string(directory.path().join("log")).unwrap_or_default();
            panic!("sshd did not start: {log}");
        }
        Some(Self { directory, port, user, process })
    }

    /// The address of a repository.
    pub fn url(&self, repository: &BareRepository) -> String {
        format!("ssh://{}@127.0.0.1:{}{}", self.user, self.port, repository.path().display())
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

impl Drop for SshServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The command that runs it. For root it wants a user and a directory of its own, which it gets in a namespace that only it sees.
fn command(sshd: &Path, tools: &Path, directory: &Path) -> Command {
    let script = r#"
if [ "$(id -u)" = 0 ] && ! { getent passwd sshd && [ -d /run/sshd ]; } >/dev/null; then
  { cat /etc/passwd; echo 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin'; } > "$2/passwd"
  exec unshare --mount sh -c 'mount --bind "$2/passwd" /etc/passwd && mount -t tmpfs none /run && mkdir -m 755 /run/sshd && exec "$1" -D -e -f "$2/sshd_config"' sh "$1" "$2"
fi
exec "$1" -D -e -f "$2/sshd_config""#;
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh"]).arg(sshd).arg(directory);
    command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries(tools)).expect("folders without colons"));
    let log = std::fs::File::create(directory.join("log")).expect("a writable file");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    command
}
