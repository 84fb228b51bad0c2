use std::time::Instant;

use super::*;
use crate::{Repository, get};

struct World {
    work: Repository,
    bare: BareRepository,
    server: GitServer,
    /// With the token.
    push_url: String,
}

fn world() -> World {
    let work = Repository::new();
    work.commit_files("feat: one", &[("a.txt", "one\n")]);
    let bare = work.bare_clone();
    let server = GitServer::start("s3cret");
    server.add("acme/shop", &bare);
    let push_url = server.authorized_url("acme/shop");
    World { work, bare, server, push_url }
}

#[test]
fn anyone_clones_with_and_without_the_suffix() {
    let World { work, server, .. } = world();
    for url in [server.repository_url("acme/shop"), format!("{}/acme/shop", server.url())] {
        assert_eq!(Repository::clone_from(&url, None).head(), work.head());
    }
    let first = &server.requests()[0];
    assert_eq!(first.path, "/acme/shop.git/info/refs?service=git-upload-pack");
    assert_eq!(first.header("git-protocol"), Some("version=2"));
}

#[test]
fn a_push_needs_the_token() {
    let World { work, bare, server, push_url } = world();
    let head = work.commit("feat: two");
    let open = server.repository_url("acme/shop");
    let wrong = push_url.replace("s3cret", "guess");
    for url in [&open, &wrong] {
        work.try_git(&["push", url, "main"]).expect_err("no push without the token");
    }
    let bearer = "http.extraHeader=Authorization: Bearer s3cret";
    work.git(&["-c", bearer, "push", "--quiet", &open, "main"]);
    assert_eq!(bare.refs()["refs/heads/main"], head);
    let head = work.commit("feat: three");
    work.git(&["push", "--quiet", &push_url, "main"]);
    assert_eq!(bare.refs()["refs/heads/main"], head);
}

#[test]
fn reading_can_need_the_token_too() {
    let World { work, server, push_url, .. } = world();
    server.require_token_to_read();
    work.try_git(&["ls-remote", &server.repository_url("acme/shop")]).expect_err("no reading without the token");
    assert!(work.git(&["ls-remote", &push_url]).contains("refs/heads/main"));
}

#[test]
fn of_concurrent_pushes_to_one_branch_exactly_one_wins() {
    let World { work, bare, server, push_url } = world();
    let path = work.path().to_str().expect("a UTF-8 path");
    let writers: Vec<_> = (0..8)
        .map(|number| {
            let (writer, push_url) = (Repository::clone_from(path, None), push_url.clone());
            let head = writer.commit(&format!("feat: by writer {number}"));
            std::thread::spawn(move || writer.try_git(&["push", &push_url, "main"]).is_ok().then_some(head))
        })
        .collect();
    let winners: Vec<String> = writers.into_iter().filter_map(|writer| writer.join().expect("a push")).collect();
    assert_eq!(winners, [bare.refs()["refs/heads/main"].clone()]);
    assert!(server.pushes() <= 8);
}

