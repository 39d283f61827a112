//! What a run is to be like: a setting, and what is done in it when. It follows from a seed, can be
//! written down, and a plan with some of its acts left out is a plan too.

use serde::{Deserialize, Serialize};

use panshi_venue::fault::Action;

use crate::net::{Closing, NetSetting};

/// When records must be durable, as the gate's configuration names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Durability {
    /// In the background.
    A,
    /// Before a client is told.
    B,
    /// Before anything leaves.
    C,
}

impl Durability {
    /// The letter.
    #[must_use]
    pub const fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

/// What holds for a whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// When records must be durable.
    pub durability: Durability,
    /// Bytes of a segment of the journal.
    pub segment_bytes: u64,
    /// Exchange gateways of Shanghai and of Shenzhen.
    pub gateways: [usize; 2],
    /// Order systems of Shanghai and of Shenzhen.
    pub clients: [usize; 2],
    /// Whether the gate is told the streams, or learns them from the exchange gateways.
    pub streams_known: bool,
    /// Connections.
    pub net: NetSetting,
    /// Shortest and longest time of a sync, ns.
    pub sync_ns: (u64, u64),
    /// Milliseconds between the gate's looks at its timers.
    pub timer_ms: u64,
    /// Waiting bytes at which the gate drops a client that does not read.
    pub client_backlog_bytes: usize,
    /// Waiting bytes at which the gate sends no more orders to an exchange gateway.
    pub gateway_backlog_bytes: usize,
    /// Parameters of the engine: number and value.
    pub parameters: Vec<(u16, i64)>,
}

/// Something that is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// An order system sends an order.
    Order(OrderAct),
    /// An order system cancels one of its orders.
    Cancel {
        /// Place of the order system.
        client: usize,
        /// How many orders ago it was sent.
        back: usize,
    },
    /// An order system sends an order again, under the same id.
    Repeat {
        /// Place of the order system.
        client: usize,
        /// How many orders ago it was sent.
        back: usize,
        /// Whether it says something else than the first time.
        changed: bool,
    },
    /// An order system sends bytes that are no message, or none that is allowed.
    Garbage {
        /// Place of the order system.
        client: usize,
        /// Which.
        kind: Garbage,
    },
    /// An order system asks for its streams again.
    Resync {
        /// Place of the order system.
        client: usize,
        /// From where.
        from: Begin,
    },
    /// An order system says goodbye and comes again.
    Leave {
        /// Place of the order system.
        client: usize,
    },
    /// The connection of an order system breaks.
    ClientCut {
        /// Place of the order system.
        client: usize,
        /// How.
        how: Closing,
    },
    /// An order system does not read for a while.
    ClientStall {
        /// Place of the order system.
        client: usize,
        /// How long.
        ms: u64,
    },
    /// An order system neither reads nor writes for a while.
    ClientFreeze {
        /// Place of the order system.
        client: usize,
        /// How long.
        ms: u64,
    },
    /// Somebody logs on a second time under the id of an order system.
    SecondLogin {
        /// Place of the order system.
        client: usize,
    },
    /// The connection to an exchange gateway breaks.
    LinkCut {
        /// Place of the gateway.
        gateway: usize,
        /// How.
        how: Closing,
    },
    /// An exchange gateway does not read for a while.
    LinkStall {
        /// Place of the gateway.
        gateway: usize,
        /// How long.
        ms: u64,
    },
    /// No connection to an exchange gateway comes about for a while.
    Unreachable {
        /// Place of the gateway.
        gateway: usize,
        /// How long.
        ms: u64,
    },
    /// An exchange gateway misbehaves as its script says.
    Exchange {
        /// Place of the gateway.
        gateway: usize,
        /// How.
        action: Action,
        /// Messages that pass before it does.
        after: u64,
        /// How often.
        times: u64,
    },
    /// The gate's process ends and is started again.
    Crash(CrashAct),
    /// The next sync fails.
    SyncFails,
    /// The disk is full for a while.
    DiskFull {
        /// How long.
        ms: u64,
    },
    /// From the next start on the gate's wall clock is wrong.
    ClockStep {
        /// By how much.
        ms: i64,
    },
    /// A person gives a command.
    Command(String),
    /// A person has reference rows loaded again.
    Reload(Reload),
}

/// Bytes that an order system should not send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    /// Bytes by chance.
    Noise,
    /// A message with a wrong checksum.
    Checksum,
    /// A message that announces far too many bytes.
    Oversize,
    /// A message of an unknown type.
    Unknown,
    /// The beginning of a message, and then nothing more.
    Half,
    /// A second logon in the session.
    Logon,
    /// A report, which only a gateway sends.
    Downlink,
}

/// From where streams are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Begin {
    /// From the first report.
    First,
    /// From behind the last one seen.
    Next,
    /// From a part of the way, in percent of what was seen.
    Part(u64),
    /// From so many reports behind the last one.
    Beyond(u64),
    /// From index 0, which is none.
    Zero,
}

/// Reference rows that are loaded again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reload {
    /// The same rows.
    Same,
    /// A customer is frozen, or normal again.
    Customer {
        /// Customer number.
        customer: u32,
        /// State number.
        state: u8,
    },
    /// More shares of a customer may be sold.
    Holding {
        /// Customer number.
        customer: u32,
        /// Shares more.
        more: i64,
    },
    /// Rows that contradict what is loaded.
    Conflicting,
    /// Bytes that are no rows.
    Broken,
    /// No file.
    Missing,
}

