//! Regular expressions of users: JavaScript's syntax on an engine that takes linear time.

use slipway_core::{Error, ErrorKind, Result};

/// A regular expression.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    engine: regex_lite::Regex,
}

impl Pattern {
    /// Reads an expression: `/expression/flags`, or the expression alone.
    ///
    /// # Errors
    /// `InvalidInput` for one that is wrong, too large, or beyond what takes linear time.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let engine = regex_lite::Regex::new(text)
            .map_err(|e| Error::new(ErrorKind::InvalidInput, format!("`{text}` is no regular expression: {e}")))?;
        Ok(Self { engine })
    }

    /// The first match: the whole of it, then each group; a group that took no part is `None`.
    pub(crate) fn captures(&self, text: &str) -> Option<Vec<Option<String>>> {
        let captures = self.engine.captures(text)?;
        Some(captures.iter().map(|group| group.map(|group| group.as_str().into())).collect())
    }

    /// How many groups it has, the whole match not counted.
    pub(crate) fn group_count(&self) -> usize {
        self.engine.captures_len() - 1
    }
}
