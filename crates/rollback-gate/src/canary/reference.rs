//! The e-process against paths that were computed independently, to nine digits.

use serde::Deserialize;

use super::bound::Bound;
use super::dispersion::Dispersion;
use super::mixture::{BETTER, Mixture, WORSE};
use super::process::Counts;

#[derive(Deserialize)]
struct Vectors {
    vectors: Vec<Path>,
}

#[derive(Deserialize)]
struct Path {
    canary_errors: Vec<f64>,
    canary_requests: Vec<f64>,
    stable_errors: Vec<f64>,
    stable_requests: Vec<f64>,
    theta: Vec<f64>,
    #[serde(rename = "logE_rho1_restart")]
    sensitive: Vec<f64>,
    #[serde(rename = "logE_rho1.25_restart")]
    usual: Vec<f64>,
    #[serde(rename = "logE_rho1_norestart")]
    at_once: Vec<f64>,
    #[serde(rename = "logE_promote_rho1.5")]
    favour: Vec<f64>,
    #[serde(rename = "logE_slo_5pct")]
    bound: Vec<f64>,
}

#[test]
fn every_path_agrees() {
    let text = include_str!("../../tests/ebb-vectors.json");
    let vectors: Vectors = serde_json::from_str(text).unwrap();
    assert_eq!(vectors.vectors.len(), 10);
    for (number, path) in vectors.vectors.iter().enumerate() {
        let mut dispersion = Dispersion::default();
        let (mut bound, mut bad, mut all) = (Bound::default(), 0.0, 0.0);
        let [mut sensitive, mut usual, mut at_once, mut favour]: [Mixture; 4] = Default::default();
        for look in 0..path.theta.len() {
            let counts = Counts {
                canary_bad: path.canary_errors[look],
                canary_all: path.canary_requests[look],
                stable_bad: path.stable_errors[look],
                stable_all: path.stable_requests[look],
            };
            let theta = dispersion.estimate();
            let once = if look == 0 { 1.0 } else { 0.0 };
            let spread = if look == 0 { 0.5 } else { 0.5 / 239.0 };
            sensitive.bet(&counts, 1.0, &WORSE, theta, 0.0, spread);
            usual.bet(&counts, 1.25, &WORSE, theta, 0.0, spread);
            at_once.bet(&counts, 1.0, &WORSE, theta, 0.0, once);
            favour.bet(&counts, 1.5, &BETTER, theta, 0.0, once);
            dispersion.observe(&counts);
            (bad, all) = (bad + counts.canary_bad, all + counts.canary_all);
            for (what, found, expected) in [
                ("theta", theta, path.theta[look]),
                ("sensitive", sensitive.value().ln(), path.sensitive[look]),
                ("usual", usual.value().ln(), path.usual[look]),
                ("at once", at_once.value().ln(), path.at_once[look]),
                ("favour", favour.value().ln(), path.favour[look]),
                ("bound", bound.observe(0.05, bad, all).ln(), path.bound[look]),
            ] {
                assert!((found - expected).abs() <= 1e-9, "path {number}, look {look}, {what}: {found} {expected}");
            }
        }
    }
}
