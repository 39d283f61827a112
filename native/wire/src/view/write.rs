//! From the text form back to bytes.

use serde_json::{Map, Value};

use super::{Protocol, ViewError, group_key, hex, is_text};
use crate::layout::{FieldDesc, Kind};
use crate::message::{GroupDesc, MessageDesc, Part};
use crate::{sse, szse};

/// `note` is what reading adds about a type without a table; writing has no use for it.
const KEYS: [&str; 6] = ["type", "message", "fields", "seq", "extra", "note"];

/// Turn the text form of a message into bytes; `seq` is taken where the text gives none.
pub(super) fn message(protocol: Protocol, line: &str, seq: u64) -> Result<Vec<u8>, ViewError> {
    let object: Map<String, Value> =
        serde_json::from_str(line).map_err(|error| ViewError::Json(error.to_string()))?;
    if let Some(key) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(wrong(
            "message",
            format!("an object with the keys {}", KEYS.join(", ")),
            key,
        ));
    }
    let (msg_type, desc) = kind(protocol, &object)?;
    let empty = Map::new();
    let fields = match object.get("fields") {
        None => &empty,
        Some(Value::Object(fields)) => fields,
        Some(other) => return Err(wrong("fields", "an object", other)),
    };
    let mut body = Vec::new();
    match desc {
        Some(desc) => write_body(desc, fields, &mut body)?,
        None => known_keys("message of unknown type", fields, &[])?,
    }
    body.extend(extra(&object)?);
    whole(protocol, msg_type, &body, object.get("seq"), seq)
}

/// Find the message by its type, or by its name where that is enough.
fn kind(
    protocol: Protocol,
    object: &Map<String, Value>,
) -> Result<(u32, Option<&'static MessageDesc>), ViewError> {
    let name = match object.get("message") {
        None => None,
        Some(Value::String(name)) => Some(name.as_str()),
        Some(other) => return Err(wrong("message", "the name of a message", other)),
    };
    if let Some(value) = object.get("type") {
        let msg_type = unsigned("type", value, u64::from(u32::MAX))?;
        let msg_type = u32::try_from(msg_type).unwrap_or(u32::MAX);
        let desc = protocol
            .catalogue()
            .iter()
            .find(|desc| desc.msg_type == msg_type);
        let expected = desc.map_or("Unknown", |desc| desc.name);
        return match name {
            Some(found) if found != expected => Err(wrong(
                "message",
                format!("{expected} for type {msg_type}"),
                found,
            )),
            _ => Ok((msg_type, desc)),
        };
    }
    let name = name.ok_or_else(|| wrong("message", "given, or its type", "neither"))?;
    let mut named = protocol.catalogue().iter().filter(|desc| desc.name == name);
    match (named.next(), named.next()) {
        (Some(desc), None) => Ok((desc.msg_type, Some(desc))),
        (None, _) => Err(wrong(
            "message",
            "the name of a message of the protocol",
            name,
        )),
        _ => Err(wrong(
            "type",
            format!("given, because several types are named {name}"),
            "none",
        )),
    }
}

fn extra(object: &Map<String, Value>) -> Result<Vec<u8>, ViewError> {
    match object.get("extra") {
        None => Ok(Vec::new()),
        Some(Value::String(digits)) => hex::from_hex(digits),
        Some(other) => Err(wrong("extra", "hex digits", other)),
    }
}

/// Put header and checksum around a body.
fn whole(
    protocol: Protocol,
    msg_type: u32,
    body: &[u8],
    seq: Option<&Value>,
    seq_default: u64,
) -> Result<Vec<u8>, ViewError> {
    let mut out = vec![0; body.len() + sse::OVERHEAD];
    let len = match protocol {
        Protocol::Sse => {
            let seq = seq.map_or(Ok(seq_default), |seq| unsigned("seq", seq, u64::MAX))?;
            sse::encode(&sse::Message::Unknown { msg_type, body }, seq, &mut out)?
        }
        Protocol::Szse => match seq {
            Some(found) => return Err(wrong("seq", "absent in Shenzhen messages", found)),
            None => szse::encode(&szse::Message::Unknown { msg_type, body }, &mut out)?,
        },
    };
    out.truncate(len);
    Ok(out)
}

fn write_body(
    desc: &MessageDesc,
    fields: &Map<String, Value>,
    out: &mut Vec<u8>,
) -> Result<(), ViewError> {
    let mut keys = Vec::new();
    for part in desc.parts {
        match part {
            Part::Fixed(part) => {
                keys.extend(part.iter().map(|field| field.name));
                write_record(part, fields, "fields", out)?;
            }
            Part::Group(group) => {
                keys.push(group_key(group));
                write_group(group, fields.get(group_key(group)), out)?;
            }
        }
    }
    known_keys(desc.name, fields, &keys)
}

