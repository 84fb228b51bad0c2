//! Which compiler builds the WASM modules, and in which environment.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::debian;
use crate::process;

/// The target that the actions are built for.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// How long `rustup target add` may take before it counts as failed.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(180);

/// Where the compiler comes from.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Route {
    /// The toolchain that runs this program, with the target that rustup adds.
    Rustup,
    /// Debian's compiler, with a standard library that is built from Debian's sources.
    Debian,
}

/// What decides the bytes besides the sources: the same compiler on the same kind of host gives the same bytes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Compiler {
    /// `release` of `rustc -vV`.
    pub(crate) release: String,
    /// `commit-hash` of `rustc -vV`.
    pub(crate) commit: String,
    /// `host` of `rustc -vV`.
    pub(crate) host: String,
    /// Where it comes from.
    pub(crate) route: Route,
}

impl fmt::Display for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let route = match self.route {
            Route::Rustup => "rustup",
            Route::Debian => "Debian",
        };
        let commit = self.commit.get(..9).unwrap_or(&self.commit);
        write!(f, "rustc {} ({commit}) for {} by {route}", self.release, self.host)
    }
}

/// A compiler that can build for WASM.
#[derive(Debug)]
pub(crate) struct Toolchain {
    pub(crate) compiler: Compiler,
    pub(crate) cargo: PathBuf,
    pub(super) rustc: PathBuf,
    pub(super) sysroot: PathBuf,
    pub(super) flags: Vec<OsString>,
}

impl Toolchain {
    /// Takes the compiler that runs this program if it can build for WASM, else Debian's.
    /// `WASM_TOOLCHAIN=rustup` or `debian` forces one of them. `root` is the workspace, below which Debian's standard
    /// library is built once.
    pub(crate) fn select(root: &Path) -> Result<Self> {
        match env::var("WASM_TOOLCHAIN").ok().as_deref() {
            Some("rustup") => Self::ambient(WASM),
            Some("debian") => debian::toolchain(root),
            Some(other) => bail!("`WASM_TOOLCHAIN` is `{other}`: it can be `rustup` or `debian`"),
            None => Self::ambient(WASM).or_else(|rustup| {
                eprintln!("note: {rustup:#}; trying Debian's compiler");
                debian::toolchain(root)
                    .map_err(|debian| debian.context(format!("{rustup:#}")).context("no compiler can build for WASM"))
            }),
        }
    }

    /// The compiler behind the `cargo` that runs this program, with a target that rustup adds unless it is there.
    pub(crate) fn ambient(target: &str) -> Result<Self> {
        let rustc = ambient_rustc();
        let sysroot = sysroot(&rustc)?;
        add_target(&sysroot, target)?;
        let bin = sysroot.join("bin");
        let rustc = bin.join(format!("rustc{}", env::consts::EXE_SUFFIX));
        let cargo = bin.join(format!("cargo{}", env::consts::EXE_SUFFIX));
        ensure!(cargo.is_file(), "`{}` is missing beside the compiler", cargo.display());
        Ok(Self { compiler: compiler(&rustc, Route::Rustup)?, cargo, rustc, sysroot, flags: Vec::new() })
    }

    /// The machine that the compiler behind this `cargo` runs on.
    pub(crate) fn host() -> Result<String> {
        Ok(compiler(&ambient_rustc(), Route::Rustup)?.host)
    }

    /// `cargo` with this compiler and nothing of the environment that could change the bytes. Paths that would get into
    /// the module are replaced, so that every folder gives the same bytes.
    pub(crate) fn cargo(&self, tree: &Path, target_folder: &Path) -> Result<Command> {
        self.command(&self.cargo, tree, target_folder)
    }

    /// A program that runs `cargo`, in the same environment.
    pub(crate) fn command(&self, program: &Path, tree: &Path, target_folder: &Path) -> Result<Command> {
        let mut flags = self.flags.clone();
        let std_sources = self.sysroot.join("lib/rustlib/src/rust");
        flags.push(remap(&cargo_home()?, "/cargo"));
        flags.push(remap(tree, "/src"));
        flags.push(remap(&std_sources, &format!("/rustc/{}", self.compiler.commit)));
        // Hashes are of a few kilobytes here: loops that are not unrolled take 15 kB off a module.
        flags.push("--cfg=sha2_backend_soft=\"compact\"".into());
        let mut command = clean(program);
        command
            .current_dir(tree)
            .env("RUSTC", &self.rustc)
            .env("CARGO_TARGET_DIR", target_folder)
            .env("CARGO_ENCODED_RUSTFLAGS", flags.join(OsString::from("\u{1f}").as_os_str()));
        Ok(command)
    }
}

