//! `type=edge`: the tip of the default branch, or of another one.

use super::{Answer, Evaluate, Type};
use crate::run::Run;

pub(super) const TYPE: Type = Type {
    name: "edge",
    priority: 700.0,
    attributes: &["branch"],
    parse: |attributes| {
        let branch = attributes.get("branch").filter(|branch| !branch.is_empty());
        Ok(Box::new(Edge { branch: branch.map(Into::into) }))
    },
};

struct Edge {
    /// The branch; the repository's default one if the rule names none.
    branch: Option<String>,
}

impl Evaluate for Edge {
    fn evaluate(&self, run: &Run) -> Answer {
        let Some(branch) = run.facts.branch() else { return Answer::Rests("the run is not on a branch".into()) };
        let wanted = self.branch.as_deref().or(run.facts.repository.default_branch.as_deref());
        match wanted {
            Some(wanted) if wanted == branch => Answer::Fires { value: "edge".into(), latest: false },
            Some(wanted) => Answer::Rests(format!("the run is on the branch `{branch}` and not on `{wanted}`")),
            None => Answer::Fails("the default branch is not known; name it by `branch=…`".into()),
        }
    }
}
