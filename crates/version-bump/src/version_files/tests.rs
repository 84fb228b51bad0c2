use super::*;

/// A release of a version after another; `-` for the first.
fn released(input: &str, files: &[(&str, &str)], last: &str, new: &str) -> Result<Planned> {
    let (last, new) = (last.parse().ok(), new.parse().unwrap());
    let step = Step { last: last.as_ref(), new: &new, is_by_hand: false };
    plan(&VersionFiles::parse(input)?, &Files::of(files), step)
}

/// The files that change when 1.4.2 is followed by 1.5.0, and nothing but the changes is said.
fn changed(files: &[(&str, &str)]) -> Vec<(String, String)> {
    texts(released("auto", files, "1.4.2", "1.5.0").unwrap())
}

fn texts(planned: Planned) -> Vec<(String, String)> {
    assert_eq!((planned.notices, planned.warnings, planned.refusal), (Vec::new(), Vec::new(), None));
    let text = |change: FileChange| (change.path.to_string(), String::from_utf8(change.content).unwrap());
    planned.changes.into_iter().map(text).collect()
}

/// A file in which every `1.4.2!` becomes 1.5.0, and nothing else changes.
fn assert_exact(path: &str, marked: &str) {
    let (old, new) = (marked.replace("1.4.2!", "1.4.2"), marked.replace("1.4.2!", "1.5.0"));
    assert_eq!(changed(&[(path, &old)]), [(path.to_owned(), new)]);
}

#[test]
fn only_the_version_changes() {
    assert_exact("version.txt", "1.4.2!\n");
    assert_exact("VERSION", "\u{feff}v1.4.2!");
    assert_exact("VERSION.txt", "\r\n 1.4.2! \r\n");
    assert_exact("Chart.yaml", "# 1.4.2\nversion: '1.4.2!' # here\nappVersion: \"1.4.2!\"\r\nkubeVersion: 1.4.2");
    assert_exact("Chart.yaml", "\u{feff}apiVersion: v2\r\nappVersion: v1.4.2!\r\nversion: 1.4.2!\r\n");
    assert_exact(
        "package.json",
        "\u{feff}{\r\n\t\"name\": \"shop\",\r\n\t\"version\" :\"1.4.2!\",\r\n\t\"x\": {\"version\": \"1.4.2\"}\r\n}",
    );
    assert_exact(
        "pyproject.toml",
        "[build-system]\nrequires = []\n\n[project]\nname = \"shop\"\nversion = '1.4.2!' # keep\ndependencies = [\"x==1.4.2\"]\n",
    );
    assert_exact(
        "pyproject.toml",
        "[tool.poetry]\r\nname = \"shop\"\r\nversion=\"1.4.2!\"\r\n\r\n[tool.x]\r\nversion = \"1.4.2\"",
    );
    assert_exact(
        "Cargo.toml",
        "[package]\nname = \"shop\" # 1.4.2\nversion   =   \"1.4.2!\"\n\n[dependencies]\nx = \"1.4.2\"\ny = { version = \"1.4.2\" }",
    );
    assert_exact("gradle.properties", "# version=1.4.2\r\nversion = 1.4.2!\r\nother.version=1.4.2");
    assert_exact(
        "pom.xml",
        "\u{feff}<?xml version=\"1.0\"?>\r\n<project>\r\n  <!-- <version>1.4.2</version> -->\r\n  <parent><version>1.4.2</version></parent>\r\n  \
         <version> 1.4.2! </version>\r\n  <dependencies><dependency><version>1.4.2</version></dependency></dependencies>\r\n</project>",
    );
    assert_exact("Cargo.toml", "package = { name = \"shop\", version = \"1.4.2!\" }\r\n");
}

