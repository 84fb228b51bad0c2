//! Every past release of the repository through the rules, and where the answer would have differed.
//!
//! It only reads. The release before each release is what version-bump itself would have found, had it run on that commit; the
//! commits between them go through the rules of a live run.

mod cause;
mod graph;
mod lineage;
mod replay;
pub(crate) mod settings;
mod suggest;
mod summary;

use std::collections::BTreeMap;

use serde::Serialize;
use slipway_core::git::{FoundTag, Git};
use slipway_core::order;
use slipway_core::{Context, Host, Result};

use crate::inputs::Inputs;
use crate::spelling::{self, Spelling};
use crate::tags::Tags;
use cause::{Cause, Verdict};
use graph::Graph;
use replay::Replayed;
use settings::{Files, Proposal};
use suggest::Suggestion;

pub(crate) use graph::Past;
pub(crate) use summary::{digest, summary};

/// What a backtest reads beyond what a plan does.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Material {
    graph: Graph,
    spellings: Vec<Spelling>,
    files: Files,
}

/// Past releases beside what the rules make of them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Backtest {
    /// How many releases could be compared.
    pub compared: usize,
    /// How many of those the rules agree with.
    pub same: usize,
    /// How many of those that agree would have waited for somebody's approval.
    pub held: usize,
    /// How many releases differ, or could not be compared, and why.
    pub causes: BTreeMap<Cause, usize>,
    /// Settings with which more releases would agree; each stands on those before it.
    pub suggestions: Vec<Suggestion>,
    /// Tags that are spelled in another way.
    pub spellings: Vec<Spelling>,
    /// Inputs that do what the settings of other tools do.
    pub proposals: Vec<Proposal>,
    /// Every release, oldest first.
    pub releases: Vec<Replayed>,
}

/// Reads the history, once, and the settings of other tools.
///
/// # Errors
/// `ShallowHistory` if the history is cut off and the remote does not have the rest, else what git or the remote says.
pub(crate) async fn gather<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    past: Past<'_>,
    found: &[FoundTag],
) -> Result<Material> {
    let git = Git::open(context).await?.without_lazy_fetch();
    Ok(Material {
        graph: graph::read(context, &inputs.prefix, past).await?,
        spellings: spelling::others(&inputs.prefix, found),
        files: settings::read(&git).await?,
    })
}

/// Replays every release.
pub(crate) fn plan(inputs: &Inputs, tags: &Tags, material: &Material) -> Backtest {
    let graph = &material.graph;
    let lineages = lineage::lineages(graph, tags);
    let mut releases: Vec<Replayed> =
        lineages.iter().map(|lineage| replay::replay(inputs, tags, graph, lineage)).collect();
    order::sort_by(&mut releases, |left, right| {
        left.time.cmp(&right.time).then_with(|| left.version.cmp(&right.version))
    });
    let mut causes: BTreeMap<Cause, usize> = BTreeMap::new();
    for cause in releases.iter().filter_map(|release| release.cause) {
        *causes.entry(cause).or_default() += 1;
    }
    let mut proposals = settings::proposals(&material.files);
    for proposal in &mut proposals {
        // With other tags it would be about other releases.
        let is_about_these = proposal.components.is_empty()
            && proposal.value("tag-prefix").is_none_or(|prefix| prefix == inputs.prefix.as_str());
        if is_about_these {
            proposal.same = suggest::agreeing(&inputs.rules, proposal, tags, graph, &lineages);
        }
    }
    let count = |is: &dyn Fn(&Replayed) -> bool| releases.iter().filter(|release| is(release)).count();
    Backtest {
        compared: count(&|release| release.verdict != Verdict::NotCompared),
        same: count(&|release| release.verdict == Verdict::Same),
        held: count(&|release| release.verdict == Verdict::Same && release.held),
        causes,
        suggestions: suggest::suggestions(&inputs.rules, tags, graph, &lineages),
        spellings: material.spellings.clone(),
        proposals,
        releases,
    }
}
