//! Asking one address once: an answer that does not come is a finding, not an error.

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use http::{HeaderValue, header};
use slipway_core::http::{Fetch, addresses, send};
use slipway_core::{Context, ErrorKind, Host, Result, together};

use crate::check::Answer;
pub(crate) use crate::check::Asked;
use crate::endpoint::Endpoint;
use crate::headers::Headers;
use crate::inputs::Inputs;
use crate::provider::Surroundings;
use crate::scrape::Scrape;

/// The longest that an answer may take, and the longest that it must be allowed to take.
const TIME_LIMITS: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(1));
/// The largest answer of a probe.
const PROBE_LIMIT: usize = 256 * 1024;
/// The largest scrape.
const SCRAPE_LIMIT: usize = 16 * 1024 * 1024;
/// The format of metrics that is understood.
const METRICS_FORMAT: &str = "text/plain;version=0.0.4;q=1,text/plain;q=0.5";

/// The longest that a program may take. A look that takes longer than the interval delays the next one.
const PROGRAM_LIMIT: Duration = Duration::from_secs(60);

/// Who is asked at a look.
#[derive(Debug)]
pub(crate) enum Asks {
    /// An address.
    Address(Box<Fetch>),
    /// A program and its arguments.
    Program(Vec<String>),
}

/// How addresses are asked at one look.
#[derive(Debug)]
pub(crate) struct Question<'a, H> {
    context: &'a Context<H>,
    headers: &'a Headers,
    authorities: Option<&'a str>,
    time_limit: Duration,
    is_first: bool,
}

impl<'a, H: Host> Question<'a, H> {
    /// An answer may take as long as the time between two looks, within reason.
    pub(crate) fn new(
        context: &'a Context<H>,
        inputs: &'a Inputs,
        surroundings: &'a Surroundings,
        is_first: bool,
    ) -> Self {
        let (longest, least) = TIME_LIMITS;
        let (headers, authorities) = (&inputs.headers, surroundings.authorities.as_deref());
        Self { context, headers, authorities, time_limit: inputs.interval.clamp(least, longest), is_first }
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
        self.scrape_at(endpoint, None).await
    }

    async fn scrape_at(&self, endpoint: &Endpoint, address: Option<IpAddr>) -> Result<Asked> {
        let mut fetch = Fetch { body_limit: SCRAPE_LIMIT, address, ..Fetch::get(endpoint.url().clone()) };
        fetch.headers.insert(header::ACCEPT, HeaderValue::from_static(METRICS_FORMAT));
        let asked = self.get(fetch).await?;
        Ok(asked.and_then(|answer| {
            answer.body_if_good()?;
            Ok(answer)
        }))
    }

    /// Asks for the metrics of each address that a name has, or of the address alone.
    ///
    /// # Errors
    /// As [`Question::probe`].
    pub(crate) async fn scrape_each(&self, endpoint: &Endpoint, with_all: bool) -> Result<Scrape> {
        let addresses = match with_all {
            true => addresses(&self.context.host, endpoint.url()).await,
            false => Vec::new(),
        };
        if addresses.len() < 2 {
            return Ok(vec![(None, self.scrape(endpoint).await?)]);
        }
        let each =
            addresses.iter().map(async |address| Ok((Some(*address), self.scrape_at(endpoint, Some(*address)).await?)));
        together(each).await.into_iter().collect()
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
        let command = self.context.command(program, arguments, PROGRAM_LIMIT);
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
        let authorities = self.authorities.map(str::to_owned);
        let mut fetch = Fetch { attempts: 1, time_limit: self.time_limit, authorities, ..fetch };
        self.headers.add(&fetch.url, &mut fetch.headers);
        match send(&self.context.host, fetch).await {
            Ok(answer) => Ok(Ok(answer.into())),
            Err(error) => match error.kind() {
                ErrorKind::Network | ErrorKind::TimedOut => Ok(Err(error.message().to_owned())),
                ErrorKind::ForbiddenAddress if !self.is_first => Ok(Err(error.message().to_owned())),
                _ => Err(error),
            },
        }
    }
}
