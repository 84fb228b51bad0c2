//! Why a release is not deployed. Pure.

use std::cmp::Ordering;

use slipway_core::{Error, ErrorKind};
use slipway_gitops::Release;

use crate::facts::{Base, Facts};
use crate::inputs::Inputs;

/// Everything that speaks against a release, the gravest first. What would change nothing is only refused if it was rolled back.
pub(crate) fn refusals(inputs: &Inputs, facts: &Facts, base: &Base, release: &Release, changes: bool) -> Vec<Error> {
    let mut refusals = Vec::new();
    if changes {
        refusals.extend(facts.closure.refusals(&release.environment));
    }
    if !inputs.force {
        refusals.extend(rolled_back(base, release));
    }
    if !changes {
        return refusals;
    }
    if let Some(source) = facts.source.as_ref().filter(|_| !inputs.force) {
        let unverified = source.check(release).err();
        refusals.extend(unverified.map(|error| with_hint(error, "; `force: true` deploys it all the same")));
    }
    if !inputs.allow_downgrade {
        refusals.extend(downgrade(base, release));
    }
    refusals
}

fn with_hint(error: Error, more: &str) -> Error {
    let hint = format!("{}{more}", error.hint_text().unwrap_or_default());
    error.hint(hint)
}

fn rolled_back(base: &Base, release: &Release) -> Option<Error> {
    let verdict = base.verdicts.was_rolled_back(release)?;
    let message = format!(
        "{} {} was rolled back in {} (deployed by `{}`, decided by {})",
        release.component,
        release.version,
        release.environment,
        verdict.config_commit.short(),
        verdict.decided_by
    );
    let hint = "release a new version, or set `force: true` to deploy this one again";
    Some(Error::new(ErrorKind::RolledBack, message).hint(hint))
}

/// Versions that cannot be compared are let pass if the environment never ran the wanted one before.
fn downgrade(base: &Base, release: &Release) -> Option<Error> {
    let deployed = &base.deployed.as_ref()?.release;
    let why = match release.version.precedence(&deployed.version) {
        Some(Ordering::Less) => "which is higher",
        None if base.ran_before => "and ran this one before; the two versions cannot be compared",
        _ => return None,
    };
    let message = format!(
        "{} {} would be a downgrade: {} runs {}, {why}",
        release.component, release.version, release.environment, deployed.version
    );
    let hint =
        "deploy a later version, or set `allow-downgrade: true`; to go back to what is verified, use rollback-gate";
    Some(Error::new(ErrorKind::Downgrade, message).hint(hint))
}

#[cfg(test)]
mod tests {
    use slipway_gitops::{Deployment, RecordPlace, VerdictLog};

    use super::*;

    fn release(version: &str) -> Release {
        Release {
            component: "shop".parse().unwrap(),
            version: version.parse().unwrap(),
            images: Vec::new(),
            environment: "production".parse().unwrap(),
            source_commit: None,
            workflow_run: None,
        }
    }

    #[test]
    fn a_downgrade_is_told_from_what_cannot_be_compared() {
        for (deployed, wanted, ran_before, refused) in [
            (None, "1.0.0", false, None),
            (Some("1.5.0"), "1.6.0", false, None),
            (Some("1.5.0"), "1.5.0", true, None),
            (Some("1.5.0"), "1.4.9", false, Some("runs 1.5.0, which is higher")),
            (Some("1.5.0"), "1.5.0-rc.1", false, Some("which is higher")),
            (Some("1.5.0"), "1.6.0", true, None),
            (Some("0f1e2d3"), "a1b2c3d", false, None),
            (Some("0f1e2d3"), "a1b2c3d", true, Some("cannot be compared")),
        ] {
            let deployed = deployed.map(|version| Deployment {
                commit: "a".repeat(40).parse().unwrap(),
                time: 0,
                release: release(version),
                rollback: None,
            });
            let target = release("1").target();
            let verdicts = VerdictLog { target, place: RecordPlace::Ref, tip: None, entries: Vec::new() };
            let base = Base { deployed, ran_before, verdicts, ..Base::example() };
            let error = downgrade(&base, &release(wanted));
            assert_eq!(error.is_some(), refused.is_some(), "{wanted}: {error:?}");
            if let (Some(error), Some(told)) = (error, refused) {
                assert!(error.message().contains(told), "{error}");
            }
        }
    }
}
