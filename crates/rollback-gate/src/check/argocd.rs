//! `argocd https://argocd.example shop`: Argo CD's application is Synced and Healthy at the commit that deployed the release, or at one that
//! follows it.
//!
//! Argo CD compares what runs with a revision of git, `status.sync.revision`. As long as that one does not hold our commit, whatever it
//! says is about something older, and is waited for. Of an application with several sources only those in the config repository count.

use std::fmt;

use serde_json::Value;
use slipway_core::Result;
use slipway_core::http::Fetch;
use slipway_core::text::{one_line, shorten};

use super::grammar::{self, invalid};
use super::json::document;
use super::{Asked, Inquiry, Kind, Observation, Test};
use crate::ask::Asks;
use crate::endpoint::Endpoint;
use crate::lineage::{Lineage, Revision};
use crate::provider::Surroundings;

pub(super) const KIND: Kind = Kind { word: "argocd", form: "argocd https://argocd.example shop", parse };

/// How much of Argo CD's words is shown.
const SHOWN: usize = 160;

#[derive(Debug)]
struct Application {
    server: Endpoint,
    /// Where the application is, if not where Argo CD is.
    namespace: Option<String>,
    name: String,
}

fn parse(rest: &str) -> Result<Test> {
    let (server, rest) = grammar::endpoint(rest)?;
    let (namespace, name) = rest.split_once('/').map_or((None, rest), |(namespace, name)| (Some(namespace), name));
    if name.is_empty() {
        return Err(invalid("there is no application"));
    }
    let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_alphanumeric());
    let is_name = |text: &str| {
        begins(text) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
    };
    if !is_name(name) || !namespace.is_none_or(is_name) {
        return Err(invalid(format!("`{rest}` is not an application")).hint("write its name, or `namespace/name`"));
    }
    Ok(Test::Inquiry(Box::new(Application { server, namespace: namespace.map(Into::into), name: name.into() })))
}

impl Inquiry for Application {
    fn asks(&self, _: &Surroundings, _: i64) -> Result<Asks> {
        let mut url = self.server.url().clone();
        url.set_path(&format!("{}/api/v1/applications/{}", url.path().trim_end_matches('/'), self.name));
        // The answer waits until git and the cluster were compared anew.
        url.query_pairs_mut().clear().append_pair("refresh", "normal");
        if let Some(namespace) = &self.namespace {
            url.query_pairs_mut().append_pair("appNamespace", namespace);
        }
        Ok(Asks::Address(Box::new(Fetch::get(url))))
    }

    fn revisions(&self, answer: &Asked) -> Vec<Revision> {
        let document = answer.as_ref().map_err(Clone::clone).and_then(document).unwrap_or_default();
        [compared(&document), synced(&document)].into_iter().flatten().flatten().collect()
    }

    fn judge(&self, answer: &Asked, lineage: &Lineage) -> Observation {
        let document = answer.as_ref().map_err(Clone::clone).and_then(document);
        document.and_then(|document| judge(&document, lineage)).unwrap_or_else(Observation::none)
    }

    fn rule(&self) -> String {
        format!(
            "the application `{}` of {} is Synced and Healthy at the commit of the deployment, or at one that follows it",
            self.name, self.server
        )
    }

    fn endpoint(&self) -> Option<&Endpoint> {
        Some(&self.server)
    }

    fn needs_release(&self) -> bool {
        true
    }

    fn tells_arrival(&self) -> bool {
        true
    }
}

impl fmt::Display for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "argocd {} ", self.server)?;
        self.namespace.as_ref().map_or(Ok(()), |namespace| write!(f, "{namespace}/"))?;
        f.write_str(&self.name)
    }
}

/// What an application says of itself.
///
/// # Errors
/// What is to be waited for, or is not known.
fn judge(document: &Value, lineage: &Lineage) -> std::result::Result<Observation, String> {
    let status = &document["status"];
    let operation = &status["operationState"];
    if let Some(phase @ ("Failed" | "Error")) = operation["phase"].as_str()
        && synced(document).is_ok_and(|sources| is_ours(&sources, lineage) == Ok(true))
    {
        let why = said(&operation["message"]);
        return Ok(Observation::probed(false, format!("the sync ended as {phase}: {why}")).for_good());
    }
    let sources = compared(document)?;
    let at: Vec<&str> = ours(&sources, lineage).map(|source| short(&source.revision)).collect();
    let at = at.join(", ");
    if !is_ours(&sources, lineage)? {
        return Err(format!("it is at {at}, which does not hold the deployment"));
    }
    let word = |of: &str| status[of]["status"].as_str().unwrap_or("Unknown");
    match (word("sync"), word("health")) {
        ("Synced", "Healthy") => Ok(Observation::probed(true, format!("Synced and Healthy at {at}"))),
        ("Synced", "Degraded") => {
            let why = said(&status["health"]["message"]);
            Ok(Observation::probed(false, format!("Degraded at {at}{}{why}", if why.is_empty() { "" } else { ": " })))
        }
        (sync, health) => {
            let conditions = status["conditions"].as_array().into_iter().flatten();
            let mut errors = conditions.filter(|one| one["type"].as_str().is_some_and(|kind| kind.ends_with("Error")));
            let why = errors.next().map_or(String::new(), |error| format!(": {}", said(&error["message"])));
            Err(format!("it is {sync} and {health} at {at}{why}"))
        }
    }
}

