//! The config repository against a real git server.

use crate::world::{FILE, World, release, target};
use slipway_core::ErrorKind;
use slipway_core::git::CommitId;
use slipway_core::host::native::NativeHost;
use slipway_gitops::{Deployment, FileChange, PathPattern};
use testbed::{FaultPoint, Repository};

fn change(path: &str, content: &str) -> FileChange {
    FileChange { path: path.parse().unwrap(), content: content.into() }
}

fn patterns(texts: &[&str]) -> Vec<PathPattern> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn a_commit_changes_its_files_and_nothing_else() {
    let world = World::new();
    let before = world.bare.refs()["refs/heads/main"].clone();
    let message = Deployment::message("Deploy shop", &release("1.5.0"), None);
    let commit = world
        .visit(async |repository| {
            assert_eq!(repository.branch().as_str(), "main");
            let changes = [change(FILE, "image: shop:1.5.0\r\nreplicas: 2"), change("a/new.txt", "new\n")];
            let commit = repository.commit(repository.head(), &changes, &message).await?.unwrap();
            repository.publish(&commit).await?;
            Ok(commit)
        })
        .unwrap();
    let logged = &world.bare.log("main")[0];
    assert_eq!((logged.id.as_str(), &logged.parents[..]), (commit.as_str(), &[before.clone()][..]));
    assert_eq!(logged.trailer("Release-Version"), Some("1.5.0"));
    assert_eq!(world.bare.read("main", FILE).unwrap(), "image: shop:1.5.0\r\nreplicas: 2");
    let changed = world.bare.git(&["diff", "--name-status", &before, "main"]);
    assert_eq!(changed, format!("A\ta/new.txt\nM\t{FILE}"));
}

#[test]
fn modes_are_kept_and_links_are_refused() {
    let world = World::new();
    let work = Repository::clone_from(world.bare.path().to_str().unwrap(), None);
    work.write("run.sh", "echo 1.0\n");
    work.git(&["add", "--chmod=+x", "run.sh"]);
    let link = work.git(&["hash-object", "-w", "README.md"]);
    work.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{link},link.yaml")]);
    work.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},sub", work.head())]);
    work.git(&["commit", "--quiet", "--message", "odd files"]);
    work.git(&["push", "--quiet", "origin", "HEAD"]);
    world
        .visit(async |repository| {
            let head = repository.head();
            for path in ["link.yaml", "sub", ".github/workflows/ci.yml"] {
                let refused = repository.commit(head, &[change(path, "x")], "x").await.unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::ForbiddenPath, "{path}");
            }
            for path in ["link.yaml", "sub"] {
                let refused = repository.files(head, &patterns(&[path])).await.unwrap_err();
                assert_eq!(refused.kind(), ErrorKind::ForbiddenPath, "{path}");
            }
            let files = repository.files(head, &patterns(&["*"])).await?;
            let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
            assert_eq!(names, ["README.md", "run.sh"]);
            let commit = repository.commit(head, &[change("run.sh", "echo 2.0\n")], "x").await?.unwrap();
            repository.publish(&commit).await
        })
        .unwrap();
    assert!(world.bare.git(&["ls-tree", "main", "run.sh"]).starts_with("100755 "));
}

#[test]
fn nothing_to_change_makes_no_commit() {
    let world = World::new();
    let made = world.visit(async |repository| {
        repository.commit(repository.head(), &[change("README.md", "# Config\n")], "x").await
    });
    assert_eq!(made.unwrap(), None);
}

