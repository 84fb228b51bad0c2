//! From templates to the metrics of one analysis.

use regex_lite::Regex;
use serde_json::Value as Json;
use slipway_core::Result;

use super::arguments::{Argument, Arguments};
use super::metric::{Compatibility, Metric};
use super::template::Template;
use crate::errors::invalid_file as invalid;
use crate::provider::Surroundings;

/// What metrics are made of beside the templates.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    pub(crate) arguments: Vec<Argument>,
    pub(crate) surroundings: Surroundings,
    pub(crate) compatibility: Compatibility,
}

/// Which templates are meant.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Selection<'a> {
    /// All but one, with those that belong to it.
    Without(Option<&'a str>),
    /// One, with those that belong to it.
    Only(&'a str),
}

/// The metrics of the templates in these files, each with its name for errors.
///
/// # Errors
/// What cannot be right in them; a template that is not among them.
pub(crate) fn metrics(files: &[(String, String)], sources: &Sources, selection: Selection<'_>) -> Result<Vec<Metric>> {
    let mut templates = Vec::new();
    for (name, source) in files {
        templates.append(&mut Template::read(source).map_err(|error| error.context(format!("`{name}`")))?);
    }
    if let Selection::Only(name) | Selection::Without(Some(name)) = selection {
        let chosen = Template::family(&templates, name)?;
        let is_only = matches!(selection, Selection::Only(_));
        templates.retain(|template| chosen.contains(&template.name) == is_only);
        if templates.is_empty() {
            return Ok(Vec::new());
        }
    }
    let merged = Template::merge(templates)?;
    if merged.metrics.is_empty() {
        return Err(invalid("the templates have no metrics"));
    }
    of_template(&merged, sources)
}

/// The metrics of a recorded case, which has the keys of a template's `spec`.
pub(super) fn of_case(case: &Json, sources: &Sources) -> Result<Vec<Metric>> {
    of_template(&Template::of_spec("case".into(), case)?, sources)
}

fn of_template(template: &Template, sources: &Sources) -> Result<Vec<Metric>> {
    let declared: Vec<&Json> = template.arguments.iter().collect();
    let arguments = Arguments::resolve(&declared, &sources.arguments)?;
    let mut metrics: Vec<Metric> = Vec::new();
    for (index, json) in template.metrics.iter().enumerate() {
        let metric = Metric::read(json, &arguments, &sources.surroundings, sources.compatibility)
            .map_err(|error| error.context(format!("metrics[{index}]")))?;
        if metrics.iter().any(|known| known.name == metric.name) {
            return Err(invalid(format!("metrics[{index}]: duplicate name '{}'", metric.name)));
        }
        metrics.push(metric);
    }
    for name in &template.dry_run {
        for metric in matching(name, "dryRun", &mut metrics)? {
            metric.dry_run = true;
        }
    }
    for (name, limit) in &template.retention {
        for metric in matching(name, "measurementRetention", &mut metrics)? {
            metric.retention = Some((*limit).max(1));
        }
    }
    Ok(metrics)
}

/// The metrics that a pattern names; none is a mistake.
fn matching<'m>(name: &str, key: &str, metrics: &'m mut [Metric]) -> Result<Vec<&'m mut Metric>> {
    let pattern =
        Regex::new(name).map_err(|error| invalid(format!("{key}: `{name}` is not a regular expression: {error}")))?;
    let found: Vec<&mut Metric> = metrics.iter_mut().filter(|metric| pattern.is_match(&metric.name)).collect();
    if found.is_empty() {
        return Err(invalid(format!("{key}: `{name}` names no metric")));
    }
    Ok(found)
}
