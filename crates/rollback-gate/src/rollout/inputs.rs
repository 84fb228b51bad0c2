//! The inputs of a rollout.

use slipway_core::Error;
use slipway_core::input::{InputKind, InputSpec, Reader};

use super::step::{Line, Step};
use super::weight::Mover;
use crate::analysis::TEMPLATE;
use crate::check::{Check, Test};
use crate::errors::invalid;

pub(crate) const STEPS: InputSpec = InputSpec::new(
    "steps",
    InputKind::List,
    "Steps in which users get the release, one a line: `setWeight 10`, `pause 2m` (watches; a rollback ends it), `analysis`, \
     `analysis 5m` or `analysis TEMPLATE` (watches and judges), `background analysis TEMPLATE from step 2`; for blue-green `preview` \
     (judges by `preview-checks`), `switch` and `keep 10m` (then `retire-command`). The gate takes them and moves the weight, and back \
     to 0 at the first rollback.",
);
pub(crate) const WEIGHT: InputSpec = InputSpec::new(
    "weight",
    InputKind::Text,
    "Value in the config repository that is the weight of `steps`: `file#key.path`, such as `envs/production/route.yaml#spec.weight`. \
     With `=blue|green` it is the one of the two that it is not yet, with `={version}` the version of the release, each by `switch`.",
);
pub(crate) const WEIGHT_COMMAND: InputSpec = InputSpec::new(
    "weight-command",
    InputKind::Text,
    "Command that sets the weight of `steps` instead, run by `sh -c`: it finds 0 to 100 in `SLIPWAY_WEIGHT`, the release in \
     `SLIPWAY_VERSION`, `SLIPWAY_IMAGES`, `SLIPWAY_ENVIRONMENT` and `SLIPWAY_COMPONENT`, and has `restore-time` for it. It may be run \
     twice with the same weight.",
);
pub(crate) const PREVIEW_CHECKS: InputSpec = InputSpec::new(
    "preview-checks",
    InputKind::List,
    "What must hold in the step `preview`, where no user is yet: lines as in `checks`, of addresses.",
);
pub(crate) const RETIRE_COMMAND: InputSpec = InputSpec::new(
    "retire-command",
    InputKind::Text,
    "Command that ends the old version after the step `keep`, run as `weight-command` is.",
);

/// What the inputs say of a rollout.
#[derive(Debug)]
pub(crate) struct Rollout {
    pub(crate) steps: Vec<Step>,
    /// The template that is measured in the background, and the number of steps before it begins.
    pub(crate) background: Option<(String, usize)>,
    pub(crate) mover: Mover,
    pub(crate) preview: Vec<Check>,
    pub(crate) retire: Option<String>,
}

