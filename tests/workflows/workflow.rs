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

/// The references `owner/name@ref` of the repositories whose actions the workflow uses, each once.
pub(crate) fn used(workflow: &str) -> Vec<(String, String)> {
    let mut used: Vec<(String, String)> = workflow
        .lines()
        .filter_map(|line| {
            let (path, version) = line.split_once("uses: ")?.1.split_whitespace().next()?.split_once('@')?;
            let repository: Vec<&str> = path.split('/').take(2).collect();
            Some((repository.join("/"), version.to_owned()))
        })
        .collect();
    used.sort();
    used.dedup();
    used
}
