//! Names of environments and components. Building one is the validation.

use crate::{Error, ErrorKind, Result, validated_text};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::RefName;

    #[test]
    fn names_are_parts_of_refs() {
        for name in ["production", "eu-1", "a", "9", "a.b_c-d", "x".repeat(100).as_str()] {
            let environment: EnvironmentName = name.parse().unwrap();
            let component: ComponentName = name.parse().unwrap();
            assert!(format!("refs/slipway/{environment}/{component}").parse::<RefName>().is_ok());
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
