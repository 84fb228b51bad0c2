use super::*;

const WHOLE: &str = r#"
[environments.staging]
path = "envs/staging"
branch = "deploy/staging"
repository = "acme/staging"

[environments.production]
path = "envs/production"
promote-from = "staging"
freeze = ["Fri 16:00 .. Mon 08:00 Europe/Berlin", "2026-12-20 .. 2027-01-03"]
locked = "incident 4711, ask the on-call"
github-environment = "Production EU"
record = "branch"

[components.shop]
images = ["ghcr.io/acme/shop"]
files = ["{path}/shop/*.yaml"]
values = ["{path}/values.yaml#version={version}"]
source = "acme/shop"
paths = ["services/shop"]
depends-on = ["lib"]

[components.lib]
"#;

#[test]
fn the_whole_file_is_read() {
    let settings = Settings::parse(WHOLE).unwrap();
    let (name, production) = settings.environment("Production EU").unwrap();
    assert_eq!(name.as_str(), "production");
    assert_eq!(settings.environment("production").unwrap().1, production);
    assert_eq!(production.path.unwrap().as_str(), "envs/production");
    assert_eq!(production.promote_from.unwrap().as_str(), "staging");
    assert_eq!(production.freeze.len(), 2);
    assert_eq!(production.locked.as_deref(), Some("incident 4711, ask the on-call"));
    assert_eq!(production.record, Some(RecordPlace::Branch));
    let staging = settings.environment("staging").unwrap().1;
    assert_eq!(staging.branch.unwrap().as_str(), "deploy/staging");
    assert_eq!(staging.repository, Some("acme/staging".parse().unwrap()));
    let shop = settings.component(&"shop".parse().unwrap());
    assert_eq!(shop.files[0].as_str(), "{path}/shop/*.yaml");
    assert_eq!(shop.source.unwrap().name, "shop");
    assert_eq!(settings.component(&"cart".parse().unwrap()), ComponentSettings::default());
    assert_eq!(settings.targets().len(), 4);
}

#[test]
fn without_environments_every_name_is_one() {
    let settings = Settings::parse("[components.api]\npaths = [\"api\"]\n").unwrap();
    assert_eq!(settings.environment("eu-1").unwrap().1, EnvironmentSettings::default());
    assert!(settings.environment("EU 1").is_err());
    assert_eq!(Settings::parse("").unwrap(), Settings::default());
}

#[test]
fn an_environment_that_the_file_lacks_is_named() {
    let error = Settings::parse(WHOLE).unwrap().environment("prodution").unwrap_err();
    assert_eq!(error.to_string(), "`slipway.toml` has no environment `prodution`. did you mean `production`?");
    let error = Settings::parse(WHOLE).unwrap().environment("Production").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (source, told) in [
        ("\n[enviroments.a]\n", "slipway.toml:2: `enviroments` is not a section. did you mean `environments`?"),
        ("x = 1", "slipway.toml:1: `x` is not a section. known are `environments`, `components`"),
        (
            "[environments.a]\n\npromote_from = \"b\"",
            "slipway.toml:3: `promote_from` is not a key of an environment. did you mean `promote-from`?",
        ),
        ("[components.a]\nimage = []", "slipway.toml:2: `image` is not a key of a component. did you mean `images`?"),
        ("[environments]\na.path = 5", "slipway.toml:2: `environments.a.path` must be a text"),
        ("[environments.a]\nlocked = true", "slipway.toml:2: `environments.a.locked` must be a text"),
        ("[environments.a]\nlocked = \" \"", "must be a text, and not empty"),
        (
            "[environments.a]\nfreeze = \"Fri .. Sun\"",
            "slipway.toml:2: `environments.a.freeze` at line 2 is a value, not a list",
        ),
        ("[environments.a]\nfreeze = [1]", "slipway.toml:2: `environments.a.freeze` must be a list of texts"),
        (
            "[environments.a]\nfreeze = [\"Fri\"]",
            "slipway.toml:2: `environments.a.freeze`: `Fri` is not a freeze window",
        ),
        ("[environments.a]\npath = [\"x\"]", "slipway.toml:2: `environments.a.path` at line 2 is a list"),
        ("[environments.a]\npath = \"../x\"", "slipway.toml:2: `environments.a.path`: `../x` leads out"),
        (
            "[environments.a]\nrecord = \"tag\"",
            "slipway.toml:2: `tag` is not one of the choices of `environments.a.record`",
        ),
        ("[environments.A]\n", "slipway.toml:1: `environments.A`: `A` cannot be the name of an environment"),
        ("environments = 1", "slipway.toml:1: `environments` at line 1 is a value, not a mapping"),
        ("[environments]\na = 1", "slipway.toml:2: `environments.a` at line 2 is a value, not a mapping"),
        ("[environments", "`slipway.toml`: "),
        (
            "[environments.staging]\n[environments.b]\npromote-from = \"stagin\"",
            "slipway.toml:3: `environments.b.promote-from`: there is no environment `stagin`. did you mean `staging`?",
        ),
        (
            "[environments.a]\npromote-from = \"b\"\n[environments.b]\npromote-from = \"a\"",
            "slipway.toml:2: `environments.a.promote-from`: `a` can only be reached through itself",
        ),
        (
            "[environments.a]\ngithub-environment = \"b\"\n[environments.b]",
            "slipway.toml:2: `environments.a.github-environment`: `b` is `b` already",
        ),
        ("[components.a]\nimages = [\"a:1\"]", "slipway.toml:2: `components.a.images`: `a:1` is not an image name"),
        (
            "[components.a]\nfiles = [\"{pth}/a\"]",
            "slipway.toml:2: `components.a.files`: `{pth}` in `{pth}/a` is no placeholder",
        ),
        ("[components.a]\nsource = \"a\"", "slipway.toml:2: `components.a.source`: "),
    ] {
        let error = Settings::parse(source).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidFile, "{source}: {error}");
        assert!(error.to_string().contains(told), "{source}\n{error}\n{told}");
    }
}
