//! From rules and facts to tags.

use serde::Serialize;
use slipway_core::Result;
use slipway_core::image::{ImageName, ImageReference, ImageTag};

use crate::bake::{self, BakeFile};
use crate::facts::Facts;
use crate::flavor::Affix;
use crate::inputs::Inputs;
use crate::labels::labels;
use crate::registry::{self, RegistryPlan};
use crate::rule::Answer;
use crate::run::Run;
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
    pub(crate) labels: Vec<(String, String)>,
    /// The annotations, each with its level before it: `manifest:key=value`.
    pub(crate) annotations: Vec<String>,
    /// Every rule, and what became of it.
    pub(crate) rules: Vec<Explanation>,
    /// What is written for docker/bake-action, if a runner is there to clean up.
    #[serde(skip)]
    pub(crate) bake_files: Vec<BakeFile>,
    /// Whether the outputs become variables of the steps that follow.
    pub(crate) sets_environment: bool,
    /// What follows from what the registry says, if it was asked.
    pub(crate) registry: Option<RegistryPlan>,
    /// What is probably not what was meant.
    pub(crate) warnings: Vec<String>,
}

/// What became of a rule.
#[derive(Debug, Serialize)]
pub(crate) struct Explanation {
    /// What outputs call it.
    pub id: String,
    /// The rule as it was written.
    pub rule: String,
    /// The tag that it made.
    pub tag: Option<ImageTag>,
    /// Why it made that tag or none.
    pub reason: String,
}

pub(crate) fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
    let run = Run::new(inputs, facts);
    let mut warnings = facts.warnings.clone();
    for template in inputs.labels.iter().chain(&inputs.annotations) {
        warnings.extend(template.warnings());
    }
    let made = make(inputs, &run, &mut warnings)?;
    warnings.extend(namesakes(facts, &made.tags));
    let tag_names = with_latest(inputs, &run, &made);
    match &facts.unread {
        Some(error) if tag_names.is_empty() && inputs.registry.undo.is_none() => return Err(error.clone()),
        Some(error) => warnings.push(format!("rules on the branch, the tag and the commit rest: {}", error.message())),
        None if tag_names.is_empty() && inputs.registry.undo.is_none() => {
            warnings.push("no rule made a tag: see the table of rules for the reasons".into());
        }
        None => {}
    }
    let version = tag_names.first().map(ToString::to_string).unwrap_or_default();
    let images: Vec<&ImageName> = inputs.enabled_images().collect();
    let tags: Vec<String> = if inputs.images.is_empty() {
        tag_names.iter().map(ToString::to_string).collect()
    } else {
        images.iter().flat_map(|name| tag_names.iter().map(move |tag| format!("{name}:{tag}"))).collect()
    };
    if images.is_empty() && !inputs.images.is_empty() {
        warnings.push("every image is disabled, so there are no tags".into());
    }
    let reference =
        |name: &&ImageName| ImageReference { name: (*name).clone(), tag: None, digest: inputs.digest.clone() };
    let annotated = labels(&run, &version, &inputs.annotations, &mut warnings);
    let labels = labels(&run, &version, &inputs.labels, &mut warnings);
    let mut annotations = Vec::new();
    for level in &facts.annotation_levels {
        annotations.extend(annotated.iter().map(|(key, value)| format!("{level}:{key}={value}")));
    }
    let mut plan = Plan {
        references: inputs.digest.iter().flat_map(|_| images.iter().map(reference)).collect(),
        annotations,
        labels,
        version,
        tag_names,
        tags,
        rules: made.rules,
        bake_files: Vec::new(),
        sets_environment: facts.sets_environment,
        registry: facts.registry.as_ref().map(|told| registry::plan(inputs, &facts.sha, told)),
        warnings,
    };
    if facts.has_runner {
        plan.bake_files = bake::files(&inputs.bake_target, &images, &plan);
    }
    Ok(plan)
}

/// What the rules made.
struct Made {
    tags: Vec<ImageTag>,
    /// Whether `latest` is added if the flavor does not say; nothing if no rule fired.
    latest: Option<bool>,
    rules: Vec<Explanation>,
}

fn make(inputs: &Inputs, run: &Run, warnings: &mut Vec<String>) -> Result<Made> {
    let mut made = Made { tags: Vec::new(), latest: None, rules: Vec::new() };
    // What each tag was before it was made valid.
    let mut origins: Vec<String> = Vec::new();
    for rule in &inputs.rules {
        warnings.extend(rule.warnings.iter().cloned());
        let (tag, reason) = match rule.evaluate(run, &inputs.flavor)? {
            Answer::Rests(why) => (None, why),
            Answer::Fails(why) => {
                warnings.push(format!("line `{}` makes no tag: {why}", rule.line));
                (None, why)
            }
            Answer::Fires { value, latest } => match valid::tag(&value) {
                None => {
                    let why = format!("`{value}` has no character that a tag can have");
                    warnings.push(format!("line `{}` makes no tag: {why}", rule.line));
                    (None, why)
                }
                Some(tag) => {
                    made.latest.get_or_insert(latest);
                    let reason = match made.tags.iter().position(|other| *other == tag) {
                        Some(place) => {
                            if origins[place] != value {
                                warnings
                                    .push(format!("`{}` and `{value}` become the same tag, `{tag}`", origins[place]));
                            }
                            "the same tag as above".into()
                        }
                        None if tag.as_str() == value => "fired".into(),
                        None => format!("fired; `{value}` was made valid"),
                    };
                    if !made.tags.contains(&tag) {
                        made.tags.push(tag.clone());
                        origins.push(value);
                    }
                    (Some(tag), reason)
                }
            },
        };
        made.rules.push(Explanation { id: rule.id.clone(), rule: rule.line.clone(), tag, reason });
    }
    Ok(made)
}

/// What is said where the tag of this run's ref is that of another one too.
fn namesakes(facts: &Facts, tags: &[ImageTag]) -> Option<String> {
    let name = facts.branch().or(facts.tag())?;
    let shared = valid::tag(name)?;
    let is_used = tags.iter().any(|tag| tag.as_str().contains(shared.as_str()));
    let others = facts.namesakes.join("`, `");
    (is_used && !others.is_empty()).then(|| {
        format!(
            "`{name}` and `{others}` become the same tag, `{shared}`, so the later build replaces the other's image; \
             rename one, or add `suffix=-{{{{sha}}}}` to the rule"
        )
    })
}

/// The tags, and `latest` if it belongs to them.
fn with_latest(inputs: &Inputs, run: &Run, made: &Made) -> Vec<ImageTag> {
    let mut tags = made.tags.clone();
    if made.latest.is_some_and(|automatic| inputs.flavor.latest.unwrap_or(automatic)) {
        let at_latest = |affix: &Affix| if affix.on_latest { affix.template.render(run) } else { String::new() };
        let tag =
            valid::tag(&format!("{}latest{}", at_latest(&inputs.flavor.prefix), at_latest(&inputs.flavor.suffix)));
        tags.extend(tag.filter(|tag| !tags.contains(tag)));
    }
    tags
}
