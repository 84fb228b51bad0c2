//! The outputs of docker/metadata-action as texts: for the step's outputs and for the variables of the steps that follow.

use serde_json::{Map, Value, json};

use crate::inputs::Inputs;
use crate::plan::Plan;

/// The outputs that are lists, as texts.
pub(crate) fn texts(inputs: &Inputs, plan: &Plan) -> [(&'static str, String); 5] {
    let separators = &inputs.separators;
    let names: Vec<&str> = plan.tag_names.iter().map(|tag| tag.as_str()).collect();
    let labels: Vec<String> = plan.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    [
        ("version", plan.version.clone()),
        ("tags", plan.tags.join(&separators.tags)),
        ("tag-names", names.join(&separators.tags)),
        ("labels", labels.join(&separators.labels)),
        ("annotations", plan.annotations.join(&separators.annotations)),
    ]
}

/// The same as lists and maps: what docker/metadata-action has in its `json`.
pub(crate) fn lists(plan: &Plan) -> [(&'static str, Value); 4] {
    let labels: Map<String, Value> =
        plan.labels.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
    [
        ("tags", json!(plan.tags)),
        ("tag-names", json!(plan.tag_names)),
        ("labels", Value::Object(labels)),
        ("annotations", json!(plan.annotations)),
    ]
}

/// The tag of every rule by the rule's name; empty for one that made none.
pub(crate) fn by_rule(plan: &Plan) -> Map<String, Value> {
    let tag = |rule: &crate::plan::Explanation| rule.tag.as_ref().map(ToString::to_string).unwrap_or_default();
    plan.rules.iter().map(|rule| (rule.id.clone(), tag(rule).into())).collect()
}
