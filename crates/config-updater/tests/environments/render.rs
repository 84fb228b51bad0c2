//! `render-command`: the difference of what the cluster gets.

use crate::world::{SETTINGS, World, error, image, manifest};

#[test]
fn what_is_rendered_is_compared_before_and_after() {
    let world = World::new(SETTINGS);
    world.work.commit_files(
        "chore: base",
        &[("base/notes.txt", "of the base\n"), ("tools/render.sh", "cat base/notes.txt $1\n")],
    );
    world.work.git(&["push", "--quiet", world.bare.path().to_str().unwrap(), "HEAD:refs/heads/main"]);
    let plan = |command: &str, mode: &str| {
        let images = image("1.5.0");
        world.run("staging", &[("images", &images), ("mode", mode), ("render-command", command)], &[])
    };
    let command = "sed 's/^/rendered: /' base/notes.txt envs/staging/shop.yaml; test ! -e .git; echo secret=${GITHUB_TOKEN-}$INPUT_IMAGES";
    let run = plan(command, "plan");
    assert_eq!(run.code, 0, "{}", run.stdout);
    let diff = run.output("rendered-diff");
    assert!(diff.contains(" rendered: of the base\n"), "{diff}");
    assert!(diff.contains("-rendered: version: 1.0.0\n") && diff.contains("+rendered: version: 1.5.0\n"), "{diff}");
    assert!(diff.contains(" secret=\n"), "no token, no inputs: {diff}");
    assert!(run.summary.contains("What is rendered:"), "{}", run.summary);
    assert_eq!(world.bare.log("main").len(), 2);
    // What it writes stays in its own checkout.
    let run = plan("echo x > envs/staging/shop.yaml; cat envs/staging/shop.yaml", "push");
    assert_eq!((run.code, run.output("rendered-diff").contains("-x\n+")), (0, false), "{}", run.stdout);
    assert_eq!(world.bare.read("main", "envs/staging/shop.yaml").unwrap(), manifest(&image("1.5.0"), "1.5.0"));
    // Nothing to change renders nothing.
    let run = plan("exit 3", "plan");
    assert_eq!((run.code, run.output("rendered-diff")), (0, ""), "{}", run.stdout);
}

#[test]
fn a_command_that_fails_is_one_clear_error() {
    let world = World::new(SETTINGS);
    let images = image("1.5.0");
    for (command, told) in [
        ("echo no chart >&2; exit 3", "`render-command` ended with status 3; it said: no chart"),
        ("printf '\\377'", "`render-command` does not print UTF-8"),
    ] {
        let run = world.run("staging", &[("images", &images), ("render-command", command)], &[]);
        assert_eq!(error(&run), (3, "command-failed".into()), "{}", run.stdout);
        assert!(run.stdout.contains(told), "{}", run.stdout);
    }
    assert_eq!(world.bare.log("main").len(), 1);
}
