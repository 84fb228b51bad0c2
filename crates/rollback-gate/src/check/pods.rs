//! `pods app=shop ready`: what `kubectl` knows of the pods with some labels.

use std::fmt;

use serde_json::Value as Json;
use slipway_core::Result;

use super::container::Wanted;
use super::grammar::{invalid, word};
use super::{Asked, Inquiry, Kind, Observation, Test};
use crate::ask::Asks;
use crate::lineage::Lineage;
use crate::provider::Surroundings;

pub(super) const KIND: Kind = Kind { word: "pods", form: "pods app=shop ready", parse };

/// Why a container waits that will not start by itself.
const STUCK: [&str; 7] = [
    "CrashLoopBackOff",
    "ImagePullBackOff",
    "ErrImagePull",
    "InvalidImageName",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
];

#[derive(Debug)]
struct Pods {
    selector: String,
    wanted: Wanted,
}

fn parse(rest: &str) -> Result<Test> {
    let (selector, rest) = word(rest);
    let is_selector = selector.starts_with(|c: char| c.is_ascii_alphanumeric())
        && selector.bytes().all(|b| b.is_ascii_alphanumeric() || b"_./-=!,".contains(&b));
    if !is_selector {
        return Err(invalid(format!("`{selector}` selects no pods")).hint("write labels such as `app=shop,tier=web`"));
    }
    let wanted = Wanted::parse(rest, "ready", "kubectl")?;
    Ok(Test::Inquiry(Box::new(Pods { selector: selector.into(), wanted })))
}

impl Inquiry for Pods {
    fn asks(&self, _: &Surroundings, _: i64) -> Result<Asks> {
        Ok(self.wanted.asks(&["get", "pods", "--selector", &self.selector, "--output", "json"]))
    }

    fn judge(&self, answer: &Asked, _: &Lineage) -> Observation {
        self.wanted.judge(answer, readiness, |document| {
            alive(document).next()?;
            Some(alive(document).flat_map(containers).filter_map(|container| container["restartCount"].as_u64()).sum())
        })
    }

    fn bound(&self) -> Option<f64> {
        self.wanted.bound()
    }

    fn rule(&self) -> String {
        format!("the pods with `{}` that are not ending: {}", self.selector, self.wanted)
    }
}

/// The pods that are neither ending nor ended.
fn alive(document: &Json) -> impl Iterator<Item = &Json> {
    let pods = document["items"].as_array().into_iter().flatten();
    pods.filter(|pod| {
        pod["metadata"]["deletionTimestamp"].is_null()
            && !matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"))
    })
}

fn containers(pod: &Json) -> impl Iterator<Item = &Json> {
    let of = |key: &str| pod["status"][key].as_array().into_iter().flatten();
    of("initContainerStatuses").chain(of("containerStatuses"))
}

/// Whether all pods are ready.
///
/// # Errors
/// Why that is not known, or is waited for.
fn readiness(document: &Json) -> std::result::Result<Observation, String> {
    for pod in alive(document) {
        let mut reasons = containers(pod).filter_map(|container| container["state"]["waiting"]["reason"].as_str());
        if let Some(reason) = reasons.find(|reason| STUCK.contains(reason)) {
            let name = pod["metadata"]["name"].as_str().unwrap_or_default();
            return Ok(Observation::probed(false, format!("{reason} of {name}")));
        }
    }
    let is_ready = |pod: &&Json| {
        let mut conditions = pod["status"]["conditions"].as_array().into_iter().flatten();
        conditions.any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
    };
    let (ready, all) = (alive(document).filter(is_ready).count(), alive(document).count());
    match (ready, all) {
        (_, 0) => Err("there is no such pod".into()),
        _ if ready == all => Ok(Observation::probed(true, format!("{ready} of {all} ready"))),
        _ => Err(format!("{ready} of {all} are ready")),
    }
}

impl fmt::Display for Pods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pods {} {}", self.selector, self.wanted)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::{Answer, Check, Standing};

    fn pod(ready: &str, restarts: u64, waits: &str) -> Json {
        json!({
            "metadata": {"name": "shop-1"},
            "status": {
                "phase": "Running",
                "conditions": [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": ready}],
                "containerStatuses": [{"restartCount": restarts, "state": {"waiting": {"reason": waits}}}],
            },
        })
    }

    #[test]
    fn pods_are_ready_waited_for_or_stuck() {
        let (good, young, stuck) =
            (pod("True", 1, ""), pod("False", 0, "ContainerCreating"), pod("False", 4, "CrashLoopBackOff"));
        let (mut ending, mut ended) = (stuck.clone(), stuck.clone());
        ending["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z".into();
        ended["status"]["phase"] = "Failed".into();
        for (line, pods, standing, expected) in [
            ("pods app=shop ready", json!([good, good]), Standing::Good, "2 of 2 ready"),
            ("pods app=shop ready", json!([good, ending, ended]), Standing::Good, "1 of 1 ready"),
            ("pods app=shop ready", json!([good, young]), Standing::None, "1 of 2 are ready"),
            ("pods app=shop ready", json!([good, stuck]), Standing::Bad, "CrashLoopBackOff of shop-1"),
            ("pods app=shop ready", json!([]), Standing::None, "there is no such pod"),
            ("pods app=shop ready", json!(null), Standing::None, "there is no such pod"),
            ("pods app=shop restarts <= 5", json!([good, stuck]), Standing::Good, "5"),
            ("pods app=shop restarts == 0", json!([good, young]), Standing::Bad, "1"),
            ("pods app=shop restarts == 0", json!([ending]), Standing::None, "it is not said how often it restarted"),
        ] {
            let Test::Inquiry(check) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
            let body = json!({"items": pods}).to_string().into();
            let seen = check.judge(&Ok(Answer { status: 0, body }), &Lineage::default());
            let told = if seen.value.is_empty() { seen.why } else { seen.value };
            assert_eq!((seen.standing, told.as_str()), (standing, expected), "{line} {pods}");
        }
    }

    #[test]
    fn pods_are_asked_for_by_label() {
        let line = "pods app=shop,tier!=db ready by kubectl -n shop";
        let check = line.parse::<Check>().unwrap();
        assert_eq!(check.text, line);
        let Test::Inquiry(inquiry) = check.test else { panic!() };
        let Asks::Program(words) = inquiry.asks(&Surroundings::default(), 0).unwrap() else { panic!() };
        assert_eq!(words.join(" "), "kubectl -n shop get pods --selector app=shop,tier!=db --output json");
        for line in ["pods", "pods app=shop", "pods --all ready", "pods app=$(id) ready", "pods app=shop healthy"] {
            assert!(line.parse::<Check>().is_err(), "{line}");
        }
    }
}
