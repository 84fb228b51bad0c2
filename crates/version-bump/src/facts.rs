//! What version-bump reads from the world.

use futures_util::future::join;
use serde::Serialize;
use slipway_core::context::rfc3339;
use slipway_core::git::{CommitId, Git};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use crate::backtest::{self, Material, Past};
use crate::branch::{self, Branches};
use crate::channels::Channel;
use crate::choice::{Since, Source};
use crate::component::Scope;
use crate::decision::decide;
use crate::history::{Commit, History, Origin, Query};
use crate::inputs::{Inputs, Mode, Request};
use crate::minimum;
use crate::notes::Web;
use crate::preview::{self, Change, Place, is_preview};
use crate::pull_request;
use crate::release::above;
use crate::release::page::Page;
use crate::release::standing::{self, Standing};
use crate::repository::{self, Known, Repository};
use crate::spelling::{self, LeftOut};
use crate::tags::{Counting, ReleaseTag, Tags};
use crate::version_files::{self, Files};

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
    let acts = inputs.mode.acts() && !is_preview;
    let Repository { git, url, web, head, found, tags, floating, scope, mut origin, mut warnings } =
        repository::open(context, inputs, known, acts).await?;
    warnings
        .extend(tags.too_large.iter().map(|name| format!("the tag `{name}` is ignored: its numbers are too large")));

    let environment = &context.environment;
    let of_workflow = || Web::new(&format!("{}/{}", environment.server_url, environment.repository.as_ref()?));
    let web = web.or_else(of_workflow);
    let date = rfc3339(context.creation_time()).chars().take(10).collect();

    let branches = branches(context, inputs, git.as_ref(), is_preview, &mut warnings).await?;
    let wanted = if let Request::Version(version) = &inputs.request { Some(version) } else { None };
    let previewed = match &origin {
        Origin::Git { git, is_shallow, remote } if is_preview => {
            let (is_shallow, scope) = (*is_shallow, scope.as_ref());
            let place = Place { context, inputs, git, is_shallow, remote, tags: &tags, scope };
            preview::gather(&place, &head, &mut warnings).await?
        }
        _ => None,
    };
    let (change, previewed) = previewed.unzip();
    if let (Origin::Git { is_shallow, .. }, Some(change)) = (&mut origin, &change) {
        *is_shallow |= change.is_remote;
    }
    // What merging makes carries no release yet.
    let carries = |counting: Counting| tags.counting(counting).at(&head, wanted).filter(|_| change.is_none()).cloned();
    let (channel, carried) = match channel(inputs, branches.target.as_deref()) {
        Ok(channel) => (channel.clone(), carries(Counting::Of(channel))),
        // A run that a release tag started has no branch, and needs none.
        Err(error) => (Channel::Unlisted, Some(carries(Counting::All).ok_or(error)?)),
    };
    let checked_out = head.clone();
    let is_first = tags.releases.is_empty();
    let mut facts = Facts {
        head: change.as_ref().map_or(head, |change| change.subject.tip.clone()),
        actor: context.environment.actor.clone(),
        run_url: context.environment.run_url.clone(),
        web,
        date,
        is_preview,
        left_out: is_first.then(|| spelling::left_out(&inputs.prefix, inputs.component(), &found)).flatten(),
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
        standing: Standing::new(floating),
        scope,
        change,
        pull_request: None,
        warnings,
        tags: tags.clone(),
    };
    if inputs.mode == Mode::Backtest && !facts.is_preview {
        let past = Past { head: &facts.head, tags: &tags, scope: facts.scope.as_ref() };
        facts.backtest = Some(backtest::gather(context, inputs, past, &found).await?);
    }
    let url = url.as_deref();
    let stand = async |facts: &mut Facts| match &git {
        Some(git) => standing::gather(context, inputs, git, url, facts).await,
        None => Ok(()),
    };
    if let Some(tag) = facts.carried.clone() {
        stand(&mut facts).await?;
        if facts.standing.page == Page::Missing {
            let query = Query { head: &facts.head, tags: &tags.without(&tag), scope: facts.scope.as_ref() };
            facts.standing.before = Some(origin.read(context, query).await?);
        }
        facts.last = Some(tag);
        return Ok(facts);
    }
    let scope = facts.scope.as_ref();
    let read = async |tags: &Tags| origin.read(context, Query { head: &facts.head, tags, scope }).await;
    let stable = async {
        match previewed {
            Some(history) => Ok(history),
            None => read(&tags).await,
        }
    };
    let files =
        async { if acts { Ok(None) } else { files(inputs, git.as_ref(), &facts, &checked_out).await.map(Some) } };
    let (stable, files) = join(stable, files).await;
    let (stable, files) = (stable?, files?);
    let is_newer = |tag: &ReleaseTag| stable.last.as_ref().is_none_or(|last| tag.version > last.version);
    let has_newer = tags.releases.iter().any(|tag| !tag.version.pre.is_empty() && is_newer(tag));
    // No release is to be lower than a pre-release before it.
    let matters = facts.channel.identifier().is_some() || stable.last.is_none() || !inputs.channels.is_empty();
    let newer = if has_newer && matters { Some(read(&tags.counting(Counting::All)).await?) } else { None };
    let is_foreign = |tag: &ReleaseTag| !tag.version.pre.is_empty() && !facts.channel.owns(&tag.version.pre);
    let has_own = facts.channel.identifier().is_some();
    let own = if has_own && newer.as_ref().and_then(|newer| newer.last.as_ref()).is_some_and(is_foreign) {
        Some(read(&tags.counting(Counting::Of(facts.channel.clone()))).await?)
    } else {
        None
    };
    let last = newer.as_ref().map_or(&stable.last, |newer| &newer.last).as_ref();
    let found = if facts.change.is_some() { None } else { above(context, inputs, url, &facts, last).await? };
    if let Some(tag) = found {
        facts.carried = Some(tag.clone());
        stand(&mut facts).await?;
        facts.standing.before = Some(stable).filter(|_| facts.standing.page == Page::Missing);
        facts.last = Some(tag);
        return Ok(facts);
    }
    (facts.last, facts.commits, facts.newer, facts.own) = (stable.last, stable.commits, newer, own);
    stand(&mut facts).await?;
    // What merging makes of the name of a branch is in the message of the merge.
    let source = branches.source.filter(|_| facts.change.is_none());
    let rule = source.and_then(|branch| inputs.rules.branches.weigh(&branch));
    facts.sources.extend(rule.map(|(bump, reason)| Source { bump, reason }));
    let minimum = minimum_bump(context, inputs, &mut facts).await?;
    facts.sources.extend(minimum);
    facts.files = files;
    if let (Mode::PullRequest, true, Some(git)) = (inputs.mode, acts, &git) {
        facts.pull_request = Some(pull_request::gather(context, inputs, git, url, &facts).await?);
    }
    if acts && inputs.mode != Mode::Tag {
        // The commit goes on top of those that others have made for their components meanwhile.
        let ground = facts.standing.ground.as_ref().filter(|ground| ground.is_own);
        let commit = ground.map_or(&facts.head, |ground| &ground.tip);
        facts.files = Some(self::files(inputs, git.as_ref(), &facts, commit).await?);
    }
    Ok(facts)
}

