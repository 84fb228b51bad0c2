//! GitHub-flavoured Markdown for summaries and comments, from text that may be hostile.

/// Text that shows as it is: no markup, no HTML, no mentions, no line breaks.
pub fn text(raw: &str) -> String {
    let mut escaped = String::with_capacity(raw.len());
    for character in raw.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' => escaped.extend(['\\', character]),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A word joiner keeps `@name` from notifying anybody.
            '@' => escaped.push_str("@\u{2060}"),
            character if character.is_control() || super::is_hidden(character) => escaped.push(' '),
            character => escaped.push(character),
        }
    }
    escaped
}

/// Inline code that shows as it is, also in a table.
pub fn code(raw: &str) -> String {
    let visible: String = raw.chars().map(|c| if super::is_hidden(c) { ' ' } else { c }).collect();
    if visible.trim().is_empty() {
        return String::new();
    }
    let longest = visible.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", visible.replace('|', "\\|"))
}

/// A block of code that shows as it is, but for hidden characters, which could show it in another order.
pub fn block(language: &str, raw: &str) -> String {
    let is_shown = |c: char| matches!(c, '\n' | '\t') || !super::is_hidden(c);
    let raw: String = raw.chars().map(|c| if is_shown(c) { c } else { ' ' }).collect();
    let longest = raw.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", raw.trim_end_matches('\n'))
}

/// A table; the cells are Markdown already.
pub fn table<const COLUMNS: usize>(head: [&str; COLUMNS], rows: impl IntoIterator<Item = [String; COLUMNS]>) -> String {
    let line = |cells: &[&str]| format!("| {} |\n", cells.join(" | "));
    let mut table = line(&head) + &line(&[":--"; COLUMNS]);
    for row in rows {
        table += &line(&row.each_ref().map(String::as_str));
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_html_and_mentions_are_escaped() {
        assert_eq!(
            text("<!-- x --> [a](javascript:b) @everyone | `c`\nd"),
            "&lt;!-- x --&gt; \\[a\\](javascript:b) @\u{2060}everyone \\| \\`c\\` d"
        );
    }

    #[test]
    fn code_survives_backticks_and_pipes() {
        assert_eq!(code("v1`id`"), "`` v1`id` ``");
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(block("text", "a\tb\r\nc\u{202e}d"), "```text\na\tb \nc d\n```\n");
        assert_eq!(block("", "```"), "````\n```\n````\n");
    }

    #[test]
    fn a_table_has_one_line_per_row() {
        assert_eq!(table(["A", "B"], [["1".into(), "2".into()]]), "| A | B |\n| :-- | :-- |\n| 1 | 2 |\n");
    }
}
