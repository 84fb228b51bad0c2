//! Pull requests between branches of one repository.

use serde_json::{Value, json};

use super::asked::{Answered, Asked, Refusal, Reply, Route, account};
use super::forge::Pull;
use super::repositories;

pub(super) const ROUTES: &[Route] = &[
    ("GET", "/repos/{owner}/{repo}/pulls", list),
    ("POST", "/repos/{owner}/{repo}/pulls", create),
    ("GET", "/repos/{owner}/{repo}/pulls/{pull_number}", read),
    ("PATCH", "/repos/{owner}/{repo}/pulls/{pull_number}", update),
    ("GET", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", of_commit),
    ("POST", "/repos/{owner}/{repo}/issues/{issue_number}/labels", add_labels),
];

fn list(asked: &mut Asked<'_>) -> Answered {
    let query = |name: &str| asked.query.get(name).map(String::as_str);
    let state = query("state").unwrap_or("open");
    let head = query("head").map(|head| head.strip_prefix(&format!("{}:", asked.owner())).unwrap_or(head));
    let base = query("base");
    let wanted = |pull: &&Pull| {
        (state == "all" || pull.open == (state == "open"))
            && head.is_none_or(|head| pull.head == head)
            && base.is_none_or(|base| pull.base == base)
    };
    let pulls: Vec<Value> = asked.forge.pulls.iter().rev().filter(wanted).map(|pull| simple(asked, pull)).collect();
    Ok(asked.page(&pulls))
}

fn read(asked: &mut Asked<'_>) -> Answered {
    let index = find(asked)?;
    Ok(Reply::ok(full(asked, &asked.forge.pulls[index])))
}

fn create(asked: &mut Asked<'_>) -> Answered {
    let text = |field: &str| asked.text(field).unwrap_or_default().to_owned();
    let (title, head, base) = (text("title"), text("head"), text("base"));
    let head = head.strip_prefix(&format!("{}:", asked.owner())).unwrap_or(&head).to_owned();
    for (field, branch) in [("head", &head), ("base", &base)] {
        if asked.commit(&format!("refs/heads/{branch}")).is_none() {
            return Err(Refusal::invalid("PullRequest", field, "invalid"));
        }
    }
    if title.is_empty() {
        return Err(Refusal::invalid("PullRequest", "title", "missing_field"));
    }
    if asked.forge.pulls.iter().any(|pull| pull.open && pull.head == head && pull.base == base) {
        let message = format!("A pull request already exists for {}:{head}.", asked.owner());
        return Err(Refusal::custom("PullRequest", message));
    }
    if commits(asked, &base, &head).is_empty() {
        return Err(Refusal::custom("PullRequest", format!("No commits between {base} and {head}")));
    }
    let body = asked.text("body").map(str::to_owned);
    let (id, number, created) = (asked.forge.id(), asked.forge.number(), asked.forge.now());
    let (labels, ends, merged, auto_merge, open) = (Vec::new(), None, None, None, true);
    let pull = Pull { id, number, title, body, open, head, base, ends, labels, created, merged, auto_merge };
    asked.forge.pulls.push(pull);
    Ok(Reply::created(full(asked, &asked.forge.pulls[asked.forge.pulls.len() - 1])))
}

fn update(asked: &mut Asked<'_>) -> Answered {
    let index = find(asked)?;
    let text = |field: &str| asked.text(field).map(str::to_owned);
    let (title, body, base) = (text("title"), text("body"), text("base"));
    let open = asked.text("state").map(|state| state == "open");
    let ends = ends(asked, &asked.forge.pulls[index]);
    let pull = &mut asked.forge.pulls[index];
    pull.title = title.unwrap_or_else(|| pull.title.clone());
    pull.base = base.unwrap_or_else(|| pull.base.clone());
    pull.body = body.or_else(|| pull.body.take());
    if let Some(open) = open.filter(|_| pull.merged.is_none()) {
        pull.open = open;
        pull.ends = (!open).then_some(ends);
    }
    Ok(Reply::ok(full(asked, &asked.forge.pulls[index])))
}

fn add_labels(asked: &mut Asked<'_>) -> Answered {
    let number = asked.number("issue_number")?;
    let wanted: Vec<String> =
        asked.body["labels"].as_array().into_iter().flatten().filter_map(|name| Some(name.as_str()?.into())).collect();
    let pull = asked.forge.pulls.iter_mut().find(|pull| pull.number == number).ok_or_else(Refusal::not_found)?;
    for name in wanted {
        if !pull.labels.contains(&name) {
            pull.labels.push(name);
        }
    }
    let labels = pull.labels.clone();
    Ok(Reply::ok(labels.iter().map(|name| label(asked, name)).collect()))
}

fn of_commit(asked: &mut Asked<'_>) -> Answered {
    let missing = || Refusal::new(422, format!("No commit found for SHA: {}", asked.parameter("commit_sha")));
    let commit = asked.commit(asked.parameter("commit_sha")).ok_or_else(missing)?;
    let belongs = |pull: &&Pull| match &pull.merged {
        Some(merged) => merged.commits.contains(&commit),
        None => pull.open && commits(asked, &pull.base, &pull.head).contains(&commit),
    };
    let pulls: Vec<Value> = asked.forge.pulls.iter().filter(belongs).map(|pull| simple(asked, pull)).collect();
    Ok(asked.page(&pulls))
}

/// Where the pull request of the path is in the list.
pub(super) fn find(asked: &Asked<'_>) -> Result<usize, Refusal> {
    let number = asked.number("pull_number")?;
    asked.forge.pulls.iter().position(|pull| pull.number == number).ok_or_else(Refusal::not_found)
}

/// The commits that one branch has and the other has not.
pub(super) fn commits(asked: &Asked<'_>, base: &str, head: &str) -> Vec<String> {
    let range = format!("refs/heads/{base}..refs/heads/{head}");
    let listed = asked.repository.git.as_ref().and_then(|git| git.try_git(&["rev-list", &range, "--"]).ok());
    listed.unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The commits at the ends, head and base.
pub(super) fn ends(asked: &Asked<'_>, pull: &Pull) -> (String, String) {
    let at = |branch: &str| asked.commit(&format!("refs/heads/{branch}")).unwrap_or_else(|| "0".repeat(40));
    pull.ends.clone().unwrap_or_else(|| (at(&pull.head), at(&pull.base)))
}

/// Whether git can merge the branches without help.
pub(super) fn is_mergeable(asked: &Asked<'_>, pull: &Pull) -> bool {
    let (head, base) = ends(asked, pull);
    asked.git().is_ok_and(|git| git.try_git(&["merge-tree", "--write-tree", &base, &head]).is_ok())
}

/// What lists tell.
fn simple(asked: &Asked<'_>, pull: &Pull) -> Value {
    let (api, number, id) = (asked.api(), pull.number, pull.id);
    let html = format!("{}/pull/{number}", asked.html());
    let (pulls, issue) = (format!("{api}/pulls/{number}"), format!("{api}/issues/{number}"));
    let (head, base) = ends(asked, pull);
    let owner = account(asked.server, asked.owner(), "Organization");
    let repository = repositories::described(asked.server, asked.repository);
    let end = |branch: &str, commit: &str| {
        let label = format!("{}:{branch}", asked.owner());
        json!({ "label": label, "ref": branch, "sha": commit, "user": owner, "repo": repository })
    };
    let statuses = format!("{api}/statuses/{head}");
    let link = |href: &str| json!({ "href": href });
    let merged_at = pull.merged.as_ref().map(|merged| merged.at.clone());
    json!({
        "url": pulls,
        "id": id,
        "node_id": format!("PR_{id}"),
        "html_url": html,
        "diff_url": format!("{html}.diff"),
        "patch_url": format!("{html}.patch"),
        "issue_url": issue,
        "commits_url": format!("{pulls}/commits"),
        "review_comments_url": format!("{pulls}/comments"),
        "review_comment_url": format!("{api}/pulls/comments{{/number}}"),
        "comments_url": format!("{issue}/comments"),
        "statuses_url": statuses,
        "number": number,
        "state": if pull.open { "open" } else { "closed" },
        "locked": false,
        "title": pull.title,
        "user": asked.actor(),
        "body": pull.body,
        "labels": pull.labels.iter().map(|name| label(asked, name)).collect::<Vec<_>>(),
        "milestone": null,
        "created_at": pull.created,
        "updated_at": merged_at.as_ref().unwrap_or(&pull.created),
        "closed_at": if pull.open { None } else { Some(merged_at.as_ref().unwrap_or(&pull.created)) },
        "merged_at": merged_at,
        "merge_commit_sha": pull.merged.as_ref().map(|merged| &merged.commit),
        "assignee": null,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": end(&pull.head, &head),
        "base": end(&pull.base, &base),
        "_links": {
            "self": link(&pulls),
            "html": link(&html),
            "issue": link(&issue),
            "comments": link(&format!("{issue}/comments")),
            "review_comments": link(&format!("{pulls}/comments")),
            "review_comment": link(&format!("{api}/pulls/comments{{/number}}")),
            "commits": link(&format!("{pulls}/commits")),
            "statuses": link(&statuses),
        },
        "author_association": "CONTRIBUTOR",
        "auto_merge": pull.auto_merge.as_ref().map(|merge| json!({
            "enabled_by": asked.actor(),
            "merge_method": merge.method.to_lowercase(),
            "commit_title": merge.title.as_deref().unwrap_or_default(),
            "commit_message": merge.text.as_deref().unwrap_or_default(),
        })),
        "draft": false,
    })
}

fn label(asked: &Asked<'_>, name: &str) -> Value {
    let (api, id) = (asked.api(), super::id(name));
    json!({
        "id": id, "node_id": format!("LA_{id}"), "url": format!("{api}/labels/{id}"), "name": name,
        "description": "", "color": "ededed", "default": false,
    })
}

/// What one of them tells.
fn full(asked: &Asked<'_>, pull: &Pull) -> Value {
    let mut body = simple(asked, pull);
    let comments = asked.forge.comments.iter().filter(|comment| comment.issue == pull.number).count();
    let mergeable = pull.open.then(|| is_mergeable(asked, pull));
    let state = match mergeable {
        Some(true) => "clean",
        Some(false) => "dirty",
        None => "unknown",
    };
    let more = json!({
        "merged": pull.merged.is_some(),
        "mergeable": mergeable,
        "mergeable_state": state,
        "rebaseable": mergeable,
        "merged_by": pull.merged.as_ref().map(|_| asked.actor()),
        "comments": comments,
        "review_comments": 0,
        "maintainer_can_modify": false,
        "commits": commits(asked, &pull.base, &pull.head).len(),
        "additions": 0,
        "deletions": 0,
        "changed_files": 0,
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    body
}
