//! Regular expressions of users: JavaScript's syntax and meaning (ECMAScript 2025, with its Annex B), on an engine that takes linear
//! time.
//!
//! What takes more than linear time is refused by name: looking around, back-references, and the sets of the flag `v`. Text is read as
//! characters, with and without the flag `u`.

mod emptiness;
mod engine;
mod escape;
mod set;
mod syntax;

use std::ops::Range;

use crate::{Error, ErrorKind, Result};
use engine::Engine;

/// The longest expression, in bytes: a tag is matched, not a book.
const LONGEST: usize = 4096;

/// A regular expression.
#[derive(Clone, Debug)]
pub struct Pattern {
    engine: Engine,
    /// Whether all matches are asked for, not the first one and its groups.
    is_global: bool,
}

/// What the letters after an expression ask for.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    ignore_case: bool,
    multiline: bool,
    dot_all: bool,
    unicode: bool,
    global: bool,
    sticky: bool,
}

impl Pattern {
    /// Reads an expression: `/expression/flags`, or the expression alone.
    ///
    /// # Errors
    /// `InvalidInput` for one that is wrong, too large, or takes more than linear time.
    pub fn parse(text: &str) -> Result<Self> {
        match text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')).filter(|(source, _)| !source.is_empty()) {
            Some((source, flags)) => Self::compile(source, read_flags(flags).map_err(|error| refusal(text, error))?),
            None => Self::plain(text),
        }
    }

    /// Reads an expression without flags, in which slashes are slashes.
    ///
    /// # Errors
    /// As [`Pattern::parse`].
    pub fn plain(text: &str) -> Result<Self> {
        Self::compile(text, Flags::default())
    }

    fn compile(source: &str, flags: Flags) -> Result<Self> {
        let compiled = || {
            if source.len() > LONGEST {
                return Err(invalid(format!("it is longer than {LONGEST} bytes")));
            }
            let expression = syntax::parse(source, flags)?;
            emptiness::check(&expression)?;
            Engine::new(&expression, flags.sticky)
        };
        let shown: String = source.chars().take(100).collect();
        Ok(Self { engine: compiled().map_err(|error| refusal(&shown, error))?, is_global: flags.global })
    }

    /// The first match: the whole of it, then each group; a group that took no part is `None`. With the flag `g`: every match, as
    /// JavaScript's `match` gives them.
    pub fn captures(&self, text: &str) -> Option<Vec<Option<String>>> {
        if self.is_global {
            let all = self.engine.all(text);
            return (!all.is_empty()).then(|| all.into_iter().map(|found| Some(found.to_owned())).collect());
        }
        let groups = self.engine.captures(text)?;
        Some(groups.into_iter().map(|group| group.map(|group| text[group].to_owned())).collect())
    }

    /// Every match in the text, one behind the other, up to a limit: the place of the whole of it, then of each group.
    pub fn places(&self, text: &str, limit: usize) -> Vec<Vec<Option<Range<usize>>>> {
        self.engine.places(text, limit)
    }

    /// How many groups a match can have, itself not counted; with the flag `g` there is no limit.
    pub fn group_count(&self) -> usize {
        if self.is_global { usize::MAX } else { self.engine.group_count() }
    }
}

fn read_flags(text: &str) -> Result<Flags> {
    let mut flags = Flags::default();
    for (at, letter) in text.char_indices() {
        if text[..at].contains(letter) {
            return Err(invalid(format!("the flag `{letter}` stands twice")));
        }
        match letter {
            'i' => flags.ignore_case = true,
            'm' => flags.multiline = true,
            's' => flags.dot_all = true,
            'u' => flags.unicode = true,
            'g' => flags.global = true,
            'y' => flags.sticky = true,
            // Asks for positions, which nobody reads here.
            'd' => {}
            'v' => {
                return Err(invalid("the flag `v` is not supported").hint("use the flag `u`, and classes without sets"));
            }
            other => return Err(invalid(format!("the flag `{other}` is not known")).hint("the flags are `dgimsuy`")),
        }
    }
    if flags.global && flags.sticky {
        return Err(invalid("the flags `g` and `y` are not supported together").hint("leave one of them out"));
    }
    Ok(flags)
}

fn invalid(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, why)
}

