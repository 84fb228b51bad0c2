//! `flavor`: what holds for all tags.

use serde::Serialize;
use slipway_core::{Error, ErrorKind, Result};

use crate::fields::{Quotes, list, split};

/// What holds for all tags.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Flavor {
    /// Whether `latest` is added; by the first rule that fires if it is not said.
    pub latest: Option<bool>,
    /// Before every tag whose rule has no prefix of its own.
    pub prefix: String,
    /// Whether the prefix stands before `latest` too.
    pub prefix_latest: bool,
    /// After every tag whose rule has no suffix of its own.
    pub suffix: String,
    /// Whether the suffix stands after `latest` too.
    pub suffix_latest: bool,
}

/// Reads the lines; `onlatest` belongs to the prefix or suffix before it on its line.
pub(crate) fn parse(text: &str) -> Result<Flavor> {
    let mut flavor = Flavor::default();
    for line in list(text)? {
        let invalid = |why: &str| {
            Error::new(ErrorKind::InvalidInput, format!("line `{line}`: {why}"))
                .hint("write `latest=auto`, `prefix=…` or `suffix=…`, the latter two with `,onlatest=true` if need be")
        };
        let mut onlatest: Option<&mut bool> = None;
        for field in split(&line, Quotes::Strict)? {
            let mut parts = field.split('=');
            let (Some(key), Some(value)) = (parts.next(), parts.next()) else {
                return Err(invalid(&format!("`{field}` has no `=`")));
            };
            let value = value.trim();
            match key.trim().to_lowercase().as_str() {
                "latest" => {
                    flavor.latest = match value {
                        "auto" => None,
                        "true" => Some(true),
                        "false" => Some(false),
                        _ => return Err(invalid(&format!("`latest` cannot be `{value}`"))),
                    };
                }
                "prefix" => {
                    flavor.prefix = value.into();
                    onlatest = Some(&mut flavor.prefix_latest);
                }
                "suffix" => {
                    flavor.suffix = value.into();
                    onlatest = Some(&mut flavor.suffix_latest);
                }
                "onlatest" => {
                    let said = match value {
                        "true" => true,
                        "false" => false,
                        _ => return Err(invalid(&format!("`onlatest` cannot be `{value}`"))),
                    };
                    if let Some(onlatest) = &mut onlatest {
                        **onlatest = said;
                    }
                }
                other => return Err(invalid(&format!("`{other}` is not known"))),
            }
        }
    }
    Ok(flavor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn onlatest_belongs_to_what_stands_before_it() {
        let flavor = parse("latest=true,prefix=p-,onlatest=true,suffix=-s\nsuffix=-t").unwrap();
        assert_eq!(
            flavor,
            Flavor {
                latest: Some(true),
                prefix: "p-".into(),
                prefix_latest: true,
                suffix: "-t".into(),
                suffix_latest: false
            }
        );
        for wrong in ["colour=red", "latest", "latest=yes", "prefix=a,onlatest=1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
