//! How a release is taken back other than by a commit: by the user's command, or not at all.

use std::ops::ControlFlow;
use std::time::Duration;

use slipway_core::input::{InputKind, InputSpec, Reader};
use slipway_core::text::{shorten, without_credentials};
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::{Release, VerdictRecord};

use crate::state::State;

pub(crate) const COMMAND: InputSpec = InputSpec::new(
    "rollback-command",
    InputKind::Text,
    "Command that restores the verified release instead of a commit, such as `helm`, `argocd`, `kubectl`, `aws` or `ssh`, run by \
     `sh -c`. It finds the release in `SLIPWAY_VERSION`, `SLIPWAY_IMAGES` and `SLIPWAY_CONFIG_COMMIT`, and has `restore-time` for it.",
);
pub(crate) const IRREVERSIBLE: InputSpec = InputSpec::new(
    "irreversible",
    InputKind::Boolean,
    "The release cannot be taken back, because a migration ran: a verdict of rollback is recorded and told, and nothing else done.",
)
.default("false");

/// The longest line of a command's output that is logged, in characters.
const LINE_LIMIT: usize = 2000;
/// How much of a command's errors is quoted, in characters.
const QUOTED: usize = 500;

/// What inputs say of it.
#[derive(Debug)]
pub(crate) struct Recovery {
    pub(crate) command: Option<String>,
    pub(crate) is_irreversible: bool,
}

impl Recovery {
    /// Reads [`COMMAND`] and [`IRREVERSIBLE`]. Errors are noted in the reader.
    pub(crate) fn read(reader: &mut Reader) -> Self {
        Self { command: reader.optional(COMMAND.name), is_irreversible: reader.boolean(IRREVERSIBLE.name) }
    }
}

/// Restores the verified release by the user's command.
///
/// # Errors
/// As [`shell`].
pub(crate) async fn run<H: Host>(
    context: &Context<H>,
    command: &str,
    state: &State,
    verified: &VerdictRecord,
    reason: &str,
    time_limit: Duration,
) -> Result<()> {
    let (failing, release) = (&state.judged.release, &verified.release);
    let variables = [
        ("SLIPWAY_CONFIG_COMMIT", verified.config_commit.to_string()),
        ("SLIPWAY_FAILING_VERSION", failing.version.to_string()),
        ("SLIPWAY_REASON", reason.into()),
    ];
    context.log(&format!("`{}` restores `{}`", COMMAND.name, release.version));
    shell(context, COMMAND.name, command, release, &variables, time_limit).await
}

/// Runs a command of the user about a release in the working directory; what it prints is logged line by line.
///
/// # Errors
/// `CommandFailed` if it does not end with status 0, `TimedOut`, `Io` if there is no `sh`.
pub(crate) async fn shell<H: Host>(
    context: &Context<H>,
    name: &str,
    command: &str,
    release: &Release,
    variables: &[(&str, String)],
    time_limit: Duration,
) -> Result<()> {
    let images: Vec<String> = release.images.iter().map(ToString::to_string).collect();
    let mut shell = context.command("sh", &["-c", command], time_limit);
    shell.environment.extend([
        ("SLIPWAY_ENVIRONMENT".into(), release.environment.to_string()),
        ("SLIPWAY_COMPONENT".into(), release.component.to_string()),
        ("SLIPWAY_VERSION".into(), release.version.to_string()),
        ("SLIPWAY_IMAGES".into(), images.join("\n")),
    ]);
    shell.environment.extend(variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let mut lines = Lines::default();
    let mut on_output = |chunk: &[u8]| {
        lines.take(chunk, |line| context.log(line));
        ControlFlow::Continue(())
    };
    let done = context.host.run(&shell, &mut on_output).await.map_err(|error| error.context(format!("`{name}`")))?;
    lines.take(b"\n", |line| context.log(line));
    let said = String::from_utf8_lossy(&done.errors);
    said.lines().for_each(|line| context.log(&shorten(line, LINE_LIMIT)));
    let how = match done.code {
        Some(0) => return Ok(()),
        Some(code) => format!("ended with status {code}"),
        None => "was ended by a signal".into(),
    };
    let last = said.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it said nothing");
    let last = shorten(&without_credentials(last), QUOTED);
    Err(Error::new(ErrorKind::CommandFailed, format!("`{name}` {how}: {last}"))
        .hint("what it was to do may be half done; run the gate again to try once more"))
}

/// Output that is handed on line by line.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    fn take(&mut self, chunk: &[u8], on_line: impl Fn(&str)) {
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            // Of an endless line only the start is kept.
            let room = (LINE_LIMIT * 4).saturating_sub(self.0.len());
            self.0.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                let line = String::from_utf8_lossy(&self.0);
                if !line.trim().is_empty() {
                    on_line(&shorten(line.trim_end(), LINE_LIMIT));
                }
                self.0.clear();
            }
        }
    }
}
