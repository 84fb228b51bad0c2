//! Archives that are the same wherever and whenever they are made.

use std::path::Path;

use anyhow::{Context, Result};
use flate2::{Compression, GzBuilder};

use crate::dist::Files;

/// Packs programs and texts into a compressed tar: names in order, no times, no owners.
pub(super) fn pack(files: &Files) -> Result<Vec<u8>> {
    let compressed = GzBuilder::new().write(Vec::new(), Compression::best());
    let mut archive = tar::Builder::new(compressed);
    for (name, data) in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(data.len() as u64);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_mode(if name == "LICENSE" { 0o644 } else { 0o755 });
        archive
            .append_data(&mut header, name, data.as_slice())
            .with_context(|| format!("`{name}` cannot be packed"))?;
    }
    archive.into_inner().and_then(flate2::write::GzEncoder::finish).context("the archive cannot be finished")
}

/// Lets a file be run, where that is a permission.
pub(super) fn make_executable(path: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(path, permissions).with_context(|| format!("`{}`", path.display()))?;
    }
    let _ = path;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn an_archive_holds_programs_that_can_be_run_and_no_time() {
        let files = Files::from([("slipway".into(), b"program".to_vec()), ("LICENSE".into(), b"text".to_vec())]);
        let packed = pack(&files).unwrap();
        assert_eq!(packed, pack(&files).unwrap());
        assert_eq!(packed[4..8], [0; 4], "gzip's time");
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
        let mut found = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let header = entry.header();
            assert_eq!((header.mtime().unwrap(), header.uid().unwrap()), (0, 0));
            found.push((entry.path().unwrap().display().to_string(), header.mode().unwrap(), text));
        }
        assert_eq!(found, [("LICENSE".into(), 0o644, "text".into()), ("slipway".into(), 0o755, "program".to_owned())]);
    }
}