#[test]
fn a_file_with_another_version_is_left_alone() {
    let notice = |path: &str, text: &str| {
        let planned = released("auto", &[(path, text)], "1.4.2", "1.5.0").unwrap();
        assert!(planned.changes.is_empty() && planned.warnings.is_empty() && planned.refusal.is_none());
        planned.notices.join("\n")
    };
    assert_eq!(
        notice("package.json", "{\"version\": \"0.0.0\"}"),
        "`package.json#version` is left as it is: it has `0.0.0`, and the last release is `1.4.2`"
    );
    assert_eq!(
        notice("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"1.6.0\""),
        "`Cargo.toml#package.version` is left as it is: it has `1.6.0`, and the last release is `1.4.2`"
    );
    assert_eq!(
        notice("Chart.yaml", "version: next\nappVersion: 2.0.0"),
        "`Chart.yaml#version` is left as it is: `next` is no version"
    );
    for (path, text) in [
        ("VERSION", "1.5.0\n"),
        ("VERSION", "MAJOR=1\nMINOR=4\n"),
        ("package.json", "{\"private\": true}"),
        ("package.json", "{\"version\": \"1.5.0\"}"),
        ("pyproject.toml", "[project]\nname = \"shop\"\ndynamic = [\"version\"]\n"),
        ("Cargo.toml", "[workspace]\nmembers = []\n"),
        ("src/package.json", "{\"version\": \"1.4.2\"}"),
    ] {
        assert_eq!(notice(path, text), "", "{path}");
    }
}

#[test]
fn a_file_that_cannot_be_read_is_a_warning_unless_it_was_listed() {
    let files = [("package.json", "{"), ("VERSION", "1.4.2\n")];
    let planned = released("auto", &files, "1.4.2", "1.5.0").unwrap();
    assert_eq!((planned.changes.len(), planned.warnings.len()), (1, 1), "{:?}", planned.warnings);
    assert!(planned.warnings[0].starts_with("`package.json` is left as it is: "), "{:?}", planned.warnings);
    assert_eq!(released("package.json", &files, "1.4.2", "1.5.0").unwrap_err().kind(), ErrorKind::InvalidFile);
}

#[test]
fn pre_releases_lead_to_their_release() {
    let version = |old: &str, last: &str, new: &str| {
        let file = [("VERSION", old)];
        let mut changes = released("auto", &file, last, new).unwrap().changes;
        changes.pop().map(|change| String::from_utf8(change.content).unwrap())
    };
    assert_eq!(version("1.5.0-rc.1", "1.4.2", "1.5.0").as_deref(), Some("1.5.0"));
    assert_eq!(version("1.4.2", "1.4.2", "1.5.0-rc.1").as_deref(), Some("1.5.0-rc.1"));
    assert_eq!(version("1.5.0-rc.1", "1.5.0-rc.1", "1.5.0-rc.2").as_deref(), Some("1.5.0-rc.2"));
    assert_eq!(version("1.4.3-SNAPSHOT", "1.4.2", "1.5.0").as_deref(), Some("1.5.0"));
    assert_eq!(version("2.0.0-SNAPSHOT", "1.4.2", "1.5.0"), None);
    assert_eq!(version("1.4.2-rc.1", "1.4.2", "1.5.0"), None);
    assert_eq!(version("0.1.0-dev", "-", "0.1.0").as_deref(), Some("0.1.0"));
    let python = [("pyproject.toml", "[project]\nname = \"shop\"\nversion = \"1.5.0rc1\"\n")];
    let planned = released("auto", &python, "1.5.0-rc.1", "1.5.0-rc.2").unwrap();
    assert_eq!(texts(planned)[0].1, "[project]\nname = \"shop\"\nversion = \"1.5.0rc2\"\n");
    let planned = released("auto", &python, "1.5.0-rc.1", "1.5.0-next.1").unwrap();
    assert!(planned.changes.is_empty() && planned.warnings[0].contains("cannot be the version of a Python package"));
}

#[test]
fn before_the_first_release_other_versions_are_doubtful() {
    let said = |text: &str| {
        let planned = released("auto", &[("VERSION", text)], "-", "0.1.0").unwrap();
        assert!(planned.changes.is_empty());
        (planned.notices.len(), planned.warnings.join(""))
    };
    assert_eq!(said("0.1.0"), (0, String::new()));
    assert_eq!(said("0.0.0"), (1, String::new()));
    assert_eq!(
        said("3.2.1"),
        (
            0,
            "`VERSION` is left as it is: it has `3.2.1`, and the first release is `0.1.0`; to begin there, set \
             `initial-version: 3.2.1`"
                .into()
        )
    );
}

