//! The reference records of a day as one block of bytes: type u32, length u32, payload; repeated.

use panshi_engine::input::Input;

/// Types of reference rows.
const TYPES: std::ops::RangeInclusive<u32> = 1..=16;

/// Read every row of a block.
///
/// # Errors
/// When a row is cut, of an unknown type, or of another length than its type has.
pub fn read_day(bytes: &[u8]) -> Result<Vec<Input>, String> {
    let mut rows = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let at = bytes.len() - rest.len();
        let number = rows.len() + 1;
        let wrong = |must: &str, found: String| {
            format!("day records, row {number} at byte {at}: must be {must}, found {found}")
        };
        let Some((head, tail)) = rest.split_first_chunk::<8>() else {
            return Err(wrong("a head of 8 bytes", format!("{} bytes", rest.len())));
        };
        let (kind, len) = head.split_at(4);
        let number_of = |bytes: &[u8]| {
            bytes
                .iter()
                .rev()
                .fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
        };
        let (kind, len) = (number_of(kind), number_of(len) as usize);
        let Some((payload, after)) = tail.split_at_checked(len) else {
            return Err(wrong(
                &format!("{len} bytes of payload"),
                format!("{} bytes", tail.len()),
            ));
        };
        let row = Some(kind)
            .filter(|kind| TYPES.contains(kind))
            .and_then(|kind| Input::read(kind, payload).filter(|row| row.record_len() == len));
        let Some(row) = row else {
            return Err(wrong(
                "a reference record (types 1 to 16) of its type's length",
                format!("type {kind} of {len} bytes"),
            ));
        };
        rows.push(row);
        rest = after;
    }
    Ok(rows)
}
