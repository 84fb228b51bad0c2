//! Looking at a release: all addresses asked at once, their answers turned into observations.

use std::time::Duration;

use futures_util::future::join;
use slipway_core::{Context, Host, Result, together};
use slipway_gitops::Deployment;

use crate::ask::{Asks, Question};
use crate::canary::{Arms, CanaryInputs, Comparison, Ledger, Sides};
use crate::check::{Asked, Check, Deployed, Falls, Observation, Standing, Test, measure};
use crate::endpoint::Endpoint;
use crate::engine::Look;
use crate::inputs::Inputs;
use crate::lineage::Lineage;
use crate::provider::{Provider as _, Surroundings, prometheus};
use crate::scrape::{Scrape, Scraper};
use crate::traffic::{Found, Traffic};

/// Why there is no evidence while another version is in service.
const NOT_YET: &str = "the release is not in service yet";

/// What is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) checks: &'a [Check],
    /// The processes whose metrics the checks read.
    pub(crate) targets: &'a [Endpoint],
    pub(crate) canary: Option<&'a CanaryInputs>,
}

impl<'a> Subject<'a> {
    /// The release itself.
    pub(crate) fn of(inputs: &'a Inputs) -> Self {
        Self { checks: &inputs.checks, targets: &inputs.targets, canary: inputs.canary.as_ref() }
    }
}

/// Who tells what one side of a comparison counted.
enum Side<'a> {
    Target(&'a Endpoint),
    Server(Asks),
}

/// Looks again and again.
pub(crate) struct Looker<'a, H> {
    context: &'a Context<H>,
    inputs: &'a Inputs,
    subject: Subject<'a>,
    deployment: Option<&'a Deployment>,
    lineage: Lineage,
    surroundings: &'a Surroundings,
    started: Duration,
    scraper: Scraper<'a>,
    arms: Option<Arms>,
    /// Whether the release is in service, as far as `version` checks can tell.
    has_arrived: bool,
    /// When counting began, in milliseconds since the Unix epoch.
    arrival: i64,
    /// The requests that the gate itself sent since counting began; a service may count them.
    own: u64,
    traffic: Option<Traffic>,
    /// The uptimes that checks saw, by check.
    falls: Vec<Falls>,
    is_first: bool,
}

impl<'a, H: Host> Looker<'a, H> {
    /// Begins now; the deployment is the one under judgement, if that is known.
    pub(crate) fn new(
        context: &'a Context<H>,
        inputs: &'a Inputs,
        subject: Subject<'a>,
        surroundings: &'a Surroundings,
        deployment: Option<&'a Deployment>,
        ledger: Ledger,
    ) -> Self {
        let started = context.host.monotonic();
        let arms = subject.canary.map(|canary| Arms::new(ledger, canary.rule));
        let falls = subject.checks.iter().map(|_| Falls::default()).collect();
        Self {
            context,
            inputs,
            subject,
            surroundings,
            deployment,
            lineage: Lineage::default(),
            started,
            scraper: Scraper::new(inputs, subject.checks, subject.targets),
            arms,
            has_arrived: false,
            arrival: i64::MAX,
            own: 0,
            traffic: None,
            falls,
            is_first: true,
        }
    }

    /// The time since the first look.
    pub(crate) fn elapsed(&self) -> Duration {
        self.context.host.monotonic().saturating_sub(self.started)
    }

    /// What was found in the metrics.
    pub(crate) fn found(&self) -> Found {
        self.traffic.as_ref().map(|traffic| traffic.found.clone()).unwrap_or_default()
    }

    /// Where a fault shows most, if anything moved.
    pub(crate) fn moved(&self) -> Option<String> {
        match &self.arms {
            Some(arms) => arms.moved(&self.inputs.names),
            None => self.scraper.moved(&self.found()),
        }
    }

    /// What was learned of the canary.
    pub(crate) fn into_ledger(self) -> Option<Ledger> {
        self.arms.map(Arms::into_ledger)
    }

