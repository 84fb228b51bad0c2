//! The only place where a name becomes an argument of git.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use url::Url;

use super::{CommitId, RefName};
use crate::PathPattern;

/// The arguments of one git command. Options are constants of ours; what comes from elsewhere follows `--end-of-options` or stands
/// behind the `=` of an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argv {
    subcommand: &'static str,
    settings: Vec<String>,
    arguments: Vec<String>,
    credentials: Option<Credentials>,
}

/// What an address says about who asks. It reaches git through its environment: argument lists can be read by every process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Credentials {
    /// The address without them.
    pub(super) url: String,
    /// The header that carries them.
    pub(super) header: String,
}

impl Argv {
    /// Starts with the subcommand.
    pub fn new(subcommand: &'static str) -> Self {
        let argv = Self { subcommand, settings: Vec::new(), arguments: vec![subcommand.into()], credentials: None };
        // Those that can show differences would have the repository's own programs make them.
        let shows_differences = ["diff", "diff-files", "diff-index", "diff-tree", "log", "show"].contains(&subcommand);
        if shows_differences { argv.flag("--no-ext-diff").flag("--no-textconv") } else { argv }
    }

    /// The subcommand, for messages.
    pub fn subcommand(&self) -> &'static str {
        self.subcommand
    }

    /// Sets a configuration variable for this command alone: `name=value`.
    #[must_use]
    pub fn setting(mut self, setting: &'static str) -> Self {
        self.settings.extend(["-c".into(), setting.into()]);
        self
    }

    /// Adds an option without a value, or a word of ours.
    #[must_use]
    pub fn flag(mut self, flag: &'static str) -> Self {
        self.arguments.push(flag.into());
        self
    }

    /// Adds an option with its value in one argument: `--name=value`.
    #[must_use]
    pub fn option(mut self, name: &'static str, value: &str) -> Self {
        self.arguments.push(format!("{name}={value}"));
        self
    }

    /// Ends the options: nothing after it is taken for one.
    #[must_use]
    pub fn end_of_options(self) -> Self {
        self.flag("--end-of-options")
    }

    /// Adds a qualified ref.
    #[must_use]
    pub fn reference(self, name: &RefName) -> Self {
        self.revision(name.as_str())
    }

    /// Adds a commit.
    #[must_use]
    pub fn commit(self, id: &CommitId) -> Self {
        self.revision(id.as_str())
    }

    /// Adds the commits of one but not of another: `from..to`.
    #[must_use]
    pub fn range(self, from: &CommitId, to: &CommitId) -> Self {
        self.revision(&format!("{from}..{to}"))
    }

    /// Leaves out a commit and all that leads to it: `^id`.
    #[must_use]
    pub fn without(self, id: &CommitId) -> Self {
        self.revision(&format!("^{id}"))
    }

    /// Adds the commits that only one of two has: `left...right`.
    #[must_use]
    pub fn difference(self, left: &CommitId, right: &CommitId) -> Self {
        self.revision(&format!("{left}...{right}"))
    }

    /// Adds an operand that was validated by its maker, such as an address or an object inside a commit. It must come after
    /// [`Argv::end_of_options`] unless it cannot begin with a hyphen.
    #[must_use]
    pub fn revision(mut self, operand: &str) -> Self {
        self.arguments.push(operand.into());
        self
    }

    /// Adds the address of a remote; a user name and a password in it stay out of the argument list.
    #[must_use]
    pub fn remote(mut self, address: &str) -> Self {
        self.credentials = credentials(address);
        let url = self.credentials.as_ref().map(|credentials| credentials.url.clone());
        self.revision(url.as_deref().unwrap_or(address))
    }

    /// Adds paths, taken literally.
    #[must_use]
    pub fn paths<'a>(mut self, paths: impl IntoIterator<Item = &'a str>) -> Self {
        self.arguments.push("--".into());
        self.arguments.extend(paths.into_iter().map(|path| format!(":(literal,top){path}")));
        self
    }

    /// Adds patterns of paths, from the top of the repository, and patterns of what is left out of them.
    #[must_use]
    pub fn patterns<'a>(
        mut self,
        include: impl IntoIterator<Item = &'a PathPattern>,
        exclude: impl IntoIterator<Item = &'a PathPattern>,
    ) -> Self {
        self.arguments.push("--".into());
        for pattern in include {
            self.arguments.extend(pathspecs("top", pattern));
        }
        for pattern in exclude {
            self.arguments.extend(pathspecs("top,exclude", pattern));
        }
        self
    }

    pub(super) fn credentials(&self) -> Option<&Credentials> {
        self.credentials.as_ref()
    }

    pub(super) fn into_arguments(self) -> Vec<String> {
        [self.settings, self.arguments].concat()
    }
}

/// A pattern in git's spelling. Git matches a glob against whole paths only, so what is below has one of its own.
fn pathspecs(magic: &str, pattern: &PathPattern) -> Vec<String> {
    if pattern.is_literal() {
        return vec![format!(":({magic},literal){pattern}")];
    }
    let escaped = pattern.as_str().replace('[', "\\[");
    vec![format!(":({magic},glob){escaped}"), format!(":({magic},glob){escaped}/**")]
}

/// Takes the user name and the password out of an address, if there are any.
pub(super) fn credentials(address: &str) -> Option<Credentials> {
    let mut url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let plain = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let pair = [plain(url.username()), plain(url.password().unwrap_or_default())].join(&b':');
    let header = format!("Authorization: Basic {}", BASE64_STANDARD.encode(pair));
    // An address with a user has a host, so that neither can fail.
    let _ = (url.set_username(""), url.set_password(None));
    Some(Credentials { url: url.into(), header })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_spelled_as_git_does() {
        let pattern = |text: &str| text.parse::<PathPattern>().unwrap();
        let argv = Argv::new("log").patterns(&[pattern("-a"), pattern("[b]/*")], &[pattern(":!c")]);
        assert_eq!(
            argv.into_arguments()[3..],
            ["--", ":(top,literal)-a", ":(top,glob)\\[b]/*", ":(top,glob)\\[b]/*/**", ":(top,exclude,literal):!c"]
        );
    }

    #[test]
    fn passwords_stay_out_of_argument_lists() {
        let argv = |address: &str| Argv::new("ls-remote").remote(address);
        let secret = argv("https://ada:s%20e:c@git.example:8443/a/b.git");
        let taken = secret.credentials().unwrap().clone();
        assert_eq!(taken.url, "https://git.example:8443/a/b.git");
        assert_eq!(taken.header, format!("Authorization: Basic {}", BASE64_STANDARD.encode("ada:s e:c")));
        assert_eq!(secret.into_arguments(), ["ls-remote", "https://git.example:8443/a/b.git"]);
        for plain in ["https://git.example/a", "/srv/git/a@b.git", "ssh://git@git.example/a", "git@git.example:a"] {
            assert_eq!(argv(plain).credentials(), None);
            assert_eq!(argv(plain).into_arguments(), ["ls-remote", plain]);
        }
    }

    #[test]
    fn settings_come_before_the_subcommand() {
        let argv = Argv::new("fetch").flag("--quiet").setting("fetch.negotiationAlgorithm=noop").option("--depth", "1");
        assert_eq!(argv.subcommand(), "fetch");
        assert_eq!(argv.into_arguments(), ["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--quiet", "--depth=1"]);
    }
}
