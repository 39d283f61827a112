//! Message types that the specifications name without a table here: known by number only.
//!
//! Source: SSE IS122 TDGW Binary, auction platform, revision list (removed with v0.56); SZSE
//! Binary trading interface v1.32 (2025-02), table 3-2 and 4.6.

/// What a Shanghai type without a table is.
pub(super) fn sse(msg_type: u32) -> Option<&'static str> {
    match msg_type {
        301 | 302 => Some("registration, before v0.56"),
        306 | 308 => Some("network password, before v0.56"),
        _ => None,
    }
}

/// What a Shenzhen type without a table is: its last two digits name the kind of message.
pub(super) fn szse(msg_type: u32) -> Option<&'static str> {
    match msg_type {
        102_099 => Some("transfer of custody"),
        102_197 => Some("vote"),
        102_489 => Some("password service"),
        102_587 => Some("margin query"),
        100_000..=109_999 => match msg_type % 100 {
            1 => Some("new order of another business"),
            3 => Some("trade capture report"),
            5 => Some("quote"),
            9 => Some("indication of interest"),
            10 => Some("quote response"),
            17 => Some("quote request"),
            21 => Some("multileg order"),
            _ => None,
        },
        200_000..=209_999 => match msg_type % 100 {
            2 => Some("confirm of another business"),
            6 => Some("quote status report"),
            15 => Some("fill of another business"),
            26 => Some("alleged quote"),
            27 => Some("alleged quote response"),
            _ => None,
        },
        _ => None,
    }
}
