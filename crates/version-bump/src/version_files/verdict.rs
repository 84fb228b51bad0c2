//! Whether a version is set.

use slipway_core::{Error, ErrorKind};

use super::Step;
use super::place::Place;

/// What becomes of a version in a file.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is set.
    Set,
    /// It is the new one already, or none of our business.
    Keep,
    /// It is left as it is, for this reason.
    Leave(String),
    /// It is left as it is, and is probably not what it should be.
    Doubt(String),
    /// The release is refused.
    Refuse(Error),
}

impl Place {
    /// What becomes of it if nobody listed it: it is set if it is the version of the last release, or of a pre-release since then.
    pub(super) fn verdict(&self, step: Step<'_>) -> Verdict {
        let id = self.id();
        let Some(version) = self.version() else {
            return match self.is_secondary {
                true => Verdict::Keep,
                false => Verdict::Leave(format!("`{id}` is left as it is: `{}` is no version", self.text.trim())),
            };
        };
        if self.spelling.same(&version, step.new) {
            return Verdict::Keep;
        }
        let is_last = step.last.is_some_and(|last| self.spelling.same(&version, last));
        let same_core =
            (version.major, version.minor, version.patch) == (step.new.major, step.new.minor, step.new.patch);
        let is_on_the_way = !version.pre.is_empty()
            && version.cmp_precedence(step.new).is_lt()
            && step.last.map_or(same_core, |last| version.cmp_precedence(last).is_gt());
        match step.last {
            _ if is_last || is_on_the_way => Verdict::Set,
            _ if self.is_secondary => Verdict::Keep,
            Some(last) => {
                Verdict::Leave(format!("`{id}` is left as it is: it has `{version}`, and the last release is `{last}`"))
            }
            None if version.to_string() == "0.0.0" => {
                Verdict::Leave(format!("`{id}` is left as it is: `0.0.0` only keeps the place of a version"))
            }
            None => Verdict::Doubt(format!(
                "`{id}` is left as it is: it has `{version}`, and the first release is `{}`; to begin there, set `initial-version: {version}`",
                step.new
            )),
        }
    }

    /// What becomes of it if somebody listed it: it is set, but does not go backwards unless a person said so.
    pub(super) fn verdict_if_listed(&self, step: Step<'_>) -> Verdict {
        match self.version() {
            Some(version)
                if self.spelling.same(&version, step.new)
                    && self.spelling.write(step.new, self.text.trim()).is_ok_and(|new| new == self.text.trim()) =>
            {
                Verdict::Keep
            }
            Some(version) if version.cmp_precedence(step.new).is_gt() && !step.is_by_hand && !self.is_secondary => {
                let message =
                    format!("`{}` has `{version}`, which is higher than the new version, `{}`", self.id(), step.new);
                let hint = "set `version` if that is right, else take the file out of `version-files` or correct it";
                Verdict::Refuse(Error::new(ErrorKind::Downgrade, message).hint(hint))
            }
            None if self.is_secondary => Verdict::Keep,
            _ if self.is_secondary => self.verdict(step),
            _ => Verdict::Set,
        }
    }
}
