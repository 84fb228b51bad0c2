//! Which pipelines are proposed, and with which inputs.

use serde::Serialize;

use crate::facts::Facts;
use crate::fill;
use crate::findings::Setting;
use crate::inputs::Inputs;
use crate::starters::{STARTERS, workflow};

/// A pipeline with the values of this repository.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Choice {
    /// The pipeline.
    pub name: &'static str,
    /// Why it is proposed.
    pub why: String,
    /// The workflow's text.
    pub text: String,
    /// The inputs that were set, or taken away.
    pub settings: Vec<Setting>,
    /// The inputs that have their values now, whether they were changed for it or not.
    #[serde(skip)]
    pub taken: Vec<String>,
    /// The secrets that its calls take, as `NAME: what it is`.
    pub secrets: Vec<String>,
    /// The lines, from 1, that name what only the team knows.
    pub placeholders: Vec<usize>,
}

/// A pipeline that is not proposed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Passed {
    pub name: &'static str,
    pub why: String,
}

/// What was chosen, what was not, and the settings that no chosen pipeline takes.
pub(crate) struct Choices {
    pub chosen: Vec<Choice>,
    pub passed: Vec<Passed>,
    pub unused: Vec<Setting>,
}

/// Chooses the pipelines.
pub(crate) fn choose(inputs: &Inputs, facts: &Facts) -> Choices {
    let settings = settings(facts);
    let (mut chosen, mut passed): (Vec<Choice>, Vec<Passed>) = (Vec::new(), Vec::new());
    for starter in &STARTERS {
        let Some(template) = starter.template() else { continue };
        let adopted = facts.findings.adopted.iter().find(|adopted| adopted.pipeline == starter.name);
        let named = inputs.starters.as_ref().map(|named| named.contains(&starter.name));
        let verdict = match (adopted, named) {
            (Some(adopted), _) => Err(format!("`{}` calls it already", adopted.file)),
            (None, Some(true)) => Ok("you named it".into()),
            (None, Some(false)) => Err("you named others".into()),
            (None, None) if !facts.repository.is_on_github() => Err("the repository is not on GitHub".into()),
            (None, None) => (starter.fits)(&facts.findings).map_err(str::to_owned),
        };
        match verdict {
            Ok(why) => chosen.push(fitted(starter.name, template, why, &settings, facts)),
            Err(why) => passed.push(Passed { name: starter.name, why }),
        }
    }
    // What was taken from a tool's settings must not be lost without a word; what we know ourselves may.
    let is_told = |setting: &Setting| facts.findings.settings.iter().any(|found| found.input == setting.input);
    let is_used = |setting: &Setting| chosen.iter().any(|choice: &Choice| choice.taken.contains(&setting.input));
    let unused = settings
        .iter()
        .filter(|setting| setting.value.is_some() && is_told(setting) && !is_used(setting))
        .cloned()
        .collect();
    Choices { chosen, passed, unused }
}

/// Every input that something in the repository gives a value, what its own tools say first.
fn settings(facts: &Facts) -> Vec<Setting> {
    let findings = &facts.findings;
    // How it is released is the pipeline's business.
    let mut settings: Vec<Setting> =
        findings.settings.iter().filter(|setting| setting.input != "mode").cloned().collect();
    settings.extend(crate::gitops::settings(facts));
    let mut add = |input: &str, value: Option<String>, why: String| {
        if !settings.iter().any(|known| known.input == input && known.only.is_none()) {
            settings.push(Setting { input: input.into(), value, why, only: None });
        }
    };
    if let Some((prefix, count)) = &facts.repository.tags {
        add("tag-prefix", Some(prefix.clone()), format!("tags that begin so: {count}"));
    }
    if let Some(language) = findings.languages.first() {
        add("test-command", Some(language.test.into()), format!("`{}` is there", language.file));
        add("lint-command", Some(language.lint.into()), format!("`{}` is there", language.file));
    }
    if let Some(runtime) = findings.runs_on(crate::findings::RuntimeKind::Kubernetes) {
        add("deployer", Some(runtime.deployer.into()), format!("`{}` is {}", runtime.file, runtime.why));
        add("config-repository", None, format!("the manifests are in this repository: `{}`", runtime.file));
    }
    if let [build] = &findings.builds[..] {
        add("dockerfile", Some(build.file.clone()), "it is the only Dockerfile".into());
        let context = if build.directory.is_empty() { "." } else { &build.directory };
        add("context", Some(context.into()), format!("`{}` is there", build.file));
    }
    let components = crate::settings_file::components(facts);
    if let [component] = &components[..] {
        add("component", Some(component.name.clone()), component.why.clone());
        if let [image] = &component.images[..] {
            add("image", Some(image.clone()), component.why.clone());
            add("images", Some(image.clone()), component.why.clone());
        }
    }
    settings
}

