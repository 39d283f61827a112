//! What a message is: its body, its row in the protocol's catalogue, and the macros that make
//! both from the message tables.

use crate::error::WireError;
use crate::layout::{FieldDesc, Layout};

/// A message body that can be written.
pub trait Body {
    /// Number of the message type.
    fn msg_type(&self) -> u32;

    /// Bytes of the body.
    fn body_len(&self) -> usize;

    /// Write the body to the front of `out` and return its length.
    ///
    /// # Errors
    /// When there is too little room or a group is longer than its count field can say.
    fn write_body(&self, out: &mut [u8]) -> Result<usize, WireError>;
}

/// A message with a row in its protocol's catalogue.
pub trait Described {
    /// The row.
    const DESC: MessageDesc;
}

/// A message body that can be read.
pub trait Parse<'a>: Sized {
    /// Read the body; bytes behind the known fields are ignored.
    ///
    /// # Errors
    /// When the body is too short for its fields or groups.
    fn parse(body: &'a [u8]) -> Result<Self, WireError>;
}

/// One message of a protocol, described for the dynamic view and the documentation.
#[derive(Clone, Copy, Debug)]
pub struct MessageDesc {
    /// Number of the message type.
    pub msg_type: u32,
    /// Name of the message; several types of one kind may share it.
    pub name: &'static str,
    /// The pieces of the body in order.
    pub parts: &'static [Part],
}

/// A piece of a message body.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// Fields at fixed offsets from the start of the piece.
    Fixed(&'static [FieldDesc]),
    /// A count followed by that many entries.
    Group(GroupDesc),
}

/// A repeating group of a message.
#[derive(Clone, Copy, Debug)]
pub struct GroupDesc {
    /// Name of the count field.
    pub count_name: &'static str,
    /// Bytes of the count field.
    pub count_width: usize,
    /// Whether a body may end before the count field.
    pub optional: bool,
    /// Bytes of one entry.
    pub entry_len: usize,
    /// The fields of one entry.
    pub fields: &'static [FieldDesc],
}

impl<T: Layout> Described for T {
    const DESC: MessageDesc = MessageDesc {
        msg_type: T::TYPE,
        name: T::NAME,
        parts: &[Part::Fixed(T::FIELDS)],
    };
}

impl<T: Layout> Body for T {
    #[inline]
    fn msg_type(&self) -> u32 {
        T::TYPE
    }

    #[inline]
    fn body_len(&self) -> usize {
        T::LEN
    }

    #[inline]
    fn write_body(&self, out: &mut [u8]) -> Result<usize, WireError> {
        let available = out.len();
        self.write(out).ok_or(WireError::NoRoom {
            needed: T::LEN,
            available,
        })
    }
}

impl<'a, T: Layout> Parse<'a> for T {
    #[inline]
    fn parse(body: &'a [u8]) -> Result<Self, WireError> {
        T::read(body).ok_or(WireError::BodyTooShort {
            msg_type: T::TYPE,
            part: T::NAME,
            needed: T::LEN,
            found: body.len(),
        })
    }
}