/// The files of a commit that a release changes.
async fn files<H: Host>(inputs: &Inputs, git: Option<&Git<'_, H>>, facts: &Facts, commit: &CommitId) -> Result<Files> {
    // Without a checkout nothing is written.
    let Some(git) = git else { return Ok(Files::default()) };
    let component = inputs.component().and(facts.scope.as_ref()).map(|scope| &scope.paths);
    version_files::gather(git, commit, &inputs.version_files, &inputs.changelog, component).await
}

/// The release whose commit stands on HEAD: the job is run again, or HEAD was released since it was checked out.
async fn above<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    url: Option<&str>,
    facts: &Facts,
    last: Option<&ReleaseTag>,
) -> Result<Option<ReleaseTag>> {
    let Some(url) = url else { return Ok(None) };
    let tags = facts.tags.counting(Counting::Of(facts.channel.clone()));
    match above::release(context, url, &facts.head, &tags, last).await {
        Ok(found) => Ok(found.cloned()),
        Err(error) if inputs.mode.acts() && !facts.is_preview => Err(error),
        // A plan says what it knows: at worst that the tag exists elsewhere.
        Err(_) => Ok(None),
    }
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

/// What the user's command says, where there is something to compare and nobody has decided already.
async fn minimum_bump<H: Host>(context: &Context<H>, inputs: &Inputs, facts: &mut Facts) -> Result<Option<Source>> {
    let newer = facts.newer.as_ref().filter(|_| facts.channel.identifier().is_some());
    let newer = newer.map_or((&facts.last, &facts.commits), |newer| (&newer.last, &newer.commits));
    let (Some(command), Some(last)) = (&inputs.minimum_bump_command, newer.0) else { return Ok(None) };
    if inputs.request != Request::Auto || facts.channel == Channel::Unlisted || newer.1.is_empty() {
        return Ok(None);
    }
    if context.environment.event_name == "pull_request_target" {
        facts.warnings.push(
            "`minimum-bump-command` is not run on `pull_request_target`, which has the rights of the base branch"
                .into(),
        );
        return Ok(None);
    }
    let decisions = decide(newer.1, &inputs.rules);
    let since = Since { last: Some(last), decisions: &decisions, sources: &facts.sources };
    let bump = minimum::ask(context, command, last, since.found()).await?;
    Ok(Some(Source { bump, reason: format!("`minimum-bump-command` says {}", bump.word()) }))
}
