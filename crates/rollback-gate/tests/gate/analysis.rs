//! Analyses of templates against a real Prometheus, a real service under load, and servers that answer badly.

use std::time::{Duration, Instant};

use tempfile::TempDir;
use testbed::{Load, PrometheusServer, Release, Service, binary};

use crate::hostile::Server;
use crate::world::{LIMIT, Said, gate};

/// A template with the metrics, as YAML in flow style.
fn template(metrics: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata: {{name: shop}}\nspec:\n  \
         args: [{{name: job, value: shop}}]\n  metrics: [{metrics}]\n"
    )
}

/// The share of errors, as people ask for it.
const SHARE: &str = r#"sum(rate(http_requests_total{job="{{args.job}}",status=~"5.."}[2s])) / sum(rate(http_requests_total{job="{{args.job}}"}[2s]))"#;

fn errors(condition: &str, more: &str) -> String {
    format!("{{name: errors, {more} successCondition: '{condition}', provider: {{prometheus: {{query: '{SHARE}'}}}}}}")
}

fn run(files: &[(&str, &str)], inputs: &[(&str, &str)]) -> Said {
    let directory = TempDir::with_prefix("analysis-").unwrap();
    for (name, content) in files {
        std::fs::write(directory.path().join(name), content).unwrap();
    }
    let usual = [("analysis-template", "template.yaml"), ("duration", "1s"), ("interval", "200ms")];
    let usual = usual.into_iter().filter(|(name, _)| inputs.iter().all(|(given, _)| given != name));
    let inputs: Vec<(&str, &str)> = usual.chain(inputs.iter().copied()).collect();
    gate(&inputs, &[], directory.path())
}

/// A service with this share of errors, its users, and a Prometheus that knows it for some seconds.
fn world(test: &str, error_share: f64, secure: bool) -> Option<(Service, Load, PrometheusServer)> {
    let release = Release { error_share, ..Release::version("1.0.0") };
    let mut service = Service::start(&binary("sample-service"), &release).unwrap();
    service.wait_until_healthy(LIMIT).unwrap();
    let users = Load::start(&service.url(), 100.0, Duration::from_secs(60)).unwrap();
    let prometheus = PrometheusServer::start(test, &[&service.address().to_string()], secure)?;
    if !secure {
        prometheus.wait_for("sum(rate(http_requests_total[2s])) > 50");
    }
    Some((service, users, prometheus))
}

#[test]
fn a_template_is_measured_on_a_real_prometheus() {
    let Some((_service, _users, prometheus)) = world("a template on a real Prometheus", 0.2, false) else { return };
    let url = prometheus.url();
    let cases = [
        (errors("result[0] < 0.5", "interval: 300ms, count: 3,"), 0, "promote", "Successful"),
        (errors("result[0] < 0.05", "interval: 300ms, count: 3,"), 1, "rollback", "Failed"),
        // No series, and a share of nothing: nobody knows.
        (errors("result[0] < 0.05", "").replace("job=\"{{args.job}}\"", "job=\"none\""), 1, "hold", "Inconclusive"),
        (
            "{name: nan, successCondition: 'result[0] < 1', provider: {prometheus: {query: 'vector(0) / 0'}}}".into(),
            1,
            "hold",
            "Inconclusive",
        ),
        (
            "{name: scalar, successCondition: 'result > 1', provider: {prometheus: {query: 'scalar(sum(http_requests_total))'}}}"
                .into(),
            0,
            "promote",
            "Successful",
        ),
        (
            "{name: range, successCondition: 'len(result) > 2 && all(result, # >= 0)', provider: {prometheus: {query: \
             'sum(http_requests_total)', rangeQuery: {start: 'now() - duration(\"2s\")', end: now(), step: 500ms}}}}"
                .into(),
            0,
            "promote",
            "Successful",
        ),
        (
            "{name: text, consecutiveErrorLimit: 0, successCondition: 'true', provider: {prometheus: {query: '\"a\"'}}}".into(),
            1,
            "hold",
            "Error",
        ),
        (
            "{name: wrong, consecutiveErrorLimit: 0, successCondition: 'true', provider: {prometheus: {query: 'sum('}}}".into(),
            1,
            "hold",
            "Error",
        ),
        // An endless metric ends with the time.
        (errors("result[0] < 0.5", "interval: 200ms,"), 0, "promote", "Successful"),
    ];
    for (metric, code, verdict, phase) in cases {
        let said = run(&[("template.yaml", &template(&metric))], &[("prometheus-url", &url)]);
        let seen = (said.run.code, said.run.output("verdict"), said.json["run_phase"].as_str());
        assert_eq!(seen, (code, verdict, Some(phase)), "{metric}\n{}\n{}", said.run.output("reason"), said.run.stdout);
    }
    // The measured share is the one that the service makes.
    let said = run(&[("template.yaml", &template(&errors("result[0] < 0.5", "")))], &[("prometheus-url", &url)]);
    let value = said.json["metrics"]["errors"]["values"][0].as_str().unwrap();
    let share: f64 = value.trim_matches(['[', ']']).parse().unwrap();
    assert!((0.15..0.25).contains(&share), "{value}");
    // A plan measures once and shows what is asked.
    let said = run(
        &[("template.yaml", &template(&errors("result[0] < 0.5", "interval: 1h, count: 3,")))],
        &[("prometheus-url", &url), ("mode", "plan")],
    );
    assert_eq!((said.run.code, said.json["run_phase"].as_str()), (0, Some("Running")), "{}", said.run.stdout);
    assert!(said.run.summary.contains("job=\"shop\""), "{}", said.run.summary);
}

