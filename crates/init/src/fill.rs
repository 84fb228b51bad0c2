//! A starter's text with the values of one repository.
//!
//! Starters are read by people, so their comments and their order stay: keys are replaced line by line, and the result is read again.

use std::ops::Range;

use serde_json::Value;
use slipway_edit::Format;

/// What calls of our pipelines begin with.
const OURS: &str = "slipway-release/slipway/.github/workflows/";

/// A job that calls one of our pipelines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub name: String,
    /// The pipeline.
    pub workflow: String,
}

/// The jobs of a workflow that call our pipelines.
pub(crate) fn jobs(text: &str) -> Vec<Job> {
    let workflow = parsed(text);
    let jobs = workflow["jobs"].as_object().into_iter().flatten();
    let ours = |(name, job): (&String, &Value)| {
        let call = job["uses"].as_str()?.strip_prefix(OURS)?;
        let (workflow, _) = call.split_once(".yml@")?;
        Some(Job { name: name.clone(), workflow: workflow.into() })
    };
    jobs.filter_map(ours).collect()
}

/// The value of an input in a job, if it has one.
pub(crate) fn input(text: &str, job: &str, input: &str) -> Option<String> {
    parsed(text)["jobs"][job]["with"][input].as_str().map(str::to_owned)
}

/// Gives a job's input a value, or takes it away; nothing if the result would not be what was meant.
pub(crate) fn set_input(text: &str, job: &str, input: &str, value: Option<&str>) -> Option<String> {
    let changed = match (find(text, &["jobs", job, "with", input]), value) {
        (Some(lines), Some(value)) => replace(text, &lines, &entry(6, input, value)),
        (Some(lines), None) => replace(text, &lines, ""),
        (None, None) => return Some(text.into()),
        (None, Some(value)) => match find(text, &["jobs", job, "with"]) {
            Some(with) => replace(text, &(with.start + 1..with.start + 1), &entry(6, input, value)),
            None => {
                let uses = find(text, &["jobs", job, "uses"])?;
                replace(text, &(uses.end..uses.end), &format!("    with:\n{}", entry(6, input, value)))
            }
        },
    };
    let written = self::input(&changed, job, input);
    (written.as_deref().map(str::trim_end) == value.map(str::trim_end)).then_some(changed)
}

/// Takes a secret of a job away.
pub(crate) fn remove_secret(text: &str, job: &str, secret: &str) -> String {
    let Some(lines) = find(text, &["jobs", job, "secrets", secret]) else { return text.into() };
    let without = replace(text, &lines, "");
    let is_last = parsed(&without)["jobs"][job]["secrets"].is_null();
    match find(&without, &["jobs", job, "secrets"]).filter(|_| is_last) {
        Some(lines) => replace(&without, &lines, ""),
        None => without,
    }
}

/// Gives a workflow the branches whose pushes start it.
pub(crate) fn set_branches(text: &str, branches: &[String]) -> Option<String> {
    let lines = find(text, &["on", "push", "branches"])?;
    let list: Vec<String> = branches.iter().map(|branch| scalar(branch)).collect();
    let changed = replace(text, &lines, &format!("    branches: [{}]\n", list.join(", ")));
    (parsed(&changed)["on"]["push"]["branches"] == Value::from(branches.to_vec())).then_some(changed)
}

/// Gives a choice of a workflow that is started by hand its options.
pub(crate) fn set_options(text: &str, input: &str, options: &[String]) -> Option<String> {
    let path = ["on", "workflow_dispatch", "inputs", input, "options"];
    let lines = find(text, &path)?;
    let list: Vec<String> = options.iter().map(|option| scalar(option)).collect();
    let changed = replace(text, &lines, &format!("        options: [{}]\n", list.join(", ")));
    let written = &parsed(&changed)["on"]["workflow_dispatch"]["inputs"][input]["options"];
    (written == &Value::from(options.to_vec())).then_some(changed)
}

/// The text with what GitHub would fill in: the name of the default branch, and times for schedules.
pub(crate) fn given_by_github(text: &str, branch: &str) -> String {
    text.replace("'$default-branch'", "$default-branch")
        .replace("\"$default-branch\"", "$default-branch")
        .replace("$default-branch", &scalar(branch))
        .replace("$protected-branches", &scalar(branch))
        .replace("$cron-daily", "'23 4 * * *'")
        .replace("$cron-weekly", "'23 4 * * 1'")
}

/// The text with the command that tests what is written here, in the place of the one that starters show.
pub(crate) fn test_command(text: &str, command: &str) -> String {
    text.replace("run: make test\n", &format!("run: {}\n", scalar(command)))
}

/// The lines, from 1, that name what only the team knows.
pub(crate) fn placeholders(text: &str) -> Vec<usize> {
    let is_open = |line: &str| line.contains("acme") || line.contains(".example") || line.contains("123456789012");
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    let lines = text.lines().enumerate().filter(|(_, line)| is_open(line) && !is_comment(line));
    lines.map(|(number, _)| number + 1).collect()
}

fn parsed(text: &str) -> Value {
    Format::YAML.read(text).map(|content| content.to_json()).unwrap_or_default()
}

