//! Text that came from somewhere else, made harmless before it is shown.

pub mod markdown;

use std::borrow::Cow;
use std::fmt::Write;

/// The longest line that is printed, in characters.
const LINE_LIMIT: usize = 4096;

/// Makes a text safe to print as one line of a runner's log.
///
/// Runners read commands from the output: `::name::` at the start of a line and `##[name]` anywhere in it, where a bare carriage
/// return starts a line too. Those are broken up with a backslash; control and bidirectional characters become visible. Addresses lose
/// their passwords.
pub fn log_safe(text: &str) -> String {
    let text = without_credentials(text);
    let mut safe = String::with_capacity(text.len().min(LINE_LIMIT * 2));
    for (count, character) in text.chars().enumerate() {
        if count == LINE_LIMIT {
            safe.push('…');
            break;
        }
        match character {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push('\t'),
            '[' if safe.ends_with("##") => {
                safe.pop();
                safe.push_str("\\#[");
            }
            ':' if safe.trim_start() == ":" => {
                safe.pop();
                safe.push_str("\\::");
            }
            hidden if is_hidden(hidden) => {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(hidden));
            }
            visible => safe.push(visible),
        }
    }
    safe
}

/// The text with `***` for the user names and passwords of addresses: of `scheme://user:password@host`.
///
/// A password with a slash in it ends the host's place too early for a reader of URLs; it is hidden all the same, up to the last `@`
/// of the word.
pub fn without_credentials(text: &str) -> Cow<'_, str> {
    let mut clean = String::new();
    let (mut copied, mut from) = (0, 0);
    let (mut word_end, mut last_at) = (0, None);
    while let Some(found) = text[from..].find("://") {
        let start = from + found + "://".len();
        if start > word_end {
            word_end = text[start..].find(char::is_whitespace).map_or(text.len(), |end| start + end);
            last_at = text[start..word_end].rfind('@').map(|at| start + at);
        }
        let authority = text[start..word_end].split(['/', '?', '#']).next().unwrap_or_default();
        from = start;
        if let Some(at) = last_at.filter(|at| *at >= start && holds_credentials(authority)) {
            clean.push_str(&text[copied..start]);
            clean.push_str("***");
            (copied, from) = (at, at);
        }
    }
    if copied == 0 { Cow::Borrowed(text) } else { Cow::Owned(clean + &text[copied..]) }
}

/// Whether the place of a host has a user name, or something that can be no port where a port is.
fn holds_credentials(authority: &str) -> bool {
    let port = if authority.starts_with('[') { None } else { authority.split_once(':').map(|(_, port)| port) };
    authority.contains('@') || port.is_some_and(|port| port.is_empty() || !port.bytes().all(|b| b.is_ascii_digit()))
}

/// Makes a text of several lines safe to print, line by line.
pub fn log_safe_lines(text: &str) -> impl Iterator<Item = String> + '_ {
    text.lines().map(log_safe)
}

/// Whether a character is invisible or changes how others are shown: controls, soft hyphen, bidirectional and zero-width characters,
/// fillers, annotations, tags.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// The first characters of a text, with an ellipsis if that is not all of it.
pub fn shorten(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into(),
    }
}

/// The text with a space wherever a line could end.
pub fn one_line(text: &str) -> String {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
    text.split(breaks).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `1 commit`, `2 commits`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// Words in backticks, one after the other: `` `a`, `b` ``.
pub fn quoted(words: &mut dyn Iterator<Item = &str>) -> String {
    let mut list = String::new();
    for word in words {
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.extend(["`", word, "`"]);
    }
    list
}

/// The candidate most like a misspelled word, if one is like it at all.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_of_the_runner_do_not_survive() {
        for (hostile, safe) in [
            ("::error::x", "\\::error::x"),
            ("  ::add-mask::e", "  \\::add-mask::e"),
            ("feat: x\r::add-mask::e", "feat: x\\r::add-mask::e"),
            ("a ##[set-output name=version;]9", "a #\\#[set-output name=version;]9"),
            ("###[x", "##\\#[x"),
            ("a\u{ad}\u{e0041}\u{3164}", "a\\u{ad}\\u{e0041}\\u{3164}"),
            ("\u{a0}\u{3000}::error::x", "\u{a0}\u{3000}\\::error::x"),
            ("a\u{202e}b\u{1b}[31m", "a\\u{202e}b\\u{1b}[31m"),
            ("std::fs", "std::fs"),
            ("tab\tstays", "tab\tstays"),
        ] {
            assert_eq!(log_safe(hostile), safe);
        }
    }

    #[test]
    fn credentials_of_addresses_are_hidden() {
        for (text, shown) in [
            ("https://u:p@host/x", "https://***@host/x"),
            ("see `https://u@host`, and 'http://a:b@c'", "see `https://***@host`, and 'http://***@c'"),
            ("https://u:p/w#x?@host/x", "https://***@host/x"),
            ("https://u:p'w@host", "https://***@host"),
            ("https://u:p@ss/w@host/x", "https://***@host/x"),
            ("http://a:80/x@y https://[::1]:8/x@y", "http://a:80/x@y https://[::1]:8/x@y"),
            ("docker://ghcr.io/acme/shop@sha256:00", "docker://ghcr.io/acme/shop@sha256:00"),
            ("http://a, https://u:/p@h", "http://a, https://***@h"),
            ("://@é://", "://***@é://"),
            ("me@host: no address", "me@host: no address"),
        ] {
            assert_eq!(without_credentials(text), shown, "{text}");
        }
    }

    #[test]
    fn long_lines_are_cut() {
        let long = log_safe(&"x".repeat(10_000));
        assert_eq!(long.chars().count(), LINE_LIMIT + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn lists_are_quoted() {
        assert_eq!(quoted(&mut ["a", "b"].into_iter()), "`a`, `b`");
        assert_eq!(quoted(&mut std::iter::empty()), "");
    }

    #[test]
    fn nearest_is_silent_when_nothing_is_near() {
        assert_eq!(nearest("image", ["images", "tags"]), Some("images"));
        assert_eq!(nearest("dry-run", ["images", "tags"]), None);
    }
}
