//! The workflows in the READMEs name only inputs and outputs that exist.

use std::collections::BTreeMap;
use std::path::Path;

use slipway_core::Action;
use slipway_core::report::COMMON_OUTPUTS;

/// The names that an action's users may write.
#[derive(Default)]
struct Names {
    inputs: Vec<&'static str>,
    outputs: Vec<&'static str>,
}

fn names<A: Action>() -> (&'static str, Names) {
    let outputs = A::OUTPUTS.iter().chain(&COMMON_OUTPUTS).map(|output| output.name).collect();
    (A::NAME, Names { inputs: A::INPUTS.iter().map(|input| input.name).collect(), outputs })
}

#[test]
fn examples_use_what_exists() {
    let actions = BTreeMap::from([
        names::<config_updater::ConfigUpdaterAction>(),
        names::<image_tag::ImageTagAction>(),
        names::<rollback_gate::RollbackGate>(),
        names::<version_bump::VersionBumpAction>(),
    ]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("README.md")];
    files.extend(actions.keys().map(|name| root.join("actions").join(name).join("README.md")));
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut steps = 0;
        let mut ids = BTreeMap::new();
        let lines: Vec<&str> = text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let Some((_, rest)) = line.split_once("uses: slipway-release/slipway/actions/") else { continue };
            let name = rest.split(['@', ' ']).next().unwrap();
            let Some(action) = actions.get(name) else { continue };
            steps += 1;
            let place = |at: usize| format!("{}:{}", file.display(), index + at + 2);
            let depth = indentation(line) + if line.trim_start().starts_with("- ") { 2 } else { 0 };
            let mut in_with = false;
            for (at, below) in lines[index + 1..].iter().enumerate() {
                if below.trim().is_empty() || indentation(below) < depth {
                    break;
                }
                let key = below.trim().split(':').next().unwrap();
                if indentation(below) == depth {
                    in_with = key == "with";
                    if key == "id" {
                        ids.insert(below.trim()["id:".len()..].trim(), action);
                    }
                } else if in_with && indentation(below) == depth + 2 {
                    assert!(action.inputs.contains(&key), "{}: `{key}` is no input of {name}", place(at));
                }
            }
        }
        assert!(steps > 0, "{} shows no step", file.display());
        for (line, reference) in
            text.lines().enumerate().flat_map(|(n, line)| line.split("steps.").skip(1).map(move |r| (n + 1, r)))
        {
            let mut parts = reference.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
            let (Some(id), Some("outputs"), Some(output)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            if let Some(action) = ids.get(id) {
                assert!(action.outputs.contains(&output), "{}:{line}: no output `{output}`", file.display());
            }
        }
    }
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