#[test]
fn an_analysis_ends_the_watch_and_counts_beside_checks() {
    let Some((service, _users, prometheus)) = world("an analysis beside checks", 0.2, false) else { return };
    let checks = format!("health {}/health", service.url());
    let start = Instant::now();
    let said = run(
        &[("template.yaml", &template(&errors("result[0] < 0.05", "")))],
        &[("prometheus-url", &prometheus.url()), ("checks", &checks), ("duration", "30s")],
    );
    assert_eq!(said.run.output("verdict"), "rollback", "{}", said.run.stdout);
    assert!(
        said.run.output("reason").starts_with("the metric `errors` failed at [0."),
        "{}",
        said.run.output("reason")
    );
    assert!(start.elapsed() < Duration::from_secs(10), "what is certain is not waited for");
    let said = run(
        &[("template.yaml", &template(&errors("result[0] < 0.5", "")))],
        &[("prometheus-url", &prometheus.url()), ("checks", &checks)],
    );
    let reason = "the check was good for 1s; the analysis is successful: 1 metric";
    assert_eq!((said.run.output("verdict"), said.run.output("reason")), ("promote", reason), "{}", said.run.stdout);
}

#[test]
fn a_login_and_an_authority_of_ones_own_are_taken() {
    let Some((_service, _users, prometheus)) = world("a Prometheus with a login", 0.0, true) else { return };
    // It takes a while until a server has scraped for the first time.
    let metric = "{name: up, interval: 300ms, failureLimit: -1, consecutiveSuccessLimit: 1, consecutiveErrorLimit: 0, \
                  successCondition: 'len(result) > 0 && result[0] > 0', provider: {prometheus: {query: 'count(up)'}}}";
    let template = template(metric);
    let files = [("template.yaml", template.as_str()), ("ca.pem", prometheus.authority())];
    // `ada:pass:word`
    let login = ("prometheus-headers", "Authorization: Basic YWRhOnBhc3M6d29yZA==");
    let (url, authority) = (prometheus.url(), ("certificate-authority", "ca.pem"));
    for (inputs, verdict, why) in
        [(&[login, authority][..], "promote", ""), (&[authority], "hold", "status 401"), (&[login], "hold", "failed")]
    {
        let inputs: Vec<(&str, &str)> =
            inputs.iter().copied().chain([("prometheus-url", url.as_str()), ("duration", "30s")]).collect();
        let said = run(&files, &inputs);
        assert_eq!(said.run.output("verdict"), verdict, "{}", said.run.stdout);
        assert!(said.run.output("reason").contains(why), "{}", said.run.output("reason"));
        let told = [&said.run.stdout, &said.run.stderr, &said.run.summary, said.run.output("json")];
        assert!(told.iter().all(|text| !text.contains("YWRhOnBhc3M6d29yZA")), "the login is told");
    }
    // Checks that ask an address trust the authority as well: here the server's own metrics, its health and an answer as JSON.
    let checks = format!("health {url}/-/ready\njson {url}/api/v1/query?query=1 .status == \"success\"\nrestarts == 0");
    let (header, metrics) = (format!("{url} Authorization: Basic YWRhOnBhc3M6d29yZA=="), format!("{url}/metrics"));
    let asked = [("analysis-template", ""), ("checks", &checks), ("headers", &header), ("metrics-url", &metrics)];
    for (authority, verdict) in [("ca.pem", "promote"), ("", "rollback")] {
        let inputs: Vec<(&str, &str)> = asked.into_iter().chain([("certificate-authority", authority)]).collect();
        let said = run(&files, &inputs);
        assert_eq!(said.run.output("verdict"), verdict, "{}", said.run.stdout);
    }
}

