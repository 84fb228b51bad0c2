//! `type=raw`: a text of the author's.

use slipway_core::{Error, ErrorKind};

use super::{Answer, Globals, Type};

pub(super) const TYPE: Type = Type {
    name: "raw",
    priority: 200.0,
    attributes: &["value"],
    check: |attributes| match attributes.template("value")? {
        Some(_) => Ok(()),
        None => {
            Err(Error::new(ErrorKind::InvalidInput, "the attribute `value` is missing")
                .hint("write `type=raw,value=…`"))
        }
    },
    prefix: |_| None,
    evaluate: |attributes, facts| {
        let value = attributes.template("value")?.map(|value| Globals::new(facts).render(&value)).unwrap_or_default();
        Ok(Answer::Fires { value, latest: false })
    },
};
