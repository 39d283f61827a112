//! What goes between a gate and its standby: a hello and its answer, then the journal's records as they lie on the disk.
//!
//! Each record carries its checksum and its sequence. Now and then, and at least every tenth of a second, comes a record
//! of a type that no journal has: the SM3 hash of all bytes since the answer.

use panshi_journal::{Entry, HEADER_BYTES, RecordHeader, finish_record, size_of_record};
use sm3::{Digest, Sm3};

/// Type of the record with the hash.
pub const DIGEST: u16 = 0xFFFF;
/// Bytes of a hash.
pub const HASH_BYTES: usize = 32;
/// Bytes of a hello.
pub const HELLO_BYTES: usize = 48;
/// Bytes of an answer before its text.
pub const ANSWER_BYTES: usize = 4;
const MAGIC: &[u8; 8] = b"PANSHIS1";

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
    pub fn write(&self) -> [u8; HELLO_BYTES] {
        let mut bytes = [0; HELLO_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..16].copy_from_slice(&self.last.to_le_bytes());
        bytes[16..].copy_from_slice(&self.hash);
        bytes
    }

    /// Read one.
    ///
    /// # Errors
    /// When it is none of this version.
    pub fn read(bytes: &[u8; HELLO_BYTES]) -> Result<Self, String> {
        if &bytes[..8] != MAGIC {
            return Err("standby: must say the hello of this version, found another".to_owned());
        }
        let mut last = [0; 8];
        last.copy_from_slice(&bytes[8..16]);
        let mut hash = [0; HASH_BYTES];
        hash.copy_from_slice(&bytes[16..]);
        let last = u64::from_le_bytes(last);
        Ok(Self { last, hash })
    }
}

/// The answer to a hello: nothing, or why not.
#[must_use]
pub fn answer(refused: Option<&str>) -> Vec<u8> {
    let text = refused.unwrap_or_default().as_bytes();
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    let mut out = vec![u8::from(refused.is_none()), 0];
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&text[..length.into()]);
    out
}

/// Whether an answer takes the standby on, and how long its text is.
#[must_use]
pub fn read_answer(head: [u8; ANSWER_BYTES]) -> (bool, usize) {
    let length = u16::from_le_bytes([head[2], head[3]]);
    (head[0] == 1, length.into())
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

/// Put the hash of all records so far behind them.
pub fn push_digest(out: &mut Vec<u8>, last: u64, hash: &Sm3) {
    let found: [u8; HASH_BYTES] = hash.clone().finalize().into();
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
    use super::{ANSWER_BYTES, HASH_BYTES, Hello, answer, read_answer};

    #[test]
    fn a_hello_comes_over() {
        let hello = Hello {
            last: 7,
            hash: [9; HASH_BYTES],
        };
        assert_eq!(Hello::read(&hello.write()), Ok(hello));
        let mut other = hello.write();
        other[7] = b'2';
        assert!(Hello::read(&other).is_err());
    }

    #[test]
    fn an_answer_says_why_not() {
        for (refused, text) in [(None, ""), (Some("no"), "no")] {
            let bytes = answer(refused);
            let (head, rest) = bytes.split_first_chunk::<ANSWER_BYTES>().unwrap();
            assert_eq!(read_answer(*head), (refused.is_none(), text.len()));
            assert_eq!(rest, text.as_bytes());
        }
    }
}
