//! The first line: type, scope, `!`, description.

use std::borrow::Cow;

/// What a header says.
pub(super) struct Header {
    /// The type in lower case.
    pub kind: String,
    pub scope: Option<String>,
    /// Whether a `!` stands before the colon.
    pub bang: bool,
    pub description: String,
    /// What the specification forbids in it.
    pub fault: Option<&'static str>,
}

/// Reads a header that has no white space around it.
pub(super) fn parse_header(header: &str) -> Option<Header> {
    let (plain, scope) = without_odd_scope(header).unwrap_or((header.into(), None));
    let is_odd = matches!(plain, Cow::Owned(_));
    let parsed = git_conventional::Commit::parse(&plain).ok()?;
    // The parser takes any white space after the colon, and none; the specification asks for a space.
    let before = plain.strip_suffix(parsed.description())?;
    if !before.ends_with(' ') || !before.trim_end_matches(' ').ends_with(':') {
        return None;
    }
    let fault = if is_odd && scope.is_none() {
        Some("the scope is empty")
    } else if is_odd {
        Some("the scope holds parentheses")
    } else {
        before.ends_with("  ").then_some("more than one space stands after the colon")
    };
    Some(Header {
        kind: parsed.type_().as_str().to_lowercase(),
        scope: scope.or_else(|| parsed.scope().map(|scope| scope.as_str().into())),
        bang: parsed.breaking(),
        description: parsed.description().trim_end().into(),
        fault,
    })
}

/// Takes out a scope that the parser refuses though its meaning is plain: an empty one, or one with parentheses in pairs.
fn without_odd_scope(header: &str) -> Option<(Cow<'_, str>, Option<String>)> {
    let (kind, rest) = header.split_once('(')?;
    let end = [rest.find("): "), rest.find(")!: ")].into_iter().flatten().min()?;
    let scope = rest[..end].trim();
    let is_odd = scope.is_empty() || scope.contains(['(', ')']);
    let mut open = 0_usize;
    for character in scope.chars() {
        match character {
            '(' => open += 1,
            ')' => open = open.checked_sub(1)?,
            _ => {}
        }
    }
    let without = format!("{kind}{}", &rest[end + 1..]);
    (is_odd && open == 0).then(|| (without.into(), (!scope.is_empty()).then(|| scope.into())))
}
