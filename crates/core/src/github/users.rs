//! Who is asking.

use super::{Account, Client};
use crate::{ErrorKind, Result};

impl Client {
    /// The name of the person whose token this is; nothing if it is the token of an app, such as that of a job.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn login(&self) -> Result<Option<String>> {
        let mut url = self.api().clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("user");
        }
        match self.get(url, "metadata: read").await {
            Ok(Account { login }) => Ok(login),
            Err(error) if matches!(error.kind(), ErrorKind::Permission | ErrorKind::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
