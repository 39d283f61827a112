//! Values that a snapshot holds: each has a fixed width and one description, from which come its writer, its reader
//! and the documentation.

use crate::layout::{Kind, Layout};

/// One row of the table that describes a saved value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedField {
    /// Name, with `[n]` behind a field that is repeated.
    pub name: String,
    /// How one of them is stored, integers little-endian.
    pub kind: Kind,
    /// How many of them follow each other.
    pub times: usize,
    /// What it means.
    pub note: String,
}

/// A value of fixed width.
pub trait Saved: Sized {
    /// Bytes of every value.
    const LEN: usize;

    /// Write the value to the first `LEN` bytes; nothing is written when there is less room.
    fn put(&self, out: &mut [u8]);

    /// Read a value from the first `LEN` bytes; nothing when they hold none.
    fn take(bytes: &[u8]) -> Option<Self>;

    /// Append the rows that describe the value under a name.
    fn describe(name: &str, note: &str, into: &mut Vec<SavedField>);
}

macro_rules! saved_integers {
    ($($int:ident $kind:ident),*) => {$(
        impl Saved for $int {
            const LEN: usize = size_of::<$int>();

            #[inline]
            fn put(&self, out: &mut [u8]) {
                if let Some(slot) = out.first_chunk_mut() {
                    *slot = self.to_le_bytes();
                }
            }

            #[inline]
            fn take(bytes: &[u8]) -> Option<Self> {
                bytes.first_chunk().map(|bytes| Self::from_le_bytes(*bytes))
            }

            fn describe(name: &str, note: &str, into: &mut Vec<SavedField>) {
                into.push(SavedField {
                    name: name.to_owned(),
                    kind: Kind::$kind,
                    times: 1,
                    note: note.trim().to_owned(),
                });
            }
        }
    )*};
}
saved_integers!(u8 U8, u16 U16, u32 U32, u64 U64, i64 I64);

impl Saved for bool {
    const LEN: usize = 1;

    #[inline]
    fn put(&self, out: &mut [u8]) {
        u8::from(*self).put(out);
    }

    #[inline]
    fn take(bytes: &[u8]) -> Option<Self> {
        match bytes.first()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn describe(name: &str, note: &str, into: &mut Vec<SavedField>) {
        u8::describe(name, &format!("{} (0 no, 1 yes)", note.trim()), into);
    }
}

impl<T: Saved + Copy, const N: usize> Saved for [T; N] {
    const LEN: usize = N * T::LEN;

    #[inline]
    fn put(&self, out: &mut [u8]) {
        for (slot, value) in out.chunks_exact_mut(T::LEN).zip(self) {
            value.put(slot);
        }
    }

    #[inline]
    fn take(bytes: &[u8]) -> Option<Self> {
        let mut values = [T::take(bytes)?; N];
        let mut chunks = bytes.chunks_exact(T::LEN);
        for value in &mut values {
            *value = T::take(chunks.next()?)?;
        }
        Some(values)
    }

    fn describe(name: &str, note: &str, into: &mut Vec<SavedField>) {
        let first = into.len();
        T::describe(&format!("{name}[{N}]"), note, into);
        for field in into.iter_mut().skip(first) {
            field.times *= N;
        }
    }
}

impl<T: Saved + Default> Saved for Option<T> {
    const LEN: usize = 1 + T::LEN;

    fn put(&self, out: &mut [u8]) {
        if let Some((there, rest)) = out.split_first_mut() {
            *there = self.is_some().into();
            match self {
                Some(value) => value.put(rest),
                None => T::default().put(rest),
            }
        }
    }

    fn take(bytes: &[u8]) -> Option<Self> {
        let (there, rest) = bytes.split_first()?;
        let value = T::take(rest)?;
        match there {
            0 => Some(None),
            1 => Some(Some(value)),
            _ => None,
        }
    }

