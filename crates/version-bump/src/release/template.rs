//! Texts of the user in which names stand for what is released.

use std::str::FromStr;

use serde::Serialize;
use slipway_core::{Error, ErrorKind};

/// A text with names in double braces, such as `chore(release): {{version}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Template(String);

/// What the names stand for.
#[derive(Clone, Debug)]
pub(crate) struct Values<'a> {
    /// `{{version}}`
    pub version: &'a str,
    /// `{{tag}}`
    pub tag: &'a str,
    /// `{{component}}`; empty without one.
    pub component: &'a str,
}

impl Values<'_> {
    const NAMES: [&'static str; 3] = ["version", "tag", "component"];

    fn of(&self, name: &str) -> &str {
        match name {
            "version" => self.version,
            "tag" => self.tag,
            _ => self.component,
        }
    }
}

impl Template {
    /// The text with values in place of the names.
    pub(crate) fn fill(&self, values: &Values<'_>) -> String {
        let mut parts = self.0.split("{{");
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            // Checked when the template was made.
            let (name, rest) = part.split_once("}}").unwrap_or_default();
            filled.push_str(values.of(name.trim()));
            filled.push_str(rest);
        }
        filled
    }
}

impl FromStr for Template {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        for part in text.split("{{").skip(1) {
            let name = part.split_once("}}").map(|(name, _)| name.trim());
            if !name.is_some_and(|name| Values::NAMES.contains(&name)) {
                let names = Values::NAMES.map(|name| format!("`{{{{{name}}}}}`")).join(", ");
                return Err(Error::new(ErrorKind::InvalidInput, format!("`{{{{{part}` stands for nothing"))
                    .hint(format!("write one of {names}")));
            }
        }
        Ok(Self(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in() {
        let values = Values { version: "1.5.0", tag: "api/v1.5.0", component: "api" };
        let fill = |text: &str| text.parse::<Template>().map(|template| template.fill(&values));
        assert_eq!(fill("{{component}}: {{ version }} ({{tag}})").unwrap(), "api: 1.5.0 (api/v1.5.0)");
        assert_eq!(fill("none }} {here").unwrap(), "none }} {here");
        for wrong in ["{{sha}}", "{{version", "{{}}", "{{{version}}}"] {
            assert_eq!(fill(wrong).unwrap_err().kind(), ErrorKind::InvalidInput, "{wrong}");
        }
    }
}
