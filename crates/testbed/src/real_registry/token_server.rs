//! A token server, as docker-registry's `auth.token` wants one: JSON Web Tokens, signed with a key whose certificate it knows.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::USER;
use crate::lock;
use crate::server::Server;

/// A token server: everybody may pull from `public/…`, the user may do everything.
pub(super) struct TokenServer {
    shared: Arc<Shared>,
    server: Server,
}

struct Shared {
    key: PathBuf,
    /// The certificate as the header `x5c` has it.
    certificate: String,
    scopes: Mutex<Vec<(String, String)>>,
}

impl TokenServer {
    /// Makes a key and `certificate.pem` in the directory, and starts.
    pub(super) fn start(directory: &Path) -> Self {
        let (key, certificate) = (directory.join("key.pem"), directory.join("certificate.pem"));
        let mut openssl = Command::new("openssl");
        openssl.args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=testbed",
            "-keyout",
        ]);
        let made = openssl.arg(&key).arg("-out").arg(&certificate).stderr(Stdio::null()).status();
        assert!(made.expect("openssl starts").success(), "openssl makes a certificate");
        let pem = std::fs::read_to_string(certificate).expect("the certificate");
        let certificate = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let shared = Arc::new(Shared { key, certificate, scopes: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        Self { shared, server: Server::start("token-server", router) }
    }

    /// `http://127.0.0.1:PORT`.
    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    /// Who asked, and for what, in order.
    pub(super) fn scopes(&self) -> Vec<(String, String)> {
        lock(&self.shared.scopes).clone()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let login = format!("Basic {}", BASE64_STANDARD.encode(format!("{USER}:pass:word")));
    let user = match request.headers().get(AUTHORIZATION) {
        None => "",
        Some(value) if value.as_bytes() == login.as_bytes() => USER,
        Some(_) => return (StatusCode::UNAUTHORIZED, "the user or the password is wrong").into_response(),
    };
    let query = request.uri().query().unwrap_or_default();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let scopes = pairs.filter(|(key, _)| *key == "scope").map(|(_, value)| decoded(value));
    let scopes: Vec<String> =
        scopes.flat_map(|value| value.split(' ').map(str::to_owned).collect::<Vec<_>>()).collect();
    lock(&shared.scopes).extend(scopes.iter().map(|scope| (user.to_owned(), scope.clone())));
    let access: Vec<Value> = scopes.iter().filter_map(|scope| allowed(user, scope)).collect();
    let token = shared.token(user, &access);
    ([(CONTENT_TYPE, "application/json")], json!({ "token": token, "expires_in": 300 }).to_string()).into_response()
}

fn decoded(value: &str) -> String {
    percent_encoding::percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// What the user gets of what was asked for.
fn allowed(user: &str, scope: &str) -> Option<Value> {
    let mut parts = scope.splitn(3, ':');
    let (kind, name, actions) = (parts.next()?, parts.next()?, parts.next()?);
    let may = |action: &&str| user == USER || *action == "pull" && name.starts_with("public/");
    let actions: Vec<&str> = actions.split(',').filter(may).collect();
    Some(json!({ "type": kind, "name": name, "actions": actions }))
}

impl Shared {
    fn token(&self, user: &str, access: &[Value]) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970").as_secs();
        let header = json!({ "typ": "JWT", "alg": "RS256", "x5c": [self.certificate] });
        let claims = json!({
            "iss": "testbed", "sub": user, "aud": "testbed", "jti": now.to_string(),
            "iat": now, "nbf": now - 10, "exp": now + 300, "access": access,
        });
        let signed = [header, claims].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let mut openssl = Command::new("openssl");
        openssl.args(["dgst", "-sha256", "-binary", "-sign"]).arg(&self.key);
        let mut openssl = openssl.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("openssl starts");
        openssl.stdin.take().expect("its input").write_all(signed.as_bytes()).expect("openssl reads");
        let signature = openssl.wait_with_output().expect("openssl ends").stdout;
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}
