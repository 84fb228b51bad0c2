//! The commits between two releases of a component, read where they were made.

use serde::Serialize;
use slipway_core::git::{Argv, CommitId, Git};
use slipway_core::github::{Client, RepositoryName};
use slipway_core::text::{one_line, shorten};
use slipway_core::{Context, Host, Result};

/// The most commits that are listed.
const LIMIT: usize = 100;
/// The longest subject that is given, in characters.
const SUBJECT: usize = 120;

/// What one release has that another has not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Shipped {
    /// Its commits, newest first.
    pub commits: Vec<ShippedCommit>,
    /// How many there are, listed or not.
    pub count: usize,
    /// Why they cannot be read, if they cannot.
    pub unknown: Option<String>,
}

/// A commit of the component's own repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShippedCommit {
    /// Its id.
    pub id: CommitId,
    /// The first line of its message.
    pub subject: String,
}

impl Shipped {
    /// Reads the commits that `head` has and `base` has not: from the checkout if it holds both and its history is whole, else over
    /// the API, from `source` or the workflow's repository.
    pub async fn read<H: Host>(
        context: &Context<H>,
        source: Option<&RepositoryName>,
        base: Option<&CommitId>,
        head: Option<&CommitId>,
    ) -> Self {
        let unknown = |why: String| Self { unknown: Some(why), ..Self::default() };
        let (Some(base), Some(head)) = (base, head) else {
            return unknown("the record does not name the commits that both were built from".into());
        };
        if base == head {
            return Self::default();
        }
        if let Ok(Some(found)) = from_checkout(context, base, head).await {
            return found;
        }
        let Some(repository) = source.or(context.environment.repository.as_ref()) else {
            return unknown(format!("`{}` is not in the checkout", head.short()));
        };
        match from_api(context, repository, base, head).await {
            Ok(found) => found,
            Err(error) => unknown(format!("`{repository}` does not give them: {}", error.message())),
        }
    }

    fn of(mut commits: Vec<ShippedCommit>) -> Self {
        let count = commits.len();
        commits.truncate(LIMIT);
        Self { commits, count, unknown: None }
    }
}

impl ShippedCommit {
    fn new(id: CommitId, message: &str) -> Self {
        let subject = message.lines().next().unwrap_or_default();
        Self { id, subject: shorten(&one_line(subject), SUBJECT) }
    }
}

async fn from_checkout<H: Host>(context: &Context<H>, base: &CommitId, head: &CommitId) -> Result<Option<Shipped>> {
    let (git, checkout) = Git::survey(context).await?;
    let git = git.without_lazy_fetch();
    if checkout.is_shallow || !git.has_commit(base).await? || !git.has_commit(head).await? {
        return Ok(None);
    }
    let log = Argv::new("log").flag("--no-show-signature").flag("--no-notes").flag("--format=%H %s").end_of_options();
    let listed = git.bytes(log.range(base, head)).await?;
    let read = |line: &str| {
        let (id, subject) = line.split_once(' ')?;
        Some(ShippedCommit::new(id.parse().ok()?, subject))
    };
    Ok(Some(Shipped::of(String::from_utf8_lossy(&listed).lines().filter_map(read).collect())))
}

async fn from_api<H: Host>(
    context: &Context<H>,
    repository: &RepositoryName,
    base: &CommitId,
    head: &CommitId,
) -> Result<Shipped> {
    let comparison = Client::new(context)?.compare(repository, base, head).await?;
    let newest_first = comparison.commits.into_iter().rev();
    Ok(Shipped::of(newest_first.map(|commit| ShippedCommit::new(commit.id, &commit.message)).collect()))
}
