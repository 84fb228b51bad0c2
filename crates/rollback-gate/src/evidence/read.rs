//! Reading the files of a report.

use slipway_core::host::EntryKind;
use slipway_core::{Context, ErrorKind, Host, Result, WorkspacePath, matching_files};

use super::allow::{self, AllowList};
use super::backup;
use super::kind::{Kind, Reading};
use super::line::Evidence;
use super::report::Report;

/// The largest file that is read at once.
const WHOLE_LIMIT: u64 = 64 * 1024 * 1024;
/// The largest file that is read in pieces, and a piece.
const PIECES_LIMIT: u64 = 4 * 1024 * 1024 * 1024;
const PIECE: usize = 1024 * 1024;

/// What was read for a line, or why nothing was.
pub(super) type Found = std::result::Result<(Report, Option<Report>), String>;

/// Reads what a line names.
///
/// # Errors
/// Those of a working directory that cannot be searched.
pub(super) async fn read<H: Host>(context: &Context<H>, evidence: &Evidence) -> Result<Found> {
    let files = match evidence.files.as_str().parse::<WorkspacePath>() {
        Ok(file) if evidence.files.is_literal() => match context.host.entry_kind(&absolute(context, &file)).await? {
            None => Vec::new(),
            Some(EntryKind::File) => vec![file],
            Some(_) => return Ok(Err(format!("`{file}` is not a regular file"))),
        },
        _ => matching_files(context, &evidence.files).await?,
    };
    if files.is_empty() {
        return Ok(Err(format!("`{}` is not there", evidence.files)));
    }
    let mut allowed = match allow_list(context, evidence).await {
        Ok(allowed) => allowed,
        Err(why) => return Ok(Err(why)),
    };
    let mut report = Report::default();
    for file in &files {
        match read_file(context, evidence.kind, file, &mut allowed).await {
            Ok(read) => report.merge(read),
            Err(why) => return Ok(Err(format!("`{file}`: {why}"))),
        }
    }
    report.notes.extend(allowed.expired());
    backup::age(&mut report, context.now());
    let base = match &evidence.base {
        None => None,
        Some(base) => match read_file(context, evidence.kind, base, &mut AllowList::default()).await {
            Ok(report) => Some(report),
            Err(why) => return Ok(Err(format!("the base `{base}`: {why}"))),
        },
    };
    Ok(Ok((report, base)))
}

fn absolute<H: Host>(context: &Context<H>, file: &WorkspacePath) -> String {
    format!("{}/{file}", context.directory)
}

async fn allow_list<H: Host>(context: &Context<H>, evidence: &Evidence) -> std::result::Result<AllowList, String> {
    let Some(file) = &evidence.allow else { return Ok(AllowList::default()) };
    let path = absolute(context, file);
    let text = context.host.read(&path, allow::SIZE_LIMIT).await.map_err(|error| error.message().to_owned())?;
    AllowList::parse(&String::from_utf8_lossy(&text), context.now()).map_err(|why| format!("`{file}`: {why}"))
}

async fn read_file<H: Host>(
    context: &Context<H>,
    kind: &Kind,
    file: &WorkspacePath,
    allowed: &mut AllowList,
) -> std::result::Result<Report, String> {
    let path = absolute(context, file);
    let unread = |error: slipway_core::Error| match error.kind() {
        ErrorKind::NotFound => "it is not there".to_owned(),
        _ => error.message().to_owned(),
    };
    match kind.reading {
        Reading::Whole(read) => {
            let text = context.host.read(&path, WHOLE_LIMIT).await.map_err(unread)?;
            // A byte order mark is no part of it.
            let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text);
            if text.trim_ascii().is_empty() { Err("it is empty".into()) } else { read(text) }
        }
        Reading::Pieces(begin) => {
            let mut pieces = begin();
            let mut offset = 0;
            loop {
                let piece = context.host.read_part(&path, offset, PIECE).await.map_err(unread)?;
                let length = piece.len() as u64;
                let text = if offset == 0 { piece.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&piece) } else { &piece };
                match (length, offset) {
                    (0, 0) => return Err("it is empty".into()),
                    (0, _) => return pieces.finish(),
                    _ if offset > PIECES_LIMIT => return Err(format!("it is larger than {PIECES_LIMIT} bytes")),
                    _ => pieces.push(text, allowed)?,
                }
                offset += length;
            }
        }
    }
}
