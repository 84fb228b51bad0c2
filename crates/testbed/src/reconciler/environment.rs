//! One environment: what git wants there, what runs there, and the next step from one to the other.

use std::time::{Duration, Instant, SystemTime};

use super::Settings;
use super::event::{Change, Journal, Running, Said};
use super::manifest::{self, ImageReference, Share};
use crate::BareRepository;
use crate::front::{Front, Retired};
use crate::registry::pull;
use crate::service::{Release, Service};

/// Requests that a switch left on the old version get this long before it is told to end all the same.
const FINISH: Duration = Duration::from_secs(5);
/// A version that was told to end and still runs is killed after this.
const END: Duration = Duration::from_secs(7);
/// The pause before something that failed to start is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// The state of one environment.
pub(super) struct Environment {
    name: String,
    manifest: String,
    /// The file that says how many users get what is new.
    share: Option<String>,
    front: Front,
    preview: Front,
    desired: Option<Desired>,
    /// The digest that git last brought into service: the same again is a repair.
    applied: Option<String>,
    current: Option<Instance>,
    candidate: Option<Candidate>,
    draining: Vec<Draining>,
    retry_at: Option<Instant>,
}

#[derive(Clone)]
struct Desired {
    image: ImageReference,
    commit: String,
    share: Share,
}

/// How an environment is, in Argo CD's words.
pub(super) enum Health {
    /// Nothing was read from git yet, or it cannot be followed.
    Unknown,
    /// What git asks for is being started.
    Progressing,
    /// It runs, and waits for users.
    Suspended,
    /// It runs, and nothing else does.
    Healthy,
}

struct Instance {
    service: Service,
    running: Running,
}

struct Candidate {
    service: Service,
    digest: String,
    version: String,
    started: Instant,
    /// The percentage of users who reach it, once some could.
    shared: Option<u8>,
}

struct Draining {
    service: Service,
    digest: String,
    retired: Option<Retired>,
    since: Instant,
    told: bool,
}

