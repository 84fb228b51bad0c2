//! Where the workspace is, and which files belong to it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// The folder that holds the workspace's `Cargo.toml`.
pub(crate) fn root() -> Result<PathBuf> {
    let here = env::current_dir().context("the current folder cannot be read")?;
    let start = env::var_os("CARGO_MANIFEST_DIR").map_or(here, PathBuf::from);
    start
        .ancestors()
        .find(|folder| folder.join("crates/xtask/Cargo.toml").is_file())
        .map(Path::to_path_buf)
        .with_context(|| format!("`{}` is not inside the Slipway workspace", start.display()))
}

/// The workspace's files below `paths` that git tracks or would track, sorted, with `/` between the names.
/// An empty `paths` means all of them.
pub(crate) fn files(root: &Path, paths: &[&str]) -> Result<Vec<String>> {
    let mut command = Command::new("git");
    command.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]).args(paths);
    let listing = process::output(&mut command)?;
    // A tracked file that was deleted in the working tree is still listed.
    let mut files: Vec<String> =
        listing.split_terminator('\0').filter(|file| root.join(file).is_file()).map(str::to_owned).collect();
    files.sort_unstable();
    files.dedup();
    Ok(files)
}

/// Copies all of the workspace's files but `dist/` to the folder `to`.
pub(crate) fn copy(root: &Path, to: &Path) -> Result<()> {
    for file in files(root, &[])?.iter().filter(|file| !file.starts_with("dist/")) {
        let copied = to.join(file);
        let folder = copied.parent().unwrap_or(to);
        fs::create_dir_all(folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
        fs::copy(root.join(file), &copied).with_context(|| format!("`{file}` cannot be copied"))?;
    }
    Ok(())
}

/// Reads a file, naming it if that fails.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))
}

/// Reads a UTF-8 file, naming it if that fails.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))
}

/// Writes a file and the folders above it, naming it if that fails.
pub(crate) fn write(path: &Path, data: &[u8]) -> Result<()> {
    let Some(folder) = path.parent() else { bail!("`{}` is not a file name", path.display()) };
    fs::create_dir_all(folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    fs::write(path, data).with_context(|| format!("`{}` cannot be written", path.display()))
}

/// Removes a folder and all in it; a folder that does not exist is fine.
pub(crate) fn remove_folder(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("`{}` cannot be removed", path.display()))
        }
        _ => Ok(()),
    }
}
