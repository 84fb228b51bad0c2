//! What version-bump reads from the world.

use serde::Serialize;
use slipway_core::git::{CommitId, FoundTag, Git};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use crate::backtest::{self, Material};
use crate::history::{self, Commit};
use crate::inputs::{Inputs, Mode, Request};
use crate::tags::{ReleaseTag, Tags};

/// Everything that the plan depends on.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// The commit that is checked out.
    pub(crate) head: CommitId,
    /// Who started the run; empty outside GitHub.
    pub(crate) actor: String,
    /// Address of the run's page; empty outside GitHub.
    pub(crate) run_url: String,
    /// Whether the event only asks what would be released.
    pub(crate) is_preview: bool,
    /// The tags of the repository and of its remote.
    pub(crate) tags: Tags,
    /// The release that HEAD carries.
    pub(crate) carried: Option<ReleaseTag>,
    /// The last release before HEAD, or HEAD's own.
    pub(crate) last: Option<ReleaseTag>,
    /// The commits since then; none if HEAD carries a release.
    pub(crate) commits: Vec<Commit>,
    /// The whole history, for a backtest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) backtest: Option<Material>,
    /// What could not be found out, and does not have to be.
    pub(crate) warnings: Vec<String>,
}

pub(crate) async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Facts> {
    let git = Git::open(context).await?.without_lazy_fetch();
    let head = git.head().await?.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("the repository in `{}` has no commits", git.directory()))
            .hint("check out a branch with commits before this step")
    })?;
    let mut warnings = Vec::new();
    let local = git.local_tags().await?;
    let url = git.remote_url().await;
    let has_remote = url.is_ok();
    let (remote, published) = match url {
        Err(error) => (Err(error), None),
        Ok(url) => match git.remote_tags(&url).await {
            Ok(tags) => (Ok(url), Some(tags)),
            Err(error) => {
                warnings.push(format!("the remote's tags cannot be read, so only those of this clone count: {error}"));
                (Err(error), None)
            }
        },
    };
    let found: Vec<FoundTag> = local.iter().chain(published.iter().flatten()).cloned().collect();
    let tags = Tags::sort_out(&inputs.prefix, local, published);
    let is_preview = is_preview(&context.environment.event_name);
    // A warning is enough for a plan that rests on the clone's own tags; a release must know all of them, and none at all is no answer.
    let must_know = (inputs.mode == Mode::Tag && !is_preview) || tags.candidates().next().is_none();
    if let (Err(error), true, true) = (&remote, has_remote, must_know) {
        return Err(error.clone().context("the release tags of the remote cannot be read"));
    }
    warnings
        .extend(tags.too_large.iter().map(|name| format!("the tag `{name}` is ignored: its numbers are too large")));

    let wanted = if let Request::Version(version) = &inputs.request { Some(version) } else { None };
    let carried = tags.at(&head, wanted).cloned();
    let (last, commits) = if carried.is_some() {
        (carried.clone(), Vec::new())
    } else {
        let history = history::read(context, &git, &head, &tags, &remote).await?;
        (history.last, history.commits)
    };
    let backtest = match inputs.mode {
        Mode::Backtest => Some(backtest::gather(context, inputs, &head, &tags, &found).await?),
        Mode::Plan | Mode::Tag => None,
    };
    Ok(Facts {
        head,
        actor: context.environment.actor.clone(),
        run_url: context.environment.run_url.clone(),
        is_preview,
        tags,
        carried,
        last,
        commits,
        backtest,
        warnings,
    })
}

/// Whether the event asks what merging would release.
fn is_preview(event: &str) -> bool {
    event == "merge_group" || event.starts_with("pull_request")
}
