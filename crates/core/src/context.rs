//! What every step of an action can ask: the host, the runner's environment, the token, the clock.

use std::cell::RefCell;
use std::fmt::Display;
use std::rc::Rc;
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};

use crate::github::Environment;
use crate::host::{Command, EntryKind, Host};
use crate::input::{GITHUB_TOKEN, Reader, WORKING_DIRECTORY};
use crate::path::WorkspacePath;
use crate::secret::Secret;
use crate::text::log_safe;
use crate::{Error, ErrorKind, Result};

/// The surroundings of one run.
#[derive(Clone, Debug)]
pub struct Context<H> {
    /// The door to the world.
    pub host: H,
    /// What the runner tells of the event, the repository and itself.
    pub environment: Environment,
    /// Absolute path of the directory to work in.
    pub directory: String,
    /// The token for GitHub and git, if there is one.
    pub token: Option<Secret<String>>,
    workspace: String,
    is_job: bool,
    fixed_now: Option<i64>,
    seed: Option<i64>,
    /// Directories of this run's own, by what they are kept for.
    kept: Rc<RefCell<Vec<(String, String)>>>,
}

impl<H: Host> Context<H> {
    /// Reads the surroundings. The inputs `working-directory` and `github-token` belong to them.
    ///
    /// # Errors
    /// `InvalidEvent` for a payload that is not JSON, `InvalidInput` for `SLIPWAY_NOW` or `SOURCE_DATE_EPOCH` that are no time,
    /// `ForbiddenPath` for a working directory outside the workspace, `NotFound` for one that does not exist.
    pub async fn read(host: H, reader: &mut Reader) -> Result<Self> {
        let environment = Environment::read(&host).await?;
        let workspace = host.variable("GITHUB_WORKSPACE").filter(|path| !path.is_empty());
        let is_job = workspace.is_some();
        let workspace = workspace.unwrap_or_else(|| host.working_directory());
        let workspace = match workspace.trim_end_matches('/') {
            "" => workspace,
            trimmed => trimmed.to_owned(),
        };
        let directory = match reader.text(WORKING_DIRECTORY.name).as_str() {
            "." => workspace.clone(),
            below => directory(&host, &workspace, below)
                .await
                .map_err(|error| error.context(format!("input `{}`", WORKING_DIRECTORY.name)))?,
        };
        let token = if reader.given(GITHUB_TOKEN.name).is_some() {
            reader.secret(GITHUB_TOKEN.name)
        } else {
            host.variable("GITHUB_TOKEN").filter(|token| !token.is_empty()).map(Secret::new)
        };
        let fixed_now = host.variable("SLIPWAY_NOW").filter(|text| !text.is_empty());
        let fixed_now = fixed_now.map(|text| parse_instant(&text)).transpose()?;
        let seed = host.variable("SOURCE_DATE_EPOCH").filter(|text| !text.is_empty());
        let seed = seed.map(|text| parse_epoch(&text)).transpose()?;
        let kept = Rc::default();
        Ok(Self { host, environment, directory, token, workspace, is_job, fixed_now, seed, kept })
    }

    /// Absolute path of the directory that holds everything of the job's; the working directory is it, or is below it.
    pub fn workspace(&self) -> &str {
        &self.workspace
    }

    /// Absolute path of something below the directory to work in.
    pub fn path(&self, below: &dyn Display) -> String {
        format!("{}/{below}", self.directory)
    }

    /// The directory above the workspace of a job, in which nothing is meant for us. Whoever starts a program by hand may be anywhere
    /// in what is meant.
    pub(crate) fn above_workspace(&self) -> Option<&str> {
        let (above, _) = self.workspace.rsplit_once('/').filter(|_| self.is_job)?;
        Some(if above.is_empty() { "/" } else { above })
    }

    /// The wall clock in milliseconds since the Unix epoch; `SLIPWAY_NOW` fixes it.
    pub fn now(&self) -> i64 {
        self.fixed_now.unwrap_or_else(|| self.host.now())
    }

    /// The time to write into what is made: `SOURCE_DATE_EPOCH`, else the clock. Milliseconds since the Unix epoch.
    pub fn creation_time(&self) -> i64 {
        self.seed.unwrap_or_else(|| self.now())
    }

    /// Whether `SLIPWAY_NOW` fixes the clock, which the run must say.
    pub fn clock_is_fixed(&self) -> bool {
        self.fixed_now.is_some()
    }

    /// Prints a line of progress; whatever it holds is made safe.
    pub fn log(&self, line: &str) {
        self.host.print(&log_safe(line));
    }

    /// Puts a temporary directory by for whatever next asks for it by the same name. It goes when the run ends.
    pub fn keep(&self, name: &str, directory: &str) {
        self.kept.borrow_mut().push((name.into(), directory.into()));
    }

