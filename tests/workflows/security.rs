//! The pipeline `security`, called from a consumer as its starter calls it. Trivy runs for real for secrets and manifests. Its database of
//! vulnerabilities is not to be had, so `stand-ins/programs/trivy` stands in where a test's name says so; Semgrep is in `tests/pipelines`.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::{ActJob, ActRun, Repository, workspace};

/// Where the workflow is.
const WORKFLOW: &str = ".github/workflows/security.yml";
/// An image that is not there; the stand-in does not ask for it.
const IMAGE: &str = "ghcr.io/acme/shop:1.5.0@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
/// A token as GitHub makes it, in two parts, so that it stands in no file of this repository.
const SECRET: (&str, &str) = ("TOKEN=ghp_0123456789abcdef", "ghijklmnopqrstuvwxyz\n");

/// A container that keeps to every policy.
const SAFE: &str = r#"{ name: shop, image: "ghcr.io/acme/shop:1.5.0", securityContext: { runAsNonRoot: true },
            resources: { limits: { cpu: 500m, memory: 1Gi } } }"#;

/// The manifest of an Argo Rollout, which Trivy's own checks do not know.
fn rollout(container: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{ name: shop }}\nspec:\n  template:\n    spec:\n      \
         containers:\n        - {container}\n"
    )
}

/// A consumer's repository and what its runs leave.
struct Consumer {
    repository: Repository,
    scratch: TempDir,
    /// What comes before the machine's programs.
    programs: Vec<PathBuf>,
}

impl Consumer {
    /// A repository that holds the files, with the real Trivy.
    fn new(files: &[(&str, &str)]) -> Self {
        let repository = Repository::new();
        repository.commit_files("feat: sell tea", files);
        let scratch = TempDir::with_prefix("security-").unwrap();
        let programs = vec![trivy().parent().unwrap().to_owned()];
        Self { repository, scratch, programs }
    }

    /// The same, with the stand-in for what needs a database.
    fn with_stand_in(files: &[(&str, &str)]) -> Self {
        let mut consumer = Self::new(files);
        consumer.programs = vec![workspace().join("tests/workflows/stand-ins/programs")];
        consumer
    }

    /// Runs the starter, with other inputs of the called workflow.
    fn run(&self, with: &Value) -> ActRun {
        let workflow = starter(with);
        self.repository.commit_files("ci: scan", &[(WORKFLOW, &workflow)]);
        let folder = |name: &str| {
            let folder = self.scratch.path().join(name);
            std::fs::create_dir_all(&folder).unwrap();
            folder.to_str().unwrap().to_owned()
        };
        let (artifacts, code_scanning) = (folder("artifacts"), folder("code-scanning"));
        let attestation = self.attestation_file();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(self.programs.iter().cloned().chain(std::env::split_paths(&path))).unwrap();
        let event = json!({ "ref": "refs/heads/main", "repository": { "full_name": "acme/shop" } });
        let trivy = trivy();
        let job = ActJob {
            secrets: &[("GITHUB_TOKEN", "ghs_token_of_the_consumer")],
            environment: &[
                ("PATH", path.to_str().unwrap()),
                ("GITHUB_REPOSITORY", "acme/shop"),
                ("TESTBED_ARTIFACTS", &artifacts),
                ("TESTBED_CODE_SCANNING", &code_scanning),
                ("TESTBED_ATTESTATION", attestation.to_str().unwrap()),
                ("TESTBED_TRIVY", trivy.to_str().unwrap()),
            ],
            ..ActJob::new(WORKFLOW, "push", &event)
        };
        job.run(self.repository.path())
    }

    fn attestation_file(&self) -> PathBuf {
        self.scratch.path().join("attestation.json")
    }

    /// What was attested, if anything was.
    fn attestation(&self) -> Option<Value> {
        read(&self.attestation_file())
    }

    /// The report that code scanning has in a category.
    fn code_scanning(&self, category: &str) -> Option<Value> {
        read(&self.scratch.path().join(format!("code-scanning/{category}.sarif")))
    }
}

fn read(file: &Path) -> Option<Value> {
    Some(serde_json::from_slice(&std::fs::read(file).ok()?).unwrap())
}

/// The starter with what GitHub fills in, and other inputs of the called workflow.
fn starter(with: &Value) -> String {
    let starter = std::fs::read_to_string(workspace().join(".github/workflow-templates/security.yml")).unwrap();
    let (before, _) = starter.split_once("    with:\n").expect("the starter calls the workflow with inputs");
    let before = before.replace("$default-branch", "main");
    let inputs = with.as_object().unwrap().iter().map(|(name, value)| format!("      {name}: {value}\n"));
    format!("{before}    with:\n{}", inputs.collect::<String>())
}

