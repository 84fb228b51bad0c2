//! Logins: from the inputs, from the variable `DOCKER_AUTH_CONFIG`, and from the file that `docker login` writes.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};
use slipway_core::{Error, ErrorKind, Host, Result, Secret};

/// The largest configuration file.
const LIMIT: u64 = 1024 * 1024;

/// A way to show a registry who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// A user and a password, or a token in a password's place.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: Secret<String>,
    },
    /// A token that the registry's token server exchanges for others (OAuth 2.0's refresh token), as `az acr login` leaves it.
    Identity(Secret<String>),
    /// A token for the registry itself.
    Registry(Secret<String>),
}

/// Where GitLab's jobs have a configuration of Docker's, which wins over the file.
const VARIABLE: &str = "DOCKER_AUTH_CONFIG";

/// The logins that are known, by registry.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    given: Vec<(String, Login)>,
    /// The first that has a login wins.
    configurations: Vec<Configuration>,
}

/// A configuration of Docker's.
#[derive(Clone, Debug)]
struct Configuration {
    /// The file or the variable that holds it.
    place: String,
    content: Map<String, Value>,
}

impl Credentials {
    /// Reads the `auths` of Docker's configuration: of `DOCKER_AUTH_CONFIG`, and of `config.json` in `DOCKER_CONFIG`, else in `.docker` of
    /// the home directory. No configuration is no login.
    ///
    /// # Errors
    /// `InvalidFile` if a configuration is not a JSON object, or `UnreadableFile`.
    pub async fn read<H: Host>(host: &H) -> Result<Self> {
        let variable = |name: &str| host.variable(name).filter(|value| !value.is_empty());
        let mut credentials = Self::default();
        if let Some(content) = variable(VARIABLE) {
            credentials.configurations.push(Configuration::parse(content.as_bytes(), VARIABLE.into())?);
        }
        let home = || Some(format!("{}/.docker", variable("HOME").or_else(|| variable("USERPROFILE"))?));
        let Some(directory) = variable("DOCKER_CONFIG").or_else(home) else { return Ok(credentials) };
        let file = format!("{directory}/config.json");
        match host.read(&file, LIMIT).await {
            Ok(bytes) => credentials.configurations.push(Configuration::parse(&bytes, file)?),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.context("the logins of Docker")),
        }
        Ok(credentials)
    }

    /// Adds a login that wins over those of Docker. The registry is the host with its port, `docker.io` for Docker Hub.
    #[must_use]
    pub fn with(mut self, registry: &str, login: Login) -> Self {
        self.given.push((canonical(registry), login));
        self
    }

    /// The login for a registry, if there is one.
    ///
    /// # Errors
    /// `InvalidFile` if a configuration has an entry for it that cannot be understood.
    pub(crate) fn login(&self, registry: &str) -> Result<Option<Login>> {
        Ok(self.found(registry)?.map(|(_, login)| login))
    }

    /// The login for a registry with the configuration that has it; with none if it was given.
    fn found(&self, registry: &str) -> Result<Option<(Option<&Configuration>, Login)>> {
        if let Some((_, login)) = self.given.iter().find(|(name, _)| name == registry) {
            return Ok(Some((None, login.clone())));
        }
        for configuration in &self.configurations {
            if let Some(login) = configuration.login(registry)? {
                return Ok(Some((Some(configuration), login)));
            }
        }
        Ok(None)
    }

    /// What can be done about a registry that refuses us.
    pub(crate) fn advice(&self, registry: &str) -> String {
        match self.found(registry) {
            Ok(Some((None, _))) => {
                return "check `registry-username` and `registry-password`, and what rights they give".into();
            }
            Ok(Some((Some(Configuration { place, .. }), _))) => {
                return format!("check the login for `{registry}` in `{place}`, and what rights it gives");
            }
            Ok(None) | Err(_) => {}
        }
        let helper = |configuration: &Configuration| {
            let helper = configuration.helper(registry)?;
            Some(format!(
                "`{}` leaves the login to the credential helper `{helper}`, a program that is not run here: set \
                 `registry-username` and `registry-password`",
                configuration.place
            ))
        };
        if let Some(advice) = self.configurations.iter().find_map(helper) {
            return advice;
        }
        "nobody is logged in: run docker/login-action in a step before, or set `registry-username` and `registry-password`"
            .into()
    }
}

