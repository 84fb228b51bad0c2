//! What is promised in several places says the same in all of them: the tables in code, action.yml, the READMEs and `--help`.
//!
//! `BLESS=1 cargo test --test contract` writes action.yml and the READMEs' tables anew from the tables in code.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests read and bless the files themselves"
)]

mod examples;
mod gitlab;
mod packages;
mod render;
mod settings;
mod workflow;
mod workflow_tables;
mod workflows;

use std::path::PathBuf;

use slipway_core::Action;

/// What action.yml says beside the tables.
struct Card {
    folder: PathBuf,
    title: &'static str,
    icon: &'static str,
    color: &'static str,
}

fn check<A: Action>(title: &'static str, icon: &'static str, color: &'static str) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("actions").join(A::NAME);
    let card = Card { folder, title, icon, color };
    let yml = card.folder.join("action.yml");
    let readme = card.folder.join("README.md");
    let expected = render::action_yml::<A>(&card);
    let text = std::fs::read_to_string(&readme).unwrap();
    let with_tables = render::readme::<A>(&text);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&yml, &expected).unwrap();
        std::fs::write(&readme, &with_tables).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&yml).unwrap(), expected, "{}: see this file's first lines", yml.display());
    assert_eq!(
        std::fs::read_to_string(&readme).unwrap(),
        with_tables,
        "{}: see this file's first lines",
        readme.display()
    );

    let help = slipway_core::cli::command::<A>().render_long_help().to_string();
    for spec in A::INPUTS {
        assert!(help.contains(&format!("--{}", spec.name)), "`--{}` is missing from --help of {}", spec.name, A::NAME);
    }
    slipway_core::cli::command::<A>().debug_assert();
}

#[test]
fn image_tag() {
    check::<image_tag::ImageTagAction>("Slipway image-tag", "tag", "blue");
}

#[test]
fn config_updater() {
    check::<config_updater::ConfigUpdaterAction>("Slipway config-updater", "git-commit", "blue");
}

#[test]
fn version_bump() {
    check::<version_bump::VersionBumpAction>("Slipway version-bump", "trending-up", "blue");
}

#[test]
fn rollback_gate() {
    check::<rollback_gate::RollbackGate>("Slipway rollback-gate", "shield", "red");
}
