//! A reconciler: what runs is what the config repository says, and nothing else starts a service.

mod argocd;
mod environment;
mod event;
mod manifest;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::server::Server;
use crate::{BareRepository, lock};
use environment::Environment;
pub use event::{Change, Event, Running};
use event::{Journal, Said};

/// How soon to look again while something is starting or draining.
const SOON: Duration = Duration::from_millis(20);

/// What a reconciler works with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The config repository: a clone URL or a path.
    pub config: String,
    /// Its branch; `main` unless set.
    pub branch: String,
    /// The environments, each with the path of its manifest inside the config repository.
    pub environments: Vec<(String, String)>,
    /// The files that say how many users get what is new, by environment.
    pub shares: BTreeMap<String, String>,
    /// The registry's URL; every image is pulled from there, whatever host its reference names.
    pub registry: String,
    /// The program `sample-service`.
    pub program: PathBuf,
    /// The time between two looks at the config repository; 100 ms unless set.
    pub interval: Duration,
    /// A new version that is not healthy after this time is reported as degraded; 5 s unless set.
    pub health_limit: Duration,
}

impl Settings {
    /// Settings without environments.
    pub fn new(config: impl Into<String>, registry: impl Into<String>, program: impl Into<PathBuf>) -> Self {
        Self {
            config: config.into(),
            branch: "main".to_owned(),
            environments: Vec::new(),
            shares: BTreeMap::new(),
            registry: registry.into(),
            program: program.into(),
            interval: Duration::from_millis(100),
            health_limit: Duration::from_secs(5),
        }
    }

    /// Adds an environment and the path of its manifest.
    #[must_use]
    pub fn environment(mut self, name: &str, manifest: &str) -> Self {
        self.environments.push((name.to_owned(), manifest.to_owned()));
        self
    }

    /// Lets users of an environment come to what is new only as a file says: a line `weight: 10` is a percentage, and a line `version:
    /// 1.5.0` the version that all get. Meanwhile the new version runs beside the old one.
    #[must_use]
    pub fn share(mut self, environment: &str, file: &str) -> Self {
        self.shares.insert(environment.to_owned(), file.to_owned());
        self
    }
}

/// Follows the config repository: for each environment it pulls exactly the digest in the manifest, starts it, waits
/// until it is healthy, switches the environment's front and drains the version before; until then that one stays. It
/// puts back what was changed by other means. Dropping it ends everything that it started.
pub struct Reconciler {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    argocd: Server,
}

struct Shared {
    settings: Settings,
    world: Mutex<World>,
    changed: Condvar,
}

struct World {
    environments: BTreeMap<String, Environment>,
    journal: Journal,
    head: String,
    stopping: bool,
}

impl Reconciler {
    /// Starts following; the fronts answer 503 until something is deployed.
    pub fn start(settings: Settings) -> Self {
        let environments = settings.environments.iter();
        let environments = environments.map(|(name, manifest)| {
            (name.clone(), Environment::new(name, manifest, settings.shares.get(name).map(String::as_str)))
        });
        let world = World {
            environments: environments.collect(),
            journal: Journal::default(),
            head: String::new(),
            stopping: false,
        };
        let shared = Arc::new(Shared { settings, world: Mutex::new(world), changed: Condvar::new() });
        let follower = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("reconciler".to_owned()).spawn(move || follower.follow());
        let argocd = Server::start("argocd", argocd::router(Arc::clone(&shared)));
        Self { shared, thread: Some(thread.expect("a thread")), argocd }
    }

    /// Where a stand-in for Argo CD's server tells what is compared with git and how it is: the environments are its applications.
    pub fn argocd_url(&self) -> String {
        self.argocd.url()
    }

    /// The stable URL of what is new in an environment: the version that is to replace the old one while it waits for users, else the
    /// one that runs; panics when there is no such environment.
    pub fn preview_url(&self, environment: &str) -> String {
        self.with(environment, |environment, _| environment.preview().url())
    }

    /// The stable URL of an environment; panics when there is no such environment.
    pub fn url(&self, environment: &str) -> String {
        self.with(environment, |environment, _| environment.front().url())
    }

    /// What runs in an environment now; panics when there is no such environment.
    pub fn running(&self, environment: &str) -> Option<Running> {
        self.with(environment, |environment, _| environment.running())
    }

    /// Everything that happened, oldest first.
    pub fn events(&self) -> Vec<Event> {
        lock(&self.shared.world).journal.events().to_vec()
    }

