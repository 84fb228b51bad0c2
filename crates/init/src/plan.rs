//! What is proposed: files, why, and what is left to do by hand.

use serde::Serialize;
use slipway_core::Result;

use crate::by_hand;
use crate::choice::{Choice, Passed, choose};
use crate::facts::{Facts, Standing};
use crate::findings::{Findings, Previous, Setting};
use crate::inputs::Inputs;
use crate::repository::Repository;
use crate::settings_file;
use crate::starters::STARTERS;

/// Where workflows are.
const WORKFLOWS: &str = ".github/workflows";

/// What is proposed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    pub(crate) top: String,
    pub(crate) repository: Repository,
    pub(crate) findings: Findings,
    pub(crate) passed_over: Vec<String>,
    /// The pipelines that fit, each with its file.
    pub(crate) chosen: Vec<Choice>,
    pub(crate) passed: Vec<Passed>,
    /// What was found that no chosen pipeline takes as an input.
    pub(crate) unused: Vec<Setting>,
    pub(crate) files: Vec<File>,
    pub(crate) by_hand: Vec<String>,
    /// Whether somebody can be asked.
    pub(crate) asks: bool,
}

/// A file of the proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct File {
    pub path: String,
    pub text: String,
    pub state: State,
}

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    /// It is not there yet.
    New,
    /// It is there, and just so.
    Same,
    /// Another one is there, and stays.
    Kept,
}

impl Plan {
    /// The files that would be written.
    pub(crate) fn writes(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.state == State::New)
    }

    /// The tools that Slipway takes over from, each once.
    pub(crate) fn previous(&self) -> Vec<&Previous> {
        let mut once: Vec<&Previous> = Vec::new();
        for previous in &self.findings.previous {
            if !once.iter().any(|known| {
                known.page == previous.page && known.file == previous.file && known.replace == previous.replace
            }) {
                once.push(previous);
            }
        }
        once
    }
}

/// Every path that could be written to.
pub(crate) fn places() -> impl Iterator<Item = String> {
    STARTERS.iter().flat_map(|starter| names(starter.name)).chain([settings_file::FILE.to_owned()])
}

/// The names that a pipeline's file can have, the first that is free counts.
fn names(starter: &str) -> [String; 2] {
    [format!("{WORKFLOWS}/{starter}.yml"), format!("{WORKFLOWS}/slipway-{starter}.yml")]
}

/// Decides what is proposed.
pub(crate) fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
    let choices = choose(inputs, facts);
    let mut files: Vec<File> = choices.chosen.iter().map(|choice| workflow_file(facts, choice)).collect();
    let places: Vec<(&Choice, String)> =
        choices.chosen.iter().zip(&files).map(|(choice, file)| (choice, file.path.clone())).collect();
    let by_hand = by_hand::steps(facts, &places);
    if let Some(text) = settings_file::text(facts) {
        let path = settings_file::FILE.to_owned();
        files.push(File { state: state(facts, &path, &text), path, text });
    }
    Ok(Plan {
        top: facts.top.clone(),
        repository: facts.repository.clone(),
        findings: facts.findings.clone(),
        passed_over: facts.passed_over.clone(),
        chosen: choices.chosen,
        passed: choices.passed,
        unused: choices.unused,
        files,
        by_hand,
        asks: facts.asks,
    })
}

fn workflow_file(facts: &Facts, choice: &Choice) -> File {
    let [own, other] = names(choice.name);
    let path = if state(facts, &own, &choice.text) == State::Kept { other } else { own };
    File { state: state(facts, &path, &choice.text), path, text: choice.text.clone() }
}

fn state(facts: &Facts, path: &str, text: &str) -> State {
    match facts.standing.get(path) {
        None => State::New,
        Some(Standing::Text(there)) if there == text => State::Same,
        Some(_) => State::Kept,
    }
}
