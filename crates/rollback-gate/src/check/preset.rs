//! `preset: web-service`: the checks that a sort of service usually has.

use std::collections::BTreeSet;
use std::str::FromStr;

use slipway_core::input::{InputKind, InputSpec};
use slipway_core::{Error, Result};

use super::Check;
use crate::errors::unknown;

pub(crate) const PRESET: InputSpec = InputSpec::new(
    "preset",
    InputKind::List,
    "Usual checks, one set a line: `web-service` (`error-rate < 5%`, `p95 < 2500ms`, `restarts == 0`), `api` (`error-rate < 1%`, \
     `p95 < 500ms`, `restarts == 0`), `worker` (`restarts == 0`, `cpu < 90%`, `memory < 80%`), `host` (`cpu < 70%`, `memory < 80%`, \
     `disk < 85%`). A line of `checks` with the same word replaces theirs.",
);

/// Every set. Latencies are bounds of the buckets that Prometheus' clients have by default.
const PRESETS: [(&str, &[&str]); 4] = [
    ("web-service", &["error-rate < 5%", "p95 < 2500ms", "restarts == 0"]),
    ("api", &["error-rate < 1%", "p95 < 500ms", "restarts == 0"]),
    ("worker", &["restarts == 0", "cpu < 90%", "memory < 80%"]),
    ("host", &["cpu < 70%", "memory < 80%", "disk < 85%"]),
];

/// A set of checks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Preset(&'static [&'static str]);

impl FromStr for Preset {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = PRESETS.iter().find(|(name, _)| *name == text).map(|(_, lines)| Self(lines));
        found.ok_or_else(|| unknown(format!("`{text}` is not a preset"), text, &PRESETS.map(|(name, _)| (name, name))))
    }
}

/// Adds the checks of the sets whose words none before them has.
///
/// # Errors
/// None in truth: the sets are tested.
pub(crate) fn complete(checks: &mut Vec<Check>, presets: &[Preset]) -> Result<()> {
    let mut words: BTreeSet<String> = BTreeSet::new();
    words.extend(checks.iter().map(|check| check.word().to_owned()));
    for line in presets.iter().flat_map(|preset| preset.0) {
        let check: Check = line.parse()?;
        if words.insert(check.word().to_owned()) {
            checks.push(check);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_ones_own_replaces_that_of_a_preset() {
        let mut checks = vec!["health https://x/".parse().unwrap(), "p95 < 1s".parse().unwrap()];
        let presets = ["web-service", "host"].map(|name| name.parse().unwrap());
        complete(&mut checks, &presets).unwrap();
        let texts: Vec<&str> = checks.iter().map(|check| check.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "health https://x/",
                "p95 < 1s",
                "error-rate < 5%",
                "restarts == 0",
                "cpu < 70%",
                "memory < 80%",
                "disk < 85%"
            ]
        );
    }

    #[test]
    fn every_preset_is_made_of_checks_and_told() {
        for (name, lines) in PRESETS {
            let mut checks = Vec::new();
            complete(&mut checks, &[name.parse().unwrap()]).unwrap();
            assert_eq!(checks.len(), lines.len(), "{name}");
            let told = lines.iter().map(|line| format!("`{line}`")).collect::<Vec<_>>().join(", ");
            assert!(PRESET.about.contains(&format!("`{name}` ({told})")), "{told}");
        }
        assert_eq!(
            "webservice".parse::<Preset>().unwrap_err().to_string(),
            "`webservice` is not a preset. did you mean `web-service`?"
        );
    }
}