    /// Takes back a directory that was put by.
    pub fn take_kept(&self, name: &str) -> Option<String> {
        let mut kept = self.kept.borrow_mut();
        let place = kept.iter().position(|(of, _)| of == name)?;
        Some(kept.swap_remove(place).1)
    }

    /// Removes a temporary directory. One that the operating system does not let go is told, and fails nothing.
    pub async fn discard(&self, directory: &str) {
        if let Err(error) = self.host.remove(directory).await {
            self.log(&format!("a temporary directory is left behind: {error}"));
        }
    }

    /// Removes every directory that was put by: the driver does so as the run ends.
    pub async fn discard_kept(&self) {
        for (_, directory) in self.kept.take() {
            self.discard(&directory).await;
        }
    }

    /// A program to run in the working directory, with the environment that children get: the job's, without inputs, tokens, the
    /// runner's command files and git's own variables.
    pub fn command(&self, program: &str, arguments: &[&str], time_limit: Duration) -> Command {
        Command {
            program: program.into(),
            arguments: arguments.iter().map(|argument| (*argument).into()).collect(),
            environment: self.host.variables().into_iter().filter(|(name, _)| is_for_children(name)).collect(),
            directory: self.directory.clone(),
            input: Vec::new(),
            time_limit,
        }
    }
}

/// The absolute path of a directory below the workspace, to which no link leads.
async fn directory<H: Host>(host: &H, workspace: &str, below: &str) -> Result<String> {
    let below: WorkspacePath = below.parse()?;
    for part in below.ancestors() {
        match host.entry_kind(&format!("{workspace}/{part}")).await? {
            Some(EntryKind::Directory) => {}
            Some(EntryKind::Link) => {
                return Err(Error::new(
                    ErrorKind::ForbiddenPath,
                    format!("`{part}` is a link, which could lead anywhere"),
                )
                .hint("name the directory that it leads to"));
            }
            _ => {
                return Err(Error::new(ErrorKind::NotFound, format!("`{part}` is not a directory of the workspace"))
                    .hint("check the spelling, and that the step that makes it comes before this one"));
            }
        }
    }
    Ok(format!("{workspace}/{below}"))
}

/// Milliseconds since the Unix epoch as RFC 3339 with milliseconds, in UTC.
pub fn rfc3339(milliseconds: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(milliseconds)
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Milliseconds since the Unix epoch as people read them: `2026-11-26 12:00`, in UTC.
pub fn day_and_time(milliseconds: i64) -> String {
    rfc3339(milliseconds).chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect()
}

fn parse_instant(text: &str) -> Result<i64> {
    DateTime::parse_from_rfc3339(text).map(|time| time.timestamp_millis()).map_err(|e| {
        Error::new(ErrorKind::InvalidInput, format!("`SLIPWAY_NOW` is `{text}`, which is no RFC 3339 time: {e}"))
    })
}

fn parse_epoch(text: &str) -> Result<i64> {
    text.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1000)).ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, format!("`SOURCE_DATE_EPOCH` is `{text}`, which is no number of seconds"))
    })
}

/// Whether a variable of the job reaches the programs that we start.
fn is_for_children(name: &str) -> bool {
    const WITHHELD: [&str; 10] = [
        "GITHUB_TOKEN",
        "GITLAB_TOKEN",
        "GH_TOKEN",
        "GITHUB_OUTPUT",
        "GITHUB_ENV",
        "GITHUB_PATH",
        "GITHUB_STATE",
        "GITHUB_STEP_SUMMARY",
        "GITHUB_ARTIFACTS",
        "NODE_OPTIONS",
    ];
    let upper = name.to_ascii_uppercase();
    !(["INPUT_", "ACTIONS_", "GIT_"].iter().any(|prefix| upper.starts_with(prefix))
        || WITHHELD.contains(&upper.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_get_no_secrets_of_the_runner() {
        for name in ["INPUT_TAGS", "ACTIONS_RUNTIME_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "github_output", "GIT_DIR"]
        {
            assert!(!is_for_children(name), "{name}");
        }
        for name in ["PATH", "HOME", "GITHUB_SHA", "AWS_REGION"] {
            assert!(is_for_children(name), "{name}");
        }
    }

    #[test]
    fn times_are_rfc_3339() {
        assert_eq!(parse_instant("2026-03-04T05:06:07.089Z").unwrap(), 1_772_600_767_089);
        assert_eq!(rfc3339(1_772_600_767_089), "2026-03-04T05:06:07.089Z");
        assert_eq!(day_and_time(1_772_600_767_089), "2026-03-04 05:06");
        assert!(parse_instant("tomorrow").is_err());
        assert!(parse_epoch("99999999999999999999").is_err());
    }
}
