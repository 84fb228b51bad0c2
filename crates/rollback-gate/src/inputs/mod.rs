//! The inputs.

mod checks;
mod choices;
mod deployment;
mod metrics;
mod rules;
mod table;

use std::time::Duration;

use litemap::LiteMap;
use slipway_core::input::Reader;
use slipway_gitops::{ENVIRONMENT, ReleaseVersion};

pub(crate) use choices::{FailOn, Mode, OnFailure};
pub(crate) use deployment::Config;
pub(crate) use metrics::{DURATION_METRIC, REQUESTS_METRIC, STATUS_LABEL};
pub(crate) use rules::refuse_repeated_targets;
pub(crate) use table::INPUTS;

use crate::analysis::AnalysisInputs;
use crate::bake::{BAKE, Bake};
use crate::canary::{CalibrateInputs, CanaryInputs, read_terms};
use crate::check::Check;
use crate::endpoint::Endpoint;
use crate::engine::Terms;
use crate::errors::invalid;
use crate::evidence::{self, EVIDENCE, EVIDENCE_AGE, Evidence};
use crate::headers::{HEADERS, Headers};
use crate::look::Subject;
use crate::plan::Recourse;
use crate::recovery::Recovery;
use crate::request::Request;
use crate::resource::Choice;
use crate::rollout::{Mover, Rollout, STEPS};
use crate::telling::Telling;
use crate::traffic::Names;

/// The shortest time between two looks.
pub(crate) const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);
/// The most looks of one run; each stands in the `json` output.
pub(crate) const LOOK_LIMIT: u128 = 10_000;

/// The inputs after parsing.
#[derive(Debug)]
pub struct Inputs {
    pub(crate) mode: Mode,
    /// The deployment under judgement; without one the gate only tells.
    pub(crate) config: Option<Config>,
    pub(crate) checks: Vec<Check>,
    pub(crate) analysis: AnalysisInputs,
    pub(crate) targets: Vec<Endpoint>,
    /// What is compared with what.
    pub(crate) canary: Option<CanaryInputs>,
    /// The reports that must be there, and what they must be of.
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) evidence_commit: Option<String>,
    pub(crate) evidence_age: Duration,
    /// Whether a deployment is named although reports alone are judged, which say nothing of it.
    pub(crate) ignores_config: bool,
    /// The verdicts that make the run fail.
    pub(crate) fail_on: FailOn,
    /// What `mode: calibrate` replays.
    pub(crate) calibrate: Option<CalibrateInputs>,
    pub(crate) names: Names,
    pub(crate) headers: Headers,
    /// What is said of resources, by the word of the check.
    pub(crate) choices: LiteMap<&'static str, Choice>,
    pub(crate) minimum_requests: u64,
    pub(crate) interval: Duration,
    pub(crate) terms: Terms,
    pub(crate) on_failure: OnFailure,
    pub(crate) restore_time: Duration,
    pub(crate) reason: Option<String>,
    /// What a person asks for.
    pub(crate) request: Option<Request>,
    pub(crate) recovery: Recovery,
    /// What is watched after the promotion.
    pub(crate) bake: Option<Bake>,
    /// The steps in which users get the release.
    pub(crate) rollout: Option<Rollout>,
    pub(crate) telling: Telling,
}

