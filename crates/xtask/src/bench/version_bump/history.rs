//! Synthetic histories, made by `git fast-import`.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::{process, workspace};

/// A history on one branch, with a topic merged every tenth commit.
#[derive(Clone, Copy, Debug)]
pub(super) struct History {
    /// How many commits there are.
    pub commits: usize,
    /// How many of them carry a release tag, at even distances; every other tag is annotated.
    pub tags: usize,
    /// How many commits there are after the last tag.
    pub since: usize,
}

/// The last number of a version counts to this; then the one before it rises.
const BASE: usize = 100;

impl History {
    /// The repository with this history, which is made if it is not there yet.
    pub(super) fn repository(&self, folder: &Path) -> Result<PathBuf> {
        let repository = folder.join(format!("{}-{}-{}", self.commits, self.tags, self.since));
        let finished = repository.join(".git/finished");
        if !finished.is_file() {
            workspace::remove_folder(&repository)?;
            std::fs::create_dir_all(&repository).with_context(|| format!("`{}`", repository.display()))?;
            process::run(git(&repository).args(["init", "--quiet", "--initial-branch=main"]))?;
            let mut import = git(&repository);
            let mut import = import.args(["fast-import", "--quiet"]).stdin(Stdio::piped()).spawn()?;
            let mut stream = BufWriter::new(import.stdin.take().context("no way to feed fast-import")?);
            self.write(&mut stream).and_then(|()| stream.flush()).context("the history cannot be written")?;
            drop(stream);
            ensure!(import.wait()?.success(), "git fast-import failed");
            process::run(git(&repository).args(["reset", "--quiet", "--hard", "main"]))?;
            workspace::write(&finished, b"")?;
        }
        Ok(repository)
    }

    /// Writes the stream: every commit changes one file of fifty.
    fn write(&self, stream: &mut impl Write) -> std::io::Result<()> {
        let tagged = self.commits - self.since;
        let mut tags = 0;
        let mut topic = None;
        for place in 1..=self.commits {
            let is_topic = place % 10 == 8;
            let branch = if is_topic { "refs/heads/topic" } else { "refs/heads/main" };
            let message = message(place);
            let time = 1_600_000_000 + place * 60;
            writeln!(stream, "commit {branch}\nmark :{place}")?;
            writeln!(stream, "committer Ada Author <ada@example.com> {time} +0000")?;
            writeln!(stream, "data {}\n{message}", message.len())?;
            match (place, topic) {
                (1, _) => {}
                // The commit after a topic goes on from where the topic began.
                (_, Some(open)) if open + 1 == place => writeln!(stream, "from :{}", open - 1)?,
                (_, Some(open)) if open + 2 == place => {
                    writeln!(stream, "from :{}\nmerge :{open}", place - 1)?;
                    topic = None;
                }
                _ => writeln!(stream, "from :{}", place - 1)?,
            }
            if is_topic {
                topic = Some(place);
            }
            let content = format!("{place}\n");
            writeln!(stream, "M 100644 inline src/{}.txt\ndata {}\n{content}", place % 50, content.len())?;
            // A topic's own commit carries no tag: main has not got it yet.
            while tags < self.tags && place * self.tags >= tagged * (tags + 1) && (!is_topic || place == tagged) {
                tags += 1;
                write_tag(stream, tags, place, time)?;
            }
        }
        writeln!(stream, "done")
    }
}

fn version(tag: usize) -> String {
    format!("1.{}.{}", tag / BASE, tag % BASE)
}

fn write_tag(stream: &mut impl Write, number: usize, place: usize, time: usize) -> std::io::Result<()> {
    let version = version(number);
    if number.is_multiple_of(2) {
        let message = format!("Version {version}");
        writeln!(stream, "tag v{version}\nfrom :{place}")?;
        writeln!(stream, "tagger Ada Author <ada@example.com> {time} +0000\ndata {}\n{message}", message.len())
    } else {
        writeln!(stream, "reset refs/tags/v{version}\nfrom :{place}\n")
    }
}

/// Messages as projects have them.
fn message(place: usize) -> String {
    match place % 10 {
        0 => format!("Merge branch 'topic-{place}' into main\n"),
        1 | 2 => format!("fix: close socket {place}\n\nThe peer saw a reset.\n\nFixes #{place}\n"),
        3 => format!("feat(api): accept format {place}\n"),
        4 => format!("docs: explain option {place}\n"),
        5 => format!("chore(deps): raise library to {place}\n\nSigned-off-by: Ada Author <ada@example.com>\n"),
        6 => format!("Tidy up module {place}\n"),
        7 => format!("test: cover case {place}\n"),
        8 => format!(
            "refactor(core): move {place}\n\n{}\n",
            "A line of reasons, as long as people write them.\n".repeat(8)
        ),
        _ => format!("perf: read file {place} once\n"),
    }
}

/// Git with nothing of the user's settings in it.
pub(super) fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    git.args(["-c", "gc.auto=0"]);
    git
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_as_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let history = History { commits: 200, tags: 7, since: 20 };
        let repository = history.repository(folder.path()).unwrap();
        let ask = |arguments: &[&str]| process::output(git(&repository).args(arguments)).unwrap().trim().to_owned();
        assert_eq!(ask(&["rev-list", "--count", "main"]), "200");
        assert_eq!(ask(&["tag", "--merged", "main"]).lines().count(), 7);
        assert_eq!(ask(&["describe", "--tags", "--abbrev=0"]), "v1.0.7");
        assert_eq!(ask(&["rev-list", "--count", "v1.0.7..main"]), "20");
        assert_eq!(ask(&["rev-list", "--count", "--merges", "main"]), "20");
    }
}
