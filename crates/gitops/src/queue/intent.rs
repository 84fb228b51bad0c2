//! What a job leaves in the queue: a commit without files, whose message holds what is to be published and a signature.

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
use slipway_core::git::{BranchName, CommitId, RefName};
use slipway_core::{Error, ErrorKind, Result, Secret, hexadecimal};

/// Where the intents are. No environment has a name that starts so, so that no record of verdicts is there.
pub(crate) const NAMESPACE: &str = "refs/slipway/_queue/";
/// The trailer of a commit that was made of an intent.
pub(super) const TRAILER: &str = "Slipway-Intent";
/// Tokens that a job gets for itself alone, by their first letters: those of GitHub's jobs and apps, and of GitLab's jobs.
const OF_ONE_JOB: [&str; 2] = ["ghs_", "glcbt-"];
/// A shorter credential could be guessed from a signature.
const SHORTEST_KEY: usize = 20;

/// What the jobs that publish for one another have in common: whoever does not know it cannot have anything published in their name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueKey(Secret<String>);

impl QueueKey {
    /// The key of jobs that were given one for this.
    ///
    /// # Errors
    /// `InvalidInput` if it is short enough to be guessed.
    pub fn given(secret: Secret<String>) -> Result<Self> {
        if secret.expose().len() < SHORTEST_KEY {
            let short = format!("it has less than {SHORTEST_KEY} characters");
            return Err(Error::new(ErrorKind::InvalidInput, short).hint("use a long random text, kept as a secret"));
        }
        Ok(Self(secret))
    }

    /// The key of jobs that write with the same credential; nothing if every job has its own.
    pub fn of_credential(secret: &Secret<String>) -> Option<Self> {
        let text = secret.expose();
        let is_shared = text.len() >= SHORTEST_KEY && !OF_ONE_JOB.iter().any(|start| text.starts_with(start));
        is_shared.then(|| Self(secret.clone()))
    }

    /// What it is made of.
    pub(crate) fn secret(&self) -> &Secret<String> {
        &self.0
    }

    fn mac(&self, text: &str) -> Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose().as_bytes()).map_err(|_| {
            Error::new(ErrorKind::Internal, "the key of the queue has a length that HMAC does not take")
        })?;
        mac.update(b"slipway queue 1\n");
        mac.update(text.as_bytes());
        Ok(mac)
    }
}

/// What a job wants to have published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Intent {
    /// Sorts by the time at which it was left.
    pub(super) id: String,
    /// Programs of another version may understand the edits differently, and leave it alone.
    pub(super) program: String,
    pub(super) branch: BranchName,
    /// The commit that the job planned on.
    pub(super) base: CommitId,
    /// When nobody may publish it any more, in milliseconds since the Unix epoch.
    pub(super) expires: i64,
    /// Environment and component.
    pub(super) target: String,
    /// The version of the release.
    pub(super) version: String,
    /// The newest verdict about the target.
    pub(super) verdicts: Option<CommitId>,
    /// The object of the settings file.
    pub(super) settings: Option<String>,
    /// The run that left it, for people.
    pub(super) run: String,
    /// The message of its commit.
    pub(super) message: String,
    /// What is to be edited, in the words of the program.
    pub(super) edits: Value,
}

impl Intent {
    pub(super) fn name(&self) -> Result<RefName> {
        format!("{NAMESPACE}{}/{}", self.branch, self.id).parse()
    }

    /// The message of the commit that carries it.
    pub(super) fn write(&self, key: &QueueKey) -> Result<String> {
        let text = serde_json::to_string(self)
            .map_err(|e| Error::new(ErrorKind::Internal, format!("the intent is not serializable: {e}")))?;
        let signature = hexadecimal(&key.mac(&text)?.finalize().into_bytes());
        Ok(format!("Queue {} of {}\n\n{text}\n\n{signature}\n", self.version, self.target))
    }

    /// Reads it from the commit that a ref names; nothing if it was not signed with this key for this ref.
    pub(super) fn read(message: &str, name: &RefName, key: &QueueKey) -> Option<Self> {
        let [_, text, signature] = message.trim_end().split("\n\n").collect::<Vec<_>>()[..] else { return None };
        let given = hexadecimal_bytes(signature)?;
        key.mac(text).ok()?.verify_slice(&given).ok()?;
        let intent: Self = serde_json::from_str(text).ok()?;
        (intent.name().ok()? == *name).then_some(intent)
    }

    /// The message of the deployment, with the trailer that says of which intent it was made.
    pub(super) fn deployment(&self) -> String {
        format!("{}\n{TRAILER}: {}\n", self.message.trim_end(), self.id)
    }
}

fn hexadecimal_bytes(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|start| u8::from_str_radix(&text[start..start + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn intent() -> Intent {
        Intent {
            id: "0000019abcdef012-00112233".into(),
            program: "0.1.0".into(),
            branch: "main".parse().unwrap(),
            base: "a".repeat(40).parse().unwrap(),
            expires: 1,
            target: "production/shop".into(),
            version: "1.5.0".into(),
            verdicts: None,
            settings: None,
            run: String::new(),
            message: "Deploy\n\nRelease-Version: 1.5.0\n".into(),
            edits: json!({ "images": "a\n\nb" }),
        }
    }

    fn key(secret: &str) -> QueueKey {
        QueueKey::given(Secret::new(secret.into())).unwrap()
    }

    #[test]
    fn only_what_was_signed_for_this_ref_is_read() {
        let (intent, ours, theirs) = (intent(), key("a long and secret text"), key("another long secret text"));
        let (name, message) = (intent.name().unwrap(), intent.write(&ours).unwrap());
        assert_eq!(Intent::read(&message, &name, &ours), Some(intent.clone()));
        assert_eq!(Intent::read(&message, &name, &theirs), None);
        assert_eq!(Intent::read(&message.replace("1.5.0", "1.4.0"), &name, &ours), None);
        assert_eq!(Intent::read(&message, &"refs/slipway/_queue/main/other".parse().unwrap(), &ours), None);
        for broken in ["", "a\n\nb", "a\n\nb\n\nzz", "a\n\nb\n\né", "a\n\nb\n\nabc"] {
            assert_eq!(Intent::read(broken, &name, &ours), None, "{broken:?}");
        }
        assert_eq!(intent.deployment(), format!("Deploy\n\nRelease-Version: 1.5.0\n{TRAILER}: {}\n", intent.id));
    }

    #[test]
    fn a_credential_of_one_job_is_no_common_key() {
        let of = |text: &str| QueueKey::of_credential(&Secret::new(text.to_owned())).is_some();
        assert!(of("github_pat_0123456789abcdef"));
        for text in ["ghs_0123456789abcdef0123", "glcbt-0123456789abcdef01", "hunter2"] {
            assert!(!of(text), "{text}");
        }
        assert!(QueueKey::given(Secret::new("hunter2".into())).is_err());
    }
}
