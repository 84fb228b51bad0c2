//! The starter, filled in for an account of two environments: `act` runs it and `.github/workflows/ecs.yml`. Not real are docker (a
//! stand-in on `PATH` that only logs in, and another for docker/build-push-action) and the role's credentials.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use testbed::{
    ActJob, ActRun, BareRepository, GitServer, Load, LoggedCommit, Release, Repository, get, node24, workspace,
};

use super::account::{Shop, definition};

const TOKEN: &str = "ghs_token_of_the_shop";
const WORKFLOW: &str = ".github/workflows/release.yml";
/// Long enough for a machine that does much else.
const LIMIT: Duration = Duration::from_secs(1800);

/// Asks the release for its front page, and reports.
const TEST: &str = r#"#!/bin/bash
mkdir -p reports
failure=''
curl --fail --silent --show-error "$SLIPWAY_URL/" >/dev/null || failure='<failure message="no page"/>'
printf '<testsuite name="integration" tests="1" failures="%s"><testcase name="front page">%s</testcase></testsuite>\n' \
  "${failure:+1}" "$failure" >reports/integration.xml
test -z "$failure"
"#;

/// Logs in as docker does, and does nothing else.
const DOCKER: &str = r#"#!/bin/bash
test "$1 $2 $3 $4" = 'login --username AWS --password-stdin' -a "$#" = 5 || { echo "unknown arguments: $*" >&2; exit 1; }
password=$(cat)
test -n "$password" || exit 1
mkdir -p "$HOME/.docker"
printf '{"auths":{"%s":{"auth":"%s"}}}' "$5" "$(printf 'AWS:%s' "$password" | base64 --wrap=0)" >"$HOME/.docker/config.json"
"#;

struct Company {
    shop: Shop,
    git: GitServer,
    application: BareRepository,
    developer: Repository,
    programs: TempDir,
}

impl Company {
    fn new(test: &str) -> Option<Self> {
        let shop = Shop::blue_green(test)?;
        shop.another_service("shop-staging", 1);
        let git = GitServer::start(TOKEN);
        let developer = Repository::new();
        let first = shop.image(&Release::version("1.4.0"));
        let file = |environment: &str| format!("ecs/{environment}/task-definition.json");
        let (staging, production) = (file("staging"), file("production"));
        let starter = starter(&shop);
        developer.commit_files(
            "feat: sell tea",
            &[
                ("release.json", "{}\n"),
                (WORKFLOW, &starter),
                (&staging, &definition(&first)),
                (&production, &definition(&first)),
                ("integration-test.sh", TEST),
            ],
        );
        developer.annotated_tag("v1.4.0", "Release 1.4.0");
        let application = developer.bare_clone();
        git.add("acme/shop", &application);
        let programs = TempDir::new().unwrap();
        write_program(&programs.path().join("docker"), DOCKER);
        Some(Self { shop, git, application, developer, programs })
    }

    fn merge(&self, message: &str, release: &str) -> String {
        let address = self.application.path().to_str().unwrap();
        self.developer.git(&["pull", "--quiet", "--rebase", address, "main"]);
        let commit = self.developer.commit_files(message, &[("release.json", release)]);
        self.developer.git(&["push", "--quiet", address, "HEAD:main"]);
        commit
    }

    /// Runs the workflow for a commit, whatever was deployed, and so committed, since.
    fn run(&self, commit: &str) -> ActRun {
        let server = self.git.url();
        let checkout = Repository::clone_from(&self.git.repository_url("acme/shop"), None);
        checkout.git(&["checkout", "--quiet", "-B", "main", commit]);
        let event = json!({
            "ref": "refs/heads/main",
            "after": checkout.head(),
            "repository": { "name": "shop", "full_name": "acme/shop", "html_url": format!("{server}/acme/shop"), "default_branch": "main" },
        });
        let account = self.shop.aws.environment();
        let variable = |name: &str| account.iter().find(|(known, _)| known == name).unwrap().1.as_str();
        let node = node24().unwrap();
        let path = [self.programs.path().to_str().unwrap(), node.parent().unwrap().to_str().unwrap(), variable("PATH")]
            .join(":");
        let registry = self.shop.registry.url();
        let mut environment = vec![
            ("GITHUB_SERVER_URL", server.as_str()),
            ("GITHUB_API_URL", "http://127.0.0.1:1"),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("TESTBED_REGISTRY", &registry),
            ("ECS_INTERVAL", "1"),
            ("PATH", &path),
        ];
        environment.extend(
            account.iter().filter(|(name, _)| name != "PATH").map(|(name, value)| (name.as_str(), value.as_str())),
        );
        let job = ActJob {
            secrets: &[("GITHUB_TOKEN", TOKEN)],
            environment: &environment,
            limit: LIMIT,
            ..ActJob::new(WORKFLOW, "push", &event)
        };
        job.run(checkout.path())
    }

