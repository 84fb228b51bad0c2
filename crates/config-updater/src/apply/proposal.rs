//! `pull-request`: one pull request for each component in each environment, kept up to date until it is merged.

use slipway_core::github::{Client, KeptProposal, NewPullRequest, RepositoryName};
use slipway_core::text::markdown::{block, code, table};
use slipway_core::text::shorten;
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::ConfigRepository;

use super::{Outcome, changes, check_unmoved};
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
            Some(commit) => Ok(Some((repository.push_proposal(&branch, &commit).await?, commit))),
            None => Ok(None),
        }
    });
    let Some((pushed, commit)) = made.await? else { return Ok(Outcome::default()) };
    let title = planned.message.lines().next().unwrap_or_default();
    let body = body(plan, planned);
    let wanted = NewPullRequest { title, body: &body, head: &branch, base: &planned.branch };
    let kept = client.keep_proposal(&name, open.as_ref(), wanted, pushed).await?;
    let told = finish(&client, &name, inputs, &kept).await;
    Ok(Outcome {
        changed: true,
        commit: Some(commit),
        branch: Some(branch),
        pull_request: Some(kept),
        told,
        comment: None,
    })
}

/// Adds the labels and asks for the merge. The pull request is there; what fails here is told, and the next run tries again.
async fn finish(client: &Client, name: &RepositoryName, inputs: &Inputs, kept: &KeptProposal) -> Vec<String> {
    let mut told = Vec::new();
    let missing: Vec<String> = inputs.labels.iter().filter(|label| !kept.labels.contains(label)).cloned().collect();
    if !missing.is_empty()
        && let Err(error) = client.add_labels(name, kept.number, &missing).await
    {
        told.push(format!("the pull request got no labels: {error}"));
    }
    if let Some(method) = inputs.auto_merge
        && let Err(error) = client.merge_when_ready(&kept.node_id, method).await
    {
        let hint = "allow auto-merge in the settings of the repository, and protect the branch by a rule that has to be waited for";
        told.push(format!("the pull request is not merged by itself: {}. {hint}", error.message()));
    }
    told
}

/// What the pull request says. It ends with the trailers, so that a squash that takes this text is a deployment too.
fn body(plan: &Plan, planned: &PlannedCommit) -> String {
    let rows = plan.changes.iter().take(ROWS).map(|change| {
        let old = change.old.as_deref().map(code).unwrap_or_default();
        [code(&format!("{}:{}", change.file, change.line)), code(&change.path), old, code(&change.new)]
    });
    let mut body = table(["Where", "Value", "Before", "After"], rows);
    if plan.changes.len() > ROWS {
        body += &format!("\nand {} more\n", plan.changes.len() - ROWS);
    }
    body += &format!("\n{}\n", block("diff", &shorten(&plan.diff, DIFF_LIMIT)));
    body += "config-updater keeps this pull request up to date, and leaves it alone once somebody else commits to its branch.\n\n";
    let trailers = planned.message.split_once("\n\n").map_or("", |(_, trailers)| trailers);
    body + trailers
}