#[test]
fn listed_files_are_always_set() {
    let files = [
        ("package.json", "{\"version\": \"0.0.0\"}"),
        ("deploy/values.yaml", "image:\n  tag: v1.2.0 # x\n"),
        ("app.toml", "[app]\nversion = \"dev\"\n"),
        ("VERSION", "1.4.2\n"),
    ];
    let planned =
        released("package.json\ndeploy/values.yaml#image.tag\napp.toml#app.version", &files, "1.4.2", "1.5.0");
    assert_eq!(
        texts(planned.unwrap()),
        [
            ("app.toml".into(), "[app]\nversion = \"1.5.0\"\n".into()),
            ("deploy/values.yaml".into(), "image:\n  tag: v1.5.0 # x\n".into()),
            ("package.json".into(), "{\"version\": \"1.5.0\"}".to_owned()),
        ]
    );
    let both = released("auto\npackage.json", &files, "1.4.2", "1.5.0").unwrap();
    assert_eq!(texts(both).len(), 2);
    assert!(released("none", &files, "1.4.2", "1.5.0").unwrap().changes.is_empty());
}

#[test]
fn listed_files_do_not_go_backwards() {
    let files = [("VERSION", "2.0.0\n"), ("Chart.yaml", "version: 1.0.0\nappVersion: 9.0.0\n")];
    let planned = released("VERSION\nChart.yaml", &files, "1.4.2", "1.5.0").unwrap();
    assert_eq!(planned.refusal.unwrap().kind(), ErrorKind::Downgrade);
    assert_eq!(planned.changes.len(), 1, "another file's appVersion is no reason");
    let (last, new) = (Version::new(1, 4, 2), Version::new(1, 5, 0));
    let step = Step { last: Some(&last), new: &new, is_by_hand: true };
    let planned = plan(&VersionFiles::parse("VERSION").unwrap(), &Files::of(&files), step).unwrap();
    assert_eq!(texts(planned), [("VERSION".into(), "1.5.0\n".into())]);
}

#[test]
fn lines_that_mean_nothing_are_errors() {
    let files =
        [("VERSION", "x\n"), ("package.json", "{\"version\": [1]}"), ("notes.txt", "1.4.2"), ("a.yaml", "a: 1.4.2\n")];
    for (line, kind) in [
        ("VERSIONS", ErrorKind::NotFound),
        ("VERSION", ErrorKind::PathNotFound),
        ("package.json", ErrorKind::PathNotFound),
        ("notes.txt", ErrorKind::InvalidInput),
        ("notes.txt#version", ErrorKind::InvalidInput),
        ("a.yaml", ErrorKind::InvalidInput),
        ("a.yaml#b", ErrorKind::PathNotFound),
    ] {
        assert_eq!(released(line, &files, "1.4.2", "1.5.0").unwrap_err().kind(), kind, "{line}");
    }
}

#[test]
fn python_sources_hold_a_dynamic_version() {
    let project = "[project]\nname = \"shop\"\ndynamic = [\"version\"]\n";
    for source in ["src/shop/__init__.py", "shop/__about__.py", "shop/_version.py", "src/shop/version.py"] {
        let files = [
            ("pyproject.toml", project),
            (source, "\"\"\"1.4.2\"\"\"\r\n__version__: str = '1.4.2'  # 1.4.2\r\n"),
            ("tests/__init__.py", "x = 1\n"),
            ("src/shop/deep/__init__.py", "__version__ = '1.4.2'\n"),
        ];
        let new = texts(released("auto", &files, "1.4.2", "1.5.0-rc.1").unwrap());
        assert_eq!(
            new,
            [(source.into(), "\"\"\"1.4.2\"\"\"\r\n__version__: str = '1.5.0rc1'  # 1.4.2\r\n".to_owned())]
        );
    }
    let hatch = format!("{project}\n[tool.hatch.version]\npath = \"lib/shop/meta.py\"\n");
    let files = [("pyproject.toml", hatch.as_str()), ("lib/shop/meta.py", "__version__ = \"1.4.2\"")];
    assert_eq!(changed(&files), [("lib/shop/meta.py".into(), "__version__ = \"1.5.0\"".to_owned())]);
    let listed = released("lib/shop/meta.py#__version__", &files, "1.4.2", "1.5.0-beta.2").unwrap();
    assert_eq!(texts(listed)[0].1, "__version__ = \"1.5.0b2\"");
}

