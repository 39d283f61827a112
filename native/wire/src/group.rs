//! Repeating groups: borrowed from the bytes when read, from records when written.

use core::fmt;
use core::marker::PhantomData;

use crate::error::WireError;
use crate::layout::Layout;

crate::layout! {
    /// Count field of the Shanghai gateway.
    big;
    pub struct Count16 = 0, "Count16" { count: u16 => "Count", "entries that follow"; }

    /// Count field of the Shenzhen gateway (`NumInGroup`).
    big;
    pub struct Count32 = 0, "Count32" { count: u32 => "Count", "entries that follow"; }
}

/// A count field: its width and its conversion.
pub trait CountField: Layout + Into<u64> + TryFrom<usize> {}

impl From<Count16> for u64 {
    fn from(field: Count16) -> Self {
        field.count.into()
    }
}

impl From<Count32> for u64 {
    fn from(field: Count32) -> Self {
        field.count.into()
    }
}

impl TryFrom<usize> for Count16 {
    type Error = core::num::TryFromIntError;
    fn try_from(count: usize) -> Result<Self, Self::Error> {
        Ok(Self {
            count: count.try_into()?,
        })
    }
}

impl TryFrom<usize> for Count32 {
    type Error = core::num::TryFromIntError;
    fn try_from(count: usize) -> Result<Self, Self::Error> {
        Ok(Self {
            count: count.try_into()?,
        })
    }
}

impl CountField for Count16 {}
impl CountField for Count32 {}

/// The entries of a repeating group.
#[derive(Clone, Copy)]
pub enum Group<'a, T> {
    /// The body ended before the count field of a group that may be absent.
    Absent,
    /// Entries as they were received.
    Wire(Entries<'a, T>),
    /// Entries to be sent.
    Records(&'a [T]),
}

/// The received bytes of a whole number of entries.
#[derive(Clone, Copy)]
pub struct Entries<'a, T> {
    bytes: &'a [u8],
    record: PhantomData<T>,
}

impl<'a, T: Layout> Group<'a, T> {
    /// Number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Absent => 0,
            Self::Wire(entries) => entries.bytes.len() / T::LEN,
            Self::Records(records) => records.len(),
        }
    }

    /// Whether there are no entries.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Return one entry, counted from 0.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<T> {
        match self {
            Self::Absent => None,
            Self::Wire(entries) => T::read(entries.bytes.get(index.checked_mul(T::LEN)?..)?),
            Self::Records(records) => records.get(index).copied(),
        }
    }

    /// Walk the entries in order.
    pub fn iter(&self) -> impl Iterator<Item = T> + use<'a, T> {
        let group = *self;
        (0..group.len()).filter_map(move |index| group.get(index))
    }

    /// Bytes of the count field and the entries.
    #[must_use]
    pub fn wire_len<C: CountField>(&self, optional: bool) -> usize {
        if optional && matches!(self, Self::Absent) {
            0
        } else {
            C::LEN + self.len() * T::LEN
        }
    }

    /// Take the group off the front of `bytes` and return the bytes behind it.
    ///
    /// # Errors
    /// When the count field is missing or says more than the bytes can hold.
    pub fn take<C: CountField>(
        bytes: &'a [u8],
        msg_type: u32,
        name: &'static str,
        optional: bool,
    ) -> Result<(Self, &'a [u8]), WireError> {
        if optional && bytes.is_empty() {
            return Ok((Self::Absent, bytes));
        }
        let (Some(count), Some(rest)) = (C::read(bytes), bytes.get(C::LEN..)) else {
            let found = bytes.len();
            return Err(WireError::BodyTooShort {
                msg_type,
                part: name,
                needed: C::LEN,
                found,
            });
        };
        let count: u64 = count.into();
        let len = usize::try_from(count)
            .ok()
            .and_then(|count| count.checked_mul(T::LEN));
        let Some((bytes, rest)) = len.and_then(|len| rest.split_at_checked(len)) else {
            let room = rest.len() / T::LEN;
            return Err(WireError::GroupTooLong {
                msg_type,
                group: name,
                count,
                room,
            });
        };
        Ok((
            Self::Wire(Entries {
                bytes,
                record: PhantomData,
            }),
            rest,
        ))
    }

    /// Write count and entries to the front of `out` and return the bytes written.
    ///
    /// # Errors
    /// When there is too little room or the count field cannot hold the count.
    pub fn write<C: CountField>(
        &self,
        out: &mut [u8],
        msg_type: u32,
        name: &'static str,
        optional: bool,
    ) -> Result<usize, WireError> {
        if optional && matches!(self, Self::Absent) {
            return Ok(0);
        }
        let count = self.len();
        let Ok(field) = C::try_from(count) else {
            return Err(WireError::GroupCount {
                msg_type,
                group: name,
                count,
            });
        };
        let needed = C::LEN + count * T::LEN;
        let no_room = WireError::NoRoom {
            needed,
            available: out.len(),
        };
        let mut at = field.write(out).ok_or(no_room)?;
        for record in self.iter() {
            at += out
                .get_mut(at..)
                .and_then(|rest| record.write(rest))
                .ok_or(no_room)?;
        }
        Ok(at)
    }
}

