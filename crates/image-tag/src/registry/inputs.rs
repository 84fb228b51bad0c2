//! The inputs of the modes that ask a registry.

use slipway_core::image::{ImageName, ImageReference};
use slipway_core::input::{InputKind, InputSpec, Reader};
use slipway_core::{Context, Error, ErrorKind, Host, Result, order};
use slipway_registry::{Client, Credentials, Login};

use super::immutable::ImmutableTags;
use super::promote::record::{self, Entry};

pub(crate) const FROM: InputSpec = InputSpec::new(
    "from",
    InputKind::Text,
    "Image that `promote` gives the tags to, as `name@sha256:…` or `name:tag`. Without it, `digest` in each of `images`.",
);
pub(crate) const IMMUTABLE_TAGS: InputSpec = InputSpec::new(
    "immutable-tags",
    InputKind::List,
    "Tags that never get another image, one pattern (`*`, `?`) a line. `versions` stands for whole versions such as `1.5.0` and \
     `v1.5.0-rc.1`, `none` for no tag.",
)
.default("versions");
pub(crate) const REFERRERS: InputSpec = InputSpec::new(
    "referrers",
    InputKind::Boolean,
    "Whether signatures, attestations and the like go along when `promote` copies to another repository.",
)
.default("true");
pub(crate) const UNDO: InputSpec = InputSpec::new(
    "undo",
    InputKind::Text,
    "The `json` output of an earlier `promote`, or of its `plan`: its tags get back what they pointed to before, and nothing else is promoted.",
);
pub(crate) const USERNAME: InputSpec = InputSpec::new(
    "registry-username",
    InputKind::Text,
    "User for the registry. Without it, the login of docker/login-action or `docker login`, or none.",
);
pub(crate) const PASSWORD: InputSpec =
    InputSpec::new("registry-password", InputKind::Secret, "Password or token for the registry.");
pub(crate) const INSECURE_REGISTRIES: InputSpec = InputSpec::new(
    "insecure-registries",
    InputKind::List,
    "Registries, `host` or `host:port`, that are spoken to without TLS; loopback always is.",
);

/// The inputs after parsing.
#[derive(Debug, Default)]
pub(crate) struct RegistryInputs {
    /// What is promoted.
    pub from: Option<ImageReference>,
    /// Which tags are never moved.
    pub immutable: ImmutableTags,
    /// Whether what refers to an image goes along.
    pub referrers: bool,
    /// What an earlier promotion did, which is to be undone.
    pub undo: Option<Vec<Entry>>,
    login: Option<Login>,
    insecure: Vec<String>,
}

/// Reads the inputs; `promotes` says whether the mode can use those of a promotion.
pub(crate) fn read(reader: &mut Reader, promotes: bool) -> RegistryInputs {
    let (from, undo) = (reader.optional(FROM.name), reader.optional(UNDO.name));
    for (name, given) in [(FROM.name, &from), (UNDO.name, &undo)] {
        if given.is_some() && !promotes {
            reader.refuse(name, Error::new(ErrorKind::InvalidInput, "it is for `mode: promote` and `plan` alone"));
        }
    }
    if from.is_some() && undo.is_some() {
        let both = Error::new(ErrorKind::InvalidInput, "it is given beside `undo`");
        reader.refuse(FROM.name, both.hint("promote, or undo a promotion, in a step of its own"));
    }
    let from = from.and_then(|text| reference(&text).map_err(|error| reader.refuse(FROM.name, error)).ok());
    let undo = undo.and_then(|text| record::parse(&text).map_err(|error| reader.refuse(UNDO.name, error)).ok());
    let patterns = reader.list(IMMUTABLE_TAGS.name);
    let immutable = ImmutableTags::parse(&patterns).map_err(|error| reader.refuse(IMMUTABLE_TAGS.name, error));
    let (user, password) = (reader.optional(USERNAME.name), reader.secret(PASSWORD.name));
    let missing = match (&user, &password) {
        (Some(_), None) => Some(PASSWORD.name),
        (None, Some(_)) => Some(USERNAME.name),
        _ => None,
    };
    if let Some(name) = missing {
        let half = Error::new(ErrorKind::InvalidInput, "it is needed, because the other half of the login is given");
        reader.refuse(name, half.hint(format!("add `{name}:` under `with:`; a secret that is not there is empty")));
    }
    let insecure = reader.list(INSECURE_REGISTRIES.name);
    for wrong in insecure.iter().filter(|entry| !is_registry(entry)) {
        let error = Error::new(ErrorKind::InvalidInput, format!("`{wrong}` is not a registry as images name it"));
        reader.refuse(
            INSECURE_REGISTRIES.name,
            error.hint("write a host, and its port if there is one: `registry.lan:5000`"),
        );
    }
    RegistryInputs {
        from,
        immutable: immutable.unwrap_or_default(),
        referrers: reader.boolean(REFERRERS.name),
        undo,
        login: user.zip(password).map(|(user, password)| Login::Password { user, password }),
        insecure,
    }
}

/// Whether a text can stand before the repository in the name of an image.
fn is_registry(text: &str) -> bool {
    format!("{text}/x").parse::<ImageName>().is_ok_and(|name| name.registry() == Some(text))
}

