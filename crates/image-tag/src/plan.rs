//! From rules and facts to tags.

use serde::Serialize;
use slipway_core::Result;
use slipway_core::image::{ImageName, ImageReference, ImageTag};

use crate::facts::Facts;
use crate::inputs::Inputs;
use crate::labels::labels;
use crate::rule::{Answer, Globals, evaluate};
use crate::template::Template;
use crate::valid;

/// The tags, and how each came about.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// The first tag; empty if there is none.
    pub(crate) version: String,
    /// The tags, the most telling one first.
    pub(crate) tag_names: Vec<ImageTag>,
    /// `name:tag` for every image and tag.
    pub(crate) tags: Vec<String>,
    /// `name@digest` for every image, when the digest is known.
    pub(crate) references: Vec<ImageReference>,
    /// The labels.
    pub(crate) labels: Vec<(&'static str, String)>,
    /// Every rule, and what became of it.
    pub(crate) rules: Vec<Explanation>,
    /// What is probably not what was meant.
    pub(crate) warnings: Vec<String>,
}

/// What became of a rule.
#[derive(Debug, Serialize)]
pub(crate) struct Explanation {
    /// The rule as it was written.
    pub rule: String,
    /// The tag that it made.
    pub tag: Option<ImageTag>,
    /// Why it made that tag or none.
    pub reason: String,
}

pub(crate) fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
    let mut warnings = facts.warnings.clone();
    let mut tag_names: Vec<ImageTag> = Vec::new();
    let mut rules = Vec::new();
    let mut latest = None;
    let globals = Globals::new(facts);
    let flavored = |text: &str| Template::parse(text).map(|template| globals.render(&template));
    let (prefix, suffix) = (flavored(&inputs.flavor.prefix)?, flavored(&inputs.flavor.suffix)?);

    for rule in &inputs.rules {
        warnings.extend(rule.warnings.iter().cloned());
        let (tag, reason) = match evaluate(rule, facts, &prefix, &suffix)? {
            Answer::Rests(why) => (None, why),
            Answer::Fails(why) => {
                warnings.push(format!("line `{}` makes no tag: {why}", rule.line));
                (None, why)
            }
            Answer::Fires { value, latest: adds_latest } => match valid::tag(&value) {
                None => {
                    let why = format!("`{value}` has no character that a tag can have");
                    warnings.push(format!("line `{}` makes no tag: {why}", rule.line));
                    (None, why)
                }
                Some(tag) => {
                    latest.get_or_insert(adds_latest);
                    let again = tag_names.contains(&tag);
                    let reason = match (again, tag.as_str() == value) {
                        (true, _) => "the same tag as above".into(),
                        (false, true) => "fired".into(),
                        (false, false) => format!("fired; `{value}` was made valid"),
                    };
                    if !again {
                        tag_names.push(tag.clone());
                    }
                    (Some(tag), reason)
                }
            },
        };
        rules.push(Explanation { rule: rule.line.clone(), tag, reason });
    }

    let version = tag_names.first().map(ToString::to_string).unwrap_or_default();
    if latest.is_some_and(|automatic| inputs.flavor.latest.unwrap_or(automatic)) {
        let before = if inputs.flavor.prefix_latest { prefix.as_str() } else { "" };
        let after = if inputs.flavor.suffix_latest { suffix.as_str() } else { "" };
        let tag = valid::tag(&format!("{before}latest{after}"));
        tag_names.extend(tag.filter(|tag| !tag_names.contains(tag)));
    }
    if tag_names.is_empty() {
        warnings.push("no rule made a tag: see the table of rules for the reasons".into());
    }
    let images: Vec<&ImageName> = inputs.images.iter().filter(|image| image.enabled).map(|image| &image.name).collect();
    let tags = if inputs.images.is_empty() {
        tag_names.iter().map(ToString::to_string).collect()
    } else {
        images.iter().flat_map(|name| tag_names.iter().map(move |tag| format!("{name}:{tag}"))).collect()
    };
    if images.is_empty() && !inputs.images.is_empty() {
        warnings.push("every image is disabled, so there are no tags".into());
    }
    let reference =
        |name: &&ImageName| ImageReference { name: (*name).clone(), tag: None, digest: inputs.digest.clone() };
    Ok(Plan {
        references: inputs.digest.iter().flat_map(|_| images.iter().map(reference)).collect(),
        labels: labels(facts, &version),
        version,
        tag_names,
        tags,
        rules,
        warnings,
    })
}