    /// Takes one look.
    ///
    /// # Errors
    /// What a person has to change: a forbidden address, metrics that are ambiguous. A service that does not answer is no error.
    pub(crate) async fn look(&mut self) -> Result<Look> {
        let at = self.elapsed();
        let (answers, scrapes, arms) = self.ask().await?;
        let unread = self.count(at, &scrapes);
        self.learn_lineage(&answers).await;
        let release = Deployed::Release(self.deployment.map(|deployment| deployment.release.version.as_str()));
        let mut observations: Vec<Option<Observation>> = self
            .subject
            .checks
            .iter()
            .zip(&answers)
            .map(|(check, answer)| match (&check.test, answer) {
                (Test::Probe(probe), Some(answer)) => Some(probe.judge(answer, release)),
                (Test::Inquiry(inquiry), Some(answer)) => {
                    Some(inquiry.judge(answer, &self.lineage).not_before(self.arrival))
                }
                _ => None,
            })
            .collect();
        self.arrive(&observations);
        self.watch_uptimes(&answers, &mut observations);
        let mut canary = self.compare(at, &scrapes, &arms)?;
        self.hold_against_bounds(canary.as_mut());
        for (check, observation) in self.subject.checks.iter().zip(&mut observations) {
            if let Test::Measurement(measurement) = &check.test {
                *observation = Some(match (&self.traffic, &unread) {
                    (Some(traffic), _) if self.has_arrived => {
                        let seen = measure(measurement.as_ref(), traffic, self.inputs.minimum_requests)?;
                        match &self.arms {
                            Some(arms) if seen.standing == Standing::Bad => {
                                let stable = arms.stable_traffic(&self.inputs.names);
                                blame(seen, &measurement.judge(&stable, self.inputs.minimum_requests)?)
                            }
                            _ => seen,
                        }
                    }
                    (None, Some(why)) => Observation::none(why),
                    _ => Observation::none(NOT_YET),
                });
            } else if !self.has_arrived && matches!(check.test, Test::Inquiry(_)) && !check.test.tells_arrival() {
                *observation = Some(Observation::none(NOT_YET));
            }
        }
        Ok(Look {
            at: u64::try_from(at.as_millis()).unwrap_or(u64::MAX),
            observations: observations.into_iter().flatten().collect(),
            canary,
        })
    }

    /// Asks all addresses at once, each a single time: a look that fails is a failed look.
    async fn ask(&mut self) -> Result<(Vec<Option<Asked>>, Vec<Scrape>, [Vec<Asked>; 2])> {
        let question = Question::new(self.context, self.inputs, self.surroundings, self.is_first);
        let probes = self.subject.checks.iter().map(async |check| match &check.test {
            Test::Probe(probe) => question.probe(probe.endpoint()).await.map(Some),
            Test::Inquiry(inquiry) => {
                let asks = inquiry.asks(self.surroundings, self.context.host.now())?;
                question.inquire(asks).await.map(Some)
            }
            Test::Measurement(_) => Ok(None),
        });
        // Processes of canary and stable are compared address by address as they are listed.
        let with_all = self.subject.canary.is_none_or(|canary| canary.queries.is_some());
        let scrapes = self.subject.targets.iter().map(|target| question.scrape_each(target, with_all));
        let (canary, stable): (&[Endpoint], &[Endpoint]) = match self.subject.canary {
            // Who is a target of `metrics-url` as well is asked once.
            Some(canary) if canary.canary == self.subject.targets => (&[], &canary.stable),
            Some(canary) => (&canary.canary, &canary.stable),
            None => (&[], &[]),
        };
        let mut sides: Vec<Side<'_>> = canary.iter().chain(stable).map(Side::Target).collect();
        let mut canaries_asked = canary.len();
        if let Some(queries) = self.subject.canary.and_then(|canary| canary.queries.as_ref()) {
            let since = self.arms.as_ref().map_or(Duration::ZERO, |arms| arms.since(self.elapsed()));
            let [canary, stable] = [0, 1].map(|side| queries[side].texts(since));
            canaries_asked = canary.len();
            for text in canary.iter().chain(&stable) {
                let fetch = prometheus::instant(text, self.surroundings)?.request(self.context.host.now());
                sides.push(Side::Server(Asks::Address(Box::new(fetch))));
            }
        }
        let arms = sides.into_iter().map(async |side| match side {
            Side::Target(target) => question.scrape(target).await,
            Side::Server(asks) => question.inquire(asks).await,
        });
        let (answers, (scrapes, arms)) = join(together(probes), join(together(scrapes), together(arms))).await;
        self.is_first = false;
        let mut canaries = arms.into_iter().collect::<Result<Vec<Asked>>>()?;
        let stables = canaries.split_off(canaries_asked);
        let answers = answers.into_iter().collect::<Result<_>>()?;
        Ok((answers, scrapes.into_iter().collect::<Result<_>>()?, [canaries, stables]))
    }

    /// Takes in the scrapes; gives the reason why one of them is no evidence.
    fn count(&mut self, at: Duration, scrapes: &[Scrape]) -> Option<String> {
        if !self.has_arrived {
            self.scraper.forget();
            (self.own, self.arrival) = (0, self.context.host.now());
        }
        let now = self.context.now() as f64 / 1000.0;
        // What was seen at the look before is let go first, so that nothing of it is copied.
        self.traffic = None;
        let (traffic, unread) = self.scraper.read(at, now, scrapes);
        self.traffic = traffic
            .map(|traffic| Traffic { reservation: unread.clone().or_else(|| self.suspect(&traffic)), ..traffic });
        self.own += if self.traffic.is_some() { self.requests_of(scrapes) } else { 0 };
        unread
    }

