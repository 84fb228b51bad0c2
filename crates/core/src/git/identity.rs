//! Who writes commits and tags.

use crate::{Error, ErrorKind, Result};

/// A name and an address, as git writes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    name: String,
    email: String,
}

impl Identity {
    /// What the names of accounts that are no persons end with on GitHub.
    pub const BOT: &str = "[bot]";

    /// A person or a bot.
    ///
    /// # Errors
    /// `InvalidInput` if git could not write it into a commit: empty, or with `<`, `>` or control characters.
    pub fn new(name: &str, email: &str) -> Result<Self> {
        for text in [name, email] {
            if text.trim().is_empty() || text.contains(['<', '>']) || text.chars().any(char::is_control) {
                return Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` cannot be part of a git identity"))
                    .hint("write a name and an address without `<`, `>` and line breaks"));
            }
        }
        Ok(Self { name: name.into(), email: email.into() })
    }

    /// The bot that GitHub shows for a workflow's own commits.
    pub fn workflow() -> Self {
        Self {
            name: "github-actions[bot]".into(),
            email: "41898282+github-actions[bot]@users.noreply.github.com".into(),
        }
    }

    /// The identity and a time in milliseconds since the Unix epoch, as the objects that git stores have them.
    pub(super) fn stamp(&self, time: i64) -> String {
        format!("{} <{}> {} +0000", self.name, self.email, time.div_euclid(1000))
    }

    /// The variables that make git write as this identity at a time in milliseconds since the Unix epoch.
    pub(super) fn variables(&self, time: i64) -> Vec<(String, String)> {
        let date = format!("@{} +0000", time.div_euclid(1000));
        let mut variables = Vec::new();
        for role in ["AUTHOR", "COMMITTER"] {
            variables.push((format!("GIT_{role}_NAME"), self.name.clone()));
            variables.push((format!("GIT_{role}_EMAIL"), self.email.clone()));
            variables.push((format!("GIT_{role}_DATE"), date.clone()));
        }
        variables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_cannot_break_a_commit() {
        for (name, email) in [("", "a@b"), ("a\n::error::", "a@b"), ("a", "x> <y@z")] {
            assert!(Identity::new(name, email).is_err(), "{name:?} {email:?}");
        }
        assert!(Identity::new("Ada", "ada@example.org").is_ok());
    }
}