/// An image by name and digest or tag; the name in lower case, as `images` are.
fn reference(text: &str) -> Result<ImageReference> {
    let name = text.split('@').next().unwrap_or_default();
    let end = name.rfind(':').filter(|colon| !name[*colon..].contains('/')).unwrap_or(name.len());
    let (name, rest) = text.split_at(end);
    if ["sha256", "sha512"].contains(&name) {
        return Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` names no image"))
            .hint("write `name@sha256:…`, or give the digest as `digest`"));
    }
    format!("{}{rest}", name.to_lowercase()).parse()
}

impl RegistryInputs {
    /// Whether a login was given, and not left to Docker's configuration.
    pub(crate) fn has_login(&self) -> bool {
        self.login.is_some()
    }

    /// A client for the registries of these images.
    ///
    /// # Errors
    /// `InvalidInput` if there is one login for several registries, `InvalidFile` or `UnreadableFile` for Docker's configuration.
    pub(crate) async fn client<H: Host>(&self, context: &Context<H>, images: &[&ImageName]) -> Result<Client<H>> {
        let mut credentials = Credentials::read(&context.host).await?;
        if let Some(login) = &self.login {
            let mut registries: Vec<String> = images.iter().map(|image| image.complete().0).collect();
            order::sort(&mut registries);
            registries.dedup();
            let [registry] = registries.as_slice() else {
                let message = format!("`{}` is given for several registries: {}", USERNAME.name, registries.join(", "));
                return Err(Error::new(ErrorKind::InvalidInput, message)
                    .hint("log in to each with docker/login-action in steps before, and leave it out"));
            };
            credentials = credentials.with(registry, login.clone());
        }
        Ok(Client::new(context.host.clone(), credentials, self.insecure.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use slipway_core::host::scripted::ScriptedHost;

    use super::*;

    const SPECS: &[InputSpec] = &[FROM, IMMUTABLE_TAGS, REFERRERS, UNDO, USERNAME, PASSWORD, INSECURE_REGISTRIES];

    fn inputs(given: &[(&str, &str)]) -> Result<RegistryInputs> {
        let flags: BTreeMap<String, String> =
            given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let mut reader = Reader::new(SPECS, &ScriptedHost::new(&[]), &flags);
        let inputs = read(&mut reader, true);
        reader.finish().map(|()| inputs)
    }

    #[test]
    fn half_a_login_is_none() {
        for (given, missing) in [("registry-username", "registry-password"), ("registry-password", "registry-username")]
        {
            let error = inputs(&[(given, "x")]).unwrap_err();
            assert!(error.message().contains(&format!("input `{missing}`")), "{error}");
        }
        for wrong in [("from", "a b"), ("from", "x:"), ("referrers", "yes"), ("undo", "{}"), ("immutable-tags", "a/b")]
        {
            assert!(inputs(&[wrong]).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn registries_without_tls_are_named_as_in_images() {
        for right in ["registry.lan", "registry.lan:5000\n[2001:db8::1]:5000", "Registry.LAN", ""] {
            assert!(inputs(&[("insecure-registries", right)]).is_ok(), "{right}");
        }
        for wrong in ["http://registry.lan", "registry.lan/", "registry.lan/acme", "a.b c.d", "a.b,c.d", "registry"] {
            let error = inputs(&[("insecure-registries", wrong)]).unwrap_err();
            assert!(error.message().contains(&format!("`{wrong}` is not a registry")), "{error}");
        }
    }

    #[test]
    fn what_is_promoted_is_named_as_images_are() {
        let digest = format!("sha256:{}", "0f".repeat(32));
        for (given, expected) in [
            (format!("ghcr.io/Acme/Shop@{digest}"), format!("ghcr.io/acme/shop@{digest}")),
            ("localhost:5000/Shop:RC-1".into(), "localhost:5000/shop:RC-1".into()),
            ("[::1]:5000/acme/shop:rc".into(), "[::1]:5000/acme/shop:rc".into()),
            (format!("Shop:RC@{digest}"), format!("shop:RC@{digest}")),
        ] {
            assert_eq!(inputs(&[("from", &given)]).unwrap().from.unwrap().to_string(), expected);
        }
        let error = inputs(&[("from", &digest)]).unwrap_err();
        assert!(error.to_string().contains("give the digest as `digest`"), "{error}");
    }

    #[test]
    fn one_login_is_for_one_registry() {
        let inputs = inputs(&[("registry-username", "a"), ("registry-password", "b")]).unwrap();
        let mut reader =
            Reader::new(&[slipway_core::input::WORKING_DIRECTORY], &ScriptedHost::new(&[]), &BTreeMap::new());
        let client = |names: &[&str]| {
            let names: Vec<ImageName> = names.iter().map(|name| name.parse().unwrap()).collect();
            let host = ScriptedHost::new(&[]);
            let context = ScriptedHost::block_on(Context::read(host, &mut reader)).unwrap().unwrap();
            ScriptedHost::block_on(inputs.client(&context, &names.iter().collect::<Vec<_>>())).unwrap().err()
        };
        let mut client = client;
        assert!(client(&["acme/a", "docker.io/acme/b", "index.docker.io/acme/c"]).is_none());
        assert!(client(&["acme/a", "ghcr.io/acme/b"]).unwrap().message().contains("docker.io, ghcr.io"));
    }
}
