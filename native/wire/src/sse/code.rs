//! Gateway codes: `Logout.SessionStatus`, `OrdRejReason`, `RejReason`.
//!
//! Source: SSE IS122 TDGW Binary v0.57 (2025-11-28), 5.3; the text of each code as given there.

/// Normal logout, or success.
pub const NORMAL: u32 = 0;
/// `SecurityID` or `BizID` wrong.
pub const SECURITY_OR_BUSINESS: u32 = 4012;
/// Uplink message over 4096 bytes.
pub const MESSAGE_TOO_LONG: u32 = 5000;
/// Uplink checksum wrong.
pub const CHECKSUM: u32 = 5001;
/// Nothing received for two heartbeat intervals.
pub const HEARTBEAT_TIMEOUT: u32 = 5002;
/// The platform already has an order system.
pub const ALREADY_LOGIN: u32 = 5003;
/// No logon within 5 seconds.
pub const LOGIN_TIMEOUT: u32 = 5004;
/// `TargetCompID` wrong.
pub const COMP_ID: u32 = 5005;
/// The gateway is not logged in to the exchange.
pub const NOT_READY: u32 = 5006;
/// Internal error.
pub const INTERNAL: u32 = 5007;
/// Unknown message type.
pub const MESSAGE_TYPE: u32 = 5008;
/// The platform's state does not take orders.
pub const PLATFORM_STATE: u32 = 5009;
/// `SetID` wrong.
pub const SET_ID: u32 = 5010;
/// `Pbu` wrong.
pub const PBU: u32 = 5011;
/// The first message is not a logon.
pub const LOGIN_FIRST: u32 = 5012;
/// `BeginReportIndex` wrong.
pub const BEGIN_REPORT_INDEX: u32 = 5013;
/// Protocol version not supported.
pub const VERSION: u32 = 5014;
/// Message data wrong.
pub const MESSAGE_DATA: u32 = 5015;
/// `ClOrdID` wrong.
pub const CL_ORD_ID: u32 = 5016;

/// The text that goes with a code in `Logout.Text`; empty when the specification gives none.
#[must_use]
pub fn text(code: u32) -> &'static str {
    match code {
        NORMAL => "Normal Logout",
        MESSAGE_TOO_LONG => "Message Exceed Max Length",
        CHECKSUM => "CheckSum Error",
        HEARTBEAT_TIMEOUT => "Heartbeat Timeout",
        ALREADY_LOGIN => "Already Login, try again",
        LOGIN_TIMEOUT => "Login Timeout",
        COMP_ID => "CompId Error",
        NOT_READY => "Not Ready",
        INTERNAL => "Internal Error",
        MESSAGE_TYPE => "Message Type Illegal",
        LOGIN_FIRST => "Login First",
        VERSION => "UnsupportedPrtclVersion",
        MESSAGE_DATA => "Message Data Error",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_those_of_the_specification() {
        assert_eq!(text(ALREADY_LOGIN), "Already Login, try again");
        assert_eq!(text(LOGIN_FIRST), "Login First");
        let silent = [
            SECURITY_OR_BUSINESS,
            PLATFORM_STATE,
            SET_ID,
            PBU,
            BEGIN_REPORT_INDEX,
        ];
        assert!(
            silent
                .iter()
                .chain(&[CL_ORD_ID, 9999])
                .all(|code| text(*code).is_empty())
        );
        let spoken = [
            NORMAL,
            MESSAGE_TOO_LONG,
            CHECKSUM,
            HEARTBEAT_TIMEOUT,
            LOGIN_TIMEOUT,
        ];
        let more = [
            COMP_ID,
            NOT_READY,
            INTERNAL,
            MESSAGE_TYPE,
            VERSION,
            MESSAGE_DATA,
        ];
        // A text must fit `Logout.Text`.
        let fits = |code: &u32| (1..=64).contains(&text(*code).len());
        assert!(spoken.iter().chain(&more).all(fits));
    }
}
