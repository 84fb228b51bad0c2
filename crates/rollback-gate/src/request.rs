//! What a person asks for: a rollback, or an answer to a hold.

use serde::Serialize;
use slipway_core::input::{InputKind, InputSpec, Reader};
use slipway_core::text::quoted;
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::{ReleaseVersion, Verdict};

use crate::errors::invalid;
use crate::inputs::Mode;
use crate::state::State;

pub(crate) const TO: InputSpec =
    InputSpec::new("to", InputKind::Text, "Version that `mode: rollback` restores. Without it, the verified release.");
pub(crate) const DECISION: InputSpec = InputSpec::new(
    "decision",
    InputKind::Choice(&["promote", "rollback"]),
    "The answer to a hold, for `mode: decide`.",
);
pub(crate) const RELEASE: InputSpec = InputSpec::new(
    "release",
    InputKind::Text,
    "Version that a person saw when they asked for `rollback` or `decide`; another one that was deployed since is left alone.",
);
pub(crate) const DECIDED_BY: InputSpec = InputSpec::new(
    "decided-by",
    InputKind::Text,
    "Who asks, where no runner of GitHub says so; on GitHub it is who started the run, whatever stands here.",
);

/// What a person asks for.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Request {
    /// What is to become of the release.
    pub(crate) answer: Verdict,
    /// Whether it answers a hold.
    pub(crate) is_decision: bool,
    /// The version to go back to.
    pub(crate) to: Option<ReleaseVersion>,
    /// The version that it is about.
    release: Option<ReleaseVersion>,
    /// Who asks, by their own word.
    decided_by: Option<String>,
}

impl Request {
    /// Reads what belongs to the modes `rollback` and `decide`; nothing in the others. Errors are noted in the reader.
    pub(crate) fn read(reader: &mut Reader, mode: Mode) -> Option<Self> {
        let (to, release) = (reader.parsed(TO.name), reader.parsed(RELEASE.name));
        let decided_by = reader.optional(DECIDED_BY.name);
        let decision = match reader.is_given(DECISION.name) {
            true => reader.choice(DECISION.name, &[("promote", Verdict::Promote), ("rollback", Verdict::Rollback)]),
            false => None,
        };
        for (name, belongs, modes) in [
            (TO.name, mode == Mode::Rollback, "rollback"),
            (DECISION.name, mode == Mode::Decide, "decide"),
            (RELEASE.name, matches!(mode, Mode::Rollback | Mode::Decide), "rollback` and `decide"),
            (DECIDED_BY.name, matches!(mode, Mode::Rollback | Mode::Decide), "rollback` and `decide"),
        ] {
            if reader.is_given(name) && !belongs && !reader.has_errors() {
                reader.refuse(name, invalid(format!("only the mode `{modes}` reads it")).hint("leave it out"));
            }
        }
        let is_decision = mode == Mode::Decide;
        let answer = match mode {
            Mode::Rollback => Verdict::Rollback,
            Mode::Decide => {
                for (name, is_missing, hint) in [
                    (DECISION.name, decision.is_none(), "write `promote` or `rollback`"),
                    ("reason", reader.optional("reason").is_none(), "say why, for those who read the record later"),
                ] {
                    if is_missing && !reader.has_errors() {
                        reader.refuse(name, invalid("`mode: decide` needs it").hint(hint));
                    }
                }
                decision?
            }
            _ => return None,
        };
        Some(Self { answer, is_decision, to, release, decided_by })
    }

    /// Who asks: `@ada` by the runner's word, else the name that was given.
    ///
    /// # Errors
    /// `InvalidInput` if nobody says so.
    pub(crate) fn person<H: Host>(&self, context: &Context<H>) -> Result<String> {
        match (context.environment.actor.as_str(), &self.decided_by) {
            ("", Some(name)) => Ok(name.clone()),
            ("", None) => Err(invalid("nobody says who asks").hint("set `decided-by` to a name")),
            (actor, _) => Ok(format!("@{actor}")),
        }
    }

