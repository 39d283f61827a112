//! From bytes to the text form.

use super::json::{Object, list, string};
use super::{Protocol, ViewError, group_key, hex, is_text};
use crate::error::WireError;
use crate::layout::{FieldDesc, Kind};
use crate::message::{GroupDesc, MessageDesc, Part};
use crate::text::trim;
use crate::{sse, szse};

/// A frame of either protocol.
struct AnyFrame<'a> {
    msg_type: u32,
    seq: Option<u64>,
    body: &'a [u8],
    total_len: usize,
}

/// Show one whole message.
pub(super) fn message(protocol: Protocol, bytes: &[u8]) -> Result<String, ViewError> {
    let frame = frame(protocol, bytes)?;
    let mut object = Object::new();
    object.add("type", &frame.msg_type.to_string());
    let desc = protocol
        .catalogue()
        .iter()
        .find(|desc| desc.msg_type == frame.msg_type);
    object.add("message", &string(desc.map_or("Unknown", |desc| desc.name)));
    let mut fields = Object::new();
    let extra = match desc {
        Some(desc) => body(desc, frame.body, &mut fields)?,
        None => frame.body,
    };
    object.add("fields", &fields.finish());
    if let Some(seq) = frame.seq {
        object.add("seq", &seq.to_string());
    }
    if !extra.is_empty() {
        object.add("extra", &string(&hex::to_hex(extra)));
    }
    if desc.is_none() {
        object.add("note", &string(&protocol.note_on(frame.msg_type)));
    }
    Ok(object.finish())
}

fn frame(protocol: Protocol, bytes: &[u8]) -> Result<AnyFrame<'_>, ViewError> {
    let (header_len, frame) = match protocol {
        Protocol::Sse => {
            let frame = sse::frame(bytes)?.map(|frame| AnyFrame {
                msg_type: frame.msg_type,
                seq: Some(frame.seq),
                body: frame.body,
                total_len: frame.total_len,
            });
            (sse::HEADER_LEN, frame)
        }
        Protocol::Szse => {
            let frame = szse::frame(bytes)?.map(|frame| AnyFrame {
                msg_type: frame.msg_type,
                seq: None,
                body: frame.body,
                total_len: frame.total_len,
            });
            (szse::HEADER_LEN, frame)
        }
    };
    let found = bytes.len();
    let Some(frame) = frame else {
        let needed = announced(bytes, header_len);
        return Err(ViewError::Length { found, needed });
    };
    if frame.total_len != found {
        return Err(ViewError::Length {
            found,
            needed: frame.total_len,
        });
    }
    Ok(frame)
}

/// Whole length that a header announces; both protocols end their header with the body length.
fn announced(bytes: &[u8], header_len: usize) -> usize {
    bytes
        .get(..header_len)
        .and_then(<[u8]>::last_chunk)
        .and_then(|len| usize::try_from(u32::from_be_bytes(*len)).ok())
        .map_or(0, |body_len| header_len + body_len + 4)
}

/// Show the parts of a body and return the bytes behind them.
fn body<'a>(
    desc: &MessageDesc,
    body: &'a [u8],
    object: &mut Object,
) -> Result<&'a [u8], ViewError> {
    let mut rest = body;
    for part in desc.parts {
        rest = match part {
            Part::Fixed(fields) => fixed(desc, fields, rest, object)?,
            Part::Group(group) if group.optional && rest.is_empty() => rest,
            Part::Group(group) => entries(desc, group, rest, object)?,
        };
    }
    Ok(rest)
}

fn fixed<'a>(
    desc: &MessageDesc,
    fields: &[FieldDesc],
    bytes: &'a [u8],
    object: &mut Object,
) -> Result<&'a [u8], ViewError> {
    let needed: usize = fields.iter().map(|field| field.width).sum();
    let (record, rest) = bytes
        .split_at_checked(needed)
        .ok_or(WireError::BodyTooShort {
            msg_type: desc.msg_type,
            part: desc.name,
            needed,
            found: bytes.len(),
        })?;
    for field in fields {
        object.add(field.name, &value(field, record));
    }
    Ok(rest)
}

fn entries<'a>(
    desc: &MessageDesc,
    group: &GroupDesc,
    bytes: &'a [u8],
    object: &mut Object,
) -> Result<&'a [u8], ViewError> {
    let (msg_type, found) = (desc.msg_type, bytes.len());
    let (part, needed) = (group.count_name, group.count_width);
    let (count, rest) = bytes
        .split_at_checked(needed)
        .ok_or(WireError::BodyTooShort {
            msg_type,
            part,
            needed,
            found,
        })?;
    let count = count
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    let room = rest.len() / group.entry_len;
    let (entries, rest) = usize::try_from(count)
        .ok()
        .filter(|count| *count <= room)
        .and_then(|count| rest.split_at_checked(count * group.entry_len))
        .ok_or(WireError::GroupTooLong {
            msg_type,
            group: part,
            count,
            room,
        })?;
    let shown = if is_text(group) {
        text(entries)
    } else {
        list(
            &entries
                .chunks(group.entry_len)
                .map(|entry| row(group, entry))
                .collect::<Vec<_>>(),
        )
    };
    object.add(group_key(group), &shown);
    Ok(rest)
}

fn row(group: &GroupDesc, entry: &[u8]) -> String {
    if let [only] = group.fields {
        return value(only, entry);
    }
    let mut object = Object::new();
    for field in group.fields {
        object.add(field.name, &value(field, entry));
    }
    object.finish()
}

/// Show one field of a record that is known to be long enough.
fn value(field: &FieldDesc, record: &[u8]) -> String {
    let bytes = record
        .get(field.offset..field.offset + field.width)
        .unwrap_or_default();
    let unsigned = bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
    // The sign of a shorter integer is in its own highest bit: move it to the highest of 64.
    let shift = 64 - 8 * bytes.len().clamp(1, 8);
    let signed = i64::from_be_bytes((unsigned << shift).to_be_bytes()) >> shift;
    match field.kind {
        Kind::U8 | Kind::U16 | Kind::U32 | Kind::U64 => unsigned.to_string(),
        Kind::I16 | Kind::I32 | Kind::I64 => signed.to_string(),
        Kind::Char(_) => text(trim(bytes)),
    }
}

fn text(bytes: &[u8]) -> String {
    core::str::from_utf8(bytes).map_or_else(
        |_| {
            let mut object = Object::new();
            object.add("hex", &string(&hex::to_hex(bytes)));
            object.finish()
        },
        string,
    )
}