#[test]
fn maven_modules_follow_their_parent() {
    let parent = "<project>\n<groupId>acme</groupId>\n<artifactId>shop</artifactId>\n<version>1.5.0-SNAPSHOT</version>\n<modules><module>a</module></modules>\n</project>\n";
    let module = |group: &str| {
        format!(
            "<project>\n<parent>\n<groupId>{group}</groupId>\n<artifactId>shop</artifactId>\n<version>1.5.0-SNAPSHOT</version>\n</parent>\n<artifactId>a</artifactId>\n</project>"
        )
    };
    let (ours, other) = (module("acme"), module("other"));
    let files = [("pom.xml", parent), ("a/pom.xml", ours.as_str()), ("b/pom.xml", &other)];
    let new = texts(released("auto", &files, "1.4.2", "1.5.0").unwrap());
    assert_eq!(
        new,
        [
            ("a/pom.xml".to_owned(), ours.replace("-SNAPSHOT", "")),
            ("pom.xml".to_owned(), parent.replace("-SNAPSHOT", "")),
        ]
    );
    let revision =
        "<project><version>${revision}</version><properties><revision>1.4.2</revision></properties></project>";
    assert_eq!(changed(&[("pom.xml", revision)])[0].1, revision.replace("1.4.2", "1.5.0"));
}

#[test]
fn comments_mark_versions_anywhere() {
    let text = "#!/bin/sh\r\nVERSION=v1.4.2 # slipway:version\r\nMAJOR=1 # slipway:major\nMINOR=4 # slipway:minor\n1.4.2\n\
                # slipway:begin version\nshop-1.4.1.tar.gz\nother\n# slipway:end";
    let planned = released("install.sh", &[("install.sh", text)], "1.4.2", "2.0.0").unwrap();
    let expected = text
        .replace("v1.4.2", "v2.0.0")
        .replace("MAJOR=1", "MAJOR=2")
        .replace("MINOR=4", "MINOR=0")
        .replace("1.4.1", "2.0.0");
    assert_eq!(texts(planned), [("install.sh".into(), expected)]);
}

#[test]
fn npm_locks_follow() {
    let lock = "{\n  \"name\": \"shop\",\n  \"version\": \"1.4.2!\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \
                \"name\": \"shop\",\n      \"version\": \"1.4.2!\"\n    },\n    \"node_modules/x\": {\n      \"version\": \"1.4.2\"\n    },\n    \
                \"packages/ui\": {\n      \"version\": \"1.4.2\"\n    }\n  }\n}\n";
    let files = [("package.json", "{\"version\": \"1.4.2\"}"), ("package-lock.json", &lock.replace('!', ""))];
    let new = changed(&files);
    assert_eq!(new[0], ("package-lock.json".into(), lock.replace("1.4.2!", "1.5.0")));
    assert_eq!(new[1], ("package.json".into(), "{\"version\": \"1.5.0\"}".into()));
    let old_lock = [("package.json", "{\"version\": \"1.4.2\"}"), ("npm-shrinkwrap.json", "{\"version\":\"1.4.1\"}")];
    assert_eq!(changed(&old_lock)[0].1, "{\"version\":\"1.5.0\"}");
}

const CARGO_LOCK: &str = "# made by Cargo\nversion = 4\n\n[[package]]\nname = \"shop\"\nversion = \"1.4.2!\"\ndependencies = [\n \
    \"shop-core 1.4.2!\",\n \"shop-core 1.4.2 (registry+https://x)\",\n]\n\n[[package]]\nname = \"shop-core\"\nversion = \"1.4.2!\"\n\n\
    [[package]]\nname = \"shop-core\"\nversion = \"1.4.2\"\nsource = \"registry+https://x\"\nchecksum = \"1.4.2\"\n\n\
    [[package]]\nname = \"tool\"\nversion = \"1.4.2\"\n";

