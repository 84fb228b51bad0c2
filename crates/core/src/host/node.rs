//! The host of the WebAssembly build: Node.js, reached through the functions that `shim.js` puts under `globalThis.slipway`.

use std::net::IpAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use js_sys::{Array, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{Command, EntryKind, Exchange, Exit, Host, LocalTask, ZoneAt, zone};
use crate::order;
use crate::text::without_credentials;
use crate::{Error, ErrorKind, Result};

mod shim {
    use js_sys::{Array, Uint8Array};
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = slipway)]
        pub(super) fn variable(name: &str) -> Option<String>;
        #[wasm_bindgen(js_namespace = slipway)]
        pub(super) fn variables() -> Array;
        #[wasm_bindgen(js_namespace = slipway, js_name = workingDirectory)]
        pub(super) fn working_directory() -> String;
        #[wasm_bindgen(js_namespace = slipway)]
        pub(super) fn monotonic() -> f64;
        #[wasm_bindgen(js_namespace = slipway, js_name = zoneOffset, catch)]
        pub(super) fn zone_offset(name: &str, milliseconds: f64) -> Result<Option<f64>, JsValue>;
        #[wasm_bindgen(js_namespace = slipway)]
        pub(super) fn random() -> Uint8Array;
        #[wasm_bindgen(js_namespace = slipway)]
        pub(super) fn print(line: &str);
        #[wasm_bindgen(js_namespace = slipway, js_name = printError)]
        pub(super) fn print_error(line: &str);
        #[wasm_bindgen(js_namespace = slipway)]
        pub(super) fn panicked(text: &str);
        #[wasm_bindgen(js_namespace = slipway, catch)]
        pub(super) async fn sleep(milliseconds: f64) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(js_namespace = slipway, catch)]
        pub(super) fn read(path: &str, limit: f64) -> Result<Uint8Array, JsValue>;
        #[wasm_bindgen(js_namespace = slipway, js_name = readPart, catch)]
        pub(super) fn read_part(path: &str, offset: f64, length: f64) -> Result<Uint8Array, JsValue>;
        #[wasm_bindgen(js_namespace = slipway, js_name = writeBeside, catch)]
        pub(super) fn write_beside(path: &str, content: &[u8]) -> Result<String, JsValue>;
        #[wasm_bindgen(js_namespace = slipway, catch)]
        pub(super) fn rename(from: &str, to: &str) -> Result<(), JsValue>;
        #[wasm_bindgen(js_namespace = slipway, js_name = writePrivate, catch)]
        pub(super) fn write_private(path: &str, content: &[u8]) -> Result<(), JsValue>;
        #[wasm_bindgen(js_namespace = slipway, catch)]
        pub(super) fn append(path: &str, content: &[u8]) -> Result<(), JsValue>;
        #[wasm_bindgen(js_namespace = slipway, js_name = entryKind, catch)]
        pub(super) fn entry_kind(path: &str) -> Result<Option<String>, JsValue>;
        #[wasm_bindgen(js_namespace = slipway, catch)]
        pub(super) fn entries(directory: &str) -> Result<Array, JsValue>;
        #[wasm_bindgen(js_namespace = slipway, js_name = temporaryDirectory, catch)]
        pub(super) fn temporary_directory() -> Result<String, JsValue>;
        #[wasm_bindgen(js_namespace = slipway)]
        pub(super) fn leave(directory: &str);
        #[wasm_bindgen(js_namespace = slipway, js_name = createDirectory, catch)]
        pub(super) fn create_directory(path: &str) -> Result<(), JsValue>;
        #[wasm_bindgen(js_namespace = slipway, catch)]
        pub(super) fn remove(path: &str) -> Result<(), JsValue>;
        #[wasm_bindgen(js_namespace = slipway, catch)]
        pub(super) async fn resolve(host: &str) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(js_namespace = slipway, catch)]
        pub(super) async fn exchange(request: JsValue) -> Result<JsValue, JsValue>;

        pub(super) type Child;
        #[wasm_bindgen(js_namespace = slipway, catch)]
        pub(super) fn start(
            program: &str,
            arguments: Array,
            environment: Array,
            directory: &str,
            input: &[u8],
            milliseconds: f64,
        ) -> Result<Child, JsValue>;
        #[wasm_bindgen(method, catch)]
        pub(super) async fn next(this: &Child) -> Result<JsValue, JsValue>;
        #[wasm_bindgen(method)]
        pub(super) fn end(this: &Child);
        #[wasm_bindgen(method, catch)]
        pub(super) async fn wait(this: &Child) -> Result<JsValue, JsValue>;
    }
}

