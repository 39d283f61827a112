//! Text that is kept encrypted: AES-256-GCM, the number of the row bound to it.

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a nonce; one nonce must never be used twice with one key.
pub const NONCE_BYTES: usize = 12;

/// Encrypt a text; `bound` is not hidden, but the text opens only together with it.
///
/// # Errors
/// When the text is too long for the cipher.
pub fn seal(
    key: [u8; KEY_BYTES],
    nonce: [u8; NONCE_BYTES],
    bound: &[u8],
    text: &[u8],
) -> Result<Vec<u8>, String> {
    let payload = Payload {
        msg: text,
        aad: bound,
    };
    Aes256Gcm::new(&key.into())
        .encrypt(&nonce.into(), payload)
        .map_err(|_| "sealing: the text must be at most 64 GiB".to_owned())
}

/// Decrypt what [`seal`] made.
///
/// # Errors
/// When key, nonce, bound bytes or sealed bytes differ from those of the sealing.
pub fn open(
    key: [u8; KEY_BYTES],
    nonce: [u8; NONCE_BYTES],
    bound: &[u8],
    sealed: &[u8],
) -> Result<Vec<u8>, String> {
    let payload = Payload {
        msg: sealed,
        aad: bound,
    };
    Aes256Gcm::new(&key.into())
        .decrypt(&nonce.into(), payload)
        .map_err(|_| {
            "sealing: the text must open with this key, found another or a changed one".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::{open, seal};

    #[test]
    fn a_text_opens_only_with_its_key_and_its_row() {
        let (key, nonce) = ([7; 32], [9; 12]);
        let sealed = seal(key, nonce, b"1", b"PC;IIP=1.2.3.4").unwrap();
        assert_eq!(open(key, nonce, b"1", &sealed).unwrap(), b"PC;IIP=1.2.3.4");
        assert!(!sealed.windows(2).any(|pair| pair == b"PC"));
        assert!(open([8; 32], nonce, b"1", &sealed).is_err());
        assert!(open(key, nonce, b"2", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(key, nonce, b"1", &changed).is_err(), "{at}");
        }
    }
}
