//! The queue: jobs that meet on a branch publish for one another, so that a hundred of them cost a few pushes to it.
//!
//! # Protocol
//!
//! A job that loses a race, or sees that others wait, *leaves an intent*: a ref `refs/slipway/_queue/<branch>/<id>` of its own, to a
//! commit whose message says what is to be edited and what that decision rested on. Any waiting job may *lead*: it fetches the branch
//! and the queue in one go, applies the edits of every intent to the files as they are by then, one commit for each, and moves the
//! branch and deletes those intents in one atomic push. Each deletion names the object that it expects, and the branch is only
//! ever fast-forwarded, so that either all of it happens or nothing does. Hence:
//!
//! - **An intent exists if and only if it is neither published nor given up.** Nobody publishes it twice: after the push it is gone.
//!   Should a remote keep it all the same, or somebody put an old one back, its id is found in the history of the branch since the
//!   commit that it was planned on (trailer `Slipway-Intent`), and it counts as done.
//! - **A job that gives up deletes its intent first.** If the deletion succeeds and the history has no commit of it, it was not published
//!   and never will be, and only then does the job fail. If the remote cannot be reached, the failure says that the outcome is open, and
//!   until when.
//! - **A job that dies leaves its intent behind.** Whoever leads within its time publishes it; the commit names the run that wanted it,
//!   and the leader tells for whom it published. After its time nobody does: the next leader removes it and warns that it was not
//!   published, with its run, which can be run again.
//! - **A dead job blocks nobody.** The oldest intent's job leads at once; if that intent stays where it is, the others lead too. What is
//!   far beyond its time is not waited for, and removed even if nobody can read it.
//!
//! An intent is applied by others only as long as what the job decided by still holds: the branch descends from the commit that it
//! planned on, the settings file and the verdicts about its target are the same, and no other version of its component was
//! deployed to its environment since. Otherwise, and where its edits fail, it is left to its owner, who takes it back and plans anew.
//!
//! Whoever can write refs could leave intents, and have a job with more rights publish them on a protected branch. So intents are signed
//! with a secret that the jobs have in common ([`QueueKey`]); others are not looked at. Where there is none, where the remote
//! refuses such refs or cannot push atomically, jobs push for themselves.

mod intent;
mod lead;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::time::Duration;

use serde_json::Value;
use slipway_core::git::{Argv, CommitId, Expected, FileChange, RefName, RefUpdate, Trailers};
use slipway_core::{Backoff, Context, Error, ErrorKind, Host, Result, hexadecimal};

use crate::configuration::{REMOTE, fetch_commits};
use crate::history::{Commit, history};
use crate::settings;
use crate::{ConfigRepository, Release};
use intent::{Intent, TRAILER};
use lead::Led;

pub(crate) use intent::NAMESPACE;
pub use intent::QueueKey;

/// How long a job waits for its intent to be published.
const WAIT: Duration = Duration::from_secs(10 * 60);
/// How long the oldest intent may stay where it is before others than its owner lead.
const PATIENCE: Duration = Duration::from_secs(20);
/// The pauses between two looks at the queue.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(8)];
/// A leader waits so long for a queue that still grows, and so often.
const GATHERING: (Duration, u32) = (Duration::from_millis(1500), 4);

/// What a job wants to have published.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    /// The commit that it was planned on.
    pub parent: &'a CommitId,
    /// The release.
    pub release: &'a Release,
    /// The newest verdict about its target when it was planned.
    pub verdicts: Option<&'a CommitId>,
    /// The message of its commit.
    pub message: &'a str,
    /// What is to be edited; every program of this version understands it.
    pub edits: Value,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// The commit, by whoever published it.
    pub commit: CommitId,
    /// What this job has to tell about others: what it published for them, and what nobody will publish any more.
    pub told: Vec<String>,
}

/// A queue as one job sees it.
struct Queue<'q, 'a, H, E> {
    repository: &'q ConfigRepository<'a, H>,
    context: &'q Context<H>,
    key: &'q QueueKey,
    edit: E,
    told: RefCell<Vec<String>>,
}

/// The refs of the remote at one moment.
struct Sight {
    /// The intents, the oldest first.
    pending: BTreeMap<String, CommitId>,
    /// The newest verdicts, by ref.
    verdicts: BTreeMap<String, CommitId>,
}

