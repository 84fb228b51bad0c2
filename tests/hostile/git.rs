//! H03, H04, H15, H17–H20, H69: repositories and machines that an earlier step, or their author, prepared against us.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use slipway_core::git::{Argv, Expected, Git, RefName, RefUpdate};
use slipway_core::host::native::NativeHost;
use slipway_core::input::{GITHUB_TOKEN, InputSpec, Reader, WORKING_DIRECTORY};
use slipway_core::{Context, ErrorKind, Secret};
use tempfile::TempDir;
use testbed::{GitServer, Repository, Runner, run_action};

use crate::echo::program;
use crate::server::Server;

const INPUTS: &[InputSpec] = &[WORKING_DIRECTORY, GITHUB_TOKEN];

/// The surroundings of a run in this directory.
pub(crate) async fn context(directory: &Path) -> Context<NativeHost> {
    let host = NativeHost::new();
    let mut reader = Reader::new(INPUTS, &host, &Default::default());
    let mut context = Context::read(host, &mut reader).await.unwrap();
    context.directory = directory.to_str().unwrap().into();
    context
}

fn executable(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

/// A repository that names a program of its own wherever git lets it, and the folder where such a program leaves its mark.
fn prepared() -> (Repository, TempDir) {
    let (repository, marks) = (Repository::new(), TempDir::new().unwrap());
    let program = |name: &str| -> String {
        let path = marks.path().join("programs").join(name);
        executable(&path, &format!("#!/bin/sh\necho \"$0 $*\" >> {}/ran\ncat\n", marks.path().display()));
        path.to_str().unwrap().into()
    };
    repository.write(".gitattributes", "* diff=evil filter=evil merge=evil\n");
    repository.commit_files("feat: one", &[("a.txt", "one\n")]);
    repository.commit_files("feat: two", &[("a.txt", "two\n")]);
    for hook in
        ["pre-push", "reference-transaction", "post-index-change", "post-checkout", "pre-auto-gc", "fsmonitor-watchman"]
    {
        program(&format!("hooks/{hook}"));
        executable(
            &repository.path().join(".git/hooks").join(hook),
            &format!("#!/bin/sh\nexec {} \"$@\"\n", program(hook)),
        );
    }
    let hooks = marks.path().join("programs/hooks");
    let included = marks.path().join("included");
    let mut settings: Vec<(String, String)> = [
        "core.fsmonitor",
        "core.sshCommand",
        "core.gitProxy",
        "core.alternateRefsCommand",
        "core.pager",
        "core.editor",
        "core.askPass",
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "merge.evil.driver",
        "gpg.program",
        "gpg.ssh.program",
        "gpg.ssh.defaultKeyCommand",
        "credential.helper",
        "credential.http://127.0.0.1.helper",
        "pager.log",
        "pager.diff",
        "remote.origin.uploadpack",
        "remote.origin.receivepack",
        "uploadpack.packObjectsHook",
        "sequence.editor",
        "trailer.x.command",
        "trailer.x.cmd",
        "interactive.diffFilter",
        "ssh.variant",
        "http.proxyAuthMethod",
    ]
    .map(|key| (key.to_owned(), program(key)))
    .into();
    settings.truncate(settings.len() - 2);
    settings.extend(
        [
            ("core.hooksPath", hooks.to_str().unwrap()),
            ("alias.log", &format!("!{}", program("alias"))),
            ("alias.rev-parse", &format!("!{}", program("alias"))),
            ("protocol.ext.allow", "always"),
            ("protocol.allow", "always"),
            ("url.ext::sh.insteadOf", "http://nobody.test/"),
            ("remote.origin.url", &format!("ext::{} %S", program("ext"))),
            ("remote.helper.vcs", "evil"),
            ("log.showSignature", "true"),
            ("push.gpgSign", "if-asked"),
            ("gc.auto", "1"),
            ("gc.autoDetach", "false"),
            ("fetch.recurseSubmodules", "true"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned())),
    );
    for (key, value) in &settings {
        // Half of them come by an include that depends on the place.
        let file = if key.len() % 2 == 0 { included.clone() } else { repository.path().join(".git/config") };
        repository.git(&["config", "--file", file.to_str().unwrap(), "--add", key, value]);
    }
    let condition = format!("includeIf.gitdir:{}/.path", repository.path().display());
    repository.git(&["config", &condition, included.to_str().unwrap()]);
    std::fs::write(marks.path().join("ran"), "").unwrap();
    (repository, marks)
}

fn ran(marks: &TempDir) -> String {
    std::fs::read_to_string(marks.path().join("ran")).unwrap()
}

#[test]
fn h19_no_program_that_a_repository_names_is_run() {
    let (repository, marks) = prepared();
    // The traps are real: git alone falls into them.
    let _ = repository.try_git(&["diff", "HEAD~1", "HEAD"]);
    assert!(ran(&marks).contains("diff.evil.command"), "{}", ran(&marks));
    std::fs::write(marks.path().join("ran"), "").unwrap();

    let other = Repository::new();
    other.commit("feat: three");
    let bare = other.bare_clone();
    let alternates = repository.path().join(".git/objects/info/alternates");
    std::fs::write(alternates, format!("{}\n", bare.path().join("objects").display())).unwrap();
    let server = GitServer::start("token");
    let url = server.add("acme/shop", &bare);
    NativeHost::block_on(async {
        let context = context(repository.path()).await;
        let git = Git::open(&context).await.unwrap();
        let head = git.head().await.unwrap().unwrap();
        git.checked_out().await.unwrap().unwrap();
        git.local_tags().await.unwrap();
        git.is_shallow().await.unwrap();
        git.remote_url().await.unwrap();
        git.text(Argv::new("log").flag("--patch").flag("--stat").end_of_options().commit(&head)).await.unwrap();
        for subcommand in ["diff", "diff-tree", "show"] {
            let argv = Argv::new(subcommand).flag("--patch").end_of_options().revision("HEAD~1").revision("HEAD");
            git.text(argv).await.unwrap();
        }
        let main: RefName = "refs/heads/main".parse().unwrap();
        for address in [url.as_str(), bare.path().to_str().unwrap()] {
            let fetch = Argv::new("fetch").flag("--quiet").end_of_options().revision(address).reference(&main);
            git.text(fetch).await.unwrap();
            let target: RefName = "refs/heads/pushed".parse().unwrap();
            let update = RefUpdate { object: Some(head.clone()), target, expected: Expected::Absent };
            // Without the token the server asks for one: no helper may answer.
            let pushed = git.push(address, std::slice::from_ref(&update)).await;
            assert_eq!(pushed.is_ok(), address != url, "{pushed:?}");
            let found = git.remote_tags(address).await;
            assert_eq!(found.unwrap(), []);
        }
    })
    .unwrap();
    assert_eq!(ran(&marks), "");
}

#[test]
fn h03_h04_only_harmless_ways_to_a_remote_are_taken() {
    let (repository, marks) = prepared();
    let ran_it = marks.path().join("ran").to_str().unwrap().to_owned();
    for remote in [
        &format!("ext::sh -c echo% x>>{ran_it}"),
        "ssh://-oProxyCommand=id/x",
        "ssh://host.test/x",
        "git@host.test:x.git",
        "git://127.0.0.1/x",
        "fd::3",
        "evil::x",
        "helper",
        // By `insteadOf` this becomes `ext::sh`.
        "http://nobody.test/",
        "--upload-pack=touch x",
    ] {
        let failed = NativeHost::block_on(async {
            let context = context(repository.path()).await;
            Git::open(&context).await.unwrap().remote_tags(remote).await
        })
        .unwrap()
        .unwrap_err();
        assert!(matches!(failed.kind(), ErrorKind::Git | ErrorKind::NotFound), "{remote}: {failed}");
    }
    assert_eq!(ran(&marks), "");
    assert!(!repository.path().join("x").exists());
}

#[test]
fn h69_git_is_looked_for_outside_the_workspace() {
    let (workspace, marks) = (Repository::new(), TempDir::new().unwrap());
    workspace.commit("feat: one");
    let root = workspace.path().to_str().unwrap();
    let fake = format!("#!/bin/sh\necho \"$0\" >> {}/ran\nexit 1\n", marks.path().display());
    for place in ["git", "bin/git", "below/git", "below/bin/git"] {
        executable(&workspace.path().join(place), &fake);
    }
    std::fs::write(marks.path().join("ran"), "").unwrap();
    let usual = std::env::var("PATH").unwrap();
    for (path, below) in [
        (format!(".:{usual}"), ""),
        (format!(":{usual}"), ""),
        (format!("bin:{usual}"), ""),
        (format!("{root}/bin:{usual}"), ""),
        (format!("{root}:{usual}"), ""),
        (format!("{root}/:{usual}"), ""),
        (format!("/{root}/bin:{usual}"), ""),
        (format!("{root}/below/../bin:{usual}"), ""),
        (format!("{root}/./bin/:{usual}"), ""),
        (format!("/nowhere/../{root}/bin:{usual}"), ""),
        // The working directory is below the workspace, the program above it.
        (format!("{root}/bin:{usual}"), "below"),
        (format!("..:{usual}"), "below"),
        (".".to_owned(), ""),
        (String::new(), ""),
        (format!("{root}/bin"), "below"),
    ] {
        for runner in [Runner::Native, Runner::Node] {
            let workspace_with_slash = format!("{root}/");
            for workspace in [root, &workspace_with_slash] {
                let variables = [("PATH", path.as_str()), ("GITHUB_WORKSPACE", workspace)];
                let run = run_action(
                    runner,
                    "image-tag",
                    &[("working-directory", if below.is_empty() { "." } else { below })],
                    &variables,
                    Path::new(root),
                );
                assert_eq!(run.code, 0, "{path} {below} {runner:?}: {}{}", run.stdout, run.stderr);
                assert_eq!(std::fs::read_to_string(marks.path().join("ran")).unwrap(), "", "{path} {below} {runner:?}");
            }
        }
    }
}

#[test]
fn h69_git_gets_no_secret_in_its_arguments_and_none_of_the_runners() {
    let (workspace, marks) = (Repository::new(), TempDir::new().unwrap());
    workspace.commit("feat: one");
    let real =
        String::from_utf8(std::process::Command::new("sh").args(["-c", "command -v git"]).output().unwrap().stdout)
            .unwrap();
    let file = |name: &str| -> PathBuf { marks.path().join(name) };
    let spy = format!(
        "#!/bin/sh\necho \"$*\" >> {0}/argv\nenv >> {0}/environment\nexec {1} \"$@\"\n",
        marks.path().display(),
        real.trim()
    );
    executable(&file("bin/git"), &spy);
    let path = format!("{}:{}", file("bin").display(), std::env::var("PATH").unwrap());
    let variables = [
        ("PATH", path.as_str()),
        ("ACTIONS_RUNTIME_TOKEN", "secret-of-actions"),
        ("GH_TOKEN", "secret-of-gh"),
        ("GITHUB_TOKEN", "secret-of-github"),
        ("NODE_OPTIONS", ""),
        ("GIT_DIR", "/nowhere"),
        ("GIT_EXTERNAL_DIFF", "/evil"),
        ("GIT_SSH_COMMAND", "/evil"),
        ("GIT_CONFIG_PARAMETERS", "'core.pager'='evil'"),
        ("GIT_TRACE", "1"),
        ("INPUT_GITHUB-TOKEN", "secret-of-inputs"),
    ];
    for runner in [Runner::Native, Runner::Node] {
        let run = run_action(runner, "image-tag", &[], &variables, workspace.path());
        let log = format!("{}{}{}{:?}", run.stdout, run.stderr, run.summary, run.outputs);
        assert_eq!(run.code, 0, "{log}");
        let seen = |name: &str| std::fs::read_to_string(file(name)).unwrap();
        let basic = "c2VjcmV0"; // `secret`, as Base64 has it at some place
        assert!(!seen("argv").contains("secret") && !seen("argv").contains(basic), "{}", seen("argv"));
        assert!(!log.contains("secret-") && !log.contains(basic), "{log}");
        for hidden in
            ["secret-of", "ACTIONS_", "INPUT_", "GITHUB_OUTPUT", "GIT_DIR", "evil", "NODE_OPTIONS", "GIT_TRACE"]
        {
            assert!(!seen("environment").contains(hidden), "{hidden}: {}", seen("environment"));
        }
    }
}

#[test]
fn h20_what_is_no_usable_repository_is_named() {
    let empty = TempDir::new().unwrap();
    let at = |directory: &Path, variables: &[(&str, &str)]| {
        let place = directory.to_str().unwrap().to_owned();
        let mut all = vec![("GITHUB_WORKSPACE", place.as_str())];
        all.extend(variables);
        let (code, _, stderr) = program(&[("opens", "true")], &all, directory);
        (code, stderr)
    };
    let (code, said) = at(empty.path(), &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("is not in a git repository"), "{said}");

    let repository = Repository::new();
    repository.commit_files("feat: one", &[("below/a.txt", "a")]);
    let below = [("INPUT_WORKING-DIRECTORY", "below")];
    assert_eq!(at(repository.path(), &below).0, 0);

    for (directory, expected) in [
        ("missing", "`missing` is not a directory of the workspace"),
        ("below/a.txt", "`below/a.txt` is not a directory of the workspace"),
    ] {
        let (code, said) = at(repository.path(), &[("INPUT_WORKING-DIRECTORY", directory)]);
        assert_eq!(code, 2, "{said}");
        assert!(said.contains(expected), "{said}");
    }

    let submodule = Repository::new();
    submodule.write(".git-elsewhere", "");
    std::fs::rename(submodule.path().join(".git"), submodule.path().join("elsewhere")).unwrap();
    submodule.write(".git", "gitdir: elsewhere\n");
    assert_eq!(at(submodule.path(), &[]).0, 0);
    submodule.write(".git", "gitdir: /nowhere\n");
    let (code, said) = at(submodule.path(), &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("/nowhere"), "{said}");
    assert_eq!(at(repository.bare_clone().path(), &[]).0, 0);

    // The workspace belongs to somebody else, as in a container; only root can make it so.
    let foreign = |path: &Path| std::os::unix::fs::chown(path, Some(12345), None).is_ok();
    if !foreign(repository.path()) || !foreign(&repository.path().join(".git")) {
        return eprintln!("not tested: only root can give files away");
    }
    for variables in [&[][..], &below] {
        let (code, said) = at(repository.path(), variables);
        assert_eq!(code, 0, "{said}");
    }
    // A repository above the workspace is none of ours.
    let (code, said) = at(&repository.path().join("below"), &[]);
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("is not in a git repository"), "{said}");
}

