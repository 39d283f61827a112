//! The checksum of both exchanges: the sum of all bytes modulo 256, in a field of four bytes.

/// Sum the bytes modulo 256.
#[inline]
#[must_use]
pub fn checksum(bytes: &[u8]) -> u32 {
    // Because the sum is taken modulo 256, the lanes may wrap: the compiler adds 16 or 32 bytes
    // at a time in u8 lanes.
    u32::from(bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)))
}

#[cfg(test)]
mod tests {
    use super::checksum;

    #[test]
    fn sum_wraps_at_256() {
        assert_eq!(checksum(&[]), 0);
        assert_eq!(checksum(&[0xff, 2]), 1);
        for len in 0..300 {
            let bytes: Vec<u8> = (0..=255).cycle().step_by(7).take(len).collect();
            let sum: u32 = bytes.iter().map(|byte| u32::from(*byte)).sum();
            assert_eq!(checksum(&bytes), sum % 256, "{len} bytes");
        }
    }
}
