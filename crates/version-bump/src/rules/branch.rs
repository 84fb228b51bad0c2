//! `branch-rules`: how far a branch raises the version.

use slipway_core::Result;

use crate::version::Bump;
use crate::wildcard::Wildcard;

/// Patterns of branches with what they ask for; the first that fits counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BranchRules(Vec<(Wildcard, Bump)>);

impl BranchRules {
    /// Reads `pattern=bump`, one a line.
    ///
    /// # Errors
    /// `InvalidInput` that names the line.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        super::lines(text, "feature/*=minor", |pattern, bump| {
            if pattern.is_empty() || pattern.contains(char::is_whitespace) {
                return Err(format!("`{pattern}` is not the name of a branch"));
            }
            Ok((Wildcard::new(pattern), bump))
        })
        .map(Self)
    }

    /// Whether branches matter at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a branch asks for, and why.
    pub(crate) fn weigh(&self, branch: &str) -> Option<(Bump, String)> {
        let (pattern, bump) = self.0.iter().find(|(pattern, _)| pattern.matches(branch))?;
        Some((*bump, format!("branch `{branch}`: rule `{}={}`", pattern.as_str(), bump.word())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_fits_counts() {
        let rules = BranchRules::parse("feature/internal-*=none\nfeature/*=minor\nhotfix/*=patch\nepic=major").unwrap();
        for (branch, expected) in [
            ("feature/zip", Some(Bump::Minor)),
            ("feature/internal-x", Some(Bump::None)),
            ("hotfix/a/b", Some(Bump::Patch)),
            ("epic", Some(Bump::Major)),
            ("epics", None),
            ("main", None),
        ] {
            assert_eq!(rules.weigh(branch).map(|(bump, _)| bump), expected, "{branch}");
        }
        assert!(BranchRules::parse("feature/*").unwrap_err().to_string().contains("line 1"));
        assert!(BranchRules::parse("a b=minor").is_err() && BranchRules::parse("=minor").is_err());
    }
}