#[test]
fn a_git_that_ignores_our_settings_is_not_used() {
    let (workspace, machine) = (Repository::new(), TempDir::new().unwrap());
    workspace.commit("feat: one");
    let usual = std::env::var("PATH").unwrap();
    // As git did before 2.31.
    let old = format!("#!/bin/sh\nunset GIT_CONFIG_COUNT\nPATH={usual}\nexec git \"$@\"\n");
    executable(&machine.path().join("git"), &old);
    let path = format!("{}:{usual}", machine.path().display());
    for runner in [Runner::Native, Runner::Node] {
        let run = run_action(runner, "image-tag", &[], &[("PATH", &path)], workspace.path());
        assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("::error::git is too old"), "{}", run.stdout);
    }
    for runner in [Runner::Native, Runner::Node] {
        let run = run_action(runner, "image-tag", &[], &[("GITHUB_WORKSPACE", "/nonexistent")], workspace.path());
        assert_eq!(run.code, 2, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("::error::the directory `/nonexistent` does not exist"), "{}", run.stdout);
    }
    // No git at all.
    let run = run_action(Runner::Native, "image-tag", &[], &[("PATH", "/nonexistent")], workspace.path());
    assert!(run.code == 3 && run.stdout.contains("::error::git is not installed"), "{}", run.stdout);
}

