//! Dockerfiles: what images are built from.

use super::Detector;
use crate::findings::{Build, Findings};
use crate::snapshot::{Snapshot, directory, file_name};

pub(super) const DETECTOR: Detector = Detector { wants: |_| false, detect };

/// Directories whose Dockerfile builds what lies above them.
const ASIDE: [&str; 4] = ["docker", "build", "deploy", ".docker"];
/// Directories that hold no product.
const OTHER: [&str; 8] = ["test", "tests", "e2e", "example", "examples", "fixtures", "vendor", ".devcontainer"];

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for path in &snapshot.paths {
        let name = file_name(path);
        if !matches!(name, "Dockerfile" | "Containerfile")
            || directory(path).split('/').any(|part| OTHER.contains(&part))
        {
            continue;
        }
        let mut built = directory(path);
        if ASIDE.contains(&file_name(built)) {
            built = directory(built);
        }
        findings.builds.push(Build { directory: built.into(), file: path.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_is_the_directory_of_the_dockerfile() {
        let found = super::super::found(
            &DETECTOR,
            [("Dockerfile", ""), ("backend/Dockerfile", ""), ("web/docker/Dockerfile", ""), ("e2e/Dockerfile", "")],
        );
        let built: Vec<&str> = found.builds.iter().map(|build| build.directory.as_str()).collect();
        assert_eq!(built, ["", "backend", "web"]);
    }
}
