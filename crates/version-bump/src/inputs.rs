//! The inputs of version-bump.

use semver::{BuildMetadata, Version};
use slipway_core::git::BranchName;
use slipway_core::input::{GITHUB_TOKEN, InputKind, InputSpec, Reader, WORKING_DIRECTORY};
use slipway_core::text::{log_safe, one_line};
use slipway_core::{ComponentName, Error, ErrorKind, PathPattern, Result, Secret};

use crate::changelog::Changelog;
use crate::channels::Channels;
use crate::component::{Dependencies, Paths};
use crate::preview::Method;
use crate::release::dispatch::Dispatch;
use crate::release::floating::Span;
use crate::release::signing;
use crate::release::template::Template;
use crate::rules::{BranchRules, ReleaseRules, Rules};
use crate::several::{self, Wanted};
use crate::tags::TagPrefix;
use crate::version::{Bump, ZeroMajor};
use crate::version_files::VersionFiles;

/// The message of a release commit, of the whole repository and of a component.
const MESSAGE: &str = "chore(release): {{version}}";
const MESSAGE_OF_COMPONENT: &str = "chore(release): {{component}} {{version}}";

/// The table of inputs.
pub(crate) const INPUTS: &[InputSpec] = &[
    InputSpec::mode(
        &["plan", "tag", "release", "pull-request", "backtest"],
        "`plan` decides and writes nothing; `tag` also pushes the release tag; `release` commits version files, tags, and publishes the release on GitHub; `pull-request` keeps a release pull request, and does the same once it is merged; `backtest` replays every past release and writes nothing. On pull requests and in merge queues it is always `plan`.",
    ),
    InputSpec::new(
        "tag-prefix",
        InputKind::Text,
        "What stands before the version in a release tag, taken literally but for `{{component}}`. An empty string means tags such as \
         `1.5.0`. With `component`, `v` means `{{component}}/v`.",
    )
    .default("v"),
    InputSpec::new(
        "component",
        InputKind::List,
        "The part of the repository to release, such as `api`: it has tags and a history of its own. Several of them, one a line, or \
         `*` for all that `slipway.toml` has, can be planned together.",
    ),
    InputSpec::new(
        "paths",
        InputKind::List,
        "Paths and globs, from the top of the repository: only commits that change one of them count. `!` leaves out what a path \
         covers. Without it, those of the component in `slipway.toml`.",
    ),
    InputSpec::new(
        "dependencies",
        InputKind::Choice(&["patch", "same", "none"]),
        "What a commit that releases something for a dependency of the component, within the repository, makes of the component: \
         a `patch`, the `same` as of the dependency, or `none`.",
    )
    .default("patch"),
    InputSpec::new("initial-version", InputKind::Text, "The version of the first release.").default("0.1.0"),
    InputSpec::new(
        "bump",
        InputKind::Choice(&["auto", "major", "minor", "patch"]),
        "`auto` goes by the commits; the others release that step whatever the commits say.",
    )
    .default("auto"),
    InputSpec::new("version", InputKind::Text, "The next version, decided by a person instead of by the commits."),
    InputSpec::new(
        "allow-major",
        InputKind::Boolean,
        "Whether a major version may be released. One is held until this is `true`.",
    )
    .default("false"),
    InputSpec::new(
        "zero-major",
        InputKind::Choice(&["major", "minor", "cargo"]),
        "What a breaking change makes of 0.3.1: `major` makes 1.0.0, `minor` makes 0.4.0; so does `cargo`, where a feature makes 0.3.2.",
    )
    .default("major"),
    InputSpec::new(
        "parsing",
        InputKind::Choice(&["lenient", "strict"]),
        "`strict` ignores commits with anything that Conventional Commits 1.0 forbids; `lenient` does not let a bad body hide a good header.",
    )
    .default("lenient"),
    InputSpec::new(
        "release-rules",
        InputKind::List,
        "How far types raise the version, one rule a line: `perf=patch`, `docs(readme)=patch`, `*=patch`, `breaking=minor`.",
    ),
    InputSpec::new(
        "branch-rules",
        InputKind::List,
        "How far branches raise the version, one rule a line: `feature/*=minor`, `hotfix/*=patch`. The highest of all sources wins.",
    ),
    InputSpec::new(
        "channels",
        InputKind::List,
        "The branches that release, one a line: `main`, `next=rc` for pre-releases, `1.x=maintenance`. Empty means every branch.",
    ),
    InputSpec::new(
        "branch",
        InputKind::Text,
        "The branch to go by in `channels` and `branch-rules`; by default the one that started the run, or that is checked out.",
    ),
    InputSpec::new("build-metadata", InputKind::Text, "What stands after the `+` of a new version, such as `build.7`."),
    InputSpec::new(
        "minimum-bump-command",
        InputKind::Text,
        "Command for `sh` whose last line is `none`, `patch`, `minor` or `major`: the version rises at least so far.",
    ),
    InputSpec::new(
        "version-files",
        InputKind::List,
        "The files that hold the version: `auto` finds those that have the last one; `none`; or a line each, `path` or `path#key.path`.",
    )
    .default("auto"),
    InputSpec::new(
        "changelog",
        InputKind::Text,
        "The changelog that gets a section: `auto` is `CHANGELOG.md` if there is one; `none`; or a path, which is created.",
    )
    .default("auto"),
    InputSpec::new(
        "merge-method",
        InputKind::Choice(&["auto", "merge", "squash", "rebase"]),
        "How pull requests are merged, for what is said on them. `auto` takes the method of auto-merge, else the first that the \
         repository allows, in this order.",
    )
    .default("auto"),
    InputSpec::new(
        "comment",
        InputKind::Boolean,
        "Whether what merging would release is also told in a comment on the pull request, which is kept up to date.",
    )
    .default("false"),
    InputSpec::new(
        "commit-message",
        InputKind::Text,
        "First line of the release commit's message, in which `{{version}}`, `{{tag}}` and `{{component}}` are filled in. With \
         `component`, the default has that before the version.",
    )
    .default(MESSAGE),
    InputSpec::new(
        "signing-key",
        InputKind::Secret,
        "Private SSH key that signs the tag and the release commit. Without it they are signed if git is configured to.",
    ),
    InputSpec::new(
        "floating-tags",
        InputKind::List,
        "Tags that lead to the newest stable release: `major` for `v1`, `minor` for `v1.2`. They only move forward.",
    ),
    InputSpec::new("assets", InputKind::List, "Files to upload to the release on GitHub, one path or glob (`*`, `?`, `**`) a line, from the working directory."),
    InputSpec::new(
        "dispatch",
        InputKind::List,
        "What to start once the release is out, one a line: `deploy.yml version={{version}}`, or `owner/name event-type`.",
    ),
    InputSpec::new(
        "reason",
        InputKind::Text,
        "Why a person releases now: it stands in the message of the tag and of the release commit, beside who started the run.",
    ),
    InputSpec::new(
        "evidence",
        InputKind::Text,
        "What shows that the release is good, such as the digest of a bundle of reports: it stands there too.",
    ),
    InputSpec::new(
        "history",
        InputKind::Choice(&["git", "api"]),
        "Where tags and commits are read: with `git`, in the clone and from its remote; with `api`, over GitHub's API, which needs no \
         checkout and knows no `paths`.",
    )
    .default("git"),
    WORKING_DIRECTORY,
    GITHUB_TOKEN,
];

