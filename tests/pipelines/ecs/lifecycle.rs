//! The documents that people give to AWS: the lifecycle policy and those of the roles.

use std::collections::BTreeSet;

use serde_json::Value;
use testbed::{Aws, binary, workspace};

fn document(name: &str) -> (String, Value) {
    let file = workspace().join("actions/ecs/policies").join(name);
    let text = std::fs::read_to_string(&file).unwrap();
    (format!("file://{}", file.display()), serde_json::from_str(&text).unwrap())
}

/// An image by its tags, newest first.
type Images = Vec<Vec<String>>;

/// The images that a policy expires, as AWS documents it: rules apply by priority, and an image whose tags one of them selects is never
/// expired by a later one.
fn expired(policy: &Value, images: &Images) -> BTreeSet<usize> {
    let mut rules: Vec<&Value> = policy["rules"].as_array().unwrap().iter().collect();
    rules.sort_by_key(|rule| rule["rulePriority"].as_u64());
    let mut taken = BTreeSet::new();
    let mut expired = BTreeSet::new();
    for rule in rules {
        let selection = &rule["selection"];
        assert_eq!(
            (&selection["tagStatus"], &selection["countType"]),
            (&"tagged".into(), &"imageCountMoreThan".into())
        );
        let patterns: Vec<&str> =
            selection["tagPatternList"].as_array().unwrap().iter().map(|p| p.as_str().unwrap()).collect();
        let selects = |tags: &[String]| patterns.iter().all(|pattern| tags.iter().any(|tag| fits(pattern, tag)));
        let selected: Vec<usize> =
            (0..images.len()).filter(|place| !taken.contains(place) && selects(&images[*place])).collect();
        let kept = usize::try_from(selection["countNumber"].as_u64().unwrap()).unwrap();
        expired.extend(selected.iter().skip(kept));
        taken.extend(selected);
    }
    expired
}

/// `*` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((before, after)) => text
            .strip_prefix(before)
            .is_some_and(|rest| (0..=rest.len()).any(|at| rest.is_char_boundary(at) && fits(after, &rest[at..]))),
    }
}

#[test]
fn no_verified_digest_ever_expires() {
    let (_, policy) = document("lifecycle.json");
    // 300 releases, of which every fourth came through; the oldest of all is one of those.
    let tags = |release: usize| {
        let version = format!("1.{release}.0");
        let verified = (release % 4 == 0)
            .then(|| [format!("staging-verified-{version}"), format!("production-verified-{version}")]);
        [vec![version], verified.into_iter().flatten().collect()].concat()
    };
    let images: Images = (0..300).rev().map(tags).collect();
    let expired = expired(&policy, &images);
    let is_verified = |place: &usize| images[*place].len() > 1;
    assert!(!expired.iter().any(is_verified), "{expired:?}");
    assert_eq!(expired.len(), 300 - 300 / 4 - 50, "of the others the newest 50 are kept");
}

#[test]
fn aws_takes_the_documents() {
    let Some(aws) = Aws::start("the documents of ECS", binary("sample-service")) else { return };
    let create =
        ["ecr", "create-repository", "--repository-name", "shop", "--image-tag-mutability", "IMMUTABLE_WITH_EXCLUSION"];
    let filters = ["filterType=WILDCARD,filter=latest", "filterType=WILDCARD,filter=v*"];
    aws.run(&[&create[..], &["--image-tag-mutability-exclusion-filters"], &filters].concat());
    let (lifecycle, _) = document("lifecycle.json");
    let put = ["ecr", "put-lifecycle-policy", "--repository-name", "shop", "--lifecycle-policy-text", &lifecycle];
    aws.run(&put);
    let (trust, _) = document("trust.json");
    aws.run(&["iam", "create-role", "--role-name", "deploy", "--assume-role-policy-document", &trust]);
    for name in ["build.json", "deploy.json"] {
        let (policy, _) = document(name);
        aws.run(&["iam", "create-policy", "--policy-name", name, "--policy-document", &policy]);
    }
}

#[test]
fn the_role_may_do_what_the_scripts_do_and_no_more() {
    let (_, policy) = document("deploy.json");
    let statements = policy["Statement"].as_array().unwrap().iter();
    let granted: BTreeSet<String> = statements
        .flat_map(|statement| match &statement["Action"] {
            Value::Array(actions) => actions.clone(),
            one => vec![one.clone()],
        })
        .map(|action| action.as_str().unwrap().to_owned())
        .collect();
    let mut used = BTreeSet::new();
    for entry in std::fs::read_dir(workspace().join("actions/ecs/scripts")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for call in text.split("ask ").skip(1) {
            let mut words = call.split_whitespace();
            let (service, operation) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let service = match service {
                "ecs" => "ecs",
                "elbv2" => "elasticloadbalancing",
                _ => continue,
            };
            let word = |part: &str| part[..1].to_uppercase() + &part[1..];
            let operation: String = operation.split('-').map(word).collect();
            used.insert(format!("{service}:{operation}"));
        }
    }
    assert!(used.len() > 8, "{used:?}");
    let of_scripts = |action: &&String| action.starts_with("ecs:") || action.starts_with("elasticloadbalancing:");
    let mut granted: BTreeSet<String> = granted.iter().filter(of_scripts).cloned().collect();
    // Registering with tags needs it as well.
    assert!(granted.remove("ecs:TagResource"));
    assert_eq!(used, granted);
}

#[test]
fn the_scripts_are_clean() {
    let folder = workspace().join("actions/ecs/scripts");
    let linter = workspace().join("target/tools/venv/bin/shellcheck");
    assert!(linter.is_file(), "no shellcheck: run `cargo verify --only python-tools`");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    // The other files have no meaning of their own.
    let files = files.filter(|file| std::fs::read_to_string(file).unwrap().starts_with("#!"));
    let mut shellcheck = std::process::Command::new(linter);
    let output = shellcheck.args(["--external-sources", "--source-path=SCRIPTDIR"]).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
