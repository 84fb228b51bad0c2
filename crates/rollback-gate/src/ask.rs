//! Asking one address once: an answer that does not come is a finding, not an error.

use std::ops::ControlFlow;
use std::time::Duration;

use http::{HeaderValue, header};
use slipway_core::http::{Fetch, send};
use slipway_core::{Context, ErrorKind, Host, Result};

use crate::check::Answer;
use crate::endpoint::Endpoint;

/// The longest that an answer may take, and the longest that it must be allowed to take.
const TIME_LIMITS: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(1));
/// The largest answer of a probe.
const PROBE_LIMIT: usize = 256 * 1024;
/// The largest scrape.
const SCRAPE_LIMIT: usize = 16 * 1024 * 1024;
/// The format of metrics that is understood.
const METRICS_FORMAT: &str = "text/plain;version=0.0.4;q=1,text/plain;q=0.5";

/// How long a program may take at least.
const PROGRAM_LIMIT: Duration = Duration::from_secs(60);

/// Who is asked at a look.
#[derive(Debug)]
pub(crate) enum Asks {
    /// An address.
    Address(Box<Fetch>),
    /// A program and its arguments.
    Program(Vec<String>),
}

/// An answer, or why there is none.
pub(crate) type Asked = std::result::Result<Answer, String>;

/// How addresses are asked at one look.
#[derive(Debug)]
pub(crate) struct Question<'a, H> {
    context: &'a Context<H>,
    time_limit: Duration,
    is_first: bool,
}

impl<'a, H: Host> Question<'a, H> {
    /// An answer may take as long as the time between two looks, within reason.
    pub(crate) fn new(context: &'a Context<H>, interval: Duration, is_first: bool) -> Self {
        let (longest, least) = TIME_LIMITS;
        Self { context, time_limit: interval.clamp(least, longest), is_first }
    }

    /// Asks for a status or a version.
    ///
    /// # Errors
    /// `ForbiddenAddress` at the first look: then its author chose the address. Later a service leads there, which is its failure.
    pub(crate) async fn probe(&self, endpoint: &Endpoint) -> Result<Asked> {
        self.get(Fetch { body_limit: PROBE_LIMIT, ..Fetch::get(endpoint.url().clone()) }).await
    }

    /// Asks for metrics.
    ///
    /// # Errors
    /// As [`Question::probe`].
    pub(crate) async fn scrape(&self, endpoint: &Endpoint) -> Result<Asked> {
        let mut fetch = Fetch { body_limit: SCRAPE_LIMIT, ..Fetch::get(endpoint.url().clone()) };
        fetch.headers.insert(header::ACCEPT, HeaderValue::from_static(METRICS_FORMAT));
        let asked = self.get(fetch).await?;
        Ok(asked.and_then(|answer| match answer.status {
            200..300 => Ok(answer),
            status => Err(format!("status {status}")),
        }))
    }

    /// Asks somebody else than the service.
    ///
    /// # Errors
    /// As [`Question::probe`].
    pub(crate) async fn inquire(&self, asks: Asks) -> Result<Asked> {
        let words = match asks {
            Asks::Address(fetch) => return self.get(*fetch).await,
            Asks::Program(words) => words,
        };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some((program, arguments)) = words.split_first() else { return Ok(Err("there is no program".into())) };
        let command = self.context.command(program, arguments, self.time_limit.max(PROGRAM_LIMIT));
        let mut body = Vec::new();
        let mut take = |output: &[u8]| {
            body.extend_from_slice(output);
            if body.len() > SCRAPE_LIMIT { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let exit = self.context.host.run(&command, &mut take).await;
        Ok(match exit {
            Ok(exit) => match exit.code.map(u16::try_from) {
                Some(Ok(0)) => Ok(Answer { status: 0, body }),
                // What went wrong is said there.
                Some(Ok(status)) => Ok(Answer { status, body: [body, exit.errors].concat() }),
                _ => Err(format!("`{program}` did not exit by itself")),
            },
            Err(error) => Err(error.message().to_owned()),
        })
    }

    async fn get(&self, fetch: Fetch) -> Result<Asked> {
        let fetch = Fetch { attempts: 1, time_limit: self.time_limit, ..fetch };
        match send(&self.context.host, fetch).await {
            Ok(answer) => Ok(Ok(Answer { status: answer.status().as_u16(), body: answer.into_body() })),
            Err(error) => match error.kind() {
                ErrorKind::Network | ErrorKind::TimedOut => Ok(Err(error.message().to_owned())),
                ErrorKind::ForbiddenAddress if !self.is_first => Ok(Err(error.message().to_owned())),
                _ => Err(error),
            },
        }
    }
}
