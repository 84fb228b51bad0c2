//! One change, as a line of a list.

use slipway_core::text::shorten;

use super::links::Web;
use super::prose::prose;
use crate::conventional::Classification;
use crate::decision::Decision;

/// How much of a scope and of a description is shown, in characters.
const SHOWN: (usize, usize) = (50, 300);

/// A change that a commit made, in the words of its author.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry<'a> {
    /// The commit.
    pub decision: &'a Decision,
    /// What it says of this change.
    pub said: &'a Classification,
    /// What it did, without the numbers of pull requests at its end.
    pub description: &'a str,
    /// Where the numbers at its end begin.
    references: &'a str,
}

impl<'a> Entry<'a> {
    /// The changes of a commit: what its header says, or, if that has no type, what was squashed into it.
    pub(crate) fn all(decision: &'a Decision) -> Vec<Self> {
        let commit = &decision.commit;
        let parts: Vec<_> = commit.parts.iter().filter(|part| part.kind.is_some()).collect();
        if commit.said.kind.is_some() || parts.is_empty() {
            return vec![Self::new(decision, &commit.said)];
        }
        parts.into_iter().map(|part| Self::new(decision, part)).collect()
    }

    fn new(decision: &'a Decision, said: &'a Classification) -> Self {
        let whole = said.description.trim();
        let mut description = whole;
        while let Some((rest, _)) = last_reference(description) {
            description = rest;
        }
        // A subject of nothing but a number is its own description.
        let description = if description.is_empty() { whole } else { description };
        Self { decision, said, description, references: &whole[description.len()..] }
    }

    /// Whether it is of a type.
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.said.kind.as_deref() == Some(kind)
    }

    /// What breaks, if something does.
    pub(crate) fn breaking(&self) -> Option<&'a str> {
        self.said.breaking.as_deref()
    }

    /// The numbers of its pull requests, in their order.
    pub(crate) fn pulls(&self) -> Vec<String> {
        let mut pulls = Vec::new();
        // A subject with squashed commits has the number for all of them.
        for text in [self.references, self.decision.commit.subject.as_str()] {
            let mut references = text;
            while let Some((rest, number)) = last_reference(references) {
                pulls.push(number.to_owned());
                references = rest;
            }
            if !pulls.is_empty() {
                pulls.reverse();
                return pulls;
            }
        }
        self.decision.commit.pull_request.iter().map(ToString::to_string).collect()
    }

    /// The line: what changed, or, for the list of what breaks, what breaks.
    pub(crate) fn line(&self, text: &str, web: Option<&Web>) -> String {
        let scope = self.said.scope.as_ref();
        let scope = scope.map_or(String::new(), |scope| format!("**{}:** ", prose(&shorten(scope, SHOWN.0), None)));
        let pulls = self.pulls().into_iter().map(|number| match web {
            Some(web) => format!("[#{number}]({})", web.pull(&number)),
            None => format!("#{number}"),
        });
        let id = &self.decision.commit.id;
        let commit = web.map_or_else(|| id.short().to_owned(), |web| format!("[{}]({})", id.short(), web.commit(id)));
        let references: Vec<String> = pulls.chain([commit]).collect();
        format!("{scope}{} ({})", prose(&shorten(text, SHOWN.1), web), references.join(", "))
    }
}

/// ` (#12)` at the end of a text: what stands before it, and the number.
fn last_reference(text: &str) -> Option<(&str, &str)> {
    let (rest, number) = text.trim_end().strip_suffix(')')?.rsplit_once("(#")?;
    let is_number = (1..12).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| (rest.trim_end(), number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::decide;
    use crate::history::Commit;
    use crate::rules::Rules;

    fn shown(subject: &str, web: Option<&Web>) -> String {
        let commit = Commit::alone("a".repeat(40).parse().unwrap(), subject.as_bytes());
        let decisions = decide(&[commit], &Rules::default());
        let lines = Entry::all(&decisions[0]).into_iter().map(|entry| entry.line(entry.description, web));
        lines.collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn numbers_of_pull_requests_become_links() {
        let web = Web::new("https://github.com/acme/shop").unwrap();
        let id = "a".repeat(40);
        assert_eq!(
            shown("feat(api): zip (#12)", Some(&web)),
            format!(
                "**api:** zip ([#12](https://github.com/acme/shop/pull/12), [aaaaaaa](https://github.com/acme/shop/commit/{id}))"
            )
        );
        for (subject, line) in [
            ("fix: a (#1) (#22)", "a (#1, #22, aaaaaaa)"),
            ("fix: (#1)", "(#1) (#1, aaaaaaa)"),
            ("fix: like #3 (see #4)", "like #3 (see #4) (aaaaaaa)"),
            ("fix: a (#)", "a (#) (aaaaaaa)"),
            ("tidy up", "tidy up (aaaaaaa)"),
            ("Zip (#7)\n\n* feat: zip\n\n* fix: dates\n\n* tidy", "zip (#7, aaaaaaa); dates (#7, aaaaaaa)"),
            ("feat: zip (#7)\n\n* feat: zip\n\n* fix!: dates\n\n* fix: c", "zip (#7, aaaaaaa)"),
            ("feat(@ada): x", "**`@ada`:** x (aaaaaaa)"),
        ] {
            assert_eq!(shown(subject, None), line, "{subject}");
        }
    }
}
