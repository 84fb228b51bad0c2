//! Names that the user may have meant.

/// How many names a hint lists.
const LISTED: usize = 5;
/// How many names are compared; a file that has more is not read by people.
const COMPARED: usize = 1000;

/// The known names that are most like `wanted`, as text for a hint; none if nothing is known.
pub(crate) fn list<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut names: Vec<&str> = known.into_iter().take(COMPARED).collect();
    names.sort_unstable();
    names.dedup();
    names.sort_by(|a, b| strsim::jaro_winkler(wanted, b).total_cmp(&strsim::jaro_winkler(wanted, a)));
    let listed: Vec<_> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    match names.len() {
        0 => None,
        all if all > LISTED => Some(format!("{} and {} more", listed.join(", "), all - LISTED)),
        _ => Some(listed.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_come_first() {
        assert_eq!(
            list("tga", ["repository", "tag", "pullPolicy", "tag"]).as_deref(),
            Some("`tag`, `pullPolicy`, `repository`")
        );
        assert_eq!(list("x", []), None);
        assert!(list("f", ["a", "b", "c", "d", "e", "f"]).expect("known").ends_with("and 1 more"));
    }
}
