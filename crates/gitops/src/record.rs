//! The record of verdicts: one commit each on `refs/slipway/<environment>/<component>`, which is only ever fast-forwarded.

use std::ops::ControlFlow;

use serde::Serialize;
use serde_json::Value;
use slipway_core::git::{Argv, CommitId, Expected, RefName, RefUpdate};
use slipway_core::{Error, ErrorKind, Host, Result};

use crate::configuration::REMOTE;
use crate::history::{Commit, history};
use crate::{ConfigRepository, RecordPlace, Release, Target, Trailers};

/// How many verdicts are read at most.
const LIMIT: usize = 1000;
/// The file that holds what a verdict rests on.
const DETAIL: &str = "verdict.json";

/// What was decided about a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is good: it is what a rollback falls back to from now on.
    Promote,
    /// Nobody knows yet.
    Hold,
    /// It is bad.
    Rollback,
}

impl Verdict {
    const ALL: [(Self, &str, &str); 3] = [
        (Self::Promote, "promote", "Promote"),
        (Self::Hold, "hold", "Hold"),
        (Self::Rollback, "rollback", "Roll back"),
    ];

    /// The word for it in outputs and trailers.
    pub fn as_str(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// A verdict about a release.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct VerdictRecord {
    /// What was decided.
    pub verdict: Verdict,
    /// About which release.
    pub release: Release,
    /// The deployment, as a commit of the config repository.
    pub config_commit: CommitId,
    /// The program or person who decided, such as `rollback-gate` or `@ada`.
    pub decided_by: String,
    /// What the verdict rests on: checks, samples, digests of evidence.
    pub detail: Value,
}

impl VerdictRecord {
    fn message(&self) -> String {
        let subject = format!(
            "{} {} {} in {}",
            Verdict::ALL[self.verdict as usize].2,
            self.release.component,
            self.release.version,
            self.release.environment
        );
        let trailers = Trailers::default().with("Verdict", self.verdict.as_str());
        self.release
            .write(trailers)
            .with("Config-Commit", self.config_commit.as_str())
            .with("Decided-By", &self.decided_by)
            .message(&subject)
    }

    /// Without its detail, which is in a file.
    fn read(message: &str) -> Option<Self> {
        let trailers = Trailers::parse(message);
        let word = trailers.one("Verdict")?;
        Some(Self {
            verdict: Verdict::ALL.iter().find(|(_, name, _)| *name == word)?.0,
            release: Release::read(&trailers)?,
            config_commit: trailers.one("Config-Commit")?.parse().ok()?,
            decided_by: trailers.one("Decided-By").unwrap_or_default().into(),
            detail: Value::Null,
        })
    }
}

/// A verdict as it stands in the record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerdictEntry {
    /// The commit on the record's ref.
    pub commit: CommitId,
    /// When it was recorded, in milliseconds since the Unix epoch.
    pub time: i64,
    /// The verdict.
    #[serde(flatten)]
    pub record: VerdictRecord,
}

/// All verdicts about a component in an environment, as they were when they were read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct VerdictLog {
    /// What they are about.
    pub target: Target,
    /// Where they stand.
    pub place: RecordPlace,
    /// The newest commit of the record; none if there is no record yet.
    pub tip: Option<CommitId>,
    /// The verdicts, newest first.
    pub entries: Vec<VerdictEntry>,
}

impl VerdictLog {
    /// The verified release: the newest promote that no later rollback names.
    pub fn verified_release(&self) -> Option<&VerdictRecord> {
        self.verified_releases().next()
    }

    /// Every release that is verified, the newest promote first.
    pub fn verified_releases(&self) -> impl Iterator<Item = &VerdictRecord> + Clone {
        let later_rollback = move |index: usize, release: &Release| {
            self.entries[..index]
                .iter()
                .any(|later| later.record.verdict == Verdict::Rollback && later.record.release.is_same(release))
        };
        let promotes = self.entries.iter().enumerate().filter(|(_, entry)| entry.record.verdict == Verdict::Promote);
        promotes
            .filter(move |(index, entry)| !later_rollback(*index, &entry.record.release))
            .map(|(_, entry)| &entry.record)
    }

    /// The rollback of a release, if that is the last word about it, or about its rebuilds if there is none about itself. A hold
    /// after it is no word for it.
    pub fn was_rolled_back(&self, release: &Release) -> Option<&VerdictRecord> {
        let mut words = self.entries.iter().map(|entry| &entry.record).filter(|record| record.verdict != Verdict::Hold);
        let rebuild = words.clone().find(|record| record.release.is_rebuild(release));
        let last = words.find(|record| record.release.is_same(release)).or(rebuild);
        last.filter(|record| record.verdict == Verdict::Rollback)
    }
}

