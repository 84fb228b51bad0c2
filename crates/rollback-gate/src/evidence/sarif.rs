//! SARIF 2.1.0, as Trivy, CodeQL, Semgrep, Snyk and OWASP dependency-check write it. It is read in pieces: only one finding at a time
//! and the rules are held.

use std::collections::BTreeMap;

use litemap::LiteMap;
use serde_json::Value;

use super::allow::AllowList;
use super::kind::{Kind, Pieces, Reading, SEVERITIES};
use super::report::Report;
use super::splitter::{Path, Splitter};

pub(super) const KIND: Kind = Kind {
    word: "sarif",
    form: "sarif trivy.sarif critical == 0",
    condition: Some("critical == 0"),
    metrics: SEVERITIES,
    samples: ("runs", "run"),
    takes_allow: true,
    reading: Reading::Pieces(|| Box::new(Sarif::new())),
};

const WANTED: &[Path] = &[
    &["runs", "*", "results", "*"],
    &["runs", "*", "tool", "driver", "rules", "*"],
    &["runs", "*", "tool", "extensions", "*", "rules", "*"],
    &["runs", "*", "tool", "driver", "name"],
    &["runs", "*", "versionControlProvenance", "*"],
    &["runs", "*", "invocations", "*"],
];
/// The most rules, and the most different kinds of finding, that are held.
const HELD_LIMIT: usize = 100_000;

/// What decides how severe a finding is, as far as it says itself: its run, its rule, its level and its score.
type Finding = (usize, String, String, String);

struct Sarif {
    splitter: Splitter,
    held: Held,
}

#[derive(Default)]
struct Held {
    report: Report,
    /// By run and rule: the score and the level that it gives.
    rules: BTreeMap<(usize, String), (Option<f64>, String)>,
    /// By run and place in the tool's own list, where findings name no rule.
    numbered: LiteMap<usize, Vec<String>>,
    findings: BTreeMap<Finding, f64>,
}

impl Sarif {
    fn new() -> Self {
        Self { splitter: Splitter::new(WANTED), held: Held::default() }
    }
}

impl Pieces for Sarif {
    fn push(&mut self, piece: &[u8]) -> Result<(), String> {
        let held = &mut self.held;
        self.splitter.push(piece, &mut |wanted, run, text| {
            let part: Value = serde_json::from_slice(text).map_err(|error| format!("it is not JSON: {error}"))?;
            match wanted {
                0 => held.finding(run, &part),
                1 | 2 => held.rule(run, &part, wanted == 1),
                3 => {
                    held.report.add("runs", 1.0);
                    Ok(())
                }
                4 => {
                    held.report.made_of(part["revisionId"].as_str().unwrap_or_default());
                    Ok(())
                }
                _ => held.invocation(&part),
            }
        })
    }

    fn finish(self: Box<Self>, allowed: &mut AllowList) -> Result<Report, String> {
        if !self.splitter.is_whole() {
            return Err("it is cut off".into());
        }
        let Held { mut report, rules, numbered, findings } = self.held;
        if report.count("runs") == 0.0 {
            return Err("it has no run of a tool".into());
        }
        for ((run, rule, level, score), count) in findings {
            let rule = match rule.strip_prefix('#').and_then(|index| index.parse::<usize>().ok()) {
                Some(index) => numbered.get(&run).and_then(|rules| rules.get(index)).cloned().unwrap_or_default(),
                None => rule,
            };
            // Only here, for a rule can come after its findings.
            if allowed.covers(&rule) {
                continue;
            }
            let of_rule = rules.get(&(run, rule));
            let score = score.parse().ok().or_else(|| of_rule.and_then(|(score, _)| *score));
            let level = match (level.as_str(), of_rule) {
                ("", Some((_, level))) => level.as_str(),
                (level, _) => level,
            };
            report.add(severity(score, level), count);
        }
        Ok(report)
    }
}

impl Held {
    fn finding(&mut self, run: usize, part: &Value) -> Result<(), String> {
        let text = |key: &str| part[key].as_str().unwrap_or_default();
        // What passes, what is accepted in the source and what is gone are no findings.
        let is_suppressed = part["suppressions"].as_array().is_some_and(|suppressions| {
            let is_open =
                |suppression: &Value| matches!(suppression["status"].as_str(), Some("underReview" | "rejected"));
            !suppressions.is_empty() && !suppressions.iter().any(is_open)
        });
        if is_suppressed || !matches!(text("kind"), "" | "fail") || text("baselineState") == "absent" {
            return Ok(());
        }
        let named =
            if text("ruleId").is_empty() { part["rule"]["id"].as_str().unwrap_or_default() } else { text("ruleId") };
        let rule = match part["ruleIndex"].as_u64() {
            Some(index) if named.is_empty() => format!("#{index}"),
            _ => named.to_owned(),
        };
        let score = score(&part["properties"]).map_or(String::new(), |score| score.to_string());
        *self.findings.entry((run, rule, text("level").to_owned(), score)).or_insert(0.0) += 1.0;
        self.check_limit()
    }

