//! The native host: std, tokio on one thread, reqwest.

use std::collections::HashMap;
use std::ffi::OsString;
use std::future::Future;
use std::io::{ErrorKind as IoKind, Read, Write};
use std::net::IpAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Command, ERROR_OUTPUT_LIMIT, EntryKind, Exchange, Exit, Host, LocalTask};
use crate::{Error, ErrorKind, Result};

/// The host of the native programs.
#[derive(Clone, Debug)]
pub struct NativeHost {
    variables: std::sync::Arc<HashMap<String, String>>,
    started: Instant,
}

impl NativeHost {
    /// Takes the process environment as it is now.
    pub fn new() -> Self {
        let unicode = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        let variables: HashMap<_, _> = std::env::vars_os().filter_map(unicode).collect();
        Self { variables: variables.into(), started: Instant::now() }
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
        Ok(tokio::task::LocalSet::new().block_on(&runtime, future))
    }
}

impl Default for NativeHost {
    fn default() -> Self {
        Self::new()
    }
}

impl Host for NativeHost {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
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

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        #[expect(clippy::expect_used, reason = "without randomness no output can be written safely")]
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }

    #[expect(clippy::print_stdout, reason = "this is the log")]
    fn print(&self, line: &str) {
        println!("{line}");
    }

    #[expect(clippy::print_stderr, reason = "this is the log")]
    fn print_error(&self, line: &str) {
        eprintln!("{line}");
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>> {
        // Looked at before it is opened: opening a pipe that nobody writes to would wait for ever.
        let metadata = std::fs::metadata(path).map_err(|e| io_error("read", path, &e))?;
        if !metadata.is_file() {
            return Err(Error::new(ErrorKind::UnreadableFile, format!("`{path}` is not a regular file")));
        }
        let too_large = || Error::new(ErrorKind::UnreadableFile, format!("`{path}` is larger than {limit} bytes"));
        if metadata.len() > limit {
            return Err(too_large());
        }
        let mut content = Vec::new();
        std::fs::File::open(path)
            .and_then(|file| file.take(limit + 1).read_to_end(&mut content))
            .map_err(|e| io_error("read", path, &e))?;
        if content.len() as u64 > limit { Err(too_large()) } else { Ok(content) }
    }

    async fn write(&self, path: &str, content: &[u8]) -> Result<()> {
        let target = Path::new(path);
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let beside = target.with_file_name(format!(".{name}.{}.tmp", hexadecimal(self.random())));
        let written = write_beside(&beside, target, content);
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        written.map_err(|e| io_error("write", path, &e))
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
            Err(e) if matches!(e.kind(), IoKind::NotFound | IoKind::NotADirectory) => Ok(None),
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
        entries.sort_by(|(left, _), (right, _)| left.cmp(right));
        Ok(entries)
    }

    async fn temporary_directory(&self) -> Result<String> {
        let parent = self.variable("RUNNER_TEMP").map_or_else(std::env::temp_dir, PathBuf::from);
        let path = parent.join(format!("slipway-{}", hexadecimal(self.random())));
        std::fs::create_dir_all(&parent)
            .and_then(|()| create_private_directory(&path))
            .map_err(|e| io_error("create", &path.to_string_lossy(), &e))?;
        Ok(path.to_string_lossy().into_owned())
    }

    async fn create_directory(&self, path: &str) -> Result<()> {
        std::fs::create_dir_all(path).map_err(|e| io_error("create", path, &e))
    }

    async fn remove(&self, path: &str) -> Result<()> {
        let removed = match std::fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(path),
            Ok(_) => std::fs::remove_file(path),
            Err(e) if e.kind() == IoKind::NotFound => return Ok(()),
            Err(e) => Err(e),
        };
        removed.map_err(|e| io_error("remove", path, &e))
    }

    async fn run(&self, command: &Command, on_output: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<Exit> {
        let mut process = tokio::process::Command::new(&command.program);
        process
            .args(&command.arguments)
            .env_clear()
            .envs(command.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&command.directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        process.process_group(0);
        let mut child = process.spawn().map_err(|e| io_error("start", &command.program, &e))?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());

        let feed = async {
            if let Some(mut stdin) = stdin {
                // A program that does not read its input closes the pipe: that is its right.
                let _ = stdin.write_all(&command.input).await;
            }
        };
        let collect = async {
            let mut kept = Vec::new();
            let Some(mut stderr) = stderr else { return kept };
            let mut buffer = vec![0; 8192];
            while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
                kept.extend_from_slice(&buffer[..length]);
                if kept.len() > ERROR_OUTPUT_LIMIT {
                    kept.drain(..kept.len() - ERROR_OUTPUT_LIMIT);
                }
            }
            kept
        };
        let finish = async {
            if let Some(mut stdout) = stdout {
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(length @ 1..) = stdout.read(&mut buffer).await {
                    if on_output(&buffer[..length]).is_break() {
                        end(&mut child);
                        break;
                    }
                }
            }
            child.wait().await
        };
        let ended = tokio::time::timeout(command.time_limit, async { tokio::join!(feed, collect, finish) }).await;
        let Ok(((), errors, status)) = ended else {
            end(&mut child);
            return Err(super::time_limit_reached(command));
        };
        let status = status.map_err(|e| io_error("wait for", &command.program, &e))?;
        Ok(Exit { code: status.code(), errors })
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((host, 0))
            .await
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

fn hexadecimal(bytes: [u8; 16]) -> String {
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// Ends a program and what it started, which is in its process group.
fn end(child: &mut tokio::process::Child) {
    #[cfg(unix)]
    if let Some(group) = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed())) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.start_kill();
}

fn write_beside(beside: &Path, target: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(beside)?;
    file.write_all(content)?;
    if let Ok(metadata) = std::fs::metadata(target) {
        // A read-only file stays as it is: the rename would get round its protection.
        if metadata.permissions().readonly() {
            return Err(std::io::Error::new(IoKind::PermissionDenied, "the file is read-only"));
        }
        file.set_permissions(metadata.permissions())?;
    }
    file.sync_all()?;
    std::fs::rename(beside, target)
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
