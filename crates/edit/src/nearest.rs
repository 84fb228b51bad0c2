//! Names that the user may have meant.

use slipway_core::order;
use slipway_core::text::quoted;

/// How many names a hint lists.
const LISTED: usize = 5;
/// How many names are compared; a file that has more is not read by people.
const COMPARED: usize = 1000;

/// The known names that are most like `wanted`, as text for a hint; none if nothing is known.
pub(crate) fn list<'a>(wanted: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut names: Vec<&str> = known.into_iter().take(COMPARED).collect();
    let likeness = |name: &str| {
        let whole = if wanted.is_empty() || !name.contains(wanted) { 0.0 } else { 1.0 };
        whole + strsim::jaro_winkler(wanted, name)
    };
    order::sort_by(&mut names, |a, b| likeness(b).total_cmp(&likeness(a)).then_with(|| a.cmp(b)));
    names.dedup();
    let listed = quoted(&mut names.iter().copied().take(LISTED));
    match names.len() {
        0 => None,
        all if all > LISTED => Some(format!("{listed} and {} more", all - LISTED)),
        _ => Some(listed),
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
        assert_eq!(list("a/b", ["a/c", "r.io/a/b"]).as_deref(), Some("`r.io/a/b`, `a/c`"));
        assert_eq!(list("x", []), None);
        assert!(list("f", ["a", "b", "c", "d", "e", "f"]).expect("known").ends_with("and 1 more"));
    }
}