#[test]
fn patterns_that_match_nothing_say_what_is_near() {
    let world = World::new();
    let found = |texts: &[&str]| {
        world.visit(async |repository| {
            let files = repository.files(repository.head(), &patterns(texts)).await?;
            Ok(files.into_iter().map(|file| file.path.as_str().to_owned()).collect::<Vec<_>>())
        })
    };
    assert_eq!(found(&["envs/**/*.yaml", FILE]).unwrap(), ["envs/production/cart.yaml", FILE]);
    let error = found(&["envs/production/shp.yaml"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(error.hint_text(), Some("did you mean `envs/production/shop.yaml`?"));
    assert_eq!(found(&["Envs/production/shop.yaml"]).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_lost_race_is_told_and_changes_nothing() {
    let world = World::new();
    let other = "envs/production/cart.yaml";
    let error = world
        .visit(async |repository| {
            let changes = [change(FILE, "image: shop:1.5.0\n")];
            let commit = repository.commit(repository.head(), &changes, "x").await?.unwrap();
            world.commit_elsewhere("feat: other", &[(other, "image: cart:3.0.0\n")]);
            repository.publish(&commit).await
        })
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::LostRace);
    assert_eq!(world.bare.read("main", FILE).unwrap(), "image: shop:1.3.0\nreplicas: 2\n");
    assert_eq!(world.bare.read("main", other).unwrap(), "image: cart:3.0.0\n");
}

#[test]
fn a_refusal_for_good_is_no_race() {
    let world = World::new();
    world.bare.install_hook("pre-receive", "echo 'GH006: Protected branch update failed' >&2; exit 1");
    let error = world
        .visit(async |repository| {
            let commit = repository.commit(repository.head(), &[change(FILE, "x")], "x").await?.unwrap();
            repository.publish(&commit).await
        })
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PushRejected);
    assert!(error.message().contains("GH006"), "{error}");
    assert_eq!(world.bare.log("main").len(), 1);
}

#[test]
fn a_push_whose_answer_is_lost_counts_if_it_landed() {
    for (point, times, landed) in
        [(FaultPoint::After, 1, true), (FaultPoint::Before, 1, true), (FaultPoint::Before, 9, false)]
    {
        let world = World::new();
        let done = world.visit(async |repository| {
            let commit = repository.commit(repository.head(), &[change(FILE, "x")], "x").await?.unwrap();
            world.server.reject_next_pushes(times, point);
            repository.publish(&commit).await
        });
        assert_eq!(done.is_ok(), landed, "{point:?}: {done:?}");
        assert_eq!(world.bare.log("main").len(), if landed { 2 } else { 1 });
    }
}

#[test]
fn deployments_are_read_newest_first() {
    let world = World::new();
    for (version, content) in [("1.4.0", "a"), ("1.5.0", "b"), ("1.6.0", "c")] {
        let message = Deployment::message("Deploy", &release(version), None);
        world.commit_elsewhere(&message, &[(FILE, content)]);
        world.commit_elsewhere("docs: Release-Environment: production", &[("README.md", content)]);
    }
    let mut foreign = release("9.9.9");
    foreign.environment = "staging".parse().unwrap();
    world.commit_elsewhere(&Deployment::message("Deploy", &foreign, None), &[(FILE, "d")]);
    let versions = |deployments: &[Deployment]| -> Vec<String> {
        deployments.iter().map(|deployment| deployment.release.version.to_string()).collect()
    };
    world
        .visit(async |repository| {
            let all = repository.deployments(&target(), None, 100).await?;
            assert_eq!(versions(&all), ["1.6.0", "1.5.0", "1.4.0"]);
            assert_eq!(versions(&repository.deployments(&target(), None, 2).await?), ["1.6.0", "1.5.0"]);
            let since: &CommitId = &all[2].commit;
            assert_eq!(versions(&repository.deployments(&target(), Some(since), 100).await?), ["1.6.0", "1.5.0"]);
            Ok(())
        })
        .unwrap();
}

#[test]
fn the_scratch_repository_is_there_for_the_next_visit_until_something_fails_or_the_run_ends() {
    let world = World::new();
    let visit = |fails: bool| {
        let mut found = String::new();
        let visited = world.visit(async |repository| {
            found = repository.directory().to_owned();
            assert!(std::path::Path::new(repository.directory()).exists());
            if fails { repository.files(repository.head(), &patterns(&["none"])).await.map(drop) } else { Ok(()) }
        });
        assert_eq!(visited.is_err(), fails);
        found
    };
    let exists = |directory: &str| std::path::Path::new(directory).exists();
    let first = visit(false);
    // It sees what happened meanwhile.
    let moved = world.commit_elsewhere("feat: meanwhile", &[("README.md", "x\n")]);
    let head = world.visit(async |repository| Ok(repository.head().clone())).unwrap();
    assert_eq!(head.as_str(), moved);
    assert_eq!((visit(true), exists(&first)), (first, false));
    let last = visit(false);
    assert!(exists(&last));
    NativeHost::block_on(world.context.discard_kept()).unwrap();
    assert!(!exists(&last));
}

#[test]
fn a_missing_branch_is_named() {
    let mut world = World::new();
    world.location = world.location.on_branch("production".parse().unwrap());
    let error = world.visit(async |_| Ok(())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(error.message().ends_with("has no branch `production`"), "{error}");
}

#[test]
fn many_files_cost_few_requests() {
    let world = World::new();
    let files: Vec<(String, String)> =
        (0..40).map(|i| (format!("many/{i}.yaml"), format!("image: shop:{i}\n"))).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, content)| (path.as_str(), content.as_str())).collect();
    world.commit_elsewhere("feat: many", &files);
    let begun = world.server.requests().len();
    let read =
        world.visit(async |repository| repository.files(repository.head(), &patterns(&["many/*"])).await).unwrap();
    assert_eq!(read.len(), 40);
    assert_eq!(read[0].content, b"image: shop:0\n");
    let requests = world.server.requests().len() - begun;
    assert!(requests <= 10, "{requests} requests");
}
