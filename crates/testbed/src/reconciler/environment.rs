//! One environment: what git wants there, what runs there, and the next step from one to the other.

use std::time::{Duration, Instant, SystemTime};

use super::Settings;
use super::event::{Change, Journal, Running, Said};
use super::manifest::{self, ImageReference};
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
    front: Front,
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
}

struct Draining {
    service: Service,
    digest: String,
    retired: Option<Retired>,
    since: Instant,
    told: bool,
}

impl Environment {
    pub(super) fn new(name: &str, manifest: &str) -> Self {
        Self {
            name: name.to_owned(),
            manifest: manifest.to_owned(),
            front: Front::start(),
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
        match content.and_then(|content| manifest::image(&content)) {
            Ok(image) => {
                let last = clone.try_git(&["log", "-1", "--format=%H", commit, "--", &self.manifest]);
                self.desired = Some(Desired { image, commit: last.unwrap_or_else(|_| commit.to_owned()) });
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
        }
        if let Some(desired) = self.desired.clone() {
            self.follow(&desired, settings, journal);
        }
        self.candidate.is_some() || !self.draining.is_empty()
    }

    fn follow(&mut self, desired: &Desired, settings: &Settings, journal: &mut Journal) {
        let wanted = &desired.image.digest;
        if self.candidate.as_ref().is_some_and(|candidate| candidate.digest != *wanted) {
            self.candidate = None;
        }
        if self.current.as_ref().is_some_and(|current| current.running.digest == *wanted) {
            self.candidate = None;
            return;
        }
        if self.candidate.is_none() && self.retry_at.is_none_or(|at| Instant::now() >= at) {
            self.candidate = self.begin(desired, settings, journal);
        }
        let Some(mut candidate) = self.candidate.take() else { return };
        if let Some(code) = candidate.service.exit_code() {
            self.degraded(wanted, format!("{} ended with exit code {code}", candidate.version), journal);
        } else if candidate.service.is_healthy() {
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
    Ok(Candidate { service, digest: image.digest.clone(), version: release.version, started: Instant::now() })
}
