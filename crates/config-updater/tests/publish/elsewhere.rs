//! Config repositories on servers that the job's token is not for.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use testbed::GitServer;

use crate::world::{FILE, TOKEN, World, dense, error_kind};

const ELSEWHERE: &str = "glpat-0123456789abcdefghij";

/// A private server such as GitLab's, which has the config repository too, and where it is there.
fn elsewhere(world: &World) -> (GitServer, String) {
    let server = GitServer::start(ELSEWHERE);
    let url = server.add("group/config", &world.bare);
    server.require_token_to_read();
    (server, url)
}

#[test]
fn a_token_of_another_server_goes_there_and_nowhere_else() {
    let world = World::new(2);
    let (server, url) = elsewhere(&world);
    for (given, user) in [(None, "oauth2"), (Some("gitlab-ci-token"), "gitlab-ci-token")] {
        let component = if given.is_none() { "c0" } else { "c1" };
        let mut inputs = vec![("config-repository", url.as_str()), ("config-token", ELSEWHERE)];
        inputs.extend(given.map(|user| ("config-user", user)));
        let run = world.deploy(component, "2.0.0", &inputs);
        assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
        let login = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{ELSEWHERE}")));
        let requests = server.requests();
        let last = requests.iter().rev().find_map(|request| request.header("authorization"));
        assert_eq!(last, Some(login.as_str()));
        assert!(!run.stdout.replace(&format!("::add-mask::{ELSEWHERE}"), "").contains(ELSEWHERE), "{}", run.stdout);
        assert!(run.stdout.contains(&format!("::add-mask::{ELSEWHERE}\n")), "{}", run.stdout);
    }
    let own = BASE64_STANDARD.encode(format!("x-access-token:{TOKEN}"));
    for request in server.requests() {
        assert!(
            request.header("authorization").is_none_or(|header| !header.contains(&own)),
            "our token went elsewhere"
        );
    }
    assert_eq!(world.server.requests().len(), 0);
    assert_eq!(world.content(), dense(2).replace("1.0.0", "2.0.0"));
}

#[test]
fn secrets_are_hidden_before_anything_else_is_printed() {
    const QUEUE: &str = "a long and secret text";
    let world = World::new(1);
    let (_server, url) = elsewhere(&world);
    for mode in ["plan", "push", "status"] {
        let inputs =
            [("mode", mode), ("config-repository", url.as_str()), ("config-token", ELSEWHERE), ("queue-key", QUEUE)];
        let run = world.deploy("c0", "2.0.0", &inputs);
        assert_eq!(run.code, 0, "{}", run.stdout);
        let hidden = [ELSEWHERE, QUEUE].map(|secret| format!("::add-mask::{secret}"));
        assert_eq!(run.stdout.lines().take(2).collect::<Vec<_>>(), hidden, "{mode}: {}", run.stdout);
    }
}

#[test]
fn a_repository_that_settings_name_elsewhere_does_not_get_the_token() {
    let world = World::new(1);
    let (_server, url) = elsewhere(&world);
    let trap = GitServer::start("other");
    let trapped = trap.add("evil/config", &world.bare);
    trap.require_token_to_read();
    let settings = format!("[environments.production]\nrepository = \"{trapped}\"\nbranch = \"main\"\n");
    world.commit_elsewhere(&[("slipway.toml", &settings)]);
    let run = world.deploy("c0", "2.0.0", &[("config-repository", &url), ("config-token", ELSEWHERE)]);
    assert_eq!((run.code, error_kind(&run).as_str()), (3, "permission"), "{}", run.stdout);
    assert!(!trap.requests().is_empty());
    assert!(trap.requests().iter().all(|request| request.header("authorization").is_none()));
    assert!(!world.bare.read("main", FILE).unwrap().contains("2.0.0"));
}
