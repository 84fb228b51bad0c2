//! Reports of the pipeline as evidence, before a deployment or beside the watch of one.
//!
//! A report that is missing, empty, cut off, of another commit or too old is no evidence, and no evidence never passes. Of which commit
//! it is the report says itself, or an artifact of this run, or the user does; that a file is there and looks fresh says nothing, for
//! checkout and download make every file look so.

mod allow;
mod artifact;
mod backup;
mod coverage;
mod ecr;
mod judge;
mod junit;
mod kind;
mod line;
mod load;
mod policy;
mod read;
mod report;
mod sarif;
mod sonarqube;
mod splitter;
mod trufflehog;
mod xml;

pub(crate) use judge::{Expected, Seen, decide, gather};
pub(crate) use line::Evidence;
pub(crate) use report::{instant, short};

use kind::Kind;
use slipway_core::input::{InputKind, InputSpec, Reader};

use crate::errors::invalid;

/// Every kind of report.
const KINDS: [&Kind; 9] = [
    &junit::KIND,
    &coverage::KIND,
    &sarif::KIND,
    &trufflehog::KIND,
    &sonarqube::KIND,
    &ecr::KIND,
    &policy::KIND,
    &load::KIND,
    &backup::KIND,
];

pub(crate) const EVIDENCE: InputSpec = InputSpec::new(
    "evidence",
    InputKind::List,
    "Reports of the pipeline that must be there and say so, one a line: `junit reports/*.xml pass-rate >= 100%`, `coverage \
     coverage.xml >= 80%`, `sarif trivy.sarif critical == 0`; also `trufflehog`, `sonarqube`, `ecr`, `policy`, `load`, `backup`. \
     `artifact NAME` at the end names the artifact of this run that the files come from.",
);
pub(crate) const EVIDENCE_COMMIT: InputSpec = InputSpec::new(
    "evidence-commit",
    InputKind::Text,
    "Commit that reports were made of which do not tell it themselves, such as `github.sha` where this job made them.",
);
pub(crate) const EVIDENCE_AGE: InputSpec =
    InputSpec::new("evidence-age", InputKind::Duration, "Oldest report that counts, if it tells when it was made.")
        .default("7d");

/// Reads [`EVIDENCE_COMMIT`]; an error is noted in the reader.
pub(crate) fn read_commit(reader: &mut Reader) -> Option<String> {
    let commit = reader.optional(EVIDENCE_COMMIT.name)?;
    if !report::is_commit(&commit) {
        let error = invalid(format!("`{commit}` is not a commit"));
        reader.refuse(EVIDENCE_COMMIT.name, error.hint("write its id, such as `${{ github.sha }}`"));
    }
    Some(commit)
}
