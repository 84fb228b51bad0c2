//! The programs that are measured beside ours, each installed from its registry into `target/bench`.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::verify::tools::npm_install;
use crate::{process, workspace};

/// A program that sets values in YAML files.
pub(super) struct Peer {
    pub name: &'static str,
    pub version: &'static str,
    /// The command that makes the edits of a list of jobs, when installed in the folder.
    pub edit: fn(&Path, &Path) -> Command,
    /// Whether it can edit many files in one process.
    pub is_library: bool,
}

const RUAMEL: &str = "0.18.16";
const NPM_YAML: &str = "2.8.1";
const YQ: &str = "3.4.3";

/// Every one of them.
pub(super) const PEERS: &[Peer] = &[
    Peer {
        name: "ruamel.yaml",
        version: RUAMEL,
        edit: |folder, jobs| python(folder, "ruamel", jobs),
        is_library: true,
    },
    Peer {
        name: "yaml (npm)",
        version: NPM_YAML,
        edit: |folder, jobs| {
            let mut node = Command::new("node");
            node.arg(folder.join("peers.cjs")).arg(jobs);
            node
        },
        is_library: true,
    },
    Peer { name: "yq (PyPI) -Y", version: YQ, edit: |folder, jobs| python(folder, "yq", jobs), is_library: false },
];

fn python(folder: &Path, tool: &str, jobs: &Path) -> Command {
    let mut command = Command::new(folder.join("venv-yaml/bin/python"));
    command.arg(folder.join("peers.py")).arg(tool).arg(jobs);
    command
}

/// Makes sure that they are installed below a folder.
pub(super) fn install(folder: &Path) -> Result<()> {
    workspace::write(&folder.join("peers.py"), include_bytes!("peers.py"))?;
    workspace::write(&folder.join("peers.cjs"), include_bytes!("peers.cjs"))?;
    let venv = folder.join("venv-yaml");
    if !venv.join("bin/yq").is_file() {
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        let mut pip = Command::new(venv.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        process::run(pip.arg(format!("ruamel.yaml=={RUAMEL}")).arg(format!("yq=={YQ}")))?;
    }
    if !folder.join("node_modules/yaml/package.json").is_file() {
        process::run(&mut npm_install(folder, &format!("yaml@{NPM_YAML}")))?;
    }
    Ok(())
}