/// Whether to release, or only to say what would be released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Decide.
    Plan,
    /// Decide and push the tag.
    Tag,
    /// Decide, commit, tag and publish.
    Release,
    /// Propose a release, and carry it out once it is merged.
    PullRequest,
    /// Decide, and replay every past release.
    Backtest,
}

impl Mode {
    /// Whether it writes.
    pub(crate) fn acts(self) -> bool {
        !matches!(self, Self::Plan | Self::Backtest)
    }
}

/// Where tags and commits are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HistorySource {
    /// In the clone and from its remote.
    Git,
    /// Over GitHub's API.
    Api,
}

/// The inputs after parsing.
#[derive(Clone, Debug)]
pub struct Inputs {
    pub(crate) mode: Mode,
    pub(crate) history: HistorySource,
    pub(crate) prefix: TagPrefix,
    /// The prefix as it was given.
    tag_prefix: String,
    /// What is released.
    pub(crate) wanted: Wanted,
    /// The paths that count.
    pub(crate) paths: Option<Paths>,
    pub(crate) rules: Rules,
    pub(crate) request: Request,
    pub(crate) allow_major: bool,
    pub(crate) channels: Channels,
    pub(crate) branch: Option<BranchName>,
    pub(crate) minimum_bump_command: Option<String>,
    pub(crate) version_files: VersionFiles,
    pub(crate) changelog: Changelog,
    /// How pull requests are merged, if a person says so.
    pub(crate) merge_method: Option<Method>,
    /// Whether a preview is commented on the pull request.
    pub(crate) comment: bool,
    pub(crate) commit_message: Template,
    pub(crate) signing_key: Option<Secret<String>>,
    pub(crate) floating_tags: Vec<Span>,
    pub(crate) assets: Vec<PathPattern>,
    pub(crate) dispatches: Vec<Dispatch>,
    /// Why a person releases, on one line that runners and terminals only show.
    pub(crate) reason: Option<String>,
    /// What shows that it is good, in the same way.
    pub(crate) evidence: Option<String>,
}

