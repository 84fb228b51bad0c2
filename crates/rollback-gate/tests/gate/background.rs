//! An analysis that goes on in the background while users get a release step by step.

use crate::steps::{good, walk, weights, world};
use crate::world::World;

/// Writes a template whose metric is never good, and names its file.
fn never(world: &World) -> &'static str {
    let template = format!(
        "kind: AnalysisTemplate\nmetadata: {{ name: never }}\nspec:\n  metrics:\n  - name: never\n    interval: 200ms\n    \
         successCondition: result == 'nobody'\n    provider: {{ web: {{ url: '{}/version', jsonPath: '{{$.version}}' }} }}\n",
        world.url()
    );
    world.work.write("never.yaml", template);
    "never.yaml"
}

#[test]
fn an_analysis_in_the_background_is_measured_though_all_steps_were_taken() {
    let world = world(&good());
    let _users = world.users();
    let template = never(&world);
    let command = "test $SLIPWAY_WEIGHT = 0 || test $SLIPWAY_WEIGHT = 10 || touch taken";
    let inputs = [("weight-command", command), ("steps", "setWeight 10\nanalysis 600ms\nsetWeight 100")];
    // The run ends between the last step and the verdict.
    world.bare.install_hook("update", "git cat-file commit $3 | grep -q '^Verdict: promote' && exit 1; exit 0");
    let said = world.gate(&inputs);
    assert_eq!(said.json["error"]["kind"], "push-rejected", "{}", said.run.stdout);
    world.bare.remove_hook("update");
    let steps = format!("{}\nbackground analysis never from step 2", inputs[1].1);
    let said = world.gate(&[inputs[0], ("steps", &steps), ("analysis-template", template)]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
    assert!(said.run.output("reason").contains("in the background, the metric `never`"), "{}", said.run.stdout);
}

#[test]
fn an_analysis_in_the_background_ends_the_steps() {
    let world = world(&good());
    let template = never(&world);
    let inputs = [
        ("analysis-template", template),
        ("steps", "setWeight 10\nsetWeight 20\nbackground analysis never from step 3\npause 5s\nanalysis"),
    ];
    let said = walk(&world, &inputs);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
    assert!(
        said.run.output("reason").starts_with("step 3 of 5, `pause 5s`: in the background, the metric `never`"),
        "{}",
        said.run.output("reason")
    );
    assert_eq!(weights(&world), ["10", "20", "0"]);
    // What would be measured too often is told before a user is moved.
    for steps in [
        "setWeight 50\nanalysis never 1h",
        "setWeight 50\nbackground analysis never from step 2\npause 30m\nanalysis 30m",
    ] {
        let said = walk(&world, &[("steps", steps), inputs[0], ("interval", "1s")]);
        let told = "metric `never`: that is more than 10000 measurements";
        assert!(said.run.code == 2 && said.run.stdout.contains(told), "{}", said.run.stdout);
        assert_eq!(weights(&world), ["10", "20", "0"]);
    }
    let said = walk(&world, &[("steps", "setWeight 10\nanalysis nobody"), inputs[0]]);
    assert!(said.run.stdout.contains("`steps` name the template `nobody`, which is not there"), "{}", said.run.stdout);
}
