use slipway_core::ErrorKind;
use slipway_core::image::ImageName;

use crate::corpus::{
    any_text_is_read_back_or_refused, broken_files_are_errors_and_never_panics, each_value_is_replaced_alone,
};
use crate::format::Format;
use crate::images::{ImageSelector, ImageVersion};
use crate::options::Options;

const FILES: &[&str] = &[
    "# syntax=docker/dockerfile:1\nARG GO=1.22\nARG A=\"x y\" B='z'\nFROM --platform=$BUILDPLATFORM golang:1.22-alpine AS build\nRUN go build\nFROM build AS test\nFROM gcr.io/distroless/base@sha256:1111111111111111111111111111111111111111111111111111111111111111\nCOPY --from=build /a /b\nCOPY --from=ghcr.io/acme/tools:1.0 /t /t\nRUN --mount=type=bind,from=acme/cache:2,target=/c make\n",
    "\u{feff}from acme/base:1\r\nRUN <<EOF\r\nFROM not:1\r\nEOF\r\nRUN a && \\\r\n  # FROM not:2\r\n\r\n  FROM not:3\r\nFROM \\\r\n  acme/base:2 as x",
    "# escape=`\nFROM acme/base:1 `\n  AS y\nRUN dir C:\\\nFROM acme/base:3\n",
    "FROM scratch\n",
    "",
];

#[test]
fn each_value_is_replaced_alone_in_every_file() {
    let unnamed: Vec<String> = FILES.iter().map(|file| file.replace(" AS ", " -- ").replace(" as ", " -- ")).collect();
    let unnamed: Vec<&str> = unnamed.iter().map(String::as_str).collect();
    each_value_is_replaced_alone(Format::DOCKERFILE, &unnamed, 12);
}

#[test]
fn any_text_is_read_back() {
    any_text_is_read_back_or_refused(Format::DOCKERFILE, FILES);
}

#[test]
fn broken_files_never_panic() {
    broken_files_are_errors_and_never_panics(Format::DOCKERFILE, FILES);
}

fn set_image(source: &str, name: &str, tag: &str) -> slipway_core::Result<String> {
    let selector = ImageSelector::from(name.parse::<ImageName>().expect("a name"));
    let version = ImageVersion { tag: Some(tag.parse().expect("a tag")), ..ImageVersion::default() };
    Format::DOCKERFILE.set_image(source, &selector, &version, &Options::default()).map(|edited| edited.text)
}

#[test]
fn images_of_stages_copies_and_mounts_are_found() {
    for (name, old) in [
        ("golang", "golang:1.22-alpine"),
        ("ghcr.io/acme/tools", "ghcr.io/acme/tools:1.0"),
        ("acme/cache", "acme/cache:2"),
    ] {
        assert_eq!(set_image(FILES[0], name, "9").expect(name), FILES[0].replace(old, &format!("{name}:9")));
    }
    let both = FILES[1].replace("acme/base:1", "acme/base:9").replace("acme/base:2", "acme/base:9");
    assert_eq!(set_image(FILES[1], "acme/base", "9").expect("two"), both);
    let both = FILES[2].replace("acme/base:1", "acme/base:9").replace("acme/base:3", "acme/base:9");
    assert_eq!(set_image(FILES[2], "acme/base", "9").expect("two"), both);
}

#[test]
fn what_is_no_image_of_its_own_is_refused_by_name() {
    let stage = set_image("FROM golang:1 AS build\nFROM build\n", "build", "2").expect_err("a stage");
    assert_eq!(stage.kind(), ErrorKind::ImageNotFound);
    for source in ["ARG V=1\nFROM acme/shop:${V}\n", "ARG V=1\nFROM acme/shop:$V AS x\n"] {
        let error = set_image(source, "acme/shop", "2").expect_err("computed");
        assert_eq!(error.kind(), ErrorKind::SharedValue);
        assert!(error.to_string().contains("line 2") && error.to_string().contains("ARG.VERSION"), "{error}");
    }
    let pinned = FILES[0].replace("golang:1.22-alpine", &format!("golang:1@sha256:{}", "1".repeat(64)));
    assert_eq!(set_image(&pinned, "golang", "2").expect_err("pinned").kind(), ErrorKind::StaleDigest);
    let path = "ARG.GO".parse().expect("a path");
    let twice = "ARG GO=1\nFROM a:1\nARG GO=2\n";
    let error = Format::DOCKERFILE.set(twice, &path, &"3".into(), &Options::default()).expect_err("twice");
    assert_eq!(error.kind(), ErrorKind::AmbiguousMatch);
}
