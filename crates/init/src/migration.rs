//! Where it is written how to come from other tools.

/// Where the pages are.
const BASE: &str = "https://github.com/slipway-release/slipway/blob/main/.github/migrating";

/// The address of a page.
pub(crate) fn page(name: &str) -> String {
    format!("{BASE}/{name}.md")
}
