//! The headers that git and the hosting services write for merges.

/// What the header of a merge says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Merged<'a> {
    /// The number of the pull request.
    pub pull_request: Option<u64>,
    /// The branch that was merged, without the name of a remote or of an owner.
    pub branch: Option<&'a str>,
    /// How many bytes at the end of the header are the title of the pull request, where it does not stand below.
    pub title: Option<usize>,
}

/// Reads a header, if it is that of a merge.
pub(super) fn read(header: &str) -> Option<Merged<'_>> {
    let merged = |pull_request, branch| Some(Merged { pull_request, branch, title: None });
    // Azure DevOps: `Merged PR 12: title`.
    if let Some((number, title)) = header.strip_prefix("Merged PR ").and_then(|rest| rest.split_once(": ")) {
        let pull_request = number.parse().ok()?;
        return Some(Merged { pull_request: Some(pull_request), branch: None, title: Some(title.len()) });
    }
    // Bitbucket: `Merged in branch (pull request #12)`.
    if let Some((branch, rest)) = header.strip_prefix("Merged in ").and_then(|rest| rest.split_once(" (pull request #"))
    {
        return merged(rest.strip_suffix(')')?.parse().ok(), Some(branch));
    }
    let rest = header.strip_prefix("Merge ")?;
    // GitHub: `Merge pull request #12 from owner/branch`.
    if let Some((number, from)) = rest.strip_prefix("pull request #").and_then(|rest| rest.split_once(" from ")) {
        return merged(number.parse().ok(), from.split_once('/').map(|(_, branch)| branch));
    }
    // git and GitLab: `Merge branch 'topic' into main`.
    let quoted = |text: &'_ str| text.split_once('\'').map(|(name, _)| name.len());
    if let Some(rest) = rest.strip_prefix("branch '") {
        return merged(None, quoted(rest).map(|end| &rest[..end]));
    }
    if let Some(rest) = rest.strip_prefix("remote-tracking branch '") {
        let name = quoted(rest).map(|end| &rest[..end]);
        return merged(None, name.and_then(|name| name.split_once('/')).map(|(_, branch)| branch));
    }
    merged(None, None)
}

/// The number at the end of the header of a squashed pull request: `feat: x (#12)`, or `(!12)` in GitLab.
pub(super) fn request_at_end(header: &str) -> Option<u64> {
    let (_, number) = header.strip_suffix(')')?.rsplit_once(" (")?;
    number.strip_prefix(['#', '!'])?.parse().ok()
}

/// The number that GitLab writes below a merge: `See merge request group/project!12`.
pub(super) fn request_of_gitlab(body: &str) -> Option<u64> {
    let line = body.lines().rev().find_map(|line| line.strip_prefix("See merge request "))?;
    line.trim_end().rsplit_once('!')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_merges() {
        for (header, pull_request, branch) in [
            ("Merge pull request #7 from acme/feature/zip", Some(7), Some("feature/zip")),
            ("Merge branch 'hotfix/tabs'", None, Some("hotfix/tabs")),
            ("Merge branch 'main' into topic", None, Some("main")),
            ("Merge branch 'x' of https://example.com/a.git", None, Some("x")),
            ("Merge remote-tracking branch 'origin/feature/a'", None, Some("feature/a")),
            ("Merge branches 'a' and 'b'", None, None),
            ("Merge tag 'v1.2.3'", None, None),
            ("Merge commit 'abc'", None, None),
            ("Merged in feature/zip (pull request #12)", Some(12), Some("feature/zip")),
            ("Merged PR 12: feat: zip", Some(12), None),
            ("Merge pull request #99999999999999999999 from a/b", None, Some("b")),
            ("Merge branch 'unclosed", None, None),
        ] {
            let merged = read(header).expect(header);
            assert_eq!((merged.pull_request, merged.branch), (pull_request, branch), "{header}");
        }
        for header in
            ["Merged the two files", "Merging", "merge branch 'x'", "Merged PR x: y", "feat: Merge branch 'x'"]
        {
            assert_eq!(read(header), None, "{header}");
        }
    }

    #[test]
    fn numbers_of_squashed_pull_requests() {
        for (header, expected) in [
            ("feat: zip (#12)", Some(12)),
            ("feat: zip (!12)", Some(12)),
            ("Revert \"feat: zip (#12)\" (#13)", Some(13)),
            ("Revert \"feat: zip (#12)\"", None),
            ("feat: zip (12)", None),
            ("feat: zip(#12)", None),
            ("feat: zip (#12) and more", None),
        ] {
            assert_eq!(request_at_end(header), expected, "{header}");
        }
        assert_eq!(request_of_gitlab("\nfeat: x\n\nSee merge request acme/shop!41\n"), Some(41));
        assert_eq!(request_of_gitlab("\nfeat: x\n"), None);
    }
}
