//! What a registry asks for: the challenges of `WWW-Authenticate` (RFC 9110, section 11.6.1).

use http::{HeaderMap, header};

/// One challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// A user and a password with every request.
    Basic,
    /// A token from the server `realm`.
    Bearer { realm: String, service: Option<String>, scope: Option<String> },
}

/// The challenge to answer: a token's where there is one, because passwords are better shown once.
pub(super) fn choose(headers: &HeaderMap) -> Option<Challenge> {
    let mut basic = None;
    for value in headers.get_all(header::WWW_AUTHENTICATE) {
        for (scheme, parameters) in value.to_str().map(parse).unwrap_or_default() {
            let parameter = |name: &str| {
                let found = parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
                found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
            };
            if scheme.eq_ignore_ascii_case("basic") {
                basic = Some(Challenge::Basic);
            } else if scheme.eq_ignore_ascii_case("bearer")
                && let Some(realm) = parameter("realm")
            {
                return Some(Challenge::Bearer { realm, service: parameter("service"), scope: parameter("scope") });
            }
        }
    }
    basic
}

type Parameters = Vec<(String, String)>;

/// Splits a header into schemes and their parameters. What is malformed ends the reading.
fn parse(text: &str) -> Vec<(String, Parameters)> {
    let mut challenges: Vec<(String, Parameters)> = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let end = rest.find([' ', '\t', ',', '=']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if word.is_empty() {
            return challenges;
        }
        match (after.trim_start().strip_prefix('='), challenges.last_mut()) {
            (Some(value), Some((_, parameters))) => {
                let Some((value, after)) = parse_value(value.trim_start()) else { return challenges };
                parameters.push((word.into(), value));
                rest = after;
            }
            (Some(_), None) => return challenges,
            (None, _) => {
                challenges.push((word.into(), Vec::new()));
                rest = after;
            }
        }
    }
}

/// A token or a quoted string, and what follows it.
fn parse_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = text.split_at(text.find([' ', '\t', ',']).unwrap_or(text.len()));
        return Some((value.into(), after));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[place + 1..])),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(values: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::WWW_AUTHENTICATE, value.parse().unwrap());
        }
        choose(&headers)
    }

    #[test]
    fn challenges_are_found_in_every_spelling() {
        let bearer = |realm: &str, service: Option<&str>, scope: Option<&str>| {
            Some(Challenge::Bearer {
                realm: realm.into(),
                service: service.map(Into::into),
                scope: scope.map(Into::into),
            })
        };
        let full = bearer("https://a.example/t", Some("s"), Some("repository:x:pull,push"));
        for (values, expected) in [
            (&[r#"Bearer realm="https://a.example/t",service="s",scope="repository:x:pull,push""#][..], full.clone()),
            (&[r#"bearer  REALM = "https://a.example/t" , service=s,	scope="repository:x:pull,push""#], full.clone()),
            (
                &[
                    r#"Basic realm="a, Bearer realm=b", Bearer realm="https://a.example/t",service="s",scope="repository:x:pull,push""#,
                ],
                full.clone(),
            ),
            (
                &[
                    "Basic realm=x",
                    r#"Bearer realm="https://a.example/t",service="s",scope="repository:x:pull,push",error="invalid_token""#,
                ],
                full,
            ),
            (&[r#"Bearer realm="a\"b""#], bearer("a\"b", None, None)),
            (
                &[r#"Basic realm="https://1.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com""#],
                Some(Challenge::Basic),
            ),
            (&["Basic"], Some(Challenge::Basic)),
            (&["Bearer"], None),
            (&[r#"Bearer realm="unclosed"#], None),
            (&["Negotiate", "Digest realm=x"], None),
            (&["=", ",,", ""], None),
            (&[], None),
        ] {
            assert_eq!(chosen(values), expected, "{values:?}");
        }
    }
}