/// Node.js as the shim presents it.
#[derive(Clone, Copy, Debug)]
pub struct NodeHost;

impl NodeHost {
    /// Hands panics to the shim, which reports them once and exits with 3.
    pub fn report_panics() {
        std::panic::set_hook(Box::new(|panic| shim::panicked(&without_credentials(&panic.to_string()))));
    }
}

impl Host for NodeHost {
    fn variable(&self, name: &str) -> Option<String> {
        shim::variable(name)
    }

    fn variables(&self) -> Vec<(String, String)> {
        let mut variables = pairs(&shim::variables());
        order::sort(&mut variables);
        variables
    }

    fn working_directory(&self) -> String {
        shim::working_directory()
    }

    fn now(&self) -> i64 {
        js_sys::Date::now() as i64
    }

    fn zone_at(&self, name: &str, milliseconds: i64) -> Result<Option<ZoneAt>> {
        let offset = || shim::zone_offset(name, milliseconds as f64).map_err(error);
        zone::at(name, milliseconds, || Ok(offset()?.map(|seconds| seconds as i32)))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs_f64(shim::monotonic().max(0.0) / 1000.0)
    }

    fn random(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        shim::random().copy_to(&mut bytes);
        bytes
    }

    fn print(&self, line: &str) {
        shim::print(line);
    }

    fn print_error(&self, line: &str) {
        shim::print_error(line);
    }

    async fn sleep(&self, duration: Duration) {
        let _ = shim::sleep(milliseconds(duration)).await;
    }

    async fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>> {
        shim::read(path, limit as f64).map(|content| content.to_vec()).map_err(error)
    }

    async fn read_part(&self, path: &str, offset: u64, length: usize) -> Result<Vec<u8>> {
        shim::read_part(path, offset as f64, length as f64).map(|part| part.to_vec()).map_err(error)
    }

    async fn write_beside(&self, path: &str, content: &[u8]) -> Result<String> {
        shim::write_beside(path, content).map_err(error)
    }

    async fn rename(&self, from: &str, to: &str) -> Result<()> {
        shim::rename(from, to).map_err(error)
    }

    async fn write_private(&self, path: &str, content: &[u8]) -> Result<()> {
        shim::write_private(path, content).map_err(error)
    }

    async fn append(&self, path: &str, content: &[u8]) -> Result<()> {
        shim::append(path, content).map_err(error)
    }

    async fn entry_kind(&self, path: &str) -> Result<Option<EntryKind>> {
        Ok(shim::entry_kind(path).map_err(error)?.map(|kind| kind_of(&kind)))
    }

    async fn entries(&self, directory: &str) -> Result<Vec<(String, EntryKind)>> {
        let mut entries: Vec<_> = pairs(&shim::entries(directory).map_err(error)?)
            .into_iter()
            .map(|(name, kind)| (name, kind_of(&kind)))
            .collect();
        order::sort_by(&mut entries, |(left, _), (right, _)| left.cmp(right));
        Ok(entries)
    }

    async fn temporary_directory(&self) -> Result<String> {
        shim::temporary_directory().map_err(error)
    }

    fn leave(&self, directory: &str) {
        shim::leave(directory);
    }

    async fn create_directory(&self, path: &str) -> Result<()> {
        shim::create_directory(path).map_err(error)
    }

    async fn remove(&self, path: &str) -> Result<()> {
        shim::remove(path).map_err(error)
    }

