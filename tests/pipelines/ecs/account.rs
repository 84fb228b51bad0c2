//! An account with the services of one shop, and the repository that says what runs in them.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use testbed::{Aws, Registry, Release, Repository, binary, workspace};

/// A service with, for blue-green, its target group.
pub(super) struct Shop {
    pub(super) aws: Aws,
    pub(super) registry: Registry,
    pub(super) developer: Repository,
    settings: Vec<(String, String)>,
}

/// What a script did.
pub(super) struct Done {
    pub(super) status: Option<i32>,
    pub(super) said: String,
}

impl Shop {
    /// One service, `shop`, which runs 1.4.0 from the revision `shop:1`.
    pub(super) fn rolling(test: &str, breaker: bool) -> Option<Self> {
        let mut shop = Self::begin(test)?;
        let breaker = json!({ "deploymentCircuitBreaker": { "enable": breaker, "rollback": breaker } }).to_string();
        shop.service("shop", 2, &["--deployment-configuration", &breaker]);
        shop.set("ECS_SERVICES", "shop");
        Some(shop)
    }

    /// Two services behind one listener: `blue` has 1.4.0 and all users, `green` has no tasks.
    pub(super) fn blue_green(test: &str) -> Option<Self> {
        let mut shop = Self::begin(test)?;
        let groups = ["blue", "green"].map(|color| shop.target_group(color));
        let listener = shop.listener("shop", &groups);
        for (color, (group, count)) in ["blue", "green"].iter().zip(groups.iter().zip([2, 0])) {
            let balancers = format!("targetGroupArn={group},containerName=shop,containerPort=80");
            shop.service(color, count, &["--load-balancers", &balancers]);
        }
        shop.set("ECS_SERVICES", "blue\ngreen\n");
        shop.set("ECS_LISTENER", &listener);
        Some(shop)
    }

