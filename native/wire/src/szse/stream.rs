//! The messages by which report streams are announced and asked for.
//!
//! Source: SZSE Binary trading interface v1.32 (2025-02), 3.15, 5.2 and 5.5.

use crate::message::grouped;

crate::layout! {
    /// The fixed fields of a message that has none.
    big;
    pub struct NoHead = 0, "NoHead" {}

    /// A stream asked for.
    big;
    pub struct SyncEntry = 0, "SyncEntry" {
        partition_no: i32 => "PartitionNo", "stream; must exist and not repeat";
        report_index: i64 => "ReportIndex", "next report expected, from 1";
    }

    /// The fixed fields of [`PlatformInfo`].
    big;
    pub struct PlatformInfoHead = 0, "PlatformInfoHead" {
        platform_id: u16 => "PlatformID", "platform 1..6";
    }

    /// A partition of the platform.
    big;
    pub struct PartitionEntry = 0, "PartitionEntry" {
        partition_no: i32 => "PartitionNo", "stream; numbers need not be contiguous";
    }
}

grouped! {
    /// Request for report streams; no report flows before it.
    pub struct ReportSynchronization = 5, "ReportSynchronization" {
        head: NoHead,
        partitions: Count32 "NoPartitions" required SyncEntry,
    }
}

grouped! {
    /// The partitions of a platform.
    pub struct PlatformInfo = 9, "PlatformInfo" {
        head: PlatformInfoHead,
        partitions: Count32 "NoPartitions" required PartitionEntry,
    }
}