    /// Compares canary and stable, once the release is in service.
    fn compare(
        &mut self,
        at: Duration,
        scrapes: &[Scrape],
        [canary, stable]: &[Vec<Asked>; 2],
    ) -> Result<Option<Comparison>> {
        let (Some(arms), Some(inputs)) = (&mut self.arms, self.subject.canary) else { return Ok(None) };
        let sides = match inputs.queries {
            Some(_) => Sides::Recorded,
            None => Sides::Targets([&inputs.canary, &inputs.stable]),
        };
        let is_scraped = inputs.queries.is_none() && inputs.canary == self.subject.targets;
        let canary: Vec<&Asked> = match is_scraped {
            true => scrapes.iter().filter_map(|scrape| scrape.first()).map(|(_, answer)| answer).collect(),
            false => canary.iter().collect(),
        };
        let stable: Vec<&Asked> = stable.iter().collect();
        if !self.has_arrived {
            arms.forget();
            let why = NOT_YET.into();
            return Ok(Some(Comparison { why, ..Comparison::default() }));
        }
        arms.look(at, sides, [&canary, &stable], &self.inputs.names).map(Some)
    }

    /// Gathers evidence for the checks of failed requests, so that chance is not taken for a fault.
    fn hold_against_bounds(&mut self, compared: Option<&mut Comparison>) {
        let requests = self.traffic.as_ref().and_then(|traffic| traffic.requests.as_ref().ok());
        let counted = requests.and_then(|requests| Some((*requests.errors.as_ref().ok()?, requests.all)));
        let (Some(arms), Some(compared), Some(counted)) = (&mut self.arms, compared, counted) else { return };
        for check in self.subject.checks.iter().filter(|_| self.has_arrived) {
            if let Some(bound) = check.failed_share() {
                compared.bounds.push((check.text.clone(), arms.hold_against(&check.text, bound, counted)));
            }
        }
    }

    fn requests_of(&self, scrapes: &[Scrape]) -> u64 {
        let probes = self.subject.checks.iter().filter(|check| matches!(check.test, Test::Probe(_))).count();
        u64::try_from(probes + scrapes.iter().map(Vec::len).sum::<usize>()).unwrap_or(u64::MAX)
    }

    /// A service without users would pass on nothing but the gate's own requests, if it counts them.
    fn suspect(&self, traffic: &Traffic) -> Option<String> {
        let all = traffic.requests.as_ref().map_or(0.0, |requests| requests.all);
        let all = traffic.durations.as_ref().map_or(all, |durations| all.max(durations.count()));
        let is_own = all > 0.0 && all <= self.own as f64;
        is_own.then(|| format!("{all} requests were counted, and the gate itself sent {}", self.own))
    }

    /// Begins to count at the first look at which every check is good that tells whether the release is in service.
    fn arrive(&mut self, observations: &[Option<Observation>]) {
        let is_good = |seen: &Option<Observation>| seen.as_ref().is_some_and(|seen| seen.standing == Standing::Good);
        let checks = self.subject.checks.iter().zip(observations);
        self.has_arrived |= checks.into_iter().all(|(check, seen)| !check.test.tells_arrival() || is_good(seen));
    }

    /// Asks the config repository about the revisions that answers name.
    async fn learn_lineage(&mut self, answers: &[Option<Asked>]) {
        let (Some(config), Some(deployment)) = (&self.inputs.config, self.deployment) else { return };
        for (check, answer) in self.subject.checks.iter().zip(answers) {
            if let (Test::Inquiry(inquiry), Some(answer)) = (&check.test, answer) {
                let revisions = inquiry.revisions(answer);
                self.lineage.learn(self.context, config, &deployment.commit, &revisions).await;
            }
        }
    }

    /// Replaces what checks saw whose uptime fell too often. Where no check tells when the release comes into service, the first
    /// fall may be that.
    fn watch_uptimes(&mut self, answers: &[Option<Asked>], observations: &mut [Option<Observation>]) {
        let expected = u32::from(!self.subject.checks.iter().any(|check| check.test.tells_arrival()));
        let checks = self.subject.checks.iter().zip(answers).zip(&mut self.falls).zip(observations);
        for (((check, answer), falls), observation) in checks {
            let (Test::Probe(probe), Some(answer)) = (&check.test, answer) else { continue };
            let Some(uptime) = probe.uptime(answer) else { continue };
            if let Some(seen) = falls.observe(uptime, expected) {
                *observation = Some(seen);
            }
            if !self.has_arrived {
                falls.forget();
            }
        }
    }
}

/// What is bad, unless stable has the same fault: one that both share is not the doing of the release: nobody knows what it would do without.
fn blame(seen: Observation, of_stable: &Observation) -> Observation {
    if of_stable.standing != Standing::Bad {
        return seen;
    }
    let why = format!("{} of the release, but {} of stable as well: the fault is shared", seen.value, of_stable.value);
    Observation { standing: Standing::None, why, ..seen }
}