/// The `rustc` beside the `cargo` that runs this program, else the one on `PATH`.
fn ambient_rustc() -> PathBuf {
    let name = format!("rustc{}", env::consts::EXE_SUFFIX);
    let beside = env::var_os("CARGO").map(|cargo| Path::new(&cargo).with_file_name(&name));
    beside.filter(|rustc| rustc.is_file()).unwrap_or_else(|| PathBuf::from(name))
}

/// Adds a target to the toolchain that runs this program, unless it is there.
pub(crate) fn add_ambient_target(target: &str) -> Result<()> {
    add_target(&sysroot(&ambient_rustc())?, target)
}

fn add_target(sysroot: &Path, target: &str) -> Result<()> {
    let libraries = sysroot.join("lib/rustlib").join(target).join("lib");
    if has_std(&libraries) {
        return Ok(());
    }
    // The name that rustup gave, or else the folder's, which is the toolchain's name.
    let name = env::var_os("RUSTUP_TOOLCHAIN").or_else(|| sysroot.file_name().map(OsString::from)).unwrap_or_default();
    let mut command = Command::new("rustup");
    command.args(["target", "add", target, "--toolchain"]).arg(name);
    process::run_within(&mut command, DOWNLOAD_LIMIT)
        .with_context(|| format!("the compiler in `{}` has no standard library for {target}", sysroot.display()))?;
    ensure!(has_std(&libraries), "rustup added {target}, but not to `{}`", sysroot.display());
    Ok(())
}

/// Whether the folder holds a standard library.
pub(super) fn has_std(libraries: &Path) -> bool {
    let Ok(entries) = fs::read_dir(libraries) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

fn sysroot(rustc: &Path) -> Result<PathBuf> {
    let path = process::output(Command::new(rustc).args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(path.trim_end()))
}

/// Asks a compiler who it is.
pub(super) fn compiler(rustc: &Path, route: Route) -> Result<Compiler> {
    let version = version(rustc)?;
    let field = |name: &str| {
        let line = version.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.map(str::to_owned).with_context(|| format!("`{} -vV` names no {name}", rustc.display()))
    };
    Ok(Compiler { release: field("release")?, commit: field("commit-hash")?, host: field("host")?, route })
}

/// What `rustc -vV` prints.
pub(super) fn version(rustc: &Path) -> Result<String> {
    process::output(clean(rustc).arg("-vV"))
}

/// A command without the variables with which an outer cargo, rustup or the user's shell would change the build.
pub(super) fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(changes_builds)) {
        command.env_remove(name);
    }
    command
}

fn changes_builds(variable: &str) -> bool {
    const KEPT: &[&str] = &["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_TERM_"];
    const DROPPED: &[&str] =
        &["CARGO", "RUSTC", "RUSTDOC", "RUSTFLAGS", "RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH", "DYLD_"];
    let starts_with = |prefixes: &[&str]| prefixes.iter().any(|prefix| variable.starts_with(prefix));
    variable != "CARGO_HOME" && starts_with(DROPPED) && !starts_with(KEPT)
}

/// The flag that replaces a path's beginning in what is built.
pub(super) fn remap(from: &Path, to: &str) -> OsString {
    let mut flag = OsString::from("--remap-path-prefix=");
    flag.push(from);
    flag.push("=");
    flag.push(to);
    flag
}

/// Where cargo keeps the sources of the packages it builds.
pub(crate) fn cargo_home() -> Result<PathBuf> {
    let set = env::var_os("CARGO_HOME").map(PathBuf::from);
    set.or_else(|| Some(env::home_dir()?.join(".cargo"))).context("neither `CARGO_HOME` nor a home folder is known")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_that_cannot_change_the_bytes_are_handed_on() {
        let dropped = [
            "CARGO",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_ENCODED_RUSTFLAGS",
            "CARGO_BUILD_RUSTFLAGS",
            "RUSTC",
            "RUSTC_WRAPPER",
            "RUSTC_BOOTSTRAP",
            "RUSTFLAGS",
            "RUSTUP_TOOLCHAIN",
            "LD_LIBRARY_PATH",
        ];
        for name in dropped {
            assert!(changes_builds(name), "{name}");
        }
        let kept = ["PATH", "HOME", "CARGO_HOME", "CARGO_HTTP_PROXY", "CARGO_NET_OFFLINE", "CARGO_REGISTRIES_X_INDEX"];
        for name in kept {
            assert!(!changes_builds(name), "{name}");
        }
    }
}
