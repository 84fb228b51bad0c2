//! The whole record of a branch: every deployment and every verdict, of all components in all environments.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::Serialize;
use slipway_core::git::{Argv, CommitId, RefName};
use slipway_core::{Host, Result};

use crate::configuration::{REMOTE, fetching};
use crate::record::read_log;
use crate::{ConfigRepository, Deployment, RecordPlace, Target, VerdictLog};

/// How many deployments are read at most.
const DEPLOYMENT_LIMIT: usize = 20_000;
/// How many records of verdicts are read at most.
const RECORD_LIMIT: usize = 1000;

/// What the record says of a component in an environment.
#[derive(Clone, Debug, Serialize)]
pub struct Ledger {
    /// What it is about.
    pub target: Target,
    /// Its deployments, newest first.
    pub deployments: Vec<Deployment>,
    /// The verdicts about it, newest first, without what they rest on.
    pub verdicts: VerdictLog,
}

impl Ledger {
    /// Of what was never deployed.
    pub fn empty(target: Target) -> Self {
        let (place, entries) = (RecordPlace::default(), Vec::new());
        let verdicts = VerdictLog { target: target.clone(), place, tip: None, entries };
        Self { target, deployments: Vec::new(), verdicts }
    }
}

impl<H: Host> ConfigRepository<'_, H> {
    /// What the record says of every target that is wanted and was ever deployed or judged: one log of the branch, one list of refs and
    /// one fetch, however many there are.
    ///
    /// # Errors
    /// `Network`, `Permission`, `Git`.
    pub async fn ledgers(&self, is_wanted: impl Fn(&Target) -> bool) -> Result<Vec<Ledger>> {
        let mut ledgers: BTreeMap<Target, Ledger> = BTreeMap::new();
        let mut count = 0;
        self.commits(self.deployments_log(None), |commit| {
            if let Some(deployment) = Deployment::read(commit).filter(|found| is_wanted(&found.release.target())) {
                ledger(&mut ledgers, deployment.release.target()).deployments.push(deployment);
                count += 1;
            }
            if count < DEPLOYMENT_LIMIT { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .await?;
        for log in self.all_verdicts(is_wanted).await? {
            let ledger = ledger(&mut ledgers, log.target.clone());
            // Of two records, the one where the settings want it counts here.
            if ledger.verdicts.tip.is_none() || log.place == self.record_place() {
                ledger.verdicts = log;
            }
        }
        Ok(ledgers.into_values().collect())
    }

    /// The refs of the remote where verdicts and intents stand, with their objects, in the order of git.
    pub(crate) async fn record_refs(&self) -> Result<Vec<(String, CommitId)>> {
        let list = Argv::new("ls-remote").flag("--quiet").flag("--refs").end_of_options().revision(REMOTE);
        let list = RecordPlace::ALL.iter().fold(list, |list, place| list.flag(place.pattern()));
        let listed = self.git.text(list).await?;
        let listed = listed.lines().filter_map(|line| line.split_once('\t'));
        listed.map(|(object, name)| Ok((name.to_owned(), object.parse()?))).collect()
    }

    async fn all_verdicts(&self, is_wanted: impl Fn(&Target) -> bool) -> Result<Vec<VerdictLog>> {
        let mut found: Vec<(Target, RecordPlace, RefName, CommitId)> = Vec::new();
        for (name, id) in self.record_refs().await?.into_iter().take(RECORD_LIMIT) {
            let Some((target, place)) = Target::of_record(&name).filter(|(target, _)| is_wanted(target)) else {
                continue;
            };
            found.push((target, place, name.parse()?, id));
        }
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let fetch = fetching().flag("--stdin");
        let names: String = found.iter().map(|(_, _, name, _)| format!("+{name}:{name}\n")).collect();
        self.git.feed(fetch.end_of_options().revision(REMOTE), names.into_bytes()).await?;
        let mut logs = Vec::with_capacity(found.len());
        for (target, place, _, tip) in found {
            logs.push(read_log(self, target, place, Some(tip)).await?);
        }
        Ok(logs)
    }

    /// When commits were made, in milliseconds since the Unix epoch, as far as this repository has them.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn commit_times(&self, ids: &[CommitId]) -> Result<BTreeMap<CommitId, i64>> {
        commit_times(&self.git, ids).await
    }
}

/// When commits were made, in milliseconds since the Unix epoch, as far as a repository has them. Nothing is fetched.
///
/// # Errors
/// `Git` if git fails.
pub async fn commit_times<H: Host>(
    git: &slipway_core::git::Git<'_, H>,
    ids: &[CommitId],
) -> Result<BTreeMap<CommitId, i64>> {
    let here = Argv::new("cat-file").flag("--batch-check=%(objecttype) %(objectname)").flag("--buffer");
    let names: String = ids.iter().map(|id| format!("{id}\n")).collect();
    let git = git.clone().without_lazy_fetch();
    let checked = git.feed(here, names.into_bytes()).await?;
    let checked = String::from_utf8_lossy(&checked).into_owned();
    let commits: Vec<&str> = checked.lines().filter_map(|line| line.strip_prefix("commit ")).collect();
    let mut times = BTreeMap::new();
    if commits.is_empty() {
        return Ok(times);
    }
    let log = Argv::new("log").flag("--no-walk=unsorted").flag("--stdin").flag("--format=%H %ct");
    let listed = git.feed(log, commits.join("\n").into_bytes()).await?;
    for line in String::from_utf8_lossy(&listed).lines() {
        if let Some((id, time)) = line.split_once(' ')
            && let (Ok(id), Ok(seconds)) = (id.parse(), time.parse::<i64>())
        {
            times.insert(id, seconds.saturating_mul(1000));
        }
    }
    Ok(times)
}

fn ledger(ledgers: &mut BTreeMap<Target, Ledger>, target: Target) -> &mut Ledger {
    ledgers.entry(target.clone()).or_insert_with(|| Ledger::empty(target))
}