impl Environment {
    pub(super) fn new(name: &str, manifest: &str, share: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            manifest: manifest.to_owned(),
            share: share.map(str::to_owned),
            front: Front::start(),
            preview: Front::start(),
            desired: None,
            applied: None,
            current: None,
            candidate: None,
            draining: Vec::new(),
            retry_at: None,
        }
    }

    pub(super) fn front(&self) -> &Front {
        &self.front
    }

    pub(super) fn preview(&self) -> &Front {
        &self.preview
    }

    pub(super) fn health(&self) -> Health {
        let running = self.current.as_ref().map(|current| &current.running.digest);
        match (&self.desired, &self.candidate) {
            (None, _) => Health::Unknown,
            (Some(desired), _) if running == Some(&desired.image.digest) => Health::Healthy,
            (Some(_), Some(candidate)) if candidate.shared.is_some() => Health::Suspended,
            _ => Health::Progressing,
        }
    }

    pub(super) fn running(&self) -> Option<Running> {
        self.current.as_ref().map(|current| current.running.clone())
    }

    pub(super) fn kill(&mut self) {
        if let Some(current) = &mut self.current {
            current.service.kill();
        }
    }

    /// Reads the manifest as it is at `commit`; one that cannot be followed leaves everything as it is.
    pub(super) fn take_in(&mut self, clone: &BareRepository, commit: &str, journal: &mut Journal) {
        let content = clone.read(commit, &self.manifest).ok_or_else(|| format!("there is no `{}`", self.manifest));
        let share = match &self.share {
            Some(file) => clone.read(commit, file).ok_or_else(|| format!("there is no `{file}`")),
            None => Ok(String::new()),
        };
        let share = share.and_then(|content| manifest::share(&content));
        match content.and_then(|content| manifest::image(&content)).and_then(|image| Ok((image, share?))) {
            Ok((image, share)) => {
                let last = clone.try_git(&["log", "-1", "--format=%H", commit, "--", &self.manifest]);
                self.desired = Some(Desired { image, commit: last.unwrap_or_else(|_| commit.to_owned()), share });
                self.retry_at = None;
                journal.clear(&self.said());
            }
            Err(reason) => self.complain(Change::Refused { reason }, journal),
        }
    }

    /// Does the next thing; true when something is under way.
    pub(super) fn step(&mut self, settings: &Settings, journal: &mut Journal) -> bool {
        self.drain(journal);
        if self.current.as_mut().is_some_and(|current| current.service.exit_code().is_some()) {
            self.current = None;
            self.front.switch(None);
            self.preview.switch(None);
        }
        if let Some(desired) = self.desired.clone() {
            self.follow(&desired, settings, journal);
        }
        self.candidate.is_some() || !self.draining.is_empty()
    }

    fn follow(&mut self, desired: &Desired, settings: &Settings, journal: &mut Journal) {
        let wanted = &desired.image.digest;
        let runs = self.current.as_ref().is_some_and(|current| current.running.digest == *wanted);
        if runs || self.candidate.as_ref().is_some_and(|candidate| candidate.digest != *wanted) {
            self.give_up();
        }
        if runs {
            return;
        }
        if self.candidate.is_none() && self.retry_at.is_none_or(|at| Instant::now() >= at) {
            self.candidate = self.begin(desired, settings, journal);
        }
        let Some(mut candidate) = self.candidate.take() else { return };
        if let Some(code) = candidate.service.exit_code() {
            self.degraded(wanted, format!("{} ended with exit code {code}", candidate.version), journal);
        } else if candidate.shared.is_some() || candidate.service.is_healthy() {
            let percent = if self.current.is_some() { desired.share.percent(&candidate.version) } else { 100 };
            if percent < 100 {
                self.share_with(&mut candidate, percent, journal);
                self.candidate = Some(candidate);
                return;
            }
            let running = self.put_into_service(candidate, Some(desired.commit.clone()));
            let repaired = self.applied.replace(wanted.clone()).as_ref() == Some(wanted);
            let change = if repaired { Change::Healed { running } } else { Change::Switched { running } };
            journal.add(Some(&self.name), change);
            journal.clear(&self.said());
        } else {
            if candidate.started.elapsed() > settings.health_limit {
                let reason = format!("{} is not healthy after {:?}", candidate.version, settings.health_limit);
                self.complain(Change::Degraded { digest: wanted.clone(), reason }, journal);
            }
            // It may still become healthy; until then users stay where they are.
            self.candidate = Some(candidate);
        }
    }

    /// Lets some users reach what is new beside what runs.
    fn share_with(&self, candidate: &mut Candidate, percent: u8, journal: &mut Journal) {
        if candidate.shared == Some(percent) {
            return;
        }
        let address = candidate.service.address();
        self.front.share(Some((address, percent)));
        self.preview.switch(Some(address));
        candidate.shared = Some(percent);
        let (digest, version) = (candidate.digest.clone(), candidate.version.clone());
        journal.add(Some(&self.name), Change::Shared { digest, version, percent });
    }

    /// Ends what was to replace what runs; the users whom it has are answered first.
    fn give_up(&mut self) {
        let Some(Candidate { service, digest, shared, .. }) = self.candidate.take() else { return };
        if shared.is_some() {
            let retired = self.front.share(None);
            self.preview.switch(self.front.backend());
            self.draining.push(Draining { service, digest, retired, since: Instant::now(), told: false });
        }
    }

    fn begin(&mut self, desired: &Desired, settings: &Settings, journal: &mut Journal) -> Option<Candidate> {
        match start(settings, &desired.image) {
            Ok(candidate) => {
                let (digest, version) = (candidate.digest.clone(), candidate.version.clone());
                journal.add(Some(&self.name), Change::Started { digest, version });
                Some(candidate)
            }
            Err(reason) => {
                self.degraded(&desired.image.digest, reason, journal);
                None
            }
        }
    }

    fn degraded(&mut self, digest: &str, reason: String, journal: &mut Journal) {
        self.retry_at = Some(Instant::now() + RETRY);
        self.complain(Change::Degraded { digest: digest.to_owned(), reason }, journal);
    }

    /// Starts another digest past git, and switches users to it.
    pub(super) fn tamper(&mut self, settings: &Settings, digest: &str, journal: &mut Journal) -> Result<(), String> {
        let desired = self.desired.as_ref().ok_or_else(|| format!("nothing is deployed in `{}`", self.name))?;
        let image = ImageReference { digest: digest.to_owned(), ..desired.image.clone() };
        let mut candidate = start(settings, &image)?;
        candidate.service.wait_until_healthy(settings.health_limit)?;
        let running = self.put_into_service(candidate, None);
        journal.add(Some(&self.name), Change::Tampered { running });
        Ok(())
    }

    fn put_into_service(&mut self, candidate: Candidate, config_commit: Option<String>) -> Running {
        let Candidate { service, digest, version, .. } = candidate;
        let running = Running { digest, version, config_commit, since: SystemTime::now() };
        let retired = self.front.switch(Some(service.address()));
        self.front.share(None);
        self.preview.switch(Some(service.address()));
        if let Some(Instance { service, running }) = self.current.take() {
            let (digest, since) = (running.digest, Instant::now());
            self.draining.push(Draining { service, digest, retired, since, told: false });
        }
        self.current = Some(Instance { service, running: running.clone() });
        running
    }

    /// Ends what was switched away from, once its last request is answered.
    fn drain(&mut self, journal: &mut Journal) {
        let name = &self.name;
        self.draining.retain_mut(|old| {
            let idle = old.retired.as_ref().is_none_or(Retired::is_idle);
            if !old.told && (idle || old.since.elapsed() > FINISH) {
                old.service.terminate();
                old.told = true;
            }
            if old.since.elapsed() > FINISH + END {
                old.service.kill();
            }
            let Some(code) = old.service.exit_code() else { return true };
            journal.add(Some(name), Change::Drained { digest: old.digest.clone(), code });
            false
        });
    }

    fn complain(&self, change: Change, journal: &mut Journal) {
        journal.say(self.said(), Some(&self.name), change);
    }

    fn said(&self) -> Said {
        Said::Environment(self.name.clone())
    }
}

fn start(settings: &Settings, image: &ImageReference) -> Result<Candidate, String> {
    let release = Release::from_bytes(&pull(&settings.registry, &image.repository, &image.digest)?)?;
    let service = Service::start(&settings.program, &release)?;
    Ok(Candidate {
        service,
        digest: image.digest.clone(),
        version: release.version,
        started: Instant::now(),
        shared: None,
    })
}
