//! Text fields: fixed width, left aligned, padded with spaces on the right.

/// Put text into a field of `N` bytes; nothing when it is longer than the field.
///
/// ```
/// assert_eq!(panshi_wire::text::pad(b"20001"), Some(*b"20001   "));
/// assert_eq!(panshi_wire::text::pad::<4>(b"20001"), None);
/// ```
#[inline]
#[must_use]
pub fn pad<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut field = [b' '; N];
    field.get_mut(..text.len())?.copy_from_slice(text);
    Some(field)
}

/// Return the text of a field without the spaces on its right.
#[inline]
#[must_use]
pub fn trim(field: &[u8]) -> &[u8] {
    let mut text = field;
    while let [head @ .., b' '] = text {
        text = head;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{pad, trim};

    #[test]
    fn padding_is_removed_on_the_right_only() {
        assert_eq!(pad::<5>(b" ab"), Some(*b" ab  "));
        assert_eq!(trim(b" ab  "), b" ab");
        assert_eq!(trim(b"   "), b"");
        assert_eq!(trim(b"abc"), b"abc");
        assert_eq!(pad::<2>(b"abc"), None);
        assert_eq!(pad::<0>(b""), Some([]));
    }
}
