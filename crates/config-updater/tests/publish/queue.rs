//! Many writers at once: nothing is lost, nothing is written twice, and few pushes go to the branch.

use std::time::Duration;

use testbed::{ActionRun, BareRepository, Repository};

use crate::world::{FILE, World, dense, error_kind};

const QUEUE: &str = "refs/slipway/_queue/main/";

impl World {
    /// So many jobs at once, each deploying a component of its own.
    fn storm(&self, writers: usize, inputs: &[(&str, &str)]) -> Vec<ActionRun> {
        std::thread::scope(|scope| {
            let runs: Vec<_> = (0..writers)
                .map(|number| scope.spawn(move || self.deploy(&format!("c{number}"), "2.0.0", inputs)))
                .collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        })
    }

    fn check_storm(&self, runs: &[ActionRun]) {
        for run in runs {
            assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
        }
        let writers = runs.len();
        assert_eq!(self.content(), dense(writers).replace("1.0.0", "2.0.0"));
        let log = self.bare.log("main");
        assert_eq!(log.len(), writers + 1, "one commit each");
        assert!(log.iter().all(|commit| commit.parents.len() <= 1));
        // Everybody knows the commit of its own component.
        for (number, run) in runs.iter().enumerate() {
            let commit = log.iter().find(|commit| commit.id == run.output("commit")).unwrap();
            assert_eq!(commit.trailer("Release-Component"), Some(format!("c{number}").as_str()));
            let run = format!("{}/acme/shop/actions/runs/{number}", self.server.url());
            assert_eq!(commit.trailer("Workflow-Run"), Some(run.as_str()));
        }
        assert_eq!(self.queue(), Vec::<String>::new());
    }

    /// How many of the pushes that were taken moved the branch.
    fn branch_pushes(&self) -> usize {
        self.bare.taken_pushes().iter().filter(|refs| refs.iter().any(|name| name == "refs/heads/main")).count()
    }
}

#[test]
fn twenty_writers_share_pushes_though_one_in_five_is_dropped() {
    let world = World::new(20);
    world.server.drop_one_push_in(5);
    let runs = world.storm(20, &[]);
    world.check_storm(&runs);
    let dropped = world.server.dropped();
    assert!(dropped.before > 0 && dropped.after > 0, "{dropped:?}");
    assert!(world.branch_pushes() <= 10, "{:#?}", world.bare.taken_pushes());
    assert!(world.bare.taken_pushes().len() <= 40, "{}", world.bare.taken_pushes().len());
}

#[test]
fn a_remote_that_refuses_the_queue_gets_plain_pushes() {
    let world = World::new(5);
    world.bare.git(&["config", "transfer.hideRefs", "refs/slipway/_queue"]);
    let runs = world.storm(5, &[]);
    world.check_storm(&runs);
    assert_eq!(world.branch_pushes(), 5);
}

#[test]
fn jobs_with_tokens_of_their_own_push_for_themselves() {
    let world = World::new(5);
    let server = testbed::GitServer::start("ghs_0123456789abcdef0123456789");
    server.add("acme/config", &world.bare);
    let world = World { server, ..world };
    let runs = world.storm(5, &[("github-token", "ghs_0123456789abcdef0123456789")]);
    world.check_storm(&runs);
    assert_eq!(world.branch_pushes(), 5);
}

/// Somebody else's entry in the queue, older than all others, which nobody can read.
fn foreign(world: &World) -> String {
    let tree = world.bare.git(&["mktree"]);
    let foreign = world.bare.git(&["commit-tree", "-m", "x", &tree]);
    let left = std::time::UNIX_EPOCH.elapsed().unwrap() - Duration::from_secs(60);
    let name = format!("{QUEUE}{:013}-zz", left.as_millis());
    world.bare.git(&["update-ref", &name, &foreign]);
    name
}

