//! git, through one hardened wrapper.
//!
//! Arguments are a vector, refs are qualified, hooks and every other program that a repository could name are off, the environment
//! is scrubbed, and output formats are git's machine-readable ones. What git cannot switch off are the filters that attributes name:
//! no command is used that takes files from the working tree or puts them there (add, checkout, status).

mod argv;
mod command;
mod commit;
mod commit_object;
mod identity;
mod push;
mod refname;
mod remote;
mod signing;
mod ssh;
mod tags;
mod trailers;
mod tree;

use std::ops::ControlFlow;

pub use argv::Argv;
pub use commit::FileChange;
pub use commit_object::CommitObject;
pub use identity::Identity;
pub use push::{Expected, RefUpdate};
pub use refname::{BranchName, CommitId, RefName, TagName};
pub use signing::SigningKey;
pub use ssh::SshAccess;
pub use tags::FoundTag;
pub use trailers::Trailers;
pub use tree::{Extent, FILE_SIZE_LIMIT, Records, TOTAL_SIZE_LIMIT, TreeEntry, too_large_together};

use self::argv::Credentials;
use crate::context::Context;
use crate::host::{Exit, Host};
use crate::text::without_credentials;
use crate::{Error, ErrorKind, Result};

/// A repository, and the rights to talk to its remote.
#[derive(Clone, Debug)]
pub struct Git<'a, H> {
    context: &'a Context<H>,
    directory: String,
    identity: Option<(Identity, i64)>,
    lazy_fetch: bool,
    index: Option<String>,
    signing_key: Option<SigningKey>,
    /// The command line that git talks SSH by; without one, it does not.
    ssh_command: Option<String>,
    /// Who asks at `origin`, where the token does not.
    login: Option<Credentials>,
}

/// What is checked out in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkout {
    /// The commit; nothing in a repository without commits.
    pub head: Option<CommitId>,
    /// Whether the history is cut off somewhere.
    pub is_shallow: bool,
    /// The top directory of the working tree.
    pub top: String,
}

impl<'a, H: Host> Git<'a, H> {
    /// The repository that holds the working directory.
    ///
    /// # Errors
    /// `NotARepository` if there is none that can be used, `Io` if git is not installed or too old.
    pub async fn open(context: &'a Context<H>) -> Result<Self> {
        Self::survey(context).await.map(|(git, _)| git)
    }

    /// The repository that holds the working directory, and what is checked out in it: one process for all of it.
    ///
    /// # Errors
    /// As [`Git::open`].
    pub async fn survey(context: &'a Context<H>) -> Result<(Self, Checkout)> {
        let git = Self::at(context, context.directory.clone());
        // What may not be there comes last: git ends at it.
        let argv = Argv::new("rev-parse").flag("--git-path").flag("hooks").flag("--is-shallow-repository");
        let found = git.complete(argv.flag("--show-prefix").flag("HEAD^{commit}").flag("--"), Vec::new()).await?;
        let told = String::from_utf8_lossy(&found.output);
        if let [hooks, is_shallow, below, rest @ ..] = told.lines().collect::<Vec<_>>().as_slice() {
            // Where it finds hooks is one of our settings: proof that it takes them.
            if *hooks != command::NOWHERE {
                return Err(too_old());
            }
            let head = rest.first().and_then(|id| id.parse().ok());
            let top = format!("{}{}", context.directory, "/..".repeat(below.matches('/').count()));
            return Ok((git, Checkout { head, is_shallow: *is_shallow == "true", top }));
        }
        let said = String::from_utf8_lossy(&found.exit.errors);
        let why = said.lines().find_map(|line| line.strip_prefix("fatal: ")).unwrap_or_default();
        let message = if why.is_empty() || why.starts_with("not a git repository (or any") {
            format!("`{}` is not in a git repository", context.directory)
        } else {
            format!("the git repository of `{}` cannot be used: {why}", context.directory)
        };
        Err(Error::new(ErrorKind::NotARepository, message)
            .hint("add an `actions/checkout` step before this one, or set `working-directory`"))
    }

