//! `type=match`: what a regular expression finds in the tag.

use slipway_core::{Error, ErrorKind};

use super::version::{Source, release, release_of_tag, version_at_end};
use super::{Answer, Evaluate, Type};
use crate::forward::Release;
use crate::number::number;
use crate::run::{Judged, Run};
use crate::template::Template;
use slipway_core::pattern::Pattern;

pub(super) const TYPE: Type = Type {
    name: "match",
    priority: 800.0,
    attributes: &["pattern", "group", "value"],
    parse: |attributes| {
        let text = attributes.required("pattern", "type=match,pattern=…")?;
        let group = attributes.get("group").unwrap_or("0");
        if number(group).is_none() {
            return Err(Error::new(ErrorKind::InvalidInput, format!("attribute `group`: `{group}` is no number"))
                .hint("write the number of the group; `group=0` is the whole match"));
        }
        Ok(Box::new(Matching {
            pattern: Pattern::parse(text).map_err(|error| error.context("attribute `pattern`"))?,
            text: text.into(),
            group: group.into(),
            source: Source::parse_value(attributes)?,
        }))
    },
};

struct Matching {
    pattern: Pattern,
    text: String,
    group: String,
    source: Source,
}

impl Evaluate for Matching {
    fn evaluate(&self, run: &Run) -> Answer {
        let text = match self.source.text(run) {
            Ok(text) => text,
            Err(answer) => return answer,
        };
        let Some(groups) = self.pattern.captures(&text) else {
            return Answer::Fails(format!("`{}` does not match `{text}`", self.text));
        };
        let number = self.group.parse().ok().filter(|number: &usize| number.to_string() == self.group);
        let group = number.and_then(|number| groups.into_iter().nth(number).flatten());
        match group {
            Some(value) => Answer::Fires { value, latest: true },
            None => Answer::Fails(format!("`{}` has no group {} in `{text}`", self.text, self.group)),
        }
    }

    fn release(&self, run: &Run) -> Option<Release> {
        // In a registry stands what was made of a tag.
        if let Some(Judged::Version(text)) = run.judged() {
            return release(text);
        }
        let Answer::Fires { value, .. } = self.evaluate(run) else { return None };
        // The value may be a part of the version only.
        let own = self.source.text(&run.own()).ok()?;
        if version_at_end(&own).is_none() {
            return release(&value);
        }
        release_of_tag(&self.source.text(run).ok()?, &own)
    }

    fn templates(&self) -> Vec<&Template> {
        self.source.templates()
    }
}
