//! TLS, directly and through a proxy's tunnel, with an authority of our own. Needs the program `openssl`.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::hosts::both;
use crate::server::Server;

/// Prints its port, then answers every request with what it was asked.
const SERVER: &str = "
const options = { key: fs.readFileSync('leaf.key'), cert: fs.readFileSync('leaf.pem') };
const server = require('node:https').createServer(options, (request, answer) => {
  answer.setHeader('x-asked', `${request.headers.host}${request.url} ${request.headers['x-b']}`);
  answer.end(request.method);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
";

struct Secure {
    process: Child,
    port: String,
    authority: String,
    _directory: TempDir,
}

impl Secure {
    fn start() -> Option<Self> {
        let directory = TempDir::new().unwrap();
        let openssl = |line: &str| {
            let mut command = Command::new("openssl");
            command.args(line.split(' ')).current_dir(directory.path()).stderr(Stdio::null());
            command.status().ok().filter(|status| status.success())
        };
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        let file = |name: &str| directory.path().join(name);
        std::fs::write(file("extensions"), "subjectAltName=DNS:shop.test,IP:127.0.0.1\n").unwrap();
        openssl(&format!("req -x509 {key} -keyout ca.key -out ca.pem -days 2 -subj /CN=authority"))?;
        openssl(&format!("req {key} -keyout leaf.key -out leaf.csr -subj /CN=shop.test"))?;
        openssl(
            "x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out leaf.pem -days 2 -extfile extensions",
        )?;
        let (process, port) = listen(directory.path());
        let authority = std::fs::read_to_string(file("ca.pem")).unwrap();
        Some(Self { process, port, authority, _directory: directory })
    }

    fn get(&self, name: &str) -> Value {
        json!({
            "call": "exchange", "method": "POST", "url": format!("https://{name}:{}/x?y", self.port), "body": "",
            "headers": ["x-b", "c"], "addresses": ["127.0.0.1"], "proxy": null, "milliseconds": 5000, "bodyLimit": 1000,
            "authorities": self.authority,
        })
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn listen(directory: &Path) -> (Child, String) {
    let mut process = Command::new(testbed::node24().unwrap())
        .args(["-e", SERVER])
        .current_dir(directory)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut port = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
    (process, port.trim().into())
}

#[test]
fn certificates_are_checked_against_the_name() {
    let Some(server) = Secure::start() else { return eprintln!("not tested: there is no `openssl`") };
    let asked = |name: &str| {
        let text = format!("{name}:{}/x?y c", server.port);
        let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        json!({ "status": 200, "body": 4, "headers": { "x-asked": digits } })
    };
    let changed = |name: &str, key: &str, value: Value| {
        let mut call = server.get(name);
        call[key] = value;
        call
    };
    assert_eq!(both(|| server.get("shop.test")), asked("shop.test"));
    assert_eq!(both(|| server.get("127.0.0.1")), asked("127.0.0.1"));
    assert_eq!(both(|| server.get("other.test")), json!({ "error": "network" }));
    assert_eq!(both(|| changed("shop.test", "authorities", Value::Null)), json!({ "error": "network" }));

    let target = format!("127.0.0.1:{}", server.port);
    let proxy = Server::start(move |_, mut connection| {
        connection.say("HTTP/1.1 200 Connection established\r\n\r\n");
        connection.tunnel(&target);
    });
    let through = |name: &str| changed(name, "proxy", format!("http://ada:word@{}", proxy.address()).into());
    assert_eq!(both(|| through("shop.test")), asked("shop.test"));
    assert_eq!(both(|| through("127.0.0.1")), asked("127.0.0.1"));
    assert_eq!(both(|| through("other.test")), json!({ "error": "network" }));
    for head in proxy.heads() {
        let head = head.to_ascii_lowercase();
        // `ada:word`
        assert!(head.contains("proxy-authorization: basic ywrhondvcmq=\r\n") && !head.contains("x-b"), "{head}");
    }
}
