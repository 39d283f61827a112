//! What goes between a gate and its standby: a greeting, then the journal's records as they lie on the disk.
//!
//! The primary says a number that it uses once. The standby says its own, the last record that it has, and signs all of
//! it; the primary signs its answer. Each record carries its checksum and its sequence. Now and then, and at least every
//! tenth of a second, comes a record of a type that no journal has: the signature of all bytes since the answer.

use panshi_journal::{Entry, HEADER_BYTES, RecordHeader, finish_record, size_of_record};
use sm3::{Digest, Sm3};

use crate::shared_secret::{MAC_BYTES, Mac, NONCE_BYTES, Nonces, SharedSecret};

/// Type of the record with the signature.
pub const DIGEST: u16 = 0xFFFF;
/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;
/// Bytes of what the primary says first.
pub const CHALLENGE_BYTES: usize = 8 + NONCE_BYTES;
/// Bytes of a hello.
pub const HELLO_BYTES: usize = 8 + NONCE_BYTES + 8 + HASH_BYTES + MAC_BYTES;
/// Bytes of an answer before its text.
pub const ANSWER_BYTES: usize = 4 + MAC_BYTES;
/// Longest text of an answer.
const TEXT_BYTES_MAX: usize = 4096;
const MAGIC: &[u8; 8] = b"PANSHIS2";
const OF_STANDBY: &str = "standby";
const OF_PRIMARY: &str = "primary";

/// What the primary says first.
#[must_use]
pub fn challenge(nonce: &[u8; NONCE_BYTES]) -> [u8; CHALLENGE_BYTES] {
    let mut bytes = [0; CHALLENGE_BYTES];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..].copy_from_slice(nonce);
    bytes
}

/// The number that the primary has said.
///
/// # Errors
/// When it speaks another version, or something else.
pub fn read_challenge(bytes: &[u8; CHALLENGE_BYTES]) -> Result<[u8; NONCE_BYTES], String> {
    if &bytes[..8] != MAGIC {
        return Err("primary: must say the greeting of this version, found another".to_owned());
    }
    let mut nonce = [0; NONCE_BYTES];
    nonce.copy_from_slice(&bytes[8..]);
    Ok(nonce)
}

/// What a standby has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hello {
    /// Sequence of its last record; 0: none.
    pub last: u64,
    /// Hash of that record.
    pub hash: [u8; HASH_BYTES],
}

impl Hello {
    /// Its bytes.
    #[must_use]
    pub fn write(&self, secret: &SharedSecret, nonces: &Nonces) -> [u8; HELLO_BYTES] {
        let mut bytes = [0; HELLO_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..40].copy_from_slice(&nonces.standby);
        bytes[40..48].copy_from_slice(&self.last.to_le_bytes());
        bytes[48..80].copy_from_slice(&self.hash);
        let mut mac = secret.greeting(OF_STANDBY, nonces);
        mac.update(&bytes[40..80]);
        bytes[80..].copy_from_slice(&mac.sign());
        bytes
    }

    /// Read one; nothing when it does not come from a standby that has the secret.
    #[must_use]
    pub fn read(
        bytes: &[u8; HELLO_BYTES],
        secret: &SharedSecret,
        primary: [u8; NONCE_BYTES],
    ) -> Option<(Self, Nonces)> {
        let mut nonces = Nonces {
            primary,
            ..Nonces::default()
        };
        nonces.standby.copy_from_slice(&bytes[8..40]);
        let mut mac = secret.greeting(OF_STANDBY, &nonces);
        mac.update(&bytes[40..80]);
        if &bytes[..8] != MAGIC || !mac.is(&bytes[80..]) {
            return None;
        }
        let mut last = [0; 8];
        last.copy_from_slice(&bytes[40..48]);
        let mut hash = [0; HASH_BYTES];
        hash.copy_from_slice(&bytes[48..80]);
        let last = u64::from_le_bytes(last);
        Some((Self { last, hash }, nonces))
    }
}

/// The answer to a hello: nothing, or why not.
#[must_use]
pub fn answer(refused: Option<&str>, secret: &SharedSecret, nonces: &Nonces) -> Vec<u8> {
    let text = refused.unwrap_or_default().as_bytes();
    let text = &text[..text.len().min(TEXT_BYTES_MAX)];
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    let mut out = vec![u8::from(refused.is_none()), 0];
    out.extend_from_slice(&length.to_le_bytes());
    let mut mac = secret.greeting(OF_PRIMARY, nonces);
    mac.update(&out);
    mac.update(text);
    out.extend_from_slice(&mac.sign());
    out.extend_from_slice(text);
    out
}