/// The lines of a key with all that is below it, counted from 0. Starters are indented by two spaces, in block style.
fn find(text: &str, path: &[&str]) -> Option<Range<usize>> {
    let lines: Vec<&str> = text.lines().collect();
    let mut range = 0..lines.len();
    for (depth, key) in path.iter().enumerate() {
        let indent = "  ".repeat(depth);
        let is_key = |line: &str| {
            let rest = line.strip_prefix(indent.as_str()).and_then(|rest| rest.strip_prefix(key));
            rest.is_some_and(|rest| rest == ":" || rest.starts_with(": "))
        };
        let start = range.clone().find(|number| is_key(lines[*number]))?;
        let is_below = |line: &str| line.is_empty() || line.starts_with(&format!("{indent} "));
        let end = (start + 1..range.end).find(|number| !is_below(lines[*number])).unwrap_or(range.end);
        // Blank lines after it belong to what follows.
        let end = (start + 1..=end).rev().find(|end| !lines[end - 1].is_empty()).unwrap_or(end);
        range = if depth + 1 == path.len() { start..end } else { start + 1..end };
        if depth + 1 == path.len() {
            return Some(range);
        }
    }
    None
}

fn replace(text: &str, lines: &Range<usize>, with: &str) -> String {
    let mut changed = String::new();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number == lines.start {
            changed += with;
        }
        if !lines.contains(&number) {
            changed += line;
        }
    }
    if text.lines().count() <= lines.start {
        changed += with;
    }
    changed
}

/// A key with its value, on lines of their own.
fn entry(indent: usize, key: &str, value: &str) -> String {
    let space = " ".repeat(indent);
    if !value.contains('\n') {
        return format!("{space}{key}: {}\n", scalar(value));
    }
    let lines: String = value.trim_end().lines().map(|line| format!("{space}  {line}\n")).collect();
    format!("{space}{key}: |\n{lines}")
}

/// A value on one line: plain where every reader takes it for the text that it is.
pub(crate) fn scalar(value: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
    let is_plain = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '.' || c == '/')
        && value.chars().all(|c| is_word(c) || " =*@".contains(c))
        && !value.ends_with(' ')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&value.to_ascii_lowercase().as_str());
    let is_boolean = ["true", "false"].contains(&value);
    if is_plain || is_boolean { value.into() } else { format!("'{}'", value.replace('\'', "''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARTER: &str = "\
on:
  push:
    branches: [$default-branch]
  workflow_dispatch:
    inputs:
      component:
        type: choice
        options: [shop]

jobs:
  release:
    permissions:
      contents: write # the tag
    uses: slipway-release/slipway/.github/workflows/release.yml@v0
    with:
      component: shop # yours
      checks: |
        health https://shop.example/health

        error-rate < 5%
      config-repository: acme/config
    secrets:
      config-token: ${{ secrets.CONFIG_TOKEN }}

  plain:
    uses: slipway-release/slipway/.github/workflows/security.yml@v0
";

    #[test]
    fn inputs_are_replaced_added_and_taken_away() {
        assert_eq!(jobs(STARTER).iter().map(|job| job.workflow.as_str()).collect::<Vec<_>>(), ["release", "security"]);
        let text = set_input(STARTER, "release", "component", Some("web")).expect("set");
        let text = set_input(&text, "release", "channels", Some("main\nnext=rc")).expect("added");
        let text = set_input(&text, "release", "checks", Some("health https://x/health")).expect("replaced");
        let text = set_input(&text, "release", "config-repository", None).expect("removed");
        let text = set_input(&text, "plain", "path", Some("*.x")).expect("a new `with`");
        let text = set_branches(&text, &["trunk".into(), "*.x".into()]).expect("branches");
        let text = set_options(&text, "component", &["web".into(), "api".into()]).expect("options");
        let text = remove_secret(&given_by_github(&text, "trunk"), "release", "config-token");
        insta::assert_snapshot!(text, @r"
        on:
          push:
            branches: [trunk, '*.x']
          workflow_dispatch:
            inputs:
              component:
                type: choice
                options: [web, api]

        jobs:
          release:
            permissions:
              contents: write # the tag
            uses: slipway-release/slipway/.github/workflows/release.yml@v0
            with:
              channels: |
                main
                next=rc
              component: web
              checks: 'health https://x/health'

          plain:
            uses: slipway-release/slipway/.github/workflows/security.yml@v0
            with:
              path: '*.x'
        ");
        assert_eq!(set_input(STARTER, "release", "component", Some("a\rb")), None);
    }

    #[test]
    fn values_are_quoted_where_they_would_be_read_as_something_else() {
        for (value, written) in [
            ("main", "main"),
            ("release/*=maintenance", "release/*=maintenance"),
            ("*=patch", "'*=patch'"),
            ("1.0", "'1.0'"),
            ("", "''"),
            ("true", "true"),
            ("no", "'no'"),
            ("it's", "'it''s'"),
            ("a: b", "'a: b'"),
            ("npm ci && npm test", "'npm ci && npm test'"),
            ("${{ x }}", "'${{ x }}'"),
        ] {
            assert_eq!(scalar(value), written);
        }
    }

    #[test]
    fn open_places_are_counted() {
        assert_eq!(placeholders("a: acme/config\n# acme\nb: https://x.example/\n"), [1, 3]);
    }
}
