//! How large `dist/` is, and how long an action takes.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::start;
use crate::dist::{self, Files};

/// What a module may weigh, in bytes, where the action has no limit of its own.
const MODULE_LIMIT: usize = 1_600_000;
/// The limits of their own: every build waits for image-tag.
const MODULE_LIMITS: &[(&str, usize)] = &[("image-tag_bg.wasm", 900_000)];
/// What all of `dist/` may weigh, in bytes.
const DIST_LIMIT: usize = 6_000_000;

/// Prints sizes and start, and returns whether a limit is exceeded.
pub(super) fn run(root: &Path, is_quick: bool) -> Result<bool> {
    let exceeded = print_sizes(&dist::read(root)?)?;
    Ok(start::run(root, is_quick)? || exceeded)
}

/// Prints the sizes, and returns whether one exceeds its limit.
pub(crate) fn print_sizes(files: &Files) -> Result<bool> {
    let mut exceeded = false;
    let mut row = |name: &str, size: usize, limit: usize, gzipped: Option<usize>| {
        let over = size > limit;
        exceeded |= over;
        let gzipped = gzipped.map_or(String::new(), |size| size.to_string());
        println!("{name:<24} {size:>9} {gzipped:>9} {limit:>9}{}", if over { "  EXCEEDED" } else { "" });
    };
    println!("{:<24} {:>9} {:>9} {:>9}", "bytes", "size", "gzipped", "limit");
    for (path, data) in files.iter().filter(|(path, _)| path.ends_with(".wasm")) {
        let name = path.split('/').next_back().unwrap_or(path);
        let limit = MODULE_LIMITS.iter().find(|(own, _)| *own == name).map_or(MODULE_LIMIT, |(_, limit)| *limit);
        row(name, data.len(), limit, Some(gzipped(data)?));
    }
    row("dist/", files.values().map(Vec::len).sum(), DIST_LIMIT, None);
    Ok(exceeded)
}

fn gzipped(data: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).and_then(|()| encoder.finish()).map(|zipped| zipped.len()).context("gzip")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_or_a_sum_over_its_limit_is_seen() {
        let files = |sizes: &[usize]| -> Files {
            sizes.iter().enumerate().map(|(n, size)| (format!("{n}/{n}_bg.wasm"), vec![0; *size])).collect()
        };
        assert!(!print_sizes(&files(&[MODULE_LIMIT; 3])).unwrap());
        assert!(print_sizes(&files(&[MODULE_LIMIT + 1])).unwrap());
        assert!(print_sizes(&files(&[MODULE_LIMIT; 4])).unwrap());
        let image_tag = |size| Files::from([("image-tag/image-tag_bg.wasm".to_owned(), vec![0; size])]);
        assert!(!print_sizes(&image_tag(900_000)).unwrap());
        assert!(print_sizes(&image_tag(900_001)).unwrap());
    }
}
