//! Passwords of Shenzhen logons, in files that only their owner may read.
//!
//! Toward the exchange the file holds the password itself. Of clients it holds salted hashes: sixteen characters made
//! by a machine need one pass of the hash only, so that a logon does not hold up orders.

use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use panshi_wire::text::{pad, trim};
use sm3::{Digest, Sm3};

use crate::plain_file;

/// Bytes of a password on the wire.
pub const PASSWORD_BYTES: usize = 16;
/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// Read a file that nobody but the user of this process may read or change.
///
/// # Errors
/// When it cannot be read, is no file, belongs to somebody else, or is open to others.
pub fn read_private(path: &Path) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = plain_file::open(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    let wrong =
        |must: &str, found: String| Err(format!("{}: {must}, found {found}", path.display()));
    if found.mode() & 0o077 != 0 {
        return wrong(
            "mode must be 0600",
            format!("{:04o}", found.mode() & 0o7777),
        );
    }
    let user = rustix::process::geteuid().as_raw();
    if found.uid() != user {
        return wrong(
            &format!("must belong to user {user}"),
            found.uid().to_string(),
        );
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// The password of a gateway's logon, from its file.
///
/// # Errors
/// When the file may not be used or holds no password.
pub fn read_password(path: &Path) -> Result<[u8; PASSWORD_BYTES], String> {
    let text = read_private(path)?;
    let text = text.trim_end_matches(['\r', '\n']);
    Some(text)
        .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()))
        .and_then(|text| pad(text.as_bytes()))
        .ok_or_else(|| {
            let path = path.display();
            format!("{path}: must hold one line of 1 to {PASSWORD_BYTES} ASCII characters without spaces")
        })
}

/// The salted hash of a password, trailing spaces of the wire left out.
#[must_use]
pub fn hash(salt: [u8; SALT_BYTES], password: &[u8]) -> [u8; HASH_BYTES] {
    let mut digest = Sm3::new();
    digest.update(salt);
    digest.update(trim(password));
    digest.finalize().into()
}

/// Clients and the hashes of their passwords.
#[derive(Default)]
pub struct Passwords {
    rows: BTreeMap<Vec<u8>, ([u8; SALT_BYTES], [u8; HASH_BYTES])>,
}

impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Passwords").field(&self.rows.len()).finish()
    }
}

impl Passwords {
    /// Read a file of one client a line: `CompID`, salt and hash, both in hexadecimal digits.
    ///
    /// # Errors
    /// When the file may not be used, or a line is none or names a client again.
    pub fn load(path: &Path) -> Result<Self, String> {
        let mut rows = BTreeMap::new();
        for (at, line) in read_private(path)?.lines().enumerate() {
            let wrong = |must: &str| format!("{}:{}: {must}", path.display(), at + 1);
            let parts: Vec<&str> = line.split_ascii_whitespace().collect();
            let [client, salt, hash] = parts[..] else {
                return Err(wrong("must be CompID, salt and hash"));
            };
            let (Some(salt), Some(hash)) = (from_hex(salt), from_hex(hash)) else {
                return Err(wrong("salt and hash must be 32 and 64 hexadecimal digits"));
            };
            if rows.insert(client.into(), (salt, hash)).is_some() {
                return Err(wrong("a CompID must be named once"));
            }
        }
        Ok(Self { rows })
    }

    /// Whether a client may log on with a password; how long the answer takes tells nothing of the password.
    #[must_use]
    pub fn matches(&self, client: &[u8], password: &[u8; PASSWORD_BYTES]) -> bool {
        let Some((salt, known)) = self.rows.get(trim(client)) else {
            return false;
        };
        let given = hash(*salt, password);
        let differing = known.iter().zip(given);
        let differing = differing.fold(0, |sum, (known, given)| sum | (known ^ given));
        std::hint::black_box(differing) == 0
    }
}

fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    if !text.is_ascii() || text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::{Passwords, hash, read_password};

    fn private(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        (dir, path)
    }

    fn hex(bytes: &[u8]) -> String {
        bytes
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    #[test]
    fn a_password_matches_its_own_client_only() {
        let line = |client, password: &[u8]| {
            format!(
                "{client} {} {}\n",
                hex(&[7; 16]),
                hex(&hash([7; 16], password))
            )
        };
        let (_dir, path) = private(&(line("OMS01", b"secret of one") + &line("OMS02", b"two")));
        let known = Passwords::load(&path).unwrap();
        assert!(known.matches(b"OMS01               ", b"secret of one   "));
        assert!(known.matches(b"OMS02", b"two             "));
        for (client, password) in [
            (&b"OMS01"[..], b"two             "),
            (b"OMS02", b"secret of one   "),
            (b"OMS02", b"                "),
            (b"OMS0", b"two             "),
            (b"OMS03", b"two             "),
        ] {
            assert!(!known.matches(client, password));
        }
        assert_eq!(format!("{known:?}"), "Passwords(2)");
    }

    #[test]
    fn a_file_that_is_none_says_where() {
        let row = format!("OMS01 {} {}\n", "0".repeat(32), "0".repeat(64));
        for (text, reason) in [
            ("OMS01 password\n", ":1: must be CompID, salt and hash"),
            (
                &row.replace("00000000 ", "0000000g "),
                ":1: salt and hash must be",
            ),
            (
                &row.replace("00000000\n", "\n"),
                ":1: salt and hash must be",
            ),
            (&row.repeat(2), ":2: a CompID must be named once"),
        ] {
            let (_dir, path) = private(text);
            let error = Passwords::load(&path).unwrap_err();
            assert!(error.contains(reason), "{error}");
            assert!(
                !error.contains("password") && !error.contains("0000"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_password_file_is_private_and_holds_one_line() {
        let (_dir, path) = private("0123456789abcdef\n");
        assert_eq!(read_password(&path).unwrap(), *b"0123456789abcdef");
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = read_password(&path).unwrap_err();
            assert!(
                error.ends_with(&format!("mode must be 0600, found {mode:04o}")),
                "{error}"
            );
        }
        for text in ["", "\n", "0123456789abcdefg", "one\ntwo", "one two", "密码"] {
            let (_dir, path) = private(text);
            let error = read_password(&path).unwrap_err();
            assert!(
                error.ends_with("one line of 1 to 16 ASCII characters without spaces"),
                "{text}: {error}"
            );
        }
        let dir = tempfile::tempdir().unwrap();
        assert!(
            read_password(dir.path())
                .unwrap_err()
                .ends_with("must be a file, found something else")
        );
    }
}
