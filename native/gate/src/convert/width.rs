//! Text fields of different widths: the same characters, padded with spaces.

/// Copy text into a field of another width: padded with spaces, or cut on the right.
#[inline]
#[must_use]
pub fn fit<const FROM: usize, const TO: usize>(field: [u8; FROM]) -> [u8; TO] {
    let mut out = [b' '; TO];
    let len = if FROM < TO { FROM } else { TO };
    out[..len].copy_from_slice(&field[..len]);
    out
}

/// Put text into a field, cut at the last character that fits whole.
#[must_use]
pub fn text<const TO: usize>(text: &str) -> [u8; TO] {
    let mut out = [b' '; TO];
    let mut len = text.len().min(TO);
    while !text.is_char_boundary(len) {
        len -= 1;
    }
    out[..len].copy_from_slice(&text.as_bytes()[..len]);
    out
}

#[cfg(test)]
mod tests {
    use super::{fit, text};

    #[test]
    fn text_is_padded_or_cut() {
        assert_eq!(fit::<2, 4>(*b"ab"), *b"ab  ");
        assert_eq!(fit::<4, 2>(*b"abcd"), *b"ab");
        assert_eq!(text::<4>("a"), *b"a   ");
        assert_eq!(text::<4>("网关"), "网 ".as_bytes());
    }
}
