//! A host for tests: a transcript of calls and their answers.
//!
//! Files live in memory; processes and HTTP requests are answered in the order of the transcript, and one that is not in it fails.
//! Sleeping moves the clock at once.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv4Addr};
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use super::{Command, EntryKind, Exchange, Exit, Host, LocalTask, ZoneAt};
use crate::{Error, ErrorKind, Result};

/// What the transcript answers next.
#[derive(Debug)]
pub enum Scripted {
    /// The program and the arguments that must be run, and the exit status and standard output that it answers.
    Run(Vec<&'static str>, i32, &'static str),
    /// The method and the URL that must be asked, and the status and body that they answer.
    Http(&'static str, &'static str, u16, &'static str),
    /// The method and the URL that must be asked, and the status and address that they are sent on with.
    Redirect(&'static str, &'static str, u16, &'static str),
    /// A request and an answer with all their headers that matter.
    Exchange(ScriptedExchange),
}

/// A request that must be sent, and its answer.
#[derive(Debug, Default)]
pub struct ScriptedExchange {
    /// The method and the URL.
    pub request: String,
    /// Headers that the request must have; an empty value means that it must not have the header.
    pub request_headers: Vec<(&'static str, String)>,
    /// The body that the request must have.
    pub request_body: String,
    /// The status of the answer.
    pub status: u16,
    /// The headers of the answer.
    pub headers: Vec<(&'static str, String)>,
    /// The body of the answer.
    pub body: String,
}

impl ScriptedExchange {
    /// What the request lacks, or has too much, or `None`.
    fn objection(&self, asked: &str, request: &http::Request<Vec<u8>>) -> Option<String> {
        if self.request != asked {
            return Some(asked.into());
        }
        for (name, value) in &self.request_headers {
            let found = request.headers().get(*name).map_or(&b""[..], |found| found.as_bytes());
            if found != value.as_bytes() {
                return Some(format!("{asked} with {name}: {}", String::from_utf8_lossy(found)));
            }
        }
        (self.request_body.as_bytes() != request.body())
            .then(|| format!("{asked} with the body {}", String::from_utf8_lossy(request.body())))
    }

    fn answer(&self) -> Result<http::Response<Vec<u8>>> {
        let mut response = http::Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(*name, value);
        }
        response
            .body(self.body.clone().into())
            .map_err(|error| Error::new(ErrorKind::Internal, format!("an answer of the transcript: {error}")))
    }
}

/// A host without a world.
#[derive(Clone, Debug, Default)]
pub struct ScriptedHost(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    variables: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<u8>>,
    addresses: BTreeMap<String, Vec<IpAddr>>,
    zones: BTreeMap<String, ZoneAt>,
    transcript: VecDeque<Scripted>,
    printed: Vec<String>,
    now: i64,
    /// What the clock goes wrong by at each sleep, in milliseconds.
    jump: i64,
    elapsed: Duration,
    names: u128,
    renames: usize,
    failing_renames: Vec<usize>,
}

thread_local! {
    /// What was spawned on this thread and has not ended. The host itself must be `Send`, its tasks are not.
    static TASKS: RefCell<Vec<LocalTask>> = const { RefCell::new(Vec::new()) };
}

impl ScriptedHost {
    /// A host with this environment.
    pub fn new(variables: &[(&str, &str)]) -> Self {
        let host = Self::default();
        host.state().variables = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        host.state().now = 1_767_225_600_000;
        host
    }

    /// Adds a file.
    #[must_use]
    pub fn file(self, path: &str, content: &str) -> Self {
        self.state().files.insert(path.into(), content.into());
        self
    }

    /// Sets the addresses of a host name. Every other name has one public address.
    #[must_use]
    pub fn resolving(self, name: &str, addresses: &[IpAddr]) -> Self {
        self.state().addresses.insert(name.into(), addresses.into());
        self
    }

    /// Sets what a time zone's clocks show at any instant. Every other name is unknown.
    #[must_use]
    pub fn zone(self, name: &str, offset_seconds: i32, abbreviation: &str) -> Self {
        let zone = ZoneAt { offset_seconds, abbreviation: abbreviation.into() };
        self.state().zones.insert(name.to_ascii_lowercase(), zone);
        self
    }

    /// Has some renames fail, counted from 1.
    #[must_use]
    pub fn failing_renames(self, numbers: &[usize]) -> Self {
        self.state().failing_renames = numbers.to_vec();
        self
    }

    /// Makes the clock jump by some milliseconds at each sleep; what measures lengths of time goes on as before.
    #[must_use]
    pub fn jumping(self, milliseconds: i64) -> Self {
        self.state().jump = milliseconds;
        self
    }

    /// Adds what is answered next.
    #[must_use]
    pub fn then(self, answer: Scripted) -> Self {
        self.state().transcript.push_back(answer);
        self
    }

    /// The lines printed so far.
    pub fn printed(&self) -> Vec<String> {
        self.state().printed.clone()
    }

    /// A file's content as text.
    pub fn content(&self, path: &str) -> Option<String> {
        self.state().files.get(path).map(|content| String::from_utf8_lossy(content).into_owned())
    }

    /// How many answers of the transcript were not asked for.
    pub fn unanswered(&self) -> usize {
        self.state().transcript.len()
    }

    /// Runs a future, and what it spawns, to its end on this thread.
    ///
    /// # Errors
    /// `Internal` if the future waits for something that no transcript can bring.
    pub fn block_on<F: Future>(future: F) -> Result<F::Output> {
        let mut future = pin!(future);
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..10_000 {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                TASKS.take();
                return Ok(output);
            }
            let mut tasks = TASKS.take();
            tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
            TASKS.with_borrow_mut(|spawned| spawned.extend(tasks));
        }
        Err(Error::new(ErrorKind::Internal, "the future never settles"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn missing(path: &str) -> Error {
        Error::new(ErrorKind::NotFound, format!("cannot read `{path}`: there is no such file"))
    }
}

fn off_script(asked: &str, next: Option<&Scripted>) -> Error {
    Error::new(ErrorKind::Internal, format!("the transcript has {next:?}, but this was asked: {asked}"))
}

impl Host for ScriptedHost {
    fn variable(&self, name: &str) -> Option<String> {
        self.state().variables.get(name).cloned()
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.state().variables.clone().into_iter().collect()
    }

    fn working_directory(&self) -> String {
        "/workspace".into()
    }

    fn now(&self) -> i64 {
        let state = self.state();
        state.now + i64::try_from(state.elapsed.as_millis()).unwrap_or(i64::MAX)
    }

    fn zone_at(&self, name: &str, _milliseconds: i64) -> Result<Option<ZoneAt>> {
        Ok(self.state().zones.get(&name.to_ascii_lowercase()).cloned())
    }

    fn monotonic(&self) -> Duration {
        self.state().elapsed
    }

    fn random(&self) -> [u8; 16] {
        let mut state = self.state();
        state.names += 1;
        state.names.to_be_bytes()
    }

    fn print(&self, line: &str) {
        self.state().printed.push(line.into());
    }

    fn print_error(&self, line: &str) {
        self.state().printed.push(line.into());
    }

    async fn sleep(&self, duration: Duration) {
        let mut state = self.state();
        state.elapsed += duration;
        state.now += state.jump;
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>> {
        let content = self.state().files.get(path).cloned().ok_or_else(|| Self::missing(path))?;
        if content.len() as u64 > limit {
            return Err(Error::new(ErrorKind::UnreadableFile, format!("`{path}` is larger than {limit} bytes")));
        }
        Ok(content)
    }

    async fn read_part(&self, path: &str, offset: u64, length: usize) -> Result<Vec<u8>> {
        let content = self.read(path, u64::MAX).await?;
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(content.len());
        Ok(content[start..content.len().min(start.saturating_add(length))].to_vec())
    }

    async fn write_beside(&self, path: &str, content: &[u8]) -> Result<String> {
        let beside = format!("{path}.tmp");
        self.state().files.insert(beside.clone(), content.into());
        Ok(beside)
    }

    async fn rename(&self, from: &str, to: &str) -> Result<()> {
        let mut state = self.state();
        state.renames += 1;
        if state.failing_renames.contains(&state.renames) {
            return Err(Error::new(ErrorKind::Io, format!("cannot write `{to}`")));
        }
        let content = state.files.remove(from).ok_or_else(|| Self::missing(from))?;
        state.files.insert(to.into(), content);
        Ok(())
    }

    async fn write_private(&self, path: &str, content: &[u8]) -> Result<()> {
        self.write(path, content).await
    }

    async fn append(&self, path: &str, content: &[u8]) -> Result<()> {
        self.state().files.entry(path.into()).or_default().extend_from_slice(content);
        Ok(())
    }

    async fn entry_kind(&self, path: &str) -> Result<Option<EntryKind>> {
        let state = self.state();
        let inside = format!("{path}/");
        Ok(if state.files.contains_key(path) {
            Some(EntryKind::File)
        } else {
            state.files.keys().any(|file| file.starts_with(&inside)).then_some(EntryKind::Directory)
        })
    }

    async fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>> {
        let inside = format!("{}/", directory.trim_end_matches('/'));
        let mut entries: Vec<(String, EntryKind)> = self
            .state()
            .files
            .keys()
            .filter_map(|file| file.strip_prefix(&inside))
            .map(|rest| match rest.split_once('/') {
                Some((name, _)) => (name.into(), EntryKind::Directory),
                None => (rest.into(), EntryKind::File),
            })
            .collect();
        entries.dedup();
        if entries.is_empty() { Err(Self::missing(directory)) } else { Ok(entries) }
    }

    async fn temporary_directory(&self) -> Result<String> {
        Ok(format!("/temporary/{:x}", u128::from_be_bytes(self.random())))
    }

    async fn create_directory(&self, _path: &str) -> Result<()> {
        Ok(())
    }

    async fn remove(&self, path: &str) -> Result<()> {
        let inside = format!("{path}/");
        self.state().files.retain(|file, _| file != path && !file.starts_with(&inside));
        Ok(())
    }

    async fn run(&self, command: &Command, on_output: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<Exit> {
        let asked: Vec<&str> =
            std::iter::once(&command.program).chain(&command.arguments).map(String::as_str).collect();
        let next = self.state().transcript.pop_front();
        match next {
            Some(Scripted::Run(expected, code, output)) if expected == asked => {
                let _ = on_output(output.as_bytes());
                Ok(Exit { code: Some(code), errors: Vec::new() })
            }
            other => Err(off_script(&asked.join(" "), other.as_ref())),
        }
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>> {
        // RFC 5737's documentation range: public, and nobody's.
        let otherwise = || vec![Ipv4Addr::new(203, 0, 113, 7).into()];
        Ok(self.state().addresses.get(host).cloned().unwrap_or_else(otherwise))
    }

    async fn exchange(&self, exchange: Exchange) -> Result<http::Response<Vec<u8>>> {
        let asked = format!("{} {}", exchange.request.method(), exchange.request.uri());
        let next = self.state().transcript.pop_front();
        let (status, location, body) = match next {
            Some(Scripted::Http(method, url, status, body)) if format!("{method} {url}") == asked => {
                (status, None, body)
            }
            Some(Scripted::Redirect(method, url, status, location)) if format!("{method} {url}") == asked => {
                (status, Some(http::HeaderValue::from_static(location)), "")
            }
            Some(Scripted::Exchange(expected)) => {
                return match expected.objection(&asked, &exchange.request) {
                    Some(objection) => Err(off_script(&objection, Some(&Scripted::Exchange(expected)))),
                    None => expected.answer(),
                };
            }
            other => return Err(off_script(&asked, other.as_ref())),
        };
        let mut response = http::Response::new(body.into());
        *response.status_mut() = http::StatusCode::from_u16(status)
            .map_err(|_| Error::new(ErrorKind::Internal, format!("status {status} in the transcript")))?;
        if let Some(location) = location {
            response.headers_mut().insert(http::header::LOCATION, location);
        }
        Ok(response)
    }

    fn spawn(&self, task: LocalTask) {
        TASKS.with_borrow_mut(|tasks| tasks.push(task));
    }
}
