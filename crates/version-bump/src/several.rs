//! Several components in one plan: what each of them would release, as a list that a matrix of jobs can be made of.

use serde::{Serialize, Serializer};
use slipway_core::git::Git;
use slipway_core::input::Reader;
use slipway_core::text::counted;
use slipway_core::text::markdown::{code, table, text};
use slipway_core::{ComponentName, Context, Error, ErrorKind, Host, Report, Result};

use crate::component;
use crate::facts::{self, Facts};
use crate::inputs::{Inputs, Mode};
use crate::plan::{self, Plan};
use crate::report::{self, Entry};
use crate::repository::Known;
use crate::tags;
use crate::version::Bump;

/// What stands for every component that `slipway.toml` has.
const ALL: &str = "*";

/// The components that are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// None: all of the repository.
    Whole,
    /// One of them.
    One(ComponentName),
    /// These.
    Several(Vec<ComponentName>),
    /// All that have paths in `slipway.toml`.
    All,
}

impl Wanted {
    /// Reads the input `component`.
    pub(crate) fn read(reader: &mut Reader) -> Self {
        if reader.list("component") == [ALL] {
            return Self::All;
        }
        let mut names: Vec<ComponentName> = Vec::new();
        for name in reader.parsed_list("component") {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        match names.len() {
            0 => Self::Whole,
            1 => names.pop().map_or(Self::Whole, Self::One),
            _ => Self::Several(names),
        }
    }

    /// The one component.
    pub(crate) fn one(&self) -> Option<&ComponentName> {
        if let Self::One(name) = self { Some(name) } else { None }
    }

    /// Whether there can be more than one.
    pub(crate) fn is_many(&self) -> bool {
        matches!(self, Self::Several(_) | Self::All)
    }
}

/// Refuses what only one component can have.
pub(crate) fn check(reader: &mut Reader, mode: Option<Mode>, prefix: &str) {
    let matrix = "plan first, and run this step for each `component` of the output `releases`, in a matrix";
    let own = "the tags of several components are told apart by their names";
    let refusals = [
        (
            "mode",
            mode.is_some_and(|mode| mode != Mode::Plan),
            "several components can only be planned together",
            matrix,
        ),
        (
            "paths",
            !reader.list("paths").is_empty(),
            "these are the paths of one component",
            "put them into `slipway.toml`",
        ),
        ("version", !reader.text("version").is_empty(), "this is the version of one component", matrix),
        ("comment", reader.text("comment") == "true", "each component has a comment of its own", matrix),
        (
            "tag-prefix",
            !tags::names_component(prefix),
            own,
            "write `{{component}}/v`, or another prefix that holds `{{component}}`",
        ),
    ];
    for (input, is_wrong, why, hint) in refusals {
        if is_wrong {
            reader.refuse(input, Error::new(ErrorKind::InvalidInput, why).hint(hint));
        }
    }
}

/// What there is of one thing that is released, or of each of several.
#[derive(Debug)]
pub enum Each<T> {
    /// Of the repository, or of one component.
    One(T),
    /// Of several components.
    Several(Vec<(ComponentName, T)>),
}

impl<T: Serialize> Serialize for Each<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::One(one) => one.serialize(serializer),
            Self::Several(several) => serializer.collect_map([("components", Named(several))]),
        }
    }
}

/// Values by the names of their components.
struct Named<'a, T>(&'a [(ComponentName, T)]);

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

pub(crate) async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Each<Facts>> {
    if !inputs.wanted.is_many() {
        return facts::gather(context, inputs, None).await.map(Each::One);
    }
    let (git, checkout) = Git::survey(context).await?;
    let names = match &inputs.wanted {
        Wanted::Several(names) => names.clone(),
        _ => component::names(context, &checkout.top).await?,
    };
    let known = Known::look(&git).await;
    let mut all = Vec::new();
    for name in names {
        let facts = facts::gather(context, &inputs.of(&name)?, Some(&known)).await;
        all.push((name.clone(), facts.map_err(|error| about(&name, error))?));
    }
    Ok(Each::Several(all))
}

pub(crate) fn plan(inputs: &Inputs, facts: &Each<Facts>) -> Result<Each<Plan>> {
    let all = match facts {
        Each::One(facts) => return plan::plan(inputs, facts).map(Each::One),
        Each::Several(all) => all,
    };
    let plan = |(name, facts): &(ComponentName, Facts)| {
        let plan = plan::plan(&inputs.of(name)?, facts).map_err(|error| about(name, error))?;
        Ok((name.clone(), plan))
    };
    all.iter().map(plan).collect::<Result<_>>().map(Each::Several)
}

fn about(name: &ComponentName, error: Error) -> Error {
    error.context(format!("component `{name}`"))
}

/// Tells what each component would release.
pub(crate) fn report(plans: &[(ComponentName, Plan)]) -> Report {
    let mut report = Report::default();
    let released: Vec<Entry<'_>> = plans.iter().filter_map(|(name, plan)| Entry::new(Some(name), plan, None)).collect();
    let bump = plans.iter().map(|(_, plan)| plan.bump).max().unwrap_or(Bump::None);
    for output in report::OUTPUTS {
        report.output(output.name, "");
    }
    report.output("released", false);
    report.output("releases", report::list(&released));
    report.output("commit", plans.first().map(|(_, plan)| plan.head.to_string()).unwrap_or_default());
    report.output("bump", bump.word());
    report.output("approval-required", plans.iter().any(|(_, plan)| plan.approval_required));
    let waiting = plans.iter().filter(|(_, plan)| plan.bump != Bump::None).count();
    let rows = plans.iter().map(|(name, plan)| {
        let version =
            |version: &Option<_>| version.as_ref().map(|version: &semver::Version| code(&version.to_string()));
        let next = version(&plan.version).filter(|_| plan.bump != Bump::None);
        [
            code(name.as_str()),
            version(&plan.previous).unwrap_or_default(),
            next.unwrap_or_default(),
            if plan.bump == Bump::None { String::new() } else { plan.bump.word().into() },
            text(&plan.reason),
        ]
    });
    let of = counted(plans.len(), "component");
    report.summary = format!("### {waiting} of {of} to release\n\n");
    report.summary += &table(["Component", "Last release", "Next", "Bump", "Why"], rows);
    for (name, plan) in plans {
        let told = report::report(Some(name), plan, None);
        if plan.bump != Bump::None {
            report.summary +=
                &format!("\n{}", told.summary.replacen("### ", &format!("### {}: ", code(name.as_str())), 1));
        }
        for mut annotation in told.annotations {
            annotation.message = format!("component `{name}`: {}", annotation.message);
            report.annotations.push(annotation);
        }
        if let Some(refusal) = told.refusal {
            report.notice(about(name, refusal).to_string());
        }
    }
    report
}
