//! The files of the working tree: read and written without ever going through a symbolic link.

use std::collections::BTreeMap;

use slipway_core::host::EntryKind;
use slipway_core::text::nearest;
use slipway_core::{Context, Error, ErrorKind, Host, Result, WorkspacePath, matching_files};
use slipway_gitops::settings::FILE;
use slipway_gitops::{ConfigFile, PathPattern, Settings};

use crate::edit::EditedFile;

/// The largest file that is read.
const SIZE_LIMIT: u64 = 8 * 1024 * 1024;
/// The most files that the patterns may cover.
const FILE_LIMIT: usize = 10_000;

/// The files that the patterns cover, sorted by path. Globs pass over links, workflows and git's own directory.
///
/// # Errors
/// `NotFound` if a pattern covers nothing, `ForbiddenPath` for a link or a workflow, `UnreadableFile` for what is no file or is too
/// large, `InvalidInput` if the patterns cover too many files.
pub(crate) async fn read<H: Host>(context: &Context<H>, patterns: &[PathPattern]) -> Result<Vec<ConfigFile>> {
    let mut files = BTreeMap::new();
    for pattern in patterns {
        let paths =
            if pattern.is_literal() { vec![pattern.as_str().parse()?] } else { covered(context, pattern).await? };
        if paths.is_empty() {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("no file of the working directory matches `{pattern}`"),
            )
            .hint("write paths relative to `working-directory`"));
        }
        for path in paths {
            let content = read_file(context, &path).await?;
            files.insert(path, content);
        }
        if files.len() > FILE_LIMIT {
            let many = format!("the patterns of `files` cover more than {FILE_LIMIT} files");
            return Err(Error::new(ErrorKind::InvalidInput, many).hint("narrow the patterns"));
        }
    }
    Ok(files.into_iter().map(|(path, content)| ConfigFile { path, content }).collect())
}

/// What the `slipway.toml` of the working directory says; nothing at all without one.
///
/// # Errors
/// `InvalidFile` if it is not what it should be, `ForbiddenPath` if it is a link.
pub(crate) async fn settings<H: Host>(context: &Context<H>) -> Result<Settings> {
    match context.host.entry_kind(&absolute(context, FILE)).await? {
        Some(_) => Settings::read(&read_file(context, &FILE.parse()?).await?),
        None => Ok(Settings::default()),
    }
}

/// Replaces the files, if each still is what it was when it was read.
///
/// # Errors
/// `LostRace` if somebody changed one meanwhile, `ForbiddenPath` if one has become a link, `Io`. The detail names what was written.
pub(crate) async fn write<H: Host>(context: &Context<H>, files: &[EditedFile]) -> Result<()> {
    let mut written: Vec<&str> = Vec::new();
    for file in files {
        let replaced = async {
            if read_file(context, &file.path).await? != file.before.as_bytes() {
                return Err(Error::new(ErrorKind::LostRace, format!("somebody else changed `{}`", file.path)));
            }
            context.host.write(&absolute(context, file.path.as_str()), file.after.as_bytes()).await
        };
        replaced.await.map_err(|error| error.detail(serde_json::json!({ "written": written })))?;
        written.push(file.path.as_str());
    }
    Ok(())
}

async fn read_file<H: Host>(context: &Context<H>, path: &WorkspacePath) -> Result<Vec<u8>> {
    if path.is_workflow() {
        return Err(Error::new(ErrorKind::ForbiddenPath, format!("`{path}` is a workflow, which is never edited")));
    }
    inspect(context, path, EntryKind::File).await?;
    context.host.read(&absolute(context, path.as_str()), SIZE_LIMIT).await
}

/// Looks at every part of a path: directories, then what is expected at its end, and no link anywhere.
async fn inspect<H: Host>(context: &Context<H>, path: &WorkspacePath, expected: EntryKind) -> Result<()> {
    let mut parent = String::new();
    for part in path.ancestors() {
        let entries = context.host.entries(&absolute(context, &parent)).await?;
        let name = part.rsplit('/').next().unwrap_or(part);
        // Compared by its bytes: on a file system that ignores case, another spelling is another name still.
        let found = entries.iter().find(|(found, _)| found == name).map(|(_, kind)| *kind);
        match found {
            Some(kind) if kind == if part == path.as_str() { expected } else { EntryKind::Directory } => {}
            Some(EntryKind::Link) => {
                return Err(Error::new(ErrorKind::ForbiddenPath, format!("`{part}` is a symbolic link"))
                    .hint("name the file by the path that it really has"));
            }
            Some(_) => {
                let wrong = format!("`{path}` is not a regular file, or not in a directory");
                return Err(
                    Error::new(ErrorKind::UnreadableFile, wrong).hint("name files, or patterns that match files")
                );
            }
            None => {
                let missing = Error::new(ErrorKind::NotFound, format!("there is no `{part}` in the working directory"));
                return Err(match nearest(name, entries.iter().map(|(name, _)| name.as_str())) {
                    Some(like) => missing.hint(format!("did you mean `{like}`?")),
                    None => missing.hint("write paths relative to `working-directory`"),
                });
            }
        }
        parent = part.into();
    }
    Ok(())
}

/// The files that the glob covers.
async fn covered<H: Host>(context: &Context<H>, pattern: &PathPattern) -> Result<Vec<WorkspacePath>> {
    if !pattern.directory().is_empty() {
        inspect(context, &pattern.directory().parse()?, EntryKind::Directory).await?;
    }
    let mut found = matching_files(context, pattern).await?;
    found.retain(|path| !path.is_workflow());
    Ok(found)
}

fn absolute<H>(context: &Context<H>, path: &str) -> String {
    if path.is_empty() { context.directory.clone() } else { format!("{}/{path}", context.directory) }
}
