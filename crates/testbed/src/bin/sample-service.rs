//! The sample service under release: `sample-service <release.json> <port>`, in a container `sample-service <release.json> 0.0.0.0:<port>`.
#![expect(clippy::disallowed_methods, reason = "a program of the testbed, which is never shipped")]

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let address = arguments.get(1).and_then(|place| match place.parse() {
        Ok(port) => Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
        Err(_) => place.parse().ok(),
    });
    let outcome = match (arguments.first(), address) {
        (Some(file), Some(address)) => testbed::run_service(Path::new(file), address),
        _ => Err("usage: sample-service <release.json> <port, or address:port>".to_owned()),
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
