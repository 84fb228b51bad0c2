//! From the tokens of the JSON scanner to a [`Tree`].

use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};
use slipway_core::Result;

use crate::builder::{Builder, invalid};
use crate::tree::{Kind, Layout, Style, Tree};

/// The scanner without what JSON5 adds.
pub(super) const PLAIN: ScannerOptions = ScannerOptions {
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// What the grammar allows next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    ValueOrEnd,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    /// The value of the file is complete.
    Nothing,
}

/// Reads a JSON file.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidFile`] if it does not parse or is nested deeper than 128 collections; the message
/// has the line.
pub(super) fn parse(source: &str) -> Result<Tree<'_>> {
    let text = source.strip_prefix('\u{feff}').unwrap_or(source);
    let skipped = source.len() - text.len();
    let mut scanner = Scanner::new(text, &PLAIN);
    let mut builder = Builder::new(source);
    let mut next = Next::Value;
    let mut behind = skipped;
    loop {
        let token =
            scanner.scan().map_err(|error| invalid("JSON", source, error.range().start + skipped, error.kind()))?;
        let span = scanner.token_start() + skipped..scanner.token_end() + skipped;
        // The scanner skips blanks of all kinds.
        if let Some(blank) = source[behind..span.start].find(|c| !matches!(c, ' ' | '\t' | '\r' | '\n')) {
            return Err(invalid("JSON", source, behind + blank, "a blank character that JSON does not know"));
        }
        behind = span.end;
        let Some(token) = token else { break };
        let raw = &source[span.clone()];
        next = match (next, token) {
            (next, Token::CommentLine(_) | Token::CommentBlock(_)) => next,
            (Next::Value | Next::ValueOrEnd, Token::OpenBrace) => {
                builder.open(Kind::Mapping(Layout::Flow), span.start)?;
                Next::KeyOrEnd
            }
            (Next::Value | Next::ValueOrEnd, Token::OpenBracket) => {
                builder.open(Kind::Sequence(Layout::Flow), span.start)?;
                Next::ValueOrEnd
            }
            (Next::Value | Next::ValueOrEnd | Next::KeyOrEnd, Token::String(value)) => {
                if let Some(control) = raw.find(|c| c < ' ') {
                    return Err(invalid("JSON", source, span.start + control, "a control character in a string"));
                }
                builder.scalar(value, Style::DoubleQuoted, span);
                if next == Next::KeyOrEnd { Next::Colon } else { after_value(&builder) }
            }
            (Next::Value | Next::ValueOrEnd, Token::Boolean(_) | Token::Number(_) | Token::Null) => {
                builder.scalar(raw, Style::Plain, span);
                after_value(&builder)
            }
            (Next::Colon, Token::Colon) => Next::Value,
            (Next::CommaOrEnd, Token::Comma) => match builder.innermost() {
                Some(Kind::Mapping(_)) => Next::KeyOrEnd,
                _ => Next::ValueOrEnd,
            },
            (Next::KeyOrEnd | Next::CommaOrEnd, Token::CloseBrace) if is_mapping(&builder) => {
                builder.close(span.end);
                after_value(&builder)
            }
            (Next::ValueOrEnd | Next::CommaOrEnd, Token::CloseBracket) if !is_mapping(&builder) => {
                builder.close(span.end);
                after_value(&builder)
            }
            (next, _) => {
                let shown: String = raw.chars().take(20).flat_map(char::escape_debug).collect();
                return Err(invalid(
                    "JSON",
                    source,
                    span.start,
                    format!("`{shown}` where {} must stand", wanted(next)),
                ));
            }
        };
    }
    match next {
        Next::Nothing => Ok(builder.finish()),
        _ => Err(invalid("JSON", source, source.len(), format!("it ends where {} must stand", wanted(next)))),
    }
}

fn is_mapping(builder: &Builder<'_>) -> bool {
    matches!(builder.innermost(), Some(Kind::Mapping(_)))
}

fn after_value(builder: &Builder<'_>) -> Next {
    match builder.innermost() {
        Some(Kind::Document) | None => Next::Nothing,
        _ => Next::CommaOrEnd,
    }
}

fn wanted(next: Next) -> &'static str {
    match next {
        Next::Value => "a value",
        Next::ValueOrEnd => "a value or `]`",
        Next::KeyOrEnd => "a key in quotes or `}`",
        Next::Colon => "`:`",
        Next::CommaOrEnd => "a comma or the end of the list or object",
        Next::Nothing => "nothing more",
    }
}
