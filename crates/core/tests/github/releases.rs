//! Releases and their files.

use slipway_core::ErrorKind;
use slipway_core::github::{Latest, NewRelease, Release, ReleaseChange};
use testbed::Answer;

use crate::world::{SHOP, World, refused, tag};

const PUBLISH: ReleaseChange<'static> =
    ReleaseChange { draft: Some(false), make_latest: Some(Latest::True), name: None, body: None, prerelease: None };

fn world() -> World {
    World::new(|work| drop(work.commit("feat: one")))
}

fn draft(world: &World, name: &str) -> slipway_core::Result<Release> {
    let (tag, head) = (tag(name), world.head());
    let release = NewRelease {
        tag_name: &tag,
        target_commitish: Some(&head),
        name: "A release",
        body: "* feat: one",
        prerelease: false,
    };
    world.ask(async |client, shop| client.create_draft(&shop, &release).await)
}

fn publish(world: &World, id: u64) -> slipway_core::Result<Release> {
    world.ask(async |client, shop| client.update_release(&shop, id, &PUBLISH).await)
}

fn by_tag(world: &World, name: &str) -> Option<Release> {
    world.ask(async |client, shop| client.release_by_tag(&shop, &tag(name)).await).unwrap()
}

fn upload(world: &World, release: &Release, name: &str) -> slipway_core::Result<slipway_core::github::ReleaseAsset> {
    world.ask(async |client, _| client.upload_asset(release, name, "text/plain", b"content\0\xff".to_vec()).await)
}

#[test]
fn a_draft_gets_its_files_and_is_published() {
    let world = world();
    let name = "shop/v1.0.0+build#1";
    let made = draft(&world, name).unwrap();
    assert!(made.draft && !world.bare.refs().contains_key(&format!("refs/tags/{name}")));
    assert_eq!(by_tag(&world, name), None);
    let asset = upload(&world, &made, "a file & more.txt").unwrap();
    assert_eq!((asset.name.as_str(), asset.size, asset.state.as_str()), ("a.file...more.txt", 9, "uploaded"));
    let sent = world.github.asset(SHOP, name, "a.file...more.txt");
    assert_eq!(sent.as_deref(), Some(&b"content\0\xff"[..]));
    assert_eq!(asset.digest.as_deref(), Some(testbed::digest(b"content\0\xff").as_str()));
    refused(ErrorKind::AlreadyExists, upload(&world, &made, "a file & more.txt"));

    let published = publish(&world, made.id).unwrap();
    assert!(!published.draft && !published.immutable && published.assets.len() == 1);
    assert_eq!(world.bare.refs()[&format!("refs/tags/{name}")], world.work.head());
    let found = by_tag(&world, name).expect("the release");
    assert_eq!((found.id, found.author.as_deref()), (made.id, Some("github-actions[bot]")));
    let change = ReleaseChange { body: Some("more"), prerelease: Some(true), ..ReleaseChange::default() };
    let changed = world.ask(async |client, shop| client.update_release(&shop, made.id, &change).await).unwrap();
    assert_eq!(
        (changed.name.as_deref(), changed.body.as_deref(), changed.prerelease),
        (Some("A release"), Some("more"), true)
    );
    let told = refused(ErrorKind::AlreadyExists, draft(&world, name));
    assert!(told.contains("answered 422: Validation Failed: `tag_name` already exists"), "{told}");
}

#[test]
fn every_release_is_listed_drafts_too() {
    let world = world();
    for number in 0..101 {
        draft(&world, &format!("v1.0.{number}")).unwrap();
    }
    let releases = world.ask(async |client, shop| client.releases(&shop).await).unwrap();
    assert_eq!(
        (releases.len(), releases[0].tag_name.as_str(), releases[100].tag_name.as_str()),
        (101, "v1.0.100", "v1.0.0")
    );
}

