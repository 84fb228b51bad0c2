//! What version-bump reads from the world.

use serde::Serialize;
use slipway_core::context::rfc3339;
use slipway_core::git::{CommitId, Git};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use crate::backtest::{self, Material, Past};
use crate::branch::{self, Branches};
use crate::channels::Channel;
use crate::choice::Source;
use crate::component::Scope;
use crate::history::{Commit, History, Origin};
use crate::inputs::{Inputs, Mode, Request};
use crate::notes::Web;
use crate::preview::{self, Change, Place, is_preview};
use crate::pull_request;
use crate::release::standing::Standing;
use crate::repository::{self, Known, Repository};
use crate::spelling::{self, LeftOut};
use crate::survey::Survey;
use crate::tags::{Counting, ReleaseTag, Tags};
use crate::version_files::Files;

/// Everything that the plan depends on.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// The commit that is checked out.
    pub(crate) head: CommitId,
    /// Who started the run; empty outside GitHub.
    pub(crate) actor: String,
    /// Address of the run's page; empty outside GitHub.
    pub(crate) run_url: String,
    /// The pages of the repository, if they are known.
    pub(crate) web: Option<Web>,
    /// The day of the release in UTC, such as `2026-01-31`.
    pub(crate) date: String,
    /// Whether the event only asks what would be released.
    pub(crate) is_preview: bool,
    /// The tags of the repository and of its remote.
    pub(crate) tags: Tags,
    /// The highest release that the prefix leaves out, where nothing has the prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) left_out: Option<LeftOut>,
    /// The release that HEAD carries.
    pub(crate) carried: Option<ReleaseTag>,
    /// The branch that is released, where it matters.
    pub(crate) branch: Option<String>,
    /// What it releases.
    pub(crate) channel: Channel,
    /// What asks for a release beside the commits.
    pub(crate) sources: Vec<Source>,
    /// The last release before HEAD that is no pre-release, or the one that HEAD carries.
    pub(crate) last: Option<ReleaseTag>,
    /// The commits since then; none if HEAD carries a release.
    pub(crate) commits: Vec<Commit>,
    /// The last release of any kind, and the commits since then; only where pre-releases count.
    pub(crate) newer: Option<History>,
    /// The last release of the channel, where the last of any kind is one of another channel.
    pub(crate) own: Option<History>,
    /// The files that hold the version, and the changelog; nothing where no commit would change them.
    pub(crate) files: Option<Files>,
    /// The whole history, for a backtest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) backtest: Option<Material>,
    /// What there is of the release already.
    pub(crate) standing: Standing,
    /// What counts of the repository; everything without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<Scope>,
    /// The pull request, or the group of the merge queue, that the event is about.
    pub(crate) change: Option<Change>,
    /// The release pull request, where one is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pull_request: Option<pull_request::Standing>,
    /// What could not be found out, and does not have to be.
    pub(crate) warnings: Vec<String>,
}

/// Reads it; what is known already of the tags is not read again.
pub(crate) async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs, known: Option<&Known>) -> Result<Facts> {
    let is_preview = is_preview(&context.environment.event_name);
    let mut repository = repository::open(context, inputs, known, inputs.mode.acts() && !is_preview).await?;
    let mut warnings = std::mem::take(&mut repository.warnings);
    let too_large = repository.tags.too_large.iter();
    warnings.extend(too_large.map(|name| format!("the tag `{name}` is ignored: its numbers are too large")));
    let branches = branches(context, inputs, repository.git.as_ref(), is_preview, &mut warnings).await?;
    let previewed = previewed(context, inputs, is_preview, &mut repository, &mut warnings).await?;
    let (change, previewed) = previewed.unzip();

    let (channel, carried) = carried(inputs, &repository, branches.target.as_deref(), change.is_some())?;
    let mut facts = Facts {
        head: change.as_ref().map_or(&repository.head, |change| &change.subject.tip).clone(),
        actor: context.environment.actor.clone(),
        run_url: context.environment.run_url.clone(),
        web: repository.web.take().or_else(|| web_of_workflow(context)),
        date: rfc3339(context.creation_time()).chars().take(10).collect(),
        is_preview,
        left_out: left_out(inputs, &repository),
        carried,
        branch: branches.target,
        channel,
        sources: Vec::new(),
        last: None,
        commits: Vec::new(),
        newer: None,
        own: None,
        files: None,
        backtest: None,
        standing: Standing::new(std::mem::take(&mut repository.floating)),
        scope: repository.scope.take(),
        change,
        pull_request: None,
        warnings,
        tags: repository.tags.clone(),
    };
    let survey = Survey { context, inputs, repository, acts: inputs.mode.acts() && !is_preview };
    if inputs.mode == Mode::Backtest && !is_preview {
        let past = Past { head: &facts.head, tags: &facts.tags, scope: facts.scope.as_ref() };
        facts.backtest = Some(backtest::gather(context, inputs, past, &survey.repository.found).await?);
    }
    match facts.carried.clone() {
        Some(tag) => survey.released(&mut facts, tag, None).await?,
        None => survey.unreleased(&mut facts, previewed, branches.source).await?,
    }
    Ok(facts)
}

