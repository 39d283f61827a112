//! What the gate is told at its start. The command line checks it and hands it over as JSON.

use std::net::SocketAddr;
use std::path::PathBuf;

use panshi_engine::capacity::Capacity;
use panshi_journal::Durability;
use serde::Deserialize;

use crate::absence::CancelOnDisconnect;
use crate::address::Range;
use crate::centre::{Cause, Centre};
use crate::clock_check::ClockCheckConfig;
use crate::day_end::DayEndConfig;
use crate::resend::UnknownPolicy;
use crate::room::RoomConfig;
use crate::standby_config::StandbyConfig;
use crate::stopping::StopConfig;

/// Everything that decides how a gate runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where and how the journal is written.
    pub journal: JournalConfig,
    /// Ports on which order systems are served.
    #[serde(default)]
    pub listen: Vec<Listen>,
    /// Exchange gateways.
    #[serde(default)]
    pub gateways: Vec<Gateway>,
    /// Where order systems may log on from.
    #[serde(default)]
    pub access: Vec<Access>,
    /// Never sleep: poll without waiting. Takes a whole core.
    #[serde(default)]
    pub spin: bool,
    /// Processor core of the serving loop; none: the kernel chooses. The journal's threads stay free.
    #[serde(default)]
    pub core: Option<usize>,
    /// Milliseconds between looks at timers.
    #[serde(default = "ten")]
    pub timer_ms: u64,
    /// Control socket; none: no control.
    #[serde(default)]
    pub control: Option<PathBuf>,
    /// Address of the metrics page; must be on loopback.
    #[serde(default)]
    pub metrics: Option<SocketAddr>,
    /// Unix socket of a quote feed.
    #[serde(default)]
    pub quotes: Option<PathBuf>,
    /// File of the structured log; none: standard error.
    #[serde(default)]
    pub log: Option<PathBuf>,
    /// Simulated market clock; none: the machine's clock.
    #[serde(default)]
    pub clock: Option<serde_json::Value>,
    /// How a day that was under way is taken up again.
    #[serde(default)]
    pub recovery: RecoveryConfig,
    /// How people stop trading.
    #[serde(default)]
    pub stop: StopConfig,
    /// Order systems whose open orders are cancelled when they are away.
    #[serde(default)]
    pub cancel_on_disconnect: Vec<CancelOnDisconnect>,
    /// Bounds of queues.
    #[serde(default)]
    pub bounds: Bounds,
    /// Table sizes that differ from the default.
    #[serde(default)]
    pub capacity: CapacityConfig,
    /// What is done at the end of the day.
    #[serde(default)]
    pub day_end: DayEndConfig,
    /// Room that the day needs on the journal's disk.
    #[serde(default)]
    pub room: RoomConfig,
    /// How far the own clock may be from the exchange's.
    #[serde(default)]
    pub clock_check: ClockCheckConfig,
    /// First two characters of the gate's own cancel ids.
    #[serde(default = "cancel_prefix")]
    pub cancel_prefix: String,
    /// How gateway numbers are kept from being logged in twice.
    #[serde(default)]
    pub claim: Claim,
    /// The journal's way to or from another gate.
    #[serde(default)]
    pub standby: StandbyConfig,
}

/// Where the right to log a gateway number in comes from.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Folder of this machine's locks, the same for all its gates; none: nobody else is on the machine. The command
    /// line always names one, a simulated machine has none.
    #[serde(default)]
    pub locks: Option<PathBuf>,
    /// A lease among machines; none: the lock is enough.
    #[serde(default)]
    pub lease: Option<Lease>,
}

/// What the gate knows of a lease; the rest is its keeper's.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Lease {
    /// Milliseconds before the end of a grant at which the goodbye is said.
    #[serde(default = "goodbye_ms")]
    pub goodbye_ms: u64,
}

/// The journal of the day.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JournalConfig {
    /// Directory of this trading day.
    pub dir: PathBuf,
    /// Bytes of one segment.
    #[serde(default = "segment_bytes")]
    pub segment_bytes: u64,
    /// `A`, `B`, `C` or `D`.
    #[serde(default)]
    pub durability: DurabilityConfig,
    /// Milliseconds after which records are synced when nobody waits.
    #[serde(default = "ten")]
    pub sync_interval_ms: u64,
}

/// When records must be durable.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum DurabilityConfig {
    /// Sync in the background.
    A,
    /// Clients are told only what is durable.
    #[default]
    B,
    /// Nothing leaves before it is durable.
    C,
    /// Clients are told only what is durable and what a standby has.
    D,
}

