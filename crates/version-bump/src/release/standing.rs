//! What there is of a release already, and what is needed to make it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use serde::Serialize;
use slipway_core::git::{BranchName, CommitId, Extent, Git, RefName, TreeEntry};
use slipway_core::github::RepositoryName;
use slipway_core::order;
use slipway_core::{Context, Error, ErrorKind, Host, Result, WorkspacePath};

use super::assets::{self, Assets};
use super::commit::{self, Ground};
use super::dispatch::Dispatch;
use super::floating::FloatingTag;
use super::page::{self, Page};
use crate::facts::Facts;
use crate::history::History;
use crate::inputs::{Inputs, Mode};

/// What there is on the remote and on GitHub.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Standing {
    /// The repository on GitHub; nothing if it is elsewhere.
    #[serde(serialize_with = "as_text")]
    pub repository: Option<RepositoryName>,
    /// Where a release commit can go.
    pub ground: Option<Ground>,
    /// The floating tags of the remote.
    pub floating_tags: Vec<FloatingTag>,
    /// The release on GitHub of the tag that HEAD carries.
    pub page: Page,
    /// The refs that say what is not started yet.
    pub pending: BTreeSet<RefName>,
    /// The files to upload.
    pub assets: Assets,
    /// The commits of the release that HEAD carries, where they are told on GitHub.
    pub before: Option<History>,
}

impl Standing {
    /// Nothing but floating tags.
    pub(crate) fn new(floating_tags: Vec<FloatingTag>) -> Self {
        Self {
            repository: None,
            ground: None,
            floating_tags,
            page: Page::Unknown,
            pending: BTreeSet::new(),
            assets: Assets::default(),
            before: None,
        }
    }
}

/// Looks at what a release finds, before anything is written.
///
/// # Errors
/// `InvalidInput` if something is asked for that cannot be done here, `NotFound` if a workflow to start is not there; `Permission`,
/// `Network` or `Git`.
pub(crate) async fn gather<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    git: &Git<'_, H>,
    url: Option<&str>,
    facts: &mut Facts,
) -> Result<()> {
    let standing = &mut facts.standing;
    let on_github = url.filter(|_| context.environment.has_api());
    standing.repository = on_github.and_then(|url| page::repository(&context.environment.server_url, url));
    let acts = inputs.mode.acts() && !facts.is_preview;
    if !facts.is_preview {
        standing.assets = assets::find(context, &inputs.assets).await?;
    }
    if !acts {
        let branch = branch(context, inputs, git).await?;
        standing.ground =
            branch.map(|branch| Ground { branch, tip: facts.head.clone(), is_own: true, is_behind: false });
        return Ok(());
    }
    check(context, inputs, standing.repository.as_ref())?;
    workflows(inputs, git, &facts.head).await?;
    if let (Some(tag), Some(url), false) = (&facts.carried, url, inputs.dispatches.is_empty()) {
        let names: Result<Vec<RefName>> =
            inputs.dispatches.iter().map(|dispatch| dispatch.pending(&tag.name)).collect();
        standing.pending = order::set(git.remote_refs(url, &names?).await?.into_keys());
    }
    if inputs.mode == Mode::Tag {
        return Ok(());
    }
    match (&facts.carried, url) {
        (None, Some(url)) => {
            if let Some(branch) = branch(context, inputs, git).await? {
                standing.ground = commit::ground(context, git, url, &facts.head, branch).await?;
            }
        }
        (Some(tag), _) => {
            if let Some(repository) = standing.repository.as_ref().filter(|_| tag.published) {
                standing.page = page::look(context, repository, &tag.name).await?;
            }
        }
        _ => {}
    }
    Ok(())
}

/// The branch that a release commit goes on: the input, else what is checked out, else what started the run.
async fn branch<H: Host>(context: &Context<H>, inputs: &Inputs, git: &Git<'_, H>) -> Result<Option<BranchName>> {
    if inputs.branch.is_some() {
        return Ok(inputs.branch.clone());
    }
    let checked_out = git.checked_out().await?;
    let here = checked_out.as_ref().and_then(|name| name.as_str().strip_prefix("refs/heads/"));
    here.or(context.environment.branch()).map(str::parse).transpose()
}

/// Refuses what would fail after the tag is pushed.
fn check<H>(context: &Context<H>, inputs: &Inputs, repository: Option<&RepositoryName>) -> Result<()> {
    let refuse = |message: String, hint: &str| Err(Error::new(ErrorKind::InvalidInput, message).hint(hint));
    let own = inputs.dispatches.iter().find_map(|dispatch| match dispatch {
        Dispatch::Workflow(file, _) => Some(file),
        Dispatch::Repository(..) => None,
    });
    if let (Some(file), None) = (own, repository) {
        let message = format!("`dispatch` cannot start `{file}`: `origin` is not a repository on GitHub");
        return refuse(message, "name a repository and an event instead: `owner/name event-type`");
    }
    let asks = !inputs.dispatches.is_empty() || (inputs.mode != Mode::Tag && repository.is_some());
    if asks && context.token.is_none() {
        return refuse("a release on GitHub needs a token".into(), "pass `github-token`, or use `mode: tag`");
    }
    Ok(())
}

/// Refuses to start workflows that the released commit does not have.
async fn workflows<H: Host>(inputs: &Inputs, git: &Git<'_, H>, head: &CommitId) -> Result<()> {
    let mut missing: Vec<WorkspacePath> = Vec::new();
    for dispatch in &inputs.dispatches {
        if let Dispatch::Workflow(file, _) = dispatch {
            missing.push(format!(".github/workflows/{file}").parse()?);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let asked = missing.clone();
    let found = |path: WorkspacePath, _: TreeEntry| {
        missing.retain(|missing| *missing != path);
        ControlFlow::Continue(())
    };
    git.tree(head, Extent::Paths(&asked), found).await?;
    let Some(path) = missing.first() else { return Ok(()) };
    Err(Error::new(
        ErrorKind::NotFound,
        format!("`dispatch` names a workflow that this commit does not have: `{path}`"),
    )
    .hint("check the spelling, and commit the workflow first"))
}

fn as_text<S: serde::Serializer>(name: &Option<RepositoryName>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    name.as_ref().map(ToString::to_string).serialize(serializer)
}
