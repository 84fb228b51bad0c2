//! H33–H44: what config-updater does in a working tree that somebody prepared against it.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::{ActionRun, Repository, Runner, run_action};

use crate::messages::assert_harmless;

const RUNNERS: [Runner; 2] = [Runner::Native, Runner::Node];

/// Runs config-updater in a world of its own for each runner; both must say the same. Gives the run and one of the worlds.
#[track_caller]
pub(crate) fn edit(world: impl Fn(&Path), inputs: &[(&str, &str)]) -> (ActionRun, TempDir) {
    let all: Vec<(&str, &str)> = [("mode", "write")].iter().chain(inputs).copied().collect();
    let mut runs = RUNNERS.map(|runner| {
        let directory = TempDir::with_prefix("edits-").unwrap();
        world(directory.path());
        let mut run = run_action(runner, "config-updater", &all, &[], directory.path());
        assert_harmless(&run);
        for text in run.outputs.values_mut() {
            *text = text.replace(directory.path().to_str().unwrap(), "WORKSPACE");
        }
        let left = Command::new("find").arg(directory.path()).args(["-name", ".slipway-*"]).output().unwrap().stdout;
        assert_eq!(String::from_utf8_lossy(&left), "", "{runner:?} leaves files behind");
        (run, directory)
    });
    let [(native, _), (node, _)] = &runs;
    assert_eq!(
        (native.code, &native.outputs),
        (node.code, &node.outputs),
        "{inputs:?}: {}{}",
        native.stdout,
        node.stdout
    );
    let (run, directory) = &mut runs[0];
    (run.clone(), std::mem::replace(directory, TempDir::new().unwrap()))
}

pub(crate) fn put(directory: &Path, path: &str, content: impl AsRef<[u8]>) {
    let file = directory.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, content).unwrap();
}

pub(crate) fn kind(run: &ActionRun) -> String {
    let json: Value = serde_json::from_str(run.output("json")).unwrap();
    json["error"]["kind"].as_str().unwrap_or_default().into()
}

fn set(file: &str) -> String {
    json!([{ "file": file, "op": "set", "path": "tag", "value": "v2" }]).to_string()
}

/// An ordinary file, and outside of the workspace another one.
fn ordinary(directory: &Path) {
    put(directory, "a.yaml", "tag: v1\n");
}

#[test]
fn h33_h36_h37_paths_that_no_edit_may_take() {
    for path in [
        "../../etc/passwd",
        "/etc/passwd",
        "C:\\x",
        "\\\\srv\\x",
        "a\nb",
        ".git/hooks/post-checkout",
        ".GIT/config",
        "git~1",
        ".git /config",
        "sub/.git/config",
        ".github/workflows/ci.yml",
        ".GitHub/Workflows/*.yml",
    ] {
        let world = |directory: &Path| {
            ordinary(directory);
            put(directory, ".github/workflows/ci.yml", "tag: v1\n");
        };
        let value = format!("{path}#tag=v2");
        let changes = set(path);
        let mut ways = vec![vec![("changes", changes.as_str())]];
        if !path.contains('\n') {
            ways.push(vec![("values", value.as_str())]);
            ways.push(vec![("images", "acme/shop:2"), ("files", path)]);
        }
        for inputs in ways {
            let (run, directory) = edit(world, &inputs);
            assert_eq!((run.code, kind(&run).as_str()), (2, "forbidden-path"), "{inputs:?}: {}", run.stdout);
            assert_eq!(std::fs::read(directory.path().join(".github/workflows/ci.yml")).unwrap(), b"tag: v1\n");
        }
    }
    let globs = |directory: &Path| {
        ordinary(directory);
        put(directory, ".github/workflows/ci.yml", "tag: v1\n");
        put(directory, ".git/x.yaml", "tag: v1\n");
    };
    let (run, directory) = edit(globs, &[("values", "**/*.y*ml#tag=v2")]);
    assert_eq!((run.code, run.output("files")), (0, "a.yaml"), "{}", run.stdout);
    assert_eq!(std::fs::read(directory.path().join(".git/x.yaml")).unwrap(), b"tag: v1\n");
}

#[test]
fn h34_h35_no_edit_goes_through_a_link() {
    let outside = TempDir::new().unwrap();
    put(outside.path(), "x.yaml", "tag: v1\n");
    let world = |directory: &Path| {
        put(directory, "real/x.yaml", "tag: v1\n");
        put(directory, ".git/config.yaml", "tag: v1\n");
        symlink(outside.path().join("x.yaml"), directory.join("file.yaml")).unwrap();
        symlink(".git/config.yaml", directory.join("git.yaml")).unwrap();
        symlink(outside.path(), directory.join("folder")).unwrap();
        symlink("real", directory.join("inside")).unwrap();
        symlink("loop.yaml", directory.join("loop.yaml")).unwrap();
    };
    for path in ["file.yaml", "git.yaml", "folder/x.yaml", "inside/x.yaml", "loop.yaml"] {
        let (run, _) = edit(world, &[("changes", &set(path))]);
        assert_eq!((run.code, kind(&run).as_str()), (2, "forbidden-path"), "{path}: {}", run.stdout);
    }
    for glob in ["folder/*.yaml", "inside/**"] {
        let (run, _) = edit(world, &[("changes", &set(glob))]);
        assert_eq!((run.code, kind(&run).as_str()), (2, "forbidden-path"), "{glob}: {}", run.stdout);
    }
    let (run, _) = edit(world, &[("changes", &set("**/*.yaml"))]);
    assert_eq!((run.code, run.output("files")), (0, "real/x.yaml"), "{}", run.stdout);
    assert_eq!(std::fs::read(outside.path().join("x.yaml")).unwrap(), b"tag: v1\n");
}

