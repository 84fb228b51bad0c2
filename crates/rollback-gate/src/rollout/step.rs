//! The steps, one a line.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use slipway_core::input::duration;
use slipway_core::text::nearest;
use slipway_core::{Error, Result};

use crate::errors::invalid;
use crate::shown;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// So many percent of the users get the release.
    SetWeight(u8),
    /// All users get it.
    Switch,
    /// The release is watched for so long; only a rollback ends it.
    Pause(Duration),
    /// The release is watched, and judged at the end.
    Analysis {
        /// The template that is measured; without one, all that are not measured in the background.
        template: Option<String>,
        /// How long; without one, as long as the input `duration` says.
        duration: Option<Duration>,
    },
    /// The release is judged where no user is yet.
    Preview(Option<Duration>),
    /// The release is watched while the old version is kept, which is retired after.
    Keep(Duration),
}

/// A line of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Step(Step),
    /// A template that is measured from a step on, counted from 1, to the end.
    Background {
        template: String,
        from: usize,
    },
}

/// How the lines begin, with an example of each.
const WORDS: [(&str, &str); 7] = [
    ("setWeight", "setWeight 10"),
    ("switch", "switch"),
    ("pause", "pause 2m"),
    ("analysis", "analysis 5m"),
    ("preview", "preview 2m"),
    ("keep", "keep 10m"),
    ("background", "background analysis error-rate from step 2"),
];

impl Step {
    /// The percentage of users that it gives to the release, if it moves them.
    pub(crate) fn weight(&self) -> Option<u8> {
        match self {
            Self::SetWeight(weight) => Some(*weight),
            Self::Switch => Some(100),
            _ => None,
        }
    }

    /// Whether the release has to be good at its end.
    pub(crate) fn judges(&self) -> bool {
        matches!(self, Self::Analysis { .. } | Self::Preview(_))
    }

    /// How long the release is watched.
    pub(crate) fn duration(&self, usual: Duration) -> Option<Duration> {
        match self {
            Self::SetWeight(_) | Self::Switch => None,
            Self::Pause(duration) | Self::Keep(duration) => Some(*duration),
            Self::Analysis { duration, .. } | Self::Preview(duration) => Some(duration.unwrap_or(usual)),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = |f: &mut fmt::Formatter<'_>, duration: &Option<Duration>| match duration {
            Some(duration) => write!(f, " {}", shown::duration(*duration)),
            None => Ok(()),
        };
        match self {
            Self::SetWeight(weight) => write!(f, "setWeight {weight}"),
            Self::Switch => f.write_str("switch"),
            Self::Pause(duration) => write!(f, "pause {}", shown::duration(*duration)),
            Self::Keep(duration) => write!(f, "keep {}", shown::duration(*duration)),
            Self::Analysis { template, duration } => {
                f.write_str("analysis")?;
                if let Some(template) = template {
                    write!(f, " {template}")?;
                }
                with(f, duration)
            }
            Self::Preview(duration) => {
                f.write_str("preview")?;
                with(f, duration)
            }
        }
    }
}

impl FromStr for Line {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let form = |word: &str| WORDS.iter().find(|(known, _)| *known == word).map_or("", |(_, example)| *example);
        let step = match words[..] {
            ["setWeight", weight] => {
                let percent = weight.strip_suffix('%').unwrap_or(weight).parse().ok().filter(|percent| *percent <= 100);
                Step::SetWeight(percent.ok_or_else(|| {
                    invalid(format!("`{weight}` is not a percentage")).hint("write a whole number from 0 to 100")
                })?)
            }
            ["switch"] => Step::Switch,
            ["pause", time] => Step::Pause(length(time)?),
            ["pause"] => {
                return Err(invalid("a job cannot wait for ever").hint(
                    "write a time, such as `pause 2m`; where a person has to agree, end with a hold or use two jobs",
                ));
            }
            ["keep", time] => Step::Keep(length(time)?),
            ["preview"] => Step::Preview(None),
            ["preview", time] => Step::Preview(Some(length(time)?)),
            ["analysis"] => Step::Analysis { template: None, duration: None },
            ["analysis", word] => match length(word) {
                Ok(duration) => Step::Analysis { template: None, duration: Some(duration) },
                Err(_) => Step::Analysis { template: Some(word.into()), duration: None },
            },
            ["analysis", template, time] => {
                Step::Analysis { template: Some(template.into()), duration: Some(length(time)?) }
            }
            ["background", "analysis", template, "from", "step", number] => {
                let from = number.parse().ok().filter(|number| *number > 0);
                let from = from.ok_or_else(|| invalid(format!("`{number}` is not a step, counted from 1")))?;
                return Ok(Self::Background { template: template.into(), from });
            }
            _ => {
                let word = words.first().copied().unwrap_or_default();
                let error = invalid(format!("`{line}` is not a step"));
                return Err(match nearest(word, WORDS.iter().map(|(known, _)| *known)) {
                    Some(known) => error.hint(format!("write it as `{}`", form(known))),
                    None => error.hint("steps are `setWeight`, `pause`, `analysis`, `preview`, `switch` and `keep`"),
                });
            }
        };
        Ok(Self::Step(step))
    }
}

/// A time in which something can be seen.
fn length(text: &str) -> Result<Duration> {
    let length = duration(text)?;
    if length.is_zero() {
        Err(invalid("nothing can be seen in no time").hint("write a longer one, such as `2m`"))
    } else {
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        for (line, shown) in [
            ("setWeight 10", "setWeight 10"),
            ("setWeight  25%", "setWeight 25"),
            ("pause 2m", "pause 2m"),
            ("analysis", "analysis"),
            ("analysis 90s", "analysis 1m30s"),
            ("analysis error-rate", "analysis error-rate"),
            ("analysis error-rate 5m", "analysis error-rate 5m"),
            ("preview", "preview"),
            ("preview 30s", "preview 30s"),
            ("switch", "switch"),
            ("keep 1h", "keep 1h"),
        ] {
            let Line::Step(step) = line.parse().unwrap() else { panic!("{line}") };
            assert_eq!(step.to_string(), shown);
        }
        let background = Line::Background { template: "error-rate".into(), from: 2 };
        assert_eq!("background analysis error-rate from step 2".parse::<Line>().unwrap(), background);
    }

    #[test]
    fn what_is_no_step_is_refused() {
        for (line, message) in [
            ("setWeight 101", "`101` is not a percentage. write a whole number from 0 to 100"),
            ("setWeight -1", "`-1` is not a percentage"),
            ("setWeight", "`setWeight` is not a step. write it as `setWeight 10`"),
            ("setweight 10", "write it as `setWeight 10`"),
            ("pause", "a job cannot wait for ever"),
            ("pause 0s", "nothing can be seen in no time"),
            ("pause 10", "`10` is not a duration"),
            ("background analysis a from step 0", "`0` is not a step, counted from 1"),
            ("background analysis a", "write it as `background analysis error-rate from step 2`"),
            ("setCanaryScale 5", "is not a step"),
        ] {
            let error = line.parse::<Line>().unwrap_err().to_string();
            assert!(error.contains(message), "{line}: {error}");
        }
    }
}
