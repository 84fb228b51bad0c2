//! `cargo xtask starters`: the starters as a release has them, with its commit in the place of our floating tag.
//!
//! In the repository they name `@v0`, because no commit can hold its own name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use clap::{Arg, ArgMatches, Command};

use crate::workspace;

/// Where the starters are.
const STARTERS: &str = ".github/workflow-templates";
/// What stands before the path of whatever they use of ours.
const OURS: &str = "slipway-release/slipway/";
/// The ref that they name in the repository.
const FLOATING: &str = "@v0";

/// The options of `cargo xtask starters`.
pub(crate) fn command() -> Command {
    let required = |name: &'static str| Arg::new(name).long(name).required(true);
    Command::new("starters")
        .about("Writes the starters with the commit of a release in them")
        .arg(required("commit").value_name("SHA").help("The commit that carries the release tag"))
        .arg(required("tag").value_name("TAG").help("The release tag, such as v0.3.1"))
        .arg(Arg::new("output").long("output").value_name("FOLDER").default_value("target/starters"))
}

/// Runs `cargo xtask starters`.
pub(crate) fn run(arguments: &ArgMatches) -> Result<ExitCode> {
    let given = |name: &str| arguments.get_one::<String>(name).map(String::as_str).unwrap_or_default();
    let (commit, tag) = (given("commit"), given("tag"));
    ensure!(
        commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)),
        "`{commit}` is no full commit id"
    );
    ensure!(tag.starts_with('v') && !tag.contains(char::is_whitespace), "`{tag}` is no release tag");
    let root = workspace::root()?;
    for written in write(&root, &root.join(given("output")), commit, tag)? {
        println!("{}", written.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes all starters, and what lies beside them, into the folder `output`, and gives the files.
pub(crate) fn write(root: &Path, output: &Path, commit: &str, tag: &str) -> Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for file in workspace::files(root, &[&format!(":(glob){STARTERS}/**")])? {
        let text = fs::read_to_string(root.join(&file)).with_context(|| format!("`{file}`"))?;
        let to = output.join(Path::new(&file).strip_prefix(STARTERS)?);
        fs::create_dir_all(to.parent().unwrap_or(output))?;
        fs::write(&to, pinned(&text, commit, tag)).with_context(|| format!("`{}`", to.display()))?;
        written.push(to);
    }
    Ok(written)
}

/// The text with the commit wherever it uses something of ours.
pub(crate) fn pinned(text: &str, commit: &str, tag: &str) -> String {
    let line = |line: &str| match line.split_once(OURS) {
        Some((before, rest)) if before.ends_with("uses: ") && rest.trim_end().ends_with(FLOATING) => {
            let path = rest.trim_end().trim_end_matches(FLOATING);
            format!("{before}{OURS}{path}@{commit} # {tag}\n")
        }
        _ => line.to_owned(),
    };
    text.split_inclusive('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_ours_gets_the_commit() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        let text = "jobs:\n  a:\n    uses: slipway-release/slipway/.github/workflows/release.yml@v0\n  b:\n    steps:\n      \
                    - uses: slipway-release/slipway/actions/image-tag@v0\n      - uses: actions/cache@v0\n      # slipway-release/slipway/x@v0\n";
        let expected = text
            .replace("release.yml@v0", &format!("release.yml@{commit} # v0.3.1"))
            .replace("image-tag@v0", &format!("image-tag@{commit} # v0.3.1"));
        assert_eq!(pinned(text, commit, "v0.3.1"), expected);
    }
}
