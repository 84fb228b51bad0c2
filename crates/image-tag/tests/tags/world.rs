//! A run of image-tag without a world: an event, inputs, and what was written.

use std::collections::BTreeMap;

use image_tag::ImageTagAction;
use serde_json::{Value, json};
use slipway_core::ExitCode;
use slipway_core::driver::run;
use slipway_core::host::scripted::{Scripted, ScriptedHost};
use testbed::parse_outputs;

pub(crate) const SHA: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567";

/// An event and the inputs of a run.
pub(crate) struct World {
    variables: BTreeMap<String, String>,
    event: Value,
    answers: Vec<Scripted>,
}

/// What a run left behind.
pub(crate) struct Ran {
    pub(crate) code: ExitCode,
    pub(crate) outputs: BTreeMap<String, String>,
    pub(crate) printed: String,
    pub(crate) unanswered: usize,
    host: ScriptedHost,
}

/// A run for an event on a ref. The payload describes the repository whole, so nothing has to be asked.
pub(crate) fn on(event: &str, git_ref: &str, payload: Value) -> World {
    let mut payload = payload;
    payload["repository"] = json!({
        "name": "rocket", "html_url": "https://x.example/rocket", "description": null, "license": null, "default_branch": "main",
    });
    let variables = [
        ("GITHUB_OUTPUT", "/output"),
        ("GITHUB_REPOSITORY", "acme/rocket"),
        ("GITHUB_EVENT_PATH", "/event.json"),
        ("GITHUB_EVENT_NAME", event),
        ("GITHUB_REF", git_ref),
        ("GITHUB_SHA", SHA),
        ("SLIPWAY_NOW", "2026-03-04T05:06:07.089Z"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    World { variables, event: payload, answers: Vec::new() }
}

/// A run for a push to a ref.
pub(crate) fn push(git_ref: &str) -> World {
    on("push", git_ref, json!({}))
}

impl World {
    pub(crate) fn input(self, name: &str, value: &str) -> Self {
        self.variable(&format!("INPUT_{}", name.to_uppercase()), value)
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    pub(crate) fn event(mut self, event: Value) -> Self {
        self.event = event;
        self
    }

    pub(crate) fn answers(mut self, url: &'static str, status: u16, body: &'static str) -> Self {
        self.answers.push(Scripted::Http("GET", url, status, body));
        self
    }

    pub(crate) fn run(self) -> Ran {
        let variables: Vec<(&str, &str)> =
            self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut host =
            ScriptedHost::new(&variables).file("/event.json", &self.event.to_string()).file("/environment", "");
        for answer in self.answers {
            host = host.then(answer);
        }
        let code = ScriptedHost::block_on(run::<ImageTagAction, _>(host.clone(), BTreeMap::new())).unwrap();
        let outputs = parse_outputs(&host.content("/output").unwrap_or_default()).unwrap();
        Ran { code, outputs, printed: host.printed().join("\n"), unanswered: host.unanswered(), host }
    }

    /// The names of the tags of a run that must succeed.
    #[track_caller]
    pub(crate) fn tags(self) -> String {
        let ran = self.run();
        assert_eq!(ran.code, ExitCode::Done, "{}", ran.printed);
        ran.outputs["tag-names"].replace('\n', " ")
    }
}

impl Ran {
    #[track_caller]
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap_or_else(|| panic!("no output `{name}`: {}", self.printed))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.output("json")).unwrap()
    }

    pub(crate) fn file(&self, path: &str) -> String {
        self.host.content(path).unwrap_or_else(|| panic!("no file `{path}`: {}", self.printed))
    }

    /// The value of a label.
    pub(crate) fn label(&self, key: &str) -> String {
        let start = format!("org.opencontainers.image.{key}=");
        let found = self.output("labels").lines().find_map(|line| line.strip_prefix(&start));
        found.unwrap_or_else(|| panic!("no label `{key}`")).into()
    }
}
