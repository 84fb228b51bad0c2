//! What an edit changes, as a unified diff.

use std::ops::Range;

use gix_imara_diff::{Algorithm, Diff, Hunk, InternedInput};

use crate::edit::EditedFile;

/// The longest diff that is given, in bytes.
const LIMIT: usize = 100 * 1024;
/// How many unchanged lines are shown around a change.
const CONTEXT: u32 = 3;

/// The unified diff of all files.
pub(crate) fn unified(files: &[EditedFile]) -> String {
    let mut diff = String::new();
    for file in files {
        push_file(&mut diff, file);
        if diff.len() > LIMIT {
            let end = (0..=LIMIT).rev().find(|end| diff.is_char_boundary(*end)).unwrap_or(0);
            diff.truncate(end);
            diff += "\n… the rest of the diff is left out\n";
            break;
        }
    }
    diff
}

fn push_file(diff: &mut String, file: &EditedFile) {
    let [before, after] = [&file.before, &file.after].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    *diff += &format!("--- a/{0}\n+++ b/{0}\n", file.path);
    // Changes are shown together where the lines around them would touch.
    for changes in hunks(file).chunk_by(|change, next| next.before.start - change.before.end <= 2 * CONTEXT) {
        let (Some(first), Some(last)) = (changes.first(), changes.last()) else { continue };
        let above = first.before.start.min(CONTEXT);
        let below = (before.len() as u32 - last.before.end).min(CONTEXT);
        let mut shown = first.before.start - above..last.before.end + below;
        let new = first.after.start - above..last.after.end + below;
        *diff += &format!("@@ -{} +{} @@\n", position(&shown), position(&new));
        for change in changes {
            push_lines(diff, ' ', &before, &(shown.start..change.before.start));
            push_lines(diff, '-', &before, &change.before);
            push_lines(diff, '+', &after, &change.after);
            shown.start = change.before.end;
        }
        push_lines(diff, ' ', &before, &shown);
    }
}

/// The changes in their order, in lines counted from 0.
fn hunks(file: &EditedFile) -> Vec<Hunk> {
    let lines = InternedInput::new(file.before.as_str(), file.after.as_str());
    let mut difference = Diff::compute(Algorithm::Myers, &lines);
    difference.postprocess_no_heuristic(&lines);
    difference.hunks().collect()
}

/// Start, counted from 1, and length; an empty range is named by the line before it, and a length of 1 is left out.
fn position(lines: &Range<u32>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.end),
        length => format!("{},{length}", lines.start + 1),
    }
}

fn push_lines(diff: &mut String, mark: char, lines: &[&str], range: &Range<u32>) {
    for line in lines.get(range.start as usize..range.end as usize).unwrap_or_default() {
        diff.push(mark);
        *diff += line;
        if !line.ends_with('\n') {
            *diff += "\n\\ No newline at end of file\n";
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_the_lines_around() {
        let file = EditedFile {
            path: "envs/a b.yaml".parse().unwrap(),
            before: "a: 1\r\nimage: shop:1\r\nz: 9".into(),
            after: "a: 1\r\nimage: shop:2\r\nz: 9".into(),
        };
        insta::assert_snapshot!(unified(&[file]).replace('\r', "<CR>"), @r"
        --- a/envs/a b.yaml
        +++ b/envs/a b.yaml
        @@ -1,3 +1,3 @@
         a: 1<CR>
        -image: shop:1<CR>
        +image: shop:2<CR>
         z: 9
        \ No newline at end of file
        ");
    }

    #[test]
    fn changes_are_shown_apart_or_together_as_diff_does_it() {
        let lines = |changed: &[usize]| -> String {
            (1..=20)
                .map(|line| if changed.contains(&line) { format!("{line} new\n") } else { format!("{line}\n") })
                .collect()
        };
        let headers = |before: String, after: String| -> Vec<String> {
            let file = EditedFile { path: "a".parse().unwrap(), before, after };
            unified(&[file]).lines().filter(|line| line.starts_with("@@")).map(str::to_owned).collect()
        };
        assert_eq!(headers(lines(&[]), lines(&[5, 12])), ["@@ -2,14 +2,14 @@"]);
        assert_eq!(
            headers(lines(&[]), lines(&[1, 9, 20])),
            ["@@ -1,4 +1,4 @@", "@@ -6,7 +6,7 @@", "@@ -17,4 +17,4 @@"]
        );
        assert_eq!(headers("a\n".into(), "b\n".into()), ["@@ -1 +1 @@"]);
        assert_eq!(headers(String::new(), "a\nb\n".into()), ["@@ -0,0 +1,2 @@"]);
        assert_eq!(headers("a\nb\nc\nd\ne\n".into(), "a\nb\nc\nd\nx\ne\n".into()), ["@@ -2,4 +2,5 @@"]);
    }

    #[test]
    fn a_long_diff_is_cut_off() {
        let long = |digit: &str| digit.repeat(90 * 1024) + "\n";
        let file = EditedFile { path: "a".parse().unwrap(), before: long("1"), after: long("é") };
        assert!(unified(&[file]).len() < LIMIT + 100);
    }
}
