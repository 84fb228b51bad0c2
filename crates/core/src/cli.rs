//! The command line of the native programs: the same table of inputs, as flags.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::panic::catch_unwind;
use std::sync::{Mutex, PoisonError};

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction};

use crate::action::Action;
use crate::host::Host;
use crate::host::native::{NativeHost, interruption};
use crate::input::{InputKind, InputSpec};
use crate::report::dotenv::DOTENV;
use crate::report::publish_failure;
use crate::system;
use crate::text::without_credentials;
use crate::{Error, ErrorKind, ExitCode};

/// Runs an action as a program of its own.
pub fn main<A: Action>() -> std::process::ExitCode {
    std::process::ExitCode::from(run::<A>(std::env::args_os()) as u8)
}

/// Runs an action with these arguments, of which the first is the program's name.
pub fn run<A: Action>(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let matches = match command::<A>().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::Invalid } else { ExitCode::Done };
        }
    };
    let mut flags: BTreeMap<String, String> = A::INPUTS
        .iter()
        .filter_map(|spec| {
            let lines: Vec<_> = matches.get_many::<String>(spec.name)?.map(String::as_str).collect();
            Some((spec.name.to_owned(), lines.join("\n")))
        })
        .collect();
    let mut host = NativeHost::new();
    for spec in A::INPUTS.iter().filter(|spec| spec.kind == InputKind::Secret) {
        if let Some(secret) = host.take(&secret_variable(spec)).filter(|secret| !secret.is_empty()) {
            flags.entry(spec.name.to_owned()).or_insert(secret);
        }
    }
    let mut told = system::told(&|name| host.variable(name));
    for (option, variable, _) in FILES {
        if let Some(path) = matches.get_one::<String>(option) {
            told.insert((*variable).to_owned(), path.clone());
        }
    }
    settle::<A>(host.telling(told), flags)
}

/// The files that the native programs write for other CI systems: the option, the variable that says the same, and what they hold.
const FILES: &[(&str, &str, &str)] = &[
    ("dotenv", DOTENV, "File that gets the outputs as lines such as `VERSION_BUMP_TAG=v1.5.0`."),
    ("summary", "GITHUB_STEP_SUMMARY", "File that gets the summary, in Markdown."),
];

/// The variable in which a secret may be, so that it stands in no list of arguments.
fn secret_variable(spec: &InputSpec) -> String {
    format!("SLIPWAY_{}", spec.name.replace('-', "_").to_ascii_uppercase())
}

/// Runs an action until it has an exit code, whatever happens: a signal and a panic are told like every other error.
fn settle<A: Action>(host: NativeHost, flags: BTreeMap<String, String>) -> ExitCode {
    std::panic::set_hook(Box::new(|panic| {
        PANIC.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| panic.to_string());
    }));
    let acting = host.clone();
    let ended = catch_unwind(|| {
        NativeHost::block_on(async move {
            tokio::select! {
                code = crate::driver::run::<A, _>(acting, flags) => Ok(code),
                signal = interruption() => {
                    Err(Error::new(ErrorKind::Cancelled, format!("the run was ended by {signal}")))
                }
            }
        })
    });
    let error = match ended {
        Ok(Ok(Ok(code))) => return code,
        Ok(Ok(Err(error)) | Err(error)) => error,
        Err(_) => defect(A::NAME),
    };
    host.remove_temporary();
    // Telling it can meet the same defect again.
    let _ = catch_unwind(|| NativeHost::block_on(publish_failure(&host, &error)));
    error.kind().exit_code()
}

/// What the first panic said; there is one run in a process.
static PANIC: Mutex<Option<String>> = Mutex::new(None);

fn defect(program: &str) -> Error {
    let panic = PANIC.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
    let panic = without_credentials(&panic).split_whitespace().collect::<Vec<_>>().join(" ");
    Error::new(ErrorKind::Internal, format!("`{program}` broke down: {panic}")).hint(concat!(
        "this is a defect of Slipway, please report it at ",
        env!("CARGO_PKG_REPOSITORY"),
        "/issues"
    ))
}

/// The program's command line, made from the action's table of inputs.
pub fn command<A: Action>() -> clap::Command {
    // Where `--version` is an input, only `-V` prints the program's own.
    let takes_version = A::INPUTS.iter().any(|spec| spec.name == "version");
    let print_version = Arg::new("print-version").short('V').action(ArgAction::Version).help("Print version");
    clap::Command::new(A::NAME)
        .about(A::ABOUT)
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(true)
        .arg(if takes_version { print_version } else { print_version.long("version") })
        .after_help("Every flag can also be given as the environment variable `INPUT_<NAME>`, as GitHub's runner does.")
        .args(A::INPUTS.iter().map(argument))
        .args(FILES.iter().map(|(option, _, about)| Arg::new(*option).long(*option).value_name("File").help(*about)))
}

fn argument(spec: &InputSpec) -> Arg {
    let mut help = spec.about.to_owned();
    if !spec.default.is_empty() {
        help += &format!(" [default: {}]", spec.default.escape_debug());
    }
    if spec.kind == InputKind::Secret {
        help += &format!(" [or: ${}]", secret_variable(spec));
    }
    let argument = Arg::new(spec.name).long(spec.name).help(help).value_name(spec.kind.label());
    match spec.kind {
        InputKind::Boolean => argument.num_args(0..=1).default_missing_value("true").require_equals(true),
        InputKind::List | InputKind::Raw => argument.action(ArgAction::Append).allow_hyphen_values(true),
        InputKind::Choice(words) => argument.value_parser(PossibleValuesParser::new(words)),
        _ => argument.allow_hyphen_values(true),
    }
}