#[test]
fn h38_h39_names_are_data() {
    let names = ["-rf.yaml", "a b$(id).yaml", ":(exclude)a.yaml", "🚀.yaml", "'\"`.yaml", "#.yaml", "a;b&&c|d.yaml"];
    let world = |directory: &Path| {
        names.iter().for_each(|name| put(directory, name, "tag: v1\n"));
        put(directory, "c\n::error::b.yaml", "tag: v1\n");
        put(directory, "d\u{202e}.yaml", "tag: v1\n");
    };
    for name in names {
        let (run, directory) = edit(world, &[("changes", &set(name))]);
        assert_eq!((run.code, run.output("files")), (0, name), "{}", run.stdout);
        let changed = |name: &str| std::fs::read(directory.path().join(name)).unwrap() == b"tag: v2\n";
        assert_eq!(names.iter().filter(|name| changed(name)).count(), 1, "{name}");
    }
    // A name with a line break is no path of ours; any other is, and told with its hidden characters shown.
    let (run, directory) = edit(world, &[("changes", &set("*.yaml"))]);
    assert_eq!(run.output("files").lines().count(), names.len() + 1, "{}", run.stdout);
    assert_eq!(std::fs::read(directory.path().join("c\n::error::b.yaml")).unwrap(), b"tag: v1\n");
    for magic in [":/", ":(exclude)b*", ":!a.yaml", ":(glob)**", ":(top)a.yaml"] {
        let (run, _) = edit(world, &[("changes", &set(magic))]);
        assert_eq!((run.code, kind(&run).as_str()), (2, "not-found"), "{magic}: {}", run.stdout);
    }
}

#[test]
fn h38_h39_names_are_data_for_git_too() {
    let names = ["-rf.yaml", "a b$(id).yaml", ":(exclude)a.yaml", "🚀.yaml"];
    for runner in RUNNERS {
        let work = Repository::new();
        work.commit_files("chore: begin", &names.map(|name| (name, "tag: v1\n")));
        let bare = work.bare_clone();
        let remote = bare.path().to_str().unwrap();
        for name in names {
            let changes = set(name);
            let inputs = [
                ("mode", "push"),
                ("changes", changes.as_str()),
                ("version", "2"),
                ("environment", "production"),
                ("component", "shop"),
                ("config-repository", remote),
            ];
            let run = run_action(runner, "config-updater", &inputs, &[], work.path());
            assert_eq!(run.code, 0, "{runner:?} {name}: {}", run.stdout);
            assert_eq!(bare.read("main", name).unwrap(), "tag: v2\n");
        }
        assert_eq!(bare.log("main").len(), 1 + names.len());
    }
}

#[test]
fn h40_only_ordinary_files_of_a_sane_size_are_edited() {
    let world = |directory: &Path| {
        ordinary(directory);
        std::fs::create_dir(directory.join("folder.yaml")).unwrap();
        assert!(Command::new("mkfifo").arg(directory.join("pipe.yaml")).status().unwrap().success());
        std::fs::File::create(directory.join("sparse.yaml")).unwrap().set_len(4 << 30).unwrap();
    };
    for (path, expected) in [
        ("folder.yaml", "unreadable-file"),
        ("pipe.yaml", "unreadable-file"),
        ("sparse.yaml", "unreadable-file"),
        ("nothing.yaml", "not-found"),
        ("a.yaml/b", "unreadable-file"),
    ] {
        let (run, _) = edit(world, &[("changes", &set(path))]);
        assert_eq!((run.code, kind(&run).as_str()), (2, expected), "{path}: {}", run.stdout);
    }
}

