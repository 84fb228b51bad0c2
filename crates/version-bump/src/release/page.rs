//! The release on GitHub: drafted, filled, then published, for what is published may be immutable.

use serde::Serialize;
use sha2::{Digest, Sha256};
use slipway_core::git::TagName;
use slipway_core::github::{Client, Latest, NewRelease, Release, ReleaseChange, RepositoryName};
use slipway_core::{Context, Error, ErrorKind, Host, Result, WorkspacePath, hexadecimal};

/// The largest file that is uploaded, in bytes.
const ASSET_LIMIT: u64 = 256 * 1024 * 1024;
/// How often a draft is looked for again because another run was faster.
const ROUNDS: usize = 5;

/// What there is on GitHub of a release whose tag is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Page {
    /// Nobody asked.
    Unknown,
    /// Nothing, or a draft.
    Missing,
    /// A published release at this address.
    Published(String),
}

/// A release on GitHub to be published; precondition is that there is none for the tag, or only a draft, which is then filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct NewPage {
    /// The repository.
    pub repository: String,
    /// The tag, which is the title too.
    pub tag: TagName,
    /// The text.
    pub notes: String,
    /// Whether it is marked as not ready for production.
    pub prerelease: bool,
    /// Whether it becomes the latest; nothing lets GitHub decide, for the parts of a monorepo have no common order.
    pub latest: Option<bool>,
    /// The files that go with it, from the workspace.
    pub assets: Vec<WorkspacePath>,
}

/// The repository of an address, if that is on the server of the runner.
pub(crate) fn repository(server: &str, address: &str) -> Option<RepositoryName> {
    let (scheme, rest) = address.split_once("://")?;
    let rest = match rest.split_once('/') {
        Some((authority, path)) => format!("{}/{path}", authority.rsplit('@').next().unwrap_or(authority)),
        None => return None,
    };
    let path = format!("{scheme}://{rest}");
    let path =
        path.get(..server.len()).filter(|start| start.eq_ignore_ascii_case(server)).map(|_| &path[server.len()..]);
    let path = path?.strip_prefix('/')?.trim_end_matches('/');
    path.strip_suffix(".git").unwrap_or(path).parse().ok()
}

/// Looks at what is there for a tag.
///
/// # Errors
/// As every method of [`Client`].
pub(crate) async fn look<H: Host>(context: &Context<H>, repository: &RepositoryName, tag: &TagName) -> Result<Page> {
    let published = Client::new(context)?.release_by_tag(repository, tag).await?;
    Ok(published.map_or(Page::Missing, |release| Page::Published(release.html_url)))
}

/// Publishes a release and gives its address. What another run, or a person, has drafted is filled and published as it is.
///
/// # Errors
/// `PushRejected` if GitHub refuses it for good, `UnreadableFile` if a file cannot be read; as every method of [`Client`].
pub(crate) async fn publish<H: Host>(
    context: &Context<H>,
    repository: &RepositoryName,
    page: &NewPage,
) -> Result<String> {
    let client = Client::new(context)?;
    let mut own: Option<Release> = None;
    for _ in 0..ROUNDS {
        if let Some(published) = client.release_by_tag(repository, &page.tag).await? {
            remove(&client, repository, own.as_ref()).await?;
            return Ok(published.html_url);
        }
        let mut drafts = client.releases(repository).await?;
        drafts.retain(|release| release.draft && release.tag_name == page.tag.as_str());
        // Of two runs that draft at once, both go on with the older draft.
        let Some(oldest) = drafts.into_iter().chain(own.clone()).min_by_key(|draft| draft.id) else {
            let new = NewRelease {
                tag_name: &page.tag,
                target_commitish: None,
                name: page.tag.as_str(),
                body: &page.notes,
                prerelease: page.prerelease,
            };
            match client.create_draft(repository, &new).await {
                Ok(draft) => own = Some(draft),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
            continue;
        };
        if own.as_ref().is_some_and(|own| own.id != oldest.id) {
            remove(&client, repository, own.take().as_ref()).await?;
        }
        fill(context, &client, repository, &oldest, &page.assets).await?;
        let change = ReleaseChange {
            draft: Some(false),
            prerelease: Some(page.prerelease),
            make_latest: Some(match page.latest {
                Some(true) => Latest::True,
                Some(false) => Latest::False,
                None => Latest::Legacy,
            }),
            ..ReleaseChange::default()
        };
        match client.update_release(repository, oldest.id, &change).await {
            Ok(published) => return Ok(published.html_url),
            // Another run has published it, or the other draft.
            Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    let message = format!("the release of `{}` is changed by others all the time", page.tag);
    Err(Error::new(ErrorKind::Network, message).hint("run one release at a time: set `concurrency` in the workflow"))
}

/// Removes a draft of this run that nobody needs.
async fn remove(client: &Client, repository: &RepositoryName, own: Option<&Release>) -> Result<()> {
    let Some(own) = own else { return Ok(()) };
    match client.delete_draft(repository, own.id).await {
        // It is the one that was published.
        Err(error) if error.kind() == ErrorKind::LostRace => Ok(()),
        done => done,
    }
}

/// Uploads what the draft lacks.
async fn fill<H: Host>(
    context: &Context<H>,
    client: &Client,
    repository: &RepositoryName,
    draft: &Release,
    assets: &[WorkspacePath],
) -> Result<()> {
    for path in assets {
        let name = asset_name(path.file_name());
        let content = context.host.read(&context.path(path), ASSET_LIMIT).await?;
        if let Some(there) = draft.assets.iter().find(|asset| asset.name == name) {
            let digest = there.digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:"));
            if there.state == "uploaded" && digest == Some(hexadecimal(&Sha256::digest(&content)).as_str()) {
                continue;
            }
            client.delete_asset(repository, there.id).await?;
        }
        match client.upload_asset(draft, &name, "application/octet-stream", content).await {
            // Another run is uploading the same.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            done => drop(done?),
        }
    }
    Ok(())
}

/// The name that GitHub gives a file.
pub(crate) fn asset_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '.' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_is_that_of_the_address() {
        for (server, address, expected) in [
            ("https://github.com", "https://github.com/acme/shop.git", Some("acme/shop")),
            ("https://github.com", "https://GitHub.com/acme/shop/", Some("acme/shop")),
            ("https://github.com", "https://x-access-token:t@github.com/acme/shop", Some("acme/shop")),
            ("https://github.com", "https://github.com.evil.example/acme/shop", None),
            ("https://github.com", "https://gitlab.com/acme/shop.git", None),
            ("https://github.com", "https://github.com/acme/group/shop.git", None),
            ("https://ghes.acme.example/git", "https://ghes.acme.example/git/a/b.git", Some("a/b")),
            ("https://github.com", "/srv/git/acme/shop.git", None),
            ("https://github.com", "https://github.com", None),
        ] {
            let found = repository(server, address).map(|name| name.to_string());
            assert_eq!(found.as_deref(), expected, "{address}");
        }
    }
}