    /// The repository at a path, which is not looked at yet.
    pub fn at(context: &'a Context<H>, directory: impl Into<String>) -> Self {
        Self {
            context,
            directory: directory.into(),
            identity: None,
            lazy_fetch: true,
            index: None,
            signing_key: None,
            ssh_command: None,
            login: None,
        }
    }

    /// Makes an empty bare repository in a directory of its own. The caller removes it with [`Git::remove`].
    ///
    /// # Errors
    /// `Io` or `Git`.
    pub async fn scratch(context: &'a Context<H>) -> Result<Self> {
        let git = Self::at(context, context.host.temporary_directory().await?);
        git.text(Argv::new("init").flag("--quiet").flag("--bare").flag("--template=")).await?;
        Ok(git)
    }

    /// The same repository, writing commits and tags as this person at this time (milliseconds since the Unix epoch).
    #[must_use]
    pub fn writing_as(self, identity: Identity, time: i64) -> Self {
        Self { identity: Some((identity, time)), ..self }
    }

    /// The same repository, where an object that a partial clone left out counts as missing: looking at it must not write into the
    /// user's repository. Needs git 2.44; older ones fetch it.
    #[must_use]
    pub fn without_lazy_fetch(self) -> Self {
        Self { lazy_fetch: false, ..self }
    }

    /// Where the repository is.
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// Runs git and gives its output, which must be UTF-8; a final line break is cut off.
    ///
    /// # Errors
    /// `Git` if it fails, with what it said.
    pub async fn text(&self, argv: Argv) -> Result<String> {
        let text = String::from_utf8_lossy(&self.bytes(argv).await?).into_owned();
        Ok(text.strip_suffix('\n').map(Into::into).unwrap_or(text))
    }

    /// Runs git and gives its output as it is.
    ///
    /// # Errors
    /// `Git` if it fails, with what it said.
    pub async fn bytes(&self, argv: Argv) -> Result<Vec<u8>> {
        self.feed(argv, Vec::new()).await
    }

    /// Runs git with something to read from standard input.
    ///
    /// # Errors
    /// `Git` if it fails, with what it said.
    pub async fn feed(&self, argv: Argv, input: Vec<u8>) -> Result<Vec<u8>> {
        let name = argv.subcommand();
        let mut attempt = 1;
        loop {
            let done = self.complete(argv.clone(), input.clone()).await?;
            if done.exit.code == Some(0) {
                return Ok(done.output);
            }
            let error = failure(name, &done.exit);
            if !remote::may_pass(name, &error) || attempt == remote::ATTEMPTS {
                return Err(error);
            }
            self.pause(attempt).await;
            attempt += 1;
        }
    }

    /// Runs git for a yes (exit status 0) or a no (1).
    ///
    /// # Errors
    /// `Git` for every other exit status.
    pub async fn holds(&self, argv: Argv) -> Result<bool> {
        let name = argv.subcommand();
        let done = self.complete(argv, Vec::new()).await?;
        match done.exit.code {
            Some(0) => Ok(true),
            Some(1) => Ok(false),
            _ => Err(failure(name, &done.exit)),
        }
    }

    /// Runs git and hands its output on piece by piece; a `Break` ends it early.
    ///
    /// # Errors
    /// `Git` if it fails before it was ended.
    pub async fn stream(&self, argv: Argv, on_output: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<()> {
        self.stream_fed(argv, Vec::new(), on_output).await
    }

    /// Like [`Git::stream`], with something to read from standard input.
    ///
    /// # Errors
    /// `Git` if it fails before it was ended.
    pub async fn stream_fed(
        &self,
        argv: Argv,
        input: Vec<u8>,
        on_output: &mut dyn FnMut(&[u8]) -> ControlFlow<()>,
    ) -> Result<()> {
        let name = argv.subcommand();
        let mut ended = false;
        let mut watch = |chunk: &[u8]| {
            let flow = on_output(chunk);
            ended |= flow.is_break();
            flow
        };
        let exit = self.context.host.run(&self.command(argv, input), &mut watch).await?;
        if ended || exit.code == Some(0) { Ok(()) } else { Err(failure(name, &exit)) }
    }

    /// The commit that is checked out, or nothing in a repository without commits.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn head(&self) -> Result<Option<CommitId>> {
        self.commit_of("HEAD").await
    }

