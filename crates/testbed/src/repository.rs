//! A real git repository in a temporary directory.

mod bare;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicI64, Ordering};

use tempfile::TempDir;

use crate::git;

pub use bare::{BareRepository, LoggedCommit};

/// The first commit is made one minute after 2026-01-01T00:00:00Z.
const EPOCH: i64 = 1_767_225_600;
/// Seconds between two commits.
const STEP: i64 = 60;
/// The git commands that write a date.
const DATED: [&str; 7] = ["am", "cherry-pick", "commit", "commit-tree", "merge", "revert", "tag"];

/// A repository with a working tree, on the branch `main`, with a fixed identity and with dates that advance by one
/// minute per commit or tag: the same calls give the same commit ids. Its directory goes when it is dropped.
pub struct Repository {
    directory: TempDir,
    clock: AtomicI64,
}

impl Repository {
    /// An empty repository: no commit yet.
    pub fn new() -> Self {
        let repository = Self::in_new_directory();
        repository.git(&["init", "--quiet"]);
        repository
    }

    /// Clones `source`, a URL or a path, with all its history or the newest `depth` commits of its branch.
    pub fn clone_from(source: &str, depth: Option<u32>) -> Self {
        let repository = Self::in_new_directory();
        // A clone from a plain path ignores the depth.
        let source = if Path::new(source).is_absolute() { format!("file://{source}") } else { source.to_owned() };
        let depth = depth.map(|depth| format!("--depth={depth}"));
        let mut arguments = vec!["clone", "--quiet"];
        arguments.extend(depth.as_deref());
        arguments.extend([source.as_str(), "."]);
        repository.git(&arguments);
        repository
    }

    fn in_new_directory() -> Self {
        let directory = TempDir::with_prefix("repository-").expect("a temporary directory");
        Self { directory, clock: AtomicI64::new(EPOCH) }
    }

    /// The working tree.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Makes a commit that changes no file, and gives its id.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.head()
    }

    /// Writes the files (path, content), commits them together with whatever is in the index, and gives the commit's id.
    pub fn commit_files(&self, message: &str, files: &[(&str, &str)]) -> String {
        for (path, content) in files {
            self.write(path, content);
            self.git(&["add", "--force", "--", path]);
        }
        self.commit(message)
    }

    /// Writes one file of the working tree, with the directories above it, and commits nothing.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let file = self.path().join(path);
        let parent = file.parent().expect("a file inside the repository");
        std::fs::create_dir_all(parent).expect("a directory for the file");
        std::fs::write(&file, content).expect("a writable working tree");
        file
    }

    /// Makes a commit without files whose message is exactly these bytes, and gives its id.
    pub fn commit_exactly(&self, message: &[u8]) -> String {
        let parent = self.try_git(&["rev-parse", "--verify", "--quiet", "HEAD"]).ok();
        let parent = parent.map_or(String::new(), |id| format!("parent {id}\n"));
        let empty_tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
        let who = format!("Ada Author <ada@example.com> {EPOCH} +0000");
        let mut object = format!("tree {empty_tree}\n{parent}author {who}\ncommitter {who}\n\n").into_bytes();
        object.extend_from_slice(message);
        self.commit_object(&object)
    }

    /// Makes HEAD's branch lead to a commit with exactly this content, and gives its id.
    pub fn commit_object(&self, object: &[u8]) -> String {
        let file = self.write(".git/object", object);
        let file = file.to_str().expect("temporary directories have UTF-8 names");
        let id = self.git(&["hash-object", "-t", "commit", "-w", "--literally", "--", file]);
        self.git(&["update-ref", "HEAD", &id]);
        id
    }

    /// Tags HEAD with a lightweight tag.
    pub fn tag(&self, name: &str) {
        self.git(&["tag", "--no-sign", name]);
    }

    /// Tags HEAD with an annotated tag.
    pub fn annotated_tag(&self, name: &str, message: &str) {
        self.git(&["tag", "--no-sign", "--annotate", "--message", message, name]);
    }

    /// Makes a branch at HEAD and checks it out.
    pub fn branch(&self, name: &str) {
        self.git(&["checkout", "--quiet", "-b", name]);
    }

    /// Checks out a branch, a tag or a commit.
    pub fn checkout(&self, revision: &str) {
        self.git(&["checkout", "--quiet", revision]);
    }

    /// The full id of HEAD.
    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
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
        git::run(self.dated(arguments), arguments)
    }

    /// A bare clone with every branch, tag and other ref.
    pub fn bare_clone(&self) -> BareRepository {
        BareRepository::mirror_of(self.path())
    }

    fn dated(&self, arguments: &[&str]) -> Command {
        let step = if arguments.first().is_some_and(|name| DATED.contains(name)) { STEP } else { 0 };
        let date = format!("@{} +0000", self.clock.fetch_add(step, Ordering::Relaxed) + step);
        let mut git = git::command(self.path());
        git.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        git
    }
}

impl Default for Repository {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_calls_give_the_same_commit_ids() {
        let ids = || {
            let repository = Repository::new();
            let first = repository.commit_files("feat: one", &[("deep/a.txt", "a\n")]);
            repository.git(&["log", "--oneline"]);
            let second = repository.commit("fix: two");
            repository.annotated_tag("v1.0.0", "first release");
            [first, second, repository.git(&["rev-parse", "v1.0.0"])]
        };
        assert_eq!(ids(), ids());
    }

    #[test]
    fn dates_advance_by_a_minute_per_commit() {
        let repository = Repository::new();
        repository.commit("one");
        repository.git(&["status"]);
        repository.commit("two");
        assert_eq!(repository.git(&["log", "--format=%cI"]), "2026-01-01T00:02:00Z\n2026-01-01T00:01:00Z");
    }

    #[test]
    fn branches_and_tags_are_where_they_were_made() {
        let repository = Repository::new();
        let first = repository.commit("one");
        repository.tag("v1.0.0");
        repository.branch("feature/x");
        let second = repository.commit("two");
        repository.checkout("main");
        assert_eq!(repository.head(), first);
        assert_eq!(repository.git(&["rev-parse", "v1.0.0", "feature/x"]), format!("{first}\n{second}"));
    }

    #[test]
    fn a_clone_of_depth_one_is_shallow_even_from_a_path() {
        let origin = Repository::new();
        origin.commit("one");
        origin.commit("two");
        let path = origin.path().to_str().expect("a UTF-8 path");
        let shallow = Repository::clone_from(path, Some(1));
        assert_eq!(shallow.git(&["rev-list", "--count", "HEAD"]), "1");
        assert_eq!(shallow.git(&["rev-parse", "--is-shallow-repository"]), "true");
        assert_eq!(Repository::clone_from(path, None).git(&["rev-list", "--count", "HEAD"]), "2");
    }

    #[test]
    fn a_failure_says_what_git_said() {
        let failure = Repository::new().try_git(&["rev-parse", "--verify", "nothing"]).expect_err("no such revision");
        assert!(failure.contains("rev-parse --verify nothing") && failure.contains("fatal"), "{failure}");
    }
}
