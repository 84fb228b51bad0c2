//! What a line of `checks` is read as.

use slipway_core::ErrorKind;

use super::*;

#[test]
fn checks_have_one_normal_form() {
    for (line, text) in [
        ("health https://shop.example/health", "health https://shop.example/health"),
        ("health http://127.0.0.1:8080/h?key=s3cret == 204", "health http://127.0.0.1:8080/h?… == 204"),
        ("version https://shop.example/version == 1.5.0", "version https://shop.example/version == 1.5.0"),
        ("version  https://shop.example/version   ==  release", "version https://shop.example/version == release"),
        ("health https://x/ .status==\"healthy\"", "health https://x/ .status == \"healthy\""),
        ("version https://x/?key=s3cret .build.version == 2", "version https://x/?… .build.version == 2"),
        ("uptime https://x/health", "uptime https://x/health"),
        ("uptime https://x/health  .up", "uptime https://x/health .up"),
        ("json https://x/?token=s3cret .a[0][\"b c\"]<=5.0", "json https://x/?… .a[0].[\"b c\"] <= 5"),
        ("error-rate<5%", "error-rate < 5%"),
        ("error-rate <= 0.25%", "error-rate <= 0.25%"),
        ("p95 < 2s", "p95 < 2s"),
        ("p99<=1s500ms", "p99 <= 1500ms"),
        ("throughput > 50/s", "throughput > 50/s"),
        ("throughput >= 0.5/s", "throughput >= 0.5/s"),
    ] {
        let check: Check = line.parse().unwrap();
        assert_eq!(check.text, text);
        assert_eq!(check.text.replace('…', "").parse::<Check>().unwrap().text, text, "again");
    }
}

#[test]
fn what_is_no_check_is_told_and_how_to_write_it() {
    for (line, expected) in [
        ("eror-rate < 5%", "`eror-rate < 5%` is not a check. did you mean `error-rate`?"),
        ("P95 < 2s", "`P95 < 2s` is not a check. did you mean `p95`?"),
        ("health: https://x/", "`health: https://x/` is not a check. did you mean `health`?"),
        ("p95 < 5", "`p95 < 5`: `5` has no unit. write a duration such as `500ms` or `2s`"),
        ("p95 < 5 s", "`p95 < 5 s`: `5 s` is not a duration. write a duration such as `500ms` or `2s`"),
        ("p95 < 1.5s", "`p95 < 1.5s`: `1.5s` is not a duration. write a duration such as `500ms` or `2s`"),
        ("p95 < 0s", "`p95 < 0s`: no request takes less than no time. write `p95 < 2s`"),
        ("p95", "`p95`: there is no comparison. write `p95 < 2s`"),
        ("p95 2s", "`p95 2s`: there is no comparison. write `p95 < 2s`"),
        ("p95 > 2s", "`p95 > 2s`: it must be compared by `<` or `<=`. write `p95 < 2s`"),
        ("p95 < < 2s", "`p95 < < 2s`: `< 2s` is not a duration. write a duration such as `500ms` or `2s`"),
        ("error-rate < 0.05", "`error-rate < 0.05`: `0.05` is not a percentage. write one such as `5%` or `0.1%`"),
        ("error-rate < 5 %", "`error-rate < 5 %`: `5 %` is not a percentage. write one such as `5%` or `0.1%`"),
        ("error-rate < -5%", "`error-rate < -5%`: `-5%` is not a percentage. write one such as `5%` or `0.1%`"),
        ("error-rate < 1e1%", "`error-rate < 1e1%`: `1e1%` is not a percentage. write one such as `5%` or `0.1%`"),
        ("error-rate < NaN%", "`error-rate < NaN%`: `NaN%` is not a percentage. write one such as `5%` or `0.1%`"),
        ("error-rate < 101%", "`error-rate < 101%`: it holds whatever happens. write `error-rate < 5%`"),
        ("error-rate <= 100%", "`error-rate <= 100%`: it holds whatever happens. write `error-rate < 5%`"),
        ("error-rate < 0%", "`error-rate < 0%`: it can never hold. write `error-rate <= 0%`"),
        ("error-rate == 0%", "`error-rate == 0%`: it must be compared by `<` or `<=`. write `error-rate < 5%`"),
        ("throughput > 50", "`throughput > 50`: `50` is not a rate. write one such as `50/s` or `0.5/s`"),
        ("throughput > 50/m", "`throughput > 50/m`: `50/m` is not a rate. write one such as `50/s` or `0.5/s`"),
        ("throughput >= 0/s", "`throughput >= 0/s`: it holds whatever happens. write `throughput > 50/s`"),
        ("throughput < 5/s", "`throughput < 5/s`: it must be compared by `>` or `>=`. write `throughput > 50/s`"),
        ("health", "`health`: there is no address. write `health https://shop.example/health`"),
        (
            "health https://x/ = 200",
            "`health https://x/ = 200`: `= 200` is not understood. write `health https://shop.example/health`",
        ),
        ("health https://x/ == 99", "`health https://x/ == 99`: `99` is not a status. write a number from 200 to 599"),
        (
            "health https://x/ == 302",
            "`health https://x/ == 302`: redirects are followed, so no answer has this status. \
             write the status of the page that they lead to",
        ),
        (
            "health https://x/ .status == healthy",
            "`health https://x/ .status == healthy`: `healthy` is neither a number, a boolean nor a text in quotes. \
             write one such as `5`, `true` or `\"healthy\"`",
        ),
        (
            "uptime https://x/ > 5",
            "`uptime https://x/ > 5`: `> 5` is not understood. write `uptime https://shop.example/health .uptime_seconds`",
        ),
        (
            "json https://x/ < 5",
            "`json https://x/ < 5`: there is no path to a value. write `json https://monitor.example/api .open_alerts < 5`",
        ),
        (
            "json https://x/ .a",
            "`json https://x/ .a`: there is no comparison. write `json https://monitor.example/api .open_alerts < 5`",
        ),
        (
            "version https://x/",
            "`version https://x/`: there is no version. write `version https://shop.example/version == release`",
        ),
        (
            "version https://x/ < 2",
            "`version https://x/ < 2`: `< 2` is not understood. write `version https://shop.example/version == release`",
        ),
    ] {
        assert_eq!(line.parse::<Check>().unwrap_err().to_string(), expected);
    }
    let forms = "smoke tests".parse::<Check>().unwrap_err().to_string();
    assert!(forms.contains("write one of `health https://shop.example/health`"), "{forms}");
}

