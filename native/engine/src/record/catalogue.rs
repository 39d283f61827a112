//! The lists of all records: one enum for inputs and one for outputs, made from the same macro.

use panshi_wire::layout::FieldDesc;

/// One record type, described for readers that know no Rust.
#[derive(Clone, Copy, Debug)]
pub struct RecordDesc {
    /// Type number.
    pub number: u32,
    /// Name.
    pub name: &'static str,
    /// Bytes.
    pub len: usize,
    /// Fields in the order of their bytes, integers little-endian.
    pub fields: &'static [FieldDesc],
}

/// Declares an enum with one variant per record, its reader, writer and catalogue.
macro_rules! records {
    ($(#[$doc:meta])* pub enum $name:ident { $($variant:ident,)* } longest $longest:ident) => {
        $(#[$doc])*
        #[allow(clippy::large_enum_variant, reason = "read in place and matched; boxes would allocate")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $(#[doc = concat!("See [`", stringify!($variant), "`].")] $variant($variant),)* }

        impl $name {
            /// Every record of the list, described.
            pub const CATALOGUE: &'static [RecordDesc] = &[$(RecordDesc {
                number: $variant::TYPE,
                name: $variant::NAME,
                len: $variant::LEN,
                fields: $variant::FIELDS,
            },)*];

            /// Bytes of the longest record.
            pub const MAX_LEN: usize = $longest::LEN;

            /// Read the record of this type from the front of `bytes`.
            ///
            /// Returns nothing for a type outside the list or too few bytes.
            #[inline]
            #[must_use]
            pub fn read(record_type: u32, bytes: &[u8]) -> Option<Self> {
                $(if record_type == $variant::TYPE { return $variant::read(bytes).map(Self::$variant); })*
                None
            }

            /// Write the record to the front of `out` and return its length; nothing when there is less room.
            #[inline]
            #[must_use]
            pub fn write(&self, out: &mut [u8]) -> Option<usize> {
                match self { $(Self::$variant(record) => record.write(out),)* }
            }

            /// Type number.
            #[inline]
            #[must_use]
            pub const fn record_type(&self) -> u32 {
                match self { $(Self::$variant(_) => $variant::TYPE,)* }
            }

            /// Bytes of the record.
            #[inline]
            #[must_use]
            pub const fn record_len(&self) -> usize {
                match self { $(Self::$variant(_) => $variant::LEN,)* }
            }
        }

        $(impl From<$variant> for $name {
            #[inline]
            fn from(record: $variant) -> Self { Self::$variant(record) }
        })*
    };
}
pub(crate) use records;
