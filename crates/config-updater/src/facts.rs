//! What config-updater reads from the world.

use std::ops::ControlFlow;

use serde::Serialize;
use slipway_core::git::{BranchName, CommitId};
use slipway_core::github::CommentStanding;
use slipway_core::{ComponentName, Context, Host, Result};
use slipway_gitops::{
    Closure, ConfigFile, ConfigLocation, ConfigRepository, Deployment, Environment, PromotionSource, Settings, Shipped,
    Target, VerdictLog,
};

use crate::comment;
use crate::covered;
use crate::edit;
use crate::inputs::{Inputs, Mode};
use crate::overview::{self, Overview};
use crate::render::{self, Rendered};
use crate::request::{Ground, Request};
use crate::workspace;

/// How many deployments are searched for a version at most.
const DEPLOYMENT_LIMIT: usize = 5000;

/// Everything that the plan rests on.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    #[serde(skip)]
    pub(crate) files: Vec<ConfigFile>,
    /// What is to be deployed; nothing if that is what another environment has verified, and it has not.
    pub(crate) request: Option<Request>,
    /// Nothing if only the working tree counts.
    pub(crate) base: Option<Base>,
    /// The environment that releases are promoted from.
    pub(crate) source: Option<PromotionSource>,
    /// What keeps releases away at the moment.
    pub(crate) closure: Closure,
    /// The whole record, in `status` and `history`.
    pub(crate) overview: Option<Overview>,
    /// The commits that a promotion would ship; in `plan` only.
    pub(crate) shipped: Option<Shipped>,
    /// What the cluster gets, before and after.
    pub(crate) rendered: Option<Rendered>,
    /// The comment on the pull request.
    pub(crate) comment: CommentStanding,
    /// The page of this run; none outside GitHub.
    pub(crate) workflow_run: Option<String>,
}

/// The config repository when it was read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Base {
    pub(crate) target: Target,
    pub(crate) remote: String,
    /// Where the environment's branch is.
    #[serde(skip)]
    pub(crate) location: ConfigLocation,
    pub(crate) branch: BranchName,
    pub(crate) head: CommitId,
    /// The newest deployment of the component in the environment.
    pub(crate) deployed: Option<Deployment>,
    /// Whether the environment ran the wanted version before; only looked up where it cannot be compared with the deployed one.
    pub(crate) ran_before: bool,
    pub(crate) verdicts: VerdictLog,
}

pub(crate) async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Facts> {
    inputs.location.access().mask(&context.host);
    if inputs.mode.tells() {
        let overview = Some(overview::gather(context, inputs).await?);
        return Ok(Facts { overview, comment: comment::look(context, inputs).await?, ..Facts::default() });
    }
    let mut facts = match (&inputs.environment, &inputs.component) {
        (Some(environment), Some(component)) => {
            let visited = ConfigRepository::visit(context, &inputs.location, async |home| {
                gather_target(context, inputs, (environment, component), home).await
            });
            visited.await?
        }
        _ => {
            let request = Request::unrecorded(inputs)?;
            let files = workspace::read(context, &request).await?;
            Facts { files, request: Some(request), ..Facts::default() }
        }
    };
    facts.comment = comment::look(context, inputs).await?;
    facts.workflow_run = Some(context.environment.run_url.clone()).filter(|url| !url.is_empty());
    Ok(facts)
}

