//! The Shanghai trading gateway (TDGW Binary, auction platform).
//!
//! Source: SSE IS122 TDGW Binary, auction platform, v0.57 (2025-11-28), and the draft v0.58
//! (2026-01-22), which keeps frame and messages and changes what [`Profile`] says.

pub mod code;
mod frame;
mod order;
mod profile;
mod report;
mod session;
mod stream;

pub use frame::{Frame, HEADER_LEN, Header, MESSAGE_LEN_MAX, OVERHEAD, encode, frame, reseal};
pub use order::{NewOrderSingle, OrderCancel, OrderReject};
pub use profile::Profile;
pub use report::{CancelReject, ExecRptEndOfStream, ExecutionReport, TradeReport};
pub use session::{Heartbeat, Logon, Logout, PlatformState};
pub use stream::{
    ExecRptInfo, ExecRptInfoHead, ExecRptSync, ExecRptSyncRsp, NoHead, PbuEntry, SetEntry,
    SyncEntry, SyncRspEntry,
};

crate::message::messages! {
    marker SseMessage, lifetime 'a;
    Heartbeat(Heartbeat),
    Logon(Logon),
    Logout(Logout),
    NewOrderSingle(NewOrderSingle),
    OrderCancel(OrderCancel),
    ExecutionReport(ExecutionReport),
    CancelReject(CancelReject),
    TradeReport(TradeReport),
    OrderReject(OrderReject),
    ExecRptSync(ExecRptSync<'a>),
    ExecRptSyncRsp(ExecRptSyncRsp<'a>),
    ExecRptInfo(ExecRptInfo<'a>),
    PlatformState(PlatformState),
    ExecRptEndOfStream(ExecRptEndOfStream),
}

impl<'a> Message<'a> {
    /// Read the message in a frame.
    ///
    /// # Errors
    /// When the body is too short for the fields or groups of its type.
    #[inline]
    pub fn decode(frame: &Frame<'a>) -> Result<Self, crate::error::WireError> {
        Self::parse(frame.msg_type, frame.body)
    }
}
