//! Digests of bytes that arrive in pieces.

use sha2::{Digest as _, Sha256, Sha512};
use slipway_core::image::Digest;
use slipway_core::{Error, ErrorKind, Result, hexadecimal};

/// Computes a digest piece by piece.
pub(crate) enum Hasher {
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hasher {
    /// By the algorithm of another digest.
    pub(crate) fn like(digest: &Digest) -> Self {
        if digest.as_str().starts_with("sha512:") { Self::Sha512(Sha512::new()) } else { Self::Sha256(Sha256::new()) }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    pub(crate) fn finish(self) -> Result<Digest> {
        match self {
            Self::Sha256(hasher) => named("sha256", &hasher.finalize()),
            Self::Sha512(hasher) => named("sha512", &hasher.finalize()),
        }
    }
}

/// The SHA-256 digest of bytes.
pub(crate) fn sha256(bytes: &[u8]) -> Result<Digest> {
    named("sha256", &Sha256::digest(bytes))
}

/// The digest of bytes by the algorithm of another.
pub(crate) fn like(digest: &Digest, bytes: &[u8]) -> Result<Digest> {
    let mut hasher = Hasher::like(digest);
    hasher.update(bytes);
    hasher.finish()
}

fn named(algorithm: &str, hash: &[u8]) -> Result<Digest> {
    format!("{algorithm}:{}", hexadecimal(hash)).parse()
}

/// What is said of bytes that are not those that a digest names.
pub(crate) fn mismatch(what: &str, expected: &Digest, found: &Digest) -> Error {
    Error::new(ErrorKind::DigestMismatch, format!("{what}: the bytes should have `{expected}`, but have `{found}`"))
        .hint("do not use this image; ask whoever runs the registry, or the proxy before it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        let expected = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(b"abc").unwrap().as_str(), expected);
        let expected: Digest = "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                                2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
            .parse()
            .unwrap();
        let mut hasher = Hasher::like(&expected);
        hasher.update(b"a");
        hasher.update(b"bc");
        assert_eq!(hasher.finish().unwrap(), expected);
    }
}