    fn verdicts(&self, environment: &str) -> Vec<String> {
        let word = |commit: &LoggedCommit| {
            format!("{} {}", commit.trailer("Verdict").unwrap(), commit.trailer("Release-Version").unwrap())
        };
        self.application.log(&format!("refs/slipway/{environment}/shop")).iter().rev().map(word).collect()
    }

    /// The verdicts that were given, without those that say how far the steps came.
    fn ends(&self, environment: &str) -> Vec<String> {
        self.verdicts(environment).into_iter().filter(|verdict| !verdict.starts_with("hold")).collect()
    }
}

fn write_program(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// The starter with this account's names in it.
fn starter(shop: &Shop) -> String {
    let file: PathBuf = workspace().join(".github/workflow-templates/ecs.yml");
    let mut text = std::fs::read_to_string(file).unwrap();
    let aws = &shop.aws;
    let (tasks, users) = (aws.tasks_url("{service}"), aws.users_url("shop"));
    let checks = format!("health {tasks}/health\n        version {tasks}/version == release\n        error-rate < 5%");
    for (from, to) in [
        ("$default-branch", "main".to_owned()),
        ("123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop", format!("{}/acme/shop", shop.registry.host())),
        ("staging-cluster: staging", "staging-cluster: shop".to_owned()),
        ("staging-services: shop", "staging-services: shop-staging".to_owned()),
        ("staging-url: https://staging.shop.example", format!("staging-url: {}", aws.tasks_url("shop-staging"))),
        ("./integration-test.sh", "bash integration-test.sh".to_owned()),
        ("production-cluster: production", "production-cluster: shop".to_owned()),
        ("shop-blue", "blue".to_owned()),
        ("shop-green", "green".to_owned()),
        (
            "production-listener: arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2",
            format!("production-listener: {}", shop.setting("ECS_LISTENER")),
        ),
        (
            "production-url: https://shop.example",
            format!(
                "production-url: {users}\n      staging-checks: |\n        {checks}\n      staging-metrics-url: {tasks}/metrics\n      \
                 production-checks: |\n        health {users}/health\n        error-rate < 5%\n        p95 < 2s\n        \
                 alarm shop-is-wrong\n      production-metrics-url: {tasks}/metrics\n      duration: 6s\n      interval: 1s\n      \
                 deployment-timeout: '45'"
            ),
        ),
    ] {
        assert!(text.contains(from), "the starter no longer says `{from}`");
        text = text.replace(from, &to);
    }
    text
}

#[test]
fn a_release_comes_through_staging_and_a_bad_one_is_taken_back() {
    let Some(company) = Company::new("the ECS pipeline, with stand-ins for docker and credentials") else { return };
    let (shop, aws) = (&company.shop, &company.shop.aws);
    let alarm = ["cloudwatch", "put-metric-alarm", "--alarm-name", "shop-is-wrong", "--namespace", "Shop"];
    let rule = ["--metric-name", "Wrong", "--statistic", "Sum", "--period", "60", "--evaluation-periods", "1"];
    let bound = ["--threshold", "1", "--comparison-operator", "GreaterThanThreshold"];
    aws.run(&[&alarm[..], &rule, &bound].concat());
    let alarm_is = |state: &str| {
        let set = ["cloudwatch", "set-alarm-state", "--alarm-name", "shop-is-wrong", "--state-reason", "test"];
        aws.run(&[&set[..], &["--state-value", state]].concat());
    };
    alarm_is("OK");
    let _users = [aws.users_url("shop"), aws.tasks_url("shop-staging")]
        .map(|url| Load::start(&format!("{url}/"), 60.0, Duration::from_secs(3600)).unwrap());

    let commit = company.merge("feat: sell cake", "{}");
    let run = company.run(&commit);
    assert_eq!(run.jobs(), ["ECS/build: success", "ECS/production: success", "ECS/staging: success"], "{}", run.log);
    assert_eq!(
        (company.ends("staging"), company.ends("production")),
        (vec!["promote 1.5.0".into()], vec!["promote 1.5.0".into()])
    );
    assert_eq!(shop.weights(), (0, 100, true));
    assert_eq!((shop.runs("green").1, shop.runs("blue").1), (2, 0), "the old one is stopped");
    let digest = shop.registry.digest("acme/shop", "1.5.0").unwrap();
    let tags = shop.registry.tags("acme/shop");
    for tag in ["production-verified-1.5.0", "staging-verified-1.5.0", "latest", "v1", "v1.5"] {
        assert!(tags.contains(&tag.to_owned()), "{tag}: {tags:?}\n{}", run.log);
        assert_eq!(shop.registry.digest("acme/shop", tag).unwrap(), digest, "{tag}");
    }
    for environment in ["staging", "production"] {
        let file = company.application.read("main", &format!("ecs/{environment}/task-definition.json")).unwrap();
        assert!(file.contains(&format!("/acme/shop:1.5.0@{digest}\"")), "{file}");
    }
    let green = shop.runs("green");

    // Staging sees nothing; in production an alarm goes off while every tenth user has it.
    let commit = company.merge("feat: pay later", r#"{ "latency_ms": 2 }"#);
    let run = std::thread::scope(|scope| {
        let running = scope.spawn(|| company.run(&commit));
        let url = format!("{}/version", aws.users_url("shop"));
        while !running.is_finished() {
            // What went off before the watch began is not held against the release.
            let is_seen = (0..10).any(|_| get(&url).is_ok_and(|answer| answer.json()["version"] == "1.6.0"));
            if is_seen {
                alarm_is("ALARM");
            }
            std::thread::sleep(Duration::from_millis(500));
        }
        running.join().unwrap()
    });
    assert_eq!(run.jobs(), ["ECS/build: success", "ECS/production: failure", "ECS/staging: success"], "{}", run.log);
    assert!(run.log.contains("the verdict on `1.6.0` is rollback"), "{}", run.log);
    assert_eq!(company.ends("production"), ["promote 1.5.0", "rollback 1.6.0", "promote 1.5.0"], "{}", run.log);
    assert_eq!((shop.weights(), shop.runs("green")), ((0, 100, true), green.clone()), "weights and revision before");
    assert_eq!(shop.runs("blue"), (green.0.clone(), 0), "nobody can start the bad one by scaling");
    let tags = shop.registry.tags("acme/shop");
    assert!(tags.contains(&"staging-verified-1.6.0".to_owned()), "{tags:?}");
    assert!(!tags.contains(&"production-verified-1.6.0".to_owned()), "{tags:?}");
    assert_eq!(shop.registry.digest("acme/shop", "latest").unwrap(), digest);

    // One that never becomes healthy is taken back in staging, and refused when the run is started again.
    alarm_is("OK");
    let before = shop.runs("shop-staging");
    let commit = company.merge("fix: nothing", r#"{ "healthy": false }"#);
    let run = company.run(&commit);
    assert_eq!(run.jobs(), ["ECS/build: success", "ECS/staging: failure"], "{}", run.log);
    assert!(run.log.contains("is not complete after 45 s"), "{}", run.log);
    assert_eq!(company.ends("staging").last().map(String::as_str), Some("promote 1.6.0"), "{}", run.log);
    assert!(company.ends("staging").contains(&"rollback 1.6.1".to_owned()), "{}", run.log);
    assert_eq!(shop.runs("shop-staging"), before, "the revision before");
    let updates = aws.updates();
    let run = company.run(&commit);
    assert_eq!(run.jobs(), ["ECS/build: success", "ECS/staging: failure"], "{}", run.log);
    assert!(run.log.contains("was rolled back in staging"), "{}", run.log);
    assert_eq!((aws.updates(), shop.runs("green")), (updates, green), "nothing is deployed");
}

#[test]
fn a_version_that_the_registry_has_of_another_commit_is_refused_before_the_build() {
    let Some(company) = Company::new("an immutable tag in the ECS pipeline, with stand-ins") else { return };
    let registry = &company.shop.registry;
    let theirs = registry.push("acme/shop", "1.5.0", Release::version("1.5.0").to_bytes(), "1111");
    registry.make_tags_immutable();
    let commit = company.merge("feat: sell cake", r#"{ "latency_ms": 2 }"#);
    let run = company.run(&commit);
    assert_eq!(run.jobs(), ["ECS/build: failure"], "{}", run.log);
    assert!(run.log.contains("of commit `1111`"), "{}", run.log);
    let built = run.steps.iter().any(|step| step.name == "Build" && step.result == "success");
    assert!(!built, "{}", run.log);
    assert_eq!(registry.digest("acme/shop", "1.5.0").unwrap(), theirs);
    assert_eq!(company.shop.aws.updates(), 0, "nothing is deployed");
}