#[test]
fn the_token_goes_to_its_own_server_only() {
    let (repository, bare) = (Repository::new(), Repository::new());
    bare.commit("feat: one");
    let bare = bare.bare_clone();
    let [own, other] = [(); 2].map(|()| GitServer::start("ghs_secret"));
    let urls = [&own, &other].map(|server| server.add("acme/shop", &bare));
    let elsewhere = other.url();
    let sends_on = Server::start(move |head, mut connection| {
        let path = head.split(' ').nth(1).unwrap_or_default();
        connection.say(format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}{path}\r\ncontent-length: 0\r\n\r\n"));
    });
    NativeHost::block_on(async {
        let mut context = context(repository.path()).await;
        context.token = Some(Secret::new("ghs_secret".into()));
        context.environment.server_url = own.url();
        let git = Git::open(&context).await.unwrap();
        for url in &urls {
            git.remote_tags(url).await.unwrap();
        }
        context.environment.server_url = sends_on.url("");
        let git = Git::open(&context).await.unwrap();
        let moved = git.remote_tags(&sends_on.url("/acme/shop.git")).await.unwrap_err();
        assert!(moved.to_string().contains("the repository has moved"), "{moved}");
    })
    .unwrap();
    let tokens =
        |server: &GitServer| server.requests().iter().filter(|asked| asked.header("authorization").is_some()).count();
    assert!(tokens(&own) > 0 && sends_on.heads()[0].contains("Authorization: Basic "), "{:?}", sends_on.heads());
    assert_eq!(tokens(&other), 0, "{:?}", other.requests());
}

#[test]
fn a_password_in_an_address_is_not_told() {
    let repository = Repository::new();
    NativeHost::block_on(async {
        let mut context = context(repository.path()).await;
        context.token = Some(Secret::new("ghs_secret".into()));
        let git = Git::open(&context).await.unwrap();
        let url = "http://ada:hunter2@127.0.0.1:1/acme/shop.git";
        let failed = git.remote_tags(url).await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Network);
        assert!(!failed.to_string().contains("hunter2") && !failed.to_string().contains("secret"), "{failed}");
    })
    .unwrap();
    let said = "x https://ada:hunter2@h.test/x, http://token@h.test and a@b c://d e@f";
    let safe = slipway_core::text::log_safe(said);
    assert_eq!(safe, "x https://***@h.test/x, http://***@h.test and a@b c://d e@f");
}
