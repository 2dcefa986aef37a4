//! What signers make in place of the right digest: HMACs of other algorithms, and no HMAC at all.
//!
//! Digests bytes; what for is not its business.

use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::behaviour::authentication::Algorithm;

/// A hash function that somebody may have used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(super) const ALL: [Self; 5] = [Self::Sha256, Self::Sha1, Self::Sha512, Self::Sha384, Self::Md5];

    /// Bytes of its digests.
    pub(super) const fn size(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// What it is called.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

impl From<Algorithm> for Hash {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha1 => Self::Sha1,
            Algorithm::Sha256 => Self::Sha256,
            Algorithm::Sha512 => Self::Sha512,
        }
    }
}

/// How a digest comes of a key and bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Construction {
    /// As an HMAC, the right way.
    Hmac,
    /// As an HMAC of the key, with the bytes as its key.
    Swapped,
    /// As the hash of the bytes alone.
    Unkeyed,
    /// As the hash of the key and then the bytes.
    KeyFirst,
    /// As the hash of the bytes and then the key.
    KeyLast,
}

impl Construction {
    /// The digest of these pieces, one after the other, under a key.
    pub(super) fn digest(self, hash: Hash, key: &[u8], pieces: [&[u8]; 2]) -> Vec<u8> {
        match hash {
            Hash::Md5 => self.made::<Md5, Hmac<Md5>>(key, pieces),
            Hash::Sha1 => self.made::<Sha1, Hmac<Sha1>>(key, pieces),
            Hash::Sha256 => self.made::<Sha256, Hmac<Sha256>>(key, pieces),
            Hash::Sha384 => self.made::<Sha384, Hmac<Sha384>>(key, pieces),
            Hash::Sha512 => self.made::<Sha512, Hmac<Sha512>>(key, pieces),
        }
    }

    fn made<D: Digest, M: Mac + KeyInit>(self, key: &[u8], [before, body]: [&[u8]; 2]) -> Vec<u8> {
        match self {
            Self::Hmac => keyed::<M>(key, &[before, body]),
            Self::Swapped => keyed::<M>(&[before, body].concat(), &[key]),
            Self::Unkeyed => hashed::<D>(&[before, body]),
            Self::KeyFirst => hashed::<D>(&[key, before, body]),
            Self::KeyLast => hashed::<D>(&[before, body, key]),
        }
    }
}

fn keyed<M: Mac + KeyInit>(key: &[u8], pieces: &[&[u8]]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length");
    for piece in pieces {
        mac.update(piece);
    }
    mac.finalize().into_bytes().to_vec()
}

fn hashed<D: Digest>(pieces: &[&[u8]]) -> Vec<u8> {
    let mut hash = D::new();
    for piece in pieces {
        hash.update(piece);
    }
    hash.finalize().to_vec()
}
