//! The lines after the header: prose, then footers.

use super::DESCRIPTION_LIMIT;

/// What the lines after the header say about breaking changes.
pub(super) struct Body {
    /// What breaks, by a footer.
    pub breaking: Option<String>,
    /// Whether a line looks as if somebody had meant a breaking change.
    pub is_doubtful: bool,
    /// What the specification forbids in it.
    pub fault: Option<&'static str>,
}

/// Footers begin after a blank line; from the first one on, every line can begin another.
pub(super) fn read_body(body: &str) -> Body {
    let mut read = Body { breaking: None, is_doubtful: false, fault: None };
    if body.lines().next().is_some_and(|line| !line.trim().is_empty()) {
        read.fault = Some("no blank line stands after the header");
    }
    let (mut after_blank, mut in_footers) = (false, false);
    let mut lines = body.split('\n').peekable();
    while let Some(line) = lines.next() {
        if (after_blank || in_footers) && is_footer(line) {
            in_footers = true;
            if let Some(value) = breaking_value(line) {
                let mut text = value.trim().to_owned();
                while let Some(more) = lines.next_if(|line| !line.trim().is_empty() && !is_footer(line)) {
                    if text.len() < DESCRIPTION_LIMIT * 4 {
                        text = format!("{text} {}", more.trim());
                    }
                }
                let text = text.trim();
                if text.is_empty() {
                    read.is_doubtful = true;
                    read.fault = read.fault.or(Some("a BREAKING CHANGE footer says nothing"));
                } else if read.breaking.is_none() {
                    read.breaking = Some(text.into());
                }
            } else {
                read.is_doubtful |= mentions_breaking(line);
            }
        } else {
            read.is_doubtful |= mentions_breaking(line);
        }
        after_blank = line.trim().is_empty();
    }
    read
}

/// What follows the token of a breaking change, which is written in upper case; with nothing after the colon, the value may follow
/// on the next line.
fn breaking_value(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("BREAKING CHANGE:").or_else(|| line.strip_prefix("BREAKING-CHANGE:"))?;
    (rest.starts_with(' ') || rest.trim().is_empty()).then_some(rest)
}

/// Whether a line begins a footer: a word or `BREAKING CHANGE`, then `: ` or ` #`.
fn is_footer(line: &str) -> bool {
    if breaking_value(line).is_some() {
        return true;
    }
    let word = line.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count();
    let rest = &line[word..];
    word > 0 && (rest.starts_with(": ") || rest.starts_with(" #"))
}

/// Whether a line looks as if somebody had meant a breaking change.
pub(super) fn mentions_breaking(line: &str) -> bool {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let text = line.trim_start_matches([' ', '*', '-', '|']);
    let rest = text.strip_prefix("BREAKING CHANGE").or_else(|| text.strip_prefix("BREAKING-CHANGE"));
    // Four spaces make an example in Markdown.
    indent < 4 && rest.is_some_and(|rest| rest.starts_with(':') || rest.starts_with(" #"))
}