/// How the gate's process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrashAct {
    /// At what.
    pub point: Point,
    /// Whether the machine's power is cut with it.
    pub power: bool,
    /// Milliseconds until the gate is started again.
    pub restart_ms: u64,
}

/// Where in its work the gate's process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Point {
    /// Between two turns of its loop.
    Idle,
    /// In the next turn that appends: so many percent of its bytes are in the journal.
    Append(u64),
    /// In the next turn that writes to the network, after so many writes.
    Write(u64),
    /// At a change that it makes to its disk, so many further on.
    Disk(u64),
    /// It is told to stop, and stops in order.
    Ordered,
}

/// An order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderAct {
    /// Place of the order system.
    pub client: usize,
    /// Which of its PBUs.
    pub pbu: usize,
    /// Customer number.
    pub customer: u32,
    /// Which security.
    pub security: usize,
    /// Whether it buys.
    pub buy: bool,
    /// Ticks above the middle price.
    pub ticks: i64,
    /// Shares.
    pub qty: i64,
}

/// An act and its moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Milliseconds since the beginning.
    pub at_ms: u64,
    /// What.
    pub what: What,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Seed of everything that the plan does not say: latencies, pieces, what a power cut spares.
    pub seed: u64,
    /// What holds for the whole run.
    pub setting: Setting,
    /// What is done, in order of time.
    pub acts: Vec<Act>,
}

impl What {
    /// What every kind is called.
    pub const NAMES: &'static [&'static str] = &[
        "order",
        "cancel",
        "order repeated",
        "order repeated with another content",
        "garbage",
        "resync",
        "client leaves",
        "client connection broken",
        "client does not read",
        "client frozen",
        "second logon",
        "gateway connection broken",
        "gateway does not read",
        "gateway unreachable",
        "exchange message lost",
        "exchange message late",
        "exchange message repeated",
        "exchange message behind the next",
        "exchange message spoiled",
        "exchange disconnects",
        "exchange half-open",
        "slow exchange",
        "exchange not ready",
        "platform state flaps",
        "burst of rejects",
        "power cut",
        "stop in order",
        "crash",
        "failing sync",
        "full disk",
        "clock step",
        "command",
        "reload",
    ];

    /// What it is called in counts.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Order(_) => "order",
            Self::Cancel { .. } => "cancel",
            Self::Repeat { changed: false, .. } => "order repeated",
            Self::Repeat { changed: true, .. } => "order repeated with another content",
            Self::Garbage { .. } => "garbage",
            Self::Resync { .. } => "resync",
            Self::Leave { .. } => "client leaves",
            Self::ClientCut { .. } => "client connection broken",
            Self::ClientStall { .. } => "client does not read",
            Self::ClientFreeze { .. } => "client frozen",
            Self::SecondLogin { .. } => "second logon",
            Self::LinkCut { .. } => "gateway connection broken",
            Self::LinkStall { .. } => "gateway does not read",
            Self::Unreachable { .. } => "gateway unreachable",
            Self::Exchange { action, .. } => exchange_name(*action),
            Self::Crash(CrashAct { power: true, .. }) => "power cut",
            Self::Crash(CrashAct {
                point: Point::Ordered,
                ..
            }) => "stop in order",
            Self::Crash(_) => "crash",
            Self::SyncFails => "failing sync",
            Self::DiskFull { .. } => "full disk",
            Self::ClockStep { .. } => "clock step",
            Self::Command(_) => "command",
            Self::Reload(_) => "reload",
        }
    }

    /// The order system that does it or that it befalls.
    #[must_use]
    pub const fn client(&self) -> Option<usize> {
        match self {
            Self::Order(OrderAct { client, .. })
            | Self::Cancel { client, .. }
            | Self::Repeat { client, .. }
            | Self::Garbage { client, .. }
            | Self::Resync { client, .. }
            | Self::Leave { client }
            | Self::ClientCut { client, .. }
            | Self::ClientStall { client, .. }
            | Self::ClientFreeze { client, .. }
            | Self::SecondLogin { client } => Some(*client),
            _ => None,
        }
    }

    /// Whether it belongs to a day on which nothing goes wrong.
    #[must_use]
    pub const fn is_flow(&self) -> bool {
        matches!(self, Self::Order(_) | Self::Cancel { .. })
    }
}

/// What a misbehaviour of the exchange is called in counts.
const fn exchange_name(action: Action) -> &'static str {
    match action {
        Action::Drop | Action::IndexGap => "exchange message lost",
        Action::Delay(_) => "exchange message late",
        Action::Duplicate => "exchange message repeated",
        Action::Reorder => "exchange message behind the next",
        Action::BadChecksum | Action::HalfMessage => "exchange message spoiled",
        Action::Disconnect => "exchange disconnects",
        Action::HalfOpen => "exchange half-open",
        Action::Slow(_) => "slow exchange",
        Action::NotReady(_) => "exchange not ready",
        Action::StateFlap { .. } => "platform state flaps",
        Action::RejectBurst(_) => "burst of rejects",
        Action::OverFill | Action::UnknownFill | Action::PriceOutside => "false fill",
    }
}