/// The real Trivy: on the `PATH`, else where `cargo verify` installs it.
pub(crate) fn trivy() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let installed = workspace().join("target/tools/trivy/bin");
    let found = std::env::split_paths(&path).chain([installed]).map(|folder| folder.join("trivy"));
    found.into_iter().find(|program| program.is_file()).expect("no program `trivy`: run `cargo verify --only scanners`")
}

/// The rules of a report's findings, sorted.
fn rules(report: &Value) -> Vec<&str> {
    let results = report["runs"][0]["results"].as_array().unwrap();
    let mut rules: Vec<&str> = results.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    rules.sort_unstable();
    rules
}

#[test]
fn what_is_clean_passes_and_its_bill_of_materials_is_attested_with_a_stand_in_for_the_database() {
    let lock = r#"{ "lockfileVersion": 3, "packages": { "node_modules/minimist": { "version": "1.2.8" } } }"#;
    let consumer = Consumer::with_stand_in(&[("package-lock.json", lock), ("rollout.yaml", &rollout(SAFE))]);
    let run = consumer.run(&json!({
        "thresholds": "secrets findings == 0\ndependencies high == 0\nimage critical == 0\nimage medium <= 5\nmanifests findings == 0\n",
        "image": IMAGE,
        "render-command": "cat rollout.yaml",
        "attest": true,
    }));
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(run.output("Security/gate", "verdict"), Some("promote"), "{}", run.log);
    assert_eq!(run.output("Security/gate", "reason"), Some("all 5 reports are good"));
    let digest = run.output("Security/gate", "artifact-digest").unwrap();
    assert!(run.log.contains(&format!("[sha256:{}](", &digest[..12])), "{}", run.log);
    for scanner in ["secrets", "dependencies", "image", "manifests"] {
        let report = consumer.code_scanning(&format!("security.{scanner}"));
        assert_eq!(report.as_ref().map(rules), Some(Vec::new()), "{scanner}\n{}", run.log);
    }
    let attested = consumer.attestation().expect("an attestation");
    assert_eq!(format!("{}:1.5.0@{}", attested["name"].as_str().unwrap(), attested["digest"].as_str().unwrap()), IMAGE);
    assert_eq!(
        (&attested["format"], &attested["bill"]["components"][1]["name"]),
        (&json!("cyclonedx"), &json!("minimist"))
    );
    let mut kept: Vec<_> = std::fs::read_dir(consumer.scratch.path().join("artifacts/security-evidence"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    kept.sort_unstable();
    assert_eq!(kept, ["dependencies.sarif", "image.sarif", "manifests.sarif", "sbom.cdx.json", "secrets.sarif"]);
}

#[test]
fn secrets_and_manifests_against_the_policies_block() {
    let faulty = rollout(r#"{ name: shop, image: "ghcr.io/acme/shop:latest" }"#);
    let consumer =
        Consumer::new(&[("shop/.env", &format!("{}{}", SECRET.0, SECRET.1)), ("shop/rollout.yaml", &faulty)]);
    let run = consumer.run(&json!({
        "thresholds": "# What we begin with.\nsecrets findings == 0\nmanifests findings == 0",
        "path": "shop",
        "render-command": "cat shop/rollout.yaml",
    }));
    assert!(!run.succeeded, "{}", run.log);
    assert_eq!(run.output("Security/gate", "verdict"), Some("rollback"), "{}", run.log);
    let expected = [
        "Security/code-scanning (manifests): success",
        "Security/code-scanning (secrets): success",
        "Security/gate: failure",
        "Security/plan: success",
        "Security/scan (manifests): success",
        "Security/scan (secrets): success",
    ];
    assert_eq!(run.jobs(), expected, "{}", run.log);
    let secrets = consumer.code_scanning("security.secrets").unwrap();
    assert_eq!(rules(&secrets), ["github-pat"]);
    let place = &secrets["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(place, "shop/.env", "code scanning shows files by their path in the repository");
    assert!(!secrets.to_string().contains(SECRET.1.trim()), "a report tells no secret");
    let manifests = consumer.code_scanning("security.manifests").unwrap();
    assert_eq!(rules(&manifests), ["SLIPWAY-CPU", "SLIPWAY-MEMORY", "SLIPWAY-ROOT", "SLIPWAY-TAG"]);
}

#[test]
fn an_exception_counts_until_its_last_day_with_a_stand_in_for_the_database() {
    let lock = r#"{ "lockfileVersion": 3, "packages": { "node_modules/minimist": { "version": "1.2.5" } } }"#;
    for (exceptions, verdict, told) in [
        ("CVE-2021-44906 until 2099-12-31 only our own input", "promote", "the report is good"),
        (
            "CVE-2021-44906 until 2026-01-31 only our own input",
            "rollback",
            "`CVE-2021-44906` was accepted until 2026-01-31 only",
        ),
        ("CVE-2021-44906 only our own input", "hold", "line 1: write `CVE-2021-44906 until 2026-12-31` and a reason"),
    ] {
        let consumer =
            Consumer::with_stand_in(&[("package-lock.json", lock), (".github/accepted-findings", exceptions)]);
        let run = consumer.run(&json!({
            "thresholds": "dependencies high == 0",
            "exceptions": ".github/accepted-findings",
            "upload": false,
        }));
        assert_eq!(run.succeeded, verdict == "promote", "{}", run.log);
        assert_eq!(run.output("Security/gate", "verdict"), Some(verdict), "{}", run.log);
        assert!(run.log.contains(told), "{told}\n{}", run.log);
        assert_eq!(consumer.code_scanning("security.dependencies"), None);
    }
}

#[test]
fn a_scanner_that_did_not_run_is_a_hold() {
    let mut consumer = Consumer::new(&[("security-reports/secrets.sarif", r#"{ "version": "2.1.0", "runs": [] }"#)]);
    let broken = consumer.scratch.path().join("trivy");
    for (program, told) in [
        // What lies in the checkout from somewhere is no report of this run.
        ("exit 2", "`security-reports/secrets.sarif` is not there"),
        // Cut off between the scan and the gate.
        (
            "[[ $1 = convert ]] || exec \"$TESTBED_TRIVY\" \"$@\"\necho '{ \"version\": \"2.1.0\", \"runs\": [' >\"${@: -2:1}\"",
            "it is cut off",
        ),
    ] {
        std::fs::write(&broken, format!("#!/usr/bin/env bash\n{program}\n")).unwrap();
        std::fs::set_permissions(&broken, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        consumer.programs = vec![consumer.scratch.path().to_owned()];
        let run = consumer.run(&json!({ "thresholds": "secrets findings == 0", "attest": true, "upload": false }));
        assert!(!run.succeeded, "{}", run.log);
        assert_eq!(run.output("Security/gate", "verdict"), Some("hold"), "{}", run.log);
        let reason = run.output("Security/gate", "reason").unwrap();
        assert!(reason.contains(told), "{reason}\n{}", run.log);
        assert_eq!(consumer.attestation(), None);
    }
}

#[test]
fn the_report_of_an_earlier_attempt_does_not_speak_for_a_scanner_that_failed() {
    let mut consumer = Consumer::new(&[("README.md", "Tea\n")]);
    let kept = consumer.scratch.path().join("artifacts/security.secrets");
    std::fs::create_dir_all(&kept).unwrap();
    let clean = r#"{ "version": "2.1.0", "runs": [{ "tool": { "driver": { "name": "Trivy" } }, "results": [] }] }"#;
    std::fs::write(kept.join("secrets.sarif"), clean).unwrap();
    let broken = consumer.scratch.path().join("trivy");
    std::fs::write(&broken, "#!/usr/bin/env bash\nexit 2\n").unwrap();
    std::fs::set_permissions(&broken, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    consumer.programs = vec![consumer.scratch.path().to_owned()];
    let run = consumer.run(&json!({ "thresholds": "secrets findings == 0", "upload": false }));
    assert!(!run.succeeded && run.log.contains("| **hold** |"), "{}", run.log);
    assert_eq!(run.jobs(), ["Security/gate: success", "Security/plan: success", "Security/scan (secrets): failure"]);
}

#[test]
fn inputs_that_would_scan_less_than_was_meant_are_refused() {
    let consumer = Consumer::new(&[("README.md", "Tea\n")]);
    for (with, told) in [
        (json!({ "thresholds": "\n" }), "`thresholds` names no scanner"),
        (json!({ "thresholds": "secret findings == 0" }), "`secret` in `thresholds` is none of"),
        (json!({ "thresholds": "secrets" }), "`secrets` in `thresholds` has no condition"),
        (json!({ "thresholds": "image high == 0", "image": "" }), "`image` is ``, and has to be a name with a digest"),
        (
            json!({ "thresholds": "image high == 0", "image": "ghcr.io/acme/shop:1.5.0" }),
            "has to be a name with a digest",
        ),
        (json!({ "thresholds": "secrets high == 0", "image": IMAGE }), "`image` is given, and no line of `thresholds`"),
        (json!({ "thresholds": "manifests high == 0" }), "`manifests` in `thresholds` needs `render-command`"),
        (json!({ "thresholds": "secrets high == 0", "name": "a.b" }), "`name` has other characters"),
    ] {
        let run = consumer.run(&with);
        assert!(!run.succeeded && run.log.contains(told), "{told}\n{}", run.log);
        assert_eq!(run.jobs(), ["Security/plan: failure"], "{}", run.log);
    }
}
