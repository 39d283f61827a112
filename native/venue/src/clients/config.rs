//! What the client order systems are told at their start.

use std::net::SocketAddr;

use panshi_wire::time::unix_ns;
use serde::Deserialize;

use crate::config::Clock;

/// Which gateway a session talks to.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// Shanghai, TDGW.
    Sse,
    /// Shenzhen, TGW.
    Szse,
}

/// One session.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionConfig {
    /// Protocol.
    pub protocol: Protocol,
    /// Where the gateway listens.
    pub address: SocketAddr,
    /// The client's own id.
    pub comp_id: String,
    /// The gateway's id.
    pub target_comp_id: String,
    /// Password of a Shenzhen logon.
    #[serde(default)]
    pub password: String,
    /// Heartbeat asked for, in seconds.
    #[serde(default = "ten")]
    pub heartbeat_s: u16,
}

fn ten() -> u16 {
    10
}

/// Everything that the clients are told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Trade date, YYYYMMDD.
    pub trade_date: u32,
    /// Sessions; an action names one by its place.
    pub sessions: Vec<SessionConfig>,
    /// The market clock.
    pub clock: Clock,
    /// Milliseconds of wall time that a session may take to connect and to log on.
    pub logon_ms: u64,
    /// Milliseconds after the last action, and after the end of the clock, to wait for the streams
    /// to end.
    pub linger_ms: u64,
    /// Milliseconds that an action may wait for answers over other sessions, so that the actions of
    /// one security arrive in their sequence; 0: it does not wait.
    #[serde(default)]
    pub sequence_wait_ms: u64,
}

impl Config {
    /// Read a configuration.
    ///
    /// # Errors
    /// With a sentence that names the key.
    pub fn from_json(text: &str) -> Result<Self, String> {
        let config: Self = serde_json::from_str(text)
            .map_err(|error| format!("clients configuration: {error}"))?;
        if config.sessions.is_empty() {
            return Err("clients configuration: must name a session, found none".to_owned());
        }
        Ok(config)
    }

    /// Midnight of the trade date, ns since the Unix epoch.
    ///
    /// # Errors
    /// When the date is none.
    pub fn midnight_ns(&self) -> Result<u64, String> {
        unix_ns(self.trade_date, 0).map_err(|error| format!("clients configuration: {error}"))
    }
}
