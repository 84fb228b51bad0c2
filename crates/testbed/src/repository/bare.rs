//! A bare repository: what a server holds, and where a test looks to see what was pushed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tempfile::TempDir;

use crate::git;

/// A bare repository in a temporary directory, which goes with the last clone of this handle.
#[derive(Clone)]
pub struct BareRepository {
    directory: Arc<TempDir>,
}

/// One commit as [`BareRepository::log`] reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedCommit {
    /// The full id.
    pub id: String,
    /// The full ids of its parents.
    pub parents: Vec<String>,
    /// The first line of the message.
    pub subject: String,
    /// The whole message, without the final newline.
    pub message: String,
    /// The trailers (key, value) in their order, as `git interpret-trailers` sees them.
    pub trailers: Vec<(String, String)>,
}

impl LoggedCommit {
    /// The value of the first trailer with this key.
    pub fn trailer(&self, key: &str) -> Option<&str> {
        self.trailers.iter().find(|(found, _)| found == key).map(|(_, value)| value.as_str())
    }
}

impl BareRepository {
    /// An empty one whose HEAD is the branch `main`.
    pub fn new() -> Self {
        let bare = Self::in_new_directory();
        bare.git(&["init", "--quiet", "--bare"]);
        bare
    }

    /// Holds every ref of the repository at `path`, and has the same HEAD.
    pub fn mirror_of(path: &Path) -> Self {
        let bare = Self::in_new_directory();
        let path = path.to_str().expect("temporary directories have UTF-8 names");
        bare.git(&["clone", "--quiet", "--mirror", "--no-local", path, "."]);
        bare.git(&["remote", "remove", "origin"]);
        bare
    }

    fn in_new_directory() -> Self {
        Self { directory: Arc::new(TempDir::with_suffix(".git").expect("a temporary directory")) }
    }

    /// The repository's directory.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The content of the file `path` at `revision`; `None` when there is no such revision or file.
    pub fn read(&self, revision: &str, path: &str) -> Option<String> {
        let output = git::command(self.path()).args(["show", &format!("{revision}:{path}")]).output();
        let output = output.expect("git is on the PATH");
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// The commits of `range` (a revision, `a..b`, …), newest first.
    pub fn log(&self, range: &str) -> Vec<LoggedCommit> {
        let fields = "%H%x00%P%x00%s%x00%B%x00%(trailers:only,unfold,key_value_separator=%x1f,separator=%x1e)%x00";
        let log = self.git(&["log", "--topo-order", &format!("--format=tformat:{fields}"), "--end-of-options", range]);
        let fields: Vec<&str> = log.split('\0').collect();
        fields.chunks_exact(5).map(logged).collect()
    }

    /// Every ref (full name) and the id of the object that it names.
    pub fn refs(&self) -> BTreeMap<String, String> {
        let listed = self.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
        listed.lines().filter_map(|line| line.split_once(' ')).map(|(n, id)| (n.to_owned(), id.to_owned())).collect()
    }

    /// Installs the hook `name` (for example `pre-receive`); `script` is run by sh.
    pub fn install_hook(&self, name: &str, script: &str) {
        let hooks = self.path().join("hooks");
        std::fs::create_dir_all(&hooks).expect("a directory for the hooks");
        let hook = hooks.join(name);
        std::fs::write(&hook, format!("#!/bin/sh\n{script}\n")).expect("a writable hook");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("an executable hook");
        }
    }

    /// From now on every push that is taken is written down, for [`BareRepository::taken_pushes`].
    pub fn note_pushes(&self) {
        self.install_hook("post-receive", "{ cat | cut -d' ' -f3 | tr '\\n' ' '; echo; } >> taken-pushes");
    }

    /// The refs that each push moved, made or deleted, since [`BareRepository::note_pushes`].
    pub fn taken_pushes(&self) -> Vec<Vec<String>> {
        let noted = std::fs::read_to_string(self.path().join("taken-pushes")).unwrap_or_default();
        noted.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
    }

