//! From text to tokens.

/// A token and where it begins, in bytes from 0.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: usize,
    pub(super) end: usize,
}

/// The kinds of token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Integer(i64),
    Number(f64),
    Text(String),
    /// A name, or an operator that is a word.
    Word(String),
    /// `#`, or `#name` without the `#`.
    Pointer(String),
    /// An operator or a bracket.
    Sign(&'static str),
    End,
}

/// Every sign; of two that begin alike the longer one stands first.
const SIGNS: [&str; 31] = [
    "==", "!=", "<=", ">=", "&&", "||", "**", "..", "??", "?.", "<", ">", "!", "+", "-", "*", "/", "%", "^", "|", "?",
    ":", "(", ")", "[", "]", "{", "}", ",", ".", "=",
];

/// Splits a condition.
///
/// # Errors
/// The first thing that is no token.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        }
        let (kind, length) = match first {
            '0'..='9' => number(&text[at..], at)?,
            '.' if text[at + 1..].starts_with(|c: char| c.is_ascii_digit()) => number(&text[at..], at)?,
            '\'' | '"' | '`' => quoted(&text[at..], first, at)?,
            '#' => {
                let name = word(&text[at + 1..]);
                (Kind::Pointer(name.to_owned()), 1 + name.len())
            }
            ';' => (Kind::Sign(";"), 1),
            _ if is_name(first) => {
                let name = word(&text[at..]);
                (Kind::Word(name.to_owned()), name.len())
            }
            _ => match SIGNS.iter().find(|sign| text[at..].starts_with(**sign)) {
                Some(sign) => (Kind::Sign(sign), sign.len()),
                None => return Err(format!("`{first}` at byte {} is not understood", at + 1)),
            },
        };
        tokens.push(Token { kind, at, end: at + length });
        at += length;
    }
    tokens.push(Token { kind: Kind::End, at, end: at });
    Ok(tokens)
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$')
}

fn word(text: &str) -> &str {
    &text[..text.find(|c: char| !is_name(c)).unwrap_or(text.len())]
}

fn number(text: &str, at: usize) -> Result<(Kind, usize), String> {
    let bytes = text.as_bytes();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(prefix)) {
            let digits = word(&text[2..]);
            let number = i64::from_str_radix(&digits.replace('_', ""), radix);
            return number.map(|number| (Kind::Integer(number), 2 + digits.len())).map_err(|_| bad_number(text, at));
        }
    }
    let mut end = 0;
    let mut is_whole = true;
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'0'..=b'9' | b'_' => {}
            // `1..2` is a range.
            b'.' if is_whole && bytes.get(end + 1) != Some(&b'.') => is_whole = false,
            b'e' | b'E' => {
                is_whole = false;
                if matches!(bytes.get(end + 1), Some(b'+' | b'-')) {
                    end += 1;
                }
            }
            _ => break,
        }
        end += 1;
    }
    let digits = text[..end].replace('_', "");
    let follows = text[end..].chars().next().is_some_and(is_name);
    let kind = match is_whole {
        _ if follows => None,
        true => digits.parse().ok().map(Kind::Integer),
        false => digits.parse().ok().map(Kind::Number),
    };
    kind.map(|kind| (kind, end)).ok_or_else(|| bad_number(text, at))
}

fn bad_number(text: &str, at: usize) -> String {
    format!("`{}` at byte {} is not a number", word(text), at + 1)
}

fn quoted(text: &str, quote: char, at: usize) -> Result<(Kind, usize), String> {
    let endless = || format!("the text that begins at byte {} has no end", at + 1);
    let mut content = String::new();
    let mut characters = text.char_indices().skip(1);
    loop {
        let (index, character) = characters.next().ok_or_else(endless)?;
        match character {
            _ if character == quote => return Ok((Kind::Text(content), index + 1)),
            '\\' if quote != '`' => {
                let (_, escaped) = characters.next().ok_or_else(endless)?;
                content.push(match escaped {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    '0' => '\0',
                    '\\' | '\'' | '"' | '`' => escaped,
                    'u' => {
                        let digits: String = characters.by_ref().take(4).map(|(_, digit)| digit).collect();
                        u32::from_str_radix(&digits, 16)
                            .ok()
                            .and_then(char::from_u32)
                            .ok_or_else(|| format!("`\\u{digits}` is not a character"))?
                    }
                    _ => return Err(format!("`\\{escaped}` is not an escape of a text")),
                });
            }
            _ => content.push(character),
        }
    }
}
