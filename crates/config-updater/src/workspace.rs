//! The files of the working tree: read and written without ever going through a symbolic link.

use std::collections::BTreeSet;

use slipway_core::host::EntryKind;
use slipway_core::text::nearest;
use slipway_core::{Context, Error, ErrorKind, Host, Result, WorkspacePath, matching_files};
use slipway_gitops::settings::FILE;
use slipway_gitops::{ConfigFile, FILE_LIMIT, PathPattern, Settings};

use crate::changes::refuse_workflow;
use crate::covered::concerned;
use crate::edit::EditedFile;
use crate::request::Request;

/// The largest file that is read.
const SIZE_LIMIT: u64 = 8 * 1024 * 1024;

/// The files that a request can concern, sorted by path. Globs pass over links, workflows and git's own directory.
///
/// # Errors
/// `NotFound` if a pattern covers nothing, `ForbiddenPath` for a link or a workflow, `UnreadableFile` for what is no file or is too
/// large, `InvalidInput` if the patterns cover too many files.
pub(crate) async fn read<H: Host>(context: &Context<H>, request: &Request) -> Result<Vec<ConfigFile>> {
    let patterns = request.patterns();
    concerned(&request.requested(), async |is_wanted| covered_files(context, &patterns, is_wanted).await).await
}

/// The files that the patterns cover and that are wanted. The others are forgotten at once, so that a large tree takes no memory.
async fn covered_files<H: Host>(
    context: &Context<H>,
    patterns: &[PathPattern],
    is_wanted: &dyn Fn(&ConfigFile) -> bool,
) -> Result<Vec<ConfigFile>> {
    let mut paths = BTreeSet::new();
    for pattern in patterns {
        let covered = if pattern.is_literal() {
            let path: WorkspacePath = pattern.as_str().parse()?;
            refuse_workflow(pattern)?;
            inspect(context, &path, EntryKind::File).await?;
            vec![path]
        } else {
            covered(context, pattern).await?
        };
        if covered.is_empty() {
            return Err(Error::new(
                ErrorKind::NotFound,
                format!("no file of the working directory matches `{pattern}`"),
            )
            .hint("write paths relative to `working-directory`"));
        }
        paths.extend(covered);
        if paths.len() > FILE_LIMIT {
            let many = format!("the patterns of `files` cover more than {FILE_LIMIT} files");
            return Err(Error::new(ErrorKind::InvalidInput, many).hint("narrow the patterns"));
        }
    }
    let mut files = Vec::new();
    for path in paths {
        let content = context.host.read(&absolute(context, path.as_str()), SIZE_LIMIT).await?;
        let file = ConfigFile { path, content };
        if is_wanted(&file) {
            // Somebody may have put a link there since the directory was listed.
            check_kinds(context, &file.path).await?;
            files.push(file);
        }
    }
    Ok(files)
}

/// What the `slipway.toml` of the working directory says; nothing at all without one.
///
/// # Errors
/// `InvalidFile` if it is not what it should be, `ForbiddenPath` if it is a link.
pub(crate) async fn settings<H: Host>(context: &Context<H>) -> Result<Settings> {
    match context.host.entry_kind(&absolute(context, FILE)).await? {
        Some(_) => {
            let path = FILE.parse()?;
            inspect(context, &path, EntryKind::File).await?;
            Settings::read(&context.host.read(&absolute(context, FILE), SIZE_LIMIT).await?)
        }
        None => Ok(Settings::default()),
    }
}

/// Replaces all of the files, if each still is what it was when it was read, or none: they are written beside the originals first,
/// and if one cannot take its place, those before it are put back.
///
/// # Errors
/// `LostRace` if somebody changed one meanwhile, `ForbiddenPath` if one has become a link, `Io`. Where a file could not be put back, the
/// detail names those that stay written.
pub(crate) async fn write<H: Host>(context: &Context<H>, files: &[EditedFile]) -> Result<()> {
    for file in files {
        check_kinds(context, &file.path).await?;
        let found = context.host.read(&absolute(context, file.path.as_str()), SIZE_LIMIT).await?;
        if found != file.before.as_bytes() {
            return Err(Error::new(ErrorKind::LostRace, format!("somebody else changed `{}`", file.path)));
        }
    }
    let mut beside = Vec::new();
    for file in files {
        match context.host.write_beside(&absolute(context, file.path.as_str()), file.after.as_bytes()).await {
            Ok(path) => beside.push(path),
            Err(error) => {
                discard(context, &beside).await;
                return Err(error.hint("no file was changed"));
            }
        }
    }
    for (index, (from, file)) in beside.iter().zip(files).enumerate() {
        if let Err(error) = context.host.rename(from, &absolute(context, file.path.as_str())).await {
            discard(context, &beside[index..]).await;
            return Err(put_back(context, &files[..index], error).await);
        }
    }
    Ok(())
}

