//! The parts of a changelog: headings, and the addresses that its versions have at its end.
//!
//! Only as much of [CommonMark](https://spec.commonmark.org/) is read as it takes not to mistake code, comments and rules for headings.

use std::ops::Range;

use semver::Version;

/// A changelog, taken apart. All ranges are bytes of its text.
#[derive(Debug)]
pub(super) struct Layout<'a> {
    pub text: &'a str,
    pub headings: Vec<Heading<'a>>,
    pub definitions: Vec<Definition<'a>>,
    /// Where a section can be put at the end: before code or a comment that is never closed.
    pub end: usize,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heading<'a> {
    /// 1 is the highest.
    pub level: usize,
    /// Without marks and the spaces around it.
    pub text: &'a str,
    /// From the start of its line to the start of the line after it.
    pub span: Range<usize>,
    /// Whether it is underlined.
    pub is_underlined: bool,
}

/// An address that a text in brackets leads to: `[1.5.0]: https://…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Definition<'a> {
    /// Without its brackets.
    pub label: &'a str,
    /// The address.
    pub address: &'a str,
    /// From the start of its line to the start of the line after it.
    pub span: Range<usize>,
}

impl<'a> Layout<'a> {
    /// Takes a text apart, in linear time.
    pub(super) fn read(text: &'a str) -> Self {
        let mut layout = Self { text, headings: Vec::new(), definitions: Vec::new(), end: text.len() };
        let mut opened = 0;
        let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut fence: Option<&str> = None;
        let mut in_comment = false;
        // The line before, if it is a paragraph of one line, which an underline would make a heading.
        let mut paragraph: Option<(usize, &str)> = None;
        let mut after_blank = true;
        for line in text[at..].split_inclusive('\n') {
            let start = at;
            at += line.len();
            let content = line.trim_end();
            let shown = content.trim_start_matches(' ');
            let is_indented = content.len() - shown.len() > 3 || shown.starts_with('\t');
            let previous = paragraph.take();
            let was_blank = std::mem::replace(&mut after_blank, shown.is_empty());
            if let Some(mark) = fence {
                let is_end = shown.starts_with(mark) && shown.trim_start_matches(&mark[..1]).is_empty();
                fence = if is_end && !is_indented { None } else { fence };
            } else if in_comment {
                in_comment = !shown.contains("-->");
            } else if is_indented || shown.is_empty() {
            } else if let Some(mark) = fence_mark(shown) {
                (fence, opened) = (Some(mark), start);
            } else if let Some(rest) = shown.strip_prefix("<!--") {
                (in_comment, opened) = (!rest.contains("-->"), start);
            } else if let Some((level, text)) = heading(shown) {
                layout.headings.push(Heading { level, text, span: start..at, is_underlined: false });
            } else if let (Some(level), Some((start, text))) = (underline(shown), previous) {
                layout.headings.push(Heading { level, text, span: start..at, is_underlined: true });
            } else if let Some((label, address)) = definition(shown) {
                layout.definitions.push(Definition { label, address, span: start..at });
            } else if was_blank && !shown.starts_with(['-', '*', '+', '>', '|']) {
                paragraph = Some((start, content.trim()));
            }
        }
        if fence.is_some() || in_comment {
            layout.end = opened;
        }
        layout
    }

    /// Where the content below a heading ends: at the next one that is not below it, at the definitions, or at the end.
    pub(super) fn end_of(&self, place: usize) -> usize {
        let heading = &self.headings[place];
        let next = self.headings[place + 1..].iter().find(|next| next.level <= heading.level);
        let end = next.map_or(self.text.len(), |next| next.span.start);
        let definition =
            self.definitions.iter().find(|definition| (heading.span.end..end).contains(&definition.span.start));
        // A definition between two sections belongs to the first; what ends the last one is the list of all of them.
        match definition {
            Some(definition) if next.is_none() => definition.span.start,
            _ => end,
        }
    }

    /// The line break that the text uses.
    pub(super) fn line_break(&self) -> &'static str {
        match self.text.find('\n') {
            Some(end) if self.text[..end].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }
}

/// The text of a heading that is marked by `#`.
fn heading(line: &str) -> Option<(usize, &str)> {
    let level = line.bytes().take_while(|b| *b == b'#').count();
    let rest = &line[level..];
    if !(1..=6).contains(&level) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let text = rest.trim();
    let open = text.trim_end_matches('#');
    Some((level, if open.is_empty() || open.ends_with([' ', '\t']) { open.trim_end() } else { text }))
}

/// The level that a line gives to the paragraph above it.
fn underline(line: &str) -> Option<usize> {
    let mark = line.chars().next()?;
    let level = match mark {
        '=' => 1,
        '-' => 2,
        _ => return None,
    };
    line.trim_end().chars().all(|c| c == mark).then_some(level)
}

