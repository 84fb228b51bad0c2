//! The native host: std, tokio on one thread, reqwest.

mod process;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::io::{ErrorKind as IoKind, Read, Seek, SeekFrom, Write};
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub(crate) use process::interruption;

use super::{Command, EntryKind, Exchange, Exit, Host, LocalTask, ZoneAt, zone};
use crate::{Error, ErrorKind, Result, hexadecimal};

/// How long the addresses of a name are waited for.
const RESOLVE_LIMIT: Duration = Duration::from_secs(10);
/// How often a temporary directory is tried to be removed after the run was broken off, and the pause between.
const REMOVALS: usize = 5;
const BETWEEN_REMOVALS: Duration = Duration::from_millis(100);

/// The host of the native programs.
#[derive(Clone, Debug)]
pub struct NativeHost {
    variables: Arc<BTreeMap<String, String>>,
    /// What the program finds in its environment beside them, or in their place; what it starts does not.
    told: Arc<BTreeMap<String, String>>,
    started: Instant,
    /// The temporary directories that are there.
    temporary: Arc<Mutex<BTreeSet<String>>>,
}

impl NativeHost {
    /// Takes the process environment as it is now.
    pub fn new() -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        let variables: BTreeMap<_, _> = std::env::vars_os().map(|(name, value)| (text(name), text(value))).collect();
        Self { variables: variables.into(), told: Arc::default(), started: Instant::now(), temporary: Arc::default() }
    }

    /// The same host, where the program finds more variables, or others; what it starts does not.
    #[must_use]
    pub(crate) fn telling(self, told: BTreeMap<String, String>) -> Self {
        Self { told: told.into(), ..self }
    }

    /// Takes a variable away from the program and from what it starts.
    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        Arc::make_mut(&mut self.variables).remove(name)
    }

    /// Runs a future, and whatever it spawns, on this thread.
    ///
    /// # Errors
    /// `Internal` if the operating system gives no event loop.
    pub fn block_on<F: Future>(future: F) -> Result<F::Output> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Error::new(ErrorKind::Internal, format!("cannot start the event loop: {e}")))?;
        let output = tokio::task::LocalSet::new().block_on(&runtime, future);
        // A name that is still being resolved, on a thread of its own, does not hold the end up.
        runtime.shutdown_background();
        Ok(output)
    }

    /// Removes the temporary directories that a run left behind which was broken off.
    pub(crate) fn remove_temporary(&self) {
        for directory in std::mem::take(&mut *self.temporary()) {
            // A program that was ended may still be writing there.
            for _ in 0..REMOVALS {
                match std::fs::remove_dir_all(&directory) {
                    Err(error) if error.kind() != IoKind::NotFound => std::thread::sleep(BETWEEN_REMOVALS),
                    _ => break,
                }
            }
        }
    }

    fn temporary(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.temporary.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for NativeHost {
    fn default() -> Self {
        Self::new()
    }
}

impl Host for NativeHost {
    fn variable(&self, name: &str) -> Option<String> {
        self.told.get(name).or_else(|| self.variables.get(name)).cloned()
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn working_directory(&self) -> String {
        std::env::current_dir().map_or_else(|_| ".".into(), |path| path.to_string_lossy().into_owned())
    }

    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn zone_at(&self, name: &str, milliseconds: i64) -> Result<Option<ZoneAt>> {
        zone::at(name, milliseconds, || {
            let Ok(zone) = jiff::tz::TimeZoneDatabase::bundled().get(name) else { return Ok(None) };
            let instant = jiff::Timestamp::from_millisecond(milliseconds);
            Ok(instant.ok().map(|instant| zone.to_offset(instant).seconds()))
        })
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        #[expect(clippy::expect_used, reason = "without randomness no output can be written safely")]
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }

    fn print(&self, line: &str) {
        // Whoever read the log went away: no reason to stop half-way.
        let _ = writeln!(std::io::stdout(), "{line}");
    }

    fn print_error(&self, line: &str) {
        let _ = writeln!(std::io::stderr(), "{line}");
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>> {
        let metadata = regular_file(path)?;
        let too_large = || Error::new(ErrorKind::UnreadableFile, format!("`{path}` is larger than {limit} bytes"));
        if metadata.len() > limit {
            return Err(too_large());
        }
        let mut content = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut content))
            .map_err(|error| unreadable(path, &error))?;
        if content.len() as u64 > limit { Err(too_large()) } else { Ok(content) }
    }

    async fn read_part(&self, path: &str, offset: u64, length: usize) -> Result<Vec<u8>> {
        regular_file(path)?;
        let mut part = Vec::new();
        std::fs::File::open(path)
            .and_then(|mut file| file.seek(SeekFrom::Start(offset)).map(|_| file))
            .and_then(|file| file.take(length as u64).read_to_end(&mut part))
            .map_err(|error| unreadable(path, &error))?;
        Ok(part)
    }

    async fn write_beside(&self, path: &str, content: &[u8]) -> Result<String> {
        let target = Path::new(path);
        let beside = target.with_file_name(format!(".slipway-{}.tmp", hexadecimal(&self.random())));
        let written = write_beside(&beside, target, content);
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        written.map_err(|e| io_error("write", path, &e))?;
        Ok(beside.to_string_lossy().into_owned())
    }

    async fn rename(&self, from: &str, to: &str) -> Result<()> {
        std::fs::rename(from, to).map_err(|e| io_error("write", to, &e))
    }

    async fn write_private(&self, path: &str, content: &[u8]) -> Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).and_then(|mut file| file.write_all(content)).map_err(|e| io_error("write", path, &e))
    }

    async fn append(&self, path: &str, content: &[u8]) -> Result<()> {
        std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file| file.write_all(content))
            .map_err(|e| io_error("append to", path, &e))
    }

    async fn entry_kind(&self, path: &str) -> Result<Option<EntryKind>> {
        match std::fs::symlink_metadata(path) {
            Ok(metadata) => Ok(Some(kind_of(metadata.file_type()))),
            Err(e) if matches!(e.kind(), IoKind::NotFound | IoKind::NotADirectory | IoKind::InvalidFilename) => {
                Ok(None)
            }
            Err(e) => Err(io_error("look at", path, &e)),
        }
    }

    async fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>> {
        let failed = |e: &std::io::Error| io_error("list", directory, e);
        let mut entries = Vec::new();
        for entry in std::fs::read_dir(directory).map_err(|e| failed(&e))? {
            let entry = entry.map_err(|e| failed(&e))?;
            let kind = kind_of(entry.file_type().map_err(|e| failed(&e))?);
            entries.push((entry.file_name().to_string_lossy().into_owned(), kind));
        }
        entries.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
        Ok(entries)
    }

    async fn temporary_directory(&self) -> Result<String> {
        let parent = self.variable("RUNNER_TEMP").filter(|path| !path.is_empty());
        let parent = parent.map_or_else(std::env::temp_dir, PathBuf::from);
        let path = parent.join(format!("slipway-{}", hexadecimal(&self.random())));
        std::fs::create_dir_all(&parent)
            .and_then(|()| create_private_directory(&path))
            .map_err(|e| io_error("create", &path.to_string_lossy(), &e))?;
        let path = path.to_string_lossy().into_owned();
        self.temporary().insert(path.clone());
        Ok(path)
    }

    fn leave(&self, directory: &str) {
        self.temporary().remove(directory);
    }

    async fn create_directory(&self, path: &str) -> Result<()> {
        std::fs::create_dir_all(path).map_err(|e| io_error("create", path, &e))
    }

    async fn remove(&self, path: &str) -> Result<()> {
        let removed = match std::fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(path),
            Ok(_) => std::fs::remove_file(path),
            Err(e) if matches!(e.kind(), IoKind::NotFound | IoKind::NotADirectory) => return Ok(()),
            Err(e) => Err(e),
        };
        removed.map_err(|e| io_error("remove", path, &e))?;
        self.leave(path);
        Ok(())
    }

    async fn run(&self, command: &Command, on_output: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<Exit> {
        process::run(command, on_output).await
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>> {
        let found = tokio::time::timeout(RESOLVE_LIMIT, tokio::net::lookup_host((host, 0)))
            .await
            .map_err(|_| Error::new(ErrorKind::TimedOut, format!("`{host}` was not resolved in time")))?
            .map_err(|e| Error::new(ErrorKind::Network, format!("cannot resolve `{host}`: {e}")))?;
        Ok(found.map(|address| address.ip()).collect())
    }

    async fn exchange(&self, exchange: Exchange) -> Result<http::Response<Vec<u8>>> {
        let (parts, body) = exchange.request.into_parts();
        let host = parts.uri.host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
        let network = |e: reqwest::Error| network_error(&host, &e);

        let mut client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(exchange.time_limit)
            .resolve_to_addrs(&host, &exchange.addresses);
        if let Some(proxy) = &exchange.proxy {
            client = client.proxy(reqwest::Proxy::all(proxy.as_str()).map_err(network)?);
        }
        if let Some(pem) = &exchange.authorities {
            for certificate in reqwest::Certificate::from_pem_bundle(pem.as_bytes()).map_err(network)? {
                client = client.add_root_certificate(certificate);
            }
        }
        let mut answer = client
            .build()
            .map_err(network)?
            .request(parts.method, parts.uri.to_string())
            .headers(parts.headers)
            .body(body)
            .send()
            .await
            .map_err(network)?;

        let mut response = http::Response::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        while let Some(chunk) = answer.chunk().await.map_err(network)? {
            if response.body().len() + chunk.len() > exchange.body_limit {
                return Err(super::body_too_large(&host, exchange.body_limit));
            }
            response.body_mut().extend_from_slice(&chunk);
        }
        Ok(response)
    }

    fn spawn(&self, task: LocalTask) {
        tokio::task::spawn_local(task);
    }
}

/// What stands at a path, looked at before it is opened: opening a pipe that nobody writes to would wait for ever.
fn regular_file(path: &str) -> Result<std::fs::Metadata> {
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(Error::new(ErrorKind::UnreadableFile, format!("`{path}` is not a regular file")));
    }
    Ok(metadata)
}

