//! A config repository behind a real git server, and a context to reach it with.

use std::collections::BTreeMap;

use slipway_core::context::Context;
use slipway_core::host::native::NativeHost;
use slipway_core::input::{GITHUB_TOKEN, Reader, WORKING_DIRECTORY};
use slipway_core::{Result, Secret};
use slipway_gitops::{ConfigLocation, ConfigRepository, Release, Target};
use testbed::{BareRepository, GitServer, Repository};

pub(crate) struct World {
    pub(crate) bare: BareRepository,
    pub(crate) server: GitServer,
    pub(crate) location: ConfigLocation,
    pub(crate) context: Context<NativeHost>,
}

pub(crate) const FILE: &str = "envs/production/shop.yaml";

impl Drop for World {
    fn drop(&mut self) {
        let _ = NativeHost::block_on(self.context.discard_kept());
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let work = Repository::new();
        work.commit_files(
            "chore: begin",
            &[
                (FILE, "image: shop:1.3.0\nreplicas: 2\n"),
                ("envs/production/cart.yaml", "image: cart:2.0.0\n"),
                ("README.md", "# Config\n"),
            ],
        );
        let bare = work.bare_clone();
        let server = GitServer::start("s3cret");
        let url = server.add("acme/config", &bare);
        let location = ConfigLocation::at(url.parse().unwrap(), None);
        let context = context(&server.url());
        Self { bare, server, location, context }
    }

    /// Visits the config repository.
    pub(crate) fn visit<T>(&self, work: impl AsyncFnOnce(&ConfigRepository<'_, NativeHost>) -> Result<T>) -> Result<T> {
        NativeHost::block_on(ConfigRepository::visit(&self.context, &self.location, work)).unwrap()
    }

    /// Commits to the branch as somebody else.
    pub(crate) fn commit_elsewhere(&self, message: &str, files: &[(&str, &str)]) -> String {
        let work = Repository::clone_from(self.bare.path().to_str().unwrap(), None);
        let id = work.commit_files(message, files);
        work.git(&["push", "--quiet", "origin", "HEAD"]);
        id
    }
}

fn context(server: &str) -> Context<NativeHost> {
    let host = NativeHost::new();
    let mut reader = Reader::new(&[WORKING_DIRECTORY, GITHUB_TOKEN], &host, &BTreeMap::new());
    let mut context = NativeHost::block_on(Context::read(host, &mut reader)).unwrap().unwrap();
    context.environment.server_url = server.into();
    context.token = Some(Secret::new("s3cret".into()));
    context
}

pub(crate) fn target() -> Target {
    Target { environment: "production".parse().unwrap(), component: "shop".parse().unwrap() }
}

pub(crate) fn release(version: &str) -> Release {
    let digit = version.bytes().last().unwrap() as char;
    Release {
        component: "shop".parse().unwrap(),
        version: version.parse().unwrap(),
        images: vec![format!("ghcr.io/acme/shop:{version}@sha256:{}", digit.to_string().repeat(64)).parse().unwrap()],
        environment: "production".parse().unwrap(),
        source_commit: None,
        workflow_run: None,
    }
}
