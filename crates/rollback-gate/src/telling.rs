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
use crate::deployment_status::{self, DEPLOYMENT_STATUS, ENVIRONMENT_URL};
use crate::errors::{invalid, unknown};
use crate::inputs::Inputs;
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

pub(crate) const NOTIFY_ON: InputSpec = InputSpec::new(
    "notify-on",
    InputKind::List,
    "Verdicts that `notify-webhook` is told, one a line: `promote`, `hold`, `rollback`. Without it, all. What cannot be carried out is \
     told always.",
);

const VERDICTS: [Verdict; 3] = [Verdict::Promote, Verdict::Hold, Verdict::Rollback];

/// The longest text of a message, in characters; Slack takes 3000.
const TEXT_LIMIT: usize = 2500;
/// How often a message is sent at most, and how long each attempt may take.
const ATTEMPTS: u32 = 4;
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What inputs say of it.
#[derive(Debug)]
pub(crate) struct Telling {
    pub(crate) runbook: Option<Url>,
    webhook: Option<Secret<Url>>,
    /// The verdicts that the webhook is told.
    notify_on: Vec<Verdict>,
    /// Whether GitHub is told how the deployment stands.
    pub(crate) deployment_status: bool,
    environment_url: Option<Url>,
}

impl Telling {
    /// Reads the inputs. Errors are noted in the reader, without the address of the webhook.
    pub(crate) fn read(reader: &mut Reader) -> Self {
        let webhook = reader.secret(WEBHOOK.name).map(|text| parse_url(text.expose()));
        let webhook = webhook.and_then(|url| {
            let refused = |_| reader.refuse(WEBHOOK.name, invalid("it is not an http or https address"));
            url.map_err(refused).ok()
        });
        let notify_on = read_verdicts(reader);
        if reader.is_given(NOTIFY_ON.name) && !reader.is_given(WEBHOOK.name) {
            reader.refuse(NOTIFY_ON.name, invalid("nobody is told").hint("give `notify-webhook`, or leave it out"));
        }
        Self {
            runbook: read_url(reader, RUNBOOK.name),
            webhook: webhook.map(Secret::new),
            notify_on,
            deployment_status: reader.boolean(DEPLOYMENT_STATUS.name),
            environment_url: read_url(reader, ENVIRONMENT_URL.name),
        }
    }
}

fn read_url(reader: &mut Reader, name: &str) -> Option<Url> {
    let url = parse_url(&reader.optional(name)?);
    url.map_err(|error| reader.refuse(name, error)).ok()
}

fn read_verdicts(reader: &mut Reader) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for word in reader.list(NOTIFY_ON.name) {
        match VERDICTS.iter().find(|verdict| verdict.as_str() == word) {
            Some(verdict) => verdicts.push(*verdict),
            None => {
                let known = VERDICTS.map(|verdict| (verdict.as_str(), verdict.as_str()));
                reader.refuse(NOTIFY_ON.name, unknown(format!("`{word}` is not a verdict"), &word, &known));
            }
        }
    }
    if verdicts.is_empty() { VERDICTS.into() } else { verdicts }
}

/// Tells what this run did, and a failure in any case. That nobody could be told is no failure of its own.
pub(crate) async fn tell<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    plan: &Plan,
    outcome: &mut Outcome,
    failure: Option<&Error>,
) {
    if !outcome.is_first && failure.is_none() {
        return;
    }
    let Telling { runbook, webhook, notify_on, deployment_status, environment_url } = &inputs.telling;
    let is_wanted = outcome.decision.as_ref().is_some_and(|decision| notify_on.contains(&decision.verdict));
    let mut warnings = Vec::new();
    if let Some(webhook) = webhook.as_ref().filter(|_| is_wanted || failure.is_some()) {
        let message = message(plan, outcome, failure, runbook.as_ref(), &context.environment.run_url);
        let posted = post(context, webhook, &message).await;
        warnings.extend(posted.err().map(|why| format!("`notify-webhook` did not take the message: {why}")));
    }
    if let Some(config) = inputs.config.as_ref().filter(|_| *deployment_status) {
        let url = environment_url.as_ref();
        let told = deployment_status::tell(context, config, url, plan, outcome, failure.is_some()).await;
        warnings.extend(told.err().map(|error| format!("GitHub was not told how the deployment stands: {error}")));
    }
    for warning in warnings {
        context.log(&warning);
        outcome.warnings.push(warning);
    }
}

/// Posts a message, a bounded number of times.
///
/// # Errors
/// In words that do not name the address, which is the key to the channel.
async fn post<H: Host>(context: &Context<H>, webhook: &Secret<Url>, message: &Value) -> Result<(), String> {
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
fn message(plan: &Plan, outcome: &Outcome, failure: Option<&Error>, runbook: Option<&Url>, run_url: &str) -> Value {
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
    lines.extend(plan.moved.iter().map(|moved| format!("look first at {moved}")));
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