fn unreadable(path: &str, error: &std::io::Error) -> Error {
    let kind = match error.kind() {
        IoKind::NotFound | IoKind::NotADirectory => ErrorKind::NotFound,
        _ => ErrorKind::UnreadableFile,
    };
    io_error_of(kind, "read", path, error)
}

fn write_beside(beside: &Path, target: &Path, content: &[u8]) -> std::io::Result<()> {
    let replaced = std::fs::symlink_metadata(target).ok().filter(std::fs::Metadata::is_file);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if replaced.is_some() { 0o600 } else { 0o666 });
    let mut file = options.open(beside)?;
    if let Some(permissions) = replaced.map(|metadata| metadata.permissions()) {
        // A read-only file stays as it is: the rename would get round its protection.
        if permissions.readonly() {
            return Err(std::io::Error::new(IoKind::PermissionDenied, "the file is read-only"));
        }
        file.set_permissions(permissions)?;
    }
    file.write_all(content)?;
    file.sync_all()
}

fn create_private_directory(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn kind_of(kind: std::fs::FileType) -> EntryKind {
    match kind {
        kind if kind.is_symlink() => EntryKind::Link,
        kind if kind.is_file() => EntryKind::File,
        kind if kind.is_dir() => EntryKind::Directory,
        _ => EntryKind::Other,
    }
}

fn io_error(verb: &str, path: &str, error: &std::io::Error) -> Error {
    let kind = match error.kind() {
        IoKind::NotFound => ErrorKind::NotFound,
        _ => ErrorKind::Io,
    };
    io_error_of(kind, verb, path, error)
}

fn io_error_of(kind: ErrorKind, verb: &str, path: &str, error: &std::io::Error) -> Error {
    Error::new(kind, format!("cannot {verb} `{path}`: {error}"))
}

fn network_error(host: &str, error: &reqwest::Error) -> Error {
    if error.is_timeout() {
        return Error::new(ErrorKind::TimedOut, format!("`{host}` did not answer in time"));
    }
    // reqwest's own message names the URL, which can hold a secret; the innermost cause says what happened.
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Error::new(ErrorKind::Network, format!("the request to `{host}` failed: {cause}"))
}