/// `home` is the repository that holds `slipway.toml`, unless the working tree does.
async fn gather_target<'a, H: Host>(
    context: &'a Context<H>,
    inputs: &Inputs,
    (environment, component): (&str, &ComponentName),
    home: &ConfigRepository<'a, H>,
) -> Result<Facts> {
    let settings = match inputs.mode {
        Mode::Write => workspace::settings(context).await?,
        _ => home.settings().await?,
    };
    let environment = Environment::of(environment, &settings, &inputs.rules, &inputs.location)?;
    let closure = environment.closure(context)?;
    let source = source(context, inputs, component, home, &settings, &environment).await?;
    let is_promotion = source.is_some() && inputs.is_promotion();
    let offered = source.as_ref().filter(|_| is_promotion).map(|source| source.offered(inputs.version.as_ref()));
    let promoted = offered.and_then(Result::ok);
    if is_promotion && promoted.is_none() {
        return Ok(Facts { closure, source, ..Facts::default() });
    }
    let declared = settings.component(component);
    let target = Target { environment: environment.name.clone(), component: component.clone() };
    let ground = Ground {
        target: &target,
        environment: &environment,
        component: &declared,
        promoted,
        run_commit: context.environment.sha.parse().ok(),
    };
    let request = Request::of(inputs, &ground)?;
    let (files, base, rendered) = home
        .elsewhere(context, &environment.location, async |repository| {
            let files = match inputs.mode {
                Mode::Write => workspace::read(context, &request).await?,
                _ => covered::read(repository, repository.head(), &request.patterns(), &request.requested()).await?,
            };
            let rendered = match &inputs.render_command {
                Some(command) if inputs.mode != Mode::Write => {
                    let edits = edit::edit(&files, &request.requested())?;
                    Some(render::render(context, repository, command, &edits.files).await?)
                }
                _ => None,
            };
            Ok((files, base(repository, &environment.location, &target, &request).await?, rendered))
        })
        .await?;
    let shipped = match promoted {
        Some(release) if inputs.mode == Mode::Plan => {
            let running = base.deployed.as_ref().and_then(|deployed| deployed.release.source_commit.as_ref());
            Some(Shipped::read(context, declared.source.as_ref(), running, release.source_commit.as_ref()).await)
        }
        _ => None,
    };
    Ok(Facts {
        shipped,
        files,
        request: Some(request),
        base: Some(base),
        source,
        closure,
        rendered,
        ..Facts::default()
    })
}

/// The record of the environment that releases are promoted from, if there is one.
async fn source<'a, H: Host>(
    context: &'a Context<H>,
    inputs: &Inputs,
    component: &ComponentName,
    home: &ConfigRepository<'a, H>,
    settings: &Settings,
    environment: &Environment,
) -> Result<Option<PromotionSource>> {
    let Some(name) = &environment.promote_from else { return Ok(None) };
    let (name, declared) = settings.environment(name.as_str()).map_err(|error| error.context("`promote-from`"))?;
    let target = Target { environment: name, component: component.clone() };
    let place = inputs.location.of_environment(&declared);
    home.elsewhere(context, &place, async |repository| PromotionSource::read(repository, &target).await).await.map(Some)
}

async fn base<H: Host>(
    repository: &ConfigRepository<'_, H>,
    location: &ConfigLocation,
    target: &Target,
    request: &Request,
) -> Result<Base> {
    let (mut deployed, mut ran_before, mut count): (Option<Deployment>, _, _) = (None, false, 0);
    let wanted = request.version.as_ref();
    let read = |found: Deployment| {
        count += 1;
        let version = &found.release.version;
        let is_known = match &deployed {
            None => wanted.is_none_or(|wanted| wanted == version || wanted.precedence(version).is_some()),
            Some(_) => {
                ran_before = wanted == Some(version);
                ran_before || count == DEPLOYMENT_LIMIT
            }
        };
        deployed.get_or_insert(found);
        if is_known { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    repository.each_deployment(target, None, read).await?;
    Ok(Base {
        target: target.clone(),
        remote: repository.remote().to_string(),
        location: location.clone(),
        branch: repository.branch().clone(),
        head: repository.head().clone(),
        deployed,
        ran_before,
        verdicts: repository.verdicts(target).await?,
    })
}

#[cfg(test)]
impl Base {
    /// One of no deployment, for tests.
    pub(crate) fn example() -> Self {
        let target = Target { environment: "production".parse().unwrap(), component: "shop".parse().unwrap() };
        let place = slipway_gitops::RecordPlace::Ref;
        Self {
            target: target.clone(),
            remote: "https://github.com/acme/config".into(),
            location: ConfigLocation::at("/config".parse().unwrap(), None),
            branch: "main".parse().unwrap(),
            head: "a".repeat(40).parse().unwrap(),
            deployed: None,
            ran_before: false,
            verdicts: VerdictLog { target, place, tip: None, entries: Vec::new() },
        }
    }
}
