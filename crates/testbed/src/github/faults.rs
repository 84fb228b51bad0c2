//! Failures that a test asks for: of one route, after the work or instead of it, and of rights that a token lacks.

use crate::traffic::Answer;

/// What happens to the next request of a route.
pub(super) struct Fault {
    pub(super) method: String,
    /// The path of the operation, with its parameters in braces.
    pub(super) path: String,
    /// Whether it is carried out, and only its answer is lost.
    pub(super) carried_out: bool,
    pub(super) answer: Answer,
}

/// The right that a job needs for an operation, as `X-Accepted-GitHub-Permissions` names it.
pub(super) fn permission(method: &str, path: &str) -> &'static str {
    let below = path.trim_start_matches("/repos/{owner}/{repo}");
    let reads = method == "GET";
    if below.is_empty() {
        "metadata=read"
    } else if below.starts_with("/actions") {
        if reads { "actions=read" } else { "actions=write" }
    } else if below.starts_with("/deployments") {
        if reads { "deployments=read" } else { "deployments=write" }
    } else if below.starts_with("/issues")
        || below.starts_with("/pulls") && !below.ends_with("/merge")
        || below.ends_with("/pulls")
    {
        if reads { "pull_requests=read" } else { "pull_requests=write" }
    } else if reads {
        "contents=read"
    } else {
        "contents=write"
    }
}
