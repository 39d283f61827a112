//! Messages as text: what the command line, the logs and the documentation show.
//!
//! Everything here follows from the catalogues of the protocols, so a message added to a table
//! appears here by itself. One message is one line of hex digits; its text form is one JSON
//! object: `{"type": 58, "message": "NewOrderSingle", "fields": {...}, "seq": 3}`. Integers are
//! unscaled, text is without the spaces on its right, and text that is not UTF-8 is
//! `{"hex": "..."}`. A group is a list of objects under the name of its count field, or, where an
//! entry has one column, a list of values under the name of that column. Bytes behind the known
//! fields, and the body of a type without a table, are hex digits under `extra`; `note` says what
//! is known of such a type. Only Shanghai messages have `seq`.

mod hex;
mod json;
mod markdown;
mod numbers;
mod read;
mod write;

use core::fmt;
use core::str::FromStr;

use crate::error::WireError;
use crate::message::{GroupDesc, MessageDesc};
use crate::{sse, szse};

/// A protocol by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// The Shanghai gateway.
    Sse,
    /// The Shenzhen gateway.
    Szse,
}

impl Protocol {
    /// Every message of the protocol, described.
    #[must_use]
    pub fn catalogue(self) -> &'static [MessageDesc] {
        match self {
            Self::Sse => sse::Message::CATALOGUE,
            Self::Szse => szse::Message::CATALOGUE,
        }
    }

    /// Say what is known of a type that has no table.
    fn note_on(self, msg_type: u32) -> String {
        let known = match self {
            Self::Sse => numbers::sse(msg_type),
            Self::Szse => numbers::szse(msg_type),
        };
        known.map_or_else(
            || String::from("unknown type: receivers ignore and log it"),
            |what| format!("known by number only: {what}; its fields have no table here"),
        )
    }
}

impl FromStr for Protocol {
    type Err = ViewError;

    fn from_str(name: &str) -> Result<Self, ViewError> {
        match name {
            "sse" => Ok(Self::Sse),
            "szse" => Ok(Self::Szse),
            _ => Err(ViewError::Protocol(name.to_owned())),
        }
    }
}

/// Why a line cannot be shown or turned into a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewError {
    /// No such protocol.
    Protocol(String),
    /// A character is no hex digit; counted from 1.
    Digit(usize, char),
    /// The last byte has one digit only.
    OddDigits(usize),
    /// The bytes are no message.
    Wire(WireError),
    /// The bytes are not exactly one message.
    Length {
        /// Bytes found.
        found: usize,
        /// Bytes of the message that they begin with; 0 when there is not even a header.
        needed: usize,
    },
    /// The line is no JSON object.
    Json(String),
    /// A key or value of the object is not what it must be.
    Value {
        /// Where in the object.
        place: String,
        /// What must hold.
        expected: String,
        /// What was found.
        found: String,
    },
}

impl fmt::Display for ViewError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Protocol(found) => {
                write!(out, "protocol: must be sse or szse, found {found}")
            }
            Self::Digit(at, found) => {
                write!(out, "character {at}: must be a hex digit, found {found:?}")
            }
            Self::OddDigits(count) => {
                write!(
                    out,
                    "line: hex digits must come in pairs, found {count} digits"
                )
            }
            Self::Wire(error) => error.fmt(out),
            Self::Length { found, needed: 0 } => {
                write!(
                    out,
                    "message: must begin with a whole header, found {found} bytes"
                )
            }
            Self::Length { found, needed } => write!(
                out,
                "message: the header says {needed} bytes in all, found {found}; a line holds \
                 exactly one message"
            ),
            Self::Json(error) => write!(out, "line: must be one JSON object: {error}"),
            Self::Value {
                place,
                expected,
                found,
            } => {
                write!(out, "{place}: must be {expected}, found {found}")
            }
        }
    }
}

impl core::error::Error for ViewError {}

impl From<WireError> for ViewError {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

/// The key under which a group's entries stand.
fn group_key(group: &GroupDesc) -> &'static str {
    match group.fields {
        [only] => only.name,
        _ => group.count_name,
    }
}

/// Whether a group is really a text of variable length.
fn is_text(group: &GroupDesc) -> bool {
    matches!(group.fields, [only] if only.width == 1)
}

/// Show one message given as hex digits; spaces around and between the bytes are ignored.
///
/// Bad input becomes `{"error": "..."}`, so that there is one line out for each line in.
#[must_use]
pub fn decode_line(protocol: &str, line: &str) -> String {
    protocol
        .parse()
        .and_then(|protocol| decode(protocol, &hex::from_hex(line)?))
        .unwrap_or_else(|error| json::error(&error.to_string()))
}

/// Show one whole message.
///
/// # Errors
/// When the bytes are not exactly one sound message.
pub fn decode(protocol: Protocol, bytes: &[u8]) -> Result<String, ViewError> {
    read::message(protocol, bytes)
}

/// Turn the text form of a message back into hex digits.
///
/// Fields that are left out take the protocol's default, spaces and 0; a Shanghai header takes
/// `seq` where the text gives no sequence number.
///
/// # Errors
/// When the text is no JSON object, names an unknown message or field, or a value does not fit.
pub fn encode_line(protocol: &str, line: &str, seq: u64) -> Result<String, String> {
    protocol
        .parse()
        .and_then(|protocol| encode(protocol, line, seq))
        .map(|bytes| hex::to_hex(&bytes))
        .map_err(|error| error.to_string())
}

/// Turn the text form of a message back into bytes.
///
/// # Errors
/// As for [`encode_line`].
pub fn encode(protocol: Protocol, line: &str, seq: u64) -> Result<Vec<u8>, ViewError> {
    write::message(protocol, line, seq)
}

/// Describe every message of a protocol as a page of Markdown tables.
#[must_use]
pub fn markdown(protocol: Protocol) -> String {
    markdown::page(protocol)
}