impl Configuration {
    /// Reads a configuration. As for Docker, an empty one holds nothing.
    fn parse(bytes: &[u8], place: String) -> Result<Self> {
        if bytes.trim_ascii().is_empty() {
            return Ok(Self { place, content: Map::new() });
        }
        // What the parser says of it could show a part of a password.
        let Ok(Value::Object(content)) = serde_json::from_slice(bytes) else {
            return Err(Error::new(ErrorKind::InvalidFile, format!("`{place}` is not a JSON object"))
                .hint("log in again with `docker login`, or set `DOCKER_CONFIG` to another directory"));
        };
        Ok(Self { place, content })
    }

    fn login(&self, registry: &str) -> Result<Option<Login>> {
        let Some(Value::Object(entries)) = self.content.get("auths") else { return Ok(None) };
        // A host by its very name wins over an address of the same host.
        let exact = entries.get(registry).into_iter();
        let others = entries.iter().filter(|(key, _)| canonical(key) == registry).map(|(_, entry)| entry);
        for entry in exact.chain(others) {
            if let Some(login) = entry_login(entry).map_err(|why| {
                Error::new(ErrorKind::InvalidFile, format!("`{}`: the login for `{registry}` {why}", self.place))
                    .hint(format!("log in again with `docker login {registry}`"))
            })? {
                return Ok(Some(login));
            }
        }
        Ok(None)
    }

    fn helper(&self, registry: &str) -> Option<&str> {
        let own = self.content.get("credHelpers").and_then(Value::as_object).and_then(|helpers| {
            helpers.iter().find(|(key, _)| canonical(key) == registry).and_then(|(_, helper)| helper.as_str())
        });
        own.or_else(|| self.content.get("credsStore")?.as_str()).filter(|helper| !helper.is_empty())
    }
}

/// The registry that a key of `auths` means: a host, or an address such as `https://index.docker.io/v1/`.
fn canonical(key: &str) -> String {
    let host = key.split_once("://").map_or(key, |(_, rest)| rest);
    let host = host.split('/').next().unwrap_or_default().to_ascii_lowercase();
    match host.as_str() {
        "index.docker.io" | "registry-1.docker.io" => "docker.io".into(),
        _ => host,
    }
}

