//! The Shenzhen trading gateway (TGW Binary).
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), communication version 1.18.

mod base;
mod business;
mod cancel;
pub mod code;
mod fill;
mod frame;
mod grouped;
mod session;
mod stream;

pub use base::{ConfirmBase, FillBase, OrderBase};
pub use business::*;
pub use cancel::{CancelReject, CancelRequest};
pub use fill::*;
pub use frame::{
    Frame, HEADER_LEN, Header, MESSAGE_LEN_MAX_DEFAULT, OVERHEAD, encode, frame, frame_within,
    reseal,
};
pub use grouped::*;
pub use session::{
    BusinessReject, Heartbeat, Logon, Logout, PlatformStateInfo, ReportFinished,
    TradingSessionStatus,
};
pub use stream::{
    NoHead, PartitionEntry, PlatformInfo, PlatformInfoHead, ReportSynchronization, SyncEntry,
};

/// Communication version that specification 1.32 writes in `Logon.DefaultApplVerID`.
pub const APPL_VERSION: &str = "1.18";

crate::message::messages! {
    marker SzseMessage, lifetime 'a;
    Heartbeat(Heartbeat),
    NewOrder(NewOrder),
    Confirm(Confirm),
    Fill(Fill),
    CancelRequest(CancelRequest),
    CancelReject(CancelReject),
    Logon(Logon),
    Logout(Logout),
    BusinessReject(BusinessReject),
    ReportSynchronization(ReportSynchronization<'a>),
    PlatformStateInfo(PlatformStateInfo),
    ReportFinished(ReportFinished),
    PlatformInfo(PlatformInfo<'a>),
    TradingSessionStatus(TradingSessionStatus),
    NewOrder100201(NewOrder100201),
    NewOrder100301(NewOrder100301),
    NewOrder100401(NewOrder100401),
    NewOrder100501(NewOrder100501),
    NewOrder100601(NewOrder100601),
    NewOrder100701(NewOrder100701),
    NewOrder101201(NewOrder101201<'a>),
    NewOrder101301(NewOrder101301),
    NewOrder101401(NewOrder101401),
    NewOrder101501(NewOrder101501),
    NewOrder101601(NewOrder101601),
    NewOrder101701(NewOrder101701),
    NewOrder101801(NewOrder101801),
    NewOrder101901(NewOrder101901),
    NewOrder102301(NewOrder102301),
    NewOrder102701(NewOrder102701),
    NewOrder102801(NewOrder102801),
    NewOrder102901(NewOrder102901),
    NewOrder103101(NewOrder103101),
    NewOrder103301(NewOrder103301),
    NewOrder103501(NewOrder103501),
    NewOrder103701(NewOrder103701),
    NewOrder104101(NewOrder104101),
    NewOrder104128(NewOrder104128),
    NewOrder104701(NewOrder104701),
    NewOrder106301(NewOrder106301),
    Confirm200202(Confirm200202),
    Fill200215(Fill200215),
    Confirm200302(Confirm200302),
    Fill200315(Fill200315),
    Confirm200402(Confirm200402),
    Fill200415(Fill200415),
    Confirm200502(Confirm200502),
    Fill200515(Fill200515),
    Confirm200602(Confirm200602),
    Fill200615(Fill200615),
    Confirm200702(Confirm200702),
    Fill200715(Fill200715),
    Confirm201202(Confirm201202<'a>),
    Confirm201302(Confirm201302),
    Confirm201402(Confirm201402),
    Confirm201502(Confirm201502),
    Confirm201602(Confirm201602),
    Confirm201702(Confirm201702),
    Confirm201802(Confirm201802),
    Confirm201902(Confirm201902),
    Confirm202202(Confirm202202),
    Confirm202302(Confirm202302),
    Confirm202702(Confirm202702),
    Confirm202802(Confirm202802),
    Confirm202902(Confirm202902),
    Confirm203102(Confirm203102<'a>),
    Confirm203302(Confirm203302),
    Confirm203502(Confirm203502),
    Confirm203702(Confirm203702),
    Fill203715(Fill203715),
    Confirm204102(Confirm204102),
    Fill204115(Fill204115),
    Confirm204129(Confirm204129),
    Fill204130(Fill204130),
    Confirm204702(Confirm204702),
    Confirm206302(Confirm206302<'a>),
    Fill206315(Fill206315),
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
