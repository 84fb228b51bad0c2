//! The logins of the registries that cannot be run here, as their published documents describe them: the whole exchange, header by
//! header, on a scripted host.
#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod flows;
mod lies;
mod lists;

use slipway_core::host::scripted::{Scripted, ScriptedExchange, ScriptedHost};
use slipway_core::image::{Digest, ImageName, ImageTag};
use slipway_core::{Result, Secret};
use slipway_registry::{Client, Credentials, Login};

/// A digest of nothing in particular.
const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A request that must come, with these headers, and its answer.
fn answered(request: &str, with: &[(&'static str, &str)], status: u16, headers: &[(&'static str, &str)]) -> Scripted {
    told(request, with, status, headers, "")
}

/// The same with a body in the answer.
fn told(
    request: &str,
    with: &[(&'static str, &str)],
    status: u16,
    headers: &[(&'static str, &str)],
    body: &str,
) -> Scripted {
    let owned = |pairs: &[(&'static str, &str)]| pairs.iter().map(|(name, value)| (*name, (*value).into())).collect();
    Scripted::Exchange(ScriptedExchange {
        request: request.into(),
        request_headers: owned(with),
        status,
        headers: owned(headers),
        body: body.into(),
        ..ScriptedExchange::default()
    })
}

fn host(transcript: Vec<Scripted>) -> ScriptedHost {
    transcript.into_iter().fold(ScriptedHost::new(&[]), ScriptedHost::then)
}

fn password(user: &str, password: &str) -> Login {
    Login::Password { user: user.into(), password: Secret::new(password.into()) }
}

fn name(text: &str) -> ImageName {
    text.parse().unwrap()
}

fn tag(text: &str) -> ImageTag {
    text.parse().unwrap()
}

/// Asks for the digest of a tag, `times` times, with one client.
fn ask(host: &ScriptedHost, credentials: Credentials, image: &str, times: usize) -> Result<Option<Digest>> {
    ScriptedHost::block_on(async {
        let client = Client::new(host.clone(), credentials, Vec::new());
        let repository = client.repository(&name(image))?;
        let mut answer = None;
        for _ in 0..times {
            answer = repository.digest(&tag("1.5.0")).await?;
        }
        Ok(answer)
    })
    .unwrap()
}
