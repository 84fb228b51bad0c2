//! Secrets that the runner is to keep out of its logs.

use crate::host::Host;
use crate::secret::Secret;

/// Has the runner hide a secret in all that this job prints from now on. A runner hides what is its own, and what it read from
/// `secrets`; others may come from a step. Elsewhere nothing is printed.
pub fn mask<H: Host>(host: &H, secret: &Secret<String>) {
    if host.variable("GITHUB_ACTIONS").as_deref() != Some("true") {
        return;
    }
    // The runner hides line by line.
    for line in secret.expose().lines().map(str::trim).filter(|line| !line.is_empty()) {
        host.print(&format!("::add-mask::{}", line.replace('%', "%25")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::scripted::ScriptedHost;

    #[test]
    fn only_a_runner_is_told() {
        let secret = Secret::new("a%b\r\n\nc".to_owned());
        for (variables, printed) in [
            (&[("GITHUB_ACTIONS", "true")][..], &["::add-mask::a%25b", "::add-mask::c"][..]),
            (&[("GITHUB_ACTIONS", "false")], &[]),
            (&[], &[]),
        ] {
            let host = ScriptedHost::new(variables);
            mask(&host, &secret);
            assert_eq!(host.printed(), printed);
        }
    }
}
