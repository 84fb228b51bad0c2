//! Names of environments and components. Building one is the validation.

use std::fmt;

use serde::Serialize;
use slipway_core::git::RefName;
use slipway_core::{Error, ErrorKind, Result, validated_text};

/// The longest name.
const LIMIT: usize = 100;

validated_text! {
    /// Where releases run, such as `production`.
    ///
    /// Lower-case letters, digits, `.`, `_` and `-`, first a letter or digit; it can be one part of a ref.
    EnvironmentName, |text| check("an environment", text)
}
validated_text! {
    /// What is released, such as `shop`.
    ///
    /// Lower-case letters, digits, `.`, `_` and `-`, first a letter or digit; it can be one part of a ref.
    ComponentName, |text| check("a component", text)
}

fn check(what: &str, text: &str) -> Result<()> {
    let refuse = |why: &str| {
        Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` cannot be the name of {what}: it {why}"))
            .hint("use lower-case letters, digits, `.`, `_` and `-`, such as `production`"))
    };
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if !text.starts_with(is_word) {
        return refuse("does not start with a lower-case letter or a digit");
    }
    if let Some(bad) = text.chars().find(|c| !is_word(*c) && !matches!(c, '.' | '_' | '-')) {
        return refuse(&format!("holds {bad:?}"));
    }
    if text.contains("..") || text.ends_with('.') || text.ends_with(".lock") {
        return refuse("holds `..`, or ends with `.` or `.lock`, which git refuses in refs");
    }
    if text.len() > LIMIT {
        return refuse("is longer than 100 characters");
    }
    Ok(())
}

/// One component in one environment: what a deployment, a verdict and a rollback are about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Target {
    /// Where it runs.
    pub environment: EnvironmentName,
    /// What runs.
    pub component: ComponentName,
}

impl Target {
    /// The ref of the target's verdicts: `refs/slipway/<environment>/<component>`.
    ///
    /// # Errors
    /// Never for names that were validated; the type of a ref checks again.
    pub fn record(&self) -> Result<RefName> {
        format!("refs/slipway/{}/{}", self.environment, self.component).parse()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.component, self.environment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parts_of_refs() {
        for name in ["production", "eu-1", "a", "9", "a.b_c-d", "x".repeat(100).as_str()] {
            let target = Target { environment: name.parse().unwrap(), component: name.parse().unwrap() };
            assert_eq!(target.record().unwrap().as_str(), format!("refs/slipway/{name}/{name}"));
        }
    }

    #[test]
    fn hostile_names_are_refused() {
        for name in [
            "",
            "Production",
            "-x",
            ".x",
            "_x",
            "a/b",
            "a..b",
            "a.",
            "a.lock",
            "a b",
            "a\nb",
            "é",
            "a:b",
            "a^",
            "x".repeat(101).as_str(),
        ] {
            assert_eq!(name.parse::<EnvironmentName>().unwrap_err().kind(), ErrorKind::InvalidInput, "{name:?}");
        }
    }
}
