//! Where docker-registry, skopeo and dockerd are.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::binary::workspace;

/// What `cargo verify` sets where its tests must not be left out.
const VARIABLE: &str = "SLIPWAY_REGISTRY_TOOLS";

/// Debian's packages, unpacked.
#[derive(Clone, Debug)]
pub struct RegistryTools(PathBuf);

impl RegistryTools {
    /// The tools, if they are there; else it is said loudly that `test` was not run. Panics when `cargo verify` promised them.
    pub fn find(test: &str) -> Option<Self> {
        let place = place();
        if place.join("usr/bin/docker-registry").is_file() {
            return Some(Self(place));
        }
        assert!(std::env::var_os(VARIABLE).is_none(), "`{VARIABLE}` names no docker-registry");
        not_run(test, "no docker-registry here; `cargo verify --only registry-tools` provides it");
        None
    }

    /// One of the programs, which finds the others and its libraries.
    pub fn command(&self, program: &str) -> Command {
        let folders = folders(&self.0);
        let found = folders.iter().map(|folder| folder.join(program)).find(|path| path.is_file());
        let mut command = Command::new(found.unwrap_or_else(|| panic!("the tools have no `{program}`")));
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(folders.into_iter().chain(std::env::split_paths(&path)));
        command.env("PATH", path.expect("folders that can be in PATH"));
        command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries(&self.0)).expect("folders without colons"));
        command
    }

    /// Runs skopeo and gives what it prints; panics with its words when it fails.
    pub fn skopeo(&self, arguments: &[&str]) -> String {
        let mut command = self.command("skopeo");
        command.args(["--insecure-policy", "--tmpdir"]).arg(std::env::temp_dir()).args(arguments);
        let output = command.output().unwrap_or_else(|error| panic!("skopeo did not start: {error}"));
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "skopeo {arguments:?}: {words}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The digest of what a registry has under a reference, by skopeo's word: of the bytes that it got.
    pub fn digest(&self, reference: &str, login: &[&str]) -> String {
        let mut arguments = vec!["inspect", "--tls-verify=false", "--raw"];
        arguments.extend(login);
        let address = format!("docker://{reference}");
        arguments.push(&address);
        let mut command = self.command("skopeo");
        let output = command.arg("--insecure-policy").args(&arguments).output().expect("skopeo starts");
        assert!(output.status.success(), "skopeo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        crate::registry::digest(&output.stdout)
    }
}

/// Where Debian's packages are unpacked, if they are.
pub(crate) fn place() -> PathBuf {
    std::env::var_os(VARIABLE).map_or_else(|| workspace().join("target/tools/registry"), PathBuf::from)
}

fn folders(place: &Path) -> [PathBuf; 3] {
    ["usr/bin", "usr/sbin", "bin"].map(|folder| place.join(folder))
}

/// A program of the unpacked packages, or else of the machine.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut all = folders(&place()).into_iter().chain(std::env::split_paths(&path));
    all.find_map(|folder| Some(folder.join(name)).filter(|program| program.is_file()))
}

/// Says it where it is seen: what tests print with macros is kept from whoever looks at a run that passed.
pub(crate) fn not_run(test: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "\n*** NOT RUN: {test}: {why} ***\n");
}

/// Where the libraries of unpacked packages are.
pub(crate) fn libraries(place: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place.join("usr/lib")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}
