//! Platforms of a Shenzhen gateway and the streams of their partitions.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), table 3-1 and 5.5.

use super::szse::FIXED_PRICE;

/// The platform that carries a business: 1 spot auction, 2 the rest that the gate takes.
#[must_use]
pub fn platform_of(biz: u32) -> u16 {
    if biz == FIXED_PRICE { 2 } else { 1 }
}

/// Each platform numbers its partitions; in the records those of platform 2 stand so much higher.
const PARTITIONS: u32 = 1_000_000;

/// The stream that a platform's partition is in the records.
#[must_use]
pub fn set_id_of(platform: u16, partition: i32) -> u32 {
    let above = if platform == 2 { PARTITIONS } else { 0 };
    partition.cast_unsigned().wrapping_add(above)
}

/// The partition that a stream of the records is on its platform.
#[must_use]
pub fn partition_of(set_id: u32) -> i32 {
    let number = match set_id.checked_sub(PARTITIONS) {
        Some(number) if number < PARTITIONS => number,
        _ => set_id,
    };
    number.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::{partition_of, set_id_of};

    #[test]
    fn a_partition_comes_back_from_its_stream_and_no_two_platforms_share_one() {
        for partition in [0, 1, 20, 999_999] {
            let streams = [1, 2].map(|platform| set_id_of(platform, partition));
            assert_ne!(streams[0], streams[1]);
            assert_eq!(streams.map(partition_of), [partition; 2]);
        }
        assert_eq!(partition_of(set_id_of(1, -1)), -1);
    }
}
