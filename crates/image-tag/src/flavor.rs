//! `flavor`: what holds for all tags.

use slipway_core::{Error, ErrorKind, Result};

use crate::fields::{list, split};
use crate::run::GLOBALS;
use crate::template::Template;

/// What holds for all tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flavor {
    /// Whether `latest` is added.
    pub latest: Latest,
    /// Before every tag whose rule has no prefix of its own.
    pub prefix: Affix,
    /// After every tag whose rule has no suffix of its own.
    pub suffix: Affix,
}

/// Whether `latest` is added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Latest {
    /// If the first rule that fires is about releases.
    #[default]
    Auto,
    /// Whatever fires.
    Always,
    Never,
    /// As `Auto`, if no release is higher.
    Forward,
}

/// What stands before or after tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Affix {
    /// The text.
    pub template: Template,
    /// Whether it stands at `latest` too.
    pub on_latest: bool,
}

/// Reads the lines; `onlatest` belongs to the prefix or suffix before it on its line.
pub(crate) fn parse(text: &str) -> Result<Flavor> {
    let mut flavor = Flavor::default();
    for line in list(text)? {
        parse_line(&line, &mut flavor).map_err(|error| error.context(format!("line `{line}`")))?;
    }
    Ok(flavor)
}

fn parse_line(line: &str, flavor: &mut Flavor) -> Result<()> {
    let invalid = |why: String| {
        Error::new(ErrorKind::InvalidInput, why)
            .hint("write `latest=auto`, `latest=forward`, `prefix=…` or `suffix=…`, the latter two with `,onlatest=true` if need be")
    };
    let mut affix: Option<&mut Affix> = None;
    for field in split(line)? {
        // A value ends at a second `=`.
        let mut parts = field.split('=');
        let (Some(key), Some(value)) = (parts.next(), parts.next()) else {
            return Err(invalid(format!("`{field}` has no `=`")));
        };
        let value = value.trim();
        match key.trim().to_ascii_lowercase().as_str() {
            "latest" => {
                flavor.latest = match value {
                    "auto" => Latest::Auto,
                    "true" => Latest::Always,
                    "false" => Latest::Never,
                    "forward" => Latest::Forward,
                    _ => return Err(invalid(format!("`latest` cannot be `{value}`"))),
                };
            }
            key @ ("prefix" | "suffix") => {
                let chosen = if key == "prefix" { &mut flavor.prefix } else { &mut flavor.suffix };
                chosen.template =
                    Template::parse(value, &GLOBALS).map_err(|error| error.context(format!("`{key}`")))?;
                affix = Some(chosen);
            }
            "onlatest" => {
                let said = match value {
                    "true" => true,
                    "false" => false,
                    _ => return Err(invalid(format!("`onlatest` cannot be `{value}`"))),
                };
                if let Some(affix) = &mut affix {
                    affix.on_latest = said;
                }
            }
            other => return Err(invalid(format!("`{other}` is not known"))),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn onlatest_belongs_to_what_stands_before_it() {
        let flavor = parse("latest=true,prefix=p-,onlatest=true,suffix=-s\nsuffix=-t=u").unwrap();
        let affix = |text: &str, on_latest| Affix { template: Template::parse(text, &GLOBALS).unwrap(), on_latest };
        assert_eq!(flavor, Flavor { latest: Latest::Always, prefix: affix("p-", true), suffix: affix("-t", false) });
        for (wrong, said) in [
            ("colour=red", "line `colour=red`: `colour` is not known"),
            ("latest", "line `latest`: `latest` has no `=`"),
            ("latest=yes", "`latest` cannot be `yes`"),
            ("prefix=a,onlatest=1", "`onlatest` cannot be `1`"),
            ("prefix={{branch", "line `prefix={{branch`: `prefix`: `{{branch`: an expression has no end"),
        ] {
            let error = parse(wrong).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
