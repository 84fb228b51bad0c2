//! moto's server and the `aws` program: an environment of Python of their own, because they bring a hundred packages.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process;

/// What is installed from PyPI, at these versions.
const PACKAGES: [&str; 2] = ["moto[server]==5.2.5", "awscli==1.46.3"];

/// Installs them to `target/tools/aws`, if they are not there.
pub(super) fn install(root: &Path, _: bool) -> Result<()> {
    let venv = root.join("target/tools/aws");
    let programs = venv.join("bin");
    if ["moto_server", "aws"].iter().all(|program| programs.join(program).is_file()) {
        return Ok(());
    }
    process::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))
        .context("no Python environment (on Debian: `apt-get install python3-venv`)")?;
    let mut pip = Command::new(programs.join("python"));
    process::run(pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES))
}
