//! `GET /repos/{owner}/{repo}`.

use serde_json::{Value, json};

use super::asked::{Answered, Asked, Reply, Route, account};
use super::id;
use crate::BareRepository;

/// What the API knows about a repository.
#[derive(Clone)]
pub struct HostedRepository {
    /// `owner/name`.
    pub full_name: String,
    /// The description.
    pub description: Option<String>,
    /// The licence, as an SPDX identifier.
    pub license: Option<String>,
    /// The default branch; `main` unless set.
    pub default_branch: String,
    /// Whether it is private.
    pub private: bool,
    /// Where its commits are read from and its refs are written to; without it the API knows none.
    pub git: Option<BareRepository>,
}

impl HostedRepository {
    /// A public repository without a description, a licence or commits.
    pub fn new(full_name: &str) -> Self {
        Self {
            full_name: full_name.to_owned(),
            description: None,
            license: None,
            default_branch: "main".to_owned(),
            private: false,
            git: None,
        }
    }

    /// Its commits are those of `git`.
    #[must_use]
    pub fn git(mut self, git: &BareRepository) -> Self {
        self.git = Some(git.clone());
        self
    }
}

pub(super) const ROUTES: &[Route] = &[("GET", "/repos/{owner}/{repo}", read)];

fn read(asked: &mut Asked<'_>) -> Answered {
    let mut body = described(asked.server, asked.repository);
    body["network_count"] = json!(0);
    body["subscribers_count"] = json!(0);
    Ok(Reply::ok(body))
}

/// The addresses that every repository has: the field and what follows the repository's own address.
const ADDRESSES: [(&str, &str); 37] = [
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
    ("url", ""),
];

/// A repository, as it stands in other objects.
pub(super) fn described(url: &str, repository: &HostedRepository) -> Value {
    let full_name = &repository.full_name;
    let (owner, name) = full_name.split_once('/').unwrap_or(("", full_name));
    let license = repository.license.as_ref().map(|spdx| {
        let key = spdx.to_ascii_lowercase();
        json!({ "key": key, "name": spdx, "spdx_id": spdx, "url": null, "node_id": format!("L_{key}") })
    });
    let mut body = json!({
        "id": id(full_name),
        "node_id": format!("R_{full_name}"),
        "name": name,
        "full_name": full_name,
        "private": repository.private,
        "visibility": if repository.private { "private" } else { "public" },
        "owner": account(url, owner, "Organization"),
        "html_url": format!("{url}/{full_name}"),
        "description": repository.description,
        "fork": false,
        "clone_url": format!("{url}/{full_name}.git"),
        "git_url": format!("git:{}/{full_name}.git", url.trim_start_matches("http:")),
        "ssh_url": format!("git@localhost:{full_name}.git"),
        "svn_url": format!("{url}/{full_name}"),
        "mirror_url": null,
        "homepage": null,
        "language": null,
        "license": license,
        "topics": [],
        "archived": false,
        "disabled": false,
        "default_branch": repository.default_branch,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "pushed_at": "2026-01-01T00:00:00Z",
    });
    for (field, path) in ADDRESSES {
        body[field] = json!(format!("{url}/api/v3/repos/{full_name}{path}"));
    }
    for count in [
        "forks",
        "forks_count",
        "open_issues",
        "open_issues_count",
        "size",
        "stargazers_count",
        "watchers",
        "watchers_count",
    ] {
        body[count] = json!(0);
    }
    for feature in ["has_discussions", "has_downloads", "has_issues", "has_pages", "has_projects", "has_wiki"] {
        body[feature] = json!(feature == "has_issues");
    }
    body
}
