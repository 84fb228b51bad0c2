//! JSON in pieces: chosen parts of a document that is never held whole.

/// The deepest nesting.
const DEPTH_LIMIT: usize = 128;
/// The largest part in bytes.
const PART_LIMIT: usize = 4 * 1024 * 1024;
/// The longest key that is compared.
const KEY_LIMIT: usize = 256;

/// Where a part stands: keys from the outermost value on, `*` for every entry of an array.
pub(super) type Path = &'static [&'static str];

/// What takes the parts: which path it was, the number of the outermost array's entry it stands in, and its text.
pub(super) type Take<'a> = &'a mut dyn FnMut(usize, usize, &[u8]) -> Result<(), String>;

/// Reads a document piece by piece.
#[derive(Debug)]
pub(super) struct Splitter {
    wanted: &'static [Path],
    open: Vec<Open>,
    state: State,
    key: Vec<u8>,
    part: Option<Part>,
    is_done: bool,
}

/// An object or array that has begun.
#[derive(Debug)]
struct Open {
    is_array: bool,
    key: Vec<u8>,
    entries: usize,
}

#[derive(Debug)]
struct Part {
    wanted: usize,
    depth: usize,
    text: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// A value or the end of an array comes next.
    Value,
    /// A key or the end of an object comes next.
    Key,
    InKey(bool),
    InText(bool),
    InWord,
    /// A comma, a colon or an end comes next.
    After,
}

impl Splitter {
    /// Begins before the first byte.
    pub(super) fn new(wanted: &'static [Path]) -> Self {
        Self { wanted, open: Vec::new(), state: State::Value, key: Vec::new(), part: None, is_done: false }
    }

    /// Takes in the next bytes.
    ///
    /// # Errors
    /// What is wrong with the document, for people.
    pub(super) fn push(&mut self, piece: &[u8], take: Take<'_>) -> Result<(), String> {
        for byte in piece {
            self.read(*byte, take)?;
        }
        Ok(())
    }

    /// Whether the document was whole.
    pub(super) fn is_whole(&self) -> bool {
        self.is_done
    }

