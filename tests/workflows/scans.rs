//! One scan by itself, as the workflow `security` runs it: where the scanner comes from, and that nothing but a whole report of a scanner
//! that looked at something is a report.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use testbed::workspace;

use crate::security::trivy;

/// A pod that keeps to every policy.
const SAFE: &str = "apiVersion: v1\nkind: Pod\nmetadata: { name: shop }\nspec:\n  securityContext: { runAsUser: 1000 }\n  containers:\n    \
                    - { name: shop, image: 'shop:1', resources: { limits: { cpu: 1, memory: 1Gi } } }\n";

/// A folder that is scanned, and a folder of programs that come before the machine's.
struct Scan {
    folder: TempDir,
    programs: PathBuf,
}

impl Scan {
    fn new() -> Self {
        let folder = TempDir::with_prefix("scan-").unwrap();
        let programs = folder.path().join("programs");
        std::fs::create_dir(&programs).unwrap();
        Self { folder, programs }
    }

    /// Puts a script of bash where a program is looked for.
    fn program(&self, name: &str, script: &str) {
        let file = self.programs.join(name);
        std::fs::write(&file, format!("#!/usr/bin/env bash\nset -euo pipefail\n{script}\n")).unwrap();
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
    }

    /// Runs a scanner, and gives the rules that found something, or what was said instead of a report.
    fn run(&self, scanner: &str, inputs: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let action = workspace().join(".github/actions/scan");
        let output = self.folder.path().join("output");
        let _ = std::fs::remove_file(&output);
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path =
            std::env::join_paths([self.programs.clone()].into_iter().chain(std::env::split_paths(&path))).unwrap();
        let answer = Command::new("bash")
            .arg(action.join("scan.sh"))
            .current_dir(self.folder.path())
            .env("PATH", path)
            .env("GITHUB_ACTION_PATH", action)
            .env("GITHUB_OUTPUT", &output)
            .env("RUNNER_TEMP", self.folder.path())
            .env("TESTBED_TRIVY", trivy())
            .envs([("SCANNER", scanner), ("FOLDER", ".")])
            .envs(inputs.iter().copied())
            .output()
            .unwrap();
        if !answer.status.success() {
            return Err([answer.stdout, answer.stderr]
                .map(|text| String::from_utf8_lossy(&text).into_owned())
                .concat());
        }
        let output = std::fs::read_to_string(output).unwrap();
        let report = Path::new(output.trim().strip_prefix("reports=").unwrap()).join(format!("{scanner}.sarif"));
        let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
        let results = report["runs"][0]["results"].as_array().unwrap();
        let mut rules: Vec<String> =
            results.iter().map(|result| result["ruleId"].as_str().unwrap().to_owned()).collect();
        rules.sort_unstable();
        Ok(rules)
    }
}

#[test]
fn a_scanner_that_leaves_no_whole_report_leaves_none() {
    // What Trivy says it found, in the file after `--output`.
    const TO_OUTPUT: &str = "while [[ $1 != --output ]]; do shift; done\n";
    for (script, why) in [
        ("exit 1".to_owned(), "it fails"),
        ("exit 0".into(), "it writes nothing"),
        (format!("{TO_OUTPUT}: >\"$2\""), "it writes an empty file"),
        (format!("{TO_OUTPUT}echo '{{ \"ArtifactType\": \"filesystem\", \"Res' >\"$2\""), "it is cut off"),
        (format!("{TO_OUTPUT}echo '{{}}' >\"$2\""), "it says nothing of what it looked at"),
    ] {
        let scan = Scan::new();
        scan.program("trivy", &script);
        for scanner in ["secrets", "dependencies", "image", "manifests"] {
            let render = ("RENDER_COMMAND", "echo 'kind: Pod'");
            assert!(scan.run(scanner, &[("IMAGE", "shop@sha256:0"), render]).is_err(), "{scanner}: {why}");
        }
    }
}

#[test]
fn a_scanner_that_is_not_installed_runs_in_a_container_by_digest_with_a_stand_in_for_docker() {
    let scan = Scan::new();
    let said = scan.folder.path().join("said");
    scan.program("docker", &format!("printf '%s\\n' \"$@\" >'{}'\nexit 125", said.display()));
    // The machine's own programs, and no scanner.
    let tools = ["bash", "mktemp", "mkdir", "touch", "id", "jq"];
    for tool in tools {
        let path = std::env::var_os("PATH").unwrap();
        let program = std::env::split_paths(&path).map(|folder| folder.join(tool)).find(|program| program.is_file());
        std::os::unix::fs::symlink(program.unwrap(), scan.programs.join(tool)).unwrap();
    }
    let only = ("PATH", scan.programs.to_str().unwrap());
    assert!(scan.run("secrets", &[only]).is_err());
    let said = std::fs::read_to_string(said).unwrap();
    let arguments: Vec<&str> = said.lines().collect();
    let image = arguments.iter().position(|argument| argument.contains("@sha256:")).expect("an image by its digest");
    assert_eq!(arguments[image].rsplit_once("@sha256:").unwrap().1.len(), 64);
    let (before, after) = arguments.split_at(image);
    let checkout = scan.folder.path().canonicalize().unwrap();
    assert!(
        before.contains(&format!("{0}:{0}:ro", checkout.display()).as_str()),
        "the checkout is read-only: {before:?}"
    );
    assert!(!said.contains("docker.sock") && before.contains(&"no-new-privileges"), "{before:?}");
    assert_eq!(after[1], "fs");
}