/// Describe a message with repeating groups: a record of fixed fields, then the groups in order.
///
/// Each group names its field, its count field's type and name, whether it is `required` or
/// `optional`, and the record of one entry.
macro_rules! grouped {
    (
        $(#[$meta:meta])*
        pub struct $message:ident = $type:literal, $name:literal {
            head: $head:ident,
            $( $group:ident: $count:ident $count_name:literal $need:ident $entry:ident, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $message<'a> {
            /// The fixed fields.
            pub head: $head,
            $(
                #[doc = concat!("The entries counted by `", $count_name, "`.")]
                pub $group: $crate::group::Group<'a, $entry>,
            )+
        }

        impl $crate::message::Described for $message<'_> {
            const DESC: $crate::message::MessageDesc = $crate::message::MessageDesc {
                msg_type: $type,
                name: $name,
                parts: &[
                    $crate::message::Part::Fixed(<$head as $crate::layout::Layout>::FIELDS),
                    $( $crate::message::Part::Group($crate::message::GroupDesc {
                        count_name: $count_name,
                        count_width: <$crate::group::$count as $crate::layout::Layout>::LEN,
                        optional: $crate::message::grouped!(@optional $need),
                        entry_len: <$entry as $crate::layout::Layout>::LEN,
                        fields: <$entry as $crate::layout::Layout>::FIELDS,
                    }), )+
                ],
            };
        }

        impl $crate::message::Body for $message<'_> {
            fn msg_type(&self) -> u32 {
                $type
            }

            fn body_len(&self) -> usize {
                <$head as $crate::layout::Layout>::LEN
                    $( + self.$group.wire_len::<$crate::group::$count>(
                        $crate::message::grouped!(@optional $need),
                    ) )+
            }

            fn write_body(&self, out: &mut [u8]) -> Result<usize, $crate::error::WireError> {
                let no_room = $crate::error::WireError::NoRoom {
                    needed: self.body_len(),
                    available: out.len(),
                };
                let mut at = $crate::layout::Layout::write(&self.head, out).ok_or(no_room)?;
                $(
                    at += self.$group.write::<$crate::group::$count>(
                        out.get_mut(at..).ok_or(no_room)?,
                        $type,
                        $count_name,
                        $crate::message::grouped!(@optional $need),
                    )?;
                )+
                Ok(at)
            }
        }

        impl<'a> $crate::message::Parse<'a> for $message<'a> {
            fn parse(body: &'a [u8]) -> Result<Self, $crate::error::WireError> {
                use $crate::layout::Layout as _;
                let short = $crate::error::WireError::BodyTooShort {
                    msg_type: $type,
                    part: $name,
                    needed: $head::LEN,
                    found: body.len(),
                };
                let head = $head::read(body).ok_or(short)?;
                let rest = body.get($head::LEN..).ok_or(short)?;
                $(
                    let ($group, rest) = $crate::group::Group::take::<$crate::group::$count>(
                        rest,
                        $type,
                        $count_name,
                        $crate::message::grouped!(@optional $need),
                    )?;
                )+
                let _: &[u8] = rest;
                Ok(Self { head, $( $group, )+ })
            }
        }
    };
    (@optional required) => { false };
    (@optional optional) => { true };
}
pub(crate) use grouped;

/// List the messages of a protocol once: the enum of all of them, its reader and its catalogue.
macro_rules! messages {
    (
        marker $marker:ident, lifetime $life:lifetime;
        $( $variant:ident($body:ty), )+
    ) => {
        /// A message that belongs to this protocol.
        pub trait $marker: $crate::message::Body {}
        $( impl<$life> $marker for $body {} )+
        impl $marker for Message<'_> {}

        /// Any message of the protocol.
        #[allow(clippy::large_enum_variant, reason = "read in place and matched, never stored")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Message<$life> {
            $(
                #[doc = concat!("See [`", stringify!($variant), "`].")]
                $variant($body),
            )+
            /// A type that is not in the tables; receivers ignore it and log it.
            Unknown {
                /// Number of the message type.
                msg_type: u32,
                /// The body as received.
                body: &$life [u8],
            },
        }

        impl<$life> Message<$life> {
            /// Every message of the protocol, described.
            pub const CATALOGUE: &'static [$crate::message::MessageDesc] =
                &[ $( <$body as $crate::message::Described>::DESC, )+ ];

            /// Read a body of the given type; bytes behind the known fields are ignored.
            ///
            /// # Errors
            /// When the body is too short for the fields or groups of its type.
            #[inline]
            pub fn parse(
                msg_type: u32,
                body: &$life [u8],
            ) -> Result<Self, $crate::error::WireError> {
                $(
                    if msg_type == <$body as $crate::message::Described>::DESC.msg_type {
                        return <$body as $crate::message::Parse>::parse(body).map(Self::$variant);
                    }
                )+
                Ok(Self::Unknown { msg_type, body })
            }
        }

        impl $crate::message::Body for Message<'_> {
            fn msg_type(&self) -> u32 {
                match self {
                    $( Self::$variant(message) => message.msg_type(), )+
                    Self::Unknown { msg_type, .. } => *msg_type,
                }
            }

            fn body_len(&self) -> usize {
                match self {
                    $( Self::$variant(message) => message.body_len(), )+
                    Self::Unknown { body, .. } => body.len(),
                }
            }

            fn write_body(&self, out: &mut [u8]) -> Result<usize, $crate::error::WireError> {
                match self {
                    $( Self::$variant(message) => message.write_body(out), )+
                    Self::Unknown { body, .. } => {
                        let (needed, available) = (body.len(), out.len());
                        out.get_mut(..needed)
                            .ok_or($crate::error::WireError::NoRoom { needed, available })?
                            .copy_from_slice(body);
                        Ok(needed)
                    }
                }
            }
        }
    };
}
pub(crate) use messages;
