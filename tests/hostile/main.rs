//! Hostile input, entry by entry: every `Hnn` is one line of the corpus, and the tests say what must become of it.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests make their own hostile world")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::exit, reason = "the helpers of tests fail loudly too")]

mod echo;
mod edits;
mod endings;
mod exchanges;
mod files;
mod git;
mod hosts;
mod inputs;
mod messages;
mod metrics;
mod network;
mod outputs;
mod processes;
mod races;
mod refs;
mod releases;
mod server;
mod tls;

/// What the programs that do not exist yet, or not whole, must withstand, and whose it is. An entry leaves this list when a test of this
/// suite has its number in its name.
const LATER: &[(&str, &[u8])] = &[
    ("config-updater: YAML, TOML, JSON, templates", &[45, 46, 47, 48, 49, 50, 51, 52, 53, 55, 56, 57]),
    ("rollback-gate: patterns, targets", &[81, 85]),
];

#[test]
fn every_entry_of_the_corpus_has_a_test_or_is_known_to_lack_one() {
    let folder = testbed::workspace().join("tests/hostile");
    let sources: String = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok())
        .collect();
    let names: Vec<&str> = sources.lines().filter_map(|line| line.strip_prefix("fn h")).collect();
    for entry in 1..=85 {
        let number = format!("{entry:02}_");
        let tested = names.iter().any(|name| name.starts_with(&number) || name.contains(&format!("_h{number}")));
        let later = LATER.iter().any(|(_, entries)| entries.contains(&entry));
        assert!(tested != later, "H{entry:02} must have a test, or else stand in `LATER`");
    }
}
