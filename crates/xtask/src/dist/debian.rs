//! The second route: Debian's compilers, which come without a standard library for WASM.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::toolchain::{Compiler, Route, Toolchain, WASM, clean, compiler, has_std, remap, version};
use crate::{process, workspace};

const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
const SOURCES: &str = "/usr/lib/rustlib/src/rust";

/// Debian's compiler with a standard library below `root`'s target folder, built now unless an earlier run did.
pub(super) fn toolchain(root: &Path) -> Result<Toolchain> {
    let parts = [CARGO, RUSTC, "/usr/lib/rustlib/src/rust/library/std"];
    if let Some(missing) = parts.iter().find(|part| !Path::new(part).exists()) {
        bail!(
            "`{missing}` does not exist: run `rustup target add {WASM}`, or on Debian \
             `apt-get install --no-install-recommends rustc-web cargo-web rust-web-src lld-22`"
        );
    }
    let rustc = PathBuf::from(RUSTC);
    let compiler = compiler(&rustc, Route::Debian)?;
    let linker = linker(&rustc)?;
    let sysroot = root.join("target/wasm-sysroot").join(&compiler.release);
    let libraries = sysroot.join("lib/rustlib").join(WASM).join("lib");
    if !has_std(&libraries) {
        build_std(root, &compiler, &libraries)?;
    }
    let flag = |name: &str, value: &Path| {
        let mut flag = OsString::from(name);
        flag.push(value);
        flag
    };
    let flags = vec![flag("--sysroot=", &sysroot), flag("-Clinker=", &linker)];
    Ok(Toolchain { compiler, cargo: PathBuf::from(CARGO), rustc, sysroot: PathBuf::from("/usr"), flags })
}

/// The linker of the compiler's own LLVM version.
fn linker(rustc: &Path) -> Result<PathBuf> {
    let version = version(rustc)?;
    let llvm = version.lines().find_map(|line| line.strip_prefix("LLVM version: ")?.split('.').next());
    let llvm = llvm.with_context(|| format!("`{} -vV` names no LLVM version", rustc.display()))?;
    let linker = PathBuf::from(format!("/usr/bin/wasm-ld-{llvm}"));
    ensure!(linker.is_file(), "`{}` does not exist: run `apt-get install lld-{llvm}`", linker.display());
    Ok(linker)
}

/// Builds the standard library from Debian's sources, offline, and puts it into the folder `libraries`.
fn build_std(root: &Path, compiler: &Compiler, libraries: &Path) -> Result<()> {
    let sources = fs::canonicalize(SOURCES).with_context(|| format!("`{SOURCES}` cannot be resolved"))?;
    let target = root.join("target");
    fs::create_dir_all(&target).with_context(|| format!("`{}` cannot be made", target.display()))?;
    let scratch = tempfile::tempdir_in(&target).context("no folder for the standard library's build")?;
    workspace::write(&scratch.path().join("src/lib.rs"), b"#![no_std]\n")?;
    workspace::write(
        &scratch.path().join("Cargo.toml"),
        b"[package]\nname = \"only-std\"\nedition = \"2024\"\n[workspace]\n",
    )?;
    let commit = format!("/rustc/{}", compiler.commit);
    let flags = [OsString::from("-Cembed-bitcode=yes"), remap(Path::new(SOURCES), &commit), remap(&sources, &commit)];
    println!("building the standard library for {WASM} with {compiler}, once");
    let mut cargo = clean(Path::new(CARGO));
    cargo
        .current_dir(scratch.path())
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", scratch.path().join("target"))
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join(OsString::from("\u{1f}").as_os_str()))
        .args(["build", "--quiet", "--release", "--offline", "--target", WASM, "-Zbuild-std=std,panic_abort"])
        .args(["--config", "source.crates-io.replace-with='std-vendor'", "--config"])
        .arg(format!("source.std-vendor.directory='{}'", sources.join("library/vendor").display()));
    process::run(&mut cargo)?;
    install(&scratch.path().join("target").join(WASM).join("release/deps"), libraries)
}

/// Copies the built libraries; the folder appears under its name only when it is complete.
fn install(built: &Path, libraries: &Path) -> Result<()> {
    let partial = libraries.with_extension("partial");
    workspace::remove_folder(&partial)?;
    for entry in fs::read_dir(built).with_context(|| format!("`{}` cannot be read", built.display()))? {
        let path = entry.with_context(|| format!("`{}` cannot be read", built.display()))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if (name.ends_with(".rlib") || name.ends_with(".rmeta")) && !name.starts_with("libonly_std") {
            workspace::write(&partial.join(name), &workspace::read(&path)?)?;
        }
    }
    workspace::remove_folder(libraries)?;
    fs::rename(&partial, libraries).with_context(|| format!("`{}` cannot be renamed", partial.display()))
}
