//! The command line of the native programs: the same table of inputs, as flags.

use std::collections::BTreeMap;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction};

use crate::ExitCode;
use crate::action::Action;
use crate::host::native::NativeHost;
use crate::input::{InputKind, InputSpec};

/// Runs an action as a program of its own.
pub fn main<A: Action>() -> std::process::ExitCode {
    let matches = match command::<A>().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::Invalid } else { ExitCode::Done };
            let _ = error.print();
            return exit(code);
        }
    };
    let flags: BTreeMap<String, String> = A::INPUTS
        .iter()
        .filter_map(|spec| {
            let lines: Vec<_> = matches.get_many::<String>(spec.name)?.map(String::as_str).collect();
            Some((spec.name.to_owned(), lines.join("\n")))
        })
        .collect();
    let code = NativeHost::block_on(crate::driver::run::<A, _>(NativeHost::new(), flags));
    exit(code.unwrap_or(ExitCode::Failed))
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
}

fn argument(spec: &InputSpec) -> Arg {
    let mut help = spec.about.to_owned();
    if !spec.default.is_empty() {
        help += &format!(" [default: {}]", spec.default.escape_debug());
    }
    let argument = Arg::new(spec.name).long(spec.name).help(help).value_name(spec.kind.label());
    match spec.kind {
        InputKind::Boolean => argument.num_args(0..=1).default_missing_value("true").require_equals(true),
        InputKind::List | InputKind::Raw => argument.action(ArgAction::Append).allow_hyphen_values(true),
        InputKind::Choice(words) => argument.value_parser(PossibleValuesParser::new(words)),
        _ => argument.allow_hyphen_values(true),
    }
}

fn exit(code: ExitCode) -> std::process::ExitCode {
    std::process::ExitCode::from(code as u8)
}
