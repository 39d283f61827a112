//! The secret that a gate and its standbys share: each shows the other that it has it, and the stream between them is
//! signed with a key made from it (HMAC, RFC 2104, over SM3).

use std::path::Path;

use sm3::{Digest, Sm3};

use crate::password::read_private;

/// Bytes of a signature.
pub const MAC_BYTES: usize = 32;
/// Bytes of a number that is used once.
pub const NONCE_BYTES: usize = 32;
const BLOCK_BYTES: usize = 64;
/// Shortest secret: it must not be found by trying.
const SECRET_BYTES_MIN: usize = 32;

/// A signature in the making.
#[derive(Clone)]
pub struct Mac {
    inner: Sm3,
    outer: Sm3,
}

impl Mac {
    fn new(key: &[u8]) -> Self {
        let mut block = [0; BLOCK_BYTES];
        if key.len() > BLOCK_BYTES {
            let short: [u8; MAC_BYTES] = Sm3::digest(key).into();
            block[..MAC_BYTES].copy_from_slice(&short);
        } else {
            block[..key.len()].copy_from_slice(key);
        }
        let begin = |pad: u8| Sm3::new().chain_update(block.map(|byte| byte ^ pad));
        Self {
            inner: begin(0x36),
            outer: begin(0x5c),
        }
    }

    /// Sign these bytes too.
    pub fn update(&mut self, bytes: &[u8]) {
        self.inner.update(bytes);
    }

    /// The signature of all bytes so far.
    #[must_use]
    pub fn sign(&self) -> [u8; MAC_BYTES] {
        let inner = self.inner.clone().finalize();
        self.outer.clone().chain_update(inner).finalize().into()
    }

    /// Whether a signature is that of all bytes so far; how long the answer takes tells nothing of the right one.
    #[must_use]
    pub fn is(&self, found: &[u8]) -> bool {
        let wanted = self.sign();
        let differing = wanted.iter().zip(found);
        let differing = differing.fold(0, |sum, (wanted, found)| sum | (wanted ^ found));
        found.len() == wanted.len() && differing == 0
    }
}

/// The secret itself; it is never shown.
pub struct SharedSecret(Vec<u8>);

impl std::fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedSecret")
    }
}

impl SharedSecret {
    /// Read it from a file of one line that only its owner may read.
    ///
    /// # Errors
    /// When the file may not be used, or its line is too short.
    pub fn load(path: &Path) -> Result<Self, String> {
        let text = read_private(path).map_err(|error| format!("standby.secret: {error}"))?;
        let line = text.trim();
        if line.len() < SECRET_BYTES_MIN || line.contains(char::is_whitespace) {
            return Err(format!(
                "standby.secret: {}: must hold one line of at least {SECRET_BYTES_MIN} characters without spaces",
                path.display()
            ));
        }
        Ok(Self(line.as_bytes().to_vec()))
    }

    /// Sign what one side says in a greeting, bound to both sides' numbers.
    #[must_use]
    pub fn greeting(&self, side: &str, nonces: &Nonces) -> Mac {
        let mut mac = Mac::new(&self.0);
        mac.update(side.as_bytes());
        mac.update(&nonces.primary);
        mac.update(&nonces.standby);
        mac
    }

    /// Sign the stream of one line, with a key that no other line has.
    #[must_use]
    pub fn stream(&self, nonces: &Nonces) -> Mac {
        Mac::new(&self.greeting("stream", nonces).sign())
    }
}

/// The numbers of a greeting, each used once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nonces {
    /// The primary's.
    pub primary: [u8; NONCE_BYTES],
    /// The standby's.
    pub standby: [u8; NONCE_BYTES],
}

/// A number that nobody can foresee.
///
/// # Errors
/// When the kernel gives none.
pub fn nonce() -> std::io::Result<[u8; NONCE_BYTES]> {
    let mut bytes = [0; NONCE_BYTES];
    let mut filled = 0;
    while filled < NONCE_BYTES {
        let flags = rustix::rand::GetRandomFlags::empty();
        filled += rustix::rand::getrandom(&mut bytes[filled..], flags)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::os::unix::fs::PermissionsExt;

    use super::{Mac, Nonces, SharedSecret, nonce};

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    #[test]
    fn signatures_are_those_of_another_implementation() {
        // openssl dgst -sm3 -hmac KEY, OpenSSL 3.0.
        for (key, text, wanted) in [
            (
                "key",
                "abc",
                "28e63256e7c5a087b1f073265dc53092163f7b82729735d06f28f10af9d52393",
            ),
            (
                &"k".repeat(100),
                "abc",
                "2d87dd3ffa1452e8e40d9123a02824fb7dd98ae4a52683287245f1736dc610ef",
            ),
        ] {
            let mut mac = Mac::new(key.as_bytes());
            mac.update(text.as_bytes());
            assert_eq!(hex(&mac.sign()), wanted);
            assert!(mac.is(&mac.sign()));
            assert!(!mac.is(&mac.sign()[..31]));
            mac.update(b"d");
            assert_ne!(hex(&mac.sign()), wanted);
        }
    }

    #[test]
    fn what_is_signed_holds_for_one_side_and_one_line() {
        let secret = SharedSecret(b"0123456789abcdef0123456789abcdef".to_vec());
        let line = Nonces {
            primary: nonce().unwrap(),
            standby: nonce().unwrap(),
        };
        let other = Nonces {
            standby: nonce().unwrap(),
            ..line
        };
        let mac = secret.greeting("standby", &line);
        assert!(!mac.is(&secret.greeting("primary", &line).sign()));
        assert!(!mac.is(&secret.greeting("standby", &other).sign()));
        assert!(!secret.stream(&line).is(&secret.stream(&other).sign()));
    }

    #[test]
    fn a_secret_is_long_and_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        let write = |text: &str, mode| {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            SharedSecret::load(&path)
        };
        assert!(write(&"x".repeat(32), 0o600).is_ok());
        let error = write(&"x".repeat(31), 0o600).unwrap_err();
        assert!(
            error.contains("must hold one line of at least 32"),
            "{error}"
        );
        let error = write(&"x".repeat(32), 0o640).unwrap_err();
        assert!(error.contains("mode must be 0600"), "{error}");
    }
}
