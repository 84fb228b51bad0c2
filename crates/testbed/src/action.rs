//! Running an action as a runner does, and reading what it left behind.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::binary::{binary, dist, workspace};
use crate::node::node24;

/// An action that runs longer than this is killed.
const LIMIT: Duration = Duration::from_secs(120);

/// Which build of an action to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runner {
    /// The native program.
    Native,
    /// `<name>/index.js` of [`dist`] under Node.
    Node,
}

/// What one run of an action left behind.
#[derive(Clone, Debug)]
pub struct ActionRun {
    /// The exit code; −1 when it was killed.
    pub code: i32,
    /// The outputs.
    pub outputs: BTreeMap<String, String>,
    /// The job summary.
    pub summary: String,
    /// All of stdout, workflow commands included.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
}

impl ActionRun {
    /// The output `name`; panics with the log when there is none.
    pub fn output(&self, name: &str) -> &str {
        let missing = || panic!("no output `{name}`, exit code {}\n{}\n{}", self.code, self.stdout, self.stderr);
        self.outputs.get(name).map_or_else(missing, String::as_str)
    }
}

/// The variables of a job that `ada`'s push to `main` of `acme/shop` started, on a GitHub with these addresses of pages and API.
pub fn push_job<'a>(server_url: &'a str, api_url: &'a str) -> [(&'static str, &'a str); 7] {
    [
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_REF", "refs/heads/main"),
        ("GITHUB_ACTOR", "ada"),
        ("GITHUB_SERVER_URL", server_url),
        ("GITHUB_API_URL", api_url),
        ("GITHUB_REPOSITORY", "acme/shop"),
        ("GITHUB_RUN_ID", "7"),
    ]
}

/// Runs the action `name` in the directory `working`, in an environment that holds nothing but PATH, an empty HOME,
/// what a runner sets, the inputs, and `variables`, which win. Under Node the action gets all inputs that it declares, as from a runner. Panics when it cannot be run, does not end within two
/// minutes, or writes outputs that a runner would reject.
pub fn run_action(
    runner: Runner,
    name: &str,
    inputs: &[(&str, &str)],
    variables: &[(&str, &str)],
    working: &Path,
) -> ActionRun {
    let mut all: Vec<(&str, &str)> = Vec::new();
    let declared = if runner == Runner::Node { declared_inputs(name) } else { Vec::new() };
    all.extend(declared.iter().map(|(name, default)| (name.as_str(), default.as_str())));
    all.extend(inputs);
    let command = match runner {
        Runner::Native => Command::new(binary(name)),
        Runner::Node => {
            let mut command = Command::new(node24().unwrap_or_else(|reason| panic!("{reason}")));
            command.arg(dist().join(name).join("index.js"));
            command
        }
    };
    run(command, &all, variables, working).unwrap_or_else(|reason| panic!("`{name}`: {reason}"))
}

/// The inputs that `action.yml` declares with their defaults, as a runner gives them all: empty where there is no default. Those whose
/// default is an expression are left out.
fn declared_inputs(name: &str) -> Vec<(String, String)> {
    let file = workspace().join("actions").join(name).join("action.yml");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("`{}`: {error}", file.display()));
    let mut inputs: Vec<(String, String)> = Vec::new();
    for line in text.lines().skip_while(|line| *line != "inputs:").skip(1).take_while(|line| line.starts_with("  ")) {
        if let Some(default) = line.strip_prefix("    default: ") {
            let default = default.trim_matches('\'').replace("''", "'");
            inputs.last_mut().expect("a default follows its input").1 = default;
        } else if let Some(input) = line.strip_suffix(':').filter(|line| !line.starts_with("   ")) {
            inputs.push((input.trim().to_owned(), String::new()));
        }
    }
    inputs.retain(|(_, default)| !default.starts_with("${{"));
    inputs
}

fn run(
    mut command: Command,
    inputs: &[(&str, &str)],
    variables: &[(&str, &str)],
    working: &Path,
) -> Result<ActionRun, String> {
    let directory = TempDir::with_prefix("action-").map_err(|error| format!("a temporary directory: {error}"))?;
    let [home, temporary] = ["home", "temporary"].map(|name| directory.path().join(name));
    let [output, summary] = ["output", "summary"].map(|name| directory.path().join(name));
    for made in [&home, &temporary] {
        std::fs::create_dir(made).map_err(|error| format!("`{}`: {error}", made.display()))?;
    }
    for made in [&output, &summary] {
        std::fs::write(made, "").map_err(|error| format!("`{}`: {error}", made.display()))?;
    }
    command.env_clear().current_dir(working).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.envs(["PATH", "SystemRoot"].into_iter().filter_map(|kept| Some((kept, std::env::var_os(kept)?))));
    command.envs([
        ("HOME", home.as_path()),
        ("RUNNER_TEMP", &temporary),
        ("GITHUB_WORKSPACE", working),
        ("GITHUB_OUTPUT", &output),
        ("GITHUB_STEP_SUMMARY", &summary),
    ]);
    command.envs([("CI", "true"), ("GITHUB_ACTIONS", "true"), ("GIT_CONFIG_NOSYSTEM", "1")]);
    command.envs(inputs.iter().map(|(name, value)| (variable(name), *value)));
    command.envs(variables.iter().copied());
    let mut child = command.spawn().map_err(|error| format!("{:?} did not start: {error}", command.get_program()))?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if start.elapsed() > LIMIT {
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("it still ran after {LIMIT:?}"));
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let text = |reader: JoinHandle<Vec<u8>>| String::from_utf8_lossy(&reader.join().unwrap_or_default()).into_owned();
    let written = |file: &Path| {
        let bytes = std::fs::read(file).map_err(|error| format!("`{}`: {error}", file.display()))?;
        String::from_utf8(bytes).map_err(|_| format!("`{}` is not UTF-8", file.display()))
    };
    let place = temporary.to_string_lossy();
    let outputs = parse_outputs(&written(&output)?)?;
    Ok(ActionRun {
        code: status.code().unwrap_or(-1),
        outputs: outputs.into_iter().map(|(name, text)| (name, without_random_paths(&text, &place))).collect(),
        summary: written(&summary)?,
        stdout: text(stdout),
        stderr: text(stderr),
    })
}

