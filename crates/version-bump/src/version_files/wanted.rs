//! The input `version-files`.

use slipway_core::input::list;
use slipway_core::{Error, ErrorKind, Result, WorkspacePath};
use slipway_edit::KeyPath;

/// Which files get the version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct VersionFiles {
    /// Those that are found and have the last version.
    pub auto: bool,
    /// Those that somebody listed.
    pub listed: Vec<Listed>,
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    /// The file, from the working directory.
    pub path: WorkspacePath,
    /// Where its version stands, if that does not follow from its name.
    pub key: Option<KeyPath>,
}

impl VersionFiles {
    /// Reads the list: `auto`, `none`, or lines of `auto`, `path` and `path#key.path`.
    ///
    /// # Errors
    /// `InvalidInput` and `ForbiddenPath` name the line.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let mut wanted = Self::default();
        let lines = list(text);
        for line in &lines {
            match line.as_str() {
                "auto" => wanted.auto = true,
                "none" if lines.len() == 1 => {}
                "none" => {
                    return Err(Error::new(ErrorKind::InvalidInput, "`none` stands beside other lines")
                        .hint("write `none` alone, or leave it out"));
                }
                line => wanted.listed.push(Listed::parse(line).map_err(|error| error.context(format!("`{line}`")))?),
            }
        }
        Ok(wanted)
    }

    /// Whether no file gets the version.
    pub(crate) fn is_none(&self) -> bool {
        !self.auto && self.listed.is_empty()
    }
}

impl Listed {
    fn parse(line: &str) -> Result<Self> {
        let (path, key) = line.split_once('#').map_or((line, None), |(path, key)| (path, Some(key)));
        let path: WorkspacePath = path.trim().parse()?;
        if path.is_workflow() {
            return Err(Error::new(ErrorKind::ForbiddenPath, "a workflow is never edited")
                .hint("keep the version in a file that the workflow reads"));
        }
        let key = key.map(|key| key.trim().parse()).transpose()?;
        Ok(Self { path, key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_files_with_and_without_keys() {
        let read = |text: &str| VersionFiles::parse(text).unwrap();
        assert_eq!(read("auto"), VersionFiles { auto: true, listed: Vec::new() });
        assert!(read("none").is_none() && read("").is_none());
        let both = read("auto\n# more\n./deploy/values.yaml # image.tag\nVERSION\n");
        assert!(both.auto);
        let shown: Vec<_> = both
            .listed
            .iter()
            .map(|listed| (listed.path.as_str(), listed.key.as_ref().map(ToString::to_string)))
            .collect();
        assert_eq!(shown, [("deploy/values.yaml", Some("image.tag".into())), ("VERSION", None)]);
    }

    #[test]
    fn what_cannot_be_a_file_is_refused() {
        for (text, kind) in [
            ("none\nauto", ErrorKind::InvalidInput),
            ("../VERSION", ErrorKind::ForbiddenPath),
            ("/etc/passwd", ErrorKind::ForbiddenPath),
            (".github/workflows/ci.yml#env.VERSION", ErrorKind::ForbiddenPath),
            (".git/config", ErrorKind::ForbiddenPath),
            ("a.yaml#", ErrorKind::InvalidInput),
            ("a.yaml#a..b", ErrorKind::InvalidInput),
            ("  #a\n./", ErrorKind::ForbiddenPath),
        ] {
            assert_eq!(VersionFiles::parse(text).unwrap_err().kind(), kind, "{text}");
        }
    }
}
