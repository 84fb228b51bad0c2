//! `type=sha`: the commit.

use super::{Answer, Evaluate, Type};
use crate::run::Run;

pub(super) const TYPE: Type = Type {
    name: "sha",
    priority: 100.0,
    attributes: &["format"],
    parse: |attributes| {
        let formats = [("short", Format::Short), ("long", Format::Long)];
        Ok(Box::new(attributes.word("format", &formats, Some(Format::Short))?))
    },
};

#[derive(Clone, Copy)]
enum Format {
    Short,
    Long,
}

impl Evaluate for Format {
    fn evaluate(&self, run: &Run) -> Answer {
        if run.facts.sha.is_empty() {
            return Answer::Rests("there is no commit".into());
        }
        let value = match self {
            Self::Long => &run.facts.sha,
            Self::Short => run.facts.short_sha(),
        };
        Answer::Fires { value: value.into(), latest: false }
    }

    fn prefix(&self) -> Option<&'static str> {
        Some("sha-")
    }
}
