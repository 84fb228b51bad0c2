//! The workflow in the README.

use testbed::workspace;

/// What stands in the README for how long is watched, and what a test has time for.
const WATCH: (&str, &str) = ("duration: 5m\n", "duration: 7s\n          interval: 1s\n");

/// The README's pipeline, with a shorter watch.
pub(crate) fn from_readme() -> String {
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let (_, rest) = readme.split_once("```yaml\nname: Release\n").expect("the README shows the workflow `Release`");
    let (rest, _) = rest.split_once("```\n").unwrap();
    let (long, short) = WATCH;
    assert_eq!(rest.matches(long).count(), 1, "the README's gate no longer says `{}`", long.trim());
    format!("name: Release\n{}", rest.replace(long, short))
}
