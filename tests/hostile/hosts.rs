//! The two hosts, asked for the same thing: the native one in this process, the Node one through its shim.

use std::io::Read;
use std::ops::ControlFlow;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use slipway_core::host::native::NativeHost;
use slipway_core::host::{self, EntryKind, Exchange};
use slipway_core::{Host, Result};
use tempfile::TempDir;

/// A probe that has not ended by then hangs.
const LIMIT: Duration = Duration::from_secs(30);

/// What a probe under Node left behind.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Probe {
    /// Starts the shim with the probe as its module.
    pub(crate) fn run(call: &Value, variables: &[(&str, &str)]) -> Self {
        let directory = TempDir::new().unwrap();
        let shim = testbed::workspace().join("crates/core/src/host/shim.js");
        let shim = std::fs::read_to_string(shim).unwrap().replace("__ACTION__", "probe");
        std::fs::write(directory.path().join("index.js"), shim).unwrap();
        std::fs::write(directory.path().join("probe.cjs"), include_str!("probe.cjs")).unwrap();
        let mut child = Command::new(testbed::node24().unwrap())
            .arg(directory.path().join("index.js"))
            .arg(call.to_string())
            .env_clear()
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let [mut stdout, mut stderr] = [String::new(), String::new()];
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let start = Instant::now();
        let code = std::thread::scope(|scope| {
            scope.spawn(|| out.read_to_string(&mut stdout));
            scope.spawn(|| err.read_to_string(&mut stderr));
            loop {
                match child.try_wait().unwrap() {
                    Some(status) => break status.code(),
                    None if start.elapsed() > LIMIT => {
                        child.kill().unwrap();
                        child.wait().unwrap();
                        break None;
                    }
                    None => std::thread::sleep(Duration::from_millis(2)),
                }
            }
        });
        Self { code, stdout, stderr }
    }

    fn answer(&self) -> Value {
        let line = self.stdout.lines().last().unwrap_or_default();
        serde_json::from_str(line).unwrap_or_else(|_| panic!("the probe answered nothing: {self:?}"))
    }
}

/// Asks both hosts. Two worlds are made by `world`, because a call may change one; errors are given as `{"error": kind}`.
#[track_caller]
pub(crate) fn both(world: impl Fn() -> Value) -> Value {
    let [for_native, for_node] = [world(), world()];
    let native = native(&for_native);
    let node = Probe::run(&for_node, &[]).answer();
    assert_eq!(native, node, "native and Node differ: {for_native}");
    native
}

/// Asks the native host.
pub(crate) fn native(call: &Value) -> Value {
    let text = |name: &str| call[name].as_str().unwrap_or_default();
    let path = text("path");
    let host = NativeHost::new();
    let answer: Result<Value> = NativeHost::block_on(async {
        Ok(match text("call") {
            "run" => return run(&host, call).await,
            "exchange" => return exchange(&host, call).await,
            "read" => String::from_utf8_lossy(&host.read(path, call["limit"].as_u64().unwrap()).await?).into(),
            "readPart" => {
                let number = |name: &str| call[name].as_u64().unwrap();
                let part = host.read_part(path, number("offset"), number("length") as usize).await?;
                String::from_utf8_lossy(&part).into()
            }
            "write" => json!(host.write(path, text("content").as_bytes()).await?),
            "append" => json!(host.append(path, text("content").as_bytes()).await?),
            "entryKind" => host.entry_kind(path).await?.map(kind_name).into(),
            "entries" => {
                host.entries(path).await?.into_iter().map(|(name, kind)| json!([name, kind_name(kind)])).collect()
            }
            "createDirectory" => json!(host.create_directory(path).await?),
            "remove" => json!(host.remove(path).await?),
            other => panic!("no call `{other}`"),
        })
    })
    .unwrap();
    answer.unwrap_or_else(|error| json!({ "error": error.kind().name() }))
}

fn kind_name(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::File => "file",
        EntryKind::Directory => "directory",
        EntryKind::Link => "link",
        EntryKind::Other => "other",
    }
}

async fn run(host: &NativeHost, call: &Value) -> Result<Value> {
    let texts = |name: &str| -> Vec<String> {
        let text = |value: &Value| match value.as_u64() {
            // A number stands for a text of that length, which the probe's own arguments could not hold.
            Some(length) => "x".repeat(length as usize),
            None => value.as_str().unwrap().into(),
        };
        call[name].as_array().unwrap().iter().map(text).collect()
    };
    let stop_after = call["stopAfter"].as_u64().unwrap();
    let command = host::Command {
        program: call["program"].as_str().unwrap().into(),
        arguments: texts("args"),
        environment: texts("environment").chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect(),
        directory: call["directory"].as_str().unwrap().into(),
        input: vec![b'x'; call["input"].as_u64().unwrap() as usize],
        time_limit: Duration::from_millis(call["milliseconds"].as_u64().unwrap()),
    };
    let mut output = 0;
    let mut count = |chunk: &[u8]| {
        output += chunk.len() as u64;
        if output >= stop_after { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let exit = host.run(&command, &mut count).await?;
    Ok(json!({ "code": exit.code, "output": output.min(stop_after), "errors": exit.errors.len() }))
}

async fn exchange(host: &NativeHost, call: &Value) -> Result<Value> {
    let mut request = http::Request::new(call["body"].as_str().unwrap().as_bytes().to_vec());
    *request.method_mut() = call["method"].as_str().unwrap().parse().unwrap();
    *request.uri_mut() = call["url"].as_str().unwrap().parse().unwrap();
    let port = request.uri().port_u16().unwrap_or(443);
    for pair in call["headers"].as_array().unwrap().chunks(2) {
        let name: http::HeaderName = pair[0].as_str().unwrap().parse().unwrap();
        request.headers_mut().append(name, pair[1].as_str().unwrap().parse().unwrap());
    }
    let addresses = call["addresses"].as_array().unwrap().iter();
    let answer = host
        .exchange(Exchange {
            request,
            addresses: addresses
                .map(|ip| (ip.as_str().unwrap().parse::<std::net::IpAddr>().unwrap(), port).into())
                .collect(),
            proxy: call["proxy"].as_str().map(|proxy| proxy.parse().unwrap()),
            time_limit: Duration::from_millis(call["milliseconds"].as_u64().unwrap()),
            body_limit: call["bodyLimit"].as_u64().unwrap() as usize,
            authorities: call["authorities"].as_str().map(Into::into),
        })
        .await?;
    let own = answer.headers().iter().filter(|(name, _)| name.as_str().starts_with("x-"));
    let headers: Map<String, Value> = own
        .map(|(name, value)| {
            let digits: String = value.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            (name.to_string(), digits.into())
        })
        .collect();
    Ok(json!({ "status": answer.status().as_u16(), "body": answer.body().len(), "headers": headers }))
}
