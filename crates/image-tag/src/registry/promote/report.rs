//! What a promotion tells.

use slipway_core::Report;
use slipway_core::image::{Digest, ImageName};
use slipway_core::text::counted;
use slipway_core::text::markdown::{code, table, text};

use super::{Action, Promotion};
use crate::inputs::Inputs;
use crate::registry::{RegistryOutcome, references, short};

pub(in crate::registry) fn report(
    report: &mut Report,
    inputs: &Inputs,
    promotion: &Promotion,
    outcome: Option<&RegistryOutcome>,
) {
    let is_refused = promotion.refusal.is_some();
    let changes = !is_refused && promotion.writes().next().is_some();
    report.output("changed", if changes { "true" } else { "false" });
    let mut images: Vec<(&ImageName, &Digest)> = Vec::new();
    // What was refused is not under these tags.
    for one in promotion.moves.iter().filter(|_| !is_refused) {
        if !images.contains(&(&one.image, &one.new)) {
            images.push((&one.image, &one.new));
        }
    }
    // An undone promotion may have had several images.
    let digest =
        images.first().map(|(_, digest)| *digest).filter(|first| images.iter().all(|(_, other)| other == first));
    let references: Vec<String> =
        images.iter().flat_map(|(name, digest)| references(std::slice::from_ref(*name), digest)).collect();
    report.output("digest", digest.map(ToString::to_string).unwrap_or_default());
    report.output("references", references.join("\n"));
    report.detail("references", references);
    report.refusal.clone_from(&promotion.refusal);

    let undoes = inputs.registry.undo.is_some();
    report.summary += match (outcome.is_some(), is_refused) {
        (_, true) if undoes => "\n### Not undone\n\n",
        (_, true) => "\n### Not promoted\n\n",
        (true, _) if undoes => "\n### Undone\n\n",
        (true, _) => "\n### Promoted\n\n",
        (false, _) => "\n### What `mode: promote` would do\n\n",
    };
    let rows = promotion.moves.iter().map(|one| {
        let old = one.old.as_ref().map_or_else(|| "absent".into(), |old| code(short(old)));
        let action = match one.action {
            Action::Create => "create",
            Action::Move => "move",
            Action::Keep => "keep",
        };
        [code(&one.reference()), old, code(short(&one.new)), text(action)]
    });
    report.summary += &table(["Tag", "Old digest", "New digest", "What"], rows);
    for copied in outcome.map(|outcome| outcome.copied.as_slice()).unwrap_or_default() {
        let (from, to) = (copied.from.as_ref().map(ToString::to_string), copied.to.as_ref().map(ToString::to_string));
        report.summary += &format!(
            "\nFrom {} to {}: {}, {} of them about another; {} mounted, {} carried over ({} bytes)\n",
            code(&from.unwrap_or_default()),
            code(&to.unwrap_or_default()),
            counted(copied.manifests.len(), "manifest"),
            copied.referrers.len() + copied.digest_tags.len(),
            counted(copied.mounted, "blob"),
            copied.carried,
            copied.carried_bytes,
        );
        for tag in &copied.kept_tags {
            report.warn(format!("`{tag}` names other signatures in the destination, and was left as it is"));
        }
    }
    for left in &promotion.left {
        report.warn(format!(
            "`{left}` did not exist before: registries have no common way to remove a tag, so do it there"
        ));
    }
}
