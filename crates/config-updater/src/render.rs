//! `render-command`: what the cluster gets, before and after the edit.

use std::ops::ControlFlow;
use std::time::Duration;

use serde::Serialize;
use slipway_core::text::{shorten, without_credentials};
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::ConfigRepository;

use crate::diff;
use crate::edit::EditedFile;

/// The longest that the command may take, each time.
const TIME_LIMIT: Duration = Duration::from_secs(5 * 60);
/// The most that it may print, in bytes.
const OUTPUT_LIMIT: usize = 16 * 1024 * 1024;
/// How much of what it said an error quotes, in characters.
const QUOTED: usize = 1000;

/// What the command printed in the tree as it is, and in the tree as it will be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Rendered {
    #[serde(skip)]
    pub(crate) before: String,
    #[serde(skip)]
    pub(crate) after: String,
}

impl Rendered {
    /// The unified diff of both.
    pub(crate) fn diff(&self) -> Result<String> {
        if self.before == self.after {
            return Ok(String::new());
        }
        let file = EditedFile { path: "rendered".parse()?, before: self.before.clone(), after: self.after.clone() };
        Ok(diff::unified(&[file]))
    }
}

/// Runs the command in a checkout of the head, which goes afterwards, and again once the edited files lie in it. A repository without
/// edits is not checked out.
///
/// # Errors
/// `CommandFailed` if the command fails or prints no text, `TimedOut`, `Io`; those of the checkout.
pub(crate) async fn render<H: Host>(
    context: &Context<H>,
    repository: &ConfigRepository<'_, H>,
    command: &str,
    files: &[EditedFile],
) -> Result<Rendered> {
    if files.is_empty() {
        return Ok(Rendered::default());
    }
    let directory = context.host.temporary_directory().await?;
    let done = async {
        repository.check_out(context, &directory).await?;
        let before = run(context, command, &directory).await?;
        for file in files {
            context.host.write(&format!("{directory}/{}", file.path), file.after.as_bytes()).await?;
        }
        Ok(Rendered { before, after: run(context, command, &directory).await? })
    }
    .await;
    context.discard(&directory).await;
    done
}

async fn run<H: Host>(context: &Context<H>, line: &str, directory: &str) -> Result<String> {
    let mut command = context.command("sh", &["-c", line], TIME_LIMIT);
    command.directory = directory.into();
    let mut output: Vec<u8> = Vec::new();
    let mut keep = |chunk: &[u8]| {
        output.extend_from_slice(chunk);
        if output.len() > OUTPUT_LIMIT { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let exit = context.host.run(&command, &mut keep).await.map_err(|error| error.context("`render-command`"))?;
    let failed = |why: String| {
        let said = String::from_utf8_lossy(&exit.errors);
        let said = shorten(without_credentials(said.trim()).trim(), QUOTED);
        let said = if said.is_empty() { String::new() } else { format!("; it said: {said}") };
        Error::new(ErrorKind::CommandFailed, format!("`render-command` {why}{said}"))
            .hint("it runs at the root of the config repository, and must end with status 0")
    };
    if output.len() > OUTPUT_LIMIT {
        return Err(failed("prints more than 16 MiB".into()));
    }
    match exit.code {
        Some(0) => String::from_utf8(output).map_err(|_| failed("does not print UTF-8".into())),
        Some(code) => Err(failed(format!("ended with status {code}"))),
        None => Err(failed("was ended by a signal".into())),
    }
}
