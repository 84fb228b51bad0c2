//! Who made the commits: names and GitHub logins, never addresses.

use std::collections::BTreeMap;

use serde::Serialize;
use slipway_core::text::shorten;

use super::links::Web;
use super::prose::prose;

/// How much of a name is shown, in characters.
const NAME_LIMIT: usize = 60;
/// So many people are named.
const NAMED: usize = 100;
/// So many authors of one commit are taken note of.
const AUTHORS: usize = 50;

/// Somebody who made a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Person {
    /// The name in the commit.
    pub name: String,
    /// The login on GitHub, if the address of the commit is the one that GitHub gives to hide the real one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
}

impl Person {
    /// Reads a name and an address of a commit; nothing for bots and those without a name.
    pub(crate) fn new(name: &str, address: &str) -> Option<Self> {
        // Some put an address where their name belongs.
        let name = name.split('@').next().unwrap_or_default().trim();
        let login = login(address.trim());
        let name = if name.is_empty() { login.clone()? } else { shorten(name, NAME_LIMIT) };
        let is_bot = name.ends_with("[bot]") || address.contains("[bot]@");
        (!is_bot).then_some(Self { name, login })
    }

    fn shown(&self, web: Option<&Web>) -> String {
        match (&self.login, web) {
            // Inside a link nobody is notified.
            (Some(login), Some(web)) => format!("[@{login}]({})", web.account(login)),
            _ => prose(&self.name, None),
        }
    }
}

/// The people behind a commit: its author, and those that lines `Co-authored-by: name <address>` name.
pub(crate) fn authors(name: &str, address: &str, message: &str) -> Vec<Person> {
    let co_authors = message.lines().filter_map(|line| {
        let (_, value) = line.split_once(':').filter(|(token, _)| token.eq_ignore_ascii_case("co-authored-by"))?;
        let (name, address) = value.split_once('<')?;
        Person::new(name, address.split('>').next().unwrap_or_default())
    });
    Person::new(name, address).into_iter().chain(co_authors).take(AUTHORS).collect()
}

/// The login in an address such as `583231+octocat@users.noreply.github.com`.
fn login(address: &str) -> Option<String> {
    let (local, host) = address.split_once('@')?;
    let login = local.split_once('+').map_or(local, |(_, login)| login);
    let is_login = (1..=39).contains(&login.len()) && login.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (host.starts_with("users.noreply.") && is_login).then(|| login.into())
}

/// A line of Markdown that names everybody once, in the order of their first commits; nothing if there is nobody to name.
pub(crate) fn line<'a>(people: impl IntoIterator<Item = &'a Person>, web: Option<&Web>) -> Option<String> {
    let mut named: Vec<&Person> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for person in people {
        let keys = [
            Some(format!("n {}", person.name.to_lowercase())),
            person.login.as_ref().map(|login| format!("l {}", login.to_lowercase())),
        ];
        let keys: Vec<String> = keys.into_iter().flatten().collect();
        let place = keys.iter().find_map(|key| places.get(key).copied()).unwrap_or(named.len());
        match named.get_mut(place) {
            Some(known) if known.login.is_none() && person.login.is_some() => *known = person,
            Some(_) => {}
            None => named.push(person),
        }
        for key in keys {
            places.entry(key).or_insert(place);
        }
    }
    let mut shown: Vec<String> = named.iter().take(NAMED).map(|person| person.shown(web)).collect();
    if named.len() > NAMED {
        shown.push(format!("and {} more", named.len() - NAMED));
    }
    (!shown.is_empty()).then(|| format!("**Contributors**: {}", shown.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(people: &[(&str, &str, &str)]) -> Option<String> {
        let web = Web::new("https://github.com/acme/shop");
        let people: Vec<Person> =
            people.iter().flat_map(|(name, address, message)| authors(name, address, message)).collect();
        line(&people, web.as_ref())
    }

    #[test]
    fn everybody_is_named_once_and_no_address_is() {
        assert_eq!(
            shown(&[
                (
                    "Bob Builder",
                    "bob@example.org",
                    "feat: a\n\nCo-authored-by: Ada <1+ada-l@users.noreply.github.com>\n"
                ),
                ("Ada", "ada@example.org", "fix: b"),
                ("bob builder", "7+bob@users.noreply.github.com", "fix: c"),
                ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", "build: d"),
                ("zoe@example.org", "zoe@example.org", "co-authored-BY: <mallory@example.org>\nCo-authored-by: x"),
                ("", "a+b@users.noreply.evil", "x"),
                ("@everyone [a](b)", "x", "x"),
            ])
            .unwrap(),
            "**Contributors**: [@bob](https://github.com/bob), [@ada-l](https://github.com/ada-l), zoe, \
             [@b](https://github.com/b)"
        );
        assert_eq!(shown(&[("", "", ""), ("[bot]", "", "")]), None);
    }

    #[test]
    fn logins_are_what_github_gives() {
        for (address, expected) in [
            ("583231+octocat@users.noreply.github.com", Some("octocat")),
            ("octocat@users.noreply.github.com", Some("octocat")),
            ("1+a@users.noreply.github.example", Some("a")),
            ("1+a)](javascript:x@users.noreply.github.com", None),
            ("octocat@github.com", None),
            ("", None),
        ] {
            assert_eq!(login(address).as_deref(), expected, "{address}");
        }
    }
}
