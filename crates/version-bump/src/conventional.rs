//! What a commit message says, by [Conventional Commits 1.0](https://www.conventionalcommits.org/en/v1.0.0/).
//!
//! git-conventional parses the header. The body is read here, line by line, because a body that is not well formed must not erase a
//! header that is.

use std::borrow::Cow;

use serde::Serialize;
use slipway_core::text::shorten;

/// How much of a description is kept, in characters.
const DESCRIPTION_LIMIT: usize = 500;

/// What a message says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Classification {
    /// The type in lower case, such as `feat`; nothing if the message is no conventional commit.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What the change is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// What breaks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaking: Option<String>,
    /// The header without type and scope, or the whole subject.
    pub description: String,
    /// Why it counts as what it counts.
    pub reason: Cow<'static, str>,
    /// What its author may have meant, but did not write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<&'static str>,
}

/// Reads a message; linear in its length.
pub(crate) fn classify(message: &str) -> Classification {
    let text = normalize(message);
    let (header, body) = text.split_once('\n').unwrap_or((&text, ""));
    let header = header.trim_end();
    let body = read_body(body);
    let Some(parsed) = parse_header(header) else {
        let doubt = (body.breaking.is_some() || body.doubtful || mentions_breaking(header))
            .then_some("it mentions BREAKING CHANGE, but has no header that counts, such as `feat!: …`");
        let description = shorten(header, DESCRIPTION_LIMIT);
        return Classification {
            description,
            reason: without_header(header).into(),
            doubt,
            ..Classification::default()
        };
    };
    let footer = body.breaking.is_some();
    let breaking = body.breaking.or_else(|| parsed.bang.then(|| parsed.description.clone()));
    let reason = match (parsed.bang, footer, parsed.kind.as_str()) {
        (true, _, _) => "breaking: ! before the colon",
        (false, true, _) => "breaking: BREAKING CHANGE footer",
        (false, false, "feat") => "a feature",
        (false, false, "fix") => "a fix",
        (false, false, _) => "a type that releases nothing",
    };
    let doubt = (breaking.is_none() && body.doubtful)
        .then_some("it mentions BREAKING CHANGE, but not as a footer: a blank line, then `BREAKING CHANGE: …`");
    Classification {
        kind: Some(parsed.kind),
        scope: parsed.scope,
        breaking: breaking.map(|text| shorten(&text, DESCRIPTION_LIMIT)),
        description: shorten(&parsed.description, DESCRIPTION_LIMIT),
        reason: reason.into(),
        doubt,
    }
}

/// The commit that a message says it takes back: `Revert "…"`, `Reapply "…"` or type `revert`, and a line
/// `This reverts commit <id>`.
pub(crate) fn reverted<'a>(message: &'a str, classification: &Classification) -> Option<&'a str> {
    let header = message.trim_start();
    if !is_revert(header) && classification.kind.as_deref() != Some("revert") {
        return None;
    }
    let id = message.lines().find_map(|line| line.strip_prefix("This reverts commit "))?;
    id.split(|c: char| !c.is_ascii_hexdigit()).next()
}

/// The header that comes back: of `Reapply "…"`, or of a revert of a revert.
pub(crate) fn reapplied(subject: &str) -> Option<&str> {
    let quoted = subject
        .strip_prefix("Reapply \"")
        .or_else(|| subject.strip_prefix("Revert \"Revert \"")?.strip_suffix('"'))?
        .trim_end();
    quoted.strip_suffix('"')
}

fn is_revert(header: &str) -> bool {
    header.starts_with("Revert \"") || header.starts_with("Reapply \"")
}

/// The text with `\n` for every line break and nothing before its first word, which git would have cut off too.
fn normalize(message: &str) -> Cow<'_, str> {
    let message = message.trim_start_matches('\u{feff}').trim_start();
    if message.contains('\r') { message.replace("\r\n", "\n").replace('\r', "\n").into() } else { message.into() }
}

struct Header {
    kind: String,
    scope: Option<String>,
    bang: bool,
    description: String,
}

fn parse_header(header: &str) -> Option<Header> {
    let (plain, scope) = without_odd_scope(header).unwrap_or((header.into(), None));
    let parsed = git_conventional::Commit::parse(&plain).ok()?;
    // The parser takes any white space after the colon, and none; the specification asks for a space.
    let before = plain.strip_suffix(parsed.description())?;
    if !before.ends_with(' ') || !before.trim_end_matches(' ').ends_with(':') {
        return None;
    }
    Some(Header {
        kind: parsed.type_().as_str().to_ascii_lowercase(),
        scope: scope.or_else(|| parsed.scope().map(|scope| scope.as_str().into())),
        bang: parsed.breaking(),
        description: parsed.description().trim_end().into(),
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

/// What the lines after the header say about breaking changes.
struct Body {
    breaking: Option<String>,
    doubtful: bool,
}

/// Footers begin after a blank line; from the first one on, every line can begin another.
fn read_body(body: &str) -> Body {
    let mut read = Body { breaking: None, doubtful: false };
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
                    read.doubtful = true;
                } else if read.breaking.is_none() {
                    read.breaking = Some(text.into());
                }
            } else {
                read.doubtful |= mentions_breaking(line);
            }
        } else {
            read.doubtful |= mentions_breaking(line);
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
fn mentions_breaking(line: &str) -> bool {
    let indent = line.len() - line.trim_start_matches(' ').len();
    let text = line.trim_start_matches([' ', '*', '-', '|']);
    let rest = text.strip_prefix("BREAKING CHANGE").or_else(|| text.strip_prefix("BREAKING-CHANGE"));
    // Four spaces make an example in Markdown.
    indent < 4 && rest.is_some_and(|rest| rest.starts_with(':') || rest.starts_with(" #"))
}

/// Why a message without a conventional header counts for nothing.
fn without_header(header: &str) -> &'static str {
    if header.is_empty() {
        "the message is empty"
    } else if ["fixup! ", "squash! ", "amend! "].iter().any(|mark| header.starts_with(mark)) {
        "waits to be squashed"
    } else if is_revert(header) {
        "takes back what is not in this release; as a fix it would count"
    } else if header.starts_with("Merge ") {
        "merge commit"
    } else {
        "no conventional commit"
    }
}

#[cfg(test)]
mod tests;
