//! What can be wrong with bytes on the wire, or with values on their way to it.

use core::fmt;

/// A message that cannot be read or written: what must hold, what was found, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The header announces a message above the length limit.
    MessageTooLong {
        /// Longest message allowed, header and trailer included.
        limit: usize,
        /// Length that the header announces.
        found: u64,
    },
    /// The trailer does not hold the sum of the bytes before it.
    WrongChecksum {
        /// Sum of the bytes modulo 256.
        expected: u32,
        /// Value in the trailer.
        found: u32,
    },
    /// The body ends before the fields of its message type do.
    BodyTooShort {
        /// Number of the message type.
        msg_type: u32,
        /// Name of the message, or of the group inside it.
        part: &'static str,
        /// Bytes needed from the start of that part.
        needed: usize,
        /// Bytes there.
        found: usize,
    },
    /// A group announces more entries than the rest of the body can hold.
    GroupTooLong {
        /// Number of the message type.
        msg_type: u32,
        /// Name of the count field.
        group: &'static str,
        /// Entries announced.
        count: u64,
        /// Entries that fit in the rest of the body.
        room: usize,
    },
    /// A group to be written has more entries than its count field can express.
    GroupCount {
        /// Number of the message type.
        msg_type: u32,
        /// Name of the count field.
        group: &'static str,
        /// Entries to be written.
        count: usize,
    },
    /// The buffer to write to is too small.
    NoRoom {
        /// Bytes the message takes.
        needed: usize,
        /// Bytes in the buffer.
        available: usize,
    },
    /// Bytes given as one whole message have another length than their header announces.
    NotOneMessage {
        /// Length that the header announces, trailer included; 0 when there is no whole header.
        needed: u64,
        /// Bytes given.
        found: usize,
    },
    /// A value cannot be expressed in the other scale without loss.
    Scale {
        /// What the value is.
        quantity: &'static str,
        /// The value in its own scale.
        value: i64,
    },
    /// A number is not a time of day or date in the exchange's decimal form.
    Time {
        /// Form that must hold.
        form: &'static str,
        /// Number found.
        value: u64,
    },
}

impl fmt::Display for WireError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::MessageTooLong { limit, found } => {
                write!(
                    out,
                    "header: a message has at most {limit} bytes, this one says {found}"
                )
            }
            Self::WrongChecksum { expected, found } => {
                write!(out, "trailer: checksum must be the byte sum modulo 256, ")?;
                write!(out, "{expected}, found {found}")
            }
            Self::NoRoom { needed, available } => {
                write!(
                    out,
                    "buffer: the message needs {needed} bytes, {available} are there"
                )
            }
            Self::NotOneMessage { needed, found } => {
                write!(
                    out,
                    "message: bytes must be exactly one message of {needed} bytes, "
                )?;
                write!(out, "found {found}")
            }
            Self::Scale { quantity, value } => {
                write!(
                    out,
                    "{quantity} {value}: has no exact value in the other scale"
                )
            }
            Self::Time { form, value } => write!(out, "time {value}: must be {form}"),
            Self::BodyTooShort { .. } | Self::GroupTooLong { .. } | Self::GroupCount { .. } => {
                self.fmt_body(out)
            }
        }
    }
}

impl WireError {
    /// Write the errors that lie inside the body of a message.
    fn fmt_body(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BodyTooShort {
                msg_type,
                part,
                needed,
                found,
            } => {
                write!(
                    out,
                    "message {msg_type}, {part}: needs at least {needed} bytes of body, "
                )?;
                write!(out, "found {found}")
            }
            Self::GroupTooLong {
                msg_type,
                group,
                count,
                room,
            } => {
                write!(
                    out,
                    "message {msg_type}, {group}: the body has room for {room} entries, "
                )?;
                write!(out, "the count says {count}")
            }
            Self::GroupCount {
                msg_type,
                group,
                count,
            } => {
                write!(
                    out,
                    "message {msg_type}, {group}: {count} entries are more than the "
                )?;
                write!(out, "count field holds")
            }
            _ => Ok(()),
        }
    }
}

impl core::error::Error for WireError {}

#[cfg(test)]
mod tests {
    use super::WireError;

    fn assert_says(error: WireError, text: &str) {
        assert_eq!(error.to_string(), text);
    }

    #[test]
    fn errors_of_the_frame_say_where_what_must_hold_and_what_was_found() {
        assert_says(
            WireError::MessageTooLong {
                limit: 4096,
                found: 5000,
            },
            "header: a message has at most 4096 bytes, this one says 5000",
        );
        assert_says(
            WireError::WrongChecksum {
                expected: 1,
                found: 2,
            },
            "trailer: checksum must be the byte sum modulo 256, 1, found 2",
        );
        assert_says(
            WireError::NoRoom {
                needed: 9,
                available: 3,
            },
            "buffer: the message needs 9 bytes, 3 are there",
        );
        assert_says(
            WireError::NotOneMessage {
                needed: 20,
                found: 3,
            },
            "message: bytes must be exactly one message of 20 bytes, found 3",
        );
    }

    #[test]
    fn errors_of_the_body_name_message_and_part() {
        let (msg_type, group) = (206, "NoGroups");
        assert_says(
            WireError::BodyTooShort {
                msg_type,
                part: "ExecRptSync",
                needed: 2,
                found: 1,
            },
            "message 206, ExecRptSync: needs at least 2 bytes of body, found 1",
        );
        assert_says(
            WireError::GroupTooLong {
                msg_type,
                group,
                count: 9,
                room: 2,
            },
            "message 206, NoGroups: the body has room for 2 entries, the count says 9",
        );
        assert_says(
            WireError::GroupCount {
                msg_type,
                group,
                count: 70_000,
            },
            "message 206, NoGroups: 70000 entries are more than the count field holds",
        );
    }

    #[test]
    fn errors_of_values_name_the_value() {
        assert_says(
            WireError::Scale {
                quantity: "price",
                value: 15,
            },
            "price 15: has no exact value in the other scale",
        );
        let form = "HHMMSSsssnnnn";
        assert_says(
            WireError::Time { form, value: 7 },
            "time 7: must be HHMMSSsssnnnn",
        );
    }
}
