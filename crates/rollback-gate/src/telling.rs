//! Whom a verdict is told beside the run itself.

use std::time::Duration;

use http::Method;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};
use slipway_core::http::{Fetch, parse_url, send};
use slipway_core::input::{InputKind, InputSpec, Reader};
use slipway_core::text::shorten;
use slipway_core::{Context, Error, ErrorKind, Host, Secret};
use slipway_gitops::Verdict;
use url::Url;

use crate::apply::Outcome;
use crate::check::Standing;
use crate::plan::Plan;
use crate::report::sign;

pub(crate) const RUNBOOK: InputSpec = InputSpec::new(
    "runbook-url",
    InputKind::Text,
    "Address of what to do when a release is bad; it stands in the summary, the error and the notification.",
);
pub(crate) const WEBHOOK: InputSpec = InputSpec::new(
    "notify-webhook",
    InputKind::Secret,
    "Address that gets a message in Slack's format when a verdict is recorded, or cannot be carried out. A failure is a warning.",
);

/// The longest text of a message, in characters; Slack takes 3000.
const TEXT_LIMIT: usize = 2500;
/// How often a message is sent at most, and how long each attempt may take.
const ATTEMPTS: u32 = 4;
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What inputs say of it.
#[derive(Debug)]
pub(crate) struct Telling {
    pub(crate) runbook: Option<Url>,
    pub(crate) webhook: Option<Secret<Url>>,
}

impl Telling {
    /// Reads [`RUNBOOK`] and [`WEBHOOK`]. Errors are noted in the reader, without the address of the webhook.
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let runbook = reader.optional(RUNBOOK.name).map(|text| parse_url(&text));
        let runbook = runbook.and_then(|url| url.map_err(|error| reader.refuse(RUNBOOK.name, error)).ok());
        let webhook = reader.secret(WEBHOOK.name).map(|text| parse_url(text.expose()));
        let webhook = webhook.and_then(|url| {
            let invalid = |_| Error::new(ErrorKind::InvalidInput, "it is not an http or https address");
            url.map_err(|error| reader.refuse(WEBHOOK.name, invalid(error))).ok()
        });
        Self { runbook, webhook: webhook.map(Secret::new) }
    }
}

/// Posts a message, a bounded number of times.
///
/// # Errors
/// In words that do not name the address, which is the key to the channel.
pub(crate) async fn post<H: Host>(context: &Context<H>, webhook: &Secret<Url>, message: &Value) -> Result<(), String> {
    let mut fetch = Fetch {
        method: Method::POST,
        repeats: true,
        attempts: ATTEMPTS,
        time_limit: TIME_LIMIT,
        ..Fetch::get(webhook.expose().clone())
    };
    fetch.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    fetch.body = message.to_string().into_bytes();
    match send(&context.host, fetch).await {
        Ok(answer) if answer.status().is_success() => Ok(()),
        Ok(answer) => Err(format!("status {}", answer.status().as_u16())),
        Err(error) if matches!(error.kind(), ErrorKind::Network | ErrorKind::TimedOut) => {
            Err(format!("no answer, {ATTEMPTS} times"))
        }
        Err(error) => Err(format!("the address is refused ({})", error.kind().name())),
    }
}

/// The message in Slack's format.
pub(crate) fn message(
    plan: &Plan,
    outcome: &Outcome,
    failure: Option<&Error>,
    runbook: Option<&Url>,
    run_url: &str,
) -> Value {
    let release = plan.state.as_ref().map(|state| &state.judged.release);
    let subject = release.map_or("the service".to_owned(), |release| {
        format!("{} {} in {}", release.component, release.version, release.environment)
    });
    let decision = outcome.decision.as_ref().or(plan.decision.as_ref());
    let verdict = decision.map_or(Verdict::Hold, |decision| decision.verdict);
    let title = format!("{} {subject}: {}", sign(verdict), verdict.as_str());
    let mut lines = vec![decision.map_or(String::new(), |decision| decision.reason.clone())];
    let bad =
        plan.checks.iter().filter(|tally| tally.latest.as_ref().is_some_and(|seen| seen.standing != Standing::Good));
    lines.extend(bad.filter_map(|tally| {
        let seen = tally.latest.as_ref()?;
        let what = if seen.value.is_empty() { &seen.why } else { &seen.value };
        Some(format!("• `{}`: {} ({what})", tally.check, seen.standing.name()))
    }));
    if let Some(release) = &outcome.restored {
        let health = match outcome.watch.as_ref().map(|watch| (watch.healthy, watch.why.as_str())) {
            Some((Some(true), _)) => " and healthy".into(),
            Some((Some(false), why)) => format!(" and NOT healthy: {why}"),
            _ => String::new(),
        };
        lines.push(format!("`{}` is restored{health}", release.version));
    }
    if let Some(obstacle) = &outcome.obstacle {
        lines.push(format!("FROZEN, not rolled back: {}", obstacle.0));
    }
    lines.extend(failure.map(|failure| format!("FAILED: {failure}")));
    if decision.is_some() && plan.decided_by.starts_with('@') {
        lines.push(format!("decided by {}", plan.decided_by));
    }
    let text = shorten(&lines.join("\n"), TEXT_LIMIT);
    let links = [("run", Some(run_url)), ("runbook", runbook.map(Url::as_str))];
    let links = links.iter().filter_map(|(name, url)| url.filter(|url| !url.is_empty()).map(|url| (name, url)));
    let links: Vec<String> = links.map(|(name, url)| format!("<{}|{name}>", escaped(url))).collect();
    let section = |text: String| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
    let mut blocks = vec![section(format!("*{}*\n{}", escaped(&title), escaped(&text)))];
    if !links.is_empty() {
        blocks.push(section(links.join(" · ")));
    }
    json!({ "text": escaped(&title), "blocks": blocks })
}

/// What Slack would take for a link or a mention.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
