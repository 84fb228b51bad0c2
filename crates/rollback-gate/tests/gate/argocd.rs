//! Argo CD's word on a deployment, against a real config repository and a stand-in for Argo CD's server.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use slipway_gitops::Deployment;
use testbed::{BareRepository, Repository};

use crate::world::{Said, gate};

/// What Argo CD's server answers to whoever has the token and asks for a refresh of the application `shop`: an application, and nothing
/// to anybody else.
struct StandIn {
    address: String,
    application: Arc<Mutex<Option<Value>>>,
}

impl StandIn {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let application = Arc::new(Mutex::new(Some(Value::Null)));
        let answered = Arc::clone(&application);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap_or_default();
                let request = String::from_utf8_lossy(&request[..length]).to_lowercase();
                let Some(application) = answered.lock().unwrap().clone() else { return };
                let is_known = request.starts_with("get /api/v1/applications/shop?refresh=normal http/1.1\r\n")
                    && request.contains("\r\nauthorization: bearer s3cret\r\n");
                let (status, body) = if is_known { (200, application.to_string()) } else { (403, String::new()) };
                let head =
                    format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                let _ = stream.write_all((head + &body).as_bytes());
            }
        });
        Self { address, application }
    }

    fn answers(&self, application: Value) {
        *self.application.lock().unwrap() = Some(application);
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        *self.application.lock().unwrap() = None;
        // The thread waits for one more connection.
        let _ = std::net::TcpStream::connect(&self.address);
    }
}

/// A config repository in which `shop` was deployed: the commit before, the deployment, a commit after it, and one on another branch.
struct Config {
    work: Repository,
    bare: BareRepository,
    commits: [String; 4],
}

impl Config {
    fn new() -> Self {
        let work = Repository::new();
        let before = work.commit_files("chore: begin", &[("README.md", "# Config\n")]);
        work.git(&["checkout", "--quiet", "-b", "aside"]);
        let aside = work.commit_files("chore: aside", &[("aside.md", "aside\n")]);
        work.git(&["checkout", "--quiet", "main"]);
        let release = slipway_gitops::Release {
            component: "shop".parse().unwrap(),
            version: "1.5.0".parse().unwrap(),
            images: Vec::new(),
            environment: "staging".parse().unwrap(),
            source_commit: None,
            workflow_run: None,
        };
        let message = Deployment::message("Deploy shop 1.5.0", &release, None);
        let deployed = work.commit_files(&message, &[("shop.yaml", "image: shop:1.5.0\n")]);
        let after = work.commit_files("chore: more", &[("more.md", "more\n")]);
        let bare = work.bare_clone();
        Self { work, bare, commits: [before, deployed, after, aside] }
    }

    fn gate(&self, argocd: &StandIn, inputs: &[(&str, &str)]) -> Said {
        let (checks, repository) = (format!("argocd http://{} shop", argocd.address), self.bare.path());
        let header = format!("http://{} Authorization: Bearer s3cret", argocd.address);
        let usual = [
            ("checks", checks.as_str()),
            ("headers", header.as_str()),
            ("environment", "staging"),
            ("component", "shop"),
            ("config-repository", repository.to_str().unwrap()),
            ("duration", "1500ms"),
            ("interval", "500ms"),
            ("failure-limit", "2"),
        ];
        let usual = usual.into_iter().filter(|(name, _)| inputs.iter().all(|(given, _)| given != name));
        gate(&usual.chain(inputs.iter().copied()).collect::<Vec<_>>(), &[], self.work.path())
    }
}

fn application(sources: &[(&str, &str)], sync: &str, health: &str) -> Value {
    let addresses: Vec<Value> = sources.iter().map(|(address, _)| json!({"repoURL": address})).collect();
    let revisions: Vec<&str> = sources.iter().map(|(_, revision)| *revision).collect();
    match addresses.len() {
        1 => json!({
            "spec": {"source": addresses[0]},
            "status": {"sync": {"status": sync, "revision": revisions[0]}, "health": {"status": health}},
        }),
        _ => json!({
            "spec": {"sources": addresses},
            "status": {"sync": {"status": sync, "revisions": revisions}, "health": {"status": health}},
        }),
    }
}

#[test]
fn an_application_is_judged_at_our_commit_or_at_a_descendant() {
    let config = Config::new();
    let argocd = StandIn::start();
    let own = config.bare.path().to_str().unwrap();
    let [before, deployed, after, aside] = &config.commits;
    let elsewhere = "https://charts.example/shop";
    for (sources, sync, health, verdict, why) in [
        (&[(elsewhere, deployed.as_str())][..], "Synced", "Healthy", "promote", ""),
        (&[(own, after)], "Synced", "Healthy", "promote", ""),
        (&[(elsewhere, "1.2.3"), (own, after)], "Synced", "Healthy", "promote", ""),
        (&[(own, before)], "Synced", "Healthy", "hold", "which does not hold the deployment"),
        (&[(own, aside)], "Synced", "Healthy", "hold", ""),
        (&[(elsewhere, deployed), (own, before)], "Synced", "Healthy", "hold", "which does not hold the deployment"),
        (&[(elsewhere, deployed), (elsewhere, "1.2.3")], "Synced", "Healthy", "hold", "none of its sources"),
        (&[(own, after)], "Synced", "Progressing", "hold", "it is Synced and Progressing"),
        (&[(own, after)], "Synced", "Degraded", "rollback", "failed on 2 looks in a row: Degraded"),
    ] {
        argocd.answers(application(sources, sync, health));
        let said = config.gate(&argocd, &[]);
        let reason = said.run.output("reason");
        assert_eq!(said.run.output("verdict"), verdict, "{sources:?} {health}: {reason}\n{}", said.run.stdout);
        assert!(reason.contains(why), "{sources:?} {health}: {reason}");
        config.work.git(&["--git-dir", own, "update-ref", "-d", "refs/slipway/staging/shop"]);
    }
    let mut failed = application(&[(own, before)], "OutOfSync", "Healthy");
    failed["status"]["operationState"] =
        json!({"phase": "Failed", "message": "one hook failed", "syncResult": {"revision": deployed}});
    argocd.answers(failed);
    let said = config.gate(&argocd, &[]);
    let reason = said.run.output("reason");
    assert!(reason.ends_with("failed for good: the sync ended as Failed: one hook failed"), "{reason}");
    assert_eq!(said.json["plan"]["looks"].as_array().map(Vec::len), Some(1), "no other look is waited for");
}

#[test]
fn whoever_does_not_know_the_deployment_or_the_token_learns_nothing() {
    let config = Config::new();
    let argocd = StandIn::start();
    argocd.answers(application(&[("x", &config.commits[1])], "Synced", "Healthy"));
    let said = config.gate(&argocd, &[("headers", "")]);
    assert_eq!(said.run.output("verdict"), "hold", "{}", said.run.stdout);
    assert!(said.run.output("reason").contains("status 403"), "{}", said.run.output("reason"));
    let said = config.gate(&argocd, &[("environment", ""), ("component", "")]);
    assert_eq!(said.run.code, 2, "{}", said.run.stdout);
    let error = said.json["error"]["message"].as_str().unwrap();
    assert!(error.contains("needs to know what is deployed"), "{error}");
}
