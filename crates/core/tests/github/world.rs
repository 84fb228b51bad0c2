//! A repository on the stand-in, and a client that talks to it natively.

use std::collections::BTreeMap;
use std::future::Future;

use slipway_core::git::{CommitId, RefName, TagName};
use slipway_core::github::{Client, RepositoryName};
use slipway_core::host::native::NativeHost;
use slipway_core::input::{GITHUB_TOKEN, InputSpec, Reader, WORKING_DIRECTORY};
use slipway_core::{Context, Error, ErrorKind, Result, Secret};
use testbed::{BareRepository, GitHub, HostedRepository, Repository};

const INPUTS: &[InputSpec] = &[WORKING_DIRECTORY, GITHUB_TOKEN];
pub(crate) const TOKEN: &str = "ghs_token";
pub(crate) const SHOP: &str = "acme/shop";

pub(crate) struct World {
    pub(crate) github: GitHub,
    pub(crate) bare: BareRepository,
    pub(crate) work: Repository,
}

impl World {
    /// One that knows what `prepare` makes of an empty repository.
    pub(crate) fn new(prepare: impl FnOnce(&Repository)) -> Self {
        let work = Repository::new();
        prepare(&work);
        let bare = work.bare_clone();
        let github = GitHub::start();
        github.require_token(TOKEN);
        github.add(HostedRepository::new(SHOP).git(&bare));
        Self { github, bare, work }
    }

    /// Pushes what was committed since.
    pub(crate) fn push(&self) {
        self.work.git(&["push", "--quiet", "--all", self.bare.path().to_str().expect("a UTF-8 path")]);
    }

    /// The head of the working tree.
    pub(crate) fn head(&self) -> CommitId {
        id(&self.work.head())
    }

    /// What the client's method gives.
    pub(crate) fn ask<T, F: Future<Output = Result<T>>>(
        &self,
        act: impl FnOnce(Client, RepositoryName) -> F,
    ) -> Result<T> {
        self.ask_at(&self.github.api_url(), act)
    }

    /// The same with another base of the API.
    pub(crate) fn ask_at<T, F: Future<Output = Result<T>>>(
        &self,
        api: &str,
        act: impl FnOnce(Client, RepositoryName) -> F,
    ) -> Result<T> {
        let host = NativeHost::new();
        NativeHost::block_on(async {
            let mut reader = Reader::new(INPUTS, &host, &BTreeMap::new());
            let mut context = Context::read(host.clone(), &mut reader).await?;
            context.environment.api_url = api.into();
            context.token = Some(Secret::new(TOKEN.to_owned()));
            act(Client::new(&context)?, SHOP.parse()?).await
        })?
    }

    /// Methods and paths of the requests so far, without the base.
    pub(crate) fn requests(&self) -> Vec<String> {
        let told = |request: testbed::Recorded| format!("{} {}", request.method, request.path.replace("/api/v3", ""));
        self.github.requests().into_iter().map(told).collect()
    }
}

/// Takes the error that must be, of this kind, and gives its whole text.
pub(crate) fn refused<T: std::fmt::Debug>(kind: ErrorKind, result: Result<T>) -> String {
    let error: Error = result.expect_err("a refusal");
    assert_eq!(error.kind(), kind, "{error}");
    error.to_string()
}

pub(crate) fn id(text: &str) -> CommitId {
    text.parse().expect("an id")
}

pub(crate) fn ref_name(text: &str) -> RefName {
    text.parse().expect("a ref")
}

pub(crate) fn tag(text: &str) -> TagName {
    text.parse().expect("a tag")
}
