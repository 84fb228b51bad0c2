//! The instructions of a Dockerfile, each with its words: continued lines are joined, comments and heredocs are passed
//! over.

use std::ops::Range;

/// One instruction. The first word is its name.
pub(super) struct Instruction {
    pub(super) words: Vec<Range<usize>>,
}

/// Reads the instructions of a file.
pub(super) fn instructions(source: &str) -> Vec<Instruction> {
    let start = source.len() - source.trim_start_matches('\u{feff}').len();
    let mut reader = Reader { source, at: start, escape: escape(&source[start..]) };
    let mut all = Vec::new();
    while reader.at < source.len() {
        let words = reader.words();
        for heredoc in heredocs(source, &words) {
            reader.skip_heredoc(heredoc);
        }
        if !words.is_empty() {
            all.push(Instruction { words });
        }
    }
    all
}

/// The character that continues lines: a directive at the start of the file can make it a backtick.
fn escape(source: &str) -> char {
    for line in source.lines() {
        let Some((name, value)) = line.trim().strip_prefix('#').and_then(|directive| directive.split_once('=')) else {
            break;
        };
        if name.trim().eq_ignore_ascii_case("escape") && value.trim() == "`" {
            return '`';
        }
    }
    '\\'
}

struct Reader<'s> {
    source: &'s str,
    at: usize,
    escape: char,
}

impl Reader<'_> {
    fn line(&self) -> &str {
        let rest = &self.source[self.at..];
        &rest[..rest.find('\n').map_or(rest.len(), |end| end + 1)]
    }

    /// The words up to the end of the instruction.
    fn words(&mut self) -> Vec<Range<usize>> {
        let mut words: Vec<Range<usize>> = Vec::new();
        let mut is_open = false;
        loop {
            let (start, line) = (self.at, self.line());
            let length = line.len();
            if line.trim_start().starts_with('#') || line.trim().is_empty() && !words.is_empty() {
                self.at += length;
                if words.is_empty() || self.at >= self.source.len() {
                    return words;
                }
                continue;
            }
            let text = line.trim_end();
            let is_continued = text.ends_with(self.escape);
            let text = if is_continued { &text[..text.len() - self.escape.len_utf8()] } else { text };
            let mut from = 0;
            while let Some(word) = next_word(text, from) {
                from = word.end;
                let place = start + word.start..start + word.end;
                // A word that is broken by the end of a line goes on with the next.
                match words.last_mut() {
                    Some(last) if is_open && word.start == 0 => last.end = place.end,
                    _ => words.push(place),
                }
                is_open = false;
            }
            is_open = is_continued && !text.ends_with(char::is_whitespace) && !text.is_empty();
            self.at += length;
            if !is_continued || self.at >= self.source.len() {
                return words;
            }
        }
    }

    fn skip_heredoc(&mut self, (name, is_indented): (String, bool)) {
        while self.at < self.source.len() {
            let line = self.line();
            let text = line.trim_end_matches(['\r', '\n']);
            let text = if is_indented { text.trim_start_matches('\t') } else { text };
            let is_end = text == name;
            self.at += line.len();
            if is_end {
                return;
            }
        }
    }
}

/// The next word of a line; blanks in quotes do not end it.
fn next_word(text: &str, from: usize) -> Option<Range<usize>> {
    let start = from + text[from..].find(|c: char| !c.is_whitespace())?;
    let mut quote = None;
    for (at, c) in text[start..].char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '"' | '\'') => quote = Some(c),
            None if c.is_whitespace() => return Some(start..start + at),
            None => {}
        }
    }
    Some(start..text.len())
}

/// The heredocs that an instruction begins, by the names that end them.
fn heredocs(source: &str, words: &[Range<usize>]) -> Vec<(String, bool)> {
    let takes_them = words.first().is_some_and(|name| {
        ["RUN", "COPY", "ADD"].iter().any(|known| source[name.clone()].eq_ignore_ascii_case(known))
    });
    let heredoc = |word: &Range<usize>| {
        let word = &source[word.clone()];
        let (_, name) = word.split_once("<<").filter(|_| takes_them)?;
        let (name, is_indented) = name.strip_prefix('-').map_or((name, false), |name| (name, true));
        let name = name.trim_matches(['"', '\'']);
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        is_name.then(|| (name.to_owned(), is_indented))
    };
    words.iter().filter_map(heredoc).collect()
}