    /// The commit that a ref leads to, if it exists and leads to one.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn resolve(&self, name: &RefName) -> Result<Option<CommitId>> {
        self.commit_of(name.as_str()).await
    }

    /// The branch that is checked out, else a tag that leads to the commit that is; nothing if there is neither.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn checked_out(&self) -> Result<Option<RefName>> {
        let branch = self.complete(Argv::new("symbolic-ref").flag("--quiet").flag("HEAD"), Vec::new()).await?;
        if branch.exit.code == Some(0) {
            return String::from_utf8_lossy(&branch.output).trim().parse().map(Some);
        }
        let tags = Argv::new("for-each-ref").flag("--count=1").flag("--points-at=HEAD").flag("--format=%(refname)");
        let tag = self.text(tags.flag("refs/tags/")).await?;
        if tag.is_empty() { Ok(None) } else { tag.parse().map(Some) }
    }

    /// Whether a commit is here. One that a partial clone left out is fetched, or counts as missing.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn has_commit(&self, id: &CommitId) -> Result<bool> {
        Ok(self.commit_of(id.as_str()).await?.is_some())
    }

    async fn commit_of(&self, name: &str) -> Result<Option<CommitId>> {
        let argv = Argv::new("rev-parse")
            .flag("--verify")
            .flag("--quiet")
            .end_of_options()
            .revision(&format!("{name}^{{commit}}"));
        let done = self.complete(argv, Vec::new()).await?;
        let text = String::from_utf8_lossy(&done.output);
        if done.exit.code == Some(0) { text.trim().parse().map(Some) } else { Ok(None) }
    }

    /// Whether the history is cut off somewhere.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn is_shallow(&self) -> Result<bool> {
        Ok(self.text(Argv::new("rev-parse").flag("--is-shallow-repository")).await? == "true")
    }

    /// The address of `origin`, after the user's `insteadOf` rules. One by SSH on the runner's server becomes the one that takes the
    /// token: no SSH key but our own inputs is ever used.
    ///
    /// # Errors
    /// `Git` if there is no such remote.
    pub async fn remote_url(&self) -> Result<String> {
        let url = self.origin().await?;
        Ok(remote::with_token(&url, &self.context.environment.server_url).unwrap_or(url))
    }

    /// The address of `origin` as it is, after the user's `insteadOf` rules.
    ///
    /// # Errors
    /// `Git` if there is no such remote.
    pub async fn origin(&self) -> Result<String> {
        let url = self.text(Argv::new("remote").flag("get-url").end_of_options().revision("origin")).await;
        url.map_err(|error| {
            Error::new(ErrorKind::Git, format!("the repository has no remote `origin`: {}", error.message()))
                .hint("clone it from its server, or add the remote")
        })
    }

    async fn complete(&self, argv: Argv, input: Vec<u8>) -> Result<Completed> {
        let mut output = Vec::new();
        let mut keep = |chunk: &[u8]| {
            output.extend_from_slice(chunk);
            ControlFlow::Continue(())
        };
        match self.context.host.run(&self.command(argv, input), &mut keep).await {
            Ok(exit) => Ok(Completed { exit, output }),
            // A program and its working directory are missed alike.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                Err(match self.context.host.entry_kind(&self.directory).await? {
                    Some(_) => Error::new(ErrorKind::Io, "git is not installed, or not in `PATH`")
                        .hint("install git 2.31 or newer on the runner"),
                    None => {
                        Error::new(ErrorKind::NotFound, format!("the directory `{}` does not exist", self.directory))
                            .hint("check `GITHUB_WORKSPACE`, and that no step has removed it")
                    }
                })
            }
            Err(error) => Err(error),
        }
    }
}

struct Completed {
    exit: Exit,
    output: Vec<u8>,
}

/// Before 2.31 git knew no settings from the environment, and would run what a repository names.
fn too_old() -> Error {
    Error::new(
        ErrorKind::Io,
        "git is too old: it does not take the settings that keep it from running a repository's programs",
    )
    .hint("install git 2.31 or newer on the runner")
}