#[test]
fn h41_bytes_stay_or_the_file_is_refused() {
    let utf16: Vec<u8> = "tag: v1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let with_mark = [&[0xff, 0xfe][..], &utf16].concat();
    for (content, expected) in [
        (&b"a: 1\r\ntag: v1 # x\r\n"[..], Some(&b"a: 1\r\ntag: v2 # x\r\n"[..])),
        (b"\xef\xbb\xbftag: v1\n", Some(b"\xef\xbb\xbftag: v2\n")),
        (b"tag: v1", Some(b"tag: v2")),
        (b"tag:\tv1\t#\tx\n", Some(b"tag:\tv2\t#\tx\n")),
        (b"a: 1\r\nb: 2\ntag: v1\r\n", Some(b"a: 1\r\nb: 2\ntag: v2\r\n")),
        (b"a:\n\tb: 1\ntag: v1\n", None),
        (b"tag: v1\0\n", None),
        (b"tag: v1 # Stra\xdfe\n", None),
        (&utf16, None),
        (&with_mark, None),
    ] {
        let (run, directory) = edit(|directory| put(directory, "a.yaml", content), &[("changes", &set("a.yaml"))]);
        let found = std::fs::read(directory.path().join("a.yaml")).unwrap();
        assert_eq!(run.code == 0, expected.is_some(), "{content:?}: {}", run.stdout);
        assert_eq!(found, expected.unwrap_or(content), "{content:?}");
    }
}

#[test]
fn h42_a_file_that_cannot_be_written_leaves_all_as_they_were() {
    let world = |directory: &Path| {
        ["a.yaml", "b.yaml", "c.yaml"].iter().for_each(|name| put(directory, name, "tag: v1\n"));
        std::fs::set_permissions(directory.join("b.yaml"), PermissionsExt::from_mode(0o444)).unwrap();
    };
    let (run, directory) = edit(world, &[("changes", &set("*.yaml"))]);
    assert_eq!((run.code, kind(&run).as_str()), (3, "io"), "{}", run.stdout);
    assert!(run.stdout.contains("b.yaml") && run.stdout.contains("no file was changed"), "{}", run.stdout);
    for name in ["a.yaml", "b.yaml", "c.yaml"] {
        assert_eq!(std::fs::read(directory.path().join(name)).unwrap(), b"tag: v1\n", "{name}");
    }
}

#[test]
fn h42_a_full_disk_leaves_all_as_they_were() {
    let directory = TempDir::new().unwrap();
    let large = format!("tag: v1\nnote: {}\n", "x".repeat(200_000));
    put(directory.path(), "a.yaml", "tag: v1\n");
    put(directory.path(), "b.yaml", &large);
    // No file can grow beyond 64 KiB, as if the disk ended there.
    let script = "trap '' XFSZ; ulimit -f 128; exec \"$0\"";
    let run = Command::new("sh")
        .args(["-c", script])
        .arg(testbed::binary("config-updater"))
        .current_dir(directory.path())
        .env_clear()
        .env("INPUT_MODE", "write")
        .env("INPUT_CHANGES", set("*.yaml"))
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&run.stderr) + String::from_utf8_lossy(&run.stdout);
    assert_eq!(run.status.code(), Some(3), "{log}");
    assert!(log.contains("cannot write") && log.contains("no file was changed"), "{log}");
    assert_eq!(std::fs::read_to_string(directory.path().join("a.yaml")).unwrap(), "tag: v1\n");
    assert_eq!(std::fs::read_to_string(directory.path().join("b.yaml")).unwrap(), large);
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[test]
fn h43_a_pattern_that_covers_too_much_is_refused() {
    // One world for both: nothing is written, and making so many files takes long enough in memory.
    let world = TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap();
    put(world.path(), "a.yaml", "image: acme/shop:1\n");
    for folder in 0..20 {
        let folder = world.path().join(format!("x{folder}"));
        std::fs::create_dir(&folder).unwrap();
        (0..1000).for_each(|file| drop(std::fs::File::create(folder.join(format!("{file}.yaml"))).unwrap()));
    }
    for runner in RUNNERS {
        let inputs = [("mode", "write"), ("images", "acme/shop:2"), ("files", "**/*.yaml")];
        let run = run_action(runner, "config-updater", &inputs, &[], world.path());
        assert_eq!((run.code, kind(&run).as_str()), (2, "invalid-input"), "{}", run.stdout);
        assert!(run.stdout.contains("more than 20000 files. narrow the patterns"), "{}", run.stdout);
    }
    assert_eq!(std::fs::read(world.path().join("a.yaml")).unwrap(), b"image: acme/shop:1\n");
    let (run, _) = edit(ordinary, &[("changes", &set("../**/*.yaml"))]);
    assert_eq!((run.code, kind(&run).as_str()), (2, "forbidden-path"), "{}", run.stdout);
}

#[test]
fn h44_names_match_to_the_letter() {
    let both = |directory: &Path| {
        put(directory, "values.yaml", "tag: v1\n");
        put(directory, "Values.yaml", "tag: v1\n");
    };
    let (run, directory) = edit(both, &[("changes", &set("Values.yaml"))]);
    assert_eq!((run.code, run.output("files")), (0, "Values.yaml"), "{}", run.stdout);
    assert_eq!(std::fs::read(directory.path().join("values.yaml")).unwrap(), b"tag: v1\n");
    let (run, _) = edit(|directory| put(directory, "values.yaml", "tag: v1\n"), &[("changes", &set("VALUES.yaml"))]);
    assert_eq!((run.code, kind(&run).as_str()), (2, "not-found"), "{}", run.stdout);
}
