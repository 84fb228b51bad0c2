//! What a change of a dependency asks for.

use crate::decision::Decision;
use crate::version::Bump;

/// What a commit that releases something for a dependency makes of the component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dependencies {
    /// A patch: the component's own interface stays as it is.
    Patch,
    /// What it makes of the dependency.
    Same,
    /// Nothing: dependencies are not looked at.
    None,
}

impl Dependencies {
    /// The words for it in the inputs.
    pub(crate) const WORDS: [(&'static str, Self); 3] =
        [("patch", Self::Patch), ("same", Self::Same), ("none", Self::None)];
}

/// Weighs the commits that change a dependency and nothing of the component itself.
pub(crate) fn count_dependencies(how: Dependencies, decisions: &mut [Decision]) {
    for decision in decisions {
        let Some(dependency) = decision.commit.touched.through().map(str::to_owned) else { continue };
        let said = &mut decision.commit.said;
        if how == Dependencies::Patch {
            decision.bump = decision.bump.min(Bump::Patch);
            said.breaking = None;
        }
        said.reason = format!("through {dependency}: {}", said.reason).into();
        said.scope.get_or_insert(dependency);
    }
}
