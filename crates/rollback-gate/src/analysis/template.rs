//! AnalysisTemplates and ClusterAnalysisTemplates, as they are applied to a cluster.

use crate::errors::invalid_file as invalid;
use serde_json::Value as Json;
use slipway_core::Result;
use slipway_core::text::nearest;
use slipway_edit::Format;

/// The kinds of object that are templates.
const KINDS: [&str; 2] = ["AnalysisTemplate", "ClusterAnalysisTemplate"];

/// What a template says, before arguments are filled in.
#[derive(Clone, Debug, Default)]
pub(super) struct Template {
    pub(super) name: String,
    pub(super) metrics: Vec<Json>,
    pub(super) arguments: Vec<Json>,
    /// Patterns of metrics whose phase does not count.
    pub(super) dry_run: Vec<String>,
    /// Patterns of metrics, and how many measurements to keep.
    pub(super) retention: Vec<(String, usize)>,
    /// Other templates that belong to it.
    pub(super) others: Vec<String>,
}

impl Template {
    /// Reads every template of a file of one or more objects.
    ///
    /// # Errors
    /// `InvalidYaml` or `InvalidFile`.
    pub(super) fn read(source: &str) -> Result<Vec<Self>> {
        let documents = Format::YAML.read(source)?.documents();
        if documents.is_empty() {
            return Err(invalid("the file is empty"));
        }
        documents.iter().map(Self::of_object).collect()
    }

    fn of_object(object: &Json) -> Result<Self> {
        let kind = object["kind"].as_str().unwrap_or_default();
        if !KINDS.contains(&kind) {
            let found =
                if kind.is_empty() { "an object has no `kind`".to_owned() } else { format!("there is a `{kind}`") };
            return Err(invalid(found).hint("name files of AnalysisTemplates and ClusterAnalysisTemplates"));
        }
        let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        Self::of_spec(name.clone(), &object["spec"]).map_err(|error| error.context(format!("template `{name}`")))
    }

    /// Reads the `spec`; a recorded case has the same keys.
    pub(super) fn of_spec(name: String, spec: &Json) -> Result<Self> {
        let list = |key: &str| match &spec[key] {
            Json::Null => Ok(&[][..]),
            Json::Array(items) => Ok(items.as_slice()),
            _ => Err(invalid(format!("`{key}` is not a list"))),
        };
        let metric_name = |entry: &Json| match entry {
            Json::String(name) => Ok(name.clone()),
            _ => entry["metricName"].as_str().map(str::to_owned).ok_or_else(|| invalid("an entry has no `metricName`")),
        };
        let retention = list("measurementRetention")?.iter().map(|entry| {
            let limit = entry["limit"].as_u64().and_then(|limit| usize::try_from(limit).ok());
            Ok((
                metric_name(entry)?,
                limit.ok_or_else(|| invalid("an entry of `measurementRetention` has no `limit`"))?,
            ))
        });
        let others = list("templates")?.iter().map(|entry| {
            entry["templateName"].as_str().map(str::to_owned).ok_or_else(|| invalid("an entry has no `templateName`"))
        });
        Ok(Self {
            name,
            metrics: list("metrics")?.to_vec(),
            arguments: list("args")?.to_vec(),
            dry_run: list("dryRun")?.iter().map(metric_name).collect::<Result<_>>()?,
            retention: retention.collect::<Result<_>>()?,
            others: others.collect::<Result<_>>()?,
        })
    }