async fn discard<H: Host>(context: &Context<H>, beside: &[String]) {
    for path in beside {
        // What is left behind is no file of the user.
        let _ = context.host.remove(path).await;
    }
}

/// Undoes what was written before `error`, and tells what came of it.
async fn put_back<H: Host>(context: &Context<H>, written: &[EditedFile], error: Error) -> Error {
    let mut left = Vec::new();
    for file in written {
        if context.host.write(&absolute(context, file.path.as_str()), file.before.as_bytes()).await.is_err() {
            left.push(file.path.as_str());
        }
    }
    match left.is_empty() {
        true => error.hint("no file was changed"),
        false => error
            .hint(format!("these stay changed: {}", left.join(", ")))
            .detail(serde_json::json!({ "written": left })),
    }
}

/// Checks that nothing on the way to a file is a link, and that it is a file.
async fn check_kinds<H: Host>(context: &Context<H>, path: &WorkspacePath) -> Result<()> {
    for part in path.ancestors() {
        let expected = if part == path.as_str() { EntryKind::File } else { EntryKind::Directory };
        if context.host.entry_kind(&absolute(context, part)).await? != Some(expected) {
            return Err(Error::new(ErrorKind::ForbiddenPath, format!("`{part}` was exchanged while it was read"))
                .hint("run again when nothing else writes to the working directory"));
        }
    }
    Ok(())
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

fn absolute<H: Host>(context: &Context<H>, path: &str) -> String {
    if path.is_empty() { context.directory.clone() } else { context.path(&path) }
}

#[cfg(test)]
mod tests {
    use slipway_core::host::scripted::ScriptedHost;
    use slipway_core::input::{GITHUB_TOKEN, Reader, WORKING_DIRECTORY};

    use super::*;

    #[test]
    fn all_files_are_written_or_none() {
        let contents =
            |host: &ScriptedHost| ["a", "b", "c"].map(|name| host.content(&format!("/work/{name}.yaml")).unwrap());
        let names = [("a.yaml", "x: 1\r\n"), ("b.yaml", "x: 1"), ("c.yaml", "# c\nx: 1\n")];
        let before = names.map(|(_, content)| content.to_owned());
        let after = before.clone().map(|content| content.replace('1', "2"));
        for (failing, hint, expected) in [
            (&[][..], None, after.clone()),
            (&[1], Some("no file was changed"), before.clone()),
            (&[2], Some("no file was changed"), before.clone()),
            (&[3], Some("no file was changed"), before.clone()),
            // The first cannot be put back.
            (&[3, 4], Some("these stay changed: a.yaml"), [after[0].clone(), before[1].clone(), before[2].clone()]),
        ] {
            let host = ScriptedHost::new(&[("GITHUB_WORKSPACE", "/work")]).failing_renames(failing);
            let host = names.iter().fold(host, |host, (name, content)| host.file(&format!("/work/{name}"), content));
            let files = names.map(|(name, content)| EditedFile {
                path: name.parse().unwrap(),
                before: content.into(),
                after: content.replace('1', "2"),
            });
            let written = ScriptedHost::block_on(async {
                let mut reader = Reader::new(&[WORKING_DIRECTORY, GITHUB_TOKEN], &host, &Default::default());
                let context = Context::read(host.clone(), &mut reader).await.unwrap();
                write(&context, &files).await
            })
            .unwrap();
            let told = written.err().map(|error| (error.kind(), error.hint_text().unwrap_or_default().to_owned()));
            assert_eq!(told, hint.map(|hint| (ErrorKind::Io, hint.to_owned())), "{failing:?}");
            assert_eq!(contents(&host), expected, "{failing:?}");
            assert!(names.iter().all(|(name, _)| host.content(&format!("/work/{name}.tmp")).is_none()), "{failing:?}");
        }
    }
}
