//! Comparing commits and listing them.

use slipway_core::ErrorKind;
use slipway_core::github::ComparisonStatus;
use testbed::Answer;

use crate::world::{World, id, refused};

fn many(count: usize) -> World {
    World::new(|work| {
        work.commit_files("feat: begin\n\nThe body.", &[("api/a.txt", "a")]);
        work.tag("v1.0.0");
        for number in 0..count {
            work.commit(&format!("fix: {number}"));
        }
    })
}

#[test]
fn every_page_of_a_comparison_is_read() {
    let world = many(251);
    let base = id(&world.work.git(&["rev-parse", "v1.0.0"]));
    let compared = world.ask(async |client, shop| client.compare(&shop, &base, &world.head()).await).unwrap();
    assert_eq!((compared.status, &compared.merge_base), (ComparisonStatus::Ahead, &base));
    let expected = world.work.git(&["rev-list", "--reverse", "v1.0.0..HEAD"]);
    let found: Vec<&str> = compared.commits.iter().map(|commit| commit.id.as_str()).collect();
    assert_eq!(found, expected.lines().collect::<Vec<_>>());
    let first = &compared.commits[0];
    assert_eq!((first.message.as_str(), first.author.as_deref()), ("fix: 0", Some("ada-author")));
    assert_eq!(first.parents, std::slice::from_ref(&base));
    assert_eq!(world.requests().len(), 3);

    let back = world.ask(async |client, shop| client.compare(&shop, &world.head(), &base).await).unwrap();
    assert_eq!((back.status, back.commits.len()), (ComparisonStatus::Behind, 0));
    let same = world.ask(async |client, shop| client.compare(&shop, &base, &base).await).unwrap();
    assert_eq!((same.status, same.commits.len()), (ComparisonStatus::Identical, 0));
}

#[test]
fn a_comparison_sees_both_sides_of_a_fork() {
    let world = World::new(|work| {
        work.commit("feat: one");
        work.branch("next");
        work.commit("feat: two");
        work.checkout("main");
        work.commit("fix: three");
        work.git(&["checkout", "--quiet", "--orphan", "alone"]);
        work.commit("feat: alone");
    });
    let at = |name: &str| id(&world.work.git(&["rev-parse", name]));
    let (main, next, alone) = (at("main"), at("next"), at("alone"));
    let compared = world.ask(async |client, shop| client.compare(&shop, &main, &next).await).unwrap();
    assert_eq!((compared.status, compared.merge_base), (ComparisonStatus::Diverged, at("main^")));
    assert_eq!(compared.commits.len(), 1);
    for stranger in [alone, id(&"1".repeat(40))] {
        let compared = world.ask(async |client, shop| client.compare(&shop, &main, &stranger).await);
        refused(ErrorKind::NotFound, compared);
    }
}

#[test]
fn commits_since_another_are_read_only_if_it_is_an_ancestor() {
    let world = World::new(|work| {
        work.commit("feat: one");
        work.tag("v1.0.0");
        work.branch("next");
        work.commit("feat: two");
        work.checkout("main");
        for number in 0..120 {
            work.commit(&format!("fix: {number}"));
        }
    });
    let at = |name: &str| id(&world.work.git(&["rev-parse", name]));
    let (base, main, next) = (at("v1.0.0"), at("main"), at("next"));
    let since = |base, head| world.ask(async |client, shop| client.commits_since(&shop, base, head).await).unwrap();
    assert_eq!(since(&base, &main).map(|commits| commits.len()), Some(120));
    assert_eq!(since(&main, &main).map(|commits| commits.len()), Some(0));
    let before = world.requests().len();
    assert_eq!((since(&next, &main), since(&main, &base)), (None, None));
    assert_eq!(world.requests().len() - before, 2, "one page tells");
}

#[test]
fn a_comparison_that_is_cut_short_is_an_error() {
    let world = many(3);
    let base = id(&world.work.git(&["rev-parse", "v1.0.0"]));
    let genuine = |page: u32| {
        let url = format!(
            "{}/repos/acme/shop/compare/{base}...{}?per_page=100&page={page}",
            world.github.api_url(),
            world.head()
        );
        testbed::request("GET", &url, &[("authorization", "Bearer ghs_token")], "").expect("an answer").json()
    };
    let mut lacking = genuine(1);
    lacking["commits"].as_array_mut().unwrap().pop();
    let mut huge = genuine(1);
    huge["total_commits"] = 4_000_000_000_u64.into();
    let mut fewer = genuine(1);
    fewer["total_commits"] = 1.into();
    // A page that is repeated brings nothing new either.
    for pages in [vec![&lacking, &lacking], vec![&huge], vec![&fewer]] {
        for page in pages {
            let answer = Answer::status(200).body(page.to_string());
            world.github.answer_instead("GET", "/compare/{basehead}", answer);
        }
        let compared = world.ask(async |client, shop| client.compare(&shop, &base, &world.head()).await);
        let told = refused(ErrorKind::ShallowHistory, compared);
        assert!(told.contains("fetch-depth: 0"), "{told}");
    }
}

#[test]
fn commits_are_listed_to_the_first_one() {
    let world = many(205);
    let listed = world.ask(async |client, shop| client.commits(&shop, &world.head(), None).await).unwrap();
    assert_eq!(listed.len(), 206);
    assert_eq!((&listed[0].id, listed[205].message.as_str()), (&world.head(), "feat: begin\n\nThe body."));
    assert!(listed[205].parents.is_empty());
    let path = "api".parse().unwrap();
    let below = world.ask(async |client, shop| client.commits(&shop, &world.head(), Some(&path)).await).unwrap();
    assert_eq!(below, listed[205..]);
    assert_eq!(world.requests().len(), 3 + 1);
}
