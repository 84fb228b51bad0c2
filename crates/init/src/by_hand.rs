//! What a file cannot do: secrets, environments, the protection of branches and tags.

use crate::choice::Choice;
use crate::facts::Facts;
use crate::findings::RuntimeKind;
use crate::settings_file::{components, environments, missing};

/// The migration pages of tools that release.
const RELEASES: [&str; 3] = ["semantic-release", "release-please", "other-release-tools"];

/// Everything that a person has to set, as Markdown.
pub(crate) fn steps(facts: &Facts, chosen: &[(&Choice, String)]) -> Vec<String> {
    let repository = &facts.repository;
    let mut steps = Vec::new();
    for (choice, place) in chosen {
        steps.push(format!("`{place}`: do what its first lines tell under \"To configure\""));
        if !choice.placeholders.is_empty() {
            let lines: Vec<String> = choice.placeholders.iter().map(usize::to_string).collect();
            steps.push(format!("`{place}`, line {}: put your own names and addresses there", lines.join(", ")));
        }
    }
    let has = |name: &str| chosen.iter().any(|(choice, _)| choice.name == name);
    for old in facts.findings.previous.iter().filter(|old| has("release") && RELEASES.contains(&old.page)) {
        steps.push(format!("`{}`: take {} out with the same change, else two tools release", old.file, old.tool));
    }
    let mut secrets: Vec<&String> = Vec::new();
    for secret in chosen.iter().flat_map(|(choice, _)| &choice.secrets) {
        let name = |line: &str| line.split('`').nth(1).map(str::to_owned);
        if !secrets.iter().any(|known| name(known) == name(secret)) {
            secrets.push(secret);
        }
    }
    for secret in secrets {
        steps.push(format!("the secret {secret} ({})", repository.page("settings/secrets/actions")));
    }
    let mut reviewed = Vec::new();
    if has("release") {
        reviewed.push("release-major");
    }
    let found = environments(facts);
    reviewed.extend(found.last().map(|last| last.name.as_str()));
    for name in reviewed {
        steps.push(format!(
            "the environment `{name}` with required reviewers, else nobody is asked ({})",
            repository.page("settings/environments")
        ));
    }
    if has("release") {
        let prefix = repository.tags.as_ref().map_or("v", |(prefix, _)| prefix);
        steps.push(format!(
            "a ruleset for `{}` that asks for a pull request and for its checks, and one for the tags `{prefix}*` that lets nobody move or delete them ({})",
            repository.default_branch,
            repository.page("settings/rules")
        ));
    }
    if has("gitops") || has("rollback") {
        let shared = components(facts).into_iter().filter(|found| !found.images.is_empty() && found.files.is_empty());
        for component in shared {
            steps.push(format!(
                "`{}` stands in files that all environments share: give each environment a place of its own for it (`images:` in the `kustomization.yaml` of the overlay, or values of its own), and name that in `files`",
                component.images.join("`, `")
            ));
        }
    }
    for system in &facts.findings.systems {
        steps.push(format!(
            "{}: what to put into `{}` stands in https://github.com/slipway-release/slipway/tree/main/.github/workflow-templates/{}",
            system.name, system.file, system.folder
        ));
    }
    let is_built = !facts.findings.builds.is_empty();
    if is_built && facts.findings.runtimes.is_empty() {
        steps.push(
            "images are built here, but nothing says where they run: name `gitops`, `ecs` or `docker-host` in `--starters` to deploy them"
                .into(),
        );
    }
    if facts.findings.runs_on(RuntimeKind::Host).is_some() && has("docker-host") {
        steps.push("the host's key for `known_hosts`, compared with what the machine itself says: without it nothing is deployed".into());
    }
    steps.extend(missing(facts));
    steps
}
