//! The checks, and what they cannot do without.

use slipway_core::input::Reader;

use super::rules::refuse_repeated;
use crate::analysis;
use crate::canary::CanaryInputs;
use crate::check::{Check, PRESET, Preset, Test, complete};
use crate::endpoint::Endpoint;
use crate::errors::invalid;

/// Reads the checks, those of presets among them.
pub(super) fn read_checks(reader: &mut Reader) -> Vec<Check> {
    let mut checks: Vec<Check> = reader.parsed_list("checks");
    let presets: Vec<Preset> = reader.parsed_list(PRESET.name);
    if let Err(error) = complete(&mut checks, &presets) {
        reader.refuse(PRESET.name, error);
    }
    refuse_repeated(reader, "checks", checks.iter().map(|check| check.text.as_str()), |repeated| {
        format!("`{repeated}` is listed twice")
    });
    checks
}

/// Every address that is asked.
pub(super) fn endpoints<'a>(
    checks: impl Iterator<Item = &'a Check>,
    targets: &'a [Endpoint],
    canary: Option<&'a CanaryInputs>,
) -> impl Iterator<Item = &'a Endpoint> {
    let probes = checks.filter_map(|check| match &check.test {
        Test::Probe(probe) => Some(probe.endpoint()),
        Test::Inquiry(inquiry) => inquiry.endpoint(),
        Test::Measurement(_) => None,
    });
    let arms = canary.into_iter().flat_map(|canary| canary.canary.iter().chain(&canary.stable));
    probes.chain(targets).chain(arms)
}

/// Refuses checks of metrics without an address of metrics, and checks of a server without its address.
pub(super) fn refuse_without_source<'a>(
    reader: &mut Reader,
    checks: impl Iterator<Item = &'a Check> + Clone,
    targets: &[Endpoint],
) {
    let measurement = checks.clone().find(|check| matches!(check.test, Test::Measurement(_)));
    if let Some(check) = measurement.filter(|_| targets.is_empty() && !reader.has_errors()) {
        let error = invalid(format!("`{}` needs the metrics of the service", check.text));
        reader.refuse(
            "metrics-url",
            error.hint("add the address of its metrics, such as `http://10.0.0.5:8080/metrics`"),
        );
    }
    let inquiry = checks.clone().find(|check| matches!(&check.test, Test::Inquiry(asked) if asked.needs_prometheus()));
    let server = analysis::PROMETHEUS_URL.name;
    if let Some(check) = inquiry.filter(|_| !reader.is_given(server) && !reader.has_errors()) {
        let error = invalid(format!("`{}` needs a Prometheus server", check.text));
        reader.refuse(server, error.hint("add its address, such as `https://prometheus.example`"));
    }
}