    /// The bytes that are held.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.part.as_ref().map_or(0, |part| part.text.len()) + self.key.len()
    }

    fn read(&mut self, byte: u8, take: Take<'_>) -> Result<(), String> {
        if self.state == State::InWord && matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t') {
            self.end(take)?;
        }
        if let Some(part) = &mut self.part {
            if part.text.len() == PART_LIMIT {
                return Err(format!("it has a part of more than {PART_LIMIT} bytes"));
            }
            part.text.push(byte);
        }
        match self.state {
            State::InText(true) => self.state = State::InText(false),
            State::InText(false) => match byte {
                b'\\' => self.state = State::InText(true),
                b'"' => self.end(take)?,
                _ => {}
            },
            State::InKey(true) => self.state = State::InKey(false),
            State::InKey(false) => match byte {
                b'\\' => self.state = State::InKey(true),
                b'"' => {
                    if let Some(open) = self.open.last_mut() {
                        std::mem::swap(&mut open.key, &mut self.key);
                    }
                    self.state = State::After;
                }
                _ if self.key.len() < KEY_LIMIT => self.key.push(byte),
                _ => {}
            },
            State::InWord => {}
            _ => self.structure(byte, take)?,
        }
        Ok(())
    }

    fn structure(&mut self, byte: u8, take: Take<'_>) -> Result<(), String> {
        match (byte, self.state) {
            (b' ' | b'\n' | b'\r' | b'\t', _) => {}
            _ if self.is_done => return Err("something follows its end".into()),
            (b'{' | b'[', State::Value) => {
                self.begin(byte);
                if self.open.len() == DEPTH_LIMIT {
                    return Err(format!("it is nested more than {DEPTH_LIMIT} deep"));
                }
                let is_array = byte == b'[';
                self.open.push(Open { is_array, key: Vec::new(), entries: 0 });
                self.state = if is_array { State::Value } else { State::Key };
            }
            (b'"', State::Value) => {
                self.begin(byte);
                self.state = State::InText(false);
            }
            (b'"', State::Key) => {
                self.key.clear();
                self.state = State::InKey(false);
            }
            (b']', State::Value | State::After) | (b'}', State::Key | State::After) => {
                if self.open.pop().is_none_or(|open| open.is_array != (byte == b']')) {
                    return Err("its brackets do not match".into());
                }
                self.end(take)?;
            }
            (b',', State::After) => match self.open.last_mut() {
                Some(open) => {
                    open.entries += 1;
                    self.state = if open.is_array { State::Value } else { State::Key };
                }
                None => return Err("a comma stands outside".into()),
            },
            (b':', State::After) if self.open.last().is_some_and(|open| !open.is_array) => self.state = State::Value,
            (b'a'..=b'z' | b'0'..=b'9' | b'-', State::Value) => {
                self.begin(byte);
                self.state = State::InWord;
            }
            _ => return Err("it is not JSON".into()),
        }
        Ok(())
    }

    /// A value begins.
    fn begin(&mut self, byte: u8) {
        if self.part.is_none()
            && let Some(wanted) = self.wanted.iter().position(|path| self.is_at(path))
        {
            self.part = Some(Part { wanted, depth: self.open.len(), text: vec![byte] });
        }
    }

    /// A value has ended.
    fn end(&mut self, take: Take<'_>) -> Result<(), String> {
        self.state = State::After;
        if let Some(part) = self.part.take_if(|part| part.depth == self.open.len()) {
            let entry = self.open.iter().find(|open| open.is_array).map_or(0, |open| open.entries);
            take(part.wanted, entry, &part.text)?;
        }
        self.is_done = self.open.is_empty();
        Ok(())
    }

    fn is_at(&self, path: Path) -> bool {
        path.len() == self.open.len()
            && path.iter().zip(&self.open).all(
                |(step, open)| {
                    if open.is_array { *step == "*" } else { step.as_bytes() == open.key }
                },
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a document that comes in pieces of a length.
    fn parts(text: &str, length: usize) -> Result<Vec<String>, String> {
        let mut splitter =
            Splitter::new(&[&["runs", "*", "results", "*"], &["runs", "*", "tool", "name"], &["version"]]);
        let mut parts = Vec::new();
        for piece in text.as_bytes().chunks(length) {
            splitter.push(piece, &mut |wanted, entry, part| {
                parts.push(format!("{wanted}.{entry} {}", String::from_utf8_lossy(part)));
                Ok(())
            })?;
        }
        if splitter.is_whole() { Ok(parts) } else { Err("cut off".into()) }
    }

    #[test]
    fn parts_are_the_same_however_it_comes() {
        let text = r#"{"version": "2.1.0", "runs": [{"results": [{"a": [1, {"b": "]}\""}]}, 5, null], "tool": {"name": "x\"y"}},
            {"tool": {"name": "z", "results": [7]}, "results": [], "runs": [{"results": [8]}]}]} "#;
        let expected = [
            "2.0 \"2.1.0\"",
            "0.0 {\"a\": [1, {\"b\": \"]}\\\"\"}]}",
            "0.0 5",
            "0.0 null",
            "1.0 \"x\\\"y\"",
            "1.1 \"z\"",
        ];
        for length in [1, 2, 7, 1000] {
            assert_eq!(parts(text, length).unwrap(), expected, "{length}");
        }
    }

    #[test]
    fn what_is_no_document_is_told() {
        let deep = "[".repeat(200);
        for (text, why) in [
            ("", "cut off"),
            ("{\"runs\": [", "cut off"),
            ("{\"a\": \"b", "cut off"),
            ("<html>", "it is not JSON"),
            ("{]", "it is not JSON"),
            ("{\"a\": 1]", "its brackets do not match"),
            ("{} {}", "something follows its end"),
            ("{\"a\" 1}", "it is not JSON"),
            (deep.as_str(), "it is nested more than 128 deep"),
        ] {
            assert_eq!(parts(text, 3).unwrap_err(), why, "{text}");
        }
    }
}
