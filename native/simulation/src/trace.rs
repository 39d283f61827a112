//! What happened in a run: a digest of all of it, lines about the parts that a person asks for.

use std::fmt::Write as _;

use crate::chance::mix;
use crate::queue::SECOND;

/// How much is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Only the digest.
    #[default]
    Digest,
    /// What was injected and what came of it.
    Compact,
    /// Every message, record and log line.
    Full,
}

/// The record of a run.
#[derive(Debug, Default)]
pub struct Trace {
    detail: Detail,
    digest: u64,
    text: String,
}

impl Trace {
    /// A record with so much detail.
    #[must_use]
    pub fn new(detail: Detail) -> Self {
        Self {
            detail,
            ..Self::default()
        }
    }

    /// Take a number into the digest.
    pub fn mix(&mut self, word: u64) {
        self.digest = mix(self.digest ^ word);
    }

    /// Take bytes into the digest.
    pub fn mix_bytes(&mut self, bytes: &[u8]) {
        self.mix(hash_of(bytes));
    }

    /// Write a line down if that much detail is asked for.
    pub fn line(&mut self, detail: Detail, now_ns: u64, text: impl FnOnce() -> String) {
        if self.detail >= detail {
            let (seconds, ns) = (now_ns / SECOND, now_ns % SECOND);
            let _ = writeln!(self.text, "{seconds:4}.{ns:09} {}", text());
        }
    }

    /// Whether lines of this detail are written.
    #[must_use]
    pub fn wants(&self, detail: Detail) -> bool {
        self.detail >= detail
    }

    /// The digest of everything.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.digest
    }

    /// The lines.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A number that stands for bytes.
#[must_use]
pub fn hash_of(bytes: &[u8]) -> u64 {
    let mut hash = bytes.len() as u64;
    for chunk in bytes.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = mix(hash ^ u64::from_le_bytes(word));
    }
    hash
}
