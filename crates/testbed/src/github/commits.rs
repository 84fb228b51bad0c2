//! Commits and what lies between them, read from the real repository.

use serde_json::{Value, json};

use super::asked::{Answered, Asked, Refusal, Reply, Route, account};

pub(super) const ROUTES: &[Route] = &[
    ("GET", "/repos/{owner}/{repo}/commits/{ref}", read),
    ("GET", "/repos/{owner}/{repo}/commits", list),
    ("GET", "/repos/{owner}/{repo}/compare/{basehead}", compare),
];

/// GitHub gives so many commits of a comparison that is not asked for in pages.
const COMPARED: usize = 250;
/// The fields of a commit, each ended by a NUL.
const FORMAT: &str = "--format=tformat:%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00";

fn read(asked: &mut Asked<'_>) -> Answered {
    let name = asked.parameter("ref");
    let missing = || Refusal::new(422, format!("No commit found for SHA: {name}"));
    let commit = asked.commit(name).ok_or_else(missing)?;
    Ok(Reply::ok(described(asked, &commit).ok_or_else(missing)?))
}

fn list(asked: &mut Asked<'_>) -> Answered {
    asked.git()?;
    let start = asked.query.get("sha").unwrap_or(&asked.repository.default_branch);
    let commit = asked.commit(start).ok_or_else(Refusal::not_found)?;
    let path = asked.query.get("path").map(|path| format!(":(literal){path}"));
    let mut arguments = vec!["log", FORMAT, "--end-of-options", &commit, "--"];
    arguments.extend(path.as_deref());
    let commits = logged(asked, &arguments);
    Ok(asked.page(&commits))
}

fn compare(asked: &mut Asked<'_>) -> Answered {
    let git = asked.git()?;
    let (base, head) = asked.parameter("basehead").split_once("...").ok_or_else(Refusal::not_found)?;
    let ends = asked.commit(base).zip(asked.commit(head)).ok_or_else(Refusal::not_found)?;
    let unrelated = || Refusal::new(404, format!("No common ancestor between {base} and {head}."));
    let common = git.try_git(&["merge-base", &ends.0, &ends.1]).map_err(|_| unrelated())?;
    let range = format!("{}..{}", ends.0, ends.1);
    let ahead = logged(asked, &["log", FORMAT, "--topo-order", "--reverse", "--end-of-options", &range]);
    let behind: u64 = git.git(&["rev-list", "--count", &format!("{}..{}", ends.1, ends.0)]).parse().unwrap_or_default();
    let status = match (ahead.len(), behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    let (page, size) = asked.window(COMPARED);
    let given: Vec<&Value> = ahead.iter().skip((page - 1) * size).take(size).collect();
    let path = asked.parameter("basehead");
    let html = format!("{}/compare/{path}", asked.html());
    let body = json!({
        "url": format!("{}/compare/{path}", asked.api()),
        "html_url": html,
        "permalink_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "base_commit": described(asked, &ends.0),
        "merge_base_commit": described(asked, &common),
        "status": status,
        "ahead_by": ahead.len(),
        "behind_by": behind,
        "total_commits": ahead.len(),
        "commits": given,
        "files": [],
    });
    Ok(Reply::ok(body).linked(asked.links(page, ahead.len().div_ceil(size))))
}

/// One commit.
fn described(asked: &Asked<'_>, commit: &str) -> Option<Value> {
    logged(asked, &["log", "-1", FORMAT, "--end-of-options", commit]).pop()
}

fn logged(asked: &Asked<'_>, arguments: &[&str]) -> Vec<Value> {
    let log = asked.repository.git.as_ref().and_then(|git| git.try_git(arguments).ok()).unwrap_or_default();
    let fields: Vec<&str> = log.split('\0').collect();
    fields.chunks_exact(10).map(|fields| commit(asked, fields)).collect()
}

fn commit(asked: &Asked<'_>, fields: &[&str]) -> Value {
    let [id, tree, parents, author, author_email, authored, committer, committer_email, committed, message] = fields
    else {
        return Value::Null;
    };
    // The newline that ends the record before is the first byte of every record but the first.
    let id = id.trim_start();
    let (api, html) = (asked.api(), format!("{}/commit", asked.html()));
    let parents: Vec<Value> = parents
        .split_whitespace()
        .map(|id| json!({ "sha": id, "url": format!("{api}/commits/{id}"), "html_url": format!("{html}/{id}") }))
        .collect();
    let login = |name: &str| name.to_ascii_lowercase().replace(' ', "-");
    json!({
        "sha": id,
        "node_id": format!("C_{id}"),
        "url": format!("{api}/commits/{id}"),
        "html_url": format!("{html}/{id}"),
        "comments_url": format!("{api}/commits/{id}/comments"),
        "commit": {
            "url": format!("{api}/git/commits/{id}"),
            "author": { "name": author, "email": author_email, "date": utc(authored) },
            "committer": { "name": committer, "email": committer_email, "date": utc(committed) },
            "message": message.trim_end_matches('\n'),
            "comment_count": 0,
            "tree": { "sha": tree, "url": format!("{api}/git/trees/{tree}") },
            "verification": {
                "verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null,
            },
        },
        "author": account(asked.server, &login(author), "User"),
        "committer": account(asked.server, &login(committer), "User"),
        "parents": parents,
    })
}

/// The testbed's git runs in UTC, whose offset GitHub writes as `Z`.
fn utc(date: &str) -> String {
    date.replace("+00:00", "Z")
}