/// What a failed git command means.
fn failure(subcommand: &str, exit: &Exit) -> Error {
    let said = String::from_utf8_lossy(&exit.errors);
    let said = without_credentials(said.trim());
    let has = |needles: &[&str]| needles.iter().any(|needle| said.contains(needle));
    let told = |mark: &str| said.lines().find(|line| line.starts_with(mark));
    let last =
        told("fatal: ").or_else(|| told("error: ")).or_else(|| said.lines().rfind(|line| !line.trim().is_empty()));
    let last = last.unwrap_or("it did not say why").trim_end_matches('.');
    let error = |kind| Error::new(kind, format!("git {subcommand} failed: {last}"));
    if has(&["Host key verification failed"]) {
        return error(ErrorKind::Permission)
            .hint("`ssh-known-hosts` has no key of this host, or another one: compare it with the one that the host publishes");
    }
    if has(&["Permission denied (publickey", "marked as read only"]) || told("Load key ").is_some() {
        return error(ErrorKind::Permission).hint(
            "`ssh-key` must be a whole private key without a passphrase that the repository knows as a deploy key with write access",
        );
    }
    if has(&["returned error: 429"]) {
        return error(ErrorKind::RateLimited).hint("the server wants to be asked less often: try again later");
    }
    if has(&["Authentication failed", "could not read Username", "error: 401", "error: 403"]) {
        return error(ErrorKind::Permission).hint(
            "check that `github-token` is set and has not expired, and that the job has the permission `contents: write`",
        );
    }
    if has(&["returned error: 301", "returned error: 302", "returned error: 307", "returned error: 308"]) {
        return error(ErrorKind::NotFound).hint("the repository has moved: use the address that its page shows now");
    }
    if has(&["Repository not found", "does not appear to be a git repository", "not found\n"])
        || last.ends_with("not found")
    {
        return error(ErrorKind::NotFound).hint("check the address of the repository and that the token can see it");
    }
    if has(&[
        "Could not resolve host",
        "Failed to connect",
        "Connection refused",
        "timed out",
        "The requested URL returned error: 5",
        "early EOF",
        "hung up unexpectedly",
        "Empty reply from server",
    ]) {
        return error(ErrorKind::Network);
    }
    if has(&["transport '"]) && last.ends_with("not allowed") {
        return error(ErrorKind::Git).hint("use an `https` address, or SSH with `ssh-key` and `ssh-known-hosts`");
    }
    error(ErrorKind::Git)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_told_apart() {
        for (said, kind) in [
            ("fatal: Authentication failed for 'https://x/'", ErrorKind::Permission),
            ("fatal: unable to access 'https://x/': Could not resolve host: x", ErrorKind::Network),
            ("fatal: repository 'https://x/a.git/' not found", ErrorKind::NotFound),
            ("fatal: unable to access 'https://x/': The requested URL returned error: 301", ErrorKind::NotFound),
            ("fatal: unable to access 'https://x/': The requested URL returned error: 429", ErrorKind::RateLimited),
            ("fatal: could not read Username for 'https://x': terminal prompts disabled", ErrorKind::Permission),
            (
                "No ED25519 host key is known for x\nHost key verification failed.\nfatal: Could not read",
                ErrorKind::Permission,
            ),
            ("git@x: Permission denied (publickey).\nfatal: Could not read from remote", ErrorKind::Permission),
            ("ERROR: The key you are authenticating with has been marked as read only.", ErrorKind::Permission),
            ("ssh: connect to host x port 22: Connection refused\nfatal: Could not read", ErrorKind::Network),
            ("ERROR: Repository not found.\nfatal: Could not read from remote repository.", ErrorKind::NotFound),
            ("Load key \"/tmp/key\": error in libcrypto\nfatal: Could not read", ErrorKind::Permission),
            ("fatal: invalid format of the pack", ErrorKind::Git),
            ("fatal: bad object", ErrorKind::Git),
            ("", ErrorKind::Git),
        ] {
            let exit = Exit { code: Some(128), errors: said.into() };
            assert_eq!(failure("fetch", &exit).kind(), kind, "{said}");
        }
    }
}
