//! Repositories of many shapes, and the program run in them.

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A repository.
pub(crate) struct Shape {
    pub name: &'static str,
    pub files: &'static [(&'static str, &'static str)],
    pub tags: &'static [&'static str],
    pub remote: &'static str,
    pub branch: &'static str,
    /// What is written, and what must stand there.
    pub writes: &'static [(&'static str, &'static [&'static str])],
    /// What must be told.
    pub tells: &'static [&'static str],
}

const GITHUB: &str = "git@github.com:acme/shop.git";
const RELEASE: &str = ".github/workflows/release.yml";
const SECURITY: &str = ".github/workflows/security.yml";
const GITOPS: &str = ".github/workflows/gitops.yml";
const ROLLBACK: &str = ".github/workflows/rollback.yml";

/// Ten of them.
pub(crate) const SHAPES: &[Shape] = &[
    Shape {
        name: "javascript-semantic-release",
        files: &[
            ("package.json", "{\"name\": \"shop\", \"scripts\": {\"test\": \"true\"}}\n"),
            (".releaserc.yml", "branches: [main, {name: next, prerelease: rc}]\ntagFormat: 'shop-v${version}'\n"),
        ],
        tags: &["shop-v1.0.0"],
        remote: GITHUB,
        branch: "main",
        writes: &[
            (RELEASE, &["tag-prefix: shop-v", "channels: |", "next=rc", "branches: [main, next]", "perf=patch"]),
            (SECURITY, &[]),
        ],
        tells: &[
            "migrating/semantic-release.md",
            "take semantic-release out",
            "release-major",
            "settings/rules",
            "shop-v1.2.3",
        ],
    },
    Shape {
        name: "rust",
        files: &[("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"1.2.3\"\n"), ("src/lib.rs", "")],
        tags: &["1.2.2", "1.2.3", "v0.1.0"],
        remote: GITHUB,
        branch: "devel",
        writes: &[(RELEASE, &["devel", "tag-prefix: ''"]), (SECURITY, &["devel"])],
        tells: &["Rust", "it is checked out", "gitops: nothing here runs on Kubernetes"],
    },
    Shape {
        name: "kustomize",
        files: &[
            ("go.mod", "module acme/shop\n"),
            ("Dockerfile", "FROM scratch\n"),
            ("deploy/base/kustomization.yaml", "resources: [shop.yaml]\n"),
            (
                "deploy/base/shop.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{name: shop, image: shop}]}}}\n",
            ),
            (
                "deploy/overlays/staging/kustomization.yaml",
                "images: [{name: shop, newName: ghcr.io/acme/shop, newTag: 1.0.0}]\n",
            ),
            (
                "deploy/overlays/production/kustomization.yaml",
                "images: [{name: shop, newName: ghcr.io/acme/shop, newTag: 1.0.0}]\n",
            ),
        ],
        tags: &["v1.0.0"],
        remote: GITHUB,
        branch: "main",
        writes: &[
            (RELEASE, &[]),
            (
                GITOPS,
                &[
                    "\"image\": \"ghcr.io/acme/shop\"",
                    "kubectl apply -k deploy/overlays/production",
                    "main = staging production",
                ],
            ),
            (ROLLBACK, &["options: [production, staging]", "options: [shop]"]),
            (
                "slipway.toml",
                &[
                    "path = \"deploy/overlays/staging\"",
                    "promote-from = \"staging\"",
                    "\"ghcr.io/acme/shop\"",
                    "files = [\"{path}/kustomization.yaml\"]",
                ],
            ),
        ],
        tells: &[
            "Kubernetes, by kubectl",
            "the environment `production` with required reviewers",
            "security: `gitops` scans already",
        ],
    },
    Shape {
        name: "helm-two-components",
        files: &[
            ("backend/Dockerfile", "FROM scratch\n"),
            ("backend/requirements.txt", "flask\n"),
            ("frontend/Dockerfile", "FROM scratch\n"),
            ("frontend/package.json", "{}\n"),
            ("charts/shop/Chart.yaml", "name: shop\n"),
            ("charts/shop/values.yaml", "replicas: 1\n"),
            (
                "charts/shop/values-staging.yaml",
                "backend: {image: {repository: ghcr.io/acme/backend, tag: '1'}}\nfrontend: {image: {repository: ghcr.io/acme/frontend, tag: '1'}}\n",
            ),
            (
                "charts/shop/values-production.yaml",
                "backend: {image: {repository: ghcr.io/acme/backend, tag: '1'}}\nfrontend: {image: {repository: ghcr.io/acme/frontend, tag: '1'}}\n",
            ),
        ],
        tags: &[],
        remote: GITHUB,
        branch: "main",
        writes: &[
            (RELEASE, &[]),
            (
                GITOPS,
                &[
                    "helm upgrade --install frontend charts/shop --values charts/shop/values-staging.yaml",
                    "\"test\": \"npm ci",
                ],
            ),
            (ROLLBACK, &["options: [backend, frontend]"]),
            (
                "slipway.toml",
                &[
                    "[components.backend]",
                    "files = [\"charts/shop/values-{environment}.yaml\"]",
                    "paths = [\"frontend/**\"]",
                ],
            ),
        ],
        tells: &["Kubernetes, by helm"],
    },
    Shape {
        name: "config-repository-of-argocd",
        files: &[
            (
                "argocd/shop.yaml",
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\n  annotations:\n    argocd-image-updater.argoproj.io/image-list: shop=ghcr.io/acme/shop\n",
            ),
            (
                "envs/staging/shop.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{name: shop, image: 'ghcr.io/acme/shop:1.0.0'}]}}}\n",
            ),
            (
                "envs/prod/shop.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{name: shop, image: 'ghcr.io/acme/shop:1.0.0'}]}}}\n",
            ),
        ],
        tags: &[],
        remote: "https://github.com/acme/config",
        branch: "main",
        writes: &[
            (ROLLBACK, &["options: [production, staging]"]),
            ("slipway.toml", &["path = \"envs/prod\"", "files = [\"{path}/shop.yaml\"]"]),
        ],
        tells: &["Kubernetes, by argocd", "migrating/argocd-image-updater.md", "release: nothing is built here"],
    },
    Shape {
        name: "ecs",
        files: &[
            ("Dockerfile", "FROM scratch\n"),
            ("requirements.txt", "flask\n"),
            (
                "ecs/task-definition.json",
                "{\"family\": \"shop\", \"containerDefinitions\": [{\"name\": \"shop\", \"image\": \"ghcr.io/acme/shop:1\"}]}\n",
            ),
            (
                ".github/workflows/deploy.yml",
                "name: Deploy\non: push\njobs:\n  deploy:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: aws ecs update-service --force-new-deployment\n",
            ),
        ],
        tags: &["v1.0.0"],
        remote: GITHUB,
        branch: "main",
        writes: &[
            (RELEASE, &[]),
            (".github/workflows/ecs.yml", &[]),
            (SECURITY, &[]),
            ("slipway.toml", &["files = [\"ecs/task-definition.json\"]"]),
        ],
        tells: &["Amazon ECS"],
    },
    Shape {
        name: "one-machine",
        files: &[
            ("Dockerfile", "FROM scratch\n"),
            ("package.json", "{}\n"),
            (
                ".github/workflows/deploy.yml",
                "name: Deploy\non: push\njobs:\n  deploy:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: docker save shop | ssh host docker load\n",
            ),
        ],
        tags: &[],
        remote: GITHUB,
        branch: "main",
        writes: &[(RELEASE, &[]), (".github/workflows/docker-host.yml", &[]), (SECURITY, &[])],
        tells: &["a machine by SSH", "known_hosts"],
    },
    Shape {
        name: "dotnet-gitversion",
        files: &[
            ("src/Shop/Shop.csproj", "<Project/>\n"),
            (
                "GitVersion.yml",
                "tag-prefix: '[vV]'\nbranches:\n  main: {}\n  develop: {label: alpha}\n  feature: {increment: Minor}\n",
            ),
        ],
        tags: &["v2.1.0"],
        remote: GITHUB,
        branch: "main",
        writes: &[
            (RELEASE, &["develop=alpha", "branch-rules: feature/*=minor", "release-rules: '*=patch'"]),
            (SECURITY, &[]),
        ],
        tells: &["GitVersion", "migrating/other-release-tools.md"],
    },
    Shape {
        name: "python-release-please-and-metadata-action",
        files: &[
            ("pyproject.toml", "[project]\nname = \"shop\"\n"),
            ("Dockerfile", "FROM scratch\n"),
            (
                "release-please-config.json",
                "{\"packages\": {\".\": {\"component\": \"shop\", \"bump-minor-pre-major\": true}}}\n",
            ),
            (
                ".github/workflows/image.yml",
                "name: Image\non: push\njobs:\n  build:\n    runs-on: ubuntu-24.04\n    steps:\n      - id: meta\n        uses: docker/metadata-action@v5\n        with:\n          images: ghcr.io/acme/shop\n          tags: type=sha\n",
            ),
        ],
        tags: &["shop-v0.3.0"],
        remote: GITHUB,
        branch: "main",
        writes: &[(RELEASE, &["tag-prefix: shop-v", "zero-major: minor"]), (SECURITY, &[])],
        tells: &[
            "-        uses: docker/metadata-action@v5",
            "+        uses: slipway-release/slipway/actions/image-tag@v0",
            "migrating/release-please.md",
            "name `gitops`, `ecs` or `docker-host`",
        ],
    },
    Shape {
        name: "gitlab",
        files: &[("Gemfile", ""), (".gitlab-ci.yml", "test: {script: rake}\n"), ("Jenkinsfile", "pipeline {}\n")],
        tags: &["v1.0.0"],
        remote: "git@gitlab.com:acme/group/shop.git",
        branch: "main",
        writes: &[],
        tells: &["workflow-templates/gitlab", "workflow-templates/jenkins", "the repository is not on GitHub"],
    },
];