impl DurabilityConfig {
    /// Its letter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
        }
    }
}

impl From<DurabilityConfig> for Durability {
    fn from(config: DurabilityConfig) -> Self {
        match config {
            DurabilityConfig::A => Self::Background,
            DurabilityConfig::B | DurabilityConfig::D => Self::Beside,
            DurabilityConfig::C => Self::Before,
        }
    }
}

/// A port for order systems: the gate stands there as the exchange's gateway would.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listen {
    /// 1 Shanghai, 2 Shenzhen.
    pub market: u8,
    /// Platform number shown to clients.
    #[serde(default)]
    pub platform: u16,
    /// Address to listen on.
    pub address: SocketAddr,
    /// The gate's own id, which clients name as `TargetCompID`.
    pub comp_id: String,
    /// `SetID`s or partitions that clients may ask for, beside those learnt from the gateways.
    #[serde(default)]
    pub streams: Vec<u32>,
    /// Lowest protocol version taken (Shanghai).
    #[serde(default = "version_min")]
    pub version_min: String,
    /// File of the clients' salted password hashes (Shenzhen); none: any password is taken.
    #[serde(default)]
    pub passwords: Option<PathBuf>,
    /// Addresses that may connect; none: all.
    #[serde(default)]
    pub allow: Vec<Range>,
    /// TLS; none: plain TCP, as the exchanges' gateways have it.
    #[serde(default)]
    pub tls: Option<Tls>,
}

/// TLS on a port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// File with the port's certificate and those between it and its authority, PEM.
    pub certificate: PathBuf,
    /// File with its key, PEM; only its owner may read it.
    pub key: PathBuf,
    /// File with the authorities of the clients' certificates, PEM; none: clients need none.
    #[serde(default)]
    pub client_ca: Option<PathBuf>,
}

/// Where an order system may log on from; without a row it may from everywhere.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// 1 Shanghai, 2 Shenzhen.
    pub market: u8,
    /// The `SenderCompID` of its logon.
    pub comp_id: String,
    /// Its addresses.
    pub addresses: Vec<Range>,
}

/// One exchange gateway and its two addresses.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// Number in the reference records.
    pub number: u16,
    /// 1 Shanghai, 2 Shenzhen.
    pub market: u8,
    /// Platform of the connection.
    #[serde(default)]
    pub platform: u16,
    /// Address in the main data centre.
    pub main: SocketAddr,
    /// Address in the backup data centre.
    #[serde(default)]
    pub backup: Option<SocketAddr>,
    /// The gate's id at the gateway.
    pub comp_id: String,
    /// The gateway's id.
    pub target_comp_id: String,
    /// File that holds the password (Shenzhen).
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Heartbeat asked for, in seconds.
    #[serde(default = "heartbeat_s")]
    pub heartbeat_s: u16,
    /// Protocol version named at logon.
    #[serde(default)]
    pub version: Option<String>,
    /// Which centre is tried when.
    #[serde(default)]
    pub reconnect: Reconnect,
    /// What is done about orders that are unconfirmed after a recovery.
    #[serde(default)]
    pub unknown: UnknownPolicy,
}

/// How a gateway's sessions are made again, and in which data centre.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Reconnect {
    /// Centre that is tried first after a start.
    pub first: Centre,
    /// Milliseconds before the first further attempt; they double with each failure.
    pub retry_min_ms: u64,
    /// Milliseconds at which they stop to double.
    pub retry_max_ms: u64,
    /// Milliseconds that a connection may take to stand.
    pub connect_timeout_ms: u64,
    /// Milliseconds that each step of a session's beginning may take.
    pub welcome_timeout_ms: u64,
    /// When the other centre is tried.
    pub switch_after: SwitchAfter,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            first: Centre::Main,
            retry_min_ms: 100,
            retry_max_ms: 5_000,
            connect_timeout_ms: 3_000,
            welcome_timeout_ms: 10_000,
            switch_after: SwitchAfter::default(),
        }
    }
}

/// Failures in a row at one centre after which the other one is tried, by the cause of the last; 0: never.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct SwitchAfter {
    /// No connection, or no answer to the logon.
    pub connect: u32,
    /// The connection broke.
    pub loss: u32,
    /// The gateway has no session at the exchange.
    pub not_ready: u32,
    /// Nothing was heard.
    pub heartbeat: u32,
    /// The logon was refused for another reason.
    pub refused: u32,
    /// The session did not begin.
    pub unwelcome: u32,
}