#[test]
fn a_cargo_workspace_moves_together() {
    let files = [
        ("Cargo.lock", CARGO_LOCK.replace('!', "")),
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"core\", \"app\", \"tool\"]\n\n[workspace.package]\nversion = \"1.4.2\" # ours\n\n\
             [workspace.dependencies]\nshop-core = { path = \"core\", version = \"=1.4.2\" }\nserde = \"1.4.2\"\n"
                .into(),
        ),
        (
            "app/Cargo.toml",
            "[package]\nname = \"shop\"\nversion.workspace = true\n\n[dependencies]\nshop-core.workspace = true\n\n\
             [target.'cfg(unix)'.dependencies.core]\npackage = \"shop-core\"\npath = \"../core\"\nversion = \"~1.4.2\"\n"
                .into(),
        ),
        ("core/Cargo.toml", "[package]\nname = \"shop-core\"\nversion = { workspace = true }\n".into()),
        (
            "tool/Cargo.toml",
            "[package]\nname = \"tool\"\nversion = \"0.0.0\"\n\n[dependencies]\nshop = { path = \"../app\", version = \"1.4\" }\n"
                .into(),
        ),
        ("vendor/x/Cargo.toml", "[package]\nname = \"x\"\nversion = \"1.4.2\"\n".into()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let planned = released("auto", &files, "1.4.2", "1.5.0").unwrap();
    assert_eq!(
        planned.notices,
        ["`tool/Cargo.toml#package.version` is left as it is: it has `0.0.0`, and the last release is `1.4.2`"]
    );
    let new = texts(Planned { notices: Vec::new(), ..planned });
    let expected = [
        ("Cargo.lock", CARGO_LOCK.replace("1.4.2!", "1.5.0")),
        (
            "Cargo.toml",
            files[1].1.replace("version = \"1.4.2\" # ours", "version = \"1.5.0\" # ours").replace("=1.4.2", "=1.5.0"),
        ),
        ("app/Cargo.toml", files[2].1.replace("~1.4.2", "~1.5.0")),
    ];
    assert_eq!(new, expected.map(|(path, text)| (path.to_owned(), text)));

    let major = released("auto", &files, "1.4.2", "2.0.0").unwrap();
    let tool = major.changes.iter().find(|change| change.path.as_str() == "tool/Cargo.toml").unwrap();
    assert!(String::from_utf8_lossy(&tool.content).contains("version = \"2.0\""));
}

#[test]
fn members_with_versions_of_their_own_are_raised_with_the_workspace() {
    let files = [
        ("Cargo.toml", "[workspace]\nmembers = [\"*\"]\n"),
        ("a/Cargo.toml", "[package]\nname = \"a\"\nversion = \"1.4.2\"\n"),
        (
            "b/Cargo.toml",
            "[package]\nname = \"b\"\nversion = \"1.4.2\"\n[dependencies]\na = { path = \"../a\", version = \">=1, <1.5\" }\n",
        ),
    ];
    let planned = released("auto", &files, "1.4.2", "1.5.0").unwrap();
    assert_eq!(planned.changes.len(), 2);
    assert_eq!(planned.warnings, ["`b/Cargo.toml` requires `a` `>=1, <1.5`, which `1.5.0` does not meet"]);
    let listed = released("a/Cargo.toml", &files, "1.4.2", "1.5.0").unwrap();
    assert_eq!(listed.changes.len(), 1);
}

#[test]
fn python_locks_follow() {
    let lock = "version = 1\n\n[[package]]\nname = \"my-shop\"\nversion = \"1.4.2!\"\nsource = { editable = \".\" }\n\n\
                [[package]]\nname = \"other\"\nversion = \"1.4.2\"\nsource = { registry = \"https://x\" }\n";
    let files = [
        ("pyproject.toml", "[project]\nname = \"My_Shop\"\nversion = \"1.4.2\"\n"),
        ("uv.lock", &lock.replace('!', "")),
    ];
    let planned = released("auto", &files, "1.4.2", "1.5.0-rc.1").unwrap();
    assert_eq!(texts(planned)[1], ("uv.lock".into(), lock.replace("1.4.2!", "1.5.0rc1")));
}

#[test]
fn hostile_files_are_survived() {
    let deep = "[".repeat(200_000);
    let many = "[[package]]\nname = \"shop\"\nversion = \"1.4.2\"\n".repeat(20_000);
    for (path, text) in [
        ("package.json", deep.as_str()),
        ("Cargo.toml", &deep),
        ("Chart.yaml", &deep),
        ("pyproject.toml", "\0"),
        ("VERSION", &deep),
    ] {
        released("auto", &[(path, text)], "1.4.2", "1.5.0").unwrap();
    }
    let files = [("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"1.4.2\"\n"), ("Cargo.lock", &many)];
    assert_eq!(changed(&files).len(), 2);
}
