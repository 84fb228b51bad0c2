//! A rollback by a deploy key over SSH, against a real sshd.

use testbed::SshServer;

use crate::rollback::bad;
use crate::world::World;

#[test]
fn a_deploy_key_takes_a_release_back() {
    let Some(server) = SshServer::start("a rollback by a deploy key") else { return };
    let world = World::with_verified_release();
    world.deploy_and_wait(&bad());
    let _users = world.users();
    let (url, key, hosts) = (server.url(&world.bare), server.key(), server.known_hosts());
    let asked = world.server.requests().len();
    let over_ssh = |hosts: &str| {
        world.gate(&[
            ("on-failure", "rollback"),
            ("duration", "10s"),
            ("config-repository", &url),
            ("ssh-key", &key),
            ("ssh-known-hosts", hosts),
            ("github-token", ""),
        ])
    };
    let refused = over_ssh(&server.other_host());
    assert_eq!((refused.run.code, &refused.json["error"]["kind"]), (3, &"permission".into()), "{}", refused.run.stdout);
    let said = over_ssh(&hosts);
    assert_eq!((said.run.code, said.run.output("restored-version")), (1, "1.0.0"), "{}", said.run.stdout);
    assert_eq!(world.verdicts(), ["promote 1.0.0", "rollback 1.1.0", "promote 1.0.0"]);
    assert_eq!(world.server.requests().len(), asked, "nothing went another way");
    let secret = key.lines().nth(1).unwrap();
    let shown = said.run.stdout.lines().filter(|line| !line.starts_with("::add-mask::"));
    assert!(shown.into_iter().all(|line| !line.contains(secret)), "{}", said.run.stdout);
}