    /// The name of one of several, and of all that belong to it.
    ///
    /// # Errors
    /// `InvalidInput` if there is none of that name.
    pub(super) fn family(templates: &[Self], name: &str) -> Result<Vec<String>> {
        if !templates.iter().any(|template| template.name == name) {
            let error = invalid(format!("`steps` name the template `{name}`, which is not there"));
            let known = nearest(name, templates.iter().map(|template| template.name.as_str()));
            return Err(error.hint(known.map_or_else(
                || "add its file to `analysis-template`".into(),
                |known| format!("did you mean `{known}`?"),
            )));
        }
        let mut family = vec![name.to_owned()];
        let mut place = 0;
        while let Some(name) = family.get(place).cloned() {
            let members = templates.iter().filter(|template| template.name == name);
            for other in members.flat_map(|template| &template.others) {
                if !family.contains(other) {
                    family.push(other.clone());
                }
            }
            place += 1;
        }
        Ok(family)
    }

    /// Makes one of several: everything of all of them, in their order.
    ///
    /// # Errors
    /// `InvalidFile` if a template belongs to one of them and is not among them, or if two give the same metric.
    pub(super) fn merge(templates: Vec<Self>) -> Result<Self> {
        for other in templates.iter().flat_map(|template| &template.others) {
            if !templates.iter().any(|template| template.name == *other) {
                let error = invalid(format!("the template `{other}` belongs to one of them and is not among them"));
                let known = nearest(other, templates.iter().map(|template| template.name.as_str()));
                return Err(error.hint(known.map_or_else(
                    || "add its file to `analysis-template`".into(),
                    |known| format!("did you mean `{known}`?"),
                )));
            }
        }
        let mut merged = Self::default();
        for template in templates {
            for metric in &template.metrics {
                let name = metric["name"].as_str();
                if name.is_some() && merged.metrics.iter().any(|known| known["name"].as_str() == name) {
                    let message = format!("two templates have the metric `{}`", name.unwrap_or_default());
                    return Err(invalid(message).hint("give the metrics different names"));
                }
            }
            merged.metrics.extend(template.metrics);
            merged.arguments.extend(template.arguments);
            merged.dry_run.extend(template.dry_run);
            merged.retention.extend(template.retention);
        }
        Ok(merged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERRORS: &str = r#"
apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: errors}
spec:
  args:
  - name: service
  metrics:
  - name: errors
    interval: 1m
    count: 5
    successCondition: result[0] < 0.05
    provider:
      prometheus: {address: "http://p.example", query: 'sum(rate(x{service="{{args.service}}"}[5m]))'}
  dryRun:
  - metricName: err.*
  measurementRetention:
  - metricName: .*
    limit: 3
---
apiVersion: argoproj.io/v1alpha1
kind: ClusterAnalysisTemplate
metadata: {name: all}
spec:
  templates:
  - templateName: errors
"#;

    #[test]
    fn a_file_of_templates_is_read_as_it_is() {
        let templates = Template::read(ERRORS).unwrap();
        let merged = Template::merge(templates).unwrap();
        assert_eq!(merged.metrics.len(), 1);
        assert_eq!(merged.metrics[0]["count"], 5);
        assert_eq!(merged.arguments[0]["name"], "service");
        assert_eq!((merged.dry_run, merged.retention), (vec!["err.*".into()], vec![(".*".into(), 3)]));
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for (source, expected) in [
            ("", "the file is empty"),
            ("kind: Rollout", "there is a `Rollout`"),
            ("a: 1", "an object has no `kind`"),
            (
                "kind: AnalysisTemplate\nmetadata: {name: x}\nspec: {metrics: 1}",
                "template `x`: `metrics` is not a list",
            ),
        ] {
            assert!(Template::read(source).unwrap_err().to_string().starts_with(expected), "{source}");
        }
        let twice = format!("{ERRORS}---\n{}", ERRORS.replace("name: errors}", "name: more}"));
        let error = Template::merge(Template::read(&twice).unwrap()).unwrap_err();
        assert_eq!(error.message(), "two templates have the metric `errors`");
        let alone = Template::read(&ERRORS.replace("Name: errors", "Name: erors")).unwrap();
        let error = Template::merge(alone).unwrap_err();
        assert!(error.to_string().ends_with("did you mean `errors`?"), "{error}");
    }
}
