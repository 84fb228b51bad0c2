//! The whole history in one look: every commit that HEAD or a release leads to, with its parents.

use std::collections::HashMap;
use std::ops::ControlFlow;

use serde::Serialize;
use slipway_core::git::{Argv, CommitId, Git};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use crate::component::Scope;
use crate::history::{self, Commit, Fields};
use crate::tags::{TagPrefix, Tags};

/// A history.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Graph {
    /// Children before their parents.
    pub nodes: Vec<Node>,
}

/// A commit in a history.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Node {
    /// What it says.
    pub commit: Commit,
    /// The places of its parents, which are all higher than its own.
    pub parents: Vec<usize>,
    /// Whether it counts: with a scope, only what changed something in it does.
    pub counts: bool,
    /// When it was committed, in seconds since the Unix epoch; 0 if it does not say.
    pub time: i64,
}

/// Whose history is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past<'a> {
    /// The commit that is checked out.
    pub head: &'a CommitId,
    /// The releases.
    pub tags: &'a Tags,
    /// What counts; everything without one.
    pub scope: Option<&'a Scope>,
}

/// Reads all that HEAD and the releases lead to, in one walk, and with a scope in a second one. A clone that cuts the history off, or
/// has left out the trees that tell which paths a commit changed, is left as it is: the rest is fetched into a scratch repository.
///
/// # Errors
/// `ShallowHistory` if the history is cut off and the remote does not have the rest, `Network`, `TimedOut` or `Permission` if it does
/// not answer, `Git` if git fails.
pub(super) async fn read<H: Host>(context: &Context<H>, prefix: &TagPrefix, past: Past<'_>) -> Result<Graph> {
    let git = Git::open(context).await?.without_lazy_fetch();
    let why = if git.is_shallow().await? {
        "the history is cut off"
    } else {
        match walk(&git, past).await {
            Err(error) if past.scope.is_some() && error.kind() == ErrorKind::Git => {
                "the clone lacks directories of the history"
            }
            done => return done,
        }
    };
    let url = git.remote_url().await?;
    let scratch = Git::scratch(context).await?.without_lazy_fetch();
    let graph = fetch_and_walk(&scratch, &url, prefix, past).await;
    context.discard(scratch.directory()).await;
    graph.map_err(|error| {
        let kind = match error.kind() {
            world @ (ErrorKind::Network | ErrorKind::TimedOut | ErrorKind::Permission) => world,
            _ => ErrorKind::ShallowHistory,
        };
        Error::new(kind, format!("{why}, and the rest cannot be fetched: {error}"))
            .hint("add `fetch-depth: 0` to the actions/checkout step, and no `filter`")
    })
}

async fn fetch_and_walk<H: Host>(git: &Git<'_, H>, url: &str, prefix: &TagPrefix, past: Past<'_>) -> Result<Graph> {
    let releases = format!("+refs/tags/{0}*:refs/tags/{0}*", prefix.as_str());
    let fetch = |argv: Argv| argv.end_of_options().revision(url).commit(past.head).revision(&releases);
    let plain = || Argv::new("fetch").flag("--quiet").flag("--no-tags");
    let filter = if past.scope.is_some() { "blob:none" } else { "tree:0" };
    // Servers that cannot leave anything out refuse, or send everything.
    if git.bytes(fetch(plain().option("--filter", filter))).await.is_err() {
        git.bytes(fetch(plain())).await?;
    }
    if git.is_shallow().await? {
        return Err(Error::new(ErrorKind::ShallowHistory, "the remote's own history is cut off"));
    }
    walk(git, past).await
}

/// Tags can lead to what is not here, or to trees and files; git passes over both.
async fn walk<H: Host>(git: &Git<'_, H>, past: Past<'_>) -> Result<Graph> {
    let log = Argv::new("log").flag("-z").flag("--topo-order").flag("--ignore-missing").flag("--stdin");
    let log = log.flag("--format=tformat:%H%x00%P%x00%ct%x00%B");
    let tips = past.tags.releases.iter().map(|tag| &tag.commit);
    let tips: String = std::iter::once(past.head).chain(tips).map(|id| format!("{id}\n")).collect();
    let (mut fields, mut growing) = (Fields::default(), Growing::default());
    let mut on_output = |chunk: &[u8]| {
        fields.take(chunk, &mut |field| growing.field(field));
        if growing.unreadable { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    git.stream_fed(log, tips.into_bytes(), &mut on_output).await?;
    if growing.unreadable {
        return Err(Error::new(ErrorKind::Git, "git listed a commit in no known form"));
    }
    let mut graph = growing.graph;
    if let Some(scope) = past.scope {
        let touched = history::touched(git, &graph.tips(), scope).await?;
        graph.keep(touched);
    }
    Ok(graph)
}

impl Graph {
    /// The commits that no other follows.
    fn tips(&self) -> Vec<CommitId> {
        let mut is_tip = vec![true; self.nodes.len()];
        self.nodes.iter().flat_map(|node| &node.parents).for_each(|parent| is_tip[*parent] = false);
        let tips = self.nodes.iter().zip(is_tip).filter(|(_, is_tip)| *is_tip);
        tips.map(|(node, _)| node.commit.id.clone()).collect()
    }

    /// Lets only these commits count, which know what they changed.
    fn keep(&mut self, commits: Vec<Commit>) {
        let mut kept: HashMap<CommitId, Commit> =
            commits.into_iter().map(|commit| (commit.id.clone(), commit)).collect();
        for node in &mut self.nodes {
            let commit = kept.remove(&node.commit.id);
            node.counts = commit.is_some();
            if let Some(commit) = commit {
                node.commit = commit;
            }
        }
    }
}

/// A graph of which more is to come.
#[derive(Default)]
struct Growing {
    graph: Graph,
    /// Id, parents and time of the commit whose message comes next.
    row: Vec<String>,
    /// Children of commits that have not come yet.
    waiting: HashMap<CommitId, Vec<usize>>,
    unreadable: bool,
}

impl Growing {
    fn field(&mut self, field: &[u8]) {
        if let [id, parents, time] = self.row.as_slice() {
            let parents = parents.split(' ').filter(|id| !id.is_empty()).map(str::parse).collect::<Result<Vec<_>>>();
            match (id.parse(), parents) {
                (Ok(id), Ok(parents)) => self.add(Commit::read(id, parents, field), time.parse().unwrap_or(0)),
                _ => self.unreadable = true,
            }
            self.row.clear();
        } else {
            self.row.push(String::from_utf8_lossy(field).into_owned());
        }
    }

    fn add(&mut self, commit: Commit, time: i64) {
        let place = self.graph.nodes.len();
        for child in self.waiting.remove(&commit.id).unwrap_or_default() {
            self.graph.nodes[child].parents.push(place);
        }
        for parent in &commit.parents {
            self.waiting.entry(parent.clone()).or_default().push(place);
        }
        self.graph.nodes.push(Node { commit, parents: Vec::new(), counts: true, time });
    }
}
