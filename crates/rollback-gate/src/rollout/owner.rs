//! Who owns the weight: Slipway, or a Rollout in the cluster. Never both.

use serde::Serialize;
use serde_json::Value;
use slipway_core::{Error, ErrorKind, Host, Result};
use slipway_edit::Format;
use slipway_gitops::ConfigRepository;

use super::inputs::Rollout;
use super::progress::Progress;
use super::weight::Mover;
use crate::inputs::Inputs;

/// Who moves the weight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Ownership {
    /// For people.
    pub(crate) owner: String,
    /// What stands in the config repository, where the weight is a value there.
    pub(crate) weight: Option<String>,
}

/// A rollout as it is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Foreseen {
    /// Who moves the weight.
    pub(crate) ownership: Ownership,
    /// Every step, as it is written.
    pub(crate) steps: Vec<String>,
    /// How many of them were taken by runs before.
    pub(crate) reached: usize,
    /// The analysis in the background, if there is one.
    pub(crate) background: Option<String>,
}

impl Ownership {
    /// Who moves the weight of a rollout.
    ///
    /// # Errors
    /// `InvalidInput` if a Rollout of Argo Rollouts does, with steps of its own; those of the file that holds the weight.
    pub(crate) async fn read<H: Host>(rollout: &Rollout, repository: &ConfigRepository<'_, H>) -> Result<Self> {
        let place = match &rollout.mover {
            Mover::Command(_) => return Ok(Self { owner: "Slipway, by `weight-command`".into(), weight: None }),
            Mover::Value(place) => place,
        };
        let (content, weight) = place.read(repository).await?;
        if Format::YAML.read(&content)?.documents().iter().any(has_own_steps) {
            let message =
                format!("`{}` is a Rollout with steps of its own, so Argo Rollouts owns the weight", place.file);
            let hint = "leave `steps` out, so that the gate only watches and writes the rollback to git; or take the steps out of the Rollout";
            return Err(Error::new(ErrorKind::InvalidInput, message).hint(hint));
        }
        Ok(Self { owner: format!("Slipway, by `{}` in `{}`", place.path, place.file), weight: Some(weight) })
    }
}

impl Foreseen {
    /// From what was read.
    pub(crate) fn new(inputs: &Inputs, ownership: &Ownership, progress: &Progress) -> Option<Self> {
        let rollout = inputs.rollout.as_ref()?;
        Some(Self {
            ownership: ownership.clone(),
            steps: rollout.steps.iter().map(ToString::to_string).collect(),
            reached: progress.reached(&rollout.steps),
            background: rollout
                .background
                .as_ref()
                .map(|(template, before)| format!("{template} from step {}", before + 1)),
        })
    }

    /// The steps for people, with those that were taken by now.
    pub(crate) fn summary(&self, progress: Option<&Progress>) -> String {
        let reached = progress.map_or(self.reached, |progress| progress.taken.len());
        let mut summary = format!("The weight belongs to {}", self.ownership.owner);
        if let Some(weight) = self.ownership.weight.as_ref().filter(|_| progress.is_none()) {
            summary += &format!(", which is `{weight}` now");
        }
        summary += ":\n\n";
        for (index, step) in self.steps.iter().enumerate() {
            let mark = if index < reached { " (taken)" } else { "" };
            summary += &format!("{}. `{step}`{mark}\n", index + 1);
        }
        if let Some(background) = &self.background {
            summary += &format!("\nIn the background: `{background}`.\n");
        }
        summary += "\nA rollback at any step moves the weight back to 0 first; a hold leaves it where it is.\n\n";
        summary
    }
}

/// Whether an object is a Rollout whose controller moves the weight.
fn has_own_steps(object: &Value) -> bool {
    let strategy = &object["spec"]["strategy"];
    let steps = strategy["canary"]["steps"].as_array();
    let sets_weight = steps.is_some_and(|steps| steps.iter().any(|step| step.get("setWeight").is_some()));
    object["kind"] == "Rollout" && (sets_weight || strategy["blueGreen"].is_object())
}