fn entry_login(entry: &Value) -> std::result::Result<Option<Login>, &'static str> {
    let text = |key: &str| entry[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(token) = text("registrytoken") {
        return Ok(Some(Login::Registry(Secret::new(token))));
    }
    if let Some(token) = text("identitytoken") {
        return Ok(Some(Login::Identity(Secret::new(token))));
    }
    if let Some(encoded) = text("auth") {
        let decoded = BASE64_STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let (user, password) = decoded
            .as_deref()
            .and_then(|pair| pair.split_once(':'))
            .ok_or("has an `auth` that is not the Base64 form of `user:password`")?;
        let password = Secret::new(password.trim_end_matches('\0').to_owned());
        return Ok(Some(Login::Password { user: user.into(), password }));
    }
    Ok(text("username").zip(text("password")).map(|(user, password)| {
        let password = Secret::new(password);
        Login::Password { user, password }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use slipway_core::host::scripted::ScriptedHost;

    fn read(content: &str) -> Result<Credentials> {
        let host = ScriptedHost::new(&[("HOME", "/home/ada")]).file("/home/ada/.docker/config.json", content);
        ScriptedHost::block_on(Credentials::read(&host)).unwrap()
    }

    fn password(user: &str, password: &str) -> Login {
        Login::Password { user: user.into(), password: Secret::new(password.into()) }
    }

    #[test]
    fn every_kind_of_entry_is_understood() {
        let credentials = read(
            r#"{"auths": {
                "https://index.docker.io/v1/": {"auth": "YWRhOnBhc3M6d29yZA=="},
                "https://ghcr.io": {"username": "ada", "password": "p"},
                "acme.azurecr.io": {"auth": "MDAwMDAwMDA6", "identitytoken": "refresh"},
                "registry.lan:5000": {"registrytoken": "bearer"},
                "[::1]:5000": {"auth": "YTpiAAA="},
                "empty.example": {}
            }}"#,
        )
        .unwrap();
        for (registry, login) in [
            ("docker.io", Some(password("ada", "pass:word"))),
            ("ghcr.io", Some(password("ada", "p"))),
            ("acme.azurecr.io", Some(Login::Identity(Secret::new("refresh".into())))),
            ("registry.lan:5000", Some(Login::Registry(Secret::new("bearer".into())))),
            ("[::1]:5000", Some(password("a", "b"))),
            ("empty.example", None),
            ("quay.io", None),
        ] {
            assert_eq!(credentials.login(registry).unwrap(), login, "{registry}");
        }
        let given = credentials.with("index.docker.io", password("bob", "q"));
        assert_eq!(given.login("docker.io").unwrap(), Some(password("bob", "q")));
    }

    #[test]
    fn a_helper_is_named_only_where_nothing_else_fits() {
        let credentials = read(
            r#"{"auths": {"ghcr.io": {"auth": "YTpi"}},
                "credHelpers": {"1.dkr.ecr.eu-west-1.amazonaws.com": "ecr-login"}, "credsStore": "desktop"}"#,
        )
        .unwrap();
        assert_eq!(credentials.login("ghcr.io").unwrap(), Some(password("a", "b")));
        assert!(!credentials.advice("ghcr.io").contains("helper"));
        assert!(credentials.advice("1.dkr.ecr.eu-west-1.amazonaws.com").contains("`ecr-login`"));
        assert!(credentials.advice("quay.io").contains("`desktop`"));
        assert!(Credentials::default().advice("quay.io").contains("nobody is logged in"));
    }

    #[test]
    fn a_variable_wins_over_the_file() {
        let variable = r#"{"auths": {"ghcr.io": {"auth": "YzpkAA=="}}}"#;
        let file = r#"{"auths": {"ghcr.io": {"auth": "YTpi"}, "quay.io": {"auth": "YTpi"}}, "credsStore": "desktop"}"#;
        let host = ScriptedHost::new(&[("HOME", "/home/ada"), ("DOCKER_AUTH_CONFIG", variable)]);
        let host = host.file("/home/ada/.docker/config.json", file);
        let credentials = ScriptedHost::block_on(Credentials::read(&host)).unwrap().unwrap();
        assert_eq!(credentials.login("ghcr.io").unwrap(), Some(password("c", "d")));
        assert_eq!(credentials.login("quay.io").unwrap(), Some(password("a", "b")));
        assert!(credentials.advice("ghcr.io").contains("in `DOCKER_AUTH_CONFIG`"));
        assert!(
            credentials.advice("gcr.io").contains("config.json` leaves the login to the credential helper `desktop`")
        );
        let host = ScriptedHost::new(&[("DOCKER_AUTH_CONFIG", "{")]);
        let error = ScriptedHost::block_on(Credentials::read(&host)).unwrap().unwrap_err();
        assert!(error.message().contains("`DOCKER_AUTH_CONFIG` is not a JSON object"), "{error}");
    }

    #[test]
    fn an_empty_file_holds_no_login() {
        for content in ["", " \n", "{}"] {
            assert_eq!(read(content).unwrap().login("ghcr.io").unwrap(), None, "{content:?}");
        }
    }

    #[test]
    fn a_file_that_is_none_shows_nothing_of_itself() {
        for content in ["{\"auths\": {\"hunter2\"", "[]", "null"] {
            let error = read(content).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidFile);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
        for auth in ["%%%", "YWRh"] {
            let credentials = read(&format!(r#"{{"auths": {{"ghcr.io": {{"auth": "{auth}"}}}}}}"#)).unwrap();
            let error = credentials.login("ghcr.io").unwrap_err();
            assert!(error.message().contains("not the Base64 form") && !error.message().contains(auth), "{error}");
        }
        let host = ScriptedHost::new(&[("DOCKER_CONFIG", "/none")]);
        assert_eq!(ScriptedHost::block_on(Credentials::read(&host)).unwrap().unwrap().login("x").unwrap(), None);
    }
}
