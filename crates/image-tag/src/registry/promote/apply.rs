//! Writing the tags: what the image consists of first, then each tag after one more look at it, and at the end a look at all.

use serde_json::json;
use slipway_core::image::{Digest, ImageName};
use slipway_core::{Context, Error, ErrorKind, ExitCode, Host, Result};
use slipway_registry::{Client, Copied, Copy};

use super::{Move, Promotion};
use crate::inputs::Inputs;
use crate::registry::{RegistryOutcome, manifest, shown};

pub(in crate::registry) async fn apply<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    promotion: &Promotion,
) -> Result<RegistryOutcome> {
    let names: Vec<&ImageName> = promotion.moves.iter().flat_map(|one| [&one.image, &one.source]).collect();
    let client = inputs.registry.client(context, &names).await?;
    let mut outcome = RegistryOutcome::default();
    match write(context, &client, promotion, &mut outcome).await {
        Ok(()) => Ok(outcome),
        // With nothing done, the driver may plan again.
        Err(error) if outcome.done.is_empty() && !outcome.copied.iter().any(Copied::has_written) => Err(error),
        Err(error) => Err(told(error, promotion, &outcome)),
    }
}

/// The error with all that was done and what was not.
fn told(error: Error, promotion: &Promotion, outcome: &RegistryOutcome) -> Error {
    let rest: Vec<String> =
        promotion.writes().filter(|one| !outcome.done.contains(one)).map(|one| one.reference()).collect();
    let done: Vec<String> = outcome.done.iter().map(|one| format!("`{}`", one.reference())).collect();
    let done = if done.is_empty() { "no tag".into() } else { done.join(", ") };
    let context = format!("{done} written, {} of {} tags not", rest.len(), promotion.writes().count());
    let kind = match error.kind() {
        // It would be run again, and its record would not know what was done before.
        ErrorKind::LostRace => ErrorKind::TagMoved,
        // Whoever reads that exit code takes it that nothing was written.
        kind if kind.exit_code() == ExitCode::Invalid => ErrorKind::Unprocessable,
        kind => kind,
    };
    let again = "run it again for the rest, or give this `json` as `undo`";
    let hint = error.hint_text().map_or_else(|| again.to_owned(), |hint| format!("{hint}; {again}"));
    Error::new(kind, error.message())
        .hint(hint)
        .context(context)
        .detail(json!({ "outcome": { "registry": outcome }, "not-done": rest }))
}

async fn write<H: Host>(
    context: &Context<H>,
    client: &Client<H>,
    promotion: &Promotion,
    outcome: &mut RegistryOutcome,
) -> Result<()> {
    for one in promotion.writes() {
        look(client, one).await?;
    }
    let mut ready: Vec<(&ImageName, &ImageName, &Digest)> = Vec::new();
    for one in promotion.writes().filter(|one| !one.image.is_same(&one.source)) {
        let copy = (&one.source, &one.image, &one.new);
        if ready.contains(&copy) {
            continue;
        }
        let (from, to) = (client.repository(&one.source)?, client.repository(&one.image)?);
        context.log(&format!("copying {}@{} to {}", one.source, one.new, one.image));
        let mut copied = Copied::default();
        let result = Copy { from: &from, to: &to, referrers: promotion.referrers }.run(&one.new, &mut copied).await;
        if copied.has_written() || !copied.kept_tags.is_empty() {
            outcome.copied.push(copied);
        }
        result?;
        ready.push(copy);
    }
    for one in promotion.writes() {
        let repository = client.repository(&one.image)?;
        let manifest = manifest(&repository, &one.new).await?;
        look(client, one).await?;
        repository.put(&one.tag, &manifest).await?;
        outcome.done.push(one.clone());
        context.log(&format!("{} is {}", one.reference(), one.new));
    }
    for one in promotion.writes() {
        verify(client, one).await?;
    }
    Ok(())
}

/// Registries have no write that takes a condition, so the look comes as late as can be.
async fn look<H: Host>(client: &Client<H>, one: &Move) -> Result<()> {
    let there = client.repository(&one.image)?.digest_like(&one.tag, &one.new).await?;
    if there == one.old {
        return Ok(());
    }
    let message = format!("`{}` was {}, and is {}", one.reference(), shown(one.old.as_ref()), shown(there.as_ref()));
    Err(Error::new(ErrorKind::LostRace, message))
}

async fn verify<H: Host>(client: &Client<H>, one: &Move) -> Result<()> {
    let there = client.repository(&one.image)?.manifest(&one.tag).await?;
    match there.map(|manifest| manifest.digest_like(&one.new)).transpose()? {
        Some(digest) if digest == one.new => Ok(()),
        other => {
            let other = other.as_ref().map_or("absent", Digest::as_str);
            let message = format!("`{}` was written, but is `{other}` and not `{}`", one.reference(), one.new);
            Err(Error::new(ErrorKind::TagMoved, message).hint("something else writes the same tag; see who it is"))
        }
    }
}
