//! The path to one value in a structured file: `spec.containers[name=api].image`.

use std::fmt;
use std::str::FromStr;

use slipway_core::{Error, ErrorKind, Result};

/// The longest path, in bytes.
const LONGEST: usize = 1024;
/// The most segments that a path may have.
const DEEPEST: usize = 64;
/// What a key or selector value cannot hold without quotes.
const NEEDS_QUOTES: &[char] = &['.', '[', ']', '"', '\'', '=', '#', '\\', '*', ',', '{', '}', '`'];

/// One step of a [`KeyPath`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// The value of a key of a mapping: `image`, or `"app.kubernetes.io/name"` where it holds a dot.
    Key(String),
    /// An item of a list, counted from 0: `[0]`.
    Index(usize),
    /// The one item of a list that has this value under its keys: `[name=web]`, `[destination.subset=canary]`.
    Item {
        /// The way to the value through the mappings of an item; at least one key.
        keys: Vec<String>,
        /// What the item that is meant has there.
        value: String,
    },
}

/// A path of keys, indexes and selectors from the root of a document to one value.
///
/// Grammar: keys are joined by `.`; `[0]` is a list index, `[name=web]` selects a list item by one of its keys and
/// `[destination.subset=canary]` by one further in.
/// A key or selector value in double quotes may hold any character, with `\"` and `\\` for the two that need it.
/// There are no wildcards: a path names one value. Parsing and printing are inverse to each other.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyPath(Vec<Segment>);

impl KeyPath {
    /// A path of these segments.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if there is none, there are more than 64, the key of a selector is empty, a key holds a
    /// line break or another control character, or the written path is longer than 1024 bytes.
    pub fn new(segments: Vec<Segment>) -> Result<Self> {
        let path = Self(segments);
        if path.0.is_empty() {
            return Err(invalid("", "it is empty"));
        }
        if path.0.len() > DEEPEST {
            return Err(invalid("", &format!("it has {} segments, at most {DEEPEST} are allowed", path.0.len())));
        }
        for segment in &path.0 {
            let (keys, value) = match segment {
                Segment::Key(key) => (std::slice::from_ref(key), ""),
                Segment::Index(_) => continue,
                Segment::Item { keys, value } => (keys.as_slice(), value.as_str()),
            };
            // `package-lock.json` has a key that is empty; a selector has none.
            if matches!(segment, Segment::Item { .. }) && (keys.is_empty() || keys.iter().any(String::is_empty)) {
                return Err(invalid("", "the key of a selector is empty"));
            }
            if keys.iter().map(String::as_str).chain([value]).any(|text| text.contains(char::is_control)) {
                return Err(invalid("", "a key holds a control character"));
            }
        }
        if path.to_string().len() > LONGEST {
            return Err(invalid("", &format!("it is longer than {LONGEST} bytes")));
        }
        Ok(path)
    }

    /// Reads `path=value`: the path, and everything after the `=` that ends it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the text does not begin with a path and `=`, or [`KeyPath::new`] refuses the path.
    pub fn assignment(text: &str) -> Result<(Self, &str)> {
        let mut reader = Reader { text, rest: text };
        let segments = reader.segments()?;
        let value = reader.rest.strip_prefix('=');
        let value = value.ok_or_else(|| reader.error("after a segment comes `.`, `[` or `=` and the value"))?;
        Ok((Self::new(segments)?, value))
    }

    /// The steps from the root.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// A path that was read off a document, where it is valid whatever its keys are.
    pub(crate) fn from_document(segments: Vec<Segment>) -> Self {
        Self(segments)
    }
}

