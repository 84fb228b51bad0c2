//! Refs and tags.

use slipway_core::ErrorKind;
use slipway_core::github::ObjectKind;
use testbed::HostedRepository;

use crate::world::{SHOP, World, id, ref_name, refused};

#[test]
fn a_ref_is_read_whatever_its_name_holds() {
    let names = ["refs/heads/main", "refs/heads/feature/a+b#c%2F", "refs/tags/v1;é&x=\"'"];
    let world = World::new(|work| {
        work.commit("feat: one");
        for name in &names[1..] {
            work.git(&["update-ref", name, "HEAD"]);
        }
    });
    for name in names {
        let found = world.ask(async |client, shop| client.reference(&shop, &ref_name(name)).await).unwrap();
        let found = found.unwrap_or_else(|| panic!("{name}"));
        assert_eq!((found.kind, found.id), (ObjectKind::Commit, world.head()), "{name}");
    }
    let absent = world.ask(async |client, shop| client.reference(&shop, &ref_name("refs/heads/mai")).await);
    assert_eq!(absent.unwrap(), None);
}

#[test]
fn a_ref_is_made_once_and_moves_forward_only() {
    let world = World::new(|work| {
        work.commit("feat: one");
        work.commit("feat: two");
    });
    let name = ref_name("refs/tags/v1.0.0");
    let (old, new) = (id(&world.work.git(&["rev-parse", "HEAD^"])), world.head());
    world.ask(async |client, shop| client.create_reference(&shop, &name, &old).await).unwrap();
    assert_eq!(world.bare.refs()["refs/tags/v1.0.0"], old.as_str());
    // The same commit or another one: who makes it second is told.
    for commit in [&old, &new] {
        let second = world.ask(async |client, shop| client.create_reference(&shop, &name, commit).await);
        let told = refused(ErrorKind::AlreadyExists, second);
        assert!(told.contains("answered 422: Reference already exists"), "{told}");
    }
    world.ask(async |client, shop| client.advance_reference(&shop, &name, &new).await).unwrap();
    let back = world.ask(async |client, shop| client.advance_reference(&shop, &name, &old).await);
    refused(ErrorKind::LostRace, back);
    assert_eq!(world.bare.refs()["refs/tags/v1.0.0"], new.as_str());
    let absent = ref_name("refs/tags/v2");
    let absent = world.ask(async |client, shop| client.advance_reference(&shop, &absent, &new).await);
    refused(ErrorKind::NotFound, absent);
    let unknown = id(&"0".repeat(40));
    let unknown =
        world.ask(async |client, shop| client.create_reference(&shop, &ref_name("refs/tags/v3"), &unknown).await);
    assert!(refused(ErrorKind::Unprocessable, unknown).contains("Object does not exist"));
}

#[test]
fn a_rule_of_the_repository_is_named() {
    let world = World::new(|work| drop(work.commit("feat: one")));
    world.github.protect(SHOP, "refs/tags/v*");
    let made =
        world.ask(async |client, shop| client.create_reference(&shop, &ref_name("refs/tags/v1"), &world.head()).await);
    let told = refused(ErrorKind::PushRejected, made);
    assert!(told.contains("creations being restricted") && told.contains("Settings → Rules"), "{told}");
    assert!(!world.bare.refs().contains_key("refs/tags/v1"));
}

#[test]
fn tags_lead_to_commits_however_they_were_made() {
    for annotated in [0, 3, 25] {
        let world = World::new(|work| {
            work.commit("feat: one");
            work.tag("v1.0.0");
            for number in 0..annotated {
                work.commit("fix: more");
                work.annotated_tag(&format!("v1.0.{}", number + 1), "a release");
            }
            work.git(&["tag", "v0", "HEAD^{tree}"]);
            work.tag("w1");
            work.tag("api/v1");
        });
        let tags = world.ask(async |client, shop| client.tags(&shop, "v").await).unwrap();
        let expected = world.work.git(&["tag", "--list", "v1*", "--sort=refname"]);
        assert_eq!(tags.iter().map(|tag| tag.name.as_str()).collect::<Vec<_>>(), expected.lines().collect::<Vec<_>>());
        for tag in &tags {
            let commit = world.work.git(&["rev-parse", &format!("{}^{{commit}}", tag.name)]);
            assert_eq!(tag.target.as_str(), commit, "{}", tag.name);
        }
        let requests = world.requests();
        assert!(requests.len() <= 1 + annotated.min(3), "{requests:#?}");
        let component = world.ask(async |client, shop| client.tags(&shop, "api/").await).unwrap();
        assert_eq!(component[0].name, "api/v1");
    }
}

#[test]
fn the_list_of_all_tags_is_read_to_its_last_page() {
    let world = World::new(|work| {
        work.commit("feat: one");
        for number in 0..250 {
            work.annotated_tag(&format!("v1.0.{number}"), "a release");
        }
    });
    let tags = world.ask(async |client, shop| client.tags(&shop, "").await).unwrap();
    assert_eq!(tags.len(), 250);
    assert!(tags.iter().all(|tag| tag.target == world.head()));
    assert_eq!(world.requests().len(), 1 + 3);
}

#[test]
fn a_repository_without_commits_has_no_tags() {
    let world = World::new(|work| drop(work.commit("feat: one")));
    world.github.add(HostedRepository::new(SHOP).git(&testbed::BareRepository::new()));
    let told = refused(ErrorKind::NotFound, world.ask(async |client, shop| client.tags(&shop, "v").await));
    assert!(told.contains("answered 409: Git Repository is empty."), "{told}");
}
