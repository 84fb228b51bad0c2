//! Every package that the project promises is used by shipped code.

use std::path::Path;

/// The package and what using it looks like.
const PROMISED: [(&str, &str); 8] = [
    ("serde", "serde::"),
    ("serde_json", "serde_json::"),
    ("octocrab", "octocrab::"),
    ("semver", "semver::"),
    ("git-conventional", "git_conventional::"),
    ("sha2", "sha2::"),
    ("reqwest", "reqwest::"),
    ("clap", "clap::"),
];

const SHIPPED: [&str; 8] =
    ["core", "edit", "gitops", "registry", "version-bump", "image-tag", "config-updater", "rollback-gate"];

#[test]
fn promised_packages_are_used_in_shipped_code() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates");
    let mut code = String::new();
    for shipped in SHIPPED {
        read(&crates.join(shipped).join("src"), &mut code);
    }
    for (package, used) in PROMISED {
        assert!(code.contains(used), "no shipped code uses {package}");
    }
}

fn read(folder: &Path, code: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, code);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            code.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}
