//! What readers of YAML take an unquoted scalar for.
//!
//! Manifests are read by YAML 1.1 and 1.2 readers alike (PyYAML, go-yaml, SnakeYAML, js-yaml), and they disagree on
//! `on`, `0o17`, `1_000`, `12:30` and dates. What any of them takes for something other than text is not text here.

/// The type that an unquoted scalar has for at least one reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolved {
    Text,
    Null,
    Bool,
    Int,
    Float,
    /// A date, a time, the merge key `<<` or the default key `=`.
    Other,
}

/// Resolves an unquoted scalar by the rules of YAML 1.1 and 1.2 together.
pub(super) fn resolve(text: &str) -> Resolved {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "n" | "N" | "no" | "No" | "NO" | "true" | "True" | "TRUE" | "false"
        | "False" | "FALSE" | "on" | "On" | "ON" | "off" | "Off" | "OFF" => Resolved::Bool,
        "<<" | "=" => Resolved::Other,
        _ if is_timestamp(text) => Resolved::Other,
        _ => number(text.strip_prefix(['-', '+']).unwrap_or(text)),
    }
}

fn number(text: &str) -> Resolved {
    if matches!(text, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return Resolved::Float;
    }
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Resolved::Text;
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case(prefix)) {
            let digits = &text[2..];
            let is_int = digits.contains(|c: char| c != '_') && digits.chars().all(|c| c == '_' || c.is_digit(radix));
            return if is_int { Resolved::Int } else { Resolved::Text };
        }
    }
    let mut rest = Rest(text);
    let whole = rest.digits();
    if rest.0.is_empty() {
        return Resolved::Int;
    }
    if rest.0.starts_with(':') {
        return base_60(rest);
    }
    let fraction = if rest.take('.') { rest.digits() } else { 0 };
    if whole + fraction == 0 {
        return Resolved::Text;
    }
    if rest.take('e') || rest.take('E') {
        let _ = rest.take('-') || rest.take('+');
        if rest.digits() == 0 {
            return Resolved::Text;
        }
    }
    if rest.0.is_empty() { Resolved::Float } else { Resolved::Text }
}

/// `12:30:45`, which YAML 1.1 takes for 45045, and `12:30.5`.
fn base_60(mut rest: Rest<'_>) -> Resolved {
    while rest.take(':') {
        let digits = rest.0.bytes().take_while(u8::is_ascii_digit).count();
        let in_range = match digits {
            1 => true,
            2 => rest.0.as_bytes()[0] < b'6',
            _ => false,
        };
        if !in_range {
            return Resolved::Text;
        }
        rest.0 = &rest.0[digits..];
    }
    if rest.0.is_empty() {
        return Resolved::Int;
    }
    let is_float = rest.take('.') && rest.0.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    if is_float { Resolved::Float } else { Resolved::Text }
}

struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn take(&mut self, c: char) -> bool {
        let rest = self.0.strip_prefix(c);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Skips digits and underscores; the number of digits.
    fn digits(&mut self) -> usize {
        let end = self.0.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        digits.bytes().filter(u8::is_ascii_digit).count()
    }

    /// Skips between `least` and `most` digits.
    fn short_number(&mut self, least: usize, most: usize) -> bool {
        let digits = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        self.0 = &self.0[digits..];
        digits >= least
    }
}

/// `2026-11-21`, `2026-11-21T10:00:00Z` and the looser forms of the YAML 1.1 timestamp.
fn is_timestamp(text: &str) -> bool {
    let mut rest = Rest(text);
    let is_date = rest.short_number(4, 4)
        && rest.take('-')
        && rest.short_number(1, 2)
        && rest.take('-')
        && rest.short_number(1, 2);
    if !is_date || rest.0.is_empty() {
        return is_date;
    }
    let blanks = rest.0.len() - rest.0.trim_start_matches([' ', '\t']).len();
    rest.0 = &rest.0[blanks..];
    let is_time = (blanks > 0 || rest.take('T') || rest.take('t'))
        && rest.short_number(1, 2)
        && rest.take(':')
        && rest.short_number(2, 2)
        && rest.take(':')
        && rest.short_number(2, 2);
    if is_time && rest.take('.') {
        rest.digits();
    }
    rest.0 = rest.0.trim_start_matches([' ', '\t']);
    if !is_time || rest.0.is_empty() || rest.0 == "Z" {
        return is_time;
    }
    let has_zone = (rest.take('+') || rest.take('-')) && rest.short_number(1, 2);
    let _ = rest.take(':');
    has_zone && (rest.0.is_empty() || rest.short_number(2, 2) && rest.0.is_empty())
}

#[cfg(test)]
mod tests {
    use super::Resolved::{Bool, Float, Int, Null, Other, Text};
    use super::*;

    #[test]
    fn readers_of_either_version_are_believed() {
        for (expected, texts) in [
            (Null, "~ null Null NULL"),
            (Bool, "y N yes Yes NO true True FALSE on Off ON"),
            (Int, "0 7 -3 +12 007 0755 089 1_000 0x1F -0xff 0X1f 0o17 0b101 12:30 12:30:45 190:20:30 1:2"),
            (Float, "1.5 1. .5 -1.10 1_0.5 1e3 12e4567 1E-3 1.5e+3 6.8e+06 .inf -.INF .nan 12:30.5 0.1"),
            (Other, "<< = 2026-11-21 2026-1-2 2026-11-21T10:00:00Z 2001-12-14t21:59:43.10-05:00 2026-11-21T1:00:00+2"),
            (Text, "v1 1.2.3 1.5.0-rc.1 abc1234 12e 1e+ 0x 0xg 0b2 0o8 . - + -. 8080:80 12:60 1:2:300 12:30: nan inf"),
            (
                Text,
                "nULL tRUE yEs _1 1,000 2026-11 20261121T10 2026-11-21x 2026-11-21T10-00 2026-111-1 sha256:1f :1 +-1 é",
            ),
        ] {
            for text in texts.split(' ') {
                assert_eq!(resolve(text), expected, "{text}");
            }
        }
        assert_eq!(resolve(""), Null);
        assert_eq!(resolve("2001-12-14 21:59:43.10 -5"), Other);
        assert_eq!(resolve("2001-12-14 "), Text);
    }
}
