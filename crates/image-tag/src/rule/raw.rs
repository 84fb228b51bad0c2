//! `type=raw`: a text of the author's.

use super::{Answer, Evaluate, Type};
use crate::run::{GLOBALS, Run};
use crate::template::Template;

pub(super) const TYPE: Type = Type {
    name: "raw",
    priority: 200.0,
    attributes: &["value"],
    parse: |attributes| Ok(Box::new(Raw(attributes.required_template("value", &GLOBALS, "type=raw,value=…")?))),
};

struct Raw(Template);

impl Evaluate for Raw {
    fn evaluate(&self, run: &Run) -> Answer {
        Answer::Fires { value: self.0.render(run), latest: false }
    }

    fn templates(&self) -> Vec<&Template> {
        vec![&self.0]
    }
}
