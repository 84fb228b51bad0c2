//! The rules that make a version of commits.

mod branch;
mod release;

use semver::{BuildMetadata, Version};
use slipway_core::input::numbered_lines;
use slipway_core::{Error, ErrorKind, Result};

use crate::component::Dependencies;
use crate::version::{Bump, ZeroMajor};

pub(crate) use branch::BranchRules;
pub(crate) use release::ReleaseRules;

/// How versions rise in a repository. It is all that a decision depends on but the commits and the last release.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The version of the first release.
    pub initial: Version,
    /// What a breaking change does while the major version is 0.
    pub zero_major: ZeroMajor,
    /// What stands after the `+` of every new version.
    pub build: BuildMetadata,
    /// Whether a message that the specification forbids counts for nothing, however plain its meaning.
    pub is_strict: bool,
    /// How far each type of commit raises the version.
    pub release: ReleaseRules,
    /// How far each branch does.
    pub branches: BranchRules,
    /// What commits that change only a dependency of the component do.
    pub dependencies: Dependencies,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            initial: Version::new(0, 1, 0),
            zero_major: ZeroMajor::Major,
            build: BuildMetadata::EMPTY,
            is_strict: false,
            release: ReleaseRules::default(),
            branches: BranchRules::default(),
            dependencies: Dependencies::Patch,
        }
    }
}

/// The entries of a list of rules, `what=bump` one a line, read by a function; errors name the line.
///
/// # Errors
/// `InvalidInput` for a line that is no rule, and for one whose left side occurred before.
fn lines<T>(text: &str, example: &str, read: impl Fn(&str, Bump) -> std::result::Result<T, String>) -> Result<Vec<T>> {
    let mut rules = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (number, line) in numbered_lines(text) {
        let refuse = |why: String| {
            Error::new(ErrorKind::InvalidInput, format!("line {number}, `{line}`: {why}"))
                .hint(format!("write one rule a line, such as `{example}`"))
        };
        let (what, word) = line.rsplit_once('=').ok_or_else(|| refuse("there is no `=` in it".into()))?;
        let (what, word) = (what.trim(), word.trim());
        let bump = Bump::from_word(word)
            .ok_or_else(|| refuse(format!("`{word}` is not `none`, `patch`, `minor` or `major`")))?;
        if seen.contains(&what) {
            return Err(refuse(format!("there is a rule for `{what}` already")));
        }
        seen.push(what);
        rules.push(read(what, bump).map_err(refuse)?);
    }
    Ok(rules)
}
