//! What an edit changes, as a unified diff.

use similar::TextDiff;

use crate::edit::EditedFile;

/// The longest diff that is given, in bytes.
const LIMIT: usize = 100 * 1024;

/// The unified diff of all files.
pub(crate) fn unified(files: &[EditedFile]) -> String {
    let mut diff = String::new();
    for file in files {
        let lines = TextDiff::from_lines(&file.before, &file.after);
        let header = [format!("a/{}", file.path), format!("b/{}", file.path)];
        diff += &lines.unified_diff().context_radius(3).header(&header[0], &header[1]).to_string();
        if diff.len() > LIMIT {
            let end = (0..=LIMIT).rev().find(|end| diff.is_char_boundary(*end)).unwrap_or(0);
            diff.truncate(end);
            diff += "\n… the rest of the diff is left out\n";
            break;
        }
    }
    diff
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
    fn a_long_diff_is_cut_off() {
        let long = |digit: &str| digit.repeat(90 * 1024) + "\n";
        let file = EditedFile { path: "a".parse().unwrap(), before: long("1"), after: long("é") };
        assert!(unified(&[file]).len() < LIMIT + 100);
    }
}
