//! The shared conformance cases, each as a real repository. They run where their file lies beside the workspace.

use std::collections::BTreeMap;

use semver::Version;
use serde::Deserialize;
use testbed::{Repository, workspace};

use crate::support::{commit_bytes, run};

#[derive(Deserialize)]
struct Case {
    id: String,
    cat: String,
    title: String,
    current: Option<String>,
    channel: Option<String>,
    last_stable: Option<String>,
    since_stable: Option<String>,
    commits: Vec<String>,
    shas: Vec<String>,
    expect_bump: String,
    expect_next: Option<String>,
    also_ok: Vec<Also>,
    opts: Options,
}

#[derive(Deserialize)]
struct Also {
    bump: String,
    next: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Options {
    extra_tags_before: Vec<String>,
}

impl Case {
    /// The bump and the next version that the action gives.
    fn answer(&self) -> (String, Option<String>) {
        let repository = Repository::new();
        repository.commit("chore: base");
        self.opts.extra_tags_before.iter().for_each(|tag| repository.tag(&format!("v{tag}")));
        if let Some(stable) = &self.last_stable {
            repository.tag(&format!("v{stable}"));
            repository.commit(match self.since_stable.as_deref() {
                Some("major") => "feat!: since the last stable release",
                Some("minor") => "feat: since the last stable release",
                _ => "fix: since the last stable release",
            });
        }
        match &self.current {
            Some(current) => {
                repository.commit("chore: release");
                repository.tag(&format!("v{current}"));
            }
            // Without a release every commit counts: the first of the case is to be the first of all.
            None => drop(repository.git(&["checkout", "--quiet", "--orphan", "first"])),
        }
        let mut ids: Vec<(String, String)> = Vec::new();
        for (message, id) in self.commits.iter().zip(&self.shas) {
            let message = ids.iter().fold(message.clone(), |text, (theirs, ours)| text.replace(theirs, ours));
            ids.push((id.clone(), commit_bytes(&repository, message.as_bytes())));
        }
        let channels = self.channel.as_ref().map(|channel| {
            repository.git(&["checkout", "--quiet", "-b", "next"]);
            format!("next={channel}")
        });
        let inputs: Vec<(&str, &str)> = channels.iter().map(|channels| ("channels", channels.as_str())).collect();
        let run = run(&repository, &inputs);
        assert_eq!(run.code, 0, "{} {}: {}", self.id, self.title, run.stdout);
        let next = run.output("version").to_owned();
        let next = (run.output("bump") != "none" && !next.is_empty()).then_some(next);
        (run.output("bump").to_owned(), next)
    }
}

#[test]
fn shared_cases() {
    let beside = workspace().ancestors().skip(1).map(|folder| folder.join("shared/cases/version-bump.json"));
    let Some(text) = beside.into_iter().find_map(|file| std::fs::read_to_string(file).ok()) else {
        eprintln!("NOT RUN: the shared conformance file is not beside the workspace");
        return;
    };
    let cases: Vec<Case> = serde_json::from_str(&text).expect("cases");
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let count = counts.entry(&case.cat).or_default();
        let (bump, next) = case.answer();
        assert!(next.as_ref().is_none_or(|next| Version::parse(next).is_ok()));
        let is = |expected: &str, version: &Option<String>| expected == bump && *version == next;
        if is(&case.expect_bump, &case.expect_next) {
            count[0] += 1;
        } else if case.also_ok.iter().any(|also| is(&also.bump, &also.next)) {
            count[1] += 1;
            eprintln!("{} {}: {bump} {next:?}, a listed alternative", case.id, case.title);
        } else {
            count[2] += 1;
            wrong.push(format!("{} {}: {bump} {next:?}, not {}", case.id, case.title, case.expect_bump));
        }
    }
    eprintln!("category: as expected, listed alternative, wrong");
    for (category, count) in &counts {
        eprintln!("{category}: {count:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