/// Read an answer: its bytes, and why the standby is refused; nothing while it is not whole.
///
/// # Errors
/// When it does not come from a primary that has the secret.
pub fn read_answer(
    bytes: &[u8],
    secret: &SharedSecret,
    nonces: &Nonces,
) -> Result<Option<(usize, Option<String>)>, String> {
    let Some((head, rest)) = bytes.split_first_chunk::<ANSWER_BYTES>() else {
        return Ok(None);
    };
    let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
    let foreign = || {
        Err(
            "primary: must have the secret that this standby has, found one that has not"
                .to_owned(),
        )
    };
    if length > TEXT_BYTES_MAX {
        return foreign();
    }
    let Some(text) = rest.get(..length) else {
        return Ok(None);
    };
    let mut mac = secret.greeting(OF_PRIMARY, nonces);
    mac.update(&head[..4]);
    mac.update(text);
    if !mac.is(&head[4..]) {
        return foreign();
    }
    let refused = (head[0] != 1).then(|| String::from_utf8_lossy(text).into_owned());
    Ok(Some((ANSWER_BYTES + length, refused)))
}

fn push(out: &mut Vec<u8>, header: RecordHeader, payload: &[u8]) {
    let from = out.len();
    out.resize(from + size_of_record(payload.len()), 0);
    let slot = &mut out[from..];
    slot[HEADER_BYTES..HEADER_BYTES + payload.len()].copy_from_slice(payload);
    finish_record(slot, header);
}

/// Put a record behind others, with the bytes that it has on the disk.
pub fn push_record(out: &mut Vec<u8>, entry: &Entry<'_>) {
    push(out, entry.header, entry.payload);
}

/// Put the signature of all records so far behind them.
pub fn push_digest(out: &mut Vec<u8>, last: u64, mac: &Mac) {
    let found = mac.sign();
    let header = RecordHeader {
        length: 32,
        kind: DIGEST,
        flags: 0,
        sequence: last,
        time_ns: 0,
    };
    push(out, header, &found);
}

/// Hash of one record.
#[must_use]
pub fn hash_of(entry: &Entry<'_>) -> [u8; HASH_BYTES] {
    let mut bytes = Vec::new();
    push_record(&mut bytes, entry);
    Sm3::digest(&bytes).into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::{HASH_BYTES, HELLO_BYTES, Hello, answer, challenge, read_answer, read_challenge};
    use crate::shared_secret::{Nonces, SharedSecret};

    fn secret(text: &str) -> SharedSecret {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, text.repeat(32)).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        SharedSecret::load(&path).unwrap()
    }

    const NONCES: Nonces = Nonces {
        primary: [1; 32],
        standby: [2; 32],
    };

    #[test]
    fn a_hello_comes_over_from_whoever_has_the_secret() {
        let hello = Hello {
            last: 7,
            hash: [9; HASH_BYTES],
        };
        let bytes = hello.write(&secret("a"), &NONCES);
        let read =
            |bytes: &[u8; HELLO_BYTES], text, primary| Hello::read(bytes, &secret(text), primary);
        assert_eq!(read(&bytes, "a", [1; 32]), Some((hello, NONCES)));
        assert_eq!(read(&bytes, "b", [1; 32]), None);
        assert_eq!(read(&bytes, "a", [3; 32]), None, "said again");
        for at in 0..bytes.len() {
            let mut other = bytes;
            other[at] ^= 1;
            assert_eq!(read(&other, "a", [1; 32]), None, "{at}");
        }
    }

    #[test]
    fn an_answer_says_why_not_and_who_says_so() {
        for (refused, text) in [(None, ""), (Some("no"), "no")] {
            let bytes = answer(refused, &secret("a"), &NONCES);
            let found = read_answer(&bytes, &secret("a"), &NONCES).unwrap().unwrap();
            let wanted = refused.map(|_| text.to_owned());
            assert_eq!(found, (bytes.len(), wanted));
            assert_eq!(
                read_answer(&bytes[..bytes.len() - 1], &secret("a"), &NONCES),
                Ok(None)
            );
            assert!(read_answer(&bytes, &secret("b"), &NONCES).is_err());
            let mut other = bytes.clone();
            other[0] ^= 1;
            assert!(read_answer(&other, &secret("a"), &NONCES).is_err());
        }
    }

    #[test]
    fn a_challenge_of_another_version_is_none() {
        let mut bytes = challenge(&[5; 32]);
        assert_eq!(read_challenge(&bytes), Ok([5; 32]));
        bytes[7] = b'1';
        assert!(read_challenge(&bytes).is_err());
    }
}
