//! The table macro: one description of a fixed-width record gives the struct, its reader and
//! writer, and the field descriptors that the dynamic view and the documentation are made of.

/// How a field is stored and shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Unsigned integer of one byte.
    U8,
    /// Unsigned integer of two bytes.
    U16,
    /// Unsigned integer of four bytes.
    U32,
    /// Unsigned integer of eight bytes.
    U64,
    /// Signed integer of two bytes.
    I16,
    /// Signed integer of four bytes.
    I32,
    /// Signed integer of eight bytes.
    I64,
    /// Text of this many bytes, padded on the right.
    Char(usize),
}

impl Kind {
    /// Bytes the field takes in the record.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 => 4,
            Self::U64 | Self::I64 => 8,
            Self::Char(width) => width,
        }
    }
}

/// One row of a record's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldDesc {
    /// Name in the specification, for example `ClOrdID`.
    pub name: &'static str,
    /// Name of the struct field, for example `cl_ord_id`.
    pub rust_name: &'static str,
    /// Storage and presentation.
    pub kind: Kind,
    /// Bytes before the field in its record.
    pub offset: usize,
    /// Bytes of the field.
    pub width: usize,
    /// What the field means or allows.
    pub note: &'static str,
}

impl FieldDesc {
    /// Describe a field whose offset is still to be placed.
    #[must_use]
    pub const fn new(
        name: &'static str,
        rust_name: &'static str,
        kind: Kind,
        note: &'static str,
    ) -> Self {
        Self {
            name,
            rust_name,
            kind,
            offset: 0,
            width: kind.width(),
            note,
        }
    }
}

/// Give each field the offset that follows from the widths before it.
#[must_use]
#[allow(
    clippy::indexing_slicing,
    reason = "runs at compile time; the loop bound is the length"
)]
pub const fn placed<const N: usize>(mut fields: [FieldDesc; N]) -> [FieldDesc; N] {
    let mut offset = 0;
    let mut index = 0;
    while index < N {
        fields[index].offset = offset;
        offset += fields[index].width;
        index += 1;
    }
    fields
}

/// A fixed-width record described by [`layout!`](crate::layout!).
pub trait Layout: Copy {
    /// Number of the message or record type.
    const TYPE: u32;
    /// Name in the specification.
    const NAME: &'static str;
    /// Bytes of the record.
    const LEN: usize;
    /// The fields in the order in which they are stored.
    const FIELDS: &'static [FieldDesc];

    /// Read the record from the first `LEN` bytes; further bytes are ignored.
    ///
    /// Returns nothing when there are fewer bytes.
    fn read(bytes: &[u8]) -> Option<Self>;

    /// Write the record to the first `LEN` bytes and return `LEN`.
    ///
    /// Returns nothing, and writes nothing, when there is less room.
    fn write(&self, out: &mut [u8]) -> Option<usize>;
}

