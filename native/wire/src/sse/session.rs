//! Session messages: logon, logout, heartbeat and the state of the platform.
//!
//! Source: SSE IS122 TDGW Binary, auction platform, v0.57 (2025-11-28), chapter 4.

crate::layout! {
    /// Logon, both ways.
    big;
    pub struct Logon = 40, "Logon" {
        sender_comp_id: [u8; 32] => "SenderCompID", "OMS: its own id. TDGW reply: value unspecified (TDGW id)";
        target_comp_id: [u8; 32] => "TargetCompID", "OMS sends 'TDGW'; TDGW reply copies the OMS SenderCompID here";
        heart_bt_int: u16 => "HeartBtInt", "seconds; reply is the effective value (clamped to 5..60)";
        prtcl_version: [u8; 8] => "PrtclVersion", "'aa.bb', e.g. '0.57'; reply carries the lowest version the gateway accepts (now 0.50)";
        trade_date: u32 => "TradeDate", "YYYYMMDD; the reply value is authoritative";
        q_size: u32 => "QSize", "reserved, 0";
    }

    /// Logout, both ways; with a code it is a refusal.
    big;
    pub struct Logout = 41, "Logout" {
        session_status: u32 => "SessionStatus", "0 normal, else a gateway code";
        text: [u8; 64] => "Text", "free text";
    }

    /// Heartbeat, both ways.
    big;
    pub struct Heartbeat = 33, "Heartbeat" {}

    /// State of the platform.
    big;
    pub struct PlatformState = 209, "PlatformState" {
        platform_id: u16 => "PlatformID", "0 auction, 2 bond";
        platform_state: u16 => "PlatformState", "0 NotOpen, 1 PreOpen, 2 Open, 3 Break, 4 Close";
    }
}
