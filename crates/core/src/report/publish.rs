//! Writes a report the way the runner, or a terminal, takes it.

use serde_json::{Map, Value, json};

use super::{Annotation, Level, Report};
use crate::host::{EntryKind, Host};
use crate::text::markdown::plain;
use crate::text::{log_safe, log_safe_lines, shorten};
use crate::{Error, ErrorKind, Result};

/// The size from which the `json` output gives its `plan` and `outcome` away to a file.
const JSON_LIMIT: usize = 256 * 1024;
/// GitHub drops a larger output, and the step's outputs with it.
const OUTPUT_LIMIT: usize = 1024 * 1024;
/// GitHub drops a larger summary whole.
const SUMMARY_LIMIT: usize = 1024 * 1024;
/// The longest message of an error, in characters, that is given when all of it would be too large.
const MESSAGE_LIMIT: usize = 4096;
/// GitHub shows no more annotations of one level per step.
const ANNOTATION_LIMIT: usize = 10;

/// Makes sure that outputs can be given, before anything is done that they would have to tell.
///
/// # Errors
/// `Io` if `GITHUB_OUTPUT` is not set where a runner sets it, or names something that cannot be written.
pub(crate) async fn check_outputs<H: Host>(host: &H) -> Result<()> {
    match output_file(host).await? {
        Some(path) => host.append(&path, b"").await,
        None => Ok(()),
    }
}

/// Prints the report and writes its outputs and summary. `plan` and `outcome` complete the `json` output.
///
/// # Errors
/// If an output is too large or the outputs cannot be written. A summary that cannot be written is only a warning.
pub async fn publish<H: Host>(host: &H, mut report: Report, plan: Value, outcome: Value) -> Result<()> {
    for line in log_safe_lines(&plain(&report.summary)) {
        host.print(&line);
    }

    let mut whole = report.outputs.clone();
    whole.append(&mut report.details);
    if let Some(refusal) = &report.refusal {
        whole.insert("error".into(), refusal.to_json());
    }
    let mut complete = whole.clone();
    complete.insert("plan".into(), plan);
    complete.insert("outcome".into(), outcome);
    let mut text = Value::Object(complete).to_string();
    let mut file = String::new();
    if text.len() > JSON_LIMIT {
        match write_file(host, &text).await {
            Ok(path) => file = path,
            Err(error) => report.warn(format!("the whole `json` output could not be kept in a file: {error}")),
        }
        whole.insert("truncated".into(), true.into());
        text = Value::Object(whole).to_string();
        if text.len() > OUTPUT_LIMIT {
            text = json!({ "truncated": true }).to_string();
        }
    }
    report.output("json", text);
    report.output("json-file", file);
    if let Err(error) = write_summary(host, &report.summary).await {
        report.warn(format!("the summary could not be written: {error}"));
    }
    annotate(host, &report.annotations);
    write_outputs(host, &report.outputs).await?;
    if let Some(refusal) = &report.refusal {
        annotate(host, &[error_annotation(refusal)]);
    }
    Ok(())
}

async fn write_file<H: Host>(host: &H, text: &str) -> Result<String> {
    let directory = host.temporary_directory().await?;
    let file = format!("{directory}/slipway.json");
    host.write(&file, text.as_bytes()).await?;
    host.leave(&directory);
    Ok(file)
}

/// Prints an error that ended the run and gives it as the `json` output.
pub async fn publish_failure<H: Host>(host: &H, error: &Error) {
    let mut json = json!({ "error": error.to_json() }).to_string();
    if json.len() > JSON_LIMIT {
        let short = Error::new(error.kind(), shorten(error.message(), MESSAGE_LIMIT));
        let short = short.hint(shorten(error.hint_text().unwrap_or_default(), MESSAGE_LIMIT));
        json = json!({ "error": short.to_json(), "truncated": true }).to_string();
    }
    annotate(host, &[error_annotation(error)]);
    if let Err(second) = write_outputs(host, &Map::from_iter([("json".to_owned(), json.into())])).await
        && second != *error
    {
        annotate(host, &[Annotation::warning(second.to_string())]);
    }
}

fn error_annotation(error: &Error) -> Annotation {
    Annotation { level: Level::Error, message: error.to_string(), place: None }
}

/// Prints annotations; from the tenth of a level on, the last line says how many more there are.
pub(crate) fn annotate<H: Host>(host: &H, annotations: &[Annotation]) {
    for level in [Level::Notice, Level::Warning, Level::Error] {
        let of_level: Vec<_> = annotations.iter().filter(|annotation| annotation.level == level).collect();
        let shown = if of_level.len() > ANNOTATION_LIMIT { ANNOTATION_LIMIT - 1 } else { of_level.len() };
        for annotation in &of_level[..shown] {
            print_annotation(host, annotation);
        }
        if shown < of_level.len() {
            let message = format!("{} more like these are left out", of_level.len() - shown);
            print_annotation(host, &Annotation { level, message, place: None });
        }
    }
}

fn print_annotation<H: Host>(host: &H, annotation: &Annotation) {
    let word = match annotation.level {
        Level::Notice => "notice",
        Level::Warning => "warning",
        Level::Error => "error",
    };
    if host.variable("GITHUB_ACTIONS").as_deref() != Some("true") {
        host.print_error(&format!("{word}: {}", log_safe(&annotation.message)));
        return;
    }
    let property = |text: &str| escape(&log_safe(text)).replace(':', "%3A").replace(',', "%2C");
    let place = match &annotation.place {
        Some((file, line)) => format!(" file={},line={line}", property(file)),
        None => String::new(),
    };
    host.print(&format!("::{word}{place}::{}", escape(&log_safe(&annotation.message))));
}

