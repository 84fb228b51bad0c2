//! `pull-request`: one pull request for each component in each environment, kept up to date until it is merged.

use slipway_core::git::CommitId;
use slipway_core::github::{Client, Done, KeptProposal, MergeMethod, NewPullRequest, RepositoryName};
use slipway_core::text::markdown::{block, table};
use slipway_core::text::shorten;
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::ConfigRepository;

use super::{Outcome, changes, check_unmoved};
use crate::edit::Change;
use crate::inputs::Inputs;
use crate::plan::{Plan, PlannedCommit};

/// How much of the diff the text holds, in characters; GitHub takes 65,536 of all.
const DIFF_LIMIT: usize = 30_000;
/// How many changes the text lists.
const ROWS: usize = 100;

pub(super) async fn propose<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    plan: &Plan,
    planned: &PlannedCommit,
) -> Result<Outcome> {
    let Some(release) = &plan.release else {
        return Err(Error::new(ErrorKind::Internal, "a pull request without a release"));
    };
    let location = planned.place();
    let name = location.on_server(context).await?;
    let client = Client::new(context)?;
    let branch = release.target().proposal()?;
    let open = client.open_proposal(&name, &branch, &planned.branch).await?;
    if plan.files.is_empty() {
        let Some(open) = open else { return Ok(Outcome::default()) };
        let body = format!("Closed by config-updater: there is nothing left to change.\n\n{}", open.body);
        let closed = client.close_proposal(&name, &open, &body).await?;
        return Ok(Outcome { branch: Some(branch), pull_request: Some(closed), ..Outcome::default() });
    }
    let made = ConfigRepository::visit(context, &location, async |repository| {
        check_unmoved(repository, planned)?;
        match repository.commit(&planned.parent, &changes(plan), &planned.message).await? {
            Some(commit) => {
                // An earlier run, or a person, had the commit merged that is there, and not the one that takes its place.
                let before = async {
                    match &open {
                        Some(open) if open.is_auto_merged && inputs.auto_merge.is_none() => {
                            client.merge_by_hand(&open.node_id).await
                        }
                        _ => Ok(()),
                    }
                };
                repository.push_proposal(&branch, &commit, before).await.map(Some)
            }
            None => Ok(None),
        }
    });
    let Some((commit, pushed)) = made.await? else { return Ok(Outcome::default()) };
    let title = planned.message.lines().next().unwrap_or_default();
    let body = body(plan, planned);
    let wanted = NewPullRequest { title, body: &body, head: &branch, base: &planned.branch };
    let mut kept = client.keep_proposal(&name, open.as_ref(), wanted, pushed).await?;
    let mut told = label(&client, &name, inputs, &kept).await;
    let mut deployed = None;
    if let Some(method) = inputs.auto_merge {
        match merge(&client, &name, &kept, &commit, (method, &planned.message)).await {
            Ok(merged) => deployed = merged,
            Err(error) => told.push(format!("the pull request is not merged by itself: {error}")),
        }
    }
    if deployed.is_some() {
        kept.done = Done::Merged;
    }
    let (commit, branch) = (deployed.or(Some(commit)), Some(branch));
    Ok(Outcome { changed: true, commit, branch, pull_request: Some(kept), told, comment: None })
}

/// Adds the labels. The pull request is there; what fails here is told, and the next run tries again.
async fn label(client: &Client, name: &RepositoryName, inputs: &Inputs, kept: &KeptProposal) -> Vec<String> {
    let missing: Vec<String> = inputs.labels.iter().filter(|label| !kept.labels.contains(label)).cloned().collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let added = client.add_labels(name, kept.number, &missing).await;
    added.err().map(|error| format!("the pull request got no labels: {error}")).into_iter().collect()
}

/// Asks for the merge, and makes it where there is nothing to wait for. Gives the commit that deploys, if it was merged.
async fn merge(
    client: &Client,
    name: &RepositoryName,
    kept: &KeptProposal,
    commit: &CommitId,
    (method, message): (MergeMethod, &str),
) -> Result<Option<CommitId>> {
    match client.merge_when_ready(&kept.node_id, commit, method, message).await {
        Ok(true) => Ok(None),
        Ok(false) => {
            let made = match client.merge_pull_request(name, kept.number, commit, method, message).await {
                Ok(made) => made,
                // Where only the answer was lost, the merge was asked for again, and refused.
                Err(error) => match client.pull_request(name, kept.number).await {
                    Ok(request) if request.is_merged() && request.head.id == *commit => {
                        request.merge_commit_sha.ok_or(error)?
                    }
                    _ => return Err(error),
                },
            };
            // A merge commit brings the deployment, and is none itself.
            Ok(Some(if method == MergeMethod::Merge { commit.clone() } else { made }))
        }
        Err(error) => {
            let hint = "allow auto-merge in the settings of the repository, and protect the branch by a rule that has to be waited for";
            Err(error.or_hint(&hint))
        }
    }
}

/// What the pull request says. It ends with the trailers, so that a squash that takes this text is a deployment too.
fn body(plan: &Plan, planned: &PlannedCommit) -> String {
    let mut body = table(["Where", "Value", "Before", "After"], plan.changes.iter().take(ROWS).map(Change::row));
    if plan.changes.len() > ROWS {
        body += &format!("\nand {} more\n", plan.changes.len() - ROWS);
    }
    body += &format!("\n{}\n", block("diff", &shorten(&plan.diff, DIFF_LIMIT)));
    body += "config-updater keeps this pull request up to date, and leaves it alone once somebody else commits to its branch.\n\n";
    let trailers = planned.message.split_once("\n\n").map_or("", |(_, trailers)| trailers);
    body + trailers
}
