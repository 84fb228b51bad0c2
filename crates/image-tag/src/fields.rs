//! Comma-separated records, as metadata-action's inputs are written.

use slipway_core::text::shorten;
use slipway_core::{Error, ErrorKind, Result};

/// How much of a line an error shows, in characters.
const SHOWN: usize = 120;

/// How a quote inside an unquoted field is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// As a character: the list as a whole is read so.
    Relaxed,
    /// As an error: each entry of the list is read so.
    Strict,
}

/// Splits a line at its commas. A field in double quotes keeps its commas; `""` in it is one quote (RFC 4180). White space stays.
pub(crate) fn split(line: &str) -> Result<Vec<String>> {
    Ok(records(line, Quotes::Strict)?.into_iter().next().unwrap_or_default())
}

/// The entries of a list input: one a line, each a record of which the fields are joined again. `#` starts a comment only as the
/// first character of a line.
pub(crate) fn list(text: &str) -> Result<Vec<String>> {
    // Inputs are trimmed as a whole before they are read, so the first line has no indentation.
    let records = records(text.trim(), Quotes::Relaxed)?.into_iter();
    let entries = records.map(|fields| fields.join(",").trim().to_owned());
    Ok(entries.filter(|entry| !entry.is_empty()).collect())
}

/// Records, one a line; a quoted field can go on over line breaks. Empty lines are none.
fn records(text: &str, quotes: Quotes) -> Result<Vec<Vec<String>>> {
    let invalid = |why: &str, at: &str| {
        let line = at.lines().next().unwrap_or_default();
        Error::new(ErrorKind::InvalidInput, format!("`{}`: {why}", shorten(line, SHOWN))).hint(
            "to keep a comma or a quote, put the whole field in double quotes and double the quotes inside it; in a \
             list, do so twice",
        )
    };
    // A list shows its line; a line is known to the caller, and shows its field.
    let shown = |line: usize, field: usize| &text[if quotes == Quotes::Strict { field } else { line }..];
    let (mut records, mut record) = (Vec::new(), Vec::new());
    let mut field = String::new();
    let mut opened = None;
    let (mut line, mut start) = (0, 0);
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character == '"' && opened.is_some() {
            match characters.peek().map(|(_, next)| *next) {
                Some('"') => {
                    characters.next();
                    field.push('"');
                    continue;
                }
                None | Some(',' | '\n' | '\r') => {
                    opened = None;
                    continue;
                }
                Some(_) if quotes == Quotes::Strict => {
                    return Err(invalid("after the closing quote of a field there is more", shown(line, start)));
                }
                Some(_) => {
                    opened = None;
                    field.insert(0, '"');
                }
            }
        } else if character == '"' && field.is_empty() {
            opened = Some((line, start));
            continue;
        } else if character == '"' && quotes == Quotes::Strict {
            return Err(invalid("there is a quote inside a field", shown(line, start)).hint(
                "write single quotes in expressions, such as `{{date 'YYYY'}}`; a double quote stays if it is doubled \
                     and the whole field in double quotes",
            ));
        }
        match character {
            _ if opened.is_some() => field.push(character),
            ',' => {
                start = at + 1;
                record.push(std::mem::take(&mut field));
            }
            '\n' => {
                (line, start) = (at + 1, at + 1);
                end(&mut records, &mut record, &mut field);
            }
            '\r' if characters.peek().is_some_and(|(_, next)| *next == '\n') => {}
            '#' if quotes == Quotes::Relaxed && at == line => {
                while characters.next_if(|(_, next)| *next != '\n').is_some() {}
            }
            _ => field.push(character),
        }
    }
    if let Some((line, start)) = opened {
        return Err(invalid("a quote has no end", shown(line, start)));
    }
    end(&mut records, &mut record, &mut field);
    Ok(records)
}

fn end(records: &mut Vec<Vec<String>>, record: &mut Vec<String>, field: &mut String) {
    let field = std::mem::take(field);
    if !record.is_empty() || !field.trim().is_empty() {
        record.push(field);
        records.push(std::mem::take(record));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_quotes_are_kept_inside_quotes() {
        for (line, expected) in [
            ("type=raw,value=x", &["type=raw", "value=x"][..]),
            ("a,", &["a", ""]),
            ("\"a,b\",c", &["a,b", "c"]),
            ("\"say \"\"hi\"\"\"", &["say \"hi\""]),
            ("a , b", &["a ", " b"]),
        ] {
            assert_eq!(split(line).unwrap(), expected, "{line}");
        }
        for line in ["x={{date \"YYYY\"}}", "\"a\" ,b", " \"a\"", "\"a", "a\"b"] {
            assert_eq!(split(line).unwrap_err().kind(), ErrorKind::InvalidInput, "{line}");
        }
    }

    #[test]
    fn a_list_unquotes_once() {
        let text =
            "# comment\r\n\n  # entry\ntype=match,\"\"\"pattern=\\d{1,2}\"\"\"\n\"a\"\nb # c\nx=\"y\"\n\"p\"q\"\n \n";
        let expected = ["# entry", "type=match,\"pattern=\\d{1,2}\"", "a", "b # c", "x=\"y\"", "\"p\"q\""];
        assert_eq!(list(text).unwrap(), expected);
        assert_eq!(list("  # first\n  # second\n").unwrap(), ["# second"]);
        assert_eq!(list("\"a\nb\",c\nd").unwrap(), ["a\nb,c", "d"]);
        let error = list("a\n\"b\nc").unwrap_err();
        assert!(error.to_string().starts_with("`\"b`: a quote has no end"), "{error}");
    }
}