fn escape(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

async fn write_outputs<H: Host>(host: &H, outputs: &Map<String, Value>) -> Result<()> {
    let mut lines = String::new();
    for (name, value) in outputs {
        let text = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        if text.len() > OUTPUT_LIMIT {
            let message = format!("the output `{name}` has {} bytes, and runners take {OUTPUT_LIMIT}", text.len());
            return Err(Error::new(ErrorKind::Io, message).hint("let one run do less: fewer images, tags or files"));
        }
        lines += &assignment(host, name, &text);
    }
    match output_file(host).await? {
        Some(path) => host.append(&path, lines.as_bytes()).await,
        None => {
            for (name, value) in outputs.iter().filter(|(name, _)| *name != "json") {
                let text = value.as_str().map_or_else(|| value.to_string(), Into::into);
                host.print(&log_safe(&format!("{name}={text}")));
            }
            Ok(())
        }
    }
}

/// Lines that give a name a value, as the runner's files take them.
pub(super) fn assignment<H: Host>(host: &H, name: &str, text: &str) -> String {
    let delimiter = delimiter(host, text);
    format!("{name}<<{delimiter}\n{text}\n{delimiter}\n")
}

/// A line that ends a value and does not occur in it.
fn delimiter<H: Host>(host: &H, text: &str) -> String {
    loop {
        let delimiter = format!("slipway_{:032x}", u128::from_be_bytes(host.random()));
        if !text.contains(&delimiter) {
            return delimiter;
        }
    }
}

/// The file that takes the outputs. A runner made it: whatever else stands there is a mistake, or a trap.
async fn output_file<H: Host>(host: &H) -> Result<Option<String>> {
    let by_runner = host.variable("GITHUB_ACTIONS").as_deref() == Some("true");
    let refuse = |what: String| {
        Err(Error::new(ErrorKind::Io, format!("{what}, so no outputs can be given"))
            .hint("run the action by a GitHub runner, or unset `GITHUB_ACTIONS`"))
    };
    let Some(path) = host.variable("GITHUB_OUTPUT").filter(|path| !path.is_empty()) else {
        return if by_runner { refuse("`GITHUB_OUTPUT` is not set".into()) } else { Ok(None) };
    };
    match host.entry_kind(&path).await? {
        Some(EntryKind::File) => Ok(Some(path)),
        None | Some(EntryKind::Link) if !by_runner => Ok(Some(path)),
        None => refuse(format!("`GITHUB_OUTPUT` names `{path}`, which does not exist")),
        Some(_) => refuse(format!("`GITHUB_OUTPUT` names `{path}`, which is not a regular file")),
    }
}

async fn write_summary<H: Host>(host: &H, summary: &str) -> Result<()> {
    let Some(path) = host.variable("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return Ok(()) };
    const NOTE: &str = "\n\nThe rest of this summary was cut off: it was longer than runners take.\n";
    let mut end = summary.len().min(SUMMARY_LIMIT - NOTE.len());
    while !summary.is_char_boundary(end) {
        end -= 1;
    }
    let note = if end < summary.len() { NOTE } else { "\n" };
    if matches!(host.entry_kind(&path).await?, Some(EntryKind::Directory | EntryKind::Other)) {
        return Err(Error::new(ErrorKind::Io, format!("`{path}` is not a regular file")));
    }
    host.append(&path, format!("{}{note}", &summary[..end]).as_bytes()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::scripted::ScriptedHost;

    fn published(report: Report, variables: &[(&str, &str)]) -> ScriptedHost {
        let host = ScriptedHost::new(variables).file("/out", "");
        ScriptedHost::block_on(publish(&host, report, Value::Null, Value::Null)).unwrap().unwrap();
        host
    }

    #[test]
    fn outputs_have_delimiters_that_values_cannot_guess() {
        let mut report = Report::default();
        report.output("tags", "a<<EOF\nEOF\n");
        let host = published(report, &[("GITHUB_OUTPUT", "/out")]);
        let written = host.content("/out").unwrap();
        assert!(
            written.starts_with("tags<<slipway_00000000000000000000000000000001\na<<EOF\nEOF\n\nslipway_0000"),
            "{written}"
        );
    }

    #[test]
    fn a_large_plan_moves_to_a_file() {
        let host = ScriptedHost::new(&[("GITHUB_OUTPUT", "/out")]);
        let plan = Value::String("x".repeat(JSON_LIMIT));
        ScriptedHost::block_on(publish(&host, Report::default(), plan, Value::Null)).unwrap().unwrap();
        let written = host.content("/out").unwrap();
        assert!(written.contains(r#"{"truncated":true}"#), "{written}");
        assert!(written.contains("/slipway.json\n"), "{written}");
    }

    #[test]
    fn annotations_are_commands_only_for_a_runner() {
        let mut report = Report::default();
        report.warn("50% of\n::error::them");
        let host = published(report.clone(), &[("GITHUB_ACTIONS", "true"), ("GITHUB_OUTPUT", "/out")]);
        assert_eq!(host.printed(), ["::warning::50%25 of\\n::error::them"]);
        let host = published(report, &[]);
        assert_eq!(host.printed()[0], "warning: 50% of\\n::error::them");
    }

    #[test]
    fn many_annotations_are_summed_up() {
        let mut report = Report::default();
        (0..500).for_each(|i| report.warn(format!("w{i}")));
        let host = published(report, &[("GITHUB_OUTPUT", "/out")]);
        assert_eq!(host.printed().len(), ANNOTATION_LIMIT);
        assert_eq!(host.printed()[9], "warning: 491 more like these are left out");
    }
}
