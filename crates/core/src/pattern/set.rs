//! Sets of characters.

use std::fmt::Write as _;

/// What lies between characters: no text has one of these.
const SURROGATES: (u32, u32) = (0xd800, 0xdfff);
const LAST: u32 = 0x10_ffff;
/// No character beyond has another case.
const LAST_WITH_CASE: u32 = 0x1_e943;

const DIGITS: &[(u32, u32)] = &[(0x30, 0x39)];
const WORD: &[(u32, u32)] = &[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];
const SPACE: &[(u32, u32)] = &[
    (0x09, 0x0d),
    (0x20, 0x20),
    (0xa0, 0xa0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x2028, 0x2029),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
    (0xfeff, 0xfeff),
];
const LINE_ENDS: &[(u32, u32)] = &[(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)];

/// A set of characters, as ranges of their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Set(Vec<(u32, u32)>);

impl Set {
    /// One character.
    pub(super) fn of(character: u32) -> Self {
        Self(vec![(character, character)])
    }

    /// Every character.
    pub(super) fn all() -> Self {
        Self::default().complement()
    }

    /// What `.` stands for: every character but the ends of lines.
    pub(super) fn within_line() -> Self {
        Self(LINE_ENDS.into()).complement()
    }

    /// What `\d`, `\w`, `\s` and their opposites stand for.
    pub(super) fn named(letter: char) -> Option<Self> {
        let ranges = match letter.to_ascii_lowercase() {
            'd' => DIGITS,
            'w' => WORD,
            's' => SPACE,
            _ => return None,
        };
        let set = Self(ranges.into());
        Some(if letter.is_ascii_uppercase() { set.complement() } else { set })
    }

    /// Adds the characters from the first to the last.
    pub(super) fn add(&mut self, first: u32, last: u32) {
        self.0.push((first, last));
    }

    /// Adds another set.
    pub(super) fn extend(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// The same with upper and lower case of every character in it.
    pub(super) fn with_other_case(mut self) -> Self {
        for (first, last) in self.0.clone() {
            for character in (first..=last.min(LAST_WITH_CASE)).filter_map(char::from_u32) {
                let mut add = |other: char| {
                    // Outside ASCII a letter stays there: `ſ` is no `s`.
                    if other != character && other.is_ascii() == character.is_ascii() {
                        self.0.push((other.into(), other.into()));
                    }
                };
                single(character.to_lowercase()).into_iter().for_each(&mut add);
                single(character.to_uppercase()).into_iter().for_each(&mut add);
            }
        }
        self.normalized()
    }

    /// The characters that are not in it.
    pub(super) fn complement(self) -> Self {
        let mut others = Vec::new();
        let mut next = 0;
        for (first, last) in self.normalized().0 {
            if first > next {
                others.push((next, first - 1));
            }
            next = last + 1;
        }
        if next <= LAST {
            others.push((next, LAST));
        }
        Self(others)
    }

    /// Sorted, and without overlap.
    fn normalized(mut self) -> Self {
        self.0.sort_unstable();
        let mut ranges: Vec<(u32, u32)> = Vec::with_capacity(self.0.len());
        for (first, last) in self.0 {
            match ranges.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => before.1 = before.1.max(last),
                _ => ranges.push((first, last)),
            }
        }
        Self(ranges)
    }

    /// Writes it in the engine's syntax. A set without characters matches nothing.
    pub(super) fn write(self, output: &mut String) {
        let start = output.len();
        output.push('[');
        for (first, last) in self.normalized().0 {
            // The engine knows no surrogates.
            for (first, last) in [(first, last.min(SURROGATES.0 - 1)), (first.max(SURROGATES.1 + 1), last)] {
                if first <= last {
                    // To a text no write fails.
                    let _ = write!(output, "\\u{{{first:x}}}-\\u{{{last:x}}}");
                }
            }
        }
        if output.ends_with('[') {
            output.truncate(start);
            output.push_str(r"\z\u{0}");
        } else {
            output.push(']');
        }
    }
}

/// The character, if it is one alone.
fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}