/// Describe fixed-width records.
///
/// Each record is: doc comment, byte order (`big;` or `little;`), and a struct with its type
/// number, its name and one line per field: `rust_name: type => "Name", "note";`. Field types are
/// the integers `u8 u16 u32 u64 i16 i32 i64`, text `[u8; N]`, and `Char`, a `u8` shown as one
/// character. The default value of text is spaces in big-endian records (the exchanges' padding)
/// and zero bytes in little-endian ones (our own).
///
/// ```
/// use panshi_wire::layout::Layout;
///
/// panshi_wire::layout! {
///     /// A price level.
///     big;
///     pub struct Level = 7, "Level" {
///         price: i64 => "Price", "yuan x 100000";
///         side: Char => "Side", "1 buy, 2 sell";
///     }
/// }
///
/// let level = Level { price: 1_234_000, side: b'1' };
/// let mut bytes = [0; Level::LEN];
/// assert_eq!(level.write(&mut bytes), Some(9));
/// assert_eq!(Level::read(&bytes), Some(level));
/// assert_eq!(Level::FIELDS[1].offset, 8);
/// ```
#[macro_export]
macro_rules! layout {
    ($(
        $(#[$meta:meta])*
        $order:ident;
        $vis:vis struct $record:ident = $type:expr, $name:literal {
            $( $(#[$field_meta:meta])* $field:ident : $kind:tt => $wire:literal, $note:literal; )*
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis struct $record {
            $(
                #[doc = concat!("`", $wire, "`: ", $note)]
                $(#[$field_meta])*
                pub $field: $crate::layout_field!(@rust $kind),
            )*
        }

        impl ::core::default::Default for $record {
            fn default() -> Self {
                Self { $( $field: $crate::layout_field!(@default $order $kind), )* }
            }
        }

        impl $crate::layout::Layout for $record {
            const TYPE: u32 = $type;
            const NAME: &'static str = $name;
            const LEN: usize =
                0 $( + ::core::mem::size_of::<$crate::layout_field!(@rust $kind)>() )*;
            const FIELDS: &'static [$crate::layout::FieldDesc] = &$crate::layout::placed([$(
                $crate::layout::FieldDesc::new(
                    $wire,
                    stringify!($field),
                    $crate::layout_field!(@kind $kind),
                    $note,
                ),
            )*]);

            #[inline]
            fn read(bytes: &[u8]) -> ::core::option::Option<Self> {
                // One length check on the whole record; with the length known at compile time
                // the checks of the steps below fold away.
                let rest: &[u8] =
                    bytes.first_chunk::<{ <$record as $crate::layout::Layout>::LEN }>()?;
                $(
                    let ($field, rest) = rest.split_first_chunk::<
                        { ::core::mem::size_of::<$crate::layout_field!(@rust $kind)>() },
                    >()?;
                )*
                let _: &[u8] = rest;
                ::core::option::Option::Some(Self {
                    $( $field: $crate::layout_field!(@load $order $kind, $field), )*
                })
            }

            #[inline]
            fn write(&self, out: &mut [u8]) -> ::core::option::Option<usize> {
                let rest: &mut [u8] =
                    out.first_chunk_mut::<{ <$record as $crate::layout::Layout>::LEN }>()?;
                $(
                    let (slot, rest) = rest.split_first_chunk_mut::<
                        { ::core::mem::size_of::<$crate::layout_field!(@rust $kind)>() },
                    >()?;
                    *slot = $crate::layout_field!(@store $order $kind, self.$field);
                )*
                let _: &mut [u8] = rest;
                ::core::option::Option::Some(<$record as $crate::layout::Layout>::LEN)
            }
        }
    )+};
}

/// The pieces of [`layout!`](crate::layout!) that depend on a field's type.
#[doc(hidden)]
#[macro_export]
macro_rules! layout_field {
    (@rust Char) => {
        u8
    };
    (@rust [u8; $width:expr]) => {
        [u8; $width]
    };
    (@rust $int:ident) => {
        $int
    };

    (@kind Char) => {
        $crate::layout::Kind::Char(1)
    };
    (@kind [u8; $width:expr]) => {
        $crate::layout::Kind::Char($width)
    };
    (@kind u8) => {
        $crate::layout::Kind::U8
    };
    (@kind u16) => {
        $crate::layout::Kind::U16
    };
    (@kind u32) => {
        $crate::layout::Kind::U32
    };
    (@kind u64) => {
        $crate::layout::Kind::U64
    };
    (@kind i16) => {
        $crate::layout::Kind::I16
    };
    (@kind i32) => {
        $crate::layout::Kind::I32
    };
    (@kind i64) => {
        $crate::layout::Kind::I64
    };

    (@default big Char) => {
        b' '
    };
    (@default big [u8; $width:expr]) => {
        [b' '; $width]
    };
    (@default little [u8; $width:expr]) => {
        [0; $width]
    };
    (@default $order:ident $int:ident) => {
        0
    };

    (@load $order:ident Char, $bytes:ident) => {
        u8::from_be_bytes(*$bytes)
    };
    (@load $order:ident [u8; $width:expr], $bytes:ident) => {
        *$bytes
    };
    (@load big $int:ident, $bytes:ident) => {
        $int::from_be_bytes(*$bytes)
    };
    (@load little $int:ident, $bytes:ident) => {
        $int::from_le_bytes(*$bytes)
    };

    (@store $order:ident Char, $value:expr) => {
        [$value]
    };
    (@store $order:ident [u8; $width:expr], $value:expr) => {
        $value
    };
    (@store big $int:ident, $value:expr) => {
        $value.to_be_bytes()
    };
    (@store little $int:ident, $value:expr) => {
        $value.to_le_bytes()
    };
}

#[cfg(test)]
mod tests {
    use super::{Kind, Layout};

    crate::layout! {
        /// Every field type, in the exchanges' byte order.
        big;
        struct Big = 9, "Big" {
            a: u8 => "A", "";
            b: u16 => "B", "";
            c: u32 => "C", "";
            d: u64 => "D", "";
            e: i16 => "E", "";
            f: i32 => "F", "";
            g: i64 => "G", "";
            h: [u8; 3] => "H", "";
            i: Char => "I", "a note";
        }

        /// The same in our own byte order.
        little;
        struct Little = 10, "Little" {
            a: u16 => "A", "";
            h: [u8; 3] => "H", "";
            i: Char => "I", "";
            g: i64 => "G", "";
        }

        /// A record without fields.
        big;
        struct Empty = 11, "Empty" {}
    }

    fn sample() -> Big {
        Big {
            a: 1,
            b: 2,
            c: 3,
            d: 4,
            e: -2,
            f: -3,
            g: -4,
            h: *b"xyz",
            i: b'Q',
        }
    }

    #[test]
    fn widths_offsets_and_kinds_follow_from_the_table() {
        assert_eq!(Big::LEN, 33);
        assert_eq!((Big::TYPE, Big::NAME), (9, "Big"));
        let offsets: Vec<_> = Big::FIELDS.iter().map(|field| field.offset).collect();
        assert_eq!(offsets, [0, 1, 3, 7, 15, 17, 21, 29, 32]);
        let kinds: Vec<_> = Big::FIELDS.iter().map(|field| field.kind).collect();
        let expected = [
            Kind::U8,
            Kind::U16,
            Kind::U32,
            Kind::U64,
            Kind::I16,
            Kind::I32,
            Kind::I64,
            Kind::Char(3),
            Kind::Char(1),
        ];
        assert_eq!(kinds, expected);
        assert_eq!(
            Big::FIELDS.last().map(|f| (f.rust_name, f.note)),
            Some(("i", "a note"))
        );
    }

    #[test]
    fn bytes_are_in_the_stated_order() {
        let mut out = [0; Big::LEN];
        assert_eq!(sample().write(&mut out), Some(33));
        assert_eq!(out[..7], [1, 0, 2, 0, 0, 0, 3]);
        assert_eq!(out[15..17], [0xff, 0xfe]);
        assert_eq!(&out[29..], b"xyzQ");
        assert_eq!(Big::read(&out), Some(sample()));

        let little = Little {
            a: 0x0102,
            h: *b"abc",
            i: b'd',
            g: -2,
        };
        let mut out = [0; Little::LEN];
        assert_eq!(little.write(&mut out), Some(14));
        assert_eq!(out, *b"\x02\x01abcd\xfe\xff\xff\xff\xff\xff\xff\xff");
        assert_eq!(Little::read(&out), Some(little));
    }

    #[test]
    fn more_bytes_are_ignored_and_fewer_refused() {
        let mut out = [7; Big::LEN + 2];
        sample().write(&mut out).unwrap();
        assert_eq!(out[33..], [7, 7]);
        assert_eq!(Big::read(&out), Some(sample()));
        assert_eq!(Big::read(&out[..32]), None);
        let mut short = [7; Big::LEN - 1];
        assert_eq!(sample().write(&mut short), None);
        assert_eq!(short, [7; Big::LEN - 1]);
    }

    #[test]
    fn defaults_are_the_padding_of_the_byte_order() {
        let big = Big::default();
        assert_eq!((big.a, big.g, big.h, big.i), (0, 0, *b"   ", b' '));
        let little = Little::default();
        assert_eq!((little.a, little.h, little.i), (0, [0; 3], 0));
        assert_eq!(Empty::LEN, 0);
        assert_eq!(Empty::read(&[]), Some(Empty::default()));
        assert_eq!(Empty {}.write(&mut []), Some(0));
    }

    #[test]
    fn placing_puts_each_field_behind_the_one_before() {
        let kinds = [
            Kind::U8,
            Kind::U16,
            Kind::I16,
            Kind::U32,
            Kind::I32,
            Kind::U64,
            Kind::I64,
        ];
        let widths = kinds.map(Kind::width);
        assert_eq!(widths, [1, 2, 2, 4, 4, 8, 8]);
        let fields = kinds.map(|kind| super::FieldDesc::new("A", "a", kind, ""));
        let offsets = super::placed(fields).map(|field| field.offset);
        assert_eq!(offsets, [0, 1, 3, 5, 9, 13, 21]);
        assert_eq!(Kind::Char(5).width(), 5);
    }
}