impl Default for SwitchAfter {
    fn default() -> Self {
        Self {
            connect: 1,
            loss: 1,
            not_ready: 1,
            heartbeat: 1,
            // Whoever is refused here for its name or its day is refused there too.
            refused: 0,
            unwelcome: 1,
        }
    }
}

impl SwitchAfter {
    /// The number for a cause.
    #[must_use]
    pub const fn of(self, cause: Cause) -> u32 {
        match cause {
            Cause::Connect => self.connect,
            Cause::Loss => self.loss,
            Cause::NotReady => self.not_ready,
            Cause::Heartbeat => self.heartbeat,
            Cause::Refused => self.refused,
            Cause::Unwelcome => self.unwelcome,
            Cause::Drill => 1,
            Cause::Start | Cause::Command | Cause::Claim | Cause::Gap => 0,
        }
    }
}

/// How a day that was under way is taken up again.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecoveryConfig {
    /// Journal records between two snapshots; 0: no snapshots are taken.
    pub snapshot_records: u64,
    /// Snapshots that stay.
    pub snapshots_kept: usize,
    /// When a gateway takes orders again.
    pub activate: Activate,
    /// How long no report must have come before the reports count as applied, ms.
    pub settle_ms: u64,
}

/// When a gateway takes orders again after a recovery.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Activate {
    /// As soon as it is open, beside the reports that still come.
    AtOnce,
    /// When its reports are applied.
    Synced,
    /// When its reports are applied and nothing is unconfirmed; else by a command.
    Clear,
    /// By a command.
    Command,
}

impl Default for RecoveryConfig {
    fn default() -> Self {
        Self {
            snapshot_records: 250_000,
            snapshots_kept: 3,
            activate: Activate::Clear,
            settle_ms: 3_000,
        }
    }
}

/// Limits of queues and connections.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Bounds {
    /// Waiting bytes at which a client that does not read is disconnected.
    pub client_backlog_bytes: usize,
    /// Waiting bytes at which orders for a gateway are refused.
    pub gateway_backlog_bytes: usize,
    /// Bytes that the kernel may hold for one client.
    pub client_socket_bytes: usize,
    /// Bytes that the kernel may hold for a gateway: what it holds cannot be taken back.
    pub gateway_socket_bytes: usize,
    /// Connections of clients at one time, those not logged in included.
    pub connections: usize,
    /// Connections of clients from one address at one time.
    pub connections_per_address: usize,
    /// Messages of one client taken before the others get their turn.
    pub turn_messages: usize,
    /// Bytes of replayed reports queued ahead for one client.
    pub replay_bytes: usize,
    /// Longest Shenzhen message taken.
    pub message_bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            client_backlog_bytes: 8 << 20,
            gateway_backlog_bytes: 4 << 20,
            client_socket_bytes: 256 << 10,
            gateway_socket_bytes: 256 << 10,
            connections: 256,
            connections_per_address: 64,
            turn_messages: 64,
            replay_bytes: 256 << 10,
            message_bytes: 8 << 10,
        }
    }
}

impl Config {
    /// The file in which stops are latched.
    #[must_use]
    pub fn latch(&self) -> PathBuf {
        let usual = || self.journal.dir.with_file_name("stop.latch");
        self.stop.latch.clone().unwrap_or_else(usual)
    }
}

macro_rules! capacity_config {
    ($($field:ident),*) => {
        /// Table sizes; those left out keep the default.
        #[derive(Clone, Copy, Debug, Default, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct CapacityConfig { $(#[allow(missing_docs)] pub $field: Option<u32>,)* }

        impl CapacityConfig {
            /// The sizes.
            #[must_use]
            pub fn capacity(&self) -> Capacity {
                let usual = Capacity::default();
                Capacity { $($field: self.$field.unwrap_or(usual.$field),)* }
            }
        }
    };
}
capacity_config!(
    customers,
    owner_groups,
    desks,
    accounts,
    securities,
    holdings,
    orders,
    cancels,
    events,
    clients,
    gateways,
    streams,
    rules,
    fee_groups,
    phases,
    branches,
    terminals,
    limit_sets,
    switches,
    cancel_alls,
    schedules,
    fills
);

fn ten() -> u64 {
    10
}

fn segment_bytes() -> u64 {
    64 << 20
}

fn heartbeat_s() -> u16 {
    10
}

fn version_min() -> String {
    "0.50".to_owned()
}

fn goodbye_ms() -> u64 {
    500
}

fn cancel_prefix() -> String {
    "Z9".to_owned()
}