/// The pull request that the event is about, and the history that merging it makes; the repository is as deep as that takes.
async fn previewed<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    is_preview: bool,
    repository: &mut Repository<'_, H>,
    warnings: &mut Vec<String>,
) -> Result<Option<(Change, History)>> {
    let Repository { tags, scope, head, origin, .. } = repository;
    let Origin::Git { git, is_shallow, remote } = origin else { return Ok(None) };
    if !is_preview {
        return Ok(None);
    }
    let place = Place { context, inputs, git, is_shallow: *is_shallow, remote, tags, scope: scope.as_ref() };
    let found = preview::gather(&place, head, warnings).await?;
    *is_shallow |= found.as_ref().is_some_and(|(change, _)| change.is_remote);
    Ok(found)
}

/// What the branch releases, and the release that HEAD carries. What merging makes carries none yet.
fn carried<H: Host>(
    inputs: &Inputs,
    repository: &Repository<'_, H>,
    branch: Option<&str>,
    is_change: bool,
) -> Result<(Channel, Option<ReleaseTag>)> {
    let wanted = if let Request::Version(version) = &inputs.request { Some(version) } else { None };
    let Repository { tags, head, .. } = repository;
    let carries = |counting: Counting| tags.counting(counting).at(head, wanted).filter(|_| !is_change).cloned();
    Ok(match channel(inputs, branch) {
        Ok(channel) => (channel.clone(), carries(Counting::Of(channel))),
        // A run that a release tag started has no branch, and needs none.
        Err(error) => (Channel::Unlisted, Some(carries(Counting::All).ok_or(error)?)),
    })
}

fn web_of_workflow<H: Host>(context: &Context<H>) -> Option<Web> {
    let environment = &context.environment;
    Web::new(&format!("{}/{}", environment.server_url, environment.repository.as_ref()?))
}

/// Where nothing was released by this prefix: that something was by another.
fn left_out<H: Host>(inputs: &Inputs, repository: &Repository<'_, H>) -> Option<LeftOut> {
    let is_first = repository.tags.releases.is_empty();
    is_first.then(|| spelling::left_out(&inputs.prefix, inputs.component(), &repository.found)).flatten()
}

/// The branches that the run is about, if an input asks for them.
async fn branches<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    git: Option<&Git<'_, H>>,
    is_preview: bool,
    warnings: &mut Vec<String>,
) -> Result<Branches> {
    if inputs.channels.is_empty() && inputs.rules.branches.is_empty() {
        return Ok(Branches::default());
    }
    let branches = branch::find(context, git, inputs.branch.as_ref()).await?;
    if let (Some(target), Some(here), false) = (&branches.target, &branches.checked_out, inputs.channels.is_empty()) {
        let message =
            format!("`{target}` started the run, but `{here}` is checked out, and `channels` can only go by one");
        if inputs.mode.acts() && !is_preview {
            return Err(Error::new(ErrorKind::InvalidInput, message)
                .hint(format!("set `branch: {here}` or `branch: {target}`")));
        }
        warnings.push(format!("{message}; it goes by `{target}`"));
    }
    Ok(branches)
}

fn channel(inputs: &Inputs, branch: Option<&str>) -> Result<Channel> {
    match branch {
        _ if inputs.channels.is_empty() => Ok(Channel::Stable),
        Some(branch) => inputs.channels.of(branch),
        None => Err(Error::new(
            ErrorKind::InvalidInput,
            "`channels` is set, but no branch is checked out or named by the event",
        )
        .hint("set `branch` to the one that this commit is released from")),
    }
}
