//! Frames of the Shanghai gateway: header with a sequence number, body, checksum.

use super::SseMessage;
use crate::checksum::checksum;
use crate::error::WireError;
use crate::layout::Layout;

crate::layout! {
    /// The bytes before each body.
    big;
    pub struct Header = 0, "Header" {
        msg_type: u32 => "MsgType", "number of the message type";
        msg_seq_num: u64 => "MsgSeqNum", "from 1 in each TCP session and direction, +1 per message";
        msg_body_len: u32 => "MsgBodyLen", "bytes of the body only";
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
/// Longest whole message; a longer one is answered with Logout 5000.
pub const MESSAGE_LEN_MAX: usize = 4096;

/// One whole message at the front of a byte stream, its checksum verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Number of the message type.
    pub msg_type: u32,
    /// The sender's sequence number.
    pub seq: u64,
    /// The body.
    pub body: &'a [u8],
    /// Bytes of the whole message, to be taken off the stream.
    pub total_len: usize,
}

/// Find the first message in received bytes; nothing when more bytes are needed.
///
/// The announced length is judged before the body is waited for, so that a sender cannot make the
/// receiver hold more than one message of the largest size.
///
/// # Errors
/// When the message is over the length limit or its checksum is wrong.
#[inline]
pub fn frame(bytes: &[u8]) -> Result<Option<Frame<'_>>, WireError> {
    let Some(header) = Header::read(bytes) else {
        return Ok(None);
    };
    let total = u64::from(header.msg_body_len) + OVERHEAD as u64;
    let Some(total_len) = usize::try_from(total)
        .ok()
        .filter(|len| *len <= MESSAGE_LEN_MAX)
    else {
        return Err(WireError::MessageTooLong {
            limit: MESSAGE_LEN_MAX,
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
        seq: header.msg_seq_num,
        body,
        total_len,
    }))
}

/// Write a whole message to the front of `out` and return its length.
///
/// # Errors
/// When `out` is too small, or groups make the message longer than the protocol allows.
#[inline]
pub fn encode<M: SseMessage>(message: &M, seq: u64, out: &mut [u8]) -> Result<usize, WireError> {
    let body_len = message.body_len();
    let needed = body_len + OVERHEAD;
    let too_long = WireError::MessageTooLong {
        limit: MESSAGE_LEN_MAX,
        found: needed as u64,
    };
    if needed > MESSAGE_LEN_MAX {
        return Err(too_long);
    }
    let header = Header {
        msg_type: message.msg_type(),
        msg_seq_num: seq,
        msg_body_len: u32::try_from(body_len).map_err(|_| too_long)?,
    };
    let no_room = WireError::NoRoom {
        needed,
        available: out.len(),
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

/// Give one whole message another sequence number, in place, and renew its checksum.
///
/// # Errors
/// When the bytes are not exactly one message.
pub fn reseal(bytes: &mut [u8], seq: u64) -> Result<(), WireError> {
    let found = bytes.len();
    let header = Header::read(bytes).ok_or(WireError::NotOneMessage { needed: 0, found })?;
    let needed = u64::from(header.msg_body_len) + OVERHEAD as u64;
    let not_one = WireError::NotOneMessage { needed, found };
    if needed != found as u64 {
        return Err(not_one);
    }
    let (summed, trailer) = bytes
        .split_last_chunk_mut::<{ Trailer::LEN }>()
        .ok_or(not_one)?;
    Header {
        msg_seq_num: seq,
        ..header
    }
    .write(summed)
    .ok_or(not_one)?;
    *trailer = checksum(summed).to_be_bytes();
    Ok(())
}
