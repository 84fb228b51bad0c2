//! From rules and facts to tags.

use serde::Serialize;
use slipway_core::Result;
use slipway_core::image::{ImageName, ImageReference, ImageTag};

use crate::bake::{self, BakeFile};
use crate::facts::Facts;
use crate::flavor::{self, Affix};
use crate::forward::Standing;
use crate::inputs::Inputs;
use crate::labels::labels;
use crate::registry::{self, RegistryPlan};
use crate::rule::{Answer, Rule};
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
    /// What became of `latest`.
    pub(crate) latest: Latest,
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

/// What became of `latest`.
#[derive(Debug, Serialize)]
pub(crate) struct Latest {
    /// The tag, if it was given.
    pub tag: Option<ImageTag>,
    /// Why it was given or not.
    pub reason: String,
}

pub(crate) fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
    let run = Run::new(inputs, facts);
    let mut warnings = facts.warnings.clone();
    for template in inputs.labels.iter().chain(&inputs.annotations) {
        warnings.extend(template.warnings());
    }
    let Named { tags: tag_names, rules, latest } = name(inputs, &run, &mut warnings)?;
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
        rules,
        latest,
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

impl Plan {
    /// Every rule and `latest`, with the tag that came of it and why or why not.
    pub(crate) fn explanations(&self) -> impl Iterator<Item = (&str, Option<&ImageTag>, &str)> {
        let latest = ("latest", self.latest.tag.as_ref(), self.latest.reason.as_str());
        let rules = self.rules.iter().map(|rule| (rule.rule.as_str(), rule.tag.as_ref(), rule.reason.as_str()));
        rules.chain([latest])
    }
}

/// The tags that the rules make: what a registry is asked about.
///
/// # Errors
/// As the plan itself.
pub(crate) fn tag_names(inputs: &Inputs, facts: &Facts) -> Result<Vec<ImageTag>> {
    name(inputs, &Run::new(inputs, facts), &mut Vec::new()).map(|named| named.tags)
}

/// All tags, `latest` among them, and what became of every rule.
struct Named {
    tags: Vec<ImageTag>,
    rules: Vec<Explanation>,
    latest: Latest,
}

fn name(inputs: &Inputs, run: &Run, warnings: &mut Vec<String>) -> Result<Named> {
    let made = make(inputs, run, warnings)?;
    warnings.extend(namesakes(run.facts, &made.tags));
    let latest = latest(inputs, run, &made, warnings);
    let Made { mut tags, rules, .. } = made;
    tags.extend(latest.tag.clone().filter(|tag| !tags.contains(tag)));
    match &run.facts.unread {
        Some(error) if tags.is_empty() && inputs.registry.undo.is_none() => return Err(error.clone()),
        Some(error) => warnings.push(format!("rules on the branch, the tag and the commit rest: {}", error.message())),
        None if tags.is_empty() && inputs.registry.undo.is_none() => {
            warnings.push("no rule made a tag: see the table of rules for the reasons".into());
        }
        None => {}
    }
    Ok(Named { tags, rules, latest })
}

/// What the rules made.
struct Made<'a> {
    tags: Vec<ImageTag>,
    /// The first rule that fired, and whether its tag is one of a release.
    first: Option<(&'a Rule, bool)>,
    rules: Vec<Explanation>,
}

fn make<'a>(inputs: &'a Inputs, run: &Run, warnings: &mut Vec<String>) -> Result<Made<'a>> {
    let mut made = Made { tags: Vec::new(), first: None, rules: Vec::new() };
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
                    made.first.get_or_insert((rule, latest));
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

/// Whether `latest` belongs to the tags, and why or why not. The rule is the first one that made a tag.
fn latest(inputs: &Inputs, run: &Run, made: &Made, warnings: &mut Vec<String>) -> Latest {
    let says = inputs.flavor.latest;
    let no = |reason: String| Latest { tag: None, reason };
    let Some((rule, is_release)) = made.first else { return no("no rule made a tag".into()) };
    let reason = match (says, is_release) {
        (flavor::Latest::Never, _) => return no("`flavor` says `latest=false`".into()),
        (flavor::Latest::Always, _) => "`flavor` says `latest=true`",
        (_, false) => return no(format!("the first tag, of `{}`, is of no release", rule.line)),
        (flavor::Latest::Auto, true) => "the first tag is of a release",
        (flavor::Latest::Forward, true) => match rule.standing(run, &inputs.flavor) {
            Standing::Highest => "no release is higher",
            Standing::Below(other) => return no(format!("`{other}` is higher")),
            Standing::Unknown(why) => {
                warnings.push(format!("`latest` is not given, because {why}"));
                return no(why);
            }
        },
    };
    let at_latest = |affix: &Affix| if affix.on_latest { affix.template.render(run) } else { String::new() };
    let (before, after) = (at_latest(&inputs.flavor.prefix), at_latest(&inputs.flavor.suffix));
    Latest { tag: valid::tag(&format!("{before}latest{after}")), reason: reason.into() }
}
