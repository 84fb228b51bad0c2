//! What a person can say.

use slipway_core::input::{InputKind, InputSpec, Reader, WORKING_DIRECTORY};
use slipway_core::text::quoted;
use slipway_core::{Error, ErrorKind};

use crate::starters::STARTERS;

/// Every input.
pub(crate) const INPUTS: &[InputSpec] = &[
    InputSpec::new("yes", InputKind::Boolean, "Write what is proposed without asking.").default("false"),
    InputSpec::new(
        "starters",
        InputKind::List,
        "Pipelines to write instead of those that fit: `release`, `gitops`, `security`, `rollback`, `drill`, `ecs`, `docker-host`.",
    ),
    WORKING_DIRECTORY,
];

/// The inputs after parsing.
#[derive(Debug)]
pub struct Inputs {
    /// Whether the proposals are taken without a question.
    pub yes: bool,
    /// The pipelines that were named.
    pub(crate) starters: Option<Vec<&'static str>>,
}

/// Parses the inputs.
pub(crate) fn read(reader: &mut Reader) -> Option<Inputs> {
    let yes = reader.boolean("yes");
    let mut starters = Vec::new();
    for name in reader.list("starters").iter().flat_map(|line| line.split([',', ' '])).filter(|name| !name.is_empty()) {
        match STARTERS.iter().find(|starter| starter.name == name) {
            Some(starter) => starters.push(starter.name),
            None => {
                let known = quoted(&mut STARTERS.iter().map(|starter| starter.name));
                let error = Error::new(ErrorKind::InvalidInput, format!("there is no pipeline `{name}`"));
                reader.refuse("starters", error.hint(format!("they are {known}")));
            }
        }
    }
    Some(Inputs { yes, starters: Some(starters).filter(|starters| !starters.is_empty()) })
}
