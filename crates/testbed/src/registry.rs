//! An OCI registry in memory: the OCI Distribution Specification 1.1 over HTTP.

mod image;
mod routes;
mod store;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::response::Response;
use sha2::{Digest, Sha256};

use crate::lock;
use crate::server::Server;
use crate::traffic::{Answer, Recorded, Traffic};

pub use image::{pull, push_over_http};
use store::Store;

/// The OCI image manifest.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The OCI image index: one manifest per platform, or a list of referrers.
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A registry: blobs, manifests, tags and referrers, with every uploaded byte checked against its digest.
pub struct Registry {
    shared: Arc<Shared>,
    server: Server,
}

struct Shared {
    store: Mutex<Store>,
    traffic: Traffic,
    login: Mutex<Option<(String, String)>>,
    incidents: Mutex<Vec<Incident>>,
}

/// What happens when a request comes.
struct Incident {
    method: String,
    path: String,
    /// How many such requests pass before.
    passing: usize,
    effect: Effect,
}

/// What happens instead of an answer, or right before it.
#[derive(Clone, Debug)]
pub enum Effect {
    /// The request is answered so.
    Answer(Answer),
    /// Somebody else gives a tag of a repository another digest; then the request is answered as always.
    Tag {
        /// The repository.
        repository: String,
        /// The tag.
        tag: String,
        /// A manifest that is there.
        digest: String,
    },
}

impl Registry {
    /// Starts an empty registry that anyone may read and write.
    pub fn start() -> Self {
        let (store, traffic) = (Mutex::default(), Traffic::default());
        let shared = Arc::new(Shared { store, traffic, login: Mutex::default(), incidents: Mutex::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        Self { shared, server: Server::start("registry", router) }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// `127.0.0.1:PORT`, as it stands in an image reference.
    pub fn host(&self) -> String {
        self.server.address().to_string()
    }

    /// From now on a tag that exists cannot be given another digest; such a push is answered as ECR does.
    pub fn make_tags_immutable(&self) {
        lock(&self.shared.store).immutable_tags = true;
    }

    /// From now on every request needs a token, which `/token` gives for this user and password (the Docker token flow).
    pub fn require_login(&self, user: &str, password: &str) {
        *lock(&self.shared.login) = Some((user.to_owned(), password.to_owned()));
    }

    /// From now on there is no referrers API, as before version 1.1 of the specification.
    pub fn forget_referrers(&self) {
        lock(&self.shared.store).has_referrers = false;
    }

    /// From now on no blob is mounted from another repository; an upload begins instead.
    pub fn refuse_mounts(&self) {
        lock(&self.shared.store).mounts = false;
    }

    /// When a request comes with this method (any, if it is empty) and a path that contains `path`, after `passing` others of them, `effect` happens, once.
    pub fn when(&self, method: &str, path: &str, passing: usize, effect: Effect) {
        let incident = Incident { method: method.to_owned(), path: path.to_owned(), passing, effect };
        lock(&self.shared.incidents).push(incident);
    }

    /// Answers each of the next `times` requests with `answer`.
    pub fn answer_next(&self, times: usize, answer: Answer) {
        self.shared.traffic.script(times, answer);
    }

    /// Every request so far; bodies are not kept.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.traffic.log()
    }

    /// Stores an image of one layer, `payload`, under `tag`, labelled with the source `revision`, and gives its digest.
    pub fn push(&self, repository: &str, tag: &str, payload: impl Into<Vec<u8>>, revision: &str) -> String {
        let image = image::Image::new(payload.into(), revision, "amd64");
        self.store(repository, &image, tag)
    }

    /// Stores one image per architecture and an index of them under `tag`, and gives the index's digest.
    pub fn push_index(
        &self,
        repository: &str,
        tag: &str,
        payload: impl Into<Vec<u8>>,
        revision: &str,
        architectures: &[&str],
    ) -> String {
        let payload = payload.into();
        let stored = architectures.iter().map(|architecture| {
            let image = image::Image::new(payload.clone(), revision, architecture);
            let digest = digest(&image.manifest);
            self.store(repository, &image, &digest);
            (*architecture, digest, image.manifest.len())
        });
        let index = image::index(&stored.collect::<Vec<_>>());
        lock(&self.shared.store).put_manifest(repository, tag, INDEX, index.into()).expect("a valid index").digest
    }

    /// Stores an artifact (a signature, an SBOM) that refers to the manifest `subject`, and gives its digest.
    pub fn attach(&self, repository: &str, subject: &str, artifact_type: &str, payload: impl Into<Vec<u8>>) -> String {
        // A referrer may be pushed before what it is about.
        let size = lock(&self.shared.store).manifest(repository, subject).map_or(0, |manifest| manifest.bytes.len());
        let artifact = image::Image::artifact(payload.into(), artifact_type, (subject, size));
        let digest = digest(&artifact.manifest);
        self.store(repository, &artifact, &digest)
    }

    /// The digest that `reference`, a tag or a digest, has in `repository`.
    pub fn digest(&self, repository: &str, reference: &str) -> Option<String> {
        lock(&self.shared.store).manifest(repository, reference).ok().map(|manifest| manifest.digest)
    }

    /// The tags of `repository`, sorted; none when there is no such repository.
    pub fn tags(&self, repository: &str) -> Vec<String> {
        lock(&self.shared.store).tags(repository).unwrap_or_default()
    }

    fn store(&self, repository: &str, image: &image::Image, reference: &str) -> String {
        let mut store = lock(&self.shared.store);
        for blob in [&image.config, &image.layer] {
            store.put_blob(repository, &digest(blob), blob.clone().into()).expect("a valid blob");
        }
        let manifest = image.manifest.clone().into();
        let stored = store.put_manifest(repository, reference, MANIFEST, manifest);
        stored.unwrap_or_else(|failure| panic!("push to `{repository}`: {}", failure.message)).digest
    }
}

/// `sha256:` and the lower-case hexadecimal digest of `bytes`.
pub fn digest(bytes: &[u8]) -> String {
    let hexadecimal: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hexadecimal}")
}

impl Shared {
    /// Lets what waits for this request happen; gives the answer if that is it.
    fn meet_incident(&self, request: &axum::http::request::Parts) -> Option<Response> {
        let path = request.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        let mut incidents = lock(&self.incidents);
        let place = incidents
            .iter()
            .position(|it| (it.method.is_empty() || request.method.as_str() == it.method) && path.contains(&it.path))?;
        if incidents[place].passing > 0 {
            incidents[place].passing -= 1;
            return None;
        }
        match incidents.remove(place).effect {
            Effect::Answer(answer) => Some(answer.into_response()),
            Effect::Tag { repository, tag, digest } => {
                lock(&self.store).move_tag(&repository, &tag, &digest);
                None
            }
        }
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(scripted) = shared.traffic.meet(Recorded::new(&parts, Bytes::new())) {
        return scripted;
    }
    if let Some(answer) = shared.meet_incident(&parts) {
        return answer;
    }
    let login = lock(&shared.login).clone();
    if let Some((user, password)) = login
        && let Some(refusal) = routes::check_login(&parts, &user, &password)
    {
        return refusal;
    }
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return Answer::status(400).body("the body ended early").into_response();
    };
    routes::answer(&shared.store, &parts, body)
}

#[cfg(test)]
mod tests;