/// What a job leaves that dies while it waits. The world is as it was without the job.
fn intent_of_a_dead_job(world: &World, component: &str) -> (String, String) {
    let before = world.head();
    let first = foreign(world);
    let found = std::thread::scope(|scope| {
        let job = scope.spawn(|| world.deploy(component, "2.0.0", &[]));
        let mut mine = None;
        for _ in 0..400 {
            mine = world.queue().into_iter().find(|name| *name != first);
            if mine.is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let name = mine.unwrap();
        let object = world.bare.refs()[&name].clone();
        world.bare.git(&["update-ref", "-d", &first]);
        job.join().unwrap();
        (name, object)
    });
    world.bare.git(&["update-ref", "refs/heads/main", &before]);
    found
}

#[test]
fn the_intent_of_a_dead_job_is_published_by_the_next_one_which_says_so() {
    let world = World::new(3);
    let (name, object) = intent_of_a_dead_job(&world, "c1");
    world.bare.git(&["update-ref", &name, &object]);
    let run = world.deploy("c2", "2.0.0", &[]);
    assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
    assert_eq!(world.content(), dense(3).replace("c1:1.0.0", "c1:2.0.0").replace("c2:1.0.0", "c2:2.0.0"));
    assert!(run.stdout.contains("::warning") && run.stdout.contains("actions/runs/1"), "{}", run.stdout);
    assert_eq!(world.queue(), Vec::<String>::new());
    let log = world.bare.log("main");
    let run_of =
        |index: usize| log[index].trailer("Workflow-Run").map(|run| run.rsplit('/').next().unwrap().to_owned());
    assert_eq!((run_of(1), run_of(0)), (Some("1".into()), Some("2".into())));

    // The same intent once more is known by the history, and is not published again.
    world.bare.git(&["update-ref", &name, &object]);
    let run = world.deploy("c0", "2.0.0", &[]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_eq!((world.bare.log("main").len(), world.queue().len()), (log.len() + 1, 0));
}

#[test]
fn an_intent_whose_time_is_over_is_removed_and_told_and_not_published() {
    let world = World::new(3);
    let (name, object) = intent_of_a_dead_job(&world, "c1");
    world.bare.git(&["update-ref", &name, &object]);
    let later = std::time::UNIX_EPOCH.elapsed().unwrap() + Duration::from_secs(15 * 60);
    let later = world.deploy_at("c2", &slipway_core::context::rfc3339(i64::try_from(later.as_millis()).unwrap()));
    assert_eq!(later.code, 0, "{}", later.stdout);
    assert_eq!(world.content(), dense(3).replace("c2:1.0.0", "c2:2.0.0"));
    assert!(later.stdout.contains("was not published") && later.stdout.contains("actions/runs/1"), "{}", later.stdout);
    assert_eq!(world.queue(), Vec::<String>::new());
}

#[test]
fn what_an_intent_rests_on_must_still_hold() {
    let newer =
        |world: &World| assert_eq!(world.deploy("c1", "3.0.0", &[("github-token", crate::world::TOKEN)]).code, 0);
    let settings = |world: &World| drop(world.commit_elsewhere(&[("slipway.toml", "")]));
    let verdict = |world: &World| {
        let tree = world.bare.git(&["rev-parse", "main^{tree}"]);
        let commit = world.bare.git(&["commit-tree", "-m", "x", &tree]);
        world.bare.git(&["update-ref", "refs/slipway/production/c1", &commit]);
    };
    type Change<'a> = &'a dyn Fn(&World);
    for (what, change) in [("newer", &newer as Change<'_>), ("settings", &settings), ("verdict", &verdict)] {
        let world = World::new(3);
        let (name, object) = intent_of_a_dead_job(&world, "c1");
        change(&world);
        world.bare.git(&["update-ref", &name, &object]);
        let run = world.deploy("c2", "2.0.0", &[]);
        assert_eq!(run.code, 0, "{what}: {}", run.stdout);
        assert!(!world.content().contains("c1:2.0.0"), "{what}: {}", world.content());
        assert!(world.content().contains("c2:2.0.0"), "{what}: {}", run.stdout);
        assert_eq!(world.queue(), [name], "{what}: it is left to its owner");
    }
}

#[test]
fn what_nobody_signed_is_not_published() {
    let world = World::new(3);
    let (name, object) = intent_of_a_dead_job(&world, "c1");
    let message = world.bare.git(&["log", "-1", "--format=%B", &object]).replace("2.0.0", "6.6.6");
    let tree = world.bare.git(&["rev-parse", &format!("{object}^{{tree}}")]);
    let forged = world.bare.git(&["commit-tree", "-m", &message, &tree]);
    world.bare.git(&["update-ref", &name, &forged]);
    let run = world.deploy("c2", "2.0.0", &[]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert_eq!(world.content(), dense(3).replace("c2:1.0.0", "c2:2.0.0"));
    assert_eq!(world.queue(), [name]);
}

#[test]
fn what_is_far_beyond_its_time_delays_nobody_and_goes() {
    let world = World::new(3);
    let first = foreign(&world);
    let object = world.bare.refs()[&first].clone();
    let old = format!("{QUEUE}1700000000000-zz");
    world.bare.git(&["update-ref", &old, &object]);
    world.bare.git(&["update-ref", "-d", &first]);
    // Nobody waits, so it is a plain push.
    let run = world.deploy("c0", "2.0.0", &[]);
    assert_eq!((run.code, world.queue()), (0, vec![old.clone()]), "{}", run.stdout);
    // Whoever leads takes it away.
    world.bare.git(&["update-ref", &first, &object]);
    let run = world.deploy("c1", "2.0.0", &[]);
    assert_eq!((run.code, world.queue()), (0, vec![first]), "{}", run.stdout);
}

#[test]
fn a_refusal_for_good_takes_the_intent_back() {
    let world = World::new(2);
    // Somebody waits already, so that the job goes through the queue; the branch is protected.
    foreign(&world);
    world.bare.install_hook(
        "update",
        "case $1 in refs/heads/main) echo 'GH006: Protected branch update failed' >&2; exit 1;; esac",
    );
    let before = world.bare.refs();
    let run = world.deploy("c1", "2.0.0", &[]);
    assert_eq!((run.code, error_kind(&run).as_str()), (3, "push-rejected"), "{}", run.stdout);
    assert!(run.stdout.contains("GH006"), "{}", run.stdout);
    assert_eq!(world.bare.refs(), before);
}

#[test]
fn a_remote_that_deletes_nothing_still_gets_the_deployment_once() {
    let world = World::new(2);
    world.bare.git(&["config", "receive.denyDeletes", "true"]);
    foreign(&world);
    let run = world.deploy("c1", "2.0.0", &[]);
    assert_eq!((run.code, run.output("commit")), (0, world.head().as_str()), "{}", run.stdout);
    let again = world.deploy("c0", "2.0.0", &[]);
    assert_eq!(again.code, 0, "{}", again.stdout);
    assert_eq!(world.bare.log("main").len(), 3, "what is left in the queue is known by the history");
}

#[test]
fn two_releases_of_one_component_at_once_are_planned_one_after_the_other() {
    let world = World::new(1);
    let runs: Vec<ActionRun> = std::thread::scope(|scope| {
        let world = &world;
        let runs = ["2.0.0", "2.1.0", "2.2.0"].map(|version| scope.spawn(move || world.deploy("c0", version, &[])));
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for run in &runs {
        assert!(run.code == 0 || run.code == 1, "done, or refused as a downgrade: {}", run.stdout);
    }
    let log = world.bare.log("main");
    let newest = log[0].trailer("Release-Version").unwrap().to_owned();
    assert_eq!(world.content(), dense(1).replace("1.0.0", &newest), "the newest commit says what is in the file");
    assert_eq!(world.queue(), Vec::<String>::new());
}

#[test]
fn every_job_has_the_same_answers_where_files_and_repositories_differ() {
    let world = World::with_files(&[(FILE, &dense(4)), ("envs/production/cart.yaml", "image: acme/c9:1.0.0\n")]);
    let others: BareRepository = Repository::clone_from(world.bare.path().to_str().unwrap(), None).bare_clone();
    let url = world.server.add("acme/other", &others);
    std::thread::scope(|scope| {
        let (world, url) = (&world, &url);
        let here = scope.spawn(move || world.deploy("c1", "2.0.0", &[]));
        let file = scope.spawn(move || world.deploy("c9", "2.0.0", &[("files", "envs/production/*.yaml")]));
        let there = scope.spawn(move || world.deploy("c2", "2.0.0", &[("config-repository", url)]));
        for run in [here, file, there] {
            let run = run.join().unwrap();
            assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
        }
    });
    assert_eq!(world.bare.read("main", "envs/production/cart.yaml").unwrap(), "image: acme/c9:2.0.0\n");
    assert_eq!(others.read("main", FILE).unwrap(), dense(4).replace("c2:1.0.0", "c2:2.0.0"));
}