impl Inputs {
    /// The component that is released, if it is not all of the repository.
    pub(crate) fn component(&self) -> Option<&ComponentName> {
        self.wanted.one()
    }

    /// The same for one of several components.
    ///
    /// # Errors
    /// `InvalidInput` if no tag can begin with its name.
    pub(crate) fn of(&self, component: &ComponentName) -> Result<Self> {
        let prefix = TagPrefix::of(Some(component), &self.tag_prefix)?;
        Ok(Self { wanted: Wanted::One(component.clone()), prefix, ..self.clone() })
    }
}

/// Who decides how far the version rises.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// The commits.
    Auto,
    /// A person, by the step.
    Bump(Bump),
    /// A person, by the version.
    Version(Version),
}

pub(crate) fn read(reader: &mut Reader) -> Option<Inputs> {
    let modes = [
        ("plan", Mode::Plan),
        ("tag", Mode::Tag),
        ("release", Mode::Release),
        ("pull-request", Mode::PullRequest),
        ("backtest", Mode::Backtest),
    ];
    let mode = reader.choice("mode", &modes);
    let wanted = Wanted::read(reader);
    let paths = paths(reader);
    let history = reader.choice("history", &[("git", HistorySource::Git), ("api", HistorySource::Api)]);
    if history == Some(HistorySource::Api) && (wanted != Wanted::Whole || paths.is_some()) {
        let message = "GitHub's API does not tell which merges brought a change of `paths` in";
        let hint = "leave out `history`: a shallow clone is enough, and a few kilobytes more are fetched";
        reader.refuse("history", Error::new(ErrorKind::InvalidInput, message).hint(hint));
    }
    let dependencies = reader.choice("dependencies", &Dependencies::WORDS);
    let prefix = if reader.given("tag-prefix") == Some("") { String::new() } else { reader.text("tag-prefix") };
    let tag_prefix = prefix;
    if wanted.is_many() {
        several::check(reader, mode, &tag_prefix);
    }
    // Of several components each has a prefix of its own; whether one can be made is the same for all.
    let any = wanted.is_many().then(|| "component".parse().ok()).flatten();
    let prefix = TagPrefix::of(wanted.one().or(any.as_ref()), &tag_prefix)
        .map_err(|error| reader.refuse("tag-prefix", error))
        .ok();
    let initial = version(reader, "initial-version");
    let bumps = [
        ("auto", Request::Auto),
        ("major", Request::Bump(Bump::Major)),
        ("minor", Request::Bump(Bump::Minor)),
        ("patch", Request::Bump(Bump::Patch)),
    ];
    let words: Vec<(&str, &Request)> = bumps.iter().map(|(word, request)| (*word, request)).collect();
    let bump = reader.choice("bump", &words).cloned();
    let explicit = version(reader, "version");
    if explicit.is_some() && bump.as_ref().is_some_and(|bump| *bump != Request::Auto) {
        let both = "`version` is set too, and only one of them can decide";
        reader.refuse("bump", Error::new(ErrorKind::InvalidInput, both).hint("leave out `bump` or `version`"));
    }
    let allow_major = reader.boolean("allow-major");
    let zero_major = [("major", ZeroMajor::Major), ("minor", ZeroMajor::Minor), ("cargo", ZeroMajor::Cargo)];
    let zero_major = reader.choice("zero-major", &zero_major);
    let is_strict = reader.choice("parsing", &[("lenient", false), ("strict", true)]);
    let release = lines(reader, "release-rules", ReleaseRules::parse);
    let branches = lines(reader, "branch-rules", BranchRules::parse);
    let channels = lines(reader, "channels", Channels::parse);
    let branch = reader.parsed("branch");
    let build = build(reader, explicit.as_ref());
    let minimum_bump_command = reader.optional("minimum-bump-command");
    let version_files = lines(reader, "version-files", VersionFiles::parse);
    let changelog = lines(reader, "changelog", Changelog::parse);
    let methods = [Method::Merge, Method::Squash, Method::Rebase].map(|method| (method.word(), Some(method)));
    let merge_method = reader.choice("merge-method", &[&[("auto", None)][..], &methods].concat());
    let comment = reader.boolean("comment");
    let commit_message = match reader.text("commit-message") {
        usual if usual == MESSAGE && wanted != Wanted::Whole => MESSAGE_OF_COMPONENT.parse().ok(),
        _ => reader.parsed("commit-message"),
    };
    let signing_key = reader.secret("signing-key");
    if let Some(Err(error)) = signing_key.as_ref().map(signing::check) {
        reader.refuse("signing-key", error);
    }
    let (floating_tags, assets) = (reader.parsed_list("floating-tags"), reader.parsed_list("assets"));
    let dispatches = reader.parsed_list("dispatch");
    let [reason, evidence] =
        ["reason", "evidence"].map(|name| reader.optional(name).map(|text| log_safe(&one_line(&text))));
    let request = explicit.map(Request::Version).or(bump)?;
    let rules = Rules {
        initial: initial?,
        zero_major: zero_major?,
        build: build?,
        is_strict: is_strict?,
        release: release?,
        branches: branches?,
        dependencies: dependencies?,
    };
    let (mode, history, prefix, channels) = (mode?, history?, prefix?, channels?);
    let (version_files, changelog, merge_method) = (version_files?, changelog?, merge_method?);
    Some(Inputs {
        mode,
        history,
        prefix,
        tag_prefix,
        wanted,
        paths,
        rules,
        request,
        allow_major,
        channels,
        branch,
        minimum_bump_command,
        version_files,
        changelog,
        merge_method,
        comment,
        commit_message: commit_message?,
        signing_key,
        floating_tags,
        assets,
        dispatches,
        reason,
        evidence,
    })
}

