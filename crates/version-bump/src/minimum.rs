//! `minimum-bump-command`: an API checker's word on how far the version has to rise at least.

use std::ops::ControlFlow;
use std::time::Duration;

use slipway_core::text::{shorten, without_credentials};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use crate::tags::ReleaseTag;
use crate::version::Bump;

/// The longest that the command may take.
const TIME_LIMIT: Duration = Duration::from_secs(30 * 60);
/// How much of the output is kept, from its end, in bytes.
const KEPT: usize = 64 * 1024;
/// How much of it an error quotes, in lines and characters.
const QUOTED: (usize, usize) = (10, 1000);

/// Runs the command in the working directory with `sh -c`. The last line of its output is the answer.
///
/// # Errors
/// `CommandFailed` if it fails or says something else, `TimedOut` after half an hour, `Io` if there is no `sh`.
pub(crate) async fn ask<H: Host>(
    context: &Context<H>,
    command: &str,
    previous: &ReleaseTag,
    found: Bump,
) -> Result<Bump> {
    let mut shell = context.command("sh", &["-c", command], TIME_LIMIT);
    shell.environment.extend([
        ("SLIPWAY_PREVIOUS_TAG".into(), previous.name.to_string()),
        ("SLIPWAY_PREVIOUS_VERSION".into(), previous.version.to_string()),
        ("SLIPWAY_BUMP".into(), found.word().into()),
    ]);
    let mut output: Vec<u8> = Vec::new();
    let mut keep = |chunk: &[u8]| {
        output.extend_from_slice(chunk);
        if output.len() > 2 * KEPT {
            output.drain(..output.len() - KEPT);
        }
        ControlFlow::Continue(())
    };
    let done = context.host.run(&shell, &mut keep).await.map_err(|error| error.context("`minimum-bump-command`"))?;
    let output = String::from_utf8_lossy(&output).into_owned();
    let failed = |why: String, said: &str| {
        let said = end_of(said);
        let said = if said.is_empty() { "it said nothing".into() } else { format!("it said: {said}") };
        Error::new(ErrorKind::CommandFailed, format!("`minimum-bump-command` {why}; {said}"))
            .hint("let it end with status 0 and `none`, `patch`, `minor` or `major` as its last line")
    };
    match done.code {
        Some(0) => {}
        code => {
            let how = code.map_or("was ended by a signal".into(), |code| format!("ended with status {code}"));
            return Err(failed(how, &format!("{output}\n{}", String::from_utf8_lossy(&done.errors))));
        }
    }
    let answer = output.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    Bump::from_word(answer).ok_or_else(|| failed("gave no answer".into(), &output))
}

/// The last lines of what a program said.
fn end_of(said: &str) -> String {
    let said = without_credentials(said);
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let end = lines[lines.len().saturating_sub(QUOTED.0)..].join(" | ");
    shorten(&end, QUOTED.1)
}