impl Shape {
    /// The shape of this name.
    pub(crate) fn named(name: &str) -> &'static Self {
        SHAPES.iter().find(|shape| shape.name == name).unwrap()
    }
}

/// A repository on disk.
pub(crate) struct Sandbox(TempDir);

/// What a run of the program said.
pub(crate) struct Run {
    pub code: i32,
    pub text: String,
}

impl Sandbox {
    /// A repository of this shape.
    pub(crate) fn new(shape: &Shape) -> Self {
        let sandbox = Self::empty();
        sandbox.git(&["symbolic-ref", "HEAD", &format!("refs/heads/{}", shape.branch)]);
        sandbox.git(&["remote", "add", "origin", shape.remote]);
        for (path, text) in shape.files {
            sandbox.add(path, text);
        }
        sandbox.git(&["add", "--all"]);
        sandbox.git(&["commit", "--quiet", "--message", "feat: begin"]);
        for tag in shape.tags {
            sandbox.git(&["tag", tag]);
        }
        sandbox
    }

    /// A repository without commits.
    pub(crate) fn empty() -> Self {
        let sandbox = Self(tempfile::Builder::new().prefix("shop-").tempdir().unwrap());
        sandbox.git(&["init", "--quiet", "--initial-branch=main"]);
        sandbox
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn add(&self, path: &str, text: &str) {
        let file = self.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.current_dir(self.path()).args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]).args(arguments);
        let output = git.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What git sees of changes.
    pub(crate) fn status(&self) -> String {
        self.git(&["status", "--porcelain", "--untracked-files=all"])
    }

    /// The files that were added since the commit.
    pub(crate) fn written(&self) -> Vec<String> {
        self.status().lines().filter_map(|line| line.strip_prefix("?? ")).map(str::to_owned).collect()
    }

    /// Runs the program with nobody to be asked.
    pub(crate) fn init(&self, arguments: &[&str]) -> Run {
        init_at(self.path(), arguments)
    }
}

/// Runs the program somewhere, with nobody to be asked.
pub(crate) fn init_at(path: &Path, arguments: &[&str]) -> Run {
    let mut program = Command::new(env!("CARGO_BIN_EXE_slipway"));
    program.current_dir(path).arg("init").args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("GITHUB_")) {
        program.env_remove(name);
    }
    let output = program.output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Run { code: output.status.code().unwrap_or(-1), text }
}