impl<H: Host> ConfigRepository<'_, H> {
    /// Whether others wait for their turn on the branch, as far as was fetched.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn is_contended(&self, context: &Context<H>) -> Result<bool> {
        Ok(self.intents().await?.keys().any(|name| !is_abandoned(name, context.now())))
    }

    /// Publishes through the queue. `edit` gives the files that edits change in a commit, which can be those of another job.
    ///
    /// # Errors
    /// `LostRace` if it has to be planned anew, or the remote takes no queue: nothing was published. `TimedOut` after ten minutes,
    /// `PushRejected`, `Permission`, `Network`, `Git`.
    pub async fn publish_queued(
        &self,
        context: &Context<H>,
        key: &QueueKey,
        order: &Order<'_>,
        edit: impl AsyncFn(&CommitId, &Value) -> Result<Vec<FileChange>>,
    ) -> Result<Queued> {
        let queue = Queue { repository: self, context, key, edit, told: RefCell::default() };
        let commit = queue.publish(order).await?;
        Ok(Queued { commit, told: queue.told.into_inner() })
    }

    /// The intents that were fetched.
    async fn intents(&self) -> Result<BTreeMap<String, CommitId>> {
        let list = Argv::new("for-each-ref").flag("--format=%(objectname) %(refname)").end_of_options();
        let listed = self.git.text(list.revision(&format!("{NAMESPACE}{}/", self.branch()))).await?;
        let mut found = BTreeMap::new();
        for (object, name) in listed.lines().filter_map(|line| line.split_once(' ')) {
            found.insert(name.to_owned(), object.parse()?);
        }
        Ok(found)
    }

    /// The object of the settings file in a commit.
    async fn settings_object(&self, commit: &CommitId) -> Result<Option<String>> {
        let path = settings::FILE.parse()?;
        let entry = self.entries_of(commit, std::slice::from_ref(&path)).await?.remove(&path);
        Ok(entry.map(|entry| entry.id))
    }
}

impl<H: Host, E: AsyncFn(&CommitId, &Value) -> Result<Vec<FileChange>>> Queue<'_, '_, H, E> {
    async fn publish(&self, order: &Order<'_>) -> Result<CommitId> {
        let mine = self.intent(order).await?;
        let name = mine.name()?;
        let object = self.leave(&mine, &name).await?;
        let host = &self.context.host;
        let deadline = host.monotonic() + WAIT;
        let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
        let mut front: Option<(String, Duration)> = None;
        let mut passed: BTreeSet<String> = BTreeSet::new();
        let (mut size, mut gathered, mut has_led) = (0, 0, false);
        let own = name.to_string();
        loop {
            let sight = match self.look().await {
                Err(error) if is_passing(&error) && host.monotonic() < deadline => {
                    backoff.pause(host).await;
                    continue;
                }
                sight => sight.map_err(|error| open(error, &mine))?,
            };
            if sight.pending.get(&own) != Some(&object) {
                return self.settled(&mine).await;
            }
            if host.monotonic() >= deadline {
                let late = format!("`{}` was not free for {} s", mine.branch, WAIT.as_secs());
                return self.give_up(&mine, &object, Error::new(ErrorKind::TimedOut, late)).await;
            }
            let waits = |name: &&String| !passed.contains(*name) && !is_abandoned(name, self.context.now());
            let first = sight.pending.keys().find(waits).unwrap_or(&own);
            let since = match &front {
                Some((name, since)) if name == first => *since,
                _ => host.monotonic(),
            };
            front = Some((first.clone(), since));
            let waited = host.monotonic().saturating_sub(since) >= PATIENCE;
            if waited {
                passed.insert(first.clone());
            }
            if *first == own || waited {
                if sight.pending.len() > size && gathered < GATHERING.1 {
                    (size, gathered) = (sight.pending.len(), gathered + 1);
                    host.sleep(GATHERING.0).await;
                    continue;
                }
                match self.lead(&sight, &mine, true).await {
                    // If it is there all the same, the remote is behind with what it tells.
                    Ok(Led::Published) if !has_led => {
                        has_led = true;
                        continue;
                    }
                    Ok(Led::Published) => {}
                    Ok(Led::Outdated(error)) => return self.give_up(&mine, &object, error).await,
                    Err(error) if is_passing(&error) => {}
                    // Perhaps it is the deletion that is refused, or that it is to happen in one go.
                    Err(_) => match self.lead(&sight, &mine, false).await {
                        Ok(Led::Published) => return self.settled(&mine).await,
                        Ok(Led::Outdated(error)) => return self.give_up(&mine, &object, error).await,
                        Err(error) if is_passing(&error) => {}
                        Err(error) => return self.give_up(&mine, &object, error).await,
                    },
                }
            }
            backoff.pause(host).await;
        }
    }

    async fn intent(&self, order: &Order<'_>) -> Result<Intent> {
        let Release { environment, component, version, .. } = order.release;
        let left = self.context.now();
        let random = self.context.host.random();
        Ok(Intent {
            id: format!("{left:013}-{}", hexadecimal(&random[..8])),
            program: env!("CARGO_PKG_VERSION").into(),
            branch: self.repository.branch().clone(),
            base: order.parent.clone(),
            expires: left.saturating_add(i64::try_from(WAIT.as_millis()).unwrap_or(i64::MAX)),
            target: format!("{environment}/{component}"),
            version: version.to_string(),
            verdicts: order.verdicts.cloned(),
            settings: self.repository.settings_object(order.parent).await?,
            run: self.context.environment.run_url.clone(),
            message: order.message.into(),
            edits: order.edits.clone(),
        })
    }

