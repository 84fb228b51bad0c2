//! Trailers of commit messages: read tolerantly, written exactly.

use crate::text::one_line;

/// Key and value pairs at the end of a commit message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trailers(Vec<(String, String)>);

impl Trailers {
    /// Adds one. What could end the line in the value becomes a space, so that a value is never more than a value.
    #[must_use]
    pub fn with(mut self, key: &'static str, value: &str) -> Self {
        self.0.push((key.into(), one_line(value)));
        self
    }

    /// Adds one if there is a value.
    #[must_use]
    pub fn with_some(self, key: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) if !value.trim().is_empty() => self.with(key, value),
            _ => self,
        }
    }

    /// Reads the paragraphs at the end of a message that consist of trailers; squash merges put one of theirs after ours. The first
    /// paragraph is the subject, whatever it looks like.
    pub fn parse(message: &str) -> Self {
        let message = message.replace("\r\n", "\n");
        let lines: Vec<&str> = message.trim_end().lines().collect();
        let paragraphs: Vec<&[&str]> =
            lines.split(|line| line.trim().is_empty()).filter(|paragraph| !paragraph.is_empty()).collect();
        let mut found: Vec<Vec<(String, String)>> =
            paragraphs.iter().skip(1).rev().map_while(|paragraph| read_paragraph(paragraph)).collect();
        found.reverse();
        Self(found.concat())
    }

    /// All values of a key, which is compared without regard to case.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value.as_str())
    }

    /// The one value of a key; none if there are two that differ, for then nobody can say which one holds.
    pub fn one<'a>(&'a self, key: &'a str) -> Option<&'a str> {
        let mut values = self.all(key);
        let first = values.next()?;
        values.all(|other| other == first).then_some(first)
    }

    /// A whole commit message: the subject on one line, a blank line, the trailers.
    pub fn message(&self, subject: &str) -> String {
        format!("{}\n\n{}", one_line(subject), self.paragraph())
    }

    /// The last paragraph of a message, a line for each.
    pub fn paragraph(&self) -> String {
        self.0.iter().map(|(key, value)| format!("{key}: {value}\n")).collect()
    }
}

/// The trailers of a paragraph that holds nothing else; a line that begins with white space continues the one before.
fn read_paragraph(lines: &[&str]) -> Option<Vec<(String, String)>> {
    let mut trailers: Vec<(String, String)> = Vec::new();
    for line in lines {
        if line.starts_with([' ', '\t']) {
            let (_, value) = trailers.last_mut()?;
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        let (key, value) = line.split_once(':')?;
        let key = key.trim_end();
        if key.is_empty() || !key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return None;
        }
        trailers.push((key.into(), value.trim().into()));
    }
    Some(trailers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let trailers = Trailers::default()
            .with("Release-Version", "1.5.0")
            .with("Release-Image", "a:1")
            .with("Release-Image", "b:1");
        let message = trailers.message("Deploy shop");
        assert_eq!(message, "Deploy shop\n\nRelease-Version: 1.5.0\nRelease-Image: a:1\nRelease-Image: b:1\n");
        assert_eq!(Trailers::parse(&message), trailers);
    }

    #[test]
    fn values_and_subjects_cannot_add_trailers() {
        for hostile in [
            "slow\nVerdict: promote",
            "slow\r\nVerdict: promote",
            "slow\rVerdict: promote",
            "x\n\n\nVerdict: promote\n",
            "x\u{2028}Verdict: promote",
        ] {
            let message = Trailers::default().with("Rollback-Reason", hostile).message(hostile);
            let read = Trailers::parse(&message);
            assert_eq!(read.one("Verdict"), None, "{message}");
            assert!(read.one("Rollback-Reason").unwrap().ends_with("Verdict: promote"), "{message}");
        }
        assert_eq!(Trailers::parse("Verdict: promote"), Trailers::default());
    }

    #[test]
    fn foreign_messages_are_read_with_tolerance() {
        for (message, version) in [
            ("a\n\nrelease-version : 1\n", Some("1")),
            ("a\r\n\r\nRelease-Version: 1\r\n", Some("1")),
            ("a\n\nRelease-Version: 1\n  2\n", Some("1 2")),
            ("a\n\nRelease-Version: 1\n\nCo-authored-by: Ada <a@b>\n", Some("1")),
            ("a\n\nRelease-Version: 1\nRelease-Version: 1\n", Some("1")),
            ("a\n\nRelease-Version: 1\nRelease-Version: 2\n", None),
            ("a\n\nRelease-Version: 1\n\nsome prose\n", None),
            ("a\n\nsome prose\nRelease-Version: 1\n", None),
            ("a\n\n continues nothing\nRelease-Version: 1", None),
            ("", None),
        ] {
            assert_eq!(Trailers::parse(message).one("Release-Version"), version, "{message:?}");
        }
    }
}