    fn rule(&mut self, run: usize, part: &Value, is_of_driver: bool) -> Result<(), String> {
        let id = part["id"].as_str().unwrap_or_default().to_owned();
        let level = part["defaultConfiguration"]["level"].as_str().unwrap_or("warning").to_owned();
        if is_of_driver {
            self.numbered.entry(run).or_default().push(id.clone());
        }
        self.rules.insert((run, id), (score(&part["properties"]), level));
        self.check_limit()
    }

    fn invocation(&mut self, part: &Value) -> Result<(), String> {
        if part["executionSuccessful"].as_bool() == Some(false) {
            return Err("the tool did not run to its end".into());
        }
        for key in ["startTimeUtc", "endTimeUtc"] {
            self.report.made_at(part[key].as_str().unwrap_or_default());
        }
        Ok(())
    }

    fn check_limit(&self) -> Result<(), String> {
        if self.rules.len().max(self.findings.len()) > HELD_LIMIT {
            return Err(format!("it has more than {HELD_LIMIT} different rules or findings"));
        }
        Ok(())
    }
}

/// A score is a text, by the convention that GitHub began; some tools write a number, and dependency-check another name where a
/// vulnerability is scored by the second version of CVSS alone.
fn score(properties: &Value) -> Option<f64> {
    ["security-severity", "cvssv2_score"].iter().find_map(|name| {
        let score = &properties[*name];
        score.as_f64().or_else(|| score.as_str()?.parse().ok())
    })
}

