//! The repository that is asked about: what is checked out, its release tags, and where its history is read.

use futures_util::future::join;
use slipway_core::git::{Checkout, CommitId, FoundTag, Git};
use slipway_core::github::Client;
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use crate::component::{self, Scope};
use crate::history::Origin;
use crate::inputs::{HistorySource, Inputs};
use crate::notes::Web;
use crate::release::floating::{self, FloatingTag};
use crate::tags::Tags;

/// What was found at the beginning.
pub(crate) struct Repository<'a, H> {
    /// The clone, if there is one.
    pub git: Option<Git<'a, H>>,
    /// The address of the clone's remote, if that is to be asked.
    pub url: Option<String>,
    /// The pages of the clone's remote, whether it answers or not.
    pub web: Option<Web>,
    /// The commit to look at.
    pub head: CommitId,
    /// Every tag, here and on the remote; one that both have comes twice.
    pub found: Vec<FoundTag>,
    /// The release tags, here and on the remote.
    pub tags: Tags,
    /// The tags of the remote that move.
    pub floating: Vec<FloatingTag>,
    /// What counts; everything without one.
    pub scope: Option<Scope>,
    /// Where the history is read.
    pub origin: Origin<'a, H>,
    /// What could not be found out, and does not have to be.
    pub warnings: Vec<String>,
}

/// What the clone and its remote have, whatever is released.
#[derive(Clone)]
pub(crate) struct Known {
    /// The tags of the clone.
    local: Result<Vec<FoundTag>>,
    /// The address of the remote.
    url: Result<String>,
    /// Its tags, if there is one.
    published: Option<Result<Vec<FoundTag>>>,
}

impl Known {
    /// Looks.
    pub(crate) async fn look<H: Host>(git: &Git<'_, H>) -> Self {
        let (local, (url, published)) = join(git.local_tags(), remote(git)).await;
        Self { local, url, published }
    }
}

/// Looks at the repository, at what is not known. `must_be_sure` says whether something is to be made of the answer.
///
/// # Errors
/// `NotARepository` or `NotFound` without a commit to look at, those of the remote or of GitHub if the tags cannot be read and must be
/// known, and those of [`component::scope`].
pub(crate) async fn open<'a, H: Host>(
    context: &'a Context<H>,
    inputs: &Inputs,
    known: Option<&Known>,
    must_be_sure: bool,
) -> Result<Repository<'a, H>> {
    match inputs.history {
        HistorySource::Git => by_git(context, inputs, known, must_be_sure).await,
        HistorySource::Api => over_api(context, inputs, must_be_sure).await,
    }
}

async fn by_git<'a, H: Host>(
    context: &'a Context<H>,
    inputs: &Inputs,
    known: Option<&Known>,
    must_be_sure: bool,
) -> Result<Repository<'a, H>> {
    let (git, checkout) = Git::survey(context).await?;
    let git = git.without_lazy_fetch();
    let head = checkout.head.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("the repository in `{}` has no commits", git.directory()))
            .hint("check out a branch with commits before this step")
    })?;
    let mut warnings = Vec::new();
    let scope = component::scope(context, &git, &checkout.top, inputs);
    let look = async {
        match known {
            Some(known) => known.clone(),
            None => Known::look(&git).await,
        }
    };
    let (Known { local, url, published }, scope) = join(look, scope).await;
    let (local, scope) = (local?, scope?);
    if let Some(scope) = &scope {
        warnings.extend(component::misspelled(&git, scope).await);
    }
    let has_remote = url.is_ok();
    let web = url.as_ref().ok().and_then(|url| Web::of_remote(url, &context.environment.server_url));
    let (remote, published) = match published {
        Some(Ok(tags)) => (url, Some(tags)),
        Some(Err(error)) => {
            warnings.push(format!("the remote's tags cannot be read, so only those of this clone count: {error}"));
            (Err(error), None)
        }
        None => (url, None),
    };
    let found = local.iter().chain(published.iter().flatten()).cloned().collect();
    let floating = published.as_deref().map(floating::find).unwrap_or_default();
    let tags = Tags::sort_out(&inputs.prefix, local, published);
    // A warning is enough for a plan that rests on the clone's own tags; a release must know all of them, and none at all is no answer.
    let must_know = must_be_sure || tags.candidates().next().is_none();
    if let (Err(error), true, true) = (&remote, has_remote, must_know) {
        return Err(error.clone().context("the release tags of the remote cannot be read"));
    }
    let url = remote.as_ref().ok().cloned();
    let origin = Origin::Git { git: git.clone(), is_shallow: checkout.is_shallow, remote };
    Ok(Repository { git: Some(git), url, web, head, found, tags, floating, scope, origin, warnings })
}

/// The address of the remote, and its tags if there is one.
async fn remote<H: Host>(git: &Git<'_, H>) -> (Result<String>, Option<Result<Vec<FoundTag>>>) {
    let url = git.remote_url().await;
    let tags = match &url {
        Ok(url) => Some(git.remote_tags(url).await),
        Err(_) => None,
    };
    (url, tags)
}

/// Without a checkout it is the commit that started the run, and nothing can be pushed.
async fn over_api<'a, H: Host>(
    context: &'a Context<H>,
    inputs: &Inputs,
    must_be_sure: bool,
) -> Result<Repository<'a, H>> {
    let (git, head) = match Git::survey(context).await {
        Ok((git, Checkout { head: Some(head), .. })) => (Some(git.without_lazy_fetch()), head),
        Err(error) if must_be_sure || error.kind() != ErrorKind::NotARepository => return Err(error),
        _ => (None, started_at(context)?),
    };
    let name = context.environment.repository.clone().ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, "`history: api` does not know the repository")
            .hint("set `GITHUB_REPOSITORY` to `owner/name`, as GitHub's runners do, or leave out `history`")
    })?;
    let client = Client::new(context)?;
    let published = client.tags(&name, inputs.prefix.as_str()).await?;
    let (local, url) = match &git {
        // Git's remote is needed for what is written alone.
        Some(git) if must_be_sure => (git.local_tags().await?, Some(git.remote_url().await?)),
        Some(git) => (git.local_tags().await?, None),
        None => (Vec::new(), None),
    };
    let found = local.iter().chain(&published).cloned().collect();
    let floating = floating::find(&published);
    let tags = Tags::sort_out(&inputs.prefix, local, Some(published));
    let origin = Origin::Api(client, name);
    Ok(Repository { git, url, web: None, head, found, tags, floating, scope: None, origin, warnings: Vec::new() })
}

fn started_at<H>(context: &Context<H>) -> Result<CommitId> {
    context.environment.sha.parse().map_err(|_| {
        Error::new(ErrorKind::NotFound, "nothing is checked out, and the event names no commit")
            .hint("add an `actions/checkout` step before this one")
    })
}
