//! Parts of a repository that are released on their own: which paths they have, and what they depend on.

mod cargo;
mod graph;
mod npm;
mod paths;
mod scope;
mod settings;
mod sources;
mod through;

use slipway_core::git::{Argv, Git};
use slipway_core::{ComponentName, Context, Host, PathPattern, Result};

use crate::inputs::Inputs;

pub(crate) use paths::Paths;
pub(crate) use scope::{Scope, Touched};
pub(crate) use through::{Dependencies, count_dependencies};

use settings::Components;
use sources::Sources;

/// The components that `slipway.toml` has paths of. `top` is the top of the working tree.
///
/// # Errors
/// `InvalidInput` if there are none, `InvalidFile` or `UnreadableFile` if the file cannot be read.
pub(crate) async fn names<H: Host>(context: &Context<H>, top: &str) -> Result<Vec<ComponentName>> {
    Components::read(context, top).await?.names()
}

/// Warnings of paths that no tracked file has: misspelled, they would release nothing for ever.
pub(crate) async fn misspelled<H: Host>(git: &Git<'_, H>, scope: &Scope) -> Vec<String> {
    let mut missing: Vec<&PathPattern> = scope.paths.included().iter().filter(|path| path.as_str() != "**").collect();
    if missing.is_empty() {
        return Vec::new();
    }
    let argv = Argv::new("ls-files").flag("-z").patterns(missing.iter().copied(), []);
    // Without a working tree there is no list.
    let Ok(listed) = git.bytes(argv).await else { return Vec::new() };
    for path in listed.split(|byte| *byte == 0) {
        let path = String::from_utf8_lossy(path);
        missing.retain(|pattern| !pattern.covers(&path));
    }
    let told = |path: &PathPattern| format!("`paths`: nothing that is checked out is `{path}`, or is below it");
    missing.into_iter().map(told).collect()
}

/// What counts, as the inputs and the repository say; nothing if everything does. `top` is the top of the working tree.
///
/// # Errors
/// `InvalidInput` for a component that has no paths, `InvalidFile` or `UnreadableFile` if it cannot be read what it depends on.
pub(crate) async fn scope<H: Host>(
    context: &Context<H>,
    git: &Git<'_, H>,
    top: &str,
    inputs: &Inputs,
) -> Result<Option<Scope>> {
    let Some(component) = inputs.component() else {
        return Ok(inputs.paths.clone().map(|paths| Scope { paths, dependencies: Vec::new() }));
    };
    let components = Components::read(context, top).await?;
    let paths = match &inputs.paths {
        Some(paths) => paths,
        None => components.paths(component)?,
    };
    let dependencies = if inputs.rules.dependencies == Dependencies::None {
        Vec::new()
    } else {
        let sources = Sources::read(context, git, top, graph::files()).await?;
        graph::dependencies(component, paths, &components, &sources)?
    };
    Ok(Some(Scope { paths: paths.clone(), dependencies }))
}