impl Rollout {
    /// Reads it; none if there are no steps, or an error was noted.
    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let lines: Vec<Line> = reader.parsed_list(STEPS.name);
        let preview: Vec<Check> = reader.parsed_list(PREVIEW_CHECKS.name);
        let command = reader.optional(WEIGHT_COMMAND.name).map(Mover::Command);
        let value: Option<Mover> = reader.parsed(WEIGHT.name);
        let retire = reader.optional(RETIRE_COMMAND.name);
        if reader.has_errors() {
            return None;
        }
        if lines.is_empty() {
            let others = [&WEIGHT, &WEIGHT_COMMAND, &PREVIEW_CHECKS, &RETIRE_COMMAND];
            if let Some(other) = others.into_iter().find(|other| reader.is_given(other.name)) {
                reader.refuse(other.name, invalid("only `steps` use it").hint("add `steps`, or leave it out"));
            }
            return None;
        }
        let mover = match (value, command) {
            (Some(mover), None) | (None, Some(mover)) => mover,
            (Some(_), Some(_)) => {
                let error = invalid("`weight` is given as well, and only one of them owns the weight");
                reader.refuse(WEIGHT_COMMAND.name, error.hint("leave one of them out"));
                return None;
            }
            (None, None) => {
                let error = invalid("nobody knows how users are sent to the release");
                reader.refuse(STEPS.name, error.hint("add `weight: file#key.path` or `weight-command`"));
                return None;
            }
        };
        let mut rollout = Self { steps: Vec::new(), background: None, mover, preview, retire };
        match rollout.take(lines) {
            Ok(()) => Some(rollout),
            Err((name, error)) => {
                reader.refuse(name, error);
                None
            }
        }
    }

    /// Takes the lines in and checks them; the error is of an input.
    fn take(&mut self, lines: Vec<Line>) -> Result<(), (&'static str, Error)> {
        let of_steps = |error: Error| (STEPS.name, error);
        for line in lines {
            match line {
                Line::Step(step) => self.steps.push(step),
                Line::Background { .. } if self.background.is_some() => {
                    return Err(of_steps(
                        invalid("two analyses run in the background")
                            .hint(format!("put their metrics into one template of `{}`", TEMPLATE.name)),
                    ));
                }
                Line::Background { template, from } => self.background = Some((template, from - 1)),
            }
        }
        if let Some((_, before)) = self.background.as_ref().filter(|(_, before)| *before >= self.steps.len()) {
            let error = invalid(format!("there is no step {} for the analysis in the background", before + 1));
            return Err(of_steps(error));
        }
        if !self.steps.iter().any(Step::judges) {
            let error = invalid("none of them judges the release");
            return Err(of_steps(error.hint("add `analysis` after the first `setWeight`")));
        }
        let position = |wanted: &dyn Fn(&Step) -> bool| self.steps.iter().position(wanted);
        let keeps = position(&|step| matches!(step, Step::Keep(_)));
        let last = self.steps.len() - 1;
        if keeps.is_some_and(|place| place < last) {
            return Err(of_steps(
                invalid("a step follows `keep`, which retires the old version").hint("move it to the end"),
            ));
        }
        if keeps.is_some() != self.retire.is_some() {
            let error = match keeps {
                Some(_) => invalid("it is missing, and `steps` keep the old version until then"),
                None => invalid("no step keeps the old version until then"),
            };
            return Err((
                RETIRE_COMMAND.name,
                error.hint("give both `keep` and `retire-command`; to wait only, write `pause`"),
            ));
        }
        let moves = position(&|step| step.weight().is_some_and(|weight| weight > 0));
        let previews = self.steps.iter().rposition(|step| matches!(step, Step::Preview(_)));
        if previews.is_some_and(|place| moves.is_some_and(|moves| moves < place)) {
            let error = invalid("`preview` follows a step that sends users to the release");
            return Err(of_steps(error.hint("move it to the beginning, or write `analysis`")));
        }
        if previews.is_some() == self.preview.is_empty() {
            let error = match previews {
                Some(_) => invalid("it is missing, and `preview` judges by it"),
                None => invalid("no step `preview` judges by it"),
            };
            return Err((PREVIEW_CHECKS.name, error.hint("give both, or none")));
        }
        if let Some(check) = self.preview.iter().find(|check| matches!(check.test, Test::Measurement(_))) {
            let error = invalid(format!("`{}` needs users, and there are none yet", check.text));
            return Err((PREVIEW_CHECKS.name, error.hint("move it to `checks`")));
        }
        let partial = self.steps.iter().find(|step| step.weight().is_some_and(|weight| weight != 0 && weight != 100));
        if let Some(step) = partial.filter(|_| self.mover.is_switch()) {
            let error = invalid(format!("`{step}` is neither all nor nothing, and `{}` has two values", WEIGHT.name));
            return Err(of_steps(error.hint("write `switch`")));
        }
        // As after the last step of a Rollout, all users get the release.
        if self.steps.iter().rev().find_map(Step::weight) != Some(100) {
            self.steps.insert(keeps.unwrap_or(last + 1), Step::SetWeight(100));
        }
        Ok(())
    }

    /// Whether a check of the release itself is judged.
    pub(crate) fn needs_checks(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Analysis { template: None, .. }))
    }
}
