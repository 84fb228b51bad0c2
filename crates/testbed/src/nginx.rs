//! Debian's nginx on a loopback port, with settings of its own.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::real_registry::not_run;
use crate::real_registry::process::{Process, on_free_port};
use crate::real_registry::tools::program;

/// What serves a site whose upstream stands in a file of its own. It ends when it is dropped.
pub struct Nginx {
    program: PathBuf,
    port: u16,
    // The process ends before its directory goes.
    _process: Process,
    directory: TempDir,
}

impl Nginx {
    /// Starts one that sends every request to the upstream `name`, which nobody is yet; each request is a connection of its own. Where
    /// there is no nginx it is said loudly that `test` was not run.
    pub fn start(name: &str, test: &str) -> Option<Self> {
        let Some(program) = program("nginx") else {
            not_run(test, "no nginx here; `cargo verify --only registry-tools` provides it");
            return None;
        };
        let directory = TempDir::with_prefix("nginx-").expect("a temporary directory");
        fs::create_dir(directory.path().join("upstreams")).expect("a directory");
        fs::write(upstream(&directory, name), format!("upstream {name} {{ server 127.0.0.1:9; }}\n")).expect("a file");
        let (process, port) = on_free_port("nginx", |port| {
            fs::write(directory.path().join("nginx.conf"), settings(&directory, name, port)).expect("a file");
            let mut command = Command::new(&program);
            command.arg("-c").arg(directory.path().join("nginx.conf")).args(["-g", "daemon off;"]);
            command
        });
        Some(Self { program, port, _process: process, directory })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The file that says who the upstream is.
    pub fn upstream_file(&self, name: &str) -> PathBuf {
        upstream(&self.directory, name)
    }

    /// A shell's command that checks what the files say.
    pub fn check_command(&self) -> String {
        self.command("-t -q")
    }

    /// A shell's command that has it read its files anew: old workers finish their requests.
    pub fn reload_command(&self) -> String {
        self.command("-s reload")
    }

    fn command(&self, arguments: &str) -> String {
        format!("'{}' -c '{}/nginx.conf' {arguments}", self.program.display(), self.directory.path().display())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it only if it is asked.
        let _ = Command::new("sh").args(["-c", &self.command("-s stop")]).stderr(Stdio::null()).status();
    }
}

fn upstream(directory: &TempDir, name: &str) -> PathBuf {
    directory.path().join("upstreams").join(format!("{name}.conf"))
}

fn settings(directory: &TempDir, name: &str, port: u16) -> String {
    let place = directory.path().display();
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let paths: String = kinds.iter().map(|kind| format!("{kind}_temp_path {place}/{kind};\n")).collect();
    let user = if cfg!(unix) { "user root;\n" } else { "" };
    format!(
        "{user}worker_processes 2;\npid {place}/pid;\nerror_log {place}/errors;\nevents {{}}\nhttp {{\naccess_log off;\n\
         keepalive_timeout 0;\n{paths}include {place}/upstreams/*.conf;\n\
         server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{name}; }} }}\n}}\n"
    )
}
