//! Inputs that are wrong, and refs that are hostile.

use slipway_core::ExitCode;

use crate::world::push;

#[test]
fn an_error_names_the_input_the_line_and_the_attribute() {
    for (input, text, expected) in [
        ("tags", "a\ntype=ref", "input `tags`: line `type=ref`: the attribute `event` is missing"),
        ("tags", "a,enable=TRUE", "input `tags`: line `a,enable=TRUE`: attribute `enable`: it became `TRUE`"),
        ("tags", "a,enable=", "input `tags`: line `a,enable=`: attribute `enable`: it became ``"),
        (
            "tags",
            "{{#each this}}{{/each}}",
            "attribute `value`: `{{#each this}}{{/each}}`: the block `{{#each}}` is left out",
        ),
        ("tags", "type=semver,pattern={{version}},match=v", "attribute `match`: `v` has no group"),
        (
            "tags",
            "a,value={{date \"YYYY\"}}",
            "line `a,value={{date \"YYYY\"}}`: `value={{date \"YYYY\"}}`: there is a quote",
        ),
        ("tags", "a,value={{date \"YYYY\"}}", "write single quotes in expressions"),
        ("flavor", "latest=maybe", "input `flavor`: line `latest=maybe`: `latest` cannot be `maybe`"),
        ("labels", "a={{branch", "input `labels`: `a={{branch`: an expression has no end"),
        ("labels", "a={{date 'YYYY' tz=''}}", "`tz` takes a time zone in quotes"),
        ("images", "acme/a:1", "input `images`: `acme/a:1` is not an image name"),
        ("context", "local", "input `context`: `local` is not one of the choices"),
        ("digest", "sha256:short", "input `digest`"),
    ] {
        let ran = push("refs/heads/main").input(input, text).run();
        assert_eq!(ran.code, ExitCode::Invalid, "{input} {text}: {}", ran.printed);
        assert!(ran.printed.contains(expected), "{input} {text}: {}", ran.printed);
        assert_eq!(ran.json()["error"]["kind"], "invalid-input");
        assert_eq!(ran.outputs.len(), 1, "only json is given after an error");
    }
    let ran = push("refs/heads/main").variable("DOCKER_METADATA_SHORT_SHA_LENGTH", "abc").run();
    assert_eq!(ran.code, ExitCode::Invalid, "{}", ran.printed);
}

#[test]
fn every_ref_makes_a_tag_that_registries_take_or_none() {
    for (name, expected) in [
        ("feature/ABC-12_x", "feature-ABC-12_x"),
        (".hidden", "hidden"),
        ("..", ""),
        ("a..b", "a..b"),
        ("../../etc/passwd", "etc-passwd"),
        ("-rf", "rf"),
        ("@acme/pkg@1.0.0", "acme-pkg-1.0.0"),
        ("$(id)`id`", "id-id-"),
        ("a\nb", "a-b"),
        ("\u{e9}\u{202e}", ""),
        (&"x".repeat(128), &"x".repeat(128)),
    ] {
        let ran = push(&format!("refs/heads/{name}")).run();
        assert_eq!(ran.code, ExitCode::Done);
        let tag = ran.output("tags");
        assert_eq!(tag, expected, "{name:?}");
        assert!(tag.len() <= 128 && !tag.starts_with(['.', '-']), "{tag}");
        assert_eq!(tag.is_empty(), ran.printed.contains("has no character that a tag can have"), "{}", ran.printed);
    }
}

#[test]
fn a_tag_that_is_too_long_ends_in_a_hash_of_the_whole() {
    let tags = ["x".repeat(129), "x".repeat(130)].map(|name| push(&format!("refs/heads/{name}")).tags());
    for tag in &tags {
        assert_eq!(
            (tag.len(), tag.rsplit_once('-').map(|(start, hash)| (start.len(), hash.len()))),
            (128, Some((119, 8)))
        );
    }
    assert_ne!(tags[0], tags[1]);
}

#[test]
fn what_is_probably_not_meant_is_told() {
    for (input, text, expected) in [
        ("tags", "{{brnach}}x", "`{{brnach}}` is not known here and stays empty; did you mean `{{branch}}`?"),
        ("tags", "a,priority=high", "attribute `priority`: `high` is no number"),
        ("tags", "a,sufix=b", "the attribute `sufix` is not known and does nothing; did you mean `suffix`?"),
        ("tags", "type=semver,pattern={{version}},value=one", "`one` is not a semantic version"),
        ("tags", "a/b\na-b", "`a/b` and `a-b` become the same tag, `a-b`"),
        ("tags", "type=schedule", "no rule made a tag"),
        ("labels", "a={{shaa}}", "`{{shaa}}` is not known here and stays empty; did you mean `{{sha}}`?"),
        ("images", "name=a,enable=false", "every image is disabled, so there are no tags"),
    ] {
        let ran = push("refs/heads/main").input(input, text).run();
        assert_eq!(ran.code, ExitCode::Done, "{input} {text}: {}", ran.printed);
        assert!(ran.printed.contains("warning: ") && ran.printed.contains(expected), "{text}: {}", ran.printed);
    }
}
