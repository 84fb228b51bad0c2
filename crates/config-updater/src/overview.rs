//! What `status` and `history` rest on: the record of every environment, and what holds there.

use std::collections::BTreeMap;

use serde::Serialize;
use slipway_core::git::{CommitId, Git};
use slipway_core::{ComponentName, Context, EnvironmentName, Host, Result, order};
use slipway_gitops::{
    Closure, ConfigLocation, ConfigRepository, Environment, EnvironmentRules, Ledger, PromotionSource, Settings,
    Shipped, Target, commit_times,
};

use crate::drift::{Drift, drifts};
use crate::inputs::{Inputs, Mode};

/// Everything that was read.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Overview {
    /// The time of reading, in milliseconds since the Unix epoch.
    pub(crate) now: i64,
    /// Each after those that it is promoted from.
    pub(crate) environments: Vec<EnvironmentState>,
    pub(crate) ledgers: Vec<TargetState>,
    /// When the commits were made that releases were built from, as far as they can be read; in `history` only.
    #[serde(skip)]
    pub(crate) commit_times: BTreeMap<CommitId, i64>,
}

/// What holds in an environment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct EnvironmentState {
    pub(crate) name: EnvironmentName,
    pub(crate) promote_from: Option<EnvironmentName>,
    #[serde(flatten)]
    pub(crate) closure: Closure,
}

/// A component in an environment.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct TargetState {
    #[serde(flatten)]
    pub(crate) ledger: Ledger,
    /// How the files differ from the record; in `status` only.
    pub(crate) drift: Drift,
    /// What the next promotion to the environment would bring; in `status` only, and only where releases are promoted to.
    pub(crate) promotion: Option<Promotion>,
}

/// What a promotion would bring.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Promotion {
    pub(crate) from: EnvironmentName,
    /// The version that is verified there; none if none is.
    pub(crate) version: Option<String>,
    /// Why none is.
    pub(crate) missing: Option<String>,
    /// Whether the environment runs it already.
    pub(crate) is_deployed: bool,
    pub(crate) shipped: Shipped,
}

pub(crate) async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Overview> {
    ConfigRepository::visit(context, &inputs.location, async |home| {
        let settings = home.settings().await?;
        let wanted = Wanted::new(inputs, &settings)?;
        let mut states: Vec<TargetState> = Vec::new();
        for (place, environments) in places(inputs, &settings) {
            let is_here = |target: &Target| {
                (environments.is_empty() || environments.contains(&target.environment)) && wanted.covers(target)
            };
            let found = home.elsewhere(context, &place, async |repository| {
                let ledgers = repository.ledgers(is_here).await?;
                let is_compared =
                    |ledger: &Ledger| inputs.mode == Mode::Status && wanted.is_shown(&ledger.target.environment);
                let drifts = drifts(repository, inputs, &settings, &ledgers, is_compared).await?;
                let state = |(ledger, drift)| TargetState { ledger, drift, promotion: None };
                Ok(ledgers.into_iter().zip(drifts).map(state).collect::<Vec<_>>())
            });
            states.extend(found.await?);
        }
        for target in settings.targets().into_iter().filter(|target| wanted.covers(target)) {
            // What is declared for versions alone is released nowhere.
            let is_released = |state: &TargetState| state.ledger.target.component == target.component;
            if states.iter().any(is_released) && !states.iter().any(|state| state.ledger.target == target) {
                let (ledger, drift) = (Ledger::empty(target), Drift::default());
                states.push(TargetState { ledger, drift, promotion: None });
            }
        }
        order::sort_by_key(&mut states, |state| state.ledger.target.clone());
        let mut overview = Overview { now: context.now(), ..Overview::default() };
        overview.environments = environments(context, inputs, &settings, &wanted, &states)?;
        overview.ledgers = states;
        match inputs.mode {
            Mode::Status => promotions(context, &settings, &mut overview).await,
            _ => overview.commit_times = source_times(context, home, &overview).await,
        }
        overview.ledgers.retain(|state| wanted.is_shown(&state.ledger.target.environment));
        overview.environments.retain(|environment| wanted.is_shown(&environment.name));
        Ok(overview)
    })
    .await
}

/// Which targets are told, and which are read to tell them.
struct Wanted {
    environment: Option<EnvironmentName>,
    /// What the environment is promoted from, directly.
    source: Option<EnvironmentName>,
    component: Option<ComponentName>,
}

impl Wanted {
    fn new(inputs: &Inputs, settings: &Settings) -> Result<Self> {
        let environment = inputs.environment.as_ref();
        let environment =
            environment.map(|name| Environment::of(name, settings, &inputs.rules, &inputs.location)).transpose()?;
        let source = environment.as_ref().and_then(|environment| environment.promote_from.clone());
        let environment = environment.map(|environment| environment.name);
        Ok(Self { environment, source, component: inputs.component.clone() })
    }