/// Names of files in directories that a run makes for itself, the same in every run: `RUNNER_TEMP/…`. The files are gone by now.
fn without_random_paths(text: &str, temporary: &str) -> String {
    let mut parts = text.split(temporary);
    let mut same = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let below = part.strip_prefix("/slipway-").and_then(|random| random.find('/').map(|end| &random[end..]));
        same += "RUNNER_TEMP";
        same += below.unwrap_or(part);
    }
    same
}

/// The variable of an input, as the runner names it.
fn variable(input: &str) -> String {
    format!("INPUT_{}", input.replace(' ', "_").to_uppercase())
}

/// Reads a pipe on a thread of its own, so that neither of two pipes fills up.
fn drain(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What came before an error is still worth showing.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        bytes
    })
}

/// Reads a `GITHUB_OUTPUT` file as the runner does: lines `name=value`, or `name<<delimiter`, the value, and the
/// delimiter on a line of its own.
///
/// # Errors
/// What a runner would refuse: a line that is neither, or a value without its end.
pub fn parse_outputs(file: &str) -> Result<BTreeMap<String, String>, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = file.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    while let Some(line) = lines.next() {
        if line.is_empty() {
            continue;
        }
        let assignment = line.find('=').unwrap_or(usize::MAX);
        let heredoc = line.find("<<").unwrap_or(usize::MAX);
        if assignment < heredoc {
            outputs.insert(line[..assignment].to_owned(), line[assignment + 1..].to_owned());
        } else if heredoc < assignment {
            let delimiter = &line[heredoc + 2..];
            let mut value = Vec::new();
            loop {
                match lines.next() {
                    Some(end) if end == delimiter => break,
                    Some(part) => value.push(part),
                    None => return Err(format!("the output `{}` has no end `{delimiter}`", &line[..heredoc])),
                }
            }
            outputs.insert(line[..heredoc].to_owned(), value.join("\n"));
        } else {
            return Err(format!("the outputs have the line `{line}`, which is not `name=value`"));
        }
    }
    Ok(outputs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read_as_the_runner_reads_them() {
        let file = "version=1.5.0\nempty=\nsum=a=b<<c\njson<<EOF\n{\n=\n\n}\nEOF\nnone<<X\nX\nlast=1";
        let expected = [
            ("version", "1.5.0"),
            ("empty", ""),
            ("sum", "a=b<<c"),
            ("json", "{\n=\n\n}"),
            ("none", ""),
            ("last", "1"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parse_outputs(file), Ok(BTreeMap::from(expected)));
        assert!(parse_outputs("json<<EOF\n{}\n").is_err_and(|reason| reason.contains("no end `EOF`")));
        assert!(parse_outputs("nonsense").is_err());
    }

    #[test]
    fn inputs_become_variables() {
        assert_eq!(variable("release-rules"), "INPUT_RELEASE-RULES");
        assert_eq!(variable("my input"), "INPUT_MY_INPUT");
    }

    #[cfg(unix)]
    #[test]
    fn a_run_sees_only_what_a_runner_gives() {
        let working = TempDir::new().expect("a temporary directory");
        let mut command = Command::new("sh");
        let script = "pwd; echo out >&2; echo \"a=$EXTRA\" >> $GITHUB_OUTPUT; echo '# done' >> $GITHUB_STEP_SUMMARY
            env | grep ^INPUT_; ls -A $HOME; echo ${CARGO_MANIFEST_DIR:-clean}; exit 7";
        command.args(["-c", script]);
        let run = run(command, &[("mode", "plan")], &[("EXTRA", "x")], working.path()).expect("a run");
        let here = working.path().canonicalize().expect("a directory");
        assert_eq!(run.stdout, format!("{}\nINPUT_MODE=plan\nclean\n", here.display()));
        assert_eq!((run.code, run.stderr.as_str(), run.summary.as_str()), (7, "out\n", "# done\n"));
        assert_eq!(run.output("a"), "x");
    }
}
