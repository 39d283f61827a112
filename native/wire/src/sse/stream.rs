//! The messages by which report streams are announced, asked for and confirmed.
//!
//! Source: SSE IS122 TDGW Binary, auction platform, v0.57 (2025-11-28), 4.4.3 to 4.4.5.

use crate::message::grouped;

crate::layout! {
    /// The fixed fields of a message that has none.
    big;
    pub struct NoHead = 0, "NoHead" {}

    /// The fixed fields of [`ExecRptInfo`].
    big;
    pub struct ExecRptInfoHead = 0, "ExecRptInfoHead" {
        platform_id: u16 => "PlatformID", "0 auction, 2 bond";
    }

    /// A PBU whose reports the gateway can send.
    big;
    pub struct PbuEntry = 0, "PbuEntry" {
        pbu: [u8; 8] => "Pbu", "login PBU first, then subscribed PBUs";
    }

    /// A partition of the platform.
    big;
    pub struct SetEntry = 0, "SetEntry" {
        set_id: u32 => "SetID", "partition";
    }

    /// A stream asked for.
    big;
    pub struct SyncEntry = 0, "SyncEntry" {
        pbu: [u8; 8] => "Pbu", "stream key";
        set_id: u32 => "SetID", "stream key";
        begin_report_index: u64 => "BeginReportIndex", "first report wanted, from 1";
    }

    /// The answer for one stream.
    big;
    pub struct SyncRspEntry = 0, "SyncRspEntry" {
        pbu: [u8; 8] => "Pbu", "stream key";
        set_id: u32 => "SetID", "stream key";
        begin_report_index: u64 => "BeginReportIndex", "as asked";
        end_report_index: u64 => "EndReportIndex", "largest index at this moment";
        rej_reason: u32 => "RejReason", "0 ok, else a gateway code such as 5010, 5011, 5013";
        text: [u8; 64] => "Text", "free text";
    }
}

grouped! {
    /// The streams to maintain: every PBU with every partition.
    pub struct ExecRptInfo = 208, "ExecRptInfo" {
        head: ExecRptInfoHead,
        pbus: Count16 "NoGroups" required PbuEntry,
        set_ids: Count16 "NoGroups" required SetEntry,
    }
}

grouped! {
    /// Request for report streams; no report flows before it.
    pub struct ExecRptSync = 206, "ExecRptSync" {
        head: NoHead,
        groups: Count16 "NoGroups" required SyncEntry,
    }
}

grouped! {
    /// Answer to [`ExecRptSync`]; each stream succeeds or fails by itself.
    pub struct ExecRptSyncRsp = 207, "ExecRptSyncRsp" {
        head: NoHead,
        groups: Count16 "NoGroups" required SyncRspEntry,
    }
}
