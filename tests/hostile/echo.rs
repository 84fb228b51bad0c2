//! An action that does what its inputs say, the unwelcome things above all.

use std::path::Path;
use std::process::{Command, Stdio};

use slipway_core::git::Git;
use slipway_core::host::scripted::ScriptedHost;
use slipway_core::input::{GITHUB_TOKEN, InputKind, InputSpec, Reader, WORKING_DIRECTORY};
use slipway_core::report::{Annotation, Level, OutputSpec};
use slipway_core::{Action, Context, Error, ErrorKind, ExitCode, Host, Report, Result};

pub(crate) struct Echo;

pub(crate) struct Inputs {
    acts: bool,
    output: String,
    summary: String,
    plan: String,
    warnings: u64,
    fails: Option<ErrorKind>,
    message: String,
    refuses: bool,
    panics: bool,
    opens: bool,
}

impl Action for Echo {
    const NAME: &'static str = "echo";
    const ABOUT: &'static str = "Does what its inputs say.";
    const INPUTS: &'static [InputSpec] = &[
        InputSpec::mode(&["plan", "act"], "Whether something is done."),
        InputSpec::new("output", InputKind::Raw, "The output `value`."),
        InputSpec::new("shown", InputKind::Raw, "The summary."),
        InputSpec::new("plan", InputKind::Raw, "The plan."),
        InputSpec::new("warnings", InputKind::Number, "How many warnings there are.").default("0"),
        InputSpec::new("fails", InputKind::Text, "The kind of the error that acting ends with."),
        InputSpec::new("message", InputKind::Raw, "What errors and warnings say.").default("as asked"),
        InputSpec::new("refuses", InputKind::Boolean, "Whether the answer is no.").default("false"),
        InputSpec::new("panics", InputKind::Boolean, "Whether it breaks down.").default("false"),
        InputSpec::new("opens", InputKind::Boolean, "Whether it opens a repository.").default("false"),
        WORKING_DIRECTORY,
        GITHUB_TOKEN,
    ];
    const OUTPUTS: &'static [OutputSpec] = &[OutputSpec::new("value", "What `output` says.")];

    type Inputs = Inputs;
    type Facts = ();
    type Plan = String;
    type Outcome = &'static str;

    fn inputs(reader: &mut Reader) -> Option<Inputs> {
        let acts = reader.choice("mode", &[("plan", false), ("act", true)]);
        let inputs = Inputs {
            acts: acts == Some(true),
            output: reader.text("output"),
            summary: reader.text("shown"),
            plan: reader.text("plan"),
            warnings: reader.number("warnings").unwrap_or_default(),
            fails: ErrorKind::from_name(&reader.text("fails")),
            message: reader.text("message"),
            refuses: reader.boolean("refuses"),
            panics: reader.boolean("panics"),
            opens: reader.boolean("opens"),
        };
        acts.is_some().then_some(inputs)
    }

    async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<()> {
        if inputs.opens {
            Git::open(context).await?;
        }
        Ok(())
    }

    fn plan(inputs: &Inputs, (): &()) -> Result<String> {
        assert!(!inputs.panics, "{}", inputs.message);
        Ok(inputs.plan.clone())
    }

    fn acts(inputs: &Inputs, _: &String) -> bool {
        inputs.acts
    }

    async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, _: &String) -> Result<&'static str> {
        // The effect that tests look for.
        context.host.write(&format!("{}/effect", context.directory), b"done").await?;
        match inputs.fails {
            Some(kind) => Err(Error::new(kind, inputs.message.clone()).hint("see the test")),
            None => Ok("the effect was made"),
        }
    }

    fn report(inputs: &Inputs, (): &(), _: &String, _: Option<&&'static str>) -> Report {
        let mut report = Report { summary: inputs.summary.clone(), ..Report::default() };
        report.output("value", inputs.output.clone());
        (0..inputs.warnings).for_each(|_| report.warn(inputs.message.clone()));
        if inputs.warnings == 1 {
            let place = Some((inputs.message.clone(), 1));
            report.annotations.push(Annotation { level: Level::Notice, message: "here".into(), place });
        }
        report.refusal = inputs.refuses.then(|| Error::new(ErrorKind::Locked, inputs.message.clone()));
        report
    }
}

/// Runs it in a world of its own, as a runner does, and gives exit code, outputs file and log.
pub(crate) fn scripted(inputs: &[(&str, &str)]) -> (ExitCode, ScriptedHost) {
    let variables: Vec<(String, &str)> =
        inputs.iter().map(|(name, value)| (format!("INPUT_{}", name.to_uppercase()), *value)).collect();
    let mut variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    variables.extend([
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_OUTPUT", "/output"),
        ("GITHUB_STEP_SUMMARY", "/summary"),
        ("GITHUB_WORKSPACE", "/workspace"),
    ]);
    let host = ScriptedHost::new(&variables).file("/output", "");
    let run = slipway_core::driver::run::<Echo, _>(host.clone(), Default::default());
    (ScriptedHost::block_on(run).unwrap(), host)
}

/// Runs it as a program of its own in a directory: exit code, standard output, standard error.
pub(crate) fn program(inputs: &[(&str, &str)], variables: &[(&str, &str)], directory: &Path) -> (i32, String, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["echo::as_a_program", "--exact", "--ignored", "--nocapture"])
        .current_dir(directory)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .envs(inputs.iter().map(|(name, value)| (format!("INPUT_{}", name.to_uppercase()), *value)))
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
#[ignore = "the tests start it as a program of its own"]
fn as_a_program() {
    std::process::exit(slipway_core::cli::run::<Echo>(["echo".into()]) as i32);
}
