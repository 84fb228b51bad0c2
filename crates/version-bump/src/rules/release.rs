//! `release-rules`: how far each type of commit raises the version.

use slipway_core::Result;

use crate::conventional::Classification;
use crate::version::Bump;
use crate::wildcard::Wildcard;

/// The user's rules, over those of Conventional Commits: a breaking change is major, `feat` is minor, `fix` is patch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReleaseRules(Vec<Rule>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    text: String,
    what: What,
    scope: Option<Wildcard>,
    bump: Bump,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// Breaking changes of any type.
    Breaking,
    /// One type.
    Type(String),
    /// Whatever no other rule is about, with or without a conventional header.
    Anything,
}

impl ReleaseRules {
    /// Reads `type=bump`, `type(scope)=bump`, `*=bump`, `*(scope)=bump`, `breaking=bump` and `breaking(scope)=bump`, one a line.
    ///
    /// # Errors
    /// `InvalidInput` that names the line.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        super::lines(text, "perf=patch", |text, bump| {
            let (what, scope) = match text.split_once('(') {
                Some((what, rest)) => {
                    let scope = rest.strip_suffix(')').ok_or("the `)` after the scope is missing")?.trim();
                    if scope.is_empty() {
                        return Err("the scope is empty".into());
                    }
                    (what.trim(), Some(Wildcard::new(&scope.to_lowercase())))
                }
                None => (text, None),
            };
            let what = match what {
                "*" => What::Anything,
                "breaking" => What::Breaking,
                "" => return Err("the type is missing".into()),
                word if word.ends_with('!') => {
                    return Err("a `!` makes it breaking, whatever its type: write `breaking=…`".into());
                }
                word if word.contains(|c: char| c.is_whitespace() || "()!:*".contains(c)) => {
                    return Err(format!("`{word}` cannot be a type"));
                }
                word => What::Type(word.to_lowercase()),
            };
            Ok(Rule { text: text.into(), what, scope, bump })
        })
        .map(Self)
    }

    /// The same rules with more of them; those for the same types give way.
    ///
    /// # Errors
    /// Those of [`ReleaseRules::parse`].
    pub(crate) fn with(&self, text: &str) -> Result<Self> {
        let Self(added) = Self::parse(text)?;
        let gives_way = |rule: &&Rule| added.iter().any(|new| new.what == rule.what && new.scope == rule.scope);
        let mut rules: Vec<Rule> = self.0.iter().filter(|rule| !gives_way(rule)).cloned().collect();
        rules.extend(added);
        Ok(Self(rules))
    }

    /// How far a message raises the version, and why if a rule of the user's says so. The rule that says most wins: of the type with the
    /// scope, of the type, of any type with the scope; then comes what Conventional Commits says, and then the rule of anything. A
    /// breaking change is only ever lowered by a rule about breaking changes.
    pub(crate) fn weigh(&self, said: &Classification) -> (Bump, Option<String>) {
        let rule = |what: &What| {
            let of_scope = self.0.iter().find(|rule| {
                rule.what == *what && rule.scope.as_ref().is_some_and(|scope| covers(scope, said.scope.as_deref()))
            });
            of_scope.or_else(|| self.0.iter().find(|rule| rule.what == *what && rule.scope.is_none()))
        };
        let told =
            |rule: &Rule, why: &str| (rule.bump, Some(format!("{why}: rule `{}={}`", rule.text, rule.bump.word())));
        if said.breaking.is_some() {
            return rule(&What::Breaking).map_or((Bump::Major, None), |rule| told(rule, "breaking"));
        }
        let kind = said.kind.as_deref().unwrap_or_default();
        if let Some(rule) = rule(&What::Type(kind.into())).filter(|_| !kind.is_empty()) {
            return told(rule, kind);
        }
        let any = rule(&What::Anything);
        let usual = match kind {
            "feat" => Bump::Minor,
            "fix" => Bump::Patch,
            _ => Bump::None,
        };
        match any {
            // Only a rule that names the scope says more than the specification does.
            Some(rule) if usual == Bump::None || rule.scope.is_some() => told(rule, "any commit"),
            _ => (usual, None),
        }
    }

    /// How far a commit raises the version that takes back what was released before, as git words it.
    pub(crate) fn of_revert(&self) -> (Bump, Option<String>) {
        self.weigh(&Classification { kind: Some("revert".into()), ..Classification::default() })
    }
}

/// Whether a scope, or one of several with commas between them, fits.
fn covers(pattern: &Wildcard, scope: Option<&str>) -> bool {
    scope.is_some_and(|scope| {
        let scope = scope.to_lowercase();
        pattern.matches(&scope) || scope.split(',').any(|one| pattern.matches(one.trim()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conventional::classify;

    #[test]
    fn the_rule_that_says_most_wins() {
        use Bump::{Major, Minor, None, Patch};
        for (rules, message, expected) in [
            ("", "feat: a", Minor),
            ("", "perf: a", None),
            ("perf=patch", "perf: a", Patch),
            ("Perf = patch", "PERF: a", Patch),
            ("docs(readme)=patch", "docs(README): a", Patch),
            ("docs(readme)=patch", "docs(api): a", None),
            ("docs(readme)=patch", "docs: a", None),
            ("docs(readme)=patch", "docs(api,readme): a", Patch),
            ("docs=none\ndocs(readme)=patch", "docs(readme): a", Patch),
            ("*(deps*)=patch", "chore(deps-dev): a", Patch),
            ("*(no-release)=none", "feat(no-release): a", None),
            ("*(no-release)=none", "feat(no-release)!: a", Major),
            ("breaking(no-release)=none", "feat(no-release)!: a", None),
            ("feat=none", "feat: a", None),
            ("feat=none", "feat!: a", Major),
            ("breaking=minor", "fix!: a", Minor),
            ("breaking=minor", "fix: a\n\nBREAKING CHANGE: b", Minor),
            ("*=patch", "docs: a", Patch),
            ("*=patch", "tidy up", Patch),
            ("*=patch", "feat: a", Minor),
            ("*=minor", "fix: a", Patch),
            ("docs=none\n*=patch", "docs: a", None),
            ("fix=minor", "fix: a", Minor),
            ("docs=major", "docs: a", Major),
        ] {
            let rules = ReleaseRules::parse(rules).unwrap();
            assert_eq!(rules.weigh(&classify(message)).0, expected, "{rules:?} {message}");
        }
    }

    #[test]
    fn errors_name_the_line() {
        for (rules, words) in [
            ("perf=patch\n# x\n\nfeat=big", "line 4, `feat=big`: `big` is not"),
            ("feat", "line 1, `feat`: there is no `=`"),
            ("=patch", "the type is missing"),
            ("feat!=major", "write `breaking=…`"),
            ("feat(api=minor", "`)` after the scope is missing"),
            ("feat()=minor", "the scope is empty"),
            ("two words=minor", "`two words` cannot be a type"),
            ("docs=patch\ndocs=none", "line 2, `docs=none`: there is a rule for `docs` already"),
        ] {
            let error = ReleaseRules::parse(rules).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