    /// Waits until `digest` runs in `environment`.
    ///
    /// # Errors
    /// When it does not within `timeout`: what runs instead, and everything that happened.
    pub fn wait_for(&self, environment: &str, digest: &str, timeout: Duration) -> Result<Running, String> {
        let found = self.shared.wait(timeout, |world| {
            let running = world.environments.get(environment)?.running()?;
            (running.digest == digest).then_some(running)
        });
        found.map_err(|history| format!("`{digest}` does not run in `{environment}` after {timeout:?}\n{history}"))
    }

    /// Waits for an event, past ones included.
    ///
    /// # Errors
    /// When there is none within `timeout`: everything that happened.
    pub fn wait_for_event(&self, timeout: Duration, wanted: impl Fn(&Event) -> bool) -> Result<Event, String> {
        let found =
            self.shared.wait(timeout, |world| world.journal.events().iter().find(|event| wanted(event)).cloned());
        found.map_err(|history| format!("no such event after {timeout:?}\n{history}"))
    }

    /// Does what nobody should: puts `digest` into service by hand, past git.
    ///
    /// # Errors
    /// When the digest cannot be pulled or does not become healthy.
    pub fn tamper(&self, environment: &str, digest: &str) -> Result<(), String> {
        self.with(environment, |environment, journal| environment.tamper(&self.shared.settings, digest, journal))
    }

    /// Kills the process that runs in an environment.
    pub fn kill(&self, environment: &str) {
        self.with(environment, |environment, _| environment.kill());
    }

    fn with<T>(&self, environment: &str, act: impl FnOnce(&mut Environment, &mut Journal) -> T) -> T {
        let mut world = lock(&self.shared.world);
        let World { environments, journal, .. } = &mut *world;
        let found = environments.get_mut(environment).unwrap_or_else(|| panic!("no environment `{environment}`"));
        let outcome = act(found, journal);
        self.shared.changed.notify_all();
        outcome
    }
}

impl Drop for Reconciler {
    fn drop(&mut self) {
        lock(&self.shared.world).stopping = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was printed by that thread.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn follow(&self) {
        let clone = BareRepository::new();
        let mut next_fetch = Instant::now();
        loop {
            let fetch = (Instant::now() >= next_fetch).then(|| {
                next_fetch = Instant::now() + self.settings.interval;
                self.fetch(&clone)
            });
            let mut world = lock(&self.world);
            match fetch {
                Some(Ok(commit)) if commit != world.head => {
                    world.take_in(&clone, &commit);
                    world.head = commit;
                }
                Some(Ok(_)) => world.journal.clear(&Said::Fetch),
                Some(Err(reason)) => world.journal.say(Said::Fetch, None, Change::Unreachable { reason }),
                None => {}
            }
            let busy = world.step(&self.settings);
            self.changed.notify_all();
            let pause = if busy { SOON.min(self.settings.interval) } else { self.settings.interval };
            if self.pause(world, pause) {
                return;
            }
        }
    }

    fn fetch(&self, clone: &BareRepository) -> Result<String, String> {
        let branch = format!("refs/heads/{}", self.settings.branch);
        let refspec = format!("+{branch}:{branch}");
        clone.try_git(&["fetch", "--quiet", "--no-tags", "--end-of-options", &self.settings.config, &refspec])?;
        clone.try_git(&["rev-parse", "--verify", &branch])
    }

    /// Waits, and tells whether to stop.
    fn pause(&self, world: MutexGuard<'_, World>, pause: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(world, pause, |world| !world.stopping);
        waited.unwrap_or_else(PoisonError::into_inner).0.stopping
    }

    fn wait<T>(&self, timeout: Duration, look: impl Fn(&World) -> Option<T>) -> Result<T, String> {
        let mut found = None;
        let waited = self.changed.wait_timeout_while(lock(&self.world), timeout, |world| {
            found = look(world);
            found.is_none()
        });
        let world = waited.unwrap_or_else(PoisonError::into_inner).0;
        found.ok_or_else(|| world.journal.events().iter().map(|event| format!("  {event}\n")).collect())
    }
}

impl World {
    /// Reads what a new commit of the config repository wants.
    fn take_in(&mut self, clone: &BareRepository, commit: &str) {
        self.journal.clear(&Said::Fetch);
        self.journal.add(None, Change::Fetched { commit: commit.to_owned() });
        for environment in self.environments.values_mut() {
            environment.take_in(clone, commit, &mut self.journal);
        }
    }

    /// Does the next thing in every environment; true when something is under way.
    fn step(&mut self, settings: &Settings) -> bool {
        let steps = self.environments.values_mut().map(|environment| environment.step(settings, &mut self.journal));
        steps.fold(false, |busy, step| busy | step)
    }
}
