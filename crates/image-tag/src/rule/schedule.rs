//! `type=schedule`: runs that a timer started.

use super::{Answer, Type};

pub(super) const TYPE: Type = Type {
    name: "schedule",
    priority: 1000.0,
    attributes: &["pattern"],
    check: |attributes| attributes.template("pattern").map(drop),
    prefix: |_| None,
    evaluate: |attributes, facts| {
        if !facts.event.contains("schedule") {
            return Ok(Answer::Rests("the run was not started by a schedule".into()));
        }
        let value = match attributes.template("pattern")? {
            Some(pattern) => pattern.render(|_| None),
            None => "nightly".into(),
        };
        Ok(Answer::Fires { value, latest: false })
    },
};
