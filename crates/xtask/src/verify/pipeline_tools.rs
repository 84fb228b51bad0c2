//! What the tests of whole pipelines run of what others wrote, beside what all tests need: each suite of `tests/pipelines` has a file that
//! installs its tools below `target/tools`, and a row.

mod ecs;
mod systems;

use std::path::Path;

use anyhow::{Context, Result};

use super::scanners;

/// Makes sure that the tools of one suite are there. The flag tells whether what needs root may be installed.
type Install = fn(root: &Path, may_install: bool) -> Result<()>;

/// The suites that need tools of their own, by the name of their file.
const SUITES: &[(&str, Install)] =
    &[("ecs", ecs::install), ("security", scanners::install_semgrep), ("systems", systems::install)];

/// Installs the tools of all suites.
pub(super) fn install(root: &Path, may_install: bool) -> Result<()> {
    for (suite, install) in SUITES {
        install(root, may_install).with_context(|| format!("the tools of the suite `{suite}`"))?;
    }
    Ok(())
}
