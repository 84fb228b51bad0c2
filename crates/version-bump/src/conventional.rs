//! What a commit message says, by [Conventional Commits 1.0](https://www.conventionalcommits.org/en/v1.0.0/).
//!
//! git-conventional parses the header. The body is read here, line by line, because a body that is not well formed must not erase a
//! header that is.

mod body;
mod header;
mod merge;
mod reverts;
mod squash;

use std::borrow::Cow;

use serde::Serialize;
use slipway_core::text::{nearest, shorten};

use body::read_body;
use header::parse_header;
pub(crate) use reverts::{Reverted, reapplied};

/// How much of a description is kept, in characters.
const DESCRIPTION_LIMIT: usize = 500;

/// Why a merge commit counts for nothing by itself.
pub(crate) const MERGE: &str = "merge commit";

const NO_FOOTER: &str = "does not count as breaking: it mentions BREAKING CHANGE, but not as a footer: a blank line, then \
    `BREAKING CHANGE: …`";

/// Everything that a commit message says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// What its header and body say.
    pub said: Classification,
    /// The messages that it holds: the commits that were squashed into it, or the title of the pull request that it merges.
    pub parts: Vec<Classification>,
    /// What it takes back.
    pub reverts: Vec<Reverted>,
    /// The pull request that it merged.
    pub pull_request: Option<u64>,
    /// The branch that it merged.
    pub branch: Option<String>,
}

/// What one header and its body say.
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
    /// What its author may have meant, but did not write, or what was not read of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<&'static str>,
    /// What the specification forbids, though its meaning is plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fault: Option<&'static str>,
}

impl Classification {
    /// The same message where only what the specification allows is a conventional commit.
    pub(crate) fn strict(self) -> Self {
        match self.fault {
            Some(fault) => Self {
                reason: format!("no conventional commit: {fault}").into(),
                description: self.description,
                fault: Some(fault),
                ..Self::default()
            },
            None => self,
        }
    }
}

/// Reads a whole message; linear in its length.
pub(crate) fn read(message: &str) -> Message {
    let said = classify(message);
    let text = normalize(message);
    let (header, body) = text.split_once('\n').unwrap_or((&text, ""));
    let header = header.trim_end();
    let merged = merge::read(header);
    let mut read = Message {
        pull_request: merged.as_ref().and_then(|merged| merged.pull_request),
        branch: merged.as_ref().and_then(|merged| merged.branch.map(Into::into)),
        ..Message::default()
    };
    match merged {
        Some(merged) => {
            let inner = merged.title.map_or(body, |title| &text[header.len() - title..]).trim_start();
            read.pull_request = read.pull_request.or_else(|| merge::request_of_gitlab(body));
            read.reverts = reverts::targets(inner, None);
            let title = classify(inner);
            if title.kind.is_some() {
                read.parts.push(title);
            }
        }
        None => {
            read.reverts = reverts::targets(&text, said.kind.as_deref());
            read.pull_request = merge::request_at_end(header);
        }
    }
    read.said = said;
    if read.pull_request.is_some() && read.parts.is_empty() {
        let squashed = squash::read(body);
        read.parts = squashed.parts;
        read.reverts.extend(squashed.reverts);
        read.said.doubt = squashed.doubt.or(read.said.doubt);
    }
    // What a part says outright is no doubt of the whole.
    let is_clear = read.parts.iter().any(|part| part.breaking.is_some());
    if is_clear && read.said.doubt.is_some_and(|doubt| doubt.starts_with("does not count as breaking")) {
        read.said.doubt = None;
    }
    read.said.doubt = read.said.doubt.or_else(|| read.parts.iter().find_map(|part| part.doubt));
    read
}

/// Reads one header and its body; linear in their length.
pub(crate) fn classify(message: &str) -> Classification {
    let text = normalize(message);
    let (header, body) = text.split_once('\n').unwrap_or((&text, ""));
    let header = header.trim_end();
    let body = read_body(body);
    let Some(parsed) = parse_header(header) else {
        let doubt = (body.breaking.is_some() || body.is_doubtful || body::mentions_breaking(header))
            .then_some("does not count as breaking: it mentions BREAKING CHANGE, but has no header that counts, such as `feat!: …`");
        let description = shorten(header, DESCRIPTION_LIMIT);
        let reason = without_header(header).into();
        return Classification { description, reason, doubt, ..Classification::default() };
    };
    let before = (!message.starts_with(&*text) && !message.starts_with(header))
        .then_some("something stands before the type, if only white space");
    let has_footer = body.breaking.is_some();
    let breaking = body.breaking.or_else(|| parsed.bang.then(|| parsed.description.clone()));
    let doubt = (breaking.is_none() && body.is_doubtful).then_some(NO_FOOTER);
    Classification {
        reason: reason(&parsed.kind, parsed.bang, has_footer),
        kind: Some(parsed.kind),
        scope: parsed.scope,
        breaking: breaking.map(|text| shorten(&text, DESCRIPTION_LIMIT)),
        description: shorten(&parsed.description, DESCRIPTION_LIMIT),
        doubt,
        fault: before.or(parsed.fault).or(body.fault),
    }
}

/// Why a conventional commit counts as what it counts, where no rule of the user's says otherwise.
fn reason(kind: &str, bang: bool, has_footer: bool) -> Cow<'static, str> {
    match (bang, has_footer, kind) {
        (true, _, _) => "breaking: ! before the colon".into(),
        (false, true, _) => "breaking: BREAKING CHANGE footer".into(),
        (false, false, "feat") => "a feature".into(),
        (false, false, "fix") => "a fix".into(),
        // A slip begins like the word that was meant.
        (false, false, kind) => {
            match nearest(kind, ["feat", "fix"]).filter(|_| kind.starts_with('f') && kind.len() <= 8) {
                Some(meant) => format!("a type that releases nothing; perhaps `{meant}` was meant").into(),
                None => "a type that releases nothing".into(),
            }
        }
    }
}

/// Why a message without a conventional header counts for nothing.
fn without_header(header: &str) -> &'static str {
    if header.is_empty() {
        "the message is empty"
    } else if is_mark(header) {
        "waits to be squashed"
    } else if reverts::is_revert(header) {
        "takes back what is not in this release; the rule `revert=patch` would count it"
    } else if merge::read(header).is_some() {
        MERGE
    } else {
        "no conventional commit"
    }
}

/// Whether a header is one of those that git makes for commits that are to be squashed into others.
pub(crate) fn is_mark(header: &str) -> bool {
    ["fixup! ", "squash! ", "amend! "].iter().any(|mark| header.starts_with(mark))
}

/// The text with `\n` for every line break and nothing before its first word, which git would have cut off too.
fn normalize(message: &str) -> Cow<'_, str> {
    let message = message.trim_start_matches('\u{feff}').trim_start();
    if message.contains('\r') { message.replace("\r\n", "\n").replace('\r', "\n").into() } else { message.into() }
}

#[cfg(test)]
mod tests;
