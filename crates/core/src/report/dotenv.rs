//! Outputs as a dotenv file, as GitLab takes them for the jobs that follow.

use serde_json::{Map, Value};

use super::publish::annotate;
use super::{Annotation, Level};
use crate::Result;
use crate::host::Host;
use crate::text::quoted;

/// The variable that names the file.
pub(crate) const DOTENV: &str = "SLIPWAY_DOTENV";

/// GitLab refuses files of more than 5 KiB, and with them the job: the longest value, in bytes, that has a place there.
const LONGEST_VALUE: usize = 1024;

/// Makes sure that the file can be written, before anything is done that it would have to tell.
///
/// # Errors
/// `Io` if it cannot.
pub(crate) async fn check<H: Host>(host: &H) -> Result<()> {
    match host.variable(DOTENV) {
        Some(path) => host.append(&path, b"").await,
        None => Ok(()),
    }
}

/// Appends the outputs to the file, if there is one: `VERSION_BUMP_TAG=v1.5.0`. The format has neither quotes nor line breaks, so a
/// value with one is left out, with a notice; so is a long one.
///
/// # Errors
/// `Io` if the file cannot be written.
pub(crate) async fn write<H: Host>(host: &H, program: &str, outputs: &Map<String, Value>) -> Result<()> {
    let Some(path) = host.variable(DOTENV) else { return Ok(()) };
    let mut lines = String::new();
    let mut left_out = Vec::new();
    for (name, value) in outputs {
        let text = value.as_str().map_or_else(|| value.to_string(), Into::into);
        if text.len() > LONGEST_VALUE || text.contains(|c: char| c.is_control()) {
            left_out.push(name.as_str());
        } else {
            let name = format!("{program}_{name}").replace('-', "_").to_ascii_uppercase();
            lines += &format!("{name}={text}\n");
        }
    }
    host.append(&path, lines.as_bytes()).await?;
    if !left_out.is_empty() {
        let message = format!(
            "`{path}` has no line for {}: a value there is one line of at most {LONGEST_VALUE} bytes",
            quoted(&mut left_out.into_iter())
        );
        annotate(host, &[Annotation { level: Level::Notice, message, place: None }]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::host::scripted::ScriptedHost;

    #[test]
    fn outputs_are_lines_named_after_the_program() {
        let host = ScriptedHost::new(&[(DOTENV, "/out.env")]).file("/out.env", "BEFORE=1\n");
        let outputs = json!({
            "version": "1.5.0", "config-commit": "", "released": true, "reason": "a = \"b\" # $c",
            "notes": "a\nPATH=/evil", "tags": "a\rb", "diff": "x".repeat(LONGEST_VALUE + 1),
        });
        let write = write(&host, "version-bump", outputs.as_object().unwrap());
        ScriptedHost::block_on(write).unwrap().unwrap();
        assert_eq!(
            host.content("/out.env").unwrap(),
            "BEFORE=1\nVERSION_BUMP_VERSION=1.5.0\nVERSION_BUMP_CONFIG_COMMIT=\nVERSION_BUMP_RELEASED=true\n\
             VERSION_BUMP_REASON=a = \"b\" # $c\n"
        );
        let told = host.printed();
        assert!(told[0].contains("no line for `notes`, `tags`, `diff`"), "{told:?}");
    }

    #[test]
    fn nobody_asked_for_a_file() {
        let host = ScriptedHost::new(&[]);
        ScriptedHost::block_on(write(&host, "x", &Map::new())).unwrap().unwrap();
        assert_eq!(host.printed().len(), 0);
    }
}