    /// Puts the intent into the queue.
    async fn leave(&self, mine: &Intent, name: &RefName) -> Result<CommitId> {
        let git = &self.repository.git;
        let tree = git.feed(Argv::new("mktree").flag("-z"), Vec::new()).await?;
        let object = git.commit_tree(String::from_utf8_lossy(&tree).trim(), None, &mine.write(self.key)?).await?;
        let update = RefUpdate { object: Some(object.clone()), target: name.clone(), expected: Expected::Absent };
        match git.push(REMOTE, &[update]).await {
            Ok(()) => Ok(object),
            Err(error) if matches!(error.kind(), ErrorKind::PushRejected | ErrorKind::Git) => {
                self.context.log(&format!("the remote takes no queue, so this job pushes for itself: {error}"));
                Err(Error::new(ErrorKind::LostRace, format!("somebody else moved `{}` first", mine.branch)))
            }
            Err(error) => Err(error),
        }
    }

    /// The refs of the remote at this moment.
    async fn look(&self) -> Result<Sight> {
        let mut sight = Sight { pending: BTreeMap::new(), verdicts: BTreeMap::new() };
        let ours = format!("{NAMESPACE}{}/", self.repository.branch());
        for (name, object) in self.repository.record_refs().await? {
            let is_ours = name.strip_prefix(&ours).is_some_and(|id| !id.contains('/'));
            if is_ours {
                sight.pending.insert(name, object);
            } else if !name.starts_with(NAMESPACE) {
                sight.verdicts.insert(name, object);
            }
        }
        Ok(sight)
    }

    /// The newest commit of the branch, as it was fetched.
    async fn tip(&self) -> Result<CommitId> {
        let branch = self.repository.branch();
        let tip = self.repository.git.resolve(&branch.qualified()).await?;
        tip.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("the branch `{branch}` is gone")))
    }

    /// The commit of an intent that is not in the queue any more.
    async fn settled(&self, mine: &Intent) -> Result<CommitId> {
        let repository = self.repository;
        let name = repository.branch().qualified();
        repository.git.bytes(fetch_commits(&name)).await.map_err(|error| open(error, mine))?;
        let tip = self.tip().await?;
        let mut found = None;
        let log = history().end_of_options().range(&mine.base, &tip);
        let read = |commit: Commit| {
            if Trailers::parse(&commit.message).all(TRAILER).any(|id| id == mine.id) {
                found = Some(commit.id);
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        };
        repository.commits(log, read).await?;
        // Without a commit there was nothing left to change, or somebody took the intent for abandoned.
        found.ok_or_else(|| {
            Error::new(ErrorKind::LostRace, format!("somebody else moved `{}` first", repository.branch()))
        })
    }

    /// Takes the intent back, and fails if it was not published in the meantime.
    async fn give_up(&self, mine: &Intent, object: &CommitId, error: Error) -> Result<CommitId> {
        let expected = Expected::At(object.clone());
        let update = RefUpdate { object: None, target: mine.name()?, expected };
        let withdrawn = self.repository.git.push(REMOTE, &[update]).await;
        match (self.settled(mine).await, withdrawn) {
            (Ok(commit), _) => Ok(commit),
            (Err(settled), Ok(())) if settled.kind() == ErrorKind::LostRace => Err(error),
            // The intent may still be there, or the history may have a commit of it that could not be looked for.
            _ => Err(open(error, mine)),
        }
    }
}

/// The failure of a job whose intent may still be published by others.
fn open(error: Error, mine: &Intent) -> Error {
    let until = slipway_core::context::rfc3339(mine.expires);
    error.context(format!("until {until} another job may still publish `{}` ({TRAILER}: {})", mine.target, mine.id))
}

/// Whether an entry of the queue is so old that nobody can wait for it, whoever left it.
fn is_abandoned(name: &str, now: i64) -> bool {
    let id = name.rsplit('/').next().unwrap_or_default();
    let left = id.split_once('-').and_then(|(left, _)| left.parse::<i64>().ok()).unwrap_or_default();
    let limit = i64::try_from(2 * WAIT.as_millis()).unwrap_or(i64::MAX);
    now.saturating_sub(left) > limit
}

/// Whether trying again can help.
fn is_passing(error: &Error) -> bool {
    use ErrorKind::{LostRace, Network, RateLimited, TimedOut};
    matches!(error.kind(), LostRace | Network | RateLimited | TimedOut)
}
