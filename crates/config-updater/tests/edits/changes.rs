//! The input `changes`.

use testbed::{ActionRun, Runner, run_action};

/// A folder with these files, and what a run in it with these inputs did.
pub(crate) fn written(files: &[(&str, &str)], inputs: &[(&str, &str)]) -> (tempfile::TempDir, ActionRun) {
    let folder = tempfile::TempDir::with_prefix("edits-").unwrap();
    for (path, content) in files {
        let file = folder.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
    }
    let all: Vec<(&str, &str)> = [("mode", "write")].iter().chain(inputs).copied().collect();
    let run = run_action(Runner::Native, "config-updater", &all, &[], folder.path());
    (folder, run)
}

fn kind(run: &ActionRun) -> String {
    let json: serde_json::Value = serde_json::from_str(run.output("json")).unwrap();
    json["error"]["kind"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn changes_go_beside_images_and_values_or_alone() {
    let files = [("a.yaml", "image: acme/shop:1\n"), ("b/x.yaml", "tag: v1\n"), ("b/y.yaml", "tag: v1\nn: 1\n")];
    let changes = "\n  - file: b/*.yaml\n    op: set\n    path: tag\n    value: '1.10'\n";
    let inputs = [("images", "acme/shop:2"), ("files", "a.yaml"), ("values", "b/y.yaml#n=2"), ("changes", changes)];
    let (folder, run) = written(&files, &inputs);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_eq!(run.output("files"), "a.yaml\nb/x.yaml\nb/y.yaml");
    assert_eq!(run.output("previous"), "acme/shop:1");
    let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
    assert_eq!(
        [read("a.yaml"), read("b/x.yaml"), read("b/y.yaml")],
        ["image: acme/shop:2\n", "tag: \"1.10\"\n", "tag: \"1.10\"\nn: 2\n"]
    );
    assert_eq!(written(&files, &[("changes", changes)]).1.output("files"), "b/x.yaml\nb/y.yaml");
}

#[test]
fn a_number_that_would_lose_its_spelling_is_refused() {
    for (value, code) in [("1.10", 2), ("1e3", 2), ("0755", 2), ("'1.10'", 0), ("3", 0), ("2.5", 0)] {
        let changes = format!("- {{file: a.yaml, op: set, path: tag, value: {value}}}");
        let (_, run) = written(&[("a.yaml", "tag: v1\n")], &[("changes", &changes)]);
        assert_eq!(run.code, code, "{value}: {}", run.stdout);
        if code == 2 {
            assert_eq!(kind(&run), "invalid-input");
            assert!(run.stdout.contains(value) && run.stdout.contains("quote it"), "{}", run.stdout);
        }
    }
}