fn refusal(source: &str, error: Error) -> Error {
    error.context(format!("the regular expression `{source}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Option<Vec<String>> {
        let groups = Pattern::parse(pattern).unwrap().captures(text)?;
        Some(groups.into_iter().map(|group| group.unwrap_or_else(|| "undefined".into())).collect())
    }

    fn refused(pattern: &str) -> String {
        Pattern::parse(pattern).unwrap_err().to_string()
    }

    #[test]
    fn expressions_mean_what_they_mean_in_javascript() {
        for (pattern, text, expected) in [
            (r"v(\d+)\.(\d+)", "app-v1.23", &["v1.23", "1", "23"][..]),
            (r"\d{8}-(.*)", "20260304-rc7", &["20260304-rc7", "rc7"]),
            ("a|ab", "ab", &["a"]),
            ("a{,2}", "a{,2}", &["a{,2}"]),
            ("x{}]", "x{}]", &["x{}]"]),
            (r"(?<year>\d{4})", "in 2026", &["2026", "2026"]),
            (r"a\/b\-c\_d", "a/b-c_d", &["a/b-c_d"]),
            ("[^]+", "a\nb", &["a\nb"]),
            (".+", "a\u{2028}b", &["a"]),
            (r"\x61\u0062\143\cJ\0", "abc\n\0", &["abc\n\0"]),
            (r"\ud83d\ude80", "to 🚀", &["🚀"]),
            (r"[a\-c]+", "b-ca-", &["-ca-"]),
            (r"[\w-]+", "a-b c", &["a-b"]),
            (r"[+-.]+", "1+-.2", &["+-."]),
            (r"\bmain\b", "the main one", &["main"]),
            (r"^$", "", &[""]),
            (r"a$b|^c", "c", &["c"]),
            (r"\s", "a\u{a0}b", &["\u{a0}"]),
            ("/V(\\d)/i", "v7", &["v7", "7"]),
            ("/É/i", "é", &["é"]),
            ("/^b.c$/ms", "a\nb\nc", &["b\nc"]),
            ("/a/b/", "xa/b", &["a/b"]),
            ("/v", "/v", &["/v"]),
            ("//", "//", &["//"]),
            ("/\\d+/g", "1.22.333", &["1", "22", "333"]),
            ("/a*/g", "aab", &["aa", "", ""]),
            ("/b/y", "b", &["b"]),
            ("/\\u{1f680}/u", "🚀", &["🚀"]),
            (r"\p{L}", "p{L}", &["p{L}"]),
            ("(?i:A)b", "ab", &["ab"]),
            ("/(?-i:A)b/i", "AB", &["AB"]),
        ] {
            let expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(found(pattern, text), Some(expected), "{pattern}");
        }
        for (pattern, text) in
            [("[]", "a"), ("/b/y", "ab"), ("/a/", "A"), (r"\D", "1"), ("a^b", "ab"), ("(?-i:A)", "a")]
        {
            assert_eq!(found(pattern, text), None, "{pattern}");
        }
        assert_eq!(Pattern::plain("/a/").unwrap().captures("a"), None, "without flags, slashes are slashes");
    }

    #[test]
    fn each_round_of_a_repetition_starts_with_empty_groups() {
        for (pattern, text, expected) in [
            ("(?:(a)|(b))*", "ab", &["ab", "undefined", "b"][..]),
            ("(?:(a)|b)*", "ab", &["ab", "undefined"]),
            ("((a)|b)+c", "abac", &["abac", "a", "a"]),
            ("(a*)*", "b", &["", "undefined"]),
            ("(a*)?", "b", &["", "undefined"]),
            ("(a*)+", "b", &["", ""]),
            (r"(\d+)(?:\.(\d+))*", "1.2.3", &["1.2.3", "1", "3"]),
            (r"(\d+)(-.*)?", "1", &["1", "1", "undefined"]),
        ] {
            let expected: Vec<String> = expected.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(found(pattern, text), Some(expected), "{pattern}");
        }
        assert_eq!(Pattern::parse("(a)(?:b(c))*").unwrap().group_count(), 2);
        assert_eq!(Pattern::parse("[(](?:a)").unwrap().group_count(), 0);
    }

    #[test]
    fn what_can_take_for_ever_is_refused_by_name() {
        for (pattern, named) in [
            ("(?<=app-)v\\d", "looking behind with `(?<=…)` is not supported"),
            ("v(?!0)", "looking ahead with `(?!…)` is not supported"),
            ("(a)\\1", "the back-reference `\\1` is not supported"),
            ("(?<n>a)\\k<n>", "the back-reference `\\k` is not supported"),
            ("/\\p{L}/u", "the Unicode property `\\p` is not supported"),
            ("/a/v", "the flag `v` is not supported"),
            ("/a/gy", "the flags `g` and `y` are not supported together"),
            ("(a*?)*b", "it repeats what can be empty, which is not supported"),
        ] {
            let error = refused(pattern);
            assert!(error.contains(named) && error.contains(". "), "{pattern}: {error}");
        }
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (pattern, told) in [
            ("v(\\d{1", "the regular expression `v(\\d{1`: a `(` is not closed at its end"),
            ("a)", "a `)` closes nothing at `)`"),
            ("[a", "a `[` is not closed at its end"),
            ("a**", "there is nothing to repeat at `*`"),
            ("^*", "there is nothing to repeat at `*`"),
            ("{2}", "`{` stands alone at `{2}`"),
            ("a{2,1}b", "the numbers are out of order at `{2,1}b`"),
            ("[z-a]", "a range in a class is out of order, before what stands at `]`"),
            ("a\\", "a backslash stands alone at its end"),
            ("(?a)", "`(?` starts no group that is known at `a)`"),
            ("/\\-/u", "`\\-` means nothing with the flag `u`. leave the backslash out"),
            ("/a/x", "the regular expression `/a/x`: the flag `x` is not known"),
            ("/a/ii", "the flag `i` stands twice"),
        ] {
            let error = refused(pattern);
            assert!(error.contains(told), "{pattern}: {error}");
        }
    }

    #[test]
    fn hostile_expressions_and_texts_end_soon() {
        let text = format!("{}!", "a".repeat(20_000));
        for pattern in ["(a+)+$", "^(a|a)*$", "(a|aa)+$", "(.*)(.*)(.*)(.*)x", "(?:a?){30}b"] {
            assert_eq!(found(pattern, &text), None, "{pattern}");
        }
        for pattern in ["a{10000000}", "((a{1000}){1000}){1000}", "(?:){999999999}", "/[^\\u0000-\\uffff]{99999}/i"] {
            assert!(refused(pattern).contains("it is too large. repeat less"), "{pattern}");
        }
        assert!(refused(&"(".repeat(2_000)).contains("nested more than 100 deep"));
        assert!(refused(&"a".repeat(10_000_000)).contains("longer than 4096 bytes"));
        assert!(Pattern::parse(&format!("/{}/i", "[\\0-\\uffff]".repeat(100))).is_ok());
        assert!(Pattern::parse(&format!("{}a{}", "(".repeat(100), ")*".repeat(100))).is_ok());
    }
}
