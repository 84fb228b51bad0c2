//! Names with wildcards, for branches and scopes.

/// A name in which `*` stands for any characters, slashes among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wildcard(String);

impl Wildcard {
    /// Takes a pattern as it is.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The pattern as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether only the name itself matches.
    pub(crate) fn is_literal(&self) -> bool {
        !self.0.contains('*')
    }

    /// Whether a name matches; linear in its length for each `*`.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let Some((start, rest)) = self.0.split_once('*') else { return self.0 == name };
        let Some(mut name) = name.strip_prefix(start) else { return false };
        let mut pieces: Vec<&str> = rest.split('*').collect();
        let end = pieces.pop().unwrap_or_default();
        for piece in pieces {
            let Some(at) = name.find(piece) else { return false };
            name = &name[at + piece.len()..];
        }
        name.ends_with(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, matches) in [
            ("main", "main", true),
            ("main", "maintenance", false),
            ("feature/*", "feature/a/b", true),
            ("feature/*", "feature/", true),
            ("feature/*", "my/feature/a", false),
            ("*.x", "1.2.x", true),
            ("*.x", "1.2.y", false),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXcXb", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("**", "x", true),
            ("größe/*", "größe/ä", true),
        ] {
            assert_eq!(Wildcard::new(pattern).matches(name), matches, "{pattern} {name}");
        }
    }
}