fn paths(reader: &mut Reader) -> Option<Paths> {
    let entries = reader.list("paths");
    if entries.is_empty() {
        return None;
    }
    Paths::read(entries.iter().map(String::as_str)).map_err(|error| reader.refuse("paths", error)).ok()
}

fn version(reader: &mut Reader, name: &str) -> Option<Version> {
    let text = reader.optional(name)?;
    let invalid = |error| {
        Error::new(ErrorKind::InvalidInput, format!("`{text}` is not a version: {error}"))
            .hint("write `MAJOR.MINOR.PATCH` as SemVer has it, without the tag's prefix, such as `1.5.0`")
    };
    Version::parse(&text).map_err(|error| reader.refuse(name, invalid(error))).ok()
}

/// A list whose errors name the line.
fn lines<T>(reader: &mut Reader, name: &str, parse: impl Fn(&str) -> Result<T>) -> Option<T> {
    parse(&reader.text(name)).map_err(|error| reader.refuse(name, error)).ok()
}

fn build(reader: &mut Reader, explicit: Option<&Version>) -> Option<BuildMetadata> {
    let text = reader.text("build-metadata");
    let refuse = |why: String, hint: &str| Error::new(ErrorKind::InvalidInput, why).hint(hint);
    let build = match BuildMetadata::new(&text) {
        Ok(build) => build,
        Err(error) => {
            let why = format!("`{text}` cannot stand after the `+` of a version: {error}");
            reader.refuse("build-metadata", refuse(why, "write letters, digits and hyphens, with dots between them"));
            return None;
        }
    };
    if !build.is_empty() && explicit.is_some_and(|version| !version.build.is_empty()) {
        let why = "`version` has build metadata too".into();
        reader.refuse("build-metadata", refuse(why, "leave out one of them"));
    }
    Some(build)
}
