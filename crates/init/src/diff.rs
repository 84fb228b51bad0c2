//! Files that are new, and lines that change, as a diff shows them.

use crate::findings::Replace;

/// A file that is not there yet.
pub(crate) fn new_file(path: &str, text: &str) -> String {
    let count = text.lines().count();
    let lines: String = text.lines().map(|line| format!("+{line}\n")).collect();
    format!("--- /dev/null\n+++ b/{path}\n@@ -0,0 +1,{count} @@\n{lines}")
}

/// A line of a file that becomes another.
pub(crate) fn line(path: &str, replace: &Replace) -> String {
    let Replace { line, before, after } = replace;
    format!("--- a/{path}\n+++ b/{path}\n@@ -{line} +{line} @@\n-{before}\n+{after}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_a_new_file_is_shown() {
        assert_eq!(
            new_file("a.yml", "a: 1\n\nb: 2\n"),
            "--- /dev/null\n+++ b/a.yml\n@@ -0,0 +1,3 @@\n+a: 1\n+\n+b: 2\n"
        );
    }
}