    fn begin(test: &str) -> Option<Self> {
        let aws = Aws::start(test, binary("sample-service"))?;
        let settings = aws.environment();
        let mut shop = Self { aws, registry: Registry::start(), developer: Repository::new(), settings };
        for (name, value) in [
            ("ECS_CLUSTER", "shop"),
            ("ECS_TASK_DEFINITION", "ecs/production/task-definition.json"),
            ("ECS_TIMEOUT", "60"),
            ("ECS_INTERVAL", "1"),
        ] {
            shop.set(name, value);
        }
        shop.aws.run(&["ecs", "create-cluster", "--cluster-name", "shop"]);
        shop.commit(&Release::version("1.4.0"));
        Some(shop)
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// Makes a service that runs what the newest commit says, by a revision that was registered by hand.
    fn service(&self, name: &str, count: u32, more: &[&str]) {
        let file = self.developer.path().join("ecs/production/task-definition.json");
        let known = self.aws.run(&["ecs", "list-task-definitions"]);
        if known["taskDefinitionArns"][0].is_null() {
            let file = format!("file://{}", file.display());
            self.aws.run(&["ecs", "register-task-definition", "--cli-input-json", &file]);
        }
        let count = count.to_string();
        let arguments =
            ["ecs", "create-service", "--cluster", "shop", "--service-name", name, "--task-definition", "shop"];
        self.aws.run(&[&arguments[..], &["--desired-count", &count], more].concat());
        self.until(name, |service| service["deployments"][0]["rolloutState"] == "COMPLETED");
    }

    /// One more service that runs what the others began with.
    pub(super) fn another_service(&self, name: &str, count: u32) {
        self.service(name, count, &[]);
    }

    /// The value of a setting of the scripts.
    pub(super) fn setting(&self, name: &str) -> &str {
        &self.settings.iter().find(|(known, _)| known == name).unwrap().1
    }

    fn target_group(&self, color: &str) -> String {
        let networks = self.aws.run(&["ec2", "describe-vpcs"]);
        let network = networks["Vpcs"][0]["VpcId"].as_str().unwrap();
        let arguments = ["elbv2", "create-target-group", "--name", color, "--protocol", "HTTP", "--port", "80"];
        let group = self.aws.run(&[&arguments[..], &["--vpc-id", network, "--target-type", "ip"]].concat());
        group["TargetGroups"][0]["TargetGroupArn"].as_str().unwrap().to_owned()
    }

    fn listener(&self, balancer: &str, groups: &[String; 2]) -> String {
        let networks = self.aws.run(&["ec2", "describe-subnets"]);
        let [one, two] = [0, 1].map(|place| networks["Subnets"][place]["SubnetId"].as_str().unwrap().to_owned());
        let made = self.aws.run(&["elbv2", "create-load-balancer", "--name", balancer, "--subnets", &one, &two]);
        let balancer = made["LoadBalancers"][0]["LoadBalancerArn"].as_str().unwrap();
        let actions = json!([{
            "Type": "forward",
            "ForwardConfig": {
                "TargetGroups": [
                    { "TargetGroupArn": groups[0], "Weight": 100 },
                    { "TargetGroupArn": groups[1], "Weight": 0 },
                ],
                "TargetGroupStickinessConfig": { "Enabled": true, "DurationSeconds": 600 },
            },
        }]);
        let arguments = ["elbv2", "create-listener", "--load-balancer-arn", balancer, "--protocol", "HTTP"];
        let made =
            self.aws.run(&[&arguments[..], &["--port", "80", "--default-actions", &actions.to_string()]].concat());
        made["Listeners"][0]["ListenerArn"].as_str().unwrap().to_owned()
    }

    /// Commits the task definition of a release as config-updater does, and gives the commit.
    pub(super) fn commit(&self, release: &Release) -> String {
        let image = self.image(release);
        let version = &release.version;
        let message =
            format!("Deploy shop {version} to production\n\nRelease-Component: shop\nRelease-Version: {version}\n");
        self.developer.commit_files(&message, &[("ecs/production/task-definition.json", &definition(&image))])
    }

    /// Pushes the image of a release, and names it as a task definition does.
    pub(super) fn image(&self, release: &Release) -> String {
        let digest = self.registry.push("acme/shop", &release.version, release.to_bytes(), "0000");
        format!("{}/acme/shop:{}@{digest}", self.registry.host(), release.version)
    }

    /// Runs a script in the repository.
    pub(super) fn run(&self, script: &str, arguments: &[&str], more: &[(&str, &str)]) -> Done {
        self.run_in(self.developer.path(), script, arguments, more)
    }

    pub(super) fn run_in(&self, folder: &Path, script: &str, arguments: &[&str], more: &[(&str, &str)]) -> Done {
        let mut command = Command::new("bash");
        command.arg(workspace().join("actions/ecs/scripts").join(script)).args(arguments).current_dir(folder);
        command.env_remove("GITHUB_OUTPUT").env_remove("GITHUB_ACTIONS");
        command.envs(self.settings.iter().map(|(name, value)| (name, value))).envs(more.iter().copied());
        let Output { status, stdout, stderr } = command.output().unwrap();
        let said = [stdout, stderr].concat();
        Done { status: status.code(), said: String::from_utf8_lossy(&said).into_owned() }
    }

    /// What ECS says of a service.
    pub(super) fn described(&self, name: &str) -> Value {
        self.aws.run(&["ecs", "describe-services", "--cluster", "shop", "--services", name])["services"][0].take()
    }

    /// The revision and the number of tasks that a service is to run.
    pub(super) fn runs(&self, name: &str) -> (String, u64) {
        let service = self.described(name);
        let revision = service["taskDefinition"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        (revision, service["desiredCount"].as_u64().unwrap())
    }

    fn until(&self, name: &str, holds: impl Fn(&Value) -> bool) {
        for _ in 0..60 {
            if holds(&self.described(name)) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        panic!("{}", self.described(name));
    }

    /// The weights of the listener's target groups, blue first, and whether it is sticky.
    pub(super) fn weights(&self) -> (u64, u64, bool) {
        let listener = self.setting("ECS_LISTENER");
        let described = self.aws.run(&["elbv2", "describe-listeners", "--listener-arns", listener]);
        let forward = &described["Listeners"][0]["DefaultActions"][0]["ForwardConfig"];
        let [blue, green] = [0, 1].map(|place| forward["TargetGroups"][place]["Weight"].as_u64().unwrap());
        (blue, green, forward["TargetGroupStickinessConfig"]["Enabled"] == true)
    }
}

/// A task definition as people keep it.
pub(super) fn definition(image: &str) -> String {
    let definition = json!({
        "family": "shop",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [{
            "name": "shop",
            "image": image,
            "essential": true,
            "portMappings": [{ "containerPort": 80, "protocol": "tcp" }],
        }],
        "tags": [{ "key": "team", "value": "shop" }],
    });
    format!("{definition:#}\n")
}
