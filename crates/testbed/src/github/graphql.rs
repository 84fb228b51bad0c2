//! The three GraphQL mutations that Slipway sends, answered as GitHub does: refusals come under a good status.

use std::path::Path;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::forge::{AutoMerge, Forge};
use super::{HostedRepository, Shared};
use crate::{git, lock};

/// What a mutation refuses: the type and the message of the error.
type Refused = (&'static str, String);

impl Shared {
    /// Answers a request to `/graphql`. What is no request for one of the three mutations is a violation.
    pub(super) fn graphql(&self, body: &[u8]) -> Response {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let query = body["query"].as_str().unwrap_or_default();
        let input = &body["variables"]["input"];
        let (name, permission, answered) = if query.contains("createCommitOnBranch(input: $input)") {
            ("createCommitOnBranch", "contents=write", self.commit_on_branch(input))
        } else if query.contains("enablePullRequestAutoMerge(input: $input)") {
            ("enablePullRequestAutoMerge", "pull_requests=write", self.auto_merge(input))
        } else if query.contains("disablePullRequestAutoMerge(input: $input)") {
            ("disablePullRequestAutoMerge", "pull_requests=write", self.no_auto_merge(input))
        } else {
            return self.outside("POST /graphql", &[format!("no such query: {query}")]);
        };
        let answered = match answered {
            Err(violation) => return self.outside(name, &[violation]),
            Ok(_) if lock(&self.withheld).contains(permission) => {
                Err(("FORBIDDEN", "Resource not accessible by integration".to_owned()))
            }
            Ok(work) => work(self),
        };
        let (data, errors) = match answered {
            Ok(data) => (json!({ name: data }), None),
            Err((kind, message)) => {
                let place = json!([{ "line": 1, "column": 1 }]);
                let error = json!({ "type": kind, "path": [name], "locations": place, "message": message });
                (json!({ name: null }), Some(json!([error])))
            }
        };
        let mut body = json!({ "data": data });
        if let Some(errors) = errors {
            body["errors"] = errors;
        }
        ([(CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
    }

    fn commit_on_branch(&self, input: &Value) -> Result<Work, String> {
        only(input, &["branch", "message", "fileChanges", "expectedHeadOid", "clientMutationId"])?;
        only(&input["branch"], &["repositoryNameWithOwner", "branchName", "id"])?;
        only(&input["message"], &["headline", "body"])?;
        only(&input["fileChanges"], &["additions", "deletions"])?;
        let (full_name, branch) =
            (text(&input["branch"], "repositoryNameWithOwner")?, text(&input["branch"], "branchName")?);
        let (expected, headline) = (text(input, "expectedHeadOid")?, text(&input["message"], "headline")?);
        let body = input["message"]["body"].as_str().unwrap_or_default();
        let message = if body.is_empty() { headline } else { format!("{headline}\n\n{body}") };
        let mut files = Vec::new();
        for addition in input["fileChanges"]["additions"].as_array().into_iter().flatten() {
            only(addition, &["path", "contents"])?;
            let content = BASE64_STANDARD.decode(text(addition, "contents")?);
            files.push((text(addition, "path")?, content.map_err(|_| "`contents` is not base64".to_owned())?));
        }
        Ok(Box::new(move |shared| {
            let repository = shared.hosted(&full_name)?;
            let bare = repository.git.as_ref().ok_or_else(|| not_found(&full_name))?;
            let name = format!("refs/heads/{branch}");
            let Some(head) = bare.refs().remove(&name) else {
                return Err(("NOT_FOUND", format!("Branch '{branch}' not found")));
            };
            if head != expected {
                let stale = format!("Expected branch to point to \"{expected}\" but it did not. Pull and try again.");
                return Err(("STALE_DATA", stale));
            }
            let mut forges = lock(&shared.forges);
            if forges.entry(full_name.to_ascii_lowercase()).or_default().protects(&name) {
                let rule = "Repository rule violations found\n\nChanges must be made through a pull request.\n\n";
                return Err(("UNPROCESSABLE", rule.to_owned()));
            }
            let commit = commit(bare.path(), &head, &message, &files);
            bare.git(&["update-ref", &name, &commit, &head]);
            Ok(json!({ "commit": { "oid": commit } }))
        }))
    }

    fn auto_merge(&self, input: &Value) -> Result<Work, String> {
        only(
            input,
            &["pullRequestId", "mergeMethod", "authorEmail", "commitHeadline", "commitBody", "expectedHeadOid"],
        )?;
        let (wanted, method) = (text(input, "pullRequestId")?, text(input, "mergeMethod")?);
        if !["MERGE", "SQUASH", "REBASE"].contains(&method.as_str()) {
            return Err(format!("no merge method `{method}`"));
        }
        let expected = input["expectedHeadOid"].as_str().map(str::to_owned);
        let message = ["commitHeadline", "commitBody"].map(|field| input[field].as_str().map(str::to_owned));
        Ok(Box::new(move |shared| {
            let mut forges = lock(&shared.forges);
            let missing = || ("NOT_FOUND", format!("Could not resolve to a node with the global id of '{wanted}'"));
            let node = |forge: &Forge| forge.pulls.iter().position(|pull| format!("PR_{}", pull.id) == wanted);
            let (name, index, forge) =
                forges.iter_mut().find_map(|(name, forge)| Some((name, node(forge)?, forge))).ok_or_else(missing)?;
            if !forge.auto_merge {
                return Err(("UNPROCESSABLE", "Auto merge is not allowed for this repository".to_owned()));
            }
            let git = shared.hosted(name)?.git.ok_or_else(|| not_found(name))?;
            let head = git.refs().remove(&format!("refs/heads/{}", forge.pulls[index].head));
            if expected.is_some_and(|expected| Some(&expected) != head.as_ref()) {
                return Err(("UNPROCESSABLE", "Head branch was modified. Review and try the merge again.".to_owned()));
            }
            if let Some(status) = &forge.merge_status {
                return Err(("UNPROCESSABLE", format!("Pull request Pull request is in {status} status")));
            }
            let [title, text] = message.clone();
            forge.pulls[index].auto_merge = Some(AutoMerge { method: method.clone(), title, text });
            Ok(json!({ "pullRequest": { "number": forge.pulls[index].number } }))
        }))
    }

    fn no_auto_merge(&self, input: &Value) -> Result<Work, String> {
        only(input, &["pullRequestId", "clientMutationId"])?;
        let wanted = text(input, "pullRequestId")?;
        Ok(Box::new(move |shared| {
            let mut forges = lock(&shared.forges);
            let mut pulls = forges.values_mut().flat_map(|forge| &mut forge.pulls);
            let missing = || ("NOT_FOUND", format!("Could not resolve to a node with the global id of '{wanted}'"));
            let pull = pulls.find(|pull| format!("PR_{}", pull.id) == wanted).ok_or_else(missing)?;
            if pull.auto_merge.take().is_none() {
                return Err(("UNPROCESSABLE", "Can't disable auto-merge for this pull request".to_owned()));
            }
            Ok(json!({ "pullRequest": { "number": pull.number } }))
        }))
    }

    fn hosted(&self, full_name: &str) -> Result<HostedRepository, Refused> {
        lock(&self.repositories).get(&full_name.to_ascii_lowercase()).cloned().ok_or_else(|| not_found(full_name))
    }
}

/// What a mutation does once its request is found to be in order.
type Work = Box<dyn FnOnce(&Shared) -> Result<Value, Refused>>;

fn not_found(full_name: &str) -> Refused {
    ("NOT_FOUND", format!("Could not resolve to a Repository with the name '{full_name}'."))
}

/// An input object has no fields but these.
fn only(value: &Value, fields: &[&str]) -> Result<(), String> {
    let Some(object) = value.as_object() else { return Err(format!("no object with {fields:?}")) };
    match object.keys().find(|key| !fields.contains(&key.as_str())) {
        Some(key) => Err(format!("no input field `{key}`")),
        None => Ok(()),
    }
}

fn text(value: &Value, field: &str) -> Result<String, String> {
    value[field].as_str().map(str::to_owned).ok_or_else(|| format!("`{field}` is missing"))
}

/// Makes a commit as GitHub does: every file of mode 100644, whatever it was.
fn commit(bare: &Path, head: &str, message: &str, files: &[(String, Vec<u8>)]) -> String {
    let directory = TempDir::with_prefix("commit-").expect("a temporary directory");
    let index = directory.path().join("index");
    let run = |arguments: &[&str]| {
        let mut command = git::command(bare);
        command.env("GIT_INDEX_FILE", &index);
        git::run(command, arguments).unwrap_or_else(|failure| panic!("{failure}"))
    };
    run(&["read-tree", head]);
    for (number, (path, content)) in files.iter().enumerate() {
        let file = directory.path().join(number.to_string());
        std::fs::write(&file, content).expect("a writable file");
        let object = run(&["hash-object", "-w", "--no-filters", file.to_str().expect("a UTF-8 path")]);
        run(&["update-index", "--add", "--cacheinfo", &format!("100644,{object},{path}")]);
    }
    let tree = run(&["write-tree"]);
    run(&["commit-tree", &tree, "-p", head, "-m", message])
}
