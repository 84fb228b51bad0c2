//! `mode: status`: what runs where, what is verified, what has drifted, and what a promotion would ship.

use serde_json::{Value, json};
use slipway_core::context::{day_and_time, rfc3339};
use slipway_core::text::counted;
use slipway_core::text::markdown::{code, table, text};
use slipway_gitops::{Deployment, Shipped, VerdictEntry};

use crate::edit::Change;
use crate::overview::{EnvironmentState, Overview, Promotion, TargetState};

/// The most commits and places that the summary lists of one target.
const ROWS: usize = 20;

impl TargetState {
    fn deployed(&self) -> Option<&Deployment> {
        self.ledger.deployments.first()
    }

    fn version(&self) -> Option<&str> {
        self.deployed().map(|deployment| deployment.release.version.as_str())
    }

    fn verified(&self) -> Option<&str> {
        self.ledger.verdicts.verified_release().map(|record| record.release.version.as_str())
    }

    /// The newest verdict about the very deployment that runs.
    fn verdict(&self) -> Option<&VerdictEntry> {
        let commit = &self.deployed()?.commit;
        self.ledger.verdicts.entries.iter().find(|entry| entry.record.config_commit == *commit)
    }

    fn verdict_word(&self) -> &'static str {
        match self.verdict() {
            Some(entry) => entry.record.verdict.as_str(),
            // A rollback restores what was verified before.
            None if self.deployed().is_some_and(|deployment| deployment.rollback.is_some()) => "restored",
            None => "not judged",
        }
    }

    fn to_json(&self) -> Value {
        let release = self.deployed().map(|deployment| &deployment.release);
        let images: Option<Vec<String>> =
            release.map(|release| release.images.iter().map(ToString::to_string).collect());
        json!({
            "environment": self.ledger.target.environment,
            "component": self.ledger.target.component,
            "version": self.version(),
            "images": images,
            "commit": self.deployed().map(|deployment| &deployment.commit),
            "deployed-at": self.deployed().map(|deployment| rfc3339(deployment.time)),
            "source-commit": release.and_then(|release| release.source_commit.as_ref()),
            "verdict": self.verdict_word(),
            "verified": self.verified(),
            "drift": self.drift,
            "promotion": self.promotion,
        })
    }
}

/// What the `json` output says: environments with what closes them, and every component in each.
pub(crate) fn to_json(overview: &Overview) -> Value {
    let targets: Vec<Value> = overview.ledgers.iter().map(TargetState::to_json).collect();
    json!({ "environments": overview.environments, "targets": targets })
}

/// The summary, which is the comment too.
pub(crate) fn summary(overview: &Overview) -> String {
    if overview.ledgers.is_empty() {
        return "### Status\n\nNothing was ever deployed.\n".into();
    }
    let mut summary = "### Status\n\n".to_owned();
    let states = in_order(overview);
    let rows = states.iter().map(|state| {
        let time = state.deployed().map(|deployment| day_and_time(deployment.time)).unwrap_or_default();
        [
            text(state.ledger.target.environment.as_str()),
            text(state.ledger.target.component.as_str()),
            state.version().map(code).unwrap_or_else(|| "nothing".into()),
            time,
            state.verdict_word().into(),
            state.verified().map(code).unwrap_or_else(|| "nothing".into()),
            drift_word(state),
        ]
    });
    summary += &table(["Environment", "Component", "Runs", "Since (UTC)", "Verdict", "Verified", "Drift"], rows);
    for environment in &overview.environments {
        for refusal in environment.closure.refusals(&environment.name) {
            summary += &format!("\n**Closed:** {}\n", text(refusal.message()));
        }
    }
    for state in &states {
        summary += &drift_list(state);
        summary += &state.promotion.as_ref().map(|promotion| promotion_list(state, promotion)).unwrap_or_default();
    }
    summary
}

/// By component, along the way that releases go.
fn in_order(overview: &Overview) -> Vec<&TargetState> {
    let place = |state: &&TargetState| {
        let is_of = |environment: &EnvironmentState| environment.name == state.ledger.target.environment;
        (state.ledger.target.component.clone(), overview.environments.iter().position(is_of))
    };
    let mut states: Vec<&TargetState> = overview.ledgers.iter().collect();
    slipway_core::order::sort_by_key(&mut states, place);
    states
}

fn drift_word(state: &TargetState) -> String {
    match &state.drift {
        drift if !drift.is_checked => "not checked".into(),
        drift if drift.unknown.is_some() => "cannot be compared".into(),
        drift if drift.changes.is_empty() => "none".into(),
        drift => format!("**{}**", counted(drift.changes.len(), "place")),
    }
}

/// Where the files are not what was recorded.
fn drift_list(state: &TargetState) -> String {
    let target = text(&state.ledger.target.to_string());
    if let Some(why) = &state.drift.unknown {
        return format!("\n**Drift of {target} cannot be told:** {}\n", text(why));
    }
    if state.drift.changes.is_empty() {
        return String::new();
    }
    let rows = state.drift.changes.iter().take(ROWS).map(Change::row);
    format!("\n**Drift of {target}:**\n\n{}", table(["Where", "Value", "In the file", "As it was deployed"], rows))
}

fn promotion_list(state: &TargetState, promotion: &Promotion) -> String {
    let (target, from) = (&state.ledger.target, text(promotion.from.as_str()));
    let what = text(&target.to_string());
    let Some(version) = promotion.version.as_deref().map(code) else {
        let why = promotion.missing.as_deref().map(text).unwrap_or_default();
        return format!("\n**Next for {what}:** nothing, because {why}\n");
    };
    if promotion.is_deployed {
        return format!("\n**Next for {what}:** nothing, it runs what is verified in {from} ({version})\n");
    }
    let running = state.version().map(code).unwrap_or_else(|| "nothing".into());
    format!(
        "\n**Next for {what}:** {version} from {from}, in the place of {running}\n\n{}",
        shipped(&promotion.shipped)
    )
}

/// The commits of a promotion as a list.
pub(crate) fn shipped(shipped: &Shipped) -> String {
    if let Some(why) = &shipped.unknown {
        return format!("Its commits are not known: {}\n", text(why));
    }
    let mut list =
        format!("It ships {}{}\n", counted(shipped.count, "commit"), if shipped.count > 0 { ":\n" } else { "." });
    for commit in shipped.commits.iter().take(ROWS) {
        list += &format!("- {} {}\n", code(commit.id.short()), text(&commit.subject));
    }
    if shipped.count > ROWS {
        list += &format!("- … and {} more\n", shipped.count - ROWS);
    }
    list
}