impl<'a, T> From<&'a [T]> for Group<'a, T> {
    fn from(records: &'a [T]) -> Self {
        Self::Records(records)
    }
}

impl<T: Layout + PartialEq> PartialEq for Group<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        matches!(self, Self::Absent) == matches!(other, Self::Absent)
            && self.iter().eq(other.iter())
    }
}

impl<T: Layout + Eq> Eq for Group<'_, T> {}

impl<T: Layout + fmt::Debug> fmt::Debug for Group<'_, T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::layout! {
        /// An entry of two bytes.
        big;
        struct Entry = 0, "Entry" { value: u16 => "Value", ""; }
    }

    #[test]
    fn received_entries_equal_the_records_they_were_written_from() {
        let records = [Entry { value: 7 }, Entry { value: 8 }];
        let sent = Group::from(&records[..]);
        let mut bytes = [0; 9];
        assert_eq!(sent.write::<Count16>(&mut bytes, 1, "N", false), Ok(6));
        let (received, rest) = Group::<Entry>::take::<Count16>(&bytes, 1, "N", false).unwrap();
        assert_eq!((received, rest), (sent, &[0, 0, 0][..]));
        assert_eq!(
            (received.len(), received.get(1), received.get(2)),
            (2, Some(records[1]), None)
        );
        assert_eq!(
            (sent.get(0), sent.get(usize::MAX)),
            (Some(records[0]), None)
        );
        assert_eq!(received.get(usize::MAX), None, "the offset would not fit");
        assert_eq!(
            format!("{received:?}"),
            "[Entry { value: 7 }, Entry { value: 8 }]"
        );
    }

    #[test]
    fn an_absent_group_is_empty_but_not_equal_to_an_empty_one() {
        let absent = Group::<Entry>::Absent;
        let empty = Group::<Entry>::Records(&[]);
        assert!(absent.is_empty() && empty.is_empty());
        assert_ne!(absent, empty);
        assert_eq!((absent.get(0), absent.wire_len::<Count32>(true)), (None, 0));
        assert_eq!(
            (
                absent.wire_len::<Count32>(false),
                empty.wire_len::<Count32>(true)
            ),
            (4, 4)
        );
        assert_eq!(absent.write::<Count32>(&mut [], 1, "N", true), Ok(0));
        assert_eq!(absent.write::<Count32>(&mut [9; 4], 1, "N", false), Ok(4));
    }

    #[test]
    fn more_entries_than_the_count_can_say_are_refused() {
        let records = vec![Entry { value: 1 }; 65_536];
        let group = Group::from(&records[..]);
        let refused = group.write::<Count16>(&mut [0; 4], 206, "N", false);
        let count = WireError::GroupCount {
            msg_type: 206,
            group: "N",
            count: 65_536,
        };
        assert_eq!(refused, Err(count));
        let refused = group.write::<Count32>(&mut [0; 100], 206, "N", false);
        let needed = 4 + 2 * 65_536;
        assert_eq!(
            refused,
            Err(WireError::NoRoom {
                needed,
                available: 100
            })
        );
    }
}
