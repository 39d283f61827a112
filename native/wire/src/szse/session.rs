//! Session and management messages.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), chapters 4 to 6.

crate::layout! {
    /// Logon, both ways.
    big;
    pub struct Logon = 1, "Logon" {
        sender_comp_id: [u8; 20] => "SenderCompID", "sender";
        target_comp_id: [u8; 20] => "TargetCompID", "receiver";
        heart_bt_int: i32 => "HeartBtInt", "seconds";
        password: [u8; 16] => "Password", "gateway password";
        default_appl_ver_id: [u8; 32] => "DefaultApplVerID", "communication version 'n.xy', e.g. '1.18' for spec 1.32";
    }

    /// Logout, both ways; also the refusal of a logon.
    big;
    pub struct Logout = 2, "Logout" {
        session_status: i32 => "SessionStatus", "0 active, else why the session ends";
        text: [u8; 200] => "Text", "UTF-8";
    }

    /// Heartbeat, both ways.
    big;
    pub struct Heartbeat = 3, "Heartbeat" {}

    /// Refusal of a message by the gateway; outside the report streams.
    big;
    pub struct BusinessReject = 4, "BusinessReject" {
        appl_id: [u8; 3] => "ApplID", "business, 010 spot auction";
        transact_time: i64 => "TransactTime", "YYYYMMDDHHMMSSsss";
        submitting_pbu_id: [u8; 6] => "SubmittingPBUID", "PBU that sent the order";
        security_id: [u8; 8] => "SecurityID", "security code";
        security_id_source: [u8; 4] => "SecurityIDSource", "'102 ' Shenzhen";
        ref_seq_num: i64 => "RefSeqNum", "sequence of the rejected message (no sequence exists in the binary header: fill 0)";
        ref_msg_type: u32 => "RefMsgType", "rejected MsgType";
        business_reject_ref_id: [u8; 10] => "BusinessRejectRefID", "ClOrdID / QuoteMsgID / IOIID / TradeReportID of the rejected message";
        business_reject_reason: u16 => "BusinessRejectReason", "exchange code";
        business_reject_text: [u8; 50] => "BusinessRejectText", "UTF-8";
    }

    /// State of a platform.
    big;
    pub struct PlatformStateInfo = 6, "PlatformStateInfo" {
        platform_id: u16 => "PlatformID", "platform 1..6";
        platform_state: u16 => "PlatformState", "0 PreOpen (closed), 1 OpenUpComing, 2 Open, 3 Halt, 4 Close";
    }

    /// End of a report stream.
    big;
    pub struct ReportFinished = 7, "ReportFinished" {
        partition_no: i32 => "PartitionNo", "stream";
        report_index: i64 => "ReportIndex", "numbered in the same stream as the reports";
        platform_id: u16 => "PlatformID", "platform 1..6";
    }

    /// Trading session of the fixed-income platform.
    big;
    pub struct TradingSessionStatus = 10, "TradingSessionStatus" {
        market_id: [u8; 8] => "MarketID", "reserved";
        market_segment_id: [u8; 8] => "MarketSegmentID", "first char = platform number";
        trading_session_id: [u8; 4] => "TradingSessionID", "reserved";
        trading_session_sub_id: [u8; 4] => "TradingSessionSubID", "numeric string";
        trad_ses_status: u16 => "TradSesStatus", "reserved";
        trad_ses_start_time: i64 => "TradSesStartTime", "YYYYMMDDHHMMSSsss";
        trad_ses_end_time: i64 => "TradSesEndTime", "YYYYMMDDHHMMSSsss";
    }
}