#[test]
fn a_draft_is_removed_and_a_release_is_not() {
    let world = world();
    let made = draft(&world, "v1.0.0").unwrap();
    let asset = upload(&world, &made, "a.txt").unwrap();
    for _ in 0..2 {
        world.ask(async |client, shop| client.delete_asset(&shop, asset.id).await).unwrap();
    }
    assert_eq!(world.github.asset(SHOP, "v1.0.0", "a.txt"), None);
    for _ in 0..2 {
        world.ask(async |client, shop| client.delete_draft(&shop, made.id).await).unwrap();
    }
    assert_eq!(world.ask(async |client, shop| client.releases(&shop).await).unwrap(), []);
    let made = draft(&world, "v1.0.0").unwrap();
    publish(&world, made.id).unwrap();
    let told = refused(ErrorKind::LostRace, world.ask(async |client, shop| client.delete_draft(&shop, made.id).await));
    assert!(told.contains("the release of `v1.0.0` is published"), "{told}");
    assert!(by_tag(&world, "v1.0.0").is_some());
}

#[test]
fn an_immutable_release_is_left_alone() {
    let world = world();
    world.github.make_releases_immutable(SHOP);
    let made = draft(&world, "v1.0.0").unwrap();
    let asset = upload(&world, &made, "a.txt").unwrap();
    let published = publish(&world, made.id).unwrap();
    assert!(published.immutable);
    let told = refused(ErrorKind::PushRejected, upload(&world, &published, "b.txt"));
    assert!(told.contains("Cannot upload assets to an immutable release"), "{told}");
    refused(ErrorKind::PushRejected, world.ask(async |client, shop| client.delete_asset(&shop, asset.id).await));
    let draft_again = ReleaseChange { draft: Some(true), ..ReleaseChange::default() };
    let again = world.ask(async |client, shop| client.update_release(&shop, made.id, &draft_again).await);
    refused(ErrorKind::PushRejected, again);
    world.work.commit("fix: two");
    world.push();
    let name = tag("v1.0.0").qualified();
    let moved = world.ask(async |client, shop| client.advance_reference(&shop, &name, &world.head()).await);
    refused(ErrorKind::PushRejected, moved);
    let text = ReleaseChange { body: Some("better notes"), ..ReleaseChange::default() };
    world.ask(async |client, shop| client.update_release(&shop, made.id, &text).await).unwrap();
    // Once it was removed, its tag cannot be had again.
    let url = format!("{}/repos/acme/shop/releases/{}", world.github.api_url(), made.id);
    testbed::request("DELETE", &url, &[("authorization", "Bearer ghs_token")], "").expect("an answer");
    let told = refused(ErrorKind::PushRejected, draft(&world, "v1.0.0"));
    assert!(told.contains("tag_name was used by an immutable release"), "{told}");
}

#[test]
fn a_release_whose_answer_was_lost_is_found_by_the_next_run() {
    let world = world();
    world.github.answer_after("POST", "/releases", Answer::status(502).body("<html>Unicorn!</html>"));
    let told = refused(ErrorKind::Network, draft(&world, "v1.0.0"));
    assert!(told.contains("answered 502") && told.contains("it may have been carried out all the same"), "{told}");
    // It was asked for once, and is there once.
    assert_eq!(world.requests(), ["POST /repos/acme/shop/releases"]);
    let releases = world.ask(async |client, shop| client.releases(&shop).await).unwrap();
    assert_eq!(releases.len(), 1);

    world.github.answer_after("PATCH", "/releases/{release_id}", Answer::status(200).body("{\"id\":").cut_short(900));
    let told = refused(ErrorKind::Network, publish(&world, releases[0].id));
    assert!(told.contains("it may have been carried out all the same"), "{told}");
    assert!(by_tag(&world, "v1.0.0").is_some());
}

#[test]
fn a_release_that_sends_files_elsewhere_gets_no_token() {
    let world = world();
    let stranger = testbed::GitHub::start();
    let mut made = draft(&world, "v1.0.0").unwrap();
    made.upload_url = format!("{}/repos/acme/shop/releases/1/assets{{?name,label}}", stranger.api_url());
    let told = refused(ErrorKind::ForbiddenAddress, upload(&world, &made, "a.txt"));
    assert!(told.contains("not beside the API's server"), "{told}");
    assert!(stranger.requests().is_empty());
}
