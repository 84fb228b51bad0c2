//! SSH by our own key and our own known hosts: no agent, no configuration of the user, no command that a repository names.

use super::Git;
use crate::Result;
use crate::host::Host;
use crate::secret::Secret;

/// The files of a scratch repository that hold the key and the hosts.
const FILES: [&str; 2] = ["deploy-key", "known-hosts"];

/// What a remote is reached with by SSH.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshAccess {
    /// The private key, without a passphrase.
    pub key: Secret<String>,
    /// The keys of the hosts that may answer, as `known_hosts` has them; no other host is spoken to.
    pub known_hosts: String,
}

impl<H: Host> Git<'_, H> {
    /// The same repository, talking to remotes by SSH too. For scratch repositories only: the key lies in the directory, where only
    /// this user's programs can read it, until [`Git::disconnect`].
    ///
    /// # Errors
    /// `Io` if it cannot be written.
    pub async fn connecting_with(self, access: &SshAccess) -> Result<Self> {
        let [key, known_hosts] = FILES.map(|name| format!("{}/{name}", self.directory));
        self.context.host.write_private(&key, key_file(&access.key).as_bytes()).await?;
        self.context.host.write_private(&known_hosts, format!("{}\n", access.known_hosts.trim()).as_bytes()).await?;
        Ok(Self { ssh_command: Some(command(&key, &known_hosts)), ..self })
    }

    /// Removes the key from the directory.
    ///
    /// # Errors
    /// `Io` if the operating system refuses.
    pub async fn disconnect(&self) -> Result<()> {
        for name in FILES {
            self.context.host.remove(&format!("{}/{name}", self.directory)).await?;
        }
        Ok(())
    }
}

/// A private key as OpenSSH reads it: Unix line breaks, and one at the end.
pub(super) fn key_file(key: &Secret<String>) -> String {
    format!("{}\n", key.expose().replace('\r', "").trim())
}

/// The command line, which git hands to a shell.
fn command(key: &str, known_hosts: &str) -> String {
    const OPTIONS: [&str; 15] = [
        "BatchMode=yes",
        "IdentitiesOnly=yes",
        "IdentityAgent=none",
        "StrictHostKeyChecking=yes",
        "GlobalKnownHostsFile=none",
        "UpdateHostKeys=no",
        "CheckHostIP=no",
        "PreferredAuthentications=publickey",
        "ClearAllForwardings=yes",
        "ForwardAgent=no",
        "ControlMaster=no",
        "ControlPath=none",
        "ProxyCommand=none",
        "PermitLocalCommand=no",
        "ConnectTimeout=30",
    ];
    let options: String = OPTIONS.iter().map(|option| format!(" -o {option}")).collect();
    // The value of an option is split at spaces again, unless it is quoted.
    let known_hosts = quoted(&format!("UserKnownHostsFile=\"{known_hosts}\""));
    format!("ssh -F none -i {}{options} -o {known_hosts}", quoted(key))
}

/// One word for a shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_one_word() {
        let command = command("/tmp/a b's/deploy-key", "/tmp/a b's/known-hosts");
        assert!(command.starts_with(r"ssh -F none -i '/tmp/a b'\''s/deploy-key' -o BatchMode=yes"), "{command}");
        assert!(command.ends_with(r#"-o 'UserKnownHostsFile="/tmp/a b'\''s/known-hosts"'"#), "{command}");
    }

    #[test]
    fn keys_get_the_line_breaks_that_openssh_wants() {
        assert_eq!(key_file(&Secret::new("\r\nA\r\nB".into())), "A\nB\n");
    }
}
