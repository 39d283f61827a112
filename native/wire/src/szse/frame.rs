//! Frames of the Shenzhen gateway: header without a sequence number, body, checksum.

use super::SzseMessage;
use crate::checksum::checksum;
use crate::error::WireError;
use crate::layout::Layout;

crate::layout! {
    /// The bytes before each body.
    big;
    pub struct Header = 0, "Header" {
        msg_type: u32 => "MsgType", "number of the message type";
        body_length: u32 => "BodyLength", "bytes of the body only";
    }

    /// The bytes behind each body.
    big;
    pub struct Trailer = 0, "Trailer" {
        checksum: u32 => "Checksum", "sum of all bytes before it, modulo 256";
    }
}

/// Bytes of the header.
pub const HEADER_LEN: usize = Header::LEN;
/// Bytes of header and trailer.
pub const OVERHEAD: usize = Header::LEN + Trailer::LEN;
/// Longest whole message accepted unless the caller says otherwise.
///
/// The specification states no maximum; this is our choice, far above its longest message.
pub const MESSAGE_LEN_MAX_DEFAULT: usize = 64 * 1024;

/// One whole message at the front of a byte stream, its checksum verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Number of the message type.
    pub msg_type: u32,
    /// The body.
    pub body: &'a [u8],
    /// Bytes of the whole message, to be taken off the stream.
    pub total_len: usize,
}

/// Find the first message in received bytes, of at most [`MESSAGE_LEN_MAX_DEFAULT`] bytes.
///
/// # Errors
/// When the message is over the length limit or its checksum is wrong.
#[inline]
pub fn frame(bytes: &[u8]) -> Result<Option<Frame<'_>>, WireError> {
    frame_within(bytes, MESSAGE_LEN_MAX_DEFAULT)
}

/// Find the first message in received bytes; nothing when more bytes are needed.
///
/// The announced length is judged before the body is waited for, so that a sender cannot make the
/// receiver hold more than one message of `limit` bytes.
///
/// # Errors
/// When the message is longer than `limit` or its checksum is wrong.
#[inline]
pub fn frame_within(bytes: &[u8], limit: usize) -> Result<Option<Frame<'_>>, WireError> {
    let Some(header) = Header::read(bytes) else {
        return Ok(None);
    };
    let total = u64::from(header.body_length) + OVERHEAD as u64;
    let Some(total_len) = usize::try_from(total).ok().filter(|len| *len <= limit) else {
        return Err(WireError::MessageTooLong {
            limit,
            found: total,
        });
    };
    let Some((summed, trailer)) = bytes
        .get(..total_len)
        .and_then(<[u8]>::split_last_chunk::<{ Trailer::LEN }>)
    else {
        return Ok(None);
    };
    let (expected, found) = (checksum(summed), u32::from_be_bytes(*trailer));
    if expected != found {
        return Err(WireError::WrongChecksum { expected, found });
    }
    let body = summed.get(HEADER_LEN..).unwrap_or_default();
    Ok(Some(Frame {
        msg_type: header.msg_type,
        body,
        total_len,
    }))
}

/// Write a whole message to the front of `out` and return its length.
///
/// # Errors
/// When `out` is too small for the message.
#[inline]
pub fn encode<M: SzseMessage>(message: &M, out: &mut [u8]) -> Result<usize, WireError> {
    let body_len = message.body_len();
    let needed = body_len + OVERHEAD;
    let no_room = WireError::NoRoom {
        needed,
        available: out.len(),
    };
    let header = Header {
        msg_type: message.msg_type(),
        body_length: u32::try_from(body_len).map_err(|_| no_room)?,
    };
    let whole = out.get_mut(..needed).ok_or(no_room)?;
    let (summed, trailer) = whole
        .split_last_chunk_mut::<{ Trailer::LEN }>()
        .ok_or(no_room)?;
    header.write(summed).ok_or(no_room)?;
    message.write_body(summed.get_mut(HEADER_LEN..).ok_or(no_room)?)?;
    *trailer = checksum(summed).to_be_bytes();
    Ok(needed)
}

/// Renew the checksum of one whole message after its fields were changed in place.
///
/// # Errors
/// When the bytes are not exactly one message.
pub fn reseal(bytes: &mut [u8]) -> Result<(), WireError> {
    let found = bytes.len();
    let header = Header::read(bytes).ok_or(WireError::NotOneMessage { needed: 0, found })?;
    let needed = u64::from(header.body_length) + OVERHEAD as u64;
    let not_one = WireError::NotOneMessage { needed, found };
    if needed != found as u64 {
        return Err(not_one);
    }
    let (summed, trailer) = bytes
        .split_last_chunk_mut::<{ Trailer::LEN }>()
        .ok_or(not_one)?;
    *trailer = checksum(summed).to_be_bytes();
    Ok(())
}