impl Inputs {
    /// Reads all of them; errors are noted in the reader.
    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let mode = reader.choice("mode", choices::MODES);
        let checks = checks::read_checks(reader);
        let analysis = AnalysisInputs::read(reader, mode == Some(Mode::Replay));
        let mut targets: Vec<Endpoint> = reader.parsed_list("metrics-url");
        let terms = read_terms(reader);
        let mut canary = CanaryInputs::read(reader, terms);
        canary.iter_mut().for_each(|canary| canary.share_budget(&checks));
        refuse_repeated_targets(reader, "metrics-url", &targets);
        if let Some(canary) = canary.as_ref().filter(|_| !reader.is_given("metrics-url")) {
            targets.clone_from(&canary.canary);
        }
        let calibrate = if mode == Some(Mode::Calibrate) { CalibrateInputs::read(reader, terms.0) } else { None };
        let request = mode.and_then(|mode| Request::read(reader, mode));
        let evidence: Vec<Evidence> = reader.parsed_list(EVIDENCE.name);
        rules::refuse_repeated(reader, EVIDENCE.name, evidence.iter().map(|line| line.text.as_str()), |repeated| {
            format!("`{repeated}` is listed twice")
        });
        let measures = analysis.as_ref().is_some_and(AnalysisInputs::has_something);
        let watches = !checks.is_empty() || canary.is_some() || measures;
        let judges = calibrate.is_none() && request.is_none() && !matches!(mode, Some(Mode::Rollback | Mode::Decide));
        if !watches && evidence.is_empty() && judges && !reader.has_errors() {
            let why =
                if reader.is_given("checks") { "there is no check in it" } else { "there is nothing to judge by" };
            let hint = "write one check a line, such as `error-rate < 5%`, or name an `analysis-template`, a `canary` or \
                        reports in `evidence`";
            reader.refuse("checks", invalid(why).hint(hint));
        }
        if mode == Some(Mode::Await) && checks.is_empty() && !reader.has_errors() {
            let error = invalid("there is nothing to wait for");
            reader.refuse(
                "checks",
                error.hint("write what tells that the release is in service, such as `version URL == release`"),
            );
        }
        let rollout = Rollout::read(reader);
        let preview = rollout.as_ref().map_or(&[][..], |rollout| &rollout.preview);
        let every_check = checks.iter().chain(preview);
        checks::refuse_without_source(reader, every_check.clone(), &targets);
        let names = metrics::read_names(reader);
        let headers = Headers::read(reader);
        if let Some(origin) = headers.unused(checks::endpoints(every_check, &targets, canary.as_ref()))
            && !reader.has_errors()
        {
            let error = invalid(format!("nothing is asked at `{origin}`"));
            reader.refuse(HEADERS.name, error.hint("write the origin as it is in `checks` or `metrics-url`"));
        }
        let config = deployment::read_config(reader);
        let telling = Telling::read(reader);
        if request.is_some() && config.is_none() && !reader.has_errors() {
            let error = invalid("it is not known whose release is meant");
            reader.refuse(ENVIRONMENT.name, error.hint("give `environment` and `component`"));
        }
        let ignores_config = config.is_some() && request.is_none() && !watches && !evidence.is_empty();
        let config = config.filter(|_| !ignores_config);
        let on_failure = reader.choice("on-failure", choices::ON_FAILURE);
        if !watches && !evidence.is_empty() && on_failure == Some(OnFailure::Rollback) {
            let error = invalid("reports alone are judged before a deployment, so there is nothing to roll back");
            reader.refuse("on-failure", error.hint("leave it out, or add `checks` of what is deployed"));
        } else if config.is_none() {
            deployment::refuse_without_config(reader, &checks, on_failure, &telling);
        }
        let bake = Bake::read(reader, &checks, terms);
        if rollout.is_some() && config.is_none() && !reader.has_errors() {
            let error = invalid("nobody knows which release they are about");
            reader.refuse(STEPS.name, error.hint("give `environment` and `component`"));
        }
        if rollout.as_ref().is_some_and(Rollout::needs_checks) && !watches && judges && !reader.has_errors() {
            let error = invalid("`analysis` has nothing to judge by");
            reader.refuse(STEPS.name, error.hint("add `checks`, an `analysis-template` or a `canary`"));
        }
        let limits = canary.as_ref().map(|canary| canary.limits);
        let inputs = Self {
            mode: mode?,
            config,
            checks,
            analysis: analysis?,
            targets,
            canary,
            evidence,
            evidence_commit: evidence::read_commit(reader),
            evidence_age: reader.duration(EVIDENCE_AGE.name)?,
            ignores_config,
            fail_on: reader.choice("fail-on", choices::FAIL_ON)?,
            calibrate,
            names,
            headers,
            choices: metrics::read_choices(reader),
            minimum_requests: rules::read_positive(reader, "minimum-requests")?,
            interval: reader.duration("interval")?,
            terms: Terms {
                duration: reader.duration("duration")?,
                limits,
                failure_limit: u32::try_from(rules::read_positive(reader, "failure-limit")?).unwrap_or(u32::MAX),
            },
            on_failure: on_failure?,
            restore_time: reader.duration("restore-time")?,
            reason: reader.optional("reason"),
            request,
            recovery: Recovery::read(reader),
            bake,
            rollout,
            telling,
        };
        inputs.refuse_times(reader);
        (!reader.has_errors()).then_some(inputs)
    }

    /// What a verdict of rollback leads to.
    pub(crate) fn recourse(&self) -> Recourse {
        let by_person = self.request.is_some();
        Recourse {
            on_failure: if by_person { OnFailure::Rollback } else { self.on_failure },
            by_command: self.recovery.command.is_some(),
            is_irreversible: self.recovery.is_irreversible,
            by_person,
            owns_weight: self.rollout.is_some(),
        }
    }

    /// What a verdict takes on a subject that is watched for a while.
    pub(crate) fn terms_for(&self, subject: &Subject<'_>, duration: Duration) -> Terms {
        Terms { duration, limits: subject.canary.map(|canary| canary.limits), ..self.terms }
    }

    /// Whether a command moves the weight of a rollout.
    pub(crate) fn moves_by_command(&self) -> bool {
        self.rollout.as_ref().is_some_and(|rollout| matches!(rollout.mover, Mover::Command(_)))
    }

    /// The version that a person wants to go back to.
    pub(crate) fn wanted(&self) -> Option<&ReleaseVersion> {
        self.request.as_ref().and_then(|request| request.to.as_ref())
    }

    /// Whether there is something to look at again and again.
    pub(crate) fn has_looks(&self) -> bool {
        !self.checks.is_empty() || self.canary.is_some()
    }

    fn refuse_times(&self, reader: &mut Reader) {
        let duration = self.terms.duration;
        if self.interval < SHORTEST_INTERVAL {
            reader.refuse("interval", invalid("it is shorter than 100ms").hint("write a longer one, such as `10s`"));
        } else if duration.is_zero() {
            reader
                .refuse("duration", invalid("nothing can be seen in no time").hint("write a longer one, such as `5m`"));
        } else if duration.as_millis() / self.interval.as_millis() > LOOK_LIMIT {
            let error = invalid(format!("that is more than {LOOK_LIMIT} looks in the time of `duration`"));
            reader.refuse("interval", error.hint("look less often, or for a shorter time"));
        } else if let Some(bake) = &self.bake
            && bake.duration().as_millis() / self.interval.as_millis() > LOOK_LIMIT
        {
            let error = invalid(format!("that is more than {LOOK_LIMIT} looks"));
            reader.refuse(BAKE.name, error.hint("look less often, or for a shorter time"));
        } else if let Some(rollout) = &self.rollout
            && let Some(step) = rollout.steps.iter().find(|step| {
                step.duration(duration)
                    .is_some_and(|length| length.as_millis() / self.interval.as_millis() > LOOK_LIMIT)
            })
        {
            let error = invalid(format!("`{step}` is more than {LOOK_LIMIT} looks"));
            reader.refuse(STEPS.name, error.hint("look less often, or for a shorter time"));
        }
    }
}