/// The sources with the revisions that the cluster is compared with.
fn compared(document: &Value) -> std::result::Result<Vec<Revision>, String> {
    sources(document, &document["status"]["sync"])
}

/// The sources with the revisions of the newest sync.
fn synced(document: &Value) -> std::result::Result<Vec<Revision>, String> {
    let operation = &document["status"]["operationState"];
    let result = &operation["syncResult"];
    sources(document, if result.is_object() { result } else { &operation["operation"]["sync"] })
}

/// The sources of an application, beside their revisions.
fn sources(document: &Value, at: &Value) -> std::result::Result<Vec<Revision>, String> {
    let spec = &document["spec"];
    let (addresses, revisions): (Vec<&Value>, Vec<&Value>) = match spec["sources"].as_array() {
        Some(sources) if !sources.is_empty() => (
            sources.iter().map(|source| &source["repoURL"]).collect(),
            at["revisions"].as_array().into_iter().flatten().collect(),
        ),
        _ => (vec![&spec["source"]["repoURL"]], vec![&at["revision"]]),
    };
    if addresses.len() != revisions.len() {
        return Err("it does not say a revision for each of its sources".into());
    }
    let pairs = addresses.iter().zip(&revisions).map(|(repository, revision)| {
        let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        Some(Revision { repository: text(repository)?, revision: text(revision)? })
    });
    pairs.collect::<Option<_>>().ok_or_else(|| "it was not compared with git yet".into())
}

/// The sources in the config repository; the only one is that whatever it is called.
fn ours<'a>(sources: &'a [Revision], lineage: &'a Lineage) -> impl Iterator<Item = &'a Revision> {
    sources.iter().filter(move |source| sources.len() == 1 || lineage.is_repository(&source.repository))
}

/// Whether all sources in the config repository hold the deployment.
fn is_ours(sources: &[Revision], lineage: &Lineage) -> std::result::Result<bool, String> {
    let mut found = None;
    for source in ours(sources, lineage) {
        found = Some(found.unwrap_or(true) && lineage.holds(&source.revision)?);
    }
    found.ok_or_else(|| "none of its sources is the config repository".into())
}

/// A commit as people know it.
fn short(revision: &str) -> &str {
    revision.get(..8).unwrap_or(revision)
}

