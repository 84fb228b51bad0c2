//! Who approved or rejected that a run goes on to an environment.

use serde_json::{Value, json};

use super::asked::{Answered, Asked, Reply, Route, account};
use super::forge::Review;

pub(super) const ROUTES: &[Route] = &[("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/approvals", list)];

fn list(asked: &mut Asked<'_>) -> Answered {
    let run = asked.number("run_id")?;
    let reviews = asked.forge.reviews.iter().filter(|review| review.run == run);
    let reviews: Vec<Value> = reviews.map(|review| described(asked, review)).collect();
    Ok(Reply::ok(json!(reviews)))
}

fn described(asked: &Asked<'_>, review: &Review) -> Value {
    let Review { id, environment, person, approved, comment, created, .. } = review;
    let (api, html) = (asked.api(), asked.html());
    json!({
        "state": if *approved { "approved" } else { "rejected" },
        "comment": comment,
        "environments": [{
            "id": id,
            "node_id": format!("EN_{id}"),
            "name": environment,
            "url": format!("{api}/environments/{environment}"),
            "html_url": format!("{html}/deployments/activity_log?environments_filter={environment}"),
            "created_at": created,
            "updated_at": created,
        }],
        "user": account(asked.server, person, "User"),
    })
}
