//! Leading: one push for all that wait.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use serde_json::Value;
use slipway_core::git::{Argv, CommitId, Expected, FileChange, RefName, RefUpdate, Trailers};
use slipway_core::{Error, ErrorKind, Host, Result};

use super::intent::{Intent, TRAILER};
use super::{Queue, Sight, is_abandoned, is_passing};
use crate::configuration::{REMOTE, fetch_branch};
use crate::history::{Commit, history};
use crate::{RecordPlace, settings};

/// The most intents that one push publishes.
const LARGEST: usize = 200;

/// What came of leading.
pub(super) enum Led {
    /// What could be published was.
    Published,
    /// This job's intent does not hold any more.
    Outdated(Error),
}

/// What is going to be pushed in one go.
struct Chain {
    /// The newest commit.
    end: CommitId,
    /// The intents that are deleted.
    updates: Vec<RefUpdate>,
    /// Targets and versions of the commits.
    deployed: Vec<(String, String)>,
    told: Vec<String>,
}

/// The branch as it was fetched.
struct Ground<'s> {
    tip: CommitId,
    /// The object of the settings file.
    settings: Option<String>,
    sight: &'s Sight,
    /// What the branch got since the commits that intents were planned on.
    since: BTreeMap<CommitId, Option<Since>>,
}

/// What the branch got since a commit.
#[derive(Default)]
struct Since {
    intents: BTreeSet<String>,
    deployed: Vec<(String, String)>,
}

/// What becomes of an intent.
enum Fate {
    /// It is done: published before, without effect, or over.
    Done,
    /// Its files, to be committed.
    Changed(Vec<FileChange>),
    /// Its owner has to plan anew, for this reason.
    Outdated(Error),
}

impl<H: Host, E: AsyncFn(&CommitId, &Value) -> Result<Vec<FileChange>>> Queue<'_, '_, H, E> {
    /// Publishes what waits; without `together`, this job's intent alone, and deletes nothing.
    pub(super) async fn lead(&self, sight: &Sight, mine: &Intent, together: bool) -> Result<Led> {
        let repository = self.repository;
        let branch = repository.branch();
        repository.git.bytes(fetch_branch(branch)).await?;
        let tip = self.tip().await?;
        let settings = repository.settings_object(&tip).await?;
        let mut chain = Chain { end: tip.clone(), updates: Vec::new(), deployed: Vec::new(), told: Vec::new() };
        let mut ground = Ground { tip, settings, sight, since: BTreeMap::new() };
        for (name, object, intent) in self.read_intents().await? {
            let delete = RefUpdate { object: None, target: name, expected: Expected::At(object) };
            let Some(intent) = intent else {
                if is_abandoned(delete.target.as_str(), self.context.now()) {
                    chain.updates.push(delete);
                }
                continue;
            };
            let is_mine = intent.id == mine.id;
            if !(is_mine || together) || chain.updates.len() == LARGEST {
                continue;
            }
            match self.fate(&intent, is_mine, &mut ground, &mut chain).await? {
                Fate::Outdated(error) if is_mine => return Ok(Led::Outdated(error)),
                // Its owner sees the same, and plans anew.
                Fate::Outdated(_) => continue,
                Fate::Changed(changes) => self.extend(&mut chain, &intent, is_mine, &changes).await?,
                Fate::Done => {}
            }
            chain.updates.push(delete);
        }
        let mut updates = if together { chain.updates } else { Vec::new() };
        if chain.end != ground.tip {
            let target = branch.qualified();
            updates.insert(0, RefUpdate { object: Some(chain.end), target, expected: Expected::FastForward });
        }
        if !updates.is_empty() {
            repository.git.push(REMOTE, &updates).await?;
        }
        self.told.borrow_mut().append(&mut chain.told);
        Ok(Led::Published)
    }