#[test]
fn a_registry_without_a_password_is_asked_without_a_user() {
    for (password, expected) in [("", "none"), ("word", "ada:word")] {
        let scan = Scan::new();
        let said = scan.folder.path().join("said");
        let show = "echo \"${TRIVY_USERNAME-none}${TRIVY_PASSWORD+:$TRIVY_PASSWORD}\"";
        scan.program("trivy", &format!("{show} >'{}'\nexit 1", said.display()));
        let inputs = [("IMAGE", "shop@sha256:0"), ("TRIVY_USERNAME", "ada"), ("TRIVY_PASSWORD", password)];
        assert!(scan.run("image", &inputs).is_err());
        assert_eq!(std::fs::read_to_string(said).unwrap().trim(), expected);
    }
}

#[test]
fn trivys_own_exceptions_and_settings_are_not_read() {
    let scan = Scan::new();
    std::os::unix::fs::symlink(trivy(), scan.programs.join("trivy")).unwrap();
    std::fs::write(scan.folder.path().join(".env"), ["TOKEN=ghp_0123456789abcdef", "ghijklmnopqrstuvwxyz\n"].concat())
        .unwrap();
    std::fs::write(scan.folder.path().join(".trivyignore"), "github-pat\n").unwrap();
    std::fs::write(scan.folder.path().join("trivy.yaml"), "scan: { skip-files: ['.env'] }\nseverity: [LOW]\n").unwrap();
    assert_eq!(scan.run("secrets", &[]), Ok(vec!["github-pat".to_owned()]));
}

#[test]
fn manifests_are_held_to_the_policies() {
    let scan = Scan::new();
    std::os::unix::fs::symlink(trivy(), scan.programs.join("trivy")).unwrap();
    let pod = |container: &str| {
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{ name: p }}\nspec: {{ containers: [{container}] }}\n---\n")
    };
    let container = |image: &str, user: &str, limits: &str| {
        pod(&format!(
            "{{ name: c, image: '{image}', securityContext: {{ {user} }}, resources: {{ limits: {{ {limits} }} }} }}"
        ))
    };
    let limits = "cpu: 1, memory: 1Gi";
    // All in one run, for the policies take seconds to load; each fault names its rule as often as it should be found.
    let manifests = [
        container("shop:1", "runAsUser: 1", limits),
        container("localhost:5000/shop@sha256:0", "runAsNonRoot: true", limits),
        container("shop:1", "runAsNonRoot: true, runAsUser: 0", limits),
        container("shop:1", "runAsNonRoot: false", limits),
        container("localhost:5000/shop", "runAsUser: 1", limits),
        container("shop:latest@sha256:0", "runAsUser: 1", limits),
        container("shop:1", "runAsUser: 1", "cpu: 1"),
        container("shop:1", "runAsUser: 1", "memory: 1Gi"),
        SAFE.to_owned(),
    ];
    std::fs::write(scan.folder.path().join("all.yaml"), manifests.concat()).unwrap();
    let render = [("RENDER_COMMAND", "cat all.yaml")];
    let expected = ["SLIPWAY-CPU", "SLIPWAY-MEMORY", "SLIPWAY-ROOT", "SLIPWAY-ROOT", "SLIPWAY-TAG", "SLIPWAY-TAG"];
    assert_eq!(scan.run("manifests", &render).as_deref(), Ok(&expected.map(str::to_owned)[..]));

    for (render, why) in [
        ("cat all.yaml; exit 1", "the command fails"),
        ("true", "it prints nothing"),
        ("cat all.yaml; echo 'kind: ['", "a part of it is no YAML"),
    ] {
        assert!(scan.run("manifests", &[("RENDER_COMMAND", render)]).is_err(), "{why}");
    }
    std::fs::write(scan.folder.path().join("broken.rego"), "package user.mine\ndeny contains {\n").unwrap();
    let policies = [render[0], ("POLICIES", ".")];
    assert!(scan.run("manifests", &policies).is_err(), "a policy that cannot be read");
}
