//! `type=pep440`: the parts of a Python version, by PEP 440.

use super::Type;
use super::scheme::{self, Scheme};
use crate::forward::Release;
use crate::template::{Value, Vocabulary};

pub(super) const TYPE: Type = Type {
    name: "pep440",
    priority: 900.0,
    attributes: &["pattern", "value", "match", "forward"],
    parse: |attributes| scheme::parse::<Version>(attributes, "type=pep440,pattern={{version}}"),
};

/// A version by PEP 440, whose spellings are many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    epoch: u64,
    /// The numbers between dots, at least one.
    release: Vec<u64>,
    /// `a`, `b` or `rc`, and which.
    pre: Option<(&'static str, u64)>,
    post: Option<u64>,
    dev: Option<u64>,
    /// What follows `+`, in parts.
    local: Vec<String>,
}

/// The words for a pre-release, a longer one before the one that it starts with.
const PRE: &[(&str, &str)] = &[
    ("alpha", "a"),
    ("a", "a"),
    ("beta", "b"),
    ("b", "b"),
    ("preview", "rc"),
    ("pre", "rc"),
    ("rc", "rc"),
    ("c", "rc"),
];
const POST: &[(&str, &str)] = &[("post", "post"), ("rev", "post"), ("r", "post")];
const DEV: &[(&str, &str)] = &[("dev", "dev")];

impl Scheme for Version {
    const NAME: &'static str = "a version by PEP 440";
    const FIELDS: Vocabulary = Vocabulary { names: &["raw", "version", "major", "minor", "patch"], dates: false };

    fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let mut rest = lower.strip_prefix('v').unwrap_or(&lower);
        let mut epoch = 0;
        if let Some((before, after)) = rest.split_once('!') {
            epoch = number(before)?;
            rest = after;
        }
        let mut release = vec![take_number(&mut rest)??];
        while let Some(mut after) = rest.strip_prefix('.')
            && let Some(part) = take_number(&mut after)
        {
            release.push(part?);
            rest = after;
        }
        let pre = take_segment(&mut rest, PRE)?;
        let implicit = rest.strip_prefix('-').and_then(|mut after| Some((take_number(&mut after)?, after)));
        let post = match implicit {
            // `1.2.3-1` is the first post-release.
            Some((number, after)) => {
                rest = after;
                Some(number?)
            }
            None => take_segment(&mut rest, POST)?.map(|(_, number)| number),
        };
        let dev = take_segment(&mut rest, DEV)?.map(|(_, number)| number);
        let mut local = Vec::new();
        if let Some(text) = rest.strip_prefix('+') {
            for part in text.split(['.', '-', '_']) {
                let is_word = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
                local.push(is_word.then(|| number(part).map_or_else(|| part.to_owned(), |number| number.to_string()))?);
            }
            rest = "";
        }
        rest.is_empty().then_some(Self { epoch, release, pre, post, dev, local })
    }

    fn is_final(&self) -> bool {
        self.pre.is_none() && self.post.is_none() && self.dev.is_none()
    }

    fn plain(&self) -> String {
        self.to_string()
    }

    fn part(&self, name: &str) -> Option<Value> {
        let place = ["major", "minor", "patch"].iter().position(|part| *part == name)?;
        // A part that was not written is 0.
        Some(Value::Number(self.release.get(place).copied().unwrap_or_default()))
    }

    fn release(&self) -> Release {
        Release::new(self.epoch, self.release.iter().copied())
    }
}

/// The normal form of PEP 440, but that commas stand between the parts of the local version: docker/metadata-action puts them there,
/// and valid tags have neither them nor `+`.
impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.epoch > 0 {
            write!(f, "{}!", self.epoch)?;
        }
        let release: Vec<String> = self.release.iter().map(u64::to_string).collect();
        f.write_str(&release.join("."))?;
        if let Some((word, number)) = self.pre {
            write!(f, "{word}{number}")?;
        }
        for (word, number) in [("post", self.post), ("dev", self.dev)] {
            if let Some(number) = number {
                write!(f, ".{word}{number}")?;
            }
        }
        if self.local.is_empty() { Ok(()) } else { write!(f, "+{}", self.local.join(",")) }
    }
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// The digits at the start, if there are any; nothing inside for a number that is too large.
fn take_number(rest: &mut &str) -> Option<Option<u64>> {
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, after) = rest.split_at(length);
    if digits.is_empty() {
        return None;
    }
    *rest = after;
    Some(number(digits))
}

/// A word with an optional separator before it, and its number, 0 if there is none, with an optional separator before that. Nothing
/// inside if the word does not stand there, nothing at all for a number that is too large.
fn take_segment(rest: &mut &str, words: &[(&str, &'static str)]) -> Option<Option<(&'static str, u64)>> {
    let unseparated = |text: &str| text.len() - usize::from(text.starts_with(['-', '_', '.']));
    let start = &rest[rest.len() - unseparated(rest)..];
    let Some((after, normal)) = words.iter().find_map(|(word, normal)| Some((start.strip_prefix(word)?, *normal)))
    else {
        return Some(None);
    };
    let mut after = &after[after.len() - unseparated(after)..];
    let number = match take_number(&mut after) {
        Some(number) => number?,
        None => 0,
    };
    *rest = after;
    Some(Some((normal, number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_one_normal_form() {
        for (text, expected) in [
            ("1", "1"),
            ("v1.2.3", "1.2.3"),
            ("V1.2.3", "1.2.3"),
            ("01.02.003", "1.2.3"),
            ("1!2.3.4", "1!2.3.4"),
            ("0!2.3.4", "2.3.4"),
            ("1.2.3.4.5", "1.2.3.4.5"),
            ("1.2.3a1", "1.2.3a1"),
            ("1.2.3-alpha-1", "1.2.3a1"),
            ("1.2.3.BETA_2", "1.2.3b2"),
            ("1.2.3c1", "1.2.3rc1"),
            ("1.2.3preview", "1.2.3rc0"),
            ("1.2.3-1", "1.2.3.post1"),
            ("1.2.3r4", "1.2.3.post4"),
            ("1.2.3.rev.4", "1.2.3.post4"),
            ("1.2.3post", "1.2.3.post0"),
            ("1.0.dev4", "1.0.dev4"),
            ("1.0-dev", "1.0.dev0"),
            ("1.0a1.post2.dev3", "1.0a1.post2.dev3"),
            ("1.0rc1-2", "1.0rc1.post2"),
            ("1.0a-", "1.0a0"),
            ("1.0.post-", "1.0.post0"),
            ("1.0a..dev1", "1.0a0.dev1"),
            ("1.2.3+local.7", "1.2.3+local,7"),
            ("1.2.3+Ubuntu-007", "1.2.3+ubuntu,7"),
            ("2026.3", "2026.3"),
        ] {
            assert_eq!(Version::parse(text).map(|version| version.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "v",
            "lib-1.2.3",
            "1.2.3-x",
            "1..2",
            "1.2.",
            "1.2.3+",
            "1.2.3+a..b",
            "1.2.3+é",
            "!1.2",
            "a!1.2",
            "1!",
            "1.2.3--1",
            "1.2.3 ",
            "1.0rc1-",
            "99999999999999999999",
            "1.0a99999999999999999999",
            "１.2",
        ] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
    }
}
