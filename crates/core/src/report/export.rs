//! Variables that the steps after this one find in their environment.

use super::Annotation;
use super::publish::{annotate, assignment};
use crate::Result;
use crate::host::{EntryKind, Host};

/// Linux starts no program with a longer variable, so one would end every step that follows.
const LIMIT: usize = 128 * 1024;

/// Sets variables for the steps that follow, where there is a runner that takes them. One that is too long is left out, with a
/// warning.
///
/// # Errors
/// `Io` if `GITHUB_ENV` cannot be written.
pub async fn export<H: Host>(host: &H, variables: &[(String, String)]) -> Result<()> {
    let Some(path) = host.variable("GITHUB_ENV").filter(|path| !path.is_empty()) else { return Ok(()) };
    if host.entry_kind(&path).await? != Some(EntryKind::File) {
        annotate(host, &[Annotation::warning("`GITHUB_ENV` is not a regular file, so no variables are set")]);
        return Ok(());
    }
    let mut lines = String::new();
    for (name, text) in variables {
        if name.len() + text.len() + 2 > LIMIT {
            let warning = format!("the variable `{name}` is not set: it would have {} bytes", text.len());
            annotate(host, &[Annotation::warning(warning)]);
        } else {
            lines += &assignment(host, name, text);
        }
    }
    host.append(&path, lines.as_bytes()).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::scripted::ScriptedHost;

    fn exported(text: &str, variables: &[(&str, &str)]) -> ScriptedHost {
        let host = ScriptedHost::new(variables).file("/env", "");
        ScriptedHost::block_on(export(&host, &[("A".into(), text.into())])).unwrap().unwrap();
        host
    }

    #[test]
    fn values_cannot_set_other_variables() {
        let host = exported("1\nEVIL=2\nB<<X", &[("GITHUB_ENV", "/env")]);
        let written = host.content("/env").unwrap();
        let end = "slipway_00000000000000000000000000000001";
        assert_eq!(written, format!("A<<{end}\n1\nEVIL=2\nB<<X\n{end}\n"));
    }

    #[test]
    fn what_no_program_could_start_with_is_left_out() {
        let host = exported(&"x".repeat(LIMIT), &[("GITHUB_ENV", "/env")]);
        assert_eq!(host.content("/env").unwrap(), "");
        assert!(host.printed()[0].contains("the variable `A` is not set"), "{:?}", host.printed());
        assert_eq!(exported("x", &[]).content("/env").unwrap(), "");
        assert!(exported("x", &[("GITHUB_ENV", "/nothing")]).printed()[0].contains("not a regular file"));
    }
}
