//! What a venue is told at its start. The command line checks it and hands it over as JSON.

use std::net::SocketAddr;
use std::path::PathBuf;

use panshi_wire::market_clock::{MarketClock, Segment};
use serde::Deserialize;

use crate::auction::TieRule;
use crate::cause::{Cause, Market};
use crate::fault::Fault;
use crate::phase::Step;
use crate::security::Security;

/// Everything that decides how a venue behaves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "switches of a configuration")]
pub struct Config {
    /// Trade date, YYYYMMDD.
    pub trade_date: u32,
    /// Gateways that order systems connect to.
    pub gateways: Vec<Gateway>,
    /// Listed securities.
    #[serde(default)]
    pub securities: Vec<Security>,
    /// Take any code, as a share without price limit.
    #[serde(default)]
    pub open_listing: bool,
    /// Acknowledge every order at once, keep nothing, match nothing.
    #[serde(default)]
    pub ack_only: bool,
    /// PBUs of the member; empty: any.
    #[serde(default)]
    pub member_pbus: Vec<String>,
    /// Choices that the Shanghai text leaves open.
    #[serde(default)]
    pub sse: Sse,
    /// Choices that the Shenzhen text leaves open.
    #[serde(default)]
    pub szse: Szse,
    /// Orders and cancels that one gateway takes in a second; none: no limit.
    #[serde(default)]
    pub orders_per_second: Option<u32>,
    /// Reports by which a reader of live reports may be behind before it is disconnected.
    #[serde(default = "slow_reader")]
    pub slow_reader_reports: u64,
    /// Codes that differ from the table.
    #[serde(default)]
    pub codes: Vec<CodeChoice>,
    /// Scripted faults.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// The market clock; none: the machine's.
    #[serde(default)]
    pub clock: Option<Clock>,
    /// Leave when the clock's last segment has been played.
    #[serde(default)]
    pub end_with_clock: bool,
    /// Unix socket on which best prices are published.
    #[serde(default)]
    pub quotes: Option<PathBuf>,
    /// Never sleep: poll without waiting. Takes a whole core.
    #[serde(default)]
    pub spin: bool,
}

fn slow_reader() -> u64 {
    1_000_000
}

/// One gateway; its addresses (main, backup) lead to the same one.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gateway {
    /// Exchange.
    pub market: Market,
    /// Addresses to listen on; port 0 takes a free one.
    pub addresses: Vec<SocketAddr>,
    /// The gateway's id, which clients name as `TargetCompID`.
    pub comp_id: String,
    /// Shanghai: the login PBU, then subscribed ones. Shenzhen: PBUs that may order.
    pub pbus: Vec<String>,
    /// `SetID`s or partitions.
    pub sets: Vec<u32>,
    /// Platform: Shanghai 0; Shenzhen 1 auction, 2 after-hours fixed price.
    #[serde(default)]
    pub platform: u16,
    /// Shanghai: a channel that sends reports and refuses orders.
    #[serde(default)]
    pub reports_only: bool,
    /// Password that a Shenzhen logon must give; none: any.
    #[serde(default)]
    pub password: Option<String>,
}

/// Choices that the Shanghai text leaves open (numbers of protocols, section 7).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(clippy::struct_excessive_bools, reason = "switches of a configuration")]
pub struct Sse {
    /// 1: version of the text.
    pub profile: String,
    /// 2: `SenderCompID` of the logon answer.
    pub reply_comp_id: String,
    /// 3: send a Logout before closing on bad bytes.
    pub logout_on_bad_bytes: bool,
    /// 4: wrong fields other than `ClOrdID` give 5015 instead of 13602 and the following.
    pub gateway_field_codes: bool,
    /// 5: take orders before the first 206.
    pub order_before_sync: bool,
    /// 6: a second 206 for a running stream starts it anew.
    pub second_sync_restarts: bool,
    /// Choice among equally good auction prices.
    pub tie: TieRule,
    /// The day; none: the table of this program.
    pub day: Option<Vec<Step>>,
}

impl Default for Sse {
    fn default() -> Self {
        Self {
            profile: "0.57".to_owned(),
            reply_comp_id: "TDGW".to_owned(),
            logout_on_bad_bytes: true,
            gateway_field_codes: false,
            order_before_sync: true,
            second_sync_restarts: true,
            tie: TieRule::Middle,
            day: None,
        }
    }
}

/// What happens to an order that comes when the platform is about to open or pauses.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Early {
    /// `BusinessReject`.
    #[default]
    Reject,
    /// Kept until the platform opens.
    Queue,
}

/// Choices that the Shenzhen text leaves open.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Szse {
    /// `DefaultApplVerID` that a logon must give.
    pub appl_version: String,
    /// 9: take orders before the first 5.
    pub order_before_sync: bool,
    /// 10: a second 5 starts the named partitions anew.
    pub second_sync_restarts: bool,
    /// Orders while the platform is about to open.
    pub upcoming: Early,
    /// Orders between 09:25 and 09:30.
    pub opening_pause: Early,
    /// Choice among equally good auction prices.
    pub tie: TieRule,
    /// The day; none: the table of this program.
    pub day: Option<Vec<Step>>,
}

impl Default for Szse {
    fn default() -> Self {
        Self {
            appl_version: panshi_wire::szse::APPL_VERSION.to_owned(),
            order_before_sync: true,
            second_sync_restarts: true,
            upcoming: Early::Queue,
            opening_pause: Early::Reject,
            tie: TieRule::Nearest,
            day: None,
        }
    }
}

/// A code that differs from the table.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeChoice {
    /// Exchange.
    pub market: Market,
    /// Cause.
    pub cause: Cause,
    /// Code.
    pub code: u32,
}

/// A simulated market clock.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Trade date, YYYYMMDD.
    pub trade_date: u32,
    /// Wall moment of the start, ns since the Unix epoch; 0: the venue's own start.
    pub start_unix_ns: u64,
    /// Segments in order.
    pub segments: Vec<ClockSegment>,
}

/// A segment of the clock.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockSegment {
    /// Market time at its start, ns of the day.
    pub from_ns_of_day: u64,
    /// Market time at its end.
    pub to_ns_of_day: u64,
    /// Wall milliseconds it takes.
    pub wall_ms: u64,
}

impl Clock {
    /// The clock itself, for someone who starts at a wall moment.
    ///
    /// # Errors
    /// When its description does not hold.
    pub fn market_clock(&self, wall_ns: u64) -> Result<MarketClock, String> {
        let segments = self.segments.iter().map(|segment| Segment {
            from_ns_of_day: segment.from_ns_of_day,
            to_ns_of_day: segment.to_ns_of_day,
            wall_ms: segment.wall_ms,
        });
        let start_unix_ns = if self.start_unix_ns == 0 {
            wall_ns
        } else {
            self.start_unix_ns
        };
        MarketClock::new(self.trade_date, start_unix_ns, segments.collect())
            .map_err(|error| format!("venue configuration, clock: {error}"))
    }
}

impl Config {
    /// Read a configuration.
    ///
    /// # Errors
    /// With a sentence that names the key.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| format!("venue configuration: {error}"))
    }

    /// The clock that market time is read from, for a venue that starts at a wall moment.
    ///
    /// # Errors
    /// When its description does not hold.
    pub fn market_clock(&self, wall_ns: u64) -> Result<MarketClock, String> {
        self.clock
            .as_ref()
            .map_or(Ok(MarketClock::Wall), |clock| clock.market_clock(wall_ns))
    }
}