    /// Whether the request fits what is deployed and what was said about it. What was done already fits.
    ///
    /// # Errors
    /// `VerdictNegative` if another release is deployed, there is no hold to answer, or the release to go back to runs already;
    /// `NothingVerified` if the version that was named is not verified.
    pub(crate) fn check(&self, state: &State) -> Result<()> {
        let (deployed, target) = (state.version(), state.judged.release.target());
        let refuse = |message: String, hint: &str| Err(Error::new(ErrorKind::VerdictNegative, message).hint(hint));
        if let Some(meant) = self.release.as_ref().filter(|meant| meant.as_str() != deployed) {
            let other = format!("`{deployed}` is deployed, and the answer is about `{meant}`");
            return refuse(other, "look at what is deployed now, and ask again");
        }
        if let Some(to) = &self.to {
            if to.as_str() == deployed {
                let same = format!("`{to}` is what is deployed: there is nothing to go back to");
                return Err(invalid(same).hint("name an earlier version in `to`"));
            }
            if state.verified.is_none() {
                let never =
                    format!("`{to}` of {target} is not verified: it never was promoted here, or was rolled back");
                let names = quoted(&mut state.candidates.iter().map(ReleaseVersion::as_str));
                let error = Error::new(ErrorKind::NothingVerified, never);
                return Err(match names.as_str() {
                    "" => error.hint("deploy the wanted release with config-updater"),
                    names => error.hint(format!("these could be restored: {names}")),
                });
            }
        }
        let said = state.recorded.as_ref().map(|(verdict, _)| *verdict);
        if !self.is_decision || said == Some(Verdict::Hold) || said == Some(self.answer) {
            return Ok(());
        }
        let why = match said {
            Some(verdict) => format!("the last verdict on `{deployed}` of {target} is {}", verdict.as_str()),
            None => format!("there is no verdict on `{deployed}` of {target}, which is deployed now"),
        };
        refuse(
            format!("there is no hold to answer: {why}"),
            "`mode: gate` judges it, and `mode: rollback` takes it back without a hold",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::state_for;

    fn checked(request: &Request, deployments: &[&str], verdicts: &[&str]) -> String {
        let to = request.to.as_ref().map(ReleaseVersion::as_str);
        let checked = request.check(&state_for(deployments, verdicts, to).unwrap());
        checked.map_or_else(|error| format!("{}: {error}", error.kind().name()), |()| "fits".into())
    }

    #[test]
    fn an_answer_needs_a_hold() {
        use Verdict::{Promote, Rollback};
        const BOTH: &[&str] = &["a 1.0.0", "b 1.1.0"];
        const BACK: &[&str] = &["a 1.0.0", "b 1.1.0", "c 1.0.0 b"];
        for (answer, release, deployments, verdicts, expected) in [
            (Promote, None, BOTH, &["hold 1.1.0 b"][..], "fits"),
            (Rollback, Some("1.1.0"), BOTH, &["hold 1.1.0 b"], "fits"),
            // The second time there is nothing to do.
            (Promote, None, BOTH, &["hold 1.1.0 b", "promote 1.1.0 b"], "fits"),
            (Rollback, None, BACK, &["hold 1.1.0 b", "rollback 1.1.0 b"], "fits"),
            (
                Promote,
                None,
                BACK,
                &["hold 1.1.0 b", "rollback 1.1.0 b"],
                "verdict-negative: there is no hold to answer: the last verdict on `1.1.0` of shop in staging is rollback. \
                 `mode: gate` judges it, and `mode: rollback` takes it back without a hold",
            ),
            (
                Promote,
                None,
                BOTH,
                &["hold 1.0.0 a"],
                "verdict-negative: there is no hold to answer: there is no verdict on `1.1.0` of shop in staging, which is \
                 deployed now. `mode: gate` judges it, and `mode: rollback` takes it back without a hold",
            ),
            (
                Promote,
                Some("1.0.0"),
                BOTH,
                &["hold 1.1.0 b"],
                "verdict-negative: `1.1.0` is deployed, and the answer is about `1.0.0`. look at what is deployed now, and ask \
                 again",
            ),
        ] {
            let release = release.map(|version: &str| version.parse().unwrap());
            let request = Request { answer, is_decision: true, to: None, release, decided_by: None };
            assert_eq!(checked(&request, deployments, verdicts), expected, "{answer:?} {deployments:?} {verdicts:?}");
        }
    }

    #[test]
    fn a_rollback_goes_back_to_what_was_verified() {
        const DEPLOYMENTS: &[&str] = &["a 0.9.0", "b 1.0.0", "c 1.1.0", "d 1.2.0"];
        const VERDICTS: &[&str] = &["promote 0.9.0 a", "promote 1.0.0 b", "rollback 1.1.0 c"];
        for (to, expected) in [
            (None, "fits"),
            (Some("0.9.0"), "fits"),
            (
                Some("1.2.0"),
                "invalid-input: `1.2.0` is what is deployed: there is nothing to go back to. name an earlier version in `to`",
            ),
            (
                Some("1.1.0"),
                "nothing-verified: `1.1.0` of shop in staging is not verified: it never was promoted here, or was rolled \
                 back. these could be restored: `1.0.0`, `0.9.0`",
            ),
        ] {
            let to = to.map(|version: &str| version.parse().unwrap());
            let request =
                Request { answer: Verdict::Rollback, is_decision: false, to, release: None, decided_by: None };
            assert_eq!(checked(&request, DEPLOYMENTS, VERDICTS), expected);
        }
    }
}
