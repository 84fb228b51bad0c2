//! Who asked for a release, why, what it rests on, and in which run.

use slipway_core::git::Trailers;

use crate::facts::Facts;
use crate::inputs::Inputs;

/// Adds the trailers that say so, of the tag and of the release commit.
pub(crate) fn trailers(inputs: &Inputs, facts: &Facts, trailers: Trailers) -> Trailers {
    trailers
        .with_some("Requested-By", Some(&facts.actor))
        .with_some("Release-Reason", inputs.reason.as_deref())
        .with_some("Release-Evidence", inputs.evidence.as_deref())
        .with_some("Workflow-Run", Some(&facts.run_url))
}
