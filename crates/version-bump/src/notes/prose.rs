//! What people wrote into commits, as Markdown that shows it and does nothing else.
//!
//! Code in backticks stays code. What GitHub would act upon is put into code too, where it acts upon nothing: `@name`, which would
//! notify somebody (and is the beginning of many package names), `owner/name#12`, which would leave a mark there, and addresses.

use slipway_core::text::is_hidden;

use super::links::Web;

/// Markdown that shows a text; the numbers of issues and pull requests of this repository become links where its address is known.
/// Quadratic at worst: shorten the text first.
pub(crate) fn prose(raw: &str, web: Option<&Web>) -> String {
    let visible: String = raw.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    let text = visible.trim();
    let mut written = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let done = &text[..text.len() - rest.len()];
        let before = done.chars().next_back();
        if let Some((span, after)) = code_span(rest) {
            written.push_str(span);
            rest = after;
        } else if let Some(length) = word(rest).filter(|_| !before.is_some_and(is_of_word)) {
            push_word(&mut written, &rest[..length], web);
            rest = &rest[length..];
        } else {
            let after = rest[character.len_utf8()..].chars().next();
            push_character(&mut written, character, done, after);
            rest = &rest[character.len_utf8()..];
        }
    }
    written
}

/// A span of code at the start of a text, and what follows it.
fn code_span(text: &str) -> Option<(&str, &str)> {
    let fence = text.bytes().take_while(|b| *b == b'`').count();
    if fence == 0 {
        return None;
    }
    let mut at = fence;
    loop {
        at += text[at..].find('`')?;
        let run = text[at..].bytes().take_while(|b| *b == b'`').count();
        let inside = &text[fence..at];
        at += run;
        if run == fence {
            return (!inside.trim().is_empty()).then(|| text.split_at(at));
        }
    }
}

fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '/' | '#' | '@' | '-')
}

/// The length of a word that GitHub could act upon.
fn word(text: &str) -> Option<usize> {
    if let Some(rest) = ["https://", "http://"].iter().find_map(|scheme| text.strip_prefix(scheme)) {
        let rest =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`')).map_or("", |end| &rest[end..]);
        let address = text[..text.len() - rest.len()].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']']);
        return Some(address.len());
    }
    let length = text.find(|c: char| !is_of_word(c)).unwrap_or(text.len());
    let length = text[..length].trim_end_matches(['.', '/', '-', '_']).len();
    let word = &text[..length];
    let mentions = word.match_indices('@').any(|(at, _)| {
        word[at + 1..].starts_with(|c: char| c.is_ascii_alphanumeric())
            && !word[..at].ends_with(|c: char| c.is_ascii_alphanumeric())
    });
    (mentions || reference(word).is_some()).then_some(length)
}

/// What stands before `#12` at the end of a word, and the digits.
fn reference(word: &str) -> Option<(&str, &str)> {
    let (before, digits) = word.rsplit_once('#')?;
    let is_number = !digits.is_empty() && digits.len() < 12 && digits.bytes().all(|b| b.is_ascii_digit());
    is_number.then_some((before, digits))
}

fn push_word(written: &mut String, word: &str, web: Option<&Web>) {
    match (reference(word), web) {
        (Some(("", number)), Some(web)) => written.push_str(&format!("[#{number}]({})", web.issue(number))),
        (Some(("", _)), None) => written.push_str(word),
        _ => written.push_str(&format!("`{word}`")),
    }
}

fn push_character(written: &mut String, character: char, done: &str, after: Option<char>) {
    let before = done.chars().next_back();
    let is_word = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
    match character {
        '<' => written.push_str("&lt;"),
        '>' if done.ends_with("--") => written.push_str("&gt;"),
        '&' if after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '#') => written.push_str("&amp;"),
        '_' if is_word(before) && is_word(after) => written.push('_'),
        '\\' | '`' | '*' | '_' | '[' | ']' | '~' => written.extend(['\\', character]),
        // Only at the start of an entry do these mean a list, a quotation or a heading.
        '-' | '+' | '>' | '#' | '=' | ':' if before.is_none() => written.extend(['\\', character]),
        '.' | ')' if !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit()) => {
            written.extend(['\\', character]);
        }
        character => written.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_shows_as_it_is() {
        let web = Web::new("https://github.com/acme/shop").unwrap();
        for (raw, shown) in [
            ("accept `zip` and ``a`b``", "accept `zip` and ``a`b``"),
            ("an open ` tick, ` `", "an open ` tick, ` \\`"),
            ("an open ` and ``", "an open \\` and \\`\\`"),
            ("snake_case and __init__.py", "snake_case and \\_\\_init\\_\\_.py"),
            ("a *b* [c](javascript:d) ~~e~~", "a \\*b\\* \\[c\\](javascript:d) \\~\\~e\\~\\~"),
            ("<!-- x --> Vec<T> && &amp; a&b", "&lt;!-- x --&gt; Vec&lt;T> && &amp;amp; a&amp;b"),
            ("@everyone and (@ada).", "`@everyone` and (`@ada`)."),
            ("bump @types/node from 1", "bump `@types/node` from 1"),
            ("by ada@example.com", "by ada@example.com"),
            (
                "like #12, acme/other#13 and other#14",
                "like [#12](https://github.com/acme/shop/issues/12), `acme/other#13` and `other#14`",
            ),
            ("see https://github.com/a/b/issues/1.", "see `https://github.com/a/b/issues/1`."),
            ("- a", "\\- a"),
            ("1. a", "1\\. a"),
            ("# a", "\\# a"),
            ("> a", "\\> a"),
            ("a\u{202e}b\u{0}c\u{200b}", "a b c"),
            ("größe – ok", "größe – ok"),
            ("`", "\\`"),
            ("", ""),
        ] {
            assert_eq!(prose(raw, Some(&web)), shown, "{raw:?}");
        }
        assert_eq!(prose("like #12", None), "like #12");
        assert_eq!(prose("`@ada` @ada", None), "`@ada` `@ada`");
    }
}
