//! The scan `code` of the pipeline `security`, with the real Semgrep and rules of our own: it brings none, and its registry is not to be had.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use testbed::workspace;

const RULE: &str = "rules:
  - id: python-eval
    languages: [python]
    severity: ERROR
    message: what others wrote is evaluated
    pattern: eval(...)
";

/// Scans a folder that holds the files, and gives the rules that found something, or what was said instead of a report.
fn scan(files: &[(&str, &str)]) -> Result<Vec<String>, String> {
    let folder = TempDir::with_prefix("code-").unwrap();
    for (name, text) in files {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }
    let semgrep = workspace().join("target/tools/semgrep/bin");
    assert!(semgrep.join("semgrep").is_file(), "no Semgrep: run `cargo verify --only pipelines`");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([semgrep].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let action = workspace().join(".github/actions/scan");
    let output = folder.path().join("output");
    let answer = Command::new("bash")
        .arg(action.join("scan.sh"))
        .current_dir(folder.path())
        .env("PATH", path)
        .env("GITHUB_ACTION_PATH", action)
        .env("GITHUB_OUTPUT", &output)
        .env("RUNNER_TEMP", folder.path())
        .envs([("SCANNER", "code"), ("FOLDER", "shop"), ("CODE_RULES", "rules")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&answer.stdout).into_owned();
    if !answer.status.success() {
        return Err(said);
    }
    let output = std::fs::read_to_string(output).unwrap();
    let reports = output.trim().strip_prefix("reports=").unwrap();
    let report = std::fs::read(Path::new(reports).join("code.sarif")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let results = report["runs"][0]["results"].as_array().unwrap();
    Ok(results.iter().map(|result| result["ruleId"].as_str().unwrap().to_owned()).collect())
}

#[test]
fn semgrep_finds_faults_and_takes_no_comment_for_an_answer() {
    let found =
        scan(&[("rules/eval.yaml", RULE), ("shop/app.py", "def run(text):\n    return eval(text)  # nosemgrep\n")]);
    assert_eq!(found, Ok(vec!["rules.python-eval".to_owned()]));
    let found = scan(&[("rules/eval.yaml", RULE), ("shop/app.py", "def run(text):\n    return text\n")]);
    assert_eq!(found, Ok(Vec::new()));
}

#[test]
fn without_a_rule_that_looks_at_something_there_is_no_report() {
    let nothing = scan(&[("rules/eval.yaml", RULE), ("shop/README.md", "eval(1)\n")]);
    assert!(
        nothing.as_ref().is_err_and(|said| said.contains("Semgrep has no rule for any file in `shop`")),
        "{nothing:?}"
    );
    for (files, why) in [
        (&[("rules/eval.yaml", "rules: [{ id: x"), ("shop/app.py", "eval(1)\n")][..], "a broken rule"),
        (&[("shop/app.py", "eval(1)\n")], "rules that are not there"),
        (&[("rules/eval.yaml", RULE)], "a folder that is not there"),
    ] {
        assert!(scan(files).is_err(), "{why}");
    }
}
