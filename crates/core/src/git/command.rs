//! How git is started: its settings and its environment, in which nothing that a repository or an earlier step left behind takes part.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::argv::Credentials;
use super::{Argv, Git};
use crate::host::{Command, Host};

/// The longest that one git command may take.
const TIME_LIMIT: Duration = Duration::from_secs(10 * 60);

/// Where no file is, on Windows too: git knows the name there.
pub(super) const NOWHERE: &str = "/dev/null";

impl<H: Host> Git<'_, H> {
    pub(super) fn command(&self, argv: Argv, input: Vec<u8>) -> Command {
        let mut command = self.context.command("git", &[], TIME_LIMIT);
        for (name, value) in &mut command.environment {
            if name.eq_ignore_ascii_case("PATH") {
                *value = trusted_path(value, &[self.context.workspace(), &self.context.directory]);
            }
        }
        // An empty search path means the working directory; without one, the system has its own.
        command.environment.retain(|(name, value)| !value.is_empty() || !name.eq_ignore_ascii_case("PATH"));
        command.directory.clone_from(&self.directory);
        let mut configuration = self.configuration();
        if let Some(Credentials { url, header }) = argv.credentials().or(self.login.as_ref()) {
            let key = format!("http.{url}.extraheader");
            configuration.extend([
                (format!("http.{url}.followRedirects"), "false".into()),
                (key.clone(), String::new()),
                (key, header.clone()),
            ]);
        }
        command.arguments = argv.into_arguments();
        command.input = input;
        let set = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let ours = ["LC_ALL", "LANGUAGE", "SSH_ASKPASS", "SSH_AUTH_SOCK"];
        command.environment.retain(|(name, _)| !ours.contains(&name.as_str()));
        let protocols = if self.ssh_command.is_some() { "file:http:https:ssh" } else { "file:http:https" };
        command.environment.extend([
            set("LC_ALL", "C"),
            set("GIT_TERMINAL_PROMPT", "0"),
            set("GIT_ASKPASS", ""),
            set("GIT_NO_REPLACE_OBJECTS", "1"),
            set("GIT_GRAFT_FILE", "/dev/null"),
            set("GIT_OPTIONAL_LOCKS", "0"),
            set("GIT_ALLOW_PROTOCOL", protocols),
            set("GIT_SSH_VARIANT", "ssh"),
        ]);
        if !self.lazy_fetch {
            command.environment.push(set("GIT_NO_LAZY_FETCH", "1"));
        }
        if let Some(above) = self.context.above_workspace() {
            command.environment.push(set("GIT_CEILING_DIRECTORIES", above));
        }
        if let Some(index) = &self.index {
            command.environment.push(set("GIT_INDEX_FILE", index));
        }
        command.environment.push(set("GIT_CONFIG_COUNT", &configuration.len().to_string()));
        for (index, (key, value)) in configuration.into_iter().enumerate() {
            command.environment.push((format!("GIT_CONFIG_KEY_{index}"), key));
            command.environment.push((format!("GIT_CONFIG_VALUE_{index}"), value));
        }
        if let Some((identity, time)) = &self.identity {
            command.environment.extend(identity.variables(*time));
        }
        command
    }

    /// Settings that lie over the repository's own: no program that it names is run, and the token goes to its own server only.
    fn configuration(&self) -> Vec<(String, String)> {
        let mut settings: Vec<(String, String)> = [
            ("core.hooksPath", NOWHERE),
            ("core.fsmonitor", "false"),
            ("core.pager", "cat"),
            ("core.askPass", ""),
            ("core.sshCommand", self.ssh_command.as_deref().unwrap_or("false")),
            ("core.alternateRefsCommand", "false"),
            ("core.quotePath", "false"),
            ("credential.helper", ""),
            ("color.ui", "false"),
            ("log.showSignature", "false"),
            ("log.mailmap", "false"),
            ("i18n.logOutputEncoding", "UTF-8"),
            ("gc.auto", "0"),
            ("maintenance.auto", "false"),
            ("fetch.recurseSubmodules", "false"),
            ("push.recurseSubmodules", "no"),
            ("push.gpgSign", "false"),
            ("tag.gpgSign", "false"),
            ("commit.gpgSign", "false"),
            ("gpg.program", "gpg"),
            ("gpg.openpgp.program", "gpg"),
            ("gpg.x509.program", "gpgsm"),
            ("gpg.ssh.program", "ssh-keygen"),
            ("gpg.ssh.defaultKeyCommand", "false"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into();
        if let Some(key) = &self.signing_key {
            settings.extend(key.settings());
        }
        settings.extend(self.own_directories().map(|directory| ("safe.directory".to_owned(), directory)));
        let server = &self.context.environment.server_url;
        // git would send the header on to wherever a redirect leads, be it ours or one that the checkout left behind.
        settings.push((format!("http.{server}/.followRedirects"), "false".into()));
        if let Some(token) = &self.context.token {
            let key = format!("http.{server}/.extraheader");
            let basic = BASE64_STANDARD.encode(format!("x-access-token:{}", token.expose()));
            // An empty value first: two Authorization headers, ours and one that the checkout left behind, are refused by servers.
            settings.push((key.clone(), String::new()));
            settings.push((key, format!("Authorization: Basic {basic}")));
        }
        settings
    }

    /// The directories whose repository is meant to be used, whoever owns it: this one, and those above it in the workspace.
    fn own_directories(&self) -> impl Iterator<Item = String> {
        let below = self.directory.strip_prefix(self.context.workspace()).filter(|rest| rest.starts_with('/'));
        let depth = below.map_or(0, |rest| rest.matches('/').count());
        let above = |directory: &String| directory.rsplit_once('/').map(|(above, _)| above.to_owned());
        std::iter::successors(Some(self.directory.clone()), above).take(depth + 1)
    }
}

/// The search path without relative folders and those of the workspace, where an earlier step could have left a `git` of its own.
fn trusted_path(path: &str, ours: &[&str]) -> String {
    let separator = if path.contains(';') { ';' } else { ':' };
    let is_absolute =
        |folder: &str| folder.starts_with('/') || folder.get(1..3).is_some_and(|rest| matches!(rest, ":\\" | ":/"));
    let ours: Vec<Vec<String>> = ours.iter().map(|folder| parts(folder)).collect();
    let is_inside = |folder: &str| ours.iter().any(|ours| parts(folder).starts_with(ours));
    path.split(separator)
        .filter(|folder| is_absolute(folder) && !is_inside(folder))
        .collect::<Vec<_>>()
        .join(if separator == ';' { ";" } else { ":" })
}

/// The names that lead to a folder, `.` and `..` resolved; drives and folders of Windows in one case.
fn parts(folder: &str) -> Vec<String> {
    let of_windows = folder.get(1..2) == Some(":");
    let mut parts = Vec::new();
    for part in folder.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part if of_windows => parts.push(part.to_ascii_lowercase()),
            part => parts.push(part.to_owned()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_is_not_looked_for_in_the_workspace() {
        for (path, workspace, trusted) in [
            (".:/usr/bin:/w/x/bin:node_modules/.bin:/w/xy", "/w/x", "/usr/bin:/w/xy"),
            ("//w/x:/w/./x/:/w/y/../x/bin:/usr/bin", "/w/x/", "/usr/bin"),
            (r"C:\Git\cmd;.;tools;c:\W\X\bin;c:/w/x", r"C:\w\x", r"C:\Git\cmd"),
            ("", "/w/x", ""),
        ] {
            assert_eq!(trusted_path(path, &[workspace]), trusted);
        }
    }
}
