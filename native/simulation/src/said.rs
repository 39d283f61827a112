//! What a message says, the same words for both markets. Whoever judges the gate reads its bytes
//! here, not with the gate's own converters.

use std::fmt;

use panshi_venue::clients::Event;
use panshi_venue::clients::report::{sse_event, szse_event};
use panshi_wire::error::WireError;
use panshi_wire::{sse, szse};

/// A report stream: PBU (spaces in Shenzhen) and set or partition.
pub type StreamKey = ([u8; 8], u32);
/// What names an order or a cancel on one day: market, PBU, id.
pub type Key = (u8, [u8; 8], [u8; 10]);

/// No PBU.
pub const NO_PBU: [u8; 8] = [b' '; 8];

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A logon, or the answer to one.
    Logon,
    /// A goodbye with its code.
    Logout(i64),
    /// Nothing but that the other side lives.
    Heartbeat,
    /// The state of the platform.
    State(u16),
    /// The streams that may be asked for.
    Streams(Vec<StreamKey>),
    /// Streams are asked for from these indices on.
    Sync(Vec<(StreamKey, u64)>),
    /// The answer to that: the stream and the code of a refusal, 0 for none.
    SyncAnswer(Vec<(StreamKey, u32)>),
    /// An order.
    Order(Key),
    /// A cancel: its own key and the id that it names.
    Cancel(Key, [u8; 10]),
    /// A report of a stream, or a refusal outside the streams (index 0).
    Report(Event),
    /// A stream has ended with this index.
    End(StreamKey, u64),
    /// Anything else.
    Other,
}

/// A whole message.
#[derive(Clone, PartialEq, Eq)]
pub struct Heard {
    /// What it says.
    pub said: Said,
    /// Its type.
    pub msg_type: u32,
    /// Its body.
    pub body: Vec<u8>,
}

/// A name as a person reads it.
#[must_use]
pub fn name(key: &Key) -> String {
    format!("{}/{}/{}", key.0, word(&key.1), word(&key.2))
}

/// Text of a field.
#[must_use]
pub fn word(field: &[u8]) -> String {
    let shown = field.iter().filter(|byte| byte.is_ascii_graphic());
    shown.map(|byte| char::from(*byte)).collect()
}

fn shown_stream(stream: &StreamKey) -> String {
    format!("{}:{}", word(&stream.0), stream.1)
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.said {
            Said::Order(key) => write!(f, "order {}", name(key)),
            Said::Cancel(key, orig) => write!(f, "cancel {} of {}", name(key), word(orig)),
            Said::Report(event) => write!(
                f,
                "report {} of {}: kind {} id {} orig {} code {} price {} qty {} exec {}",
                event.report_index,
                shown_stream(&(event.stream_pbu, event.set_id)),
                event.kind,
                word(&event.cl_ord_id),
                word(&event.orig_cl_ord_id),
                event.code,
                event.price_e5,
                event.qty_e3 / 1_000,
                word(&event.exec_id),
            ),
            Said::Streams(streams) => {
                write!(
                    f,
                    "streams {:?}",
                    streams.iter().map(shown_stream).collect::<Vec<_>>()
                )
            }
            Said::Sync(wanted) => {
                let wanted = wanted
                    .iter()
                    .map(|(stream, from)| (shown_stream(stream), from));
                write!(f, "sync {:?}", wanted.collect::<Vec<_>>())
            }
            Said::SyncAnswer(rows) => {
                let rows = rows
                    .iter()
                    .map(|(stream, code)| (shown_stream(stream), code));
                write!(f, "sync answer {:?}", rows.collect::<Vec<_>>())
            }
            Said::End(stream, index) => write!(f, "end {index} of {}", shown_stream(stream)),
            said => write!(f, "{said:?} (type {})", self.msg_type),
        }
    }
}

