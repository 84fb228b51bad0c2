//! Hostile input, entry by entry: every `Hnn` is one line of the corpus, and the tests say what must become of it.
#![cfg(unix)]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests make their own hostile world")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::exit, reason = "the helpers of tests fail loudly too")]

mod documents;
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
mod rollbacks;
mod server;
mod tls;

#[test]
fn every_entry_of_the_corpus_has_a_test() {
    let folder = testbed::workspace().join("tests/hostile");
    let sources: String = std::fs::read_dir(folder)
        .unwrap()
        .filter_map(|file| std::fs::read_to_string(file.unwrap().path()).ok())
        .collect();
    let names: Vec<&str> = sources.lines().filter_map(|line| line.strip_prefix("fn h")).collect();
    for entry in 1..=85 {
        let number = format!("{entry:02}_");
        let tested = names.iter().any(|name| name.starts_with(&number) || name.contains(&format!("_h{number}")));
        assert!(tested, "H{entry:02} has no test");
    }
}
