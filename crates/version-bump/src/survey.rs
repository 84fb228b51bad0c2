//! Looking at a repository for a release: at what is there of one already, or at all that one would be made of.

use futures_util::future::join;
use slipway_core::git::CommitId;
use slipway_core::{Context, Host, Result};

use crate::channels::Channel;
use crate::choice::{Since, Source};
use crate::decision::decide;
use crate::facts::Facts;
use crate::history::{History, Query};
use crate::inputs::{Inputs, Mode, Request};
use crate::minimum;
use crate::pull_request;
use crate::release::above;
use crate::release::page::Page;
use crate::release::standing;
use crate::repository::Repository;
use crate::tags::{Counting, ReleaseTag, Tags};
use crate::version_files::{self, Files};

/// A repository that is looked at for a release.
pub(crate) struct Survey<'a, H> {
    pub context: &'a Context<H>,
    pub inputs: &'a Inputs,
    pub repository: Repository<'a, H>,
    /// Whether something is written afterwards.
    pub acts: bool,
}

impl<H: Host> Survey<'_, H> {
    /// What there is to know where a release was made already; `before` is the history that leads to it, if it was read.
    pub(crate) async fn released(&self, facts: &mut Facts, tag: ReleaseTag, before: Option<History>) -> Result<()> {
        facts.carried = Some(tag.clone());
        self.stand(facts).await?;
        if facts.standing.page == Page::Missing {
            let before = match before {
                Some(history) => history,
                None => self.read(facts, &facts.tags.without(&tag)).await?,
            };
            facts.standing.before = Some(before);
        }
        facts.last = Some(tag);
        Ok(())
    }

    /// What there is to know where one may be to be made. `source` is the branch whose name counts.
    pub(crate) async fn unreleased(
        &self,
        facts: &mut Facts,
        previewed: Option<History>,
        source: Option<String>,
    ) -> Result<()> {
        let Self { context, inputs, repository, .. } = self;
        let (histories, files) =
            join(self.histories(facts, previewed), self.files(facts, &repository.head, !self.acts)).await;
        let (Histories { stable, newer, own }, files) = (histories?, files?);
        let last = newer.as_ref().map_or(&stable.last, |newer| &newer.last).as_ref();
        if let Some(tag) = self.above(facts, last).await? {
            return self.released(facts, tag, Some(stable)).await;
        }
        (facts.last, facts.commits, facts.newer, facts.own) = (stable.last, stable.commits, newer, own);
        self.stand(facts).await?;
        // What merging makes of the name of a branch is in the message of the merge.
        let source = source.filter(|_| facts.change.is_none());
        let rule = source.and_then(|branch| inputs.rules.branches.weigh(&branch));
        facts.sources.extend(rule.map(|(bump, reason)| Source { bump, reason }));
        let minimum = minimum_bump(context, inputs, facts).await?;
        facts.sources.extend(minimum);
        facts.files = files;
        if let (Mode::PullRequest, true, Some(git)) = (inputs.mode, self.acts, &repository.git) {
            let url = repository.url.as_deref();
            facts.pull_request = Some(pull_request::gather(context, inputs, git, url, facts).await?);
        }
        // The commit goes on top of those that others have made for their components meanwhile.
        let ground = facts.standing.ground.as_ref().filter(|ground| ground.is_own);
        let commit = ground.map_or(&facts.head, |ground| &ground.tip);
        if let Some(files) = self.files(facts, commit, self.acts && inputs.mode != Mode::Tag).await? {
            facts.files = Some(files);
        }
        Ok(())
    }

    /// What there is of the release already.
    async fn stand(&self, facts: &mut Facts) -> Result<()> {
        let Repository { git, url, .. } = &self.repository;
        match git {
            Some(git) => standing::gather(self.context, self.inputs, git, url.as_deref(), facts).await,
            None => Ok(()),
        }
    }

    async fn read(&self, facts: &Facts, tags: &Tags) -> Result<History> {
        let query = Query { head: &facts.head, tags, scope: facts.scope.as_ref() };
        self.repository.origin.read(self.context, query).await
    }

    /// The files of a commit that a release changes, if they are wanted. Without a checkout nothing is written.
    async fn files(&self, facts: &Facts, commit: &CommitId, are_wanted: bool) -> Result<Option<Files>> {
        let inputs = self.inputs;
        match &self.repository.git {
            _ if !are_wanted => Ok(None),
            None => Ok(Some(Files::default())),
            Some(git) => {
                let component = inputs.component().and(facts.scope.as_ref()).map(|scope| &scope.paths);
                version_files::gather(git, commit, &inputs.version_files, &inputs.changelog, component).await.map(Some)
            }
        }
    }

    /// The release whose commit stands on HEAD: the job is run again, or HEAD was released since it was checked out.
    async fn above(&self, facts: &Facts, last: Option<&ReleaseTag>) -> Result<Option<ReleaseTag>> {
        let Some(url) = self.repository.url.as_deref().filter(|_| facts.change.is_none()) else { return Ok(None) };
        let tags = facts.tags.counting(Counting::Of(facts.channel.clone()));
        match above::release(self.context, url, &facts.head, &tags, last).await {
            Ok(found) => Ok(found.cloned()),
            Err(error) if self.acts => Err(error),
            // A plan says what it knows: at worst that the tag exists elsewhere.
            Err(_) => Ok(None),
        }
    }

    async fn histories(&self, facts: &Facts, previewed: Option<History>) -> Result<Histories> {
        let stable = match previewed {
            Some(history) => history,
            None => self.read(facts, &facts.tags).await?,
        };
        let is_newer = |tag: &ReleaseTag| stable.last.as_ref().is_none_or(|last| tag.version > last.version);
        let has_newer = facts.tags.releases.iter().any(|tag| !tag.version.pre.is_empty() && is_newer(tag));
        let has_own = facts.channel.identifier().is_some();
        // No release is to be lower than a pre-release before it.
        let matters = has_own || stable.last.is_none() || !self.inputs.channels.is_empty();
        let mut histories = Histories { stable, newer: None, own: None };
        if has_newer && matters {
            let newer = self.read(facts, &facts.tags.counting(Counting::All)).await?;
            let is_foreign = |tag: &ReleaseTag| !tag.version.pre.is_empty() && !facts.channel.owns(&tag.version.pre);
            if has_own && newer.last.as_ref().is_some_and(is_foreign) {
                let own = facts.tags.counting(Counting::Of(facts.channel.clone()));
                histories.own = Some(self.read(facts, &own).await?);
            }
            histories.newer = Some(newer);
        }
        Ok(histories)
    }
}

/// The commits since the releases before HEAD.
struct Histories {
    /// Since the last one that is no pre-release.
    stable: History,
    /// Since the last of any kind, if that is newer and matters.
    newer: Option<History>,
    /// Since the last of the channel, if the last of any kind is another channel's.
    own: Option<History>,
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
