//! The only door to the world: files, processes, HTTP, clock, log, environment.
//!
//! Everything above this module is the same natively and in WebAssembly. Three implementations exist: `native` (std, tokio,
//! reqwest), `node` (wasm-bindgen) and `scripted` (tests: a transcript of calls and answers).

#[cfg(not(target_arch = "wasm32"))]
#[expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this is the one module that may touch the world"
)]
pub mod native;
#[cfg(target_arch = "wasm32")]
pub mod node;
pub mod scripted;
mod zone;

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::ops::ControlFlow;
use std::pin::Pin;
use std::time::Duration;

use crate::{Error, ErrorKind, Result};

/// A future that runs on the one thread there is.
pub type LocalTask = Pin<Box<dyn Future<Output = ()>>>;

/// What a program can do to the world, and nothing else.
///
/// Futures need not be `Send`; the host value is, because octocrab asks for it.
#[expect(async_fn_in_trait, reason = "one thread: the futures need not be Send")]
pub trait Host: Clone + Send + 'static {
    /// An environment variable; what is not Unicode in it is replaced by U+FFFD.
    fn variable(&self, name: &str) -> Option<String>;

    /// All environment variables, sorted by name.
    fn variables(&self) -> Vec<(String, String)>;

    /// The directory the program was started in.
    fn working_directory(&self) -> String;

    /// Wall clock, in milliseconds since the Unix epoch.
    fn now(&self) -> i64;

    /// What the clocks of a time zone show at an instant, in milliseconds since the Unix epoch. The zone is a name of the IANA
    /// database, in upper or lower case; `None` if there is none of that name.
    ///
    /// # Errors
    /// `InvalidInput` for an instant that no calendar of the host reaches.
    fn zone_at(&self, name: &str, milliseconds: i64) -> Result<Option<ZoneAt>>;

    /// Time since an arbitrary start; it never goes back.
    fn monotonic(&self) -> Duration;

    /// Bytes that nobody can predict.
    fn random(&self) -> [u8; 16];

    /// Writes one line to standard output, where runners read commands. The text must be log-safe already.
    fn print(&self, line: &str);

    /// Writes one line to standard error. The text must be log-safe already.
    fn print_error(&self, line: &str);

    /// Waits.
    async fn sleep(&self, duration: Duration);

    /// Reads a regular file of at most `limit` bytes.
    ///
    /// # Errors
    /// `NotFound` if nothing is there, `UnreadableFile` if it is not a regular file, is too large or cannot be read.
    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>>;

    /// Reads at most `length` bytes of a regular file from an offset on; fewer are no end, none is.
    ///
    /// # Errors
    /// `NotFound` if nothing is there, `UnreadableFile` if it is not a regular file or cannot be read.
    async fn read_part(&self, path: &str, offset: u64, length: usize) -> Result<Vec<u8>>;

    /// Writes a file beside another one whose content it is to become, and gives its path. It gets the permissions of the other;
    /// one that is read-only is an error.
    async fn write_beside(&self, path: &str, content: &[u8]) -> Result<String>;

    /// Gives a file another name in its directory, in one step. A file or link of that name is replaced, never followed.
    async fn rename(&self, from: &str, to: &str) -> Result<()>;

    /// Replaces a file's content in one step: written beside it, then renamed over it, so that a failure leaves the original
    /// intact. Permissions are kept, and a read-only file is an error. A link is replaced, never followed.
    async fn write(&self, path: &str, content: &[u8]) -> Result<()> {
        let beside = self.write_beside(path, content).await?;
        let renamed = self.rename(&beside, path).await;
        if renamed.is_err() {
            self.remove(&beside).await?;
        }
        renamed
    }

    /// Makes a file that only this user can read. Something there already is an error.
    async fn write_private(&self, path: &str, content: &[u8]) -> Result<()>;

    /// Appends to a file, creating it if need be.
    async fn append(&self, path: &str, content: &[u8]) -> Result<()>;

    /// What stands at a path; links are not followed. `None` if nothing does.
    async fn entry_kind(&self, path: &str) -> Result<Option<EntryKind>>;

    /// The names in a directory with their kinds, sorted by name; links are not followed.
    async fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>>;

    /// Makes a new empty directory that nobody else uses. The caller removes it; so does the host when the program is broken off.
    async fn temporary_directory(&self) -> Result<String>;

    /// Leaves a temporary directory to whoever comes after the program.
    fn leave(&self, _directory: &str) {}

    /// Makes a directory and the ones above it.
    async fn create_directory(&self, path: &str) -> Result<()>;

    /// Removes a file or a directory with all that is in it. Nothing there is success.
    async fn remove(&self, path: &str) -> Result<()>;

    /// Runs a program and hands its standard output to `on_output` piece by piece; a `Break` ends the program early.
    ///
    /// What the program has started ends with it on a `Break` and on the time limit; if it ends by itself, what it leaves running
    /// stays.
    ///
    /// # Errors
    /// `Io` if the program cannot be started, `TimedOut` if the time limit ended it. A failing exit status is no error.
    async fn run(&self, command: &Command, on_output: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<Exit>;

    /// The addresses of a host name; ten seconds without an answer are an error.
    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>>;

    /// Sends one HTTP request to the addresses given and reads the answer; redirects are not followed.
    ///
    /// # Errors
    /// `Network` if no answer came, `TimedOut` if it took too long.
    async fn exchange(&self, exchange: Exchange) -> Result<http::Response<Vec<u8>>>;

    /// Runs a future beside the others.
    fn spawn(&self, task: LocalTask);
}

/// What the clocks of a time zone show at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneAt {
    /// Seconds east of UTC.
    pub offset_seconds: i32,
    /// What the offset is called there, such as `CET` or `EST`; `+0330` where it has no name.
    pub abbreviation: String,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// A pipe, a device or a socket.
    Other,
}

/// A program to run: an argument vector, never a shell line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Absolute path or bare name; a bare name is looked up in the PATH of `environment`.
    pub program: String,
    /// The arguments as they are.
    pub arguments: Vec<String>,
    /// The whole environment: nothing is inherited.
    pub environment: Vec<(String, String)>,
    /// Where it runs.
    pub directory: String,
    /// What it reads from standard input.
    pub input: Vec<u8>,
    /// When it is ended, with what it started.
    pub time_limit: Duration,
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// The exit status; `None` if a signal ended it, or a `Break`.
    pub code: Option<i32>,
    /// The last 64 KiB of standard error.
    pub errors: Vec<u8>,
}

/// How much of standard error is kept.
pub const ERROR_OUTPUT_LIMIT: usize = 64 * 1024;

/// One HTTP request with all that was decided about its way.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The request; its URI is absolute.
    pub request: http::Request<Vec<u8>>,
    /// The checked addresses to connect to. Empty only with a proxy, which resolves the name itself.
    pub addresses: Vec<SocketAddr>,
    /// The proxy to go through.
    pub proxy: Option<url::Url>,
    /// For the whole exchange, body included.
    pub time_limit: Duration,
    /// The largest body that is read, after decoding; a longer one is an error.
    pub body_limit: usize,
    /// More certificate authorities, as PEM.
    pub authorities: Option<String>,
}

fn body_too_large(host: &str, limit: usize) -> Error {
    Error::new(ErrorKind::Network, format!("`{host}` sent more than {limit} bytes"))
}

fn time_limit_reached(command: &Command) -> Error {
    let seconds = command.time_limit.as_secs();
    Error::new(ErrorKind::TimedOut, format!("`{}` did not end within {seconds} s", command.program))
}