impl<H: Host> ConfigRepository<'_, H> {
    /// Reads the newest 1000 verdicts about a component in an environment, as they are on the remote at this moment. What is no
    /// verdict is passed over. A record that exists is read and continued where it is; only the first verdict goes where the
    /// settings say.
    ///
    /// # Errors
    /// `Network`, `Permission`, `Git`; `UnexpectedCurrentValue` if there are two records.
    pub async fn verdicts(&self, target: &Target) -> Result<VerdictLog> {
        let mut place = self.record_place();
        let names = [target.record(place)?, target.record(place.other())?];
        let mut tips = self.git.remote_refs(REMOTE, &names).await?;
        let tip = match names.each_ref().map(|name| tips.remove(name)) {
            [Some(_), Some(_)] => return Err(two_records(target, &names)),
            [None, Some(tip)] => {
                place = place.other();
                Some(tip)
            }
            [tip, None] => tip,
        };
        if tip.is_some() {
            let name = target.record(place)?;
            let fetch = Argv::new("fetch").flag("--quiet").flag("--no-tags").flag("--no-filter").end_of_options();
            self.git.bytes(fetch.revision(REMOTE).revision(&format!("+{name}:{name}"))).await?;
        }
        let mut log = read_log(self, target.clone(), place, tip).await?;
        let names: Vec<String> = log.entries.iter().map(|entry| format!("{}:{DETAIL}", entry.commit)).collect();
        let details = self.contents(&names.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        for (entry, detail) in log.entries.iter_mut().zip(details) {
            entry.record.detail = detail.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        }
        Ok(log)
    }

    /// Adds a verdict to the record, if that is as it was read, and gives the verdict's commit.
    ///
    /// # Errors
    /// `LostRace` if somebody else recorded a verdict since: read the record and decide again. `PushRejected`, `Permission`,
    /// `Network`, `Git`: nothing was recorded.
    pub async fn record(&self, log: &VerdictLog, verdict: &VerdictRecord) -> Result<CommitId> {
        let commit = self.commit_verdict(log, verdict).await?;
        self.update(&commit, &log.target.record(log.place)?, expected(log)).await?;
        Ok(commit)
    }

    /// Publishes a commit on the branch and a verdict on the record by one push, both or neither, and gives the verdict's commit.
    ///
    /// # Errors
    /// `LostRace` if either has moved since; `PushRejected`, `Permission`, `Network`, `Git`: nothing was published.
    pub async fn publish_with_verdict(
        &self,
        commit: &CommitId,
        log: &VerdictLog,
        verdict: &VerdictRecord,
    ) -> Result<CommitId> {
        let recorded = self.commit_verdict(log, verdict).await?;
        let update = |object: &CommitId, target, expected| RefUpdate { object: Some(object.clone()), target, expected };
        let updates = [
            update(commit, self.branch().qualified(), Expected::FastForward),
            update(&recorded, log.target.record(log.place)?, expected(log)),
        ];
        self.git.push(REMOTE, &updates).await?;
        Ok(recorded)
    }

    async fn commit_verdict(&self, log: &VerdictLog, verdict: &VerdictRecord) -> Result<CommitId> {
        if verdict.release.target() != log.target {
            let wrong =
                format!("a verdict about {} cannot stand in the record of {}", verdict.release.target(), log.target);
            return Err(Error::new(ErrorKind::Internal, wrong));
        }
        let detail = serde_json::to_vec_pretty(&verdict.detail)
            .map_err(|e| Error::new(ErrorKind::Internal, format!("the verdict is not serializable: {e}")))?;
        self.commit_file(log.tip.as_ref(), DETAIL, detail, &verdict.message()).await
    }
}

/// What must hold for the next verdict to be added.
fn expected(log: &VerdictLog) -> Expected {
    if log.tip.is_some() { Expected::FastForward } else { Expected::Absent }
}

