//! The sample service under release: `sample-service <release.json> <port>`.
#![expect(clippy::disallowed_methods, reason = "a program of the testbed, which is never shipped")]

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = arguments.get(1).and_then(|port| port.parse().ok());
    let outcome = match (arguments.first(), port) {
        (Some(file), Some(port)) => testbed::run_service(Path::new(file), port),
        _ => Err("usage: sample-service <release.json> <port>".to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            #[expect(clippy::print_stderr, reason = "the only way to say why it did not start")]
            {
                eprintln!("sample-service: {reason}");
            }
            ExitCode::from(2)
        }
    }
}
