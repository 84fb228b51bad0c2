//! AWS for tests of the `aws` program: moto's server answers, but for what it does not model. ECS services whose deployments complete,
//! fail or hang, and the users that a listener sends to them, are a stand-in of ours.

mod fleet;
mod gateway;
mod listener;

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::binary::workspace;
use crate::real_registry::process::{Process, on_free_port};
use crate::real_registry::tools::not_run;
use crate::server::Server;

use fleet::Fleet;
use listener::Listeners;

/// Where `moto_server` and `aws` are, if not on the `PATH`.
const VARIABLE: &str = "SLIPWAY_AWS_TOOLS";
/// The one region that tests know.
const REGION: &str = "eu-central-1";

/// An account with nothing in it but what moto puts there: a VPC with subnets. Ended when it is dropped.
pub struct Aws {
    server: Server,
    tools: PathBuf,
    // The services end before the server that they were started by.
    shared: Arc<Shared>,
    _moto: Process,
}

struct Shared {
    moto: String,
    /// What users' requests are passed on by.
    client: Client<HttpConnector, Body>,
    fleet: Mutex<Fleet>,
    listeners: Mutex<Listeners>,
}

impl Aws {
    /// Starts it, if moto's server and the `aws` program are there; else it is said loudly that `test` was not run. Tasks are processes
    /// of `sample_service`, which behave as the layer of their image says.
    pub fn start(test: &str, sample_service: PathBuf) -> Option<Self> {
        let tools = std::env::var_os(VARIABLE).map_or_else(|| workspace().join("target/tools/aws/bin"), PathBuf::from);
        if !["moto_server", "aws"].iter().all(|program| tools.join(program).is_file()) {
            assert!(std::env::var_os(VARIABLE).is_none(), "`{VARIABLE}` names no moto_server");
            not_run(test, "no moto_server here; `cargo verify --only pipelines` provides it");
            return None;
        }
        let (moto, port) = on_free_port("moto_server", |port| {
            let mut command = Command::new(tools.join("moto_server"));
            command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
            command
        });
        let shared = Arc::new(Shared {
            moto: format!("http://127.0.0.1:{port}"),
            client: Client::builder(TokioExecutor::new()).build_http(),
            fleet: Mutex::new(Fleet::new(sample_service)),
            listeners: Mutex::default(),
        });
        let router = Router::new().fallback(gateway::answer).with_state(Arc::clone(&shared));
        Some(Self { server: Server::start("aws", router), tools, shared, _moto: moto })
    }

    /// Where users of a load balancer come in: its listener's weights say which service answers.
    pub fn users_url(&self, load_balancer: &str) -> String {
        format!("{}/users/{load_balancer}", self.server.url())
    }

    /// Where the tasks of a service are reached directly.
    pub fn tasks_url(&self, service: &str) -> String {
        format!("{}/tasks/{service}", self.server.url())
    }

    /// The variables that a program finds this account by, and `PATH` with the `aws` program first.
    pub fn environment(&self) -> Vec<(String, String)> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths([self.tools.clone()].into_iter().chain(std::env::split_paths(&path)));
        let path = path.expect("folders that can be in PATH").to_string_lossy().into_owned();
        let pairs = [
            ("AWS_ENDPOINT_URL", self.server.url()),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "no secret".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_PAGER", String::new()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("PATH", path),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value)).into()
    }

    /// Runs the `aws` program and gives what it prints.
    pub fn try_run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.tools.join("aws"));
        command.envs(self.environment()).args(arguments).args(["--output", "json"]);
        command.output().expect("the `aws` program starts")
    }

    /// Runs the `aws` program and gives its JSON; panics with its words when it fails.
    pub fn run(&self, arguments: &[&str]) -> Value {
        let output = self.try_run(arguments);
        assert!(output.status.success(), "aws {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap_or_default()
    }

    /// How often the `aws` program was told to change a service.
    pub fn updates(&self) -> usize {
        crate::lock(&self.shared.fleet).updates()
    }
}