    /// Takes the hook `name` away again.
    pub fn remove_hook(&self, name: &str) {
        std::fs::remove_file(self.path().join("hooks").join(name)).expect("an installed hook");
    }

    /// Runs git here; gives stdout without the final newline, and panics with stderr when git fails.
    pub fn git(&self, arguments: &[&str]) -> String {
        self.try_git(arguments).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// Runs git here.
    ///
    /// # Errors
    /// When git fails: the command line and what git wrote to stderr.
    pub fn try_git(&self, arguments: &[&str]) -> Result<String, String> {
        git::run(git::command(self.path()), arguments)
    }
}

impl Default for BareRepository {
    fn default() -> Self {
        Self::new()
    }
}

fn logged(fields: &[&str]) -> LoggedCommit {
    let pair = |trailer: &str| trailer.split_once('\x1f').map(|(key, value)| (key.to_owned(), value.to_owned()));
    LoggedCommit {
        // The newline that ends the record before is the first byte of every record but the first.
        id: fields[0].trim_start().to_owned(),
        parents: fields[1].split_whitespace().map(str::to_owned).collect(),
        subject: fields[2].to_owned(),
        message: fields[3].trim_end_matches('\n').to_owned(),
        trailers: fields[4].split('\x1e').filter_map(pair).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Repository;

    #[test]
    fn it_holds_what_the_clone_held() {
        let repository = Repository::new();
        let first = repository.commit_files("feat: one", &[("a/b.txt", "one\n\n")]);
        repository.tag("v1.0.0");
        repository.branch("next");
        let second = repository.commit("feat: two");
        repository.checkout("main");
        let bare = repository.bare_clone();
        let refs: Vec<_> = bare.refs().into_iter().collect();
        let expected = [("refs/heads/main", &first), ("refs/heads/next", &second), ("refs/tags/v1.0.0", &first)];
        assert_eq!(refs, expected.map(|(name, id)| (name.to_owned(), id.clone())));
        assert_eq!(bare.read("main", "a/b.txt").as_deref(), Some("one\n\n"));
        assert_eq!(bare.read("main", "a/none.txt"), None);
        assert_eq!(bare.git(&["symbolic-ref", "HEAD"]), "refs/heads/main");
    }

    #[test]
    fn the_log_has_messages_parents_and_trailers() {
        let repository = Repository::new();
        let first = repository.commit("feat: one");
        repository.commit("fix: two\n\nbody: text\nmore\n\nRelease-Version: 1.0.0\nRelease-Image: a/b@sha256:00\n  11");
        let log = repository.bare_clone().log("main");
        assert_eq!(log.len(), 2);
        assert_eq!(log[0].parents, std::slice::from_ref(&first));
        assert_eq!(log[0].subject, "fix: two");
        assert_eq!(log[0].trailers.len(), 2);
        assert_eq!(log[0].trailer("Release-Image"), Some("a/b@sha256:00 11"));
        assert!(log[0].message.starts_with("fix: two\n\nbody: text\nmore\n"));
        assert_eq!(
            log[1],
            LoggedCommit {
                id: first,
                parents: vec![],
                subject: "feat: one".to_owned(),
                message: "feat: one".to_owned(),
                trailers: vec![],
            }
        );
    }

    #[test]
    fn a_hook_can_refuse_a_push() {
        let repository = Repository::new();
        repository.commit("feat: one");
        let bare = BareRepository::new();
        let url = bare.path().to_str().expect("a UTF-8 path");
        bare.install_hook("pre-receive", "echo 'the branch is frozen' >&2; exit 1");
        let refusal = repository.try_git(&["push", url, "main"]).expect_err("the hook refuses");
        assert!(refusal.contains("the branch is frozen"), "{refusal}");
        assert!(bare.refs().is_empty());
        bare.remove_hook("pre-receive");
        repository.git(&["push", "--quiet", url, "main"]);
        assert_eq!(bare.refs()["refs/heads/main"], repository.head());
    }
}
