//! Hex digits and bytes.

use core::fmt::Write as _;

use super::ViewError;

/// Read pairs of hex digits; white space is ignored.
pub(super) fn from_hex(line: &str) -> Result<Vec<u8>, ViewError> {
    let mut bytes = Vec::with_capacity(line.len() / 2);
    let (mut high, mut digits) = (None, 0);
    for (at, character) in line.chars().enumerate() {
        if character.is_whitespace() {
            continue;
        }
        let digit = character
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
            .ok_or(ViewError::Digit(at + 1, character))?;
        digits += 1;
        high = match high {
            None => Some(digit << 4),
            Some(high) => {
                bytes.push(high | digit);
                None
            }
        };
    }
    if high.is_some() {
        Err(ViewError::OddDigits(digits))
    } else {
        Ok(bytes)
    }
}

/// Write bytes as lower-case hex digits.
pub(super) fn to_hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
