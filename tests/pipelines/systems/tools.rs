//! What other systems' files are read by, below `target/tools/systems`.

use std::path::PathBuf;
use std::process::Command;

use testbed::{node24, workspace};

/// Where `cargo verify --only pipelines` puts them.
fn place() -> PathBuf {
    workspace().join("target/tools/systems")
}

/// The folders of their programs.
pub(crate) fn folders() -> Vec<PathBuf> {
    let node = node24().unwrap_or_else(|reason| panic!("{reason}"));
    vec![node.parent().unwrap().to_owned(), place().join("usr/bin")]
}

/// The folders of their libraries.
pub(crate) fn libraries() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place().join("usr/lib")).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// What runs GitLab's files on this machine.
pub(crate) fn gitlab_ci_local() -> Command {
    let program = place().join("node_modules/gitlab-ci-local/dist/index.js");
    assert!(program.is_file(), "no `{}`: run `cargo verify --only pipelines`", program.display());
    let mut node = Command::new(node24().unwrap_or_else(|reason| panic!("{reason}")));
    node.arg(program);
    node
}

/// Groovy of Jenkins' line, which runs a script.
pub(crate) fn groovy() -> Command {
    let library = place().join("usr/share/java/groovy-all.jar");
    assert!(library.is_file(), "no `{}`: run `cargo verify --only pipelines`", library.display());
    let mut java = Command::new("java");
    java.arg("-cp").arg(library).arg("groovy.ui.GroovyMain");
    java
}
