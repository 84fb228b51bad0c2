//! The header `Link` (RFC 8288), by which lists go on.

use http::{HeaderMap, header};

/// The address of the next page (`rel="next"`), absolute or relative.
pub fn next_page(headers: &HeaderMap) -> Option<&str> {
    headers.get_all(header::LINK).iter().find_map(|value| next_of(value.to_str().ok()?))
}

fn next_of(links: &str) -> Option<&str> {
    let mut rest = links;
    while let Some((_, link)) = rest.split_once('<') {
        let (target, parameters) = link.split_once('>')?;
        let (parameters, more) = parameters.split_once(',').unwrap_or((parameters, ""));
        if parameters.split(';').any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next")) {
            return Some(target);
        }
        rest = more;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_the_links() {
        for (link, next) in [
            (r#"<https://a/x?page=2>; rel="next", <https://a/x?page=9>; rel="last""#, Some("https://a/x?page=2")),
            (
                r#"<https://a/x?page=1>; rel="prev", <https://a/x?a=1,2&page=3>; rel="next""#,
                Some("https://a/x?a=1,2&page=3"),
            ),
            (r#"<https://a/x?page=1>; rel="first", <https://a/x?page=1>; rel="prev""#, None),
            (r#"<https://a/x"#, None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(header::LINK, link.parse().unwrap())]);
            assert_eq!(next_page(&headers), next, "{link}");
        }
        let mut headers = HeaderMap::new();
        for link in [r#"</x?page=9>; rel="last""#, "</x?page=2>; rel=next"] {
            headers.append(header::LINK, link.parse().unwrap());
        }
        assert_eq!(next_page(&headers), Some("/x?page=2"));
    }
}