    async fn fate(&self, intent: &Intent, is_mine: bool, ground: &mut Ground<'_>, chain: &mut Chain) -> Result<Fate> {
        if !ground.since.contains_key(&intent.base) {
            let since = self.since(&intent.base, &ground.tip).await?;
            ground.since.insert(intent.base.clone(), since);
        }
        let since = ground.since.get(&intent.base).and_then(Option::as_ref);
        if since.is_some_and(|since| since.intents.contains(&intent.id)) {
            return Ok(Fate::Done);
        }
        if !is_mine && self.context.now() > intent.expires {
            let Intent { version, target, .. } = intent;
            let why = "because nobody did while its job waited";
            chain.told.push(format!("{version} of {target} was not published, {why}: run {} again", run(intent)));
            return Ok(Fate::Done);
        }
        if let Some(why) = outdated(intent, since, &chain.deployed, ground) {
            return Ok(Fate::Outdated(Error::new(ErrorKind::LostRace, why)));
        }
        match (self.edit)(&chain.end, &intent.edits).await {
            Ok(changes) => Ok(Fate::Changed(changes)),
            Err(error) if is_passing(&error) => Err(error),
            // Planning anew tells what is wrong.
            Err(error) => Ok(Fate::Outdated(Error::new(ErrorKind::LostRace, error.message().to_owned()))),
        }
    }

    /// Commits an intent, if it changes something.
    async fn extend(&self, chain: &mut Chain, intent: &Intent, is_mine: bool, changes: &[FileChange]) -> Result<()> {
        let Some(commit) = self.repository.commit(&chain.end, changes, &intent.deployment()).await? else {
            return Ok(());
        };
        chain.end = commit;
        let Intent { version, target, .. } = intent;
        chain.deployed.push((target.clone(), version.clone()));
        if !is_mine {
            chain.told.push(format!("published {version} of {target} for {}", run(intent)));
        }
        Ok(())
    }

    /// The intents that were fetched, the oldest first; without its content one that was not signed with our key, or is of another
    /// version of this program.
    async fn read_intents(&self) -> Result<Vec<(RefName, CommitId, Option<Intent>)>> {
        let names = self.repository.intents().await?;
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let log = names.values().fold(history().flag("--no-walk=unsorted").end_of_options(), Argv::commit);
        let mut messages = BTreeMap::new();
        self.repository
            .commits(log, |commit| {
                messages.insert(commit.id, commit.message);
                ControlFlow::Continue(())
            })
            .await?;
        let mut intents = Vec::new();
        for (name, object) in names {
            let name: RefName = name.parse()?;
            let intent = messages.get(&object).and_then(|message| Intent::read(message, &name, self.key));
            let intent = intent.filter(|intent| intent.program == env!("CARGO_PKG_VERSION"));
            intents.push((name, object, intent));
        }
        Ok(intents)
    }

    /// What the branch got since a commit; nothing if that is not part of its history.
    async fn since(&self, base: &CommitId, tip: &CommitId) -> Result<Option<Since>> {
        // A commit that is not here is an error for git.
        if !self.repository.is_ancestor(base, tip).await.unwrap_or(false) {
            return Ok(None);
        }
        let mut since = Since::default();
        let log = history().end_of_options().range(base, tip);
        let read = |commit: Commit| {
            let trailers = Trailers::parse(&commit.message);
            since.intents.extend(trailers.all(TRAILER).map(str::to_owned));
            let one = |key: &str| trailers.one(key).unwrap_or_default().to_owned();
            let target = format!("{}/{}", one("Release-Environment"), one("Release-Component"));
            since.deployed.push((target, one("Release-Version")));
            ControlFlow::Continue(())
        };
        self.repository.commits(log, read).await?;
        Ok(Some(since))
    }
}

/// Why an intent does not hold any more, if it does not.
fn outdated(
    intent: &Intent,
    since: Option<&Since>,
    chained: &[(String, String)],
    ground: &Ground<'_>,
) -> Option<String> {
    let Some(since) = since else { return Some(format!("`{}` was rewritten", intent.branch)) };
    if intent.settings != ground.settings {
        return Some(format!("`{}` was changed", settings::FILE));
    }
    let places = RecordPlace::ALL.map(|place| format!("{}{}", place.prefix(), intent.target));
    let verdicts = places.iter().find_map(|name| ground.sight.verdicts.get(name));
    if verdicts != intent.verdicts.as_ref() {
        return Some(format!("there is another verdict about {}", intent.target));
    }
    let mut deployed = since.deployed.iter().chain(chained);
    let other = deployed.find(|(target, version)| *target == intent.target && *version != intent.version)?;
    Some(format!("{} of {} was deployed", other.1, other.0))
}

fn run(intent: &Intent) -> &str {
    if intent.run.is_empty() { "a job without a page" } else { &intent.run }
}
