//! How far a rollout came, for the record.

use serde::{Deserialize, Serialize};

use super::step::Step;

/// Which steps were taken. It stands in the record, so that the next run goes on from there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(crate) struct Progress {
    /// The steps, as they are written.
    pub(crate) taken: Vec<String>,
    /// The percentage of users that have the release.
    pub(crate) weight: u8,
    /// What stood in the config repository before the first step, where the weight is a value there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) before: Option<String>,
    /// Whether a command was begun that moves the weight, and not seen to its end: nobody knows how many users have the release.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) moving: bool,
    /// Whether `retire-command` was begun: there may be no old version to send users back to.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) retired: bool,
    /// Why the weight is being moved back: a run that is ended meanwhile is continued, and looks no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) aborted: Option<String>,
}

impl Progress {
    /// How many of the steps were taken; none if they are others now than they were.
    pub(crate) fn reached(&self, steps: &[Step]) -> usize {
        let is_same = self.taken.iter().zip(steps).all(|(taken, step)| *taken == step.to_string());
        if is_same && self.taken.len() <= steps.len() { self.taken.len() } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_are_others_now_begin_anew() {
        let steps = [Step::SetWeight(10), Step::Analysis { template: None, duration: None }, Step::SetWeight(100)];
        for (taken, reached) in [
            (&[][..], 0),
            (&["setWeight 10"], 1),
            (&["setWeight 10", "analysis"], 2),
            (&["setWeight 20"], 0),
            (&["setWeight 10", "analysis", "setWeight 100", "keep 1m"], 0),
        ] {
            let taken: Vec<String> = taken.iter().map(|step| (*step).to_owned()).collect();
            assert_eq!(Progress { taken: taken.clone(), ..Progress::default() }.reached(&steps), reached, "{taken:?}");
        }
    }
}