fn write_group(
    group: &GroupDesc,
    value: Option<&Value>,
    out: &mut Vec<u8>,
) -> Result<(), ViewError> {
    let place = format!("fields.{}", group_key(group));
    let mut entries = Vec::new();
    let count = match value {
        None if group.optional => return Ok(()),
        None => 0,
        Some(text) if is_text(group) => {
            entries = text_bytes(&place, text)?;
            entries.len()
        }
        Some(Value::Array(values)) => {
            for (index, value) in values.iter().enumerate() {
                write_entry(group, value, &format!("{place}[{index}]"), &mut entries)?;
            }
            values.len()
        }
        Some(other) => return Err(wrong(&place, "a list", other)),
    };
    let expected = || format!("at most what {} bytes can count", group.count_width);
    let digits = u64::try_from(count).unwrap_or(u64::MAX).to_be_bytes();
    match digits.split_at_checked(digits.len() - group.count_width) {
        Some((high, low)) if high.iter().all(|byte| *byte == 0) => out.extend(low),
        _ => return Err(wrong(&place, expected(), format!("{count} entries"))),
    }
    out.extend(entries);
    Ok(())
}

fn write_entry(
    group: &GroupDesc,
    value: &Value,
    place: &str,
    out: &mut Vec<u8>,
) -> Result<(), ViewError> {
    if let [only] = group.fields {
        return write_field(only, Some(value), place, out);
    }
    let Value::Object(fields) = value else {
        return Err(wrong(place, "an object", value));
    };
    write_record(group.fields, fields, place, out)?;
    let keys: Vec<_> = group.fields.iter().map(|field| field.name).collect();
    known_keys(place, fields, &keys)
}

fn write_record(
    record: &[FieldDesc],
    fields: &Map<String, Value>,
    place: &str,
    out: &mut Vec<u8>,
) -> Result<(), ViewError> {
    for field in record {
        write_field(
            field,
            fields.get(field.name),
            &format!("{place}.{}", field.name),
            out,
        )?;
    }
    Ok(())
}

fn write_field(
    field: &FieldDesc,
    value: Option<&Value>,
    place: &str,
    out: &mut Vec<u8>,
) -> Result<(), ViewError> {
    let bits = 8 * u32::try_from(field.width).unwrap_or(8).clamp(1, 8);
    let number = match (field.kind, value) {
        (Kind::Char(width), value) => {
            let text = value.map_or(Ok(Vec::new()), |value| text_bytes(place, value))?;
            let spaces = width.checked_sub(text.len()).ok_or_else(|| {
                wrong(
                    place,
                    format!("at most {width} bytes"),
                    format!("{} bytes", text.len()),
                )
            })?;
            out.extend(text);
            out.extend(core::iter::repeat_n(b' ', spaces));
            return Ok(());
        }
        (_, None) => 0,
        (Kind::I16 | Kind::I32 | Kind::I64, Some(value)) => signed(place, value, bits)?,
        (_, Some(value)) => unsigned(place, value, u64::MAX >> (64 - bits))?,
    };
    out.extend(number.to_be_bytes().iter().skip(8 - field.width));
    Ok(())
}

/// Text as a JSON string, or bytes that are no text as `{"hex": "..."}`.
fn text_bytes(place: &str, value: &Value) -> Result<Vec<u8>, ViewError> {
    match value {
        Value::String(text) => Ok(text.as_bytes().to_vec()),
        Value::Object(object) => match (object.len(), object.get("hex")) {
            (1, Some(Value::String(digits))) => hex::from_hex(digits),
            _ => Err(wrong(place, "text or {\"hex\": digits}", value)),
        },
        _ => Err(wrong(place, "text or {\"hex\": digits}", value)),
    }
}

fn unsigned(place: &str, value: &Value, max: u64) -> Result<u64, ViewError> {
    let number = value.as_u64().filter(|number| *number <= max);
    number.ok_or_else(|| wrong(place, format!("an integer from 0 to {max}"), value))
}

/// A signed integer of so many bits, as the low bits of a `u64`.
fn signed(place: &str, value: &Value, bits: u32) -> Result<u64, ViewError> {
    let (min, max) = (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits));
    let number = value.as_i64().filter(|number| (min..=max).contains(number));
    let number =
        number.ok_or_else(|| wrong(place, format!("an integer from {min} to {max}"), value))?;
    Ok(u64::from_be_bytes(number.to_be_bytes()))
}

fn known_keys(place: &str, fields: &Map<String, Value>, keys: &[&str]) -> Result<(), ViewError> {
    match fields.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) if keys.is_empty() => Err(wrong(place, "without fields", key)),
        Some(key) => Err(wrong(place, format!("made of {}", keys.join(", ")), key)),
        None => Ok(()),
    }
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "literals, values and owned text alike"
)]
fn wrong(place: &str, expected: impl ToString, found: impl ToString) -> ViewError {
    ViewError::Value {
        place: place.to_owned(),
        expected: expected.to_string(),
        found: found.to_string(),
    }
}
