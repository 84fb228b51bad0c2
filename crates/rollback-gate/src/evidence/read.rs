//! Reading the files of a report.

use slipway_core::host::EntryKind;
use slipway_core::{Context, Error, ErrorKind, Host, Result, WorkspacePath, matching_files};

use super::allow::{self, AllowList};
use super::artifact::Witness;
use super::kind::{Kind, Pieces, Reading};
use super::line::Evidence;
use super::report::Report;

/// The largest file that is read at once.
const WHOLE_LIMIT: u64 = 64 * 1024 * 1024;
/// The largest file that is read in pieces, and a piece.
const PIECES_LIMIT: u64 = 4 * 1024 * 1024 * 1024;
const PIECE: usize = 1024 * 1024;

/// What was read for a line.
#[derive(Debug, Default)]
pub(super) struct Reports {
    /// The files and what each says; one at least.
    pub(super) files: Vec<(String, Report)>,
    /// What they are compared with.
    pub(super) base: Option<Report>,
    /// What else a person should know.
    pub(super) notes: Vec<String>,
    /// What the artifact tells that they came from.
    pub(super) witness: Witness,
}

/// What was read, or why nothing was.
pub(super) type Found = std::result::Result<Reports, String>;

/// Reads what a line names.
///
/// # Errors
/// Those of a working directory that cannot be searched.
pub(super) async fn read<H: Host>(context: &Context<H>, evidence: &Evidence) -> Result<Found> {
    let files = match evidence.files.as_str().parse::<WorkspacePath>() {
        Ok(file) if evidence.files.is_literal() => match context.host.entry_kind(&context.path(&file)).await? {
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
    let mut reports = Reports::default();
    for file in &files {
        match read_file(context, evidence.kind, file, &mut allowed).await {
            Ok(read) => reports.files.push((file.to_string(), read)),
            Err(why) => return Ok(Err(format!("`{file}`: {why}"))),
        }
    }
    reports.notes.extend(allowed.expired());
    if let Some(base) = &evidence.base {
        match read_file(context, evidence.kind, base, &mut AllowList::default()).await {
            Ok(report) => reports.base = Some(report),
            Err(why) => return Ok(Err(format!("the base `{base}`: {why}"))),
        }
    }
    Ok(Ok(reports))
}

async fn allow_list<H: Host>(context: &Context<H>, evidence: &Evidence) -> std::result::Result<AllowList, String> {
    let Some(file) = &evidence.allow else { return Ok(AllowList::default()) };
    let text = context.host.read(&context.path(file), allow::SIZE_LIMIT).await.map_err(unread);
    let list = text.and_then(|text| AllowList::parse(&String::from_utf8_lossy(&text), context.now()));
    list.map_err(|why| format!("the list `{file}`: {why}"))
}

async fn read_file<H: Host>(
    context: &Context<H>,
    kind: &Kind,
    file: &WorkspacePath,
    allowed: &mut AllowList,
) -> std::result::Result<Report, String> {
    let path = context.path(file);
    match kind.reading {
        Reading::Json(read) => {
            let text = whole(context, &path).await?;
            let value = serde_json::from_slice(&text).map_err(|error| format!("it is not JSON: {error}"))?;
            read(&value)
        }
        Reading::Whole(read) => read(&whole(context, &path).await?),
        Reading::Pieces(begin) => in_pieces(context, &path, begin(), allowed).await,
    }
}

/// The content of a file, if there is any.
async fn whole<H: Host>(context: &Context<H>, path: &str) -> std::result::Result<Vec<u8>, String> {
    let text = context.host.read(path, WHOLE_LIMIT).await.map_err(unread)?;
    let text = unmarked(text);
    if text.trim_ascii().is_empty() { Err("it is empty".into()) } else { Ok(text) }
}

async fn in_pieces<H: Host>(
    context: &Context<H>,
    path: &str,
    mut pieces: Box<dyn Pieces>,
    allowed: &mut AllowList,
) -> std::result::Result<Report, String> {
    let mut offset = 0;
    loop {
        let piece = context.host.read_part(path, offset, PIECE).await.map_err(unread)?;
        let length = piece.len() as u64;
        match (length, offset) {
            (0, 0) => return Err("it is empty".into()),
            (0, _) => return pieces.finish(allowed),
            (_, 0) => pieces.push(&unmarked(piece))?,
            _ if offset > PIECES_LIMIT => return Err(format!("it is larger than {PIECES_LIMIT} bytes")),
            _ => pieces.push(&piece)?,
        }
        offset += length;
    }
}

/// The text without a byte order mark, which is no part of it.
fn unmarked(mut text: Vec<u8>) -> Vec<u8> {
    if text.starts_with(b"\xEF\xBB\xBF") {
        text.drain(..3);
    }
    text
}

fn unread(error: Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "it is not there".to_owned(),
        _ => error.message().to_owned(),
    }
}
