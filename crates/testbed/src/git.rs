//! Running git with nothing of the user's or the machine's settings in it.

use std::path::Path;
use std::process::{Command, Output};

/// `git` in `directory`: no user or system configuration, no prompts, no pager, English messages, a fixed identity,
/// and the same behaviour whatever the defaults of the installed version are.
pub(crate) fn command(directory: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(directory).env_clear();
    for kept in ["PATH", "SystemRoot", "TMPDIR", "TEMP"] {
        if let Some(value) = std::env::var_os(kept) {
            git.env(kept, value);
        }
    }
    git.envs([
        ("HOME", "/nonexistent"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("GIT_PAGER", "cat"),
        ("GIT_EDITOR", "true"),
        ("LC_ALL", "C"),
        ("TZ", "UTC"),
        ("GIT_AUTHOR_NAME", "Ada Author"),
        ("GIT_AUTHOR_EMAIL", "ada@example.com"),
        ("GIT_COMMITTER_NAME", "Carl Committer"),
        ("GIT_COMMITTER_EMAIL", "carl@example.com"),
    ]);
    for setting in [
        "init.defaultBranch=main",
        "advice.detachedHead=false",
        "commit.gpgSign=false",
        "core.autocrlf=false",
        "gc.auto=0",
        "maintenance.auto=false",
        "protocol.file.allow=always",
    ] {
        git.args(["-c", setting]);
    }
    git
}

/// Runs it to its end. Gives stdout without the final newline, or the command and what it wrote to stderr.
pub(crate) fn run(mut git: Command, arguments: &[&str]) -> Result<String, String> {
    let Output { status, stdout, stderr } = git.args(arguments).output().expect("git is on the PATH");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if status.success() {
        let mut stdout = text(stdout);
        if stdout.ends_with('\n') {
            stdout.pop();
        }
        Ok(stdout)
    } else {
        Err(format!("git {}: {status}: {}", arguments.join(" "), text(stderr).trim_end()))
    }
}
