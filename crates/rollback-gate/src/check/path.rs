//! Where in a JSON answer a value stands: `.status`, `.data.items[0].value`, `.["error-rate"]`.

use std::fmt;

use serde_json::Value;
use slipway_core::Result;

use super::grammar::invalid;

/// The most steps of a path.
const LONGEST: usize = 32;

/// A place in a JSON document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Path {
    /// Takes a path from the beginning of a text, if it begins with a dot, and gives what follows.
    ///
    /// # Errors
    /// `InvalidInput` if what begins with a dot is no path.
    pub(super) fn take(text: &str) -> Result<(Option<Self>, &str)> {
        if !text.starts_with('.') {
            return Ok((None, text));
        }
        let wrong = || {
            invalid(format!("`{text}` does not begin with a path"))
                .hint("write one such as `.status`, `.items[0].value` or `.[\"error-rate\"]`")
        };
        let mut steps = Vec::new();
        let mut rest = text;
        while let Some((step, after)) = step(rest) {
            steps.push(step);
            rest = after;
        }
        let ends_well = rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || "<>=!".contains(c));
        if steps.is_empty() || steps.len() > LONGEST || !ends_well {
            return Err(wrong());
        }
        Ok((Some(Self(steps)), rest.trim_start()))
    }

    /// The path `.key`.
    pub(super) fn of(key: &str) -> Self {
        Self(vec![Step::Key(key.into())])
    }

    /// What stands there.
    pub(super) fn find<'a>(&self, document: &'a Value) -> Option<&'a Value> {
        self.0.iter().try_fold(document, |value, step| match step {
            Step::Key(key) => value.get(key),
            Step::Index(index) => value.get(index),
        })
    }
}

/// One step, and what follows it. A dot may stand before a bracket.
fn step(text: &str) -> Option<(Step, &str)> {
    let named = text.strip_prefix('.');
    if let Some(inside) = named.unwrap_or(text).strip_prefix('[') {
        if let Some(quoted) = inside.strip_prefix('"') {
            let (key, after) = quoted.split_once('"')?;
            return Some((Step::Key(key.into()), after.strip_prefix(']')?));
        }
        let (index, after) = inside.split_once(']')?;
        let is_number = !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit());
        return is_number.then(|| Some((Step::Index(index.parse().ok()?), after))).flatten();
    }
    let named = named?;
    let end = named.find(|c: char| !is_plain(c)).unwrap_or(named.len());
    (end > 0).then(|| (Step::Key(named[..end].into()), &named[end..]))
}

/// Whether a character may stand in a key without quotes.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if !key.is_empty() && key.chars().all(is_plain) => write!(f, ".{key}")?,
                Step::Key(key) => write!(f, ".[\"{key}\"]")?,
                Step::Index(index) if place == 0 => write!(f, ".[{index}]")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_to_values() {
        let document = json!({"status": "ok", "a-b": {"": 1, "x y": [10, {"z": true}]}, "null": null});
        for (text, shown, rest, found) in [
            (".status", ".status", "", Some(json!("ok"))),
            (".a-b.[\"x y\"][0] < 5", ".a-b.[\"x y\"][0]", "< 5", Some(json!(10))),
            (".[\"a-b\"][\"x y\"][1].z==true", ".a-b.[\"x y\"][1].z", "==true", Some(json!(true))),
            (".a-b[\"\"]", ".a-b.[\"\"]", "", Some(json!(1))),
            (".null", ".null", "", Some(Value::Null)),
            (".Status", ".Status", "", None),
            (".status.x", ".status.x", "", None),
            (".[0]", ".[0]", "", None),
            (".a-b.[\"x y\"][7]", ".a-b.[\"x y\"][7]", "", None),
        ] {
            let (path, after) = Path::take(text).unwrap();
            let path = path.unwrap();
            assert_eq!((path.to_string().as_str(), after), (shown, rest));
            assert_eq!(path.find(&document), found.as_ref(), "{text}");
            assert_eq!(Path::take(shown).unwrap().0, Some(path), "again");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        let long = ".a".repeat(33);
        for text in [".", "..a", ".a.", ".a[", ".a[x]", ".a[-1]", ".a[99999999999999999999]", ".a[\"x]", ".a$b", &long]
        {
            assert!(Path::take(text).is_err(), "{text}");
        }
        assert_eq!(Path::take("== 5").unwrap(), (None, "== 5"));
    }
}