#[test]
fn what_answers_badly_is_no_reason_for_a_rollback() {
    let endless = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[";
    let good = "HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n{\"a\": 1}";
    let deep = Box::leak(format!("HTTP/1.1 200 OK\r\n\r\n{}", "[".repeat(100_000)).into_boxed_str());
    for (answer, is_endless, phase, why) in [
        (good, false, "Successful", ""),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", false, "Error", "status 404"),
        ("HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n", false, "Error", "status 500"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", false, "Error", "finds nothing"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine", false, "Error", "a text"),
        ("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx", false, "Error", "compressed body"),
        (
            "HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n",
            false,
            "Error",
            "redirected more than 5 times",
        ),
        (
            "HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/latest\r\ncontent-length: 0\r\n\r\n",
            false,
            "Error",
            "a redirect is not followed",
        ),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{", false, "Error", ""),
        (deep, false, "Error", "a text"),
        (endless, true, "Error", "sent more than 16777216 bytes"),
        ("nonsense\r\n\r\n", false, "Error", "failed"),
    ] {
        let server = Server::start(answer, is_endless);
        let metric = format!(
            "{{name: web, consecutiveErrorLimit: 0, successCondition: result == 1, provider: {{web: {{url: \
             'http://{}/x', jsonPath: '{{$.a}}', timeoutSeconds: 2}}}}}}",
            server.address
        );
        let said = run(&[("template.yaml", &template(&metric))], &[]);
        let verdict = if phase == "Successful" { "promote" } else { "hold" };
        let seen = (said.run.output("verdict"), said.json["run_phase"].as_str());
        assert_eq!(seen, (verdict, Some(phase)), "{answer:.60}: {}", said.run.stdout);
        assert!(said.run.output("reason").contains(why), "{answer:.60}: {}", said.run.output("reason"));
    }
}

#[test]
fn a_body_that_never_ends_is_given_up() {
    let server = Server::start("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", false);
    let slow = format!(
        "{{name: web, consecutiveErrorLimit: 0, successCondition: result == 1, provider: {{web: {{url: 'http://{}/', \
         timeoutSeconds: 1}}}}}}",
        server.address
    );
    binary("rollback-gate");
    let start = Instant::now();
    let said = run(&[("template.yaml", &template(&slow))], &[]);
    assert_eq!(said.json["run_phase"], "Error", "{}", said.run.stdout);
    assert!(start.elapsed() < Duration::from_secs(8));
}

#[test]
fn what_cannot_be_right_in_a_template_is_refused_before_anything_is_asked() {
    let prometheus = |condition: &str| {
        let address = "provider: {prometheus: {address: 'http://127.0.0.1:1', query: up}}";
        template(&format!("{{name: m, successCondition: \"{condition}\", {address}}}"))
    };
    let metric = |more: &str| template(&format!("{{name: m, {more}}}"));
    let up = "provider: {prometheus: {address: 'http://127.0.0.1:1', query: up}}";
    for (source, inputs, expected) in [
        (prometheus("result < 0.05"), &[][..], "`<` compares a list of numbers with a number"),
        (prometheus("result[0] <"), &[], "something is missing at the end"),
        (prometheus("result[0]"), &[], "it is a number, not true or false"),
        (prometheus("isNaN(result)"), &[], "`isNaN` takes a number, not a list of numbers"),
        (prometheus("default(result, 0) < 1"), &[], "`<` compares a list of numbers with a number"),
        (prometheus("result[0] < {{args.limit}}"), &[], "`{{args.limit}}` stands for nothing"),
        (metric("provider: {job: {}}"), &[], "the provider `job` is not read here"),
        (metric("provider: {datadog: {query: x}}"), &[], "the provider `datadog` is not read here"),
        (metric(&format!("count: 3, {up}")), &[], "interval must be specified when count > 1"),
        (metric(&format!("count: many, {up}")), &[], "count is `many`, which is not a whole number"),
        (metric(&format!("failureLimit: 50%, {up}")), &[], "failureLimit is `50%`, which is not a whole number"),
        (metric(&format!("interval: 1d, {up}")), &[], "unknown unit \"d\""),
        (metric(&format!("interval: 1ms, count: 2, {up}")), &[], "its interval is shorter than 100ms"),
        (metric(&format!("interval: 1s, count: 100000, {up}")), &[], "more than 10000 measurements"),
        (metric(&format!("interval: 9000h, count: 9000, {up}")), &[], "more than 30 days"),
        (metric("provider: {web: {url: 'http://169.254.169.254/'}}"), &[], "is refused"),
        (metric("provider: {web: {url: 'https://x.example', insecure: true}}"), &[], "`insecure`"),
        ("kind: Rollout\n".into(), &[], "there is a `Rollout`"),
        ("a: [\n".into(), &[], "template.yaml"),
        (prometheus("true"), &[("args", "jbo=x")], "did you mean `job`?"),
        (prometheus("true"), &[("analysis-template", "../template.yaml")], "leads out of the workspace"),
        (prometheus("true"), &[("analysis-template", "other.yaml")], "other.yaml"),
        (prometheus("true"), &[("prometheus-headers", "Authorization: x")], "nobody knows whom they are for"),
        (prometheus("true"), &[("replay-file", "x.json")], "only `mode: replay` reads it"),
        (prometheus("true"), &[("mode", "replay")], "input `replay-file`: it is missing"),
    ] {
        let said = run(&[("template.yaml", &source)], inputs);
        let error = format!("{} {}", said.json["error"]["message"], said.json["error"]["hint"]).replace("\\\"", "\"");
        assert_eq!(said.run.code, 2, "{source}: {}", said.run.stdout);
        assert!(error.contains(expected), "{expected}: {error}");
    }
}

#[test]
fn a_template_is_tested_against_recorded_answers() {
    let body = r#"{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"value\":[1,\"0.9\"]}]}}"#;
    let case = format!(r#"{{"responses": {{"errors": [{{"status": 200, "body": "{body}"}}]}}}}"#);
    let template = template(&errors("result[0] < 0.05", "interval: 1h, count: 30,"));
    let files = [("template.yaml", template.as_str()), ("case.json", case.as_str())];
    let inputs = [("mode", "replay"), ("replay-file", "case.json"), ("prometheus-url", "http://127.0.0.1:1")];
    let said = run(&files, &inputs);
    let seen =
        (said.run.code, said.run.output("verdict"), said.json["run_phase"].as_str(), said.json["end_s"].as_u64());
    assert_eq!(seen, (0, "rollback", Some("Failed"), Some(0)), "{}", said.run.stdout);
    assert!(said.run.summary.contains("The recorded answers end as **Failed**"), "{}", said.run.summary);
}

#[test]
fn a_query_is_a_check() {
    let Some((_service, _users, prometheus)) = world("a query on a real Prometheus", 0.2, false) else { return };
    let share = SHARE.replace("{{args.job}}", "shop");
    let (url, inputs) = (prometheus.url(), [("analysis-template", ""), ("failure-limit", "2")]);
    for (bound, verdict, reason) in [
        ("< 0.5", "promote", "the check was good for 1s"),
        ("< 0.05", "rollback", "failed on 2 looks in a row: 0."),
        ("> 0.9", "rollback", "failed on 2 looks in a row: 0."),
    ] {
        let checks = format!("query \"{share}\" {bound}");
        let inputs: Vec<(&str, &str)> =
            inputs.into_iter().chain([("checks", checks.as_str()), ("prometheus-url", &url)]).collect();
        let said = run(&[], &inputs);
        assert_eq!(said.run.output("verdict"), verdict, "{}", said.run.stdout);
        assert!(said.run.output("reason").contains(reason), "{}", said.run.output("reason"));
    }
    // A fifth of the requests fail: twenty times what 99 % allow, and less than half of what 50 % do.
    let windows = share.replace("[2s]", "[$window]");
    for (objective, verdict, reason) in
        [("99%", "rollback", "burns the budget "), ("50%", "promote", "the check was good for 1s")]
    {
        let checks = format!("slo {objective} window 30d query \"{windows}\"");
        let inputs: Vec<(&str, &str)> =
            inputs.into_iter().chain([("checks", checks.as_str()), ("prometheus-url", &url)]).collect();
        let said = run(&[], &inputs);
        assert_eq!(said.run.output("verdict"), verdict, "{}", said.run.stdout);
        assert!(said.run.output("reason").contains(reason), "{}", said.run.output("reason"));
    }
    let checks = "query \"none\" < 1";
    let said = run(&[], &[("analysis-template", ""), ("checks", checks), ("prometheus-url", &url)]);
    let reason = "`query \"none\" < 1` has no evidence: the query answers no series";
    assert_eq!((said.run.output("verdict"), said.run.output("reason")), ("hold", reason), "{}", said.run.stdout);
}

#[cfg(unix)]
#[test]
fn programs_are_asked() {
    use std::os::unix::fs::PermissionsExt;

    let directory = TempDir::with_prefix("programs-").unwrap();
    let aws = "#!/bin/sh\nat=${SINCE:-$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)}\n\
               test \"$2\" = get-metric-data && exec printf '%s' '{\"MetricDataResults\":[{\"Timestamps\":[\"'$at'\"],\"Values\":['$STATE']}]}'\n\
               printf '%s' '{\"MetricAlarms\":[{\"StateValue\":\"'${STATE:-ALARM}'\",\"StateTransitionedTimestamp\":\"'$at'\"}]}'\n\
               test \"$STATE\" != NONE\n";
    // Stand-ins that answer as these programs do, if they are asked as they are to be asked.
    let docker = "#!/bin/sh\ntest \"$*\" = 'container inspect shop' || exit 64\n\
                  printf '%s' '[{\"RestartCount\":2,\"State\":{\"Status\":\"running\",\"Health\":{\"Status\":\"'$STATE'\"}}}]'\n";
    let kubectl = "#!/bin/sh\ntest \"$*\" = '-n shop get pods --selector app=shop --output json' || exit 64\n\
                   printf '%s' '{\"items\":[{\"metadata\":{},\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"'$STATE'\"}]}}]}'\n";
    for (name, script) in [
        ("aws", aws),
        ("docker", docker),
        ("kubectl", kubectl),
        ("smoke", "#!/bin/sh\necho \"said $1\"\nexit ${CODE:-0}\n"),
    ] {
        let path = directory.path().join(name);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}:{}", directory.path().display(), std::env::var("PATH").unwrap());
    let usual = [("duration", "600ms"), ("interval", "200ms"), ("failure-limit", "2")];
    for (checks, variable, verdict, reason) in [
        ("alarm shop-5xx", ("STATE", "OK"), "promote", "the check was good for 600ms"),
        ("alarm shop-5xx", ("STATE", "ALARM"), "rollback", "`alarm shop-5xx` failed on 2 looks in a row: ALARM"),
        (
            "alarm shop-5xx",
            ("STATE", "INSUFFICIENT_DATA"),
            "hold",
            "`alarm shop-5xx` has no evidence: the alarm's state is INSUFFICIENT_DATA",
        ),
        ("alarm shop-5xx", ("STATE", "NONE"), "hold", "`aws` exits with 1"),
        (
            "alarm shop-5xx",
            ("SINCE", "2026-01-01T00:00:00Z"),
            "hold",
            "has no evidence: ALARM is from before the release came into service",
        ),
        ("cloudwatch Shop/Errors{Stage=live} Sum < 5", ("STATE", "4"), "promote", "the check was good for 600ms"),
        ("cloudwatch Shop/Errors{Stage=live} Sum < 5", ("STATE", "5"), "rollback", "failed on 2 looks in a row: 5"),
        ("cloudwatch Shop/Errors{Stage=live} Sum < 5", ("STATE", ""), "hold", "CloudWatch has no data"),
        (
            "cloudwatch Shop/Errors{Stage=live} Sum < 5",
            ("STATE", "5],\"Timestamps\":[\"2026-01-01T00:00:00Z\""),
            "hold",
            "has no evidence: 5 is from before the release came into service",
        ),
        ("container shop healthy", ("STATE", "healthy"), "promote", "the check was good for 600ms"),
        ("container shop healthy", ("STATE", "unhealthy"), "rollback", "failed on 2 looks in a row: unhealthy"),
        ("container shop healthy", ("STATE", "starting"), "hold", "has no evidence: its health is starting"),
        ("container shop restarts <= 1", ("STATE", "healthy"), "rollback", "failed on 2 looks in a row: 2"),
        ("pods app=shop ready by kubectl -n shop", ("STATE", "True"), "promote", "the check was good for 600ms"),
        ("pods app=shop ready by kubectl -n shop", ("STATE", "False"), "hold", "has no evidence: 0 of 1 are ready"),
        ("command smoke \"a b\"", ("CODE", "0"), "promote", "the check was good for 600ms"),
        ("command smoke x", ("CODE", "3"), "rollback", "`command smoke x` failed on 2 looks in a row: exit 3: said x"),
        ("command no-such-program", ("CODE", "0"), "hold", "has no evidence"),
    ] {
        let inputs: Vec<(&str, &str)> = usual.into_iter().chain([("checks", checks)]).collect();
        let said = gate(&inputs, &[("PATH", &path), variable], directory.path());
        assert_eq!(said.run.output("verdict"), verdict, "{checks} {variable:?}: {}", said.run.stdout);
        assert!(said.run.output("reason").contains(reason), "{}", said.run.output("reason"));
    }
}
