//! Outside GitHub, the checkout says which branch and commit it is.

use slipway_core::git::{CommitId, Git};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use super::Facts;

/// Reads the ref and the commit. What keeps that from being done is an error only for runs that make no tag without it.
pub(super) async fn read<H: Host>(context: &Context<H>, facts: &mut Facts) {
    match head(context).await {
        Ok((git_ref, sha)) => {
            if git_ref.is_empty() {
                facts.warnings.push("no branch or tag is checked out, so only rules on the commit can fire".into());
            }
            (facts.git_ref, facts.sha) = (git_ref, sha);
        }
        Err(error) => facts.unread = Some(error),
    }
}

async fn head<H: Host>(context: &Context<H>) -> Result<(String, String)> {
    let git = Git::open(context).await?;
    let sha = commit(&git).await?;
    let git_ref = git.checked_out().await?.map(|name| name.to_string());
    Ok((git_ref.unwrap_or_default(), sha.to_string()))
}

/// The commit that is checked out.
pub(super) async fn commit<H: Host>(git: &Git<'_, H>) -> Result<CommitId> {
    git.head().await?.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "the repository has no commit yet").hint("commit something first")
    })
}
