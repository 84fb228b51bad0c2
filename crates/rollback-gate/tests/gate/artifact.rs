//! Artifacts of the run as witnesses of reports that tell neither their commit nor their age.

use testbed::{GitHub, HostedRepository, Repository};

use crate::world::gate;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const OTHER: &str = "fedcba9876543210fedcba9876543210fedcba98";
const JUNIT: &str = "<testsuites><testsuite><testcase classname='a' name='one'/></testsuite></testsuites>";
const LINE: &str = "junit report.xml artifact tests";

struct Job {
    github: GitHub,
    work: Repository,
}

impl Job {
    fn new() -> Self {
        let (github, work) = (GitHub::start(), Repository::new());
        github.add(HostedRepository::new("acme/shop"));
        work.write("report.xml", JUNIT);
        Self { github, work }
    }

    fn upload(&self, run: u64, head: &str, created: &str) {
        self.github.upload_artifact("acme/shop", run, "tests", head, created);
    }

    /// The verdict and the reason for it, in a job of run 7 for [`COMMIT`].
    fn said(&self, inputs: &[(&str, &str)]) -> (String, String) {
        let api = self.github.api_url();
        let variables = [
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_API_URL", &api),
            ("GITHUB_RUN_ID", "7"),
            ("GITHUB_SHA", COMMIT),
            ("SLIPWAY_NOW", "2026-11-26T12:00:00.000Z"),
        ];
        let said =
            gate(&[&[("evidence", LINE), ("github-token", "s3cret")], inputs].concat(), &variables, self.work.path());
        (said.run.output("verdict").to_owned(), said.run.output("reason").to_owned())
    }
}

#[test]
fn an_artifact_tells_commit_and_age() {
    for (uploads, verdict, told) in [
        (&[(7, COMMIT, "2026-11-26T11:00:00Z")][..], "promote", "the report is good"),
        // On a pull request the run is for the head, and the job for the merge of it.
        (&[(7, OTHER, "2026-11-26T11:00:00Z")], "promote", "the report is good"),
        (&[], "hold", "this run has no artifact `tests`"),
        (&[(6, COMMIT, "2026-11-26T11:00:00Z")], "hold", "this run has no artifact `tests`"),
        (&[(7, COMMIT, "2026-11-01T11:00:00Z")], "hold", "which is longer ago than `evidence-age`"),
        (&[(7, COMMIT, "2026-11-27T11:00:00Z")], "hold", "which is yet to come"),
        // A run that was started again has two of the name.
        (&[(7, COMMIT, "2026-11-26T11:00:00Z"), (7, COMMIT, "2026-11-01T11:00:00Z")], "promote", "the report is good"),
    ] {
        let job = Job::new();
        uploads.iter().for_each(|(run, head, created)| job.upload(*run, head, created));
        let (said, reason) = job.said(&[]);
        assert_eq!(said, verdict, "{uploads:?}: {reason}");
        assert!(reason.ends_with(told), "{uploads:?}: {reason}");
    }
}

#[test]
fn what_github_does_not_tell_is_a_hold() {
    let job = Job::new();
    job.upload(7, COMMIT, "2026-11-26T11:00:00Z");
    // Stating the commit does not do for an artifact that is not there.
    for stated in [&[][..], &[("evidence-commit", COMMIT)]] {
        job.github.withhold("actions=read");
        let (verdict, reason) = job.said(stated);
        assert_eq!(verdict, "hold", "{reason}");
        assert!(reason.contains("GitHub does not tell of the artifact `tests`"), "{reason}");
        assert!(reason.contains("actions: read"), "{reason}");
    }
    let job = Job::new();
    job.upload(7, COMMIT, "2026-11-26T11:00:00Z");
    job.github.expire_artifacts("acme/shop");
    assert_eq!(job.said(&[]).1, format!("`{LINE}` has no evidence: the artifact `tests` has expired"));
    let alone = gate(&[("evidence", LINE)], &[("GITHUB_SHA", COMMIT)], job.work.path());
    assert!(alone.run.output("reason").contains("no run of GitHub Actions is there"), "{}", alone.run.output("reason"));
}

#[test]
fn what_a_report_tells_itself_counts_more() {
    let job = Job::new();
    job.upload(7, COMMIT, "2026-11-26T11:00:00Z");
    let property = format!("<testsuite><properties><property name='commit' value='{OTHER}'/></properties>");
    job.work.write("report.xml", JUNIT.replace("<testsuite>", &property));
    assert!(job.said(&[]).1.ends_with("it is of commit `fedcba9`, and `0123456` is judged"));
    job.work.write("report.xml", JUNIT.replace("<testsuite>", "<testsuite timestamp='2026-11-01T11:00:00Z'>"));
    assert!(job.said(&[]).1.ends_with("which is longer ago than `evidence-age`"));
}