#[test]
fn a_large_history_travels_both_ways() {
    let World { work, bare, server, push_url } = world();
    // Random enough not to compress, and larger than git's buffers, so that bodies come chunked.
    let noise: String = (0..60_000_u64).map(|n| format!("{:x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15))).collect();
    let head = work.commit_files("feat: large", &[("noise.txt", &noise)]);
    work.git(&["-c", "http.postBuffer=65536", "push", "--quiet", &push_url, "main"]);
    assert_eq!(bare.refs()["refs/heads/main"], head);
    let clone = Repository::clone_from(&server.repository_url("acme/shop"), None);
    assert_eq!(std::fs::read_to_string(clone.path().join("noise.txt")).expect("a checked-out file"), noise);
}

#[test]
fn compressed_requests_are_understood() {
    let World { work, bare, server, .. } = world();
    for number in 0..40 {
        work.git(&["branch", &format!("branch-{number}")]);
        work.commit(&format!("feat: {number}"));
    }
    work.git(&["push", "--quiet", "--all", &server.authorized_url("acme/shop")]);
    let compressed = |request: &Recorded| request.header("content-encoding") == Some("gzip");
    Repository::clone_from(&server.repository_url("acme/shop"), None);
    assert!(server.requests().iter().any(compressed), "git compresses a long list of wants");
    assert_eq!(bare.refs().len(), 41);
}

#[test]
fn partial_and_shallow_clones_work() {
    let World { work, server, push_url, .. } = world();
    work.tag("v1.0.0");
    work.commit_files("feat: two", &[("b.txt", "two\n")]);
    work.git(&["push", "--quiet", &push_url, "main", "v1.0.0"]);
    let url = server.repository_url("acme/shop");
    let treeless = Repository::new();
    treeless.git(&["fetch", "--quiet", "--filter=tree:0", "--shallow-exclude=v1.0.0", &url, "main"]);
    assert_eq!(treeless.git(&["rev-list", "--count", "FETCH_HEAD"]), "1");
    assert_eq!(Repository::clone_from(&url, Some(1)).git(&["rev-list", "--count", "HEAD"]), "1");
}

#[test]
fn a_push_severed_before_git_saw_it_is_lost() {
    let World { work, bare, server, push_url } = world();
    let before = work.head();
    let head = work.commit("feat: two");
    server.reject_next_pushes(1, FaultPoint::Before);
    work.try_git(&["push", &push_url, "main"]).expect_err("a severed connection");
    assert_eq!((server.pushes(), &bare.refs()["refs/heads/main"]), (1, &before));
    work.git(&["push", "--quiet", &push_url, "main"]);
    assert_eq!((server.pushes(), &bare.refs()["refs/heads/main"]), (2, &head));
}

#[test]
fn a_push_severed_after_git_took_it_is_there() {
    let World { work, bare, server, push_url } = world();
    let head = work.commit("feat: two");
    server.reject_next_pushes(1, FaultPoint::After);
    work.try_git(&["push", &push_url, "main"]).expect_err("a severed connection");
    assert_eq!((server.pushes(), &bare.refs()["refs/heads/main"]), (1, &head));
}

#[test]
fn an_unreliable_server_drops_pushes_before_and_after_git_took_them() {
    let World { work, server, push_url, .. } = world();
    server.drop_one_push_in(2);
    let pushed: Vec<bool> = (0..8)
        .map(|number| {
            let branch = format!("HEAD:refs/heads/b{number}");
            work.try_git(&["push", "--quiet", &push_url, &branch]).is_ok()
        })
        .collect();
    assert_eq!(pushed, [true, false].repeat(4));
    assert_eq!(server.dropped(), Dropped { before: 2, after: 2 });
}

#[test]
fn answers_can_be_scripted_and_delayed() {
    let World { server, .. } = world();
    let refs = format!("{}/acme/shop.git/info/refs?service=git-upload-pack", server.url());
    server.answer_next(1, Answer::status(503).header("retry-after", "1").body("later"));
    let refused = get(&refs).expect("an answer");
    assert_eq!((refused.status, refused.header("retry-after"), refused.text().as_str()), (503, Some("1"), "later"));
    server.delay(Duration::from_millis(60));
    let start = Instant::now();
    assert_eq!(get(&refs).expect("an answer").status, 200);
    assert!(start.elapsed() >= Duration::from_millis(60));
}

#[test]
fn nothing_but_the_served_repositories_can_be_read() {
    let World { server, .. } = world();
    for path in ["/acme/other.git/info/refs", "/acme/shop.git/../x/info/refs", "/acme/shopping/HEAD", "/"] {
        assert_eq!(get(&format!("{}{path}", server.url())).expect("an answer").status, 404, "{path}");
    }
}

#[test]
fn dropping_the_server_closes_its_port() {
    let World { server, .. } = world();
    let url = server.url();
    assert!(get(&url).is_ok());
    drop(server);
    assert!(get(&url).is_err());
}

#[test]
fn what_is_sent_is_counted() {
    let World { work, server, push_url, .. } = world();
    let noise: String = (0..20_000_u32).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761))).collect();
    work.commit_files("feat: large", &[("large.txt", &noise)]);
    work.git(&["push", "--quiet", &push_url, "main"]);
    let before = server.sent();
    work.git(&["ls-remote", &server.repository_url("acme/shop")]);
    let listed = server.sent();
    assert!(listed.rest > before.rest && listed.packs == before.packs, "{before:?} {listed:?}");
    Repository::clone_from(&server.repository_url("acme/shop"), None);
    assert!(server.sent().packs - listed.packs > 50_000, "{:?}", server.sent());
}
