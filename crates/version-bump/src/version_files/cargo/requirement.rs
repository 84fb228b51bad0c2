//! What packages require of others that are released with them.

use semver::{BuildMetadata, Version, VersionReq};
use slipway_core::{Result, WorkspacePath};
use slipway_edit::Format;

use super::super::document::{Document, path as key};
use super::super::draft::Drafts;

/// Where dependencies stand; those of single targets come on top.
pub(super) const TABLES: [&[&str]; 4] =
    [&["dependencies"], &["dev-dependencies"], &["build-dependencies"], &["workspace", "dependencies"]];

/// Raises the requirements of these packages that the new version would not meet, and gives those that it cannot raise.
pub(super) fn raise(
    drafts: &mut Drafts<'_>,
    path: &WorkspacePath,
    packages: &[&str],
    new: &Version,
) -> Result<Vec<String>> {
    let document = Document::read(path, drafts.text(path)?)?;
    let mut tables: Vec<Vec<String>> =
        TABLES.iter().map(|table| table.iter().map(|key| (*key).to_owned()).collect()).collect();
    for target in document.keys(&["target"]) {
        tables.extend(TABLES[..3].iter().map(|table| vec!["target".into(), target.clone(), table[0].into()]));
    }
    let (mut edits, mut warnings) = (Vec::new(), Vec::new());
    for table in tables {
        let table: Vec<&str> = table.iter().map(String::as_str).collect();
        for name in document.keys(&table) {
            let value = |last: &str| document.value(&[&table[..], &[&name, last]].concat());
            let package = value("package").unwrap_or_else(|| name.clone());
            let (Some(_), Some(required)) = (value("path"), value("version")) else { continue };
            if !packages.contains(&package.as_str())
                || VersionReq::parse(&required).is_ok_and(|required| required.matches(new))
            {
                continue;
            }
            match raised(&required, new) {
                Some(raised) => edits.push((key(&[&table[..], &[&name, "version"]].concat())?, raised)),
                None => {
                    warnings.push(format!("`{path}` requires `{package}` `{required}`, which `{new}` does not meet"))
                }
            }
        }
    }
    for (key, raised) in edits {
        drafts.set(path, Format::TOML, &key, &raised)?;
    }
    Ok(warnings)
}

/// A requirement of one version with another in its place: the operator stays, and how many numbers there are.
fn raised(required: &str, new: &Version) -> Option<String> {
    let start = required.find(|c: char| c.is_ascii_digit())?;
    let (operator, old) = required.split_at(start);
    if !matches!(operator.trim(), "" | "^" | "~" | "=" | ">=") || old.contains([',', '*']) {
        return None;
    }
    let numbers = old.split(['-', '+']).next()?.split('.').count();
    let new = Version { build: BuildMetadata::EMPTY, ..new.clone() };
    let text = match numbers {
        _ if !new.pre.is_empty() => new.to_string(),
        1 => new.major.to_string(),
        2 => format!("{}.{}", new.major, new.minor),
        _ => new.to_string(),
    };
    let raised = format!("{operator}{text}");
    VersionReq::parse(&raised).ok().filter(|raised| raised.matches(&new)).map(|_| raised)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_and_precision_stay() {
        for (required, new, expected) in [
            ("1.4.2", "2.0.0", Some("2.0.0")),
            ("1.4", "2.0.0", Some("2.0")),
            ("1", "2.1.0", Some("2")),
            ("=1.4.2", "1.5.0", Some("=1.5.0")),
            ("= 1.4.2", "1.5.0", Some("= 1.5.0")),
            ("~1.4.2", "1.5.0", Some("~1.5.0")),
            ("^1.4.2", "2.0.0-rc.1+b", Some("^2.0.0-rc.1")),
            (">=1.4, <2", "2.0.0", None),
            ("1.*", "2.0.0", None),
            ("<2", "2.0.0", None),
            ("x", "2.0.0", None),
        ] {
            assert_eq!(raised(required, &new.parse().unwrap()).as_deref(), expected, "{required} {new}");
        }
    }
}