    fn describe(name: &str, note: &str, into: &mut Vec<SavedField>) {
        bool::describe(&format!("{name}.present"), note, into);
        T::describe(name, note, into);
    }
}

macro_rules! saved_tuples {
    ($(($($part:ident $at:tt),*))*) => {$(
        impl<$($part: Saved),*> Saved for ($($part,)*) {
            const LEN: usize = 0 $(+ $part::LEN)*;

            fn put(&self, out: &mut [u8]) {
                $(
                    let Some((slot, out)) = out.split_at_mut_checked($part::LEN) else {
                        return;
                    };
                    self.$at.put(slot);
                )*
                let _ = out;
            }

            #[allow(non_snake_case, reason = "each part is named after its type")]
            fn take(bytes: &[u8]) -> Option<Self> {
                $(
                    let (slot, bytes) = bytes.split_at_checked($part::LEN)?;
                    let $part = $part::take(slot)?;
                )*
                let _ = bytes;
                Some(($($part,)*))
            }

            fn describe(name: &str, note: &str, into: &mut Vec<SavedField>) {
                $($part::describe(&format!("{name}.{}", stringify!($at)), note, into);)*
            }
        }
    )*};
}
saved_tuples!((A 0, B 1) (A 0, B 1, C 2));

impl<T: Layout> Saved for T {
    const LEN: usize = T::LEN;

    #[inline]
    fn put(&self, out: &mut [u8]) {
        let _ = self.write(out);
    }

    #[inline]
    fn take(bytes: &[u8]) -> Option<Self> {
        T::read(bytes)
    }