fn said(value: &Value) -> String {
    shorten(&one_line(value.as_str().unwrap_or_default()), SHOWN)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::{Answer, Check, Standing};

    const CONFIG: &str = "https://git.example/acme/config.git";
    const OLD: &str = "0000000000000000000000000000000000000000";
    const OURS: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const NEXT: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn application(sync: &str, health: &str, revision: &str) -> Value {
        json!({
            "spec": {"source": {"repoURL": "https://mirror.example/config"}},
            "status": {"sync": {"status": sync, "revision": revision}, "health": {"status": health}},
        })
    }

    fn told(status: u16, document: &Value) -> (Standing, String) {
        let Test::Inquiry(check) = "argocd https://argocd.example shop".parse::<Check>().unwrap().test else {
            panic!()
        };
        let lineage = Lineage::of(CONFIG, &[(OLD, false), (OURS, true), (NEXT, true)]);
        let seen = check.judge(&Ok(Answer { status, body: document.to_string().into() }), &lineage);
        (seen.standing, if seen.value.is_empty() { seen.why } else { seen.value })
    }

    #[test]
    fn health_counts_at_our_commit_or_at_one_that_follows() {
        for (sync, health, revision, standing, expected) in [
            ("Synced", "Healthy", OURS, Standing::Good, "Synced and Healthy at aaaaaaaa"),
            ("Synced", "Healthy", NEXT, Standing::Good, "Synced and Healthy at bbbbbbbb"),
            ("Synced", "Healthy", OLD, Standing::None, "it is at 00000000, which does not hold the deployment"),
            ("Synced", "Degraded", OLD, Standing::None, "it is at 00000000, which does not hold the deployment"),
            ("Synced", "Degraded", OURS, Standing::Bad, "Degraded at aaaaaaaa"),
            ("Synced", "Progressing", OURS, Standing::None, "it is Synced and Progressing at aaaaaaaa"),
            ("Synced", "Missing", OURS, Standing::None, "it is Synced and Missing at aaaaaaaa"),
            ("Synced", "Suspended", OURS, Standing::None, "it is Synced and Suspended at aaaaaaaa"),
            ("Synced", "Unknown", OURS, Standing::None, "it is Synced and Unknown at aaaaaaaa"),
            // What is degraded may still be the release before.
            ("OutOfSync", "Degraded", OURS, Standing::None, "it is OutOfSync and Degraded at aaaaaaaa"),
            ("Unknown", "Healthy", OURS, Standing::None, "it is Unknown and Healthy at aaaaaaaa"),
            ("Synced", "Healthy", "1.2.3", Standing::None, "`1.2.3` is no commit"),
            ("Synced", "Healthy", "", Standing::None, "it was not compared with git yet"),
        ] {
            assert_eq!(told(200, &application(sync, health, revision)), (standing, expected.into()));
        }
        assert_eq!(told(403, &application("Synced", "Healthy", OURS)), (Standing::None, "status 403".into()));
        assert_eq!(told(200, &json!({})), (Standing::None, "it was not compared with git yet".into()));
        let mut broken = application("Unknown", "Healthy", OURS);
        broken["status"]["conditions"] = json!([{"type": "ComparisonError", "message": "no\nchart"}]);
        assert!(told(200, &broken).1.starts_with("it is Unknown and Healthy at aaaaaaaa: no"));
    }

    #[test]
    fn a_sync_of_our_commit_that_failed_is_bad_at_once() {
        for (phase, revision, standing) in [
            ("Failed", OURS, Standing::Bad),
            ("Error", NEXT, Standing::Bad),
            ("Failed", OLD, Standing::None),
            ("Running", OURS, Standing::None),
            ("Succeeded", OURS, Standing::None),
        ] {
            let mut document = application("OutOfSync", "Healthy", OURS);
            document["status"]["operationState"] =
                json!({"phase": phase, "message": "hook failed", "syncResult": {"revision": revision}});
            let seen = told(200, &document);
            assert_eq!(seen.0, standing, "{phase} {revision} {seen:?}");
            assert_eq!(seen.1.ends_with("hook failed"), standing == Standing::Bad, "{seen:?}");
        }
    }

    #[test]
    fn of_several_sources_those_in_the_config_repository_count() {
        let chart = "https://charts.example";
        for (sources, standing, expected) in [
            (&[(chart, "1.2.3"), (CONFIG, OURS)][..], Standing::Good, "Synced and Healthy at aaaaaaaa"),
            (
                &[("git@git.example:acme/config", NEXT), (chart, "1.2.3")],
                Standing::Good,
                "Synced and Healthy at bbbbbbbb",
            ),
            (
                &[(chart, "1.2.3"), (CONFIG, OLD)],
                Standing::None,
                "it is at 00000000, which does not hold the deployment",
            ),
            (
                &[(CONFIG, OURS), (CONFIG, OLD)],
                Standing::None,
                "it is at aaaaaaaa, 00000000, which does not hold the deployment",
            ),
            (&[(chart, OURS), (chart, "1.2.3")], Standing::None, "none of its sources is the config repository"),
        ] {
            let mut document = application("Synced", "Healthy", "");
            document["spec"] =
                json!({"sources": sources.iter().map(|(url, _)| json!({"repoURL": url})).collect::<Value>()});
            document["status"]["sync"]["revisions"] = sources.iter().map(|(_, revision)| *revision).collect();
            assert_eq!(told(200, &document), (standing, expected.into()));
        }
        let mut document = application("Synced", "Healthy", OURS);
        document["spec"] = json!({"sources": [{"repoURL": CONFIG}, {"repoURL": chart}]});
        document["status"]["sync"]["revisions"] = json!([OURS]);
        assert_eq!(told(200, &document), (Standing::None, "it does not say a revision for each of its sources".into()));
    }

    #[test]
    fn the_request_asks_for_a_refresh() {
        for (line, expected) in [
            ("argocd https://argocd.example shop", "https://argocd.example/api/v1/applications/shop?refresh=normal"),
            (
                "argocd https://x.example/argo/ teams/shop",
                "https://x.example/argo/api/v1/applications/shop?refresh=normal&appNamespace=teams",
            ),
        ] {
            let check = line.parse::<Check>().unwrap();
            let Test::Inquiry(inquiry) = check.test else { panic!("{line}") };
            let Asks::Address(fetch) = inquiry.asks(&Surroundings::default(), 0).unwrap() else { panic!("{line}") };
            assert_eq!(fetch.url.as_str(), expected);
        }
        for line in [
            "argocd",
            "argocd https://x.example",
            "argocd https://x.example a b",
            "argocd https://x.example ../a",
            "argocd https://x.example /a",
        ] {
            assert!(line.parse::<Check>().is_err(), "{line}");
        }
    }
}
