//! What a comment says about the value in front of it.

use slipway_core::image::ImageReference;

/// One marker of a comment.
pub(super) struct Comment {
    /// What it names, without its part.
    pub(super) name: String,
    pub(super) part: Part,
}

/// Which part of an image a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it: the reference of an image, or any other value.
    Whole,
    Tag,
    Name,
    Digest,
    /// What a template such as `${image}:${tag}` puts in the place of one name.
    Setter(String),
}

impl Comment {
    fn new(text: &str) -> Self {
        let parts = [(":tag", Part::Tag), (":name", Part::Name), (":digest", Part::Digest)];
        for (suffix, part) in parts {
            if let Some(name) = text.strip_suffix(suffix)
                && !name.is_empty()
            {
                return Self { name: name.to_owned(), part };
            }
        }
        Self { name: text.to_owned(), part: Part::Whole }
    }

    /// Whether it is meant.
    pub(super) fn names(&self, wanted: &str) -> bool {
        let wanted = Self::new(wanted);
        self.name == wanted.name && (wanted.part == Part::Whole || wanted.part == self.part)
    }

    /// What of the old and the new value is compared before it is replaced: of an image, the tags.
    pub(super) fn guarded<'v>(&self, old: &'v str, new: &'v str) -> (&'v str, &'v str) {
        let tag = |text: &'v str| {
            let reference: Option<ImageReference> = text.parse().ok();
            let tag = reference?.tag?;
            text.split('@').next()?.strip_suffix(tag.as_str())?;
            let end = text.find('@').unwrap_or(text.len());
            text.get(end - tag.as_str().len()..end)
        };
        match (tag(old), tag(new)) {
            (Some(old), Some(new)) if self.part == Part::Whole => (old, new),
            _ => (old, new),
        }
    }
}

/// The text of the comment in what stands behind a value on its line.
pub(super) fn text(behind: &str) -> Option<&str> {
    let mark = ["#", "//", "/*", "<!--", "--", ";"].into_iter().filter_map(|mark| Some((behind.find(mark)?, mark)));
    let (at, mark) = mark.min_by_key(|(at, mark)| (*at, std::cmp::Reverse(mark.len())))?;
    let between = behind[..at].trim_matches([' ', '\t', ',', ']', '}', '"', '\'']);
    between.is_empty().then(|| behind[at + mark.len()..].trim())
}

/// The markers of a kind in a comment.
pub(super) fn read(comment: &str, kind: &str) -> Vec<Comment> {
    match kind {
        "slipway" => {
            let words = comment.split(|c: char| c.is_whitespace() || matches!(c, ',' | '*'));
            words
                .filter_map(|word| word.strip_prefix("slipway:"))
                .filter(|name| !name.is_empty())
                .map(Comment::new)
                .collect()
        }
        "kpt-set" => {
            let Some(template) = comment.strip_prefix("kpt-set:").map(str::trim) else { return Vec::new() };
            let names = template.match_indices("${").filter_map(|(at, _)| template[at + 2..].split_once('}'));
            names.map(|(name, _)| Comment { name: name.to_owned(), part: Part::Setter(template.to_owned()) }).collect()
        }
        key => {
            let json = comment.find('{').zip(comment.rfind('}')).and_then(|(start, end)| comment.get(start..=end));
            let object: Option<serde_json::Value> = json.and_then(|json| serde_json::from_str(json).ok());
            let name = object.as_ref().and_then(|object| object.get(key)?.as_str());
            name.map(Comment::new).into_iter().collect()
        }
    }
}
