//! The comma-separated fields of metadata-action's lines.

use slipway_core::{Error, ErrorKind, Result};

/// How a quote inside an unquoted field is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// As a character: the list as a whole is read so.
    Relaxed,
    /// As an error: each entry of the list is read so.
    Strict,
}

/// Splits a line at its commas. A field in double quotes keeps its commas; `""` in it is one quote (RFC 4180).
pub(crate) fn split(line: &str, quotes: Quotes) -> Result<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let (field, after) = quoted(rest).unwrap_or_else(|| {
            let (field, after) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
            (field.trim().into(), after)
        });
        if quotes == Quotes::Strict && field.contains('"') && !rest.trim_start().starts_with('"') {
            return Err(Error::new(ErrorKind::InvalidInput, format!("`{line}` has a quote inside a field")).hint(
                "to keep a comma or a quote, put the whole field in double quotes and double the quotes inside it",
            ));
        }
        fields.push(field);
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok(fields),
        }
    }
}

/// The content of a quoted field and what follows it, which is nothing or a comma.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.trim_start().strip_prefix('"')?;
    let mut field = String::new();
    loop {
        let (before, after) = rest.split_once('"')?;
        field += before;
        match after.strip_prefix('"') {
            Some(next) => {
                field.push('"');
                rest = next;
            }
            None => {
                let after = after.trim_start();
                return (after.is_empty() || after.starts_with(',')).then_some((field, after));
            }
        }
    }
}

/// The entries of a list input: one a line, each a record of which the fields are joined again. `#` starts a comment only as the
/// first character of a line.
pub(crate) fn list(text: &str) -> Result<Vec<String>> {
    text.lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| Ok(split(line, Quotes::Relaxed)?.join(",").trim().to_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_and_quotes_are_kept_inside_quotes() {
        for (line, expected) in [
            ("type=raw,value=x", &["type=raw", "value=x"][..]),
            ("a,", &["a", ""]),
            ("\"a,b\" , c", &["a,b", "c"]),
            ("\"say \"\"hi\"\"\"", &["say \"hi\""]),
        ] {
            assert_eq!(split(line, Quotes::Strict).unwrap(), expected, "{line}");
        }
        assert!(split("x={{date \"YYYY\"}}", Quotes::Strict).is_err());
        assert_eq!(split("x=\"y\"", Quotes::Relaxed).unwrap(), ["x=\"y\""]);
    }

    #[test]
    fn a_list_unquotes_once() {
        let text = "# comment\r\n\n  # entry\ntype=match,\"\"\"pattern=\\d{1,2}\"\"\"\n\"a\"";
        assert_eq!(list(text).unwrap(), ["# entry", "type=match,\"pattern=\\d{1,2}\"", "a"]);
    }
}