    fn covers(&self, target: &Target) -> bool {
        let is_source = self.source.as_ref() == Some(&target.environment);
        (is_source || self.is_shown(&target.environment))
            && self.component.as_ref().is_none_or(|name| *name == target.component)
    }

    /// The source is read, for what a promotion would bring, and not told.
    fn is_shown(&self, environment: &EnvironmentName) -> bool {
        self.environment.as_ref().is_none_or(|name| name == environment)
    }
}

/// The branches that environments are on, with the environments of each; none stands for all that the branch tells of.
fn places(inputs: &Inputs, settings: &Settings) -> Vec<(ConfigLocation, Vec<EnvironmentName>)> {
    let mut places: Vec<(ConfigLocation, Vec<EnvironmentName>)> = Vec::new();
    for (name, declared) in &settings.environments {
        let place = inputs.location.of_environment(declared);
        match places.iter_mut().find(|(known, _)| *known == place) {
            Some((_, environments)) => environments.push(name.clone()),
            None => places.push((place, vec![name.clone()])),
        }
    }
    if places.is_empty() {
        places.push((inputs.location.clone(), Vec::new()));
    }
    places
}

/// The environments, declared or found, each after those that it is promoted from.
fn environments<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    settings: &Settings,
    wanted: &Wanted,
    states: &[TargetState],
) -> Result<Vec<EnvironmentState>> {
    let found = states.iter().map(|state| state.ledger.target.environment.clone());
    let mut environments = Vec::new();
    for name in order::set(settings.environments.keys().cloned().chain(found)) {
        // What the inputs say, they say of the environment that they name.
        let is_named = wanted.environment.as_ref() == Some(&name);
        let rules = if is_named { inputs.rules.clone() } else { EnvironmentRules::default() };
        let environment = Environment::of(name.as_str(), settings, &rules, &inputs.location)?;
        let closure = environment.closure(context)?;
        environments.push(EnvironmentState { name, promote_from: environment.promote_from, closure });
    }
    let steps = |environment: &EnvironmentState| {
        let mut steps = 0;
        let mut source = environment.promote_from.clone();
        while let Some(name) = source.filter(|_| steps < settings.environments.len()) {
            steps += 1;
            source = settings.environments.get(&name).and_then(|declared| declared.promote_from.clone());
        }
        steps
    };
    order::sort_by_key(&mut environments, |environment| (steps(environment), environment.name.clone()));
    Ok(environments)
}

/// Adds what the next promotion to each environment would bring.
async fn promotions<H: Host>(context: &Context<H>, settings: &Settings, overview: &mut Overview) {
    for index in 0..overview.ledgers.len() {
        let Ledger { target, deployments, .. } = &overview.ledgers[index].ledger;
        let environment = overview.environments.iter().find(|environment| environment.name == target.environment);
        let Some(from) = environment.and_then(|environment| environment.promote_from.clone()) else { continue };
        let is_source =
            |ledger: &&Ledger| ledger.target.environment == from && ledger.target.component == target.component;
        let Some(source) = overview.ledgers.iter().map(|state| &state.ledger).find(is_source) else { continue };
        let (deployed, verdicts) = (source.deployments.first().cloned(), source.verdicts.clone());
        let promotion = match (PromotionSource { deployed, verdicts }).offered(None) {
            Ok(offered) => {
                let running = deployments.first().map(|deployment| &deployment.release);
                let is_deployed = running.is_some_and(|running| running.is_same_build(offered));
                let base = running.and_then(|running| running.source_commit.as_ref());
                let shipped = match is_deployed {
                    true => Shipped::default(),
                    false => {
                        let repository = settings.component(&target.component).source;
                        Shipped::read(context, repository.as_ref(), base, offered.source_commit.as_ref()).await
                    }
                };
                Promotion { from, version: Some(offered.version.to_string()), missing: None, is_deployed, shipped }
            }
            Err(error) => Promotion {
                from,
                version: None,
                missing: Some(error.message().into()),
                is_deployed: false,
                shipped: Shipped::default(),
            },
        };
        overview.ledgers[index].promotion = Some(promotion);
    }
}

/// When the commits were made that releases were built from: in the config repository, or in the checkout.
async fn source_times<H: Host>(
    context: &Context<H>,
    home: &ConfigRepository<'_, H>,
    overview: &Overview,
) -> BTreeMap<CommitId, i64> {
    let deployments = overview.ledgers.iter().flat_map(|state| &state.ledger.deployments);
    let ids = order::set(deployments.filter_map(|deployment| deployment.release.source_commit.clone()));
    let ids: Vec<CommitId> = ids.into_iter().collect();
    let mut times = home.commit_times(&ids).await.unwrap_or_default();
    if let Ok(git) = Git::open(context).await {
        times.extend(commit_times(&git, &ids).await.unwrap_or_default());
    }
    times
}