/// A starter's text with what fits of the settings.
fn fitted(name: &'static str, template: &str, why: String, settings: &[Setting], facts: &Facts) -> Choice {
    let mut text = fill::given_by_github(template, &facts.repository.default_branch);
    if let Some(language) = facts.findings.languages.first() {
        text = fill::test_command(&text, language.test);
    }
    let mut used: Vec<Setting> = Vec::new();
    let (mut taken, mut secrets) = (Vec::new(), Vec::new());
    for job in fill::jobs(template) {
        let Some(workflow) = workflow(&job.workflow) else { continue };
        let known = workflow.inputs();
        for setting in settings.iter().filter(|setting| is_for(setting, &job.workflow)) {
            let Some((_, default)) = known.iter().find(|(name, _)| *name == setting.input) else { continue };
            let now = fill::input(&text, &job.name, &setting.input);
            taken.push(setting.input.clone());
            // What the starter computes, it computes for a reason.
            if now == setting.value
                || now.is_none() && *default == setting.value
                || now.as_ref().is_some_and(|now| now.contains("${{"))
            {
                continue;
            }
            let Some(changed) = fill::set_input(&text, &job.name, &setting.input, setting.value.as_deref()) else {
                continue;
            };
            text = changed;
            if setting.input == "config-repository" && setting.value.is_none() {
                for secret in ["config-token", "CONFIG_TOKEN"] {
                    text = fill::remove_secret(&text, &job.name, secret);
                }
            }
            if !used.contains(setting) {
                used.push(setting.clone());
            }
        }
        for secret in workflow.secrets() {
            if let Some(name) = secret_name(&text, &job.name, &secret.name) {
                let must = if secret.required { "needed" } else { "optional" };
                let line = format!("`{name}` ({must}): {}", secret.about);
                if !secrets.contains(&line) {
                    secrets.push(line);
                }
            }
        }
    }
    if let Some(changed) = pushed_branches(&text).and_then(|branches| fill::set_branches(&text, &branches)) {
        text = changed;
    }
    let components: Vec<String> = crate::settings_file::components(facts).into_iter().map(|found| found.name).collect();
    let mut environments = crate::settings_file::environments(facts);
    environments.reverse();
    let environments: Vec<String> = environments.into_iter().map(|found| found.name).collect();
    for (input, options) in [("component", components), ("environment", environments)] {
        if let Some(changed) = Some(&options)
            .filter(|options| !options.is_empty())
            .and_then(|options| fill::set_options(&text, input, options))
        {
            text = changed;
        }
    }
    let placeholders = fill::placeholders(&text);
    Choice { name, why, text, settings: used, taken, secrets, placeholders }
}

/// The branches that a pipeline that releases has channels for: it must start when one of them is pushed.
fn pushed_branches(text: &str) -> Option<Vec<String>> {
    let release = fill::jobs(text).into_iter().find(|job| job.workflow == "release")?;
    let channels = fill::input(text, &release.name, "channels")?;
    let branches = channels.lines().filter_map(|line| line.split('=').next()).map(|branch| branch.trim().to_owned());
    Some(branches.filter(|branch| !branch.is_empty()).collect())
}

/// Whether a pipeline is to get a value. One that releases a component gives it tags of its own, which only its own settings can ask for;
/// expressions are taken over where they mean the same in every job.
fn is_for(setting: &Setting, workflow: &str) -> bool {
    let mut expressions = setting.value.as_deref().unwrap_or_default().split("${{").skip(1);
    let known = ["github.repository", "github.repository_owner"];
    let is_meant = setting.only.is_none_or(|only| only == workflow);
    is_meant
        && !(setting.input == "component" && workflow == "release")
        && expressions.all(|rest| rest.split_once("}}").is_some_and(|(name, _)| known.contains(&name.trim())))
}

/// The name of the repository's secret that a job hands on as this one.
fn secret_name(text: &str, job: &str, secret: &str) -> Option<String> {
    let content = slipway_edit::Format::YAML.read(text).ok()?.to_json();
    let value = content["jobs"][job]["secrets"][secret].as_str()?;
    let name = value.split_once("secrets.")?.1;
    Some(name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
}
