//! Runs any action: the one place for modes that only look, retries after a lost race, error printing and outputs.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::action::Action;
use crate::context::Context;
use crate::host::Host;
use crate::input::Reader;
#[cfg(not(target_arch = "wasm32"))]
use crate::report::dotenv;
use crate::report::{Annotation, Report, annotate, check_outputs, publish, publish_failure};
use crate::{Backoff, Error, ErrorKind, ExitCode, Result, Secret};

/// How long after its start a run still plans again after a lost race.
const RACE_LIMIT: Duration = Duration::from_secs(10 * 60);
/// The pauses between two rounds.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(10)];

/// What is shorter than this occurs by chance.
const SHORTEST_SECRET: usize = 8;

/// Runs an action to its end and gives the exit code. `flags` are inputs from the command line.
pub async fn run<A: Action, H: Host>(host: H, flags: BTreeMap<String, String>) -> ExitCode {
    match attempt::<A, H>(host.clone(), flags).await {
        Ok(code) => code,
        Err(error) => {
            publish_failure(&host, &error).await;
            // A refusal that comes as an error has no report, so what is left to say is that nothing was done.
            error.kind().exit_code()
        }
    }
}

async fn attempt<A: Action, H: Host>(host: H, flags: BTreeMap<String, String>) -> Result<ExitCode> {
    let mut reader = Reader::new(A::INPUTS, &host, &flags);
    let inputs = A::inputs(&mut reader);
    let context = Context::read(host.clone(), &mut reader).await;
    // Told before any error: a misspelled name is often why another input is missing.
    let warnings: Vec<Annotation> = reader.warnings().iter().map(Annotation::warning).collect();
    annotate(&host, &warnings);
    reader.finish()?;
    let context = context?;
    let Some(inputs) = inputs else {
        return Err(Error::new(ErrorKind::Internal, "the inputs were refused without a reason"));
    };
    check_outputs(&host).await?;
    #[cfg(not(target_arch = "wasm32"))]
    dotenv::check(&host).await?;
    if context.clock_is_fixed() {
        annotate(&host, &[Annotation::warning("the clock is fixed by `SLIPWAY_NOW`")]);
    }
    let done = act::<A, H>(&context, &inputs).await;
    context.discard_kept().await;
    done
}

/// From facts to report.
async fn act<A: Action, H: Host>(context: &Context<H>, inputs: &A::Inputs) -> Result<ExitCode> {
    let mut round = 1;
    let mut backoff = Backoff::new(PAUSES[0], PAUSES[1]);
    let deadline = context.host.monotonic() + RACE_LIMIT;
    let (facts, plan, outcome) = loop {
        let facts = A::gather(context, inputs).await?;
        let plan = A::plan(inputs, &facts)?;
        if !A::acts(inputs, &plan) {
            break (facts, plan, None);
        }
        match A::apply(context, inputs, &plan).await {
            Ok(outcome) => break (facts, plan, Some(outcome)),
            Err(lost) if lost.kind() == ErrorKind::LostRace && context.host.monotonic() < deadline => {
                round += 1;
                context.log(&format!("{lost}; planning again (round {round})"));
                backoff.pause(&context.host).await;
            }
            Err(error) => return Err(error),
        }
    };

    let mut report = A::report(inputs, &facts, &plan, outcome.as_ref());
    let refused = report.refusal.is_some() && A::acts(inputs, &plan);
    if !refused {
        report.tell_refusal();
    }
    warn_of_secrets(&mut report, context);
    let done = to_json(&outcome)?;
    let plan_json = to_json(&plan)?;
    let told = async {
        #[cfg(not(target_arch = "wasm32"))]
        dotenv::write(&context.host, A::NAME, &report.outputs).await?;
        publish(&context.host, report, plan_json, done.clone()).await
    };
    told.await.map_err(|error: Error| match outcome {
        Some(_) => error.detail(json!({ "outcome": done })),
        None => error,
    })?;
    Ok(if refused { ExitCode::Refused } else { ExitCode::Done })
}

/// Runners drop a job's output that holds a secret without a word; whoever needs it then finds it empty.
fn warn_of_secrets<H: Host>(report: &mut Report, context: &Context<H>) {
    let Some(token) = context.token.as_ref().map(Secret::expose).filter(|token| token.len() >= SHORTEST_SECRET) else {
        return;
    };
    let holds =
        |value: &Value| value.as_str().map_or_else(|| value.to_string().contains(token), |text| text.contains(token));
    let names: Vec<String> =
        report.outputs.iter().filter(|(_, value)| holds(value)).map(|(name, _)| name.clone()).collect();
    for name in names {
        report.warn(format!("the output `{name}` holds the token, so runners will not hand it to other jobs"));
    }
}

fn to_json(value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|e| Error::new(ErrorKind::Internal, format!("the plan is not serializable: {e}")))
}
