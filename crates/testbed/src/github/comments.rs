//! Comments on pull requests.

use serde_json::{Value, json};

use super::asked::{Answered, Asked, Refusal, Reply, Route, account};
use super::forge::Comment;

pub(super) const ROUTES: &[Route] = &[
    ("GET", "/repos/{owner}/{repo}/issues/{issue_number}/comments", list),
    ("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", create),
    ("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", update),
];

fn list(asked: &mut Asked<'_>) -> Answered {
    let issue = issue(asked)?;
    let comments = asked.forge.comments.iter().filter(|comment| comment.issue == issue);
    let comments: Vec<Value> = comments.map(|comment| described(asked, comment)).collect();
    Ok(asked.page(&comments))
}

fn create(asked: &mut Asked<'_>) -> Answered {
    let (issue, body) = (issue(asked)?, body(asked)?);
    let created = asked.forge.now();
    let comment = Comment { id: asked.forge.id(), issue, person: None, body, updated: created.clone(), created };
    let body = described(asked, &comment);
    asked.forge.comments.push(comment);
    Ok(Reply::created(body))
}

fn update(asked: &mut Asked<'_>) -> Answered {
    let (id, body, now) = (asked.number("comment_id")?, body(asked)?, asked.forge.now());
    let found = asked.forge.comments.iter().position(|comment| comment.id == id).ok_or_else(Refusal::not_found)?;
    (asked.forge.comments[found].body, asked.forge.comments[found].updated) = (body, now);
    Ok(Reply::ok(described(asked, &asked.forge.comments[found])))
}

/// The number of a pull request that exists.
fn issue(asked: &Asked<'_>) -> Result<u64, Refusal> {
    let number = asked.number("issue_number")?;
    let exists = asked.forge.pulls.iter().any(|pull| pull.number == number);
    if exists { Ok(number) } else { Err(Refusal::not_found()) }
}

fn body(asked: &Asked<'_>) -> Result<String, Refusal> {
    const LIMIT: usize = 65536;
    match asked.text("body") {
        None | Some("") => Err(Refusal::invalid("IssueComment", "body", "missing_field")),
        Some(body) if body.chars().count() > LIMIT => {
            Err(Refusal::custom("IssueComment", format!("Body is too long (maximum is {LIMIT} characters)")))
        }
        Some(body) => Ok(body.to_owned()),
    }
}

fn described(asked: &Asked<'_>, comment: &Comment) -> Value {
    let (api, html, id, issue) = (asked.api(), asked.html(), comment.id, comment.issue);
    json!({
        "id": id,
        "node_id": format!("IC_{id}"),
        "url": format!("{api}/issues/comments/{id}"),
        "html_url": format!("{html}/pull/{issue}#issuecomment-{id}"),
        "issue_url": format!("{api}/issues/{issue}"),
        "body": comment.body,
        "user": comment.person.as_ref().map_or_else(|| asked.actor(), |person| account(asked.server, person, "User")),
        "author_association": "CONTRIBUTOR",
        "created_at": comment.created,
        "updated_at": comment.updated,
    })
}