impl FromStr for KeyPath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.len() > LONGEST {
            return Err(invalid(text, &format!("it is longer than {LONGEST} bytes")));
        }
        let mut reader = Reader { text, rest: text };
        let segments = reader.segments()?;
        match reader.rest {
            "" => Self::new(segments),
            _ => Err(reader.error("after a segment comes `.`, `[` or the end")),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
    }

    /// The segments up to where none follows.
    fn segments(&mut self) -> Result<Vec<Segment>> {
        let mut segments = Vec::new();
        loop {
            let is_bracket = self.rest.starts_with('[');
            segments.push(if is_bracket { self.bracket()? } else { Segment::Key(self.key("a key")?) });
            if self.rest.starts_with('.') && !self.rest.starts_with(".[") {
                self.skip(1);
            } else if !self.rest.starts_with('[') {
                return Ok(segments);
            }
        }
    }

    fn bracket(&mut self) -> Result<Segment> {
        self.skip(1);
        let inside = &self.rest[..self.rest.find(']').unwrap_or(self.rest.len())];
        let segment = if inside.starts_with(|c: char| c.is_ascii_digit() || c == '-') && !inside.contains('=') {
            let canonical = inside == "0" || !inside.starts_with('0');
            let index = inside.parse().ok().filter(|_| canonical);
            let index = index.ok_or_else(|| self.error("an index is a whole number, counted from 0"))?;
            self.skip(inside.len());
            Segment::Index(index)
        } else {
            let mut keys = vec![self.key("the key of a selector")?];
            while self.rest.starts_with('.') {
                self.skip(1);
                keys.push(self.key("the key of a selector")?);
            }
            if !self.rest.starts_with('=') {
                return Err(self.error("brackets hold an index as in `[0]` or a selector as in `[name=web]`"));
            }
            self.skip(1);
            Segment::Item { keys, value: self.selector_value()? }
        };
        if !self.rest.starts_with(']') {
            return Err(self.error("a `[` is not closed"));
        }
        self.skip(1);
        Ok(segment)
    }

    fn key(&mut self, what: &str) -> Result<String> {
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        let end = self.rest.find(|c: char| NEEDS_QUOTES.contains(&c) || c.is_whitespace());
        let key = &self.rest[..end.unwrap_or(self.rest.len())];
        let stop = self.rest[key.len()..].chars().next();
        match stop {
            Some('*') => Err(self.error("wildcards are not supported, a path names one value")),
            Some(c) if !matches!(c, '.' | '[' | ']' | '=') => {
                Err(self.error(&format!("`{}` must stand in double quotes", c.escape_debug())))
            }
            _ if key.is_empty() => Err(self.error(&format!("{what} is empty"))),
            _ => {
                self.skip(key.len());
                Ok(key.to_owned())
            }
        }
    }

    fn selector_value(&mut self) -> Result<String> {
        if self.rest.starts_with('"') {
            return self.quoted();
        }
        let value = &self.rest[..self.rest.find(']').unwrap_or(self.rest.len())];
        if value.contains('*') {
            return Err(self.error("wildcards are not supported, a path names one value"));
        }
        self.skip(value.len());
        Ok(value.to_owned())
    }

    fn quoted(&mut self) -> Result<String> {
        let mut value = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.skip(at + 1);
                    return Ok(value);
                }
                '\\' => match chars.next() {
                    Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                    _ => return Err(self.error("a backslash in quotes stands before `\"` or `\\`")),
                },
                _ => value.push(c),
            }
        }
        Err(self.error("a double quote is not closed"))
    }

    fn error(&self, reason: &str) -> Error {
        invalid(self.text, &format!("{reason} (at byte {})", self.text.len() - self.rest.len()))
    }
}

fn invalid(text: &str, reason: &str) -> Error {
    let shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    let subject = if shown.is_empty() { "the key path".to_owned() } else { format!("the key path `{shown}`") };
    Error::new(ErrorKind::InvalidInput, format!("{subject} cannot be used: {reason}"))
        .hint("write it as in `spec.containers[name=api].image`, with quotes around a key that holds a dot")
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) => {
                    f.write_str(if position == 0 { "" } else { "." })?;
                    write_text(f, key)?;
                }
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Item { keys, value } => {
                    for (position, key) in keys.iter().enumerate() {
                        f.write_str(if position == 0 { "[" } else { "." })?;
                        write_text(f, key)?;
                    }
                    f.write_str("=")?;
                    write_text(f, value)?;
                    f.write_str("]")?;
                }
            }
        }
        Ok(())
    }
}

fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let is_plain = !text.is_empty()
        && !text.contains(|c: char| NEEDS_QUOTES.contains(&c) || c.is_whitespace())
        && !text.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    if is_plain { f.write_str(text) } else { write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Segment {
        Segment::Key(text.into())
    }

    fn item(key: &str, value: &str) -> Segment {
        Segment::Item { keys: vec![key.into()], value: value.into() }
    }

    #[test]
    fn paths_are_read_and_printed() {
        for (text, segments) in [
            ("a.b.c", vec![key("a"), key("b"), key("c")]),
            ("tags[1]", vec![key("tags"), Segment::Index(1)]),
            ("[0][10].x", vec![Segment::Index(0), Segment::Index(10), key("x")]),
            ("c[name=api].image", vec![key("c"), item("name", "api"), key("image")]),
            (
                "p[name=\"image.tag\"][\"a.b\"=\"x]\\\"\"]",
                vec![key("p"), item("name", "image.tag"), item("a.b", "x]\"")],
            ),
            ("labels.\"app.kubernetes.io/name\"", vec![key("labels"), key("app.kubernetes.io/name")]),
            ("a-b_c/d.$x.é", vec![key("a-b_c/d"), key("$x"), key("é")]),
            ("\"*\".\"8080\"", vec![key("*"), key("8080")]),
            (
                "route[destination.\"a.b\".\"0\"=canary].weight",
                vec![
                    key("route"),
                    Segment::Item {
                        keys: vec!["destination".into(), "a.b".into(), "0".into()],
                        value: "canary".into(),
                    },
                    key("weight"),
                ],
            ),
            ("packages.\"\".version", vec![key("packages"), key(""), key("version")]),
        ] {
            let path: KeyPath = text.parse().expect(text);
            assert_eq!(path.segments(), segments, "{text}");
            assert_eq!(path.to_string(), text);
        }
        let lenient: KeyPath = "p[name=image.tag].8080".parse().expect("dots end no selector");
        assert_eq!(lenient.segments()[1], item("name", "image.tag"));
        assert_eq!(lenient.to_string().parse::<KeyPath>().expect("printed"), lenient);
    }

    #[test]
    fn an_assignment_ends_the_path_at_its_equals_sign() {
        for (text, path, value) in [
            ("a.b=1", "a.b", "1"),
            ("a==", "a", "="),
            ("a[name=x=y][0].\"k=\"=v=w#[.", "a[name=\"x=y\"][0].\"k=\"", "v=w#[."),
            ("a[name=image.tag].value=\"1\"", "a[name=\"image.tag\"].value", "\"1\""),
            ("a=", "a", ""),
        ] {
            let (read, rest) = KeyPath::assignment(text).expect(text);
            assert_eq!((read.to_string().as_str(), rest), (path, value));
        }
        for text in ["", "a", "=1", "a.=1", "a =1", "a[b=1", "a[b=1]", "\"a=1", "a]=1", "a.[0]=1"] {
            assert_eq!(KeyPath::assignment(text).expect_err(text).kind(), ErrorKind::InvalidInput);
        }
        assert!(KeyPath::assignment(&format!("a={}", "x".repeat(5000))).is_ok());
    }

    #[test]
    fn what_names_no_value_is_refused() {
        for (text, part) in [
            ("", "a key is empty"),
            (".a", "a key is empty"),
            ("a.", "a key is empty"),
            ("a..b", "a key is empty"),
            ("a.[0]", "after a segment"),
            ("a.*", "wildcards"),
            ("a[*]", "wildcards"),
            ("a[name=*]", "wildcards"),
            ("a[-1]", "counted from 0"),
            ("a[01]", "counted from 0"),
            ("a[99999999999999999999]", "counted from 0"),
            ("a[", "the key of a selector is empty"),
            ("a[0", "not closed"),
            ("a[name]", "a selector as in"),
            ("a[=x]", "the key of a selector is empty"),
            ("a[b.=x]", "the key of a selector is empty"),
            ("a[b..c=x]", "the key of a selector is empty"),
            ("a[.b=x]", "the key of a selector is empty"),
            ("a[b.c]", "a selector as in"),
            ("a[name=x", "not closed"),
            ("a]b", "after a segment"),
            ("a b", "must stand in double quotes"),
            ("a#b", "must stand in double quotes"),
            ("\"a", "is not closed"),
            ("\"a\\n\"", "a backslash"),
            ("a[\"\"=x]", "the key of a selector is empty"),
            ("\"a\nb\"", "control character"),
            ("\"a\"b", "after a segment"),
        ] {
            let error = text.parse::<KeyPath>().expect_err(text);
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.message().contains(part), "{text:?}: {error}");
        }
        assert!("a.".repeat(600).parse::<KeyPath>().expect_err("long").message().contains("1024 bytes"));
        assert!("[0]".repeat(65).parse::<KeyPath>().expect_err("deep").message().contains("65 segments"));
    }
}