    fn describe(name: &str, _note: &str, into: &mut Vec<SavedField>) {
        for field in T::FIELDS {
            let dot = if name.is_empty() { "" } else { "." };
            into.push(SavedField {
                name: format!("{name}{dot}{}", field.name),
                kind: field.kind,
                times: 1,
                note: field.note.to_owned(),
            });
        }
    }
}

/// Define structs that a snapshot holds: what is written between the braces is the struct's definition and at the same
/// time the table of its bytes.
///
/// ```
/// use panshi_wire::saved::Saved;
///
/// panshi_wire::saved! {
///     /// A price level.
///     #[derive(Clone, Copy, Debug, PartialEq, Eq)]
///     pub struct Level {
///         /// Yuan x 100000.
///         pub price_e5: i64,
///         /// Buy side.
///         pub buy: bool,
///     }
/// }
///
/// let level = Level { price_e5: 7, buy: true };
/// let mut bytes = [0; Level::LEN];
/// level.put(&mut bytes);
/// assert_eq!(bytes, [7, 0, 0, 0, 0, 0, 0, 0, 1]);
/// assert_eq!(Level::take(&bytes), Some(level));
/// bytes[8] = 2;
/// assert_eq!(Level::take(&bytes), None);
/// ```
#[macro_export]
macro_rules! saved {
    ($(
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($(#[doc = $note:literal])* $field_vis:vis $field:ident: $kind:ty,)*
        }
    )+) => {$(
        $(#[$meta])*
        $vis struct $name {
            $($(#[doc = $note])* $field_vis $field: $kind,)*
        }

        impl $crate::saved::Saved for $name {
            const LEN: usize = 0 $(+ <$kind as $crate::saved::Saved>::LEN)*;

            #[inline]
            fn put(&self, out: &mut [u8]) {
                // One length check; with the widths known at compile time those below fold away.
                let Some(rest) = out.first_chunk_mut::<{ <$name as $crate::saved::Saved>::LEN }>() else {
                    return;
                };
                let rest: &mut [u8] = rest;
                $(
                    let Some((slot, rest)) = rest.split_at_mut_checked(<$kind as $crate::saved::Saved>::LEN) else {
                        return;
                    };
                    $crate::saved::Saved::put(&self.$field, slot);
                )*
                let _ = rest;
            }

            #[inline]
            fn take(bytes: &[u8]) -> ::core::option::Option<Self> {
                let rest: &[u8] = bytes.first_chunk::<{ <$name as $crate::saved::Saved>::LEN }>()?;
                $(
                    let (slot, rest) = rest.split_at_checked(<$kind as $crate::saved::Saved>::LEN)?;
                    let $field = <$kind as $crate::saved::Saved>::take(slot)?;
                )*
                let _ = rest;
                ::core::option::Option::Some(Self { $($field,)* })
            }

            fn describe(name: &str, _note: &str, into: &mut ::std::vec::Vec<$crate::saved::SavedField>) {
                let dot = if name.is_empty() { "" } else { "." };
                $(
                    <$kind as $crate::saved::Saved>::describe(
                        &::std::format!("{name}{dot}{}", stringify!($field)),
                        concat!($($note,)* ""),
                        into,
                    );
                )*
            }
        }
    )+};
}

#[cfg(test)]
mod tests {
    use super::{Saved, SavedField};
    use crate::layout::Kind;

    crate::saved! {
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        struct Inner {
            /// A number.
            a: u16,
        }

        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(C, align(64))]
        struct Outer {
            /// Rows.
            inner: [Inner; 2],
            /// Text.
            text: [u8; 3],
            /// Perhaps.
            maybe: Option<i64>,
            pair: (u32, bool),
        }
    }

    const SAMPLE: Outer = Outer {
        inner: [Inner { a: 1 }, Inner { a: 258 }],
        text: *b"abc",
        maybe: Some(-1),
        pair: (9, true),
    };

    #[test]
    fn bytes_follow_from_the_definition_and_read_back() {
        assert_eq!(Outer::LEN, 4 + 3 + 9 + 5);
        let mut bytes = [0xee; Outer::LEN + 1];
        SAMPLE.put(&mut bytes);
        assert_eq!(bytes[..7], *b"\x01\x00\x02\x01abc");
        assert_eq!(bytes[7..17], [1, 255, 255, 255, 255, 255, 255, 255, 255, 9]);
        assert_eq!(bytes[Outer::LEN], 0xee);
        assert_eq!(Outer::take(&bytes), Some(SAMPLE));
        for (at, wrong) in [(7, 2), (20, 7)] {
            let mut bad = bytes;
            bad[at] = wrong;
            assert_eq!(Outer::take(&bad), None, "{at}");
        }
        let nothing = Outer {
            maybe: None,
            ..SAMPLE
        };
        nothing.put(&mut bytes);
        assert_eq!(Outer::take(&bytes), Some(nothing));
    }

    #[test]
    fn too_few_bytes_are_neither_read_nor_written() {
        let mut bytes = [7; Outer::LEN - 1];
        SAMPLE.put(&mut bytes);
        assert_eq!(bytes, [7; Outer::LEN - 1]);
        assert_eq!(Outer::take(&bytes), None);
    }

    #[test]
    fn the_description_names_every_byte() {
        let mut fields = Vec::new();
        Outer::describe("", "", &mut fields);
        let rows: Vec<(&str, Kind, usize, &str)> = fields
            .iter()
            .map(|row: &SavedField| (row.name.as_str(), row.kind, row.times, row.note.as_str()))
            .collect();
        assert_eq!(
            rows,
            [
                ("inner[2].a", Kind::U16, 2, "A number."),
                ("text[3]", Kind::U8, 3, "Text."),
                ("maybe.present", Kind::U8, 1, "Perhaps. (0 no, 1 yes)"),
                ("maybe", Kind::I64, 1, "Perhaps."),
                ("pair.0", Kind::U32, 1, ""),
                ("pair.1", Kind::U8, 1, "(0 no, 1 yes)"),
            ]
        );
        let bytes: usize = fields.iter().map(|row| row.kind.width() * row.times).sum();
        assert_eq!(bytes, Outer::LEN);
    }
}