/// By the score of CVSS, else by the level.
fn severity(score: Option<f64>, level: &str) -> &'static str {
    match (score, level) {
        (Some(9.0..), _) => "critical",
        (Some(7.0..), _) => "high",
        (Some(4.0..), _) => "medium",
        (Some(score), _) if score > 0.0 => "low",
        (_, "error") => "high",
        (_, "note") => "low",
        (_, "none") => "unrated",
        _ => "medium",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, allowed: &str) -> Result<Report, String> {
        let mut allowed = AllowList::parse(allowed, 1_795_694_400_000).unwrap();
        let mut sarif = Box::new(Sarif::new());
        for piece in text.as_bytes().chunks(100) {
            sarif.push(piece)?;
        }
        sarif.finish(&mut allowed)
    }

    fn severities(report: &Report) -> [f64; 4] {
        ["critical", "high", "medium", "low"].map(|name| report.count(name))
    }

    /// As Trivy writes it: scores in the rules, a level in each finding.
    const TRIVY: &str = r#"{"version":"2.1.0","$schema":"https://json.schemastore.org/sarif-2.1.0.json","runs":[{"tool":{"driver":{
        "fullName":"Trivy Vulnerability Scanner","name":"Trivy","rules":[
        {"id":"CVE-2024-1","defaultConfiguration":{"level":"error"},"properties":{"security-severity":"9.8","tags":["CRITICAL"]}},
        {"id":"CVE-2024-2","defaultConfiguration":{"level":"warning"},"properties":{"security-severity":"5.5"}}]}},
        "results":[{"ruleId":"CVE-2024-1","ruleIndex":0,"level":"error","message":{"text":"x"}},
        {"ruleId":"CVE-2024-2","ruleIndex":1,"level":"warning","message":{"text":"y"}},
        {"ruleId":"CVE-2024-2","ruleIndex":1,"level":"warning","message":{"text":"z"}}]}]}"#;

    /// As CodeQL writes it: findings before the rules would do, rules in extensions, the commit.
    const CODEQL: &str = r#"{"runs":[{"results":[{"ruleId":"js/xss","message":{}},{"rule":{"id":"js/unused","index":1}},
        {"ruleIndex":0,"suppressions":[{"kind":"inSource"}]},{"ruleIndex":0}],
        "tool":{"driver":{"name":"CodeQL","rules":[{"id":"own","defaultConfiguration":{"level":"note"}}]},
        "extensions":[{"name":"p","rules":[{"id":"js/xss","properties":{"security-severity":"7.8"}},{"id":"js/unused","defaultConfiguration":{"level":"note"}}]}]},
        "versionControlProvenance":[{"repositoryUri":"https://github.com/a/b","revisionId":"0123456789abcdef0123456789abcdef01234567"}],
        "invocations":[{"executionSuccessful":true,"endTimeUtc":"2026-11-26T12:00:00Z"}]}]}"#;

    #[test]
    fn findings_are_counted_by_severity() {
        assert_eq!(severities(&read(TRIVY, "").unwrap()), [1.0, 0.0, 2.0, 0.0]);
        let report = read(CODEQL, "").unwrap();
        assert_eq!(severities(&report), [0.0, 1.0, 0.0, 2.0]);
        assert_eq!(report.commits, ["0123456789abcdef0123456789abcdef01234567"]);
        assert_eq!(report.made, Some(1_795_694_400_000));
    }

    #[test]
    fn each_scanner_has_its_own_way() {
        // As Semgrep writes it: levels in the rules, and what a comment silences.
        let semgrep = r#"{"version":"2.1.0","runs":[{"invocations":[{"executionSuccessful":true}],"results":[
            {"ruleId":"python.eval","fingerprints":{"matchBasedId/v1":"0"},"properties":{}},
            {"ruleId":"python.md5","suppressions":[{"kind":"inSource"}],"properties":{}},
            {"ruleId":"python.print","properties":{}}],"tool":{"driver":{"name":"Semgrep OSS","rules":[
            {"id":"python.eval","defaultConfiguration":{"level":"error"},"properties":{"precision":"very-high"}},
            {"id":"python.md5","defaultConfiguration":{"level":"error"}},
            {"id":"python.print","defaultConfiguration":{"level":"note"}}]}}}]}"#;
        // As Snyk writes it: a level in each finding and a score in each rule.
        let snyk = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"Snyk Open Source","properties":{"artifactsScanned":9},"rules":[
            {"id":"SNYK-JS-A-1","properties":{"tags":["security"],"cvssv3_baseScore":9.8,"security-severity":"9.8"}},
            {"id":"SNYK-JS-B-2","properties":{"cvssv3_baseScore":5.3,"security-severity":"5.3"}}]}},
            "results":[{"ruleId":"SNYK-JS-A-1","level":"error"},{"ruleId":"SNYK-JS-B-2","level":"warning"}]}]}"#;
        // As OWASP dependency-check writes it: every level is a warning, scores are numbers, of CVSS 3 or of CVSS 2.
        let owasp = r#"{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"dependency-check","rules":[
            {"id":"CVE-2021-1","properties":{"cvssv3_baseScore":10.0,"security-severity":10.0,"source":"NVD"}},
            {"id":"CVE-2010-2","properties":{"cvssv2_score":7.5,"cvssv2_severity":"HIGH","source":"NVD"}}]}},
            "results":[{"ruleId":"CVE-2021-1","level":"warning"},{"ruleId":"CVE-2010-2","level":"warning"}]}]}"#;
        for (name, text, expected) in [
            ("Semgrep", semgrep, [0.0, 1.0, 0.0, 1.0]),
            ("Snyk", snyk, [1.0, 0.0, 1.0, 0.0]),
            ("dependency-check", owasp, [1.0, 1.0, 0.0, 0.0]),
        ] {
            assert_eq!(severities(&read(text, "").unwrap()), expected, "{name}");
        }
    }

    #[test]
    fn what_is_allowed_is_no_finding_until_it_expires() {
        assert_eq!(severities(&read(TRIVY, "CVE-2024-1 until 2026-12-31 no fix yet").unwrap()), [0.0, 0.0, 2.0, 0.0]);
        assert_eq!(severities(&read(TRIVY, "CVE-2024-1 until 2026-11-25 too late").unwrap()), [1.0, 0.0, 2.0, 0.0]);
        // By the name of the rule, also where findings have its number only and come before it.
        assert_eq!(severities(&read(CODEQL, "own until 2026-12-31 a note").unwrap()), [0.0, 1.0, 0.0, 1.0]);
    }

    #[test]
    fn what_did_not_run_is_no_evidence() {
        for (text, why) in [
            ("{\"version\":\"2.1.0\",\"runs\":[]}".to_owned(), "it has no run of a tool"),
            ("{}".into(), "it has no run of a tool"),
            (TRIVY[..TRIVY.len() - 3].into(), "it is cut off"),
            (CODEQL.replace("true", "false"), "the tool did not run to its end"),
            ("[".repeat(500), "it is nested more than 128 deep"),
        ] {
            assert_eq!(read(&text, "").unwrap_err(), why);
        }
    }

    #[test]
    fn a_hundred_megabytes_hold_one_finding_at_a_time() {
        let finding =
            format!(",{{\"ruleId\":\"R\",\"level\":\"note\",\"message\":{{\"text\":\"{}\"}}}}", "x".repeat(100_000));
        let mut sarif = Box::new(Sarif::new());
        sarif.push(b"{\"runs\":[{\"tool\":{\"driver\":{\"name\":\"T\"}},\"results\":[{\"ruleId\":\"S\"}").unwrap();
        for _ in 0..1_000 {
            sarif.push(finding.as_bytes()).unwrap();
            assert!(sarif.splitter.held() < 1_000 && sarif.held.findings.len() <= 2);
        }
        sarif.push(b"]}]}").unwrap();
        assert_eq!(severities(&sarif.finish(&mut AllowList::default()).unwrap()), [0.0, 0.0, 1.0, 1_000.0]);
    }
}