/// Take the first whole message off received bytes, with its length.
///
/// # Errors
/// When the bytes are no message.
pub fn take(market: u8, bytes: &[u8]) -> Result<Option<(Heard, usize)>, WireError> {
    if market == 1 {
        let Some(frame) = sse::frame(bytes)? else {
            return Ok(None);
        };
        let heard = Heard {
            said: sse_said(&sse::Message::decode(&frame)?),
            msg_type: frame.msg_type,
            body: frame.body.to_vec(),
        };
        return Ok(Some((heard, frame.total_len)));
    }
    let Some(frame) = szse::frame(bytes)? else {
        return Ok(None);
    };
    let heard = Heard {
        said: szse_said(&szse::Message::decode(&frame)?, &frame)?,
        msg_type: frame.msg_type,
        body: frame.body.to_vec(),
    };
    Ok(Some((heard, frame.total_len)))
}

fn sse_said(message: &sse::Message<'_>) -> Said {
    if let Some(event) = sse_event(message) {
        return Said::Report(event);
    }
    match message {
        sse::Message::Logon(_) => Said::Logon,
        sse::Message::Logout(wire) => Said::Logout(wire.session_status.into()),
        sse::Message::Heartbeat(_) => Said::Heartbeat,
        sse::Message::PlatformState(wire) => Said::State(wire.platform_state),
        sse::Message::ExecRptInfo(info) => {
            let sets: Vec<u32> = info.set_ids.iter().map(|set| set.set_id).collect();
            let of_pbu = |pbu: [u8; 8]| sets.iter().map(move |set| (pbu, *set));
            Said::Streams(
                info.pbus
                    .iter()
                    .flat_map(|entry| of_pbu(entry.pbu))
                    .collect(),
            )
        }
        sse::Message::ExecRptSync(wire) => Said::Sync(
            wire.groups
                .iter()
                .map(|group| ((group.pbu, group.set_id), group.begin_report_index))
                .collect(),
        ),
        sse::Message::ExecRptSyncRsp(wire) => Said::SyncAnswer(
            wire.groups
                .iter()
                .map(|group| ((group.pbu, group.set_id), group.rej_reason))
                .collect(),
        ),
        sse::Message::NewOrderSingle(wire) => Said::Order((1, wire.biz_pbu, wire.cl_ord_id)),
        sse::Message::OrderCancel(wire) => {
            Said::Cancel((1, wire.biz_pbu, wire.cl_ord_id), wire.orig_cl_ord_id)
        }
        sse::Message::ExecRptEndOfStream(wire) => {
            Said::End((wire.pbu, wire.set_id), wire.end_report_index)
        }
        _ => Said::Other,
    }
}

fn szse_said(message: &szse::Message<'_>, frame: &szse::Frame<'_>) -> Result<Said, WireError> {
    if let Some(event) = szse_event(message, frame)? {
        return Ok(Said::Report(event));
    }
    Ok(match message {
        szse::Message::Logon(_) => Said::Logon,
        szse::Message::Logout(wire) => Said::Logout(wire.session_status.into()),
        szse::Message::Heartbeat(_) => Said::Heartbeat,
        szse::Message::PlatformStateInfo(wire) => Said::State(wire.platform_state),
        szse::Message::PlatformInfo(info) => Said::Streams(
            info.partitions
                .iter()
                .map(|entry| (NO_PBU, entry.partition_no.cast_unsigned()))
                .collect(),
        ),
        szse::Message::ReportSynchronization(wire) => Said::Sync(
            wire.partitions
                .iter()
                .map(|entry| {
                    let stream = (NO_PBU, entry.partition_no.cast_unsigned());
                    (stream, entry.report_index.cast_unsigned())
                })
                .collect(),
        ),
        szse::Message::NewOrder(wire) => {
            Said::Order((2, wide(wire.submitting_pbu_id), wire.cl_ord_id))
        }
        szse::Message::CancelRequest(wire) => {
            let key = (2, wide(wire.submitting_pbu_id), wire.cl_ord_id);
            Said::Cancel(key, wire.orig_cl_ord_id)
        }
        szse::Message::ReportFinished(wire) => {
            let stream = (NO_PBU, wire.partition_no.cast_unsigned());
            Said::End(stream, wire.report_index.cast_unsigned())
        }
        _ => Said::Other,
    })
}

/// A PBU of Shenzhen in the width of the records.
fn wide(pbu: [u8; 6]) -> [u8; 8] {
    let mut text = NO_PBU;
    text[..6].copy_from_slice(&pbu);
    text
}
