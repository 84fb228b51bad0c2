//! `type=sha`: the commit.

use super::{Answer, Type};

pub(super) const TYPE: Type = Type {
    name: "sha",
    priority: 100.0,
    attributes: &["format"],
    check: |attributes| attributes.word("format", &["short", "long"], Some("short")).map(drop),
    prefix: |_| Some("sha-"),
    evaluate: |attributes, facts| {
        if facts.sha.is_empty() {
            return Ok(Answer::Rests("there is no commit".into()));
        }
        let value = match attributes.get("format") {
            Some("long") => &facts.sha,
            _ => facts.short_sha(),
        };
        Ok(Answer::Fires { value: value.into(), latest: false })
    },
};
