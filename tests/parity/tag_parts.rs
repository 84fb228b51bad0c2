//! What image-tag's rules are made of: time zones, which Node and the native programs know from different databases, patterns,
//! versions and forward-only tags.

use std::path::Path;

use testbed::{Registry, Repository, run_action};

use crate::both;

const PUSH: [(&str, &str); 2] =
    [("GITHUB_EVENT_NAME", "push"), ("GITHUB_SHA", "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567")];

/// Zones with letters and without, of odd offsets, under old names, and of none.
const ZONES: &[&str] = &[
    "UTC",
    "utc",
    "Etc/UTC",
    "Zulu",
    "GMT",
    "Etc/GMT+12",
    "Etc/GMT-14",
    "Europe/Berlin",
    "europe/BERLIN",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Lisbon",
    "Europe/Kyiv",
    "Europe/Kiev",
    "Europe/Moscow",
    "Europe/Istanbul",
    "Europe/Minsk",
    "Atlantic/Azores",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Halifax",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Havana",
    "America/Caracas",
    "America/Argentina/Buenos_Aires",
    "US/Eastern",
    "EST",
    "EST5EDT",
    "MST7MDT",
    "CET",
    "WET",
    "Africa/Lagos",
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Africa/Nairobi",
    "Africa/Casablanca",
    "Asia/Kolkata",
    "Asia/Calcutta",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Jakarta",
    "Asia/Shanghai",
    "PRC",
    "Asia/Hong_Kong",
    "Asia/Manila",
    "Asia/Tokyo",
    "Asia/Seoul",
    "Asia/Pyongyang",
    "Asia/Jerusalem",
    "Australia/Sydney",
    "Australia/Adelaide",
    "Australia/Perth",
    "Australia/Lord_Howe",
    "Australia/Eucla",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Apia",
    "Pacific/Guam",
    "Pacific/Kiritimati",
    "Pacific/Marquesas",
    "Antarctica/Troll",
    "Mars/Olympus",
    "JST",
    "PST",
    "+01:00",
    "SystemV/EST5",
    "Factory",
];

#[test]
fn time_zones() {
    let labels: Vec<String> = ZONES
        .iter()
        .enumerate()
        .map(|(at, zone)| format!("zone-{at:02}={{{{date 'YYYY-MM-DD HH:mm:ss.SSS Z ZZ z' tz='{zone}'}}}}"))
        .collect();
    for now in [
        "1970-01-01T00:00:00Z",
        "1999-07-01T12:00:00Z",
        "2001-03-04T05:06:07.089Z",
        "2010-06-30T23:59:59.999Z",
        "2016-05-05T05:05:05Z",
        "2024-02-29T12:00:00Z",
        "2026-03-08T06:59:59.999Z",
        "2026-03-08T07:00:00Z",
        "2026-07-15T12:00:00Z",
    ] {
        let variables = [("SLIPWAY_NOW", now), ("GITHUB_REF", "refs/heads/main"), PUSH[0], PUSH[1]];
        let inputs = [("labels", &*labels.join("\n")), ("tags", "x")];
        let run = both(now, |runner| run_action(runner, "image-tag", &inputs, &variables, Path::new("/")));
        assert_eq!(run.code, 0, "{now}: {}", run.stdout);
        assert_eq!(run.stdout.matches("there is no time zone").count(), 6, "{now}: {}", run.stdout);
    }
}

#[test]
fn patterns_and_versions() {
    for (tag, rules) in [
        ("build-20260304-rc7", "type=match,pattern=build-(\\d+)-(.*),group=2"),
        ("ABC", "type=match,pattern=/b(c)?|(d)/i,group=1"),
        ("a-1-b-2", "type=match,pattern=/\\d/g,group=1"),
        ("ab", "type=match,pattern=(?:(a)|(b))*,group=1"),
        ("É", "type=match,pattern=/é/i"),
        ("v1", "type=match,pattern=(?<=v)\\d"),
        ("v1", "type=match,pattern=(a{1000}){1000}"),
        (&"a".repeat(5000), "type=match,pattern=^(a+)+$"),
        ("1!2.3.4", "type=pep440,pattern={{version}}\ntype=pep440,pattern={{major}}.{{minor}}"),
        ("1.2.3-1", "type=pep440,pattern={{major}}"),
        ("1.2.3+local.7", "type=pep440,pattern={{version}}"),
        ("2026.3.4", "type=calver,pattern=YY.0M\ntype=calver,pattern=YYYY.MM.MICRO"),
        ("2026.2.30", "type=calver,pattern=YYYY.MM.DD"),
    ] {
        let git_ref = format!("refs/tags/{tag}");
        let variables = [crate::NOW, ("GITHUB_REF", &*git_ref), PUSH[0], PUSH[1]];
        both(rules, |runner| run_action(runner, "image-tag", &[("tags", rules)], &variables, Path::new("/")));
    }
}

#[test]
fn forward_only_tags_and_detached_heads() {
    let repository = Repository::new();
    for tag in ["v1.0.0", "v1.1.0", "v2.0.0", "v1.0.1"] {
        repository.commit(tag);
        repository.tag(tag);
    }
    repository.git(&["checkout", "--quiet", "--detach"]);
    let registry = Registry::start();
    registry.push("acme/shop", "1.0.2", "x", "");
    let image = format!("{}/acme/shop", registry.host());
    let variables = [crate::NOW, ("GITHUB_REF", "refs/heads/main"), PUSH[0], PUSH[1]];
    for (source, expected) in [("git", "1.0.1\n1.0"), ("registry", "1.0.1"), ("both", "1.0.1")] {
        let inputs = [
            ("context", "git"),
            ("images", &*image),
            ("flavor", "latest=forward"),
            ("releases-from", source),
            ("tags", "type=semver,pattern={{version}}\ntype=semver,pattern={{major}}.{{minor}},forward=true"),
        ];
        let run = both(source, |runner| run_action(runner, "image-tag", &inputs, &variables, repository.path()));
        assert_eq!(run.output("tag-names"), expected, "{source}: {}", run.stdout);
    }
}