fn fence_mark(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.len() - line.trim_start_matches(mark).len();
    // Backticks after backticks are a span of code.
    (length >= 3 && !(mark == '`' && line[length..].contains('`'))).then(|| &line[..length])
}

fn definition(line: &str) -> Option<(&str, &str)> {
    let (label, address) = line.strip_prefix('[')?.split_once("]:")?;
    let address = address.trim();
    let is_plain = !label.is_empty() && !label.contains(['[', ']']) && !address.is_empty();
    is_plain.then_some((label, address))
}

/// What the heading of a release says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Title<'a> {
    /// The version.
    pub version: Version,
    /// Whether the version stands in brackets.
    pub in_brackets: bool,
    /// What stands before the version: `v`, or nothing.
    pub prefix: &'a str,
    /// The address behind the brackets, if it is there.
    pub address: Option<&'a str>,
    /// What follows.
    pub rest: &'a str,
}

/// Reads the heading of a release, such as `[1.4.2] - 2026-01-31`; nothing if it is none.
pub(super) fn title(text: &str) -> Option<Title<'_>> {
    let inside = text.strip_prefix('[');
    let from = inside.unwrap_or(text);
    let number = from.strip_prefix(['v', 'V']).unwrap_or(from);
    let prefix = &from[..from.len() - number.len()];
    let length =
        number.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+'))).unwrap_or(number.len());
    let version = Version::parse(&number[..length]).ok()?;
    let rest = &number[length..];
    let rest = inside.map_or(Some(rest), |_| rest.strip_prefix(']'))?;
    let linked = inside.and_then(|_| rest.strip_prefix('(')?.split_once(')'));
    let (address, rest) = linked.map_or((None, rest), |(address, rest)| (Some(address), rest));
    Some(Title { version, in_brackets: inside.is_some(), prefix, address, rest })
}

/// Whether a heading is that of what is not released yet.
pub(super) fn is_unreleased(text: &str) -> bool {
    let word = text.trim_start_matches('[');
    word.get(..10).is_some_and(|word| word.eq_ignore_ascii_case("unreleased"))
        && !word[10..].starts_with(|c: char| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headings(text: &str) -> Vec<(usize, &str)> {
        Layout::read(text).headings.iter().map(|heading| (heading.level, heading.text)).collect()
    }

    #[test]
    fn headings_are_found_and_nothing_else_is() {
        let text = "\u{feff}# A\n\nTwo\n---\n\n```md\n## code\n```\n~~~\n# x\n```\n~~~\n<!--\n# comment\n-->\n    # indented\n#no\n\
                    ### B ###\n- item\n---\n\nlong\ntext\n---\n\nOne\r\n===\r\n## C #d\n";
        assert_eq!(headings(text), [(1, "A"), (2, "Two"), (3, "B"), (1, "One"), (2, "C #d")]);
        assert_eq!(headings("# a\n```\n# never closed"), [(1, "a")]);
        assert_eq!(headings(""), []);
    }

    #[test]
    fn definitions_end_the_last_section() {
        let text = "## a\ntext\n[x]: https://a\n## b\nmore\n\n[1.0.0]: https://b\n[unreleased]: https://c\n";
        let layout = Layout::read(text);
        let labels: Vec<_> =
            layout.definitions.iter().map(|definition| (definition.label, definition.address)).collect();
        assert_eq!(labels, [("x", "https://a"), ("1.0.0", "https://b"), ("unreleased", "https://c")]);
        assert_eq!(&text[layout.headings[0].span.end..layout.end_of(0)], "text\n[x]: https://a\n");
        assert_eq!(&text[layout.headings[1].span.end..layout.end_of(1)], "more\n\n");
    }

    #[test]
    fn titles_are_read() {
        for (text, expected) in [
            ("[1.4.2] - 2026-01-31", Some(("1.4.2", true, "", None, " - 2026-01-31"))),
            ("v1.4.2", Some(("1.4.2", false, "v", None, ""))),
            (
                "[v1.4.2-rc.1](https://a/b) (2026-01-31)",
                Some(("1.4.2-rc.1", true, "v", Some("https://a/b"), " (2026-01-31)")),
            ),
            ("1.4.2 / 2026", Some(("1.4.2", false, "", None, " / 2026"))),
            ("[1.4.2", None),
            ("1.4", None),
            ("Unreleased", None),
            ("", None),
        ] {
            let read = title(text);
            let read = read
                .as_ref()
                .map(|title| (title.version.to_string(), title.in_brackets, title.prefix, title.address, title.rest));
            let read = read.as_ref().map(|(version, brackets, prefix, address, rest)| {
                (version.as_str(), *brackets, *prefix, *address, *rest)
            });
            assert_eq!(read, expected, "{text}");
        }
        for (text, expected) in [
            ("[Unreleased]", true),
            ("unreleased", true),
            ("Unreleased changes", true),
            ("Unreleaseds", false),
            ("Un", false),
        ] {
            assert_eq!(is_unreleased(text), expected, "{text}");
        }
    }
}