#[test]
fn the_readme_has_a_row_for_each_kind() {
    let readme = include_str!("../../../../actions/rollback-gate/README.md");
    let (_, section) = readme.split_once("\n## Checks\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<&str> = section.lines().filter_map(|line| line.strip_prefix("| `")).collect();
    for kind in &KINDS {
        let told = rows.iter().any(|row| row.starts_with(&format!("{} ", kind.word)))
            || rows.iter().any(|row| row.contains(&format!("`{}`", kind.word)));
        assert!(told, "`{}` has no row", kind.word);
    }
    // The examples in it are checks, too.
    for row in &rows {
        let example = row.split('`').next().unwrap().replace("URL", "https://x/");
        example.parse::<Check>().unwrap();
    }
}

#[test]
fn addresses_that_can_never_be_right_are_refused() {
    for (line, kind) in [
        ("health shop.example/health", ErrorKind::InvalidInput),
        ("health ftp://shop.example/", ErrorKind::InvalidInput),
        ("health https://", ErrorKind::InvalidInput),
        ("health https://x:99999/", ErrorKind::InvalidInput),
        ("health https://good@evil/", ErrorKind::InvalidInput),
        ("version https://x:0/ == 1", ErrorKind::InvalidInput),
        ("health http://169.254.169.254/latest", ErrorKind::ForbiddenAddress),
        ("health http://[fd00:ec2::254]/", ErrorKind::ForbiddenAddress),
        ("health http://0.0.0.0/", ErrorKind::ForbiddenAddress),
        ("version http://metadata.google.internal/ == 1", ErrorKind::ForbiddenAddress),
    ] {
        assert_eq!(line.parse::<Check>().unwrap_err().kind(), kind, "{line}");
    }
    let error = "health https://u:s3cret@x/?token=s3cret".parse::<Check>().unwrap_err().to_string();
    assert!(!error.contains("s3cret"), "{error}");
}
