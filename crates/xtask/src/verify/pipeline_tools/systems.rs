//! What reads the files of other CI systems: gitlab-ci-local, and groovy of Jenkins' line.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::process;
use crate::verify::tools::npm_install;

/// What runs GitLab's files with a shell.
const GITLAB_CI_LOCAL: &str = "gitlab-ci-local@4.75.1";
/// Debian's packages: groovy, and rsync, which gitlab-ci-local copies with, and its libraries.
const PACKAGES: &[&str] = &["groovy", "rsync", "libpopt0", "libxxhash0"];

/// Makes sure that they are there, unpacked without root.
///
/// # Errors
/// If one cannot be had, or there is no Java to run groovy.
pub(super) fn install(root: &Path, _may_install: bool) -> Result<()> {
    let place = root.join("target/tools/systems");
    if !place.join("node_modules/gitlab-ci-local").is_dir() {
        process::run(&mut npm_install(&place, GITLAB_CI_LOCAL))?;
    }
    if !place.join("usr/share/java/groovy-all.jar").is_file() || !place.join("usr/bin/rsync").is_file() {
        unpack(&place)?;
    }
    let java = Command::new("java").arg("-version").stderr(Stdio::null()).status();
    ensure!(java.is_ok_and(|status| status.success()), "no Java: run `apt-get install default-jre-headless`");
    Ok(())
}

/// Unpacks Debian's packages.
fn unpack(place: &Path) -> Result<()> {
    let downloads = place.join("packages");
    std::fs::create_dir_all(&downloads).with_context(|| format!("`{}`", downloads.display()))?;
    let mut apt = Command::new("apt-get");
    // The sandbox of root's downloads cannot write here, which is only a warning.
    apt.args(["--quiet=2", "download"]).args(PACKAGES).current_dir(&downloads).stderr(Stdio::null());
    process::run(&mut apt)
        .with_context(|| format!("no packages `{}`; `apt-get update` lists them", PACKAGES.join(" ")))?;
    for entry in std::fs::read_dir(&downloads).with_context(|| format!("`{}`", downloads.display()))? {
        process::run(Command::new("dpkg").arg("-x").arg(entry?.path()).arg(place))?;
    }
    std::fs::remove_dir_all(&downloads).with_context(|| format!("`{}`", downloads.display()))
}
