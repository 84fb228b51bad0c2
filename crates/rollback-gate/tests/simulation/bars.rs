//! Every bar that was set for the rule before it was written.

use serde::Deserialize;

use crate::rules::CONTENDERS;
use crate::simulation::simulate;
use crate::traffic::{Effect, Setting, World};

#[derive(Deserialize)]
struct Bars {
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    canary_rps: f64,
    stable_rps: f64,
    baseline_error: f64,
    effect: String,
    scenario: String,
    profile: String,
    max_false_rollback_pct: Option<f64>,
    max_median_detect_s: Option<f64>,
    min_detected_pct: Option<f64>,
}

impl Cell {
    fn setting(&self) -> Setting {
        let effect = match self.effect.as_str() {
            "x2" => Effect::Times(2.0),
            "x5" => Effect::Times(5.0),
            "+5pp" => Effect::Plus(0.05),
            _ => Effect::None,
        };
        let world = match self.scenario.as_str() {
            "noisy" => World::Noisy,
            "burst" => World::Incident,
            "warmup" => World::ColdStart,
            _ => World::Steady,
        };
        Setting { canary: self.canary_rps, stable: self.stable_rps, baseline: self.baseline_error, effect, world }
    }
}

/// Prints how many bars are cleared, and each that is not.
pub(crate) fn check(runs: usize) -> serde_json::Result<bool> {
    let bars: Bars = serde_json::from_str(include_str!("bars.json"))?;
    let ours = &CONTENDERS[..2];
    let settings: Vec<Setting> = bars.cells.iter().map(Cell::setting).collect();
    let mut distinct: Vec<Setting> = Vec::new();
    for setting in &settings {
        if !distinct.contains(setting) {
            distinct.push(*setting);
        }
    }
    let figures = simulate(&distinct, ours, runs);
    println!("\nbars set beforehand");
    let (mut cleared, mut missed) = (0, 0);
    for (cell, setting) in bars.cells.iter().zip(&settings) {
        let place = distinct.iter().position(|other| other == setting).unwrap_or_default();
        let figure = figures[place][usize::from(cell.profile.starts_with("sensitive"))];
        let too_many = cell.max_false_rollback_pct.is_some_and(|most| figure.percent > most);
        let too_few = cell.min_detected_pct.is_some_and(|least| figure.percent < least);
        let too_late = cell.max_median_detect_s.is_some_and(|most| figure.median.is_none_or(|median| median > most));
        if too_many || too_few || too_late {
            missed += 1;
            println!(
                "MISSED {} {}: {} %, {} s",
                setting.name(),
                cell.profile,
                figure.percent,
                figure.median.unwrap_or(f64::NAN)
            );
        } else {
            cleared += 1;
        }
    }
    println!("{cleared} of {} cleared", bars.cells.len());
    Ok(missed > 0)
}
