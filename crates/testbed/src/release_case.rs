//! The shared conformance cases of version-bump, each as a real repository.

use std::path::Path;

use serde::Deserialize;

use crate::{ActionRun, Repository, Runner, run_action, shared_case};

/// Commits after a release, and the version that they make.
#[derive(Deserialize)]
pub struct ReleaseCase {
    /// Its number.
    pub id: String,
    /// What kind of case it is.
    #[serde(rename = "cat")]
    pub category: String,
    /// What it is about.
    pub title: String,
    current: Option<String>,
    channel: Option<String>,
    last_stable: Option<String>,
    since_stable: Option<String>,
    commits: Vec<String>,
    shas: Vec<String>,
    expect_bump: String,
    expect_next: Option<String>,
    also_ok: Vec<Alternative>,
    opts: Options,
}

#[derive(Deserialize)]
struct Alternative {
    bump: String,
    next: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Options {
    extra_tags_before: Vec<String>,
}

/// How an answer compares with what a case expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the expected one.
    Expected,
    /// It is one that the case lists as defensible.
    Alternative,
    /// It is neither.
    Wrong,
}

/// The bump and the next version, if there is one.
pub type NextRelease = (String, Option<String>);

impl ReleaseCase {
    /// Every case, if the file lies beside the workspace.
    ///
    /// # Panics
    /// When the file holds something else.
    pub fn all() -> Option<Vec<Self>> {
        shared_case("version-bump.json")
    }

    /// Runs version-bump on the repository of this case. Its exit code must be 0.
    pub fn run(&self, runner: Runner) -> NextRelease {
        let repository = Repository::new();
        let channels = self.build(&repository);
        let inputs: Vec<(&str, &str)> = channels.iter().map(|channels| ("channels", channels.as_str())).collect();
        let run = run_on_push(runner, &inputs, repository.path());
        assert_eq!(run.code, 0, "{} {}: {}{}", self.id, self.title, run.stdout, run.stderr);
        let next = run.output("version").to_owned();
        let next = (run.output("bump") != "none" && !next.is_empty()).then_some(next);
        (run.output("bump").to_owned(), next)
    }

    /// Judges an answer.
    pub fn judge(&self, answer: &NextRelease) -> Verdict {
        let is = |bump: &str, next: &Option<String>| (bump, next) == (answer.0.as_str(), &answer.1);
        if is(&self.expect_bump, &self.expect_next) {
            Verdict::Expected
        } else if self.also_ok.iter().any(|also| is(&also.bump, &also.next)) {
            Verdict::Alternative
        } else {
            Verdict::Wrong
        }
    }

    /// What the case expects, for messages.
    pub fn expected(&self) -> NextRelease {
        (self.expect_bump.clone(), self.expect_next.clone())
    }

    /// Makes the repository, and gives the input `channels` if the case needs it.
    fn build(&self, repository: &Repository) -> Option<String> {
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
        let mut ids: Vec<(&str, String)> = Vec::new();
        for (message, id) in self.commits.iter().zip(&self.shas) {
            let message = ids.iter().fold(message.clone(), |text, (theirs, ours)| text.replace(theirs, ours));
            ids.push((id, repository.commit_exactly(message.as_bytes())));
        }
        self.channel.as_ref().map(|channel| {
            repository.git(&["checkout", "--quiet", "-b", "next"]);
            format!("next={channel}")
        })
    }
}

fn run_on_push(runner: Runner, inputs: &[(&str, &str)], directory: &Path) -> ActionRun {
    run_action(runner, "version-bump", inputs, &[("GITHUB_EVENT_NAME", "push")], directory)
}
