//! An analysis on the real clock.

use std::time::Duration;

use slipway_core::http::send;
use slipway_core::{Context, Error, ErrorKind, Host, Result, together};

use super::metric::Metric;
use super::run::{MetricResult, Run};
use crate::check::Answer;
use crate::gate::LONGEST_SLEEP;
use crate::inputs::{LOOK_LIMIT, SHORTEST_INTERVAL};
use crate::provider::Reading;
use crate::shown;

/// The longest analysis.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Refuses metrics that would ask without end or for months.
///
/// # Errors
/// `InvalidFile`.
pub(crate) fn check_times(metrics: &[Metric], duration: Duration) -> Result<()> {
    for metric in metrics {
        let invalid = |why: &str| Error::new(ErrorKind::InvalidFile, format!("metric `{}`: {why}", metric.name));
        let interval = metric.interval.unwrap_or(LONGEST);
        if interval < SHORTEST_INTERVAL {
            return Err(invalid("its interval is shorter than 100ms").hint("write a longer one, such as `10s`"));
        }
        let looks = match metric.effective_count() {
            Some(count) => u128::from(count),
            None => duration.as_millis() / interval.as_millis(),
        };
        if looks > LOOK_LIMIT {
            return Err(invalid(&format!("that is more than {LOOK_LIMIT} measurements")).hint("measure less often"));
        }
        let gaps = metric.effective_count().map_or(0, |count| u32::try_from(count - 1).unwrap_or(u32::MAX));
        let length = metric.initial_delay.saturating_add(metric.interval.unwrap_or_default().saturating_mul(gaps));
        if length > LONGEST {
            return Err(invalid("it would take more than 30 days").hint("lower `count`, `interval` or `initialDelay`"));
        }
    }
    Ok(())
}

/// Measures each metric once.
///
/// # Errors
/// As [`watch`].
pub(crate) async fn measure_once<H: Host>(context: &Context<H>, run: &mut Run<'_>) -> Result<()> {
    let all: Vec<usize> = (0..run.metrics().len()).collect();
    measure(context, run, &all, context.host.monotonic()).await?;
    run.settle(false);
    Ok(())
}

/// Measures until all is known; metrics without an end are ended after the duration since the start, which can be in the past.
///
/// # Errors
/// What a person has to change: an address that is never to be asked.
pub(crate) async fn watch<H: Host>(
    context: &Context<H>,
    run: &mut Run<'_>,
    started: Duration,
    duration: Duration,
) -> Result<()> {
    let elapsed = || context.host.monotonic().saturating_sub(started);
    while !run.is_over() {
        let due = run.due(elapsed());
        if !due.is_empty() {
            measure(context, run, &due, started).await?;
            run.settle(false);
            context.log(&progress(elapsed(), run.results()));
            continue;
        }
        let Some(mut next) = run.next() else { break };
        if run.is_endless() {
            if elapsed() >= duration {
                run.settle(true);
                break;
            }
            next = next.min(duration);
        }
        context.host.sleep(next.saturating_sub(elapsed()).min(LONGEST_SLEEP)).await;
    }
    Ok(())
}

/// Measures some metrics at the same time.
async fn measure<H: Host>(context: &Context<H>, run: &mut Run<'_>, due: &[usize], started: Duration) -> Result<()> {
    let elapsed = || context.host.monotonic().saturating_sub(started);
    let is_first = |index: usize| run.results()[index].measurements.is_empty();
    let asked = together(due.iter().map(async |index| {
        let at = elapsed();
        let read = ask(context, &run.metrics()[*index], is_first(*index)).await;
        (at, elapsed(), read)
    }))
    .await;
    for (index, (at, finished, read)) in due.iter().zip(asked) {
        run.record(*index, at, finished, read?);
    }
    Ok(())
}

async fn ask<H: Host>(
    context: &Context<H>,
    metric: &Metric,
    is_first: bool,
) -> Result<std::result::Result<Reading, String>> {
    match send(&context.host, metric.provider.request(context.host.now())).await {
        Ok(answer) => {
            let answer = Answer { status: answer.status().as_u16(), body: answer.into_body() };
            Ok(metric.provider.read(&answer))
        }
        // The author of the template chose the address; later a server leads there, which is its failure.
        Err(error) if error.kind() == ErrorKind::ForbiddenAddress && is_first => Err(error),
        Err(error) => Ok(Err(error.message().to_owned())),
    }
}

fn progress(at: Duration, results: &[MetricResult]) -> String {
    let seen = results.iter().map(|result| {
        let last = result.measurements.last();
        let detail = match last {
            Some(last) => last.value.as_deref().unwrap_or(&last.why),
            None => "not yet measured",
        };
        let detail = slipway_core::text::shorten(detail, 80);
        format!("{}: {} ({detail})", result.name, result.phase.name())
    });
    format!("{} · {}", shown::clock(at), seen.collect::<Vec<_>>().join(" · "))
}