    async fn run(&self, command: &Command, on_output: &mut dyn FnMut(&[u8]) -> ControlFlow<()>) -> Result<Exit> {
        let child = shim::start(
            &command.program,
            command.arguments.iter().map(JsValue::from).collect(),
            flat(&command.environment),
            &command.directory,
            &command.input,
            milliseconds(command.time_limit),
        )
        .map_err(error)?;
        loop {
            let chunk = child.next().await.map_err(error)?;
            if chunk.is_undefined() {
                break;
            }
            if on_output(&Uint8Array::new(&chunk).to_vec()).is_break() {
                child.end();
                break;
            }
        }
        let exit = child.wait().await.map_err(error)?;
        if field(&exit, "timedOut").is_truthy() {
            return Err(super::time_limit_reached(command));
        }
        let code = field(&exit, "code").as_f64().map(|code| code as i32);
        Ok(Exit { code, errors: Uint8Array::new(&field(&exit, "errors")).to_vec() })
    }

    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>> {
        let found = shim::resolve(host).await.map_err(error)?;
        Ok(Array::from(&found).iter().filter_map(|address| address.as_string()?.parse().ok()).collect())
    }

    async fn exchange(&self, exchange: Exchange) -> Result<http::Response<Vec<u8>>> {
        let (parts, body) = exchange.request.into_parts();
        let host = parts.uri.host().unwrap_or_default().to_owned();
        // Node takes and gives the bytes of headers as characters.
        let headers: Vec<(String, String)> = parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.as_bytes().iter().copied().map(char::from).collect()))
            .collect();
        let request = js_sys::Object::new();
        let set = |name: &str, value: JsValue| {
            // Setting a property of a plain object cannot fail.
            let _ = Reflect::set(&request, &name.into(), &value);
        };
        set("method", parts.method.as_str().into());
        set("url", parts.uri.to_string().into());
        set("headers", flat(&headers).into());
        set("body", Uint8Array::from(body.as_slice()).into());
        set(
            "addresses",
            exchange.addresses.iter().map(|a| JsValue::from(a.ip().to_string())).collect::<Array>().into(),
        );
        set("proxy", exchange.proxy.map(|proxy| proxy.to_string()).into());
        set("milliseconds", milliseconds(exchange.time_limit).into());
        set("bodyLimit", (exchange.body_limit as f64).into());
        set("authorities", exchange.authorities.into());

        let answer = shim::exchange(request.into()).await.map_err(error)?;
        if field(&answer, "tooLarge").is_truthy() {
            return Err(super::body_too_large(&host, exchange.body_limit));
        }
        let mut response = http::Response::new(Uint8Array::new(&field(&answer, "body")).to_vec());
        let status = field(&answer, "status").as_f64().unwrap_or_default() as u16;
        *response.status_mut() = http::StatusCode::from_u16(status)
            .map_err(|_| Error::new(ErrorKind::Network, format!("`{host}` answered with status {status}")))?;
        for (name, value) in pairs(&Array::from(&field(&answer, "headers"))) {
            let value: Vec<u8> = value.chars().map(|byte| byte as u8).collect();
            if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), http::HeaderValue::try_from(value)) {
                response.headers_mut().append(name, value);
            }
        }
        Ok(response)
    }

    fn spawn(&self, task: LocalTask) {
        wasm_bindgen_futures::spawn_local(task);
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn field(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn flat(pairs: &[(String, String)]) -> Array {
    pairs.iter().flat_map(|(name, value)| [JsValue::from(name), JsValue::from(value)]).collect()
}

fn pairs(flat: &Array) -> Vec<(String, String)> {
    let texts: Vec<String> = flat.iter().map(|text| text.as_string().unwrap_or_default()).collect();
    texts.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

fn kind_of(kind: &str) -> EntryKind {
    match kind {
        "file" => EntryKind::File,
        "directory" => EntryKind::Directory,
        "link" => EntryKind::Link,
        _ => EntryKind::Other,
    }
}

/// Errors of the shim carry one of our kinds in their `kind` property.
fn error(value: JsValue) -> Error {
    let kind = field(&value, "kind").as_string().and_then(|kind| ErrorKind::from_name(&kind));
    let message = field(&value, "message").as_string().unwrap_or_else(|| format!("{value:?}"));
    Error::new(kind.unwrap_or(ErrorKind::Internal), message)
}
