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

/// Markdown of ours as a terminal or a log shows it best: the text that was escaped, as it was.
pub fn plain(markdown: &str) -> String {
    const REFERENCES: [(&str, &str); 3] = [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    const TAGS: [&str; 4] = ["<details>", "</details>", "<summary>", "</summary>"];
    let mut shown = String::with_capacity(markdown.len());
    let mut in_block = false;
    for line in markdown.split_inclusive('\n') {
        if line.starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            let mut rest = line;
            while let Some(character) = rest.chars().next() {
                if let Some((text, after)) = code_span(rest) {
                    shown.push_str(&text.replace("\\|", "|"));
                    rest = after;
                } else if let Some((raw, text)) = REFERENCES.iter().find(|(raw, _)| rest.starts_with(raw)) {
                    shown.push_str(text);
                    rest = &rest[raw.len()..];
                } else if let Some(tag) = TAGS.iter().find(|tag| rest.starts_with(**tag)) {
                    rest = &rest[tag.len()..];
                } else {
                    let escaped = rest.strip_prefix('\\').and_then(|rest| rest.chars().next());
                    let character = escaped.filter(char::is_ascii_punctuation).map_or(character, |escaped| {
                        rest = &rest[1..];
                        escaped
                    });
                    if character != '\u{2060}' {
                        shown.push(character);
                    }
                    rest = &rest[character.len_utf8()..];
                }
            }
            continue;
        }
        shown.push_str(line);
    }
    shown
}

/// A span of code at the start of a line, and what follows it.
fn code_span(line: &str) -> Option<(&str, &str)> {
    let fence = line.bytes().take_while(|b| *b == b'`').count();
    if fence == 0 {
        return None;
    }
    let mut at = fence;
    loop {
        at += line[at..].find('`')?;
        let run = line[at..].bytes().take_while(|b| *b == b'`').count();
        at += run;
        if run == fence {
            return Some(line.split_at(at));
        }
    }
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
    fn terminals_show_what_was_escaped() {
        let raw = "<!-- x --> [a](b) @all | `c` \\d & *e* #1 a_b ~f~ ##[g";
        assert_eq!(plain(&text(raw)), raw);
        for (markdown, shown) in [
            ("**Held:** the tag \\`v1\\` \\| `a\\|b` ``c`\\*``\n", "**Held:** the tag `v1` | `a|b` ``c`\\*``\n"),
            ("```text\n\\*&lt;\n```\n\\*&lt;", "```text\n\\*&lt;\n```\n*<"),
            ("<details><summary>Notes</summary>\n\n</details>\n", "Notes\n\n\n"),
            ("a ` b \\", "a ` b \\"),
        ] {
            assert_eq!(plain(markdown), shown);
        }
    }

    #[test]
    fn a_table_has_one_line_per_row() {
        assert_eq!(table(["A", "B"], [["1".into(), "2".into()]]), "| A | B |\n| :-- | :-- |\n| 1 | 2 |\n");
    }
}
