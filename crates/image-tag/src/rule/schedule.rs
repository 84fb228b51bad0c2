//! `type=schedule`: runs that a timer started.

use super::{Answer, Evaluate, Type};
use crate::run::Run;
use crate::template::{Clock, Scope, Template, Value, Vocabulary};

pub(super) const TYPE: Type = Type {
    name: "schedule",
    priority: 1000.0,
    attributes: &["pattern"],
    parse: |attributes| {
        let pattern = attributes.template("pattern", &DATES)?;
        Ok(Box::new(Schedule(pattern.unwrap_or_else(|| Template::plain("nightly")))))
    },
};

/// A schedule is not of a branch, so only dates have a meaning.
const DATES: Vocabulary = Vocabulary { names: &[], dates: true };

struct Schedule(Template);

struct Dates<'a>(&'a Run<'a>);

impl Evaluate for Schedule {
    fn evaluate(&self, run: &Run) -> Answer {
        if !run.facts.event.contains("schedule") {
            return Answer::Rests("the run was not started by a schedule".into());
        }
        Answer::Fires { value: self.0.render(&Dates(run)), latest: false }
    }

    fn templates(&self) -> Vec<&Template> {
        vec![&self.0]
    }
}

impl Scope for Dates<'_> {
    fn value(&self, _: &str) -> Option<Value> {
        None
    }

    fn date(&self, clock: Clock, format: &str, zone: &str) -> String {
        self.0.date(clock, format, zone)
    }
}
