//! Names of refs and commits. Building one is the validation.

use crate::{Error, ErrorKind, Result, validated_text};

validated_text! {
    /// A qualified ref that git accepts, such as `refs/heads/main`.
    RefName, check_qualified
}
validated_text! {
    /// A tag, without `refs/tags/`.
    TagName, |text| check("tag", text)
}
validated_text! {
    /// A branch, without `refs/heads/`.
    BranchName, check_branch
}
validated_text! {
    /// The id of a commit: 40 or 64 hexadecimal digits.
    CommitId, check_commit
}

impl TagName {
    /// The qualified name.
    pub fn qualified(&self) -> RefName {
        RefName(format!("refs/tags/{}", self.0))
    }
}

impl BranchName {
    /// The qualified name.
    pub fn qualified(&self) -> RefName {
        RefName(format!("refs/heads/{}", self.0))
    }
}

impl CommitId {
    /// The first seven digits, for people.
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

fn check_qualified(text: &str) -> Result<()> {
    if !text.starts_with("refs/") {
        return Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` is not a qualified ref")));
    }
    check("ref", text)
}

fn check_branch(text: &str) -> Result<()> {
    if text == "HEAD" {
        return Err(Error::new(ErrorKind::InvalidInput, "no branch can be named `HEAD`"));
    }
    check("branch", text)
}

fn check_commit(text: &str) -> Result<()> {
    let hexadecimal = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if hexadecimal && matches!(text.len(), 40 | 64) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` is not the full id of a commit")))
}

/// The rules of git-check-ref-format(1), and no leading hyphen.
fn check(what: &str, text: &str) -> Result<()> {
    let refuse = |why: &str| {
        Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` cannot be the name of a {what}: it {why}")))
    };
    if text.is_empty() {
        return refuse("is empty");
    }
    if text.starts_with('-') {
        return refuse("starts with a hyphen");
    }
    if text == "@" || text.contains("@{") {
        return refuse("is a revision, not a name");
    }
    if text.contains("..") {
        return refuse("holds `..`, which is a range");
    }
    if let Some(bad) = text.chars().find(|c| c.is_control() || " ~^:?*[\\".contains(*c)) {
        return refuse(&format!("holds {bad:?}"));
    }
    if text.ends_with('.') {
        return refuse("ends with a dot");
    }
    for part in text.split('/') {
        if part.is_empty() {
            return refuse("has an empty part between slashes");
        }
        if part.starts_with('.') || part.ends_with(".lock") {
            return refuse("has a part that starts with a dot or ends with `.lock`");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_git_accepts_are_accepted() {
        for name in ["v1.0.0", "api/v1.0.0", "v1.0.0;id", "v1`id`", "v1$(id)", "zzz\";echo${IFS}\"hello\";#", "@a", "é"]
        {
            assert_eq!(name.parse::<TagName>().unwrap().qualified().as_str(), format!("refs/tags/{name}"));
        }
        assert!("HEAD".parse::<TagName>().is_ok());
    }

    #[test]
    fn options_ranges_and_revisions_are_refused() {
        for hostile in [
            "",
            "--upload-pack=touch x",
            "-x",
            "v1..2",
            "v1.lock",
            "a/../b",
            "v1 x",
            "v1\nx",
            "v1^{}",
            "v1~1",
            "v1:path",
            "@{u}",
            "@",
            "/a",
            "a/",
            "a//b",
            ".a",
            "a/.b",
            "a.",
            "a\u{7f}",
        ] {
            assert!(hostile.parse::<TagName>().is_err(), "{hostile:?}");
        }
        assert!("HEAD".parse::<BranchName>().is_err());
        assert!("main".parse::<RefName>().is_err());
    }

    #[test]
    fn commit_ids_are_whole() {
        assert_eq!("0f1e2d3c4b5a69788796a5b4c3d2e1f001234567".parse::<CommitId>().unwrap().short(), "0f1e2d3");
        for id in ["0f1e2d3", "0F1E2D3C4B5A69788796A5B4C3D2E1F001234567", ""] {
            assert!(id.parse::<CommitId>().is_err(), "{id}");
        }
    }
}