/// The newest verdicts of a record that was fetched, without their details.
pub(crate) async fn read_log<H: Host>(
    repository: &ConfigRepository<'_, H>,
    target: Target,
    place: RecordPlace,
    tip: Option<CommitId>,
) -> Result<VerdictLog> {
    let mut log = VerdictLog { target, place, tip, entries: Vec::new() };
    let Some(tip) = &log.tip else { return Ok(log) };
    let (target, entries) = (&log.target, &mut log.entries);
    let read = repository.commits(history().end_of_options().commit(tip), |commit| {
        entries.extend(read_entry(commit).filter(|entry| entry.record.release.target() == *target));
        if entries.len() < LIMIT { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    read.await?;
    Ok(log)
}

fn two_records(target: &Target, [one, other]: &[RefName; 2]) -> Error {
    Error::new(ErrorKind::UnexpectedCurrentValue, format!("{target} has two records, `{one}` and `{other}`"))
        .hint("delete the one that nobody continues")
}

fn read_entry(commit: Commit) -> Option<VerdictEntry> {
    Some(VerdictEntry { record: VerdictRecord::read(&commit.message)?, commit: commit.id, time: commit.time })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    fn record(verdict: Verdict, version: &str, config_commit: char) -> VerdictRecord {
        VerdictRecord {
            verdict,
            release: Release {
                component: "shop".parse().unwrap(),
                version: version.parse().unwrap(),
                images: vec![format!("shop:{version}@sha256:{}", "0".repeat(64)).parse().unwrap()],
                environment: "production".parse().unwrap(),
                source_commit: None,
                workflow_run: None,
            },
            config_commit: config_commit.to_string().repeat(40).parse().unwrap(),
            decided_by: "rollback-gate".into(),
            detail: Value::Null,
        }
    }

    /// From words such as `promote 1.4.0 a`, oldest first.
    pub(crate) fn log(verdicts: &[&str]) -> VerdictLog {
        let entries = verdicts.iter().rev().map(|text| {
            let words: Vec<&str> = text.split(' ').collect();
            let verdict = Verdict::ALL.iter().find(|(_, name, _)| *name == words[0]).unwrap().0;
            let record = record(verdict, words[1], words[2].parse().unwrap());
            VerdictEntry { commit: record.config_commit.clone(), time: 0, record }
        });
        let entries: Vec<_> = entries.collect();
        let target = Target { environment: "production".parse().unwrap(), component: "shop".parse().unwrap() };
        VerdictLog { target, place: RecordPlace::Ref, tip: entries.first().map(|entry| entry.commit.clone()), entries }
    }

    #[test]
    fn the_verified_release_is_the_newest_promote_that_no_later_rollback_names() {
        for (verdicts, verified) in [
            (&[][..], None),
            (&["hold 1.4.0 a"], None),
            (&["promote 1.4.0 a"], Some("1.4.0")),
            (&["promote 1.4.0 a", "hold 1.5.0 b"], Some("1.4.0")),
            (&["promote 1.4.0 a", "promote 1.5.0 b"], Some("1.5.0")),
            (&["promote 1.4.0 a", "rollback 1.5.0 b"], Some("1.4.0")),
            (&["promote 1.4.0 a", "promote 1.5.0 b", "rollback 1.5.0 b"], Some("1.4.0")),
            (&["promote 1.4.0 a", "rollback 1.4.0 c"], None),
            (&["promote 1.4.0 a", "rollback 1.4.0 a", "promote 1.4.0 c"], Some("1.4.0")),
            (&["promote 1.4.0 a", "promote 1.5.0 b", "rollback 1.5.0 b", "rollback 1.4.0 a"], None),
            (&["rollback 1.5.0 b", "promote 1.5.0 c", "rollback 1.4.0 a"], Some("1.5.0")),
        ] {
            let log = log(verdicts);
            let found = log.verified_release().map(|record| record.release.version.as_str());
            assert_eq!(found, verified, "{verdicts:?}");
        }
    }

    #[test]
    fn the_last_word_about_a_release_counts() {
        for (verdicts, rolled_back) in [
            (&[][..], false),
            (&["promote 1.5.0 b"], false),
            (&["rollback 1.5.0 b"], true),
            (&["rollback 1.5.0 b", "hold 1.5.0 c"], true),
            (&["rollback 1.5.0 b", "promote 1.5.0 c"], false),
            (&["promote 1.5.0 b", "rollback 1.5.0 c"], true),
            (&["rollback 1.4.0 a"], false),
        ] {
            let release = record(Verdict::Hold, "1.5.0", 'f').release;
            assert_eq!(log(verdicts).was_rolled_back(&release).is_some(), rolled_back, "{verdicts:?}");
        }
    }

    #[test]
    fn a_rebuild_is_no_way_around_a_rollback() {
        let built = |image: &str, source: char| Release {
            images: vec![image.parse().unwrap()],
            source_commit: Some(source.to_string().repeat(40).parse().unwrap()),
            ..record(Verdict::Hold, "1.5.0", 'f').release
        };
        let [first, again] = ["shop:first", "shop:again"];
        for (verdicts, image, source, rolled_back) in [
            (&[(Verdict::Rollback, first)][..], again, 'a', true),
            (&[(Verdict::Rollback, first)], again, 'b', false),
            (&[(Verdict::Rollback, first), (Verdict::Promote, again)], "shop:third", 'a', false),
            (&[(Verdict::Promote, first), (Verdict::Rollback, again)], first, 'a', false),
            (&[(Verdict::Promote, first), (Verdict::Rollback, again)], "shop:third", 'a', true),
        ] {
            let mut log = log(&vec!["rollback 1.5.0 a"; verdicts.len()]);
            for (entry, (verdict, image)) in log.entries.iter_mut().rev().zip(verdicts) {
                entry.record.verdict = *verdict;
                entry.record.release = built(image, 'a');
            }
            let found = log.was_rolled_back(&built(image, source)).is_some();
            assert_eq!(found, rolled_back, "{verdicts:?} {image} {source}");
        }
    }

    #[test]
    fn a_verdict_is_read_back_from_its_message() {
        for verdict in [Verdict::Promote, Verdict::Hold, Verdict::Rollback] {
            let mut record = record(verdict, "1.5.0", 'b');
            record.decided_by = "ada\nVerdict: promote".into();
            let read = VerdictRecord::read(&record.message()).unwrap();
            record.decided_by = "ada Verdict: promote".into();
            assert_eq!(read, record);
        }
        assert!(
            record(Verdict::Rollback, "1.5.0", 'b').message().starts_with("Roll back shop 1.5.0 in production\n\n")
        );
    }
}
